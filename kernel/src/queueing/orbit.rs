//! The orbit: people who wait to knock again, by superposition with lazy thinning.
//!
//! `W` people back after exponential delays of rate ρ knock as one Poisson stream of rate `Wρ`. While a knock
//! would be in vain whatever happens (the door is shut, or its packets are lost) it changes only counts, so no
//! event is made for it: the [`VainClock`](super::VainClock) runs instead. While the door is open one scalar "next knock" per
//! door proposes a uniform member of a [`Pool`]; only then is drawn how many knocks that person made in vain since last
//! looked at: Poisson with mean ρ times what the vain clock gained, bin by bin. Exact, by memorylessness.

use crate::engine::Draw;
use std::collections::VecDeque;

/// So many members are drawn at once: their records are fetched from memory together.
const TOGETHER: usize = 4;
/// A pool this many times as large as when it was looked at is looked at again. (2: a fifth fewer records in a login storm, and
/// a fifth more time.)
const GROWTH: usize = 3;
/// So few people are not looked at for their number.
const FEW: usize = 1024;

/// People of one retry class who wait to knock again at one door.
///
/// Whoever leaves for another reason than a knock is only counted out; the entry goes when it is met or when
/// half of them are stale. So nobody's record has to know its place in the pool.
///
/// Who knocks next is drawn some turns in advance, so that records can be fetched from memory meanwhile. That is exact:
/// `next` is the beginning of a random order of all members of which the rest is not drawn yet, and a newcomer is put at a
/// random place of that order.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Who knocks next, in this order.
    next: VecDeque<Entry>,
    /// Everybody else, in no order.
    rest: Vec<Entry>,
    stale: usize,
    /// How many waited when everybody was last looked at.
    looked: usize,
    rate: f64,
    draw: Draw,
}

/// (who, number of the stay): stale when the person keeps another number.
type Entry = (u32, u32);

impl Pool {
    /// An empty pool whose members each knock at `rate` 1/s.
    pub fn new(rate: f64, draw: Draw) -> Self {
        Pool {
            next: VecDeque::new(),
            rest: Vec::new(),
            stale: 0,
            looked: 0,
            rate,
            draw,
        }
    }
    /// Knocks per second of one member.
    pub fn rate(&self) -> f64 {
        self.rate
    }
    fn entries(&self) -> usize {
        self.next.len() + self.rest.len()
    }
    /// How many wait.
    pub fn len(&self) -> usize {
        self.entries() - self.stale
    }
    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Knocks per second of all.
    pub fn total_rate(&self) -> f64 {
        self.len() as f64 * self.rate
    }
    /// Whether there are so many more than when everybody was last looked at that most may have left since at a knock in vain,
    /// unseen.
    #[inline]
    pub fn is_grown(&self) -> bool {
        self.len() > GROWTH * self.looked.max(FEW)
    }
    /// Everybody has been looked at.
    pub fn looked(&mut self) {
        self.looked = self.len();
    }
    /// Adds a person under the number of its stay.
    pub fn push(&mut self, who: u32, stay: u32) {
        let place = self.draw.below(self.entries() as u32 + 1) as usize;
        let undrawn = match self.next.get_mut(place) {
            Some(entry) => std::mem::replace(entry, (who, stay)),
            None => (who, stay),
        };
        self.rest.push(undrawn);
    }
    /// Draws who comes next when few are drawn, and answers those just drawn: none at most calls.
    pub fn look_ahead(&mut self) -> impl Iterator<Item = u32> {
        let before = self.next.len();
        if before < TOGETHER {
            self.draw_next();
        }
        self.next.range(before..).map(|(who, _)| *who)
    }
    fn draw_next(&mut self) {
        for _ in 0..TOGETHER.min(self.rest.len()) {
            let at = self.draw.below(self.rest.len() as u32) as usize;
            self.next.push_back(self.rest.swap_remove(at));
        }
    }
    /// Who waits, in no order; `stays` as in [`Pool::take`].
    pub fn members(&self, stays: impl Fn(u32, u32) -> bool) -> Vec<u32> {
        let all = self.next.iter().chain(&self.rest);
        all.filter(|(who, stay)| stays(*who, *stay))
            .map(|(who, _)| *who)
            .collect()
    }
    /// Takes out a member at random. `stays` tells whether a person still keeps the number of the entry; there must
    /// be one that does.
    pub fn take(&mut self, stays: impl Fn(u32, u32) -> bool) -> Option<u32> {
        loop {
            if self.next.is_empty() {
                self.draw_next();
            }
            let (who, stay) = self.next.pop_front()?;
            if stays(who, stay) {
                return Some(who);
            }
            self.stale = self.stale.saturating_sub(1);
        }
    }
    /// Counts out a member that keeps the number of its entry no more.
    pub fn leave(&mut self, stays: impl Fn(u32, u32) -> bool) {
        self.stale += 1;
        if self.stale * 2 > self.entries() {
            self.next.retain(|(who, stay)| stays(*who, *stay));
            self.rest.retain(|(who, stay)| stays(*who, *stay));
            self.stale = 0;
        }
    }
    /// The pool's own stream, for what its members did in vain.
    pub fn draw(&mut self) -> &mut Draw {
        &mut self.draw
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};

    #[test]
    fn a_pool_is_looked_at_again_when_it_has_grown() {
        let mut pool = Pool::new(1.0, Streams::new(1, 0).sequence(Purpose::Pool, 0));
        let mut stay = 0;
        let mut grow = |pool: &mut Pool| {
            while !pool.is_grown() {
                stay += 1;
                pool.push(stay, stay);
            }
            pool.len()
        };
        // Few are left alone, whatever their number was.
        let first = grow(&mut pool);
        assert_eq!(first, GROWTH * FEW + 1);
        pool.looked();
        assert_eq!(grow(&mut pool), GROWTH * first + 1);
        // Who was found to have left counts no more.
        let left = 1000;
        for _ in 0..left {
            pool.leave(|who, _| who > left);
        }
        assert!(!pool.is_grown());
        assert_eq!(grow(&mut pool), GROWTH * first + 1);
    }
}
