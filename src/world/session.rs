//! Logins that are done, and the sessions they open.

use super::Observer;
use super::class::Lesson;
use super::person::{NONE, Place};
use super::state::{World, change, class};
use crate::engine::{Purpose, Span, Time};
use crate::measure::Refusal;
use crate::queueing::{NOBODY, Started};
use crate::scenario::model::{CohortId, CountedFrom, SeatRule, ServiceId};

impl<O: Observer> World<'_, O> {
    /// The next login of a station is done.
    pub(super) fn login_done(&mut self, s: usize) {
        let Some(done) = self.services[s].station.complete(self.now) else {
            return self.touch_station(s);
        };
        // Records of people who waited long are a trip to memory; several at once take hardly longer than one.
        let people = self.people.slots();
        let next = self.services[s].station.look_ahead();
        let touched = next
            .filter_map(|who| people.get(who as usize))
            .fold(0, |t, p| t ^ p.timer);
        std::hint::black_box(touched);
        self.tell_started(s);
        if done.owner == NOBODY {
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
            if started.owner == NOBODY {
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
        }
        let (svc, p) = (&mut self.services[s], &mut self.people[slot]);
        svc.tally.logins += 1;
        svc.bins[self.bins.open()].logins += 1;
        self.cohorts[p.cohort as usize].tally.logins += 1;
        self.logical += 1;
        p.handle = NONE;
        p.timer = NONE;
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
        self.book_connection(slot);
        if self.scenario.services[s].session.is_none() {
            self.free_seat(slot, self.now);
            let remaining = self.people[slot].remaining;
            self.book_learning(slot, remaining, 0);
            self.serve_room(s);
            return self.end_visit(slot, true);
        }
        let now = self.now;
        let svc = &mut self.services[s];
        svc.sessions += 1;
        svc.tally.sessions += 1;
        let sessions = svc.sessions;
        svc.station.set_sessions(now, sessions);
        let quality = svc.station.quality_until(now);
        let mut length = Span(self.people[slot].remaining);
        if let Some(SeatRule::Fixed { length: most, .. }) = svc.room.as_ref().map(|r| r.spec().seat) {
            length = length.min(most);
        }
        let (quality, length) = if self.classes.meet_at(s) {
            self.join_class(slot, quality, length)
        } else {
            (quality, length)
        };
        let timer = self.list.schedule(now + length, class::LEAVE, slot);
        let p = &mut self.people[slot];
        p.place = Place::Session;
        p.since = quality;
        p.mark = now;
        p.timer = timer;
        let p = *p;
        self.cohorts[p.cohort as usize].tally.sessions += 1;
        self.observer
            .session(now, ServiceId(s as u16), CohortId(p.cohort), p.person, true);
    }

    /// A session ends, by itself or (`thrown_out`) because the service goes down.
    pub(super) fn leave(&mut self, slot: u32, thrown_out: bool) {
        let p = self.people[slot];
        let s = p.service as usize;
        let class = if self.classes.meet_at(s) && !thrown_out {
            self.who_left_whom(slot)
        } else {
            Lesson::AsWanted
        };
        if class == Lesson::GoesOn {
            return;
        }
        let unhurried = self.services[s].station.speed().r;
        self.close_session(slot);
        self.logical += 1;
        let stays_in = self.people[slot].remaining > 0 && class != Lesson::Empty;
        self.people[slot].timer = NONE;
        self.release_after_session(slot, thrown_out || stays_in);
        if stays_in {
            // Cut by the session limit or thrown out: the rest is still wanted.
            self.services[s].tally.cut += 1;
            self.cohorts[p.cohort as usize].tally.cut += 1;
            self.fresh_patience(slot);
            // The next page fails, which sends a person back to the login: at the door of the route, or, thrown out
            // of a service that is down, at the very same.
            let start = self.scenario.routes[p.route as usize].start.0;
            self.at_door(slot, if thrown_out { p.service } else { start });
        } else if class == Lesson::Empty {
            self.give_up(slot);
        } else {
            self.end_visit(slot, true);
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
        let quality = self.services[s].station.quality_until(now);
        let quality = if self.classes.meet_at(s) {
            self.leave_class(slot, quality)
        } else {
            quality
        };
        let svc = &mut self.services[s];
        let stayed = (now - p.mark).0.min(p.remaining);
        let quality = (quality - p.since).max(0.0);
        let obtained = Span::from_secs(quality).0.min(stayed);
        svc.sessions -= 1;
        let sessions = svc.sessions;
        svc.station.set_sessions(now, sessions);
        self.book_learning(slot, obtained, 0);
        self.book_loss(slot, stayed - obtained);
        self.observer
            .session(now, ServiceId(p.service), CohortId(p.cohort), p.person, false);
    }

    fn release_after_session(&mut self, slot: u32, at_once: bool) {
        let p = self.people[slot];
        let Some(rule) = self.services[p.service as usize].room.as_ref().map(|r| r.spec().seat) else {
            return;
        };
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
        self.free_seat(slot, until);
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
        for slot in inside {
            self.leave(slot, true);
        }
        self.touch(s, change::ANY);
    }
}
