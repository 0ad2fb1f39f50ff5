//! The size of the country: the one place where what grows with it is multiplied.
//!
//! Every quantity of a model passes [`Checker::maybe`] or [`Checker::or`] with its dimension, and the dimension says
//! whether it is extensive; so a field of a new lever grows with the country as soon as its dimension is chosen. Two
//! more come through here by themselves: a cap said as a share of the accounts, and the times between arrivals.
//! A test (`scenario/tests/size.rs`) holds what was multiplied against the registry of fields.

use super::quantity::{COUNTRY, Dimension, MANY_HEADS};
use super::{At, Checker};
use crate::engine::Distribution;
use crate::scenario::model::{Efficiency, Resized};
use crate::scenario::raw::Scalar;

impl Checker<'_> {
    /// Reads the size; from then on every extensive quantity is read at this size.
    pub(super) fn country(&mut self, raw: Option<&Scalar>) {
        let root = At::ROOT;
        self.size.factor = self.or(&root.key("size"), raw, &COUNTRY, 1.0);
    }

    /// What a quantity as written is in a country of this size: whole numbers to the nearest, and at least 1 where at
    /// least 1 was written, because nothing is not a small something.
    pub(super) fn sized(&mut self, at: &At, written: f64, dimension: &Dimension) -> f64 {
        // Exactly what was written, to the last bit, in a country of its own size.
        if !dimension.extensive || self.size.factor == 1.0 {
            return written;
        }
        let exact = written * self.size.factor;
        let used = match dimension.is_whole() && exact.is_finite() {
            true => exact.round().max(if written >= 1.0 { 1.0 } else { 0.0 }),
            false => exact,
        };
        if written.is_finite() && dimension.too_large(used) {
            let title = format!("{written} times the `size` {} is too large", self.size.factor);
            let problem = self.wrong(at, title).label(format!("{used} in this country"));
            self.note(problem.help("lower `size`, or what is multiplied with it"));
        }
        if written.is_finite() {
            let path = at.path().to_string();
            self.size.parts.push(Resized {
                path,
                written,
                exact,
                used,
            });
        }
        used
    }

    /// A cap that was computed from the written accounts.
    pub(super) fn sized_cap(&mut self, at: &At, written: f64) -> u64 {
        self.sized(at, written.round(), &MANY_HEADS) as u64
    }

    /// Times between arrivals: in a country twice as large they are half as long, with the same variability.
    pub(super) fn sized_gaps(&mut self, at: &At, between: Distribution) -> Distribution {
        if self.size.factor == 1.0 {
            return between;
        }
        let sized = between.clone().stretched(1.0 / self.size.factor);
        self.size.parts.push(Resized {
            path: at.path().to_string(),
            written: between.mean(),
            exact: sized.mean(),
            used: sized.mean(),
        });
        sized
    }

    /// A law of efficiency that counts requests says nothing of a station with other cores: it cannot be resized.
    pub(super) fn efficiency_of_any_size(&mut self, at: &At, law: &Efficiency) {
        let counts_requests = matches!(
            law,
            Efficiency::AtStart { .. }
                | Efficiency::Usl {
                    per_capacity: false,
                    ..
                }
        );
        if counts_requests && self.size.factor != 1.0 {
            let title = format!(
                "this law counts requests: it cannot be told for a country of size {}",
                self.size.factor
            );
            let problem = self.wrong(at, title).label("not per core");
            let problem = problem.help("write `per_capacity: true`, with `sigma` and `kappa` for requests per core");
            self.note(problem.help("or leave `size` at 1"));
        }
    }
}
