//! Logins that are done, and the sessions they open.

use super::deed::Deed;
use super::observer::Ear;
use super::person::{AFTER_ERROR, NONE, Place, SEATED};
use super::state::{World, change, class};
use crate::engine::{Purpose, Span, Time};
use crate::measure::Refusal;
use crate::queueing::{ATTACKER, Before, NOBODY, Started};
use crate::scenario::model::{CohortId, CountedFrom, SeatRule, ServiceId};

/// Why somebody leaves a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaves {
    /// Its time is over.
    InTime,
    /// The service, or what it stood on, goes down.
    ThrownOut,
    /// A pupil has waited long enough for a teacher.
    EmptyClass,
}

impl<O: Ear> World<'_, O> {
    /// The next login of a station is done.
    pub(super) fn login_done(&mut self, s: usize) {
        if self.services[s].station.page_is_next() {
            return self.page_done(s);
        }
        let svc = &mut self.services[s];
        let limited = svc.limit.is_some().then(|| svc.station.in_service());
        let Some(done) = svc.station.complete(self.now) else {
            self.tell_started(s);
            self.touch_station(s);
            return self.tell_level(s);
        };
        // Records of people who waited long are a trip to memory; several at once take hardly longer than one.
        let people = self.people.slots();
        let next = self.services[s].station.look_ahead();
        let touched = next
            .filter_map(|who| people.get(who as usize))
            .fold(0, |t, p| t ^ p.timer);
        std::hint::black_box(touched);
        if let Some(inflight) = limited {
            self.sample_limit(s, &done, inflight);
        }
        self.tell_started(s);
        if done.owner == ATTACKER {
            // Nobody's login: a request of a flood.
        } else if done.owner == NOBODY {
            self.services[s].tally.wasted += 1;
            let id = ServiceId(s as u16);
            self.observer
                .done(self.now, id, CohortId(0), NONE, done.waited, done.sojourn, true);
        } else {
            self.logged_in(s, done);
        }
        self.touch_station(s);
        self.tell_level(s);
    }

    /// Tells the observer of logins that got a thread.
    #[inline]
    pub(super) fn tell_started(&mut self, s: usize) {
        if O::LISTENS || self.queue_timeouts {
            self.tell_those_started(s);
        }
    }

    fn tell_those_started(&mut self, s: usize) {
        while let Some(started) = self.services[s].station.take_started() {
            if started.owner >= ATTACKER {
                continue;
            }
            let p = self.people[started.owner];
            if self.manners(p.cohort).timeout.is_some_and(|t| t.queue_only) {
                // In service nobody reneges any more: the timer goes stale.
                self.people[started.owner].timer = NONE;
            }
            let room = if p.since < 0.0 {
                Span::ZERO
            } else {
                self.now - Time::from_secs(p.since)
            };
            let waited = if room.0 > started.waited.0 {
                room
            } else {
                started.waited
            };
            self.observer
                .start(self.now, ServiceId(s as u16), CohortId(p.cohort), p.person, waited);
        }
    }

    fn logged_in(&mut self, s: usize, done: Started) {
        let slot = done.owner;
        if O::LISTENS {
            let p = self.people[slot];
            let room = if p.since < 0.0 {
                Span::ZERO
            } else {
                (self.now - Time::from_secs(p.since)) - done.sojourn
            };
            let (id, cohort) = (ServiceId(s as u16), CohortId(p.cohort));
            let (waited, sojourn) = (room + done.waited, room + done.sojourn);
            self.observer
                .done(self.now, id, cohort, p.person, waited, sojourn, false);
            let (service, waited, sojourn) = (id, done.waited, done.sojourn);
            let deed = Deed::LoggedIn {
                service,
                sojourn,
                waited,
            };
            self.tell(slot, deed);
        }
        let (svc, p) = (&mut self.services[s], &mut self.people[slot]);
        svc.tally.logins += 1;
        svc.bins[self.bins.open()].logins += 1;
        self.cohorts[p.cohort as usize].tally.logins += 1;
        self.logical += 1;
        p.handle = NONE;
        p.timer = NONE;
        if let Some(clients) = &mut svc.clients {
            let after = match p.tries {
                1 => Before::Nothing,
                _ if p.is(AFTER_ERROR) => Before::Error,
                _ => Before::Throttled,
            };
            clients.answered(self.now, after);
        }
        self.take_seat(slot, CountedFrom::Login);
        self.book_door(slot);
        match self.next_service(slot) {
            Some(next) => self.go_on(slot, s, next),
            None => self.arrived(slot, s),
        }
    }

    /// On to the next service of the route.
    fn go_on(&mut self, slot: u32, s: usize, next: ServiceId) {
        self.free_seat(slot, self.now);
        self.serve_room(s);
        let p = self.people[slot];
        let now = self.now;
        let record = &mut self.people[slot];
        record.service = next.0;
        record.place = Place::Hop;
        self.tell(slot, Deed::GoesOn { service: next });
        match &self.scenario.routes[p.route as usize].hop {
            None => self.at_door(slot, next.0),
            Some(law) => {
                let wait = Span::from_secs(law.sample(&mut self.services[s].draw));
                let timer = self.list.schedule(now + wait, class::ENTER, slot);
                self.people[slot].timer = timer;
            }
        }
    }

    /// At the end of the route: a session, or the visit is served.
    fn arrived(&mut self, slot: u32, s: usize) {
        let fallback = self.scenario.services[s].fallback;
        if !fallback {
            self.book_connection(slot);
        }
        if self.scenario.services[s].session.is_none() {
            self.free_seat(slot, self.now);
            let remaining = self.people[slot].remaining();
            self.book_obtained(slot, remaining);
            self.serve_room(s);
            return self.end_visit(slot, !fallback);
        }
        let now = self.now;
        let svc = &mut self.services[s];
        svc.sessions += 1;
        svc.tally.sessions += 1;
        let sessions = svc.sessions;
        svc.station.set_sessions(now, sessions);
        let quality = svc.station.quality_until(now);
        let mut length = Span(self.people[slot].remaining());
        // Whoever passes by the gate has no seat that could expire.
        if self.people[slot].is(SEATED)
            && let Some(SeatRule::Fixed { length: most, .. }) = svc.room.as_ref().map(|r| r.spec().seat)
        {
            length = length.min(most);
        }
        let quality = if self.classes.meet_at(s) {
            let runs_with = if self.referee.is_some() { now.as_secs() } else { quality };
            self.join_class(slot, runs_with, length)
        } else {
            quality
        };
        let timer = self.list.schedule(now + length, class::LEAVE, slot);
        let p = &mut self.people[slot];
        p.place = Place::Session;
        p.since = quality;
        p.mark = now;
        p.timer = timer;
        let p = *p;
        self.begin_reading(slot);
        self.cohorts[p.cohort as usize].tally.sessions += 1;
        self.observer
            .session(now, ServiceId(s as u16), CohortId(p.cohort), p.person, true);
        let service = ServiceId(s as u16);
        self.tell(slot, Deed::SessionBegins { service });
    }

    /// A session ends.
    pub(super) fn leave(&mut self, slot: u32, why: Leaves) {
        let p = self.people[slot];
        let s = p.service as usize;
        let thrown_out = why == Leaves::ThrownOut;
        let unhurried = self.services[s].station.speed().r;
        self.close_session(slot);
        self.logical += 1;
        let stays_in = self.people[slot].remaining() > 0 && why != Leaves::EmptyClass;
        self.people[slot].timer = NONE;
        self.release_after_session(slot, thrown_out || stays_in);
        if stays_in {
            // Cut by the session limit or thrown out: the rest is still wanted.
            self.services[s].tally.cut += 1;
            self.cohorts[p.cohort as usize].tally.cut += 1;
            let service = ServiceId(p.service);
            self.tell(slot, Deed::Cut { service, thrown_out });
            self.fresh_patience(slot);
            // The next page fails, which sends a person back to the login: at the door of the route, or, thrown out
            // of a service that is down, at the very same.
            let start = self.scenario.routes[p.route as usize].start.0;
            self.at_door(slot, if thrown_out { p.service } else { start });
        } else if why == Leaves::EmptyClass {
            self.give_up(slot);
        } else {
            self.end_visit(slot, !self.scenario.services[s].fallback);
        }
        self.serve_room(s);
        // Where nobody slowed anybody down, one session less changes nothing.
        if self.services[s].station.speed().r < 1.0 || unhurried < 1.0 {
            self.touch_station(s);
        }
        self.tell_level(s);
    }

    /// Books what a session gave up to now and takes it off the station.
    pub(super) fn close_session(&mut self, slot: u32) {
        let now = self.now;
        let p = self.people[slot];
        let s = p.service as usize;
        let quality = if self.referee.is_some() {
            let quality = self.end_reading(slot);
            if self.classes.meet_at(s) {
                self.leave_class(slot, now.as_secs());
            }
            quality
        } else {
            let quality = self.services[s].station.quality_until(now);
            let counted = if self.classes.meet_at(s) {
                self.leave_class(slot, quality)
            } else {
                quality
            };
            counted - p.since
        };
        let svc = &mut self.services[s];
        let stayed = (now - p.mark).0.min(p.remaining());
        let quality = quality.max(0.0);
        let obtained = Span::from_secs(quality).0.min(stayed);
        svc.sessions -= 1;
        let sessions = svc.sessions;
        svc.station.set_sessions(now, sessions);
        self.book_obtained(slot, obtained);
        self.book_loss(slot, stayed - obtained);
        self.observer
            .session(now, ServiceId(p.service), CohortId(p.cohort), p.person, false);
        let deed = Deed::SessionEnds {
            service: ServiceId(p.service),
            obtained: Span(obtained),
            lost: Span(stayed - obtained),
        };
        self.tell(slot, deed);
    }

    /// Books learning time obtained at a service, ns: in, or elsewhere.
    fn book_obtained(&mut self, slot: u32, obtained: u64) {
        let s = usize::from(self.people[slot].service);
        if self.scenario.services[s].fallback {
            self.book_learning(slot, 0, obtained);
        } else {
            self.book_learning(slot, obtained, 0);
        }
    }

    fn release_after_session(&mut self, slot: u32, at_once: bool) {
        let p = self.people[slot];
        let Some(rule) = self.services[p.service as usize].room.as_ref().map(|r| r.spec().seat) else {
            return;
        };
        // A token of fixed life is not prolonged by use: who is put out at its end queues again.
        if !matches!(rule, SeatRule::Fixed { .. }) {
            self.grant_pass(slot);
        }
        let logs_out = |w: &Self, share: f64| {
            let mut draw = w.draw(Purpose::Other, slot);
            draw.uniform() < share
        };
        let until = match rule {
            _ if at_once => self.now,
            SeatRule::OnExit => self.now,
            SeatRule::Sliding { idle, logout_share } => {
                if logs_out(self, logout_share) {
                    self.now
                } else {
                    self.now + idle
                }
            }
            SeatRule::Fixed { length, logout_share } => {
                if logs_out(self, logout_share) {
                    self.now
                } else {
                    (p.mark + length).max(self.now)
                }
            }
        };
        let grain = self.services[p.service as usize]
            .room
            .as_ref()
            .and_then(|r| r.spec().grain);
        self.free_seat(slot, grain.map_or(until, |grain| self.coarse(until, grain)));
    }

    /// An expiry to come, as a count sees it that is kept in steps.
    fn coarse(&self, at: Time, grain: Span) -> Time {
        if at > self.now {
            Time(at.0.div_ceil(grain.0) * grain.0)
        } else {
            at
        }
    }

    /// A service goes down: logins under way are dropped, sessions lost.
    pub(super) fn throw_out(&mut self, s: usize) {
        for owner in self.services[s].station.drop_all(self.now) {
            let p = &mut self.people[owner];
            p.handle = NONE;
            // Its time-out is still in the list, and it may stand in a room of another door by then.
            p.timer = NONE;
            self.fail(owner, Refusal::Dropped);
        }
        let inside: Vec<u32> = (0..self.people.slots().len() as u32)
            .filter(|slot| {
                let p = &self.people[*slot];
                p.place == Place::Session && p.service as usize == s
            })
            .collect();
        self.forget_pages(&inside);
        for slot in inside {
            self.leave(slot, Leaves::ThrownOut);
        }
        self.touch(s, change::ANY);
        self.tell_level(s);
    }
}
