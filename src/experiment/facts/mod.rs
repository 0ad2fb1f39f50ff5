//! Facts: what a run must show to be believed, each with its sources and tolerance, in a file that anyone can dispute.
//!
//! A facts file names a model and *worlds* (the model with policies, overrides or incidents switched), and for each fact
//! one or more tests: a number taken from a world's outcome, and the range in which it must lie. A fact holds in a
//! replication if all its tests do, and is *reproduced* if it holds in at least a stated share of replications.

mod file;
mod judge;
mod measure;
mod raw;
#[cfg(test)]
mod tests;

pub use file::{Fact, FactsFile, Limits, Test, World};
pub use judge::{Finding, JudgeError, Judgement, TestFinding, Verdict, judge};
pub use measure::{Measure, Take};

/// The facts that come with the default model: name and text.
pub const DEFAULT: (&str, &str) = (
    "models/2021-04-06.facts.ron",
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/2021-04-06.facts.ron")),
);
