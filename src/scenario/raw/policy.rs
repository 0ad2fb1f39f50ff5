//! The levers.

use serde::Deserialize;

use super::{Bucket, Defence, Level, Quota, Scalar, Seat};

/// A named bundle of acts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    pub name: Option<String>,
    #[serde(default)]
    pub acts: Vec<DatedAct>,
    pub fixed_cost: Option<Scalar>,
}

/// An act and when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatedAct {
    pub at: Option<Scalar>,
    pub act: Option<Act>,
}

/// One pull of a lever.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Act {
    SetQuota {
        services: Option<Vec<String>>,
        quota: Option<Box<Quota>>,
    },
    ScaleQuota {
        services: Option<Vec<String>>,
        factor: Option<Scalar>,
    },
    SetSession {
        services: Option<Vec<String>>,
        seat: Option<Seat>,
    },
    ScaleCapacity {
        services: Option<Vec<String>>,
        factor: Option<Scalar>,
    },
    Stagger {
        who: Option<Who>,
        how: Option<Stagger>,
    },
    RetryAfter {
        services: Option<Vec<String>>,
        obey: Option<Scalar>,
        mean: Option<Scalar>,
    },
    RateLimit {
        services: Option<Vec<String>>,
        bucket: Option<Bucket>,
    },
    Scrub {
        incidents: Option<Vec<String>>,
        defence: Option<Defence>,
    },
    Shed {
        services: Option<Vec<String>>,
        who: Option<Who>,
        lasting: Option<Scalar>,
    },
    Degrade {
        services: Option<Vec<String>>,
        work: Option<Scalar>,
        value: Option<Scalar>,
    },
}

/// A filter on cohorts; what is left out means all.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Who {
    #[serde(default)]
    pub regions: Vec<String>,
    #[serde(default)]
    pub levels: Vec<Level>,
}

/// A shift of arrivals.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Stagger {
    Shift(Scalar),
    Slots {
        slots: Option<Scalar>,
        step: Option<Scalar>,
    },
    Spread(Scalar),
}
