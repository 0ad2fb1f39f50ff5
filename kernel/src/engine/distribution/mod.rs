//! Distributions of times and counts: their parameters, their checks and how they are drawn.
//!
//! A variate takes one uniform wherever an inverse is cheap, and increases with it: two systems fed with the same
//! uniforms then stay coupled even where their parameters differ, which is what common random numbers live on.

mod exp;
mod kinds;
mod law;
mod log;
mod normal;

pub(crate) use exp::exp;
pub use kinds::{KINDS, Kind};
pub(crate) use log::log;
pub use normal::{normal_cdf, normal_quantile};
use rand_distr::Distribution as _;

use super::Draw;

/// A law of a duration in seconds (or of a count, for [`Distribution::Geometric`]).
///
/// ```
/// use preau::engine::{Distribution, Purpose, Streams};
/// let visit = Distribution::lognormal_median_quantile(1200.0, 0.9, 3600.0); // half over 20 min, a tenth over an hour
/// visit.validate().unwrap();
/// assert!((visit.quantile(0.9).unwrap() - 3600.0).abs() < 1e-6);
/// let mut draw = Streams::new(1, 0).sequence(Purpose::Duration, 0);
/// assert!(visit.sample(&mut draw) > 0.0);
/// ```
#[derive(Clone, PartialEq, Debug)]
pub enum Distribution {
    /// Always `value`.
    Deterministic {
        /// Seconds.
        value: f64,
    },
    /// Exponential.
    Exponential {
        /// Seconds.
        mean: f64,
    },
    /// Uniform on an interval.
    Uniform {
        /// Seconds.
        low: f64,
        /// Seconds.
        high: f64,
    },
    /// Normal; may be negative, so for arrival spreads only.
    Normal {
        /// Seconds.
        mean: f64,
        /// Seconds.
        sd: f64,
    },
    /// The exponential of a normal.
    Lognormal {
        /// Mean of the logarithm of the value in seconds.
        mu: f64,
        /// Standard deviation of that logarithm.
        sigma: f64,
    },
    /// Gamma.
    Gamma {
        /// No unit.
        shape: f64,
        /// Seconds.
        mean: f64,
    },
    /// The sum of `k` equal exponential stages.
    Erlang {
        /// Number of stages.
        k: u32,
        /// Seconds, of the sum.
        mean: f64,
    },
    /// Weibull.
    Weibull {
        /// No unit.
        shape: f64,
        /// Seconds.
        scale: f64,
    },
    /// A mixture of exponentials.
    Hyperexponential {
        /// Probability of each branch.
        p: Vec<f64>,
        /// Seconds, of each branch.
        means: Vec<f64>,
    },
    /// Triangular.
    Triangular {
        /// Seconds.
        low: f64,
        /// Seconds.
        mode: f64,
        /// Seconds.
        high: f64,
    },
    /// Discrete: the values given, in proportion to their weights.
    Empirical {
        /// (seconds, weight), values ascending.
        points: Vec<(f64, f64)>,
    },
    /// 1, 2, 3 and so on: the number of trials up to the first success.
    Geometric {
        /// Probability of success.
        p: f64,
    },
}

/// Up to this many stages an Erlang variate is the logarithm of a product of uniforms: sixteen factors of at least
/// 2^-53 stay normal floating-point numbers, so one logarithm does for all.
const ERLANG_BY_PRODUCT: u32 = 16;

impl Distribution {
    /// The law of `factor` times its values, of the same shape. Counts (the geometric law) have no unit to stretch and
    /// stay.
    ///
    /// ```
    /// use preau::engine::Distribution;
    /// let gaps = Distribution::Gamma { shape: 2.0, mean: 3.0 };
    /// assert_eq!(gaps.stretched(0.5).mean(), 1.5);
    /// ```
    pub fn stretched(self, factor: f64) -> Self {
        let f = factor;
        match self {
            Self::Deterministic { value } => Self::Deterministic { value: value * f },
            Self::Exponential { mean } => Self::Exponential { mean: mean * f },
            Self::Uniform { low, high } => Self::Uniform {
                low: low * f,
                high: high * f,
            },
            Self::Normal { mean, sd } => Self::Normal {
                mean: mean * f,
                sd: sd * f,
            },
            Self::Lognormal { mu, sigma } => Self::Lognormal {
                mu: mu + libm::log(f),
                sigma,
            },
            Self::Gamma { shape, mean } => Self::Gamma { shape, mean: mean * f },
            Self::Erlang { k, mean } => Self::Erlang { k, mean: mean * f },
            Self::Weibull { shape, scale } => Self::Weibull {
                shape,
                scale: scale * f,
            },
            Self::Hyperexponential { p, means } => Self::Hyperexponential {
                p,
                means: means.iter().map(|mean| mean * f).collect(),
            },
            Self::Triangular { low, mode, high } => Self::Triangular {
                low: low * f,
                mode: mode * f,
                high: high * f,
            },
            Self::Empirical { points } => Self::Empirical {
                points: points.iter().map(|(value, weight)| (value * f, *weight)).collect(),
            },
            Self::Geometric { p } => Self::Geometric { p },
        }
    }

