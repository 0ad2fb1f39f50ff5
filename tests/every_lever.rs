//! Each lever, incident and waiting room: nothing before its hour, something at the service it is for, nothing at a service that
//! has nothing to do with it. The lists are held against those of the generated pages, so that none is forgotten.

mod common;

use common::{add_policy, options, play, text};
use preau::measure::{Bin, Outcome};
use preau::scenario::model::Scenario;
use std::collections::BTreeSet;

/// A lever acts, an incident begins at this minute.
const ACTS: usize = 20;

/// Two crowded services on hosts of their own, alike, each with its own people and not enough for all of them. `gate`,
/// `policy` and `incident` are of the first.
fn two(gate: &str, policy: &str, incident: &str) -> Scenario {
    let service = |host: &str, gate: &str| {
        format!(
            r#"(
        host: "{host}", station: (cores: 5, threads: 20, backlog: 40, work: Exponential(mean: "1 s")), quota: ({gate}),
        session: (think: "20 s", page_work: "50 ms", latency_good: "1 s", latency_bad: "10 s"),
        exchange: (packets: 20, tries: 4, page_size: "20 kB"),
    )"#
        )
    };
    let own = "max_sessions: 300";
    text(&format!(
        r#"(
    clock: (end: "1 h", bin: "1 min"),
    hosts: {{"one": (cores: 40, uplink: "50 Mbit/s"), "two": (cores: 40, uplink: "50 Mbit/s"), "spare": (cores: 40)}},
    services: {{"here": {}, "there": {}}},
    routes: {{"here": (steps: ["here"]), "there": (steps: ["there"])}},
    habits: {{"all": (
        retries: [(share: "100 %", delay: Lognormal(median: "20 s", sigma: 0.5))],
        patience: Lognormal(median: "10 min", p90: "30 min"),
    )}},
    cohorts: {{
        "here": (
            level: lycee, people: 15000, habit: "all", routes: [(share: "100 %", route: "here")],
            arrivals: Crowd([(at: "0 s", spread: Uniform(low: "0 s", high: "55 min"))]), duration: Lognormal(mean: "5 min", cv: 0.8),
        ),
        "there": (
            level: college, people: 15000, habit: "all", routes: [(share: "100 %", route: "there")],
            arrivals: Crowd([(at: "0 s", spread: Uniform(low: "0 s", high: "55 min"))]), duration: Lognormal(mean: "5 min", cv: 0.8),
        ),
    }},
    incidents: {{
        "flood": (kind: ApplicationFlood(service: "here", rate: "15 /s", work: "0.1 s"), waves: [("10 min", "50 min")]),
        "loss": (kind: HostLoss(host: "one", share: "50 %"), waves: [("35 min", "45 min")]),
        {incident}
    }},
    policies: {{{policy}}},
)"#,
        service("one", if gate.is_empty() { own } else { gate }),
        service("two", own),
    ))
}

/// What is counted when it happens, up to an instant, in one line a bin. (A visit's success is booked in the bin in which the visit
/// began; levels are read at the end of a bin, when the act has been pulled in the last.)
fn happened(outcome: &Outcome, service: usize, bins: std::ops::Range<usize>) -> Vec<String> {
    let line = |b: &Bin| {
        let counts = (b.knocks, b.first_knocks, b.logins, b.refused, b.gave_up);
        format!(
            "{counts:?} {:?}",
            (
                b.sessions,
                b.seats,
                b.room,
                b.orbit,
                b.utilisation,
                b.latency,
                b.quality
            )
        )
    };
    outcome.series.services[service][bins].iter().map(line).collect()
}

/// Holds a run against one in which something more happens from minute [`ACTS`] on.
fn differs_there_and_then_only(what: &str, plain: &Outcome, with: &Outcome) {
    let before = |outcome: &Outcome| happened(outcome, 0, 0..ACTS - 1);
    assert!(before(plain) == before(with), "{what}: before its hour");
    let after = |outcome: &Outcome| happened(outcome, 0, ACTS..60);
    assert!(after(plain) != after(with), "{what}: nothing changes");
    let there = |outcome: &Outcome| {
        format!(
            "{:?}",
            (&outcome.series.services[1], &outcome.services[1], &outcome.cohorts[1])
        )
    };
    assert!(there(plain) == there(with), "{what}: at the other service");
}

/// Words in the generated pages that begin like this and end before one of `(` and the like.
fn listed(page: &str, start: &str) -> BTreeSet<String> {
    let word = |line: &str| {
        let rest = line.strip_prefix(start)?;
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '-')
            .unwrap_or(rest.len());
        Some(rest[..end].to_owned()).filter(|_| !rest[end..].starts_with('.'))
    };
    page.lines().filter_map(word).collect()
}

fn names(list: &[&str]) -> BTreeSet<String> {
    let name = |s: &&str| s.split(['(', ',', '"']).next().unwrap_or_default().to_owned();
    list.iter().map(name).collect()
}

