//! A flood as counts: how many of its requests are in service and how many wait, drawn in steps.
//!
//! A fluid is the mean of a flood. Where efficiency falls with load, and where requests wait for a core in order of
//! arrival, the mean alone gives wrong answers: a station that a fluctuation would tip over stays up, and nobody waits
//! below saturation. There the numbers are integers. Requests come as a Poisson process and have exponential work.
//!
//! Steps leap (Cao, Gillespie and Petzold 2006): a step lasts until the number is expected to have changed by 3 %, its
//! standard deviation included, and its arrivals and departures are drawn together. Where that would be fewer than ten of
//! them, the step is the next single one, exactly. So a few requests cost an event each, and a million a second cost no
//! more than thousands. Three things make steps long without making them wrong:
//!
//! - departures grow with the number, and the slope `b` of that is known: drift and variance of a step of length `τ` are
//!   those of the linear process, `μ(1 − e^{−bτ})/b` and `σ²(1 − e^{−2bτ})/2b` (van Kampen 2007, chapter X);
//! - what a full backlog refuses is drawn by the reflection principle for a walk whose steps are in random order (Feller
//!   1968, III.1), exactly at constant rates, so a station that is full may leap too;
//! - whenever a login comes or is done the flood is brought to that instant first. A login so finds the numbers that
//!   there are, and a place or none.

use super::counts::relaxed;
use super::job::{Job, State};
use super::{Offer, Reverse, Started, Station};
use crate::engine::{Draw, Span, Time};
use crate::queueing::processor::solve;
use crate::scenario::model::{Discipline, Efficiency};

/// Change of the number in a step, as a share of it.
const CHANGE: f64 = 0.03;
/// Fewer arrivals and departures than this in a step are drawn one by one.
const FEW: f64 = 10.0;
/// Longest step, s.
const LONGEST: f64 = 1.0;
/// A step is not shorter than this where the station is far from tipping over, s.
const SHORTEST: f64 = 0.1;
/// And where so many requests come and go in it: fewer are worth small steps.
const MANY: f64 = 1000.0;
/// Less noise by this factor where threads begin or cease to be all busy.
const CORNER: f64 = 4.0;
/// No step is to come. Later than any [`Time`], and still a number of seconds: those are read as signed.
const NEVER: Time = Time(i64::MAX as u64);
/// As many standard deviations away counts as far.
const FAR: f64 = 6.0;

impl Station {
    /// From now on floods are counts where the mean would not do: with falling efficiency, and where there are no more
    /// threads than cores; if logins are served in order of arrival.
    pub fn count_floods(&mut self, draw: Draw) {
        let falls = self.law != Efficiency::Perfect;
        let waits_for_a_core = self.threads != u32::MAX && f64::from(self.threads) <= self.installed;
        if self.discipline == Discipline::Fifo && (falls || waits_for_a_core) {
            self.leap.draw = Some(draw);
        }
    }

    /// Whether floods are counts here, not fluids.
    pub fn counts_floods(&self) -> bool {
        self.leap.draw.is_some()
    }

    /// Whether a flood is being counted: any knock may find a place or none.
    #[inline]
    pub fn has_counts(&self) -> bool {
        !self.plain && self.leap.on
    }

    /// Flood requests in service and waiting, where they are counts.
    pub fn flood_counts(&self) -> (u64, u64) {
        (self.leap.in_service, self.leap.waiting)
    }

    /// Steps in which a flood was counted so far.
    pub fn flood_steps(&self) -> u64 {
        self.leap.steps
    }

    /// A flood that is counted comes, changes or ends: requests a second, and their mean work. What is left of one that
    /// ends is served.
    pub fn set_counted_flood(&mut self, now: Time, rate: f64, work: f64) {
        if !self.counts_floods() || (self.leap.rate == rate && (rate == 0.0 || self.leap.work == work)) {
            return;
        }
        self.advance(now);
        self.catch_up(now);
        self.leap.rate = rate;
        if rate > 0.0 {
            self.leap.work = work;
        }
        if !self.leap.on {
            (self.leap.since, self.leap.grown, self.leap.single) = (now, 0.0, true);
            self.leap.drawn_for = -1.0;
            // Who waits already has nobody of the flood ahead.
            self.leap.before = self.waiting[0].iter().map(|_| 0).collect();
        }
        self.leap.on = rate > 0.0 || self.leap.total() > 0;
        self.plain = false;
        self.resolve();
    }

