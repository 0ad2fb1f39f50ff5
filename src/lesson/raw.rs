//! A lesson file as it is written.

use crate::scenario::Table;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    pub title: Pair,
    pub minutes: u32,
    pub model: Option<String>,
    pub cut: Option<Cut>,
    pub set: Vec<String>,
    pub policies: Vec<String>,
    pub with: Vec<String>,
    pub without: Vec<String>,
    pub replications: Option<u64>,
    pub seed: Option<u64>,
    pub part: Pair,
    pub brief: Vec<Pair>,
    pub look: Vec<String>,
    pub show: Vec<String>,
    pub levers: Table<Lever>,
    pub fixed: Vec<Fixed>,
    pub question: Option<Question>,
    pub goals: Vec<Goal>,
    pub hints: Vec<Pair>,
    pub debrief: Debrief,
    pub tries: Table<Try>,
    pub numbers: Table<Number>,
}

/// The same in French and in English.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Pair {
    pub fr: String,
    pub en: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Cut {
    pub regions: Vec<String>,
    pub elsewhere: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Lever {
    pub name: Pair,
    pub path: Option<String>,
    pub from: Option<f64>,
    pub to: Option<f64>,
    pub unit: Option<String>,
    pub integer: bool,
    pub values: Vec<String>,
    pub policy: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Fixed {
    pub path: String,
    pub why: Pair,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Question {
    pub text: Pair,
    pub right: Option<Right>,
    pub answers: Table<Answer>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(super) enum Right {
    Highest,
    Lowest,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Answer {
    pub name: Pair,
    pub of: String,
    pub per: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Goal {
    pub name: Pair,
    pub kpi: Option<String>,
    pub moves: bool,
    pub sum: Vec<String>,
    pub answer: bool,
    pub at_least: Option<f64>,
    pub at_most: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Debrief {
    pub timeline: Vec<Pair>,
    pub control: Vec<Pair>,
    pub causes: Vec<Pair>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Try {
    pub set: Vec<String>,
    pub policies: Vec<String>,
    pub answer: Option<String>,
    pub reached: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Number {
    pub of: Option<String>,
    pub during: Option<String>,
    pub minus: Option<String>,
    pub field: Option<String>,
    /// A lever's setting in a try, `try/lever`.
    pub setting: Option<String>,
    pub goal: Option<usize>,
    pub form: Option<Form>,
    pub is: Option<f64>,
}

/// How a number is printed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum Form {
    /// A share as a whole number of percent.
    Percent,
    /// A whole number.
    Whole,
    /// Two significant digits, whole.
    About,
    /// One digit after the point.
    Decimal,
    /// Civil time of an instant.
    Clock,
}
