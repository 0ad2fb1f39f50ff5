//! Virtual classes: a pupil's time counts while the teacher is in, and books, shares and policies stay what they are.

mod common;

use common::{Story, add_policy, mean_error, options, play, text, watch};
use preau::engine::{Span, Time};
use preau::measure::{ClassCounts, Learning, Tally};
use preau::scenario::model::{Act, CohortId, Incident, IncidentKind, Level, Scenario, ServiceId, Stagger, Who};

const MINUTE: u128 = 60_000_000_000;

/// Pupils and teachers of one live service; what is written of each, and of the service.
fn school(service: &str, habits: &str, pupils: &str, teachers: &str) -> Scenario {
    text(&format!(
        r#"(
    clock: (start: "2021-04-06T07:00", end: "2021-04-06T23:00"),
    services: {{"live": ({service})}},
    habits: {{{habits}}},
    cohorts: {{
        "pupils": (level: lycee, teachers: "teachers", {pupils}),
        "teachers": (level: teacher, {teachers}),
    }},
)"#
    ))
}

const LIVE: &str = r#"session: (value: "50 %", live: true)"#;
const PUPIL: &str = r#"people: 1, arrivals: Crowd([(at: "08:00")]), duration: Deterministic("1 h")"#;

fn teacher(from: &str, length: &str) -> String {
    format!(
        r#"people: 1, arrivals: Crowd([(at: "08:00", spread: Deterministic("{from}"))]), duration: Deterministic("{length}")"#
    )
}

fn minutes(l: &Learning) -> (u128, u128, u128) {
    (l.obtained / MINUTE, l.fallback / MINUTE, l.lost / MINUTE)
}

fn pupils(s: &Scenario) -> Tally {
    play(s, &options(0, &[])).cohorts[0].clone()
}

#[test]
fn one_class_by_hand() {
    let s = school(LIVE, "", PUPIL, &teacher("10 min", "30 min"));
    let outcome = play(&s, &options(0, &[]));
    let [pupil, teacher] = &outcome.cohorts[..] else {
        panic!("two cohorts")
    };
    // In from 8:00 to 9:00, taught from 8:10 to 8:40, an hour here being worth half.
    assert_eq!(pupil.learning.obtained, 15 * MINUTE);
    assert_eq!(pupil.learning.lost, 45 * MINUTE);
    assert_eq!(teacher.learning.obtained, 15 * MINUTE);
    let counts = ClassCounts {
        planned: 1,
        opened: 1,
        opened_15min: 1,
        held: 1,
        visits: 1,
        attended: 1,
        attended_15min: 1,
    };
    assert_eq!((pupil.classes, outcome.services[0].classes), (counts, counts));
    assert_eq!(teacher.classes, ClassCounts::default());
}

#[test]
fn the_referee_counts_pages_while_the_teacher_is_in() {
    let s = school(LIVE, "", PUPIL, &teacher("10 min", "30 min"));
    let mut o = options(0, &[]);
    o.mode = preau::world::Mode::Events;
    let outcome = play(&s, &o);
    let fluid = play(&s, &options(0, &[]));
    for (a, b) in outcome.cohorts.iter().zip(&fluid.cohorts) {
        let (a, b) = (a.learning.obtained as f64, b.learning.obtained as f64);
        assert!((a - b).abs() < 1e3, "{a} {b}");
    }
    assert_eq!(outcome.cohorts[0].classes, fluid.cohorts[0].classes);
}

#[test]
fn who_is_late_or_alone_is_counted_so() {
    // The teacher comes 20 minutes after the pupil; an hour after, when nobody is there; never.
    let late = pupils(&school(LIVE, "", PUPIL, &teacher("20 min", "30 min")));
    assert_eq!((late.classes.attended, late.classes.attended_15min), (1, 0));
    assert_eq!((late.classes.opened_15min, minutes(&late.learning)), (1, (15, 0, 45)));
    let alone = pupils(&school(LIVE, "", PUPIL, &teacher("60 min", "30 min")));
    assert_eq!(
        (alone.classes.opened, alone.classes.held, alone.classes.attended),
        (1, 0, 0)
    );
    assert_eq!(minutes(&alone.learning), (0, 0, 60));
    let never = pupils(&school(
        LIVE,
        "",
        PUPIL,
        &format!("{}, connects: \"0 %\"", teacher("0 s", "1 h")),
    ));
    assert_eq!((never.classes.planned, never.classes.visits), (0, 1));
    assert_eq!(minutes(&never.learning), (0, 0, 60));
}

