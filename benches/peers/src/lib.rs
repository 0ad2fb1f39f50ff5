//! The workloads of the benchmarks, written once, for any tool that can keep a clock and an event list.
//!
//! README.md defines the workloads. [`mmc`] and [`storm`] are their state machines, each a [`workload::Workload`]; an
//! [`agenda::Agenda`] is all that they ask of a tool. [`event_list`] holds the lists of the loop written by hand,
//! [`timed`] that loop, [`choice`] the arguments of a runner, [`report`] the line that it prints. [`promise`] holds loops that
//! know their workload and keep preau's promises, [`rivals`] what they are set beside.

pub mod agenda;
pub mod choice;
pub mod event_list;
pub mod mmc;
pub mod promise;
pub mod report;
pub mod rivals;
pub mod storm;
pub mod timed;
pub mod workload;
