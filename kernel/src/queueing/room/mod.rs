//! A waiting room, or a gate that only refuses: seats, admission limits and the order of those who wait.

mod limits;
mod passes;
mod queue;
mod seats;
#[cfg(test)]
mod tests;

use crate::engine::{Draw, Span, Time};
use crate::scenario::model::{NoShow, Order, Quota, SeatRule, Window};
use limits::Limits;
use passes::Passes;
use queue::{Holder, Queue, Rank, is_alike};
use seats::Seats;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What the door says to a knock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Come in.
    Admit,
    /// Wait in the room.
    Wait,
    /// Not now, and there is no room to wait.
    Refuse,
}

/// Who is called in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// A person who waits.
    Person(u32),
    /// Somebody who has left: its seats are held until then ([`Time::MAX`]: for good).
    Absent {
        /// How many.
        seats: u32,
        /// At which site.
        site: u16,
        /// Until when.
        until: Time,
    },
}

/// Members who never enter join in such steps.
const STEP: Span = Span(1_000_000_000);

/// Members who join and never enter.
#[derive(Clone, Copy, Debug)]
struct Phantoms {
    since: Time,
    joined: u64,
    next: Time,
}

impl Phantoms {
    fn from(now: Time) -> Self {
        Phantoms {
            since: now,
            joined: 0,
            next: Time((now.0 / STEP.0 + 1) * STEP.0),
        }
    }
}

/// A waiting room in motion. What every knock and every end of a session asks comes first.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Room {
    seats: Seats,
    waiting: u64,
    /// It has a clock of its own, besides the admission limit.
    timed: bool,
    /// Some people pass it by.
    passed_by: bool,
    /// Nobody of another bucket is called before this.
    blocked: (u64, Time),
    spec: Quota,
    limits: Limits,
    queue: Queue,
    /// Settings that will be read, and when.
    pending: Option<(Time, Box<Quota>)>,
    phantoms: Phantoms,
    /// The class of phantoms.
    strangers: u8,
    /// When admissions used in vain are given back.
    returns: BinaryHeap<Reverse<Time>>,
    passes: Passes,
    /// For the lottery and for ties within a bucket.
    draw: Draw,
}

fn is_timed(spec: &Quota) -> bool {
    let counter = spec.admissions.is_some_and(|a| a.window == Window::Counter);
    counter || spec.grace.is_some() || spec.prequeue.is_some() || spec.sites.is_some() || spec.reread.is_some()
}

fn is_passed_by(spec: &Quota) -> bool {
    !spec.bypass.is_empty() || spec.bypass_share > 0.0
}

impl Room {
    /// An empty room.
    pub fn new(now: Time, spec: Quota, draw: Draw) -> Self {
        Room {
            timed: is_timed(&spec),
            passed_by: is_passed_by(&spec),
            seats: Seats::new(now, spec.sites),
            queue: Queue::new(&spec.order, spec.grace.is_some()),
            waiting: 0,
            limits: Limits::new(now, spec.admissions),
            pending: None,
            blocked: (0, Time::ZERO),
            phantoms: Phantoms::from(now),
            strangers: 0,
            returns: BinaryHeap::new(),
            passes: Passes::default(),
            draw,
            spec,
        }
    }

    /// The same room, where those who show nothing, its phantoms, are of this class; else of 0, the best.
    pub fn with_strangers(mut self, class: u8) -> Self {
        self.strangers = class;
        self
    }

    /// Its settings.
    pub fn spec(&self) -> &Quota {
        &self.spec
    }
    /// Whether some people pass it by.
    #[inline]
    pub fn is_passed_by(&self) -> bool {
        self.passed_by
    }
    /// Its settings once those that were given are read.
    pub fn configured(&self) -> &Quota {
        self.pending.as_ref().map_or(&self.spec, |(_, spec)| spec)
    }
    /// Seats taken.
    pub fn seats(&self) -> u64 {
        self.seats.total()
    }
    /// People who wait.
    pub fn waiting(&self) -> u64 {
        self.waiting
    }
    /// Pages a second that those who wait ask for.
    pub fn polls(&self) -> f64 {
        let every = self.spec.poll.map(|every| every.as_secs().max(1e-3));
        every.map_or(0.0, |every| self.waiting as f64 / every)
    }
    /// Whether somebody, there or not, has a place in the line.
    #[inline]
    pub fn is_occupied(&self) -> bool {
        self.waiting + self.queue.absent() > 0
    }

