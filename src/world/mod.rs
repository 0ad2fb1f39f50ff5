//! The running country: people, services, hosts, incidents and policies in motion.
//!
//! This folder knows the kernel, the queues, the scenario and the measures, and nothing of experiments.

mod agenda;
mod bins;
mod books;
mod door;
mod estimate;
mod habit;
mod knock;
mod memory;
pub mod observer;
mod orbit;
mod person;
mod referee;
pub mod run;
mod session;
mod state;
mod stream;
#[cfg(test)]
mod tests;
mod visit;

pub use estimate::requests_expected;
pub use observer::{Observer, Unwatched};
pub use run::{Mode, Orbit, RunError, RunOptions, run};
