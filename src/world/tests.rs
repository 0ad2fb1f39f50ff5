//! Small countries built by hand, whose truth is known.

use super::{Observer, Orbit, RunOptions, Unwatched, run};
use crate::engine::{Distribution, Span, Time};
use crate::measure::{Outcome, Refusal};
use crate::scenario::model::*;

fn exponential(mean: f64) -> Distribution {
    Distribution::Exponential { mean }
}

/// One service, one habit, one route, one open stream.
fn sketch(rate: f64, work: f64, cores: f64, threads: Option<u32>, backlog: Option<u32>, end: f64) -> Scenario {
    let service = Service {
        key: "desk".into(),
        name: "Desk".into(),
        operator: None,
        host: None,
        region: None,
        station: StationSpec {
            cores,
            threads,
            backlog,
            work: exponential(work),
            efficiency: Efficiency::Perfect,
            wasted_work: true,
            discipline: Discipline::Fifo,
            initial: 0,
            breakdown: None,
        },
        quota: None,
        limiter: None,
        exchange: Exchange {
            packets: 1.0,
            tries: 1,
            page_bits: 0.0,
        },
        session: None,
    };
    let habit = Habit {
        key: "once".into(),
        retries: Vec::new(),
        persistence: 1.0,
        max_tries: None,
        patience: None,
        timeout: None,
        tabs: 1.0,
        giving_up: Vec::new(),
    };
    let cohort = Cohort {
        key: "customers".into(),
        region: None,
        level: Level::Other,
        people: 0,
        connects: 1.0,
        habit: HabitId(0),
        routes: vec![(1.0, RouteId(0))],
        source: Source::Rate {
            points: vec![(Time::ZERO, rate)],
            linear: false,
            batch: None,
        },
        duration: Distribution::Deterministic { value: 0.0 },
        work: None,
        priority: 0,
        seats: 1,
    };
    Scenario {
        name: "sketch".into(),
        title: String::new(),
        size: Size::default(),
        clock: Clock {
            start: jiff::civil::date(2021, 4, 6).at(0, 0, 0, 0),
            zone: "Europe/Paris".into(),
            end: Time::from_secs(end),
            warm_up: Time::ZERO,
            bin: Span::from_secs(end / 20.0),
        },
        regions: Vec::new(),
        hosts: Vec::new(),
        operators: Vec::new(),
        services: vec![service],
        habits: vec![habit],
        routes: vec![Route {
            key: "in".into(),
            start: ServiceId(0),
            onward: Vec::new(),
            hop: None,
        }],
        cohorts: vec![cohort],
        incidents: Vec::new(),
        policies: Vec::new(),
        prices: Prices {
            core_hour: 0.0,
            scrubbing_hour: 0.0,
        },
        text: String::new(),
    }
}

fn gate(cap: u64, order: Order) -> Quota {
    Quota {
        max_sessions: Some(cap),
        counted_from: CountedFrom::Login,
        admissions: None,
        seat: SeatRule::OnExit,
        order,
        poll: None,
        max_length: None,
        page_work: 0.0,
        bypass: Vec::new(),
    }
}

/// The login storm behind a quota that is run in many tools, at a scale.
fn storm(scale: f64) -> Scenario {
    let n = |x: f64| (x * scale) as u32;
    let mut s = sketch(1.0, 0.5, 200.0 * scale, Some(n(200.0)), Some(n(2000.0)), 40_000.0);
    let steps = [
        (0.0, 100.0),
        (600.0, 200.0),
        (1200.0, 400.0),
        (1800.0, 1200.0),
        (3600.0, 600.0),
        (4200.0, 300.0),
        (4800.0, 200.0),
        (5400.0, 100.0),
        (14400.0, 0.0),
    ];
    s.cohorts[0].source = Source::Rate {
        points: steps.iter().map(|(t, r)| (Time::from_secs(*t), r * scale)).collect(),
        linear: false,
        batch: None,
    };
    s.cohorts[0].duration = exponential(1200.0);
    s.services[0].station.wasted_work = false;
    s.services[0].quota = Some(gate(u64::from(n(200_000.0)), Order::Reject));
    s.services[0].session = Some(SessionSpec {
        think: 30.0,
        page_work: 0.0,
        latency_good: 3.0,
        latency_bad: 20.0,
        value: 1.0,
    });
    let habit = &mut s.habits[0];
    habit.retries = vec![RetryClass {
        share: 1.0,
        delay: exponential(30.0),
    }];
    habit.persistence = 0.85;
    habit.max_tries = Some(10);
    habit.timeout = Some(Timeout {
        after: exponential(20.0),
        scope: TimeoutScope::Queue,
    });
    s
}

