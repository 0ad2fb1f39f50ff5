//! The orbit: people who wait to knock again, by superposition with lazy thinning.
//!
//! `W` people back after exponential delays of rate ρ knock as one Poisson stream of rate `Wρ`. While a knock
//! would be in vain whatever happens (the door is shut, or its packets are lost) it changes only counts, so no
//! event is made for it: the [`VainClock`] runs instead. While the door is open one scalar "next knock" per
//! door proposes a uniform member of a [`Pool`]; only then is drawn how many knocks that person made in vain since last
//! looked at: Poisson with mean ρ times what the vain clock gained, bin by bin. Exact, by memorylessness.

use crate::engine::{Draw, Time};
use std::collections::VecDeque;

/// Reasons for which a knock may be in vain, numbered by whoever keeps the clock.
const REASONS: usize = 9;
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
    /// Another rate from now on: whoever waits knocks at it too.
    pub fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
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

/// Runs at the rate at which a knock is in vain whatever happens: 1 while the door is shut, the share of packets
/// lost while it is open. Keeps its value at every bin so that knocks drawn late are booked where they happened.
#[derive(Clone, Debug)]
pub struct VainClock {
    value: f64,
    last: Time,
    shut: bool,
    slopes: [f64; REASONS],
    /// Those that are not zero, as bits.
    running: u16,
    /// Their sum.
    slope: f64,
    /// What the reasons gained is booked up to here.
    booked: Time,
    bins: Vec<VainBin>,
}

/// One time bin of a [`VainClock`].
#[derive(Clone, Copy, Debug, Default)]
struct VainBin {
    /// The clock's value at its start.
    from: f64,
    /// Seconds gained for each reason.
    gained: [f64; REASONS],
    /// Reasons that gained any, as bits.
    ran: u16,
}

impl VainClock {
    /// A clock that stands still.
    pub fn new() -> Self {
        VainClock {
            value: 0.0,
            last: Time::ZERO,
            shut: false,
            slopes: [0.0; REASONS],
            running: 0,
            slope: 0.0,
            booked: Time::ZERO,
            bins: vec![VainBin::default()],
        }
    }

    /// Brings the clock to `now` and answers its value, s.
    #[inline]
    pub fn read(&mut self, now: Time) -> f64 {
        if now > self.last {
            self.value += self.slope * (now - self.last).as_secs();
            self.last = now;
        }
        self.value
    }

    /// Books for which reasons the clock ran since the slopes were set or the bin began.
    fn book(&mut self, now: Time) {
        self.read(now);
        if self.running != 0 && self.last > self.booked {
            let dt = (self.last - self.booked).as_secs();
            let last = self.bins.len() - 1;
            let bin = &mut self.bins[last];
            bin.ran |= self.running;
            for reason in bits(self.running) {
                bin.gained[reason] += self.slopes[reason] * dt;
            }
        }
        self.booked = self.last;
    }

    /// From now on a knock is in vain with the chances `slopes`, by reason; `shut`: nothing gets through.
    pub fn set(&mut self, now: Time, shut: bool, slopes: [f64; REASONS]) {
        self.book(now);
        self.shut = shut;
        self.slopes = slopes;
        self.slope = slopes.iter().sum();
        self.running = (0..REASONS)
            .filter(|r| slopes[*r] != 0.0)
            .fold(0, |all, r| all | 1 << r);
    }

    /// Whether nothing gets through.
    pub fn is_shut(&self) -> bool {
        self.shut
    }

    /// Chance that a knock gets through, 0..=1.
    pub fn passes(&self) -> f64 {
        if self.shut { 0.0 } else { (1.0 - self.slope).max(0.0) }
    }

    /// The slopes in force, by reason.
    pub fn slopes(&self) -> [f64; REASONS] {
        self.slopes
    }

    /// A bin ends.
    pub fn mark(&mut self, now: Time) {
        self.book(now);
        self.bins.push(VainBin {
            from: self.value,
            ..VainBin::default()
        });
    }

    /// The bin now open.
    #[inline]
    pub fn bin(&self) -> usize {
        self.bins.len() - 1
    }

