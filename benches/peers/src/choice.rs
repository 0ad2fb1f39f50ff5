//! What a runner is asked to do.

use clap::{Args, ValueEnum};

/// Which workload, how big, from which seed.
#[derive(Args, Clone, Copy)]
pub struct Choice {
    /// Which workload
    pub workload: Named,
    /// Multiplies customers (w1), or rates, servers, line and gate (w2)
    #[arg(long, default_value_t = 1.0)]
    pub size: f64,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// A workload by name.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Named {
    /// Ten servers, first come, first served
    W1,
    /// A login storm
    W2,
}
