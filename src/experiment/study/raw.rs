//! An experiment file as it is written.

use crate::experiment::switch::Switch;
use crate::scenario::{Scalar, Table};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    pub title: Option<String>,
    pub model: Option<String>,
    pub seed: Option<u64>,
    pub set: Vec<String>,
    pub policies: Vec<String>,
    pub with: Vec<String>,
    pub without: Vec<String>,
    pub levers: Table<Factor>,
    pub uncertainties: Table<Factor>,
    pub uncertainties_from: Option<String>,
    pub draws: Option<u32>,
    pub design: Option<Design>,
    pub replications: Option<Replications>,
    pub constraints: Vec<Constraint>,
    pub kpis: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Factor {
    Values {
        path: Option<String>,
        #[serde(default)]
        paths: Vec<String>,
        values: Vec<Verbatim>,
        #[serde(default)]
        times: bool,
    },
    Range {
        path: Option<String>,
        #[serde(default)]
        paths: Vec<String>,
        from: Scalar,
        to: Scalar,
        unit: Option<String>,
        #[serde(default)]
        law: Law,
        #[serde(default)]
        integer: bool,
        levels: Option<u32>,
        #[serde(default)]
        times: bool,
    },
    Switch {
        #[serde(default)]
        policies: Vec<String>,
        #[serde(default)]
        set: Vec<String>,
        #[serde(default)]
        with: Vec<String>,
        #[serde(default)]
        without: Vec<String>,
    },
    Choice(Table<Switch>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Law {
    #[default]
    Uniform,
    LogUniform,
    Triangular {
        mode: Scalar,
    },
    Normal {
        mean: Scalar,
        sd: Scalar,
    },
    Lognormal {
        median: Scalar,
        sigma: f64,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Design {
    Full,
    LatinHypercube(u32),
    Sobol(u32),
    SobolIndices(u32),
    Morris(u32),
    List(Vec<Table<Verbatim>>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Replications {
    Fixed(u64),
    UntilPrecision {
        kpi: String,
        relative: f64,
        #[serde(default)]
        absolute: f64,
        #[serde(default = "usual_confidence")]
        confidence: f64,
        #[serde(default = "usual_least")]
        at_least: u64,
        at_most: u64,
    },
}

fn usual_confidence() -> f64 {
    crate::experiment::stats::CONFIDENCE
}

pub(super) fn usual_least() -> u64 {
    crate::experiment::stats::interval::FEWEST as u64
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Constraint {
    pub kpi: String,
    pub at_most: Option<Scalar>,
    pub at_least: Option<Scalar>,
}

/// A value of the model, whatever it is: its text is taken from the file.
#[derive(Debug)]
pub(super) struct Verbatim;

impl<'de> Deserialize<'de> for Verbatim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IgnoredAny)?;
        Ok(Verbatim)
    }
}
