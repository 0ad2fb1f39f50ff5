//! What must hold between runs: nothing happens before its cause, the same people meet every policy, the order in
//! which runs are made does not matter.

mod common;

use common::{AGENDA, Story, add_policy, books, cohort, model, options, play, policy, service, text, watch};
use preau::engine::{Distribution, Span, Time};
use preau::experiment::{Plan, replicate};
use preau::measure::{Outcome, Refusal};
use preau::scenario::model::*;
use std::collections::{BTreeMap, BTreeSet};

/// 07:50 in the small country: the first wave is on its way.
const ACT_AT: Time = Time(10_200 * 1_000_000_000);

fn reject(cap: u64) -> Quota {
    Quota {
        max_sessions: Some(cap),
        page_work: 0.005,
        ..Quota::unlimited(Order::Reject)
    }
}

fn defence(false_positives: f64) -> Defence {
    Defence {
        detection: Distribution::Deterministic { value: 60.0 },
        efficacy: 0.9,
        false_positives,
        retool: None,
    }
}

/// One act of every kind, and some in two forms, aimed at a service (or a flood, or a level).
fn acts(s: ServiceId, flood: IncidentId, level: Level) -> Vec<(&'static str, Act)> {
    let services = || vec![s];
    let who = || Who {
        regions: Vec::new(),
        levels: vec![level],
    };
    let stagger = |how| Act::Stagger { who: who(), how };
    let quota = |quota: Option<Quota>| Act::SetQuota {
        services: services(),
        quota: quota.map(Box::new),
    };
    let mut fair = reject(450);
    fair.order = Order::Fifo {
        bucket: Span::from_secs(60.0),
    };
    vec![
        ("fair queue", quota(Some(fair))),
        ("open doors", quota(None)),
        (
            "smaller quota",
            Act::ScaleQuota {
                services: services(),
                factor: 0.5,
            },
        ),
        (
            "more servers",
            Act::ScaleCapacity {
                services: services(),
                factor: 3.0,
            },
        ),
        ("shift", stagger(Stagger::Shift(Span::from_secs(2700.0)))),
        (
            "slots",
            stagger(Stagger::Slots {
                slots: 4,
                step: Span::from_secs(900.0),
            }),
        ),
        ("spread", stagger(Stagger::Spread(Span::from_secs(3600.0)))),
        (
            "retry after",
            Act::RetryAfter {
                services: services(),
                obey: 1.0,
                mean: 600.0,
                jitter: Spreading::Exponential,
            },
        ),
        (
            "retry after, in step",
            Act::RetryAfter {
                services: services(),
                obey: 1.0,
                mean: 600.0,
                jitter: Spreading::Uniform(0.0),
            },
        ),
        (
            "retry budget",
            Act::RetryBudget {
                services: services(),
                budget: Some(RetryBudget::Ratio {
                    share: 0.1,
                    window: Span::from_secs(120.0),
                    reserve: 0.0,
                }),
            },
        ),
        (
            "client throttle",
            Act::ClientThrottle {
                services: services(),
                throttle: Some(ClientThrottle {
                    factor: 1.1,
                    window: Span::from_secs(120.0),
                }),
            },
        ),
        (
            "rate limit",
            Act::RateLimit {
                services: services(),
                bucket: Some(BucketSpec {
                    rate: 0.2,
                    burst: 1.0,
                    random_refill: false,
                }),
            },
        ),
        (
            "scrubbing",
            Act::Scrub {
                incidents: vec![flood],
                defence: defence(0.2),
            },
        ),
        (
            "shedding",
            Act::Shed {
                services: services(),
                who: who(),
                lasting: Span::from_secs(1800.0),
            },
        ),
        (
            "lighter pages",
            Act::Degrade {
                services: services(),
                work: 0.5,
                value: 0.9,
            },
        ),
    ]
}

