//! A visit under way.

use preau::engine::Time;

/// Where a visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Place {
    /// The record is free.
    Free,
    /// In the line or in service.
    Station,
    /// Waits to knock again.
    Pool,
    /// In a session.
    Session,
}

/// A visit under way, in one cache line, as preau's.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Person {
    /// When the visit began, at its first knock.
    pub begun: Time,
    /// Learning time still wanted, ns.
    pub remaining: u64,
    /// The quality integral at the start of the session, s.
    pub since: f64,
    /// The work that the login asks for, s.
    pub work: f64,
    /// Start of the session, or first knock at the door.
    pub mark: Time,
    /// Number of the visit.
    pub visit: u32,
    /// Knocks.
    pub tries: u8,
    /// Where it is.
    pub place: Place,
}

const _: () = assert!(size_of::<Person>() == 64);

impl Person {
    /// A visit that begins.
    #[inline]
    pub fn begins(now: Time, visit: u32, wanted: u64) -> Self {
        Person {
            begun: now,
            remaining: wanted,
            since: 0.0,
            work: 0.0,
            mark: now,
            visit,
            tries: 1,
            place: Place::Station,
        }
    }
}
