//! Gaps that are known: where, how large at most, and why.

/// The list inside the program.
const KNOWN: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/referee/gaps.csv"));

/// A known gap between fluids and requests one by one.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// Which systems: parts of a key, `*` for any, `a|b` for one of them (`gate|room/*/20`).
    pub systems: String,
    /// Which KPIs, one or several with `|`.
    pub kpis: String,
    /// Most it may be.
    pub tolerance: Tolerance,
    /// Why it is there.
    pub reason: String,
}

/// How large a gap may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// As a share of the larger of the two means (`12 %`).
    Relative(f64),
    /// In units of the KPI (`0.02`).
    Absolute(f64),
}

impl Gap {
    /// Whether it speaks of a KPI of a system.
    pub fn is_about(&self, system: &str, kpi: &str) -> bool {
        let one_of = |pattern: &str, word: &str| pattern == "*" || pattern.split('|').any(|p| p == word);
        let (patterns, words) = (self.systems.split('/'), system.split('/'));
        patterns.clone().count() == words.clone().count()
            && patterns.zip(words).all(|(pattern, word)| one_of(pattern, word))
            && one_of(&self.kpis, kpi)
    }

    /// Whether a difference of two means is within it.
    pub fn covers(&self, auto: f64, events: f64) -> bool {
        let difference = (auto - events).abs();
        match self.tolerance {
            Tolerance::Relative(most) => difference <= most * auto.abs().max(events.abs()),
            Tolerance::Absolute(most) => difference <= most,
        }
    }
}

/// The gaps that are known.
///
/// # Errors
/// The line that cannot be read.
pub fn known() -> Result<Vec<Gap>, String> {
    read(KNOWN)
}

/// Known gaps from the text of a CSV file.
///
/// # Errors
/// The line that cannot be read.
pub fn read(text: &str) -> Result<Vec<Gap>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let of = |(i, record): (usize, Result<csv::StringRecord, csv::Error>)| {
        let wrong = |what: &str| format!("row {}: {what}", i + 1);
        let record = record.map_err(|e| wrong(&e.to_string()))?;
        let field = |n: usize, what: &str| match record.get(n).map(str::trim) {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(wrong(&format!("no {what}"))),
        };
        let size = field(2, "tolerance")?;
        let number = |text: &str| {
            text.trim()
                .parse::<f64>()
                .map_err(|_| wrong("the tolerance is no number"))
        };
        let tolerance = match size.strip_suffix('%') {
            Some(share) => Tolerance::Relative(number(share)? / 100.0),
            None => Tolerance::Absolute(number(&size)?),
        };
        Ok(Gap {
            systems: field(0, "systems")?,
            kpis: field(1, "KPIs")?,
            tolerance,
            reason: field(3, "reason")?,
        })
    };
    reader.records().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::referee::{Size, family};
    use crate::measure::kpi::Kpi;

    #[test]
    fn a_gap_says_where_and_how_large() {
        let gaps =
            read("systems,kpis,tolerance,reason\ngate|room/*/20,knocks|logins,12 %,because\n*/1.5/*,wait_p50,0.5,so\n");
        let gaps = gaps.unwrap();
        assert!(gaps[0].is_about("room/0.8/20", "logins") && !gaps[0].is_about("room/0.8/50", "logins"));
        assert!(!gaps[0].is_about("link/0.8/20", "logins") && !gaps[0].is_about("gate/0.8/20", "visits"));
        assert!(gaps[0].covers(100.0, 88.1) && !gaps[0].covers(100.0, 87.0));
        assert!(gaps[1].covers(1.0, 1.4) && !gaps[1].covers(1.0, 1.6));
        assert!(read("systems,kpis,tolerance,reason\na/b/c,d,much,e\n").is_err());
    }

    #[test]
    fn the_list_speaks_of_systems_and_kpis_that_exist() {
        let keys: Vec<String> = family(Size::Whole).iter().map(|s| s.key()).collect();
        for gap in known().unwrap() {
            for kpi in gap.kpis.split('|').filter(|kpi| *kpi != "*") {
                assert!(Kpi::find(kpi).is_some(), "no KPI {kpi}");
                assert!(
                    keys.iter().any(|key| gap.is_about(key, kpi)),
                    "no system {}",
                    gap.systems
                );
            }
        }
    }
}
