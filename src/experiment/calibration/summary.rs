//! What weighted draws say of each parameter.

use super::file::Parameter;
use super::population::Particle;
use crate::engine::{Purpose, Streams, key_of};

/// A parameter after the facts, against before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Weighted mean.
    pub mean: f64,
    /// Weighted standard deviation.
    pub sd: f64,
    /// 5 % of the weight lies below.
    pub low: f64,
    /// Half of it.
    pub median: f64,
    /// 95 %.
    pub high: f64,
    /// One less the posterior variance over the prior's, in the prior's own measure (uniform on the unit interval, variance
    /// 1/12): 0 when the facts taught nothing (or less: chance and laws of two humps make it negative, shown as 0), 1 when all
    /// is known. Below [`least_contraction`] it is not told from none.
    pub contraction: f64,
}

/// The effective number of weighted draws, `(Σw)²/Σw²` (Kish 1965).
pub fn effective(particles: &[Particle]) -> f64 {
    let sum: f64 = particles.iter().map(|p| p.weight).sum();
    let squares: f64 = particles.iter().map(|p| p.weight * p.weight).sum();
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

/// The least contraction that so many effective draws tell from none: two standard deviations of its estimate where nothing was
/// learnt.
///
/// Then draws are uniform on the unit interval, with variance `σ² = 1/12` and fourth central moment `μ₄ = 1/80`. The variance of `n` of
/// them has itself the variance `(μ₄ - σ⁴)/n = (1/80 - 1/144)/n = 1/(180 n)`, so `1 - 12 s²` has the standard deviation
/// `12/√(180 n) = 2/√(5 n)`, which is 0.89/√n. About one in 40 parameters of which nothing was learnt comes above twice that; with
/// draws of several rounds, which descend from one another, 3 to 6 in 100 do.
///
/// ```
/// use preau::experiment::calibration::least_contraction;
/// assert!((least_contraction(80.0) - 0.2).abs() < 1e-12);
/// ```
pub fn least_contraction(effective: f64) -> f64 {
    4.0 / (5.0 * effective).sqrt()
}

/// The ranges of all parameters.
pub fn ranges(parameters: &[Parameter], particles: &[Particle]) -> Vec<Range> {
    let one = |(i, parameter): (usize, &Parameter)| {
        let cube = ranges_of(particles, i);
        let values = particles.iter().map(|p| (parameter.at(p.point[i]), p.weight)).collect();
        Range {
            contraction: cube.contraction.max(0.0),
            ..weighted(values)
        }
    };
    parameters.iter().enumerate().map(one).collect()
}

/// The range in the unit cube.
pub(super) fn ranges_of(particles: &[Particle], dimension: usize) -> Range {
    let range = weighted(particles.iter().map(|p| (p.point[dimension], p.weight)).collect());
    Range {
        contraction: 1.0 - 12.0 * range.sd * range.sd,
        ..range
    }
}

fn weighted(mut values: Vec<(f64, f64)>) -> Range {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = values.iter().map(|(_, w)| w).sum();
    let mean = values.iter().map(|(x, w)| x * w).sum::<f64>() / total;
    let variance = values.iter().map(|(x, w)| w * (x - mean) * (x - mean)).sum::<f64>() / total;
    // The quantile of a weighted sample: half of a draw's weight counts as below it, linear between draws.
    let quantile = |p: f64| {
        let mut sum = 0.0;
        let mut last: Option<(f64, f64)> = None;
        for (x, w) in &values {
            let at = (sum + 0.5 * w) / total;
            sum += w;
            if at >= p {
                return match last {
                    Some((x0, at0)) if at > at0 => x0 + (x - x0) * (p - at0) / (at - at0),
                    _ => *x,
                };
            }
            last = Some((*x, at));
        }
        last.map_or(f64::NAN, |(x, _)| x)
    };
    Range {
        mean,
        sd: variance.sqrt(),
        low: quantile(0.05),
        median: quantile(0.5),
        high: quantile(0.95),
        contraction: f64::NAN,
    }
}

/// The weighted share of particles for which something is so.
pub fn share_of(particles: &[Particle], is_so: impl Fn(&Particle) -> bool) -> f64 {
    let total: f64 = particles.iter().map(|p| p.weight).sum();
    let so: f64 = particles.iter().filter(|p| is_so(p)).map(|p| p.weight).sum();
    so / total
}

/// `count` particles drawn from the weighted ones, by systematic resampling: each as often as its weight says, within one.
pub fn draws(particles: &[Particle], count: usize, seed: u64) -> Vec<&Particle> {
    let total: f64 = particles.iter().map(|p| p.weight).sum();
    let start = Streams::new(seed, 0)
        .sequence(Purpose::Other, key_of("calibration/check"))
        .uniform();
    let (mut sum, mut found) = (0.0, Vec::with_capacity(count));
    for particle in particles {
        sum += particle.weight / total * count as f64;
        while found.len() < count && start + (found.len() as f64) < sum {
            found.push(particle);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::population::Seen;
    use super::*;

    fn particle(x: f64, weight: f64) -> Particle {
        let seen = Seen {
            distance: 0.0,
            holds: vec![x > 0.5],
        };
        Particle {
            point: vec![x],
            weight,
            run: 0,
            round: 0,
            seen,
        }
    }

    #[test]
    fn weights_count() {
        let particles = [particle(0.2, 1.0), particle(0.6, 3.0)];
        let range = ranges_of(&particles, 0);
        assert!((range.mean - 0.5).abs() < 1e-12);
        assert!((range.sd - 0.03f64.sqrt()).abs() < 1e-12);
        assert_eq!(effective(&particles), 1.6);
        assert_eq!(share_of(&particles, |p| p.seen.holds[0]), 0.75);
        let drawn = draws(&particles, 8, 1);
        assert_eq!(drawn.len(), 8);
        assert_eq!(drawn.iter().filter(|p| p.point[0] == 0.2).count(), 2);
    }

    /// 4000 populations of 100 draws from the prior: contractions above two of the standard deviations derived come in 2.3 % for a
    /// normal law, in 2.9 % with the mean of 1/n that dividing by n leaves; their standard deviation is theirs to 1.1 %.
    #[test]
    fn of_nothing_learnt_seldom_more_is_seen_than_the_least() {
        let mut draw = Streams::new(6, 0).sequence(Purpose::Other, 1);
        let contractions: Vec<f64> = (0..4000)
            .map(|_| {
                let drawn: Vec<Particle> = (0..100).map(|_| particle(draw.uniform(), 1.0)).collect();
                ranges_of(&drawn, 0).contraction
            })
            .collect();
        let found = crate::experiment::stats::Interval::with_confidence(&contractions, 0.9999).unwrap();
        assert!(found.holds(0.01), "{found:?}");
        let sd = found.half_width.unwrap() / 3.892 * 4000f64.sqrt();
        assert!((sd / 0.089_44 - 1.0).abs() < 0.05, "{sd}");
        let above = contractions.iter().filter(|c| **c >= least_contraction(100.0)).count();
        assert!((70..=160).contains(&above), "{above} of 4000");
    }

    #[test]
    fn what_nothing_was_learnt_of_is_not_contracted() {
        let uniform: Vec<Particle> = (0..1000)
            .map(|i| particle((f64::from(i) + 0.5) / 1000.0, 1.0))
            .collect();
        let range = ranges_of(&uniform, 0);
        assert!(range.contraction.abs() < 1e-5, "{}", range.contraction);
        assert!(
            (range.low - 0.05).abs() < 1e-3 && (range.median - 0.5).abs() < 1e-3 && (range.high - 0.95).abs() < 1e-3
        );
    }
}
