//! Smoothing of retries: backoff, answers that say when to come back, budgets and throttles of clients.

use crate::engine::{Span, Time};

/// A delay that grows with the number of failed tries.
///
/// After failure `i` (from 0) the ceiling is `min(cap, base·factorⁱ)`; the jitter says what is drawn below it (Brooker,
/// "Exponential backoff and jitter", AWS architecture blog, 2015).
///
/// ```
/// use preau::scenario::model::{Backoff, Jitter};
/// let law = Backoff { base: 1.0, factor: 2.0, cap: 60.0, jitter: Jitter::Full };
/// assert_eq!([0, 1, 5, 6, 5000].map(|i| law.ceiling(i)), [1.0, 2.0, 32.0, 60.0, 60.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// Ceiling after the first failure, s.
    pub base: f64,
    /// Factor from failure to failure, at least 1.
    pub factor: f64,
    /// Largest ceiling, s.
    pub cap: f64,
    /// What is drawn below it.
    pub jitter: Jitter,
}

impl Backoff {
    /// The ceiling after the `i`-th failure, counted from 0, s.
    pub fn ceiling(&self, i: u32) -> f64 {
        (self.base * libm::pow(self.factor, f64::from(i))).min(self.cap)
    }
}

/// What a backoff draws below its ceiling `w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// The ceiling itself.
    None,
    /// `U(0, w)`.
    Full,
    /// `w/2 + U(0, w/2)`.
    Equal,
    /// `min(cap, U(base, 3·last delay))`, the last delay being `base` at first; the factor plays no part.
    Decorrelated,
}

/// What those do who obey a `Retry-After` of a given mean or constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spreading {
    /// An exponential delay of that mean: no memory, so they can be pooled.
    Exponential,
    /// Exactly that delay and up to this much more, s, drawn evenly. Zero: all at the same distance, in step.
    Uniform(f64),
}

/// A limit on the retries of all clients of a service together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RetryBudget {
    /// One may come back while retries are fewer than a share of all requests of the window (Beyer et al., *Site
    /// Reliability Engineering*, O'Reilly 2016, chapter 21: 10 %).
    Ratio {
        /// Retries against requests, retries included, 0..=1.
        share: f64,
        /// How long a request counts.
        window: Span,
        /// Retries that are allowed beside, 1/s.
        reserve: f64,
    },
    /// A bucket that retries empty and successes fill (retry quota of the AWS SDKs, as of 2026: 500, 5, 14, 1).
    Tokens {
        /// Most tokens, and how many there are at first.
        tokens: f64,
        /// What coming back costs whom the gate or a rate limit refused; given back when it succeeds.
        cost: f64,
        /// What coming back costs after anything else: a full backlog, no answer, a time-out; given back too.
        error_cost: f64,
        /// What a success at the first try earns.
        earn: f64,
    },
}

/// Clients drop requests before they are sent, with `p = max(0, (requests − K·accepts)/(requests + 1))` over the window
/// (Beyer et al. 2016, chapter 21: K = 2 over two minutes).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClientThrottle {
    /// K: so many requests are sent for each that is answered.
    pub factor: f64,
    /// How long a request counts.
    pub window: Span,
}

/// A stretch of a day set aside for somebody's visits, with the part of the day from which they are moved into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Arrivals from here on,
    pub day: Time,
    /// and before this instant, come later: evenly spread
    pub from: Time,
    /// from there to here.
    pub until: Time,
}
