//! The registry of distributions: help pages and error messages are made from it.

use super::Distribution;

/// What may be said about one kind of distribution.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kind {
    /// Its name, as in the enum.
    pub name: &'static str,
    /// Its parameters: name, then meaning with unit and range.
    pub parameters: &'static [(&'static str, &'static str)],
    /// What it is good for, in a sentence.
    pub about: &'static str,
}

/// Every kind, in the order of the enum.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "Deterministic",
        parameters: &[("value", "s, at least 0")],
        about: "Always the same value.",
    },
    Kind {
        name: "Exponential",
        parameters: &[("mean", "s, positive")],
        about: "Without memory: what is left does not depend on what has passed. Calls and pauses of many independent people.",
    },
    Kind {
        name: "Uniform",
        parameters: &[("low", "s, at least 0"), ("high", "s, above low")],
        about: "Any value between two bounds alike.",
    },
    Kind {
        name: "Normal",
        parameters: &[("mean", "s, may be negative"), ("sd", "s, positive")],
        about: "A symmetric spread around an instant; may be negative, so for arrival spreads only, never for durations.",
    },
    Kind {
        name: "Lognormal",
        parameters: &[
            ("mu", "mean of the logarithm of the value in s"),
            ("sigma", "standard deviation of that logarithm, positive"),
        ],
        about: "Skewed durations made of many factors: calls, patience, page work.",
    },
    Kind {
        name: "Gamma",
        parameters: &[("shape", "positive"), ("mean", "s, positive")],
        about: "More regular (shape above 1) or more irregular (below 1) than an exponential.",
    },
    Kind {
        name: "Erlang",
        parameters: &[
            ("k", "stages, at least 1"),
            ("mean", "s of all stages together, positive"),
        ],
        about: "A sum of k equal exponential stages.",
    },
    Kind {
        name: "Weibull",
        parameters: &[("shape", "positive"), ("scale", "s, the 63.2 % quantile, positive")],
        about: "A hazard that falls (shape below 1) or rises (above 1) with time: patience, failures.",
    },
    Kind {
        name: "Hyperexponential",
        parameters: &[
            ("p", "probability of each branch, sum 1"),
            ("means", "s, mean of each branch, positive"),
        ],
        about: "A mixture of exponentials: many short, a few very long.",
    },
    Kind {
        name: "Triangular",
        parameters: &[
            ("low", "s, at least 0"),
            ("mode", "s, between low and high"),
            ("high", "s, above low"),
        ],
        about: "Least, likeliest and greatest value, when nothing else is known.",
    },
    Kind {
        name: "Empirical",
        parameters: &[(
            "points",
            "(value in s, weight) pairs; values ascending, weights positive",
        )],
        about: "Observed values with their weights; nothing between them.",
    },
    Kind {
        name: "Geometric",
        parameters: &[("p", "probability to stop after each, above 0 and at most 1")],
        about: "1, 2, 3 and so on: sizes of groups that come together; a count, not a time.",
    },
];

impl Distribution {
    /// This distribution's entry in the registry.
    pub fn kind(&self) -> &'static Kind {
        let index = match self {
            Self::Deterministic { .. } => 0,
            Self::Exponential { .. } => 1,
            Self::Uniform { .. } => 2,
            Self::Normal { .. } => 3,
            Self::Lognormal { .. } => 4,
            Self::Gamma { .. } => 5,
            Self::Erlang { .. } => 6,
            Self::Weibull { .. } => 7,
            Self::Hyperexponential { .. } => 8,
            Self::Triangular { .. } => 9,
            Self::Empirical { .. } => 10,
            Self::Geometric { .. } => 11,
        };
        &KINDS[index]
    }
}
