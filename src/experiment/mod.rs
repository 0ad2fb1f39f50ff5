//! Experiments: replications, comparisons and their statistics.
//!
//! This folder may know the world, the measures and the scenario. It prints nothing.

pub mod stats;
