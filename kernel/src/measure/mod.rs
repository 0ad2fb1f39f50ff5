//! What is measured: counts, learning time, waits, series, and the registry of KPIs made of them.
//!
//! This folder may know the scenario's indices. It runs nothing: the world books into it.

mod columns;
mod days;
pub mod invariants;
pub mod kpi;
#[cfg(test)]
pub mod made_up;
pub mod outcome;
pub mod series;
pub mod tally;
mod ticket;
mod waits;

pub use columns::{Pooling, REGION_COLUMNS, SERVICE_COLUMNS, SeriesColumn};
pub use days::{DAY_KPIS, Day, DayKpi, DayView, days};
pub use outcome::{Money, Outcome, RunStats};
pub use series::{Bin, GroupBin, Series};
pub use tally::{ClassCounts, Learning, Refusal, Tally};
pub use ticket::{Ticket, TicketEnd};
pub use waits::Waits;
