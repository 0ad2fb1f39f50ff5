//! Many streams of instants, merged into one.

use super::Time;
use std::hint::select_unpredictable;

/// A loser tree: of each stream the next instant, and which of all comes first.
///
/// Only the first stream's instant is ever replaced (it has just happened), so each match keeps its loser, and the new
/// instant meets the losers on its way up: one comparison a level, and no look at the winners' side (Knuth, *The Art of
/// Computer Programming*, vol. 3, 5.4.1). A timer that is reset from outside needs [`Timers`](super::Timers).
///
/// ```
/// use preau::engine::{Merge, Time};
/// let mut streams = Merge::new(&[Some(Time(40)), None, Some(Time(10))]);
/// assert_eq!(streams.first(), Some((Time(10), 2)));
/// streams.replace_first(Some(Time(50)));
/// assert_eq!(streams.first(), Some((Time(40), 0)));
/// streams.replace_first(None); // that stream has ended
/// assert_eq!(streams.first(), Some((Time(50), 2)));
/// ```
#[derive(Clone, Debug)]
pub struct Merge {
    /// The first of all at 0, then the losers of the matches: that of node `i` has lost to the winner of its side. Time in the
    /// high word, number of the stream in the low one, so ties go to the lowest number.
    nodes: Vec<u128>,
}

/// Later than any [`Time`]: the stream has ended.
const ENDED: u64 = u64::MAX;

fn entry(at: Option<Time>, stream: usize) -> u128 {
    let at = at.map_or(ENDED, |at| at.0.min(Time::MAX.0));
    u128::from(at) << 64 | stream as u128
}

/// One of two entries, without a jump: by its halves, for a choice between whole ones is compiled to one.
#[inline]
fn either(first: bool, a: u128, b: u128) -> u128 {
    let half = |of: fn(u128) -> u64| u128::from(select_unpredictable(first, of(a), of(b)));
    half(|x| (x >> 64) as u64) << 64 | half(|x| x as u64)
}

impl Merge {
    /// Streams whose next instants are `first`; `None` where a stream brings nothing at all.
    pub fn new(first: &[Option<Time>]) -> Self {
        let leaves = first.len().next_power_of_two();
        let mut nodes = vec![0; leaves];
        let mut winners: Vec<u128> = (0..leaves).map(|i| entry(first.get(i).copied().flatten(), i)).collect();
        for level in (0..leaves.trailing_zeros()).rev() {
            let from = 1 << level;
            winners = (0..from)
                .map(|i| {
                    let (a, b) = (winners[2 * i], winners[2 * i + 1]);
                    nodes[from + i] = a.max(b);
                    a.min(b)
                })
                .collect();
        }
        nodes[0] = winners[0];
        Self { nodes }
    }

    /// The next instant of all and whose it is, the lowest number among equals; `None` when all have ended.
    #[inline]
    pub fn first(&self) -> Option<(Time, usize)> {
        let at = (self.nodes[0] >> 64) as u64;
        (at != ENDED).then_some((Time(at), self.nodes[0] as u64 as usize))
    }

    /// The first stream's instant has passed: here is its next one.
    #[inline]
    pub fn replace_first(&mut self, at: Option<Time>) {
        let stream = self.nodes[0] as u64 as usize;
        let mut winner = entry(at, stream);
        let mut node = (self.nodes.len() + stream) / 2;
        while node > 0 {
            let met = self.nodes[node];
            // Which of the two is earlier cannot be foreseen: no jump, or the processor would guess wrong every other time.
            let earlier = met < winner;
            self.nodes[node] = either(earlier, winner, met);
            winner = either(earlier, met, winner);
            node /= 2;
        }
        self.nodes[0] = winner;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn none_and_one() {
        assert_eq!(Merge::new(&[]).first(), None);
        let mut one = Merge::new(&[Some(Time::MAX)]);
        assert_eq!(one.first(), Some((Time::MAX, 0)));
        one.replace_first(None);
        assert_eq!(one.first(), None);
    }

    proptest! {
        #[test]
        fn agrees_with_a_scan(first in prop::collection::vec(prop::option::of(0_u64..20), 0..40),
                              steps in prop::collection::vec(prop::option::of(0_u64..20), 0..200)) {
            let mut model: Vec<Option<Time>> = first.iter().map(|at| at.map(Time)).collect();
            let mut merge = Merge::new(&model);
            for step in steps {
                let expected = model.iter().enumerate().filter_map(|(i, at)| at.map(|at| (at, i))).min();
                prop_assert_eq!(merge.first(), expected);
                let Some((at, i)) = expected else { break };
                model[i] = step.map(|later| Time(at.0 + later));
                merge.replace_first(model[i]);
            }
        }
    }
}
