//! Classes: who teaches whom, where a class meets, and what it has taught so far.
//!
//! A class is a lesson of a wave. The teachers of a wave are dealt to the pupils' cohorts in proportion to their visits;
//! the pupils of a cohort are dealt to its classes in turn, as they come. So nobody's class has to be remembered but that of
//! a visit under way.

mod account;
mod blocks;
mod note;

use self::account::{Accounts, millis};
use self::blocks::{Block, Blocks};
use self::note::{ATTENDED, NOWHERE, NUMBER, Note, SOON};
use super::observer::Ear;
use super::person::NONE;
use super::session::Leaves;
use super::state::{CohortState, World, class};
use super::stream::Stream;
use super::visit::pick;
use crate::engine::{Distribution, Families, Permutation, Purpose, Span, Streams};
use crate::scenario::model::{Cohort, Scenario, ServiceId, Source, lessons};

/// Streams of classes are apart from those of people, whose numbers are smaller.
const OF_CLASSES: u64 = 1 << 63;
/// Lessons of a wave that begin within this time of each other are of one hour, s.
const HOUR_S: f64 = 900.0;
/// More hours than that tell nothing more.
const MOST_HOURS: f64 = 96.0;
/// "Within 15 minutes", ms.
const SOON_MS: u64 = 900_000;

/// Who comes by a stream.
enum Dealt {
    /// Nobody who has a class.
    Nobody,
    /// Pupils: to each class of their hour in turn.
    Pupils {
        first: u32,
        classes: u32,
        visits: u32,
        hours: u32,
        hour: Hour,
    },
    /// Teachers: to the classes of their hour, in an order of its own. `(first teacher, order)` of each hour, and
    /// `(teachers so far, first class)` of each hour and cohort of pupils.
    Teachers {
        orders: Vec<(u32, Permutation)>,
        blocks: Vec<(u32, u32)>,
    },
}

/// The hour in which pupils come now. Worked out once an hour: it takes five divisions.
#[derive(Clone, Copy, Default)]
struct Hour {
    /// How many have come when it is over.
    until: u32,
    /// How many had come before it.
    before: u32,
    /// Its first class, and how many there are.
    from: u32,
    classes: u32,
}

impl Hour {
    /// The hour in which a place of a stream falls; `(visits, classes)` of all `hours`.
    fn of(rank: u32, (visits, classes): (u32, u32), hours: u32) -> Hour {
        let visits = visits.max(1);
        let hour = (u64::from(rank) * u64::from(hours) / u64::from(visits)) as u32;
        let (from, until) = (part(classes, hours, hour), part(classes, hours, hour + 1));
        let over = (u64::from(hour + 1) * u64::from(visits)).div_ceil(u64::from(hours));
        Hour {
            until: u32::try_from(over).unwrap_or(u32::MAX),
            before: part(visits, hours, hour).min(rank),
            // More hours than classes: that of the next hour which has one, or the last.
            from: from.min(classes - 1),
            classes: (until - from).max(1),
        }
    }
}

/// The lesson of a visit.
pub(super) struct Meeting {
    /// Whose pupils.
    pub cohort: u16,
    /// The route of the class.
    pub route: u16,
    /// Where it meets.
    service: Option<ServiceId>,
}

/// All classes of a run.
#[derive(Default)]
pub(super) struct Classes {
    /// By stream; empty where nobody has a class.
    streams: Vec<Dealt>,
    blocks: Blocks,
    /// How many there are.
    count: u32,
    accounts: Accounts,
    /// By slot: the class of the visit.
    of_slot: Vec<Note>,
    /// Services at which classes meet live; empty where nobody has a class.
    live: Vec<bool>,
}

