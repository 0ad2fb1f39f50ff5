//! Which days are school days, and for whom.

use serde::Deserialize;

use super::{Scalar, Who};

/// A rule of the calendar: the last one that takes a day and a cohort decides.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DayRule {
    pub from: Option<String>,
    pub until: Option<String>,
    #[serde(default)]
    pub weekdays: Vec<Weekday>,
    pub who: Option<Who>,
    pub turnout: Option<Scalar>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}
