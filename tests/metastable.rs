//! The published case of a service that stays down after a burst, and the verdict on it (`docs/metastability.md`).

mod common;

use common::options;
use preau::experiment::stats::share::wilson;
use preau::measure::Outcome;
use preau::measure::kpi::{Ended, Scope, View};
use preau::scenario::model::Scenario;
use preau::scenario::{Source, load};
use preau::world::{RunOptions, Unwatched, run};

fn case(name: &str, sets: &[&str]) -> Scenario {
    let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
    load(&Source::Builtin(format!("theory/{name}")), &sets).unwrap_or_else(|e| panic!("{e}"))
}

fn made(s: &Scenario, replication: u64) -> Outcome {
    let options = RunOptions {
        replication,
        ..options(0, &[])
    };
    run(s, &options, &mut Unwatched).unwrap_or_else(|e| panic!("{e}"))
}

/// Share of the visits begun in seconds 60 to 80 that are answered.
fn answered(o: &Outcome) -> f64 {
    let bins = &o.series.services[0][12..16];
    let (begun, well) = bins
        .iter()
        .fold((0, 0), |(a, b), bin| (a + bin.first_knocks, b + bin.in_5min));
    well as f64 / begun as f64
}

/// Replications that are collapsed when looked at during seconds 60 to 80.
fn collapsed(name: &str, end: &str, runs: u64) -> u64 {
    let s = case(name, &[&format!("clock.end={end}")]);
    let shares: Vec<f64> = (0..runs).map(|r| answered(&made(&s, r))).collect();
    // It answers hardly anybody or nearly everybody: no run is in between.
    assert!(shares.iter().all(|share| !(0.2..0.8).contains(share)), "{shares:?}");
    shares.iter().filter(|share| **share < 0.5).count() as u64
}

/// Holds the share of collapsed seeds against that of a simulation written apart, event by event, of the same case: its
/// share must lie in our interval. Such a good interval misses once in ten thousand.
fn agrees(name: &str, end: &str, runs: u64, (there, of): (u32, u32)) -> u64 {
    let met = collapsed(name, end, runs);
    let (low, high) = wilson(met, runs, 0.9999).expect("runs");
    let share = f64::from(there) / f64::from(of);
    println!("{name}: {met} of {runs} collapsed ({low:.4} to {high:.4}), {there} of {of} there");
    assert!(low <= share && share <= high);
    met
}

#[test]
fn immediate_retries_keep_it_down_as_often_as_an_independent_simulation_says() {
    assert!(agrees("metastable", "100 s", 400, (1554, 2000)) > 200);
}

#[test]
fn backoff_lets_nearly_every_run_recover() {
    assert!(agrees("metastable-backoff", "160 s", 200, (5, 2000)) < 10);
}

#[test]
fn the_verdict_tells_the_two_apart() {
    let (mut down, mut well) = (0, 0);
    for replication in 0..20 {
        for name in ["metastable", "metastable-backoff"] {
            let s = case(name, &[]);
            let o = made(&s, replication);
            let view = View::new(&s, &o, Scope::Total);
            let stayed = view.stayed_down().expect("a service");
            // Eight seconds after the burst nobody of a run that recovers is late any more, and one that does not never is.
            match &stayed[..] {
                [] => well += 1,
                [stretch] if stretch.ended == Ended::NotEnded => {
                    down += 1;
                    assert!(name == "metastable" && answered(&o) < 0.2);
                    // From the end of the burst to five minutes before the end of the run.
                    assert_eq!((stretch.since, stretch.seconds), (25.0, 275.0));
                    assert!((stretch.load - 0.6).abs() < 0.05, "{}", stretch.load);
                }
                // The visits of the burst's last seconds may be late where it recovers.
                short => {
                    well += 1;
                    assert!(
                        short.iter().all(|d| d.seconds <= 60.0) && answered(&o) > 0.8,
                        "{short:?}"
                    );
                }
            }
        }
    }
    assert!(down > 5 && well >= 20, "{down} down, {well} well");
}

