//! Units: every quantity with a dimension is a text with its unit, every share is in percent, every
//! count or ratio is a bare number.
//!
//! A dimension also says whether its quantities grow with the country: [`Dimension::extensive`].

use crate::scenario::raw::Scalar;
use preau_text::{list, nearest};

/// A dimension with its units and the range that makes sense.
pub(super) struct Dimension {
    /// `a duration`.
    pub name: &'static str,
    /// As one writes it.
    pub example: &'static str,
    /// Unit and its factor to the base unit; empty: a bare number.
    units: &'static [(&'static str, f64)],
    /// Several parts may follow each other: `1h 30min`.
    compound: bool,
    whole: bool,
    low: f64,
    high: f64,
    /// The least value is excluded.
    above: bool,
    /// Twice the country has twice of it: [`super::size`] multiplies it when it is read.
    pub extensive: bool,
}

const TIMES: &[(&str, f64)] = &[
    ("s", 1.0),
    ("min", 60.0),
    ("h", 3600.0),
    ("d", 86400.0),
    ("ms", 1e-3),
    ("us", 1e-6),
    ("µs", 1e-6),
];

/// Until which whole numbers are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Longer than any model: a century.
const LONGEST: f64 = 3.2e9;

const fn unit(name: &'static str, example: &'static str, units: &'static [(&'static str, f64)]) -> Dimension {
    Dimension {
        name,
        example,
        units,
        compound: false,
        whole: false,
        low: 0.0,
        high: 1e18,
        above: false,
        extensive: false,
    }
}

/// The same, but growing with the country.
const fn extensive(dimension: Dimension) -> Dimension {
    Dimension {
        extensive: true,
        ..dimension
    }
}

pub(super) const DURATION: Dimension = Dimension {
    compound: true,
    high: LONGEST,
    ..unit("a duration", "\"30 min\"", TIMES)
};
pub(super) const POSITIVE_DURATION: Dimension = Dimension {
    above: true,
    ..DURATION
};
pub(super) const SIGNED_DURATION: Dimension = Dimension {
    low: -LONGEST,
    ..DURATION
};
pub(super) const WORK: Dimension = Dimension {
    compound: true,
    high: LONGEST,
    ..unit("a time of work on one core", "\"250 ms\"", TIMES)
};
/// Of people, requests or tokens: a rate of anything that one person does would be a duration here.
pub(super) const RATE: Dimension = extensive(unit(
    "a rate",
    "\"120 /s\"",
    &[
        ("/s", 1.0),
        ("/min", 1.0 / 60.0),
        ("/h", 1.0 / 3600.0),
        ("/d", 1.0 / 86400.0),
    ],
));
pub(super) const POSITIVE_RATE: Dimension = Dimension { above: true, ..RATE };
/// Of one address: it stays whatever the size of the country.
pub(super) const RATE_OF_ONE: Dimension = Dimension {
    above: true,
    extensive: false,
    ..RATE
};
/// Of a link or of all that is sent over it.
pub(super) const BIT_RATE: Dimension = extensive(unit(
    "a bit rate",
    "\"10 Gbit/s\"",
    &[
        ("bit/s", 1.0),
        ("kbit/s", 1e3),
        ("Mbit/s", 1e6),
        ("Gbit/s", 1e9),
        ("Tbit/s", 1e12),
    ],
));
pub(super) const POSITIVE_BIT_RATE: Dimension = Dimension {
    above: true,
    ..BIT_RATE
};
/// In bits.
pub(super) const SIZE: Dimension = unit(
    "a size",
    "\"60 kB\"",
    &[("B", 8.0), ("kB", 8e3), ("MB", 8e6), ("GB", 8e9)],
);
pub(super) const MONEY: Dimension = unit(
    "a sum of money",
    "\"0.05 EUR\"",
    &[("EUR", 1.0), ("kEUR", 1e3), ("MEUR", 1e6)],
);
pub(super) const SHARE: Dimension = Dimension {
    high: 1.0,
    ..unit("a share", "\"40 %\"", &[("%", 0.01)])
};
/// A share of something that may be added more than once.
pub(super) const ADDED_SHARE: Dimension = Dimension { high: 1e6, ..SHARE };
/// A number of one thing: tries of a person, stages of a law.
pub(super) const POSITIVE_COUNT: Dimension = Dimension {
    whole: true,
    low: 1.0,
    high: u32::MAX as f64,
    ..unit("a whole number", "100", &[])
};
pub(super) const CLASS: Dimension = Dimension {
    whole: true,
    high: 255.0,
    ..unit("a whole number", "0", &[])
};
/// A number of people, or of what there is for them: seats, threads, places.
pub(super) const HEADS: Dimension = Dimension {
    whole: true,
    high: u32::MAX as f64,
    ..extensive(unit("a whole number", "30000", &[]))
};
pub(super) const POSITIVE_HEADS: Dimension = Dimension {
    low: 1.0,
    example: "100",
    ..HEADS
};
/// Possibly more than four thousand million.
pub(super) const MANY_HEADS: Dimension = Dimension { high: EXACT, ..HEADS };
pub(super) const POSITIVE_MANY_HEADS: Dimension = Dimension { low: 1.0, ..MANY_HEADS };
pub(super) const RATIO: Dimension = unit("a number", "1.5", &[]);
pub(super) const POSITIVE_RATIO: Dimension = Dimension { above: true, ..RATIO };
/// Cores, or held threads: they need not be whole.
pub(super) const CORES: Dimension = extensive(POSITIVE_RATIO);
/// Cores that fail one by one.
pub(super) const WHOLE_CORES: Dimension = Dimension {
    whole: true,
    example: "4",
    ..CORES
};
/// The size of the country against the written one. A hundred times France is more than anybody's memory holds.
pub(super) const COUNTRY: Dimension = Dimension {
    high: 100.0,
    example: "0.1",
    ..POSITIVE_RATIO
};

