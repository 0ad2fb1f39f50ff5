//! Limits that follow a station's round-trip times, and limits on each address.

use super::super::observer::Ear;
use super::super::state::{ServiceState, World};
use crate::engine::{Span, Time};
use crate::queueing::{NOBODY, Started};
use crate::scenario::model::PerClient;

/// The bucket of one person's address at one service: when it is full again (generic cell rate algorithm, ITU-T I.371).
#[derive(Clone, Copy, Debug)]
pub(in crate::world) struct Address {
    full: Time,
    /// Until when it is refused whatever it has.
    shut: Time,
    /// Whose record it was: places are used again.
    whose: (u16, u16, u32),
}

impl ServiceState {
    /// What a limit on each address leaves of a flood of `rate` requests/s from so many of them: each sends at most what
    /// the limit lets through.
    pub(in crate::world) fn let_through(&self, rate: f64, sources: f64) -> f64 {
        let Some(limit) = &self.per_client else { return rate };
        let penalty = limit.penalty.as_secs();
        let over = rate / sources - limit.rate;
        if penalty == 0.0 || over <= 0.0 {
            return rate.min(sources * limit.rate);
        }
        // A source spends what its bucket gained in the penalty, at `over` more than flows in, and is shut out again.
        let gained = limit.burst.min(limit.rate * penalty);
        rate * gained / (gained + over * penalty)
    }
}

impl<O: Ear> World<'_, O> {
    /// A login is done: the limit sees how long it took from its thread on, and how many were in service, itself included.
    pub(in crate::world) fn sample_limit(&mut self, s: usize, done: &Started, inflight: u32) {
        let now = self.now;
        let svc = &mut self.services[s];
        let Some(limit) = &mut svc.limit else { return };
        let rtt = done.sojourn - done.waited;
        let most = limit.sample(now, Span(rtt.0.max(1)), inflight, done.owner == NOBODY);
        svc.station.set_limit(now, Some(most));
    }

    /// Whether the limit on addresses lets a person's knock through. Refused knocks cost no token.
    pub(in crate::world) fn address_allows(&mut self, slot: u32, limit: PerClient) -> bool {
        let people = self.people.slots();
        let p = &people[slot as usize];
        let whose = (p.cohort, p.service, p.person);
        let fresh = Address {
            full: Time::ZERO,
            shut: Time::ZERO,
            whose: (u16::MAX, u16::MAX, u32::MAX),
        };
        if self.addresses.len() < people.len() {
            self.addresses.resize(people.len(), fresh);
        }
        let address = &mut self.addresses[slot as usize];
        if address.whose != whose {
            *address = Address { whose, ..fresh };
        }
        if self.now < address.shut {
            return false;
        }
        let full = address.full.max(self.now);
        let between = Span::from_secs(1.0 / limit.rate);
        // Up to `burst` tokens: the bucket may be full again this much later.
        if (full - self.now).as_secs() > (limit.burst - 1.0) / limit.rate + 1e-9 {
            address.shut = self.now + limit.penalty;
            return false;
        }
        address.full = full + between;
        true
    }
}