/// The verdict by itself, on series made up.
mod verdict {
    use preau::engine::Time;
    use preau::measure::kpi::{Ended, Kpi, Scope, StayedDown, View};
    use preau::measure::{Bin, Outcome, Series, Ticket, TicketEnd};
    use preau::scenario::model::{OperatorId, Scenario, ServiceId};
    use preau::scenario::{Source, load};

    fn stayed_down(scenario: &Scenario, outcome: &Outcome, service: ServiceId) -> Vec<StayedDown> {
        let door = View::new(scenario, outcome, Scope::Service(service));
        door.stayed_down().expect("a service")
    }

    /// One desk of ten cores, a second of work a visit, bins of five minutes, an outage from 00:10 to 00:20.
    fn desk() -> Scenario {
        desk_with(&[])
    }

    /// The same with pieces of its text replaced.
    fn desk_with(pieces: &[(&str, &str)]) -> Scenario {
        let mut text = r#"(
            name: "desk", clock: (end: "3 h", bin: "5 min"),
            services: {"desk": (station: (cores: 10, work: Deterministic("1 s")))},
            cohorts: {"all": (arrivals: Poisson(rate: "5 /s"))},
            incidents: {"outage": (kind: ServiceOutage(service: "desk"), waves: [("10 min", "20 min")])},
            policies: {"more": (acts: [(at: "40 min", act: ScaleCapacity(services: ["desk"], factor: 2))])},
        )"#
        .to_owned();
        for (piece, other) in pieces {
            text = text.replacen(piece, other, 1);
        }
        let source = Source::Text {
            name: "desk".into(),
            text,
        };
        load(&source, &[]).unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// Bins of so many visits a second each, in time or not.
    fn outcome(rates: &[(f64, bool)]) -> Outcome {
        let bin = |(rate, well): &(f64, bool)| {
            let visits = (300.0 * rate) as u64;
            Bin {
                first_knocks: visits,
                in_5min: if *well { visits } else { 0 },
                logins: visits,
                cores: 10.0,
                ..Bin::default()
            }
        };
        Outcome {
            series: Series {
                width: 300.0,
                services: vec![rates.iter().map(bin).collect()],
                ..Series::default()
            },
            ..Outcome::default()
        }
    }

    fn verdict(rates: &[(f64, bool)]) -> Vec<(f64, f64, Ended)> {
        let down = stayed_down(&desk(), &outcome(rates), ServiceId(0));
        down.iter().map(|d| (d.since, d.seconds, d.ended)).collect()
    }

    const WELL: (f64, bool) = (5.0, true);
    const DOWN: (f64, bool) = (5.0, false);

    fn day(special: &[(usize, (f64, bool))]) -> Vec<(f64, bool)> {
        let mut bins = vec![WELL; 36];
        for (i, what) in special {
            bins[*i] = *what;
        }
        bins
    }

    #[test]
    fn down_while_the_trigger_lasts_is_no_verdict() {
        assert!(verdict(&day(&[(2, DOWN), (3, DOWN)])).is_empty());
        // Nor is a bad bin long after, with a good one between.
        assert!(verdict(&day(&[(3, DOWN), (5, DOWN)])).is_empty());
        // Nor one without any trigger before it.
        assert!(verdict(&day(&[(1, DOWN)])).is_empty());
    }

    #[test]
    fn down_after_the_trigger_counts_until_it_is_well_again() {
        let down = day(&[(3, DOWN), (4, DOWN), (5, DOWN), (6, DOWN)]);
        assert_eq!(verdict(&down), [(1200.0, 900.0, Ended::WorkedOff)]);
        let load = stayed_down(&desk(), &outcome(&down), ServiceId(0))[0].load;
        assert!((load - 0.5).abs() < 1e-12, "{load}");
    }

    #[test]
    fn demand_beyond_capacity_is_a_trigger_of_its_own() {
        let down = day(&[(4, (11.0, false)), (5, (11.0, false)), (6, DOWN)]);
        assert_eq!(verdict(&down), [(1800.0, 300.0, Ended::WorkedOff)]);
    }

