//! The size of the country: size 1 is the country itself, half the size brings half the arrivals, and near saturation it
//! is another answer. What each field does at another size: `src/scenario/tests/size.rs`.

mod common;

use preau::experiment::RunRow;
use preau::measure::Outcome;
use preau::scenario::model::Scenario;
use preau::scenario::{Source, load};

fn builtin(name: &str, sets: &[&str]) -> Scenario {
    let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
    load(&Source::Builtin(name.into()), &sets).unwrap_or_else(|e| panic!("{e}"))
}

fn play(scenario: &Scenario, replication: u64) -> Outcome {
    common::play(scenario, &common::options(replication, &[]))
}

fn visits(outcome: &Outcome) -> f64 {
    outcome.cohorts.iter().map(|tally| tally.visits as f64).sum()
}

#[test]
fn size_one_leaves_every_event_where_it_was() {
    for model in ["small", "gated"] {
        let print = |sets: &[&str]| play(&common::model_with(model, sets), 0).fingerprint;
        assert_eq!(print(&[]), print(&["size=1"]));
        assert_ne!(print(&[]), print(&["size=0.5"]));
    }
}

/// Seeds are fixed, so that the test never fails by bad luck: |z| of 4 comes up once in 16 000.
#[test]
fn half_the_country_has_half_the_arrivals() {
    const REPLICATIONS: u64 = 20;
    // Arrivals as written: 9 /s for 2000 s; 100 to 600 s, 200 to 1000 s; one every 2 s for 2000 s.
    let renewal = "cohorts.customers.arrivals=Renewal(between: Gamma(shape: 2, mean: \"2 s\"))";
    for (model, end, more, written, dispersion) in [
        ("bench/w1", "clock.end=2000 s", None, 18_000.0, 1.0),
        ("bench/w2", "clock.end=1000 s", None, 140_000.0, 1.0),
        ("bench/w1", "clock.end=20000 s", Some(renewal), 10_000.0, 0.5),
    ] {
        let sets: Vec<&str> = ["size=0.5", end].into_iter().chain(more).collect();
        let half = builtin(model, &sets);
        let arrivals: f64 = (0..REPLICATIONS).map(|r| visits(&play(&half, r))).sum();
        let expected = 0.5 * written * REPLICATIONS as f64;
        let z = (arrivals - expected) / (dispersion * expected).sqrt();
        println!("{model}: {arrivals} arrivals, {expected} expected, z = {z:.2}");
        assert!(
            z.abs() < 4.0,
            "{model}: {arrivals} arrivals, {expected} expected, z = {z:.2}"
        );
    }
    // A crowd has no noise but who connects.
    let (whole, half) = (common::model("gated"), common::model_with("gated", &["size=0.5"]));
    let ratio = visits(&play(&half, 0)) / visits(&play(&whole, 0));
    assert!((ratio - 0.5).abs() < 0.01, "{ratio}");
}

/// Why a result of another size is labelled: Erlang's C for 10 and for 5 servers at the same load of 0.9.
#[test]
fn near_saturation_half_the_country_waits_longer() {
    for (size, exact) in [("size=1", 0.668_73), ("size=0.5", 1.524_98)] {
        let country = builtin("bench/w1", &[size, "clock.end=30000 s"]);
        let rows = (0..20).map(|r| RunRow::of(&country, &play(&country, r), 0, r));
        // Until one is in: with the service, whose mean is 1 s.
        let waits: Vec<f64> = rows.map(|row| row.total("wait_mean").unwrap() - 1.0).collect();
        let (mean, error) = common::mean_error(&waits);
        println!("{size}: mean wait {mean:.4} ± {error:.4}, exact {exact}");
        assert!(
            (mean - exact).abs() < 4.0 * error,
            "{size}: {mean} ± {error}, exact {exact}"
        );
    }
}
