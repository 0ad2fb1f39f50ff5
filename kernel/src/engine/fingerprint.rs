//! A run's fingerprint: the hash that says two runs were the same, event for event.

use std::fmt;

use super::Time;

/// A running 64-bit hash over (time, kind, entity) of every event, in order.
///
/// Multiply-and-rotate, as in the hash of the Rust compiler (FxHash), with SplitMix64's finaliser at reading: two
/// multiplications off the critical path and one on it. It detects accidents, not adversaries.
///
/// ```
/// use preau::engine::{Fingerprint, Time};
/// let mut run = Fingerprint::new();
/// run.absorb(Time(5), 1, 42);
/// assert_eq!(run.to_string().len(), 16);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self::new()
    }
}

impl Fingerprint {
    /// The fingerprint of a run in which nothing happened yet.
    pub const fn new() -> Self {
        Self(0x243f_6a88_85a3_08d3) // pi's fraction: any odd start would do
    }

    /// Takes in one event: when, of which kind, to what. The order of events matters.
    #[inline]
    pub const fn absorb(&mut self, at: Time, kind: u8, entity: u32) {
        let what = ((kind as u64) << 32) | entity as u64;
        let word = at.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ what.wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(32);
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
    }

    /// The hash of all that was absorbed so far.
    #[inline]
    pub const fn value(&self) -> u64 {
        super::random::mix(self.0)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn of(events: &[(u64, u8, u32)]) -> u64 {
        let mut print = Fingerprint::new();
        for &(at, kind, entity) in events {
            print.absorb(Time(at), kind, entity);
        }
        print.value()
    }

    #[test]
    fn order_and_every_field_matter() {
        let base = [(1, 2, 3), (4, 5, 6)];
        let mut seen = HashSet::from([of(&base)]);
        for other in [
            [(4, 5, 6), (1, 2, 3)],
            [(1, 2, 3), (4, 5, 7)],
            [(1, 2, 3), (4, 4, 6)],
            [(1, 2, 3), (5, 5, 6)],
            [(2, 2, 3), (4, 5, 6)],
        ] {
            assert!(seen.insert(of(&other)));
        }
        assert_ne!(of(&[]), of(&[(0, 0, 0)]));
    }

    #[test]
    fn neighbouring_events_do_not_collide() {
        let mut seen = HashSet::new();
        for at in 0..100 {
            for kind in 0..10 {
                for entity in 0..100 {
                    assert!(seen.insert(of(&[(at, kind, entity)])));
                }
            }
        }
    }
}
