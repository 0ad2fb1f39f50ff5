//! The orbit in the running country: who waits to knock again, in pools or on its own event.

use super::deed::Deed;
use super::door::BUSY;
use super::observer::Ear;
use super::person::{NONE, Person, Place};
use super::state::{World, change, class, timer};
use crate::engine::{Purpose, Span};
use crate::measure::Refusal;
use crate::queueing::Ran;
use crate::scenario::model::{CohortId, ServiceId};

/// So many records are fetched from memory together.
const TOGETHER: usize = 32;
/// How many kinds of refusals there are.
const REFUSALS: usize = Refusal::ALL.len();
const FULL: usize = Refusal::Full as usize;

impl<O: Ear> World<'_, O> {
    /// A person whose knock failed waits to knock again; `answered`: the service told it so, and when to come back if it tells that.
    pub(super) fn wait_to_knock(&mut self, slot: u32, answered: bool) {
        let class = self.retry_class(slot);
        let p = self.people[slot];
        let s = p.service as usize;
        self.one_more_waits(s);
        self.watch_patience(slot);
        let kind = self.manners(p.cohort).first_kind + class;
        let info = self.retries[kind];
        // Whoever does what answers say knocks on its own event: its next delay depends on whether there is one.
        let told = self.services[s].told.filter(|told| self.obeys(slot, told));
        let alone =
            told.is_some() || self.may_pass_by(slot, s) || self.has_pass(slot, s) || self.services[s].clients.is_some();
        // Who leaves a pool at a knock in vain is found out later: nothing may have waited for it.
        let found_late = info.capped && self.cohorts[p.cohort as usize].ends_matter;
        if info.lazy && !alone && !found_late {
            let pool = self.pool_index(s, kind);
            let since = self.services[s].clock.read(self.now);
            if self.pools[pool].is_empty() {
                self.services[s].busy_pools.push(kind as u16);
            }
            self.stays = self.stays.wrapping_add(1);
            let stay = self.stays;
            self.pools[pool].push(slot, stay);
            let p = &mut self.people[slot];
            p.place = Place::Pool;
            p.since = since;
            p.handle = stay;
            p.timer = NONE;
            let grown = info.capped && self.pools[pool].is_grown();
            self.touch(s, change::POOL | if grown { change::GROWN } else { 0 });
        } else {
            let delay = self.own_delay(slot, told.filter(|_| answered));
            let timer = self
                .list
                .schedule(self.now + Span::from_secs(delay), class::KNOCK, slot);
            let p = &mut self.people[slot];
            p.place = Place::Orbit;
            p.timer = timer;
        }
    }

    /// Somebody begins to wait to knock again.
    pub(super) fn one_more_waits(&mut self, s: usize) {
        self.services[s].orbit += 1;
        self.tell_orbit(s);
    }

    /// Somebody waits no more to knock again.
    pub(super) fn one_fewer_waits(&mut self, s: usize) {
        self.services[s].orbit -= 1;
        self.tell_orbit(s);
    }

    fn tell_orbit(&mut self, s: usize) {
        self.observer
            .orbit(self.now, ServiceId(s as u16), self.services[s].orbit);
    }

    /// A person knocks again on its own event.
    pub(super) fn knock_again(&mut self, slot: u32) {
        let s = self.people[slot].service as usize;
        self.one_fewer_waits(s);
        self.knock(slot, false);
    }

    /// Sets the next knock of a service's pools: by memorylessness it may be drawn afresh whenever they or the door change.
    pub(super) fn time_orbit(&mut self, s: usize) {
        let svc = &mut self.services[s];
        if svc.clock.is_shut() || svc.busy_pools.is_empty() {
            return self.timers.change(s, timer::KNOCK, None);
        }
        let pools = &self.pools[s * self.kinds..(s + 1) * self.kinds];
        let rate: f64 = svc.busy_pools.iter().map(|k| pools[*k as usize].total_rate()).sum();
        let rate = rate * svc.clock.passes();
        let next = (rate > 0.0).then(|| self.now + Span::from_secs(svc.orbit_draw.exponential() / rate));
        self.timers.change(s, timer::KNOCK, next);
    }

    /// The pools of a service propose somebody: a pool by its rate, of it anybody.
    pub(super) fn orbit_knocks(&mut self, s: usize) {
        self.touch(s, change::POOL);
        let Some(kind) = self.knocking_kind(s) else { return };
        let pool = self.pool_index(s, kind);
        let people = &self.people;
        let Some(slot) = self.pools[pool].take(|who, stay| stays(&people[who], stay)) else {
            return;
        };
        // A record of a big pool is a trip to memory; many at once take hardly longer than one.
        let touched = self.pools[pool]
            .look_ahead()
            .fold(0, |t, who| t ^ self.people[who].timer);
        std::hint::black_box(touched);
        if self.pools[pool].is_empty() {
            self.services[s].busy_pools.retain(|k| *k as usize != kind);
        }
        let goes_on = self.settle(slot);
        self.people[slot].handle = NONE;
        self.one_fewer_waits(s);
        if goes_on {
            self.knock(slot, true);
        } else {
            self.give_up(slot);
        }
    }

    fn knocking_kind(&mut self, s: usize) -> Option<usize> {
        let svc = &mut self.services[s];
        let pools = &self.pools[s * self.kinds..(s + 1) * self.kinds];
        if let [only] = svc.busy_pools[..] {
            return Some(only as usize);
        }
        let total: f64 = svc.busy_pools.iter().map(|k| pools[*k as usize].total_rate()).sum();
        let mut left = svc.orbit_draw.uniform() * total;
        let met = svc.busy_pools.iter().find(|k| {
            left -= pools[**k as usize].total_rate();
            left < 0.0
        });
        met.or(svc.busy_pools.last()).map(|k| *k as usize)
    }

    /// The retry kind in whose pool a person waits.
    fn pool_kind(&self, slot: u32) -> usize {
        let p = &self.people[slot];
        self.manners(p.cohort).first_kind + p.class()
    }

    /// Takes a person out of its pool for another reason than a knock.
    pub(super) fn leave_pool(&mut self, slot: u32) {
        let s = self.people[slot].service as usize;
        let kind = self.pool_kind(slot);
        let pool = self.pool_index(s, kind);
        self.people[slot].handle = NONE;
        self.people[slot].place = Place::Away;
        self.one_fewer_waits(s);
        let people = &self.people;
        self.pools[pool].leave(|who, stay| stays(&people[who], stay));
        if self.pools[pool].is_empty() {
            self.services[s].busy_pools.retain(|k| *k as usize != kind);
        }
        self.touch(s, change::POOL);
    }

    /// Draws and books the knocks a person in a pool made in vain since last looked at; `false` if it left at one
    /// of them.
    pub(super) fn settle(&mut self, slot: u32) -> bool {
        let p = self.people[slot];
        let s = p.service as usize;
        let clock = &mut self.services[s].clock;
        let to = clock.read(self.now);
        if to <= p.since {
            return true;
        }
        let (mut bin, last) = (clock.bin_of(p.since), clock.bin());
        let kind = self.pool_kind(slot);
        let pool = self.pool_index(s, kind);
        let rate = self.pools[pool].rate();
        let (mut knocks, mut leaves) = (0, u64::MAX);
        while bin <= last && knocks < leaves {
            let mean = rate * self.services[s].clock.gained(bin, p.since, to);
            let draw = self.pools[pool].draw();
            let met = draw.poisson(mean);
            if met > 0 {
                if knocks == 0 {
                    let habit = &self.habits[self.cohorts[p.cohort as usize].habit];
                    leaves = habit.leaves_at(p.tries, || draw.uniform());
                }
                let made = met.min(leaves - knocks);
                self.book_vain(slot, kind, (bin, to), (made, met));
                knocks += made;
            }
            bin += 1;
        }
        let p = &mut self.people[slot];
        p.since = to;
        p.tries = p.tries.saturating_add(knocks.min(65_535) as u16);
        self.logical += knocks;
        knocks < leaves
    }

    /// Books knocks that a person in a pool made in vain in a bin since last looked at: `(knocks, drawn)` as in
    /// [`VainClock::reasons`](crate::queueing::VainClock::reasons); `to` is the clock's value now.
    fn book_vain(&mut self, slot: u32, kind: usize, (bin, to): (usize, f64), (knocks, drawn): (u64, u64)) {
        let p = self.people[slot];
        let s = p.service as usize;
        let ran = self.services[s].clock.ran(bin);
        let met = match only_refusal(ran) {
            Some(why) if !ran.filtered => Met::One(why),
            one => Met::Some(self.reasons_met(slot, kind, (bin, to), (knocks, drawn), (one, ran.filtered))),
        };
        let svc = &mut self.services[s];
        let cohort = &mut self.cohorts[p.cohort as usize];
        cohort.tally.knocks += knocks;
        svc.tally.knocks += knocks;
        svc.bins[bin].knocks += knocks;
        let id = ServiceId(s as u16);
        let mut book = |why: usize, n: u64| {
            svc.bins[bin].refused[why] += n;
            svc.tally.refused[why] += n;
            cohort.tally.refused[why] += n;
            let (cohort, service, why, count) = (CohortId(p.cohort), id, Refusal::ALL[why], n);
            self.observer.refused(self.now, id, cohort, p.person, why, n);
            if O::LISTENS {
                let deed = Deed::Vain { service, why, count };
                self.observer.deed(self.now, cohort, p.person, &deed);
            }
        };
        match met {
            Met::One(why) => book(why, knocks),
            Met::Some(met) => {
                for (why, n) in met.into_iter().enumerate().filter(|(_, n)| *n > 0) {
                    book(why, n);
                }
            }
        }
    }

    /// What knocks in vain met, by refusal, with arguments as of [`World::book_vain`]; `one`: what they all met who were not
    /// turned away before the gate; `filtered`: some were.
    fn reasons_met(
        &mut self,
        slot: u32,
        kind: usize,
        (bin, to): (usize, f64),
        (knocks, drawn): (u64, u64),
        (one, filtered): (Option<usize>, bool),
    ) -> [u64; REFUSALS] {
        let p = self.people[slot];
        let s = p.service as usize;
        let mut met = [0; REFUSALS];
        let from_to = (p.since, to);
        let count = |met: &mut [u64; REFUSALS], why: usize, n: u64| met[if why == BUSY { FULL } else { why }] += n;
        if !filtered {
            let draw = self.pools[s * self.kinds + kind].draw();
            let clock = &self.services[s].clock;
            clock.reasons(bin, from_to, (knocks, drawn), draw, |why, _, n| count(&mut met, why, n));
            return met;
        }
        // Where the pool's people need no draw, those who may be turned away take one of their own.
        let mut own = self.draw_at_door(Purpose::FalsePositive, slot);
        own.skip((bin as u64) << 20);
        let mut pools = *self.pools[s * self.kinds + kind].draw();
        let draw = if one.is_some() { &mut own } else { &mut pools };
        let clock = &self.services[s].clock;
        clock.reasons(bin, from_to, (knocks, drawn), draw, |why, rules, n| {
            let comes_to_gate = why != BUSY && why != Refusal::Quota as usize || !self.is_turned_away(slot, s, rules);
            count(&mut met, if comes_to_gate { why } else { Refusal::Blocked as usize }, n);
        });
        *self.pools[s * self.kinds + kind].draw() = pools;
        met
    }

    /// Takes those out of a service's pools who are to knock on events of their own.
    pub(super) fn unpool(&mut self, s: usize, alone: impl Fn(&Self, u32) -> bool) {
        for kind in 0..self.kinds {
            for slot in self.pool_members(self.pool_index(s, kind)) {
                if !alone(self, slot) {
                    continue;
                }
                let goes_on = self.settle(slot);
                self.leave_pool(slot);
                if goes_on {
                    self.wait_to_knock(slot, false);
                } else {
                    self.give_up(slot);
                }
            }
        }
    }

    /// Who waits in a pool.
    pub(super) fn pool_members(&self, pool: usize) -> Vec<u32> {
        self.pools[pool].members(|who, stay| stays(&self.people[who], stay))
    }

    /// Finds those who left a pool at a knock in vain, and books them.
    pub(super) fn find_who_left(&mut self, s: usize) {
        for kind in self.services[s].busy_pools.clone() {
            if !self.retries[kind as usize].capped {
                continue;
            }
            let pool = self.pool_index(s, kind as usize);
            for some in self.pool_members(pool).chunks(TOGETHER) {
                // Fetched from memory together.
                let touched = some.iter().fold(0, |t, slot| t ^ self.people[*slot].timer);
                std::hint::black_box(touched);
                for slot in some {
                    if !self.settle(*slot) {
                        self.leave_pool(*slot);
                        self.give_up(*slot);
                    }
                }
            }
            self.pools[pool].looked();
        }
    }
}

/// What knocks in vain met.
enum Met {
    /// All this refusal.
    One(usize),
    /// So many each.
    Some([u64; REFUSALS]),
}

/// The one refusal that knocks in vain met in a bin who were not turned away before the gate, if it was one.
#[inline]
fn only_refusal(ran: Ran) -> Option<usize> {
    let busy = ran.reasons >> BUSY & 1;
    let refusals = ran.reasons & !(1 << BUSY) | busy << FULL;
    refusals.is_power_of_two().then_some(refusals.trailing_zeros() as usize)
}

/// Whether a person still keeps the number of a stay in a pool.
fn stays(p: &Person, stay: u32) -> bool {
    p.place == Place::Pool && p.handle == stay
}
