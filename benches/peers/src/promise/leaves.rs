//! Ends of sessions: hundreds of thousands pending, in piles a second wide.
//!
//! Nobody needs their order until their second comes: then a pile is sorted. Within a pile events lie in the order in
//! which they were scheduled, so sorting by time alone, stably, gives the total order of (time, sequence), and an entry
//! takes eight bytes.

/// A pile is 2^30 ns wide, a second and a little.
const WIDTH: u32 = 30;

/// Pending ends of sessions. Times are nanoseconds.
pub struct Leaves {
    /// Offset within the pile (high half) and whose.
    piles: Vec<Vec<u64>>,
    /// The sorted one.
    open: Vec<u64>,
    next: usize,
    /// The number of the open one, and its start.
    number: usize,
    base: u64,
    spare: Vec<Vec<u64>>,
    /// The next instant at which something is to be done.
    pub at: f64,
    /// Sessions that go on beyond the end of the run.
    pub beyond: u64,
}

impl Leaves {
    /// None pending, for a run of so many nanoseconds.
    pub fn new(end: f64) -> Self {
        let piles = (end as u64 >> WIDTH) as usize + 1;
        let mut leaves = Leaves {
            piles: vec![Vec::new(); piles],
            open: Vec::new(),
            next: 0,
            number: 0,
            base: 0,
            spare: Vec::new(),
            at: 0.0,
            beyond: 0,
        };
        leaves.look();
        leaves
    }

    /// When the open pile has an event, or is over.
    #[inline]
    fn look(&mut self) {
        let offset = self.open.get(self.next).map_or(1 << WIDTH, |e| e >> 32);
        self.at = (self.base + offset) as i64 as f64;
    }

    /// Somebody's session ends at `at`.
    #[inline]
    pub fn push(&mut self, at: f64, who: u32) {
        let at = super::w1::count(at);
        let number = (at >> WIDTH) as usize;
        let entry = (at & ((1 << WIDTH) - 1)) << 32 | u64::from(who);
        if number == self.number {
            return self.push_near(entry);
        }
        let Some(pile) = self.piles.get_mut(number) else {
            self.beyond += 1;
            return;
        };
        if pile.capacity() == 0 {
            *pile = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(16));
        }
        pile.push(entry);
    }

    #[inline(never)]
    fn push_near(&mut self, entry: u64) {
        let place = self.open.partition_point(|e| e >> 32 <= entry >> 32);
        self.open.insert(place.max(self.next), entry);
        self.look();
    }

    /// Takes the event that is due, or opens the next pile and answers nobody.
    #[inline]
    pub fn pop<const ORDERED: bool>(&mut self) -> Option<u32> {
        let Some(&entry) = self.open.get(self.next) else {
            self.open_next::<ORDERED>();
            return None;
        };
        self.next += 1;
        self.look();
        Some(entry as u32)
    }

    #[inline(never)]
    fn open_next<const ORDERED: bool>(&mut self) {
        self.number += 1;
        self.base += 1 << WIDTH;
        self.next = 0;
        let mut old = match self.piles.get_mut(self.number) {
            Some(pile) => std::mem::replace(&mut self.open, std::mem::take(pile)),
            None => std::mem::take(&mut self.open),
        };
        old.clear();
        if old.capacity() > 0 {
            self.spare.push(old);
        }
        if ORDERED {
            self.open.sort_by_key(|e| e >> 32);
        } else {
            self.open.sort_unstable();
        }
        self.look();
    }

    /// Whose sessions end next: all of the pile just opened.
    pub fn ahead(&self) -> impl Iterator<Item = u32> {
        self.open[self.next..].iter().map(|e| *e as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn comes_out_in_the_total_order() {
        let mut random = SmallRng::seed_from_u64(5);
        let end = 60e9;
        let mut leaves = Leaves::new(end);
        // Few different instants, so that many are equal.
        let mut list: Vec<(u64, u32)> = Vec::new();
        let (mut sequence, mut out) = (0, 0);
        while leaves.at < end {
            let now = leaves.at as u64;
            if let Some(who) = leaves.pop::<true>() {
                list.sort_unstable();
                assert_eq!(list.remove(0), (now, who));
                out += 1;
            }
            for _ in 0..random.random_range(0..3) {
                let at = now + random.random_range(0..40) * 100_000_000;
                if sequence < 3000 {
                    leaves.push(at as f64, sequence);
                    list.push((at, sequence));
                    sequence += 1;
                }
            }
        }
        list.retain(|e| (e.0 as f64) < end);
        assert!(out > 500 && list.is_empty(), "{out}, {list:?}");
    }
}
