//! A programme instead of a lesson: who finds it on the air, and what is booked.

mod common;

use common::{options, play, text};
use preau::measure::Outcome;
use preau::scenario::model::Scenario;

/// Nanoseconds of an hour.
const HOUR: u128 = 3_600_000_000_000;

/// A door that nobody passes. A hundred pupils of a level knock there at an hour, have enough of it after ten minutes and
/// turn to a programme for primary pupils from 09:00 to 12:00 and collégiens from 13:30 to 16:00, half as good as school.
fn turned_away(level: &str, at: &str) -> Scenario {
    text(&format!(
        r#"(
    clock: (start: "2021-04-06T06:00", end: "2021-04-06T20:00"),
    services: {{
        "ent": (station: (cores: 10, work: Deterministic("10 ms")), quota: (max_sessions: 0)),
        "tv": (
            fallback: true, session: (value: "50 %"),
            grid: [(who: (levels: [primary]), from: "09:00", until: "12:00"), (who: (levels: [college]), from: "13:30", until: "16:00")],
        ),
    }},
    routes: {{"ent": (steps: ["ent"]), "tv": (steps: ["tv"])}},
    habits: {{"pupil": (
        retries: [(share: "100 %", delay: Deterministic("1 min"))], patience: Deterministic("10 min"),
        giving_up: [(share: "100 %", then: Route("tv"))],
    )}},
    cohorts: {{"pupils": (
        level: {level}, people: 100, habit: "pupil", routes: [(share: "100 %", route: "ent")],
        arrivals: Crowd([(at: "{at}")]), duration: Deterministic("1 h"),
    )}},
)"#
    ))
}

/// Logins at the programme, and hours: in school, elsewhere, lost.
fn booked(outcome: &Outcome) -> (u64, u128, u128, u128) {
    let pupils = &outcome.cohorts[0];
    let l = &pupils.learning;
    assert_eq!(
        (l.obtained + l.fallback + l.lost) / HOUR,
        100,
        "what was wanted is all booked"
    );
    let tv = &outcome.services[1];
    (tv.logins, l.obtained / HOUR, l.fallback / HOUR, l.lost / HOUR)
}

#[test]
fn a_programme_serves_its_levels_in_its_hours() {
    let of = |level: &str, at: &str| booked(&play(&turned_away(level, at), &options(0, &[])));
    // Half of each hour there counts, as time elsewhere.
    assert_eq!(of("primary", "10:00"), (100, 0, 50, 50));
    assert_eq!(of("college", "14:00"), (100, 0, 50, 50));
    // Not their hour, or nothing on the air: all is lost.
    assert_eq!(of("college", "10:00"), (0, 0, 0, 100));
    assert_eq!(of("primary", "14:00"), (0, 0, 0, 100));
    assert_eq!(of("lycee", "10:00"), (0, 0, 0, 100));
    // They give up at 08:50 and 11:50: only the second find it on.
    assert_eq!(of("primary", "08:40").0, 0);
    assert_eq!(of("primary", "11:40").0, 100);
    assert_eq!(of("primary", "11:55").0, 0);
}

#[test]
fn who_watches_a_programme_is_not_connected() {
    let outcome = play(&turned_away("primary", "10:00"), &options(0, &[]));
    let pupils = &outcome.cohorts[0];
    assert_eq!(pupils.people_connected, 0);
    assert_eq!(pupils.visits, 100);
}

#[test]
fn an_incident_that_is_off_changes_nothing_until_it_is_switched_on() {
    let with = |on: &str| {
        text(&format!(
            r#"(
    clock: (start: "2021-04-06T06:00", end: "2021-04-06T12:00"),
    services: {{"ent": (station: (cores: 10, work: Exponential(mean: "1 s")))}},
    cohorts: {{"all": (arrivals: Poisson(rate: "5 /s"))}},
    incidents: {{
        "calm": (kind: Slowdown(service: "ent", factor: 0.9), waves: [("07:00", "07:10")]),
        {on}
    }},
)"#
        ))
    };
    let outage = r#"kind: ServiceOutage(service: "ent"), waves: [("08:00", "09:00")]"#;
    let print = |on: &str| play(&with(on), &options(0, &[])).fingerprint;
    let without = print("");
    assert_eq!(print(&format!(r#""fire": (on: false, {outage}),"#)), without);
    assert_ne!(print(&format!(r#""fire": (on: true, {outage}),"#)), without);
}

#[test]
fn what_others_do_changes_nobodys_way_at_a_fork() {
    let scenario = common::text(
        r#"(
    name: "fork", clock: (end: "2 h"),
    services: {"p": (station: (cores: 100, work: Deterministic("1 s"))), "a": (station: ()), "b": (station: ())},
    routes: {"r": (start: "p", onward: {"p": [("a", "30 %"), ("b", "70 %")]})},
    cohorts: {
        "x": (level: lycee, people: 400, arrivals: Crowd([(share: "100 %", at: "10 min")])),
        "y": (level: college, people: 400, arrivals: Crowd([(share: "100 %", at: "10 min")])),
    },
    policies: {"later": (acts: [(act: Stagger(who: (levels: [college]), how: Shift("30 min")))])},
)"#,
    );
    let way = |policies: &[preau::scenario::model::PolicyId]| {
        let (_, story) = common::watch(&scenario, &common::options(0, policies));
        let x = common::cohort(&scenario, "x");
        let mut way: Vec<(u32, u16)> = story
            .starts
            .iter()
            .map(|(deed, _)| deed)
            .filter(|deed| deed.cohort == x)
            .map(|deed| (deed.person, deed.service.0))
            .collect();
        way.sort_unstable();
        way
    };
    let here = way(&[]);
    assert_eq!(here, way(&[common::policy(&scenario, "later")]));
    // Two logins each; to `a` go 120 of 400, standard deviation 9.2.
    let a = common::service(&scenario, "a").0;
    let to_a = here.iter().filter(|(_, service)| *service == a).count() as f64;
    assert_eq!(here.len(), 800);
    assert!((to_a - 120.0).abs() < 4.0 * 9.2, "{to_a}");
}

#[test]
fn a_country_has_people_without_a_region() {
    use preau::measure::kpi::{Scope, View};
    let scenario = common::text(
        r#"(
    name: "nowhere", clock: (end: "3 h", bin: "5 min"),
    regions: {"idf": ()},
    services: {"s": (region: "idf", station: (cores: 100, threads: 1, backlog: 0, work: Deterministic("1 s")))},
    cohorts: {
        "c": (people: 1000, arrivals: Crowd([(share: "100 %", at: "31 min")])),
        "d": (region: "idf", people: 100, arrivals: Crowd([(share: "100 %", at: "62 min")])),
    },
)"#,
    );
    let outcome = common::play(&scenario, &common::options(0, &[]));
    let first = |scope| {
        View::new(&scenario, &outcome, scope)
            .degradation()
            .unwrap()
            .first
            .unwrap()
    };
    let all = [Scope::Total, Scope::Region(preau::scenario::model::RegionId(0))].map(first);
    assert_eq!(all, [30.0 * 60.0, 60.0 * 60.0]);
}
