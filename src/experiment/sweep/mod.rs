//! Sweeps: all runs of a study, each written down as soon as it ends, so that nothing is lost and nothing run twice.
//!
//! - [`Name`] names a run by its content;
//! - [`Journal`] holds the runs that were made, in a file that survives being killed at any instant;
//! - [`Plan`] says which runs are wanted, and which of them are this shard's;
//! - [`sweep()`] makes those that are missing;
//! - [`Point`](crate::experiment::study::Point)s with their runs are read back one after another by [`Results`].

mod advice;
mod estimate;
mod journal;
mod merge;
mod name;
mod plan;
mod record;
mod results;
mod run;
#[cfg(test)]
mod tests;

pub use advice::Advice;
pub use estimate::{Estimate, estimate};
pub use journal::{Journal, JournalError, Opened};
pub use merge::{MergeError, merge};
pub use name::{Name, Names, numbers_version};
pub use plan::{Plan, Shard};
pub use record::{Failed, Made, Record, Start};
pub use results::{PointResult, Results, RunResult};
pub use run::{SweepError, Swept, Told, sweep};
