//! Whether two modes agree, over all systems and KPIs at once.

use super::Pairs;
use super::gaps::Gap;
use crate::experiment::stats::{Interval, holm, paired};
use crate::measure::kpi::Kpi;
use serde::Serialize;

/// Chance that a single gap is found anywhere in the whole table although there is none (Holm 1979).
pub const ALPHA: f64 = 0.01;

/// Differences of less than this share of the KPI are not called gaps, however surely they are there: nobody decides by
/// them, and the clock is rounded to a nanosecond in other places in the two modes.
pub const WORTH: f64 = 0.005;

/// What is said about one KPI of one system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The difference is not more than chance.
    Agree,
    /// They differ, as is known, and by no more than is known.
    Known,
    /// They differ, and nobody has said so.
    Gap,
}

/// One KPI of one system in both modes.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Key of the system.
    pub system: String,
    /// Name of the KPI.
    pub kpi: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Mean with fluids.
    pub auto: f64,
    /// Mean request by request.
    pub events: f64,
    /// Fluids minus requests, with the 95 % interval of the pairs.
    pub difference: Interval,
    /// Chance of such a difference, or a larger one, between equals.
    pub p_value: f64,
    /// What is said about it.
    pub verdict: Verdict,
    /// Which of the known gaps it is.
    pub known: Option<usize>,
}

impl Row {
    /// The difference as a share of what the referee says; of what the fluids say where that is nothing.
    pub fn relative(&self) -> f64 {
        let of = if self.events == 0.0 { self.auto } else { self.events };
        if of == 0.0 {
            0.0
        } else {
            self.difference.mean / of.abs()
        }
    }
}

/// All that was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Every KPI of every system.
    pub rows: Vec<Row>,
    /// Replications of each system in each mode.
    pub replications: u64,
    /// Known gaps (by number) that speak of systems that were run and were not seen.
    pub unseen: Vec<usize>,
}

impl Report {
    /// Rows of a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }
}

/// Judges pairs by Student's t of their differences, over all rows at once by Holm's procedure. Rows whose pairs are
/// all equal agree without a test, and are no part of the family.
pub fn judge(pairs: &[Pairs], known: &[Gap], replications: u64) -> Report {
    let mut rows: Vec<Row> = pairs.iter().filter_map(row).collect();
    let tested: Vec<usize> = (0..rows.len()).filter(|i| rows[*i].p_value < 1.0).collect();
    let p_values: Vec<f64> = tested.iter().map(|i| rows[*i].p_value).collect();
    let mut seen = vec![false; known.len()];
    for (i, falls) in tested.into_iter().zip(holm(&p_values, ALPHA)) {
        let row = &mut rows[i];
        if !falls || row.relative().abs() < WORTH {
            continue;
        }
        row.verdict = Verdict::Gap;
        for (g, gap) in known.iter().enumerate() {
            if gap.is_about(&row.system, row.kpi) {
                seen[g] = true;
                if gap.covers(row.auto, row.events) {
                    row.verdict = Verdict::Known;
                    row.known = row.known.or(Some(g));
                }
            }
        }
    }
    let was_run = |gap: &Gap| rows.iter().any(|row| gap.is_about(&row.system, row.kpi));
    let unseen = (0..known.len()).filter(|g| !seen[*g] && was_run(&known[*g])).collect();
    Report {
        rows,
        replications,
        unseen,
    }
}

fn row(pairs: &Pairs) -> Option<Row> {
    let (auto, events): (Vec<f64>, Vec<f64>) = pairs.values.iter().copied().unzip();
    let compared = paired(&events, &auto)?;
    let kpi: &'static Kpi = pairs.kpi;
    Some(Row {
        system: pairs.system.clone(),
        kpi: kpi.name,
        unit: kpi.unit.name(),
        auto: Interval::of(&auto)?.mean,
        events: Interval::of(&events)?.mean,
        difference: compared.difference,
        p_value: compared.p_value?,
        verdict: Verdict::Agree,
        known: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::referee::gaps::Tolerance;

    fn pairs(system: &str, gap: f64) -> Pairs {
        let noise = [0.3, -0.2, 0.1, 0.4, -0.5, 0.2, -0.1, -0.3, 0.05, 0.15, -0.25, 0.2];
        Pairs {
            system: system.into(),
            kpi: Kpi::find("knocks").unwrap(),
            values: noise.iter().map(|x| (100.0 + gap + x, 100.0)).collect(),
        }
    }

    fn gap(systems: &str, most: f64) -> Gap {
        Gap {
            systems: systems.into(),
            kpis: "knocks".into(),
            tolerance: Tolerance::Absolute(most),
            reason: "because".into(),
        }
    }

    #[test]
    fn gaps_are_found_unless_they_are_known_and_no_larger_or_tiny() {
        let seen = [pairs("a/1/1", 0.0), pairs("b/1/1", 5.0), pairs("c/1/1", 5.0)];
        let known = [
            gap("b/*/*", 6.0),
            gap("c/*/*", 4.0),
            gap("a/*/*", 9.0),
            gap("d/*/*", 9.0),
        ];
        let report = judge(&seen, &known, 12);
        let verdicts: Vec<Verdict> = report.rows.iter().map(|r| r.verdict).collect();
        assert_eq!(verdicts, [Verdict::Agree, Verdict::Known, Verdict::Gap]);
        let small = judge(&[pairs("a/1/1", 0.4)], &[], 12);
        assert!(small.rows[0].p_value < ALPHA && small.rows[0].verdict == Verdict::Agree);
        // The third is no longer needed; the fourth speaks of what was not run.
        assert_eq!(report.unseen, [2]);
    }

    #[test]
    fn equal_pairs_agree() {
        let mut equal = pairs("a/1/1", 0.0);
        equal.values.iter_mut().for_each(|pair| *pair = (7.0, 7.0));
        assert_eq!(judge(&[equal], &[], 12).rows[0].verdict, Verdict::Agree);
    }
}
