//! One run: a function of (scenario, seed, replication, policies), bit for bit.

use super::Observer;
use crate::engine::Time;
use crate::measure::Outcome;
use crate::scenario::model::{PolicyId, Scenario};

/// How people who wait to knock again are simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orbit {
    /// By superposition where the delays are exponential, knock by knock elsewhere.
    #[default]
    Auto,
    /// Knock by knock everywhere.
    Events,
}

/// What a run is told beside the scenario.
#[derive(Clone, Default)]
pub struct RunOptions<'a> {
    /// Seed of the experiment.
    pub seed: u64,
    /// Number of the replication, from 0.
    pub replication: u64,
    /// Policies that are on.
    pub policies: Vec<PolicyId>,
    /// How retries are simulated.
    pub orbit: Orbit,
    /// Called now and then with the simulated clock; a `true` answer stops the run.
    pub progress: Option<&'a (dyn Fn(Time) -> bool + Sync)>,
}

/// Why a run gave no result.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError {
    /// An invariant does not hold: the numbers cannot be trusted.
    #[error("an invariant is broken ({what}); this is a defect of the simulator: please report the model, seed and replication")]
    Invariant {
        /// Which, with the figures.
        what: String,
    },
    /// Stopped by the caller.
    #[error("stopped")]
    Stopped,
}

/// Runs a scenario once.
///
/// # Errors
/// [`RunError::Invariant`] when the books do not balance, [`RunError::Stopped`] when `progress` said so.
pub fn run<O: Observer>(_scenario: &Scenario, _options: &RunOptions<'_>, _observer: &mut O) -> Result<Outcome, RunError> {
    unimplemented!()
}
