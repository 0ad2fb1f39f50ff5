//! Reading the texts of a lesson file: their form, their numbers, and how many there must be.

use super::raw::Raw;
use super::read::Reader;
use super::{Number, Text};
use crate::scenario::suggest;
use crate::web::Lang;
use std::collections::BTreeMap;

impl Reader<'_> {
    pub(super) fn texts(&mut self, raw: &Raw) -> [Vec<Text>; 5] {
        let lists = [
            ("brief", &raw.brief, 1),
            ("hints", &raw.hints, 2),
            ("debrief.timeline", &raw.debrief.timeline, 1),
            ("debrief.control", &raw.debrief.control, 1),
            // Never a single culprit.
            ("debrief.causes", &raw.debrief.causes, 3),
        ];
        lists.map(|(at, pairs, fewest)| {
            if pairs.len() < fewest {
                let title = format!("`{at}` has {}, expected at least {fewest}", pairs.len());
                self.note(at, title, "add what is missing");
            }
            pairs.iter().map(Text::from).collect()
        })
    }

    /// Every text of the file with its place: its form, and that its numbers exist and each number is used.
    pub(super) fn used(&mut self, raw: &Raw, numbers: &BTreeMap<String, Number>) {
        let mut used: Vec<String> = Vec::new();
        for (at, text) in all_texts(raw) {
            for problem in text.problems() {
                let help = "numbers of the model are `{name}`, facts of history `[…|source]`, in both languages";
                self.note(&at, problem, help);
            }
            for hole in Lang::ALL.iter().flat_map(|lang| text.holes(*lang)) {
                if !raw.numbers.0.iter().any(|(name, _)| name == hole) {
                    let known: Vec<&str> = numbers.keys().map(String::as_str).collect();
                    self.note(
                        &at,
                        format!("there is no number `{hole}`"),
                        suggest(hole, "number", &known),
                    );
                }
                used.push(hole.to_owned());
            }
        }
        if Lang::ALL
            .iter()
            .any(|lang| !Text::from(&raw.title).holes(*lang).is_empty())
        {
            // It is listed before any model is read.
            self.note("title", "a title has no number in it", "tell it in the brief");
        }
        for (name, _) in &raw.numbers.0 {
            if !used.contains(name) {
                let at = format!("numbers.\"{name}\"");
                self.note(&at, format!("no text uses the number `{name}`"), "take it out");
            }
        }
    }
}

/// Every text of a file, with its path.
fn all_texts(raw: &Raw) -> Vec<(String, Text)> {
    let mut all = vec![
        ("title".to_owned(), Text::from(&raw.title)),
        ("part".to_owned(), Text::from(&raw.part)),
    ];
    let lists = [
        ("brief", &raw.brief),
        ("hints", &raw.hints),
        ("debrief.timeline", &raw.debrief.timeline),
        ("debrief.control", &raw.debrief.control),
        ("debrief.causes", &raw.debrief.causes),
    ];
    for (at, pairs) in lists {
        let places = pairs.iter().enumerate();
        all.extend(places.map(|(i, pair)| (format!("{at}[{i}]"), Text::from(pair))));
    }
    let levers = raw.levers.0.iter();
    all.extend(levers.map(|(key, lever)| (format!("levers.\"{key}\".name"), Text::from(&lever.name))));
    let fixed = raw.fixed.iter().enumerate();
    all.extend(fixed.map(|(i, fixed)| (format!("fixed[{i}].why"), Text::from(&fixed.why))));
    let goals = raw.goals.iter().enumerate();
    all.extend(goals.map(|(i, goal)| (format!("goals[{i}].name"), Text::from(&goal.name))));
    if let Some(question) = &raw.question {
        all.push(("question.text".to_owned(), Text::from(&question.text)));
        let answers = question.answers.0.iter();
        all.extend(answers.map(|(key, answer)| {
            let at = format!("question.answers.\"{key}\".name");
            (at, Text::from(&answer.name))
        }));
    }
    all
}
