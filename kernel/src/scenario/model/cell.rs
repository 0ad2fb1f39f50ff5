//! Crisis cells: how an operator finds out, who looks into it, and what they know to do.

use super::{Act, ServiceId, Signal, SignalKind};
use crate::engine::{Distribution, Span, Time};

/// The people of an operator who mend things: a queue of tickets with a small crew.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Tickets worked on at once.
    pub crew: u32,
    /// What raises an alarm, at each service.
    pub watches: Vec<CellWatch>,
    /// Time between two looks at the monitors.
    pub look: Span,
    /// From the moment somebody takes a ticket up until the cause is known, s.
    pub diagnosis: Distribution,
    /// How long a service must be calm before its ticket is closed, and how long a fix is given to work.
    pub settle: Span,
    /// The services in the order in which waiting tickets are taken up.
    pub contracts: Vec<Contract>,
}

/// What raises an alarm.
#[derive(Clone, Copy, Debug)]
pub struct CellWatch {
    /// High: trouble. Low: calm.
    pub signal: Signal,
    /// How long it must be high.
    pub lasting: Span,
}

/// A service that the operator runs for somebody.
#[derive(Clone, Debug)]
pub struct Contract {
    /// Which.
    pub service: ServiceId,
    /// What can be done there, in the order in which it is tried.
    pub plays: Vec<Play>,
}

/// Something the cell knows to do at one service.
#[derive(Clone, Debug)]
pub struct Play {
    /// Name for people.
    pub name: String,
    /// Troubles it helps against; empty: all.
    pub against: Vec<SignalKind>,
    /// From the decision until it acts, s.
    pub takes: Distribution,
    /// How often it can be done.
    pub most: u32,
    /// When it can be begun; empty: always.
    pub hours: Vec<(Time, Time)>,
    /// It is done after the trouble, once the hour has come, at services that had a ticket within a day.
    pub afterwards: bool,
    /// What it does.
    pub acts: Vec<Act>,
}

impl Play {
    /// Whether it can be begun at an instant.
    pub fn is_possible(&self, now: Time) -> bool {
        self.hours.is_empty() || self.hours.iter().any(|(from, until)| *from <= now && now < *until)
    }
}
