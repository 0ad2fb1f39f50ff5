//! From sums of replications to an estimate, its interval and its distance from the exact value.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Sums that one replication contributes; what they are depends on the [`Shape`].
pub type Sums = [f64; 3];

/// How an estimate is made of sums over replications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// `s0 / s1`: time averages, means over customers, shares.
    Ratio,
    /// `s1/s2 − (s0/s2)²`: a variance from a sum, a sum of squares and a count.
    Variance,
    /// Mean `s0` plus the amplitude of the first harmonic, from the means of the level, of twice the level times the
    /// cosine, and of twice it times the sine.
    Peak,
    /// Instant at which that harmonic is greatest, in a period of this length.
    PeakTime {
        /// The period.
        period: f64,
        /// Where the answer is looked for: the instant nearest to this.
        near: f64,
    },
}

impl Shape {
    fn of(self, s: Sums, n: f64) -> f64 {
        match self {
            Shape::Ratio => s[0] / s[1],
            Shape::Variance => s[1] / s[2] - (s[0] / s[2]) * (s[0] / s[2]),
            Shape::Peak => s[0] / n + libm::hypot(s[1], s[2]) / n,
            Shape::PeakTime { period, near } => {
                let t = libm::atan2(s[2], s[1]) / std::f64::consts::TAU * period;
                t + period * libm::round((near - t) / period)
            }
        }
    }
}

/// An estimate with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
    /// Replications it is made of.
    pub replications: usize,
}

/// Half-width of an interval is at this level.
pub const CONFIDENCE: f64 = 0.95;

impl Estimate {
    /// By the jackknife over replications: takes the bias of order 1/n out of ratios and variances and gives their
    /// error without a formula for each. Miller, *The jackknife: a review*, Biometrika 1974.
    pub fn jackknife(shape: Shape, sums: &[Sums]) -> Option<Estimate> {
        let n = sums.len();
        if n < 2 {
            return None;
        }
        let mut total = [0.0; 3];
        for s in sums {
            for (t, x) in total.iter_mut().zip(s) {
                *t += x;
            }
        }
        let count = n as f64;
        let all = shape.of(total, count);
        let (mut mean, mut squares) = (0.0, 0.0);
        for (i, s) in sums.iter().enumerate() {
            let without = [total[0] - s[0], total[1] - s[1], total[2] - s[2]];
            let pseudo = count * all - (count - 1.0) * shape.of(without, count - 1.0);
            // Welford: the pseudo-values of a rare event are large and nearly equal.
            let step = pseudo - mean;
            mean += step / (i + 1) as f64;
            squares += step * (pseudo - mean);
        }
        let error = libm::sqrt((squares / (count - 1.0)).max(0.0) / count);
        (mean.is_finite() && error.is_finite()).then_some(Estimate {
            mean,
            error,
            replications: n,
        })
    }

    /// Half of the 95 % t-interval.
    pub fn half_width(&self) -> f64 {
        let free = self.replications.saturating_sub(1).max(1) as f64;
        let t = StudentsT::new(0.0, 1.0, free).map_or(f64::INFINITY, |law| law.inverse_cdf(0.5 + CONFIDENCE / 2.0));
        t * self.error
    }

    /// Standard errors between the estimate and the exact value. An estimate without spread is right to rounding
    /// or infinitely wrong.
    pub fn z(&self, exact: f64) -> f64 {
        let off = self.mean - exact;
        if self.error > 0.0 {
            off / self.error
        } else if off.abs() <= 1e-9 * exact.abs().max(1.0) {
            0.0
        } else {
            off.signum() * f64::INFINITY
        }
    }

    /// For a share of independent runs: the standard error that the exact value implies, where it is larger. A share
    /// of 0.99999 shows no spread in a thousand runs and would otherwise look infinitely wrong.
    pub fn with_binomial_floor(mut self, exact: f64) -> Estimate {
        let spread = exact.clamp(0.0, 1.0) * (1.0 - exact.clamp(0.0, 1.0));
        self.error = self.error.max(libm::sqrt(spread / self.replications as f64));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jackknife_of_a_mean_is_the_mean() {
        let sums: Vec<Sums> = [1.0, 2.0, 3.0, 6.0].iter().map(|x| [*x, 1.0, 0.0]).collect();
        let e = Estimate::jackknife(Shape::Ratio, &sums).unwrap();
        assert!((e.mean - 3.0).abs() < 1e-12);
        // Sample variance 14/3, over 4 replications.
        assert!((e.error - (14.0_f64 / 12.0).sqrt()).abs() < 1e-12);
        // t(3; 0.975) = 3.182446.
        assert!((e.half_width() - 3.182_446 * e.error).abs() < 1e-5);
        assert!((e.z(2.0) - 1.0 / e.error).abs() < 1e-12);
    }

    #[test]
    fn a_variance_loses_its_bias() {
        // Each replication one value: the jackknife gives the unbiased sample variance.
        let sums: Vec<Sums> = [1.0, 2.0, 3.0, 6.0].iter().map(|x| [*x, x * x, 1.0]).collect();
        let e = Estimate::jackknife(Shape::Variance, &sums).unwrap();
        assert!((e.mean - 14.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_harmonic_has_its_peak() {
        // 10 + 3 cos(w(t − 8)), period 24.
        let w = std::f64::consts::TAU / 24.0;
        let s = [10.0, 3.0 * (8.0 * w).cos(), 3.0 * (8.0 * w).sin()];
        assert!((Shape::Peak.of(s, 1.0) - 13.0).abs() < 1e-12);
        assert!(
            (Shape::PeakTime {
                period: 24.0,
                near: 7.0
            }
            .of(s, 1.0)
                - 8.0)
                .abs()
                < 1e-12
        );
        assert!(
            (Shape::PeakTime {
                period: 24.0,
                near: 30.0
            }
            .of(s, 1.0)
                - 32.0)
                .abs()
                < 1e-12
        );
    }

    #[test]
    fn no_spread_is_right_or_infinitely_wrong() {
        let e = Estimate {
            mean: 1.0,
            error: 0.0,
            replications: 20,
        };
        assert_eq!(e.z(1.0), 0.0);
        assert_eq!(e.z(2.0), f64::NEG_INFINITY);
        let floor = e.with_binomial_floor(0.999);
        assert!(floor.z(0.999).abs() < 1.0);
        assert!(Estimate::jackknife(Shape::Ratio, &[[1.0, 1.0, 0.0]]).is_none());
        assert!(Estimate::jackknife(Shape::Ratio, &[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]).is_none());
    }
}
