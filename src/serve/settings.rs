//! What is asked for: a model, its levers, a seed, replications. An address, an order for a run and a saved model all say it in
//! these words, `model=2021-04-06&size=0.02&quota=1.5&quota.ent-idf=2&policies=capacity&seed=1`.

use super::catalogue::{Catalogue, Offered};
use super::lever::{Form, Lever, Now, Part};
use super::offer::step;
use super::school::Taken;
use crate::experiment::switch::Change;
use crate::scenario::model::{PolicyId, Scenario};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Longest text of settings, bytes.
pub const LONGEST: usize = 8 * 1024;
/// Most replications of a run from the page.
pub const MOST_REPLICATIONS: u64 = 20;
/// Most visits of all replications of a run: two days of the country as it is have some 25 million.
pub const MOST_VISITS: f64 = 150e6;

/// Where a lever is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of a number.
    Number(f64),
    /// Of a choice.
    Word(String),
    /// Of several: the parts that are not as the model has them.
    Switched(Vec<String>),
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Key of the model.
    pub model: String,
    /// Seed of the run.
    pub seed: u64,
    /// How many replications.
    pub replications: u64,
    /// Levers that are moved, by key and part; of the whole lever the part is empty.
    pub values: BTreeMap<(String, String), Value>,
}

/// A model that is ready to run, as settings ask.
#[derive(Clone, Debug)]
pub struct Ready {
    /// What was asked.
    pub settings: Settings,
    /// The model with every change laid over.
    pub scenario: Arc<Scenario>,
    /// Policies that are on.
    pub policies: Vec<PolicyId>,
    /// The changes.
    pub change: Change,
    /// The lesson that it is an attempt of, if it is.
    pub lesson: Option<Taken>,
}

/// Everything that is wrong with settings.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Wrong(pub Vec<String>);

