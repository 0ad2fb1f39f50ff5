//! A few timers that are reset at almost every event.

use super::Time;

/// A winner tree over owners with `K` timers each: of every station the next completion, the next look of its room, the next
/// knock of its pools.
///
/// Such timers move at nearly every event of their owner. In the event list each move would leave a stale
/// entry behind; here an owner is a leaf of a tournament, and moving its timers replays its matches, O(log n), and only
/// until a match's winner stays as it was. An event often moves several timers of one owner: they are changed first
/// ([`Timers::change`]) and played once ([`Timers::replay`]). Reading the first is O(1).
///
/// ```
/// use preau::engine::{Time, Timers};
/// let mut timers = Timers::<2>::new(3);
/// timers.change(2, 1, Some(Time(40)));
/// timers.replay(2);
/// timers.change(0, 0, Some(Time(70)));
/// timers.replay(0);
/// assert_eq!(timers.first(), Some((Time(40), 1, 2)));
/// timers.change(2, 1, None);
/// timers.replay(2);
/// assert_eq!(timers.first(), Some((Time(70), 0, 0)));
/// ```
#[derive(Clone, Debug)]
pub struct Timers<const K: usize> {
    /// Node `i` has children `2i` and `2i + 1`; leaves start at `leaves`. A node is the least of its leaves:
    /// time in the high word, kind and owner in the low one, so ties go to the lowest kind, then to the lowest owner, and a
    /// match is one comparison of integers, which compiles without a branch to mispredict.
    nodes: Vec<u128>,
    leaves: usize,
    /// When each timer of each owner rings.
    times: Vec<[u64; K]>,
}

/// Later than any [`Time`]: the timer is not set.
const CLEAR: u64 = u64::MAX;

#[inline]
fn leaf(at: u64, kind: usize, owner: usize) -> u128 {
    (u128::from(at) << 64) | (kind as u128) << 32 | owner as u128
}

#[inline]
fn time(at: u64) -> Option<Time> {
    (at != CLEAR).then_some(Time(at))
}

impl<const K: usize> Timers<K> {
    /// `n` owners, all their timers clear. Their number is fixed.
    ///
    /// # Panics
    /// If `n` exceeds 2^31 (a tree of that size is a mistake; use the event list).
    pub fn new(n: usize) -> Self {
        assert!(n <= 1 << 31, "{n} owners of timers are too many for a winner tree");
        let leaves = n.next_power_of_two();
        let mut nodes = vec![0; leaves];
        nodes.extend((0..leaves).map(|i| leaf(CLEAR, 0, i)));
        for i in (1..leaves).rev() {
            nodes[i] = nodes[2 * i].min(nodes[2 * i + 1]);
        }
        let times = vec![[CLEAR; K]; n];
        Self { nodes, leaves, times }
    }

    /// The number of owners.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there is no timer at all.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty() || K == 0
    }

    /// Sets a timer of an owner to ring at an instant, or clears it, whatever it was. It counts from the owner's next
    /// [`Timers::replay`] on.
    ///
    /// # Panics
    /// If there is no such owner or kind.
    #[inline]
    pub fn change(&mut self, owner: usize, kind: usize, at: Option<Time>) {
        self.times[owner][kind] = at.map_or(CLEAR, |at| at.0.min(Time::MAX.0));
    }

    /// When a timer of an owner rings, if it is set.
    ///
    /// # Panics
    /// If there is no such owner or kind.
    #[inline]
    pub fn get(&self, owner: usize, kind: usize) -> Option<Time> {
        time(self.times[owner][kind])
    }

    /// The timer that rings first: when, its kind, its owner. Among ties the lowest kind, then the lowest owner; `None` if none
    /// is set.
    #[inline]
    pub fn first(&self) -> Option<(Time, usize, usize)> {
        let winner = self.nodes[1];
        time((winner >> 64) as u64).map(|at| (at, (winner as u64 >> 32) as usize, winner as u32 as usize))
    }

    /// Plays an owner's matches again, after its timers were changed.
    ///
    /// # Panics
    /// If there is no such owner.
    #[inline]
    pub fn replay(&mut self, owner: usize) {
        let (mut at, mut kind) = (CLEAR, 0);
        for (k, own) in self.times[owner].iter().enumerate() {
            if *own < at {
                (at, kind) = (*own, k);
            }
        }
        let mut node = self.leaves + owner;
        let mut winner = leaf(at, kind, owner);
        // A match whose winner is unchanged leaves all later matches unchanged. (Playing them all, to spare the processor a
        // guess, cost more than it saved when counted.)
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
        assert_eq!(Timers::<3>::new(0).first(), None);
        let mut one = Timers::<3>::new(1);
        assert_eq!(one.first(), None);
        one.change(0, 2, Some(Time::MAX));
        assert_eq!(one.first(), None);
        one.replay(0);
        assert_eq!(one.first(), Some((Time::MAX, 2, 0)));
        one.change(0, 2, None);
        one.replay(0);
        assert_eq!((one.first(), one.get(0, 2)), (None, None));
    }

    proptest! {
        #[test]
        fn agrees_with_a_scan(n in 1_usize..40, moves in prop::collection::vec((0_usize..40, 0_usize..3, prop::option::of(0_u64..20)), 0..200)) {
            let mut timers = Timers::<3>::new(n);
            let mut model = vec![[None; 3]; n];
            for (owner, kind, at) in moves {
                let owner = owner % n;
                timers.change(owner, kind, at.map(Time));
                timers.replay(owner);
                model[owner][kind] = at.map(Time);
                let set = model.iter().enumerate().flat_map(|(owner, own)| (0..3).filter_map(move |kind| own[kind].map(|at| (at, kind, owner))));
                prop_assert_eq!(timers.first(), set.min());
                prop_assert_eq!(timers.get(owner, kind), model[owner][kind]);
            }
        }
    }
}
