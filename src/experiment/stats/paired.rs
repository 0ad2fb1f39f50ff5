//! Paired differences: two policies met by the same people, replication by replication.

use super::interval::mean_and_deviation;
use super::{Interval, t_p_value};
use serde::Serialize;

/// The difference of two policies under common random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Paired {
    /// Mean difference, second minus first, with its interval.
    pub difference: Interval,
    /// Correlation achieved; `None` when one side does not vary, and for two pairs, which always lie on a line.
    pub correlation: Option<f64>,
    /// Two-sided p-value of "no difference"; `None` for one pair. Equal pairs give 1.
    pub p_value: Option<f64>,
}

impl Paired {
    /// How many times fewer replications the pairing needed, `1/(1-r)` (equal variances); infinite
    /// correlations give none.
    pub fn speed_up(&self) -> Option<f64> {
        self.correlation.filter(|r| *r < 1.0).map(|r| 1.0 / (1.0 - r))
    }

    /// Whether all pairs were equal.
    pub fn is_nothing(&self) -> bool {
        self.difference.mean == 0.0 && self.difference.half_width.is_none_or(|h| h == 0.0)
    }
}

/// `after - before`, pair by pair; `None` for no pairs or lists of different lengths.
///
/// ```
/// use preau::experiment::stats::paired;
/// let p = paired(&[10.0, 20.0, 30.0], &[9.0, 19.0, 28.0]).unwrap();
/// assert!((p.difference.mean + 4.0 / 3.0).abs() < 1e-12);
/// assert!(p.correlation.unwrap() > 0.99);
/// ```
pub fn paired(before: &[f64], after: &[f64]) -> Option<Paired> {
    if before.len() != after.len() {
        return None;
    }
    let differences: Vec<f64> = after.iter().zip(before).map(|(a, b)| a - b).collect();
    let difference = Interval::of(&differences)?;
    Some(Paired {
        difference,
        correlation: correlation(before, after),
        p_value: p_value(&differences),
    })
}

fn p_value(differences: &[f64]) -> Option<f64> {
    let (mean, deviation) = mean_and_deviation(differences)?;
    let n = differences.len();
    match (mean == 0.0, deviation == 0.0) {
        (_, _) if n < 2 => None,
        (true, _) => Some(1.0),
        (false, true) => Some(0.0),
        _ => t_p_value(n, mean / (deviation / (n as f64).sqrt())),
    }
}

fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let (mean_x, dev_x) = mean_and_deviation(x)?;
    let (mean_y, dev_y) = mean_and_deviation(y)?;
    let product: f64 = x.iter().zip(y).map(|(a, b)| (a - mean_x) * (b - mean_y)).sum();
    (dev_x > 0.0 && dev_y > 0.0 && x.len() > 2)
        .then(|| (product / (dev_x * dev_y * (x.len() - 1) as f64)).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn matches_a_worked_example() {
        // Student (1908), additional hours of sleep by two drugs, ten patients: t = 4.0621, p = 0.00283.
        let first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let p = paired(&first, &second).unwrap();
        assert!((p.difference.mean - 1.58).abs() < 1e-12);
        assert!((p.difference.half_width.unwrap() - 0.8798861).abs() < 1e-5);
        assert!((p.p_value.unwrap() - 0.002833).abs() < 1e-5);
        assert!((p.correlation.unwrap() - 0.7951702).abs() < 1e-6);
        assert!((p.speed_up().unwrap() - 1.0 / (1.0 - 0.7951702)).abs() < 1e-4);
    }

    #[test]
    fn equal_pairs_show_nothing_and_a_constant_shift_shows_all() {
        let x = [1.0, 5.0, 2.0];
        let same = paired(&x, &x).unwrap();
        assert!(same.is_nothing());
        assert_eq!(same.p_value, Some(1.0));
        let shifted = paired(&x, &[2.0, 6.0, 3.0]).unwrap();
        assert_eq!((shifted.p_value, shifted.difference.half_width), (Some(0.0), Some(0.0)));
        assert_eq!(shifted.speed_up(), None);
        assert_eq!(paired(&x, &x[..2]), None);
        assert_eq!(paired(&[1.0], &[3.0]).unwrap().p_value, None);
        assert_eq!(paired(&[1.0, 2.0], &[3.0, 1.0]).unwrap().correlation, None);
    }

    #[test]
    fn covers_the_true_difference_as_often_as_it_says() {
        let mut rng = rand::rngs::SmallRng::seed_from_u64(2);
        let rounds = 4000;
        let covered = (0..rounds)
            .filter(|_| {
                let common: Vec<f64> = (0..12).map(|_| rng.random::<f64>() * 10.0).collect();
                let after: Vec<f64> = common.iter().map(|c| c + 1.0 + rng.random::<f64>()).collect();
                paired(&common, &after).unwrap().difference.holds(1.5)
            })
            .count();
        let share = covered as f64 / rounds as f64;
        assert!((0.93..=0.97).contains(&share), "covered {share}");
    }
}
