//! A visit under way: the hot record of the simulator.

use crate::engine::Time;

/// No number.
pub const NONE: u32 = u32::MAX;

/// Where a visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Place {
    /// The record is free.
    Free,
    /// Login in a backlog or in service at a station.
    Station,
    /// In a waiting room.
    Room,
    /// Called from a waiting room; enters at the next poll.
    Called,
    /// Waits in a pool to knock again.
    Pool,
    /// Waits for its own event to knock again.
    Orbit,
    /// On the way to the next service of the route.
    Hop,
    /// In a session.
    Session,
    /// Has given up and comes back later, thinks between visits, or was told to come later.
    Away,
    /// Waits for another visit to be over: the person's own, or of whoever has the device.
    Owed,
}

/// A visit under way, in one cache line. Slots are reused: a timer is told apart by the sequence number kept here.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Person {
    /// When the visit began (its first knock).
    pub begun: Time,
    /// Learning time still wanted, ns (the lower 59 bits), whether the visit got in late (a bit), and how often sixteen doors have
    /// been passed (the rest): see the methods.
    remaining_and_rounds: u64,
    /// Vain clock at the last look (pool), quality integral at the start (session; in a class: what it had taught by then),
    /// or since when somebody else has had the device (owed), s.
    pub since: f64,
    /// Start of the session, or first knock at this door, ns.
    pub mark: Time,
    /// Number within the cohort.
    pub person: u32,
    /// When patience runs out, ms; `u32::MAX` never. While [`UNDRAWN`]: when it began.
    pub deadline: u32,
    /// Sequence of the event that drives it now.
    pub timer: u32,
    /// Sequence of its patience event.
    pub patience: u32,
    /// Job at the station, or number of the stay in a pool.
    pub handle: u32,
    /// Knocks at this door, up to 65 535.
    pub tries: u16,
    /// Cohort.
    pub cohort: u16,
    /// Service it is at or knocks at.
    pub service: u16,
    /// Route.
    pub route: u16,
    /// Visits this person began before.
    pub visit: u8,
    /// Retry class of the habit (low half) and doors stood before (high half): see the methods.
    pub class_and_doors: u8,
    /// Where it is.
    pub place: Place,
    /// See the constants.
    pub flags: u8,
}

/// The visit got in at least once.
pub const IN_ONCE: u8 = 1;
/// It has come back later once already.
pub const CAME_BACK: u8 = 2;
/// It has changed the door once already.
pub const OTHER_DOOR: u8 = 4;
/// It holds a seat of the service's room.
pub const SEATED: u8 = 8;
/// The patience event is scheduled.
pub const TIMED: u8 = 16;
/// Patience has begun and its length is not drawn yet: most visits never need it.
pub const UNDRAWN: u8 = 64;
/// It comes back after an error and not because it was told to come later: the dearer price of a budget of retries.
pub const AFTER_ERROR: u8 = 32;
/// The retry class is drawn.
pub const CLASSED: u8 = 128;

/// Above the learning time still wanted: the visit got in late.
const LATE: u64 = 1 << 59;

const _: () = assert!(size_of::<Person>() == 64);

impl Person {
    /// A record for somebody's next visit, which has not begun.
    pub fn blank(cohort: u16, person: u32) -> Person {
        Person {
            begun: Time::ZERO,
            remaining_and_rounds: 0,
            since: 0.0,
            mark: Time::ZERO,
            person,
            deadline: NONE,
            timer: NONE,
            patience: NONE,
            handle: NONE,
            tries: 0,
            cohort,
            service: 0,
            route: 0,
            visit: 0,
            class_and_doors: 0,
            place: Place::Away,
            flags: 0,
        }
    }

    /// Whether a flag is set.
    pub fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The number of the visit among those of its cohort: what its streams of draws are told apart by.
    #[inline]
    pub fn number(&self) -> u64 {
        u64::from(self.person) | u64::from(self.visit) << 32
    }

