//! Quantiles across replications, by order statistics: no law is assumed.

use serde::Serialize;
use statrs::distribution::{Binomial, DiscreteCDF};

/// The `p` quantile of values: the smallest that at least `p` of them do not pass. `None` for no values.
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    let sorted = sorted(values);
    let rank = (p * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// An interval for a quantile between two order statistics.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct QuantileInterval {
    /// Lower end; `None`: so few values bound it not from below.
    pub low: Option<f64>,
    /// Upper end; `None`: so few values bound it not from above.
    pub high: Option<f64>,
    /// Ranks of the two ends, from 1; 0 and `n + 1` stand for no bound.
    pub ranks: (usize, usize),
    /// The confidence it really has, which is at least the one asked for.
    pub coverage: f64,
}

/// The interval of the `p` quantile from independent values. The lower rank is the largest `l` with
/// `P(Bin(n, p) <= l - 1) <= α/2`, the upper one the smallest `u` with `P(Bin(n, p) <= u - 1) >= 1 - α/2`
/// (Conover; David and Nagaraja).
pub fn quantile_interval(values: &[f64], p: f64, confidence: f64) -> Option<QuantileInterval> {
    let n = values.len();
    let law = Binomial::new(p, n as u64).ok().filter(|_| n > 0)?;
    let tail = (1.0 - confidence) / 2.0;
    let below = |k: usize| if k == 0 { 0.0 } else { law.cdf(k as u64 - 1) };
    let lower = (1..=n).take_while(|l| below(*l) <= tail).last().unwrap_or(0);
    let upper = (1..=n).find(|u| below(*u) >= 1.0 - tail).unwrap_or(n + 1);
    let sorted = sorted(values);
    Some(QuantileInterval {
        low: lower.checked_sub(1).map(|i| sorted[i]),
        high: sorted.get(upper - 1).copied(),
        ranks: (lower, upper),
        coverage: if upper > n { 1.0 } else { below(upper) } - below(lower),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn ranks_and_coverage_match_the_exact_binomial() {
        // Exact sums of the binomial law (Conover; David and Nagaraja).
        for (n, p, ranks, coverage) in [
            (1000, 0.95, (936, 964), 0.958_095_268_2),
            (100, 0.5, (40, 61), 0.964_799_799_8),
            (30, 0.9, (23, 31), 0.992_216_380_8),
        ] {
            let values: Vec<f64> = (1..=n).map(f64::from).collect();
            let i = quantile_interval(&values, p, 0.95).unwrap();
            assert_eq!(i.ranks, ranks);
            assert!((i.coverage - coverage).abs() < 1e-9, "{} is not {coverage}", i.coverage);
            assert_eq!(i.low, Some(ranks.0 as f64));
            assert_eq!(i.high, (ranks.1 <= n as usize).then_some(ranks.1 as f64));
        }
    }

    #[test]
    fn quantiles_are_values_that_occurred() {
        let values = [5.0, 1.0, 3.0, 2.0, 4.0];
        assert_eq!(quantile(&values, 0.5), Some(3.0));
        assert_eq!(quantile(&values, 0.95), Some(5.0));
        assert_eq!(quantile(&values, 0.0), Some(1.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn covers_the_median_as_often_as_it_says() {
        let mut rng = rand::rngs::SmallRng::seed_from_u64(3);
        let (rounds, mut covered) = (4000, 0);
        for _ in 0..rounds {
            let values: Vec<f64> = (0..100).map(|_| rng.random::<f64>().powi(3)).collect();
            let i = quantile_interval(&values, 0.5, 0.95).unwrap();
            covered += u32::from(i.low.unwrap() <= 0.125 && 0.125 < i.high.unwrap());
        }
        let share = f64::from(covered) / f64::from(rounds);
        assert!((0.955..=0.975).contains(&share), "covered {share}, exactly 0.9648");
    }
}
