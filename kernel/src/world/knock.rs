//! A knock: link, blocks, limiter, quota, station, in this order; and what a failure leads to.

use super::deed::Deed;
use super::gate::seat_at;
use super::habit::TimeoutState;
use super::observer::Ear;
use super::person::{NONE, Place, SEATED, TIMED};
use super::state::{Deadline, World, change, class};
use crate::engine::{Purpose, Span, Time};
use crate::measure::Refusal;
use crate::queueing::{Admission, Call, Offer, Room};
use crate::scenario::model::{CohortId, CountedFrom, ServiceId};

/// So many records are fetched from memory together.
const AHEAD: usize = 8;

impl<O: Ear> World<'_, O> {
    /// A person knocks. `thinned`: a pool proposed it, so link and flood have let it through already.
    pub(super) fn knock(&mut self, slot: u32, thinned: bool) {
        let bin = self.bins.open();
        let p = &mut self.people[slot];
        p.tries = p.tries.saturating_add(1);
        let (s, cohort, person, tries) = (p.service as usize, p.cohort, p.person, p.tries);
        let (svc, crowd) = (&mut self.services[s], &mut self.cohorts[cohort as usize].tally);
        let seen = &mut svc.bins[bin];
        svc.tally.knocks += 1;
        seen.knocks += 1;
        crowd.knocks += 1;
        if tries == 1 {
            svc.tally.first_knocks += 1;
            svc.tally.visits += 1;
            seen.first_knocks += 1;
            crowd.first_knocks += 1;
        }
        self.logical += 1;
        self.observer.knock(
            self.now,
            ServiceId(s as u16),
            CohortId(cohort),
            person,
            u32::from(tries),
        );
        let (service, try_number) = (ServiceId(s as u16), u32::from(tries));
        self.tell(slot, Deed::Knocks { service, try_number });
        if self.services[s].clients.is_some() && self.dropped_by_client(slot) {
            return;
        }
        if let Some(why) = self.stopped_before_the_gate(slot, thinned) {
            return self.fail(slot, why);
        }
        self.at_gate(slot);
    }

    fn stopped_before_the_gate(&mut self, slot: u32, thinned: bool) -> Option<Refusal> {
        let p = self.people[slot];
        let s = p.service as usize;
        let svc = &mut self.services[s];
        if svc.down {
            return Some(Refusal::Outage);
        }
        if !thinned {
            let (link, flood) = (svc.link_passes, svc.station.speed().passes);
            if link < 1.0 && !svc.draw.chance(link) {
                return Some(Refusal::Lost);
            }
            if flood < 1.0 && !svc.draw.chance(flood) {
                return Some(Refusal::Full);
            }
            if svc.room_limited && self.room_is_overrun(slot) {
                return Some(Refusal::Full);
            }
        }
        let rules = self.services[s].filter.number();
        if rules != 0 && self.is_turned_away(slot, s, rules) {
            return Some(Refusal::Blocked);
        }
        let svc = &mut self.services[s];
        if let Some(limit) = svc.per_client
            && !self.address_allows(slot, limit)
        {
            return Some(Refusal::Limited);
        }
        let svc = &mut self.services[s];
        if let Some(bucket) = &mut svc.limiter
            && !bucket.take(self.now)
        {
            return Some(Refusal::Limited);
        }
        None
    }

    /// Whether the rules of a service's filter turn a person away.
    pub(super) fn is_turned_away(&self, slot: u32, s: usize, rules: u32) -> bool {
        let p = &self.people[slot];
        let cohort = &self.cohorts[p.cohort as usize];
        // The same people every time: a draw of the person, not of the knock.
        let mistrust = || {
            cohort
                .families
                .person(Purpose::FalsePositive, u64::from(p.person))
                .uniform()
        };
        self.services[s].filter.turns_away(rules, cohort.spec, mistrust)
    }

    fn at_gate(&mut self, slot: u32) {
        let p = self.people[slot];
        let s = p.service as usize;
        if self.services[s].room.is_none() || self.bypasses(slot, s) {
            return self.enter_station(slot);
        }
        if self.has_pass(slot, s) {
            self.take_seat(slot, CountedFrom::Admission);
            return self.enter_station(slot);
        }
        let site = self.site_of(slot, s);
        let spec = self.cohorts[p.cohort as usize].spec;
        let seats = u64::from(spec.seats);
        let now = self.now;
        let Some(room) = self.services[s].room.as_mut() else {
            return;
        };
        match room.knock(now, seats, site) {
            Admission::Admit => {
                if room.spec().admissions.is_some() {
                    self.touch(s, change::DOOR);
                }
                self.take_seat(slot, CountedFrom::Admission);
                self.grant_pass(slot);
                self.enter_station(slot);
            }
            Admission::Refuse => self.fail(slot, Refusal::Quota),
            Admission::Wait => {
                let (service, others) = (ServiceId(s as u16), room.waiting());
                room.join(now, slot, spec.priority);
                let record = &mut self.people[slot];
                record.place = Place::Room;
                record.since = now.as_secs();
                let opens_alone = room.is_blocked(now);
                self.await_poll(slot);
                self.watch_patience(slot);
                self.touch(s, change::DOOR);
                self.tell(slot, Deed::Waits { service, others });
                self.tell_level(s);
                if opens_alone {
                    // Behind the absent of its own bucket nobody is held up.
                    self.serve_room(s);
                }
            }
        }
    }

    /// Takes the person's seats if they are taken at this moment.
    #[inline]
    pub(super) fn take_seat(&mut self, slot: u32, moment: CountedFrom) {
        let s = self.people[slot].service as usize;
        if (self.services[s].room.as_ref()).is_some_and(|room| room.spec().counted_from == moment) {
            self.sit(slot);
        }
    }

    fn sit(&mut self, slot: u32) {
        let p = self.people[slot];
        if p.is(SEATED) || self.bypasses(slot, p.service as usize) {
            return;
        }
        let seats = u64::from(self.cohorts[p.cohort as usize].spec.seats);
        let site = self.site_of(slot, p.service as usize);
        if let Some(room) = &mut self.services[p.service as usize].room {
            let another = room.sit(seats, site);
            self.people[slot].flags |= SEATED;
            if another {
                self.touch(p.service as usize, change::DOOR);
            }
        }
    }

    /// Gives the seat back, now or at an instant to come.
    #[inline]
    pub(super) fn free_seat(&mut self, slot: u32, at: Time) {
        if self.people[slot].is(SEATED) {
            self.stand_up(slot, at);
        }
    }

    fn stand_up(&mut self, slot: u32, at: Time) {
        let p = self.people[slot];
        self.people[slot].flags &= !SEATED;
        let seats = u64::from(self.cohorts[p.cohort as usize].spec.seats);
        let site = self.site_of(slot, p.service as usize);
        if at > self.now {
            for _ in 0..seats {
                self.list.schedule(at, class::SEAT, seat_at(p.service, site));
            }
        } else if let Some(room) = &mut self.services[p.service as usize].room
            && room.free(seats, site)
        {
            self.touch(p.service as usize, change::DOOR);
        }
    }

    /// A seat of a service expires; `entity` as from [`seat_at`].
    pub(super) fn seat_expires(&mut self, entity: u32) {
        let (s, site) = ((entity & 0xffff) as usize, (entity >> 16) as u16);
        if let Some(room) = &mut self.services[s].room
            && room.free(1, site)
        {
            self.touch(s, change::DOOR);
        }
        self.serve_room(s);
    }

    /// Calls people in from the room as long as seats and limits allow; nobody while the service is down.
    #[inline]
    pub(super) fn serve_room(&mut self, s: usize) {
        let svc = &self.services[s];
        if svc.room.as_ref().is_some_and(Room::is_occupied) && !svc.down {
            self.call_in(s);
        }
    }

    fn call_in(&mut self, s: usize) {
        loop {
            let now = self.now;
            let Some(called) = self.next_called(s) else { return };
            self.touch(s, change::DOOR);
            self.tell_level(s);
            let slot = match called {
                Call::Person(slot) => slot,
                Call::Absent { seats, site, until } => {
                    self.hold_for_absent(s, seats, site, until);
                    continue;
                }
            };
            let poll = self.services[s].room.as_ref().and_then(|room| room.spec().poll);
            self.take_seat(slot, CountedFrom::Admission);
            self.grant_pass(slot);
            match poll {
                Some(every) if every.0 > 0 => {
                    // The page asked when the person came in and every `poll` since: the next time it asks, it is let in.
                    let joined = Time::from_secs(self.people[slot].since);
                    let asked = (now - joined).0 / every.0 + 1;
                    let timer = self.list.schedule(joined + Span(asked * every.0), class::ENTER, slot);
                    let p = &mut self.people[slot];
                    p.place = Place::Called;
                    p.timer = timer;
                    let (service, enters) = (ServiceId(s as u16), joined + Span(asked * every.0));
                    self.tell(slot, Deed::Called { service, enters });
                }
                _ => {
                    let (service, enters) = (ServiceId(s as u16), now);
                    self.tell(slot, Deed::Called { service, enters });
                    self.enter_station(slot);
                }
            }
        }
    }

    /// A person that was called polls, or one on its way arrives at the next door.
    pub(super) fn enter(&mut self, slot: u32) {
        let p = self.people[slot];
        if p.place == Place::Hop {
            self.at_door(slot, p.service);
        } else if self.services[p.service as usize].down {
            self.fail(slot, Refusal::Outage);
        } else if self.services[p.service as usize].room_limited && self.poll_fails(slot) {
            // It asks again.
        } else {
            self.enter_station(slot);
        }
    }

    /// Past the gate: the login goes to the workers.
    pub(super) fn enter_station(&mut self, slot: u32) {
        let p = &self.people[slot];
        let s = p.service as usize;
        let (svc, cohort) = (&mut self.services[s], &self.cohorts[p.cohort as usize]);
        let own = cohort.spec.work.as_ref();
        let law = own.unwrap_or(&self.scenario.services[s].station.work);
        let number = p.number_at_door();
        let work = law.sample_from(|| cohort.families.person(Purpose::Work, number));
        let offer = svc.station.offer(self.now, slot, cohort.spec.priority, work);
        let (job, queued) = match offer {
            Offer::Full => {
                if svc.station.has_counts() {
                    self.touch_station(s);
                }
                self.people[slot].place = Place::Station;
                return self.fail(slot, Refusal::Full);
            }
            Offer::Started(job) => (job, false),
            Offer::Queued(job) => (job, true),
        };
        let habit = cohort.habit;
        let service = ServiceId(s as u16);
        self.tell(slot, Deed::LogsIn { service, queued });
        let p = &mut self.people[slot];
        if p.place != Place::Room && p.place != Place::Called {
            // A person who came through a room has waited since it joined; here nothing waited before the station.
            p.since = -1.0;
        }
        p.place = Place::Station;
        p.handle = job;
        p.timer = NONE;
        if let Some(timeout) = self.habits[habit].timeout
            && (queued || !timeout.queue_only)
        {
            self.await_timeout(slot, job, habit, timeout);
        }
        if queued {
            self.touch_backlog(s);
        } else {
            if O::LISTENS {
                let p = self.people[slot];
                let waited = self.waited_in_room(slot);
                let (id, cohort) = (ServiceId(s as u16), CohortId(p.cohort));
                self.observer.start(self.now, id, cohort, p.person, waited);
            }
            self.touch_station(s);
        }
        self.tell_level(s);
    }

    /// The client will drop its login if it is not done in time.
    fn await_timeout(&mut self, slot: u32, job: u32, habit: usize, timeout: TimeoutState) {
        let Some(after) = timeout.same else {
            return self.schedule_timeout(slot);
        };
        // The same for everybody of a habit: deadlines come in order, and one event serves them all.
        let at = self.now + after;
        let line = self.people[slot].service as usize * self.habits.len() + habit;
        let deadlines = &mut self.deadlines[line];
        deadlines.queue.push_back(Deadline { at, slot, job });
        if !std::mem::replace(&mut deadlines.watched, true) {
            self.list.schedule(at, class::DUE, line as u32);
        }
    }

    fn schedule_timeout(&mut self, slot: u32) {
        let mut draw = self.draw_at_door(Purpose::Timeout, slot);
        let Some(timeout) = &self.habit(self.people[slot].cohort).timeout else {
            return;
        };
        let mut after = timeout.after.sample(&mut draw);
        if timeout.network.is_some() {
            let [there, back] = self.ways(slot, self.people[slot].tries);
            after = (after - there - back).max(0.0);
        }
        let after = Span::from_secs(after);
        let timer = self.list.schedule(self.now + after, class::TIMEOUT, slot);
        self.people[slot].timer = timer;
    }

    /// The first deadline of a line is due: whoever still waits or works by it drops the login.
    pub(super) fn deadlines_due(&mut self, line: usize) {
        let habits = self.habits.len();
        let s = line / habits;
        let Some(timeout) = self.habits[line % habits].timeout else {
            return;
        };
        let Some(after) = timeout.same else { return };
        // Most logins are done long before: their entries are passed over here, without a look at the person.
        while let Some(head) = self.deadlines[line].queue.front().copied() {
            let live = self.services[s]
                .station
                .holds(head.job, head.slot, head.at, after, timeout.queue_only);
            if live && head.at > self.now {
                self.list.schedule(head.at, class::DUE, line as u32);
                return;
            }
            self.deadlines[line].queue.pop_front();
            if live {
                self.warm_line(line);
                self.time_out(head.slot);
            }
        }
        self.deadlines[line].watched = false;
    }

    /// Fetches the records of some who will drop their logins next, together: met one by one, each is a trip to memory.
    fn warm_line(&mut self, line: usize) {
        let line = &mut self.deadlines[line];
        line.turns += 1;
        if line.turns < AHEAD {
            return;
        }
        line.turns = 0;
        let people = &self.people;
        let next = line.queue.iter().skip(AHEAD).take(AHEAD);
        std::hint::black_box(next.fold(0, |touched, d| touched ^ people[d.slot].timer));
    }

    fn waited_in_room(&self, slot: u32) -> Span {
        let since = self.people[slot].since;
        if since < 0.0 {
            Span::ZERO
        } else {
            self.now - Time::from_secs(since)
        }
    }

    /// The client drops its login.
    pub(super) fn time_out(&mut self, slot: u32) {
        let p = self.people[slot];
        let s = p.service as usize;
        let waited = self.services[s].station.waited(self.now, p.handle);
        self.services[s].station.abandon(self.now, p.handle);
        self.touch_station(s);
        self.tell_started(s);
        self.observer
            .reneged(self.now, ServiceId(s as u16), CohortId(p.cohort), p.person, waited);
        self.logical += 1;
        self.people[slot].handle = NONE;
        self.fail(slot, Refusal::Timeout);
        self.tell_level(s);
    }

    /// Patience runs out: in a room or while waiting to knock again it is the end; a login under way is awaited. In a session it
    /// is that with an empty class.
    pub(super) fn patience_ends(&mut self, slot: u32) {
        let p = self.people[slot];
        let s = p.service as usize;
        match p.place {
            Place::Room => self.leave_room(slot),
            Place::Called if self.leave_called(slot) => {}
            Place::Pool => {
                self.settle(slot);
                self.leave_pool(slot);
                self.give_up(slot);
            }
            Place::Orbit => {
                self.one_fewer_waits(s);
                self.people[slot].timer = NONE;
                self.give_up(slot);
            }
            Place::Session => self.look_for_teacher(slot),
            // A room further on has to look at it again.
            _ => {
                let p = &mut self.people[slot];
                p.flags &= !TIMED;
                p.patience = NONE;
            }
        }
    }

    pub(super) fn book_refusal(&mut self, slot: u32, why: Refusal, reached: bool) {
        let bin = self.bins.open();
        let p = self.people[slot];
        let tabs = self.manners(p.cohort).tabs;
        let s = p.service as usize;
        let svc = &mut self.services[s];
        svc.tally.refused[why as usize] += 1;
        svc.bins[bin].refused[why as usize] += 1;
        if reached && why.is_answered() {
            svc.pages_refused += tabs;
        }
        if let Some(clients) = &mut svc.clients {
            clients.failed(self.now);
        }
        if reached {
            self.refusal_pages(s, why, tabs);
        }
        self.cohorts[p.cohort as usize].tally.refused[why as usize] += 1;
        self.observer
            .refused(self.now, ServiceId(p.service), CohortId(p.cohort), p.person, why, 1);
        if O::LISTENS {
            let cohort = self.cohorts[p.cohort as usize].spec;
            let shed = why == Refusal::Blocked && self.services[s].filter.sheds(cohort);
            let service = ServiceId(p.service);
            self.tell(slot, Deed::Refused { service, why, shed });
        }
    }

    /// A knock failed: again later, or never.
    pub(super) fn fail(&mut self, slot: u32, why: Refusal) {
        self.fail_at(slot, why, true);
    }

    /// A knock failed; `reached`: at the service, which answers with a page, and not at the client.
    pub(super) fn fail_at(&mut self, slot: u32, why: Refusal, reached: bool) {
        self.book_refusal(slot, why, reached);
        let was_seated = self.people[slot].is(SEATED);
        self.free_seat(slot, self.now);
        let p = self.people[slot];
        let s = p.service as usize;
        let habit = self.manners(p.cohort);
        let (persistence, most) = (habit.persistence, habit.max_tries);
        let stays = habit.kinds > 0
            && (most == u32::MAX || u32::from(p.tries) < most)
            && !self.out_of_patience(slot)
            && (persistence >= 1.0 || self.persists(slot, persistence))
            && self.budget_allows(slot, why);
        if stays {
            self.wait_to_knock(slot, reached && why.is_answered());
        } else {
            self.give_up(slot);
        }
        if was_seated {
            self.serve_room(s);
        }
    }

    fn persists(&mut self, slot: u32, persistence: f64) -> bool {
        self.draw_at_door(Purpose::Fallback, slot).chance(persistence)
    }
}
