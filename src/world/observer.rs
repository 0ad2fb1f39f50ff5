//! What a run can be watched with: theory, traces and fingerprints all listen here.

use super::deed::{Deed, Whereabouts};
use crate::engine::{Span, Time};
use crate::measure::{Bin, Refusal};
use crate::scenario::model::{CohortId, ServiceId};

/// Listens to a run. Every method does nothing by default, and costs nothing then.
#[allow(unused_variables)]
pub trait Observer {
    /// Whether it listens at all; what would only be made for it is not made otherwise.
    const LISTENS: bool = true;

    /// Something happened at a service, after which it holds so many: logins in service, logins waiting for a
    /// thread, people in its waiting room, sessions. Called after every change of one of them.
    fn level(&mut self, now: Time, service: ServiceId, in_service: u32, backlog: u32, room: u32, sessions: u32) {}
    /// Somebody knocks (executed knocks only; `try_number` counts from 1 and includes blocked knocks drawn late).
    fn knock(&mut self, now: Time, service: ServiceId, cohort: CohortId, person: u32, try_number: u32) {}
    /// A knock failed. Blocked knocks that were drawn late are told with `count` > 0 when they are drawn.
    fn refused(&mut self, now: Time, service: ServiceId, cohort: CohortId, person: u32, why: Refusal, count: u64) {}
    /// A login got a thread, `waited` after it passed the door (room included).
    fn start(&mut self, now: Time, service: ServiceId, cohort: CohortId, person: u32, waited: Span) {}
    /// A login is done, `sojourn` after the knock that succeeded, of which `waited` before the thread.
    /// `wasted`: the client was no longer there.
    #[allow(clippy::too_many_arguments)]
    fn done(
        &mut self,
        now: Time,
        service: ServiceId,
        cohort: CohortId,
        person: u32,
        waited: Span,
        sojourn: Span,
        wasted: bool,
    ) {
    }
    /// A client left the backlog or service by time-out, or a room by impatience, having waited so long.
    fn reneged(&mut self, now: Time, service: ServiceId, cohort: CohortId, person: u32, waited: Span) {}
    /// A session began or ended.
    fn session(&mut self, now: Time, service: ServiceId, cohort: CohortId, person: u32, begins: bool) {}
    /// The number of people who wait to knock again at a service changed.
    fn orbit(&mut self, now: Time, service: ServiceId, waiting: u64) {}
    /// The cores of a service that are up changed.
    fn capacity(&mut self, now: Time, service: ServiceId, cores: f64) {}
    /// A visit began.
    fn visit(&mut self, now: Time, cohort: CohortId, person: u32) {}
    /// A visit is over: `served` if it got what it came for; `begun` is the instant of its first knock.
    fn visit_over(&mut self, now: Time, cohort: CohortId, person: u32, begun: Time, tries: u32, served: bool) {}
    /// An event is executed (see [`super::kinds`]).
    fn event(&mut self, now: Time, kind: u8, entity: u32) {}
    /// The event just told is of a person: who, and where it meets it. Called before the event has any effect.
    fn meets(&mut self, whereabouts: &Whereabouts) {}
    /// The books of a bin are closed: `bins` gives, for the position of a service, all its bins so far. Retries that are
    /// counted late still come into bins of before.
    fn books<'b>(&mut self, now: Time, bins: &dyn Fn(usize) -> &'b [Bin]) {}
    /// Something happens to a person.
    fn deed(&mut self, now: Time, cohort: CohortId, person: u32, deed: &Deed<'_>) {}
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;
impl Observer for Unwatched {
    const LISTENS: bool = false;
}
