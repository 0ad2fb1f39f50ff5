//! The running country: people, services, hosts, incidents and policies in motion.
//!
//! This folder knows the kernel, the queues, the scenario and the measures, and nothing of experiments.

pub mod observer;
pub mod run;

pub use observer::{Observer, Unwatched};
pub use run::{Orbit, RunError, RunOptions, run};
