//! Visits: how they begin, come back and end.

use super::deed::{Deed, Instead};
use super::observer::Ear;
use super::person::{CAME_BACK, CLASSED, IN_ONCE, NONE, OTHER_DOOR, Person, Place, SEATED, TIMED, UNDRAWN};
use super::state::{CohortState, World, class};
use crate::engine::{Draw, Purpose, Span, Time};
use crate::measure::tally::WITHIN_S;
use crate::scenario::model::{CohortId, Fallback, RouteId, ServiceId, Source, Stagger};

impl<O: Ear> World<'_, O> {
    /// A stream brings somebody.
    pub(super) fn arrive(&mut self, stream: usize) {
        let cohort = self.arrivals[stream].cohort;
        let arrival = self.arrivals[stream].arrive();
        if let (Some(ahead), Some(first)) = (arrival.ahead, self.cohorts[cohort as usize].memory) {
            let who = first + ahead;
            std::hint::black_box(self.memory.touch(who) ^ self.owed.touch(who));
        }
        for k in 0..arrival.count {
            let person = arrival.person.wrapping_add(k);
            let class = self.classes.of_arrival(stream, arrival.rank);
            let told = !self.cohorts[cohort as usize].stagger.is_empty();
            let later = if let Some(class) = class {
                self.class_comes_later(class)
            } else if told {
                self.told_to_come_later(cohort, person)
            } else {
                Span::ZERO
            };
            let slot = self.people.insert(Person::blank(cohort, person));
            self.classes.note(slot, class);
            if later.0 == 0 {
                self.begin(slot);
            } else {
                self.people[slot].place = Place::Away;
                self.people[slot].begun = Time::MAX;
                let timer = self.list.schedule(self.now + later, class::RETURN, slot);
                self.people[slot].timer = timer;
                let until = self.now + later;
                self.tell(slot, Deed::Staggered { until });
            }
        }
        let next = self.next_arrival(stream);
        self.next_arrivals.replace_first(next);
    }

    fn told_to_come_later(&self, cohort: u16, person: u32) -> Span {
        self.later(cohort, u64::from(person))
    }

    /// How much later staggers of a cohort let a person of it come, or a class, by its number.
    pub(super) fn later(&self, cohort: u16, member: u64) -> Span {
        let c = &self.cohorts[cohort as usize];
        let mut later = Span::ZERO;
        // Each takes draws of its own: slots that are spread fill the time between them.
        let mut draw = c.families.person(Purpose::Stagger, member);
        for how in &c.stagger {
            later += match how {
                Stagger::Shift(by) => *by,
                Stagger::Slots { slots, step } => Span(step.0 * u64::from(draw.below((*slots).max(1)))),
                Stagger::Spread(over) => *over * draw.uniform(),
                Stagger::Grid(slots) => {
                    let uniform = draw.uniform();
                    let waits = slots.iter().map(|own| self.wait_for_slot(&own.slot, uniform));
                    waits.max().unwrap_or(Span::ZERO)
                }
            };
        }
        later
    }

    /// A person of a closed population thinks before its next visit, in its old record or a new one.
    pub(super) fn think(&mut self, cohort: u16, slot: Option<u32>) {
        let c = &mut self.cohorts[cohort as usize];
        let number = c.counter;
        c.counter = c.counter.wrapping_add(1);
        let families = c.families;
        let Source::Closed { think, .. } = &c.spec.source else {
            return;
        };
        let wait = think.sample(&mut families.person(Purpose::Think, u64::from(number)));
        let slot = match slot {
            Some(slot) => {
                self.people[slot] = Person::blank(cohort, number);
                slot
            }
            None => self.people.insert(Person::blank(cohort, number)),
        };
        self.classes.note(slot, None);
        self.people[slot].place = Place::Away;
        self.people[slot].begun = Time::MAX;
        let timer = self
            .list
            .schedule(self.now + Span::from_secs(wait), class::RETURN, slot);
        self.people[slot].timer = timer;
    }

    /// Somebody who was away comes (again).
    pub(super) fn come_back(&mut self, slot: u32) {
        if self.people[slot].begun == Time::MAX {
            self.begin(slot);
        } else if !self.sibling_has_device(slot, true) {
            self.go_on_after_break(slot);
        }
    }

    /// A visit that was interrupted goes on at the first door.
    pub(super) fn go_on_after_break(&mut self, slot: u32) {
        self.tell(slot, Deed::Returns);
        self.fresh_patience(slot);
        self.go_to_first_door(slot);
    }

    /// A visit begins in a blank record.
    pub(super) fn begin(&mut self, slot: u32) {
        if self.has_to_wait(slot) {
            self.people[slot].begun = Time::MAX;
            return;
        }
        let (now, bin) = (self.now, self.bins.open());
        let lesson = self.find_lesson(slot);
        let p = &mut self.people[slot];
        let c = &mut self.cohorts[p.cohort as usize];
        let mut first_ever = true;
        if let Some(first) = c.memory {
            let Some(before) = self.memory.begin(first + p.person) else {
                // The visit before is not over: this one follows it.
                self.tell(slot, Deed::Owed);
                return self.release_record(slot);
            };
            p.visit = before;
            first_ever = before == 0;
        }
        let (spec, families) = (c.spec, &c.families);
        let law = &spec.duration;
        let wanted = Span::from_secs(law.sample_from(|| families.person(Purpose::Duration, p.number())));
        let wanted = wanted.min(Span(Person::MOST_WANTED));
        let learns = self.habits[c.habit].learns;
        p.route = match (&lesson, c.memory) {
            (Some(lesson), _) => lesson.route,
            (None, Some(first)) if learns > 0.0 && self.memory.is_let_down(first + p.person) => {
                let mut draw = families.person(Purpose::Route, p.number());
                other_route(&spec.routes, usual_route(c, p.person), learns, &mut draw)
            }
            _ => usual_route(c, p.person),
        };
        p.begun = now;
        p.want(wanted.0);
        p.be_patient(now, self.habits[c.habit].patient);
        c.tally.visits += 1;
        c.tally.people_tried += u64::from(first_ever);
        c.tally.learning.want(wanted.0);
        if let Some(r) = c.region {
            self.regions[r][bin].visits += 1;
        }
        let route = RouteId(p.route);
        self.observer.visit(now, CohortId(p.cohort), p.person);
        if let Some(lesson) = lesson {
            self.book_lesson(slot, &lesson);
        }
        self.tell(slot, Deed::Begins { wanted, route });
        self.go_to_first_door(slot);
    }

    /// Patience starts anew: at another door, after a session that was cut.
    pub(super) fn fresh_patience(&mut self, slot: u32) {
        let p = &mut self.people[slot];
        let habit = self.cohorts[p.cohort as usize].habit;
        p.be_patient(self.now, self.habits[habit].patient);
    }

    /// When patience runs out, ms. The length is drawn at the first need: who gets in at once needs none.
    fn deadline(&mut self, slot: u32) -> u32 {
        let p = self.people[slot];
        if !p.is(UNDRAWN) {
            return p.deadline;
        }
        let again = u64::from(p.is(CAME_BACK)) * 2 + u64::from(p.is(OTHER_DOOR));
        let deadline = self.habit(p.cohort).patience.as_ref().map_or(NONE, |law| {
            let mut draw = self.draw(Purpose::Patience, slot);
            draw.skip(again * 64);
            let until = u64::from(p.deadline) + Span::from_secs(law.sample(&mut draw)).as_millis();
            u32::try_from(until).unwrap_or(NONE)
        });
        let p = &mut self.people[slot];
        p.deadline = deadline;
        p.flags &= !UNDRAWN;
        deadline
    }

    fn go_to_first_door(&mut self, slot: u32) {
        let start = self.scenario.routes[self.people[slot].route as usize].start;
        self.at_door(slot, start.0);
    }

    /// A person stands before a service's door for the first time and knocks.
    pub(super) fn at_door(&mut self, slot: u32, service: u16) {
        let now = self.now;
        let p = &mut self.people[slot];
        p.service = service;
        p.next_door();
        p.tries = 0;
        p.mark = now;
        self.knock(slot, false);
    }

    /// A person's retry class, drawn once and the same in every visit.
    pub(super) fn retry_class(&mut self, slot: u32) -> usize {
        let p = self.people[slot];
        if p.is(CLASSED) {
            return p.class();
        }
        let habit = self.habit(p.cohort);
        let class = if habit.retries.len() > 1 {
            let families = &self.cohorts[p.cohort as usize].families;
            let u = families.person(Purpose::Habit, u64::from(p.person)).uniform();
            share_index(habit.retries.iter().map(|r| r.share), u)
        } else {
            0
        };
        self.people[slot].set_class(class);
        class
    }

    /// Whether patience has run out.
    pub(super) fn out_of_patience(&mut self, slot: u32) -> bool {
        let deadline = self.deadline(slot);
        deadline != NONE && u64::from(deadline) * 1_000_000 <= self.now.0
    }

    /// Schedules the end of patience, once a visit.
    pub(super) fn watch_patience(&mut self, slot: u32) {
        let deadline = self.deadline(slot);
        let p = self.people[slot];
        if deadline == NONE || p.is(TIMED) {
            return;
        }
        let at = Time(u64::from(p.deadline) * 1_000_000).max(self.now);
        let timer = self.list.schedule(at, class::PATIENCE, slot);
        let p = &mut self.people[slot];
        p.patience = timer;
        p.flags |= TIMED;
    }

    /// A person gives a door up: another door, later, elsewhere or nothing.
    pub(super) fn give_up(&mut self, slot: u32) {
        let bin = self.bins.open();
        let p = self.people[slot];
        let svc = &mut self.services[p.service as usize];
        svc.tally.gave_up += 1;
        svc.bins[bin].gave_up += 1;
        self.learn(slot, false);
        let choices = &self.habit(p.cohort).giving_up;
        if choices.is_empty() {
            self.tell_given_up(slot, Instead::Nothing);
            return self.end_visit(slot, false);
        }
        let mut draw = self.draw(Purpose::Fallback, slot);
        let tried = u64::from(p.is(CAME_BACK)) + u64::from(p.is(OTHER_DOOR));
        draw.skip(tried * 8);
        // What was done once is not done again: the rest of the choices keep their proportions.
        let open = |f: &Fallback| match f {
            Fallback::Route(r) => {
                let start = self.scenario.routes[r.index()].start;
                let cohort = &self.scenario.cohorts[p.cohort as usize];
                !p.is(OTHER_DOOR) && r.0 != p.route && self.scenario.services[start.index()].is_on(self.now, cohort)
            }
            Fallback::Later(_) => !p.is(CAME_BACK),
            _ => true,
        };
        let total: f64 = choices.iter().filter(|(_, f)| open(f)).map(|(s, _)| s).sum();
        let mut left = draw.uniform() * total;
        let choice = choices.iter().filter(|(_, f)| open(f)).find(|(s, _)| {
            left -= s;
            left < 0.0
        });
        match choice.map(|(_, f)| f) {
            Some(Fallback::Route(route)) => {
                self.tell_given_up(slot, Instead::Route(*route));
                let p = &mut self.people[slot];
                p.flags |= OTHER_DOOR;
                p.route = route.0;
                self.fresh_patience(slot);
                self.go_to_first_door(slot);
            }
            Some(Fallback::Later(after)) => {
                let wait = Span::from_secs(after.sample(&mut draw));
                let timer = self.list.schedule(self.now + wait, class::RETURN, slot);
                self.tell_given_up(slot, Instead::Later(self.now + wait));
                let p = &mut self.people[slot];
                p.flags |= CAME_BACK;
                p.place = Place::Away;
                p.timer = timer;
                p.patience = NONE;
                let (cohort, person) = (p.cohort, p.person);
                self.hand_over(cohort, person);
            }
            Some(Fallback::Elsewhere { name, value }) => {
                let got = ((p.remaining() as f64 * value) as u64).min(p.remaining());
                let obtained = Span(got);
                self.tell_given_up(slot, Instead::Elsewhere { name, obtained });
                self.book_learning(slot, 0, got);
                self.end_visit(slot, false);
            }
            Some(Fallback::Nothing) | None => {
                self.tell_given_up(slot, Instead::Nothing);
                self.end_visit(slot, false);
            }
        }
    }

    fn tell_given_up(&mut self, slot: u32, instead: Instead<'_>) {
        let service = ServiceId(self.people[slot].service);
        self.tell(slot, Deed::GivesUp { service, instead });
    }

    /// Books learning time obtained in a session and elsewhere, ns, and takes it off what is wanted.
    pub(super) fn book_learning(&mut self, slot: u32, obtained: u64, elsewhere: u64) {
        let p = &mut self.people[slot];
        p.want_no_more(obtained + elsewhere);
        let (cohort, service) = (p.cohort as usize, p.service as usize);
        self.cohorts[cohort].tally.learning.gain(obtained, elsewhere);
        let learning = &mut self.services[service].tally.learning;
        learning.want(obtained + elsewhere);
        learning.gain(obtained, elsewhere);
    }

    /// Books learning time lost, ns.
    pub(super) fn book_loss(&mut self, slot: u32, lost: u64) {
        if lost == 0 {
            return;
        }
        let p = &mut self.people[slot];
        p.want_no_more(lost);
        let (cohort, service) = (p.cohort as usize, p.service as usize);
        self.cohorts[cohort].tally.learning.lose(lost);
        let learning = &mut self.services[service].tally.learning;
        learning.want(lost);
        learning.lose(lost);
    }

    /// A visit is over; what is still wanted is lost.
    pub(super) fn end_visit(&mut self, slot: u32, served: bool) {
        let lost = self.people[slot].remaining();
        self.book_loss(slot, lost);
        let p = self.people[slot];
        if served {
            self.learn(slot, !p.is_late());
        } else {
            let bin = self.bins.of(p.begun);
            let c = &mut self.cohorts[p.cohort as usize];
            c.tally.gave_up += 1;
            if let (Some(r), false) = (c.region, p.is(IN_ONCE)) {
                self.regions[r][bin].gave_up += 1;
            }
        }
        debug_assert!(!p.is(SEATED));
        let lost = Span(lost);
        self.tell(slot, Deed::Over { served, lost });
        self.observer.visit_over(
            self.now,
            CohortId(p.cohort),
            p.person,
            p.begun,
            u32::from(p.tries),
            served,
        );
        self.book_person(slot);
        if self.cohorts[p.cohort as usize].closed {
            self.think(p.cohort, Some(slot));
            return;
        }
        let crowd = self.cohorts[p.cohort as usize].memory;
        if crowd.is_some_and(|first| self.memory.end(first + p.person)) {
            self.people[slot] = Person::blank(p.cohort, p.person);
            self.begin(slot);
        } else {
            self.release_record(slot);
            self.hand_over(p.cohort, p.person);
        }
    }

    /// At a visit's end: a person that got in counts once, however many visits it makes.
    pub(super) fn book_person(&mut self, slot: u32) {
        let p = self.people[slot];
        let c = &mut self.cohorts[p.cohort as usize];
        if p.is(IN_ONCE) {
            let first = c.memory.is_none_or(|first| self.memory.connects(first + p.person));
            c.tally.people_connected += u64::from(first);
            let bin = self.bins.of(p.begun);
            let today = bin >= self.day_began;
            let first = c
                .memory
                .is_none_or(|first| self.memory.is_served(first + p.person, today));
            self.services[p.service as usize].bins[bin].people += u64::from(first);
        }
    }

    /// A person learns whether its usual door works: `served` in time, or not.
    #[inline]
    fn learn(&mut self, slot: u32, served: bool) {
        if self.manners(self.people[slot].cohort).learns > 0.0 {
            self.learn_of_door(slot, served);
        }
    }

    fn learn_of_door(&mut self, slot: u32, served: bool) {
        let p = &self.people[slot];
        let c = &self.cohorts[p.cohort as usize];
        if self.classes.of(slot).is_some() {
            // Where a class meets is the teacher's choice.
            if let Some((cohort, usual)) = self.teaches(slot)
                && self.people[slot].route == usual
            {
                let pupils = &mut self.cohorts[usize::from(cohort)];
                pupils.doors.book(&pupils.spec.routes, usual, served);
            }
            return;
        }
        let Some(first) = c.memory else { return };
        let usual = usual_route(c, p.person) == p.route;
        // Whoever is served at another door keeps what it knows of the usual one; let down there, it goes back.
        if usual || !served {
            self.memory.learn(first + p.person, usual && !served);
        }
    }

    fn release_record(&mut self, slot: u32) {
        let p = &mut self.people[slot];
        p.place = Place::Free;
        p.timer = NONE;
        p.patience = NONE;
        self.people.remove(slot);
    }

    /// A person passed a service's door: its wait there, by the bin of its first knock there.
    #[inline]
    pub(super) fn book_door(&mut self, slot: u32) {
        let p = &self.people[slot];
        let wait = self.now - p.mark;
        let svc = &mut self.services[p.service as usize];
        let within = within_limits(wait);
        svc.tally.waits.book(wait);
        svc.tally.visits_connected += 1;
        for (count, yes) in svc.tally.connected_within.iter_mut().zip(within) {
            *count += yes;
        }
        let bin = &mut svc.bins[self.bins.of(p.mark)];
        bin.in_5min += within[1];
        bin.in_15min += within[2];
        bin.over_2h += u64::from(wait > LONG);
    }

    /// The first login of a visit at its last service: waits and shares.
    #[inline]
    pub(super) fn book_connection(&mut self, slot: u32) {
        let p = &mut self.people[slot];
        if p.is(IN_ONCE) {
            return;
        }
        p.flags |= IN_ONCE;
        let wait = self.now - p.begun;
        // Of a door that was taken after another had been given up only the wait there counts.
        let waited = if p.is(OTHER_DOOR) { self.now - p.mark } else { wait };
        if waited > LATE {
            p.got_in_late();
        }
        let within = within_limits(wait);
        let c = &mut self.cohorts[p.cohort as usize];
        c.tally.visits_connected += 1;
        c.tally.waits.book(wait);
        for (count, yes) in c.tally.connected_within.iter_mut().zip(within) {
            *count += yes;
        }
        if let Some(r) = c.region {
            let bin = &mut self.regions[r][self.bins.of(p.begun)];
            bin.in_ever += 1;
            bin.in_5min += within[1];
            bin.in_15min += within[2];
        }
    }

    /// The next service of a route, or none at its end.
    pub(super) fn next_service(&mut self, slot: u32) -> Option<ServiceId> {
        let p = self.people[slot];
        let route = &self.scenario.routes[p.route as usize];
        if route.onward.is_empty() {
            return None;
        }
        let here = ServiceId(p.service);
        let (_, onward) = route.onward.iter().find(|(from, _)| *from == here)?;
        if let [(to, share)] = onward.as_slice()
            && *share >= 1.0
        {
            return Some(*to);
        }
        // The person's own draw at this door, so that what others do changes nobody's way.
        let families = &self.cohorts[p.cohort as usize].families;
        let mut left = families.person(Purpose::Route, p.number_of_door()).uniform();
        onward.iter().find_map(|(to, share)| {
            left -= share;
            (left < 0.0).then_some(*to)
        })
    }
}

