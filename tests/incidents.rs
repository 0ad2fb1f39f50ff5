//! Every kind of incident: nothing before it starts, and then what it should.

mod common;

use common::{Story, cohort, model, options, service, text, watch};
use preau::engine::{Distribution, Span, Time};
use preau::measure::{Outcome, Refusal};
use preau::scenario::model::*;
use preau::world::{Orbit, RunOptions, Unwatched, run};

/// 08:10 in the small country: queues are full.
const FROM: Time = Time(11_400 * 1_000_000_000);
/// 09:00.
const UNTIL: Time = Time(14_400 * 1_000_000_000);

fn calm() -> Scenario {
    let mut s = model("small");
    s.incidents.clear();
    s.policies.retain(|p| p.key != "defence");
    s
}

/// The country with one incident from 08:10 to 09:00.
fn with(kind: IncidentKind, defence: Option<Defence>) -> Scenario {
    let mut s = calm();
    s.incidents.push(Incident {
        key: "it".into(),
        name: String::new(),
        on: true,
        kind,
        waves: vec![(FROM, UNTIL)],
        defence,
    });
    s
}

type Run = (Outcome, Story);

/// Runs the calm country and the one with the incident, and checks that nothing happens before it does.
fn both(kind: IncidentKind, defence: Option<Defence>) -> (Run, Run) {
    let calm = watch(&calm(), &options(0, &[]));
    let hit = watch(&with(kind.clone(), defence), &options(0, &[]));
    let apart = calm.1.events.iter().zip(&hit.1.events).find(|(a, b)| a != b);
    let (before, after) = apart.unwrap_or_else(|| panic!("{kind:?} changes nothing"));
    assert!(before.0.min(after.0) >= FROM, "{kind:?}: {before:?} became {after:?}");
    (calm, hit)
}

/// Refusals at a service for a reason while the incident lasts, and outside.
fn refused(run: &Run, s: ServiceId, why: Refusal) -> (u64, u64) {
    let mut counts = (0, 0);
    for r in run.1.refused.iter().filter(|r| r.service == s && r.why == why) {
        // Knocks in vain of people in pools are told when they are looked at, which may be later.
        if r.at >= FROM && r.at <= UNTIL {
            counts.0 += r.count;
        } else {
            counts.1 += r.count;
        }
    }
    counts
}

fn logins(run: &Run, s: ServiceId, from: Time, until: Time) -> usize {
    let done = run.1.done.iter().filter(|d| d.0.service == s && !d.3);
    done.filter(|d| d.0.at > from && d.0.at <= until).count()
}

/// Sum of a column of a service's bins while the incident lasts.
fn bins(run: &Run, s: ServiceId, column: fn(&preau::measure::Bin) -> f64) -> f64 {
    run.0.series.services[s.index()][38..48].iter().map(column).sum()
}

fn others_are_untouched(a: &Run, b: &Run, s: ServiceId) {
    // What happens at one service reaches others through the people who change the door only.
    let of = |run: &Run, key: usize| run.0.services[key].sessions;
    for key in 0..a.0.services.len() {
        if key != s.index() {
            let (x, y) = (of(a, key) as f64, of(b, key) as f64);
            assert!(
                (x - y).abs() <= 0.3 * x.max(y),
                "service {key}: {x} sessions became {y}"
            );
        }
    }
}

fn key(name: &str) -> ServiceId {
    service(&calm(), name)
}

#[test]
fn a_service_that_is_out_answers_nobody() {
    for name in ["ent-idf", "cned", "mail", "class"] {
        let s = key(name);
        let (calm, hit) = both(IncidentKind::ServiceOutage { service: s }, None);
        assert!(logins(&calm, s, FROM, UNTIL) > 10);
        assert_eq!(
            logins(&hit, s, FROM, UNTIL),
            0,
            "{name} lets people in while it is down"
        );
        let sessions = |t: Time| {
            let mut n = 0_i64;
            for (d, begins) in hit.1.sessions.iter().filter(|(d, _)| d.service == s && d.at <= t) {
                n += if *begins { 1 } else { -1 };
                assert!(d.at <= FROM || !*begins);
            }
            n
        };
        assert!(sessions(Time(FROM.0 - 1)) > 0);
        assert_eq!(sessions(FROM), 0);
        assert!(refused(&hit, s, Refusal::Outage).0 > 0);
        assert_eq!(hit.0.services[s.index()].refused[Refusal::Outage as usize], {
            let (inside, outside) = refused(&hit, s, Refusal::Outage);
            inside + outside
        });
        assert_eq!(calm.0.services[s.index()].refused[Refusal::Outage as usize], 0);
        // It comes back.
        assert!(logins(&hit, s, UNTIL, UNTIL + Span::from_secs(1800.0)) > 5, "{name}");
        others_are_untouched(&calm, &hit, s);
    }
}

