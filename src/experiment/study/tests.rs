//! Experiment files: what is right is resolved in the model, what is wrong is told with its place.

use super::{Replications, Role, Study, Surroundings, shipped};
use crate::scenario::Source;

/// A desk for one visit at a time, a visitor every 20 s on average from 08:00 to 09:00, and a break that is off.
pub(crate) const DESK: &str = r#"(
    name: "desk",
    clock: (start: "2021-04-06T08:00", end: "2021-04-06T09:00", bin: "5 min"),
    services: {"desk": (station: (cores: 1, threads: 1, backlog: 0, work: Exponential(mean: "10 s")))},
    cohorts: {"all": (arrivals: Renewal(between: Exponential(mean: "20 s")))},
    incidents: {"break": (on: false, kind: ServiceOutage(service: "desk"), waves: [("08:00", "08:30")])},
    policies: {
        "slow": (acts: [(at: "08:01", act: ScaleCapacity(services: ["desk"], factor: 0.5))]),
        "fast": (acts: [(at: "08:01", act: ScaleCapacity(services: ["desk"], factor: 2))]),
    },
)"#;

const DRAWS: &str = "weight,gap\n1,10\n3,30\n";

pub(crate) fn read_with(text: &str, sets: &[String]) -> Result<Study, String> {
    let model = |_: &str| Source::Text {
        name: "desk.ron".into(),
        text: DESK.into(),
    };
    let around = Surroundings {
        model: &model,
        file: &|name| match name {
            "draws.csv" => Ok(DRAWS.to_owned()),
            _ => Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
        },
    };
    Study::read("mine.ron", text, &around, sets).map_err(|problems| problems.to_string())
}

fn read(text: &str) -> Result<Study, String> {
    read_with(text, &[])
}

/// Fields of a study of the desk.
fn study(fields: &str) -> String {
    format!("(model: \"desk\", {fields})")
}

#[test]
fn every_kind_of_factor_sets_the_model() {
    let text = study(
        r#"
        set: ["clock.bin=1 min"], policies: ["slow"],
        levers: {
            "cores": Values(path: "services.desk.station.cores", values: [1, 2]),
            "law": Values(path: "services.desk.station.work", values: [Deterministic("5 s"), Exponential(mean: "10 s")]),
            "fast": Switch(policies: ["fa*"], set: ["services.desk.station.backlog=3"]),
            "day": Choice({"whole": (), "broken": (with: ["break"])}),
        },
        uncertainties: {
            "gap": Range(path: "cohorts.all.arrivals.between.mean", from: "10 s", to: "40 s", levels: 2),
            "pace": Range(paths: ["services.*.station.threads"], times: true, from: 1, to: 3, integer: true, levels: 3),
        },
        "#,
    );
    let study = read(&text).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(study.points(), 2 * 2 * 2 * 2 * 2 * 3);
    assert_eq!(study.factors.iter().filter(|f| f.role == Role::Lever).count(), 4);
    let point = study.point(study.points() - 1);
    assert_eq!(
        point.settings,
        [
            "2",
            "Exponential(mean: 10 s)".replace("10 s", "\"10 s\"").as_str(),
            "on",
            "broken",
            "40",
            "3"
        ]
    );
    let (scenario, policies) = study.scenario(&point).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((scenario.services[0].station.cores, policies.len()), (2.0, 2));
    assert_eq!(scenario.clock.bin.as_secs(), 60.0);
    assert!(scenario.incidents[0].on);
    let change = study.change(&point).unwrap();
    assert!(
        change.sets.contains(&"services.desk.station.threads=3".to_owned()),
        "{change:?}"
    );
    assert!(matches!(study.replications, Replications::Fixed(5)));
}

