//! Small models with numbers nobody would choose: the books balance in every one (`world::run` checks its invariants),
//! and nothing panics, arithmetic and debug assertions included.

mod common;

use common::{add_policy, model, service};
use preau::engine::{Distribution, Draw, Purpose, Span, Streams, Time};
use preau::scenario::model::*;
use preau::world::{Orbit, RunOptions, Unwatched, run};
use proptest::prelude::*;

/// Throws so many numbers between 0 and 1, then zeros: a failure shrinks to a model that is random for a short while.
struct Dice {
    draw: Draw,
    throws: usize,
}

impl Dice {
    fn new(seed: u64, throws: usize) -> Dice {
        let draw = Streams::new(seed, 0).sequence(Purpose::Other, 0);
        Dice { draw, throws }
    }
    fn next(&mut self) -> f64 {
        if self.throws == 0 {
            return 0.0;
        }
        self.throws -= 1;
        self.draw.uniform()
    }
    fn chance(&mut self, share: f64) -> bool {
        self.next() > 1.0 - share
    }
    fn below(&mut self, n: usize) -> usize {
        ((self.next() * n as f64) as usize).min(n - 1)
    }
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.next() * (high - low)
    }
    fn maybe<T>(&mut self, share: f64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(share).then(|| make(self))
    }
    /// A law of positive values around a mean.
    fn law(&mut self, mean: f64) -> Distribution {
        match self.below(5) {
            0 => Distribution::Exponential { mean },
            1 => Distribution::Deterministic { value: mean },
            2 => Distribution::lognormal_mean_cv(mean, 1.5),
            3 => Distribution::Uniform {
                low: 0.0,
                high: 2.0 * mean,
            },
            _ => Distribution::Gamma { shape: 0.7, mean },
        }
    }
}

fn quota(d: &mut Dice) -> Quota {
    let logout_share = d.next();
    Quota {
        max_sessions: d.maybe(0.8, |d| d.below(60) as u64),
        counted_from: [CountedFrom::Admission, CountedFrom::Login][d.below(2)],
        admissions: d.maybe(0.5, |d| Admissions {
            count: 1 + d.below(20) as u64,
            period: Span::from_secs(d.between(1.0, 120.0)),
            window: [Window::Fixed, Window::Sliding, Window::TokenBucket, Window::Paced][d.below(4)],
        }),
        seat: match d.below(3) {
            0 => SeatRule::OnExit,
            1 => SeatRule::Sliding {
                idle: Span::from_secs(d.between(0.0, 900.0)),
                logout_share,
            },
            _ => SeatRule::Fixed {
                length: Span::from_secs(d.between(10.0, 1200.0)),
                logout_share,
            },
        },
        order: match d.below(6) {
            0 => Order::Reject,
            1 => Order::Fifo { bucket: Span::ZERO },
            2 => Order::Fifo {
                bucket: Span::from_secs(60.0),
            },
            3 => Order::Lottery,
            4 => Order::Priority {
                ageing: d.maybe(0.5, |d| Span::from_secs(d.between(1.0, 600.0))),
            },
            _ => Order::Passthrough,
        },
        poll: d.maybe(0.4, |d| Span::from_secs(d.between(1.0, 90.0))),
        max_length: d.maybe(0.4, |d| d.below(30) as u64),
        page_work: if d.chance(0.5) { d.between(0.0, 0.05) } else { 0.0 },
        bypass: if d.chance(0.3) {
            vec![Level::Teacher]
        } else {
            Vec::new()
        },
    }
}

fn bucket(d: &mut Dice) -> BucketSpec {
    BucketSpec {
        rate: d.between(0.01, 2.0),
        burst: 1.0 + d.below(20) as f64,
        random_refill: d.chance(0.3),
    }
}