#[test]
fn a_lost_host_is_an_outage_and_half_a_host_is_slow() {
    let s = key("cned");
    let host = calm().services[s.index()].host.unwrap();
    let (_, hit) = both(IncidentKind::HostLoss { host, share: 1.0 }, None);
    for tenant in ["cned", "site"] {
        assert_eq!(logins(&hit, key(tenant), FROM, UNTIL), 0, "{tenant}");
    }
    let (calm, hit) = both(IncidentKind::HostLoss { host, share: 0.9 }, None);
    assert!(logins(&hit, s, FROM, UNTIL) > 0);
    assert!(bins(&hit, s, |b| b.latency) > 1.5 * bins(&calm, s, |b| b.latency));
    let (calm_bins, hit_bins) = (
        bins(&calm, key("ent-reu"), |b| b.latency),
        bins(&hit, key("ent-reu"), |b| b.latency),
    );
    assert!(
        (calm_bins - hit_bins).abs() < 0.2 * calm_bins,
        "another host is another host"
    );
}

#[test]
fn a_slowdown_slows() {
    let s = key("ent-idf");
    let (calm, hit) = both(
        IncidentKind::Slowdown {
            service: s,
            factor: 0.5,
        },
        None,
    );
    assert!(bins(&hit, s, |b| b.latency) > 1.3 * bins(&calm, s, |b| b.latency));
    let after = |run: &Run| {
        run.0.series.services[s.index()][64..]
            .iter()
            .map(|b| b.latency)
            .sum::<f64>()
    };
    assert!(after(&hit) < 1.2 * after(&calm), "it ends");
}

#[test]
fn an_application_flood_takes_cores_until_it_is_scrubbed() {
    let s = key("cned");
    let flood = IncidentKind::ApplicationFlood {
        service: s,
        rate: 300.0,
        work: 0.05,
        sources: f64::INFINITY,
    };
    let (calm, hit) = both(flood.clone(), None);
    assert!(bins(&hit, s, |b| b.utilisation) > 9.0);
    assert!(bins(&calm, s, |b| b.utilisation) < 8.0);
    assert!(refused(&hit, s, Refusal::Full).0 > refused(&calm, s, Refusal::Full).0);
    let defence = Defence {
        detection: Distribution::Deterministic { value: 600.0 },
        efficacy: 1.0,
        false_positives: 0.1,
        retool: None,
    };
    let (_, fought) = both(flood, Some(defence));
    let scrubbed = FROM + Span::from_secs(600.0);
    assert!(bins(&fought, s, |b| b.flood) < 0.3 * bins(&hit, s, |b| b.flood));
    let blocked = |r: &&common::Refused| r.why == Refusal::Blocked;
    assert!(fought.1.refused.iter().filter(blocked).count() > 5);
    for r in fought.1.refused.iter().filter(blocked) {
        assert!(r.service == s && r.at >= scrubbed && r.at <= UNTIL);
    }
    others_are_untouched(&calm, &hit, s);
}

#[test]
fn a_network_flood_loses_packets_of_all_tenants() {
    let s = key("cned");
    let host = calm().services[s.index()].host.unwrap();
    let flood = IncidentKind::NetworkFlood { host, rate: 40e6 };
    let (calm, hit) = both(flood, None);
    for tenant in ["cned", "site"] {
        let s = key(tenant);
        assert!(bins(&hit, s, |b| b.loss) > 5.0, "{tenant}");
        assert_eq!(bins(&calm, s, |b| b.loss), 0.0, "{tenant}");
        assert!(hit.0.series.services[s.index()][54..].iter().all(|b| b.loss == 0.0));
    }
    assert!(refused(&hit, key("site"), Refusal::Lost).0 > 20);
    assert_eq!(
        hit.0.services[key("ent-idf").index()].refused[Refusal::Lost as usize],
        0
    );
}

#[test]
fn slow_connections_hold_threads() {
    let s = key("ent-idf");
    let threads = f64::from(calm().services[s.index()].station.threads.unwrap());
    let (calm, hit) = both(IncidentKind::SlowConnections { service: s, threads }, None);
    assert_eq!(calm.0.services[s.index()].refused[Refusal::Full as usize], 0);
    assert!(refused(&hit, s, Refusal::Full).0 > 50);
    // Only who was in service already gets through.
    assert!(logins(&hit, s, FROM + Span::from_secs(60.0), UNTIL) == 0);
    let later = logins(&hit, s, UNTIL, UNTIL + Span::from_secs(1800.0));
    assert!(later > 20, "{later} logins when the threads are free again");
}

