//! Small models with classes, shared devices and two school days, with habits, incidents and levers nobody would choose.

use crate::dice::Dice;
use crate::forms::Case;
use crate::with_all_levers;
use preau::engine::{Distribution, Span, Time};
use preau::measure::days;
use preau::scenario::model::*;

/// The teachers of the small country, and whom they teach.
const TAUGHT: [(usize, &[usize]); 2] = [(3, &[0, 1, 2]), (6, &[4, 5])];

/// Of two days, the second begins so long after the first.
const NEXT_DAY: Span = Span(4 * 3_600_000_000_000);

fn spread(d: &mut Dice) -> Distribution {
    match d.below(4) {
        0 => Distribution::Deterministic { value: 0.0 },
        1 => Distribution::Uniform {
            low: -600.0,
            high: d.between(0.0, 6000.0),
        },
        _ => Distribution::Normal {
            mean: d.between(-300.0, 300.0),
            sd: d.between(10.0, 1800.0),
        },
    }
}

/// The lessons of a region: pupils and teachers come at the same hours, each in their own way.
fn lessons(d: &mut Dice, s: &mut Scenario, cohorts: &[usize], days: u32) {
    let Source::Crowd(first) = s.cohorts[cohorts[0]].source.clone() else {
        unreachable!("people of schools come in waves")
    };
    for c in cohorts {
        let mut waves = first.clone();
        waves.iter_mut().for_each(|w| w.spread = spread(d));
        let mut next = waves.clone();
        for w in &mut next {
            w.day = 1;
            w.at += NEXT_DAY;
        }
        waves.extend(next.into_iter().take(if days > 1 { 3 } else { 0 }));
        s.cohorts[*c].source = Source::Crowd(waves);
    }
}

/// A morning, or two in one, of pupils and teachers. The day of the books turns in its middle.
pub fn school(seed: u64) -> Case {
    let (mut s, options) = with_all_levers(seed);
    let d = &mut Dice::new(!seed, 1000);
    s.cohorts[0].source = s.cohorts[1].source.clone();
    let days = 1 + d.below(2) as u32;
    let hour = 22 + d.below(2) as i8;
    s.clock.start = s.clock.start.with().hour(hour).build().expect("an hour");
    s.clock.end += Span(NEXT_DAY.0 * u64::from(days - 1));
    for service in &mut s.services {
        let live = d.chance(0.6);
        service.session.iter_mut().for_each(|session| session.live = live);
    }
    for habit in &mut s.habits {
        habit.learns = if d.chance(0.5) { d.next() } else { 0.0 };
    }
    for (teachers, pupils) in TAUGHT {
        let all: Vec<usize> = pupils.iter().copied().chain([teachers]).collect();
        lessons(d, &mut s, &all, days);
        let home = s.cohorts[pupils[0]].routes[0].1;
        let mail = s.cohorts[6].routes[1].1;
        for c in pupils {
            let (share, cohort) = (d.next(), &mut s.cohorts[*c]);
            cohort.teachers = Some(CohortId(teachers as u16));
            cohort.leaves_empty_class = d.maybe(0.5, |d| Span::from_secs(d.between(1.0, 1800.0)));
            cohort.routes = vec![(share, home), (1.0 - share, mail)];
        }
    }
    for (one, other) in [(0, 1), (2, 2), (5, 4)] {
        let share = d.next();
        let with = CohortId(other);
        s.cohorts[one].device = d.maybe(0.5, |_| SharedDevice { with, share });
    }
    (s, options)
}

/// Those who have teachers.
fn pupils(s: &mut Scenario) -> impl Iterator<Item = &mut Cohort> {
    s.cohorts.iter_mut().filter(|c| c.teachers.is_some())
}

pub fn nobody_leaves_an_empty_class(s: &mut Scenario) -> bool {
    pupils(s).for_each(|c| c.leaves_empty_class = None);
    true
}

/// Patience with an empty class that does not end.
pub fn patient_with_empty_classes(s: &mut Scenario) -> bool {
    pupils(s).for_each(|c| c.leaves_empty_class = Some(Span::from_secs(1e6)));
    true
}

fn nothing_is_live(s: &mut Scenario) {
    s.services
        .iter_mut()
        .flat_map(|x| &mut x.session)
        .for_each(|session| session.live = false);
}

/// Nobody needs a teacher.
pub fn alone(s: &mut Scenario) -> bool {
    nothing_is_live(s);
    true
}

