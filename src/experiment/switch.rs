//! A switch: policies that are on, fields that are overridden, incidents switched on and off, all by name.
//!
//! Files of facts, of experiments and of causes say in the same words what is changed in their model:
//! `(policies: ["quota"], set: ["clock.bin=1 min"], with: ["fire"], without: ["flood-*"])`. Here the words become a
//! [`Change`], and a [`Base`] with a change becomes a scenario that can be run.

use crate::scenario::model::{PolicyId, Scenario};
use crate::scenario::{Diagnostic, Diagnostics, Document, Source, load, suggest};
use serde::Deserialize;
use std::sync::Arc;

/// A switch as files write it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Switch {
    /// Policies that are on; a name may end in `*`.
    pub policies: Vec<String>,
    /// Overrides `path=value`.
    pub set: Vec<String>,
    /// Incidents that are switched on; a name may end in `*`.
    pub with: Vec<String>,
    /// Incidents that are switched off.
    pub without: Vec<String>,
}

impl Switch {
    /// Whether its words say nothing. What comes to nothing because a name in it is wrong says something.
    pub(crate) fn is_empty(&self) -> bool {
        [&self.policies, &self.set, &self.with, &self.without]
            .iter()
            .all(|words| words.is_empty())
    }
}

/// What a switch comes to in its model: names looked up, incidents as overrides. Changes add up.
///
/// ```
/// use preau::experiment::switch::{Base, Change};
/// use preau::scenario::Source;
/// let base = Base::load(&Source::Builtin("2021-04-26".into()), &["size=0.001".into()]).unwrap();
/// let fire = Change { sets: vec!["incidents.fire.on=true".into()], policies: vec![] };
/// let quota = Change { sets: vec![], policies: vec!["quota".into()] };
/// let (scenario, policies) = base.with(&fire.and(&quota)).unwrap();
/// assert_eq!(scenario.policies[policies[0].index()].key, "quota");
/// assert!(scenario.text != base.plain().text);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Overrides `path=value`, in order.
    pub sets: Vec<String>,
    /// Keys of the policies that are on.
    pub policies: Vec<String>,
}

/// Whether two paths are of one field, or one holds the other: then it matters which of two changes is laid over last.
pub(super) fn meet(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    long.strip_prefix(short)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

impl Change {
    /// The fields that it sets.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.sets
            .iter()
            .map(|set| set.split_once('=').map_or(set.as_str(), |(path, _)| path.trim()))
    }

    /// Both: the other's overrides come after this one's.
    pub fn and(mut self, other: &Change) -> Change {
        self.sets.extend(other.sets.iter().cloned());
        self.policies.extend(other.policies.iter().cloned());
        self
    }

    /// Whether nothing is changed.
    pub fn is_nothing(&self) -> bool {
        self.sets.is_empty() && self.policies.is_empty()
    }
}

/// The model that changes are laid over. It is read once: a file that is edited while runs are made changes none of them.
#[derive(Clone, Debug)]
pub struct Base {
    plain: Arc<Scenario>,
    source: Source,
}

impl Base {
    /// Reads a model; `sets` are overrides under all changes.
    ///
    /// # Errors
    /// What is wrong with the model or the overrides.
    pub fn load(source: &Source, sets: &[String]) -> Result<Base, Diagnostics> {
        let plain = load(source, sets)?;
        let source = Source::Text {
            name: plain.name.clone(),
            text: plain.text.clone(),
        };
        let plain = Arc::new(plain);
        Ok(Base { plain, source })
    }

    /// The model without any change.
    pub fn plain(&self) -> &Arc<Scenario> {
        &self.plain
    }

    /// The model with a change, and the policies that are on in the order of the model.
    ///
    /// # Errors
    /// Overrides that do not fit, or policies that the changed model does not have.
    pub fn with(&self, change: &Change) -> Result<(Arc<Scenario>, Vec<PolicyId>), Diagnostics> {
        let scenario = if change.sets.is_empty() {
            self.plain.clone()
        } else {
            Arc::new(load(&self.source, &change.sets)?)
        };
        let mut policies = Vec::new();
        let mut problems = Vec::new();
        for key in &change.policies {
            match scenario.policies.iter().position(|policy| policy.key == *key) {
                Some(position) => policies.push(PolicyId(position as u16)),
                None => problems.push(no_policy(&scenario, key)?),
            }
        }
        policies.sort_unstable();
        policies.dedup();
        if problems.is_empty() {
            Ok((scenario, policies))
        } else {
            Err(Diagnostics(problems))
        }
    }
}

