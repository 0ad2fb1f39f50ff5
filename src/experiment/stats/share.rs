//! Shares of yes and no answers.

use statrs::distribution::{Beta, ContinuousCDF, Normal};

/// Wilson's interval of a share (Wilson 1927): it stays within 0..=1 and holds for few cases. `None` for none.
///
/// ```
/// let (low, high) = preau::experiment::stats::wilson(0, 10, 0.95).unwrap();
/// assert_eq!(low, 0.0);
/// assert!((high - 0.277_533).abs() < 1e-6);
/// ```
pub fn wilson(yes: u64, n: u64, confidence: f64) -> Option<(f64, f64)> {
    let z = Normal::standard().inverse_cdf(0.5 + confidence / 2.0);
    if n == 0 || yes > n {
        return None;
    }
    let (n, share) = (n as f64, yes as f64 / n as f64);
    let scale = 1.0 / (1.0 + z * z / n);
    let centre = scale * (share + z * z / (2.0 * n));
    let half = scale * z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    // At no and at all cases the ends are 0 and 1 exactly; the formula only comes within rounding.
    let low = if yes == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if share == 1.0 { 1.0 } else { (centre + half).min(1.0) };
    Some((low, high))
}

/// The interval of Clopper and Pearson (1934), by quantiles of the beta law: it covers at least as often as it
/// says for every share and number, and so is wider than Wilson's. For promises ("fails in at most 5 % of
/// worlds"), where covering too seldom would mislead. `None` for no cases.
///
/// ```
/// let (low, high) = preau::experiment::stats::clopper_pearson(0, 10, 0.95).unwrap();
/// assert_eq!(low, 0.0);
/// assert!((high - (1.0 - 0.025_f64.powf(0.1))).abs() < 1e-6);
/// ```
pub fn clopper_pearson(yes: u64, n: u64, confidence: f64) -> Option<(f64, f64)> {
    if n == 0 || yes > n {
        return None;
    }
    let tail = (1.0 - confidence) / 2.0;
    let (k, no) = (yes as f64, (n - yes) as f64);
    let low = match yes {
        0 => 0.0,
        _ => Beta::new(k, no + 1.0).ok()?.inverse_cdf(tail),
    };
    let high = match n - yes {
        0 => 1.0,
        _ => Beta::new(k + 1.0, no).ok()?.inverse_cdf(1.0 - tail),
    };
    Some((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn matches_published_values() {
        // Newcombe (1998), table I: 81 of 263, 15 of 148, 1 of 29.
        for (yes, n, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (l, h) = wilson(yes, n, 0.95).unwrap();
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{l} {h}");
        }
        assert_eq!(wilson(0, 20, 0.95).unwrap().0, 0.0);
        assert_eq!(wilson(20, 20, 0.95).unwrap().1, 1.0);
        assert_eq!(wilson(0, 0, 0.95), None);
    }

    #[test]
    fn covers_a_share_as_often_as_it_says() {
        let mut rng = rand::rngs::SmallRng::seed_from_u64(4);
        let rounds = 4000;
        let covered = (0..rounds)
            .filter(|_| {
                let yes = (0..60).filter(|_| rng.random::<f64>() < 0.3).count() as u64;
                let (low, high) = wilson(yes, 60, 0.95).unwrap();
                (low..=high).contains(&0.3)
            })
            .count();
        let share = covered as f64 / rounds as f64;
        assert!((0.93..=0.97).contains(&share), "covered {share}");
    }

    #[test]
    fn exact_intervals_match_published_values() {
        // Newcombe (1998), table I, method 5.
        for (yes, n, low, high) in [
            (81, 263, 0.2527, 0.3676),
            (15, 148, 0.0578, 0.1617),
            (0, 20, 0.0, 0.1684),
            (1, 29, 0.0009, 0.1776),
        ] {
            let (l, h) = clopper_pearson(yes, n, 0.95).unwrap();
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{l} {h}");
        }
        assert_eq!(clopper_pearson(20, 20, 0.95).unwrap().1, 1.0);
        assert_eq!(clopper_pearson(0, 0, 0.95), None);
    }

    /// No simulation is needed: the probability of covering is a sum of binomial probabilities.
    #[test]
    fn exact_intervals_never_cover_too_seldom_and_wilson_does_so_nearly() {
        use statrs::distribution::{Binomial, Discrete};
        let covers = |interval: fn(u64, u64, f64) -> Option<(f64, f64)>, n: u64, p: f64| {
            let law = Binomial::new(p, n).unwrap();
            let holds = |k: &u64| interval(*k, n, 0.95).is_some_and(|(l, h)| (l..=h).contains(&p));
            (0..=n).filter(holds).map(|k| law.pmf(k)).sum::<f64>()
        };
        let mut mean = 0.0;
        for n in [10, 40] {
            for i in 1..50 {
                let p = f64::from(i) / 50.0;
                assert!(covers(clopper_pearson, n, p) >= 0.95 - 1e-9, "{n} {p}");
                mean += covers(wilson, n, p) / 98.0;
            }
        }
        assert!((0.945..0.96).contains(&mean), "Wilson's covers {mean} on average");
    }
}
