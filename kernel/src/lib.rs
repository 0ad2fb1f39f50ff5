//! The kernel of Préau: everything that a run needs, and nothing that reads models or results.
//!
//! The library to use is `preau`, which has these folders under the same names and adds experiments, lessons, files,
//! pages and the command line. They are a crate of their own for the sake of the compiler: what happens at every event
//! is compiled for speed, the rest not optimised at all, and a change of the rest does not compile the country again.
//!
//! ```text
//! world → { queueing, measure, scenario } → engine
//! ```
//!
//! | folder | holds |
//! |---|---|
//! | [`engine`] | clock, event list, timers, random streams, distributions, fingerprint |
//! | [`queueing`] | the queues as passive state machines: station, room, orbit, token bucket, link |
//! | [`scenario`] | the model as the simulator needs it |
//! | [`measure`] | counts, waits, series, invariants, the registry of KPIs |
//! | [`world`] | the running country: visits, knocks, sessions, incidents, policies |

pub mod engine;
pub mod measure;
pub mod queueing;
pub mod scenario;
pub mod world;
