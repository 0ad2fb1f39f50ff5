//! A factor: something of the model that takes other values from point to point.

use super::law::Range;
use crate::experiment::switch::Change;

/// Who sets a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Whoever decides: a lever.
    Lever,
    /// Nobody: an uncertainty.
    Uncertainty,
}

impl Role {
    /// The word in files.
    pub fn name(self) -> &'static str {
        match self {
            Role::Lever => "lever",
            Role::Uncertainty => "uncertainty",
        }
    }
}

/// A lever or an uncertainty.
#[derive(Clone, Debug)]
pub struct Factor {
    /// Its key in the file, and the head of its column.
    pub name: String,
    /// Who sets it.
    pub role: Role,
    /// What it may be.
    pub kind: Kind,
}

/// What a factor may be.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Fields of the model that take one of some values, each as it would be written in the model.
    Values {
        /// The fields.
        targets: Vec<Target>,
        /// The values.
        values: Vec<String>,
    },
    /// Fields of the model that take a number of a range.
    Range {
        /// The fields.
        targets: Vec<Target>,
        /// The numbers and their law.
        range: Range,
    },
    /// Something that is on or off.
    Switch(Change),
    /// One of several switches, by name.
    Choice(Vec<(String, Change)>),
}

/// A field of the model that a factor sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Its path.
    pub path: String,
    /// The number and unit in the model, when settings are multiples of it.
    pub written: Option<(f64, String)>,
}

const ON: &str = "on";
const OFF: &str = "off";

impl Factor {
    /// The setting at a place of the unit interval: by the inverse distribution function, so that a uniform `u` gives a
    /// setting of the factor's law. Lists, switches and choices are cut into equal parts.
    ///
    /// A setting is a text: what stands in the factor's column.
    pub fn at(&self, u: f64) -> String {
        let part = |n: usize| ((u.clamp(0.0, 1.0) * n as f64) as usize).min(n.saturating_sub(1));
        match &self.kind {
            Kind::Values { values, .. } => values[part(values.len())].clone(),
            Kind::Range { range, .. } => number(range.at(u)),
            Kind::Switch(_) => [OFF, ON][part(2)].to_owned(),
            Kind::Choice(choices) => choices[part(choices.len())].0.clone(),
        }
    }

    /// How many settings a full design tries; none for a range without `levels`.
    pub fn levels(&self) -> Option<u32> {
        match &self.kind {
            Kind::Values { values, .. } => Some(values.len() as u32),
            Kind::Range { range, .. } => range.levels,
            Kind::Switch(_) => Some(2),
            Kind::Choice(choices) => Some(choices.len() as u32),
        }
    }

    /// The setting of a level of a full design: a range's are at equal steps of probability, ends included.
    pub fn level(&self, i: u32) -> String {
        let levels = self.levels().unwrap_or(1);
        match &self.kind {
            Kind::Range { .. } if levels > 1 => self.at(f64::from(i) / f64::from(levels - 1)),
            _ => self.at((f64::from(i) + 0.5) / f64::from(levels)),
        }
    }

    /// What a setting changes in the model.
    ///
    /// # Errors
    /// In words, when it is no setting of this factor.
    pub fn change(&self, setting: &str) -> Result<Change, String> {
        match &self.kind {
            Kind::Values { targets, values } if values.iter().any(|value| value == setting) => {
                Ok(overrides(targets, setting, ""))
            }
            Kind::Values { values, .. } => Err(format!("expected one of {}", values.join(", "))),
            Kind::Range { targets, range } => {
                let value = setting.parse().map_err(|_| "expected a number".to_owned())?;
                let (from, to) = (range.from, range.to);
                if !(from..=to).contains(&value) {
                    return Err(format!("expected a number from {from} to {to}"));
                }
                if range.integer && value.fract() != 0.0 {
                    return Err(format!("expected a whole number from {from} to {to}"));
                }
                Ok(overrides(targets, &number(value), &range.unit))
            }
            Kind::Switch(change) if setting == ON => Ok(change.clone()),
            Kind::Switch(_) if setting == OFF => Ok(Change::default()),
            Kind::Switch(_) => Err(format!("expected {ON} or {OFF}")),
            Kind::Choice(choices) => {
                let found = choices.iter().find(|(name, _)| name == setting);
                found.map(|(_, change)| change.clone()).ok_or_else(|| {
                    let names: Vec<&str> = choices.iter().map(|(name, _)| name.as_str()).collect();
                    format!("expected one of {}", names.join(", "))
                })
            }
        }
    }

