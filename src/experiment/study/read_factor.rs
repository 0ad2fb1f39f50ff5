//! Reading the factors of an experiment file.

use super::factor::{Kind, Target, nine_digits};
use super::law::{Law, Range};
use super::raw;
use super::read::Reader;
use crate::experiment::switch::Switch;
use crate::scenario::Scalar;

/// The least share of a law that its range must hold. Beyond, a normal law is cut to little else than its end next to the mean
/// (half of what remains of 5 deviations lies within 0.13 of one): a mistake of units or of a digit, and no belief.
const LEAST_HELD: f64 = 1e-6;

impl Reader<'_> {
    /// What a factor may be; none where something is wrong with it.
    pub(super) fn kind(&mut self, at: &str, raw: &raw::Factor) -> Option<Kind> {
        match raw {
            raw::Factor::Values {
                path,
                paths,
                values,
                times,
            } => {
                let targets = self.targets(at, path.as_deref(), paths, *times)?;
                let written = |i| self.document.written(&format!("{at}.values[{i}]"));
                let values: Vec<String> = (0..values.len())
                    .filter_map(written)
                    .map(|v| v.trim_matches('"').to_owned())
                    .collect();
                if values.is_empty() {
                    self.note(at, "`values` is empty", "give at least one value");
                    return None;
                }
                if *times && values.iter().any(|value| value.parse::<f64>().is_err()) {
                    self.note(
                        at,
                        "multiples of what the model says are bare numbers",
                        "write such as `[0.5, 1, 2]`",
                    );
                }
                Some(Kind::Values { targets, values })
            }
            raw::Factor::Range { path, paths, times, .. } => {
                let targets = self.targets(at, path.as_deref(), paths, *times)?;
                let range = self.range(at, raw)?;
                if *times && !range.unit.is_empty() {
                    self.note(
                        at,
                        "multiples of what the model says have no unit",
                        "leave the unit out",
                    );
                }
                Some(Kind::Range { targets, range })
            }
            raw::Factor::Switch {
                policies,
                set,
                with,
                without,
            } => {
                let switch = Switch {
                    policies: policies.clone(),
                    set: set.clone(),
                    with: with.clone(),
                    without: without.clone(),
                };
                let (change, ..) = self.names.switch(at, &switch, self.base);
                // A name that there is not was told already.
                if switch.is_empty() {
                    self.note(
                        at,
                        "this switch switches nothing",
                        "give `policies`, `set`, `with` or `without`",
                    );
                }
                Some(Kind::Switch(change))
            }
            raw::Factor::Choice(table) => {
                let mut choices = Vec::new();
                for (name, switch) in &table.0 {
                    let (change, ..) = self.names.switch(&format!("{at}.\"{name}\""), switch, self.base);
                    choices.push((name.clone(), change));
                }
                if choices.is_empty() {
                    self.note(
                        at,
                        "there is nothing to choose from",
                        "give at least one: `Choice({\"as it is\": ()})`",
                    );
                    return None;
                }
                Some(Kind::Choice(choices))
            }
        }
    }

    /// The fields that a factor sets. With `times` each must be a number in the model.
    fn targets(&mut self, at: &str, path: Option<&str>, paths: &[String], times: bool) -> Option<Vec<Target>> {
        let one = path.map(|path| (format!("{at}.path"), path));
        let several = paths
            .iter()
            .enumerate()
            .map(|(i, path)| (format!("{at}.paths[{i}]"), path.as_str()));
        let given: Vec<(String, &str)> = one.into_iter().chain(several).collect();
        if given.is_empty() {
            self.note(
                at,
                "this factor sets no field",
                "give `path: \"services.ent-idf.quota.max_sessions\"`",
            );
            return None;
        }
        let mut targets = Vec::new();
        for (place, pattern) in given {
            let found = match self.model.paths(pattern) {
                Ok(found) => found,
                Err(reason) => {
                    self.note(
                        &place,
                        format!("this is not a path: {reason}"),
                        "write such as `services.ent-idf.quota.max_sessions`",
                    );
                    return None;
                }
            };
            if found.is_empty() && (times || pattern.contains('*')) {
                self.note(
                    &place,
                    format!("the model has no `{pattern}`"),
                    "`preau run MODEL --show-model` prints every field that is written",
                );
                return None;
            }
            // A field that the model leaves out can be set all the same.
            let found = if found.is_empty() {
                vec![pattern.to_owned()]
            } else {
                found
            };
            for path in found {
                let written = if times {
                    Some(self.quantity(&place, &path)?)
                } else {
                    None
                };
                targets.push(Target { path, written });
            }
        }
        Some(targets)
    }

    /// The number that stands in the model.
    fn quantity(&mut self, place: &str, path: &str) -> Option<(f64, String)> {
        let text = self.model.written(path).unwrap_or_default();
        let found = quantity(text.trim_matches('"'));
        if found.is_none() {
            self.note(
                place,
                format!("`{path}` is {text} in the model, no number that could be multiplied"),
                "leave `times` out and give values",
            );
        }
        found
    }

    fn range(&mut self, at: &str, raw: &raw::Factor) -> Option<Range> {
        let raw::Factor::Range {
            from,
            to,
            unit,
            law,
            integer,
            levels,
            ..
        } = raw
        else {
            return None;
        };
        let unit = unit.clone();
        let mut units = unit.clone();
        let from = self.end(&format!("{at}.from"), from, &mut units)?;
        let to = self.end(&format!("{at}.to"), to, &mut units)?;
        // Settings have nine digits; an end of more could not be one.
        let (from, to) = (nine_digits(from), nine_digits(to));
        if from >= to {
            self.note(
                &format!("{at}.to"),
                format!("the range ends at {to}, before or where it begins"),
                format!("give more than {from}"),
            );
            return None;
        }
        let law = self.law(&format!("{at}.law"), law, (from, to), &mut units)?;
        if *levels == Some(0) {
            self.note(
                &format!("{at}.levels"),
                "a range of 0 levels has no setting",
                "give 2 or more",
            );
            return None;
        }
        if *integer && (from.fract() != 0.0 || to.fract() != 0.0) {
            self.note(at, "a range of whole numbers has whole ends", "round `from` and `to`");
        }
        let numbers = to - from + 1.0;
        if let Some(levels) = levels.filter(|levels| *integer && f64::from(*levels) > numbers) {
            let title = format!("this range has {numbers} whole numbers and not {levels}");
            self.note(
                &format!("{at}.levels"),
                title,
                format!("give `levels: {numbers}` or fewer"),
            );
        }
        let range = Range {
            from,
            to,
            law,
            unit: units.unwrap_or_default(),
            integer: *integer,
            levels: *levels,
        };
        let held = range.held();
        if held < LEAST_HELD {
            self.note(
                &format!("{at}.law"),
                format!(
                    "the range of {from} to {to} holds {} of this {} law: what remains is not what it was written for",
                    if held > 0.0 {
                        format!("only {held:.0e}")
                    } else {
                        "nothing".to_owned()
                    },
                    range.law.name()
                ),
                "move the range or the law until they meet, or write `Uniform`",
            );
            return None;
        }
        Some(range)
    }

    /// A number of a range; `unit` is that of the range once it is known.
    fn end(&mut self, path: &str, scalar: &Scalar, unit: &mut Option<String>) -> Option<f64> {
        let read = match scalar {
            Scalar::Number(number) => Some((*number, String::new())),
            Scalar::Text(text) => quantity(text),
            Scalar::Other => None,
        };
        let Some((number, own)) = read.filter(|(number, _)| number.is_finite()) else {
            self.note(
                path,
                "this is no number with a unit",
                "write such as `10` or `\"10 min\"`",
            );
            return None;
        };
        if !own.is_empty() {
            match unit {
                Some(unit) if *unit != own => {
                    self.note(
                        path,
                        format!(
                            "this is in {own}, the range in {}",
                            if unit.is_empty() { "bare numbers" } else { unit }
                        ),
                        "give all numbers of a range in one unit",
                    );
                    return None;
                }
                _ => *unit = Some(own),
            }
        } else if unit.is_none() {
            *unit = Some(String::new());
        }
        Some(number)
    }

    fn law(&mut self, path: &str, law: &raw::Law, (from, to): (f64, f64), unit: &mut Option<String>) -> Option<Law> {
        let mut number =
            |reader: &mut Self, field: &str, scalar: &Scalar| reader.end(&format!("{path}.{field}"), scalar, unit);
        let (law, fits, advice) = match law {
            raw::Law::Uniform => (Law::Uniform, true, ""),
            raw::Law::LogUniform => (Law::LogUniform, from > 0.0, "a logarithm needs `from` above 0"),
            raw::Law::Triangular { mode } => {
                let mode = number(self, "mode", mode)?;
                (
                    Law::Triangular { mode },
                    (from..=to).contains(&mode),
                    "give a `mode` within the range",
                )
            }
            raw::Law::Normal { mean, sd } => {
                let (mean, sd) = (number(self, "mean", mean)?, number(self, "sd", sd)?);
                (Law::Normal { mean, sd }, sd > 0.0, "give an `sd` above 0")
            }
            raw::Law::Lognormal { median, sigma } => {
                let median = number(self, "median", median)?;
                let fits = median > 0.0 && *sigma > 0.0 && from >= 0.0;
                (
                    Law::Lognormal { median, sigma: *sigma },
                    fits,
                    "give `median` and `sigma` above 0, and `from` not below",
                )
            }
        };
        if !fits {
            self.note(
                path,
                format!("this {} does not fit its range of {from} to {to}", law.name()),
                advice,
            );
            return None;
        }
        Some(law)
    }
}

/// `33420 /s` as 33420 and `/s`; none for what is no number with a unit.
fn quantity(text: &str) -> Option<(f64, String)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '+')))
        .unwrap_or(text.len());
    let number = text[..end].replace('_', "").parse::<f64>().ok()?;
    let unit = text[end..].trim();
    // `1 h 30 min` and `1e5` are more than a number and a unit.
    let simple = !unit.chars().any(|c| c.is_ascii_digit());
    simple.then(|| (number, unit.to_owned()))
}
