//! Visits that are owed: a person called while its visit before is under way, or while a brother or sister has the device.
//!
//! Where no class is to be remembered and no device is shared, owed visits are only counted (`memory.rs`). Here they wait as
//! records, in a line a street, in the order in which they were called. Lines are walked often, and records lie all over
//! memory: what a walk asks of them stands in small entries of its own, which neighbours find next to each other.

use super::deed::Deed;
use super::memory::STREET;
use super::observer::Ear;
use super::person::{NONE, Place};
use super::state::World;
use crate::engine::{Slab, Time};

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

/// Marks of 64 people, a bit each. They are asked at every visit's end, and lie together: one trip to memory.
#[derive(Clone, Copy, Debug, Default)]
struct Street {
    /// Some record of this person waits in the line.
    waits: u64,
    /// Has the device now.
    at_device: u64,
}

/// A record that waits.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Whose, in the memory of all.
    who: u32,
    slot: u32,
    /// The entry behind it, or [`NONE`].
    next: u32,
    /// The visit has begun and was interrupted; it may go on while another of the same person is under way.
    begun: bool,
}

/// The entries of a street's line.
#[derive(Clone, Copy, Debug)]
struct Line {
    head: u32,
    tail: u32,
}

impl Line {
    const EMPTY: Line = Line { head: NONE, tail: NONE };
}

/// Who waits, and who has a shared device.
#[derive(Default)]
pub(super) struct Owed {
    /// Who has waited longest and shortest, by street; empty where nobody waits as a record.
    lines: Vec<Line>,
    entries: Slab<Entry>,
    /// Empty where nobody waits as a record.
    streets: Vec<Street>,
}

impl Owed {
    fn has_device(&self, who: u32) -> bool {
        let street = self.streets.get((who / STREET) as usize);
        street.is_some_and(|street| street.at_device & 1 << (who % STREET) != 0)
    }

    fn set_device(&mut self, who: u32, has: bool) {
        if let Some(street) = self.streets.get_mut((who / STREET) as usize) {
            let bit = 1 << (who % STREET);
            street.at_device = if has {
                street.at_device | bit
            } else {
                street.at_device & !bit
            };
        }
    }

    /// Reads the marks of a person's street, to fetch them from memory ahead.
    #[inline]
    pub fn touch(&self, who: u32) -> u64 {
        self.streets
            .get((who / STREET) as usize)
            .map_or(0, |street| street.waits)
    }

    /// Whether any record of a person waits. Hardly ever: the line is walked only then.
    #[inline]
    fn waits(&self, who: u32) -> bool {
        self.streets[(who / STREET) as usize].waits & 1 << (who % STREET) != 0
    }

    /// A person's record joins the end of its street's line.
    fn join(&mut self, who: u32, slot: u32, begun: bool) {
        let street = (who / STREET) as usize;
        self.streets[street].waits |= 1 << (who % STREET);
        let entry = self.entries.insert(Entry {
            who,
            slot,
            next: NONE,
            begun,
        });
        let line = &mut self.lines[street];
        let last = std::mem::replace(&mut line.tail, entry);
        if last == NONE {
            line.head = entry;
        } else {
            self.entries[last].next = entry;
        }
    }

    /// The entries of a street's line from the head on, with their numbers.
    fn line(&self, street: usize) -> impl Iterator<Item = (u32, &Entry)> {
        let mut at = self.lines[street].head;
        std::iter::from_fn(move || {
            let entry = (at != NONE).then(|| (at, &self.entries[at]))?;
            at = entry.1.next;
            Some(entry)
        })
    }

    /// The record of a person that has waited longest and may go on now; `active`: a visit of it is under way.
    fn first(&self, who: u32, active: bool) -> Option<u32> {
        let mut line = self.line((who / STREET) as usize);
        let found = line.find(|(_, entry)| entry.who == who && (entry.begun || !active));
        found.map(|(_, entry)| entry.slot)
    }

    /// A person's record leaves its street's line.
    fn leave(&mut self, who: u32, slot: u32) {
        let street = (who / STREET) as usize;
        let (mut before, mut found, mut last, mut others) = (NONE, NONE, NONE, false);
        for (at, entry) in self.line(street) {
            if entry.slot == slot {
                (before, found) = (last, at);
            } else {
                others |= entry.who == who;
            }
            last = at;
        }
        let next = self.entries[found].next;
        let line = &mut self.lines[street];
        if next == NONE {
            line.tail = before;
        }
        if before == NONE {
            line.head = next;
        } else {
            self.entries[before].next = next;
        }
        self.entries.remove(found);
        if !others {
            self.streets[street].waits &= !(1 << (who % STREET));
        }
    }
}

impl<O: Ear> World<'_, O> {
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
            self.owed.lines = vec![Line::EMPTY; streets];
            self.owed.streets = vec![Street::default(); streets];
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
            self.wait_in_line(slot, me, -1.0, false);
            self.tell(slot, Deed::Owed);
            return true;
        }
        self.sibling_has_device(slot, false)
    }

    /// Whether somebody else has the person's device, so that it has to wait; if not, the person takes it. `begun`: the visit
    /// was interrupted.
    pub(super) fn sibling_has_device(&mut self, slot: u32, begun: bool) -> bool {
        let p = &self.people[slot];
        let Some(sibling) = self.sibling(p.cohort, p.person) else {
            return false;
        };
        let me = self.number(p.cohort, p.person);
        let taken = self.owed.has_device(sibling);
        if taken {
            self.wait_in_line(slot, me, self.now.as_secs(), begun);
            self.tell(slot, Deed::NoDevice);
        } else {
            self.owed.set_device(me, true);
        }
        taken
    }

    /// A record joins the end of its street's line; `since` when it has waited for somebody else, s.
    fn wait_in_line(&mut self, slot: u32, me: u32, since: f64, begun: bool) {
        let p = &mut self.people[slot];
        p.place = Place::Owed;
        p.mark = self.now;
        p.since = since;
        p.timer = NONE;
        p.handle = NONE;
        self.owed.join(me, slot, begun);
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
        self.owed.leave(who, slot);
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
    #[inline]
    fn first_in_line(&self, who: u32) -> Option<u32> {
        if self.owed.waits(who) {
            self.owed.first(who, self.memory.is_active(who))
        } else {
            None
        }
    }

    fn wait_for_sibling(&mut self, who: u32) {
        if !self.owed.waits(who) {
            return;
        }
        for (_, entry) in self.owed.line((who / STREET) as usize) {
            if entry.who == who && self.people[entry.slot].since < 0.0 {
                self.people[entry.slot].since = self.now.as_secs();
            }
        }
    }
}