fn change_service(d: &mut Dice, service: &mut Service) {
    let st = &mut service.station;
    st.cores = 1.0 + d.below(8) as f64;
    st.threads = d.maybe(0.7, |d| 1 + d.below(30) as u32);
    st.backlog = d.maybe(0.7, |d| d.below(30) as u32);
    let mean = d.between(0.01, 5.0);
    st.work = d.law(mean);
    st.wasted_work = d.chance(0.5);
    st.discipline = [Discipline::Fifo, Discipline::Priority, Discipline::PreemptiveResume][d.below(3)];
    st.initial = d.below(10) as u32;
    if d.chance(0.3) {
        st.efficiency = Efficiency::Usl {
            sigma: d.between(0.0, 0.1),
            kappa: d.between(0.0, 0.01),
            per_capacity: d.chance(0.5),
        };
    }
    st.breakdown = d.maybe(0.2, |d| Breakdown {
        mean_up: d.between(60.0, 7200.0),
        mean_repair: d.between(10.0, 1800.0),
    });
    service.quota = d.maybe(0.6, quota);
    service.limiter = d.maybe(0.2, bucket);
    if let Some(session) = &mut service.session {
        session.think = d.between(1.0, 60.0);
        session.page_work = if d.chance(0.7) { d.between(0.0, 2.0) } else { 0.0 };
    }
}

fn change_habit(d: &mut Dice, habit: &mut Habit, routes: usize) {
    let classes = d.below(4);
    habit.retries = (0..classes)
        .map(|_| {
            let mean = d.between(1.0, 600.0);
            RetryClass {
                share: 1.0 / classes as f64,
                // Most are exponential, so that they are pooled.
                delay: if d.chance(0.4) {
                    d.law(mean)
                } else {
                    Distribution::Exponential { mean }
                },
            }
        })
        .collect();
    habit.persistence = if d.chance(0.4) { d.next() } else { 1.0 };
    habit.max_tries = d.maybe(0.4, |d| 1 + d.below(12) as u32);
    habit.patience = d.maybe(0.6, |d| {
        let mean = d.between(1.0, 3600.0);
        d.law(mean)
    });
    habit.timeout = d.maybe(0.6, |d| {
        let mean = d.between(0.1, 60.0);
        Timeout {
            after: d.law(mean),
            scope: [TimeoutScope::Sojourn, TimeoutScope::Queue][d.below(2)],
        }
    });
    habit.tabs = d.between(1.0, 3.0);
    habit.giving_up = match d.below(3) {
        0 => Vec::new(),
        1 => vec![(1.0, Fallback::Nothing)],
        _ => vec![
            (0.3, Fallback::Route(RouteId(d.below(routes) as u16))),
            (0.4, Fallback::Later(d.law(900.0))),
            (
                0.3,
                Fallback::Elsewhere {
                    name: "paper".into(),
                    value: d.next(),
                },
            ),
        ],
    };
}

fn incident(d: &mut Dice, s: &Scenario) -> Incident {
    let service = ServiceId(d.below(s.services.len()) as u16);
    let host = HostId(d.below(s.hosts.len()) as u16);
    let from = d.between(0.0, 20_000.0);
    let until = from + d.between(0.0, 4000.0);
    Incident {
        key: format!("incident-{}", s.incidents.len()),
        name: String::new(),
        kind: match d.below(8) {
            0 => IncidentKind::ServiceOutage { service },
            1 => IncidentKind::NetworkFlood {
                host,
                rate: d.between(1e5, 1e8),
            },
            2 => IncidentKind::ApplicationFlood {
                service,
                rate: d.between(1.0, 1000.0),
                work: d.between(0.0, 0.1),
                sources: f64::INFINITY,
            },
            3 => IncidentKind::SlowConnections {
                service,
                threads: d.between(0.0, 40.0),
            },
            4 => IncidentKind::HostLoss {
                host,
                share: [0.5, 1.0][d.below(2)],
            },
            5 => IncidentKind::Slowdown {
                service,
                factor: d.between(0.01, 1.0),
            },
            6 => IncidentKind::Surge {
                cohorts: (0..s.cohorts.len() as u16).map(CohortId).collect(),
                share: d.between(0.0, 2.0),
            },
            _ => IncidentKind::PolicyChange { act: act(d, s) },
        },
        waves: vec![
            (Time::from_secs(from), Time::from_secs(until)),
            (Time::from_secs(until + 600.0), Time::from_secs(until + 1200.0)),
        ],
        defence: d.maybe(0.4, defence),
    }
}

