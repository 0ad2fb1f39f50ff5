//! Policies: levers, switched on and off by name as one object.

use super::{BucketSpec, Defence, IncidentId, Quota, SeatRule, ServiceId, Stagger, Who};
use crate::engine::{Span, Time};

/// A named bundle of acts.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Key in the file and on the command line.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// What it does, in order of time.
    pub acts: Vec<(Time, Act)>,
    /// What it costs once, euros.
    pub fixed_cost: f64,
}

/// One pull of a lever. From its instant on it changes the world; before it nothing.
#[derive(Clone, Debug)]
pub enum Act {
    /// Puts a gate, or other settings of it, before services; none takes it away.
    SetQuota {
        /// Which.
        services: Vec<ServiceId>,
        /// The new gate. People already waiting or in stay as they are.
        quota: Option<Box<Quota>>,
    },
    /// Changes the cap only, as a factor on the one in force.
    ScaleQuota {
        /// Which.
        services: Vec<ServiceId>,
        /// Factor on `max_sessions`.
        factor: f64,
    },
    /// Changes only when seats are freed, at services that have a gate.
    SetSession {
        /// Which.
        services: Vec<ServiceId>,
        /// The new rule, for sessions that begin or end from now on.
        seat: SeatRule,
    },
    /// Multiplies cores (and threads and backlog with them).
    ScaleCapacity {
        /// Which.
        services: Vec<ServiceId>,
        /// Factor on the cores.
        factor: f64,
    },
    /// Moves the arrivals that come after the act.
    Stagger {
        /// Whose.
        who: Who,
        /// How.
        how: Stagger,
    },
    /// Refusals carry a `Retry-After` with jitter: a share of people obeys and comes back after an
    /// exponential delay of this mean instead of its own.
    RetryAfter {
        /// At which services.
        services: Vec<ServiceId>,
        /// Share of people who obey, drawn once a person.
        obey: f64,
        /// Mean delay, s.
        mean: f64,
    },
    /// A token bucket before the gate.
    RateLimit {
        /// Which.
        services: Vec<ServiceId>,
        /// The bucket; none takes it away.
        bucket: Option<BucketSpec>,
    },
    /// Scrubbing against incidents.
    Scrub {
        /// Which floods; empty: all.
        incidents: Vec<IncidentId>,
        /// How well.
        defence: Defence,
    },
    /// Refuses levels at the door (load shedding), for a while.
    Shed {
        /// Where.
        services: Vec<ServiceId>,
        /// Whom.
        who: Who,
        /// For how long.
        lasting: Span,
    },
    /// Lighter pages: a factor on page and login work.
    Degrade {
        /// Where.
        services: Vec<ServiceId>,
        /// Factor on the work of pages and of new logins, 0..=1.
        work: f64,
        /// Factor on the value of an hour, 0..=1.
        value: f64,
    },
}
