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
    /// 1/12): 0 when the facts taught nothing, 1 when all is known.
    pub contraction: f64,
}

/// The effective number of weighted draws, `(Σw)²/Σw²` (Kish 1965).
pub fn effective(particles: &[Particle]) -> f64 {
    let sum: f64 = particles.iter().map(|p| p.weight).sum();
    let squares: f64 = particles.iter().map(|p| p.weight * p.weight).sum();
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

/// The ranges of all parameters.
pub fn ranges(parameters: &[Parameter], particles: &[Particle]) -> Vec<Range> {
    let one = |(i, parameter): (usize, &Parameter)| {
        let cube = ranges_of(particles, i);
        let values = particles.iter().map(|p| (parameter.at(p.point[i]), p.weight)).collect();
        Range {
            contraction: cube.contraction,
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