/// A ratio of at least 1.
pub(super) const FACTOR: Dimension = Dimension { low: 1.0, ..RATIO };
/// A ratio of at most 1.
pub(super) const FRACTION: Dimension = Dimension {
    high: 1.0,
    example: "0.5",
    ..RATIO
};

/// What is wrong with a quantity.
pub(super) struct Wrong {
    /// Instead of "expected …, found …".
    pub title: Option<String>,
    pub label: String,
    pub help: Vec<String>,
}

impl Dimension {
    /// Whether a value is beyond what the simulator can count.
    pub fn too_large(&self, value: f64) -> bool {
        value > self.high
    }

    /// Whether its quantities are whole numbers.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// `a duration such as "30 min"`.
    pub fn expected(&self) -> String {
        format!("{} such as {}", self.name, self.example)
    }

    /// The value in base units.
    pub fn read(&self, scalar: &Scalar) -> Result<f64, Wrong> {
        let value = match scalar {
            Scalar::Number(number) if self.units.is_empty() => *number,
            Scalar::Number(number) => {
                return Err(self.wrong("a number without a unit".to_owned(), self.with_unit(*number)));
            }
            Scalar::Text(text) if self.units.is_empty() => {
                let number = text.trim().replace('_', "");
                let help = match number.parse::<f64>() {
                    Ok(value) if value.is_finite() => {
                        format!("counts and ratios are bare numbers: write {number} without quotes")
                    }
                    _ => format!(
                        "counts and ratios are bare numbers, without quotes or unit: write {}",
                        self.example
                    ),
                };
                return Err(self.wrong("a text where a bare number is expected".to_owned(), help));
            }
            Scalar::Text(text) => self.read_text(text)?,
            Scalar::Other => {
                return Err(self.wrong(format!("expected {}", self.name), format!("write {}", self.example)));
            }
        };
        self.in_range(value)
    }

    fn in_range(&self, value: f64) -> Result<f64, Wrong> {
        let says = |title: String, label: &str, help: String| {
            Err(Wrong {
                title: Some(title),
                label: label.to_owned(),
                help: vec![help],
            })
        };
        if value.is_nan() {
            return says(
                format!("{} cannot be NaN", self.name),
                "not a number",
                format!("write {}", self.example),
            );
        }
        if value.is_infinite() {
            let help = "to set no limit, leave the field out".to_owned();
            return says(format!("{} cannot be infinite", self.name), "infinite", help);
        }
        if self.whole && value.fract() != 0.0 {
            let help = format!("write {} or {}", value.floor(), value.ceil());
            return says(
                format!("expected a whole number, found {value}"),
                "not a whole number",
                help,
            );
        }
        if value < self.low || (self.above && value <= self.low) {
            let bound = if self.low == 1.0 {
                "must be at least 1"
            } else if self.above {
                "must be above zero"
            } else {
                "must not be negative"
            };
            return says(
                format!("{} {bound}", self.name),
                bound,
                format!("write for example {}", self.example),
            );
        }
        if value > self.high {
            if self.high == 1.0 && self.units.is_empty() {
                return says(
                    format!("{} must be at most 1", self.name),
                    "above 1",
                    format!("write for example {}", self.example),
                );
            }
            if self.high == 1.0 {
                let help = "a share is at most \"100 %\"".to_owned();
                return says(
                    format!("a share of {} is above 100 %", super::percent(value)),
                    "above 100 %",
                    help,
                );
            }
            let help = match self.units {
                [] => format!("write at most {}", self.high),
                _ => "check the unit".to_owned(),
            };
            let title = format!("{} of this size is surely a slip", self.name);
            return says(title, "too large", help);
        }
        Ok(value)
    }

    fn wrong(&self, label: String, help: String) -> Wrong {
        Wrong {
            title: None,
            label,
            help: vec![help],
        }
    }

    fn with_unit(&self, number: f64) -> String {
        match self.units {
            [("%", _)] if number > 0.0 && number <= 1.0 => {
                format!("shares are in percent: write \"{}\"", super::percent(number))
            }
            [("%", _)] => format!("shares are in percent: write \"{number} %\""),
            units => {
                let forms: Vec<String> = units
                    .iter()
                    .take(3)
                    .map(|(unit, _)| format!("\"{number} {unit}\""))
                    .collect();
                format!("say the unit: {}", forms.join(" or "))
            }
        }
    }

