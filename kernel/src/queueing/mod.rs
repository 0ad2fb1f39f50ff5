//! The queues: station, waiting room, orbit, token bucket and link. They know no school.
//!
//! Each is a passive state machine over simulated time: it is told what happens and when, and answers what
//! follows. It schedules nothing itself, so the same code serves the country and the textbook.
//!
//! This folder may know the kernel and, of the scenario, the validated settings of queues; no pupil, region or policy.

mod bucket;
mod clients;
mod limit;
mod link;
mod orbit;
mod processor;
mod room;
mod station;
mod vain_clock;

pub use bucket::TokenBucket;
pub use clients::{Before, Clients};
pub use limit::AdaptiveLimit;
pub use link::{exchange_passes, loss};
pub use orbit::Pool;
pub use processor::{Load, Speed, solve};
pub use room::{Admission, Call, Room};
pub use station::{ATTACKER, Integrals, NOBODY, Offer, PageDone, Started, Station};
pub use vain_clock::{REASONS, Ran, VainClock};
