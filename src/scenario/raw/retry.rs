//! Smoothing of retries: backoff, answers that say when to come back, budgets and throttles of clients.

use serde::Deserialize;

use super::Scalar;

/// A delay that grows with the number of the try.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backoff {
    pub base: Option<Scalar>,
    pub factor: Option<Scalar>,
    pub cap: Option<Scalar>,
    /// Left out: full; `None`: none at all.
    pub jitter: Option<Jitter>,
}

/// How a backoff is spread.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum Jitter {
    Full,
    Equal,
    Decorrelated,
}

/// How those spread who obey a `Retry-After`. Left out: exponential; `None`: not at all.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Spreading {
    Exponential,
    Uniform(Scalar),
}

/// A limit on the retries of all clients of a service together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Budget {
    Ratio {
        share: Option<Scalar>,
        window: Option<Scalar>,
        reserve: Option<Scalar>,
    },
    Tokens {
        tokens: Option<Scalar>,
        cost: Option<Scalar>,
        error_cost: Option<Scalar>,
        earn: Option<Scalar>,
    },
}

/// Clients that drop requests themselves when the service answers too few.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Throttle {
    pub factor: Option<Scalar>,
    pub window: Option<Scalar>,
}