impl Classes {
    /// The class of the visit that comes at a place of a stream.
    #[inline]
    pub fn of_arrival(&mut self, stream: usize, rank: u32) -> Option<u32> {
        match self.streams.get_mut(stream)? {
            Dealt::Nobody => None,
            Dealt::Pupils {
                first,
                classes,
                visits,
                hours,
                hour,
            } => {
                // They come in the order of their places.
                if rank >= hour.until {
                    *hour = Hour::of(rank, (*visits, *classes), *hours);
                }
                Some(*first + hour.from + (rank - hour.before) % hour.classes)
            }
            Dealt::Teachers { orders, blocks } => {
                let hour = orders.partition_point(|(start, _)| *start <= rank).checked_sub(1)?;
                let (start, order) = &orders[hour];
                let place = start + order.apply(rank - start);
                let block = blocks.partition_point(|(until, _)| *until <= place);
                let before = block.checked_sub(1).map_or(0, |b| blocks[b].0);
                blocks.get(block).map(|(_, first)| first + place - before)
            }
        }
    }

    /// Notes the class of a new visit.
    #[inline]
    pub fn note(&mut self, slot: u32, class: Option<u32>) {
        if self.streams.is_empty() {
            return;
        }
        let slot = slot as usize;
        if slot >= self.of_slot.len() {
            self.of_slot.resize(slot + 1, Note::NONE);
        }
        self.of_slot[slot] = Note {
            class: class.unwrap_or(NUMBER),
            ..Note::NONE
        };
    }

    /// The class of a visit.
    #[inline]
    pub fn of(&self, slot: u32) -> Option<u32> {
        self.of_slot.get(slot as usize)?.number()
    }

    /// Reads what is noted of the visit in a slot, to fetch it from memory ahead.
    #[inline]
    pub fn touch(&self, slot: u32) -> u32 {
        self.of_slot.get(slot as usize).map_or(NUMBER, |note| note.class)
    }

    /// Whether classes meet live at a service.
    #[inline]
    pub fn meet_at(&self, s: usize) -> bool {
        self.live.get(s).is_some_and(|live| *live)
    }
}

/// Where the streams of the cohorts begin, and how many come by each.
struct Waves<'a> {
    scenario: &'a Scenario,
    arrivals: &'a [Stream],
}

impl Waves<'_> {
    fn first_stream(&self, cohort: usize) -> usize {
        self.arrivals.partition_point(|s| usize::from(s.cohort) < cohort)
    }

    /// `(cohort, wave, visits)` of the pupils who are taught in a wave of teachers.
    fn taught_in(&self, teachers: usize, wave: usize) -> Vec<(usize, usize, u64)> {
        let cohorts = self.scenario.cohorts.iter().enumerate();
        let mut found = Vec::new();
        for (c, cohort) in cohorts.filter(|(_, c)| c.teachers.is_some_and(|t| t.index() == teachers)) {
            let lessons = lessons(waves_of(cohort), waves_of(&self.scenario.cohorts[teachers]));
            for (w, _) in lessons.iter().enumerate().filter(|(_, lesson)| **lesson == Some(wave)) {
                let visits = self.arrivals[self.first_stream(c) + w].left();
                if visits > 0 {
                    found.push((c, w, visits));
                }
            }
        }
        found
    }
}

fn waves_of(cohort: &Cohort) -> &[crate::scenario::model::Wave] {
    match &cohort.source {
        Source::Crowd(waves) => waves,
        _ => &[],
    }
}

/// Teachers for each of some groups: in proportion to their pupils, by largest remainders, and one at least where there
/// are enough.
fn deal(teachers: u64, pupils: &[u64]) -> Vec<u64> {
    let all: u128 = pupils.iter().map(|n| u128::from(*n)).sum();
    let exact = |n: u64| u128::from(teachers) * u128::from(n);
    let mut dealt: Vec<u64> = pupils.iter().map(|n| (exact(*n) / all.max(1)) as u64).collect();
    let mut order: Vec<usize> = (0..pupils.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse((dealt[*i] == 0, exact(pupils[*i]) % all.max(1))));
    let left = teachers.saturating_sub(dealt.iter().sum());
    for i in order.iter().take(left as usize) {
        dealt[*i] += 1;
    }
    if teachers >= pupils.len() as u64 {
        while let Some(none) = dealt.iter().position(|n| *n == 0) {
            let Some(most) = (0..dealt.len()).max_by_key(|i| dealt[*i]) else {
                break;
            };
            dealt[most] -= 1;
            dealt[none] += 1;
        }
    }
    dealt
}

