//! A facts file as it is written.

use crate::experiment::switch::Switch;
use crate::scenario::Table;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    pub model: Option<String>,
    pub needed: Option<String>,
    /// The model with something switched.
    pub worlds: Table<Switch>,
    pub facts: Vec<Fact>,
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