    fn read_text(&self, text: &str) -> Result<f64, Wrong> {
        let mut sum = 0.0;
        let mut rest = text.trim();
        let mut parts = 0;
        let negative = self.compound && rest.starts_with('-');
        while !rest.is_empty() {
            let end = rest
                .char_indices()
                .find(|(i, c)| !(c.is_ascii_digit() || matches!(c, '.' | '_') || (*i == 0 && matches!(c, '-' | '+'))))
                .map_or(rest.len(), |(i, _)| i);
            let Ok(number) = rest[..end].replace('_', "").parse::<f64>() else {
                return Err(self.wrong("no number here".to_owned(), format!("write {}", self.example)));
            };
            if rest[end..].starts_with(['e', 'E'])
                && rest[end + 1..].starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+'))
            {
                let help = format!("write its digits out, as in {}", self.example);
                return Err(self.wrong("a number with a power of ten".to_owned(), help));
            }
            rest = rest[end..].trim_start();
            let stop = |c: char| c.is_ascii_digit() || (self.compound && c.is_whitespace());
            let end = rest.find(stop).unwrap_or(rest.len());
            let word = rest[..end].trim_end();
            rest = rest[end..].trim_start();
            let Some((_, factor)) = self.units.iter().find(|(unit, _)| *unit == word) else {
                return Err(self.unknown_unit(word, number));
            };
            parts += 1;
            if parts > 1 && !self.compound {
                return Err(self.wrong("more than one number".to_owned(), format!("write {}", self.example)));
            }
            // "-1h 30min" is ninety minutes early, not thirty.
            let sign = if negative && parts > 1 { -1.0 } else { 1.0 };
            sum += sign * number * factor;
        }
        if parts == 0 {
            return Err(self.wrong("an empty text".to_owned(), format!("write {}", self.example)));
        }
        Ok(sum)
    }

    fn unknown_unit(&self, word: &str, number: f64) -> Wrong {
        if word.starts_with(',') {
            let help = format!("write {}, with a decimal point if need be", self.example);
            return self.wrong("a decimal comma".to_owned(), help);
        }
        if word.is_empty() {
            return self.wrong("a number without a unit".to_owned(), self.with_unit(number));
        }
        let names: Vec<&str> = self.units.iter().map(|(unit, _)| *unit).collect();
        // An `m` by itself is a minute that somebody cut short, not a thousandth of a second.
        let minute = names.iter().find(|unit| word == "m" && **unit == "min");
        let same_letters = names
            .iter()
            .find(|unit| word.eq_ignore_ascii_case(unit) || word.starts_with(**unit));
        let near = same_letters
            .copied()
            .filter(|_| word.len() > 1)
            .or(minute.copied())
            .or_else(|| nearest(word, names.iter().copied()));
        let mut help = Vec::new();
        if let Some(near) = near {
            help.push(format!("did you mean \"{number} {near}\"?"));
        }
        let plural = if names.len() == 1 {
            "the unit is"
        } else {
            "the units are"
        };
        help.push(format!("{plural} {}", list(&names)));
        Wrong {
            title: None,
            label: format!("`{word}` is not a unit of {}", self.name),
            help,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(dimension: &Dimension, text: &str) -> Option<f64> {
        dimension.read(&Scalar::Text(text.to_owned())).ok()
    }

    #[test]
    fn durations_add_their_parts() {
        assert_eq!(read(&DURATION, "1h 30min"), Some(5400.0));
        assert_eq!(read(&DURATION, "1 h 30 min"), Some(5400.0));
        assert_eq!(read(&DURATION, "0.25 s"), Some(0.25));
        assert_eq!(read(&DURATION, "250 ms"), Some(0.25));
        assert_eq!(read(&SIGNED_DURATION, "-1h 30min"), Some(-5400.0));
        assert_eq!(read(&DURATION, "-5 min"), None);
        assert_eq!(read(&DURATION, "5"), None);
        assert_eq!(read(&DURATION, "0,5 s"), None);
        assert_eq!(read(&DURATION, ""), None);
    }

    #[test]
    fn other_dimensions_have_one_part() {
        assert_eq!(read(&RATE, "30_000 /min"), Some(500.0));
        assert_eq!(read(&BIT_RATE, "10 Gbit/s"), Some(1e10));
        assert_eq!(read(&SIZE, "60 kB"), Some(480_000.0));
        assert_eq!(read(&MONEY, "0.05 EUR"), Some(0.05));
        assert_eq!(read(&SHARE, "40 %"), Some(0.4));
        assert_eq!(read(&SHARE, "40%"), Some(0.4));
        assert_eq!(read(&SHARE, "140 %"), None);
        assert_eq!(read(&RATE, "1 /s 2 /s"), None);
    }
}