    /// A setting in the words in which [`Factor::at`] gives it: numbers without needless digits, texts without quotes.
    ///
    /// # Errors
    /// When it is no setting of this factor.
    pub fn canonical(&self, setting: &str) -> Result<String, String> {
        let bare = setting.trim().trim_matches('"');
        let text = match &self.kind {
            Kind::Range { .. } => bare.parse().map(number).map_err(|_| "expected a number".to_owned())?,
            Kind::Switch(_) if bare == "true" => ON.to_owned(),
            Kind::Switch(_) if bare == "false" => OFF.to_owned(),
            _ => bare.to_owned(),
        };
        self.change(&text)?;
        Ok(text)
    }

    /// A setting as a number, for analysis: of a range the number itself, of all others the position, from 0.
    pub fn number(&self, setting: &str) -> Option<f64> {
        let position = match &self.kind {
            Kind::Range { .. } => return setting.parse().ok(),
            Kind::Values { values, .. } => values.iter().position(|value| value == setting),
            Kind::Switch(_) => [OFF, ON].iter().position(|word| *word == setting),
            Kind::Choice(choices) => choices.iter().position(|(name, _)| name == setting),
        };
        position.map(|i| i as f64)
    }

    /// Whether a setting stands at an end of its range (within 2 % of it), and whether that is the upper one. Lists have ends
    /// when they are of three numbers or more; switches and choices have none.
    pub fn edge(&self, setting: &str) -> Option<bool> {
        let (from, to, near) = match &self.kind {
            Kind::Range { range, .. } => (range.from, range.to, 0.02 * (range.to - range.from)),
            Kind::Values { values, .. } if values.len() > 2 => {
                let numbers: Vec<f64> = values.iter().map(|v| v.parse().ok()).collect::<Option<_>>()?;
                let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
                let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                (least, most, 0.0)
            }
            _ => return None,
        };
        match setting.parse::<f64>().ok()? {
            value if value <= from + near => Some(false),
            value if value >= to - near => Some(true),
            _ => None,
        }
    }

    /// The fields of the model that it sets.
    pub fn targets(&self) -> &[Target] {
        match &self.kind {
            Kind::Values { targets, .. } | Kind::Range { targets, .. } => targets,
            Kind::Switch(_) | Kind::Choice(_) => &[],
        }
    }

    /// The fields of the model that it or one of its settings sets.
    pub fn paths(&self) -> Vec<&str> {
        match &self.kind {
            Kind::Values { targets, .. } | Kind::Range { targets, .. } => {
                targets.iter().map(|target| target.path.as_str()).collect()
            }
            Kind::Switch(change) => change.paths().collect(),
            Kind::Choice(choices) => choices.iter().flat_map(|(_, change)| change.paths()).collect(),
        }
    }

    /// The unit of its settings; empty where they have none.
    pub fn unit(&self) -> &str {
        match &self.kind {
            Kind::Range { range, .. } => &range.unit,
            _ => "",
        }
    }

    /// What it may be, in words.
    pub fn describe(&self) -> String {
        let fields = match self.targets() {
            [] => String::new(),
            [one] => format!("{}: ", one.path),
            [one, rest @ ..] => format!("{} and {} more: ", one.path, rest.len()),
        };
        let times = match self.targets().first() {
            Some(Target { written: Some(_), .. }) => "times what the model says, ",
            _ => "",
        };
        let what = match &self.kind {
            Kind::Values { values, .. } => values.join(", "),
            Kind::Range { range, .. } => range.describe(),
            Kind::Switch(change) => {
                let parts: Vec<&str> = change.policies.iter().chain(&change.sets).map(String::as_str).collect();
                format!("off, on ({})", parts.join(", "))
            }
            Kind::Choice(choices) => {
                let names: Vec<&str> = choices.iter().map(|(name, _)| name.as_str()).collect();
                names.join(", ")
            }
        };
        format!("{fields}{times}{what}")
    }
}

/// All fields set to one value, or to a multiple of what each is.
fn overrides(targets: &[Target], value: &str, unit: &str) -> Change {
    let one = |target: &Target| {
        let (text, unit) = match (&target.written, value.parse::<f64>()) {
            (Some((written, unit)), Ok(times)) => (number(product(*written, times)), unit.as_str()),
            _ => (value.to_owned(), unit),
        };
        match unit {
            "" => format!("{}={text}", target.path),
            unit => format!("{}=\"{text} {unit}\"", target.path),
        }
    };
    Change {
        sets: targets.iter().map(one).collect(),
        policies: Vec::new(),
    }
}

