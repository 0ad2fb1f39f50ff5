//! Statistics of replications: intervals, paired differences, control variates, quantiles, shares, selection of the
//! best, families of tests, when to stop.
//!
//! This folder knows numbers only: no scenario, no KPI.

pub mod control;
pub mod holm;
pub mod interval;
pub mod modes;
pub mod ocba;
pub mod order;
pub mod paired;
pub mod select;
pub mod share;
pub mod stopping;

pub use control::{Controlled, controlled};
pub use holm::holm;
pub use interval::{Interval, precise_enough};
pub use modes::{Modes, Strata, strata, two_modes};
pub use ocba::{next_replications, ocba, share_out};
pub use order::{QuantileInterval, quantile, quantile_interval};
pub use paired::{Paired, paired};
pub use select::{Goal, KimNelson};
pub use share::{clopper_pearson, wilson};
pub use stopping::{Stop, Stopping};

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The confidence of every interval that is printed without another.
pub const CONFIDENCE: f64 = 0.95;

/// Student's t with `n - 1` degrees of freedom; `None` for fewer than two values.
fn student(n: usize) -> Option<StudentsT> {
    (n >= 2)
        .then(|| StudentsT::new(0.0, 1.0, (n - 1) as f64).ok())
        .flatten()
}

/// The factor of a two-sided t-interval of `n` values.
pub(super) fn t_factor(n: usize, confidence: f64) -> Option<f64> {
    student(n).map(|t| t.inverse_cdf(0.5 + confidence / 2.0))
}

/// Two-sided p-value of a t statistic of `n` values.
fn t_p_value(n: usize, t: f64) -> Option<f64> {
    student(n).map(|law| 2.0 * law.cdf(-t.abs()))
}