    #[test]
    fn what_ended_it_is_told() {
        let fell = day(&[(4, DOWN), (5, DOWN), (6, (3.0, true))]);
        assert_eq!(verdict(&fell), [(1200.0, 600.0, Ended::DemandFell)]);
        let mut night = day(&[(4, DOWN)]);
        night[5..].fill((0.0, true));
        assert_eq!(verdict(&night), [(1200.0, 300.0, Ended::DemandFell)]);
        let mut ever = day(&[]);
        ever[4..].fill(DOWN);
        // The last bin has not had its five minutes.
        assert_eq!(verdict(&ever), [(1200.0, 31.0 * 300.0, Ended::NotEnded)]);
        let next = day(&[(4, DOWN), (5, (12.0, true))]);
        assert_eq!(verdict(&next), [(1200.0, 300.0, Ended::NextTrigger)]);
        let mut quit = outcome(&day(&[(4, DOWN)]));
        (quit.series.services[0][4].gave_up, quit.series.services[0][4].logins) = (1000, 500);
        assert_eq!(stayed_down(&desk(), &quit, ServiceId(0))[0].ended, Ended::GaveUp);
    }

    #[test]
    fn an_act_is_named_before_anything_else() {
        let bins = day(&[(4, DOWN), (5, DOWN), (6, DOWN), (7, DOWN), (8, (3.0, true))]);
        let mut acted = outcome(&bins);
        acted.first_act = vec![("more".into(), None)];
        assert_eq!(stayed_down(&desk(), &acted, ServiceId(0))[0].ended, Ended::Act);
        let mut grown = outcome(&bins);
        grown.series.services[0][8].cores = 11.0;
        assert_eq!(stayed_down(&desk(), &grown, ServiceId(0))[0].ended, Ended::Act);
    }

    #[test]
    fn what_levers_change_changes_the_demand() {
        let policies = r#"policies: {
            "light": (acts: [(at: "0 s", act: Degrade(services: ["desk"], work: "50 %", value: "100 %"))]),
            "light and back": (acts: [
                (at: "0 s", act: Degrade(services: ["desk"], work: "50 %", value: "100 %")),
                (at: "5 min", act: Restore(services: ["desk"])),
            ]),
        "#;
        let s = desk_with(&[("policies: {", policies)]);
        // Twelve visits a second at ten cores: as written that is a trigger of its own, and no bin is one that stayed down.
        let mut bins = outcome(&day(&[(4, (12.0, false)), (5, (12.0, false))]));
        assert!(stayed_down(&s, &bins, ServiceId(0)).is_empty());
        bins.first_act = vec![("light".into(), None)];
        assert_eq!(stayed_down(&s, &bins, ServiceId(0))[0].seconds, 600.0);
        bins.first_act = vec![("light and back".into(), None)];
        assert!(stayed_down(&s, &bins, ServiceId(0)).is_empty());
    }

    #[test]
    fn every_wave_of_an_incident_pulls_its_lever() {
        let waves = r#"incidents: {
            "shed": (
                kind: PolicyChange(act: Shed(services: ["desk"], who: (levels: [parent]), lasting: "10 min")),
                waves: [("1 h", "61 min"), ("2 h", "121 min")],
            ),
        "#;
        let s = desk_with(&[("incidents: {", waves)]);
        let bins = outcome(&day(&[(14, DOWN), (15, DOWN), (26, DOWN)]));
        let since: Vec<f64> = stayed_down(&s, &bins, ServiceId(0)).iter().map(|d| d.since).collect();
        assert_eq!(since, [4200.0, 7800.0]);
    }

    #[test]
    fn no_time_at_all_has_no_sign() {
        let (s, bins) = (desk(), outcome(&day(&[])));
        let kpi = Kpi::find("metastable_minutes").expect("it is there");
        let minutes = kpi.of(&View::new(&s, &bins, Scope::Total)).expect("a service");
        assert_eq!(minutes.to_string(), "0");
    }

