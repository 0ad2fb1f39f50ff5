//! `preau analyse` as a program: its files can be read, its advice is that of the sweep, bad input is told.

mod program;

use program::{ends, preau};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A desk that refuses whom it has no room for: its pace matters, the day's colour does not, and a policy comes too late.
const DESK: &str = r#"(
    name: "desk",
    clock: (start: "2021-04-06T08:00", end: "2021-04-06T09:00", bin: "5 min"),
    services: {"desk": (station: (cores: 1, threads: 1, backlog: 0, work: Exponential(mean: "10 s")))},
    cohorts: {"all": (arrivals: Renewal(between: Exponential(mean: "20 s")))},
    policies: {
        "late": (acts: [(at: "10:00", act: ScaleCapacity(services: ["desk"], factor: 2))]),
        "fast": (acts: [(at: "08:01", act: ScaleCapacity(services: ["desk"], factor: 2))]),
    },
)"#;

const SCREENING: &str = r#"(
    title: "A screening", model: "desk.ron", replications: Fixed(2),
    levers: {"late": Switch(policies: ["late"])},
    uncertainties: {
        "pace": Range(path: "services.desk.station.work.mean", times: true, from: 0.5, to: 4),
        "gap": Range(path: "cohorts.all.arrivals.between.mean", from: "15 s", to: "30 s"),
    },
    design: Morris(6), kpis: ["refusals", "logins"], constraints: [(kpi: "refusals", at_most: 60)],
)"#;

fn folder(experiment: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("desk.ron"), DESK).expect("a model");
    fs::write(dir.path().join("mine.ron"), experiment).expect("an experiment");
    dir
}

/// Names of the warnings of an analysis.
fn warned(dir: &Path) -> Vec<String> {
    let (out, _) = ends(&preau(dir, &["analyse", "a", "--json", "--no-files"]), 0);
    let object: Value = serde_json::from_str(&out).expect("JSON");
    let warnings = object["warnings"].as_array().expect("a list").clone();
    let name = |w: &Value| w["name"].as_str().expect("a name").to_owned();
    warnings.iter().map(name).collect()
}

#[test]
fn a_screening_is_analysed_and_written_down() {
    let dir = folder(SCREENING);
    ends(&preau(dir.path(), &["sweep", "mine.ron", "--out", "a"]), 0);
    let (out, err) = ends(&preau(dir.path(), &["analyse", "a", "--kpi", "refusals"]), 0);
    assert!(out.contains("design morris") || out.contains("design Morris"), "{out}");
    assert!(err.contains("sensitivity.csv") && err.contains("boxes.csv"), "{err}");
    let mut sensitivity = csv::Reader::from_path(dir.path().join("a/sensitivity.csv")).expect("a file");
    let rows: Vec<csv::StringRecord> = sensitivity.records().map(|r| r.expect("a row")).collect();
    let about = |factor: &str| rows.iter().filter(|r| r.iter().any(|cell| cell == factor)).count();
    assert!(!rows.iter().any(|r| r.iter().any(|cell| cell == "-0")), "{rows:?}");
    assert!(
        ["pace", "gap", "late"].iter().all(|factor| about(factor) > 0),
        "{rows:?}"
    );
    let mut boxes = csv::Reader::from_path(dir.path().join("a/boxes.csv")).expect("a file");
    assert!(boxes.records().all(|r| r.is_ok()));
    // The policy that comes after the end changed nothing, and that is said; so do the two replications.
    let names = warned(dir.path());
    assert!(names.contains(&"no_effect".to_owned()), "{names:?}");
    assert!(names.contains(&"too_few_replications".to_owned()), "{names:?}");
    assert!(names.contains(&"few_groups".to_owned()), "{names:?}");
    // The sweep has said so too.
    let (out, _) = ends(&preau(dir.path(), &["sweep", "mine.ron", "--out", "a", "--json"]), 0);
    assert!(out.contains("'late' changed nothing in any of"), "{out}");
    // What was found in other runs is not shown beside these.
    let (_, err) = ends(&preau(dir.path(), &["report", "a"]), 0);
    assert!(!err.contains("other runs"), "{err}");
    ends(
        &preau(dir.path(), &["sweep", "mine.ron", "--out", "a", "--replications", "3"]),
        0,
    );
    let (_, err) = ends(&preau(dir.path(), &["report", "a"]), 0);
    assert!(err.contains("analysis.json is of other runs"), "{err}");
}

#[test]
fn a_precision_that_was_not_reached_is_told() {
    let until = |relative: f64| {
        let dir = folder(&format!(
            r#"(title: "Until", model: "desk.ron", design: Full, kpis: ["refusals"],
               uncertainties: {{"gap": Values(path: "cohorts.all.arrivals.between.mean", values: ["15 s", "30 s"])}},
               replications: UntilPrecision(kpi: "refusals", relative: {relative}, at_most: 12))"#
        ));
        ends(&preau(dir.path(), &["sweep", "mine.ron", "--out", "a"]), 0).0
    };
    assert!(until(0.001).contains("2 points have their most replications and not the precision"));
    assert!(!until(0.9).contains("precision"));
}

