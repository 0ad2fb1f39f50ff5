//! Theory: textbook queues, run as ordinary scenarios through the code that runs the country, against exact values.
//!
//! | file | holds |
//! |---|---|
//! | [`oracle`] | rows of exact values, read from CSV |
//! | [`kendall`], [`quantity`], [`law`], [`rates`] | what a row's words mean |
//! | [`express`](mod@express) | which scenario and which statistic a row becomes, family by family |
//! | [`model`], `text` | the scenario: a file under `models/theory/` and overrides |
//! | [`statistic`] | what can be asked of a run |
//! | [`collect`] | an observer that sums up what a statistic needs |
//! | [`estimate`] | from sums of replications to an interval and a distance |
//! | [`verify`](mod@verify) | runs everything, decides, and says what it cannot do |
//!
//! This folder may know the world's observer and nothing of its inside: it sees a run as any other observer does.

pub mod collect;
pub mod estimate;
pub mod express;
pub mod families;
pub mod kendall;
pub mod law;
pub mod model;
pub mod oracle;
pub mod plan;
pub mod quantity;
pub mod rates;
pub mod statistic;
mod text;
pub mod verify;

pub use oracle::{BUILT_IN, OracleError, Row, read};
pub use verify::{Finding, Precision, Report, Verdict, verify};