fn go(s: &Scenario, orbit: Orbit, replication: u64) -> Outcome {
    run(
        s,
        &RunOptions {
            seed: 7,
            replication,
            orbit,
            ..Default::default()
        },
        &mut Unwatched,
    )
    .expect("runs")
}

#[derive(Default)]
struct Area {
    last: f64,
    n: f64,
    area: f64,
    waits: f64,
    starts: f64,
}
impl Observer for Area {
    fn level(&mut self, now: Time, _: ServiceId, in_service: u32, backlog: u32, _: u32, _: u32) {
        let t = now.as_secs();
        self.area += self.n * (t - self.last);
        self.last = t;
        self.n = f64::from(in_service + backlog);
    }
    fn start(&mut self, _: Time, _: ServiceId, _: CohortId, _: u32, waited: Span) {
        self.waits += waited.as_secs();
        self.starts += 1.0;
    }
}

#[test]
fn ten_servers_keep_erlangs_wait() {
    let s = sketch(9.0, 1.0, 10.0, Some(10), None, 20_000.0);
    let mut waits = Vec::new();
    for replication in 0..10 {
        let mut area = Area::default();
        run(
            &s,
            &RunOptions {
                seed: 3,
                replication,
                ..Default::default()
            },
            &mut area,
        )
        .expect("runs");
        waits.push(area.waits / area.starts);
    }
    let i = crate::experiment::stats::Interval::with_confidence(&waits, 0.9999).expect("ten values");
    let (mean, half) = (i.mean, i.half_width.expect("ten values"));
    // Erlang C for c = 10, λ = 9, μ = 1.
    assert!((mean - 0.668_73).abs() < half, "{mean} ± {half}");
}

/// Counts of a run that both forms of the orbit must agree on.
fn counts(o: &Outcome) -> Vec<f64> {
    let t = &o.cohorts[0];
    [
        t.knocks,
        t.logins,
        t.refused[Refusal::Quota as usize],
        t.gave_up,
        t.sessions,
    ]
    .iter()
    .map(|x| *x as f64)
    .collect()
}

#[test]
fn superposition_and_knock_by_knock_tell_the_same_storm() {
    let s = storm(0.01);
    let runs = |orbit, from: u64| -> Vec<Vec<f64>> { (from..from + 12).map(|r| counts(&go(&s, orbit, r))).collect() };
    let (lazy, events) = (runs(Orbit::Auto, 0), runs(Orbit::Events, 100));
    for k in 0..5 {
        let stat = |runs: &[Vec<f64>]| {
            let n = runs.len() as f64;
            let mean = runs.iter().map(|r| r[k]).sum::<f64>() / n;
            let var = runs.iter().map(|r| (r[k] - mean).powi(2)).sum::<f64>() / (n - 1.0);
            (mean, var / n)
        };
        let ((a, va), (b, vb)) = (stat(&lazy), stat(&events));
        let z = (a - b) / (va + vb).sqrt().max(1e-9);
        assert!(
            z.abs() < 4.0,
            "count {k}: {a} by superposition, {b} knock by knock, z = {z:.2}"
        );
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    let s = storm(0.005);
    let (a, b, c) = (go(&s, Orbit::Auto, 0), go(&s, Orbit::Auto, 0), go(&s, Orbit::Auto, 1));
    assert_eq!(a.fingerprint, b.fingerprint);
    assert_ne!(a.fingerprint, c.fingerprint);
}
