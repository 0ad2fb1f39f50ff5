//! Ranges of numbers and their laws, by inverse distribution functions.

use crate::engine::distribution::{normal_cdf, normal_quantile};

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
            Law::Lognormal { median, sigma } => libm::exp(cut(log(median), sigma, log(a), log(b), u)),
        }
    }

    /// Share of the law, as it would be without ends, that lies between them: 1 for laws that end there by themselves.
    pub fn held(&self) -> f64 {
        let half = if self.integer { 0.5 } else { 0.0 };
        let (a, b) = (self.from - half, self.to + half);
        match self.law {
            Law::Uniform | Law::LogUniform | Law::Triangular { .. } => 1.0,
            Law::Normal { mean, sd } => within(mean, sd, a, b),
            Law::Lognormal { median, sigma } => within(log(median), sigma, log(a), log(b)),
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

/// A logarithm for ends of ranges, which may be 0.
fn log(x: f64) -> f64 {
    libm::log(x.max(f64::MIN_POSITIVE))
}

/// A normal law cut at `a` and `b`.
///
/// Above the mean the law is taken from its mirror image: near 1 the distribution function has steps of 1e-16, near 0 it has all
/// its digits, so that the tails above and below are cut alike.
fn cut(mean: f64, sd: f64, a: f64, b: f64, u: f64) -> f64 {
    if a > mean {
        return 2.0 * mean - cut_below(mean, sd, 2.0 * mean - b, 2.0 * mean - a, 1.0 - u);
    }
    cut_below(mean, sd, a, b, u)
}

/// As [`cut`], exact where the range reaches below the mean.
fn cut_below(mean: f64, sd: f64, a: f64, b: f64, u: f64) -> f64 {
    let (low, high) = (normal_cdf((a - mean) / sd), normal_cdf((b - mean) / sd));
    if low >= high {
        // Less than a number can tell: what there is lies at the end next to the mean. Files of such laws are refused.
        return b;
    }
    (mean + sd * normal_quantile(low + u * (high - low))).clamp(a, b)
}

/// Share of a normal law between `a` and `b`.
fn within(mean: f64, sd: f64, a: f64, b: f64) -> f64 {
    let (low, high) = ((a - mean) / sd, (b - mean) / sd);
    if low > 0.0 {
        normal_cdf(-low) - normal_cdf(-high)
    } else {
        normal_cdf(high) - normal_cdf(low)
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

    /// Of a law of mean 0 and deviation 1 little but its end remains between 5 and 30. The median m
    /// has Q(m) = Q(5)/2 = 1.433 258e-7, so m = 5.132 018. Mirrored, the same must come with a minus.
    #[test]
    fn both_tails_are_cut_alike() {
        let tail = |from, to, mean, sd| Range {
            from,
            to,
            ..range(Law::Normal { mean, sd })
        };
        for (from, to) in [(5.0, 30.0), (8.5, 38.5), (12.0, 13.0), (30.0, 31.0)] {
            let (above, below) = (tail(from, to, 0.0, 1.0), tail(-to, -from, 0.0, 1.0));
            let mut last = from;
            for i in 1..200 {
                let u = f64::from(i) / 200.0;
                let (x, y) = (above.at(u), -below.at(1.0 - u));
                assert!((x - y).abs() < 1e-9 * x, "{from} to {to} at {u}: {x} above, {y} below");
                assert!(x > last && x < to, "{from} to {to} at {u}: {x} after {last}");
                last = x;
            }
        }
        assert!((tail(5.0, 30.0, 0.0, 1.0).at(0.5) - 5.132_018).abs() < 1e-6);
        // 8.5 deviations above: half the points lie within 0.08 of a deviation of the lower end, none at the upper.
        let rare = tail(0.3, 0.9, 0.13, 0.02);
        assert!(
            (rare.at(0.5) - 0.3016).abs() < 1e-4 && rare.at(0.999) < 0.32,
            "{}",
            rare.at(0.999)
        );
        let rare = Range {
            from: 3000.0,
            to: 9000.0,
            ..range(Law::Lognormal {
                median: 100.0,
                sigma: 0.4,
            })
        };
        assert!(
            (rare.at(0.5) / 3000.0 - 1.0).abs() < 0.05 && rare.at(0.999) < 5000.0,
            "{}",
            rare.at(0.5)
        );
    }

    #[test]
    fn a_range_knows_how_much_of_its_law_it_holds() {
        // 1.96 deviations either side; a tail of 5: 2.8665e-7.
        let held = |from, to, law| Range { from, to, ..range(law) }.held();
        let normal = Law::Normal { mean: 3.0, sd: 2.0 };
        assert!((held(3.0 - 3.919_928, 3.0 + 3.919_928, normal) - 0.95).abs() < 1e-7);
        assert!((held(13.0, 1e9, normal) - 2.8665e-7).abs() < 1e-11);
        assert!((held(-1e9, -7.0, normal) - 2.8665e-7).abs() < 1e-11);
        let log = Law::Lognormal {
            median: 1.0,
            sigma: 0.2,
        };
        assert!((held(std::f64::consts::E, 1e9, log) - 2.8665e-7).abs() < 1e-11);
        assert_eq!((held(1.0, 2.0, Law::Uniform), held(0.0, 1e9, log)), (1.0, 1.0));
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
