//! Ranges of numbers and their laws, by inverse distribution functions.

use crate::engine::Distribution;

/// Numbers from one end to the other, ends included, with a law between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// The least.
    pub from: f64,
    /// The greatest.
    pub to: f64,
    /// How probable those between are.
    pub law: Law,
    /// Their unit as models write it; empty for bare numbers.
    pub unit: String,
    /// Whether only whole numbers are meant.
    pub integer: bool,
    /// How many a full design tries.
    pub levels: Option<u32>,
}

/// How probable the numbers of a range are. Laws that reach further are cut at the ends of the range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// All alike.
    Uniform,
    /// All magnitudes alike: the logarithm is uniform.
    LogUniform,
    /// From no probability at the ends linearly up to the mode.
    Triangular {
        /// The most probable number.
        mode: f64,
    },
    /// Normal.
    Normal {
        /// Its mean.
        mean: f64,
        /// Its standard deviation.
        sd: f64,
    },
    /// The logarithm is normal.
    Lognormal {
        /// Its median.
        median: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
}

impl Law {
    /// The word in files.
    pub fn name(self) -> &'static str {
        match self {
            Law::Uniform => "Uniform",
            Law::LogUniform => "LogUniform",
            Law::Triangular { .. } => "Triangular",
            Law::Normal { .. } => "Normal",
            Law::Lognormal { .. } => "Lognormal",
        }
    }
}

impl Range {
    /// The number at a place of the unit interval; 0 and 1 give the ends.
    pub fn at(&self, u: f64) -> f64 {
        let u = u.clamp(0.0, 1.0);
        if self.integer {
            // Each whole number has the probability of the unit around it.
            let wide = Range {
                from: self.from - 0.5,
                to: self.to + 0.5,
                integer: false,
                ..self.clone()
            };
            return libm::round(wide.real(u)).clamp(self.from, self.to);
        }
        // The ends exactly, whatever the rounding of logarithms.
        match u {
            0.0 => self.from,
            1.0 => self.to,
            _ => self.real(u).clamp(self.from, self.to),
        }
    }

    fn real(&self, u: f64) -> f64 {
        let (a, b) = (self.from, self.to);
        if a >= b {
            return a;
        }
        match self.law {
            Law::Uniform => a + u * (b - a),
            Law::LogUniform => {
                let (a, b) = (libm::log(a), libm::log(b));
                libm::exp(a + u * (b - a))
            }
            Law::Triangular { mode } => {
                let turn = (mode - a) / (b - a);
                if u < turn {
                    a + ((b - a) * (mode - a) * u).sqrt()
                } else {
                    b - ((b - a) * (b - mode) * (1.0 - u)).sqrt()
                }
            }
            Law::Normal { mean, sd } => cut(mean, sd, a, b, u),
            Law::Lognormal { median, sigma } => {
                let log = |x: f64| libm::log(x.max(f64::MIN_POSITIVE));
                libm::exp(cut(log(median), sigma, log(a), log(b), u))
            }
        }
    }

    /// `10 to 60 min, LogUniform`.
    pub fn describe(&self) -> String {
        let unit = if self.unit.is_empty() {
            String::new()
        } else {
            format!(" {}", self.unit)
        };
        let whole = if self.integer { ", whole numbers" } else { "" };
        let levels = self.levels.map_or(String::new(), |n| format!(", {n} levels"));
        format!("{} to {}{unit}, {}{whole}{levels}", self.from, self.to, self.law.name())
    }
}

/// A normal law cut at `a` and `b`.
fn cut(mean: f64, sd: f64, a: f64, b: f64, u: f64) -> f64 {
    let law = Distribution::Normal { mean, sd };
    let (Some(low), Some(high)) = (law.cdf(a), law.cdf(b)) else {
        return a;
    };
    match law.quantile(low + u * (high - low)) {
        Some(x) => x.clamp(a, b),
        None if u < 0.5 => a,
        None => b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(law: Law) -> Range {
        Range {
            from: 10.0,
            to: 1000.0,
            law,
            unit: String::new(),
            integer: false,
            levels: None,
        }
    }

    #[test]
    fn laws_are_inverse_distribution_functions() {
        let near = |law, u, x: f64| {
            assert!(
                (range(law).at(u) - x).abs() < 1e-6 * x,
                "{law:?} {u} {}",
                range(law).at(u)
            )
        };
        near(Law::Uniform, 0.5, 505.0);
        near(Law::LogUniform, 0.5, 100.0);
        // Area of the triangle left of its mode: (110 - 10)/990.
        near(Law::Triangular { mode: 110.0 }, 100.0 / 990.0, 110.0);
        near(Law::Triangular { mode: 505.0 }, 0.5, 505.0);
        near(Law::Normal { mean: 505.0, sd: 100.0 }, 0.5, 505.0);
        // The upper quartile of a normal law is 0.674490 standard deviations above its mean; the cut is at 4.95.
        near(Law::Normal { mean: 505.0, sd: 100.0 }, 0.75, 572.449);
        near(
            Law::Lognormal {
                median: 100.0,
                sigma: 0.5,
            },
            0.5,
            100.0,
        );
        for law in [
            Law::Uniform,
            Law::LogUniform,
            Law::Triangular { mode: 10.0 },
            Law::Normal { mean: 0.0, sd: 50.0 },
            Law::Lognormal {
                median: 5000.0,
                sigma: 0.2,
            },
        ] {
            assert_eq!((range(law).at(0.0), range(law).at(1.0)), (10.0, 1000.0), "{law:?}");
            assert!((0..=100).map(|i| range(law).at(f64::from(i) / 100.0)).is_sorted());
        }
    }

    #[test]
    fn whole_numbers_are_equally_probable() {
        let dice = Range {
            from: 1.0,
            to: 6.0,
            integer: true,
            ..range(Law::Uniform)
        };
        let mut counts = [0; 6];
        for i in 0..6000 {
            counts[dice.at((f64::from(i) + 0.5) / 6000.0) as usize - 1] += 1;
        }
        assert_eq!(counts, [1000; 6]);
    }
}
