//! The requests of a flood in the backlog, as a fluid among people in order of arrival.
//!
//! No server knows a flood's request from a login: it waits its turn like everybody. While threads are all busy, `R`
//! counts the threads released so far: flood requests in service leave at the rate `n_f·r/w`, logins one by one. A login
//! that joins behind `a` requests, people and flood, gets its thread when `R` has grown by `a + 1`. So the flood costs an
//! event when the backlog fills or empties, whatever its rate.

use super::Station;
use super::job::State;
use crate::engine::{Span, Time};
use crate::scenario::model::Discipline;
use std::collections::VecDeque;

/// The flood's part of a backlog.
#[derive(Clone, Debug, Default)]
pub(super) struct Attack {
    /// It is on, and shares the backlog.
    pub queues: bool,
    /// Requests per second.
    rate: f64,
    /// Flood requests that wait.
    waiting: f64,
    /// By how many a second they grow.
    grows: f64,
    /// Threads released to the backlog so far.
    released: f64,
    /// Of them by the flood, per second.
    releases: f64,
    /// Of the logins that wait, in order: what `released` must be before each gets its thread.
    tickets: VecDeque<f64>,
}

/// Less than this of a place is rounding.
const NOTHING: f64 = 1e-6;
/// As near as this counts as there, when that was foretold for now.
const NEAR: f64 = 1e-4;

impl Attack {
    /// Nothing waits any more.
    pub fn empty(&mut self) {
        let (queues, rate) = (self.queues, self.rate);
        *self = Attack {
            queues,
            rate,
            ..Attack::default()
        };
    }

    /// Requests per second.
    pub fn rate(&self) -> f64 {
        self.rate
    }
}

impl Station {
    /// A flood begins to ask for threads, changes or ends.
    pub(super) fn set_attack(&mut self, rate: f64) {
        let queues = self.attacked
            && rate > 0.0
            && self.discipline == Discipline::Fifo
            && self.load.threads.is_finite()
            && self.most_waiting > 0;
        if !queues {
            // What is left of it vanishes.
            self.attack = Attack::default();
            self.load.full = false;
            return;
        }
        self.plain = false;
        self.attack.rate = rate;
        if !std::mem::replace(&mut self.attack.queues, true) {
            // Who waits already has only people ahead.
            self.attack.tickets = (1..=self.waiting[0].len()).map(|place| place as f64).collect();
        }
    }

    /// Whether the requests of a flood share the backlog with logins.
    #[inline]
    pub fn waits_with_flood(&self) -> bool {
        !self.plain && self.attack.queues
    }

    /// Time passes.
    pub(super) fn advance_attack(&mut self, dt: f64) {
        let a = &mut self.attack;
        a.released += a.releases * dt;
        a.waiting = (a.waiting + a.grows * dt).max(0.0);
    }

    /// Before the speed is sought: whether flood or people wait, so that all threads are busy.
    pub(super) fn fill_threads(&mut self) {
        self.forget_left();
        self.load.full = self.attack.waiting > NOTHING || self.backlog > 0;
    }

    /// After it: how fast the flood's requests come and go.
    pub(super) fn find_flows(&mut self) {
        let most = f64::from(self.most_waiting);
        let people = f64::from(self.backlog);
        let threads = (self.load.threads - self.load.jobs).max(0.0);
        // Mean work of a request.
        let work = self.load.flood / self.attack.rate;
        let busy = self.load.full || self.load.flood >= self.speed.r * threads;
        let a = &mut self.attack;
        let excess = a.waiting + people - most;
        a.releases = if busy { threads * self.speed.r / work } else { 0.0 };
        a.grows = if busy { a.rate - a.releases } else { 0.0 };
        self.speed.passes = 1.0;
        if busy && excess > NOTHING {
            // A login came in on a share of a place: nobody else does until a whole one is released.
            a.grows = -a.releases;
            self.speed.passes = 0.0;
        } else if a.grows > 0.0 && excess >= -NOTHING {
            // Full: as many come in as threads are released.
            a.grows = 0.0;
            self.speed.passes = (a.releases / a.rate).min(1.0);
        } else if a.grows < 0.0 && a.waiting <= NOTHING {
            a.grows = 0.0;
        }
    }

