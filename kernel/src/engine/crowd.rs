//! A crowd in the order of its arrivals, one at a time.

use super::Draw;

/// The order statistics of `n` independent uniforms on (0, 1), ascending, in O(1) memory.
///
/// Twelve million pupils who each pick an instant need not twelve million pending events: given the order statistic `u`
/// with `m` still to come, the next is the least of `m` uniforms on (u, 1), so `1 − u' = (1 − u)·v^(1/m)` with
/// `v` uniform. The law is exact (Devroye, *Non-Uniform Random Variate Generation*, 1986, V.3.1). Mapped through a
/// quantile function it gives the sorted sample of any law.
///
/// ```
/// use preau::engine::{Purpose, SortedUniforms, Streams};
/// let draw = Streams::new(1, 0).sequence(Purpose::Arrival, 0);
/// let instants: Vec<f64> = SortedUniforms::new(1000, draw).collect();
/// assert_eq!(instants.len(), 1000);
/// assert!(instants.is_sorted() && instants[0] > 0.0 && instants[999] < 1.0);
/// ```
#[derive(Clone, Debug)]
pub struct SortedUniforms {
    left: u64,
    /// `1 − u`: kept rather than `u`, because it is what shrinks towards 0 without losing digits.
    rest: f64,
    draw: Draw,
}

impl SortedUniforms {
    /// The crowd of `n`, drawn with `draw`.
    pub fn new(n: u64, draw: Draw) -> Self {
        Self {
            left: n,
            rest: 1.0,
            draw,
        }
    }

    /// How many are still to come.
    pub fn left(&self) -> u64 {
        self.left
    }
}

impl Iterator for SortedUniforms {
    type Item = f64;

    #[inline]
    fn next(&mut self) -> Option<f64> {
        if self.left == 0 {
            return None;
        }
        // v^(1/m) = exp(−e/m) with e exponential.
        let step = one_minus_exp(self.draw.exponential() / self.left as f64);
        self.rest -= self.rest * step;
        self.left -= 1;
        Some((1.0 - self.rest).clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

/// 1 − e^−y for y ≥ 0. In a crowd of millions the steps are small, and few terms of the series are exact to the last place.
#[inline]
fn one_minus_exp(y: f64) -> f64 {
    if y < 1.0 / 4096.0 {
        y * (1.0 - y * (1.0 / 2.0) * (1.0 - y * (1.0 / 3.0) * (1.0 - y * 0.25)))
    } else {
        -libm::expm1(-y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_is_expm1_to_the_last_places() {
        for i in 1..200_000 {
            // Both sides of where the series ends, and far down.
            for y in [f64::from(i) * 2.0e-9, libm::exp2(-f64::from(i) * 1e-3)] {
                let exact = -libm::expm1(-y);
                let off = (one_minus_exp(y).to_bits() as i64 - exact.to_bits() as i64).abs();
                assert!(off <= 2, "y = {y}: {off} units in the last place");
            }
        }
        assert_eq!(one_minus_exp(0.0), 0.0);
    }
}
