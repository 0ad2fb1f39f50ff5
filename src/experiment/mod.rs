//! Experiments: replications, comparisons and their statistics.
//!
//! This folder may know the world, the measures and the scenario. It prints nothing, and writes nothing but the journal of a sweep.

pub mod analysis;
pub mod attribution;
pub mod calibration;
pub mod compare;
pub mod design;
pub mod facts;
pub mod first;
pub mod jobs;
pub mod optimize;
pub mod referee;
pub mod replicate;
pub mod row;
pub mod selection;
pub mod sensitivity;
pub mod stats;
pub mod study;
pub mod summary;
pub mod sweep;
pub mod switch;
pub mod theory;
pub mod warning;

pub use compare::{ArmResult, Comparison, Effect, RegionResult, Verdict, compare, default_arms};
pub use first::{Found, Plight, first};
pub use replicate::{Arm, Done, Plan, ReplicateError, Replications, replicate};
pub use row::RunRow;
pub use summary::Summary;
pub use warning::Warning;