    /// New settings from now on. Who waits keeps waiting, in the new order; who is in stays in.
    pub fn change(&mut self, now: Time, spec: Quota, class_of: impl Fn(u32) -> u8) {
        self.pending = None;
        let kept = self.spec.grace.is_some();
        if !is_alike(&self.spec.order, &spec.order) || kept != spec.grace.is_some() {
            // Between lines that make up for a class by waiting, time waited is kept.
            let since = |(rank, _): Rank, person| match (&self.spec.order, &spec.order) {
                (Order::Priority { ageing: Some(step) }, Order::Priority { .. }) => {
                    Time((rank - i64::from(class_of(person)) * step.0 as i64) as u64)
                }
                _ => now,
            };
            let mut who = Vec::new();
            while let Some((place, holder, rank)) = self.queue.pop(&mut self.draw) {
                self.queue.accept(place);
                // Places of those who have left are forgotten with the old line.
                if let Holder::Present(person) = holder {
                    who.push((since(rank, person), person));
                }
            }
            self.waiting = 0;
            self.blocked = (0, Time::ZERO);
            self.queue = Queue::new(&spec.order, spec.grace.is_some());
            let gathers = self.shuffles(now);
            for (since, p) in who {
                self.waiting += 1;
                self.queue.join(since, p, class_of(p), gathers);
            }
        } else {
            self.queue.set_order(&spec.order);
        }
        if self.spec.admissions != spec.admissions {
            self.limits.restart(now, spec.admissions);
        }
        if self.spec.sites != spec.sites {
            self.seats.lay_out(now, spec.sites);
        }
        if spec.no_show != NoShow::Blocks {
            self.blocked = (0, Time::ZERO);
        }
        if self.spec.phantoms != spec.phantoms {
            self.phantoms = Phantoms::from(now);
        }
        self.timed = is_timed(&spec);
        self.passed_by = is_passed_by(&spec);
        self.spec = spec;
    }

    /// New settings, at the next reading if they are only read now and then; `false`: they have to be changed now.
    pub fn will_change(&mut self, now: Time, spec: &Quota) -> bool {
        let Some(every) = self.spec.reread else { return false };
        let at = Time((now.0 / every.0 + 1) * every.0);
        self.pending = Some((at, Box::new(spec.clone())));
        true
    }

    /// The settings that are read now.
    pub fn settings_read(&mut self, now: Time) -> Option<Quota> {
        let (_, spec) = self.pending.take_if(|(at, _)| *at <= now)?;
        Some(*spec)
    }

    /// Another rule for seats.
    pub fn set_seat(&mut self, seat: SeatRule) {
        self.spec.seat = seat;
        if let Some((_, spec)) = &mut self.pending {
            spec.seat = seat;
        }
    }

    fn seat_free(&self, seats: u64, site: u16) -> bool {
        (self.spec.max_sessions).is_none_or(|cap| self.seats.free_at(site, seats, cap))
    }

    /// When the admission limit lets the next one in: now, or later.
    pub fn rate_opens(&mut self, now: Time) -> Time {
        self.limits.opens(now, self.spec.admissions)
    }

    /// Whether people gather and nobody is admitted.
    fn is_gathering(&self, now: Time) -> bool {
        self.spec.prequeue.is_some_and(|p| p.from <= now && now < p.until)
    }

    /// Whether nobody is ahead and the limits of time allow an admission.
    fn is_clear(&mut self, now: Time) -> bool {
        !self.is_occupied() && self.blocked.1 <= now && !self.is_gathering(now) && self.rate_opens(now) <= now
    }

    /// Whether every knock for one seat would be let in at once.
    pub fn is_open(&mut self, now: Time) -> bool {
        if self.spec.order == Order::Passthrough {
            return true;
        }
        self.spec.max_sessions.is_none_or(|cap| self.seats.free_at_all(cap)) && self.is_clear(now)
    }

    /// Whether no knock would be let in at once.
    fn admits_nobody(&mut self, now: Time) -> bool {
        !(self.spec.max_sessions.is_none_or(|cap| self.seats.free_somewhere(cap)) && self.is_clear(now))
    }

    /// Whether any knock would be refused at once.
    pub fn is_shut(&mut self, now: Time) -> bool {
        match self.spec.order {
            Order::Passthrough => false,
            Order::Reject => self.admits_nobody(now),
            _ => self.is_full() && self.admits_nobody(now),
        }
    }

