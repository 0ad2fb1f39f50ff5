//! The validated model: every reference resolved to an index, every quantity in base units
//! (seconds, cores, core-seconds, bits per second, shares in 0..=1), nothing left to check.
//!
//! Only [`crate::scenario`]'s loader builds these; the world reads them.

mod cell;
mod cohort;
mod incident;
mod lever;
mod policy;
mod retry;
mod service;
mod size;

pub use cell::*;
pub use cohort::*;
pub use incident::*;
pub use lever::*;
pub use policy::*;
pub use retry::*;
pub use service::*;
pub use size::*;

use crate::engine::{Span, Time};
use jiff::civil::DateTime;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u16);
        impl $name {
            /// The position in the scenario's list.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}
ids! {
    /// A region's position in [`Scenario::regions`].
    RegionId,
    /// A host's position in [`Scenario::hosts`].
    HostId,
    /// An operator's position in [`Scenario::operators`].
    OperatorId,
    /// A service's position in [`Scenario::services`].
    ServiceId,
    /// A habit's position in [`Scenario::habits`].
    HabitId,
    /// A route's position in [`Scenario::routes`].
    RouteId,
    /// A cohort's position in [`Scenario::cohorts`].
    CohortId,
    /// An incident's position in [`Scenario::incidents`].
    IncidentId,
    /// A policy's position in [`Scenario::policies`].
    PolicyId,
}

/// A whole model, ready to run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Short name, used for output folders.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// How large it is against the written one. Everything below is already of this size.
    pub size: Size,
    /// When it starts and ends.
    pub clock: Clock,
    /// Regions, in file order.
    pub regions: Vec<Region>,
    /// Data centres.
    pub hosts: Vec<Host>,
    /// Companies and administrations that run services.
    pub operators: Vec<Operator>,
    /// What one logs in to.
    pub services: Vec<Service>,
    /// How people wait, retry and give up.
    pub habits: Vec<Habit>,
    /// Which services a visit passes.
    pub routes: Vec<Route>,
    /// Who comes.
    pub cohorts: Vec<Cohort>,
    /// What is injected.
    pub incidents: Vec<Incident>,
    /// The levers, off unless a run switches them on.
    pub policies: Vec<Policy>,
    /// What things cost.
    pub prices: Prices,
    /// The final model text (includes and overrides applied), for the manifest and the hash.
    pub text: String,
}

impl Scenario {
    /// The title, with the size where it is not the written one: numbers of another size must not pass for the
    /// country's.
    pub fn heading(&self) -> String {
        match self.size.label() {
            None => self.title.clone(),
            Some(size) => format!("{}, {size}", self.title),
        }
    }

    /// The greatest [`Cohort::priority`] of all: the class of those of whom a room knows nothing.
    pub fn worst_class(&self) -> u8 {
        self.cohorts.iter().map(|c| c.priority).max().unwrap_or(0)
    }
}

/// The run's calendar.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Civil date and time of [`Time::ZERO`] in `zone`.
    pub start: DateTime,
    /// IANA name, `Europe/Paris` for the country.
    pub zone: String,
    /// When the run ends.
    pub end: Time,
    /// Statistics of stationary models begin here (arrivals before it are run, not counted).
    pub warm_up: Time,
    /// Width of a bin of the time series.
    pub bin: Span,
}

/// A region of France.
#[derive(Clone, Debug)]
pub struct Region {
    /// Key in the file.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// INSEE code, `11` for Île-de-France.
    pub insee: String,
    /// IANA zone of its civil times.
    pub zone: String,
}

/// A data centre: its services share the uplink, and its loss hurts them all.
#[derive(Clone, Debug)]
pub struct Host {
    /// Key in the file.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// Cores installed; the loader checks that the tenants' shares fit in.
    pub cores: f64,
    /// Uplink, bit/s; infinite when not given.
    pub uplink: f64,
}

/// Who runs services.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Key in the file.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// Who mends them when something is wrong; none: nobody.
    pub cell: Option<Cell>,
}

/// What things cost, in euros.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// One core for one hour.
    pub core_hour: f64,
    /// One scrubbing contract for one hour in which it acts or stands by.
    pub scrubbing_hour: f64,
}
