//! Calibration: unknown numbers of a model as a posterior, given what is known of a day.
//!
//! Parameters have prior laws; the facts are a facts file. Each draw of the parameters is run and held against the facts: its
//! *distance* says how far outside their limits the facts' numbers lie. Approximate Bayesian computation keeps the draws
//! that come near, and proposes others around them, with ever smaller tolerance (`population.rs`). What is left is a weighted
//! sample of the posterior: as good as the facts, their tolerances and the model are.

mod distance;
mod file;
mod population;
mod raw;
mod summary;
#[cfg(test)]
mod tests;

pub use distance::{Country, ObserveError};
pub use file::{CalibrationFile, FindFacts, Law, MOST_PARTICLES, MOST_ROUNDS, Parameter};
pub use population::{Particle, Population, Round, Seen, Settings, Simulator, calibrate};
#[cfg(test)]
use summary::ranges_of;
pub use summary::{Range, draws, effective, least_contraction, ranges, share_of};

/// The calibration that comes with the default model: name and text.
pub const DEFAULT: (&str, &str) = (
    "experiments/2021-04-06-calibration.ron",
    include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/experiments/2021-04-06-calibration.ron"
    )),
);