    fn is_full(&self) -> bool {
        (self.spec.max_length).is_some_and(|most| self.waiting + self.queue.absent() >= most)
    }

    /// Somebody knocks. [`Admission::Admit`] counts against the admission limit; the seat is taken by
    /// [`Room::sit`] when the rule says so.
    pub fn knock(&mut self, now: Time, seats: u64, site: u16) -> Admission {
        let open = self.spec.order == Order::Passthrough || self.seat_free(seats, site) && self.is_clear(now);
        if open {
            self.limits.book(now, self.spec.admissions);
            return Admission::Admit;
        }
        if self.spec.order == Order::Reject || self.is_full() {
            return Admission::Refuse;
        }
        Admission::Wait
    }

    fn shuffles(&self, now: Time) -> bool {
        self.spec.prequeue.is_some_and(|p| p.shuffle) && self.is_gathering(now)
    }

    /// A person joins the line; `class` 0 is best.
    pub fn join(&mut self, now: Time, person: u32, class: u8) {
        self.waiting += 1;
        let gathers = self.shuffles(now);
        self.queue.join(now, person, class, gathers);
    }

    /// A person leaves the line without being called.
    pub fn leave(&mut self, person: u32) {
        self.waiting -= 1;
        self.queue.leave(person);
    }

    /// Until when the place of a person is kept who leaves now, having polled last at `polled`; `called`: it has been
    /// called already. None: it is given up at once.
    pub fn place_kept(&self, now: Time, polled: Time, called: bool) -> Option<Time> {
        let grace = self.spec.grace?;
        let until = match self.spec.no_show {
            NoShow::Holds | NoShow::Blocks => polled + grace,
            NoShow::Returned if called => now + grace,
            NoShow::Returned | NoShow::Wasted => Time::MAX,
        };
        (until > now).then_some(until)
    }

    /// A person leaves the line without being called; its place is kept until then.
    pub fn leave_absent(&mut self, person: u32, seats: u32, site: u16, until: Time) {
        self.waiting -= 1;
        self.queue.leave_absent(person, seats, site, until);
    }

    /// An admission turns out to be used in vain by somebody whose seats are held until then.
    pub fn used_in_vain(&mut self, until: Time) {
        if self.spec.no_show == NoShow::Returned && self.spec.admissions.is_some() {
            self.returns.push(Reverse(until));
        }
    }

    /// Calls the next in, if the seats it needs are free and the limit allows. Who needs more seats than are
    /// free waits at the head of the line, and all behind it.
    pub fn call(&mut self, now: Time, seats_of: impl Fn(u32) -> u64, site_of: impl Fn(u32) -> u16) -> Option<Call> {
        if !self.is_occupied() || self.is_gathering(now) {
            return None;
        }
        let limits = self.spec.order != Order::Passthrough;
        let free = |r: &Self| r.spec.max_sessions.is_none_or(|cap| r.seats.free_somewhere(cap));
        if limits && (!free(self) || self.rate_opens(now) > now) {
            return None;
        }
        loop {
            let (place, holder, rank) = self.queue.pop(&mut self.draw)?;
            if self.blocked.1 > now && self.blocked.0 != rank.1 {
                self.queue.put_back(place, rank);
                return None;
            }
            let (seats, site) = match holder {
                Holder::Present(person) => (seats_of(person), site_of(person)),
                Holder::Absent { until, .. } if self.spec.no_show == NoShow::Blocks => {
                    self.queue.accept(place);
                    self.block(rank.1, until);
                    continue;
                }
                Holder::Absent { seats, site, .. } => (u64::from(seats), site),
            };
            if limits && !self.seat_free(seats, site) {
                self.queue.put_back(place, rank);
                return None;
            }
            self.queue.accept(place);
            self.limits.book(now, self.spec.admissions);
            return Some(match holder {
                Holder::Present(person) => {
                    self.waiting -= 1;
                    Call::Person(person)
                }
                Holder::Absent { seats, site, until } => self.call_absent(now, seats, site, until),
            });
        }
    }

    fn call_absent(&mut self, now: Time, seats: u32, site: u16, kept: Time) -> Call {
        let until = match (self.spec.no_show, self.spec.grace) {
            (NoShow::Returned, Some(grace)) => now + grace,
            (NoShow::Wasted, _) => Time::MAX,
            _ => kept,
        };
        self.used_in_vain(until);
        Call::Absent { seats, site, until }
    }