    /// Places for requests of any kind.
    fn places(&self) -> u64 {
        u64::from(self.free_threads()) + u64::from(self.most_waiting)
    }

    fn free_places(&self) -> u64 {
        let taken = u64::from(self.in_service) + u64::from(self.backlog) + self.leap.total();
        self.places().saturating_sub(taken)
    }

    fn idle_threads(&self) -> u64 {
        u64::from(self.free_threads()).saturating_sub(u64::from(self.in_service) + self.leap.in_service)
    }

    /// Whether nobody would find a place at this instant.
    pub(super) fn is_full_with_counts(&self) -> bool {
        self.free_places() == 0
    }

    /// How much longer each of `count` requests takes that start now or in a step in which others left, where that is
    /// settled at the start.
    fn slow_now(&self, count: u64, left: u64) -> f64 {
        let number =
            f64::from(self.in_service) + self.leap.in_service as f64 + 0.5 * (count as f64 + left as f64 + 1.0);
        1.0 + self.at_start * number
    }

    /// Draws what the flood did until now.
    fn catch_up(&mut self, now: Time) {
        if !self.leap.on || self.leap.single || now <= self.leap.since {
            return;
        }
        let span = (now - self.leap.since).as_secs();
        let room = self.free_places();
        let (joined, left, served);
        if self.at_start > 0.0 && self.leap.waiting == 0 && self.idle_threads() > 0 {
            let slow = self.slow_now(0, 0);
            (joined, left) = self.leap.draw_settled_step(span, slow, room);
            served = left;
        } else {
            (joined, left) = self.leap.draw_step(span, room);
            served = left.min(self.leap.in_service);
            self.leap.finish(served);
        }
        // Some came, were served and left within the step.
        self.leap.after += joined;
        self.leap.waiting += joined;
        self.take_from_backlog(left - served);
        let grown = self.leap.grown;
        (self.leap.since, self.leap.grown) = (now, 0.0);
        self.start_counted(now, left, grown);
    }

    /// Requests of the flood leave the backlog at its head.
    fn take_from_backlog(&mut self, count: u64) {
        let mut left = count;
        for here in self.leap.before.iter_mut().chain([&mut self.leap.after]) {
            let taken = left.min(*here);
            *here -= taken;
            left -= taken;
        }
        self.leap.waiting -= count - left;
    }

    /// Threads go to those who wait, in order. In a step in which virtual time grew by `grown`, `released` threads became
    /// free one after the other; a login that gets one has had it since.
    pub(super) fn start_counted(&mut self, now: Time, released: u64, grown: f64) {
        let mut turn = 0_u64;
        loop {
            let idle = self.idle_threads();
            if idle == 0 || self.leap.waiting + u64::from(self.backlog) == 0 {
                break;
            }
            let head = *self.leap.before.front().unwrap_or(&self.leap.after);
            if head > 0 {
                let count = head.min(idle);
                match self.leap.before.front_mut() {
                    Some(ahead) => *ahead -= count,
                    None => self.leap.after -= count,
                }
                self.leap.waiting -= count;
                let slow = self.slow_now(count, released);
                self.leap.start(count, slow);
                turn += count;
                continue;
            }
            self.leap.before.pop_front();
            let Some(id) = self.waiting[0].pop_front() else { break };
            if self.jobs[id].state == State::Gone {
                self.forget(id);
                continue;
            }
            self.backlog -= 1;
            turn += 1;
            self.note_start(id, now);
            let finish = self.start(id);
            let lag = grown * (1.0 - turn as f64 / (released as f64 + 1.0)).max(0.0);
            let at = (finish.at() - lag).max(self.v);
            self.jobs[id].work = at;
            self.running
                .push(Reverse(super::Finish::new(at, id, self.jobs[id].owner)));
        }
    }

    fn note_start(&mut self, id: u32, now: Time) {
        let job = &mut self.jobs[id];
        job.started = now;
        if self.notes_started {
            let waited = now - job.arrived;
            self.started.push(Started {
                owner: job.owner,
                waited,
                sojourn: waited,
            });
        }
    }

