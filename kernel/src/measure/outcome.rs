//! Everything one run leaves behind.

use super::{Learning, Series, Tally, Ticket};
use crate::engine::Time;

/// Everything one run leaves behind. KPIs are functions of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// One tally a cohort, in the scenario's order.
    pub cohorts: Vec<Tally>,
    /// One tally a service, in the scenario's order.
    pub services: Vec<Tally>,
    /// Time series.
    pub series: Series,
    /// `[day][cohort]`: learning time booked up to the end of each day.
    pub days: Vec<Vec<Learning>>,
    /// What it cost.
    pub money: Money,
    /// Instant of the first act of each policy that was on; `None`: it never acted.
    pub first_act: Vec<(String, Option<Time>)>,
    /// What crisis cells noticed and did, in order.
    pub tickets: Vec<Ticket>,
    /// Hash of the whole history.
    pub fingerprint: u64,
    /// What the run itself took.
    pub stats: RunStats,
}

/// Euros of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Money {
    /// Core-hours installed, times their price.
    pub cores: f64,
    /// Scrubbing.
    pub scrubbing: f64,
    /// Fixed costs of policies.
    pub fixed: f64,
}

impl Money {
    /// All of it.
    pub fn total(&self) -> f64 {
        self.cores + self.scrubbing + self.fixed
    }
}

/// What a run took.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunStats {
    /// Knocks + logins + time-outs and reneges + session ends, whether or not an event was executed for each.
    pub logical_events: u64,
    /// Events taken from the list or a timer and acted upon.
    pub executed_events: u64,
    /// Most visits under way at once.
    pub people_active_peak: u64,
    /// CPU seconds of the thread that ran it.
    pub cpu_seconds: f64,
    /// Wall seconds.
    pub wall_seconds: f64,
}

impl RunStats {
    /// Seconds that the run would have taken with a core of its own: what else the machine did meanwhile is not counted, where
    /// the system tells (Linux); elsewhere it is the wall time.
    pub fn own_seconds(&self) -> f64 {
        if self.cpu_seconds > 0.0 {
            self.cpu_seconds
        } else {
            self.wall_seconds
        }
    }
}
