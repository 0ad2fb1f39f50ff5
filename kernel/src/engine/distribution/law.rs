//! Moments, distribution functions and quantiles.

use statrs::function::gamma::gamma_lr;

use super::{Distribution, exp, normal_cdf, normal_quantile};

impl Distribution {
    /// The mean, in seconds (a count for the geometric law).
    pub fn mean(&self) -> f64 {
        match self {
            Self::Deterministic { value } => *value,
            Self::Exponential { mean }
            | Self::Normal { mean, .. }
            | Self::Gamma { mean, .. }
            | Self::Erlang { mean, .. } => *mean,
            Self::Uniform { low, high } => 0.5 * (low + high),
            Self::Lognormal { mu, sigma } => exp(mu + 0.5 * sigma * sigma),
            Self::Weibull { shape, scale } => scale * libm::tgamma(1.0 + 1.0 / shape),
            Self::Hyperexponential { p, means } => p.iter().zip(means).map(|(p, mean)| p * mean).sum(),
            Self::Triangular { low, mode, high } => (low + mode + high) / 3.0,
            Self::Empirical { points } => {
                let sum: f64 = points.iter().map(|(value, weight)| value * weight).sum();
                sum / total(points)
            }
            Self::Geometric { p } => 1.0 / p,
        }
    }

    /// The variance, in square seconds.
    pub fn variance(&self) -> f64 {
        match self {
            Self::Deterministic { .. } => 0.0,
            Self::Exponential { mean } => mean * mean,
            Self::Uniform { low, high } => (high - low) * (high - low) / 12.0,
            Self::Normal { sd, .. } => sd * sd,
            Self::Lognormal { sigma, .. } => {
                let mean = self.mean();
                mean * mean * libm::expm1(sigma * sigma)
            }
            Self::Gamma { shape, mean } => mean * mean / shape,
            Self::Erlang { k, mean } => mean * mean / f64::from(*k),
            Self::Weibull { shape, scale } => {
                let mean = self.mean();
                scale * scale * libm::tgamma(1.0 + 2.0 / shape) - mean * mean
            }
            Self::Hyperexponential { p, means } => {
                let mean = self.mean();
                let square: f64 = p.iter().zip(means).map(|(p, m)| 2.0 * p * m * m).sum();
                square - mean * mean
            }
            Self::Triangular { low, mode, high } => {
                let (a, b) = (mode - low, high - mode);
                (a * a + b * b + a * b) / 18.0
            }
            Self::Empirical { points } => {
                let mean = self.mean();
                let sum: f64 = points
                    .iter()
                    .map(|(value, weight)| weight * (value - mean) * (value - mean))
                    .sum();
                sum / total(points)
            }
            Self::Geometric { p } => (1.0 - p) / (p * p),
        }
    }

    /// P(X ≤ x). `None` if the parameters are invalid or `x` is NaN.
    pub fn cdf(&self, x: f64) -> Option<f64> {
        if x.is_nan() || self.validate().is_err() {
            return None;
        }
        let p = match self {
            Self::Normal { mean, sd } => normal_cdf((x - mean) / sd),
            // All others live on x ≥ 0.
            _ if x < 0.0 => 0.0,
            Self::Deterministic { value } => f64::from(u8::from(x >= *value)),
            Self::Exponential { mean } => -libm::expm1(-x / mean),
            Self::Uniform { low, high } => ((x - low) / (high - low)).clamp(0.0, 1.0),
            Self::Lognormal { mu, sigma } => normal_cdf((libm::log(x) - mu) / sigma),
            Self::Gamma { shape, mean } => gamma_cdf(*shape, x * shape / mean),
            Self::Erlang { k, mean } => {
                let shape = f64::from(*k);
                gamma_cdf(shape, x * shape / mean)
            }
            Self::Weibull { shape, scale } => -libm::expm1(-libm::pow(x / scale, *shape)),
            Self::Hyperexponential { p, means } => {
                p.iter().zip(means).map(|(p, mean)| -p * libm::expm1(-x / mean)).sum()
            }
            Self::Triangular { low, mode, high } => {
                if x <= *low {
                    0.0
                } else if x >= *high {
                    1.0
                } else if x <= *mode {
                    (x - low) * (x - low) / ((high - low) * (mode - low))
                } else {
                    1.0 - (high - x) * (high - x) / ((high - low) * (high - mode))
                }
            }
            Self::Empirical { points } => {
                let below: f64 = points
                    .iter()
                    .take_while(|(value, _)| *value <= x)
                    .map(|(_, weight)| weight)
                    .sum();
                below / total(points)
            }
            Self::Geometric { p } => {
                let trials = libm::floor(x);
                if trials < 1.0 {
                    0.0
                } else {
                    -libm::expm1(trials * libm::log1p(-p))
                }
            }
        };
        Some(p)
    }

