//! Tickets of crisis cells.

use crate::engine::Time;
use crate::scenario::model::{OperatorId, ServiceId};

/// How a ticket ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketEnd {
    /// It is open when the run ends.
    Open,
    /// The service was calm after something was done.
    Fixed,
    /// The service was calm before anything could be done.
    ByItself,
    /// Work after the trouble is done.
    Done,
}

impl TicketEnd {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            TicketEnd::Open => "open",
            TicketEnd::Fixed => "fixed",
            TicketEnd::ByItself => "by itself",
            TicketEnd::Done => "done",
        }
    }
}

/// A trouble that a crisis cell noticed, and what it did about it.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Whose cell.
    pub operator: OperatorId,
    /// Where.
    pub service: ServiceId,
    /// What raised the alarm.
    pub trouble: &'static str,
    /// When it was noticed.
    pub detected: Time,
    /// When somebody took it up.
    pub taken: Option<Time>,
    /// When the cause was known.
    pub diagnosed: Option<Time>,
    /// What was done, and when it acted.
    pub fixes: Vec<(String, Time)>,
    /// When it was closed.
    pub closed: Option<Time>,
    /// How it ended.
    pub end: TicketEnd,
}

impl Ticket {
    /// What is written as the trouble of work that follows one.
    pub const AFTERWARDS: &'static str = "afterwards";

    /// An alarm opened it; else it is work afterwards.
    pub fn is_trouble(&self) -> bool {
        self.trouble != Ticket::AFTERWARDS
    }
}
