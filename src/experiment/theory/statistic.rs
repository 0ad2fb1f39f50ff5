//! What can be asked of a run: levels over time, spells of customers, counts, busy periods, passages.

use super::estimate::Shape;
use crate::engine::Time;

/// How a reading is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cmp {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `<`
    Below,
    /// `=`
    Equal,
}

impl Cmp {
    /// Whether `x` compares so with `bound`.
    pub fn holds(self, x: f64, bound: f64) -> bool {
        match self {
            Cmp::AtLeast => x >= bound,
            Cmp::AtMost => x <= bound,
            Cmp::Above => x > bound,
            Cmp::Below => x < bound,
            Cmp::Equal => x == bound,
        }
    }
}

/// What can be read off the system at any instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gauge {
    /// Logins in service or waiting, and people in rooms, of all services.
    System,
    /// Logins waiting for a thread and people in rooms.
    Queue,
    /// Logins in service.
    Service,
    /// People who wait to knock again.
    Orbit,
    /// Sessions.
    Sessions,
    /// Cores that are up.
    Cores,
    /// In service and in orbit together.
    SystemAndOrbit,
}

/// A time that a customer spends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spell {
    /// From the knock to a thread, of those who get one.
    Wait,
    /// The same, with those who leave before.
    WaitOfAll,
    /// From the knock that succeeds to the end of its login.
    Sojourn,
    /// From the first knock of a visit to its end.
    Visit,
    /// Number of knocks of a visit (no time at all).
    Tries,
}

/// What is summed up over customers or over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sum {
    /// Its mean.
    Mean,
    /// Its variance.
    Variance,
    /// Share that compares so.
    Share(Cmp, f64),
    /// The value that this share does not pass.
    Quantile(f64),
}

/// Things that happen and can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// Knocks.
    Knock,
    /// First knocks of a visit.
    FirstKnock,
    /// Knocks that fail, whatever the reason.
    Refused,
    /// First knocks that fail at once.
    FirstRefused,
    /// Clients that leave before they are served.
    Reneged,
    /// Logins that got a thread.
    Started,
    /// Logins done.
    Done,
    /// Visits that are over.
    VisitOver,
    /// Visits that are over and got what they came for.
    Served,
}

/// A statistic of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Statistic {
    /// Over the time after the warm-up.
    OverTime(Gauge, Sum),
    /// The same of one service.
    AtDesk(u16, Gauge, Sum),
    /// At instants (s of the clock), each a value.
    AtInstants(Vec<Time>, Gauge, Sum),
    /// Over the customers (of one cohort) whose spell ends after the warm-up.
    OverCustomers(Spell, Sum, Option<u16>),
    /// How many of the first there are for one of the second (of one cohort).
    PerEach(Happening, Happening, Option<u16>),
    /// How many there are (at one service) in so many seconds.
    Rate(Happening, Option<u16>, f64),
    /// Over busy periods: from the first customer in an empty system to the last one out.
    BusyPeriod(Sum),
    /// Until the number in the system gets there, from the start of the run.
    Passage {
        /// The number.
        target: f64,
        /// From below.
        up: bool,
    },
    /// First harmonic of the number in the system: its peak or the time of it.
    Harmonic {
        /// Period, s.
        period: f64,
        /// Time of the peak near this instant, or the peak itself.
        near: Option<f64>,
    },
    /// From the end of a session while somebody waits in the room to the next session's beginning.
    Vacancy,
}

impl Statistic {
    /// How the sums of replications become an estimate.
    pub fn shape(&self) -> Shape {
        match self {
            Statistic::OverTime(_, Sum::Variance)
            | Statistic::AtDesk(_, _, Sum::Variance)
            | Statistic::AtInstants(_, _, Sum::Variance)
            | Statistic::OverCustomers(_, Sum::Variance, _)
            | Statistic::BusyPeriod(Sum::Variance) => Shape::Variance,
            Statistic::Harmonic { near: None, .. } => Shape::Peak,
            Statistic::Harmonic {
                period,
                near: Some(near),
            } => Shape::PeakTime {
                period: *period,
                near: *near,
            },
            _ => Shape::Ratio,
        }
    }

    /// Whether replications are independent trials of yes or no.
    pub fn is_trial(&self) -> bool {
        matches!(self, Statistic::AtInstants(at, _, Sum::Share(..)) if at.len() == 1)
    }
}
