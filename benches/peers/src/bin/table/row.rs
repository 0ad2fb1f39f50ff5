//! A line of the table.

/// What became of a goal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is met.
    Met,
    /// It was measured and is missed.
    Missed,
    /// It was not measured.
    Unmeasured,
    /// It is no goal.
    Told,
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::Missed => "MISSED",
            Verdict::Unmeasured => "not measured",
            Verdict::Told => "",
        }
    }
}

/// What a goal asks of its ratio.
#[derive(Clone, Copy)]
pub enum Target {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

/// A line of the table.
pub struct Row {
    what: String,
    measured: String,
    ratio: String,
    target: String,
    /// What became of it.
    pub verdict: Verdict,
}

impl Row {
    /// A goal that was measured.
    pub fn goal(what: impl Into<String>, measured: impl Into<String>, ratio: f64, target: Target) -> Row {
        let (met, target) = match target {
            Target::AtLeast(least) => (ratio >= least, format!(">= {least}")),
            Target::AtMost(most) => (ratio <= most, format!("<= {most}")),
        };
        Row {
            what: what.into(),
            measured: measured.into(),
            ratio: digits(ratio),
            target,
            verdict: if met { Verdict::Met } else { Verdict::Missed },
        }
    }

    /// A number that is no goal.
    pub fn told(what: impl Into<String>, measured: impl Into<String>) -> Row {
        Row {
            what: what.into(),
            measured: measured.into(),
            ratio: String::new(),
            target: String::new(),
            verdict: Verdict::Told,
        }
    }

    /// A goal for which a run is missing.
    pub fn unmeasured(what: impl Into<String>, why: impl Into<String>) -> Row {
        Row {
            verdict: Verdict::Unmeasured,
            ..Row::told(what, why)
        }
    }

    /// What a measurement gave, or that there is none.
    pub fn or_unmeasured(what: &str, row: Result<Row, String>) -> Row {
        row.unwrap_or_else(|why| Row::unmeasured(what, why))
    }

    fn cells(&self) -> [&str; 5] {
        [
            &self.what,
            &self.measured,
            &self.ratio,
            &self.target,
            self.verdict.name(),
        ]
    }
}

/// All lines under a heading, in columns.
pub fn table(rows: &[Row]) -> String {
    let heading = ["goal", "measured", "ratio", "target", ""];
    let lines: Vec<[&str; 5]> = std::iter::once(heading).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 5] = std::array::from_fn(width);
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
        if at == 0 {
            text.push_str(&"-".repeat(widths.iter().sum::<usize>() + 8));
            text.push('\n');
        }
    }
    text
}

/// Three significant digits, without zeros of exponents.
pub fn digits(x: f64) -> String {
    let before = if x == 0.0 { 0.0 } else { x.abs().log10().floor() };
    let decimals = (2.0 - before).clamp(0.0, 6.0) as usize;
    format!("{x:.decimals$}")
}

/// A number with the prefix of its size, for example events a second.
pub fn short(x: f64) -> String {
    match x.abs() {
        a if a >= 1e9 => format!("{} G", digits(x / 1e9)),
        a if a >= 1e6 => format!("{} M", digits(x / 1e6)),
        a if a >= 1e4 => format!("{} k", digits(x / 1e3)),
        _ => digits(x),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let seen = [0.0, 0.012_345, 1.2345, 123.45, 12_345_678.0, 123_456.0].map(short);
        assert_eq!(seen, ["0.00", "0.0123", "1.23", "123", "12.3 M", "123 k"]);
    }

    #[test]
    fn goals_are_judged() {
        let met = |target| Row::goal("", "", 0.5, target).verdict;
        assert_eq!(met(Target::AtLeast(0.5)), Verdict::Met);
        assert_eq!(met(Target::AtMost(0.4)), Verdict::Missed);
        assert_eq!(Row::or_unmeasured("", Err(String::new())).verdict, Verdict::Unmeasured);
    }
}
