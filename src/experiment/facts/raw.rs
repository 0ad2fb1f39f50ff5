//! A facts file as it is written.

use crate::scenario::Table;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    pub model: Option<String>,
    pub needed: Option<String>,
    pub worlds: Table<World>,
    pub facts: Vec<Fact>,
}

/// The model with policies on, overrides, and incidents switched on and off.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct World {
    pub policies: Vec<String>,
    pub set: Vec<String>,
    pub with: Vec<String>,
    pub without: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Fact {
    pub id: String,
    pub text: String,
    pub sources: String,
    pub untestable: Option<String>,
    pub tests: Vec<Test>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Test {
    pub what: String,
    pub measure: Measure,
    /// The first number is divided by this one.
    pub per: Option<Measure>,
    /// This one is taken off the first.
    pub minus: Option<Measure>,
    pub at_least: Option<f64>,
    pub at_most: Option<f64>,
    pub report: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Measure {
    pub world: Option<String>,
    pub take: Take,
    pub of: String,
    pub over: Option<String>,
    pub services: Vec<String>,
    pub regions: Vec<String>,
    pub levels: Vec<String>,
    pub groups: Vec<Vec<String>>,
    pub on: Option<String>,
    pub on_until: Option<String>,
    pub from: Option<String>,
    pub until: Option<String>,
    pub every: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
pub(super) enum Take {
    #[default]
    All,
    Highest,
    Lowest,
    HourOfHighest,
    LowestPlace,
    PlacesBelow(f64),
    GapBetweenGroups,
    Kpi,
    Day,
}
