//! The clock of shut time, and what a member of the pool did on it.
//!
//! A knock at a shut door changes nothing but counts, so none is made. The clock runs while the door is shut, and knocks are
//! a Poisson process on it. So when somebody joins the pool it is drawn at how many more knocks in vain it will leave, and
//! when on this clock the last of them is: whoever has left is known by a comparison. The knocks before the last are spread
//! evenly; how many were made is drawn only for somebody who gets in earlier, or when a bin ends.

use super::chance::Chance;
use super::logs::log;

/// What a knock meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// It gets in.
    Open,
    /// All sessions taken.
    Quota,
    /// All servers busy and the line full.
    Full,
}

/// A stretch of the clock in which all was full: from, to, and how much of such there was before.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: f64,
    to: f64,
    before: f64,
}

/// The clock of shut time, s.
pub struct Shut {
    /// The door as it is.
    pub door: Door,
    /// Its value.
    pub value: f64,
    /// The part of it in which all was full.
    pub full: f64,
    last: f64,
    /// All such parts: a stretch that goes on when the clock goes on is one.
    stretches: Vec<Stretch>,
}

/// What a member will do while the door stays shut: drawn when it joins, and all that is ever drawn of it unless it gets in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vain {
    /// It leaves at so many knocks in vain from now on.
    pub knocks: u8,
    /// Which is after so much shut time, s.
    pub after: f64,
}

/// Knocks a second of a member.
pub const RATE: f64 = 1.0 / 30.0;
/// The chance to try again.
pub const PERSISTENCE: f64 = 0.85;
/// No more tries than this.
pub const MOST_TRIES: u8 = 10;

/// `PERSISTENCE` to the power of 1, 2, …
const STAYS: [f64; MOST_TRIES as usize] = {
    let mut powers = [PERSISTENCE; MOST_TRIES as usize];
    let mut i = 1;
    while i < powers.len() {
        powers[i] = powers[i - 1] * PERSISTENCE;
        i += 1;
    }
    powers
};

/// Whether somebody whose knock number `tries` failed comes back, and what it does then at a door that stays shut. One
/// uniform says how often in a row it persists; the instant of the last knock is a sum of exponentials, so the logarithm of
/// a product.
#[inline]
pub fn persists(tries: u8, mut uniform: impl FnMut() -> f64) -> Option<Vain> {
    let first = uniform();
    if tries >= MOST_TRIES || first >= PERSISTENCE {
        return None;
    }
    // Powers fall, so this is how many in a row are above; counted without a branch.
    let stays = STAYS.iter().map(|power| u64::from(first < *power)).sum::<u64>() as u8;
    let knocks = stays.min(MOST_TRIES - tries);
    let product = (0..knocks).fold(1.0, |product, _| product * uniform());
    Some(Vain {
        knocks,
        after: -log(product) / RATE,
    })
}

impl Shut {
    /// An open door.
    pub fn new() -> Self {
        Shut {
            door: Door::Open,
            value: 0.0,
            full: 0.0,
            last: 0.0,
            stretches: Vec::new(),
        }
    }

    /// Brings the clock to `now`, ns.
    #[inline]
    pub fn read(&mut self, now: f64) {
        if self.door != Door::Open {
            let gained = (now - self.last) * 1e-9;
            if self.door == Door::Full {
                self.note_full(gained);
                self.full += gained;
            }
            self.value += gained;
        }
        self.last = now;
    }

    fn note_full(&mut self, gained: f64) {
        let to = self.value + gained;
        match self.stretches.last_mut() {
            Some(last) if last.to == self.value => last.to = to,
            _ => self.stretches.push(Stretch {
                from: self.value,
                to,
                before: self.full,
            }),
        }
    }

    /// From now on the door is another.
    #[inline]
    pub fn set(&mut self, now: f64, door: Door) {
        self.read(now);
        self.door = door;
    }

    /// How many of the `knocks` in vain before the last one a member has made by now, if they are spread evenly over the clock
    /// from `since` to `until`, which is still to come. The clock has been read.
    #[inline]
    pub fn made<const KEEP: u8>(&self, since: f64, until: f64, knocks: u8, chance: &mut Chance) -> u8 {
        if knocks == 0 || self.value <= since {
            return 0;
        }
        binomial(chance.in_vain::<KEEP>(), knocks, (self.value - since) / (until - since))
    }

    /// How many of `knocks` that are spread evenly over the clock from `since` to `until` met a full line and not a full gate;
    /// `last`: there was another one, at `until`.
    #[inline]
    pub fn met_full<const KEEP: u8>(&self, since: f64, until: f64, knocks: u8, last: bool, chance: &mut Chance) -> u8 {
        if self.stretches.last().is_none_or(|s| s.to <= since) {
            return 0;
        }
        let share = (self.full_at(until) - self.full_at(since)) / (until - since);
        let spread = if share > 0.0 {
            binomial(chance.in_vain::<KEEP>(), knocks, share)
        } else {
            0
        };
        spread + u8::from(last && self.is_full_at(until))
    }

    /// How much of the clock had been full when it showed `value`.
    fn full_at(&self, value: f64) -> f64 {
        let i = self.stretches.partition_point(|s| s.from <= value);
        let before = i.checked_sub(1).and_then(|i| self.stretches.get(i));
        before.map_or(0.0, |s| s.before + (value.min(s.to) - s.from))
    }

    /// Whether all was full when the clock showed `value`.
    fn is_full_at(&self, value: f64) -> bool {
        let i = self.stretches.partition_point(|s| s.from <= value);
        let before = i.checked_sub(1).and_then(|i| self.stretches.get(i));
        before.is_some_and(|s| value < s.to)
    }
}

/// A binomial count by inversion.
#[inline]
fn binomial(u: f64, n: u8, p: f64) -> u8 {
    // (1 − p)^n is at least 1 − np.
    if u < 1.0 - p * f64::from(n) {
        return 0;
    }
    if p >= 1.0 {
        return n;
    }
    let odds = p / (1.0 - p);
    let mut term = (0..n).fold(1.0, |all, _| all * (1.0 - p));
    let mut sum = term;
    let mut met = 0;
    while u >= sum && met < n {
        term *= odds * f64::from(n - met) / f64::from(met + 1);
        met += 1;
        sum += term;
    }
    met
}

impl Default for Shut {
    fn default() -> Self {
        Self::new()
    }
}