fn defence(d: &mut Dice) -> Defence {
    Defence {
        detection: d.law(120.0),
        efficacy: d.next(),
        false_positives: d.between(0.0, 0.5),
        retool: None,
    }
}

fn act(d: &mut Dice, s: &Scenario) -> Act {
    let services = vec![
        ServiceId(d.below(s.services.len()) as u16),
        ServiceId(d.below(s.services.len()) as u16),
    ];
    let who = Who {
        regions: Vec::new(),
        levels: vec![[Level::College, Level::Primary, Level::Teacher][d.below(3)]],
    };
    match d.below(10) {
        0 => Act::SetQuota {
            services,
            quota: Some(Box::new(quota(d))),
        },
        1 => Act::SetQuota { services, quota: None },
        2 => Act::ScaleQuota {
            services,
            factor: d.between(0.0, 3.0),
        },
        3 => Act::ScaleCapacity {
            services,
            factor: d.between(0.1, 3.0),
        },
        4 => Act::Stagger {
            who,
            how: [
                Stagger::Shift(Span::from_secs(600.0)),
                Stagger::Spread(Span::from_secs(1200.0)),
                Stagger::Slots {
                    slots: 3,
                    step: Span::from_secs(300.0),
                },
            ][d.below(3)]
            .clone(),
        },
        5 => Act::RetryAfter {
            services,
            obey: d.next(),
            mean: d.between(1.0, 900.0),
        },
        6 => Act::RateLimit {
            services,
            bucket: d.maybe(0.8, bucket),
        },
        7 => Act::Scrub {
            incidents: Vec::new(),
            defence: defence(d),
        },
        8 => Act::Shed {
            services,
            who,
            lasting: Span::from_secs(d.between(0.0, 4000.0)),
        },
        _ => Act::Degrade {
            services,
            work: d.between(0.05, 1.0),
            value: d.next(),
        },
    }
}

/// The small country with a fifth of its people and other numbers everywhere.
fn scenario(d: &mut Dice) -> (Scenario, RunOptions<'static>) {
    let mut s = model("small");
    s.policies.clear();
    s.incidents.clear();
    for service in &mut s.services {
        change_service(d, service);
    }
    let routes = s.routes.len();
    for habit in &mut s.habits {
        change_habit(d, habit, routes);
    }
    for cohort in &mut s.cohorts {
        cohort.people /= 5;
        cohort.seats = 1 + d.below(3) as u32;
        cohort.priority = d.below(4) as u8;
        cohort.duration = d.law(1800.0);
    }
    // One cohort is of another nature.
    s.cohorts[0].source = match d.below(4) {
        0 => Source::Closed {
            population: 20,
            think: d.law(300.0),
        },
        1 => Source::Renewal {
            between: d.law(60.0),
            batch: d.maybe(0.5, |_| Distribution::Geometric { p: 0.3 }),
        },
        2 => Source::Rate {
            points: vec![(Time::ZERO, 0.0), (Time::from_secs(9000.0), 0.05)],
            linear: d.chance(0.5),
            batch: None,
        },
        _ => s.cohorts[0].source.clone(),
    };
    for _ in 0..d.below(5) {
        let incident = incident(d, &s);
        s.incidents.push(incident);
    }
    let mut acts: Vec<_> = (0..d.below(7))
        .map(|_| (Time::from_secs(d.between(0.0, 20_000.0)), act(d, &s)))
        .collect();
    acts.sort_by_key(|a| a.0);
    let policy = add_policy(&mut s, acts);
    let options = RunOptions {
        seed: (d.next() * 1e9) as u64,
        policies: vec![policy],
        orbit: [Orbit::Auto, Orbit::Events][d.below(2)],
        ..RunOptions::default()
    };
    (s, options)
}