/// Whoever waits longer to get in does not call it a door that works.
const LATE: Span = Span(15 * 60 * 1_000_000_000);

/// A wait that newspapers write about.
const LONG: Span = Span(2 * 3600 * 1_000_000_000);

/// Whether a wait is within each of the limits, 1 or 0.
#[inline]
fn within_limits(wait: Span) -> [u64; 3] {
    WITHIN_S.map(|limit| u64::from(wait.0 <= limit * 1_000_000_000))
}

fn share_index(shares: impl Iterator<Item = f64>, u: f64) -> usize {
    let mut left = u;
    let mut last = 0;
    for (i, share) in shares.enumerate() {
        last = i;
        left -= share;
        if left < 0.0 {
            return i;
        }
    }
    last
}

/// The route a person takes from visit to visit: the draw does not depend on the visit.
fn usual_route(c: &CohortState<'_>, person: u32) -> u16 {
    let draw = || c.families.person(Purpose::Route, u64::from(person)).uniform();
    pick(&c.spec.routes, draw).map_or(0, |r| r.0)
}

/// With a chance another route than the usual one, in proportion to the shares of the others.
pub(super) fn other_route(routes: &[(f64, RouteId)], usual: u16, chance: f64, draw: &mut Draw) -> u16 {
    let others = || routes.iter().filter(|(_, r)| r.0 != usual);
    let total: f64 = others().map(|(share, _)| share).sum();
    if total <= 0.0 || !draw.chance(chance) {
        return usual;
    }
    let mut left = draw.uniform() * total;
    let met = others().find(|(share, _)| {
        left -= share;
        left < 0.0
    });
    met.or_else(|| others().next_back()).map_or(usual, |(_, r)| r.0)
}

pub(super) fn pick<T: Copy>(choices: &[(f64, T)], draw: impl FnOnce() -> f64) -> Option<T> {
    match choices {
        [] => None,
        [(_, only)] => Some(*only),
        _ => Some(choices[share_index(choices.iter().map(|c| c.0), draw())].1),
    }
}
