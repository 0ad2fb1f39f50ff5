//! The orbit in the running country: who waits to knock again, in pools or on its own event.

use super::Observer;
use super::person::{NONE, OBEYS, Place};
use super::state::{World, class};
use crate::engine::{Purpose, Span};
use crate::measure::Refusal;
use crate::scenario::model::{CohortId, ServiceId};

impl<O: Observer> World<'_, O> {
    /// A person whose knock failed waits to knock again.
    pub(super) fn wait_to_knock(&mut self, slot: u32) {
        let class = self.retry_class(slot);
        let p = self.people[slot];
        let s = p.service as usize;
        self.services[s].orbit += 1;
        self.watch_patience(slot);
        let kind = self.habit_kinds[self.scenario.cohorts[p.cohort as usize].habit.index()] + class;
        let info = self.retries[kind];
        let obeys = self.services[s].obey.is_some_and(|share| {
            let key = self.cohorts[p.cohort as usize].key;
            let mut draw = self.streams.person(Purpose::Habit, key, u64::from(p.person));
            draw.skip(1);
            draw.uniform() < share
        });
        let kind = if obeys { self.kinds - 1 } else { kind };
        if info.lazy && !self.bypasses(p.cohort, s) {
            let pool = self.pool_index(s, kind);
            let since = self.services[s].clock.read(self.now);
            let at = self.pools[pool].push(slot);
            if at == 0 {
                self.services[s].busy_pools.push(kind as u16);
            }
            let p = &mut self.people[slot];
            p.place = Place::Pool;
            p.since = since;
            p.handle = at;
            p.flags = if obeys { p.flags | OBEYS } else { p.flags & !OBEYS };
            p.timer = NONE;
            self.time_pool(s, pool);
        } else {
            let delay = if obeys {
                let rate = self.pools[self.pool_index(s, kind)].rate();
                self.retry_draw(slot).exponential() / rate
            } else {
                self.habit(p.cohort).retries[p.class()]
                    .delay
                    .sample(&mut self.retry_draw(slot))
            };
            let timer = self
                .list
                .schedule(self.now + Span::from_secs(delay), class::KNOCK, slot);
            let p = &mut self.people[slot];
            p.place = Place::Orbit;
            p.timer = timer;
        }
        self.tell_orbit(s);
    }

    fn retry_draw(&self, slot: u32) -> crate::engine::Draw {
        self.draw_at_door(Purpose::Retry, slot)
    }

    fn tell_orbit(&mut self, s: usize) {
        self.observer
            .orbit(self.now, ServiceId(s as u16), self.services[s].orbit);
    }

    /// A person knocks again on its own event.
    pub(super) fn knock_again(&mut self, slot: u32) {
        let s = self.people[slot].service as usize;
        self.services[s].orbit -= 1;
        self.tell_orbit(s);
        self.knock(slot, false);
    }

    /// Sets the next knock of a pool: by memorylessness it may be drawn afresh whenever the pool or the door changes.
    pub(super) fn time_pool(&mut self, s: usize, pool: usize) {
        let timer = self.pool_timer(pool);
        if self.services[s].clock.is_shut() {
            return self.timers.clear(timer);
        }
        let passes = self.services[s].clock.passes();
        match self.pools[pool].next_knock(self.now, passes) {
            Some(at) => self.timers.set(timer, at),
            None => self.timers.clear(timer),
        }
    }

    /// A pool proposes somebody.
    pub(super) fn pool_knocks(&mut self, pool: usize) {
        let s = pool / self.kinds;
        let Some((_, slot)) = self.pools[pool].pick() else {
            return;
        };
        let stays = self.settle(slot);
        self.take_out(slot);
        if stays {
            self.knock(slot, true);
        } else {
            self.give_up(slot);
        }
        self.refresh(s);
        self.time_pool(s, pool);
        self.tell_orbit(s);
    }

    /// The retry kind in whose pool a person waits.
    fn pool_kind(&self, slot: u32) -> usize {
        let p = &self.people[slot];
        if p.is(OBEYS) {
            return self.kinds - 1;
        }
        self.habit_kinds[self.scenario.cohorts[p.cohort as usize].habit.index()] + p.class()
    }

    /// Takes a person out of its pool for another reason than a knock.
    pub(super) fn leave_pool(&mut self, slot: u32) {
        let s = self.people[slot].service as usize;
        let pool = self.pool_index(s, self.pool_kind(slot));
        self.take_out(slot);
        self.time_pool(s, pool);
    }

    fn take_out(&mut self, slot: u32) {
        let p = self.people[slot];
        let s = p.service as usize;
        let kind = self.pool_kind(slot);
        let pool = self.pool_index(s, kind);
        if let Some(moved) = self.pools[pool].remove(p.handle) {
            self.people[moved].handle = p.handle;
        }
        if self.pools[pool].is_empty() {
            self.services[s].busy_pools.retain(|k| *k as usize != kind);
        }
        self.people[slot].handle = NONE;
        self.services[s].orbit -= 1;
    }

    /// Draws and books the knocks a person in a pool made in vain since last looked at; `false` if it left at one
    /// of them.
    pub(super) fn settle(&mut self, slot: u32) -> bool {
        let p = self.people[slot];
        let s = p.service as usize;
        let kind = self.pool_kind(slot);
        let pool = self.pool_index(s, kind);
        let clock = self.services[s].clock.read(self.now);
        self.people[slot].since = clock;
        let knocks = self.pools[pool].vain_knocks(clock - p.since);
        if knocks == 0 {
            return true;
        }
        let habit = self.habit(p.cohort);
        let allowed = habit
            .max_tries
            .map_or(u64::MAX, |most| u64::from(most.saturating_sub(u32::from(p.tries))));
        let leaves = allowed.min(self.pools[pool].leaves_at(habit.persistence));
        self.book_vain(slot, p.since, clock, knocks.min(leaves), knocks);
        knocks < leaves
    }

    /// Books vain knocks where they fell: `booked` of `all` knocks that are uniform on the vain clock.
    fn book_vain(&mut self, slot: u32, from: f64, to: f64, booked: u64, all: u64) {
        let p = self.people[slot];
        let s = p.service as usize;
        let kind = self.pool_kind(slot);
        let svc = &mut self.services[s];
        let cohort = &mut self.cohorts[p.cohort as usize];
        let tries = &mut self.people[slot].tries;
        *tries = tries.saturating_add(booked.min(65_535) as u16);
        self.logical += booked;
        cohort.tally.knocks += booked;
        svc.tally.knocks += booked;
        let draw = self.pools[s * self.kinds + kind].draw();
        if svc.clock.in_this_bin(from)
            && let Some(why) = svc.clock.only_reason()
        {
            let bin = svc.bins.len() - 1;
            svc.bins[bin].knocks += booked;
            svc.bins[bin].refused[why] += booked;
            svc.tally.refused[why] += booked;
            cohort.tally.refused[why] += booked;
            let id = ServiceId(s as u16);
            self.observer
                .refused(self.now, id, CohortId(p.cohort), p.person, Refusal::ALL[why], booked);
            return;
        }
        // The first `booked` of `all` sorted uniforms: a person that left did so at the last of them.
        let mut at = 0.0;
        for k in 0..booked {
            at = if booked == all {
                draw.uniform()
            } else {
                1.0 - (1.0 - at) * libm::pow(draw.uniform(), 1.0 / (all - k) as f64)
            };
            let (bin, why) = svc.clock.locate(from + at * (to - from), draw);
            svc.bins[bin].knocks += 1;
            svc.bins[bin].refused[why] += 1;
            svc.tally.refused[why] += 1;
            cohort.tally.refused[why] += 1;
            self.observer.refused(
                self.now,
                ServiceId(s as u16),
                CohortId(p.cohort),
                p.person,
                Refusal::ALL[why],
                1,
            );
        }
    }

    /// Finds those who left a pool at a knock in vain, and books them.
    pub(super) fn find_who_left(&mut self, s: usize) {
        for kind in self.services[s].busy_pools.clone() {
            if kind as usize + 1 < self.kinds && !self.retries[kind as usize].capped {
                continue;
            }
            let pool = self.pool_index(s, kind as usize);
            for slot in self.pools[pool].members().to_vec() {
                if !self.settle(slot) {
                    self.leave_pool(slot);
                    self.give_up(slot);
                }
            }
        }
    }

    /// Looks at a service after a change: its timers, and whether its door is open to the pools.
    pub(super) fn refresh(&mut self, s: usize) {
        let now = self.now;
        let n = self.services.len();
        let svc = &mut self.services[s];
        match svc.station.next_completion() {
            Some(at) => self.timers.set(s, at),
            None => self.timers.clear(s),
        }
        // Knocks in vain that leave something behind, a token taken or an admission counted, have to be made.
        let mut shut = 255;
        let mut straight_in = svc.limiter.is_none();
        if let Some(room) = &mut svc.room {
            if straight_in && room.is_shut(now) {
                shut = Refusal::Quota as u8;
            }
            let limited = room.spec().admissions.is_some();
            // Where one may wait in the room, a station without a place refuses only those called in.
            straight_in &= !limited && shut == 255 && room.is_open(now, 1);
            match if limited { room.opens_at(now) } else { None } {
                Some(at) => self.timers.set(n + s, at),
                None => self.timers.clear(n + s),
            }
        }
        if svc.down {
            shut = Refusal::Outage as u8;
        } else if straight_in && svc.station.is_full() {
            shut = Refusal::Full as u8;
        }
        let link = svc.link_passes;
        let flood = svc.station.speed().passes;
        if (shut, link, flood) == svc.door {
            return;
        }
        svc.door = (shut, link, flood);
        let mut slopes = [0.0; 9];
        if shut == Refusal::Outage as u8 {
            slopes[Refusal::Outage as usize] = 1.0;
        } else {
            // In the order of a knock: link, flood, gate, workers.
            slopes[Refusal::Lost as usize] = 1.0 - link;
            slopes[Refusal::Full as usize] = link * (1.0 - flood);
            if shut != 255 {
                slopes[shut as usize] += link * flood;
            }
        }
        svc.clock.set(now, shut != 255, slopes);
        for i in 0..self.services[s].busy_pools.len() {
            let pool = self.pool_index(s, self.services[s].busy_pools[i] as usize);
            self.time_pool(s, pool);
        }
    }
}