    /// The number of the knock among those of its cohort.
    #[inline]
    pub fn number_at_door(&self) -> u64 {
        self.number() | u64::from(self.doors()) << 40 | u64::from(self.tries) << 44 | self.rounds()
    }

    /// The number of the door among all at which people of its cohort stand, whatever the knock.
    pub fn number_of_door(&self) -> u64 {
        // Knocks count from 1, and doors too: it is the number neither of a knock nor of a visit.
        Person { tries: 0, ..*self }.number_at_door()
    }

    /// Patience starts anew, if it ends at all.
    #[inline]
    pub fn be_patient(&mut self, now: Time, patient: bool) {
        self.flags &= !TIMED;
        self.patience = NONE;
        self.deadline = NONE;
        if patient {
            self.deadline = u32::try_from(now.0 / 1_000_000).unwrap_or(NONE);
            self.flags |= UNDRAWN;
        }
    }

    /// The visit stands before another door, or before the same once more. Draws at doors come again after 256 of them.
    pub fn next_door(&mut self) {
        let (doors, round) = self.class_and_doors.overflowing_add(16);
        self.class_and_doors = doors;
        if round {
            self.remaining_and_rounds = self.remaining_and_rounds.wrapping_add(2 * LATE);
        }
    }

    /// Most learning time that a visit can want, ns: 18 years.
    pub const MOST_WANTED: u64 = LATE - 1;

    /// Learning time still wanted, ns.
    #[inline]
    pub fn remaining(&self) -> u64 {
        self.remaining_and_rounds & Person::MOST_WANTED
    }

    /// So much learning time is wanted, ns, up to [`Person::MOST_WANTED`].
    pub fn want(&mut self, wanted: u64) {
        self.remaining_and_rounds = self.rounds() | wanted.min(Person::MOST_WANTED);
    }

    /// Of the learning time still wanted so much is had, or lost for good, ns.
    #[inline]
    pub fn want_no_more(&mut self, settled: u64) {
        debug_assert!(settled <= self.remaining(), "nobody gets more than was wanted");
        self.remaining_and_rounds -= settled;
    }

    /// How often sixteen doors have been passed, in the upper four bits.
    #[inline]
    fn rounds(&self) -> u64 {
        self.remaining_and_rounds & !(2 * LATE - 1)
    }

    /// The visit got in, so late that the door is remembered as one that failed.
    pub fn got_in_late(&mut self) {
        self.remaining_and_rounds |= LATE;
    }

    /// Whether it got in late.
    #[inline]
    pub fn is_late(&self) -> bool {
        self.remaining_and_rounds & LATE != 0
    }

    /// How many doors the visit has stood before, modulo sixteen.
    pub fn doors(&self) -> u8 {
        self.class_and_doors / 16
    }

    /// The retry class, once it is drawn.
    pub fn class(&self) -> usize {
        usize::from(self.class_and_doors % 16)
    }

    /// Notes the retry class, 0 to 15.
    pub fn set_class(&mut self, class: usize) {
        self.class_and_doors = self.class_and_doors / 16 * 16 + class.min(15) as u8;
        self.flags |= CLASSED;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn knocks_of_a_visit_at_many_doors_have_numbers_of_their_own() {
        let mut p = Person::blank(0, 7);
        p.want(Person::MOST_WANTED);
        p.set_class(3);
        p.got_in_late();
        let mut numbers = HashSet::new();
        for visit in [0, 1, 255] {
            p.visit = visit;
            for door in 0..256 {
                for tries in [0, 1, u16::MAX] {
                    p.tries = tries;
                    assert!(numbers.insert(p.number_at_door()), "visit {visit}, door {door}");
                }
                p.next_door();
                p.want_no_more(1);
            }
        }
        assert_eq!((p.remaining(), p.class()), (Person::MOST_WANTED - 3 * 256, 3));
        assert!(p.is_late());
    }
}