impl<O: Ear> World<'_, O> {
    /// Makes the classes of all waves, before anybody comes.
    pub(super) fn set_up_classes(&mut self) {
        if self.scenario.cohorts.iter().all(|c| c.teachers.is_none()) {
            return;
        }
        let mut classes = Classes {
            streams: self.arrivals.iter().map(|_| Dealt::Nobody).collect(),
            live: self
                .scenario
                .services
                .iter()
                .map(|s| s.session.is_some_and(|s| s.live))
                .collect(),
            ..Classes::default()
        };
        let waves = Waves {
            scenario: self.scenario,
            arrivals: &self.arrivals,
        };
        for t in 0..self.cohorts.len() {
            let mut teach = false;
            for w in 0..waves_of(self.cohorts[t].spec).len() {
                let taught = waves.taught_in(t, w);
                for (c, ..) in &taught {
                    self.cohorts[*c].in_line = true;
                    teach = true;
                }
                classes.add_wave(&waves, &self.cohorts[t], (t, w), &taught, &self.streams);
            }
            self.cohorts[t].in_line |= teach;
        }
        classes.blocks.lay_out(classes.count);
        classes.accounts = Accounts::new(classes.count);
        self.classes = classes;
    }

    fn meeting(&mut self, class: u32) -> Meeting {
        let block = self.classes.blocks.of_mut(class);
        let (cohort, member) = (block.cohort, block.member(class));
        let c = &self.cohorts[usize::from(cohort)];
        let days = *block.days.get_or_insert(c.doors.days());
        let usual = route_of(c.spec, &c.families, member);
        let route = c.doors.route(days, c.spec, &c.families, member, usual);
        Meeting {
            cohort,
            route,
            service: self.scenario.routes[usize::from(route)].end(),
        }
    }

    /// The cohort of pupils and the usual route of the class that a visit teaches.
    pub(super) fn teaches(&self, slot: u32) -> Option<(u16, u16)> {
        let note = self.classes.of_slot.get(slot as usize)?;
        if self.people[slot].cohort == note.cohort {
            return None;
        }
        let class = note.number()?;
        let block = self.classes.blocks.of(class);
        let c = &self.cohorts[usize::from(block.cohort)];
        Some((block.cohort, route_of(c.spec, &c.families, block.member(class))))
    }

    /// The lesson of a visit that begins, if it has a class. Where it meets is noted.
    #[inline]
    pub(super) fn find_lesson(&mut self, slot: u32) -> Option<Meeting> {
        let lesson = self.meeting(self.classes.of(slot)?);
        let note = &mut self.classes.of_slot[slot as usize];
        note.cohort = lesson.cohort;
        note.service = lesson.service.map_or(NOWHERE, |s| s.0);
        Some(lesson)
    }

    /// How much later a class begins: staggers of its pupils move it as a whole, with its teacher.
    pub(super) fn class_comes_later(&self, class: u32) -> Span {
        let block = self.classes.blocks.of(class);
        if self.cohorts[usize::from(block.cohort)].stagger.is_empty() {
            return Span::ZERO;
        }
        self.later(block.cohort, block.member(class))
    }

    /// A visit to a live lesson begins.
    pub(super) fn book_lesson(&mut self, slot: u32, lesson: &Meeting) {
        let Some(service) = lesson.service.filter(|s| self.classes.meet_at(s.index())) else {
            return;
        };
        let teaches = self.people[slot].cohort != lesson.cohort;
        let cohort = &mut self.cohorts[usize::from(lesson.cohort)].tally.classes;
        for counts in [cohort, &mut self.services[service.index()].tally.classes] {
            if teaches {
                counts.planned += 1;
            } else {
                counts.visits += 1;
            }
        }
    }

    /// The class that a visit has at the very service where it is, and whether it teaches it.
    fn class_here(&self, slot: u32) -> Option<(u32, u16, bool)> {
        let (note, p) = (self.classes.of_slot.get(slot as usize)?, &self.people[slot]);
        (note.service == p.service).then_some((note.class & NUMBER, note.cohort, p.cohort != note.cohort))
    }

    /// With a referee: how long the live class of a pupil in a session has been taught, s. Its account runs with time then.
    pub(super) fn taught_so_far(&self, slot: u32) -> Option<f64> {
        if !self.classes.meet_at(usize::from(self.people[slot].service)) {
            return None;
        }
        match self.class_here(slot) {
            Some((class, _, false)) => Some(self.classes.accounts.of(class).taught(self.now.as_secs())),
            _ => None,
        }
    }

    /// A session of some length begins where classes meet live, when the service's quality integral is `quality`: answers what
    /// the visit's learning is counted from.
    pub(super) fn join_class(&mut self, slot: u32, quality: f64, length: Span) -> f64 {
        let Some((class, cohort, teaches)) = self.class_here(slot) else {
            return quality;
        };
        let now = self.now;
        let (p, c) = (self.people[slot], &mut self.cohorts[usize::from(cohort)]);
        let soon = (now - p.begun).0 <= SOON_MS * 1_000_000;
        let mut account = self.classes.accounts.of(class);
        if teaches {
            let first = account.open(now, quality);
            self.classes.accounts.keep(class, account);
            if first {
                let svc = &mut self.services[usize::from(p.service)];
                for counts in [&mut c.tally.classes, &mut svc.tally.classes] {
                    counts.opened += 1;
                    counts.opened_15min += u64::from(soon);
                }
                let bin = self.bins.open();
                svc.bins[bin].classes += 1;
                if let Some(r) = c.region {
                    self.regions[r][bin].classes += 1;
                }
            }
            return quality;
        }
        let open = account.is_open();
        let note = &mut self.classes.of_slot[slot as usize].class;
        *note = if open && soon { *note | SOON } else { *note & !SOON };
        if let Some(most) = c.spec.leaves_empty_class {
            // From here on patience is that with an empty class.
            self.people[slot].patience = if !open && most < length {
                self.list.schedule(now + most, class::PATIENCE, slot)
            } else {
                NONE
            };
        }
        account.taught(quality)
    }

    /// A session ends where classes meet live: answers up to where its learning is counted.
    pub(super) fn leave_class(&mut self, slot: u32, quality: f64) -> f64 {
        let Some((class, cohort, teaches)) = self.class_here(slot) else {
            return quality;
        };
        let now = self.now;
        let mut account = self.classes.accounts.of(class);
        if teaches {
            account.close(now, quality);
            self.classes.accounts.keep(class, account);
            return quality;
        }
        let taught = account.taught(quality);
        let p = &self.people[slot];
        let note = &mut self.classes.of_slot[slot as usize].class;
        if let Some(from) = account.together(p.mark, now).filter(|_| *note & ATTENDED == 0) {
            let soon = *note & SOON != 0 || u64::from(from) <= u64::from(millis(p.begun)) + SOON_MS;
            *note |= ATTENDED;
            let first = account.hold();
            self.classes.accounts.keep(class, account);
            let service = usize::from(p.service);
            let cohort = &mut self.cohorts[usize::from(cohort)].tally.classes;
            for counts in [cohort, &mut self.services[service].tally.classes] {
                counts.attended += 1;
                counts.attended_15min += u64::from(soon);
                counts.held += u64::from(first);
            }
        }
        taught
    }

    /// The patience of somebody in a session is over: a pupil whose teacher is still not in gives the door up.
    pub(super) fn look_for_teacher(&mut self, slot: u32) {
        if !self.classes.meet_at(usize::from(self.people[slot].service)) {
            return;
        }
        if let Some((class, cohort, false)) = self.class_here(slot)
            && self.cohorts[usize::from(cohort)].spec.leaves_empty_class.is_some()
            && !self.classes.accounts.of(class).is_open()
        {
            self.leave(slot, Leaves::EmptyClass);
        }
    }
}

