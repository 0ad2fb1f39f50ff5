//! From a sweep to indices and boxes, where the answer is known: arrivals are Poisson at a rate, so visits are the rate times
//! an hour, and the work of a request changes none of them.

use preau::experiment::analysis::{Failing, Indices, Means};
use preau::experiment::study::{Study, Surroundings};
use preau::experiment::sweep::{Journal, Plan, Results, Start, sweep};
use preau::scenario::Source;

const DESK: &str = r#"(
    name: "desk",
    clock: (end: "1 h", bin: "1 h"),
    services: {"desk": (station: (cores: 1, threads: 1, backlog: 0, work: Exponential(mean: "1 s")))},
    habits: {"plain": (giving_up: [(share: "100 %", then: Nothing)])},
    routes: {"visit": (steps: ["desk"])},
    cohorts: {"customers": (
        level: other, habit: "plain", routes: [(share: "100 %", route: "visit")], arrivals: Poisson(rate: "0.2 /s"),
    )},
)"#;

/// Runs a design and hands its means over.
fn swept(design: &str, then: impl FnOnce(&Study, &Means<'_>)) {
    let text = format!(
        r#"(
    model: "desk",
    uncertainties: {{
        "rate": Range(path: "cohorts.customers.arrivals.rate", from: "0.1 /s", to: "0.3 /s"),
        "work": Range(path: "services.desk.station.work.mean", from: "1 s", to: "4 s"),
    }},
    design: {design},
    replications: Fixed(1),
    kpis: ["visits", "refused_full"],
)"#
    );
    let model = |_: &str| Source::Text {
        name: "desk".into(),
        text: DESK.into(),
    };
    let around = Surroundings {
        model: &model,
        file: &|_| Ok(String::new()),
    };
    let study = Study::read("question.ron", &text, &around, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let plan = Plan::new(&study, Start::new(&study, "question", &text, None, &[]));
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(&folder.path().join("journal")).unwrap().journal;
    sweep(&plan, &mut journal, Some(1), None, false, &mut |_| ()).unwrap();
    let mut means = Means::new(&study);
    for result in Results::of(&plan, &mut journal) {
        means.take(&result.unwrap());
    }
    assert_eq!((means.missing(), means.fewest), (0, 1));
    then(&study, &means);
}

#[test]
fn a_screening_tells_the_factor_that_matters_from_the_one_that_does_not() {
    swept("Morris(12)", |_, means| {
        let visits = means.sensitivity(0).unwrap().unwrap();
        assert_eq!(
            (visits.groups, visits.left_out, &visits.dimensions[..]),
            (12, 0, &["rate".to_owned(), "work".to_owned()][..])
        );
        let Indices::Morris(effects) = &visits.indices else {
            panic!()
        };
        // Across the range 0.2 more a second: 720 more in an hour, give or take a Poisson count's noise.
        assert!((effects[0].mu.mean - 720.0).abs() < 40.0, "{:?}", effects[0]);
        // The same people come whatever the work.
        assert_eq!((effects[1].mu_star, effects[1].sigma), (0.0, Some(0.0)));
        let Indices::Morris(refused) = means.sensitivity(1).unwrap().unwrap().indices else {
            panic!()
        };
        assert!(refused.iter().all(|e| e.mu.mean > 50.0), "{refused:?}");
    });
}

#[test]
fn blocks_give_sobol_indices() {
    swept("SobolIndices(32)", |_, means| {
        let visits = means.sensitivity(0).unwrap().unwrap();
        let Indices::Sobol(indices) = &visits.indices else {
            panic!()
        };
        assert_eq!(indices.base, 32);
        // All of the variance is the rate's.
        assert!(
            (indices.total[0].value - 1.0).abs() < 0.35 && (indices.first[0].value - 1.0).abs() < 0.35,
            "{indices:?}"
        );
        assert_eq!(indices.total[1].value, 0.0);
    });
}

#[test]
fn the_corner_that_fails_is_said_in_units() {
    swept("LatinHypercube(60)", |study, means| {
        assert!(means.sensitivity(0).is_none(), "this design gives no indices");
        let failing = Failing::parse(study, "visits > 800").unwrap();
        let corner = means.boxes(&failing, 2).unwrap();
        let found = &corner.cover.boxes[0];
        assert!(found.coverage > 0.9 && found.density > 0.9, "{found:?}");
        let words = found.words(&corner.axes);
        assert!(words.starts_with("rate above 0.2") && words.ends_with(" /s"), "{words}");
        assert!(Failing::parse(study, "visits").unwrap_err().contains("no condition"));
        assert!(
            Failing::parse(study, "visits > many")
                .unwrap_err()
                .contains("no number")
        );
        assert!(
            Failing::parse(study, "hours > 1")
                .unwrap_err()
                .contains("visits, refused_full")
        );
        assert!(Failing::of_constraints(study).is_none());
    });
}
