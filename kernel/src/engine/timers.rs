//! A few timers that are reset at almost every event.

use super::Time;

/// A winner tree over a fixed number of timers: the next completion of each station, the next knock of
/// each pool.
///
/// Such timers move at nearly every event of their owner. In the event list each move would leave a stale
/// entry behind; here a timer is a leaf of a tournament and moving it replays its matches, O(log n), and only
/// until a match's winner stays as it was. Reading the first is O(1).
///
/// ```
/// use preau::engine::{Time, Timers};
/// let mut timers = Timers::new(3);
/// timers.set(2, Time(40));
/// timers.set(0, Time(70));
/// assert_eq!(timers.first(), Some((Time(40), 2)));
/// timers.clear(2);
/// assert_eq!(timers.first(), Some((Time(70), 0)));
/// ```
#[derive(Clone, Debug)]
pub struct Timers {
    /// Node `i` has children `2i` and `2i + 1`; leaves start at `leaves`. A node is the least of its leaves:
    /// time in the high word, index in the low one, so ties go to the lowest index and a match is one
    /// comparison of integers, which compiles without a branch to mispredict.
    nodes: Vec<u128>,
    leaves: usize,
    n: usize,
}

/// Later than any [`Time`]: the timer is not set.
const CLEAR: u64 = u64::MAX;

#[inline]
fn leaf(at: u64, i: usize) -> u128 {
    (u128::from(at) << 64) | i as u128
}

#[inline]
fn time(node: u128) -> Option<Time> {
    let at = (node >> 64) as u64;
    (at != CLEAR).then_some(Time(at))
}

impl Timers {
    /// `n` timers, all clear. Their number is fixed.
    ///
    /// # Panics
    /// If `n` exceeds 2^31 (a tree of that size is a mistake; use the event list).
    pub fn new(n: usize) -> Self {
        assert!(n <= 1 << 31, "{n} timers are too many for a winner tree");
        let leaves = n.next_power_of_two();
        let mut nodes = vec![0; leaves];
        nodes.extend((0..leaves).map(|i| leaf(CLEAR, i)));
        for i in (1..leaves).rev() {
            nodes[i] = nodes[2 * i].min(nodes[2 * i + 1]);
        }
        Self { nodes, leaves, n }
    }

    /// The number of timers, set or clear.
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether there is no timer at all.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Sets timer `i` to ring at `at`, whatever it was.
    ///
    /// # Panics
    /// If there is no timer `i`.
    #[inline]
    pub fn set(&mut self, i: usize, at: Time) {
        self.replay(i, at.0.min(Time::MAX.0));
    }

    /// Clears timer `i`: it will not ring.
    ///
    /// # Panics
    /// If there is no timer `i`.
    #[inline]
    pub fn clear(&mut self, i: usize) {
        self.replay(i, CLEAR);
    }

    /// When timer `i` rings, if it is set.
    ///
    /// # Panics
    /// If there is no timer `i`.
    #[inline]
    pub fn get(&self, i: usize) -> Option<Time> {
        assert!(i < self.n, "no timer {i} among {}", self.n);
        time(self.nodes[self.leaves + i])
    }

    /// The timer that rings first, the lowest index among ties; `None` if none is set.
    #[inline]
    pub fn first(&self) -> Option<(Time, usize)> {
        let winner = self.nodes[1];
        time(winner).map(|at| (at, winner as u64 as usize))
    }

    #[inline]
    fn replay(&mut self, i: usize, at: u64) {
        assert!(i < self.n, "no timer {i} among {}", self.n);
        let mut node = self.leaves + i;
        let mut winner = leaf(at, i);
        // A match whose winner is unchanged leaves all later matches unchanged.
        while self.nodes[node] != winner {
            self.nodes[node] = winner;
            if node == 1 {
                break;
            }
            winner = winner.min(self.nodes[node ^ 1]);
            node /= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn none_and_one() {
        assert_eq!(Timers::new(0).first(), None);
        let mut one = Timers::new(1);
        assert_eq!(one.first(), None);
        one.set(0, Time::MAX);
        assert_eq!(one.first(), Some((Time::MAX, 0)));
        one.clear(0);
        assert_eq!((one.first(), one.get(0)), (None, None));
    }

    proptest! {
        #[test]
        fn agrees_with_a_scan(n in 1_usize..40, moves in prop::collection::vec((0_usize..40, prop::option::of(0_u64..20)), 0..200)) {
            let mut timers = Timers::new(n);
            let mut model = vec![None; n];
            for (i, at) in moves {
                let i = i % n;
                match at {
                    Some(at) => timers.set(i, Time(at)),
                    None => timers.clear(i),
                }
                model[i] = at.map(Time);
                let expected = model.iter().enumerate().filter_map(|(i, at)| at.map(|at| (at, i))).min();
                prop_assert_eq!(timers.first(), expected);
                prop_assert_eq!(timers.get(i), model[i]);
            }
        }
    }
}