impl Classes {
    /// The classes of a wave of teachers `(cohort, wave)` and of the pupils `(cohort, wave, visits)` taught in it.
    fn add_wave(
        &mut self,
        waves: &Waves<'_>,
        teachers: &CohortState<'_>,
        (t, w): (usize, usize),
        taught: &[(usize, usize, u64)],
        streams: &Streams,
    ) {
        if taught.is_empty() {
            return;
        }
        let stream = waves.first_stream(t) + w;
        let come = waves.arrivals[stream].left();
        let dealt = deal(come, &taught.iter().map(|(_, _, n)| *n).collect::<Vec<_>>());
        let hours = taught
            .iter()
            .map(|(c, wave, _)| hours_of(&waves_of(&waves.scenario.cohorts[*c])[*wave].spread));
        let hours = hours.max().unwrap_or(1).min(come.max(1) as u32);
        let mut firsts = Vec::new();
        for ((c, wave, visits), teachers) in taught.iter().zip(&dealt) {
            let first = self.count;
            // Pupils without a teacher have a class all the same; it never opens.
            let classes = (*teachers as u32).max(1);
            self.blocks.push(Block {
                first,
                cohort: *c as u16,
                wave: *wave as u32,
                days: None,
            });
            self.streams[waves.first_stream(*c) + wave] = Dealt::Pupils {
                first,
                classes,
                visits: *visits as u32,
                hours,
                hour: Hour::default(),
            };
            self.count += classes;
            firsts.push((first, *teachers as u32));
        }
        let (mut orders, mut blocks, mut until) = (Vec::new(), Vec::new(), 0);
        for hour in 0..hours {
            let start = until;
            for (first, classes) in &firsts {
                let from = part(*classes, hours, hour);
                until += part(*classes, hours, hour + 1) - from;
                blocks.push((until, first + from));
            }
            let member = OF_CLASSES | u64::from(hour) << 32 | w as u64;
            let key = streams.person(Purpose::Person, teachers.key, member).bits();
            if until > start {
                orders.push((start, Permutation::new(until - start, key)));
            }
        }
        self.streams[stream] = Dealt::Teachers { orders, blocks };
    }
}