    /// The least x with P(X ≤ x) ≥ `p`. `None` if `p` is not strictly between 0 and 1 or the parameters are invalid.
    ///
    /// Gamma, Erlang (above one stage) and hyperexponential laws have no closed inverse: bisection of [`Distribution::cdf`], microseconds.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        if !(p > 0.0 && p < 1.0) || self.validate().is_err() {
            return None;
        }
        self.inverse(p)
    }

    /// As [`Distribution::quantile`], for valid parameters and `p` strictly between 0 and 1: the event path has them checked.
    pub(crate) fn inverse(&self, p: f64) -> Option<f64> {
        let x = match self {
            Self::Deterministic { value } => *value,
            Self::Exponential { mean } => -mean * libm::log1p(-p),
            Self::Uniform { low, high } => low + (high - low) * p,
            Self::Normal { mean, sd } => mean + sd * normal_quantile(p),
            Self::Lognormal { mu, sigma } => exp(mu + sigma * normal_quantile(p)),
            Self::Weibull { shape, scale } => scale * libm::pow(-libm::log1p(-p), 1.0 / shape),
            Self::Triangular { low, mode, high } => triangular_quantile(*low, *mode, *high, p),
            Self::Empirical { points } => empirical_quantile(points, p),
            Self::Geometric { p: success } => geometric_quantile(*success, p),
            Self::Gamma { .. } | Self::Erlang { .. } | Self::Hyperexponential { .. } => {
                return self.bisect(p);
            }
        };
        Some(x)
    }

    fn bisect(&self, p: f64) -> Option<f64> {
        let mut high = self.mean();
        while self.cdf(high)? < p {
            high *= 2.0;
        }
        let mut low = 0.0;
        // Halving until no number lies between takes about 60 steps, and never more than the bits of a double.
        loop {
            let middle = low + 0.5 * (high - low);
            if middle <= low || middle >= high {
                return Some(high);
            }
            if self.cdf(middle)? < p {
                low = middle;
            } else {
                high = middle;
            }
        }
    }
}

fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x.is_infinite() {
        1.0
    } else {
        gamma_lr(shape, x)
    }
}

fn total(points: &[(f64, f64)]) -> f64 {
    points.iter().map(|(_, weight)| weight).sum()
}

pub(super) fn triangular_quantile(low: f64, mode: f64, high: f64, u: f64) -> f64 {
    let width = high - low;
    let turn = (mode - low) / width;
    if u < turn {
        low + libm::sqrt(u * width * (mode - low))
    } else {
        high - libm::sqrt((1.0 - u) * width * (high - mode))
    }
}

pub(super) fn empirical_quantile(points: &[(f64, f64)], u: f64) -> f64 {
    let target = u * total(points);
    let mut sum = 0.0;
    let mut last = f64::NAN;
    for &(value, weight) in points {
        sum += weight;
        last = value;
        if target <= sum {
            break;
        }
    }
    last
}

pub(super) fn geometric_quantile(p: f64, u: f64) -> f64 {
    if p >= 1.0 {
        return 1.0;
    }
    libm::ceil(libm::log1p(-u) / libm::log1p(-p)).max(1.0)
}