#[test]
fn pupils_leave_a_class_that_does_not_open() {
    let habits = r#""h": (giving_up: [(share: "100 %", then: Elsewhere(name: "paper", value: "20 %"))])"#;
    let pupil = format!("{PUPIL}, habit: \"h\", leaves_empty_class: \"10 min\"");
    // Open within 10 minutes: they stay. Later: they have gone, and 50 minutes are worth 10 on paper.
    let stays = pupils(&school(LIVE, habits, &pupil, &teacher("5 min", "30 min")));
    assert_eq!(minutes(&stays.learning), (15, 0, 45));
    let goes = pupils(&school(LIVE, habits, &pupil, &teacher("15 min", "30 min")));
    assert_eq!(minutes(&goes.learning), (0, 10, 50));
    assert_eq!((goes.gave_up, goes.classes.held), (1, 0));
    // The teacher was in when the pupil came, and leaves: the pupil stays.
    let pupil = pupil.replace("at: \"08:00\"", "at: \"08:00\", spread: Deterministic(\"1 min\")");
    let left = pupils(&school(LIVE, habits, &pupil, &teacher("0 s", "3 min")));
    assert_eq!((minutes(&left.learning), left.gave_up), ((1, 0, 59), 0));
}

#[test]
fn a_class_goes_on_when_its_teacher_comes_back() {
    // Sessions die after 20 minutes: both are put out and back at once, three times.
    let service = r#"quota: (max_sessions: 10, seat: Fixed(length: "20 min")), session: (live: true)"#;
    let s = school(service, "", PUPIL, &teacher("10 min", "30 min"));
    let outcome = play(&s, &options(0, &[]));
    assert_eq!(minutes(&outcome.cohorts[0].learning), (30, 0, 30));
    assert_eq!(
        (outcome.cohorts[0].classes.opened, outcome.cohorts[0].classes.attended),
        (1, 1)
    );
    assert_eq!(outcome.cohorts[1].cut, 1);
}

