//! The levers.

use serde::Deserialize;

use super::{
    Bucket, Budget, Defence, Delivery, Law, Level, Limit, PerClient, Quota, Scalar, Seat, ShedStep, Signal, Spreading,
    Step, Throttle,
};

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
        jitter: Option<Spreading>,
    },
    RetryBudget {
        services: Option<Vec<String>>,
        budget: Option<Budget>,
    },
    ClientThrottle {
        services: Option<Vec<String>>,
        throttle: Option<Throttle>,
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
    Restore {
        services: Option<Vec<String>>,
    },
    PreWarm {
        services: Option<Vec<String>>,
        factor: Option<Scalar>,
        delivery: Option<Box<Delivery>>,
        lasting: Option<Scalar>,
    },
    Autoscale {
        services: Option<Vec<String>>,
        signal: Option<Box<Signal>>,
        look: Option<Scalar>,
        step: Option<Box<Step>>,
        delivery: Option<Box<Delivery>>,
        cooldown: Option<Scalar>,
        ceiling: Option<Scalar>,
        floor: Option<Scalar>,
    },
    Failover {
        services: Option<Vec<String>>,
        to: Option<String>,
        detection: Option<Box<Law>>,
        takes: Option<Box<Law>>,
        factor: Option<Scalar>,
        standby: Option<Scalar>,
        back: Option<Scalar>,
    },
    Triggered {
        services: Option<Vec<String>>,
        signal: Option<Box<Signal>>,
        lasting: Option<Scalar>,
        look: Option<Scalar>,
        act: Option<Box<Act>>,
        undo: Option<Box<Act>>,
    },
    ShedByLoad {
        services: Option<Vec<String>>,
        steps: Option<Vec<ShedStep>>,
        look: Option<Scalar>,
    },
    ConcurrencyLimit {
        services: Option<Vec<String>>,
        limit: Option<Box<Limit>>,
    },
    PerClientLimit {
        services: Option<Vec<String>>,
        each: Option<PerClient>,
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
    Preset(String),
}
