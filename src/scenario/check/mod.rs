//! From what files say to what the simulator needs: units, references, sums, order in time.
//!
//! A check never stops at the first error: it notes the error, takes a harmless value and goes on, so
//! that one reading shows everything. The model is handed out only if nothing was noted.

mod calendar;
mod cell;
mod cohort;
mod days;
mod habit;
mod incident;
mod law;
mod lever;
mod names;
mod policy;
mod quantity;
mod quota;
mod retry;
mod service;
mod size;
mod tabs;
mod ties;
mod world;

use names::{Names, Noun};

use super::raw::{self, Scalar};
use crate::engine::{Span, Time};
use crate::scenario::model::{RegionId, Scenario, ServiceId, Size};
use calendar::Calendar;
use days::Days;
use jiff::tz::TimeZone;
use preau_text::tree::{Node, Path, Step};
use preau_text::{Diagnostic, list};
use quantity::Dimension;

/// Turns a raw model into a validated one; `text` is kept as what was read.
pub(super) fn check(raw: &raw::Scenario, tree: &Node, text: String) -> Result<Scenario, Vec<Diagnostic>> {
    let mut checker = Checker {
        tree,
        problems: Vec::new(),
        names: Names::new(raw),
        size: Size::default(),
        calendar: Calendar::default(),
        days: Days::default(),
        accounts: Vec::new(),
        region_zones: Vec::new(),
        end: Time::ZERO,
        service_regions: Vec::new(),
        endless: Vec::new(),
        here: None,
    };
    let scenario = checker.scenario(raw, text);
    if checker.problems.is_empty() {
        Ok(scenario)
    } else {
        Err(checker.problems)
    }
}

/// What checks share.
struct Checker<'t> {
    tree: &'t Node,
    problems: Vec<Diagnostic>,
    names: Names,
    calendar: Calendar,
    /// Who comes on which day.
    days: Days,
    /// The size of the country, and what it multiplied.
    size: Size,
    /// People of each region as written, by position.
    accounts: Vec<f64>,
    /// Zone of each region, by position.
    region_zones: Vec<TimeZone>,
    /// When the run ends.
    end: Time,
    /// Region of each service, by position.
    service_regions: Vec<Option<RegionId>>,
    /// Services with cores without end, by position.
    endless: Vec<u16>,
    /// The service that an act without `services` is about.
    here: Option<ServiceId>,
}

/// Where a check is: a path that costs nothing until somebody asks for it.
#[derive(Clone, Copy)]
struct At<'a> {
    parent: Option<&'a At<'a>>,
    step: Option<Here<'a>>,
}

#[derive(Clone, Copy)]
enum Here<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> At<'a> {
    /// The whole model.
    const ROOT: At<'static> = At {
        parent: None,
        step: None,
    };

    /// One step into a field or map entry.
    fn key(&'a self, key: &'a str) -> At<'a> {
        At {
            parent: Some(self),
            step: Some(Here::Key(key)),
        }
    }

    /// One step into a list.
    fn index(&'a self, index: usize) -> At<'a> {
        At {
            parent: Some(self),
            step: Some(Here::Index(index)),
        }
    }

    fn path(&self) -> Path {
        let mut steps = Vec::new();
        let mut at = Some(self);
        while let Some(here) = at {
            match here.step {
                Some(Here::Key(key)) => steps.push(Step::Key(key.to_owned())),
                Some(Here::Index(index)) => steps.push(Step::Index(index)),
                None => {}
            }
            at = here.parent;
        }
        steps.reverse();
        Path(steps)
    }

    /// The last word of the path.
    fn name(&self) -> String {
        self.path()
            .0
            .last()
            .map(|step| Path(vec![step.clone()]).to_string())
            .unwrap_or_default()
    }
}