#[test]
fn a_visit_owed_keeps_its_class() {
    let waves = r#"arrivals: Crowd([(at: "08:00"), (at: "09:00")]), duration: Deterministic("90 min")"#;
    let people = format!("people: 70, {waves}");
    let tally = pupils(&school(r#"session: (live: true)"#, "", &people, &people));
    // The second lesson begins at 9:30 for pupils and teachers alike: with its own class it is whole.
    assert_eq!((tally.visits, tally.classes.attended), (140, 140));
    assert_eq!(minutes(&tally.learning), (140 * 90, 0, 0));
}

/// Quality of a service of `cores` without logins, from its sessions.
fn quality(sessions: f64, cores: f64, think: f64, work: f64, good: f64, bad: f64) -> f64 {
    let asked = sessions * work / (think + work);
    let speed = if asked <= cores {
        1.0
    } else {
        cores * work / (sessions * work - cores * think)
    };
    ((bad - work / speed) / (bad - good)).clamp(0.0, 1.0)
}

/// `(from, until)` of every session of a cohort, s.
fn sessions(story: &Story, cohort: u16) -> Vec<(f64, f64)> {
    let of = |begins| {
        let told = story
            .sessions
            .iter()
            .filter(move |(d, b)| *b == begins && d.cohort == CohortId(cohort));
        told.map(|(d, _)| (d.person, d.at.as_secs())).collect::<Vec<_>>()
    };
    let mut ends = of(false);
    let pair = |(who, from): (u32, f64)| {
        let i = ends
            .iter()
            .position(|(p, until)| *p == who && *until >= from)
            .expect("ends");
        (from, ends.remove(i).1)
    };
    of(true).into_iter().map(pair).collect()
}

#[test]
fn the_integral_is_the_sum_over_all_events() {
    let service = r#"station: (cores: 2, work: Deterministic("0 s")),
        quota: (max_sessions: 1000, seat: Fixed(length: "25 min")),
        session: (think: "30 s", page_work: "5 s", latency_good: "6 s", latency_bad: "40 s", live: true)"#;
    let pupils = r#"people: 40, arrivals: Crowd([(at: "08:00", spread: Uniform(high: "30 min"))]),
        duration: Exponential(mean: "40 min")"#;
    let s = school(service, "", pupils, &teacher("9 min", "60 min"));
    let (outcome, story) = watch(&s, &options(0, &[]));
    let (theirs, taught) = (sessions(&story, 0), sessions(&story, 1));
    assert!(
        taught.len() == 3 && theirs.len() > 60,
        "{} {}",
        taught.len(),
        theirs.len()
    );
    let all: Vec<_> = theirs.iter().chain(&taught).copied().collect();
    let mut instants: Vec<f64> = all.iter().flat_map(|(a, b)| [*a, *b]).collect();
    instants.sort_by(f64::total_cmp);
    let (mut learnt, mut worst) = (0.0, 1.0_f64);
    for piece in instants.windows(2) {
        let middle = f64::midpoint(piece[0], piece[1]);
        let inside = |list: &[(f64, f64)]| list.iter().filter(|(a, b)| (*a..*b).contains(&middle)).count() as f64;
        let q = quality(inside(&all), 2.0, 30.0, 5.0, 6.0, 40.0);
        worst = worst.min(q);
        learnt += inside(&theirs) * inside(&taught) * q * (piece[1] - piece[0]);
    }
    let booked = outcome.cohorts[0].learning.obtained as f64 / 1e9;
    assert!(worst < 0.8 && learnt > 10_000.0, "{worst} {learnt}");
    assert!((booked - learnt).abs() < 1e-3, "{booked} is not {learnt}");
}

#[test]
fn the_live_mark_changes_what_is_learnt_and_nothing_else() {
    let service = |live: &str| {
        format!(
            r#"station: (cores: 3, threads: 5, backlog: 5, work: Exponential(mean: "2 s")),
        quota: (max_sessions: 300, order: Reject), session: (page_work: "0.3 s", latency_good: "1 s", latency_bad: "3 s", live: {live})"#
        )
    };
    let habits = r#""h": (retries: [(share: "100 %", delay: Exponential(mean: "1 min"))], patience: Exponential(mean: "20 min"))"#;
    let crowd = |n: u32| {
        format!(
            r#"people: {n}, habit: "h", arrivals: Crowd([(share: "90 %", at: "08:00", spread: Normal(sd: "5 min")), (share: "40 %", at: "08:20")]), duration: Lognormal(mean: "30 min", cv: 0.8)"#
        )
    };
    let run = |live| {
        play(
            &school(&service(live), habits, &crowd(900), &crowd(60)),
            &options(0, &[]),
        )
    };
    let (alone, live) = (run("false"), run("true"));
    assert_eq!(alone.fingerprint, live.fingerprint);
    assert_eq!(alone.cohorts[1].learning, live.cohorts[1].learning);
    let [a, b] = [&alone, &live].map(|o| o.cohorts[0].clone());
    assert_eq!(
        (a.knocks, a.refused, a.learning.wanted, a.gave_up),
        (b.knocks, b.refused, b.learning.wanted, b.gave_up)
    );
    assert!(b.learning.obtained < a.learning.obtained && b.learning.obtained > 0);
    assert_eq!((a.classes, b.classes.planned), (ClassCounts::default(), 78));
    assert!(b.classes.held > 40 && b.classes.attended > 300, "{:?}", b.classes);
}

#[test]
fn the_time_together_is_what_chance_says() {
    let (pupil_spread, pupil_stay, teacher_spread, teacher_stay) = (20.0, 30.0, 10.0, 40.0);
    let crowd = |n: u32, spread: f64, stay: f64| {
        format!(
            r#"people: {n}, arrivals: Crowd([(at: "08:00", spread: Uniform(high: "{spread} min"))]), duration: Exponential(mean: "{stay} min")"#
        )
    };
    let s = school(
        r#"session: (live: true)"#,
        "",
        &crowd(3000, pupil_spread, pupil_stay),
        &crowd(300, teacher_spread, teacher_stay),
    );
    // In at t: came a while ago, evenly over the spread, and stays on with the exponential law.
    let inside = |t: f64, spread: f64, stay: f64| {
        let came = t.min(spread);
        stay / spread * ((-(t - came) / stay).exp() - (-t / stay).exp())
    };
    let step = 0.01;
    let together: f64 = (0..200_000)
        .map(|i| (f64::from(i) + 0.5) * step)
        .map(|t| inside(t, pupil_spread, pupil_stay) * inside(t, teacher_spread, teacher_stay) * step)
        .sum();
    let runs: Vec<f64> = (0..40)
        .map(|r| play(&s, &options(r, &[])).cohorts[0].learning.obtained as f64 / MINUTE as f64 / 3000.0)
        .collect();
    let (mean, error) = mean_error(&runs);
    assert!(
        ((mean - together) / error).abs() < 4.0,
        "{mean} ± {error} is not {together}"
    );
    assert!(error < 0.1);
}

/// Two cohorts of pupils, one of teachers, an ENT and a live service.
fn two_levels() -> Scenario {
    text(
        r#"(
    clock: (start: "2021-04-06T07:00", end: "2021-04-06T23:00"),
    services: {"ent": (session: ()), "live": (session: (live: true))},
    routes: {"ent": (steps: ["ent"]), "live": (steps: ["live"])},
    timetables: {"school": [(share: "100 %", at: "08:00", spread: Uniform(high: "10 min"))]},
    cohorts: {
        "college": (level: college, people: 3000, teachers: "teachers", routes: [(share: "80 %", route: "ent"), (share: "20 %", route: "live")], arrivals: Timetable("school"), duration: Deterministic("1 h")),
        "lycee": (level: lycee, people: 1000, teachers: "teachers", routes: [(share: "40 %", route: "ent"), (share: "60 %", route: "live")], arrivals: Timetable("school"), duration: Deterministic("1 h")),
        "teachers": (level: teacher, people: 400, routes: [(share: "100 %", route: "ent")], arrivals: Timetable("school"), duration: Deterministic("1 h")),
    },
)"#,
    )
}

#[test]
fn a_class_meets_at_one_place_and_shares_stay_what_the_routes_say() {
    let s = two_levels();
    let runs: Vec<_> = (0..50).map(|r| play(&s, &options(r, &[]))).collect();
    for (cohort, classes, share) in [(0, 300.0, 0.2), (1, 100.0, 0.6)] {
        for run in &runs {
            let c = run.cohorts[cohort].classes;
            // Ten pupils to a teacher, all in one place, each class with its teacher.
            assert_eq!((c.visits, c.opened, c.held), (10 * c.planned, c.planned, c.planned));
            assert_eq!(c.attended, c.visits);
        }
        let planned: Vec<f64> = runs.iter().map(|r| r.cohorts[cohort].classes.planned as f64).collect();
        let (mean, error) = mean_error(&planned);
        assert!(((mean - classes * share) / error).abs() < 4.0, "{mean} ± {error}");
    }
    // At the ENT nobody needs a teacher.
    assert_eq!(minutes(&runs[0].services[0].learning).2, 0);
}

#[test]
fn staggers_move_a_class_with_its_teacher() {
    let s = two_levels();
    let base = play(&s, &options(0, &[]));
    for how in [
        Stagger::Slots {
            slots: 4,
            step: Span::from_secs(1800.0),
        },
        Stagger::Spread(Span::from_secs(7200.0)),
        Stagger::Shift(Span::from_secs(3600.0)),
    ] {
        let mut staggered = s.clone();
        let who = Who {
            regions: vec![],
            levels: vec![Level::Lycee],
        };
        let policy = add_policy(&mut staggered, vec![(Time::ZERO, Act::Stagger { who, how })]);
        let outcome = play(&staggered, &options(0, &[policy]));
        assert_eq!(base.cohorts[0].classes, outcome.cohorts[0].classes);
        assert_eq!(base.cohorts[0].learning, outcome.cohorts[0].learning);
        let [before, after] = [&base, &outcome].map(|o| o.cohorts[1].classes);
        assert_eq!(
            (before.planned, before.visits, before.attended),
            (after.planned, after.visits, after.attended)
        );
        // Together as long as before: only when has changed.
        let [before, after] = [&base, &outcome].map(|o| o.cohorts[1].learning.obtained as f64);
        assert!((before - after).abs() < 1e3, "{before} {after}");
    }
}

#[test]
fn visits_of_a_surge_have_no_class_and_learn_alone() {
    let mut s = school(
        r#"session: (live: true)"#,
        "",
        PUPIL,
        &format!("{}, connects: \"0 %\"", teacher("0 s", "1 h")),
    );
    s.incidents.push(Incident {
        key: "more".into(),
        name: String::new(),
        on: true,
        kind: IncidentKind::Surge {
            cohorts: vec![CohortId(0)],
            share: 1.0,
        },
        waves: vec![(Time::from_secs(10.0 * 3600.0), Time::from_secs(11.0 * 3600.0))],
        defence: None,
    });
    let tally = pupils(&s);
    assert_eq!(
        (tally.visits, tally.classes.visits, minutes(&tally.learning)),
        (2, 1, (60, 0, 60))
    );
}

#[test]
fn days_count_their_classes() {
    let s = text(
        r#"(
    clock: (start: "2021-04-06T04:00", end: "2021-04-09T04:00"),
    calendar: [(from: "2021-04-06", until: "2021-04-08")],
    services: {"live": (session: (live: true))},
    timetables: {"school": [(share: "50 %", at: "08:00"), (share: "50 %", at: "10:00")]},
    cohorts: {
        "pupils": (people: 500, teachers: "teachers", arrivals: Timetable("school"), duration: Deterministic("1 h")),
        "teachers": (people: 20, arrivals: Timetable("school"), duration: Deterministic("1 h")),
    },
)"#,
    );
    let outcome = play(&s, &options(0, &[]));
    let kpi = preau::measure::DAY_KPIS
        .iter()
        .find(|k| k.name == "classes_opened")
        .expect("a KPI");
    let days = preau::measure::days(&s.clock);
    for scope in [
        preau::measure::kpi::Scope::Total,
        preau::measure::kpi::Scope::Service(ServiceId(0)),
    ] {
        let of = |(n, day)| kpi.of(&preau::measure::DayView::new(&s, &outcome, scope, n, day));
        let counts: Vec<_> = days.iter().enumerate().map(of).collect();
        assert_eq!(counts, [Some(20.0), Some(20.0), Some(20.0)]);
    }
}

