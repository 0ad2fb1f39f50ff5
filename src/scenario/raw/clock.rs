//! When a run begins and ends, and what things cost.

use serde::Deserialize;

use super::Scalar;

/// The run's calendar.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clock {
    pub start: Option<String>,
    pub zone: Option<String>,
    pub end: Option<Scalar>,
    pub warm_up: Option<Scalar>,
    pub bin: Option<Scalar>,
}

/// What things cost.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prices {
    pub core_hour: Option<Scalar>,
    pub scrubbing_hour: Option<Scalar>,
}
