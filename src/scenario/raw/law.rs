//! Distributions as files say them.

use serde::Deserialize;

use super::Scalar;

/// A distribution of durations.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Law {
    Deterministic(Scalar),
    Exponential {
        mean: Option<Scalar>,
    },
    Uniform {
        low: Option<Scalar>,
        high: Option<Scalar>,
    },
    Normal {
        mean: Option<Scalar>,
        sd: Option<Scalar>,
    },
    Lognormal {
        median: Option<Scalar>,
        sigma: Option<Scalar>,
        p90: Option<Scalar>,
        mean: Option<Scalar>,
        cv: Option<Scalar>,
    },
    Gamma {
        shape: Option<Scalar>,
        mean: Option<Scalar>,
    },
    Erlang {
        k: Option<Scalar>,
        mean: Option<Scalar>,
    },
    Weibull {
        shape: Option<Scalar>,
        scale: Option<Scalar>,
    },
    Hyperexponential {
        #[serde(default)]
        branches: Vec<Branch>,
    },
    Triangular {
        low: Option<Scalar>,
        mode: Option<Scalar>,
        high: Option<Scalar>,
    },
    Empirical(Vec<(Scalar, Scalar)>),
}

/// One branch of a hyperexponential law.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Branch {
    pub p: Option<Scalar>,
    pub mean: Option<Scalar>,
}

/// How many come at once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Batch {
    Fixed(Scalar),
    Geometric { mean: Option<Scalar> },
}
