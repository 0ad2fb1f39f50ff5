//! Waiting rooms, gates and token buckets.

use serde::Deserialize;

use super::{Level, Scalar};

/// A waiting room, or a gate that only refuses.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quota {
    pub preset: Option<String>,
    pub max_sessions: Option<Scalar>,
    pub max_share: Option<Scalar>,
    pub counted_from: Option<CountedFrom>,
    pub admissions: Option<Admissions>,
    pub seat: Option<Seat>,
    pub order: Option<Order>,
    pub poll: Option<Scalar>,
    pub max_length: Option<Scalar>,
    pub page_work: Option<Scalar>,
    #[serde(default)]
    pub bypass: Vec<Level>,
    pub bypass_share: Option<Scalar>,
    pub reread: Option<Scalar>,
    pub grain: Option<Scalar>,
    pub grace: Option<Scalar>,
    pub no_show: Option<NoShow>,
    pub phantoms: Option<Scalar>,
    pub prequeue: Option<Prequeue>,
    pub sites: Option<Sites>,
    pub pass: Option<Scalar>,
    pub capacity: Option<Scalar>,
}

/// What the place of somebody who has left does.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum NoShow {
    Holds,
    Blocks,
    Returned,
    Wasted,
}

/// A time in which nobody is admitted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prequeue {
    pub from: Option<Scalar>,
    pub until: Option<Scalar>,
    pub shuffle: Option<bool>,
}

/// Sites that share a cap.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sites {
    pub count: Option<Scalar>,
    pub lag: Option<Scalar>,
}

/// From when a person counts against the cap.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum CountedFrom {
    Admission,
    Login,
}

/// A limit on admissions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Admissions {
    pub count: Option<Scalar>,
    pub period: Option<Scalar>,
    pub window: Option<Window>,
}

/// How an admission limit counts.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum Window {
    Fixed,
    Sliding,
    TokenBucket,
    Paced,
    Counter,
}

/// When a seat is freed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Seat {
    OnExit,
    Sliding {
        idle: Option<Scalar>,
        logout_share: Option<Scalar>,
    },
    Fixed {
        length: Option<Scalar>,
        logout_share: Option<Scalar>,
    },
}

/// Who is next.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Order {
    Reject,
    Fifo { bucket: Option<Scalar> },
    Lottery,
    Priority { ageing: Option<Scalar> },
    Passthrough,
}

/// A token bucket.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bucket {
    pub rate: Option<Scalar>,
    pub burst: Option<Scalar>,
    pub random_refill: Option<bool>,
}