/// Everybody of a cohort goes one way, nobody comes later by a lever or learns: of classes nothing is seen.
pub fn classes_unseen(s: &mut Scenario) -> bool {
    nobody_leaves_an_empty_class(s);
    nothing_is_live(s);
    s.habits.iter_mut().for_each(|h| h.learns = 0.0);
    for c in &mut s.cohorts {
        c.routes.truncate(1);
        c.routes[0].0 = 1.0;
    }
    for (teachers, pupils) in TAUGHT {
        s.cohorts[teachers].routes = s.cohorts[pupils[0]].routes.clone();
    }
    !format!("{:?}{:?}", s.policies, s.incidents).contains("Stagger")
}

pub fn no_classes(s: &mut Scenario) -> bool {
    s.cohorts.iter_mut().for_each(|c| c.teachers = None);
    true
}

pub fn no_devices(s: &mut Scenario) -> bool {
    s.cohorts.iter_mut().for_each(|c| c.device = None);
    true
}

/// Everybody shares a device with somebody who never comes.
pub fn sisters_who_never_come(s: &mut Scenario) -> bool {
    let with = CohortId(s.cohorts.len() as u16);
    let mut sisters = s.cohorts[0].clone();
    sisters.key = "sisters".into();
    (sisters.people, sisters.connects, sisters.teachers) = (100_000, 1.0, None);
    (sisters.source, sisters.region) = (Source::Crowd(Vec::new()), None);
    for c in &mut s.cohorts {
        let crowd = matches!(c.source, Source::Crowd(_));
        c.device = crowd.then_some(SharedDevice { with, share: 1.0 });
    }
    s.cohorts.push(sisters);
    true
}

/// All children of one cohort share with those of another, as far as there are any.
pub fn all_share(s: &mut Scenario) -> bool {
    no_devices(s);
    for (one, with) in [(0, 1), (5, 4)] {
        s.cohorts[one].device = Some(SharedDevice {
            with: CohortId(with),
            share: 1.0,
        });
    }
    true
}

/// The device is written at the other child.
pub fn the_other_shares(s: &mut Scenario) -> bool {
    for (one, other) in [(0, 1), (5, 4)] {
        s.cohorts[one].device = None;
        s.cohorts[other].device = Some(SharedDevice {
            with: CohortId(one as u16),
            share: 1.0,
        });
    }
    true
}

/// All visits are lessons of one school day, and over before the next begins.
pub fn one_day(s: &mut Scenario) -> bool {
    s.clock.start = s.clock.start.with().hour(5).build().expect("an hour");
    if days(&s.clock).len() > 1 {
        return false;
    }
    s.habits.iter_mut().for_each(|h| h.learns = 1.0);
    let lasts = |c: &Cohort| matches!(&c.source, Source::Crowd(waves) if waves.iter().all(|w| w.day == 0));
    !format!("{:?}", s.incidents).contains("Surge") && s.cohorts.iter().all(lasts)
}

pub fn nobody_learns(s: &mut Scenario) -> bool {
    s.habits.iter_mut().for_each(|h| h.learns = 0.0);
    true
}

/// Whoever is drawn a slot is drawn another by a stagger after the first.
pub fn nothing_staggers(s: &mut Scenario) -> bool {
    !words(s).contains("Stagger")
}

/// Levers that bring everybody when they would have come anyhow.
pub fn staggers_by_nothing(s: &mut Scenario) -> bool {
    let Some(policy) = s.policies.last_mut() else {
        return false;
    };
    let step = Span::from_secs(900.0);
    let staggers = [
        Stagger::Shift(Span::ZERO),
        Stagger::Spread(Span::ZERO),
        Stagger::Slots { slots: 1, step },
        Stagger::Grid(Vec::new()),
    ];
    let who = Who::default();
    let acts = staggers.map(|how| (Time::ZERO, Act::Stagger { who: who.clone(), how }));
    policy.acts.splice(0..0, acts);
    true
}

/// Lessons to which nobody comes, at the hours of others and at hours of their own.
pub fn lessons_for_nobody(s: &mut Scenario) -> bool {
    for c in &mut s.cohorts {
        let Source::Crowd(waves) = &mut c.source else { continue };
        let mut empty = waves.clone();
        for (k, w) in empty.iter_mut().enumerate() {
            w.day = waves.last().map_or(0, |last| last.day);
            w.share = 0.0;
            w.at += Span::from_secs(600.0 * (k % 2) as f64);
        }
        waves.extend(empty);
    }
    true
}

fn words(s: &Scenario) -> String {
    format!("{:?}{:?}", s.policies, s.incidents)
}

