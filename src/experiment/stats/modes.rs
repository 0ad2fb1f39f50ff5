//! Outcomes in two groups: some runs collapse, others do not.

use super::interval::{Interval, mean_and_deviation};
use super::wilson;
use serde::Serialize;

/// Two groups of values far apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Modes {
    /// Mean of the lower group.
    pub low: f64,
    /// Its size.
    pub low_count: usize,
    /// Mean of the upper group.
    pub high: f64,
    /// Its size.
    pub high_count: usize,
}

/// Fewer values cannot tell two groups from chance.
const FEWEST: usize = 8;
/// Share of the variance that the split must explain. The best split of a normal law explains 64 %, of a
/// uniform one 75 %; at 93 % two equal groups lie seven of their own deviations apart.
const EXPLAINED: f64 = 0.93;
/// Groups nearer than this share of the overall mean do not matter, however sharp the split.
const APART: f64 = 0.05;

/// Splits values at their widest explained cut and reports it if there are really two groups, each of at
/// least two values and a tenth of all. `None` else: one outlier is not a mode.
pub fn two_modes(values: &[f64]) -> Option<Modes> {
    let n = values.len();
    let (mean, deviation) = mean_and_deviation(values).filter(|(_, d)| n >= FEWEST && *d > 0.0)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let total: f64 = deviation * deviation * (n - 1) as f64;
    let smallest = 2.max(n.div_ceil(10));
    let mut best: Option<(f64, Modes)> = None;
    for cut in smallest..=n - smallest {
        let low = sorted[..cut].iter().sum::<f64>() / cut as f64;
        let high = sorted[cut..].iter().sum::<f64>() / (n - cut) as f64;
        let explained = (cut * (n - cut)) as f64 / n as f64 * (high - low).powi(2) / total;
        if best.is_none_or(|(e, _)| explained > e) {
            best = Some((
                explained,
                Modes {
                    low,
                    low_count: cut,
                    high,
                    high_count: n - cut,
                },
            ));
        }
    }
    best.filter(|(explained, m)| *explained > EXPLAINED && m.high - m.low > APART * mean.abs())
        .map(|(_, m)| m)
}

/// Values in two groups: how large a share the second is, and the mean of each.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Strata {
    /// Share of values in the second group (the collapsed runs), with Wilson's interval.
    pub share: f64,
    /// Lower end of the share's interval.
    pub share_low: f64,
    /// Upper end.
    pub share_high: f64,
    /// Mean of the first group; `None` when it is empty.
    pub calm: Option<Interval>,
    /// Mean of the second group; `None` when it is empty.
    pub collapsed: Option<Interval>,
}

/// Values by whether their run collapsed: the share of collapsed runs and the mean of either group, each with
/// its interval. One mean over both would describe a day that never happens. `None` for no values.
///
/// ```
/// use preau::experiment::stats::strata;
/// let s = strata(&[1.0, 2.0, 90.0, 94.0], |lost| lost > 50.0).unwrap();
/// assert_eq!((s.share, s.calm.unwrap().mean, s.collapsed.unwrap().mean), (0.5, 1.5, 92.0));
/// ```
pub fn strata(values: &[f64], collapsed: impl Fn(f64) -> bool) -> Option<Strata> {
    let (second, first): (Vec<f64>, Vec<f64>) = values.iter().partition(|v| collapsed(**v));
    let (share_low, share_high) = wilson(second.len() as u64, values.len() as u64, super::CONFIDENCE)?;
    Some(Strata {
        share: second.len() as f64 / values.len() as f64,
        share_low,
        share_high,
        calm: Interval::of(&first),
        collapsed: Interval::of(&second),
    })
}

impl Modes {
    /// A value between the groups, to part them by.
    pub fn between(&self) -> f64 {
        (self.low + self.high) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn sees_runs_that_collapse() {
        let values = [100.0, 104.0, 97.0, 101.0, 950.0, 99.0, 930.0, 940.0, 102.0, 98.0];
        let m = two_modes(&values).unwrap();
        assert_eq!((m.low_count, m.high_count), (7, 3));
        assert!((m.high - 940.0).abs() < 1e-9);
    }

    #[test]
    fn one_outlier_few_values_or_no_spread_are_not_two_modes() {
        let outlier = [1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 1.0, 1.02, 0.98, 9.0];
        assert_eq!(two_modes(&outlier), None);
        assert_eq!(two_modes(&[1.0, 1.0, 9.0, 9.0]), None);
        assert_eq!(two_modes(&[4.0; 20]), None);
        let sharp_but_tiny = [1000.0, 1000.0, 1000.0, 1000.0, 1001.0, 1001.0, 1001.0, 1001.0];
        assert_eq!(two_modes(&sharp_but_tiny), None);
    }

    #[test]
    fn seldom_takes_chance_for_two_modes() {
        let mut rng = rand::rngs::SmallRng::seed_from_u64(5);
        let rounds = 2000;
        let false_alarms = (0..rounds)
            .filter(|_| {
                let values: Vec<f64> = (0..10)
                    .map(|_| 10.0 + (0..12).map(|_| rng.random::<f64>()).sum::<f64>())
                    .collect();
                two_modes(&values).is_some()
            })
            .count();
        assert!(false_alarms < rounds / 50, "{false_alarms} of {rounds}");
    }

    /// Runs collapse with probability 0.3. Of 3000 experiments a share of 95 % has a standard deviation of
    /// 0.4 %. The groups' sizes are random, which Student's interval given the size does not mind.
    #[test]
    fn share_and_means_of_the_modes_cover_as_they_say() {
        use crate::engine::{Purpose, Streams};
        let mut draw = Streams::new(12, 0).sequence(Purpose::Other, 1);
        let rounds = 3000;
        let mut covered = [0; 3];
        for _ in 0..rounds {
            let values: Vec<f64> = (0..60)
                .map(|_| {
                    if draw.chance(0.3) {
                        900.0 + 30.0 * draw.normal()
                    } else {
                        100.0 + 5.0 * draw.normal()
                    }
                })
                .collect();
            let cut = two_modes(&values).unwrap().between();
            let s = strata(&values, |v| v > cut).unwrap();
            covered[0] += usize::from((s.share_low..=s.share_high).contains(&0.3));
            covered[1] += usize::from(s.calm.unwrap().holds(100.0));
            covered[2] += usize::from(s.collapsed.unwrap().holds(900.0));
        }
        for c in covered {
            let share = c as f64 / rounds as f64;
            assert!((0.93..=0.97).contains(&share), "{covered:?}");
        }
        assert_eq!(strata(&[], |_| true), None);
        assert_eq!(strata(&[1.0], |_| false).unwrap().collapsed, None);
    }
}
