//! Shared devices: one visit at a time, in the order of the calls, and no hour is lost by waiting for one's turn.

mod common;

use common::{mean_error, options, play, text, watch};
use preau::measure::Outcome;
use preau::scenario::model::{CohortId, Scenario};

const MINUTE: u128 = 60_000_000_000;

/// An elder and a younger one, with what is written of each.
fn family(habits: &str, elder: &str, younger: &str) -> Scenario {
    text(&format!(
        r#"(
    clock: (start: "2021-04-06T07:00", end: "2021-04-07T07:00"),
    services: {{"ent": (station: (), session: ())}},
    habits: {{{habits}}},
    cohorts: {{
        "elder": (shares_device: (with: "younger", share: "100 %"), {elder}),
        "younger": ({younger}),
    }},
)"#
    ))
}

fn visit(at: &str, length: &str) -> String {
    format!(r#"people: 1, arrivals: Crowd([(at: "{at}")]), duration: Deterministic("{length}")"#)
}

/// `(cohort, minutes since 7:00)` of each visit begun.
fn begun(s: &Scenario) -> (Outcome, Vec<(u16, f64)>) {
    let (outcome, story) = watch(s, &options(0, &[]));
    let visits = story
        .visits
        .iter()
        .map(|(at, CohortId(c), _)| (*c, at.as_secs() / 60.0));
    let visits = visits.collect();
    (outcome, visits)
}

#[test]
fn one_waits_until_the_other_is_done() {
    let s = family("", &visit("08:00", "60 min"), &visit("08:30", "30 min"));
    let (outcome, visits) = begun(&s);
    assert_eq!(visits, [(0, 60.0), (1, 120.0)]);
    let [elder, younger] = &outcome.cohorts[..] else {
        panic!("two cohorts")
    };
    assert_eq!(
        (elder.device_waits, younger.device_waits, younger.device_waited),
        (0, 1, 30 * MINUTE)
    );
    assert_eq!(
        (elder.learning.obtained, younger.learning.obtained),
        (60 * MINUTE, 30 * MINUTE)
    );
    // Waiting for the device is not waiting at the door.
    assert_eq!(younger.connected_within, [1, 1, 1]);
    // One after the other: nobody waits.
    let (outcome, visits) = begun(&family("", &visit("08:00", "60 min"), &visit("09:30", "30 min")));
    assert_eq!(
        (visits, outcome.cohorts[1].device_waits),
        (vec![(0, 60.0), (1, 150.0)], 0)
    );
}

#[test]
fn turns_come_in_the_order_of_the_calls() {
    // The elder is called at 8:00, 8:20 and 8:50, the younger at 8:10 and 8:40, all for half an hour.
    let waves = |calls: &[&str]| {
        let waves: Vec<_> = calls.iter().map(|at| format!(r#"(at: "{at}")"#)).collect();
        format!(
            r#"people: 1, arrivals: Crowd([{}]), duration: Deterministic("30 min")"#,
            waves.join(", ")
        )
    };
    let s = family("", &waves(&["08:00", "08:20", "08:50"]), &waves(&["08:10", "08:40"]));
    let (outcome, visits) = begun(&s);
    assert_eq!(visits, [(0, 60.0), (1, 90.0), (0, 120.0), (1, 150.0), (0, 180.0)]);
    // The younger's first call waits 20 minutes for the elder, its second for its own visit until 9:00, then 30 minutes. The
    // elder's second waits for its own visit until 8:30, then 30 minutes; its third 70 minutes from the start.
    assert_eq!(outcome.cohorts[1].device_waited, (20 + 30) * MINUTE);
    assert_eq!(outcome.cohorts[0].device_waited, (30 + 70) * MINUTE);
    assert_eq!(
        outcome.cohorts[0].learning.obtained + outcome.cohorts[1].learning.obtained,
        150 * MINUTE
    );
}

#[test]
fn who_puts_it_off_leaves_the_device_to_the_other() {
    // The elder gives up at once and comes back after an hour, when the younger is at the device until 9:30.
    let habits = r#""later": (giving_up: [(share: "100 %", then: Later(Deterministic("60 min")))])"#;
    let elder = format!("{}, habit: \"later\"", visit("08:00", "60 min"));
    let s = family(habits, &elder, &visit("08:30", "60 min"));
    let mut s = s;
    s.incidents.push(preau::scenario::model::Incident {
        key: "outage".into(),
        name: String::new(),
        on: true,
        kind: preau::scenario::model::IncidentKind::ServiceOutage {
            service: preau::scenario::model::ServiceId(0),
        },
        waves: vec![(
            preau::engine::Time::from_secs(3500.0),
            preau::engine::Time::from_secs(3700.0),
        )],
        defence: None,
    });
    let (outcome, visits) = begun(&s);
    assert_eq!(visits, [(0, 60.0), (1, 90.0)]);
    let elder = &outcome.cohorts[0];
    assert_eq!((elder.device_waits, elder.device_waited), (1, 30 * MINUTE));
    assert_eq!(
        (elder.learning.obtained, outcome.cohorts[1].learning.obtained),
        (60 * MINUTE, 60 * MINUTE)
    );
}

#[test]
fn the_chance_to_wait_is_that_of_two_who_alternate() {
    let people = r#"people: 4032, arrivals: Crowd([(at: "08:00", spread: Uniform(high: "100 min"))]), duration: Exponential(mean: "30 min")"#;
    let s = family("", people, people);
    // (Whole streets of 64: a last, incomplete one would always come last.) Both come at any time of T; the second waits if it comes within the first's exponential stay: with the distance x of
    // two uniform instants, of density 2 (1 − x/T)/T, P = ∫ exp(−x/m) and, without memory, the mean wait is m P.
    let (t, m) = (100.0, 30.0);
    let steps = 100_000;
    let width = t / f64::from(steps);
    let x = |i: i32| (f64::from(i) + 0.5) * width;
    let waits: f64 = (0..steps)
        .map(|i| 2.0 * (1.0 - x(i) / t) / t * (-x(i) / m).exp() * width)
        .sum();
    let runs: Vec<_> = (0..30).map(|r| play(&s, &options(r, &[]))).collect();
    let sum = |o: &Outcome, of: fn(&preau::measure::Tally) -> f64| o.cohorts.iter().map(of).sum::<f64>() / 4032.0;
    let shares: Vec<f64> = runs.iter().map(|o| sum(o, |t| t.device_waits as f64)).collect();
    let times: Vec<f64> = runs
        .iter()
        .map(|o| sum(o, |t| t.device_waited as f64 / MINUTE as f64))
        .collect();
    for (values, expected) in [(shares, waits), (times, waits * m)] {
        let (mean, error) = mean_error(&values);
        assert!(
            ((mean - expected) / error).abs() < 4.0,
            "{mean} ± {error} is not {expected}"
        );
    }
    for run in &runs {
        // Everybody comes and learns all the same.
        assert!(run.cohorts.iter().all(|t| t.visits == 4032 && t.learning.lost == 0));
    }
}

#[test]
fn a_share_shares_and_brothers_may_be_of_one_cohort() {
    let crowd = |extra: &str| {
        format!(
            r#"(
    clock: (start: "2021-04-06T07:00", end: "2021-04-07T07:00"),
    services: {{"ent": (station: (), session: ())}},
    cohorts: {{"college": (people: 1000, arrivals: Crowd([(at: "08:00")]), duration: Deterministic("1 h"), {extra})}},
)"#
        )
    };
    let all = play(
        &text(&crowd(r#"shares_device: (with: "college", share: "40 %")"#)),
        &options(0, &[]),
    );
    // 400 people are 200 pairs, of which one of each waits an hour.
    assert_eq!(all.cohorts[0].device_waits, 200);
    assert_eq!(all.cohorts[0].device_waited, 200 * 60 * MINUTE);
    let none = play(&text(&crowd("")), &options(0, &[]));
    assert_eq!((none.cohorts[0].device_waits, none.cohorts[0].visits), (0, 1000));
}
