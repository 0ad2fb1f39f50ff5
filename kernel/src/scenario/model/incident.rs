//! Incidents: what is injected into the country.

use super::{Act, CohortId, HostId, ServiceId};
use crate::engine::{Distribution, Time};

/// Something that happens to the country.
#[derive(Clone, Debug)]
pub struct Incident {
    /// Key in the file.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// It happens; else it is kept for a question of "what if".
    pub on: bool,
    /// What it does while it lasts.
    pub kind: IncidentKind,
    /// When, `(start, end)`, ascending and apart.
    pub waves: Vec<(Time, Time)>,
    /// Who fights it.
    pub defence: Option<Defence>,
}

impl Incident {
    /// Whether it pulls a lever.
    pub fn pulls_a_lever(&self) -> bool {
        matches!(self.kind, IncidentKind::PolicyChange { .. })
    }
}

/// What an incident does while it lasts.
#[derive(Clone, Debug)]
pub enum IncidentKind {
    /// Traffic towards a host's uplink, bit/s: all tenants lose packets.
    NetworkFlood {
        /// The host whose link is filled.
        host: HostId,
        /// Bit/s.
        rate: f64,
    },
    /// Requests that look like people's.
    ApplicationFlood {
        /// The service attacked.
        service: ServiceId,
        /// Requests per second.
        rate: f64,
        /// Work of one, core-seconds.
        work: f64,
        /// Addresses they come from; infinite where not given: more than any limit on one address could tell.
        sources: f64,
    },
    /// Connections kept open for nothing.
    SlowConnections {
        /// The service attacked.
        service: ServiceId,
        /// Threads they hold.
        threads: f64,
    },
    /// Part of a host's cores is gone.
    HostLoss {
        /// Which.
        host: HostId,
        /// Share of the cores, 0..=1; 1 throws everybody out.
        share: f64,
    },
    /// The service answers nobody and loses its sessions.
    ServiceOutage {
        /// Which.
        service: ServiceId,
    },
    /// The service's cores do less.
    Slowdown {
        /// Which.
        service: ServiceId,
        /// Factor on the capacity, 0..1.
        factor: f64,
    },
    /// More visits than the timetable says, spread evenly over the wave.
    Surge {
        /// Whose.
        cohorts: Vec<CohortId>,
        /// Extra visits as a share of the connecting people.
        share: f64,
    },
    /// A lever is pulled at the start of the wave (and stays).
    PolicyChange {
        /// Which.
        act: Act,
    },
}

/// Scrubbing: what a flood loses once somebody acts.
#[derive(Clone, Debug, PartialEq)]
pub struct Defence {
    /// From the start of each wave to the first packet scrubbed, s.
    pub detection: Distribution,
    /// Share of the flood removed from then on, 0..=1.
    pub efficacy: f64,
    /// Share of people taken for attackers while it acts; always the same people.
    pub false_positives: f64,
    /// From the first packet scrubbed until the attacker has changed its tool: from then on nothing is scrubbed until it
    /// is detected anew, s. None: it never does.
    pub retool: Option<Distribution>,
}
