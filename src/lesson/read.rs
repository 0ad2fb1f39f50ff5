//! Reading a lesson file: every mistake is told with its place.

use super::lever::{Kind, OFF, ON, in_unit};
use super::raw::{self, Raw};
use super::{Aim, Answer, Cut, Fixed, Goal, Lesson, Lever, Question, Text, Try};
use crate::experiment::study::{Column, columns};
use crate::experiment::switch::{Base, Change, Names, Switch};
use crate::measure::kpi::{ALL, Kpi, Scope};
use crate::scenario::{Diagnostics, Document, Source, suggest};
use crate::web::Lang;

/// What an unreadable number stands for until the problems are told.
pub(super) const NOTHING: f64 = 0.0;

impl Lesson {
    /// Reads a lesson; `file` is what it is called in errors.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place and advice; or what is wrong with its model.
    pub fn read(name: &str, file: &str, text: &str) -> Result<Lesson, Diagnostics> {
        let document = Document::parse(file, text)?;
        let raw: Raw = document.typed("a lesson")?;
        let mut names = Names::of(&document);
        let Some(model) = &raw.model else {
            let problem = names.wrong("model", "`model` is missing: expected the name of a model");
            return Err(problem.help("add `model: \"2021-04-06\"`").into());
        };
        let base = base(&mut names, &raw, model)?;
        let switch = Switch {
            policies: raw.policies.clone(),
            with: raw.with.clone(),
            without: raw.without.clone(),
            set: Vec::new(),
        };
        let (change, ..) = names.switch("", &switch, &base);
        let (incidents, policies) = (change.sets, change.policies);
        let base = Base::load(&text_of(&base), &incidents)?;
        let plain = base.plain().clone();
        let model = Document::parse(&plain.name, &plain.text)?;
        let mut reader = Reader {
            names,
            model: &model,
            base: &base,
            on: &policies,
        };
        let levers = reader.levers(&raw);
        let question = raw.question.as_ref().and_then(|question| reader.question(question));
        let goals = reader.goals(&raw, &levers);
        let tries = reader.tries(&raw);
        let numbers = reader.numbers(&raw, &goals, &levers);
        let look = reader.look(&raw);
        let show = reader.show(&raw);
        let texts = reader.texts(&raw);
        reader.used(&raw, &numbers);
        if !reader.names.problems.is_empty() {
            return Err(Diagnostics(reader.names.problems));
        }
        let fixed = raw.fixed.iter().map(|fixed| Fixed {
            path: fixed.path.clone(),
            why: Text::from(&fixed.why),
        });
        let fixed = fixed.collect();
        let [brief, hints, timeline, control, causes] = texts;
        let always = Change {
            sets: Vec::new(),
            policies,
        };
        let lesson = Lesson {
            name: name.to_owned(),
            title: Text::from(&raw.title),
            minutes: raw.minutes,
            part: Text::from(&raw.part),
            brief,
            levers,
            fixed,
            question,
            goals,
            hints,
            timeline,
            control,
            causes,
            look,
            show,
            seed: raw.seed.unwrap_or(1),
            replications: raw.replications.unwrap_or(1).max(1),
            tries,
            numbers,
            base,
            always,
        };
        lesson.allowed(&document)?;
        Ok(lesson)
    }

    /// Tries must be allowed by the lesson itself.
    fn allowed(&self, document: &Document) -> Result<(), Diagnostics> {
        let mut problems = Vec::new();
        for attempted in &self.tries {
            for refusal in self
                .attempt(&attempted.sets, &attempted.policies)
                .err()
                .into_iter()
                .flatten()
            {
                let at = format!("tries.\"{}\"", attempted.name);
                let title = format!("the lesson does not allow `{}` of this try", refusal.asked);
                problems.push(document.wrong(&at, title).help(refusal.words(Lang::En)));
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Diagnostics(problems))
        }
    }
}

