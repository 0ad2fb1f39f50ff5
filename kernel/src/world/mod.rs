//! The running country: people, services, hosts, incidents and policies in motion.
//!
//! This folder knows the kernel, the queues, the scenario and the measures, and nothing of experiments.

mod agenda;
mod bins;
mod books;
mod cell;
mod class;
pub mod deed;
mod door;
mod estimate;
mod filter;
mod gate;
mod habit;
pub mod kinds;
mod knock;
mod lessons_learnt;
mod levers;
mod memory;
pub mod observer;
mod orbit;
mod owed;
mod person;
mod referee;
pub mod run;
mod session;
mod smoothing;
mod state;
mod stream;
#[cfg(test)]
mod tests;
mod visit;

pub use deed::{Deed, Instead, Whereabouts};
pub use estimate::{requests_expected, visits_expected};
pub use observer::{Observer, Unwatched};
pub use run::{Mode, Orbit, RunError, RunOptions, connecting, run};
