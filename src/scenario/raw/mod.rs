//! The model as files say it: one type a noun, every quantity still a text with its unit.
//!
//! Almost every field may be left out here; what must be there, and what it means when it is not, is
//! decided by [`super::check`], which can report all that is missing at once.

mod calendar;
mod cell;
mod clock;
mod cohort;
pub(crate) mod habit;
mod incident;
mod law;
mod lever;
mod place;
mod policy;
mod quota;
mod retry;
mod scalar;
mod service;
mod table;

pub(crate) use calendar::{DayRule, Weekday};
pub(crate) use cell::{Cell, Play, SignalName};
pub(crate) use clock::{Clock, Prices};
pub(crate) use cohort::{Arrivals, Cohort, Wave};
pub(crate) use habit::{Fallback, GivingUp, Habit, Route, TimeoutScope};
pub(crate) use incident::{Defence, Incident, IncidentKind};
pub(crate) use law::{Batch, Law};
pub(crate) use lever::{Delivery, Limit, LimitLaw, PerClient, ShedStep, Signal, Step};
pub(crate) use place::{Host, Level, Operator, Region};
pub(crate) use policy::{Act, Policy, Stagger, Who};
pub(crate) use quota::{Admissions, Bucket, CountedFrom, NoShow, Order, Prequeue, Quota, Seat, Sites, Window};
pub(crate) use retry::{Backoff, Budget, Jitter, Spreading, Throttle};
pub(crate) use scalar::Scalar;
pub(crate) use service::{Discipline, Efficiency, Exchange, Service, Session, Station};
pub(crate) use table::Table;

use serde::Deserialize;

/// A whole file, its bases laid under it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub(crate) struct Scenario {
    pub name: Option<String>,
    pub title: Option<String>,
    pub base: Option<String>,
    pub size: Option<Scalar>,
    pub clock: Clock,
    pub calendar: Vec<DayRule>,
    pub prices: Prices,
    pub regions: Table<Region>,
    pub hosts: Table<Host>,
    pub operators: Table<Operator>,
    pub services: Table<Service>,
    pub habits: Table<Habit>,
    pub routes: Table<Route>,
    pub timetables: Table<Vec<Wave>>,
    pub cohorts: Table<Cohort>,
    pub incidents: Table<Incident>,
    pub policies: Table<Policy>,
}
