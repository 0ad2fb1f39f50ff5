//! `preau optimize` through the simulator: a desk whose cheapest sufficient number of servers is known.

use preau::experiment::Warning;
use preau::experiment::optimize::{
    Answer, Confirmation, Keeping, Objective, Optimum, Options, Problem, StudyProblem, Verdict, advice, optimize,
};
use preau::experiment::study::{Study, Surroundings};
use preau::scenario::Source;

/// Erlang's loss system with 3 erlangs of load: B(5) = 0.1101 and B(6) = 0.0522. Six servers are the fewest that turn away
/// less than 8 % (of about 600 knocks an hour, less from the empty start); the limit is on the count of those turned away.
const DESK: &str = r#"(
    name: "desk",
    clock: (end: "2 h", bin: "1 h"),
    prices: (core_hour: "1 EUR", scrubbing_hour: "0 EUR"),
    services: {"desk": (station: (cores: 4, threads: 4, backlog: 0, work: Exponential(mean: "18 s")))},
    habits: {"plain": (giving_up: [(share: "100 %", then: Nothing)])},
    routes: {"visit": (steps: ["desk"])},
    cohorts: {"customers": (
        level: other, habit: "plain", routes: [(share: "100 %", route: "visit")], arrivals: Poisson(rate: "0.16667 /s"),
    )},
)"#;

const QUESTION: &str = r#"(
    model: "desk",
    levers: {"servers": Choice({
        "four": (set: ["services.desk.station.cores=4", "services.desk.station.threads=4"]),
        "five": (set: ["services.desk.station.cores=5", "services.desk.station.threads=5"]),
        "six": (set: ["services.desk.station.cores=6", "services.desk.station.threads=6"]),
        "seven": (set: ["services.desk.station.cores=7", "services.desk.station.threads=7"]),
        "eight": (set: ["services.desk.station.cores=8", "services.desk.station.threads=8"]),
    })},
    uncertainties: {"demand": Range(path: "cohorts.customers.arrivals.rate", from: 0.95, to: 1.05, times: true)},
    design: Sobol(64),
    constraints: [(kpi: "refused_full", at_most: 96)],
)"#;

fn study() -> Study {
    let model = |_: &str| Source::Text {
        name: "desk".into(),
        text: DESK.into(),
    };
    let around = Surroundings {
        model: &model,
        file: &|_| Ok(String::new()),
    };
    Study::read("question.ron", QUESTION, &around, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn the_fewest_servers_that_keep_the_limit_are_found_on_any_number_of_threads() {
    let study = study();
    let objectives = ["euros_total", "refused_full"].map(|name| Objective::find(&study, name).unwrap());
    let options = Options {
        runs: 300,
        first: 12,
        keeping: Keeping::Mean,
        confidence: 0.95,
        seed: study.seed,
    };
    let found = [1, 2].map(|threads| {
        let mut problem = StudyProblem::new(&study, objectives.to_vec(), Some(threads), None, &|| ()).unwrap();
        assert_eq!((problem.levels(), problem.uncertainties()), (vec![Some(5)], 1));
        optimize(&mut problem, &options, &mut |_| ()).unwrap()
    });
    for optimum in &found {
        let chosen = &optimum.pool.candidates[optimum.chosen().unwrap()];
        assert_eq!(chosen.key, "servers six");
        assert!(optimum.exhaustive && optimum.runs <= 300);
        let verdict = |key: &str| {
            let candidate = optimum.pool.candidates.iter().find(|c| c.key.ends_with(key)).unwrap();
            candidate.verdict(Keeping::Mean, 0.95)
        };
        assert_eq!((verdict("five"), verdict("eight")), (Verdict::Breaks, Verdict::Keeps));
    }
    let answers = found.map(|o| o.pool.candidates.into_iter().map(|c| c.answers).collect::<Vec<_>>());
    assert_eq!(answers[0], answers[1]);
}

/// A choice is believed as far as its advice lets one: each warning is provoked, and a sound choice has none.
#[test]
fn a_choice_comes_with_advice() {
    let text = r#"(
        model: "desk",
        levers: {
            "servers": Range(path: "services.desk.station.threads", from: 3, to: 7, integer: true),
            "late": Switch(policies: ["late"]),
        },
        design: Sobol(64), constraints: [(kpi: "refused_full", at_most: 200)],
    )"#;
    let model = |_: &str| Source::Text {
        name: "desk".into(),
        text: DESK.replace(
            "cohorts:",
            r#"policies: {"late": (acts: [(at: "3 h", act: ScaleCapacity(services: ["desk"], factor: 2))])}, cohorts:"#,
        ),
    };
    let around = Surroundings {
        model: &model,
        file: &|_| Ok(String::new()),
    };
    let study = Study::read("question.ron", text, &around, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let objectives = ["refused_full", "sojourn_mean"].map(|name| Objective::find(&study, name));
    let objectives: Vec<Objective> = objectives.into_iter().filter_map(Result::ok).collect();
    let options = Options {
        runs: 300,
        first: 12,
        keeping: Keeping::Mean,
        confidence: 0.95,
        seed: study.seed,
    };
    let mut problem = StudyProblem::new(&study, objectives.clone(), Some(2), None, &|| ()).unwrap();
    let mut optimum = optimize(&mut problem, &options, &mut |_| ()).unwrap();
    let place = |optimum: &Optimum, key: &str| optimum.pool.candidates.iter().position(|c| c.key == key).unwrap();
    let mut chosen = |key: &str, answers: Vec<Answer>| {
        let candidate = place(&optimum, key);
        optimum.confirmations = vec![Confirmation {
            candidate,
            answers,
            verdict: Verdict::Keeps,
            failed: None,
        }];
        let warnings = advice(&problem, &objectives, &options, &optimum);
        warnings.iter().map(Warning::name).collect::<Vec<_>>()
    };
    let answers = |n: usize, value: fn(usize) -> f64| -> Vec<Answer> {
        let answer = |i: usize| Answer {
            objectives: vec![value(i); objectives.len()],
            excess: vec![Some(-1.0)],
        };
        (0..n).map(answer).collect()
    };
    let own = |n: usize| answers(n, |i| 40.0 + i as f64);
    // In the middle of its range, without the switch, on enough fresh futures.
    let sound = chosen("servers 5, late off", own(20));
    assert!(
        !sound
            .iter()
            .any(|w| ["too_few_replications", "lever_at_edge", "no_effect", "two_modes"].contains(w)),
        "{sound:?}"
    );
    assert!(chosen("servers 5, late off", own(9)).contains(&"too_few_replications"));
    assert!(chosen("servers 7, late off", own(20)).contains(&"lever_at_edge"));
    assert!(chosen("servers 5, late on", own(20)).contains(&"no_effect"));
    let collapsing = answers(200, |i| if i.is_multiple_of(3) { 4000.0 } else { 40.0 });
    assert!(chosen("servers 5, late off", collapsing).contains(&"two_modes"));
}

#[test]
fn what_cannot_be_optimised_is_said() {
    let study = study();
    let error = Objective::find(&study, "hours_loost").unwrap_err();
    assert!(error.contains("no KPI `hours_loost`"), "{error}");
    let error = Objective::find(&study, "visits").unwrap_err();
    assert!(error.contains("neither less nor more"), "{error}");
}
