//! The numbers of a flood that is counted, and the draw of what they become in a step. How long a step is, and who gets a
//! thread: `leap.rs`.

use crate::engine::{Draw, Time};
use std::collections::VecDeque;

/// Flood requests in service that are equally slow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    /// Hundredths of the logarithm of that: a group stays where it is, whoever joins it.
    pub class: u32,
    /// Their work as a multiple of what it would have been alone: settled at the start where the station does so.
    pub slow: f64,
    pub count: u64,
}

/// The flood at a station, as counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Leap {
    /// None: floods here are fluids.
    pub draw: Option<Draw>,
    /// A flood is on, or something of it is left.
    pub on: bool,
    /// Requests per second.
    pub rate: f64,
    /// Mean work of a request, core-seconds.
    pub work: f64,
    /// Requests in service.
    pub in_service: u64,
    pub groups: Vec<Group>,
    /// Requests in the backlog: before each login that waits there, in order, and after the last.
    pub before: VecDeque<u64>,
    pub after: u64,
    /// Their sum.
    pub waiting: u64,
    /// Since when arrivals and departures are not drawn yet.
    pub since: Time,
    /// By how much virtual time has grown since.
    pub grown: f64,
    /// When the step ends.
    pub next: Time,
    /// The step is one arrival or departure, at its end.
    pub single: bool,
    /// Arrivals and departures per second for which that end was drawn.
    pub drawn_for: f64,
    /// By how much the departures per second grow with each request more, 1/s.
    pub slope: f64,
    /// By how much more of them there are for the noise of the step, where the curve bends, 1/s.
    pub bend: f64,
    /// Steps so far.
    pub steps: u64,
}

impl Leap {
    pub fn total(&self) -> u64 {
        self.in_service + self.waiting
    }

    /// Departures per unit of virtual time.
    pub fn hazard(&self) -> f64 {
        let weights = self.groups.iter().map(|g| g.count as f64 / g.slow);
        weights.sum::<f64>() / self.work
    }

    /// Virtual time grows.
    #[inline]
    pub fn advance(&mut self, by: f64) {
        self.grown += by;
    }

    /// Everything is thrown out.
    pub fn empty(&mut self) {
        (self.in_service, self.after, self.waiting) = (0, 0, 0);
        self.groups.clear();
        self.before.clear();
        (self.single, self.drawn_for) = (true, -1.0);
        self.on = self.rate > 0.0;
    }

    /// `count` requests get threads.
    pub fn start(&mut self, count: u64, slow: f64) {
        /// Those of a group differ by less than a hundredth.
        const APART: f64 = 100.0;
        let class = (APART * libm::log(slow)) as u32;
        self.in_service += count;
        match self.groups.iter_mut().find(|g| g.class == class) {
            Some(g) => {
                // Their rates add up, so the mean is that of the rates.
                let rates = g.count as f64 / g.slow + count as f64 / slow;
                g.count += count;
                g.slow = g.count as f64 / rates;
            }
            None => self.groups.push(Group { class, slow, count }),
        }
    }

    /// `count` requests in service are done: whose is drawn by their rates.
    pub fn finish(&mut self, count: u64) {
        let mut left = count.min(self.in_service);
        self.in_service -= left;
        let mut rates: f64 = self.groups.iter().map(|g| g.count as f64 / g.slow).sum();
        let mut others = self.in_service + left;
        for g in &mut self.groups {
            let rate = g.count as f64 / g.slow;
            others -= g.count;
            let drawn = if others == 0 {
                left
            } else {
                let share = rate / rates;
                self.draw.as_mut().map_or(0, |draw| draw.binomial(left, share))
            };
            // What the other groups cannot give, this one must.
            let of_this = drawn.clamp(left.saturating_sub(others), g.count.min(left));
            rates -= rate;
            g.count -= of_this;
            left -= of_this;
        }
        self.groups.retain(|g| g.count > 0);
    }

    /// Arrivals and departures of a step of `span` seconds with `room` places free, as (joined, left).
    pub fn draw_step(&mut self, span: f64, room: u64) -> (u64, u64) {
        let total = self.total();
        let come = self.rate * span;
        let go = (self.hazard() * self.grown + self.bend * span).max(0.0);
        let slope = self.slope * span;
        let Some(draw) = &mut self.draw else { return (0, 0) };
        let (comes, goes) = if slope > 0.0 && (slope * total as f64 / go - 1.0).abs() < 0.1 {
            // Everybody leaves for themselves: as in a station with a server for each, exactly.
            let newcomers = (come - go + slope * total as f64) * relaxed(slope);
            let gone = draw.binomial(total, 1.0 - libm::exp(-slope));
            (draw.poisson(newcomers), gone)
        } else {
            let mean = (come - go) * relaxed(slope);
            let variance = (come + go) * relaxed(2.0 * slope);
            // Less noise than drift: the rest of the drift is certain.
            let certain = (mean.abs() - variance).max(0.0);
            let (up, down) = (0.5 * (variance + mean), 0.5 * (variance - mean));
            let sure = libm::floor(certain) as u64 + u64::from(draw.chance(certain - libm::floor(certain)));
            let up = draw.poisson(up.min(variance)) + if mean > 0.0 { sure } else { 0 };
            let down = draw.poisson(down.min(variance)) + if mean < 0.0 { sure } else { 0 };
            (up, down)
        };
        let goes = goes.min(total + comes);
        if comes <= room {
            return (comes, goes);
        }
        let free = (room + goes).saturating_sub(comes).max(most_free(draw, comes, goes));
        let free = free.min(room + total);
        (room + goes - free, goes)
    }

    /// The same where each request keeps the slowness of its start and a thread is free for each: every one leaves for
    /// itself, exactly; those that come are `slow`.
    pub fn draw_settled_step(&mut self, span: f64, slow: f64, room: u64) -> (u64, u64) {
        let grown = self.grown / self.work;
        let Some(draw) = &mut self.draw else { return (0, 0) };
        let mut goes = 0;
        for g in &mut self.groups {
            let gone = draw.binomial(g.count, 1.0 - libm::exp(-grown / g.slow));
            g.count -= gone;
            goes += gone;
        }
        let comes = draw.poisson(self.rate * span * relaxed(grown / slow));
        let free = if comes <= room {
            room + goes - comes
        } else {
            (room + goes).saturating_sub(comes).max(most_free(draw, comes, goes))
        };
        self.groups.retain(|g| g.count > 0);
        self.in_service -= goes;
        (room + goes - free, goes)
    }
}

/// `(1 − e^{−x})/x`.
pub(super) fn relaxed(x: f64) -> f64 {
    if x.abs() < 1e-6 { 1.0 } else { -libm::expm1(-x) / x }
}

/// A place that is free is taken by the next that comes, and each that goes leaves one. With `comes` and `goes` in random
/// order, the places left free at the end by those that went after the last time all were taken: the greatest excess of
/// goings over comings, counted from the end. `P(at least m) = C(N, comes + m)/C(N, comes)` for `m` from `goes − comes` on,
/// `N = comes + goes`, by reflection.
fn most_free(draw: &mut Draw, comes: u64, goes: u64) -> u64 {
    let least = goes.saturating_sub(comes);
    let u = draw.uniform();
    let (mut m, mut chance) = (least, 1.0);
    while m < goes {
        chance *= (goes - m) as f64 / (comes + m + 1) as f64;
        if u >= chance {
            break;
        }
        m += 1;
    }
    m
}