/// Title and minutes of a lesson, without its model.
pub(super) fn head(file: &str, text: &str) -> Result<(Text, u32), Diagnostics> {
    let raw: Raw = Document::parse(file, text)?.typed("a lesson")?;
    Ok((Text::from(&raw.title), raw.minutes))
}

fn text_of(base: &Base) -> Source {
    Source::Text {
        name: base.plain().name.clone(),
        text: base.plain().text.clone(),
    }
}

/// The model with its part cut out, and the overrides of the file over it.
fn base(names: &mut Names<'_>, raw: &Raw, model: &str) -> Result<Base, Diagnostics> {
    let whole = Base::load(&Source::Builtin(model.to_owned()), &[])?;
    let mut sets = Vec::new();
    if let Some(cut) = &raw.cut {
        let keys: Vec<&str> = whole.plain().regions.iter().map(|r| r.key.as_str()).collect();
        for (i, region) in cut.regions.iter().enumerate() {
            names.places(&format!("cut.regions[{i}]"), region, "region", &keys);
        }
        let routes: Vec<&str> = whole.plain().routes.iter().map(|r| r.key.as_str()).collect();
        for (i, route) in cut.elsewhere.iter().enumerate() {
            names.places(&format!("cut.elsewhere[{i}]"), route, "route", &routes);
        }
        let cut = Cut {
            regions: cut.regions.clone(),
            elsewhere: cut.elsewhere.clone(),
        };
        sets = cut.sets(whole.plain());
    }
    let part = Base::load(&text_of(&whole), &sets)?;
    let own = Switch {
        set: raw.set.clone(),
        ..Switch::default()
    };
    names.switch("", &own, &part);
    if !names.problems.is_empty() {
        return Err(Diagnostics(std::mem::take(&mut names.problems)));
    }
    Base::load(&text_of(&part), &raw.set)
}

/// Resolves what a file says, and notes what is wrong with it.
pub(super) struct Reader<'d> {
    pub(super) names: Names<'d>,
    model: &'d Document,
    base: &'d Base,
    /// Policies that are on from the start.
    on: &'d [String],
}