impl Checker<'_> {
    /// The beginning of an error at a path.
    fn wrong(&self, at: &At, title: impl Into<String>) -> Diagnostic {
        let path = at.path();
        Diagnostic::new(self.tree.place_of(&path), &path, title)
    }

    fn note(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Notes that a field is not there, or is a list without elements.
    fn missing(&mut self, at: &At, expected: &str, example: &str) {
        let name = at.name();
        let there = self.tree.find(&at.path().0).and_then(|node| node.inner().group());
        if there.is_some_and(|group| group.entries.is_empty()) {
            let problem = self.wrong(at, format!("`{}` is empty: expected {expected}", at.path()));
            self.note(
                problem
                    .label("nothing in it")
                    .help(format!("for example `{name}: {example}`")),
            );
            return;
        }
        let problem = self.wrong(at, format!("`{}` is missing: expected {expected}", at.path()));
        self.note(
            problem
                .label(format!("needs a field `{name}`"))
                .help(format!("add `{name}: {example}`")),
        );
    }

    /// Whether the file says anything at a path.
    fn given(&self, at: &At) -> bool {
        self.tree.find(&at.path().0).is_some()
    }

    /// What stands at a path, for "found …".
    fn found(&self, at: &At) -> String {
        self.tree
            .find(&at.path().0)
            .map_or_else(|| "nothing".to_owned(), |node| node.scalar().describe())
    }

    /// A quantity, at the size of the country; none if it is not given or wrong (and then noted).
    fn maybe(&mut self, at: &At, raw: Option<&Scalar>, dimension: &Dimension) -> Option<f64> {
        let raw = raw?;
        match dimension.read(raw) {
            Ok(value) => Some(self.sized(at, value, dimension)),
            Err(wrong) => {
                let found = self.found(at);
                let title = wrong
                    .title
                    .unwrap_or_else(|| format!("expected {}, found {found}", dimension.expected()));
                let mut problem = self.wrong(at, title).label(wrong.label);
                for help in wrong.help {
                    problem = problem.help(help);
                }
                self.note(problem);
                None
            }
        }
    }

    /// A quantity that has a default.
    fn or(&mut self, at: &At, raw: Option<&Scalar>, dimension: &Dimension, default: f64) -> f64 {
        match self.maybe(at, raw, dimension) {
            Some(value) => value,
            // Writing the default must mean the same as leaving it out.
            None => self.sized(at, default, dimension),
        }
    }

    /// A quantity that must be there; 1 stands in for one that is wrong.
    fn need(&mut self, at: &At, raw: Option<&Scalar>, dimension: &Dimension) -> f64 {
        if raw.is_none() {
            self.missing(at, &dimension.expected(), dimension.example);
        }
        self.maybe(at, raw, dimension).unwrap_or(1.0)
    }

    fn span(&mut self, at: &At, raw: Option<&Scalar>) -> Option<Span> {
        self.maybe(at, raw, &quantity::DURATION).map(Span::from_secs)
    }

    fn need_span(&mut self, at: &At, raw: Option<&Scalar>) -> Span {
        Span::from_secs(self.need(at, raw, &quantity::DURATION))
    }

    /// Notes shares that do not add up to one.
    fn whole(&mut self, at: &At, what: &str, shares: impl IntoIterator<Item = f64>) {
        let sum: f64 = shares.into_iter().sum();
        if (sum - 1.0).abs() > 1e-6 {
            let title = format!("{what} add up to {}, not to 100 %", percent(sum));
            let problem = self.wrong(at, title).label(format!("together {}", percent(sum)));
            let gap = percent((1.0 - sum).abs());
            let verb = if sum < 1.0 { "are missing" } else { "are too many" };
            self.note(problem.help(format!("{gap} {verb}")));
        }
    }

    /// Resolves a name to its position.
    fn find(&mut self, at: &At, noun: Noun, word: &str) -> Option<u16> {
        if let Some(position) = self.names.position(noun, word) {
            return Some(position);
        }
        let (plain, all) = (noun.word(), self.names.of(noun));
        let problem = self.wrong(at, format!("there is no {plain} `{word}`"));
        let problem = problem.label(format!("not a key of `{}`", noun.table()));
        let help = preau_text::suggest(word, plain, &all);
        self.note(problem.help(help));
        None
    }

    /// Resolves a name that may be left out.
    fn find_maybe(&mut self, at: &At, noun: Noun, word: Option<&String>) -> Option<u16> {
        self.find(at, noun, word?)
    }

    /// Resolves a name that must be there; 0 stands in for one that is wrong.
    fn find_needed(&mut self, at: &At, noun: Noun, word: Option<&String>) -> u16 {
        if word.is_none() {
            let all = self.names.of(noun);
            let example = format!("{:?}", all.first().copied().unwrap_or("…"));
            self.missing(at, &format!("the key of a {}", noun.word()), &example);
        }
        self.find_maybe(at, noun, word).unwrap_or(0)
    }

    /// Resolves a list of names, each of which may hold `*` for any characters.
    fn find_all(&mut self, at: &At, noun: Noun, words: Option<&Vec<String>>) -> Vec<u16> {
        let Some(words) = words.filter(|words| !words.is_empty()) else {
            let title = format!("`{}` names no {}", at.path(), noun.word());
            let problem = self.wrong(at, title).label("expected at least one");
            self.note(problem.help(format!("`{}: [\"*\"]` means all of them", at.name())));
            return Vec::new();
        };
        let mut found = Vec::new();
        for (i, word) in words.iter().enumerate() {
            let at = at.index(i);
            if word.contains('*') {
                let matching = self.names.matching(noun, word);
                if matching.is_empty() {
                    let all = self.names.of(noun);
                    let help = format!("there is {}", list(&all[..all.len().min(24)]));
                    let title = format!("no {} is called like `{word}`", noun.word());
                    let problem = self.wrong(&at, title).label("matches nothing");
                    self.note(problem.help(help));
                }
                found.extend(matching);
            } else {
                found.extend(self.find(&at, noun, word));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// A duration as it is written, s.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    quantity::DURATION.read(&Scalar::Text(text.to_owned())).ok()
}

/// A share for people, with no more digits than it needs.
fn percent(share: f64) -> String {
    let rounded = (share * 1e8).round() / 1e6;
    format!("{rounded} %")
}