    /// A login comes while a flood is counted.
    pub(super) fn offer_counted(&mut self, now: Time, owner: u32, class: u8, work: f64) -> Offer {
        self.catch_up(now);
        let job = Job {
            owner,
            class,
            state: State::Waiting,
            work: work * self.work_factor,
            arrived: now,
            started: now,
        };
        let nobody_waits = self.leap.waiting == 0 && self.backlog == 0;
        let offer = if nobody_waits && self.idle_threads() > 0 {
            let id = self.jobs.insert(job);
            self.run(id);
            Offer::Started(id)
        } else if self.free_places() > 0 && self.backlog < self.most_waiting {
            let id = self.jobs.insert(job);
            self.waiting[0].push_back(id);
            self.leap.before.push_back(std::mem::take(&mut self.leap.after));
            self.backlog += 1;
            Offer::Queued(id)
        } else {
            Offer::Full
        };
        self.resolve();
        offer
    }

    /// When a login is done or the flood's step ends, if nothing else happens.
    pub(super) fn next_with_counts(&self) -> Option<Time> {
        let done = self.running.peek().map(|Reverse(next)| self.due(next));
        let step = (self.leap.next < NEVER).then_some(self.leap.next);
        [done, step].into_iter().flatten().min()
    }

    /// What [`Station::next_with_counts`] foretold comes about: a login that is done, or none.
    pub(super) fn complete_counted(&mut self, now: Time) -> Option<Started> {
        let due = self
            .running
            .peek()
            .copied()
            .filter(|Reverse(next)| self.due(next) <= now + Span(1));
        let Some(Reverse(next)) = due else {
            self.step(now);
            return None;
        };
        self.running.pop();
        self.v = self.v.max(next.at());
        let job = self.jobs[next.id()];
        self.catch_up(now);
        self.forget(next.id());
        self.in_service -= 1;
        self.start_counted(now, 0, 0.0);
        self.resolve();
        Some(Started {
            owner: job.owner,
            waited: job.started - job.arrived,
            sojourn: now - job.arrived,
        })
    }

    /// The flood's step ends.
    fn step(&mut self, now: Time) {
        self.leap.steps += 1;
        if !self.leap.single {
            self.catch_up(now);
        } else if now >= self.leap.next {
            self.step_by_one(now);
            self.leap.drawn_for = -1.0;
        }
        if self.leap.rate == 0.0 && self.leap.total() == 0 {
            self.leap.on = false;
            self.leap.before.clear();
        }
        self.resolve();
    }

    /// One request comes, or one is done.
    fn step_by_one(&mut self, now: Time) {
        let all = self.leap.rate + self.leap.hazard() * self.speed.r;
        let comes = self
            .leap
            .draw
            .as_mut()
            .is_some_and(|d| d.uniform() * all < self.leap.rate);
        if !comes {
            self.leap.finish(1);
        } else if self.free_places() > 0 {
            self.leap.after += 1;
            self.leap.waiting += 1;
        }
        self.start_counted(now, 0, 0.0);
    }

    /// After the speed was found: how long the next step is.
    pub(super) fn plan_leap(&mut self) {
        let leaving = self.leap.hazard() * self.speed.r;
        let all = self.leap.rate + leaving;
        let (span, slope, kept_full) = self.step_length(leaving);
        let single = all * span < FEW;
        if !self.leap.single && self.last > self.leap.since {
            // Part of a step is over and not drawn yet.
            let end = self.leap.since + Span::from_secs(span);
            self.leap.next = if single { self.last } else { end.max(self.last) };
            return;
        }
        (self.leap.since, self.leap.grown, self.leap.slope) = (self.last, 0.0, slope);
        if single && self.leap.single && self.leap.drawn_for == all {
            // Nothing has changed for the next single one.
            return;
        }
        (self.leap.single, self.leap.drawn_for) = (single, all);
        self.leap.bend = 0.0;
        if !single && !kept_full {
            self.find_curve(leaving, span * relaxed(2.0 * slope * span));
        }
        let wait = match &mut self.leap.draw {
            Some(draw) if single => draw.exponential() / all,
            _ => span,
        };
        self.leap.next = if wait.is_finite() {
            self.last + Span::from_secs(wait).max(Span(1))
        } else {
            NEVER
        };
    }