/// A multiple of what the model says. Of a whole number of at least 100 (sessions, cores, threads) it is whole again: such
/// fields count things, and half a thing of a hundred changes nothing.
fn product(written: f64, times: f64) -> f64 {
    let product = written * times;
    if written.fract() == 0.0 && written.abs() >= 100.0 {
        libm::round(product)
    } else {
        product
    }
}

/// A number to nine significant digits: no run differs for the tenth, and columns stay readable.
pub(super) fn number(value: f64) -> String {
    // No negative zero.
    (nine_digits(value) + 0.0).to_string()
}

/// The nearest number of nine significant digits.
pub(super) fn nine_digits(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::super::law::{Law, Range};
    use super::*;

    fn range(times: bool) -> Factor {
        let target = |path: &str, written: f64| Target {
            path: path.into(),
            written: times.then(|| (written, "/s".to_owned())),
        };
        Factor {
            name: "attack".into(),
            role: Role::Uncertainty,
            kind: Kind::Range {
                targets: vec![target("a.rate", 100.0), target("b.rate", 30.0)],
                range: Range {
                    from: 0.5,
                    to: 2.0,
                    law: Law::Uniform,
                    unit: if times { String::new() } else { "/s".into() },
                    integer: false,
                    levels: Some(4),
                },
            },
        }
    }

    #[test]
    fn settings_become_overrides() {
        assert_eq!(
            range(false).change("1.5").unwrap().sets,
            ["a.rate=\"1.5 /s\"", "b.rate=\"1.5 /s\""]
        );
        assert_eq!(
            range(true).change("1.5").unwrap().sets,
            ["a.rate=\"150 /s\"", "b.rate=\"45 /s\""]
        );
        assert_eq!(range(true).change("3").unwrap_err(), "expected a number from 0.5 to 2");
        let levels: Vec<String> = (0..4).map(|i| range(false).level(i)).collect();
        assert_eq!(levels, ["0.5", "1", "1.5", "2"]);
    }

    #[test]
    fn ranges_and_lists_of_numbers_have_ends() {
        let edges = |factor: &Factor, settings: [&str; 3]| settings.map(|s| factor.edge(s));
        assert_eq!(
            edges(&range(false), ["0.51", "1", "2"]),
            [Some(false), None, Some(true)]
        );
        let list = |values: &[&str]| Factor {
            name: "x".into(),
            role: Role::Lever,
            kind: Kind::Values {
                targets: vec![],
                values: values.iter().map(|v| (*v).to_owned()).collect(),
            },
        };
        let three = list(&["30", "10", "20"]);
        assert_eq!(edges(&three, ["10", "20", "30"]), [Some(false), None, Some(true)]);
        assert_eq!(
            edges(&list(&["1", "2"]), ["1", "2", "x"]),
            [None; 3],
            "two are no range"
        );
        assert_eq!(
            edges(&list(&["Reject", "Wait", "3"]), ["Reject", "Wait", "3"]),
            [None; 3]
        );
    }

    #[test]
    fn lists_switches_and_choices_are_cut_into_equal_parts() {
        let change = Change {
            sets: vec![],
            policies: vec!["quota".into()],
        };
        let of = |kind| Factor {
            name: "x".into(),
            role: Role::Lever,
            kind,
        };
        let switch = of(Kind::Switch(change.clone()));
        assert_eq!([0.0, 0.49, 0.5, 1.0].map(|u| switch.at(u)), ["off", "off", "on", "on"]);
        assert_eq!(switch.change("on").unwrap(), change);
        assert!(switch.change("off").unwrap().is_nothing());
        assert_eq!(switch.canonical("true").unwrap(), "on");
        let choice = of(Kind::Choice(vec![
            ("a".into(), Change::default()),
            ("b".into(), change),
        ]));
        assert_eq!((choice.level(0), choice.level(1)), ("a".into(), "b".into()));
        assert_eq!((choice.number("b"), choice.number("c")), (Some(1.0), None));
        assert!(choice.change("c").unwrap_err().ends_with("a, b"));
    }

    #[test]
    fn numbers_are_short_and_exact_to_nine_digits() {
        assert_eq!(number(0.1 + 0.2), "0.3");
        assert_eq!(number(-0.0), "0");
        assert_eq!(number(200_000.0), "200000");
        assert_eq!(number(1.0 / 3.0), "0.333333333");
        assert_eq!((product(113_893.0, 0.7), product(2.0, 0.75)), (79_725.0, 1.5));
    }
}