/// What an act should change, as (before, after) where `after` must be the less.
fn effect(name: &str, s: &Scenario, base: &(Outcome, Story), with: &(Outcome, Story)) -> (f64, f64) {
    let ent = service(s, "ent-idf");
    let college = cohort(s, "idf-college");
    let refused = |run: &(Outcome, Story), why: Refusal| -> f64 {
        let after = run
            .1
            .refused
            .iter()
            .filter(|r| r.at >= ACT_AT && r.service == ent && r.why == why);
        after.map(|r| r.count as f64).sum()
    };
    let of_cned = |run: &(Outcome, Story)| run.0.services[service(s, "cned").index()].refusals() as f64;
    let of_all = |run: &(Outcome, Story)| run.0.services[ent.index()].refusals() as f64;
    // Only what is under way is done twice within the hour: the rest of the visits are those that were moved.
    let soon = |run: &(Outcome, Story)| {
        let visits = run.1.visits.iter();
        let moved = visits.filter(|(at, c, _)| *c == college && *at > ACT_AT && *at < ACT_AT + Span::from_secs(1200.0));
        moved.count() as f64
    };
    let blocked = |run: &(Outcome, Story)| -> f64 {
        let services = run.0.services.iter();
        services.map(|t| t.refused[Refusal::Blocked as usize] as f64).sum()
    };
    match name {
        "fair queue" | "open doors" => (refused(base, Refusal::Quota), refused(with, Refusal::Quota)),
        "smaller quota" => (refused(with, Refusal::Quota), refused(base, Refusal::Quota)),
        "more servers" => (of_cned(base), of_cned(with)),
        "retry after" | "retry after, in step" | "retry budget" => (of_all(base), of_all(with)),
        "shift" | "slots" | "spread" => (soon(base), soon(with)),
        "rate limit" | "client throttle" => (refused(with, Refusal::Limited), refused(base, Refusal::Limited)),
        "scrubbing" => (blocked(with), blocked(base)),
        "shedding" => (refused(with, Refusal::Blocked), refused(base, Refusal::Blocked)),
        "lighter pages" => {
            let latency = |run: &(Outcome, Story)| {
                let bins = &run.0.series.services[ent.index()];
                bins.iter().skip(36).take(12).map(|b| b.latency).sum::<f64>()
            };
            (latency(base), latency(with))
        }
        _ => unreachable!("{name} has no effect to look for"),
    }
}

#[test]
fn policies_change_nothing_before_they_act_and_what_they_should_after() {
    let mut s = model("small");
    let flood = IncidentId(0);
    let cases = acts(service(&s, "ent-idf"), flood, Level::College);
    let cned = service(&s, "cned");
    let ids: Vec<_> = cases
        .into_iter()
        .map(|(name, mut act)| {
            if let Act::ScaleCapacity { services, .. } = &mut act {
                services.push(cned);
            }
            (name, act)
        })
        .map(|(name, act)| (name, add_policy(&mut s, vec![(ACT_AT, act)])))
        .collect();
    let base = watch(&s, &options(0, &[]));
    for (name, id) in ids {
        let with = watch(&s, &options(0, &[id]));
        let at = with.1.events.iter().position(|e| e.0 == ACT_AT && e.1 == AGENDA);
        let at = at.unwrap_or_else(|| panic!("{name} did not act"));
        assert!(
            base.1.events[..at] == with.1.events[..at],
            "{name} changed something before it acted"
        );
        assert_eq!(with.0.first_act[0].1, Some(ACT_AT), "{name}");
        assert_ne!(base.0.fingerprint, with.0.fingerprint, "{name}");
        let (more, less) = effect(name, &s, &base, &with);
        assert!(less < 0.9 * more, "{name}: {less} is not well below {more}");
    }
}

#[test]
fn what_policies_do_stays_where_it_was_aimed() {
    let s = model("small");
    let mut shed = s.clone();
    let ent = service(&s, "ent-idf");
    let teachers = Who {
        regions: Vec::new(),
        levels: vec![Level::Teacher],
    };
    let act = Act::Shed {
        services: vec![ent],
        who: teachers.clone(),
        lasting: Span::from_secs(1800.0),
    };
    let id = add_policy(&mut shed, vec![(ACT_AT, act)]);
    let (_, story) = watch(&shed, &options(1, &[id]));
    let blocked: Vec<_> = story
        .refused
        .iter()
        .filter(|r| r.why == Refusal::Blocked && r.service == ent)
        .collect();
    assert!(blocked.len() > 5, "{}", blocked.len());
    for r in blocked {
        assert!(r.at >= ACT_AT && r.at < ACT_AT + Span::from_secs(1800.0));
        assert!(teachers.takes(&s.cohorts[r.cohort.index()]));
    }
}

