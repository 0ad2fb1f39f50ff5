//! How people wait, retry and give up, and which services they pass.

use serde::Deserialize;

use super::{Backoff, Law, Scalar, Table};

/// How people wait, retry and give up.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Habit {
    #[serde(default)]
    pub retries: Vec<RetryClass>,
    pub persistence: Option<Scalar>,
    pub max_tries: Option<Scalar>,
    pub patience: Option<Law>,
    pub timeout: Option<Timeout>,
    pub tabs: Option<Scalar>,
    pub tabs_knock: Option<bool>,
    pub learns: Option<Scalar>,
    #[serde(default)]
    pub giving_up: Vec<GivingUp>,
}

/// A way of coming back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryClass {
    pub share: Option<Scalar>,
    pub delay: Option<Law>,
    pub backoff: Option<Backoff>,
}

/// A limit on how long a client waits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Timeout {
    pub after: Option<Law>,
    pub scope: Option<TimeoutScope>,
    pub network: Option<Law>,
}

/// What a time-out covers.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum TimeoutScope {
    Queue,
    Sojourn,
}

/// What a share of the people does who give up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivingUp {
    pub share: Option<Scalar>,
    pub then: Option<Fallback>,
}

/// What a person does who gives up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Fallback {
    Route(String),
    Later(Law),
    Elsewhere {
        name: Option<String>,
        value: Option<Scalar>,
    },
    Nothing,
}

/// Which services a visit passes: a chain of steps, or a start and what follows what.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    #[serde(default)]
    pub steps: Vec<String>,
    pub start: Option<String>,
    #[serde(default)]
    pub onward: Table<Vec<(String, Scalar)>>,
    pub hop: Option<Law>,
}
