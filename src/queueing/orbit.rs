//! The orbit: people who wait to knock again, by superposition with lazy thinning.
//!
//! `W` people back after exponential delays of rate ρ knock as one Poisson stream of rate `Wρ`. While a knock
//! would be in vain whatever happens (the door is shut, or its packets are lost) it changes only counts, so no
//! event is made for it: the [`VainClock`] runs instead. While the door is open one scalar "next knock" per
//! [`Pool`] proposes a uniform member; only then is drawn how many knocks that person made in vain since last
//! looked at: Poisson with mean ρ times what the vain clock gained. Exact, by memorylessness.

use crate::engine::{Draw, Span, Time};

/// People of one retry class who wait to knock again at one door.
#[derive(Clone, Debug)]
pub struct Pool {
    members: Vec<u32>,
    rate: f64,
    draw: Draw,
}

impl Pool {
    /// An empty pool whose members each knock at `rate` 1/s.
    pub fn new(rate: f64, draw: Draw) -> Self {
        Pool {
            members: Vec::new(),
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
    /// How many wait.
    pub fn len(&self) -> usize {
        self.members.len()
    }
    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
    /// The members, in no order.
    pub fn members(&self) -> &[u32] {
        &self.members
    }
    /// Adds a person and says at which position.
    pub fn push(&mut self, who: u32) -> u32 {
        self.members.push(who);
        (self.members.len() - 1) as u32
    }
    /// Takes out the person at a position; the answer is who moved there, if anybody did.
    pub fn remove(&mut self, at: u32) -> Option<u32> {
        self.members.swap_remove(at as usize);
        self.members.get(at as usize).copied()
    }
    /// A member at random, with its position.
    pub fn pick(&mut self) -> Option<(u32, u32)> {
        if self.members.is_empty() {
            return None;
        }
        let at = self.draw.below(self.members.len() as u32);
        Some((at, self.members[at as usize]))
    }
    /// The next knock that is not in vain, when each knock gets through with probability `passes`.
    pub fn next_knock(&mut self, now: Time, passes: f64) -> Option<Time> {
        let rate = self.members.len() as f64 * self.rate * passes;
        (rate > 0.0).then(|| now + Span::from_secs(self.draw.exponential() / rate))
    }
    /// How many knocks a member made while the vain clock gained `gained` seconds.
    pub fn vain_knocks(&mut self, gained: f64) -> u64 {
        if gained <= 0.0 {
            0
        } else {
            self.draw.poisson(self.rate * gained)
        }
    }
    /// Of a member who comes back after each failure with probability `persistence`: at which failure it leaves,
    /// counted from 1 (memoryless, so it may be drawn afresh at every look).
    pub fn leaves_at(&mut self, persistence: f64) -> u64 {
        if persistence >= 1.0 {
            return u64::MAX;
        }
        if persistence <= 0.0 {
            return 1;
        }
        let u = self.draw.uniform();
        1 + (libm::log(u) / libm::log(persistence)) as u64
    }
    /// The pool's own stream, for choices among its knocks.
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
    slopes: [f64; 9],
    /// Value at the start of each bin; the last is the current one.
    marks: Vec<f64>,
    /// Seconds gained for each reason in each bin.
    reasons: Vec<[f64; 9]>,
}

impl VainClock {
    /// A clock that stands still.
    pub fn new() -> Self {
        VainClock {
            value: 0.0,
            last: Time::ZERO,
            shut: false,
            slopes: [0.0; 9],
            marks: vec![0.0],
            reasons: vec![[0.0; 9]],
        }
    }

    /// Brings the clock to `now` and answers its value, s.
    pub fn read(&mut self, now: Time) -> f64 {
        let dt = (now - self.last).as_secs();
        if dt > 0.0 {
            self.last = now;
            let bin = self.reasons.len() - 1;
            for (gained, slope) in self.reasons[bin].iter_mut().zip(self.slopes) {
                if slope > 0.0 {
                    *gained += slope * dt;
                    self.value += slope * dt;
                }
            }
        }
        self.value
    }

    /// From now on a knock is in vain with the chances `slopes`, by reason; `shut`: nothing gets through.
    pub fn set(&mut self, now: Time, shut: bool, slopes: [f64; 9]) {
        self.read(now);
        self.shut = shut;
        self.slopes = slopes;
    }

    /// Whether nothing gets through.
    pub fn is_shut(&self) -> bool {
        self.shut
    }

    /// Chance that a knock gets through, 0..=1.
    pub fn passes(&self) -> f64 {
        if self.shut {
            0.0
        } else {
            (1.0 - self.slopes.iter().sum::<f64>()).max(0.0)
        }
    }

    /// The slopes in force, by reason.
    pub fn slopes(&self) -> [f64; 9] {
        self.slopes
    }

    /// A bin ends.
    pub fn mark(&mut self, now: Time) {
        let value = self.read(now);
        self.marks.push(value);
        self.reasons.push([0.0; 9]);
    }

    /// Where a vain knock drawn late fell: the bin and the reason, for `at` between two readings of the clock.
    pub fn locate(&self, at: f64, draw: &mut Draw) -> (usize, usize) {
        let bin = self.marks.partition_point(|m| *m <= at).saturating_sub(1);
        let gained = &self.reasons[bin];
        let total: f64 = gained.iter().sum();
        let only = gained.iter().position(|g| *g >= total);
        let reason = only.unwrap_or_else(|| {
            let mut left = draw.uniform() * total;
            gained
                .iter()
                .position(|g| {
                    left -= g;
                    left < 0.0
                })
                .unwrap_or(0)
        });
        (bin, reason)
    }

    /// The one reason for which the clock ran in the current bin, if it was one.
    pub fn only_reason(&self) -> Option<usize> {
        let gained = self.reasons.last()?;
        let mut ran = gained.iter().enumerate().filter(|(_, g)| **g > 0.0);
        let (why, _) = ran.next()?;
        ran.next().is_none().then_some(why)
    }

    /// Seconds the clock gained since it showed `since`, and whether all of them lie in the current bin.
    pub fn in_this_bin(&self, since: f64) -> bool {
        self.marks.last().is_some_and(|m| since >= *m)
    }
}

impl Default for VainClock {
    fn default() -> Self {
        VainClock::new()
    }
}