    /// Somebody of a bucket has left: only its own bucket is served until the place is given up.
    fn block(&mut self, bucket: u64, until: Time) {
        // In other orders there is nothing behind a place that it could block.
        if matches!(self.spec.order, Order::Fifo { .. }) {
            let before = if self.blocked.0 == bucket {
                self.blocked.1
            } else {
                Time::ZERO
            };
            self.blocked = (bucket, before.max(until));
        }
    }

    /// Whether absent people hold up later buckets.
    pub fn is_blocked(&self, now: Time) -> bool {
        self.blocked.1 > now
    }

    /// Takes seats; answers whether a knock may meet another door for it.
    #[inline]
    pub fn sit(&mut self, seats: u64, site: u16) -> bool {
        let before = self.door();
        self.seats.sit(seats, site);
        self.door() != before || before.is_none()
    }

    /// Frees seats; answers whether a knock may meet another door for it.
    #[inline]
    pub fn free(&mut self, seats: u64, site: u16) -> bool {
        let before = self.door();
        self.seats.free(seats, site);
        self.door() != before || before.is_none()
    }

    /// Whether a seat is free, if that is all of what seats change at the door.
    #[inline]
    fn door(&self) -> Option<bool> {
        let alone = !self.timed && self.spec.admissions.is_none();
        alone.then(|| self.seat_free(1, 0))
    }

    /// Who was admitted may come back, from its last request on.
    pub fn grant_pass(&mut self, now: Time, group: u16, person: u32) {
        if let Some(valid) = self.spec.pass {
            self.passes.grant(now, valid, group, person);
        }
    }

    /// Whether a person may come back without queueing.
    pub fn has_pass(&self, now: Time, group: u16, person: u32) -> bool {
        self.spec.pass.is_some() && self.passes.holds(now, group, person)
    }

    /// The room's own clock: places expire, members who never enter join, a serving counter moves if the service is
    /// `healthy`, sites tell each other what they have.
    pub fn wake(&mut self, now: Time, healthy: bool) {
        if !self.timed {
            return;
        }
        self.queue.expire(now);
        while self.returns.peek().is_some_and(|Reverse(at)| *at <= now) {
            self.returns.pop();
            self.limits.give_back();
        }
        self.limits.move_counter(now, self.spec.admissions, healthy);
        self.seats.count(now, self.spec.sites);
        if self.spec.phantoms > 0.0 && self.phantoms.next <= now {
            self.phantoms_join(now);
        }
    }

    fn phantoms_join(&mut self, now: Time) {
        self.phantoms.next = now + STEP;
        let due = ((now - self.phantoms.since).as_secs() * self.spec.phantoms) as u64;
        let sites = self.spec.sites.map_or(1, |s| u64::from(s.count));
        let kept = self.place_kept(now, now, false);
        while self.phantoms.joined < due {
            self.phantoms.joined += 1;
            let site = (self.phantoms.joined % sites) as u16;
            if let (Some(until), false) = (kept, self.is_full()) {
                let gathers = self.shuffles(now);
                self.queue.join_absent(now, self.strangers, site, until, gathers);
            }
        }
    }

    /// When the room has to be looked at next, if nothing else happens: [`Room::wake`], and then call.
    pub fn next_look(&mut self, now: Time) -> Option<Time> {
        let limited = self.spec.admissions.is_some();
        let opens = if limited { self.opens_at(now) } else { None };
        if !self.timed {
            return opens;
        }
        let prequeue = self.spec.prequeue;
        let phantoms = (self.spec.phantoms > 0.0).then_some(self.phantoms.next);
        let instants = [
            opens,
            self.queue.next_expiry(),
            self.returns.peek().map(|Reverse(at)| *at),
            self.limits.counter_moves(self.spec.admissions),
            self.seats.next_count(),
            self.pending.as_ref().map(|(at, _)| *at),
            Some(self.blocked.1).filter(|at| *at > now),
            prequeue.map(|p| p.from).filter(|at| *at > now),
            prequeue.map(|p| p.until).filter(|at| *at > now),
            phantoms,
        ];
        instants.into_iter().flatten().min()
    }

    /// When the admission limit opens next, if it is what keeps the door shut.
    fn opens_at(&mut self, now: Time) -> Option<Time> {
        let at = self.rate_opens(now);
        (at > now).then_some(at)
    }
}
