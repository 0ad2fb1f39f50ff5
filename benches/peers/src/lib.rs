//! The workloads of the benchmarks, written once, for any tool that can keep a clock and an event list.
//!
//! README.md defines the workloads. [`mmc`] and [`storm`] are their state machines, each a [`workload::Workload`]; an
//! [`agenda::Agenda`] is all that they ask of a tool. [`event_list`] holds the lists of the loop written by hand,
//! [`choice`] the arguments of a runner, [`report`] the line that it prints.

pub mod agenda;
pub mod choice;
pub mod event_list;
pub mod mmc;
pub mod promise;
pub mod report;
pub mod storm;
pub mod workload;
