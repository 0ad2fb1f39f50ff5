//! Visits that are owed: a person called while its visit before is under way, or while a brother or sister has the device.
//!
//! Where no class is to be remembered and no device is shared, owed visits are only counted (`memory.rs`). Here they wait as
//! records, in a list a street, in the order in which they were called.

use super::Observer;
use super::deed::Deed;
use super::memory::STREET;
use super::person::{NONE, Place};
use super::state::World;
use crate::engine::Time;

/// People of a cohort who share a device, each with one other person.
#[derive(Clone, Copy, Debug)]
pub(super) struct Siblings {
    /// Their numbers in the cohort.
    pub from: u32,
    /// One past the last.
    pub until: u32,
    /// The last one's sibling in the memory of all; the others' follow, in the opposite order: the last streets of crowds, which
    /// come last when they are incomplete, are not each other's.
    pub with: u32,
}

/// Who waits, and who has a shared device.
#[derive(Default)]
pub(super) struct Owed {
    /// The record that has waited longest, by street; empty where nobody waits as a record.
    heads: Vec<u32>,
    /// Who has the device now, a bit a person; empty where none is shared.
    at_device: Vec<u64>,
}

impl Owed {
    fn has_device(&self, who: u32) -> bool {
        let street = self.at_device.get((who / STREET) as usize);
        street.is_some_and(|street| street & 1 << (who % STREET) != 0)
    }

    fn set_device(&mut self, who: u32, has: bool) {
        if let Some(street) = self.at_device.get_mut((who / STREET) as usize) {
            let bit = 1 << (who % STREET);
            *street = if has { *street | bit } else { *street & !bit };
        }
    }
}

