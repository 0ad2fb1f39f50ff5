//! Levers: what a student may set, and what the model answers when something else is asked for.

use super::number::local;
use super::text::Text;
use crate::scenario::seconds;
use crate::web::Lang;

/// Something that a student may set.
#[derive(Clone, Debug)]
pub struct Lever {
    /// Its key in the file: `--set KEY=VALUE` sets all its fields.
    pub key: String,
    /// What it is.
    pub name: Text,
    /// What it sets, and to what.
    pub kind: Kind,
    /// Its setting in the model as the lesson begins, in the words of [`Lever::canonical`].
    pub start: String,
}

/// What a lever sets.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A number within bounds.
    Number {
        /// The fields.
        paths: Vec<String>,
        /// Least.
        from: f64,
        /// Greatest.
        to: f64,
        /// Unit of both; empty for a bare number.
        unit: String,
        /// Whole numbers only.
        integer: bool,
    },
    /// One of some values.
    Values {
        /// The fields.
        paths: Vec<String>,
        /// The values, as they are written in a model.
        values: Vec<String>,
    },
    /// A policy of the model, on or off.
    Policy(String),
}

/// Why something is not allowed, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What was asked for.
    pub asked: String,
    fr: String,
    en: String,
}

impl Refusal {
    pub(super) fn new(asked: &str, fr: String, en: String) -> Refusal {
        Refusal {
            asked: asked.to_owned(),
            fr,
            en,
        }
    }

    /// The same reason, for what was really typed.
    pub(super) fn about(self, asked: &str) -> Refusal {
        Refusal {
            asked: asked.to_owned(),
            ..self
        }
    }

    /// The reason.
    pub fn words(&self, lang: Lang) -> &str {
        match lang {
            Lang::Fr => &self.fr,
            Lang::En => &self.en,
        }
    }
}

/// Settings of switches.
pub(super) const ON: &str = "on";
pub(super) const OFF: &str = "off";

impl Lever {
    /// The fields that it sets; none for a policy.
    pub fn paths(&self) -> &[String] {
        match &self.kind {
            Kind::Number { paths, .. } | Kind::Values { paths, .. } => paths,
            Kind::Policy(_) => &[],
        }
    }

    /// A setting in one form: numbers in the lever's unit without it, texts without quotes, `on` or `off` of a policy.
    ///
    /// # Errors
    /// When it is no setting of this lever, with what it may be.
    pub fn canonical(&self, typed: &str) -> Result<String, Refusal> {
        let bare = typed.trim().trim_matches('"').trim();
        let refused = |fr: String, en: String| Err(Refusal::new(typed, fr, en));
        match &self.kind {
            Kind::Policy(_) => match bare {
                "on" | "true" => Ok(ON.to_owned()),
                "off" | "false" => Ok(OFF.to_owned()),
                _ => refused("on attend on ou off".into(), "expected on or off".into()),
            },
            Kind::Values { values, .. } => match values.iter().find(|value| value.trim_matches('"') == bare) {
                Some(value) => Ok(value.clone()),
                None => {
                    let all = values.join(", ");
                    refused(format!("on attend l'un de : {all}"), format!("expected one of {all}"))
                }
            },
            Kind::Number {
                from,
                to,
                unit,
                integer,
                ..
            } => {
                let read = in_unit(bare, unit).filter(|v| !*integer || v.fract() == 0.0);
                match read {
                    Some(value) if (*from..=*to).contains(&value) => Ok(value.to_string()),
                    _ => {
                        let (fr, en) = range(*from, *to, unit, *integer);
                        refused(format!("on attend {fr}"), format!("expected {en}"))
                    }
                }
            }
        }
    }

    /// The number of a setting, for sums; none where it is none.
    pub fn number(&self, setting: &str) -> Option<f64> {
        match self.kind {
            Kind::Number { .. } => setting.parse().ok(),
            _ => None,
        }
    }

    /// The overrides that give some of its fields a setting in canonical form.
    pub(super) fn sets(&self, paths: &[String], setting: &str) -> Vec<String> {
        let value = match &self.kind {
            Kind::Number { unit, .. } if !unit.is_empty() => format!("\"{setting} {unit}\""),
            _ => setting.to_owned(),
        };
        paths.iter().map(|path| format!("{path}={value}")).collect()
    }

