//! A causes file as it is written.

use crate::experiment::switch::Switch;
use crate::scenario::Table;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    pub title: Option<String>,
    pub model: Option<String>,
    pub kpi: Option<String>,
    pub replications: Option<u64>,
    pub order_pairs: Option<usize>,
    pub set: Vec<String>,
    pub baseline: Option<String>,
    pub causes: Table<Cause>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Cause {
    pub name: Option<String>,
    /// What is instead where the cause is off, in words.
    pub baseline: Option<String>,
    pub why: Option<String>,
    pub claimed: bool,
    pub on: Switch,
    pub off: Switch,
}