#[test]
fn a_policy_that_comes_after_the_end_changes_nothing() {
    let mut s = model("small");
    let late = s.clock.end + Span(1);
    let acts = acts(service(&s, "ent-idf"), IncidentId(0), Level::College);
    let id = add_policy(&mut s, acts.into_iter().map(|(_, act)| (late, act)).collect());
    let (base, with) = (play(&s, &options(2, &[])), play(&s, &options(2, &[id])));
    assert_eq!(base.fingerprint, with.fingerprint);
    assert_eq!(books(&base), books(&with));
    assert_eq!(with.first_act, [(s.policies[id.index()].key.clone(), None)]);
}

/// An act is an event like any other and so in the fingerprint; everything else must be the same to the nanosecond.
#[test]
fn a_policy_aimed_at_nobody_changes_nothing() {
    let mut s = model("small");
    let spare = service(&s, "spare");
    s.prices.core_hour = 0.0;
    let flood = IncidentId(s.incidents.len() as u16);
    let mut incident = s.incidents[0].clone();
    incident.key = "noise".into();
    incident.kind = IncidentKind::ApplicationFlood {
        service: spare,
        rate: 20.0,
        work: 0.05,
        sources: f64::INFINITY,
    };
    s.incidents.push(incident);
    // In the middle of a tick, while queues are full.
    let at = Time::from_secs(11_063.217);
    let ids: Vec<_> = acts(spare, flood, Level::Parent)
        .into_iter()
        .map(|(name, act)| (name, add_policy(&mut s, vec![(at, act)])))
        .collect();
    let (base, before) = watch(&s, &options(0, &[]));
    for (name, id) in ids {
        let (with, mut after) = watch(&s, &options(0, &[id]));
        let own = |e: &(Time, u8, u32)| e.1 == AGENDA;
        after.events.retain(|e| !own(e));
        let mut before = before.clone();
        before.events.retain(|e| !own(e));
        let apart = before.events.iter().zip(&after.events).find(|(a, b)| a != b);
        assert_eq!(apart, None, "{name}: the first event that differs");
        assert!(before == after, "{name}");
        let without_spare = |o: &Outcome| {
            let mut o = o.clone();
            o.series.services[spare.index()].clear();
            o.money.scrubbing = 0.0;
            books(&o)
        };
        assert!(without_spare(&base) == without_spare(&with), "{name}");
    }
}

#[test]
fn neither_threads_nor_order_matter() {
    let s = model("small");
    let plan = |from: u64, to: u64, threads| Plan {
        replications: from..to,
        threads: Some(threads),
        ..Plan::new(&s, 5, 0)
    };
    let rows = |p: &Plan<'_>| {
        let made = replicate(p, &|_| ()).unwrap_or_else(|e| panic!("{e}"));
        let row = |r: &preau::experiment::RunRow| format!("{} {:016x} {:?}", r.replication, r.fingerprint, r.scopes);
        made.rows[0].iter().map(row).collect::<Vec<_>>()
    };
    let together = rows(&plan(0, 4, 1));
    assert_eq!(together, rows(&plan(0, 4, 2)));
    for replication in [3, 1, 0, 2] {
        assert_eq!(
            together[replication as usize..][..1],
            rows(&plan(replication, replication + 1, 1))
        );
    }
    let different: BTreeSet<_> = together.iter().collect();
    assert_eq!(different.len(), 4);
}

/// The length of every whole session by person and visit: what the person wanted.
fn wanted(s: &Scenario, story: &Story) -> BTreeMap<(u16, u32, usize), u64> {
    let mut visits: BTreeMap<(u16, u32), usize> = BTreeMap::new();
    let mut open: BTreeMap<(u16, u32), Time> = BTreeMap::new();
    let mut lengths = BTreeMap::new();
    let mut begun = story.visits.iter().peekable();
    for (deed, begins) in &story.sessions {
        while let Some((_, c, person)) = begun.next_if(|v| v.0 < deed.at) {
            *visits.entry((c.0, *person)).or_default() += 1;
        }
        let who = (deed.cohort.0, deed.person);
        if *begins {
            open.insert(who, deed.at);
        } else if let Some(from) = open.remove(&who)
            && deed.at < s.clock.end
        {
            lengths.insert((who.0, who.1, visits[&who]), (deed.at - from).0);
        }
    }
    lengths
}

