//! The mean of independent replications, with Student's interval.

use super::{CONFIDENCE, t_factor};
use serde::Serialize;

/// A mean with the half-width of its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Mean of the values.
    pub mean: f64,
    /// Half-width of the interval; `None` for a single value, which shows no spread.
    pub half_width: Option<f64>,
    /// Number of values.
    pub n: usize,
}

impl Interval {
    /// The 95 % interval of independent values; `None` when there are none.
    ///
    /// ```
    /// use preau::experiment::stats::Interval;
    /// let i = Interval::of(&[1.0, 2.0, 3.0]).unwrap();
    /// assert_eq!(i.mean, 2.0);
    /// assert!((i.half_width.unwrap() - 4.302_652_73 / 3f64.sqrt()).abs() < 1e-6);
    /// ```
    pub fn of(values: &[f64]) -> Option<Interval> {
        Interval::with_confidence(values, CONFIDENCE)
    }

    /// The interval at another confidence in 0..1.
    pub fn with_confidence(values: &[f64], confidence: f64) -> Option<Interval> {
        let (mean, deviation) = mean_and_deviation(values)?;
        let n = values.len();
        let half_width = t_factor(n, confidence).map(|t| t * deviation / (n as f64).sqrt());
        Some(Interval { mean, half_width, n })
    }

    /// Lower and upper end, when there is an interval.
    pub fn ends(&self) -> Option<(f64, f64)> {
        self.half_width.map(|h| (self.mean - h, self.mean + h))
    }

    /// Whether a value lies in the interval.
    pub fn holds(&self, value: f64) -> bool {
        self.ends().is_some_and(|(low, high)| (low..=high).contains(&value))
    }

    /// Half-width over the size of the mean; `None` without an interval or at a mean of zero.
    pub fn relative(&self) -> Option<f64> {
        self.half_width
            .filter(|_| self.mean != 0.0)
            .map(|h| h / self.mean.abs())
    }
}

/// Mean and sample standard deviation (0 for a single value), in two passes so that large means with
/// small spreads keep their digits.
pub(super) fn mean_and_deviation(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    if values.is_empty() {
        return None;
    }
    let first = values[0];
    // Shifted by the first value: equal values then give exactly their mean and no spread.
    let mean = first + values.iter().map(|v| v - first).sum::<f64>() / n;
    let squares = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
    Some((mean, if n > 1.0 { (squares / (n - 1.0)).sqrt() } else { 0.0 }))
}

/// Whether replications may stop: at least ten, and a half-width of at most `γ/(1+γ)` of the mean, so that
/// the relative error of the mean is at most `γ` with the interval's confidence (Law and Kelton). A mean
/// near zero has no relative precision, so a half-width of at most `absolute` is enough as well.
pub fn precise_enough(interval: &Interval, gamma: f64, absolute: f64) -> bool {
    let relative_goal = gamma / (1.0 + gamma) * interval.mean.abs();
    interval.n >= FEWEST && interval.half_width.is_some_and(|h| h <= relative_goal.max(absolute))
}

/// Fewer values than this make the t-interval of skewed outcomes too optimistic (Law and Kelton advise ten).
pub const FEWEST: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn matches_the_table_of_student() {
        // t(0.975; 9) = 2.262157, t(0.975; 4) = 2.776445, t(0.95; 9) = 1.833113 (any table of Student's t).
        for (n, confidence, t) in [(10, 0.95, 2.262_157), (5, 0.95, 2.776_445), (10, 0.90, 1.833_113)] {
            assert!((t_factor(n, confidence).unwrap() - t).abs() < 1e-5);
        }
    }

    #[test]
    fn a_single_value_has_no_interval_and_none_has_nothing() {
        assert_eq!(
            Interval::of(&[3.0]),
            Some(Interval {
                mean: 3.0,
                half_width: None,
                n: 1
            })
        );
        assert_eq!(Interval::of(&[]), None);
    }

    #[test]
    fn equal_values_have_width_zero() {
        let i = Interval::of(&[0.1; 7]).unwrap();
        assert_eq!((i.mean, i.half_width), (0.1, Some(0.0)));
    }

    #[test]
    fn covers_the_mean_of_normal_and_uniform_values_as_often_as_it_says() {
        let mut rng = rand::rngs::SmallRng::seed_from_u64(1);
        let rounds = 4000;
        let mut covered = [0; 2];
        for _ in 0..rounds {
            let uniform: Vec<f64> = (0..10).map(|_| rng.random::<f64>()).collect();
            let normal: Vec<f64> = (0..10)
                .map(|_| (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0)
                .collect();
            covered[0] += usize::from(Interval::of(&uniform).unwrap().holds(0.5));
            covered[1] += usize::from(Interval::of(&normal).unwrap().holds(0.0));
        }
        for c in covered {
            let share = c as f64 / rounds as f64;
            assert!((0.93..=0.97).contains(&share), "covered {share}");
        }
    }

    #[test]
    fn precision_wants_ten_values_and_a_narrow_interval() {
        let i = |half_width, n| Interval {
            mean: 100.0,
            half_width: Some(half_width),
            n,
        };
        assert!(precise_enough(&i(9.0, 10), 0.1, 0.0));
        assert!(!precise_enough(&i(9.2, 10), 0.1, 0.0), "10/1.1 = 9.09 is the goal");
        assert!(!precise_enough(&i(1.0, 9), 0.1, 0.0));
        assert!(precise_enough(&i(9.2, 10), 0.1, 9.5));
    }
}