#[test]
fn a_country_with_everything_in_it_balances() {
    // Gates of all orders, floods, an outage, fallbacks to other doors and to later, shared devices: `run` fails when books
    // do not balance.
    let mut s = common::model_with(
        "small",
        &[
            "services.cned.session.live=true",
            "services.class.session.live=true",
            "services.mail.session.live=true",
            "cohorts.idf-primary.teachers=idf-teacher",
            "cohorts.idf-primary.leaves_empty_class=5 min",
            "cohorts.idf-college.teachers=idf-teacher",
            "cohorts.idf-college.leaves_empty_class=8 min",
            "cohorts.idf-college.shares_device=(with: \"idf-primary\", share: \"40 %\")",
            "cohorts.idf-lycee.teachers=idf-teacher",
            "cohorts.idf-lycee.routes=[(share: \"50 %\", route: \"ent-idf\"), (share: \"30 %\", route: \"mail\"), (share: \"20 %\", route: \"cned\")]",
            "cohorts.idf-lycee.shares_device=(with: \"idf-lycee\", share: \"60 %\")",
            "cohorts.reu-college.teachers=reu-teacher",
        ],
    );
    s.incidents.push(Incident {
        key: "outage".into(),
        name: String::new(),
        on: true,
        kind: IncidentKind::ServiceOutage {
            service: common::service(&s, "mail"),
        },
        waves: vec![(Time::from_secs(3.2 * 3600.0), Time::from_secs(3.4 * 3600.0))],
        defence: None,
    });
    let all: Vec<_> = ["quota", "smoothing", "capacity", "defence"]
        .map(|key| common::policy(&s, key))
        .to_vec();
    let mut seen = ClassCounts::default();
    let mut waits = 0;
    for replication in 0..6 {
        for policies in [&all[..0], &all[..1], &all[1..2], &all[..]] {
            for orbit in [preau::world::Orbit::Auto, preau::world::Orbit::Events] {
                let mut o = options(replication, policies);
                o.orbit = orbit;
                let outcome = play(&s, &o);
                for c in &outcome.cohorts {
                    seen.planned += c.classes.planned;
                    seen.held += c.classes.held;
                    seen.attended += c.classes.attended;
                    waits += c.device_waits;
                }
                assert_eq!(outcome.fingerprint, play(&s, &o).fingerprint);
            }
        }
    }
    assert!(
        seen.held > 500 && seen.planned > seen.held && seen.attended > seen.held && waits > 1000,
        "{seen:?} {waits}"
    );
}
