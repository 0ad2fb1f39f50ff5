//! Who comes and when.

use serde::Deserialize;

use super::{Batch, Law, Level, Scalar, Weekday};

/// People of one region and level.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cohort {
    pub region: Option<String>,
    pub level: Option<Level>,
    pub people: Option<Scalar>,
    pub connects: Option<Scalar>,
    pub habit: Option<String>,
    #[serde(default)]
    pub routes: Vec<RouteShare>,
    pub arrivals: Option<Arrivals>,
    pub duration: Option<Law>,
    pub work: Option<Law>,
    pub priority: Option<Scalar>,
    pub seats: Option<Scalar>,
    pub teachers: Option<String>,
    pub leaves_empty_class: Option<Scalar>,
    pub shares_device: Option<SharedDevice>,
}

/// People who share one device with somebody of another cohort, or of the same.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SharedDevice {
    pub with: Option<String>,
    pub share: Option<Scalar>,
}

/// A share of the people takes a route.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteShare {
    pub share: Option<Scalar>,
    pub route: Option<String>,
}

/// When people come.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Arrivals {
    Crowd(Vec<Wave>),
    Timetable(String),
    Poisson {
        rate: Option<Scalar>,
        batch: Option<Batch>,
    },
    Rate {
        #[serde(default)]
        points: Vec<(Scalar, Scalar)>,
        linear: Option<bool>,
        batch: Option<Batch>,
    },
    Renewal {
        between: Option<Law>,
        batch: Option<Batch>,
    },
    Closed {
        population: Option<Scalar>,
        think: Option<Law>,
    },
}

/// One wave of a crowd.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wave {
    pub share: Option<Scalar>,
    pub at: Option<Scalar>,
    pub spread: Option<Law>,
    #[serde(default)]
    pub weekdays: Vec<Weekday>,
}
