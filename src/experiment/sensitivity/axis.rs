//! What a column of a sample is called and measured in.

use serde::Serialize;

/// One uncertainty or lever of a sample.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Axis {
    /// Its name in tables and sentences.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
}

/// What the values of an axis are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Kind {
    /// A quantity in a unit; an empty unit for pure numbers.
    Number {
        /// The unit, as it is printed.
        unit: String,
    },
    /// A share in 0..=1, printed in per cent.
    Share,
    /// One of several, by position.
    Choice(
        /// Their names.
        Vec<String>,
    ),
}

impl Axis {
    /// A quantity in a unit.
    pub fn number(name: impl Into<String>, unit: impl Into<String>) -> Axis {
        Axis {
            name: name.into(),
            kind: Kind::Number { unit: unit.into() },
        }
    }

    /// A share, printed in per cent.
    pub fn share(name: impl Into<String>) -> Axis {
        Axis {
            name: name.into(),
            kind: Kind::Share,
        }
    }

    /// Off (0) or on (1).
    pub fn switch(name: impl Into<String>) -> Axis {
        Axis::choice(name, ["off", "on"].map(String::from))
    }

    /// One of several names.
    pub fn choice(name: impl Into<String>, names: impl Into<Vec<String>>) -> Axis {
        Axis {
            name: name.into(),
            kind: Kind::Choice(names.into()),
        }
    }

    /// How many choices there are; `None` for numbers.
    pub fn choices(&self) -> Option<usize> {
        match &self.kind {
            Kind::Choice(names) => Some(names.len()),
            _ => None,
        }
    }

    /// A value with its unit, to three digits.
    ///
    /// ```
    /// use preau::experiment::sensitivity::Axis;
    /// assert_eq!(Axis::number("attack", "/s").value(40_230.0), "40 200 /s");
    /// assert_eq!(Axis::share("turnout").value(0.8012), "80.1 %");
    /// ```
    pub fn value(&self, value: f64) -> String {
        match &self.kind {
            Kind::Number { unit } if unit.is_empty() => digits(value),
            Kind::Number { unit } => format!("{} {unit}", digits(value)),
            Kind::Share => format!("{} %", digits(100.0 * value)),
            Kind::Choice(names) => names.get(value as usize).cloned().unwrap_or_else(|| digits(value)),
        }
    }
}

/// Three significant digits, thousands apart.
fn digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let places = 2 - value.abs().log10().floor() as i32;
    let scale = 10f64.powi(places);
    let rounded = (value * scale).round() / scale;
    if places > 0 {
        let text = format!("{rounded:.*}", places as usize);
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let plain = format!("{:.0}", rounded.abs());
    let mut spaced = String::new();
    for (i, c) in plain.chars().enumerate() {
        if i > 0 && (plain.len() - i).is_multiple_of(3) {
            spaced.push(' ');
        }
        spaced.push(c);
    }
    if value < 0.0 { format!("-{spaced}") } else { spaced }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_easily() {
        for (value, text) in [
            (0.0, "0"),
            (1234567.0, "1 230 000"),
            (-4051.0, "-4 050"),
            (999.6, "1 000"),
            (12.0, "12"),
            (0.012345, "0.0123"),
            (1.5, "1.5"),
        ] {
            assert_eq!(digits(value), text);
        }
        assert_eq!(Axis::switch("attack").value(1.0), "on");
        assert_eq!(Axis::number("rate", "").value(2.5), "2.5");
    }
}
