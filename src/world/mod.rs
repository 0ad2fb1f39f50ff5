//! The running country: people, services, hosts, incidents and policies in motion.
//!
//! This folder knows the kernel, the queues, the scenario and the measures, and nothing of experiments.

mod agenda;
mod bins;
mod books;
mod class;
mod door;
mod habit;
mod knock;
mod memory;
pub mod observer;
mod orbit;
mod owed;
mod person;
pub mod run;
mod session;
mod state;
mod stream;
#[cfg(test)]
mod tests;
mod visit;

pub use observer::{Observer, Unwatched};
pub use run::{Orbit, RunError, RunOptions, run};
