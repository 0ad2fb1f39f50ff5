//! The gate of a service in the running country: who passes by, whose site it is, who has left, what the room's own
//! servers bear.

use super::observer::Ear;
use super::person::{NONE, Person, Place, SEATED};
use super::state::{CohortState, World, change, class};
use crate::engine::{Purpose, Span, Time};
use crate::measure::Refusal;
use crate::queueing::{Call, Room};
use crate::scenario::model::{CountedFrom, Quota, ServiceId};

/// Places in a person's stream of lasting traits: whether it passes by gates, and at which site it is.
const BYPASS: u64 = 2;
const SITE: u64 = 3;

/// A service and a site in the entity of a seat's event.
pub(super) fn seat_at(s: u16, site: u16) -> u32 {
    u32::from(s) | u32::from(site) << 16
}

/// A lasting trait of a person: the same number between 0 and 1 at every gate.
fn trait_of(cohorts: &[CohortState<'_>], p: &Person, place: u64) -> f64 {
    let families = &cohorts[p.cohort as usize].families;
    let mut draw = families.person(Purpose::Habit, u64::from(p.person));
    draw.skip(place);
    draw.uniform()
}

fn site_among(cohorts: &[CohortState<'_>], p: &Person, count: u16) -> u16 {
    (trait_of(cohorts, p, SITE) * f64::from(count)) as u16
}

impl<O: Ear> World<'_, O> {
    /// Whether a person passes by the gate of a service.
    #[inline]
    pub(super) fn bypasses(&self, slot: u32, s: usize) -> bool {
        let room = self.services[s].room.as_ref();
        room.is_some_and(|room| room.is_passed_by() && self.is_among_those_who_pass(slot, room.spec()))
    }

    /// Whether a person passes by the gate of a service, or may while it waits to knock again: another visit of its own may get it a pass.
    pub(super) fn may_pass_by(&self, slot: u32, s: usize) -> bool {
        let gives_passes = (self.services[s].room.as_ref()).is_some_and(|room| room.spec().pass.is_some());
        gives_passes && self.cohorts[self.people[slot].cohort as usize].ends_matter || self.bypasses(slot, s)
    }

    fn is_among_those_who_pass(&self, slot: u32, spec: &Quota) -> bool {
        let p = &self.people[slot];
        spec.bypass.contains(&self.cohorts[p.cohort as usize].spec.level)
            || spec.bypass_share > 0.0 && trait_of(&self.cohorts, p, BYPASS) < spec.bypass_share
    }

    /// Whether a person may pass the gate of a service because it was admitted not long ago.
    pub(super) fn has_pass(&self, slot: u32, s: usize) -> bool {
        let p = &self.people[slot];
        let room = self.services[s].room.as_ref();
        room.is_some_and(|r| r.has_pass(self.now, p.cohort, p.person))
    }

    /// The site of a service a person belongs to.
    #[inline]
    pub(super) fn site_of(&self, slot: u32, s: usize) -> u16 {
        let sites = self.services[s].room.as_ref().and_then(|r| r.spec().sites);
        sites.map_or(0, |sites| site_among(&self.cohorts, &self.people[slot], sites.count))
    }

    /// The next to be called in, if there is one and seats and limits allow.
    pub(super) fn next_called(&mut self, s: usize) -> Option<Call> {
        let room = self.services[s].room.as_mut()?;
        let sites = room.spec().sites.map_or(1, |sites| sites.count);
        let (people, cohorts) = (&self.people, &self.cohorts);
        let seats_of = |slot: u32| u64::from(cohorts[people[slot].cohort as usize].spec.seats);
        let site_of = |slot: u32| match sites {
            0 | 1 => 0,
            n => site_among(cohorts, &people[slot], n),
        };
        room.call(self.now, seats_of, site_of)
    }

    /// Somebody who has left is called in: its seats are held in vain.
    pub(super) fn hold_for_absent(&mut self, s: usize, seats: u32, site: u16, until: Time) {
        let Some(room) = &mut self.services[s].room else { return };
        if room.spec().counted_from != CountedFrom::Admission {
            return;
        }
        room.sit(u64::from(seats), site);
        if until < Time::MAX {
            for _ in 0..seats {
                self.list.schedule(until, class::SEAT, seat_at(s as u16, site));
            }
        }
    }

    /// The room's clock rings: settings are read, places expire, counters move; then people are called in.
    pub(super) fn room_wakes(&mut self, s: usize) {
        let now = self.now;
        let svc = &mut self.services[s];
        let healthy = !svc.down && !svc.station.is_full();
        if let Some(room) = &mut svc.room {
            room.wake(now, healthy);
            if let Some(spec) = room.settings_read(now) {
                self.set_quota(s, Some(spec));
            }
        }
        self.serve_room(s);
        self.touch(s, change::ANY);
    }

    /// The last time the page of somebody in a room asked.
    fn last_poll(&self, slot: u32) -> Time {
        let p = &self.people[slot];
        let joined = Time::from_secs(p.since);
        let poll = self.services[p.service as usize]
            .room
            .as_ref()
            .and_then(|r| r.spec().poll);
        match poll {
            Some(every) if every.0 > 0 => joined + Span((self.now - joined).0 / every.0 * every.0),
            _ => self.now,
        }
    }

    /// Until when the place of somebody who leaves a room now is kept.
    fn place_kept(&self, slot: u32, called: bool) -> Option<Time> {
        let room = self.services[self.people[slot].service as usize].room.as_ref()?;
        room.spec().grace?;
        room.place_kept(self.now, self.last_poll(slot), called)
    }

    /// Patience ran out in a room.
    pub(super) fn leave_room(&mut self, slot: u32) {
        let p = self.people[slot];
        let s = p.service as usize;
        let (kept, site) = (self.place_kept(slot, false), self.site_of(slot, s));
        let seats = self.cohorts[p.cohort as usize].spec.seats;
        if let Some(room) = &mut self.services[s].room {
            match kept {
                Some(until) => room.leave_absent(slot, seats, site, until),
                None => room.leave(slot),
            }
        }
        self.book_left(slot);
        self.give_up(slot);
        self.touch(s, change::DOOR);
        self.tell_level(s);
    }

    /// Patience ran out between the call and the next poll; `false`: this room does not notice, and the person enters.
    pub(super) fn leave_called(&mut self, slot: u32) -> bool {
        let s = self.people[slot].service as usize;
        if self.services[s].room.as_ref().is_none_or(|r| r.spec().grace.is_none()) {
            return false;
        }
        let until = self.place_kept(slot, true).unwrap_or(self.now);
        if let Some(room) = &mut self.services[s].room {
            room.used_in_vain(until);
        }
        if until == Time::MAX {
            // Nobody will ever give this seat back.
            self.people[slot].flags &= !SEATED;
        }
        self.free_seat(slot, until);
        self.people[slot].timer = NONE;
        self.book_left(slot);
        self.give_up(slot);
        self.serve_room(s);
        self.touch(s, change::DOOR);
        true
    }

    fn book_left(&mut self, slot: u32) {
        let p = self.people[slot];
        let waited = self.now - Time::from_secs(p.since);
        self.observer.reneged(
            self.now,
            ServiceId(p.service),
            crate::scenario::model::CohortId(p.cohort),
            p.person,
            waited,
        );
        self.logical += 1;
        self.book_refusal(slot, Refusal::Reneged, true);
    }

    /// Notes that somebody was admitted, or asked for its last page: it may come back without queueing for a while.
    #[inline]
    pub(super) fn grant_pass(&mut self, slot: u32) {
        let p = self.people[slot];
        if let Some(room) = &mut self.services[p.service as usize].room {
            room.grant_pass(self.now, p.cohort, p.person);
        }
    }

    /// What the room's own servers were asked for since the last tick, and so which share of pages they answer now.
    pub(super) fn load_room(&mut self, s: usize) {
        let svc = &self.services[s];
        let capacity = svc.room.as_ref().and_then(|r| r.spec().capacity);
        let passes = match (capacity, &svc.room) {
            (Some(capacity), Some(room)) => {
                let polls = room
                    .spec()
                    .poll
                    .map_or(0.0, |every| room.waiting() as f64 / every.as_secs());
                let knocks = svc.room_pages / self.tick.as_secs()
                    + self.pool_pages(s) * svc.link_passes * svc.station.speed().passes;
                (capacity / (polls + knocks).max(1e-9)).min(1.0)
            }
            _ => 1.0,
        };
        let svc = &mut self.services[s];
        svc.room_limited = capacity.is_some();
        svc.room_passes = passes;
        svc.room_pages = 0.0;
    }

    /// Whether a knock finds the room's own servers too busy to answer.
    pub(super) fn room_is_overrun(&mut self, slot: u32) -> bool {
        let p = self.people[slot];
        let s = p.service as usize;
        if self.bypasses(slot, s) {
            return false;
        }
        let tabs = self.manners(p.cohort).tabs;
        let svc = &mut self.services[s];
        svc.room_pages += tabs;
        svc.room_passes < 1.0 && !svc.draw.chance(svc.room_passes)
    }

    /// A poll of somebody who was called gets no answer: it asks again.
    pub(super) fn poll_fails(&mut self, slot: u32) -> bool {
        let s = self.people[slot].service as usize;
        let svc = &mut self.services[s];
        if svc.room_passes >= 1.0 || svc.draw.chance(svc.room_passes) {
            return false;
        }
        let Some(every) = svc.room.as_ref().and_then(|r| r.spec().poll) else {
            return false;
        };
        let timer = self.list.schedule(self.now + every, class::ENTER, slot);
        self.people[slot].timer = timer;
        true
    }

    /// New settings are given: they act now, or when they are read; none takes the gate away.
    pub(super) fn tell_quota(&mut self, s: usize, quota: Option<Quota>) {
        let now = self.now;
        if let Some(room) = &mut self.services[s].room {
            let spec = quota.clone().unwrap_or_else(|| room.configured().clone().opened());
            if room.will_change(now, &spec) {
                return;
            }
        }
        self.set_quota(s, quota);
    }

    /// New settings act.
    pub(super) fn set_quota(&mut self, s: usize, quota: Option<Quota>) {
        let now = self.now;
        let (people, cohorts) = (&self.people, &self.scenario.cohorts);
        let class_of = |slot: u32| cohorts[people[slot].cohort as usize].priority;
        let passing = |room: &Option<Room>| {
            let spec = room.as_ref().map(Room::spec);
            spec.map_or((0.0, false), |spec| (spec.bypass_share, spec.pass.is_some()))
        };
        let (share_before, passes_before) = passing(&self.services[s].room);
        match (quota, &mut self.services[s].room) {
            (Some(spec), Some(room)) => room.change(now, spec, class_of),
            (Some(spec), None) => {
                let draw = self.streams.sequence(Purpose::Lottery, self.services[s].key);
                self.services[s].room = Some(Room::new(now, spec, draw).with_strangers(self.scenario.worst_class()));
                // Who is in already sits, and frees the seat on leaving.
                self.seat_present(s);
            }
            (None, Some(room)) => {
                // Open doors: everybody who waits is called.
                let spec = room.spec().clone().opened();
                room.change(now, spec, class_of);
            }
            (None, None) => {}
        }
        let limited = (self.services[s].room.as_ref()).is_some_and(|room| room.spec().capacity.is_some());
        let (share, passes) = passing(&self.services[s].room);
        let svc = &mut self.services[s];
        svc.room_limited = limited;
        if !limited {
            svc.room_passes = 1.0;
        }
        if share > share_before || passes && !passes_before {
            // Who may pass by the gate does not knock in vain at it.
            self.unpool(s, |world, slot| world.may_pass_by(slot, s));
        }
        self.serve_room(s);
    }

    /// Seats everybody who is past the gate that a service has just got: in a session, and, where seats are taken at admission, on the
    /// way to one. Who passes by the gate takes no seat.
    fn seat_present(&mut self, s: usize) {
        let Some(room) = &self.services[s].room else { return };
        let at_admission = room.spec().counted_from == CountedFrom::Admission;
        for slot in 0..self.people.slots().len() as u32 {
            let p = self.people[slot];
            let past = p.place == Place::Session || at_admission && p.place == Place::Station;
            if !past || p.service as usize != s || p.is(SEATED) || self.bypasses(slot, s) {
                continue;
            }
            let site = self.site_of(slot, s);
            let seats = u64::from(self.scenario.cohorts[p.cohort as usize].seats);
            self.people[slot].flags |= SEATED;
            if let Some(room) = &mut self.services[s].room {
                room.sit(seats, site);
            }
        }
    }
}
