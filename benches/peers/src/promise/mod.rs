//! Loops written by hand that keep preau's promises, one after another: what each promise costs, and how fast a simulator
//! could be that keeps them all.
//!
//! [`w1`] and [`w2`] are hard-wired to their workload. How many of [`STEPS`] they keep is a constant of the compilation, so
//! a promise that is not kept costs nothing. What a step adds is used by the loop or told at its end.

pub mod books;
pub mod chance;
pub mod few;
pub mod leaves;
pub mod logins;
pub mod logs;
pub mod patience;
pub mod person;
pub mod pool;
pub mod shared;
pub mod shut;
pub mod w1;
pub mod w2;

/// A promise: its name, and what the loop does for it.
pub struct Step {
    /// A word for the table.
    pub name: &'static str,
    /// What is added to the step before.
    pub adds: &'static str,
}

/// A clock in whole nanoseconds, and a total order of events.
pub const ORDER: u8 = 1;
/// A stream of random numbers for each visit and purpose.
pub const STREAMS: u8 = 2;
/// A hash over all events.
pub const PRINT: u8 = 3;
/// A record of each person.
pub const RECORD: u8 = 4;
/// All books.
pub const BOOKS: u8 = 5;
/// Processor sharing in virtual time.
pub const SHARING: u8 = 6;
/// No promise, but a way to keep them: who waits to knock again lies in the pool with all that is known of it.
pub const IN_PLACE: u8 = 7;

/// The steps, each with those before it.
pub const STEPS: [Step; 8] = [
    Step {
        name: "bare",
        adds: "the method alone: one generator, tokens, counts",
    },
    Step {
        name: "order",
        adds: "whole nanoseconds; events in the total order of time, class and sequence",
    },
    Step {
        name: "streams",
        adds: "a stream of its own for each visit, knock and purpose; exponentials by inversion with preau's logarithm",
    },
    Step {
        name: "fingerprint",
        adds: "a hash over time, kind and entity of every executed event",
    },
    Step {
        name: "record",
        adds: "a record of 64 bytes for each person, in a slab",
    },
    Step {
        name: "books",
        adds: "counts by bin, refusals by reason, learning time in whole nanoseconds, two histograms of waits",
    },
    Step {
        name: "sharing",
        adds: "the station as limited processor sharing in virtual time, with its integrals",
    },
    Step {
        name: "in place",
        adds: "no promise more: the record of who waits to knock again lies in the pool itself, not in the slab",
    },
];

use pool::{Nothing, Visit, Wanted};

/// What a run tells.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Events of the model.
    pub logical_events: u64,
    /// Events that the loop executed.
    pub executed_events: u64,
    /// The hash of all events; 0 if none is kept.
    pub fingerprint: u64,
    /// Counts by name.
    pub named: Vec<(&'static str, f64)>,
    /// The books, if they are kept.
    pub books: Option<Box<books::Books>>,
}

impl Told {
    /// A count by its name.
    pub fn named(&self, name: &str) -> Option<f64> {
        self.named.iter().find(|(n, _)| *n == name).map(|(_, value)| *value)
    }
}

/// The first workload with the first `keep` promises kept. Nobody waits to knock again in it, so the last step is the one
/// before it.
pub fn run_w1(keep: u8, size: f64, seed: u64) -> Told {
    match keep {
        0 => w1::run::<0>(size, seed),
        1 => w1::run::<1>(size, seed),
        2 => w1::run::<2>(size, seed),
        3 => w1::run::<3>(size, seed),
        4 => w1::run::<4>(size, seed),
        5 => w1::run::<5>(size, seed),
        _ => w1::run::<6>(size, seed),
    }
}

/// The second, likewise.
pub fn run_w2(keep: u8, size: f64, seed: u64) -> Told {
    match keep {
        0 => w2::run::<0, Nothing>(size, seed),
        1 => w2::run::<1, Nothing>(size, seed),
        2 => w2::run::<2, Nothing>(size, seed),
        3 => w2::run::<3, Nothing>(size, seed),
        4 => w2::run::<4, Wanted>(size, seed),
        5 => w2::run::<5, Wanted>(size, seed),
        6 => w2::run::<6, Wanted>(size, seed),
        _ => w2::run::<7, Visit>(size, seed),
    }
}
