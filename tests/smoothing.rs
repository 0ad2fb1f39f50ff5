//! Smoothing of retries and arrivals: each lever does what it says, in exact numbers where there are any.

mod common;

use common::{Story, options, play, text, watch};
use preau::engine::{Span, Time};
use preau::measure::{Outcome, Refusal};
use preau::scenario::model::{PolicyId, Scenario};
use preau::scenario::{Source, load};
use preau::world::{Orbit, RunOptions, run};
use std::collections::BTreeMap;

/// A desk that is down all day, and clients with a habit.
fn outage(habit: &str, arrivals: &str, acts: &str) -> Scenario {
    text(&format!(
        r#"(
            name: "outage", clock: (end: "4 h", bin: "5 min"),
            services: {{"desk": (station: (cores: 10, work: Deterministic("1 s")))}},
            habits: {{"client": ({habit})}},
            cohorts: {{"all": (habit: "client", {arrivals})}},
            incidents: {{"outage": (kind: ServiceOutage(service: "desk"), waves: [("0 s", "4 h")])}},
            policies: {{"smooth": (acts: [{acts}])}},
        )"#
    ))
}

/// A desk whose only thread is taken by the first who comes, all day long, and where nobody waits: everybody else gets an answer.
fn occupied(incidents: &str, act: &str) -> Scenario {
    text(&format!(
        r#"(
            name: "occupied", clock: (end: "4 h", bin: "5 min"),
            services: {{"desk": (station: (cores: 1, threads: 1, backlog: 0, work: Deterministic("5 h")))}},
            habits: {{"client": ({FOR_EVER})}},
            cohorts: {{"first": (people: 1, arrivals: Crowd([(at: "1 min", spread: Deterministic("0 s"))])),
                       "all": (habit: "client", {TOGETHER})}},
            incidents: {{{incidents}}},
            policies: {{"smooth": (acts: [{act}])}},
        )"#
    ))
}

/// Two thousand people who come within ten seconds, after ten minutes.
const TOGETHER: &str = r#"people: 2000, arrivals: Crowd([(at: "10 min", spread: Uniform(high: "10 s"))])"#;
const FOR_EVER: &str = r#"retries: [(share: "100 %", delay: Exponential(mean: "60 s"))]"#;

/// With its first policy on, every knock an event.
fn by_events(scenario: &Scenario) -> (Outcome, Story) {
    let mut story = Story::default();
    let options = RunOptions {
        orbit: Orbit::Events,
        ..options(0, &[PolicyId(0)])
    };
    let outcome = run(scenario, &options, &mut story).unwrap_or_else(|e| panic!("{e}"));
    (outcome, story)
}

/// How much of the knock series has a period, by Rayleigh's statistic |Σ exp(2πi t/T)|²/N: 1 on average where instants have
/// no phase (exponential: above 14 once in a million), N where all have the same.
fn in_step(story: &Story, period: f64) -> (f64, f64) {
    let late = story.knocks.iter().map(|k| k.at.as_secs()).filter(|t| *t > 3600.0);
    let (mut cos, mut sin, mut n) = (0.0, 0.0, 0.0);
    for t in late {
        let phase = std::f64::consts::TAU * t / period;
        cos += phase.cos();
        sin += phase.sin();
        n += 1.0;
    }
    ((cos * cos + sin * sin) / n, n)
}