#[test]
fn designs_are_of_the_factors() {
    let factors = r#"
        levers: {"cores": Range(path: "services.desk.station.cores", from: 1, to: 4, integer: true)},
        uncertainties: {"gap": Range(path: "cohorts.all.arrivals.between.mean", from: "10 s", to: "40 s", law: LogUniform)},
    "#;
    let points = |design: &str| read(&study(&format!("{factors} design: {design}"))).unwrap_or_else(|e| panic!("{e}"));
    for (design, n) in [
        ("LatinHypercube(7)", 7),
        ("Sobol(8)", 8),
        ("SobolIndices(8)", 32),
        ("Morris(4)", 12),
    ] {
        let study = points(design);
        assert_eq!(study.points(), n, "{design}");
        for i in 0..n {
            study.scenario(&study.point(i)).unwrap_or_else(|e| panic!("{e}"));
        }
    }
    let listed = points(r#"List([{"cores": 2, "gap": 20.0}, {"gap": "15", "cores": "4"}])"#);
    assert_eq!(listed.point(0).settings, ["2", "20"]);
    assert_eq!(listed.point(1).settings, ["4", "15"]);
    assert_eq!(points("Sobol(8)").point_at(&[0.99, 0.5]).settings, ["4", "20"]);
}

#[test]
fn draws_of_a_posterior_are_taken_whole() {
    let text = study(
        r#"
        levers: {"fast": Switch(policies: ["fast"])},
        uncertainties: {"gap": Range(path: "cohorts.all.arrivals.between.mean", from: "10 s", to: "40 s")},
        uncertainties_from: "draws.csv", draws: 4,
        "#,
    );
    let study = read(&text).unwrap_or_else(|e| panic!("{e}"));
    let gaps: Vec<String> = (0..study.points())
        .map(|i| study.point(i).settings[1].clone())
        .collect();
    // The heavier draw has three of four strata.
    assert_eq!(gaps, ["10", "30", "30", "30", "10", "30", "30", "30"]);
    assert_eq!((study.dimensions(), study.factors_of(1)), (2, vec![1]));
}

#[test]
fn a_choice_of_policies_is_a_comparison() {
    let arms = |fields: &str| read(&study(fields)).unwrap().arms();
    assert_eq!(arms("").unwrap(), None);
    let found =
        arms(r#"levers: {"p": Choice({"slow": (policies: ["slow"]), "as it is": (), "both": (policies: ["*"])})}"#);
    let names: Vec<(String, usize)> = found
        .unwrap()
        .unwrap()
        .into_iter()
        .map(|arm| (arm.name, arm.policies.len()))
        .collect();
    assert_eq!(names, [("as it is".into(), 0), ("slow".into(), 1), ("both".into(), 2)]);
    let more = arms(r#"levers: {"c": Values(path: "services.desk.station.cores", values: [1])}"#).unwrap_err();
    assert!(more.message().contains("between policies") && more.path() == "levers");
}

#[test]
fn precision_is_looked_at_at_fixed_numbers() {
    let text = study(r#"replications: UntilPrecision(kpi: "logins", relative: 0.05, at_most: 20)"#);
    let Replications::UntilPrecision(precision) = read(&text).unwrap().replications else {
        panic!()
    };
    assert_eq!(precision.looks().collect::<Vec<_>>(), [10, 12, 15, 18, 20]);
    let values = |spread: f64, n: usize| {
        (0..n)
            .map(|i| Some(100.0 + spread * (i % 2) as f64))
            .collect::<Vec<_>>()
    };
    assert!(precision.enough(&values(1.0, 10)) && !precision.enough(&values(90.0, 10)));
    assert!(precision.enough(&values(90.0, 20)), "at most means at most");
}

#[test]
fn mistakes_are_shown_with_their_place() {
    let cores = |factor: &str| format!("levers: {{\"cores\": {factor}}}");
    for (fields, said) in [
        ("levrs: {}".to_owned(), "did you mean `levers`?"),
        (cores("Values(path: \"services.desk.station.coers\", values: [1])"), "no field `coers`"),
        (cores("Values(paths: [\"services.x*.station.cores\"], values: [1])"), "the model has no `services.x*.station.cores`"),
        (cores("Values(values: [1])"), "this factor sets no field"),
        (cores("Values(path: \"services.desk.station.cores\", values: [])"), "`values` is empty"),
        (cores("Values(path: \"services.desk.station.cores\", values: [1, -2])"), "`-2` does not fit the model"),
        (cores("Range(path: \"services.desk.station.threads\", from: 2, to: 9)") + ", design: Sobol(8)", "for whole numbers only, write `integer: true`"),
        (cores("Range(path: \"services.desk.station.cores\", from: 4, to: 1)"), "before or where it begins"),
        (cores("Range(path: \"services.desk.station.cores\", from: 0, to: 1, law: LogUniform)"), "does not fit its range"),
        (cores("Range(path: \"services.desk.station.cores\", from: 1, to: 4)"), "how many settings to try"),
        (cores("Range(path: \"services.desk.station.work.mean\", from: \"1 s\", to: \"4 min\", levels: 2)"), "this is in min, the range in s"),
        (cores("Range(path: \"services.desk.station.work\", times: true, from: 1, to: 2, levels: 2)"), "no number that could be multiplied"),
        // 14.25 (whole numbers have half a unit either side) and 8.5 deviations above the mean, 7 below, and the logarithm 46 above.
        (cores("Range(path: \"services.desk.station.cores\", from: 30, to: 90, integer: true, levels: 3, law: Normal(mean: 1, sd: 2))"), "holds only 2e-46 of this Normal law"),
        (cores("Range(path: \"services.desk.station.work.mean\", from: \"0.3 min\", to: \"0.9 min\", levels: 3, law: Normal(mean: 0.13, sd: 0.02))"), "holds only 9e-18 of this Normal law"),
        (cores("Range(path: \"services.desk.station.work.mean\", from: \"1 min\", to: \"3 min\", levels: 3, law: Normal(mean: 10, sd: 1))"), "holds only 1e-12 of this Normal law"),
        (cores("Range(path: \"services.desk.station.work.mean\", from: \"100 s\", to: \"200 s\", levels: 3, law: Lognormal(median: 1, sigma: 0.1))"), "holds nothing of this Lognormal law"),
        (cores("Switch()"), "this switch switches nothing"),
        (cores("Switch(policies: [\"slwo\"])"), "did you mean `slow`?"),
        (cores("Choice({})"), "nothing to choose from"),
        (cores("Choice({\"a\": (with: [\"braek\"])})"), "did you mean `break`?"),
        (r#"levers: {"a": Switch(policies: ["slow"])}, uncertainties: {"a": Switch(with: ["break"])}"#.to_owned(), "two factors are called `a`"),
        (r#"levers: {"n": Switch(policies: ["slow"])}"#.to_owned(), "the tables have another column that is called `n`"),
        (r#"levers: {"hours_lost": Switch(policies: ["slow"])}, kpis: ["hours_lost"]"#.to_owned(), "the tables have another column that is called `hours_lost`"),
        ("design: Sobol(8)".to_owned(), "there is no factor to vary"),
        (format!("{}, design: Sobol(0)", cores("Switch(policies: [\"slow\"])")), "this design has no point"),
        (format!("{}, design: Sobol(70000)", cores("Switch(policies: [\"slow\"])")), "at most 65536 points"),
        (format!("{}, design: List([{{\"cors\": true}}])", cores("Switch(policies: [\"slow\"])")), "there is no factor `cors`"),
        (format!("{}, design: List([{{\"cores\": 3}}])", cores("Switch(policies: [\"slow\"])")), "expected on or off"),
        (
            format!(
                "{}, design: List([{{\"cores\": 1.5}}])",
                cores("Range(path: \"services.desk.station.cores\", from: 1, to: 2, integer: true)")
            ),
            "expected a whole number from 1 to 2",
        ),
        (
            r#"levers: {"a": Values(path: "services.desk.station", values: [(cores: 1)]), "b": Range(path: "services.*.station.cores", from: 1, to: 2)}"#.to_owned(),
            "the factors `a` and `b` both set `services.desk.station.cores`",
        ),
        (r#"levers: {"a\"b": Switch(policies: ["slow"])}"#.to_owned(), "`a\"b` cannot name a factor"),
        (r#"levers: {"logins:n": Switch(policies: ["slow"])}, kpis: ["logins"]"#.to_owned(), "another column that is called `logins:n`"),
        ("replications: Fixed(0)".to_owned(), "nothing is run in 0 replications"),
        ("replications: 5".to_owned(), "expected one of `Fixed` and `UntilPrecision`"),
        (format!("{}, design: Full(3)", cores("Switch(policies: [\"slow\"])")), "`Full` stands without parentheses"),
        (r#"replications: UntilPrecision(kpi: "logins", relative: 5, at_most: 20)"#.to_owned(), "a relative error lies between"),
        (r#"replications: UntilPrecision(kpi: "logins", relative: 0.1, at_least: 3, at_most: 20)"#.to_owned(), "fewer than 10"),
        (r#"kpis: ["hours_lots"]"#.to_owned(), "did you mean `hours_lost`?"),
        (r#"kpis: ["logins@service:dekc"]"#.to_owned(), "did you mean `desk`?"),
        (r#"kpis: ["logins@idf"]"#.to_owned(), "is no scope"),
        (r#"constraints: [(kpi: "logins")]"#.to_owned(), "cannot be broken"),
        (r#"constraints: [(kpi: "logins", at_least: 5, at_most: 2)]"#.to_owned(), "cannot be kept"),
        (r#"constraints: [(kpi: "wait_p95", at_most: "2 minutes")]"#.to_owned(), "`wait_p95` is in s: write a bare number or such as `\"2 min\"`"),
        (r#"constraints: [(kpi: "logins", at_most: "2 min")]"#.to_owned(), "`logins` is in count: write a bare number"),
        (cores("Range(path: \"services.desk.station.cores\", from: 1, to: 3, integer: true, levels: 5)"), "3 whole numbers and not 5"),
        (r#"set: ["clock.bni=1 min"]"#.to_owned(), "`clock` has no field `bni`"),
        (r#"uncertainties_from: "none.csv""#.to_owned(), "cannot read the draws"),
        (r#"uncertainties_from: "draws.csv""#.to_owned(), "the experiment no such uncertainty"),
        (
            r#"uncertainties: {"gap": Range(path: "cohorts.all.arrivals.between.mean", from: "15 s", to: "40 s")}, uncertainties_from: "draws.csv", draws: 2"#.to_owned(),
            "draw 1 has `10` for `gap`",
        ),
    ] {
        let problems = read(&study(&fields)).expect_err(said);
        assert!(problems.contains(said) && problems.contains("mine.ron:1:"), "{fields}\n{said}:\n{problems}");
    }
    // One mistake is told once: a design does not miss the factor that could not be read.
    for design in ["design: Sobol(8)", "design: Full", "design: List([{\"cores\": 3}])"] {
        let factor = cores("Range(path: \"services.desk.station.cores\", from: 4, to: 1, levels: 2)");
        let problems = read(&study(&format!("{factor}, {design}"))).unwrap_err();
        assert_eq!(problems.matches("error").count(), 1, "{problems}");
    }
    // One mistake is told once: a switch of a wrong name is not also one that switches nothing.
    for switch in [
        "policies: [\"slwo\"]",
        "with: [\"braek\"]",
        "set: [\"clock.bni=1 min\"]",
    ] {
        let problems = read(&study(&cores(&format!("Switch({switch})")))).unwrap_err();
        assert!(!problems.contains("switches nothing"), "{problems}");
        assert_eq!(problems.matches("error").count(), 1, "{problems}");
    }
    assert!(read("(title: \"x\")").unwrap_err().contains("`model` is missing"));
    let text = study(&cores("Values(path: \"services.desk.station.cores\", values: [1, 2])"));
    let set = vec!["services.desk.station.cores=3".to_owned()];
    assert!(read_with(&text, &set).unwrap_err().contains("would have no effect"));
}

#[test]
fn limits_have_the_units_of_models_too() {
    let limits = r#"constraints: [(kpi: "wait_p95", at_most: "2 min"), (kpi: "time_to_fix", at_most: "1 h 30 min"), (kpi: "connected_5min", at_least: "95 %"), (kpi: "hours_lost", at_most: 12)]"#;
    let study = read(&study(limits)).unwrap();
    let told: Vec<String> = study.constraints.iter().map(|c| c.describe()).collect();
    assert_eq!(
        told,
        [
            "wait_p95 <= 120",
            "time_to_fix <= 90",
            "connected_5min >= 0.95",
            "hours_lost <= 12"
        ]
    );
}

/// Settings have nine digits: ends of more are no reason for a point to fail.
#[test]
fn ends_of_many_digits_are_settings() {
    let factor = "Range(path: \"services.desk.station.cores\", from: 1.23456789012, to: 2.34567890123, levels: 3)";
    let study = read(&study(&format!("levers: {{\"cores\": {factor}}}, design: Full"))).unwrap();
    for i in 0..study.points() {
        study.scenario(&study.point(i)).unwrap_or_else(|e| panic!("{e}"));
    }
    assert_eq!(study.point(0).settings, ["1.23456789"]);
}

#[test]
fn the_experiments_that_come_with_the_program_can_be_read() {
    let model = |name: &str| Source::Builtin(name.to_owned());
    let around = Surroundings {
        model: &model,
        file: &|_| Ok(String::new()),
    };
    for shipped in shipped() {
        let study = Study::read(shipped.path, shipped.text, &around, &["size=0.001".into()]);
        let study = study.unwrap_or_else(|problems| panic!("{problems}"));
        assert!(!study.title.is_empty() && study.points() > 0);
        study
            .scenario(&study.point(study.points() - 1))
            .unwrap_or_else(|e| panic!("{}: {e}", shipped.name));
    }
}