    #[test]
    fn the_seats_of_a_new_rule_count() {
        let gate = r#"session: (think: "30 s"), quota: (max_sessions: 6000, order: Reject, seat: Sliding(idle: "2 h")), station:"#;
        let policies =
            r#"policies: {"short": (acts: [(at: "0 s", act: SetSession(services: ["desk"], seat: OnExit))]), "#;
        let s = desk_with(&[
            ("station:", gate),
            ("policies: {", policies),
            ("arrivals:", r#"duration: Deterministic("1 min"), arrivals:"#),
        ]);
        let mut bins = outcome(&day(&[
            (4, DOWN),
            (5, DOWN),
            (6, DOWN),
            (7, DOWN),
            (8, DOWN),
            (9, DOWN),
        ]));
        for bin in &mut bins.series.services[0] {
            bin.cap = 6000;
        }
        let minutes = |o: &Outcome| {
            stayed_down(&s, o, ServiceId(0))
                .iter()
                .map(|d| d.seconds / 60.0)
                .sum::<f64>()
        };
        // Seats kept for two hours fill the gate by themselves before long; given back on leaving they never do.
        let kept = minutes(&bins);
        bins.first_act = vec![("short".into(), None)];
        assert!(kept < 30.0 && minutes(&bins) == 30.0, "{kept}");
    }

    /// A desk on two hosts, run by an operator with a crisis cell; what happens from 00:10 to 00:20.
    fn desk_on_hosts(incident: &str) -> Scenario {
        let text = format!(
            r#"(
            name: "desk", clock: (end: "3 h", bin: "5 min"),
            hosts: {{"a": (), "b": (), "c": ()}},
            operators: {{"one": (cell: (
                watches: [(signal: Refused(above: "5 /s", below: "1 /s"))], diagnosis: Deterministic("10 min"),
                playbook: [(name: "more", takes: Deterministic("5 min"), act: ScaleCapacity(services: ["desk"], factor: 2))],
            ))}},
            services: {{"desk": (
                operator: "one", hosts: [(host: "a", share: "70 %"), (host: "b", share: "30 %")], station: (cores: 10, work: Deterministic("1 s")),
            )}},
            cohorts: {{"all": (arrivals: Poisson(rate: "5 /s"))}},
            incidents: {{"it": ({incident}, waves: [("10 min", "20 min")])}},
        )"#
        );
        let source = Source::Text {
            name: "desk".into(),
            text,
        };
        load(&source, &[]).unwrap_or_else(|problems| panic!("{problems}"))
    }

    #[test]
    fn a_trigger_is_on_and_touches_a_host_of_the_service() {
        let bins = outcome(&day(&[(4, DOWN), (5, DOWN)]));
        let verdicts = |incident: &str| stayed_down(&desk_on_hosts(incident), &bins, ServiceId(0)).len();
        assert_eq!(verdicts(r#"kind: HostLoss(host: "b", share: "100 %")"#), 1);
        assert_eq!(verdicts(r#"kind: HostLoss(host: "c", share: "100 %")"#), 0);
        assert_eq!(verdicts(r#"on: false, kind: HostLoss(host: "b", share: "100 %")"#), 0);
    }

    #[test]
    fn what_a_crisis_cell_does_is_an_act() {
        let s = desk_on_hosts(r#"kind: ServiceOutage(service: "desk")"#);
        let mut fixed = outcome(&day(&[(4, DOWN), (5, DOWN), (6, DOWN), (7, DOWN)]));
        let minutes = |m: u64| Time::from_secs(60.0 * m as f64);
        fixed.tickets = vec![Ticket {
            operator: OperatorId(0),
            service: ServiceId(0),
            trouble: "refused",
            detected: minutes(20),
            taken: Some(minutes(20)),
            diagnosed: Some(minutes(30)),
            fixes: vec![("more".into(), minutes(39))],
            closed: None,
            end: TicketEnd::Open,
        }];
        assert_eq!(stayed_down(&s, &fixed, ServiceId(0))[0].ended, Ended::Act);
        fixed.tickets[0].fixes.clear();
        assert_eq!(stayed_down(&s, &fixed, ServiceId(0))[0].ended, Ended::WorkedOff);
    }
}
