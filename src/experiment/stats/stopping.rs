//! When there are enough replications.

use super::interval::{FEWEST, Interval, precise_enough};
use serde::Serialize;

/// A rule to stop by: relative precision, with a floor and a ceiling on the number of replications.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stopping {
    /// Wanted relative error `γ` of the mean, above 0.
    pub relative: f64,
    /// A half-width that is small enough by itself, in the unit of the values; for means near zero, which have
    /// no relative precision.
    pub absolute: f64,
    /// Confidence in 0..1.
    pub confidence: f64,
    /// Never stop before; at least ten count whatever this says.
    pub at_least: usize,
    /// Stop here at the latest.
    pub at_most: usize,
}

/// What a rule says of the values so far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Stop {
    /// Go on; about so many in all will do, if the spread stays as it is.
    GoOn {
        /// Replications in all.
        about: usize,
    },
    /// The precision is reached.
    Precise(
        /// The interval then.
        Interval,
    ),
    /// The ceiling is reached and the precision is not.
    AtMost(
        /// The interval then; `None` without values.
        Option<Interval>,
    ),
}

impl Stopping {
    /// Judges the values so far: the half-width is at most `γ/(1+γ)` of the mean (Law and Kelton), or at most
    /// the absolute one. Look after every replication or after every batch.
    ///
    /// The interval at the moment of stopping covers a little less often than it says, for the rule stops
    /// gladly where chance made the spread small: `docs/statistics.md` has measured figures.
    pub fn judge(&self, values: &[f64]) -> Stop {
        let interval = Interval::with_confidence(values, self.confidence);
        let floor = self.at_least.max(FEWEST);
        match interval {
            Some(i) if i.n >= floor && precise_enough(&i, self.relative, self.absolute) => Stop::Precise(i),
            _ if values.len() >= self.at_most => Stop::AtMost(interval),
            _ => Stop::GoOn {
                about: self.about(interval).clamp(floor, self.at_most.max(floor)),
            },
        }
    }

    /// Half-widths shrink with the root of the number of replications.
    fn about(&self, interval: Option<Interval>) -> usize {
        let Some((i, half)) = interval.and_then(|i| Some((i, i.half_width?))) else {
            return 0;
        };
        let goal = (self.relative / (1.0 + self.relative) * i.mean.abs()).max(self.absolute);
        let needed = i.n as f64 * (half / goal).powi(2);
        if needed.is_finite() {
            needed.ceil() as usize
        } else {
            usize::MAX
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Draw, Purpose, Streams};

    const RULE: Stopping = Stopping {
        relative: 0.05,
        absolute: 0.0,
        confidence: 0.95,
        at_least: 20,
        at_most: 5000,
    };

    fn stopped(rule: &Stopping, value: &mut dyn FnMut() -> f64) -> (Interval, bool) {
        let mut values = vec![];
        loop {
            // A look every ten replications, as a sweep does.
            values.extend((0..10).map(|_| value()));
            match rule.judge(&values) {
                Stop::GoOn { .. } => {}
                Stop::Precise(i) => return (i, true),
                Stop::AtMost(i) => return (i.unwrap(), false),
            }
        }
    }

    /// Realised coverage of the interval at the moment of stopping, and how often the relative error kept the
    /// goal. Of 2000 rounds, a share of 95 % has a standard deviation of 0.5 %.
    fn realised(rule: &Stopping, mean: f64, mut value: impl FnMut(&mut Draw) -> f64) -> (f64, f64) {
        let mut draw = Streams::new(10, 0).sequence(Purpose::Other, 1);
        let (mut covered, mut kept) = (0, 0);
        let rounds = 2000;
        for _ in 0..rounds {
            let (i, precise) = stopped(rule, &mut || value(&mut draw));
            assert!(precise, "{i:?}");
            covered += usize::from(i.holds(mean));
            kept += usize::from((i.mean - mean).abs() <= rule.relative * mean.abs());
        }
        (covered as f64 / rounds as f64, kept as f64 / rounds as f64)
    }

    #[test]
    fn covers_as_it_says_where_twenty_are_few_against_what_is_needed() {
        // A coefficient of variation of 0.25 needs about a hundred, one of 0.5 about 430.
        for cv in [0.25, 0.5] {
            let (covered, kept) = realised(&RULE, 10.0, |d| 10.0 + 10.0 * cv * d.normal());
            assert!((0.93..=0.97).contains(&covered), "cv {cv}: {covered}");
            assert!(kept >= 0.93, "cv {cv}: {kept}");
        }
    }

    #[test]
    fn skewed_values_lose_a_little() {
        // Exponential, cv 1: about 1700 replications to 5 %.
        let (covered, kept) = realised(&Stopping { relative: 0.1, ..RULE }, 1.0, |d| d.exponential());
        assert!((0.92..=0.97).contains(&covered), "{covered}");
        assert!(kept >= 0.92, "{kept}");
    }

    #[test]
    fn floors_ceilings_and_forecasts() {
        let same = vec![4.0; 19];
        assert_eq!(RULE.judge(&same), Stop::GoOn { about: 20 });
        assert!(matches!(RULE.judge(&[4.0; 20]), Stop::Precise(_)));
        let wild: Vec<f64> = (0..30).map(|i| f64::from(i % 2) * 10.0).collect();
        let Stop::GoOn { about } = RULE.judge(&wild) else {
            panic!()
        };
        // t(29) 2.045 · 5.085 / √30 = 1.899 against 0.238: 30 · 63.6.
        assert!((1850..1970).contains(&about), "{about}");
        let short = Stopping { at_most: 30, ..RULE };
        assert!(matches!(short.judge(&wild), Stop::AtMost(Some(_))));
        // A mean of zero has no relative precision.
        let zero: Vec<f64> = (0..40).map(|i| f64::from(i % 2) - 0.5).collect();
        assert!(matches!(RULE.judge(&zero), Stop::GoOn { about: 5000 }));
        let absolute = Stopping { absolute: 0.2, ..RULE };
        assert!(matches!(absolute.judge(&zero), Stop::Precise(_)));
        assert!(matches!(RULE.judge(&[]), Stop::GoOn { about: 20 }));
    }
}
