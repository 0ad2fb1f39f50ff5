//! Regions, levels, data centres and who runs services.

use serde::Deserialize;

use super::{Cell, Scalar};

/// A region of France.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Region {
    pub name: Option<String>,
    pub insee: Option<String>,
    pub zone: Option<String>,
}

/// A data centre.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Host {
    pub name: Option<String>,
    pub cores: Option<Scalar>,
    pub uplink: Option<Scalar>,
}

/// Who runs services.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operator {
    pub name: Option<String>,
    pub cell: Option<Cell>,
}

/// School level, or teacher.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Primary,
    College,
    Lycee,
    Teacher,
    Parent,
    Other,
}
