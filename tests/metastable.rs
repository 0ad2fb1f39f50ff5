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