fn told(jitter: &str) -> Story {
    let act = format!(r#"(act: RetryAfter(services: ["*"], mean: "60 s", {jitter}))"#);
    by_events(&occupied("", &act)).1
}

#[test]
fn a_constant_retry_after_brings_everybody_back_in_step() {
    let (constant, n) = in_step(&told("jitter: None"), 60.0);
    // Arrivals are spread over 10 s of the 60: |sinc(π/6)|² of the knocks are in phase.
    let share: f64 = (std::f64::consts::PI / 6.0).sin() / (std::f64::consts::PI / 6.0);
    // One standard deviation of that over 2000 people: √(½ + sin(π/3)/(2π/3) − sinc²)/√2000 on each side, twice.
    let (mean, sd) = (n * share * share, n * 0.0017);
    assert!((constant - mean).abs() < 4.0 * sd, "{constant} against {mean}");
    // Spread over a whole period, or without memory, they have no phase at all.
    for jitter in [r#"jitter: Uniform("60 s")"#, "jitter: Exponential", ""] {
        let (spread, n) = in_step(&told(jitter), 60.0);
        assert!(spread < 14.0 && n > 100_000.0, "{jitter}: {spread} of {n}");
    }
}

#[test]
fn a_constant_retry_after_repeats_the_series_exactly() {
    let mut counts = vec![0_u32; 4 * 3600];
    for knock in told("jitter: None").knocks {
        counts[(knock.at.as_secs() as usize).min(4 * 3600 - 1)] += 1;
    }
    assert!(
        (700..14_300).all(|s| counts[s] == counts[s + 60]),
        "the series has period 60 s"
    );
    assert!(counts.iter().max() > Some(&100));
}

#[test]
fn only_an_answer_says_when_to_come_back() {
    let act = r#"(act: RetryAfter(services: ["*"], mean: "10 min", jitter: None))"#;
    let outage = r#""outage": (kind: ServiceOutage(service: "desk"), waves: [("30 min", "90 min")])"#;
    let s = occupied(outage, act);
    let all = common::cohort(&s, "all");
    for orbit in [Orbit::Auto, Orbit::Events] {
        let options = RunOptions {
            orbit,
            ..options(0, &[PolicyId(0)])
        };
        let (_, story) = watch(&s, &options);
        let (mut after_outage, mut answered) = (Vec::new(), 0);
        let mut knocks = BTreeMap::<u32, Vec<Time>>::new();
        for knock in story.knocks.iter().filter(|k| k.cohort == all) {
            knocks.entry(knock.person).or_default().push(knock.at);
        }
        for refused in story.refused.iter().filter(|r| r.cohort == all) {
            let later = knocks[&refused.person].iter().find(|t| **t > refused.at);
            let next = later.map(|t| *t - refused.at);
            match refused.why {
                Refusal::Full => {
                    answered += 1;
                    let told = next.is_none_or(|gap| gap == Span::from_secs(600.0));
                    assert!(told, "{orbit:?}: {refused:?} came back after {next:?}");
                }
                // The end is two and a half hours away: nobody waits until then.
                Refusal::Outage => after_outage.push(next.map_or(0.0, Span::as_secs)),
                other => panic!("{orbit:?}: {other:?}"),
            }
        }
        let n = after_outage.len() as f64;
        let z = (after_outage.iter().sum::<f64>() / n - 60.0) / (60.0 / n.sqrt());
        assert!(
            z.abs() < 4.0 && answered > 10_000 && n > 50_000.0,
            "{orbit:?}: {z}, {answered}, {n}"
        );
    }
}

fn knocks_of_each(story: &Story) -> BTreeMap<u32, Vec<Time>> {
    let mut each: BTreeMap<u32, Vec<Time>> = BTreeMap::new();
    for knock in &story.knocks {
        each.entry(knock.person).or_default().push(knock.at);
    }
    each
}

#[test]
fn backoff_doubles_up_to_its_cap() {
    let habit =
        r#"retries: [(share: "100 %", backoff: (base: "1 s", factor: 2, cap: "8 s", jitter: None))], max_tries: 6"#;
    let (_, story) = watch(&outage(habit, TOGETHER, ""), &options(0, &[]));
    let each = knocks_of_each(&story);
    assert_eq!(each.len(), 2000);
    for times in each.values() {
        let gaps: Vec<u64> = times.windows(2).map(|w| (w[1] - w[0]).0).collect();
        assert_eq!(gaps, [1, 2, 4, 8, 8].map(|s| s * 1_000_000_000));
    }
}

#[test]
fn coming_back_at_once_takes_no_time_and_has_an_end() {
    let habit = r#"retries: [(share: "100 %", delay: Deterministic("0 s"))], max_tries: 3"#;
    let (outcome, story) = watch(&outage(habit, TOGETHER, ""), &options(0, &[]));
    for times in knocks_of_each(&story).values() {
        assert!(times.len() == 3 && times.iter().all(|t| *t == times[0]));
    }
    assert_eq!((outcome.services[0].knocks, outcome.services[0].gave_up), (6000, 2000));
}

#[test]
fn coming_back_at_once_for_ever_is_refused() {
    let model = r#"(name: "x", clock: (end: "1 h"), services: {"desk": (station: (cores: 1, work: Deterministic("1 s")))},
        habits: {"client": (retries: [(share: "100 %", delay: Deterministic("0 s"))])},
        cohorts: {"all": (habit: "client", arrivals: Poisson(rate: "1 /s"))})"#;
    let source = Source::Text {
        name: "x".into(),
        text: model.into(),
    };
    let problems = load(&source, &[]).unwrap_err();
    assert_eq!(problems.0[0].path(), "habits.client.retries[0]");
    assert!(load(&source, &["habits.client.max_tries=5".into()]).is_ok());
    assert!(load(&source, &["habits.client.persistence=90 %".into()]).is_ok());
}