    /// Departures per second, and their slope, with `more` requests in service than there are.
    fn slope_at(&self, more: f64, leaving: f64) -> f64 {
        let number = self.leap.in_service as f64;
        let mut load = self.load;
        load.jobs += more;
        let r = solve(&load, self.capacity, self.law, self.speed.r).r;
        let each = if number > 0.0 {
            leaving / (number * self.speed.r)
        } else {
            1.0 / self.leap.work
        };
        (number + more) * r * each
    }

    /// Departures per second with `more` requests of the flood than there are, of which idle threads take what they can.
    fn leaving_at(&self, more: f64, leaving: f64) -> f64 {
        let l = &self.leap;
        let served = (l.waiting as f64 + more).min(self.idle_threads() as f64);
        self.slope_at(served.max(-(l.in_service as f64)), leaving)
    }

    /// Slope and bend of the departures as far as the noise of the next step reaches, from its variance over that of a
    /// request a second: mean and slope under a normal law, by Gauss's and Hermite's three points.
    fn find_curve(&mut self, leaving: f64, spread: f64) {
        // In the mean over the step the variance is half of what it is at the end.
        let noise = self.leap.rate + leaving;
        let far = libm::sqrt(3.0 * 0.5 * noise * spread).max(1.0);
        let (above, below) = (self.leaving_at(far, leaving), self.leaving_at(-far, leaving));
        self.leap.slope = (above - below) / (2.0 * far);
        self.leap.bend = (above + below - 2.0 * leaving) / 6.0;
    }

    /// How long the next step is, s, the slope of departures, 1/s, and whether the station is full and will be so.
    fn step_length(&self, leaving: f64) -> (f64, f64, bool) {
        let l = &self.leap;
        let number = l.total() as f64;
        let change = (CHANGE * number).max(1.0);
        let idle = self.idle_threads();
        let slope = if idle == 0 {
            0.0
        } else {
            let more = (0.01 * l.in_service as f64).max(1.0);
            (self.slope_at(more, leaving) - leaving) / more
        };
        let (drift, noise) = (l.rate - leaving, l.rate + leaving);
        let free = self.free_places() as f64;
        let mut span = LONGEST;
        // Full, and kept so: what comes in is what goes out, and the number cannot change by much.
        let kept_full = idle == 0 && free <= change && drift * change > l.rate;
        if !kept_full {
            span = span.min(until(drift.abs(), slope, change));
            // Where the backlog begins or ends the curve has a corner: nearer steps.
            let corner = (idle as f64 - l.waiting as f64).abs() < 2.0 * change;
            let most = if corner { change / CORNER } else { change };
            span = span.min(until(noise, 2.0 * slope, most * most));
            let many = noise * SHORTEST >= MANY;
            if span < SHORTEST && many && self.is_far_from_tipping(drift, noise, slope, leaving, free) {
                span = SHORTEST;
            }
        }
        if let Some(ahead) = l.before.front()
            && leaving > 0.0
        {
            // Half of what the next login that waits has to wait: it shall start when its turn comes.
            span = span.min(0.5 * (*ahead as f64 + 1.0) / leaving);
        }
        (span, slope, kept_full)
    }

    /// Whether the number falls back from far above where it settles, and nobody waits there.
    fn is_far_from_tipping(&self, drift: f64, noise: f64, slope: f64, leaving: f64, free: f64) -> bool {
        if slope <= 0.0 {
            return false;
        }
        let above = (drift / slope).max(0.0) + FAR * libm::sqrt(0.5 * noise / slope);
        let room = (self.idle_threads() as f64).min(free);
        above < room && self.slope_at(above, leaving) > self.leap.rate
    }
}

/// When `rate·(1 − e^{−slope·t})/slope` reaches `change`, s.
fn until(rate: f64, slope: f64, change: f64) -> f64 {
    let x = slope * change / rate;
    if rate <= 0.0 || x >= 1.0 {
        f64::INFINITY
    } else if x.abs() < 1e-9 {
        change / rate
    } else {
        -libm::log1p(-x) / slope
    }
}

#[cfg(test)]
#[path = "leap_tests.rs"]
mod tests;
