//! A calibration file as it is written.

use crate::scenario::Table;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    pub title: Option<String>,
    pub facts: Option<String>,
    pub only: Vec<String>,
    pub set: Vec<String>,
    pub particles: Option<usize>,
    pub rounds: Option<usize>,
    pub parameters: Table<Parameter>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Parameter {
    pub name: Option<String>,
    pub law: Option<Law>,
    pub why: Option<String>,
    pub whole: bool,
    /// Fields of the model; a step that ends in `*` stands for every key that begins so.
    pub paths: Vec<String>,
    /// The parameter is a multiple of what the model says.
    pub times: bool,
    /// The unit of a parameter that is no multiple.
    pub unit: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Law {
    Uniform { from: f64, to: f64 },
    LogUniform { from: f64, to: f64 },
    Triangular { from: f64, mode: f64, to: f64 },
}