    /// What it may be set to, in words.
    pub fn describe(&self, lang: Lang) -> String {
        match &self.kind {
            Kind::Policy(_) => format!("{ON}, {OFF}"),
            Kind::Values { values, .. } => values.join(", "),
            Kind::Number {
                from,
                to,
                unit,
                integer,
                ..
            } => {
                let (fr, en) = range(*from, *to, unit, *integer);
                match lang {
                    Lang::Fr => fr,
                    Lang::En => en,
                }
            }
        }
    }

    /// A setting for people, with its unit.
    pub fn shown(&self, setting: &str, lang: Lang) -> String {
        match &self.kind {
            Kind::Number { unit, .. } if !unit.is_empty() => format!("{} {unit}", local(setting, lang)),
            Kind::Number { .. } => local(setting, lang),
            _ => setting.to_owned(),
        }
    }
}

fn range(from: f64, to: f64, unit: &str, integer: bool) -> (String, String) {
    let unit = if unit.is_empty() {
        String::new()
    } else {
        format!(" {unit}")
    };
    let (fr, en) = if integer {
        ("un nombre entier", "a whole number")
    } else {
        ("un nombre", "a number")
    };
    let comma = |number: f64| local(&number.to_string(), Lang::Fr);
    (
        format!("{fr} de {} à {}{unit}", comma(from), comma(to)),
        format!("{en} from {from} to {to}{unit}"),
    )
}

/// A number whose decimals come after a point, or after a comma where that can be no comma between thousands.
fn parsed(text: &str) -> Option<f64> {
    let text = text.trim();
    let value = match text.split_once(',') {
        Some((before, after)) if after.len() != 3 || before == "0" => format!("{before}.{after}").parse(),
        _ => text.parse::<f64>(),
    };
    value.ok().filter(|v| v.is_finite())
}

/// A number in a unit: bare, with that unit, or another duration.
pub(super) fn in_unit(text: &str, unit: &str) -> Option<f64> {
    if let Some(bare) = parsed(text) {
        return Some(bare);
    }
    if unit.is_empty() {
        return None;
    }
    if let Some(bare) = text.strip_suffix(unit).and_then(parsed) {
        return Some(bare);
    }
    let one = seconds(&format!("1 {unit}"))?;
    Some(seconds(text)? / one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(unit: &str, integer: bool) -> Lever {
        let kind = Kind::Number {
            paths: vec!["a.b".into()],
            from: 1.0,
            to: 40.0,
            unit: unit.into(),
            integer,
        };
        Lever {
            key: "lever".into(),
            name: Text::default(),
            kind,
            start: "30".into(),
        }
    }

    #[test]
    fn a_number_is_read_in_its_unit_and_kept_within_its_bounds() {
        let idle = number("min", false);
        for typed in ["20", "20 min", "\"20 min\"", "1200 s"] {
            assert_eq!(idle.canonical(typed).as_deref(), Ok("20"), "{typed}");
        }
        assert_eq!(idle.sets(idle.paths(), "20"), ["a.b=\"20 min\""]);
        for typed in ["0", "2 h", "twenty", "NaN", "", "-5 min"] {
            assert!(idle.canonical(typed).is_err(), "{typed}");
        }
        for (typed, set) in [("2,5", "2.5"), ("2,25 min", "2.25")] {
            assert_eq!(idle.canonical(typed).as_deref(), Ok(set), "{typed}");
        }
        for typed in ["2,500", "2,5,1", "1.2,5", ",5,"] {
            assert!(idle.canonical(typed).is_err(), "{typed}");
        }
        assert_eq!(idle.shown("2.5", Lang::Fr), "2,5 min");
        let crew = number("", true);
        assert!(crew.canonical("2.5").is_err());
        let refusal = crew.canonical("99").unwrap_err();
        assert!(refusal.words(Lang::Fr).contains("de 1 à 40") && refusal.words(Lang::En).contains("from 1 to 40"));
    }
}
