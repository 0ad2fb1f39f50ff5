//! What is injected into the country.

use serde::Deserialize;

use super::{Act, Law, Scalar};

/// Something that happens to the country.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Incident {
    pub name: Option<String>,
    pub on: Option<bool>,
    pub kind: Option<IncidentKind>,
    #[serde(default)]
    pub waves: Vec<(Scalar, Scalar)>,
    pub defence: Option<Defence>,
}

/// What an incident does while it lasts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum IncidentKind {
    NetworkFlood {
        host: Option<String>,
        rate: Option<Scalar>,
    },
    ApplicationFlood {
        service: Option<String>,
        rate: Option<Scalar>,
        work: Option<Scalar>,
        sources: Option<Scalar>,
    },
    SlowConnections {
        service: Option<String>,
        threads: Option<Scalar>,
    },
    HostLoss {
        host: Option<String>,
        share: Option<Scalar>,
    },
    ServiceOutage {
        service: Option<String>,
    },
    Slowdown {
        service: Option<String>,
        factor: Option<Scalar>,
    },
    Surge {
        cohorts: Option<Vec<String>>,
        share: Option<Scalar>,
    },
    PolicyChange {
        act: Option<Box<Act>>,
    },
}

/// Scrubbing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Defence {
    pub detection: Option<Law>,
    pub efficacy: Option<Scalar>,
    pub false_positives: Option<Scalar>,
    pub retool: Option<Law>,
}
