//! What is measured: counts, learning time, waits, series, and the registry of KPIs made of them.
//!
//! This folder may know the scenario's indices. It runs nothing: the world books into it.

mod days;
pub mod invariants;
pub mod kpi;
#[cfg(test)]
pub(crate) mod made_up;
pub mod outcome;
pub mod series;
pub mod tally;
mod waits;

pub use days::{DAY_KPIS, Day, DayKpi, DayView, days};
pub use outcome::{Money, Outcome, RunStats};
pub use series::{Bin, GroupBin, Series};
pub use tally::{ClassCounts, Learning, Refusal, Tally};
pub use waits::Waits;
