//! Reading the numbers of a lesson file.

use super::number::usual;
use super::raw::{self, Form, Raw};
use super::read::{NOTHING, Reader};
use super::{Aim, Goal, Lever, Number, Origin};
use crate::scenario::suggest;
use crate::web::Lang;
use std::collections::BTreeMap;

impl Reader<'_> {
    pub(super) fn numbers(&mut self, raw: &Raw, goals: &[Goal], levers: &[Lever]) -> BTreeMap<String, Number> {
        let mut numbers = BTreeMap::new();
        for (name, number) in &raw.numbers.0 {
            let at = format!("numbers.\"{name}\"");
            if let Some(number) = self.number(&at, number, raw, goals, levers) {
                numbers.insert(name.clone(), number);
            }
        }
        numbers
    }

    fn number(&mut self, at: &str, raw: &raw::Number, file: &Raw, goals: &[Goal], levers: &[Lever]) -> Option<Number> {
        match (&raw.of, &raw.field, raw.goal, &raw.setting) {
            (None, None, None, Some(word)) => self.setting(at, word, raw, file, levers),
            (Some(word), None, None, None) => {
                let of = self.column(&format!("{at}.of"), word)?;
                let during = self.place(&format!("{at}.during"), raw.during.as_deref(), file)?;
                let minus = match &raw.minus {
                    None => None,
                    Some(name) => Some(self.place(&format!("{at}.minus"), Some(name), file)?),
                };
                let Some(is) = raw.is.filter(|is| is.is_finite()) else {
                    let help = "add `is: …`; `preau lesson NAME --prove` prints what the model says";
                    self.note(at, "a number of a run is stored", help);
                    return None;
                };
                let form = raw.form.unwrap_or_else(|| usual(of.kpi.unit));
                let origin = Origin::Run { of, during, minus };
                Some(Number {
                    origin,
                    form,
                    is,
                    written: None,
                })
            }
            (None, Some(path), None, None) => {
                let (is, written) = self.field(&format!("{at}.field"), path)?;
                Some(Number {
                    origin: Origin::Field(path.clone()),
                    form: raw.form.unwrap_or(Form::Whole),
                    is,
                    written,
                })
            }
            (None, None, Some(i), None) => {
                let goal = goals.get(i);
                let Some(is) = goal.and_then(|goal| goal.at_least.or(goal.at_most)) else {
                    self.note(at, format!("goal {i} has no limit"), "goals count from 0");
                    return None;
                };
                let unit = goal.and_then(|goal| match &goal.of {
                    Aim::Kpi(column) => Some(column.kpi.unit),
                    _ => None,
                });
                let form = raw.form.unwrap_or_else(|| unit.map_or(Form::Whole, usual));
                Some(Number {
                    origin: Origin::Goal(i),
                    form,
                    is,
                    written: None,
                })
            }
            _ => {
                self.note(
                    at,
                    "a number has one of `of`, `field`, `setting` and `goal`",
                    "take the others out",
                );
                None
            }
        }
    }

    /// What a try sets a lever to: `try/lever`.
    fn setting(&mut self, at: &str, word: &str, raw: &raw::Number, file: &Raw, levers: &[Lever]) -> Option<Number> {
        let found = word.rsplit_once('/').and_then(|(name, key)| {
            let attempted = file.tries.0.iter().position(|(other, _)| other == name)?;
            let lever = levers.iter().position(|lever| lever.key == key)?;
            let head = format!("{key}=");
            let typed = file.tries.0[attempted]
                .1
                .set
                .iter()
                .find_map(|set| set.strip_prefix(&head))?;
            let setting = levers[lever].canonical(typed).ok()?;
            Some((attempted, lever, setting))
        });
        let Some((attempted, lever, setting)) = found else {
            let help = "write `try/lever`, of a try that sets this lever by its name";
            self.note(
                &format!("{at}.setting"),
                format!("`{word}` is no setting of a try"),
                help,
            );
            return None;
        };
        let shown = levers[lever].shown(&setting, Lang::En);
        Some(Number {
            origin: Origin::Setting(attempted, lever),
            form: raw.form.unwrap_or(Form::Whole),
            is: levers[lever].number(&setting).unwrap_or(NOTHING),
            written: (shown != setting || levers[lever].number(&setting).is_none()).then_some(shown),
        })
    }

    /// The position of a try; the start has none.
    fn place(&mut self, at: &str, name: Option<&str>, file: &Raw) -> Option<Option<usize>> {
        let known: Vec<&str> = file.tries.0.iter().map(|(name, _)| name.as_str()).collect();
        match name {
            None | Some("start") => Some(None),
            Some(name) => match known.iter().position(|other| *other == name) {
                Some(i) => Some(Some(i)),
                None => {
                    self.note(at, format!("there is no try `{name}`"), suggest(name, "try", &known));
                    None
                }
            },
        }
    }
}