impl<O: Observer> World<'_, O> {
    /// Pairs those who share a device, and makes room for those who wait.
    pub(super) fn set_up_devices(&mut self) {
        let mut paired = vec![0; self.cohorts.len()];
        for c in 0..self.cohorts.len() {
            let Some(device) = self.cohorts[c].spec.device else {
                continue;
            };
            let other = device.with.index();
            let (Some(mine), Some(theirs)) = (self.cohorts[c].memory, self.cohorts[other].memory) else {
                continue;
            };
            let left = |cohort: usize, paired: &[u32]| self.cohorts[cohort].connecting - paired[cohort];
            let asked = libm::round(device.share * f64::from(self.cohorts[c].connecting)) as u32;
            let pairs = if other == c {
                (asked / 2).min(left(c, &paired) / 2)
            } else {
                asked.min(left(c, &paired)).min(left(other, &paired))
            };
            let from = paired[c];
            paired[c] += pairs;
            let with = paired[other];
            paired[other] += pairs;
            self.pair(c, from, pairs, theirs + with);
            self.pair(other, with, pairs, mine + from);
        }
        let streets = self.memory.streets();
        if self.cohorts.iter().any(|c| c.in_line) {
            self.owed.heads = vec![NONE; streets];
        }
        if self.cohorts.iter().any(|c| !c.siblings.is_empty()) {
            self.owed.at_device = vec![0; streets];
        }
    }

    fn pair(&mut self, cohort: usize, from: u32, pairs: u32, with: u32) {
        let c = &mut self.cohorts[cohort];
        c.in_line = true;
        c.siblings.push(Siblings {
            from,
            until: from + pairs,
            with,
        });
    }

    /// A person's number in the memory of all.
    fn number(&self, cohort: u16, person: u32) -> u32 {
        self.cohorts[usize::from(cohort)].memory.unwrap_or(0) + person
    }

    fn sibling(&self, cohort: u16, person: u32) -> Option<u32> {
        let pairs = &self.cohorts[usize::from(cohort)].siblings;
        let pair = pairs.iter().find(|p| (p.from..p.until).contains(&person))?;
        Some(pair.with + (pair.until - 1 - person))
    }

    /// Whether a visit has to wait for another to be over; if not, the person takes the device.
    #[inline]
    pub(super) fn has_to_wait(&mut self, slot: u32) -> bool {
        let p = &self.people[slot];
        if !self.cohorts[usize::from(p.cohort)].in_line {
            return false;
        }
        let me = self.number(p.cohort, p.person);
        if self.memory.is_active(me) {
            self.wait_in_line(slot, me, -1.0);
            self.tell(slot, Deed::Owed);
            return true;
        }
        self.sibling_has_device(slot)
    }

    /// Whether somebody else has the person's device, so that it has to wait; if not, the person takes it.
    pub(super) fn sibling_has_device(&mut self, slot: u32) -> bool {
        let p = &self.people[slot];
        let Some(sibling) = self.sibling(p.cohort, p.person) else {
            return false;
        };
        let me = self.number(p.cohort, p.person);
        let taken = self.owed.has_device(sibling);
        if taken {
            self.wait_in_line(slot, me, self.now.as_secs());
            self.tell(slot, Deed::NoDevice);
        } else {
            self.owed.set_device(me, true);
        }
        taken
    }

    /// A record joins the end of its street's line; `since` when it has waited for somebody else, s.
    fn wait_in_line(&mut self, slot: u32, me: u32, since: f64) {
        let p = &mut self.people[slot];
        p.place = Place::Owed;
        p.mark = self.now;
        p.since = since;
        p.timer = NONE;
        p.handle = NONE;
        let head = &mut self.owed.heads[(me / STREET) as usize];
        if *head == NONE {
            *head = slot;
            return;
        }
        let mut last = *head;
        while self.people[last].handle != NONE {
            last = self.people[last].handle;
        }
        self.people[last].handle = slot;
    }

    /// A person's visit is over or interrupted: whoever has waited longest for that goes on.
    #[inline]
    pub(super) fn hand_over(&mut self, cohort: u16, person: u32) {
        if self.cohorts[usize::from(cohort)].in_line {
            self.call_next(cohort, person);
        }
    }

    fn call_next(&mut self, cohort: u16, person: u32) {
        let me = self.number(cohort, person);
        let sibling = self.sibling(cohort, person);
        self.owed.set_device(me, false);
        let mine = self.first_in_line(me);
        let theirs = sibling.and_then(|sibling| self.first_in_line(sibling));
        let sooner = |a: u32, b: u32| self.people[a].mark <= self.people[b].mark;
        let (slot, who) = match (mine, theirs, sibling) {
            (Some(mine), Some(theirs), _) if sooner(mine, theirs) => (mine, me),
            (_, Some(theirs), Some(sibling)) => (theirs, sibling),
            (Some(mine), ..) => (mine, me),
            _ => return,
        };
        self.leave_line(slot, who);
        if who != me {
            // From now on it is for the other that mine wait.
            self.wait_for_sibling(me);
        }
        let p = &mut self.people[slot];
        let since = p.since;
        p.handle = NONE;
        let tally = &mut self.cohorts[usize::from(p.cohort)].tally;
        if since >= 0.0 {
            tally.device_waits += 1;
            tally.device_waited += u128::from((self.now - Time::from_secs(since)).0);
        }
        if self.people[slot].begun == Time::MAX {
            self.begin(slot);
        } else {
            self.owed.set_device(who, true);
            self.go_on_after_break(slot);
        }
    }

    /// The record of a person that has waited longest and may go on now.
    fn first_in_line(&self, who: u32) -> Option<u32> {
        let active = self.memory.is_active(who);
        let mut slot = self.owed.heads[(who / STREET) as usize];
        while slot != NONE {
            let p = &self.people[slot];
            let may = p.begun != Time::MAX || !active;
            if may && self.number(p.cohort, p.person) == who {
                return Some(slot);
            }
            slot = p.handle;
        }
        None
    }

    fn wait_for_sibling(&mut self, who: u32) {
        let mut slot = self.owed.heads[(who / STREET) as usize];
        while slot != NONE {
            let p = self.people[slot];
            if p.since < 0.0 && self.number(p.cohort, p.person) == who {
                self.people[slot].since = self.now.as_secs();
            }
            slot = p.handle;
        }
    }

    fn leave_line(&mut self, slot: u32, who: u32) {
        let next = self.people[slot].handle;
        let street = (who / STREET) as usize;
        let mut before = self.owed.heads[street];
        if before == slot {
            self.owed.heads[street] = next;
            return;
        }
        while self.people[before].handle != slot {
            before = self.people[before].handle;
        }
        self.people[before].handle = next;
    }
}
