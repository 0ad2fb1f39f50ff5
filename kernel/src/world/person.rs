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
    /// Learning time still wanted, ns.
    pub remaining: u64,
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
/// The retry class is drawn.
pub const CLASSED: u8 = 128;
/// It waits in the pool of those who obey a `Retry-After`.
pub const OBEYS: u8 = 32;

const _: () = assert!(size_of::<Person>() == 64);

impl Person {
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
        self.number() | u64::from(self.doors()) << 40 | u64::from(self.tries) << 44
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

    /// The visit stands before another door, or before the same once more.
    pub fn next_door(&mut self) {
        self.class_and_doors = self.class_and_doors.wrapping_add(16);
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
