//! Levers that watch, and capacity that comes later than it is ordered.

use serde::Deserialize;

use super::{Law, Scalar, Who};

/// What a watching lever looks at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Signal {
    Utilisation {
        above: Option<Scalar>,
        below: Option<Scalar>,
    },
    PageLatency {
        above: Option<Scalar>,
        below: Option<Scalar>,
    },
    Backlog {
        above: Option<Scalar>,
        below: Option<Scalar>,
    },
    Waiting {
        above: Option<Scalar>,
        below: Option<Scalar>,
    },
    Refused {
        above: Option<Scalar>,
        below: Option<Scalar>,
    },
    LinkLoss {
        above: Option<Scalar>,
        below: Option<Scalar>,
    },
}

/// By how much capacity changes at once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Step {
    Cores(Scalar),
    Share(Scalar),
    Track(Scalar),
}

/// How ordered cores come and go.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Delivery {
    pub boot: Option<Law>,
    pub warm_up: Option<Scalar>,
    pub warm_speed: Option<Scalar>,
    pub drain: Option<Scalar>,
}

/// One level of load shedding.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShedStep {
    pub who: Option<Who>,
    pub above: Option<Scalar>,
    pub below: Option<Scalar>,
}

/// An adaptive limit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limit {
    pub window: Option<Scalar>,
    pub law: Option<LimitLaw>,
}

/// The law of an adaptive limit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum LimitLaw {
    Gradient2 {
        initial: Option<Scalar>,
        min: Option<Scalar>,
        max: Option<Scalar>,
        queue: Option<Scalar>,
        tolerance: Option<Scalar>,
        smoothing: Option<Scalar>,
        long_window: Option<Scalar>,
    },
    Vegas {
        initial: Option<Scalar>,
        max: Option<Scalar>,
        smoothing: Option<Scalar>,
        probe: Option<Scalar>,
    },
    Aimd {
        initial: Option<Scalar>,
        min: Option<Scalar>,
        max: Option<Scalar>,
        backoff: Option<Scalar>,
        timeout: Option<Scalar>,
    },
    Envoy {
        min: Option<Scalar>,
        max: Option<Scalar>,
        buffer: Option<Scalar>,
        update: Option<Scalar>,
        quantile: Option<Scalar>,
        interval: Option<Scalar>,
        jitter: Option<Scalar>,
        requests: Option<Scalar>,
    },
}

/// A limit on each address.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PerClient {
    pub rate: Option<Scalar>,
    pub burst: Option<Scalar>,
    pub penalty: Option<Scalar>,
}