#[test]
fn the_same_pupil_wants_the_same_under_every_policy() {
    let mut s = model("small");
    // Nothing cuts a session short.
    for service in &mut s.services {
        if let Some(q) = &mut service.quota {
            q.seat = SeatRule::OnExit;
        }
    }
    let base = wanted(&s, &watch(&s, &options(3, &[])).1);
    assert!(base.len() > 2000, "{}", base.len());
    for key in ["quota", "smoothing", "capacity", "defence"] {
        let with = wanted(&s, &watch(&s, &options(3, &[policy(&s, key)])).1);
        let mut both = 0;
        for (who, length) in &with {
            if let Some(before) = base.get(who) {
                assert_eq!(before, length, "{key}: {who:?}");
                both += 1;
            }
        }
        assert!(both > base.len() / 2, "{key}: {both} of {} in both", base.len());
    }
}

#[test]
fn scrubbing_takes_the_same_people_for_attackers() {
    let mut s = model("small");
    let cned = service(&s, "cned");
    // Through the site comes whom the other defence lets through: only one of the two is of interest.
    s.incidents.truncate(1);
    let scrub = Act::Scrub {
        incidents: Vec::new(),
        defence: defence(0.2),
    };
    let more = Act::ScaleCapacity {
        services: vec![cned],
        factor: 2.0,
    };
    let a = add_policy(&mut s, vec![(ACT_AT, scrub)]);
    let b = add_policy(&mut s, vec![(ACT_AT, more)]);
    let (mut blocked, mut passed) = (Vec::new(), BTreeSet::new());
    for policies in [vec![a], vec![a, b]] {
        let (_, story) = watch(&s, &options(4, &policies));
        let of = |r: &&common::Refused| r.why == Refusal::Blocked;
        blocked.push(
            story
                .refused
                .iter()
                .filter(of)
                .map(|r| (r.cohort, r.person))
                .collect::<BTreeSet<_>>(),
        );
        // The last wave is scrubbed from 08:35 to 09:30; no login that began before is still there at 08:38.
        let (from, until) = (Time::from_secs(13_080.0), Time::from_secs(16_200.0));
        let starts = story.starts.iter().map(|(deed, _)| deed);
        passed.extend(
            starts
                .filter(|d| d.service == cned && d.at > from && d.at < until)
                .map(|d| (d.cohort, d.person)),
        );
    }
    let both = blocked[0].intersection(&blocked[1]).count();
    assert!(
        both > 20 && passed.len() > 20,
        "{both} blocked twice, {} passed",
        passed.len()
    );
    let wronged: Vec<_> = blocked[0].union(&blocked[1]).filter(|p| passed.contains(*p)).collect();
    assert_eq!(wronged, Vec::<&(CohortId, u32)>::new());
}

/// Patience is for the whole way in: whoever has none left when the second door shows a queue does not join it for ever.
#[test]
fn patience_that_runs_out_on_the_way_is_not_forgotten() {
    let s = text(
        r#"(
            clock: (end: "2 h"),
            services: {
                "portal": (
                    station: (cores: 1, work: Deterministic("10 min")),
                    quota: (max_sessions: 1, counted_from: Admission, order: Fifo()),
                ),
                "full": (station: (cores: 1, work: Deterministic("1 s")), quota: (max_sessions: 0, order: Fifo()), session: ()),
            },
            habits: {"hasty": (patience: Deterministic("15 min"))},
            routes: {"in": (steps: ["portal", "full"])},
            cohorts: {
                "two": (people: 2, habit: "hasty", arrivals: Crowd([(at: "1 min", spread: Uniform(high: "1 min"))]),
                    duration: Deterministic("1 h")),
            },
        )"#,
    );
    let o = play(&s, &options(0, &[]));
    let t = &o.cohorts[0];
    assert_eq!((t.logins, t.refused[Refusal::Reneged as usize], t.gave_up), (2, 2, 2));
    assert_eq!((t.underway, t.unfinished), (0, 0));
}