    /// The lognormal of a mean (s) and a coefficient of variation (standard deviation over mean).
    pub fn lognormal_mean_cv(mean: f64, cv: f64) -> Self {
        let variance = libm::log1p(cv * cv);
        Self::Lognormal {
            mu: libm::log(mean) - variance / 2.0,
            sigma: libm::sqrt(variance),
        }
    }

    /// The lognormal of a median (s) and the standard deviation of the logarithm.
    pub fn lognormal_median_sigma(median: f64, sigma: f64) -> Self {
        Self::Lognormal {
            mu: libm::log(median),
            sigma,
        }
    }

    /// The lognormal of a median (s) and one more quantile: a share `p` of values is at most `value` (s). `validate` refuses
    /// the result if the two contradict each other or `p` is one half.
    pub fn lognormal_median_quantile(median: f64, p: f64, value: f64) -> Self {
        Self::Lognormal {
            mu: libm::log(median),
            sigma: libm::log(value / median) / normal_quantile(p),
        }
    }

    /// The discrete law of observed values with weights: sorted, equal values merged.
    pub fn empirical(mut points: Vec<(f64, f64)>) -> Self {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        Self::Empirical { points }
    }

    /// Draws a variate: one uniform, increasing in it, but for Erlang (one a stage), Gamma (rejection: several) and
    /// the hyperexponential (one, which first chooses the branch: not increasing).
    ///
    /// Parameters must be valid ([`Distribution::validate`]).
    #[inline]
    pub fn sample(&self, draw: &mut Draw) -> f64 {
        match self {
            // No draw at all, so that putting a law in its place moves only its own stream.
            Self::Deterministic { value } => *value,
            Self::Exponential { mean } => mean * draw.exponential(),
            Self::Uniform { low, high } => low + (high - low) * draw.uniform(),
            Self::Normal { mean, sd } => mean + sd * draw.normal(),
            Self::Lognormal { mu, sigma } => lognormal(*mu, *sigma, draw),
            Self::Gamma { shape, mean } => gamma(*shape, *mean, draw),
            Self::Erlang { k, mean } => erlang(*k, *mean, draw),
            Self::Weibull { shape, scale } => weibull(*shape, *scale, draw),
            Self::Hyperexponential { p, means } => hyperexponential(p, means, draw.uniform()),
            Self::Triangular { low, mode, high } => law::triangular_quantile(*low, *mode, *high, draw.uniform()),
            Self::Empirical { points } => law::empirical_quantile(points, draw.uniform()),
            Self::Geometric { p } => law::geometric_quantile(*p, draw.uniform()),
        }
    }

    /// As [`Distribution::sample`], from a stream that is made only if the law needs it.
    #[inline]
    pub fn sample_from(&self, stream: impl FnOnce() -> Draw) -> f64 {
        match self {
            Self::Deterministic { value } => *value,
            _ => self.sample(&mut stream()),
        }
    }