/// Where part number `k` of `parts` begins in `n`.
fn part(n: u32, parts: u32, k: u32) -> u32 {
    (u64::from(n) * u64::from(k) / u64::from(parts)) as u32
}

/// Into how many hours a wave of lessons falls: those who come within a quarter of an hour meet, the others have
/// other classes. Nine tenths of the spread count.
fn hours_of(spread: &Distribution) -> u32 {
    let at = |p| spread.inverse(p).unwrap_or(0.0);
    libm::round((at(0.95) - at(0.05)) / HOUR_S).clamp(1.0, MOST_HOURS) as u32
}

/// The route of a class: that of a person of its pupils' cohort.
fn route_of(cohort: &Cohort, families: &Families, member: u64) -> u16 {
    pick(&cohort.routes, || families.person(Purpose::Route, member).uniform()).map_or(0, |r| r.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pupils_are_dealt_hour_by_hour() {
        for (visits, classes, hours) in [(1000, 40, 1), (1000, 40, 7), (997, 3, 5), (5, 1, 96), (1, 1, 1)] {
            let mut hour = Hour::default();
            for rank in 0..visits {
                if rank >= hour.until {
                    hour = Hour::of(rank, (visits, classes), hours);
                }
                let now = (u64::from(rank) * u64::from(hours) / u64::from(visits)) as u32;
                let (from, until) = (part(classes, hours, now), part(classes, hours, now + 1));
                let before = part(visits, hours, now).min(rank);
                assert_eq!((hour.before, hour.from), (before, from.min(classes - 1)), "{rank}");
                assert_eq!(hour.classes, (until - from).max(1));
            }
        }
    }

    #[test]
    fn teachers_are_dealt_in_proportion_and_none_is_left() {
        assert_eq!(deal(10, &[50, 30, 20]), [5, 3, 2]);
        assert_eq!(deal(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(deal(3, &[1000, 1, 1]), [1, 1, 1]);
        assert_eq!(deal(4, &[1000, 1, 1]), [2, 1, 1]);
        assert_eq!(deal(1, &[10, 1000]), [0, 1]);
        assert_eq!(deal(0, &[10, 1000]), [0, 0]);
        assert_eq!(deal(800_000, &[12_000_000]), [800_000]);
    }
}