/// Fresh knocks and retries of a day.
fn fresh_and_retries(scenario: &Scenario, policies: &[PolicyId]) -> (u64, u64) {
    let t = &play(scenario, &options(0, policies)).services[0];
    (t.first_knocks, t.knocks - t.first_knocks)
}

const STREAM: &str = r#"arrivals: Poisson(rate: "10 /s")"#;

#[test]
fn a_retry_ratio_holds_retries_to_its_share() {
    let act = r#"(act: RetryBudget(services: ["*"], budget: Ratio(share: "10 %")))"#;
    let s = outage(FOR_EVER, STREAM, act);
    let (fresh, retries) = fresh_and_retries(&s, &[PolicyId(0)]);
    // Everything fails and everybody would come back, so the budget is spent as it comes: r = (f + r)/10. What makes the
    // whole day differ from that is at its two ends: retries allowed that have not knocked yet, a minute's worth of 1.1 /s,
    // and its noise.
    let gap = fresh as f64 / 9.0 - retries as f64;
    assert!(
        gap.abs() < 67.0 + 4.0 * 67.0_f64.sqrt(),
        "{fresh} fresh, {retries} retries: {gap}"
    );
    let (same, free) = fresh_and_retries(&s, &[]);
    assert!(same == fresh && free > 10 * fresh, "{free} without a budget");
}

#[test]
fn a_retry_bucket_is_spent_to_the_last_token() {
    let act = r#"(act: RetryBudget(services: ["*"], budget: Tokens(tokens: 500)))"#;
    let (_, retries) = fresh_and_retries(&outage(FOR_EVER, STREAM, act), &[PolicyId(0)]);
    // 500 tokens at 14 each, and no success that would earn one: the AWS SDKs from 2026 on charge an outage so.
    assert_eq!(retries, 35);
    // A full backlog is an error too.
    assert_eq!(fresh_and_retries(&occupied("", act), &[PolicyId(0)]).1, 35);
}

#[test]
fn who_was_told_to_come_later_pays_the_lower_price() {
    // The first gets the only token of the day and holds the only seat; all others are refused by the limit, or by the gate.
    for (limit, why) in [
        (r#"limiter: (rate: "1 /d", burst: 1)"#, Refusal::Limited),
        ("quota: (max_sessions: 1)", Refusal::Quota),
    ] {
        let s = text(&format!(
            r#"(
                name: "later", clock: (end: "4 h", bin: "5 min"),
                services: {{"desk": (
                    station: (cores: 1, threads: 1, backlog: 0, work: Deterministic("5 h")),
                    {limit},
                )}},
                habits: {{"client": ({FOR_EVER})}},
                cohorts: {{"all": (habit: "client", {TOGETHER})}},
                policies: {{"p": (acts: [(act: RetryBudget(services: ["*"], budget: Tokens(tokens: 500)))])}},
            )"#
        ));
        let desk = &play(&s, &options(0, &[PolicyId(0)])).services[0];
        assert_eq!(desk.knocks - desk.first_knocks, 100, "{why:?}");
        assert_eq!(desk.refused[why as usize], 2000 + 100 - 1, "{why:?}");
    }
}