/// A policy that is in no file's words but in a change that a program made.
fn no_policy(scenario: &Scenario, key: &str) -> Result<Diagnostic, Diagnostics> {
    let document = Document::parse(&scenario.name, &scenario.text)?;
    let title = format!("the model `{}` has no policy `{key}`", scenario.name);
    Ok(document
        .wrong("policies", title)
        .help(suggest(key, "policy", &policy_keys(scenario))))
}

fn policy_keys(scenario: &Scenario) -> Vec<&str> {
    scenario.policies.iter().map(|policy| policy.key.as_str()).collect()
}

/// Looks names of a file up, and notes those that there are not, each with its place and advice.
pub(crate) struct Names<'d> {
    document: &'d Document,
    /// What was wrong so far.
    pub problems: Vec<Diagnostic>,
}

impl<'d> Names<'d> {
    /// For the names of a file.
    pub(crate) fn of(document: &'d Document) -> Names<'d> {
        Names {
            document,
            problems: Vec::new(),
        }
    }

    /// The beginning of an error at a path of the file.
    pub(crate) fn wrong(&self, path: &str, title: impl Into<String>) -> Diagnostic {
        self.document.wrong(path, title)
    }

    /// Notes an error with its remedy.
    pub(crate) fn note(&mut self, path: &str, title: impl Into<String>, help: impl Into<String>) {
        let problem = self.wrong(path, title).help(help.into());
        self.problems.push(problem);
    }

    /// Positions of the keys that a word means; it may end in `*`.
    pub(crate) fn places(&mut self, path: &str, word: &str, noun: &str, keys: &[&str]) -> Vec<usize> {
        let fits = |key: &&str| match word.strip_suffix('*') {
            Some(head) => key.starts_with(head),
            None => *key == word,
        };
        let found: Vec<usize> = (0..keys.len()).filter(|i| fits(&keys[*i])).collect();
        if found.is_empty() {
            let title = format!("the model has no {noun} `{word}`");
            self.note(path, title, suggest(word, noun, keys));
        }
        found
    }

    /// What a switch at a path comes to, and the world that it makes; the plain one where something is wrong with it.
    pub(crate) fn switch(&mut self, at: &str, switch: &Switch, base: &Base) -> (Change, Arc<Scenario>, Vec<PolicyId>) {
        let sets = switch
            .set
            .iter()
            .cloned()
            .chain(self.incidents(at, switch, base.plain()));
        let mut change = Change {
            sets: sets.collect(),
            policies: Vec::new(),
        };
        let scenario = match base.with(&change) {
            Ok((scenario, _)) => scenario,
            Err(problems) => {
                self.overrides(at, switch, problems);
                base.plain().clone()
            }
        };
        // In the changed model: an override may have brought a policy.
        let keys = policy_keys(&scenario);
        let mut on = Vec::new();
        for (i, word) in switch.policies.iter().enumerate() {
            on.extend(self.places(&below(at, &format!("policies[{i}]")), word, "policy", &keys));
        }
        on.sort_unstable();
        on.dedup();
        change.policies = on.iter().map(|i| keys[*i].to_owned()).collect();
        let policies = on.iter().map(|i| PolicyId(*i as u16)).collect();
        (change, scenario, policies)
    }

    /// Incidents that are switched, as overrides.
    fn incidents(&mut self, at: &str, switch: &Switch, scenario: &Scenario) -> Vec<String> {
        let keys: Vec<&str> = scenario.incidents.iter().map(|i| i.key.as_str()).collect();
        let mut sets = Vec::new();
        for (list, words, on) in [("with", &switch.with, true), ("without", &switch.without, false)] {
            for (i, word) in words.iter().enumerate() {
                let found = self.places(&below(at, &format!("{list}[{i}]")), word, "incident", &keys);
                sets.extend(found.iter().map(|k| format!("incidents.\"{}\".on={on}", keys[*k])));
            }
        }
        sets
    }

    /// Says at the place of an override what is wrong with it; what is wrong elsewhere in the model is told as it is.
    fn overrides(&mut self, at: &str, switch: &Switch, problems: Diagnostics) {
        let laid = if switch.set.is_empty() {
            at.to_owned()
        } else {
            below(at, "set")
        };
        for problem in problems.0 {
            let which = switch.set.iter().position(|set| set == problem.text());
            let problem = match which.filter(|_| problem.file() == "--set") {
                None => problem.also(self.document.place(&laid), "when this is laid over the model"),
                Some(i) => {
                    let here = self.wrong(&below(at, &format!("set[{i}]")), problem.message());
                    let help = problem.advice().iter();
                    help.fold(here.label("this override"), |here, help| here.help(help.clone()))
                }
            };
            self.problems.push(problem);
        }
    }
}

/// The path of a field of a switch; the file itself may be one.
fn below(at: &str, field: &str) -> String {
    if at.is_empty() {
        field.to_owned()
    } else {
        format!("{at}.{field}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESK: &str = r#"(
        clock: (start: "2021-04-06T08:00", end: "2021-04-06T09:00"),
        services: {"desk": (station: (cores: 1, threads: 1, work: Deterministic("10 s")))},
        cohorts: {"all": (arrivals: Renewal(between: Deterministic("20 s")))},
        incidents: {"break": (on: false, kind: ServiceOutage(service: "desk"), waves: [("08:00", "08:30")])},
        policies: {
            "slow": (acts: [(at: "08:00", act: ScaleCapacity(services: ["desk"], factor: 0.25))]),
            "fast": (acts: [(at: "08:00", act: ScaleCapacity(services: ["desk"], factor: 2))]),
        },
    )"#;

    fn base() -> Base {
        let source = Source::Text {
            name: "desk.ron".into(),
            text: DESK.into(),
        };
        Base::load(&source, &["clock.bin=1 min".into()]).unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn read(text: &str) -> Result<(Change, Vec<PolicyId>), String> {
        let document = Document::parse("mine.ron", text).map_err(|e| e.to_string())?;
        let switch: Switch = document.typed("a switch").map_err(|e| e.to_string())?;
        let mut names = Names::of(&document);
        let (change, _, policies) = names.switch("", &switch, &base());
        match names.problems {
            problems if problems.is_empty() => Ok((change, policies)),
            problems => Err(Diagnostics(problems).to_string()),
        }
    }

    #[test]
    fn words_become_a_change_and_a_change_a_world() {
        let (change, policies) =
            read(r#"(policies: ["fast", "s*"], set: ["services.desk.station.cores=2"], with: ["br*"])"#).unwrap();
        assert_eq!(change.policies, ["slow", "fast"]);
        assert_eq!(policies, [PolicyId(0), PolicyId(1)]);
        assert_eq!(
            change.sets,
            ["services.desk.station.cores=2", "incidents.\"break\".on=true"]
        );
        let (scenario, policies) = base().with(&change).unwrap();
        assert_eq!((scenario.services[0].station.cores, policies.len()), (2.0, 2));
        assert_eq!(base().with(&Change::default()).unwrap().0.text, base().plain().text);
    }

    #[test]
    fn mistakes_have_their_place_in_the_file() {
        for (text, said) in [
            (r#"(policies: ["slwo"])"#, "did you mean `slow`?"),
            (r#"(with: ["braek"])"#, "did you mean `break`?"),
            (
                r#"(set: ["clock.bin=1 min", "services.desk.station.coers=2"])"#,
                "`services.desk.station` has no field `coers`",
            ),
            (r#"(wth: [])"#, "`wth`"),
        ] {
            let problems = read(text).expect_err(said);
            assert!(
                problems.contains(said) && problems.contains("mine.ron:1:"),
                "{said}: {problems}"
            );
        }
    }

    #[test]
    fn a_policy_that_there_is_not_is_an_error_and_no_panic() {
        let change = Change {
            sets: vec![],
            policies: vec!["fats".into()],
        };
        assert!(
            base()
                .with(&change)
                .unwrap_err()
                .to_string()
                .contains("did you mean `fast`?")
        );
    }
}
