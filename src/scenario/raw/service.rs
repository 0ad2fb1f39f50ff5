//! Services and their stations.

use serde::Deserialize;

use super::{Bucket, Law, Quota, Scalar, Who};

/// What one logs in to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    pub name: Option<String>,
    pub operator: Option<String>,
    pub host: Option<String>,
    #[serde(default)]
    pub hosts: Vec<Tenancy>,
    pub region: Option<String>,
    pub station: Option<Station>,
    pub quota: Option<Quota>,
    pub limiter: Option<Bucket>,
    pub exchange: Option<Exchange>,
    pub session: Option<Session>,
    pub fallback: Option<bool>,
    #[serde(default)]
    pub grid: Vec<Programme>,
}

/// Hours of the day for some of the people.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Programme {
    pub who: Option<Who>,
    pub from: Option<String>,
    pub until: Option<String>,
}

/// A host on which part of a service stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tenancy {
    pub host: Option<String>,
    pub share: Option<Scalar>,
}

/// The workers of a service.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Station {
    pub cores: Option<Scalar>,
    pub threads: Option<Scalar>,
    pub backlog: Option<Scalar>,
    pub work: Option<Law>,
    pub efficiency: Option<Efficiency>,
    pub wasted_work: Option<bool>,
    pub discipline: Option<Discipline>,
    pub initial: Option<Scalar>,
    pub breakdown: Option<Breakdown>,
}

/// How efficiency falls with load.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Efficiency {
    Perfect,
    AtStart {
        sigma: Option<Scalar>,
    },
    Usl {
        sigma: Option<Scalar>,
        kappa: Option<Scalar>,
        per_capacity: Option<bool>,
    },
}

/// The order in which a station serves.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum Discipline {
    Fifo,
    Priority,
    PreemptiveResume,
}

/// Failures and repairs of each core.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Breakdown {
    pub mean_up: Option<Scalar>,
    pub mean_repair: Option<Scalar>,
}

/// What a login sends over the link.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    pub packets: Option<Scalar>,
    pub tries: Option<Scalar>,
    pub page_size: Option<Scalar>,
}

/// What people do in a session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    pub think: Option<Scalar>,
    pub page_work: Option<Scalar>,
    pub latency_good: Option<Scalar>,
    pub latency_bad: Option<Scalar>,
    pub value: Option<Scalar>,
    pub live: Option<bool>,
}