const LEVERS: &[&str] = &[
    r#"SetQuota(services: ["here"], quota: (max_sessions: 50))"#,
    r#"ScaleQuota(services: ["here"], factor: 0.5)"#,
    r#"SetSession(services: ["here"], seat: Sliding(idle: "10 min"))"#,
    r#"ScaleCapacity(services: ["here"], factor: 1.5)"#,
    r#"PreWarm(services: ["here"], factor: 1.5)"#,
    r#"Autoscale(services: ["here"], signal: Utilisation(above: "50 %", below: "10 %"), step: Cores(3), ceiling: 3.0)"#,
    r#"Autoscale(services: ["here"], signal: Utilisation(above: "20 %", below: "10 %"), step: Track("20 %"), ceiling: 3.0)"#,
    r#"Failover(services: ["here"], to: "spare", detection: Deterministic("1 min"), takes: Deterministic("1 min"))"#,
    r#"Stagger(who: (levels: [lycee]), how: Shift("5 min"))"#,
    r#"RetryAfter(services: ["here"], obey: "60 %", mean: "5 min")"#,
    r#"RetryBudget(services: ["here"], budget: Ratio(share: "10 %"))"#,
    r#"ClientThrottle(services: ["here"], throttle: (factor: 2))"#,
    r#"RateLimit(services: ["here"], bucket: (rate: "2 /s", burst: 4))"#,
    r#"PerClientLimit(services: ["here"], each: (rate: "1 /min"))"#,
    r#"Scrub(incidents: ["flood"], defence: (detection: Deterministic("1 min"), efficacy: "90 %"))"#,
    r#"Shed(services: ["here"], who: (levels: [lycee]), lasting: "10 min")"#,
    r#"ShedByLoad(services: ["here"], steps: [(who: (levels: [lycee]), above: "50 %", below: "10 %")])"#,
    r#"ConcurrencyLimit(services: ["here"], limit: (law: Gradient2(initial: 2, min: 1, max: 4)))"#,
    r#"Degrade(services: ["here"], work: "60 %", value: "90 %")"#,
    r#"Restore(services: ["here"])"#,
    r#"Triggered(services: ["here"], signal: Utilisation(above: "50 %", below: "10 %"), act: Degrade(work: "60 %", value: "90 %"), undo: Restore())"#,
];

#[test]
fn every_lever_acts_from_its_hour_on_where_it_is_pulled() {
    assert_eq!(names(LEVERS), listed(include_str!("../docs/levers.md"), "## "));
    for lever in LEVERS {
        // A degradation must be there to be taken back.
        let first = match lever {
            act if act.starts_with("Restore") => r#"(at: "5 min", act: Degrade(services: ["here"], work: "60 %")),"#,
            _ => "",
        };
        let policies = format!(r#""before": (acts: [{first}]), "it": (acts: [{first} (at: "20 min", act: {lever})]),"#);
        let s = two("", &policies, "");
        let ids = ["before", "it"].map(|key| common::policy(&s, key));
        let [plain, with] = ids.map(|id| play(&s, &options(0, &[id])));
        differs_there_and_then_only(lever, &plain, &with);
    }
}

const INCIDENTS: &[&str] = &[
    r#"NetworkFlood(host: "one", rate: "1 Gbit/s")"#,
    r#"ApplicationFlood(service: "here", rate: "50 /s", work: "0.1 s")"#,
    r#"SlowConnections(service: "here", threads: 18)"#,
    r#"HostLoss(host: "one", share: "60 %")"#,
    r#"ServiceOutage(service: "here")"#,
    r#"Slowdown(service: "here", factor: 0.5)"#,
    r#"Surge(cohorts: ["here"], share: "10 %")"#,
    r#"PolicyChange(act: ScaleQuota(services: ["here"], factor: 0.5))"#,
];

#[test]
fn every_incident_hurts_from_its_hour_on_where_it_strikes() {
    let page = include_str!("../docs/reference.md");
    assert_eq!(names(INCIDENTS), listed(page, "| `incidents.*.kind."));
    let plain = play(&two("", "", ""), &options(0, &[]));
    for kind in INCIDENTS {
        let incident = |on: bool| format!(r#""it": (on: {on}, kind: {kind}, waves: [("20 min", "30 min")]),"#);
        let with = play(&two("", "", &incident(true)), &options(0, &[]));
        differs_there_and_then_only(kind, &plain, &with);
        let off = play(&two("", "", &incident(false)), &options(0, &[]));
        assert_eq!(plain.fingerprint, off.fingerprint, "{kind} is off");
    }
}

/// Each with what its product leaves to the customer.
const ROOMS: &[&str] = &[
    r#"ode-2021", max_sessions: 300"#,
    r#"cloudflare", max_sessions: 300, admissions: (count: 100)"#,
    r#"queue-it", admissions: (count: 100)"#,
    r#"aws-max-size", max_sessions: 300"#,
    r#"aws-periodic", admissions: (count: 100)"#,
];

#[test]
fn every_room_changes_the_service_it_stands_before() {
    let page = include_str!("../docs/rooms.md");
    assert_eq!(names(ROOMS), listed(page, "## `"));
    let plain = play(&two("max_sessions: 250", "", ""), &options(0, &[]));
    let mut books = BTreeSet::new();
    for room in ROOMS {
        let with = play(&two(&format!(r#"preset: "{room}"#), "", ""), &options(0, &[]));
        let book = |outcome: &Outcome, n: usize| format!("{:?}", (&outcome.services[n], &outcome.cohorts[n]));
        assert!(book(&plain, 1) == book(&with, 1), "{room}: at the other service");
        assert!(book(&plain, 0) != book(&with, 0), "{room}");
        // No two products do the same.
        assert!(books.insert(book(&with, 0)), "{room}");
    }
}

#[test]
fn a_policy_that_is_not_chosen_does_nothing() {
    let s = two(
        "",
        r#""it": (acts: [(at: "20 min", act: Degrade(services: ["here"], work: "60 %"))])"#,
        "",
    );
    let mut more = s.clone();
    let acts = s.policies[0].acts.clone();
    let _ = add_policy(&mut more, acts);
    assert_eq!(
        play(&s, &options(0, &[])).fingerprint,
        play(&more, &options(0, &[])).fingerprint
    );
}