/// Levers that came later, from dice of their own: what broke once stays the same model.
fn more_levers(d: &mut Dice, s: &mut Scenario) {
    for service in &mut s.services {
        if d.chance(0.3) && !s.hosts.is_empty() {
            let share = d.next();
            let other = HostId(d.below(s.hosts.len()) as u16);
            service.hosts = match service.host {
                Some(host) if host != other => vec![(host, share), (other, 1.0 - share)],
                _ => vec![(other, 1.0)],
            };
            service.host = None;
        }
    }
    for incident in &mut s.incidents {
        if let IncidentKind::ApplicationFlood { sources, .. } = &mut incident.kind
            && d.chance(0.5)
        {
            *sources = d.between(1.0, 5000.0);
        }
        if let Some(defence) = &mut incident.defence {
            defence.retool = d.maybe(0.5, |d| d.law(200.0));
        }
    }
    for host in &mut s.hosts {
        host.cores = if d.chance(0.5) {
            f64::INFINITY
        } else {
            d.between(0.0, 120.0)
        };
    }
    let mut acts: Vec<_> = (0..1 + d.below(8))
        .map(|_| (Time::from_secs(d.between(0.0, 20_000.0)), new_act(d, s, true)))
        .collect();
    let policy = s.policies.last_mut().expect("it was added");
    policy.acts.append(&mut acts);
    policy.acts.sort_by_key(|a| a.0);
    if d.chance(0.3) {
        let act = new_act(d, s, true);
        let mut incident = incident(d, s);
        incident.kind = IncidentKind::PolicyChange { act };
        s.incidents.push(incident);
    }
}

fn signal(d: &mut Dice) -> Signal {
    let (kind, scale) = [
        (SignalKind::Utilisation, 1.0),
        (SignalKind::PageLatency, 5.0),
        (SignalKind::Backlog, 20.0),
        (SignalKind::Waiting, 30.0),
        (SignalKind::Refused, 2.0),
        (SignalKind::LinkLoss, 0.5),
    ][d.below(6)];
    let above = d.between(0.0, scale);
    let below = above * d.next();
    Signal { kind, above, below }
}

fn delivery(d: &mut Dice) -> Delivery {
    Delivery {
        boot: d.law(120.0),
        warm_up: Span::from_secs(d.between(0.0, 300.0)),
        warm_speed: d.next(),
        drain: Span::from_secs(d.between(0.0, 600.0)),
    }
}

fn limit_law(d: &mut Dice) -> LimitLaw {
    match d.below(4) {
        0 => LimitLaw::Gradient2 {
            initial: 1.0 + d.below(20) as f64,
            min: 1.0 + d.below(5) as f64,
            max: 6.0 + d.below(50) as f64,
            queue: 1.0 + d.below(5) as f64,
            smoothing: d.next(),
            long_window: 1.0 + d.below(600) as f64,
        },
        1 => LimitLaw::Vegas {
            initial: 1.0 + d.below(20) as f64,
            max: 21.0 + d.below(50) as f64,
            smoothing: d.next(),
            probe: 1.0 + d.below(40) as f64,
        },
        2 => LimitLaw::Aimd {
            initial: 1.0 + d.below(10) as f64,
            max: 11.0 + d.below(50) as f64,
            backoff: d.next(),
            timeout: d.between(0.1, 10.0),
        },
        _ => LimitLaw::Envoy {
            min: 1.0 + d.below(5) as f64,
            max: 6.0 + d.below(50) as f64,
            buffer: d.next(),
            update: Span::from_secs(d.between(0.01, 10.0)),
            quantile: d.next(),
            interval: Span::from_secs(d.between(1.0, 600.0)),
            jitter: d.next(),
            requests: 1 + d.below(60) as u32,
        },
    }
}