impl Settings {
    /// Reads a query. Words of the page itself (`lang`, `lesson`, `answer`) are no settings and are passed over.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn parse(query: &str, catalogue: &Catalogue) -> Result<(Settings, Arc<Offered>), Wrong> {
        if query.len() > LONGEST {
            let size = query.len();
            return Err(Wrong(vec![format!(
                "the settings are {size} bytes long; {LONGEST} are allowed"
            )]));
        }
        let pairs = pairs(query).map_err(|problem| Wrong(vec![problem]))?;
        let model = pairs.iter().find(|(key, _)| key == "model");
        let model = model.map_or(catalogue.first(), |(_, value)| value.as_str());
        let offered = catalogue.offered(model).map_err(|problem| Wrong(vec![problem]))?;
        let mut settings = Settings {
            model: model.to_owned(),
            seed: 1,
            replications: 1,
            values: BTreeMap::new(),
        };
        let mut wrong = Vec::new();
        for (key, value) in &pairs {
            if let Err(problem) = settings.take(key, value, &offered.levers) {
                wrong.push(format!("{key}={value}: {problem}"));
            }
        }
        if wrong.is_empty() {
            Ok((settings, offered))
        } else {
            Err(Wrong(wrong))
        }
    }

    fn take(&mut self, key: &str, text: &str, levers: &[Lever]) -> Result<(), String> {
        match key {
            "model" | "lang" | "lesson" | "answer" => return Ok(()),
            "seed" => {
                self.seed = text.parse().map_err(|_| "expected a whole number".to_owned())?;
                return Ok(());
            }
            "replications" => {
                let number = text.parse().ok().filter(|n| (1..=MOST_REPLICATIONS).contains(n));
                self.replications =
                    number.ok_or_else(|| format!("expected a whole number from 1 to {MOST_REPLICATIONS}"))?;
                return Ok(());
            }
            _ => {}
        }
        let (name, part) = key.split_once('.').unwrap_or((key, ""));
        let lever = levers.iter().find(|lever| lever.kind.key == name);
        let lever = lever.ok_or_else(|| {
            let known: Vec<&str> = levers.iter().map(|lever| lever.kind.key).collect();
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            format!("this model has no such lever; it has {known}")
        })?;
        if !part.is_empty() && (!lever.kind.by_part || lever.part(part).is_none()) {
            return Err(format!("`{name}` has no part `{part}`"));
        }
        if let Some(value) = value(lever, text, !part.is_empty())? {
            self.values.insert((name.to_owned(), part.to_owned()), value);
        }
        Ok(())
    }

    /// The same settings as a query, in one order, with only what is not as the model has it.
    pub fn query(&self) -> String {
        let mut out = format!("model={}", encoded(&self.model));
        for ((key, part), value) in &self.values {
            let value = match value {
                Value::Number(number) => number.to_string(),
                Value::Word(word) => word.clone(),
                Value::Switched(keys) => keys.join(","),
            };
            let dot = if part.is_empty() { "" } else { "." };
            let _ = write!(out, "&{key}{dot}{}={}", encoded(part), encoded(&value));
        }
        let _ = write!(out, "&seed={}&replications={}", self.seed, self.replications);
        out
    }

    /// What they change in the model.
    ///
    /// # Errors
    /// When a number does not fit a field of the model.
    pub fn change(&self, offered: &Offered) -> Result<Change, Wrong> {
        let mut change = Change::default();
        let mut pulled = Vec::new();
        for lever in &offered.levers {
            let of_lever = self.lever(lever, &mut pulled).map_err(|problem| {
                let key = lever.kind.key;
                Wrong(vec![format!("{key}: {problem}")])
            })?;
            change = change.and(&of_lever);
        }
        change.sets.extend(incidents(offered.plain(), &pulled));
        Ok(change)
    }

    fn of(&self, lever: &Lever, part: &str) -> Option<&Value> {
        self.values.get(&(lever.kind.key.to_owned(), part.to_owned()))
    }

    /// Of a number at a part: its own, else that of the whole lever; none where neither is moved.
    fn number(&self, lever: &Lever, part: &Part) -> Option<f64> {
        match self.of(lever, &part.key).or_else(|| self.of(lever, "")) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// What a lever changes; acts that it pulls at the start go to `pulled`, with a key of their own.
    fn lever(&self, lever: &Lever, pulled: &mut Vec<Pulled>) -> Result<Change, String> {
        let numbers = || {
            let parts = lever.parts.iter();
            parts.filter_map(|part| self.number(lever, part).map(|number| (part, number)))
        };
        let mut change = Change::default();
        match lever.kind.key {
            "quota" | "scrub" => {
                for (part, number) in numbers() {
                    change.sets.extend(multiple(part, number));
                }
            }
            "session" => {
                for (part, minutes) in numbers() {
                    let sets = part.fields.iter().map(|(path, ..)| format!("{path}=\"{minutes} min\""));
                    change.sets.extend(sets);
                }
            }
            "attack" => {
                for (part, number) in numbers() {
                    if number > 0.0 {
                        change.sets.extend(multiple(part, number));
                    } else {
                        change.sets.push(format!("incidents.{}.on=false", step(&part.key)));
                    }
                }
            }
            "size" => change.sets.extend(numbers().map(|(_, size)| format!("size={size}"))),
            "stagger" => {
                for (_, minutes) in numbers() {
                    let act = format!("Stagger(how: Spread(\"{minutes} min\"))");
                    pulled.push(Pulled {
                        key: "page-stagger".to_owned(),
                        name: format!("Starts spread over {minutes} min"),
                        act,
                    });
                }
            }
            "capacity" => {
                let mut by_factor: Vec<(f64, Vec<&str>)> = Vec::new();
                for (part, factor) in numbers() {
                    match by_factor.iter_mut().find(|(other, _)| *other == factor) {
                        Some((_, keys)) => keys.push(&part.key),
                        None => by_factor.push((factor, vec![&part.key])),
                    }
                }
                for (i, (factor, keys)) in by_factor.iter().enumerate() {
                    let act = format!("ScaleCapacity(services: {keys:?}, factor: {factor})");
                    pulled.push(Pulled {
                        key: format!("page-capacity-{}", i + 1),
                        name: format!("Capacity times {factor}"),
                        act,
                    });
                }
            }
            "order" => {
                let order = match self.of(lever, "") {
                    Some(Value::Word(word)) if word == "fifo" => "Fifo(bucket: \"1 min\")",
                    Some(Value::Word(word)) if word == "lottery" => "Lottery",
                    Some(Value::Word(word)) if word == "passthrough" => "Passthrough",
                    Some(_) => "Reject",
                    None => return Ok(change),
                };
                let fields = lever.parts.iter().flat_map(|part| &part.fields);
                change.sets.extend(fields.map(|(path, ..)| format!("{path}={order}")));
            }
            "policies" => change.policies = self.switched(lever).into_iter().map(|p| p.key.clone()).collect(),
            "incidents" => {
                for part in self.switched(lever) {
                    let on = part.now != Now::On(true);
                    change.sets.push(format!("incidents.{}.on={on}", step(&part.key)));
                }
            }
            other => {
                return Err(format!(
                    "the lever {other} has no effect; this is a defect of the program"
                ));
            }
        }
        Ok(change)
    }

    fn switched<'a>(&self, lever: &'a Lever) -> Vec<&'a Part> {
        let Some(Value::Switched(keys)) = self.of(lever, "") else {
            return Vec::new();
        };
        lever.parts.iter().filter(|part| keys.contains(&part.key)).collect()
    }

    /// Lays the settings over their model.
    ///
    /// # Errors
    /// When they do not fit the model, or ask for too much.
    pub fn ready(self, offered: &Offered) -> Result<Ready, Wrong> {
        let change = self.change(offered)?;
        let (scenario, policies) = offered
            .base
            .with(&change)
            .map_err(|problems| Wrong(vec![problems.to_string()]))?;
        let visits = crate::world::visits_expected(&scenario) * self.replications as f64;
        if visits > MOST_VISITS {
            return Err(Wrong(vec![format!(
                "about {visits:.0} visits in all; the page makes runs of up to {MOST_VISITS:.0}: fewer replications, a smaller \
                 country, or `preau run` on the command line"
            )]));
        }
        Ok(Ready {
            settings: self,
            scenario,
            policies,
            change,
            lesson: None,
        })
    }
}

