//! What lognormal delays between knocks would change against exponential ones of the same medians. `docs/retry-law.md`
//! keeps the figures that `PREAU_REPLICATIONS=1000 cargo test --test retry_law -- --nocapture` prints.

mod common;

use common::{hours_lost, model};
use preau::engine::Distribution;
use preau::experiment::stats::Interval;
use preau::measure::Outcome;
use preau::scenario::model::Scenario;
use preau::world::{Orbit, RunOptions, Unwatched, run};

fn replications() -> u64 {
    let asked = std::env::var("PREAU_REPLICATIONS").ok().and_then(|n| n.parse().ok());
    asked.unwrap_or(120)
}

/// A region before its gate on an ordinary bad morning: no incidents, the delays of the country.
fn region() -> Scenario {
    let mut s = model("gated");
    s.incidents.clear();
    s
}

/// The same with lognormal delays of the same medians.
fn lognormal(sigma: f64) -> Scenario {
    let mut s = region();
    for habit in &mut s.habits {
        for class in &mut habit.retries {
            let median = class.delay.quantile(0.5).expect("a median");
            class.delay = Distribution::lognormal_median_sigma(median, sigma);
        }
    }
    s
}

const NAMES: [&str; 5] = [
    "knocks",
    "knocks per login",
    "visits in within 15 min, %",
    "visits given up",
    "hours lost",
];

fn numbers(o: &Outcome) -> [f64; 5] {
    let t = &o.cohorts[0];
    [
        t.knocks as f64,
        t.knocks as f64 / t.logins as f64,
        100.0 * t.connected_within[2] as f64 / t.visits as f64,
        t.gave_up as f64,
        hours_lost(o),
    ]
}

fn made(s: &Scenario, orbit: Orbit) -> Vec<[f64; 5]> {
    let one = |replication| {
        let options = RunOptions {
            seed: 1,
            replication,
            orbit,
            ..RunOptions::default()
        };
        numbers(&run(s, &options, &mut Unwatched).expect("runs"))
    };
    (0..replications()).map(one).collect()
}

fn interval(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let i = Interval::with_confidence(&values.collect::<Vec<_>>(), 0.95).expect("values");
    (i.mean, i.half_width.expect("more than one"))
}

#[test]
fn lognormal_delays_change_as_much_as_documented() {
    let base = made(&region(), Orbit::Auto);
    let others = [
        ("exponential, knock by knock", made(&region(), Orbit::Events)),
        ("lognormal, sigma 0.5", made(&lognormal(0.5), Orbit::Events)),
        ("lognormal, sigma 1.0", made(&lognormal(1.0), Orbit::Events)),
        ("lognormal, sigma 1.5", made(&lognormal(1.5), Orbit::Events)),
    ];
    println!("| | {} |", NAMES.join(" | "));
    println!("|---|{}", "---|".repeat(5));
    let row = |name: &str, cells: Vec<String>| println!("| {name} | {} |", cells.join(" | "));
    let cell = |(mean, half): (f64, f64)| format!("{mean:.2} ± {half:.2}");
    let column = |runs: &[[f64; 5]], k: usize| interval(runs.iter().map(|r| r[k]));
    row("exponential, pooled", (0..5).map(|k| cell(column(&base, k))).collect());
    let mut changes = Vec::new();
    for (name, runs) in &others {
        row(name, (0..5).map(|k| cell(column(runs, k))).collect());
        // The same people come to both, so the difference is taken replication by replication.
        let change = |k: usize| {
            let of_base = column(&base, k).0;
            let (mean, half) = interval(runs.iter().zip(&base).map(|(a, b)| a[k] - b[k]));
            (100.0 * mean / of_base, 100.0 * half / of_base)
        };
        let all: Vec<_> = (0..5).map(change).collect();
        row("change, %", all.iter().map(|c| cell(*c)).collect());
        changes.push((name, all));
    }
    for (name, all) in changes {
        let (hours, half) = all[4];
        println!("{name}: hours lost change by {hours:.2} % ± {half:.2} %");
        // What the page documents, at the far end of the interval.
        let (low, high) = match *name {
            "exponential, knock by knock" => (-4.0, 4.0),
            "lognormal, sigma 1.5" => (3.0, 25.0),
            _ => (-10.0, 10.0),
        };
        assert!(hours - half > low && hours + half < high, "{name}: {hours} ± {half}");
    }
}