    /// Whether a login has to wait behind the flood.
    pub(super) fn waits_behind_flood(&self) -> bool {
        let a = &self.attack;
        a.waiting > NOTHING || self.backlog > 0 || a.grows > 0.0 || self.speed.passes < 1.0
    }

    /// A login joins the backlog, in which it is counted already. Logins ahead whose clients have left count too: each of them will be
    /// released without a thread ([`Station::forget_left`]).
    pub(super) fn give_ticket(&mut self) {
        let a = &mut self.attack;
        let ahead = a.waiting + (self.waiting[0].len() - 1) as f64;
        a.tickets.push_back(a.released + ahead + 1.0);
    }

    /// Logins at the head of the backlog whose clients have left: nobody waits for them, and all behind move up by one.
    fn forget_left(&mut self) {
        while let Some(&id) = self.waiting[0].front()
            && self.jobs[id].state == State::Gone
        {
            self.waiting[0].pop_front();
            self.take_ticket();
            self.attack.released += 1.0;
            self.forget(id);
        }
    }

    /// A login is done: its thread goes to the next in the backlog.
    pub(super) fn release_thread(&mut self, now: Time) {
        let a = &mut self.attack;
        a.released += 1.0;
        a.waiting = (a.waiting - 1.0).max(0.0);
        self.start_due(now);
    }

    /// Logins whose turn has come get their threads.
    pub(super) fn start_due(&mut self, now: Time) {
        while self.backlog > 0 && self.in_service < self.free_threads() {
            self.forget_left();
            let a = &self.attack;
            // Two nanoseconds of releases: the clock is not finer.
            let reached = a.released + NOTHING + 2e-9 * a.releases;
            let due = a.tickets.front().is_none_or(|ticket| *ticket <= reached);
            if !due && (a.waiting > NOTHING || a.grows > 0.0 || self.threads_are_busy()) {
                return;
            }
            let Some(id) = self.call_next(now) else { return };
            self.run(id);
            self.load.jobs = f64::from(self.in_service + self.pages.in_progress);
            // The thread was counted as one for the flood.
            let a = &mut self.attack;
            if a.waiting > NOTHING || a.grows > 0.0 {
                a.waiting += 1.0;
            }
        }
    }

    fn threads_are_busy(&self) -> bool {
        self.load.flood >= self.speed.r * (self.load.threads - self.load.jobs).max(0.0)
    }

    /// A login was taken from the head of the backlog, or its client has left it.
    pub(super) fn take_ticket(&mut self) {
        self.attack.tickets.pop_front();
    }

    /// When the backlog fills or empties, or the next login in it gets its thread, if nothing else happens.
    pub(super) fn next_of_attack(&self) -> Option<Time> {
        let a = &self.attack;
        let mut wait = f64::INFINITY;
        if a.grows > 0.0 {
            let room = f64::from(self.most_waiting) - f64::from(self.backlog) - a.waiting;
            wait = wait.min(room / a.grows);
        } else if a.grows < 0.0 {
            let excess = a.waiting + f64::from(self.backlog) - f64::from(self.most_waiting);
            let falls = if excess > NOTHING { excess } else { a.waiting };
            wait = wait.min(-falls / a.grows);
        }
        if let Some(ticket) = a.tickets.front().filter(|_| a.releases > 0.0) {
            wait = wait.min((ticket - a.released) / a.releases);
        }
        // Rounded up, so that it has come about then.
        wait.is_finite()
            .then(|| self.last + Span::from_secs(wait.max(0.0)) + Span(1))
    }

    /// What [`Station::next_of_attack`] foretold has come about.
    pub(super) fn move_attack(&mut self, now: Time) {
        self.start_due(now);
        let room = f64::from(self.most_waiting.saturating_sub(self.backlog));
        let a = &mut self.attack;
        if (a.waiting - room).abs() <= NEAR + 2e-9 * a.grows.abs() {
            a.waiting = room;
        } else if a.grows < 0.0 && a.waiting <= NEAR + 2e-9 * -a.grows {
            a.waiting = 0.0;
        }
        self.resolve();
        self.start_due(now);
        self.resolve();
    }
}
