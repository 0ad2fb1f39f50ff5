//! Small countries built by hand, whose truth is known.

use super::{Observer, RunOptions, Unwatched, run};
use crate::engine::{Distribution, Span, Time};
use crate::measure::Outcome;
use crate::scenario::model::*;
use statrs::distribution::{ContinuousCDF, StudentsT};

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
        hosts: Vec::new(),
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
        fallback: false,
        grid: vec![],
    };
    let habit = Habit {
        key: "once".into(),
        retries: Vec::new(),
        persistence: 1.0,
        max_tries: None,
        patience: None,
        timeout: None,
        tabs: 1.0,
        learns: 0.0,
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
        teachers: None,
        leaves_empty_class: None,
        device: None,
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

fn go(s: &Scenario, replication: u64) -> Outcome {
    run(
        s,
        &RunOptions {
            seed: 7,
            replication,
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

/// Mean and half-width of its interval, of independent values.
fn interval(values: &[f64], confidence: f64) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let t = StudentsT::new(0.0, 1.0, n - 1.0).expect("two values or more");
    (mean, t.inverse_cdf(0.5 + confidence / 2.0) * libm::sqrt(variance / n))
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
    let (mean, half) = interval(&waits, 0.9999);
    // Erlang C for c = 10, λ = 9, μ = 1.
    assert!((mean - 0.668_73).abs() < half, "{mean} ± {half}");
}

#[test]
fn the_same_seed_is_the_same_run() {
    let s = sketch(9.0, 1.0, 10.0, Some(10), None, 2_000.0);
    let (a, b, c) = (go(&s, 0), go(&s, 0), go(&s, 1));
    assert_eq!(a.fingerprint, b.fingerprint);
    assert_ne!(a.fingerprint, c.fingerprint);
}
