//! Floods as sampled counts in whole runs: they repeat, cost little, act only while they are on, and give what requests one by
//! one give. Their laws are in `kernel/src/queueing/station/leap_tests.rs`.

mod common;

use common::{mean_error, text, watch};
use preau::measure::{Outcome, Refusal};
use preau::scenario::model::Scenario;
use preau::world::{Mode, RunOptions, Unwatched, run};

/// People at a station whose efficiency falls, and a flood from 200 s to 500 s.
fn station(cores: u32, people: f64, flood: f64, incident: &str, end: u32) -> Scenario {
    text(&format!(
        r#"(
            name: "counted", title: "A flood that is counted", clock: (end: "{end} s", bin: "100 s"),
            services: {{"desk": (
                station: (
                    cores: {cores}, threads: {threads}, backlog: {threads}, work: Exponential(mean: "1 s"),
                    efficiency: Usl(sigma: 0.1, kappa: 0.3, per_capacity: true),
                ),
            )}},
            habits: {{"plain": (
                retries: [(share: "100 %", delay: Exponential(mean: "20 s"))],
                timeout: (after: Deterministic("15 s"), scope: Sojourn), max_tries: 4,
                giving_up: [(share: "100 %", then: Nothing)],
            )}},
            routes: {{"visit": (steps: ["desk"])}},
            cohorts: {{"people": (
                level: other, habit: "plain", routes: [(share: "100 %", route: "visit")],
                arrivals: Poisson(rate: "{people} /s"),
            )}},
            incidents: {{"flood": ({incident}
                kind: ApplicationFlood(service: "desk", rate: "{flood} /s", work: "0.5 s"), waves: [("200 s", "500 s")],
            )}},
        )"#,
        threads = 3 * cores,
    ))
}

fn made(s: &Scenario, mode: Mode, replication: u64) -> Outcome {
    let options = RunOptions {
        seed: 4,
        replication,
        mode,
        ..RunOptions::default()
    };
    run(s, &options, &mut Unwatched).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn runs_repeat_and_differ_from_replication_to_replication() {
    let s = station(10, 5.0, 8.0, "", 800);
    let prints = [0, 0, 1].map(|r| made(&s, Mode::Auto, r).fingerprint);
    assert_eq!(prints[0], prints[1]);
    assert_ne!(prints[0], prints[2]);
}

#[test]
fn a_flood_changes_nothing_before_it_comes_and_nothing_when_it_is_off() {
    let mut calm = station(10, 5.0, 8.0, "", 800);
    calm.incidents.clear();
    let off = station(10, 5.0, 8.0, "on: false,", 800);
    assert_eq!(
        made(&calm, Mode::Auto, 0).fingerprint,
        made(&off, Mode::Auto, 0).fingerprint
    );
    let options = common::options(0, &[]);
    let (quiet, hit) = (watch(&calm, &options), watch(&station(10, 5.0, 8.0, "", 800), &options));
    let apart = quiet.1.events.iter().zip(&hit.1.events).find(|(a, b)| a != b);
    let (before, after) = apart.unwrap_or_else(|| panic!("the flood does nothing"));
    assert!(before.0.min(after.0).as_secs() >= 200.0, "{before:?} became {after:?}");
}

/// Six cores for people and four for the flood: a station that tips over in some runs and in others does not. The fluid
/// form gave the same answer in all of them.
#[test]
fn people_meet_the_flood_that_requests_one_by_one_would_be() {
    let s = station(10, 5.0, 6.0, "", 700);
    let counts = |o: &Outcome| {
        let c = &o.cohorts[0];
        [
            c.logins as f64,
            c.knocks as f64,
            c.refused[Refusal::Timeout as usize] as f64,
            c.refused[Refusal::Full as usize] as f64,
            c.waits.mean().unwrap_or(0.0),
        ]
    };
    let runs: Vec<_> = (0..48)
        .map(|r| {
            let (auto, events) = (made(&s, Mode::Auto, r), made(&s, Mode::Events, r));
            let (a, b) = (counts(&auto), counts(&events));
            std::array::from_fn::<f64, 5, _>(|i| a[i] - b[i])
        })
        .collect();
    for i in 0..5 {
        let differences: Vec<f64> = runs.iter().map(|d| d[i]).collect();
        let (mean, error) = mean_error(&differences);
        assert!((mean / error).abs() < 4.0, "{i}: {mean} ± {error}");
    }
}

#[test]
fn a_million_requests_a_second_cost_thousands_of_events() {
    // 500 000 cores' worth of requests for five minutes at a million cores, and at a third of them.
    for cores in [1_000_000, 300_000] {
        let with = made(&station(cores, 1.0, 1e6, "", 800), Mode::Auto, 0)
            .stats
            .executed_events;
        let without = made(&station(cores, 1.0, 1e6, "on: false,", 800), Mode::Auto, 0)
            .stats
            .executed_events;
        assert!(with > without && with < without + 20_000, "{with} {without}");
    }
}
