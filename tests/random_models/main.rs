//! Small models with numbers nobody would choose: the books balance in every one (`world::run` checks its invariants),
//! and nothing panics, arithmetic and debug assertions included.

mod at_first;
#[path = "../common/mod.rs"]
mod common;
mod country;
mod dice;
mod forms;
mod gates;
mod levers;
mod relations;
mod renumbered;
mod reworded;
mod rewrites;
mod school;
mod told;

use common::{add_policy, model, service};
use dice::Dice;
use gates::{furnish_all, quota};
use levers::more_levers;
use preau::engine::{Distribution, Span, Time};
use preau::scenario::model::*;
use preau::world::{Orbit, RunOptions, Unwatched, run};
use proptest::prelude::*;

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
                backoff: d.maybe(0.2, |d| Backoff {
                    base: d.between(0.1, 60.0),
                    factor: d.between(1.0, 3.0),
                    cap: d.between(60.0, 600.0),
                    jitter: [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated][d.below(4)],
                }),
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
            network: d.maybe(0.3, |d| d.law(2.0)),
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
        on: true,
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
    match d.below(12) {
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
            jitter: [
                Spreading::Exponential,
                Spreading::Uniform(0.0),
                Spreading::Uniform(60.0),
            ][d.below(3)],
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
        9 => Act::RetryBudget {
            services,
            budget: [
                None,
                Some(RetryBudget::Ratio {
                    share: 0.1,
                    window: Span::from_secs(120.0),
                    reserve: 0.1,
                }),
                Some(RetryBudget::Tokens {
                    tokens: 50.0,
                    cost: 5.0,
                    error_cost: 14.0,
                    earn: 1.0,
                }),
            ][d.below(3)],
        },
        10 => Act::ClientThrottle {
            services,
            throttle: [
                None,
                Some(ClientThrottle {
                    factor: 2.0,
                    window: Span::from_secs(120.0),
                }),
            ][d.below(2)],
        },
        _ => Act::Degrade {
            services,
            work: d.between(0.05, 1.0),
            value: d.next(),
        },
    }
}

/// Incidents, and a policy that acts.
fn add_trouble(d: &mut Dice, s: &mut Scenario) -> PolicyId {
    for _ in 0..d.below(5) {
        let incident = incident(d, s);
        s.incidents.push(incident);
    }
    let mut acts: Vec<_> = (0..d.below(7))
        .map(|_| (Time::from_secs(d.between(0.0, 20_000.0)), act(d, s)))
        .collect();
    acts.sort_by_key(|a| a.0);
    add_policy(s, acts)
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
    let policy = add_trouble(d, &mut s);
    let options = RunOptions {
        seed: (d.next() * 1e9) as u64,
        policies: vec![policy],
        orbit: [Orbit::Auto, Orbit::Events][d.below(2)],
        ..RunOptions::default()
    };
    furnish_all(d, &mut s);
    (s, options)
}

/// As [`scenario`], with levers that came later.
fn with_all_levers(seed: u64) -> (Scenario, RunOptions<'static>) {
    let throws = 100 + (seed * 37 % 500) as usize;
    let (mut s, options) = scenario(&mut Dice::new(seed, throws));
    more_levers(&mut Dice::new(!seed, throws), &mut s);
    (s, options)
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
        prop_assert_eq!(outcome.as_ref().map(|o| o.fingerprint).ok(), again.map(|o| o.fingerprint).ok());
    }
}

/// Dice (seed, throws) that once broke something.
const BROKE: &[(u64, usize)] = &[
    // A login dropped by an outage left its time-out behind, which then met its person in a waiting room.
    (13_460_389_681_306_645_017, 272),
    // Cores given back beyond what the model gave counted as less than none, and the shares of the hosts passed 1.
    (13_282_811_984_372_907_708, 307),
    // Somebody left a backlog that a flood shares: what was left of it was due at every nanosecond, for ever.
    (8_965_573_437_611_971_880, 404),
];

#[test]
fn what_broke_once_does_not_break_again() {
    for (seed, throws) in BROKE {
        let (mut s, options) = scenario(&mut Dice::new(*seed, *throws));
        assert!(run(&s, &options, &mut Unwatched).is_ok());
        more_levers(&mut Dice::new(!seed, *throws), &mut s);
        assert!(run(&s, &options, &mut Unwatched).is_ok());
    }
}

#[test]
fn the_model_of_no_dice_runs() {
    let (s, options) = scenario(&mut Dice::new(0, 0));
    let outcome = run(&s, &options, &mut Unwatched).expect("runs");
    assert!(outcome.services[service(&s, "ent-idf").index()].knocks > 0);
}