#[test]
fn a_success_gives_back_what_the_retry_after_a_time_out_cost() {
    let cohort = |key: &str, at: u32| {
        let arrivals = format!(r#"Crowd([(at: "{at} s", spread: Deterministic("0 s"))])"#);
        format!(r#""{key}": (people: 1, habit: "client", arrivals: {arrivals}),"#)
    };
    let cohorts: String = [("a", 0), ("b", 10), ("c", 300), ("d", 310), ("e", 311)]
        .map(|(k, at)| cohort(k, at))
        .concat();
    let s = text(&format!(
        r#"(
            name: "tokens", clock: (end: "1 h"),
            services: {{"desk": (
                station: (cores: 1, threads: 1, backlog: 5, work: Deterministic("100 s"), wasted_work: false),
            )}},
            habits: {{"client": (
                retries: [(share: "100 %", delay: Deterministic("60 s"))],
                timeout: (after: Deterministic("50 s"), scope: Queue),
            )}},
            cohorts: {{{cohorts}}},
            policies: {{"p": (acts: [(act: RetryBudget(services: ["*"], budget: Tokens(tokens: 28)))])}},
        )"#
    ));
    // b times out behind a, comes back for 14 of 28 tokens and gets in, so there are 28 again. Behind c both d and e time out and
    // may come back; d gets in, e times out behind it: nothing is left.
    let desk = &play(&s, &options(0, &[PolicyId(0)])).services[0];
    assert_eq!((desk.knocks, desk.logins, desk.gave_up), (8, 4, 1));
}

/// A desk of ten, each at work for a second, and a hundred visitors a second.
fn crowded(acts: &str) -> Scenario {
    text(&format!(
        r#"(
            name: "crowded", clock: (end: "1 h", bin: "5 min"),
            services: {{"desk": (station: (cores: 10, threads: 10, backlog: 0, work: Deterministic("1 s")))}},
            cohorts: {{"all": (arrivals: Poisson(rate: "100 /s"))}},
            policies: {{"smooth": (acts: [{acts}])}},
        )"#
    ))
}

#[test]
fn a_client_throttle_sends_twice_what_is_answered() {
    let s = crowded(r#"(act: ClientThrottle(services: ["*"], throttle: (factor: 2)))"#);
    let t = &play(&s, &options(0, &[PolicyId(0)])).services[0];
    let refused = |why: Refusal| t.refused[why as usize];
    let sent = t.knocks - refused(Refusal::Limited);
    assert_eq!(sent, t.logins + refused(Refusal::Full) + t.underway);
    let z = (sent as f64 - 2.0 * t.logins as f64) / (sent as f64).sqrt();
    assert!(z.abs() < 4.0, "{sent} sent, {} answered: {z}", t.logins);
    let free = &play(&s, &options(0, &[])).services[0];
    assert_eq!(
        (free.first_knocks, free.refused[Refusal::Limited as usize]),
        (t.first_knocks, 0)
    );
}

#[test]
fn a_budget_that_is_taken_away_leaves_no_trace_in_the_rules() {
    let acts = r#"(at: "1 h", act: RetryBudget(services: ["*"], budget: Ratio())),
                  (at: "1 h", act: RetryBudget(services: ["*"], budget: None))"#;
    let s = outage(
        r#"retries: [(share: "100 %", delay: Exponential(mean: "60 s"))], max_tries: 20"#,
        STREAM,
        acts,
    );
    let (fresh, retries) = fresh_and_retries(&s, &[PolicyId(0)]);
    let (same, free) = fresh_and_retries(&s, &[]);
    // Who waits at that moment draws anew, and nothing else changes: the same law of the number of knocks.
    assert_eq!(fresh, same);
    let z = (retries as f64 - free as f64) / (2.0 * 20.0 * free as f64).sqrt();
    assert!(z.abs() < 4.0, "{retries} against {free}");
}

#[test]
fn the_grid_of_lumni_gives_each_level_its_part_of_the_day() {
    let cohort = |key: &str, region: &str, level: &str| {
        format!(
            r#""{key}": (region: "{region}", level: {level}, people: 3000, duration: Deterministic("10 min"),
                arrivals: Crowd([(at: "08:00", spread: Uniform(high: "30 min"))])),"#
        )
    };
    let cohorts: String = [
        ("primary", "idf", "primary"),
        ("college", "idf", "college"),
        ("lycee", "idf", "lycee"),
        ("teacher", "idf", "teacher"),
        ("far", "reunion", "college"),
    ]
    .map(|(key, region, level)| cohort(key, region, level))
    .concat();
    let s = text(&format!(
        r#"(
            name: "grid", clock: (start: "2021-04-06T04:00", end: "2021-04-06T22:00"),
            regions: {{"idf": (), "reunion": (zone: "Indian/Reunion")}},
            services: {{"desk": (station: (work: Deterministic("1 s")))}},
            cohorts: {{{cohorts}}},
            policies: {{"grid": (acts: [(act: Stagger(how: Preset("lumni-2021-04")))])}},
        )"#
    ));
    let (_, free) = watch(&s, &options(0, &[]));
    let (_, story) = watch(&s, &options(0, &[PolicyId(0)]));
    assert_eq!(story.visits.len(), free.visits.len());
    let hours = |story: &Story, key: &str| -> Vec<f64> {
        let of = common::cohort(&s, key);
        let own = story.visits.iter().filter(|(_, c, _)| *c == of);
        own.map(|(at, ..)| 4.0 + at.as_secs() / 3600.0).collect()
    };
    // In Paris; 14:00 in La Réunion is noon there in April.
    for (key, from, until) in [
        ("primary", 9.0, 12.0),
        ("college", 14.0, 16.0),
        ("lycee", 16.0, 18.0),
        ("far", 12.0, 14.0),
    ] {
        let at = hours(&story, key);
        assert!(
            at.len() == 3000 && at.iter().all(|h| (from..=until).contains(h)),
            "{key}"
        );
        let z =
            (at.iter().sum::<f64>() / 3000.0 - (from + until) / 2.0) / ((until - from) / (12.0_f64 * 3000.0).sqrt());
        assert!(z.abs() < 4.0, "{key}: {z}");
    }
    assert_eq!(hours(&story, "teacher"), hours(&free, "teacher"));
}

