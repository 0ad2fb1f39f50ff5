//! What a run can be watched with: theory, traces and fingerprints all listen here.

use super::deed::{Deed, Whereabouts};
use crate::engine::{Span, Time};
use crate::measure::{Bin, Refusal};
use crate::scenario::model::{CohortId, ServiceId};

/// Listens to a run. Every method does nothing by default.
///
/// A run is compiled twice and no more: for observers that listen, all of them through one table of methods, and for those
/// that do not, without a trace of them on the event path.
#[allow(unused_variables)]
pub trait Observer {
    /// Whether it wants to be told of single events, people and levels, or of [`Observer::books`] alone. The answer is asked
    /// for once, before the run.
    fn listens(&self) -> bool {
        true
    }

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
    fn listens(&self) -> bool {
        false
    }
}

/// What the event path knows of its observer: whether there is one is known when it is compiled.
pub(super) trait Ear: Observer {
    /// Whether it listens; what would only be made for it is not made otherwise.
    const LISTENS: bool;
}

/// No ear for single events: passes on the books alone.
pub(super) struct Deaf<'o>(pub &'o mut dyn Observer);

impl Observer for Deaf<'_> {
    fn books<'b>(&mut self, now: Time, bins: &dyn Fn(usize) -> &'b [Bin]) {
        self.0.books(now, bins);
    }
}

impl Ear for Deaf<'_> {
    const LISTENS: bool = false;
}

/// Passes everything on.
pub(super) struct Open<'o>(pub &'o mut dyn Observer);

impl Ear for Open<'_> {
    const LISTENS: bool = true;
}

/// Passes methods on as they are.
macro_rules! pass_on {
    ($($method:ident($($argument:ident: $kind:ty),*);)*) => {
        $(#[allow(clippy::too_many_arguments)]
        fn $method(&mut self, $($argument: $kind),*) {
            self.0.$method($($argument),*);
        })*
    };
}

impl Observer for Open<'_> {
    fn books<'b>(&mut self, now: Time, bins: &dyn Fn(usize) -> &'b [Bin]) {
        self.0.books(now, bins);
    }
    pass_on! {
        level(now: Time, service: ServiceId, in_service: u32, backlog: u32, room: u32, sessions: u32);
        knock(now: Time, service: ServiceId, cohort: CohortId, person: u32, try_number: u32);
        refused(now: Time, service: ServiceId, cohort: CohortId, person: u32, why: Refusal, count: u64);
        start(now: Time, service: ServiceId, cohort: CohortId, person: u32, waited: Span);
        done(now: Time, service: ServiceId, cohort: CohortId, person: u32, waited: Span, sojourn: Span, wasted: bool);
        reneged(now: Time, service: ServiceId, cohort: CohortId, person: u32, waited: Span);
        session(now: Time, service: ServiceId, cohort: CohortId, person: u32, begins: bool);
        orbit(now: Time, service: ServiceId, waiting: u64);
        capacity(now: Time, service: ServiceId, cores: f64);
        visit(now: Time, cohort: CohortId, person: u32);
        visit_over(now: Time, cohort: CohortId, person: u32, begun: Time, tries: u32, served: bool);
        event(now: Time, kind: u8, entity: u32);
        meets(whereabouts: &Whereabouts);
        deed(now: Time, cohort: CohortId, person: u32, deed: &Deed<'_>);
    }
}
