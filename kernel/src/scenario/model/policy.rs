//! Policies: levers, switched on and off by name as one object.

use super::{
    Autoscale, BucketSpec, ClientThrottle, Defence, Delivery, Failover, IncidentId, LimitSpec, PerClient, Quota,
    RetryBudget, SeatRule, ServiceId, ShedByLoad, Spreading, Stagger, Triggered, Who,
};
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
    /// Refusals carry a `Retry-After`: a share of people obeys and comes back after this delay instead of its own.
    RetryAfter {
        /// At which services.
        services: Vec<ServiceId>,
        /// Share of people who obey, drawn once a person.
        obey: f64,
        /// The delay that is told, s: the mean where it is exponential.
        mean: f64,
        /// How those who obey spread.
        jitter: Spreading,
    },
    /// Clients of services retry within a budget that they share.
    RetryBudget {
        /// At which services.
        services: Vec<ServiceId>,
        /// The budget; none takes it away.
        budget: Option<RetryBudget>,
    },
    /// Clients of services drop some of their requests themselves.
    ClientThrottle {
        /// At which services.
        services: Vec<ServiceId>,
        /// When they do; none ends it.
        throttle: Option<ClientThrottle>,
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
    /// Pages as written again, after [`Act::Degrade`].
    Restore {
        /// Where.
        services: Vec<ServiceId>,
    },
    /// Cores ordered before they are needed, for a time.
    PreWarm {
        /// Which.
        services: Vec<ServiceId>,
        /// Cores with the ordered ones against those without, above 1.
        factor: f64,
        /// How they come and go.
        delivery: Delivery,
        /// From the order until they go; none: they stay.
        lasting: Option<Span>,
    },
    /// Cores that follow the load from now on.
    Autoscale {
        /// Which.
        services: Vec<ServiceId>,
        /// How.
        how: Box<Autoscale>,
    },
    /// Capacity that comes up elsewhere when a host is lost.
    Failover {
        /// Which.
        services: Vec<ServiceId>,
        /// How.
        how: Box<Failover>,
    },
    /// Acts that wait for a signal.
    Triggered(Box<Triggered>),
    /// Levels shed in order as services get busy.
    ShedByLoad {
        /// Where.
        services: Vec<ServiceId>,
        /// How.
        how: ShedByLoad,
    },
    /// An adaptive limit on the logins in service.
    ConcurrencyLimit {
        /// Where.
        services: Vec<ServiceId>,
        /// The limit; none takes it away.
        limit: Option<LimitSpec>,
    },
    /// A limit on each address.
    PerClientLimit {
        /// Where.
        services: Vec<ServiceId>,
        /// The limit; none takes it away.
        limit: Option<PerClient>,
    },
}

impl Act {
    /// Whether it begins to watch instead of acting at once.
    pub fn watches(&self) -> bool {
        matches!(
            self,
            Act::Autoscale { .. } | Act::Failover { .. } | Act::Triggered(_) | Act::ShedByLoad { .. }
        )
    }

    /// The services at which it pulls a lever; none where it acts on people or incidents.
    pub fn services(&self) -> &[ServiceId] {
        match self {
            Act::SetQuota { services, .. }
            | Act::ScaleQuota { services, .. }
            | Act::SetSession { services, .. }
            | Act::ScaleCapacity { services, .. }
            | Act::RetryAfter { services, .. }
            | Act::RetryBudget { services, .. }
            | Act::ClientThrottle { services, .. }
            | Act::RateLimit { services, .. }
            | Act::Shed { services, .. }
            | Act::Degrade { services, .. }
            | Act::Restore { services }
            | Act::PreWarm { services, .. }
            | Act::Autoscale { services, .. }
            | Act::Failover { services, .. }
            | Act::ShedByLoad { services, .. }
            | Act::ConcurrencyLimit { services, .. }
            | Act::PerClientLimit { services, .. } => services,
            Act::Stagger { .. } | Act::Scrub { .. } | Act::Triggered(_) => &[],
        }
    }
}