    /// The bin in which the clock showed `value`.
    #[inline]
    pub fn bin_of(&self, value: f64) -> usize {
        if self.bins.last().is_some_and(|bin| value >= bin.from) {
            return self.bins.len() - 1;
        }
        self.bins.partition_point(|bin| bin.from <= value).saturating_sub(1)
    }

    /// What the clock gained in a bin between two of its values, s.
    #[inline]
    pub fn gained(&self, bin: usize, from: f64, to: f64) -> f64 {
        let until = self.bins.get(bin + 1).map_or(to, |next| next.from);
        (until.min(to) - self.bins[bin].from.max(from)).max(0.0)
    }

    /// How many knocks of a bin were in vain for each reason: by chance, as the reasons ran. The clock has been read.
    pub fn reasons(&mut self, bin: usize, knocks: u64, draw: &mut Draw) -> [u64; REASONS] {
        self.book(self.last);
        let gained = &self.bins[bin].gained;
        let total: f64 = gained.iter().sum();
        let mut met = [0; REASONS];
        for _ in 0..knocks {
            let mut left = draw.uniform() * total;
            let why = gained.iter().position(|g| {
                left -= g;
                left < 0.0
            });
            // Past the last one only by a rounding.
            let why = why.or_else(|| gained.iter().rposition(|g| *g > 0.0));
            met[why.unwrap_or(0)] += 1;
        }
        met
    }

    /// The one reason for which the clock ran in a bin, if it was one.
    #[inline]
    pub fn only_reason(&self, bin: usize) -> Option<usize> {
        let open = bin + 1 == self.bins.len() && self.last > self.booked;
        let ran = self.bins[bin].ran | if open { self.running } else { 0 };
        ran.is_power_of_two().then_some(ran.trailing_zeros() as usize)
    }
}

/// The numbers of the bits that are set.
fn bits(mut mask: u16) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let next = mask.trailing_zeros();
        mask &= mask.wrapping_sub(1);
        (next < 16).then_some(next as usize)
    })
}

impl Default for VainClock {
    fn default() -> Self {
        VainClock::new()
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

    /// Shut for reason 0 during ten seconds of the first bin; in the second, from its fifth second on, half of all knocks
    /// are lost for reason 5 and a quarter for reason 1.
    fn clock() -> VainClock {
        let at = |secs: f64| Time::from_secs(secs);
        let mut slopes = [0.0; REASONS];
        let mut clock = VainClock::new();
        slopes[0] = 1.0;
        clock.set(at(0.0), true, slopes);
        clock.set(at(10.0), false, [0.0; REASONS]);
        clock.mark(at(20.0));
        slopes = [0.0; REASONS];
        slopes[5] = 0.5;
        slopes[1] = 0.25;
        clock.set(at(25.0), false, slopes);
        assert_eq!(clock.read(at(35.0)), 17.5);
        clock
    }

    #[test]
    fn what_was_gained_is_told_by_bin() {
        let clock = clock();
        assert_eq!((clock.bin_of(3.0), clock.bin_of(12.0), clock.bin()), (0, 1, 1));
        assert_eq!((clock.gained(0, 2.0, 17.5), clock.gained(1, 2.0, 17.5)), (8.0, 7.5));
        assert_eq!(clock.passes(), 0.25);
    }

    #[test]
    fn reasons_are_told_as_they_ran() {
        let mut clock = clock();
        assert_eq!((clock.only_reason(0), clock.only_reason(1)), (Some(0), None));
        let mut draw = Streams::new(1, 0).sequence(Purpose::Other, 0);
        let n = 30_000;
        let met = clock.reasons(1, n, &mut draw);
        assert_eq!(met[1] + met[5], n);
        let (lost, p, n) = (met[5] as f64, 2.0 / 3.0, n as f64);
        assert!(((lost - n * p) / libm::sqrt(n * p * (1.0 - p))).abs() < 4.0, "{lost}");
        // Asking has not changed what comes later.
        assert_eq!(clock.read(Time::from_secs(39.0)), 20.5);
        assert_eq!(clock.only_reason(1), None);
    }
}
