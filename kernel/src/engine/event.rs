//! One event of the list, packed so that comparing integers compares events.

use super::Time;

/// A scheduled event: 16 bytes, from high to low bits time (60) | class (4) | sequence (32) | entity (32).
///
/// The order of the integer *is* the total order of events: earlier time first; at the same instant the
/// lower class (departures before arrivals before ends; the table belongs to whoever defines the classes);
/// at the same instant and class, first scheduled, first served.
///
/// ```
/// use preau::engine::{Event, Time};
/// let departure = Event::new(Time(5), 0, 9, 1);
/// let arrival = Event::new(Time(5), 3, 2, 1);
/// assert!(departure < arrival);
/// assert_eq!((arrival.time(), arrival.class(), arrival.sequence(), arrival.entity()), (Time(5), 3, 2, 1));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Event(u128);

impl Event {
    /// The number of same-instant classes: 0 to 15.
    pub const CLASSES: u8 = 16;

    /// Packs an event. Times after [`Time::MAX`] become [`Time::MAX`].
    #[inline]
    pub fn new(at: Time, class: u8, sequence: u32, entity: u32) -> Self {
        debug_assert!(class < Self::CLASSES, "class {class} needs more than 4 bits");
        let high = (at.0.min(Time::MAX.0) << 4) | u64::from(class & 15);
        let low = (u64::from(sequence) << 32) | u64::from(entity);
        Self((u128::from(high) << 64) | u128::from(low))
    }

    /// When it happens.
    #[inline]
    pub const fn time(self) -> Time {
        Time((self.0 >> 68) as u64)
    }

    /// Its place among the events of the same instant, 0 to 15, lower first.
    #[inline]
    pub const fn class(self) -> u8 {
        ((self.0 >> 64) & 15) as u8
    }

    /// The number the list gave it; the generation by which a cancelled event is known.
    #[inline]
    pub const fn sequence(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// What it happens to: an index that only the owner of the class understands.
    #[inline]
    pub const fn entity(self) -> u32 {
        self.0 as u32
    }
}