#[test]
fn one_trajectory_has_effects_and_neither_intervals_nor_sigma() {
    let dir = folder(&SCREENING.replace("Morris(6)", "Morris(1)"));
    ends(&preau(dir.path(), &["sweep", "mine.ron", "--out", "a"]), 0);
    let (out, _) = ends(&preau(dir.path(), &["analyse", "a", "--kpi", "refusals"]), 0);
    let row = out.lines().find(|line| line.starts_with("pace")).expect("a row");
    assert_eq!(row.matches('–').count(), 2, "{row}");
    assert!(out.contains("One trajectory shows no spread"), "{out}");
    let mut file = csv::Reader::from_path(dir.path().join("a/sensitivity.csv")).expect("a file");
    for row in file.records().map(|r| r.expect("a row")) {
        assert_eq!((&row[4], &row[5]), ("", ""), "{row:?}");
        assert_eq!(row[3].is_empty(), &row[2] == "sigma", "{row:?}");
    }
}

#[test]
fn a_sound_sweep_is_analysed_without_a_word_of_warning() {
    // A switch that acts, ten replications, one mode; no range that could be too narrow.
    let dir = folder(
        r#"(title: "Sound", model: "desk.ron", replications: Fixed(10), levers: {"fast": Switch(policies: ["fast"])},
           design: Full, kpis: ["refusals"])"#,
    );
    ends(&preau(dir.path(), &["sweep", "mine.ron", "--out", "a"]), 0);
    assert_eq!(warned(dir.path()), Vec::<String>::new());
}

#[test]
fn a_range_whose_end_is_best_is_told_and_one_with_its_best_inside_is_not() {
    let with = |limit: &str| {
        let text = format!(
            r#"(title: "Ends", model: "desk.ron", replications: Fixed(10), kpis: ["refusals"], design: Full,
               levers: {{"threads": Range(path: "services.desk.station.threads", from: 1, to: 4, integer: true, levels: 4)}},
               constraints: [(kpi: "logins", at_most: {limit})])"#
        );
        let dir = folder(&text);
        ends(&preau(dir.path(), &["sweep", "mine.ron", "--out", "a"]), 0);
        let mut points = csv::Reader::from_path(dir.path().join("a/results/points.csv")).expect("a file");
        let head = points.headers().expect("a head").clone();
        let column = head.iter().position(|h| h == "logins").expect("logins");
        let logins = points
            .records()
            .map(|r| r.expect("a row")[column].parse::<f64>().expect("a number"));
        (warned(dir.path()), logins.collect::<Vec<f64>>())
    };
    let (names, logins) = with("1e12");
    assert!(names.contains(&"lever_at_edge".to_owned()), "{names:?}");
    // Where no more than so many may be let in, the best that is allowed lies inside.
    assert!(logins[3] > logins[2], "{logins:?}");
    let (names, _) = with(&((logins[2] + logins[3]) / 2.0).to_string());
    assert!(!names.contains(&"lever_at_edge".to_owned()), "{names:?}");
}

#[test]
fn bad_input_is_told_with_its_remedy() {
    let dir = folder(SCREENING);
    let told = |args: &[&str], code| ends(&preau(dir.path(), args), code).1;
    let said = told(&["analyse", "nowhere"], 2);
    assert!(
        said.contains("nowhere holds no journal of a sweep; make one with `preau sweep FILE`"),
        "{said}"
    );
    // A journal in which no run has ended.
    fs::create_dir(dir.path().join("empty")).expect("a folder");
    fs::write(dir.path().join("empty/journal"), "").expect("a journal");
    let said = told(&["analyse", "empty"], 2);
    assert!(said.contains("holds no runs yet"), "{said}");
    ends(&preau(dir.path(), &["sweep", "mine.ron", "--out", "a"]), 0);
    let journal = fs::read_to_string(dir.path().join("a/journal")).expect("a journal");
    let start = journal.lines().next().expect("a start");
    fs::create_dir(dir.path().join("begun")).expect("a folder");
    fs::write(dir.path().join("begun/journal"), format!("{start}\n")).expect("a journal");
    let said = told(&["analyse", "begun"], 1);
    assert!(
        said.contains("no run of this sweep has ended well: there is nothing to analyse"),
        "{said}"
    );
    let said = told(&["analyse", "a", "--kpi", "refusal"], 2);
    assert!(
        said.contains("the sweep keeps no `refusal`; it keeps refusals, logins"),
        "{said}"
    );
    let said = told(&["analyse", "a", "--fails", "refusals"], 2);
    assert!(said.contains("`refusals` is no condition"), "{said}");
    let said = told(&["analyse", "a", "--fails", "refusals > many"], 2);
    assert!(said.contains("`many` is no number"), "{said}");
    // A condition that no point meets is no mistake: there is no box then.
    ends(&preau(dir.path(), &["analyse", "a", "--fails", "refusals > 1e9"]), 0);
    fs::write(dir.path().join("a/journal"), "a thesis\n").expect("no journal");
    let said = told(&["analyse", "a"], 1);
    assert!(said.contains("is no journal of a sweep"), "{said}");
    assert!(!dir.path().join("empty/sensitivity.csv").exists() && !dir.path().join("begun/boxes.csv").exists());
}
