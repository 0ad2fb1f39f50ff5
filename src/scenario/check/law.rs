//! Distributions.

use super::quantity::{
    DURATION, Dimension, HEADS, MANY_HEADS, POSITIVE_COUNT, POSITIVE_DURATION, POSITIVE_RATIO, RATIO, SHARE,
    SIGNED_DURATION,
};
use super::{At, Checker};
use crate::engine::Distribution;
use crate::scenario::raw::{Batch, Law, Scalar};

impl Checker<'_> {
    /// A law that may be left out.
    pub(super) fn law_maybe(&mut self, at: &At, raw: Option<&Law>) -> Option<Distribution> {
        raw.map(|raw| self.law(at, raw))
    }

    /// A law that must be there; zero stands in for one that is not.
    pub(super) fn law_needed(&mut self, at: &At, raw: Option<&Law>) -> Distribution {
        match raw {
            Some(raw) => self.law(at, raw),
            None => {
                self.missing(at, "a distribution", "Exponential(mean: \"45 s\")");
                Distribution::Deterministic { value: 0.0 }
            }
        }
    }

    /// A law of durations that cannot be negative.
    pub(super) fn law(&mut self, at: &At, raw: &Law) -> Distribution {
        if matches!(raw, Law::Normal { .. }) {
            let problem = self.wrong(at, "a normal law is sometimes negative, which this duration cannot be");
            let help = "only the `spread` of a wave may be negative: use `Gamma`, `Lognormal` or `Triangular` here";
            self.note(problem.label("negative now and then").help(help));
        }
        self.spread(at, raw)
    }

    /// A law of durations that may be negative: how early or late people come.
    pub(super) fn spread(&mut self, at: &At, raw: &Law) -> Distribution {
        let before = self.problems.len();
        let law = self.parameters(at, raw);
        if self.problems.len() == before
            && let Err(reason) = law.validate()
        {
            let problem = self.wrong(at, format!("this distribution does not exist: {reason}"));
            self.note(problem.label(reason));
        }
        law
    }

    fn field(&mut self, at: &At, name: &str, raw: Option<&Scalar>, dimension: &Dimension) -> f64 {
        self.need(&at.key(name), raw, dimension)
    }

    fn parameters(&mut self, at: &At, raw: &Law) -> Distribution {
        let time = &POSITIVE_DURATION;
        match raw {
            Law::Deterministic(value) => Distribution::Deterministic {
                value: self.or(at, Some(value), &DURATION, 0.0),
            },
            Law::Exponential { mean } => Distribution::Exponential {
                mean: self.field(at, "mean", mean.as_ref(), time),
            },
            Law::Uniform { low, high } => Distribution::Uniform {
                low: self.or(&at.key("low"), low.as_ref(), &DURATION, 0.0),
                high: self.field(at, "high", high.as_ref(), time),
            },
            Law::Normal { mean, sd } => Distribution::Normal {
                mean: self.or(&at.key("mean"), mean.as_ref(), &SIGNED_DURATION, 0.0),
                sd: self.field(at, "sd", sd.as_ref(), time),
            },
            Law::Lognormal {
                median,
                sigma,
                p90,
                mean,
                cv,
            } => self.lognormal(at, [median, sigma, p90, mean, cv].map(Option::as_ref)),
            Law::Gamma { shape, mean } => Distribution::Gamma {
                shape: self.field(at, "shape", shape.as_ref(), &POSITIVE_RATIO),
                mean: self.field(at, "mean", mean.as_ref(), time),
            },
            Law::Erlang { k, mean } => Distribution::Erlang {
                k: self.field(at, "k", k.as_ref(), &POSITIVE_COUNT) as u32,
                mean: self.field(at, "mean", mean.as_ref(), time),
            },
            Law::Weibull { shape, scale } => Distribution::Weibull {
                shape: self.field(at, "shape", shape.as_ref(), &POSITIVE_RATIO),
                scale: self.field(at, "scale", scale.as_ref(), time),
            },
            Law::Hyperexponential { branches } => {
                let list = at.key("branches");
                let (mut p, mut means) = (Vec::new(), Vec::new());
                for (i, branch) in branches.iter().enumerate() {
                    let at = list.index(i);
                    p.push(self.field(&at, "p", branch.p.as_ref(), &SHARE));
                    means.push(self.field(&at, "mean", branch.mean.as_ref(), time));
                }
                self.whole(&list, "the branches", p.iter().copied());
                Distribution::Hyperexponential { p, means }
            }
            Law::Triangular { low, mode, high } => Distribution::Triangular {
                low: self.or(&at.key("low"), low.as_ref(), &DURATION, 0.0),
                mode: self.field(at, "mode", mode.as_ref(), &DURATION),
                high: self.field(at, "high", high.as_ref(), time),
            },
            Law::Empirical(points) => {
                let mut pairs = Vec::new();
                for (i, (value, weight)) in points.iter().enumerate() {
                    let at = at.index(i);
                    let value = self.or(&at.index(0), Some(value), &DURATION, 0.0);
                    pairs.push((value, self.or(&at.index(1), Some(weight), &SHARE, 0.0)));
                }
                self.whole(at, "the points", pairs.iter().map(|(_, weight)| *weight));
                Distribution::empirical(pairs)
            }
        }
    }

    /// Three ways to say a lognormal law, two parameters each.
    fn lognormal(&mut self, at: &At, raw: [Option<&Scalar>; 5]) -> Distribution {
        let [median, sigma, p90, mean, cv] = raw;
        let given: Vec<bool> = raw.iter().map(Option::is_some).collect();
        let time = &POSITIVE_DURATION;
        match given.as_slice() {
            [true, true, false, false, false] => Distribution::lognormal_median_sigma(
                self.field(at, "median", median, time),
                self.field(at, "sigma", sigma, &RATIO),
            ),
            [true, false, true, false, false] => Distribution::lognormal_median_quantile(
                self.field(at, "median", median, time),
                0.9,
                self.field(at, "p90", p90, time),
            ),
            [false, false, false, true, true] => {
                Distribution::lognormal_mean_cv(self.field(at, "mean", mean, time), self.field(at, "cv", cv, &RATIO))
            }
            _ => {
                let problem = self.wrong(at, "a lognormal law takes two parameters that go together");
                let help = "write (median, sigma), (median, p90) or (mean, cv)";
                self.note(problem.label("not one of the three pairs").help(help));
                Distribution::Deterministic { value: 0.0 }
            }
        }
    }

    /// How many come at once.
    pub(super) fn batch(&mut self, at: &At, raw: Option<&Batch>) -> Option<Distribution> {
        Some(match raw? {
            Batch::Fixed(count) => Distribution::Deterministic {
                value: self.or(at, Some(count), &POSITIVE_COUNT, 1.0),
            },
            Batch::Geometric { mean } => {
                let mean = self.field(at, "mean", mean.as_ref(), &RATIO);
                if mean < 1.0 {
                    let problem = self.wrong(&at.key("mean"), "the mean of a batch is at least 1");
                    self.note(problem.label("at least one comes at once").help("write 1 or more"));
                }
                Distribution::Geometric { p: 1.0 / mean.max(1.0) }
            }
        })
    }

    /// A number of people or places that fits 32 bits, if it is given.
    pub(super) fn heads(&mut self, at: &At, raw: Option<&Scalar>) -> Option<u32> {
        self.maybe(at, raw, &HEADS).map(|count| count as u32)
    }

    /// A number of people or places, if it is given.
    pub(super) fn many(&mut self, at: &At, raw: Option<&Scalar>) -> Option<u64> {
        self.maybe(at, raw, &MANY_HEADS).map(|count| count as u64)
    }
}