fn waves(s: &mut Scenario) -> impl Iterator<Item = &mut Vec<Wave>> {
    s.cohorts.iter_mut().filter_map(|c| match &mut c.source {
        Source::Crowd(waves) => Some(waves),
        _ => None,
    })
}

/// All pupils come ten minutes later, as they are told, and so their teachers.
pub fn pupils_told_to_come_later(s: &mut Scenario) -> bool {
    let easy = !words(s).contains("Stagger") && !words(s).contains("Surge");
    let who = Who {
        regions: Vec::new(),
        levels: vec![Level::Primary, Level::College, Level::Lycee],
    };
    let how = Stagger::Shift(Span::from_secs(600.0));
    // Whoever would have come before the run begins comes as it does: nobody here.
    waves(s).flatten().for_each(|w| w.at += Span::from_secs(7200.0));
    let policy = s.policies.last_mut().expect("it was added");
    policy.acts.insert(0, (Time::ZERO, Act::Stagger { who, how }));
    easy
}

pub fn lessons_later(s: &mut Scenario) -> bool {
    waves(s).flatten().for_each(|w| w.at += Span::from_secs(600.0));
    let policy = s.policies.last_mut().expect("it was added");
    policy.acts.remove(0);
    true
}

/// Teachers for many more classes than there are cohorts and hours, and no brothers or sisters. Of those who come at the same instant
/// the first cohort's are first.
pub fn many_teachers(s: &mut Scenario) -> bool {
    no_devices(s);
    for (teachers, _) in TAUGHT {
        s.cohorts[teachers].people *= 4;
    }
    not_at_once(s)
}

const A_DAY: Span = Span(24 * 3_600_000_000_000);

/// A second day that is another day, and between them a night in which nothing happens.
pub fn the_day_after(s: &mut Scenario) -> bool {
    let two = waves(s).any(|waves| waves.iter().any(|w| w.day > 0));
    s.clock.start = s.clock.start.with().hour(5).build().expect("an hour");
    s.clock.end += Span(A_DAY.0 - NEXT_DAY.0);
    let second = waves(s).flatten().filter(|w| w.day > 0);
    second.for_each(|w| w.at += Span(A_DAY.0 - NEXT_DAY.0));
    let watching = ["Autoscale", "PreWarm", "Failover", "Triggered", "ShedByLoad", "Limit"];
    for h in &mut s.habits {
        h.patience.get_or_insert(Distribution::Exponential { mean: 3600.0 });
        h.learns = 1.0;
    }
    two && crate::rewrites::no_clocks(s) && !watching.iter().any(|word| words(s).contains(word))
}

pub fn a_free_day_between(s: &mut Scenario) -> bool {
    s.clock.end += A_DAY;
    waves(s).flatten().filter(|w| w.day > 0).for_each(|w| w.at += A_DAY);
    true
}

/// Pages weigh nothing, and nobody but people comes.
pub fn light_pages(s: &mut Scenario) -> bool {
    s.hosts.iter_mut().for_each(|h| h.uplink = f64::INFINITY);
    s.habits.iter_mut().for_each(|h| h.tabs = 1.0);
    let sessions = s.services.iter_mut().filter_map(|service| service.session.as_mut());
    sessions.for_each(|session| session.page_work = 0.0);
    for q in crate::gates::gates(s) {
        (q.page_work, q.capacity) = (0.0, None);
    }
    !["Flood", "Degrade", "on: [("]
        .iter()
        .any(|word| words(s).contains(word))
}

/// Two cohorts of pupils for one, with the same teachers.
pub fn pupils_in_two(s: &mut Scenario) -> bool {
    let n = s.cohorts.len();
    for c in 0..n {
        let one = &mut s.cohorts[c];
        if one.teachers.is_none() {
            continue;
        }
        let mut two = one.clone();
        two.key.push_str("-too");
        two.people /= 2;
        one.people -= two.people;
        let also = CohortId(s.cohorts.len() as u16);
        s.cohorts.push(two);
        for i in &mut s.incidents {
            if let IncidentKind::Surge { cohorts, .. } = &mut i.kind {
                cohorts.push(also);
            }
        }
    }
    true
}

/// Nobody comes at the very instant of somebody else, when the order in which cohorts are written decides.
pub fn not_at_once(s: &mut Scenario) -> bool {
    for w in waves(s).flatten() {
        if matches!(w.spread, Distribution::Deterministic { .. }) {
            w.spread = Distribution::Uniform { low: 0.0, high: 300.0 };
        }
    }
    crate::rewrites::nobody_is_thrown_out(s)
}
