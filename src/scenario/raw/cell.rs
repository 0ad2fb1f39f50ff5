//! Crisis cells.

use serde::Deserialize;

use super::{Act, Law, Scalar, Signal};

/// The people of an operator who mend things.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cell {
    pub crew: Option<Scalar>,
    #[serde(default)]
    pub first: Vec<String>,
    #[serde(default)]
    pub watches: Vec<CellWatch>,
    pub look: Option<Scalar>,
    pub diagnosis: Option<Law>,
    pub settle: Option<Scalar>,
    #[serde(default)]
    pub playbook: Vec<Play>,
}

/// What raises an alarm.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CellWatch {
    pub signal: Option<Signal>,
    pub lasting: Option<Scalar>,
}

/// Something the cell knows to do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Play {
    pub name: Option<String>,
    #[serde(default)]
    pub services: Vec<String>,
    #[serde(default)]
    pub against: Vec<SignalName>,
    pub takes: Option<Law>,
    pub most: Option<Scalar>,
    pub from: Option<String>,
    pub until: Option<String>,
    pub afterwards: Option<bool>,
    pub act: Option<Act>,
}

/// A signal without its thresholds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum SignalName {
    Utilisation,
    PageLatency,
    Backlog,
    Waiting,
    Refused,
    LinkLoss,
}
