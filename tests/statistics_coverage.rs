//! Intervals of replicated runs against a model whose truth is known, through the simulator itself. How intervals cover
//! on made-up numbers is tested beside each in `src/experiment/stats`. A next statistic of replications goes here when
//! some textbook queue knows its true value at every length of run.

use preau::experiment::stats::{Interval, controlled};
use preau::experiment::{Plan, RunRow, replicate};
use preau::scenario::{Source, load};

/// One desk and no place to wait (M/M/1/1), from an empty start. With arrivals at `λ`, service at `μ` and
/// `s = λ + μ`, the desk is busy at `t` with probability `λ/s (1 - e^{-st})`, so by `T` the mean number of those
/// turned away is `λ²/s (T - (1 - e^{-sT})/s)`: exact for short runs, where no warm-up blurs the truth.
const DESK: &str = r#"(
    clock: (end: "60 s", bin: "60 s"),
    services: {"desk": (station: (cores: 1, threads: 1, backlog: 0, work: Exponential(mean: "1 s")))},
    habits: {"plain": (giving_up: [(share: "100 %", then: Nothing)])},
    routes: {"visit": (steps: ["desk"])},
    cohorts: {"customers": (
        level: other, habit: "plain", routes: [(share: "100 %", route: "visit")], arrivals: Poisson(rate: "0.8 /s"),
    )},
)"#;

const EXPERIMENTS: usize = 2000;
const REPLICATIONS: usize = 10;

fn turned_away() -> f64 {
    let (arrivals, service, end) = (0.8_f64, 1.0, 60.0);
    let s = arrivals + service;
    arrivals * arrivals / s * (end - (1.0 - (-s * end).exp()) / s)
}

/// The share of 2000 intervals that covers has a standard deviation of 0.49 % if each covers with 95 %, so an honest
/// interval falls outside 93 to 97 % once in 20 000 seeds; and this seed is fixed.
#[test]
fn intervals_of_replicated_runs_cover_the_truth() {
    let source = Source::Text {
        name: "desk.ron".into(),
        text: DESK.into(),
    };
    let scenario = load(&source, &[]).unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    let mut plan = Plan::new(&scenario, 17, (EXPERIMENTS * REPLICATIONS) as u64);
    plan.keep_first = false;
    let rows = replicate(&plan, &|_| ()).unwrap().rows.remove(0);
    let of = |rows: &[RunRow], kpi: &str| -> Vec<f64> { rows.iter().map(|r| r.total(kpi).unwrap()).collect() };
    let truth = turned_away();
    let (mut plain, mut with_arrivals, mut narrower) = (0, 0, 0.0);
    for experiment in rows.chunks(REPLICATIONS) {
        let (refused, visits) = (of(experiment, "refused_full"), of(experiment, "visits"));
        let interval = Interval::of(&refused).unwrap();
        plain += usize::from(interval.holds(truth));
        // The arrivals are the control: a Poisson number of mean λT.
        let corrected = controlled(&refused, &[&visits], &[0.8 * 60.0], 0.95).unwrap();
        with_arrivals += usize::from(corrected.interval.holds(truth));
        narrower += corrected.against(&interval).unwrap() / EXPERIMENTS as f64;
    }
    for (name, covered) in [("plain", plain), ("with arrivals as a control", with_arrivals)] {
        let share = covered as f64 / EXPERIMENTS as f64;
        assert!((0.93..=0.97).contains(&share), "{name}: {share}");
    }
    assert!(narrower < 0.8, "knowing the arrivals left {narrower} of the width");
    let all = Interval::with_confidence(&of(&rows, "refused_full"), 0.9999).unwrap();
    assert!(all.holds(truth), "{all:?} is not {truth}");
}