fn new_act(d: &mut Dice, s: &Scenario, nested: bool) -> Act {
    let service = ServiceId(d.below(s.services.len()) as u16);
    let services = vec![service];
    let look = Span::from_secs(d.between(1.0, 300.0));
    match d.below(8) {
        0 => Act::PreWarm {
            services,
            factor: d.between(1.0, 3.0),
            delivery: delivery(d),
            lasting: d.maybe(0.6, |d| Span::from_secs(d.between(0.0, 6000.0))),
        },
        1 => Act::Autoscale {
            services,
            how: Box::new(Autoscale {
                signal: signal(d),
                look,
                step: if d.chance(0.5) {
                    Step::Cores(d.between(0.1, 8.0))
                } else {
                    Step::Share(d.between(0.01, 2.0))
                },
                delivery: delivery(d),
                cooldown: Span::from_secs(d.between(0.0, 600.0)),
                ceiling: d.between(1.0, 4.0),
                floor: d.between(0.05, 1.0),
            }),
        },
        2 => Act::Failover {
            services,
            how: Box::new(Failover {
                to: HostId(d.below(s.hosts.len()) as u16),
                detection: d.law(60.0),
                takes: d.law(300.0),
                factor: d.between(0.1, 2.0),
                standby: if d.chance(0.5) { d.next() } else { 0.0 },
                back: Span::from_secs(d.between(0.0, 300.0)),
            }),
        },
        3 => Act::ShedByLoad {
            services,
            how: ShedByLoad {
                steps: [Level::Primary, Level::College, Level::Lycee]
                    .into_iter()
                    .enumerate()
                    .map(|(i, level)| ShedStep {
                        who: Who {
                            regions: Vec::new(),
                            levels: vec![level],
                        },
                        above: 0.3 * (i + 1) as f64,
                        below: 0.3 * (i + 1) as f64 * d.next(),
                    })
                    .collect(),
                look,
            },
        },
        4 => Act::ConcurrencyLimit {
            services,
            limit: d.maybe(0.9, |d| LimitSpec {
                window: Span::from_secs(d.between(-1.0, 5.0).max(0.0)),
                law: limit_law(d),
            }),
        },
        5 => Act::PerClientLimit {
            services,
            limit: d.maybe(0.9, |d| PerClient {
                rate: d.between(0.001, 1.0),
                burst: 1.0 + d.below(10) as f64,
            }),
        },
        6 => Act::Restore { services },
        _ => {
            let inner = |d: &mut Dice| {
                if nested && d.chance(0.5) {
                    new_act(d, s, false)
                } else {
                    act(d, s)
                }
            };
            Act::Triggered(Box::new(Triggered {
                signal: signal(d),
                lasting: Span::from_secs(d.between(0.0, 300.0)),
                look,
                on: vec![(
                    service,
                    vec![inner(d)],
                    if d.chance(0.6) { vec![inner(d)] } else { Vec::new() },
                )],
            }))
        }
    }
}

/// Every time a few; `PREAU_CASES=10000` for a long night.
fn cases() -> u32 {
    let asked = std::env::var("PREAU_CASES").ok().and_then(|n| n.parse().ok());
    asked.unwrap_or(200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, max_shrink_iters: 400, ..ProptestConfig::default() })]
    #[test]
    fn the_books_balance_whatever_the_numbers(seed in any::<u64>(), throws in 100..600_usize) {
        let (mut s, options) = scenario(&mut Dice::new(seed, throws));
        more_levers(&mut Dice::new(!seed, throws), &mut s);
        let outcome = run(&s, &options, &mut Unwatched);
        prop_assert!(outcome.is_ok(), "{}", outcome.err().map_or(String::new(), |e| e.to_string()));
        let again = run(&s, &options, &mut Unwatched);
        prop_assert_eq!(outcome.map(|o| o.fingerprint), again.map(|o| o.fingerprint));
    }
}

/// Dice (seed, throws) that once broke something.
const BROKE: &[(u64, usize)] = &[
    // A login dropped by an outage left its time-out behind, which then met its person in a waiting room.
    (13_460_389_681_306_645_017, 272),
];

#[test]
fn what_broke_once_does_not_break_again() {
    for (seed, throws) in BROKE {
        let (s, options) = scenario(&mut Dice::new(*seed, *throws));
        assert!(run(&s, &options, &mut Unwatched).is_ok());
    }
}

#[test]
fn the_model_of_no_dice_runs() {
    let (s, options) = scenario(&mut Dice::new(0, 0));
    let outcome = run(&s, &options, &mut Unwatched).expect("runs");
    assert!(outcome.services[service(&s, "ent-idf").index()].knocks > 0);
}