fn peak(outcome: &Outcome, level: fn(&preau::measure::Bin) -> u64) -> u64 {
    outcome.series.services.iter().flatten().map(level).max().unwrap_or(0)
}

#[test]
fn a_staggered_start_lowers_the_peak_and_refuses_fewer_of_the_same_visits() {
    let s = text(
        r#"(
            name: "start", clock: (start: "2021-04-06T07:00", end: "2021-04-06T12:00", bin: "1 min"),
            services: {"desk": (station: (cores: 10, threads: 10, backlog: 20, work: Exponential(mean: "0.5 s")))},
            habits: {"pupil": (retries: [(share: "100 %", delay: Exponential(mean: "30 s"))])},
            cohorts: {"all": (people: 12000, habit: "pupil",
                arrivals: Crowd([(at: "08:00", spread: Uniform(high: "5 min"))]))},
            policies: {"spread": (acts: [(act: Stagger(how: Spread("30 min")))])},
        )"#,
    );
    for replication in 0..3 {
        let free = play(&s, &options(replication, &[]));
        let spread = play(&s, &options(replication, &[PolicyId(0)]));
        assert_eq!((free.cohorts[0].visits, spread.cohorts[0].visits), (12_000, 12_000));
        assert_eq!((free.cohorts[0].logins, spread.cohorts[0].logins), (12_000, 12_000));
        // The mean over the morning is the same, so the peak tells.
        assert!(peak(&spread, |b| b.first_knocks) < peak(&free, |b| b.first_knocks) / 4);
        assert!(spread.services[0].refusals() < free.services[0].refusals() / 10);
    }
}

#[test]
fn paced_admission_lowers_the_peak_and_refuses_fewer_of_the_same_visits() {
    let s = text(
        r#"(
            name: "paced", clock: (start: "2021-04-06T07:00", end: "2021-04-06T12:00", bin: "1 min"),
            services: {"desk": (station: (cores: 10, threads: 10, backlog: 20, work: Deterministic("0.5 s")))},
            habits: {"pupil": (retries: [(share: "100 %", delay: Exponential(mean: "30 s"))])},
            cohorts: {"all": (people: 12000, habit: "pupil",
                arrivals: Crowd([(at: "08:00", spread: Uniform(high: "5 min"))]))},
            policies: {"paced": (acts: [(act: SetQuota(services: ["desk"],
                quota: (admissions: (count: 18, period: "1 s", window: Paced), order: Fifo(bucket: "0 s"))))])},
        )"#,
    );
    let free = play(&s, &options(0, &[]));
    let paced = play(&s, &options(0, &[PolicyId(0)]));
    assert_eq!((free.cohorts[0].visits, paced.cohorts[0].visits), (12_000, 12_000));
    assert_eq!((free.cohorts[0].logins, paced.cohorts[0].logins), (12_000, 12_000));
    // 18 a second and never two together: ten threads of half a second never fill.
    assert_eq!(paced.services[0].refusals(), 0);
    assert!(free.services[0].refused[Refusal::Full as usize] > 12_000);
    assert!(peak(&paced, |b| b.knocks) < peak(&free, |b| b.knocks));
    assert!(peak(&paced, |b| b.logins) <= 18 * 60 + 1 && peak(&free, |b| b.logins) > 18 * 60 + 60);
}
