//! A desk with unknown numbers: parameters that were planted are found again.

use super::{CalibrationFile, Country, DEFAULT, Settings, calibrate, ranges};
use crate::engine::{Purpose, Streams};
use crate::experiment::facts::{DEFAULT as FACTS, FactsFile};
use crate::scenario::Source;
use crate::world::{RunOptions, Unwatched, run};

/// A desk for one visit at a time, from which whoever finds it busy goes away: of a load `ρ` a share `1/(1+ρ)` gets in.
const DESK: &str = r#"(
    clock: (start: "2021-04-06T08:00", end: "2021-04-06T10:00", bin: "5 min"),
    services: {"desk": (station: (cores: 1, threads: 1, backlog: 0, work: Exponential(mean: "10 s")))},
    cohorts: {"all": (arrivals: Renewal(between: Exponential(mean: "20 s")))},
)"#;

const CALIBRATION: &str = r#"(
    facts: "desk.facts.ron",
    parameters: {
        "between": (law: LogUniform(from: 5.0, to: 40.0), unit: "s", paths: ["cohorts.all.arrivals.between.mean"]),
        "work": (law: Uniform(from: 0.4, to: 4.0), times: true, paths: ["services.desk.station.work.mean"]),
    },
)"#;

fn model(_: &str) -> Source {
    Source::Text {
        name: "desk.ron".into(),
        text: DESK.into(),
    }
}

/// Facts with these limits: knocks, and the share of them that got in.
fn facts(knocks: (f64, f64), share: (f64, f64)) -> String {
    let test = |what: &str, measure: &str, (low, high): (f64, f64)| {
        format!(
            r#"(id: "{what}", text: "", sources: "", tests: [(what: "{what}", measure: ({measure}), at_least: {low:?}, at_most: {high:?})])"#
        )
    };
    format!(
        r#"(model: "desk", facts: [{}, {}])"#,
        test("knocks", r#"of: "knocks", services: ["desk"]"#, knocks),
        test("share", r#"of: "logins", over: "knocks", services: ["desk"]"#, share),
    )
}

fn file(facts: &str) -> CalibrationFile {
    let found = |_: &str| Ok(("desk.facts.ron".to_owned(), facts.to_owned()));
    CalibrationFile::read("desk.calibration.ron", CALIBRATION, &found, &model, &[]).unwrap_or_else(|e| panic!("{e}"))
}

/// What a run at the truth shows.
fn numbers(facts: &FactsFile, seed: u64) -> Vec<f64> {
    let world = &facts.worlds[0];
    let options = RunOptions {
        seed,
        replication: 1_000_000,
        ..RunOptions::default()
    };
    let outcome = run(&world.scenario, &options, &mut Unwatched).unwrap();
    let tests = facts.facts.iter().flat_map(|fact| &fact.tests);
    tests
        .map(|test| test.measure.of(&world.scenario, &outcome).unwrap())
        .collect()
}

#[test]
fn planted_parameters_are_found_again() {
    let blind = file(&facts((0.0, 1.0), (0.0, 1.0)));
    let (mut held, mut trials, mut learnt) = (0, 0, 0.0);
    for seed in 1..=20 {
        let mut draw = Streams::new(seed, 0).sequence(Purpose::Other, 3);
        let truth = [draw.uniform(), draw.uniform()];
        let seen = numbers(&blind.at(&truth, &model).unwrap(), seed);
        // What a careful witness would report: within 3 %.
        let around = |x: f64| (0.97 * x, 1.03 * x);
        let file = file(&facts(around(seen[0]), around(seen[1])));
        let country = Country {
            file: &file,
            model: &model,
            seed,
        };
        let settings = Settings {
            dimensions: 2,
            particles: 60,
            rounds: 6,
            runs: 300,
            keep: 0.5,
            least_accepted: 0.0,
            seed,
        };
        let found = calibrate(&settings, &country, &mut |_| ()).unwrap_or_else(|e| panic!("{e}"));
        for ((range, parameter), truth) in ranges(&file.parameters, &found.kept)
            .iter()
            .zip(&file.parameters)
            .zip(truth)
        {
            held += u32::from((range.low..=range.high).contains(&parameter.at(truth)));
            learnt += range.contraction;
            trials += 1;
        }
    }
    // Intervals of 90 %: of 40 trials 36 on average, 30 or fewer in 0.5 % of cases (binomial).
    assert!(held > 30, "{held} of {trials}");
    // Most of the prior variance is gone after six rounds of 60 particles.
    assert!(learnt / f64::from(trials) > 0.6, "{}", learnt / f64::from(trials));
}

#[test]
fn a_run_that_shows_every_fact_is_at_distance_zero() {
    let file = file(&facts((1.0, 1e6), (0.0, 1.0)));
    let country = Country {
        file: &file,
        model: &model,
        seed: 1,
    };
    let seen = super::Simulator::observe(&country, &[0.5, 0.5], 0).unwrap();
    assert_eq!((seen.distance, seen.holds), (0.0, vec![true, true]));
    let file = self::file(&facts((0.0, 1.0), (0.0, 1.0)));
    let country = Country { file: &file, ..country };
    let seen = super::Simulator::observe(&country, &[0.5, 0.5], 0).unwrap();
    // Some 500 knocks against at most 1: as far as anything counts, in one of two facts.
    assert_eq!((seen.distance, seen.holds), (5.0, vec![false, true]));
}

#[test]
fn the_calibration_that_comes_with_the_program_can_be_read_and_its_draws_too() {
    let facts = |_: &str| Ok((FACTS.0.to_owned(), FACTS.1.to_owned()));
    let builtin = |name: &str| Source::Builtin(name.to_owned());
    let file = CalibrationFile::read(DEFAULT.0, DEFAULT.1, &facts, &builtin, &["size=0.001".into()]);
    let file = file.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(file.facts.len(), 11);
    // Both ends of every prior make a valid model.
    for end in [0.0, 1.0] {
        let facts = file
            .at(&vec![end; file.parameters.len()], &builtin)
            .unwrap_or_else(|e| panic!("{e}"));
        assert_ne!(facts.worlds[0].scenario.text, file.middle.worlds[0].scenario.text);
    }
}
