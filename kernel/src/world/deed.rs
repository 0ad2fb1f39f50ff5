//! What happens to one visit, in the simulator's terms: what a story of a person is told from.

use super::observer::Ear;
use super::person::Place;
use super::state::World;
use crate::engine::{Span, Time};
use crate::measure::Refusal;
use crate::scenario::model::{CohortId, RouteId, ServiceId};

/// Something that happens to a person. Told in order of time, at the instant at which it becomes known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Deed<'a> {
    /// A wave brings the person, who was told to come later.
    Staggered {
        /// When it comes instead.
        until: Time,
    },
    /// A wave calls the person while a visit is under way: another visit is owed.
    Owed,
    /// A brother or sister has the device: the visit waits for it.
    NoDevice,
    /// A visit begins.
    Begins {
        /// Learning time wanted.
        wanted: Span,
        /// The route it takes.
        route: RouteId,
    },
    /// The visit comes back as it meant to when it gave a door up.
    Returns,
    /// It knocks.
    Knocks {
        /// Where.
        service: ServiceId,
        /// Which knock at this door, from 1, those drawn late included.
        try_number: u32,
    },
    /// A knock failed.
    Refused {
        /// Where.
        service: ServiceId,
        /// Why.
        why: Refusal,
        /// Blocked because its level is turned away for a while, not because it is taken for an attacker.
        shed: bool,
    },
    /// It knocked in vain while it waited in a pool. Drawn late: at any time since its last knock, and for all of that
    /// wait together (it may be told in several parts).
    Vain {
        /// Where.
        service: ServiceId,
        /// Why.
        why: Refusal,
        /// How often.
        count: u64,
    },
    /// It joins a waiting room.
    Waits {
        /// Whose.
        service: ServiceId,
        /// How many wait there already.
        others: u64,
    },
    /// It is called from the waiting room.
    Called {
        /// Whose.
        service: ServiceId,
        /// When its page asks next and it goes in.
        enters: Time,
    },
    /// Its login is with the servers.
    LogsIn {
        /// Where.
        service: ServiceId,
        /// It waits for a free thread first.
        queued: bool,
    },
    /// Its login is done.
    LoggedIn {
        /// Where.
        service: ServiceId,
        /// How long it was with the servers.
        sojourn: Span,
        /// Of that, the wait for a thread.
        waited: Span,
    },
    /// It goes on to the next service of its route.
    GoesOn {
        /// Where to.
        service: ServiceId,
    },
    /// Its session begins.
    SessionBegins {
        /// Where.
        service: ServiceId,
    },
    /// Its session ends.
    SessionEnds {
        /// Where.
        service: ServiceId,
        /// Learning time obtained.
        obtained: Span,
        /// Learning time lost in it: to slow pages, for want of a teacher, or because an hour there is worth less.
        lost: Span,
    },
    /// The session did not end by itself: the rest is still wanted.
    Cut {
        /// Where.
        service: ServiceId,
        /// The service went down; else its limit on the length of a session was reached.
        thrown_out: bool,
    },
    /// It gives a door up.
    GivesUp {
        /// Which.
        service: ServiceId,
        /// What it does instead.
        instead: Instead<'a>,
    },
    /// The visit is over.
    Over {
        /// It got what it came for.
        served: bool,
        /// Learning time still wanted, which is lost.
        lost: Span,
    },
    /// The run ends before the visit does.
    Unfinished {
        /// Learning time still wanted, which is lost.
        lost: Span,
    },
}

/// What a person does who gives a door up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Instead<'a> {
    /// Takes another route.
    Route(RouteId),
    /// Comes back at that time.
    Later(Time),
    /// Learns elsewhere.
    Elsewhere {
        /// Where.
        name: &'a str,
        /// What that is worth.
        obtained: Span,
    },
    /// Nothing.
    Nothing,
}

/// Where a person is when an event meets it: a word for the place, and the service it is at or knocks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// The cohort.
    pub cohort: CohortId,
    /// The number within the cohort.
    pub person: u32,
    /// `station`, `room`, `called`, `pool`, `orbit`, `hop`, `session`, `away` or `owed`.
    pub place: &'static str,
    /// The service; none where nobody knocked yet.
    pub service: Option<ServiceId>,
}

impl Place {
    /// A word for it.
    fn name(self) -> &'static str {
        match self {
            Place::Free => "free",
            Place::Station => "station",
            Place::Room => "room",
            Place::Called => "called",
            Place::Pool => "pool",
            Place::Orbit => "orbit",
            Place::Hop => "hop",
            Place::Session => "session",
            Place::Away => "away",
            Place::Owed => "owed",
        }
    }
}

impl<O: Ear> World<'_, O> {
    /// Tells the observer what happens to a person.
    #[inline]
    pub(super) fn tell(&mut self, slot: u32, deed: Deed<'_>) {
        if O::LISTENS {
            let p = &self.people[slot];
            self.observer.deed(self.now, CohortId(p.cohort), p.person, &deed);
        }
    }

    /// Tells the observer whom the event just noted meets.
    pub(super) fn tell_whereabouts(&mut self, slot: u32) {
        let p = &self.people[slot];
        let unborn = p.begun == Time::MAX;
        let whereabouts = Whereabouts {
            cohort: CohortId(p.cohort),
            person: p.person,
            place: p.place.name(),
            service: (!unborn).then_some(ServiceId(p.service)),
        };
        self.observer.meets(&whereabouts);
    }
}