impl Ready {
    /// What was asked, as a query.
    pub fn query(&self) -> String {
        match &self.lesson {
            Some(taken) => taken.query.clone(),
            None => self.settings.query(),
        }
    }

    /// The command that makes the same run of a saved model.
    pub fn command(&self, file: &str) -> String {
        let mut out = format!("preau run {file}");
        if !self.change.policies.is_empty() {
            let _ = write!(out, " --policy {}", self.change.policies.join("+"));
        }
        let _ = write!(
            out,
            " --seed {} --replications {}",
            self.settings.seed, self.settings.replications
        );
        out
    }

    /// The whole model as a file that the command line runs, headed by what was changed.
    pub fn ron(&self) -> String {
        let mut out = format!(
            "// Saved by `preau serve`: {}\n// The same run: {}\n",
            self.query(),
            self.command("THIS-FILE")
        );
        for set in &self.change.sets {
            let _ = writeln!(out, "// changed: {}", set.replace('\n', " "));
        }
        out + &self.scenario.text
    }
}

/// A number times what is written at each field of a part. What has no unit is counted (seats, threads): it stays whole.
fn multiple(part: &Part, times: f64) -> impl Iterator<Item = String> + '_ {
    part.fields.iter().map(move |(path, written, unit)| {
        let product = written * times;
        if unit.is_empty() {
            return format!("{path}={}", libm::round(product).max(1.0));
        }
        // To nine digits: no run differs for the tenth, and a saved model stays readable.
        let product: f64 = format!("{product:.8e}").parse().unwrap_or(product);
        format!("{path}=\"{product} {unit}\"")
    })
}

/// An act that a lever of the page pulls at the start: an incident of the model that changes a policy.
struct Pulled {
    key: String,
    name: String,
    act: String,
}

impl Pulled {
    fn incident(&self, end: f64) -> String {
        let Pulled { name, act, .. } = self;
        format!("(name: \"{name}\", kind: PolicyChange(act: {act}), waves: [(\"0 s\", \"{end} s\")])")
    }
}

/// The overrides of such acts.
fn incidents(scenario: &Scenario, pulled: &[Pulled]) -> Vec<String> {
    let end = scenario.clock.end.as_secs();
    if scenario.incidents.is_empty() && !pulled.is_empty() {
        // There is no map yet to put them into.
        let entries = pulled
            .iter()
            .map(|one| format!("\"{}\": {}", one.key, one.incident(end)));
        return vec![format!("incidents={{{}}}", entries.collect::<Vec<_>>().join(", "))];
    }
    let one = |one: &Pulled| format!("incidents.{}={}", one.key, one.incident(end));
    pulled.iter().map(one).collect()
}

/// A value of a lever; none where it says what the model says anyway.
fn value(lever: &Lever, text: &str, of_part: bool) -> Result<Option<Value>, String> {
    match lever.form {
        Form::Number { from, to, now, .. } => {
            let number: Option<f64> = text.parse().ok().filter(|n| (from..=to).contains(n));
            let number = number.ok_or_else(|| format!("expected a number from {from} to {to}"))?;
            // Of a part its own number is what the model says, or what the whole lever says: it is kept.
            Ok((of_part || number != now).then_some(Value::Number(number)))
        }
        Form::Choice { words } if words.contains(&text) => Ok(Some(Value::Word(text.to_owned()))),
        Form::Choice { words } => Err(format!("expected one of {}", words.join(", "))),
        Form::Several => {
            let keys: Vec<&str> = text.split(',').filter(|key| !key.is_empty()).collect();
            if let Some(unknown) = keys.iter().find(|key| lever.part(key).is_none()) {
                return Err(format!("the model has no `{unknown}` among its {}", lever.kind.key));
            }
            // In the order of the model, each once.
            let parts = lever.parts.iter().filter(|part| keys.contains(&part.key.as_str()));
            let keys: Vec<String> = parts.map(|part| part.key.clone()).collect();
            Ok((!keys.is_empty()).then_some(Value::Switched(keys)))
        }
    }
}

/// The pairs of a query, decoded.
pub(super) fn pairs(query: &str) -> Result<Vec<(String, String)>, String> {
    let parts = query.trim_start_matches('?').split('&').filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        Ok((decoded(key)?, decoded(value)?))
    };
    parts.map(pair).collect()
}

fn decoded(text: &str) -> Result<String, String> {
    let wrong = || format!("`{text}` is not percent-encoded UTF-8");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16)).ok_or_else(wrong);
                (digit(rest.next())? * 16 + digit(rest.next())?) as u8
            }
            other => other,
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    if text.chars().any(char::is_control) {
        return Err(wrong());
    }
    Ok(text)
}

pub(super) fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b',' | b'/' => {
                out.push(char::from(byte))
            }
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
