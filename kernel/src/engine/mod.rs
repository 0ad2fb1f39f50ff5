//! The kernel: clock, event list, timers, random streams.
//!
//! This folder knows integers, times and random numbers. It knows no school: no pupil, service, room
//! or policy may be named here, so that the kernel can be tested on textbook laws alone and so that
//! arrows between folders run one way (`world → queueing → engine`).
//!
//! | to | use |
//! |---|---|
//! | say when | [`Time`], [`Span`] |
//! | schedule millions of events | [`EventList`], [`Event`] |
//! | keep a few timers that change at every event | [`Timers`] |
//! | draw at random, the same for the same person | [`Streams`], [`Purpose`], [`Draw`] |
//! | say how long or how many | [`Distribution`] |
//! | let a crowd arrive in order, without storing it | [`SortedUniforms`], [`Permutation`] |
//! | hold records | [`Slab`] |
//! | prove that two runs are the same | [`Fingerprint`] |

mod crowd;
pub mod distribution;
mod event;
mod event_list;
mod fingerprint;
mod golden;
mod merge;
mod permutation;
pub mod random;
mod slab;
mod time;
mod timers;

pub use crowd::SortedUniforms;
pub use distribution::{Distribution, KINDS, Kind};
pub(crate) use distribution::{exp, log};
pub use event::Event;
pub use event_list::EventList;
pub use fingerprint::Fingerprint;
pub use golden::golden_table;
pub use merge::Merge;
pub use permutation::Permutation;
pub use random::{Draw, Families, Purpose, Streams, key_of};
pub use slab::Slab;
pub use time::{Span, Time};
pub use timers::Timers;
