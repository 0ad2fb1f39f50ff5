//! Several tabs that all knock, and parents as a level of their own.

mod common;

use common::{add_policy, mean_error, options, play, text, watch};
use preau::engine::{Span, Time};
use preau::scenario::model::{Act, Level, Scenario, Who};
use preau::world::{Orbit, Unwatched, run};

/// Everybody comes at 8:00 to a service that is down until 9:00, and knocks again.
fn shut_until_nine(people: u32, tabs: &str) -> Scenario {
    text(&format!(
        r#"(
    clock: (start: "2021-04-06T07:00", end: "2021-04-06T12:00"),
    services: {{"ent": (session: ())}},
    habits: {{"h": (retries: [(share: "100 %", delay: Exponential(mean: "5 min"))], {tabs})}},
    cohorts: {{"pupils": (people: {people}, habit: "h", arrivals: Crowd([(at: "08:00")]), duration: Deterministic("30 min"))}},
    incidents: {{"outage": (kind: ServiceOutage(service: "ent"), waves: [("07:30", "09:00")])}},
)"#
    ))
}

#[test]
fn the_first_of_several_tabs_wins() {
    // From 9:00 on the wait is exponential: with k tabs of mean m/k. With 2.5 tabs half have two and half three.
    for (tabs, mean_wait) in [
        ("tabs: 1", 300.0),
        ("tabs: 3, tabs_knock: true", 100.0),
        ("tabs: 2.5, tabs_knock: true", 0.5 * 150.0 + 0.5 * 100.0),
        // Without the option tabs change pages, not chances.
        ("tabs: 3", 300.0),
    ] {
        let s = shut_until_nine(2000, tabs);
        for orbit in [Orbit::Auto, Orbit::Events] {
            let waits: Vec<f64> = (0..20)
                .map(|r| {
                    let mut o = options(r, &[]);
                    o.orbit = orbit;
                    let outcome = run(&s, &o, &mut Unwatched).expect("runs");
                    outcome.cohorts[0].waits.mean().expect("waits") - 3600.0
                })
                .collect();
            let (mean, error) = mean_error(&waits);
            assert!(
                ((mean - mean_wait) / error).abs() < 4.0,
                "{tabs} {orbit:?}: {mean} ± {error}"
            );
        }
    }
}

#[test]
fn knocks_multiply_with_tabs_that_knock() {
    // An hour of knocks in vain at one in five minutes and tab, the first one, and the one that leads in.
    for (tabs, rate) in [("tabs: 1", 12.0), ("tabs: 3, tabs_knock: true", 36.0)] {
        let s = shut_until_nine(1000, tabs);
        let knocks: Vec<f64> = (0..20)
            .map(|r| play(&s, &options(r, &[])).cohorts[0].knocks as f64 / 1000.0 - 2.0)
            .collect();
        let (mean, error) = mean_error(&knocks);
        assert!(((mean - rate) / error).abs() < 4.0, "{tabs}: {mean} ± {error}");
    }
}

/// Pupils and parents at one gate of two seats.
fn with_parents(bypass: &str) -> Scenario {
    text(&format!(
        r#"(
    clock: (start: "2021-04-06T07:00", end: "2021-04-06T12:00"),
    services: {{"ent": (quota: (max_sessions: 2, order: Reject{bypass}), session: ())}},
    habits: {{"h": (retries: [(share: "100 %", delay: Exponential(mean: "5 min"))], patience: Deterministic("1 h"))}},
    cohorts: {{
        "pupils": (level: lycee, people: 40, habit: "h", arrivals: Crowd([(at: "08:00", spread: Uniform(high: "1 h"))]), duration: Deterministic("20 min")),
        "parents": (level: parent, people: 40, habit: "h", arrivals: Crowd([(at: "08:00", spread: Uniform(high: "1 h"))]), duration: Deterministic("20 min")),
    }},
)"#
    ))
}

#[test]
fn parents_can_be_shed_and_nobody_else_is() {
    let mut s = with_parents("");
    let shed = Act::Shed {
        services: vec![preau::scenario::model::ServiceId(0)],
        who: Who {
            regions: vec![],
            levels: vec![Level::Parent],
        },
        lasting: Span::from_secs(3.0 * 3600.0),
    };
    let policy = add_policy(&mut s, vec![(Time::from_secs(1800.0), shed)]);
    // Knock by knock: pools count knocks at a gate that is shut as the gate's, whoever is shed.
    let play = |policies: &[_]| {
        let mut o = options(0, policies);
        o.orbit = Orbit::Events;
        common::play(&s, &o)
    };
    let (base, act) = (play(&[]), play(&[policy]));
    let blocked = preau::measure::Refusal::Blocked as usize;
    assert!(base.cohorts.iter().all(|t| t.refused[blocked] == 0) && base.cohorts[1].logins > 0);
    assert_eq!((act.cohorts[0].refused[blocked], act.cohorts[1].logins), (0, 0));
    assert_eq!(act.cohorts[1].refusals(), act.cohorts[1].refused[blocked]);
    assert!(act.cohorts[0].logins > base.cohorts[0].logins);
}

#[test]
fn parents_can_pass_by_the_gate_and_nobody_else_does() {
    let quota = preau::measure::Refusal::Quota as usize;
    let (gate, by) = (with_parents(""), with_parents(", bypass: [parent]"));
    let (before, story) = watch(&gate, &options(0, &[]));
    assert!(before.cohorts.iter().all(|t| t.refused[quota] > 0) && !story.refused.is_empty());
    let after = play(&by, &options(0, &[]));
    assert_eq!((after.cohorts[1].refusals(), after.cohorts[1].logins), (0, 40));
    assert!(after.cohorts[0].refused[quota] > 0 && after.cohorts[0].logins > before.cohorts[0].logins);
}