#[test]
fn a_surge_brings_visits_evenly_while_it_lasts() {
    let c = cohort(&calm(), "idf-primary");
    let kind = IncidentKind::Surge {
        cohorts: vec![c],
        share: 0.5,
    };
    let (calm, hit) = both(kind, None);
    let arrivals = |run: &Run| run.1.visits.iter().filter(|v| v.1 == c).count();
    // 600 of 2 000 connect; half of them come once more. Who is in a visit begins the extra one when it is over.
    let extra = arrivals(&hit) - arrivals(&calm);
    assert!((200..=330).contains(&extra), "{extra}");
    for other in 0..calm.0.cohorts.len() {
        if other != c.index() {
            let n = |run: &Run| run.0.cohorts[other].visits;
            assert!(n(&calm).abs_diff(n(&hit)) <= n(&calm) / 20);
        }
    }
}

#[test]
fn pages_of_a_gate_that_an_incident_sets_are_counted_as_finely_whatever_the_bins() {
    let gate = |bin: &str| {
        let s = text(&format!(
            r#"(
                clock: (end: "2 h", bin: "{bin}"),
                services: {{"ent": (
                    station: (cores: 1, threads: 20, backlog: 20, work: Exponential(mean: "0.5 s")),
                    session: (think: "45 s", page_work: "0.1 s"),
                )}},
                habits: {{"pupil": (retries: [(share: "100 %", delay: Exponential(mean: "20 s"))])}},
                cohorts: {{"pupils": (
                    habit: "pupil", arrivals: Rate(points: [("0 s", "1 /s"), ("30 min", "0.1 /s")]), duration: Exponential(mean: "5 min"),
                )}},
                incidents: {{"gate": (
                    kind: PolicyChange(act: SetQuota(services: ["ent"], quota: (max_sessions: 100, page_work: "20 ms"))),
                    waves: [("5 min", "6 min")],
                )}},
            )"#
        ));
        let options = RunOptions {
            orbit: Orbit::Events,
            ..options(0, &[])
        };
        let o = run(&s, &options, &mut Unwatched).expect("runs");
        assert!(o.services[0].refused[Refusal::Quota as usize] > 1000);
        let tally = &o.services[0];
        (tally.knocks, tally.connected_within, tally.learning)
    };
    // Ticks are of ten seconds in both.
    assert_eq!(gate("5 min"), gate("15 min"));
}

#[test]
fn a_policy_change_stays() {
    let s = key("ent-idf");
    let kind = IncidentKind::PolicyChange {
        act: Act::ScaleQuota {
            services: vec![s],
            factor: 0.5,
        },
    };
    let (calm, hit) = both(kind, None);
    let caps = |run: &Run| {
        run.0.series.services[s.index()]
            .iter()
            .map(|b| b.cap)
            .collect::<Vec<_>>()
    };
    let cap = caps(&calm)[0];
    assert!(caps(&calm).iter().all(|c| *c == cap));
    assert!(caps(&hit)[..37].iter().all(|c| *c == cap));
    assert!(caps(&hit)[37..].iter().all(|c| *c == cap / 2));
    assert!(refused(&hit, s, Refusal::Quota).0 > refused(&calm, s, Refusal::Quota).0);
}

/// Pages of a shut gate cost cores. With a backlog that more people than there are would not fill, nobody is refused as full,
/// however busy the threads; an attack's requests wait there too, and fill it where it is short.
#[test]
fn refusal_pages_turn_nobody_away_who_has_a_place_to_wait() {
    let gated = |backlog: u32, attack: &str| {
        common::text(&format!(
            r#"(
                clock: (end: "1 h"),
                services: {{"ent": (
                    station: (cores: 4, threads: 4, backlog: {backlog}, work: Exponential(mean: "1 s")),
                    quota: (max_sessions: 600, counted_from: Login, order: Reject, page_work: "0.01 s"),
                    session: (think: "45 s", page_work: "0 s"),
                )}},
                habits: {{"keen": (retries: [(share: "100 %", delay: Exponential(mean: "20 s"))])}},
                cohorts: {{"pupils": (habit: "keen", arrivals: Poisson(rate: "6 /s"), duration: Exponential(mean: "3 min"))}},
                incidents: {{{attack}}},
            )"#
        ))
    };
    let full = |s: &Scenario| {
        let tally = &common::play(s, &common::options(0, &[])).services[0];
        (
            tally.refused[Refusal::Quota as usize],
            tally.refused[Refusal::Full as usize],
        )
    };
    let (quota, calm) = full(&gated(100_000, ""));
    assert!(quota > 1000, "the gate refuses, so its pages load the cores: {quota}");
    assert_eq!(calm, 0, "nobody is refused as full");
    let flood =
        r#""a": (kind: ApplicationFlood(service: "ent", rate: "60 /s", work: "0.1 s"), waves: [("10 min", "20 min")])"#;
    assert_eq!(full(&gated(100_000, flood)).1, 0, "there is a place for everybody");
    assert!(full(&gated(500, flood)).1 > 100, "an attack fills the backlog");
    let wait = |attack: &str| {
        common::play(&gated(100_000, attack), &common::options(0, &[])).services[0]
            .waits
            .mean()
    };
    assert!(wait(flood) > wait(""), "who comes behind an attack waits");
}
