//! The scenario: what is simulated, as files say it (`raw`) and as the simulator needs it (`model`).
//!
//! This folder may know the kernel's units and distributions. It runs nothing.

pub mod model;
