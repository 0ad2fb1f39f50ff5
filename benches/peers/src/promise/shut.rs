//! The clock of shut time, and what a member of the pool did on it.
//!
//! A knock at a shut door changes nothing but counts, so none is made. The clock runs while the door is shut; when a
//! member is next looked at, what it did in vain is drawn: knocks are a Poisson process on this clock.

use super::chance::Chance;

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

/// What a member did in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vain {
    /// Knocks.
    pub knocks: u8,
    /// Those of them that met a full line; the others a full gate.
    pub full: u8,
    /// The last of them was its last.
    pub left: bool,
}

/// Nothing happened.
const NOTHING: Vain = Vain {
    knocks: 0,
    full: 0,
    left: false,
};

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

/// 1/1, 1/2, …
const INVERSES: [f64; 256] = {
    let mut inverses = [1.0; 256];
    let mut i = 1;
    while i < inverses.len() {
        inverses[i] = 1.0 / (i + 1) as f64;
        i += 1;
    }
    inverses
};

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

    /// What a member of the pool did since the clock showed `since`, if it had knocked `tries` times. The clock has been read.
    #[inline]
    pub fn in_vain<const KEEP: u8>(&self, since: f64, tries: u8, chance: &mut Chance) -> Vain {
        let gained = self.value - since;
        if gained <= 0.0 {
            return NOTHING;
        }
        let mean = gained * RATE;
        let u = chance.in_vain::<KEEP>();
        // No knock at all: 1 − m bounds e^−m from below, and spares it.
        if u < 1.0 - mean {
            return NOTHING;
        }
        let mut term = libm::exp(-mean);
        let mut sum = term;
        if u <= sum {
            return NOTHING;
        }
        let persists = chance.in_vain::<KEEP>();
        let stays = STAYS.iter().take_while(|power| persists < **power).count() as u8;
        let leaves = (stays + 1).min(MOST_TRIES - tries);
        // How many there were beyond the one at which it leaves matters to nobody, so the count goes no further.
        let mut met = 0;
        while u > sum && met < usize::from(leaves) {
            term *= mean * INVERSES[met];
            met += 1;
            sum += term;
        }
        let knocks = met as u8;
        let left = knocks == leaves;
        let mut full = 0;
        if self.stretches.last().is_some_and(|s| s.to > since) {
            let since_full = self.full_at(since);
            let in_full = self.full - since_full;
            while left && u > sum && met < INVERSES.len() {
                term *= mean * INVERSES[met];
                met += 1;
                sum += term;
            }
            let spent = (since, since_full, gained, in_full);
            full = self.full_among::<KEEP>(knocks, met, spent, chance);
        }
        Vain { knocks, full, left }
    }

    /// How many of the first `counted` of `all` knocks fell into stretches where all was full.
    #[inline]
    fn full_among<const KEEP: u8>(
        &self,
        counted: u8,
        all: usize,
        (since, since_full, gained, in_full): (f64, f64, f64, f64),
        chance: &mut Chance,
    ) -> u8 {
        let share = in_full / gained;
        let u = chance.in_vain::<KEEP>();
        // (1 − p)^n is at least 1 − np.
        if u < 1.0 - share * all as f64 {
            return 0;
        }
        self.place::<KEEP>(u, counted, all, (since, since_full, gained, in_full), chance)
    }

    /// The rare case: a binomial count by inversion, then where on the clock they fell.
    #[cold]
    #[inline(never)]
    fn place<const KEEP: u8>(
        &self,
        u: f64,
        counted: u8,
        all: usize,
        (since, since_full, gained, in_full): (f64, f64, f64, f64),
        chance: &mut Chance,
    ) -> u8 {
        let share = in_full / gained;
        let met = binomial(u, all, share);
        if met == 0 || usize::from(counted) == all {
            return met as u8;
        }
        // It left at one of them: only those before count, so their order does.
        let mut places: Vec<(f64, bool)> = Vec::with_capacity(all);
        for i in 0..all {
            let v = chance.in_vain::<KEEP>();
            let full = i < met;
            let at = if full {
                self.value_at_full(since_full + v * in_full)
            } else {
                self.value_at_quota(since - since_full + v * (gained - in_full))
            };
            places.push((at, full));
        }
        places.sort_by(|a, b| a.0.total_cmp(&b.0));
        places[..usize::from(counted)].iter().filter(|p| p.1).count() as u8
    }

    /// How much of the clock had been full when it showed `value`.
    fn full_at(&self, value: f64) -> f64 {
        let i = self.stretches.partition_point(|s| s.from <= value);
        let before = i.checked_sub(1).and_then(|i| self.stretches.get(i));
        before.map_or(0.0, |s| s.before + (value.min(s.to) - s.from))
    }

    /// The clock when so much of it had been full.
    fn value_at_full(&self, full: f64) -> f64 {
        let i = self.stretches.partition_point(|s| s.before <= full).saturating_sub(1);
        self.stretches.get(i).map_or(full, |s| s.from + (full - s.before))
    }

    /// The clock when so much of it had been shut for the other reason.
    fn value_at_quota(&self, quota: f64) -> f64 {
        let i = self.stretches.partition_point(|s| s.from - s.before <= quota);
        let before = i.checked_sub(1).and_then(|i| self.stretches.get(i));
        quota + before.map_or(0.0, |s| s.before + (s.to - s.from))
    }
}

/// A binomial count by inversion.
fn binomial(u: f64, n: usize, p: f64) -> usize {
    if p >= 1.0 {
        return n;
    }
    let odds = p / (1.0 - p);
    let mut term = (0..n).fold(1.0, |all, _| all * (1.0 - p));
    let mut sum = term;
    let mut met = 0;
    while u >= sum && met < n {
        term *= odds * (n - met) as f64 / (met + 1) as f64;
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