    /// Says what is wrong with the parameters, naming the one and the remedy.
    ///
    /// # Errors
    /// A sentence for the modeller, without the distribution's name.
    pub fn validate(&self) -> Result<(), String> {
        match self {
            Self::Deterministic { value } => not_negative("value", *value),
            Self::Exponential { mean } => positive("mean", *mean),
            Self::Uniform { low, high } => {
                not_negative("low", *low)?;
                above("high", *high, "low", *low)
            }
            Self::Normal { mean, sd } => {
                finite("mean", *mean)?;
                positive("sd", *sd)
            }
            Self::Lognormal { mu, sigma } => {
                finite("mu", *mu)?;
                positive("sigma", *sigma)
            }
            Self::Gamma { shape, mean } => {
                positive("shape", *shape)?;
                positive("mean", *mean)
            }
            Self::Erlang { k, mean } => {
                if *k == 0 {
                    return Err("k is 0; it must be at least 1".into());
                }
                positive("mean", *mean)
            }
            Self::Weibull { shape, scale } => {
                positive("shape", *shape)?;
                positive("scale", *scale)
            }
            Self::Hyperexponential { p, means } => {
                if p.is_empty() || p.len() != means.len() {
                    return Err(format!(
                        "p has {} branches and means has {}; both need the same number, at least 1",
                        p.len(),
                        means.len()
                    ));
                }
                p.iter().try_for_each(|&p| not_negative("p", p))?;
                means.iter().try_for_each(|&mean| positive("means", mean))?;
                let sum: f64 = p.iter().sum();
                if (sum - 1.0).abs() > 1e-9 {
                    return Err(format!("p sums to {sum}; it must sum to 1"));
                }
                Ok(())
            }
            Self::Triangular { low, mode, high } => {
                not_negative("low", *low)?;
                above("high", *high, "low", *low)?;
                if !(low <= mode && mode <= high) {
                    return Err(format!(
                        "mode is {mode}; it must lie between low ({low}) and high ({high})"
                    ));
                }
                Ok(())
            }
            Self::Empirical { points } => {
                if points.is_empty() {
                    return Err("points is empty; it needs at least one (value, weight)".into());
                }
                for &(value, weight) in points {
                    not_negative("a value of points", value)?;
                    positive("a weight of points", weight)?;
                }
                if let Some(pair) = points.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
                    return Err(format!(
                        "points has {} before {}; values must ascend",
                        pair[0].0, pair[1].0
                    ));
                }
                Ok(())
            }
            Self::Geometric { p } => {
                positive("p", *p)?;
                if *p > 1.0 {
                    return Err(format!("p is {p}; it must be at most 1"));
                }
                Ok(())
            }
        }
    }
}

fn erlang(k: u32, mean: f64, draw: &mut Draw) -> f64 {
    if k > ERLANG_BY_PRODUCT {
        return gamma(f64::from(k), mean, draw);
    }
    let product: f64 = (0..k).map(|_| 1.0 - draw.uniform()).product();
    -log(product) * mean / f64::from(k)
}

fn weibull(shape: f64, scale: f64, draw: &mut Draw) -> f64 {
    scale * exp(log(draw.exponential()) / shape)
}

fn lognormal(mu: f64, sigma: f64, draw: &mut Draw) -> f64 {
    exp(mu + sigma * draw.normal())
}

fn gamma(shape: f64, mean: f64, draw: &mut Draw) -> f64 {
    // Valid parameters never fail; an invalid one must not pass unseen as a number.
    rand_distr::Gamma::new(shape, mean / shape).map_or(f64::NAN, |law| law.sample(draw))
}

/// One uniform chooses the branch, and what is left of it within the branch is uniform again.
fn hyperexponential(p: &[f64], means: &[f64], u: f64) -> f64 {
    let mut below = 0.0;
    let mut last = 0.0;
    for (&p, &mean) in p.iter().zip(means) {
        if u < below + p {
            return -mean * libm::log1p(-(u - below) / p);
        }
        below += p;
        last = mean;
    }
    // The sum of p fell short of 1 by rounding.
    last
}

fn finite(name: &str, x: f64) -> Result<(), String> {
    if x.is_finite() {
        return Ok(());
    }
    Err(format!("{name} is {x}; it must be a finite number"))
}

fn positive(name: &str, x: f64) -> Result<(), String> {
    finite(name, x)?;
    if x > 0.0 {
        return Ok(());
    }
    Err(format!("{name} is {x}; it must be positive"))
}

fn not_negative(name: &str, x: f64) -> Result<(), String> {
    finite(name, x)?;
    if x >= 0.0 {
        return Ok(());
    }
    Err(format!("{name} is {x}; it must not be negative"))
}

fn above(name: &str, x: f64, bound_name: &str, bound: f64) -> Result<(), String> {
    finite(name, x)?;
    if x > bound {
        return Ok(());
    }
    Err(format!("{name} is {x}; it must be above {bound_name} ({bound})"))
}