impl Reader<'_> {
    pub(super) fn note(&mut self, path: &str, title: impl Into<String>, help: impl Into<String>) {
        self.names.note(path, title, help);
    }

    fn levers(&mut self, raw: &Raw) -> Vec<Lever> {
        let mut levers = Vec::new();
        for (key, lever) in &raw.levers.0 {
            let at = format!("levers.\"{key}\"");
            if let Some(lever) = self.lever(&at, key, lever) {
                levers.push(lever);
            }
        }
        if levers.is_empty() {
            self.note("levers", "a lesson has a lever", "add one, or it is only a text");
        }
        levers
    }

    fn lever(&mut self, at: &str, key: &str, raw: &raw::Lever) -> Option<Lever> {
        let name = Text::from(&raw.name);
        if let Some(policy) = &raw.policy {
            let keys: Vec<&str> = self.base.plain().policies.iter().map(|p| p.key.as_str()).collect();
            self.names.places(&format!("{at}.policy"), policy, "policy", &keys);
            let start = if self.on.contains(policy) { ON } else { OFF };
            return Some(Lever {
                key: key.to_owned(),
                name,
                kind: Kind::Policy(policy.clone()),
                start: start.to_owned(),
            });
        }
        let Some(pattern) = &raw.path else {
            self.note(
                at,
                "a lever sets something",
                "give it a `path` with `from` and `to` or with `values`, or a `policy`",
            );
            return None;
        };
        let paths = self.model.paths(pattern).unwrap_or_default();
        let Some(first) = paths.first() else {
            self.note(
                &format!("{at}.path"),
                format!("`{pattern}` leads nowhere in the model"),
                "`preau lesson NAME --show-model` prints it",
            );
            return None;
        };
        let written = self.model.written(first).unwrap_or_default();
        let written = written.trim_matches('"').to_owned();
        let kind = match (raw.from, raw.to, raw.values.as_slice()) {
            (Some(from), Some(to), []) if from < to => Kind::Number {
                paths,
                from,
                to,
                unit: raw.unit.clone().unwrap_or_default(),
                integer: raw.integer,
            },
            (None, None, [_, _, ..]) => Kind::Values {
                paths,
                values: raw.values.clone(),
            },
            _ => {
                self.note(
                    at,
                    "a lever has `from` and `to`, the first the smaller, or at least two `values`",
                    "for example `from: 100, to: 2000`",
                );
                return None;
            }
        };
        let lever = Lever {
            key: key.to_owned(),
            name,
            kind,
            start: String::new(),
        };
        match lever.canonical(&written) {
            Ok(start) => Some(Lever { start, ..lever }),
            Err(refusal) => {
                let title = format!("what the model says, `{written}`, is no setting of this lever");
                self.note(at, title, refusal.words(Lang::En).to_owned());
                None
            }
        }
    }

    pub(super) fn column(&mut self, at: &str, word: &str) -> Option<Column> {
        let found = columns(&mut self.names, at, word, self.base.plain());
        match found.len() {
            0 => None,
            1 => found.into_iter().next(),
            _ => {
                self.note(at, format!("`{word}` is more than one number"), "name one scope");
                None
            }
        }
    }

    /// A number that the model says at a path.
    pub(super) fn field(&mut self, at: &str, path: &str) -> Option<(f64, Option<String>)> {
        let Some(written) = self.model.written(path) else {
            self.note(
                at,
                format!("`{path}` leads nowhere in the model"),
                "give the path of a value",
            );
            return None;
        };
        let bare = written.trim_matches('"');
        // Of an instant its hour.
        if let Some((_, hour)) = bare.split_once('T').filter(|(date, _)| date.len() == 10) {
            return Some((NOTHING, Some(hour.to_owned())));
        }
        match bare.parse::<f64>() {
            Ok(value) => Some((value, None)),
            Err(_) => Some((in_unit(bare, "s").unwrap_or(NOTHING), Some(bare.to_owned()))),
        }
    }

    fn question(&mut self, raw: &raw::Question) -> Option<Question> {
        let mut answers = Vec::new();
        for (key, answer) in &raw.answers.0 {
            let at = format!("question.answers.\"{key}\"");
            let of = self.column(&format!("{at}.of"), &answer.of);
            let per = match &answer.per {
                None => None,
                Some(path) => match self.field(&format!("{at}.per"), path) {
                    Some((value, None)) if value > 0.0 => Some(value),
                    _ => {
                        self.note(
                            &format!("{at}.per"),
                            "expected the path of a number above 0",
                            "divide by a number",
                        );
                        None
                    }
                },
            };
            let name = Text::from(&answer.name);
            if let Some(of) = of {
                answers.push(Answer {
                    key: key.clone(),
                    name,
                    of,
                    per,
                });
            }
        }
        if raw.answers.0.len() < 2 {
            self.note("question", "a question has at least two answers", "add `answers`");
        }
        let Some(right) = raw.right else {
            self.note(
                "question",
                "which answer is right?",
                "add `right: Highest` or `right: Lowest`",
            );
            return None;
        };
        Some(Question {
            text: Text::from(&raw.text),
            highest: right == raw::Right::Highest,
            answers,
        })
    }

    fn goals(&mut self, raw: &Raw, levers: &[Lever]) -> Vec<Goal> {
        let mut goals = Vec::new();
        for (i, goal) in raw.goals.iter().enumerate() {
            let at = format!("goals[{i}]");
            let of = match (&goal.kpi, goal.moves, goal.sum.as_slice(), goal.answer) {
                (Some(word), false, [], false) => self.column(&format!("{at}.kpi"), word).map(Aim::Kpi),
                (None, true, [], false) => Some(Aim::Moves),
                (None, false, [], true) => Some(Aim::Answer),
                (None, false, keys, false) if !keys.is_empty() => self.sum(&at, keys, levers),
                _ => {
                    self.note(
                        &at,
                        "a goal has one of `kpi`, `moves`, `sum` and `answer`",
                        "take the others out",
                    );
                    None
                }
            };
            let limited = goal.at_least.is_some() || goal.at_most.is_some();
            if limited == goal.answer {
                let help = "add `at_least` or `at_most`; an answer has neither";
                self.note(&at, "a goal has a limit", help);
            }
            if goal.answer && raw.question.is_none() {
                self.note(&at, "there is no question to answer", "add a `question`");
            }
            if let Some(of) = of {
                goals.push(Goal {
                    name: Text::from(&goal.name),
                    of,
                    at_least: goal.at_least,
                    at_most: goal.at_most,
                });
            }
        }
        if raw.goals.is_empty() {
            self.note("goals", "a lesson has a goal", "add what has to be reached");
        }
        goals
    }

    fn sum(&mut self, at: &str, keys: &[String], levers: &[Lever]) -> Option<Aim> {
        let known: Vec<&str> = levers.iter().map(|lever| lever.key.as_str()).collect();
        let mut found = Vec::new();
        for (i, key) in keys.iter().enumerate() {
            let at = format!("{at}.sum[{i}]");
            match levers.iter().position(|lever| lever.key == *key) {
                Some(p) if matches!(levers[p].kind, Kind::Number { .. }) => found.push(p),
                Some(_) => self.note(&at, format!("the lever `{key}` is no number"), "sum numbers only"),
                None => self.note(&at, format!("there is no lever `{key}`"), suggest(key, "lever", &known)),
            }
        }
        (found.len() == keys.len()).then_some(Aim::Sum(found))
    }

    fn tries(&mut self, raw: &Raw) -> Vec<Try> {
        let answers = raw.question.iter().flat_map(|question| &question.answers.0);
        let known: Vec<&str> = answers.map(|(key, _)| key.as_str()).collect();
        let mut tries = Vec::new();
        for (name, attempted) in &raw.tries.0 {
            if let Some(answer) = attempted.answer.as_deref().filter(|answer| !known.contains(answer)) {
                let at = format!("tries.\"{name}\".answer");
                self.note(
                    &at,
                    format!("there is no answer `{answer}`"),
                    suggest(answer, "answer", &known),
                );
            }
            tries.push(Try {
                name: name.clone(),
                sets: attempted.set.clone(),
                policies: attempted.policies.clone(),
                answer: attempted.answer.clone(),
                reached: attempted.reached,
            });
        }
        for (reached, what) in [(true, "reaches the goals"), (false, "does not reach them")] {
            if !tries.iter().any(|attempted| attempted.reached == Some(reached)) {
                let help = format!("add one with `reached: {reached}`");
                self.note("tries", format!("a lesson has a try that {what}"), help);
            }
        }
        tries
    }

    fn look(&mut self, raw: &Raw) -> Vec<Scope> {
        let scenario = self.base.plain().clone();
        let mut found = Vec::new();
        for (i, word) in raw.look.iter().enumerate() {
            let all = Scope::all(&scenario);
            let named = |scope: &Scope| match scope {
                Scope::Total => "total".to_owned(),
                _ => format!("{}:{}", scope.kind(), scope.key(&scenario)),
            };
            let known: Vec<String> = all.iter().map(named).collect();
            match known.iter().position(|name| name == word) {
                Some(p) => found.push(all[p]),
                None => {
                    let known: Vec<&str> = known.iter().map(String::as_str).collect();
                    let help = suggest(word, "scope", &known);
                    self.note(&format!("look[{i}]"), format!("there is no scope `{word}`"), help);
                }
            }
        }
        found
    }

    fn show(&mut self, raw: &Raw) -> Vec<&'static Kpi> {
        let mut found = Vec::new();
        for (i, word) in raw.show.iter().enumerate() {
            match Kpi::find(word) {
                Some(kpi) => found.push(kpi),
                None => {
                    let known: Vec<&str> = ALL.iter().map(|kpi| kpi.name).collect();
                    let help = suggest(word, "KPI", &known);
                    self.note(&format!("show[{i}]"), format!("there is no KPI `{word}`"), help);
                }
            }
        }
        found
    }
}
