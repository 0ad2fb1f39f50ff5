//! Pages of questions: a sweep and its analysis, a choice of levers, a calibration, facts. Each is made of the files beside
//! it; that of a sweep depends on nothing but its runs. Pages of runs and comparisons: `report.rs`; what a browser makes of
//! them all: `.ci/browser`.

mod program;

use program::{ends, preau_in};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Output;

/// Two servers too few for three callers at once.
const DESK: &str = r#"(
    title: "A desk",
    clock: (start: "2021-04-06T08:00", end: "2021-04-06T10:00", bin: "5 min"),
    prices: (core_hour: "1 EUR", scrubbing_hour: "0 EUR"),
    services: {"desk": (station: (cores: 4, threads: 4, backlog: 0, work: Exponential(mean: "18 s")))},
    habits: {"plain": (giving_up: [(share: "100 %", then: Nothing)])},
    routes: {"visit": (steps: ["desk"])},
    cohorts: {"customers": (
        level: other, habit: "plain", routes: [(share: "100 %", route: "visit")], arrivals: Poisson(rate: "0.16667 /s"),
    )},
)"#;
const STUDY: &str = r#"(
    title: "</title></script><script>alert(1)</script>",
    model: "desk.ron",
    levers: {
        "servers": Choice({
            "four": (),
            "seven": (set: ["services.desk.station.cores=7", "services.desk.station.threads=7"]),
        }),
        "work": Values(path: "services.desk.station.work.mean", values: ["12 s", "18 s", "24 s"]),
    },
    uncertainties: {"demand": Range(path: "cohorts.customers.arrivals.rate", from: 0.8, to: 1.2, times: true, levels: 2)},
    design: DESIGN,
    replications: Fixed(3),
    constraints: [(kpi: "refused_full", at_most: 96)],
    kpis: ["refused_full", "euros_total", "knocks"],
)"#;
const FACTS: &str = r#"(
    model: "desk.ron",
    facts: [
        (id: "busy", text: "two of three get in", sources: "us", tests: [
            (what: "share", measure: (of: "logins", over: "knocks", services: ["desk"]), at_least: 0.3, at_most: 0.95),
        ]),
        (id: "idle", text: "nobody comes", sources: "them", tests: [
            (what: "knocks", measure: (of: "knocks", services: ["desk"]), at_most: 10),
        ]),
    ],
)"#;
const CALIBRATION: &str = r#"(
    title: "What the desk takes",
    facts: "facts.ron",
    only: ["busy"],
    particles: 20,
    rounds: 2,
    parameters: {"work": (name: "Work", law: LogUniform(from: 0.2, to: 4.0), times: true, paths: ["services.desk.station.work.mean"])},
)"#;

#[track_caller]
fn well(output: &Output) -> String {
    let (_, err) = ends(output, 0);
    assert!(!err.contains("warning: no report.html"), "{err}");
    err
}

fn here(design: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("desk.ron", DESK.to_owned()),
        ("mine.ron", STUDY.replace("DESIGN", design)),
        ("facts.ron", FACTS.to_owned()),
        ("calibration.ron", CALIBRATION.to_owned()),
    ] {
        fs::write(dir.path().join(name), text).expect("a file");
    }
    dir
}

fn page(dir: &Path, file: &str) -> String {
    fs::read_to_string(dir.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// The data of a page.
fn data(page: &str) -> Value {
    let (_, rest) = page
        .split_once("<script type=\"application/json\" id=\"data\">")
        .expect("data");
    let (data, _) = rest.split_once("</script>").expect("its end");
    serde_json::from_str(data).expect("JSON")
}

fn json(dir: &Path, file: &str) -> Value {
    serde_json::from_str(&page(dir, file)).expect("JSON")
}

#[test]
fn the_page_of_a_sweep_is_the_same_on_any_threads_in_any_language_and_from_shares() {
    let dir = here("Full");
    let sweep = |out: &str, more: &[&str], lang: &str| {
        well(&preau_in(
            dir.path(),
            &[&["sweep", "mine.ron", "--out", out], more].concat(),
            lang,
        ));
    };
    sweep("one", &["--threads", "1"], "C");
    sweep("two", &["--threads", "2"], "fr_FR.UTF-8");
    for share in ["1/2", "2/2"] {
        sweep(&share.replace('/', "-"), &["--shard", share], "C");
    }
    well(&preau_in(dir.path(), &["merge", "1-2", "2-2", "--out", "joined"], "C"));
    let first = page(dir.path(), "one/results/report.html");
    assert!(
        first == page(dir.path(), "two/results/report.html"),
        "threads and language"
    );
    assert!(first == page(dir.path(), "joined/results/report.html"), "shares");
    assert_eq!(data(&first)["lang"], Value::Null, "the browser chooses");
    // From the files alone, and then in a language that was asked for.
    well(&preau_in(dir.path(), &["report", "one/results"], "fr_FR.UTF-8"));
    assert!(first == page(dir.path(), "one/results/report.html"), "made anew");
    well(&preau_in(dir.path(), &["report", "one/results", "--lang", "fr"], "C"));
    let french = page(dir.path(), "one/results/report.html");
    assert!(french.contains("<html lang=\"fr\">") && data(&french)["lang"] == "fr");
    // A name cannot end the script.
    assert!(!first.contains("<script>alert"));
    assert_eq!(first.matches("</script>").count(), 2);
}

#[test]
fn the_page_of_a_sweep_holds_what_the_files_say() {
    let dir = here("Full");
    well(&preau_in(dir.path(), &["sweep", "mine.ron", "--out", "s"], "C"));
    let report = &data(&page(dir.path(), "s/results/report.html"))["report"];
    let sweep = &report["sweep"];
    assert_eq!((&sweep["points"], &sweep["runs"]), (&Value::from(12), &Value::from(36)));
    let names: Vec<&str> = sweep["factors"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|f| f["name"].as_str())
        .collect();
    assert_eq!(names, ["servers", "work", "demand"]);
    assert_eq!(sweep["factors"][2]["role"], "uncertainty");
    assert_eq!(sweep["factors"][2]["levels"].as_array().unwrap().len(), 2);
    let mut file = csv::Reader::from_path(dir.path().join("s/results/points.csv")).unwrap();
    let head = file.headers().unwrap().clone();
    let at = |name: &str| head.iter().position(|h| h == name).unwrap();
    let (mean, half, keeps) = (
        at("refused_full"),
        at("refused_full:half_width"),
        at("keeps refused_full <= 96"),
    );
    for (i, row) in file.records().map(|row| row.unwrap()).enumerate() {
        let near = |value: &Value, cell: &str| {
            let (value, cell) = (value.as_f64().unwrap(), cell.parse::<f64>().unwrap());
            assert!((value - cell).abs() <= 1e-5 * cell.abs(), "{value} and {cell}");
        };
        near(&sweep["measures"][0]["mean"][i], &row[mean]);
        near(&sweep["measures"][0]["half"][i], &row[half]);
        near(&sweep["keeps"][0]["shares"][i][0], &row[keeps]);
        let level = sweep["factors"][1]["at"][i].as_u64().unwrap() as usize;
        assert_eq!(sweep["factors"][1]["levels"][level], row[2]);
    }
    assert_eq!(sweep["keeps"][0]["words"], "refused_full <= 96");
    // When and by whom is not in it: the files of a sweep depend on its runs alone.
    assert!(report["made"].get("created").is_none() && report["made"].get("command").is_none());
}

#[test]
fn an_analysis_adds_indices_and_the_failing_corner() {
    let dir = here("Morris(6)");
    well(&preau_in(dir.path(), &["sweep", "mine.ron", "--out", "s"], "C"));
    let before = page(dir.path(), "s/results/report.html");
    well(&preau_in(dir.path(), &["analyse", "s"], "C"));
    assert!(
        before == page(dir.path(), "s/results/report.html"),
        "the results stay as they are"
    );
    let whole = page(dir.path(), "s/report.html");
    let report = &data(&whole)["report"];
    let first = &report["analysis"]["sensitivity"][0];
    assert_eq!(first["kpi"], "refused_full");
    let effect = &first["indices"][0];
    assert!(effect["mu_star_low"].as_f64().unwrap() <= effect["mu_star_high"].as_f64().unwrap());
    assert!(effect["sigma"].is_number());
    let boxes = &report["analysis"]["boxes"];
    assert_eq!(boxes["axes"].as_array().unwrap().len(), 3);
    // The points that fail are those whose mean breaks the limit.
    let means = report["sweep"]["measures"][0]["mean"].as_array().unwrap();
    let over = (0..means.len()).filter(|i| means[*i].as_f64().unwrap() > 96.0);
    let failing: Vec<usize> = over.collect();
    let told: Vec<usize> = boxes["failing_points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i.as_u64().unwrap() as usize)
        .collect();
    assert!(!told.is_empty());
    assert_eq!(told, failing);
    // Points of equal settings count once, and points of trajectories have no quasi-p-values.
    let factors = report["sweep"]["factors"].as_array().unwrap();
    let settings = |i: &usize| factors.iter().map(|f| f["at"][*i].to_string()).collect::<Vec<_>>();
    let distinct = |points: &mut dyn Iterator<Item = usize>| {
        points
            .map(|i| settings(&i))
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    };
    assert!(
        distinct(&mut (0..means.len())) < means.len(),
        "no two points are alike: nothing is shown"
    );
    assert_eq!(boxes["cover"]["points"], distinct(&mut (0..means.len())));
    assert_eq!(boxes["cover"]["failures"], distinct(&mut told.iter().copied()));
    for limit in boxes["cover"]["boxes"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|b| b["limits"].as_array().unwrap())
    {
        assert!(limit["quasi_p"].is_null(), "{limit}");
    }
    // Made anew from the folder of the sweep.
    fs::remove_file(dir.path().join("s/report.html")).unwrap();
    well(&preau_in(dir.path(), &["report", "s"], "fr_FR.UTF-8"));
    assert!(whole == page(dir.path(), "s/report.html"));
    // Without results there is a word, and no page.
    fs::remove_dir_all(dir.path().join("s/results")).unwrap();
    fs::remove_file(dir.path().join("s/report.html")).unwrap();
    let told = well(&preau_in(dir.path(), &["analyse", "s"], "C"));
    assert!(told.contains("end the sweep first"), "{told}");
    assert!(!dir.path().join("s/report.html").exists());
}

#[test]
fn a_choice_of_levers_has_its_front_and_its_confirmation() {
    let dir = here("Full");
    let args = [
        "optimize",
        "mine.ron",
        "--runs",
        "120",
        "--objectives",
        "euros_total,refused_full",
        "--out",
        "o",
        "--lang",
        "fr",
    ];
    well(&preau_in(dir.path(), &args, "C"));
    let whole = page(dir.path(), "o/results/report.html");
    assert!(whole.contains("<html lang=\"fr\">"));
    let optimum = &data(&whole)["report"]["optimum"];
    let result = json(dir.path(), "o/results/result.json");
    assert_eq!(
        optimum["objectives"],
        serde_json::json!(["euros_total", "refused_full"])
    );
    assert_eq!(optimum["levers"], serde_json::json!(["servers", "work"]));
    let tried = optimum["tried"].as_array().unwrap();
    assert_eq!(tried.len(), 6);
    let marked: Vec<&Value> = tried
        .iter()
        .filter(|one| one["front"] == true)
        .map(|one| &one["name"])
        .collect();
    let front: Vec<&Value> = result["front"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["candidate"])
        .collect();
    assert_eq!(marked.len(), front.len());
    assert!(front.iter().all(|name| marked.contains(name)));
    let chosen = tried.iter().find(|one| one["chosen"] == true).expect("a choice");
    assert_eq!(chosen["name"], result["chosen"]["candidate"]);
    assert!(
        optimum["satisficing"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["fresh"] == true)
    );
    well(&preau_in(dir.path(), &["report", "o", "--lang", "fr"], "C"));
    assert!(whole == page(dir.path(), "o/results/report.html"));
}

#[test]
fn a_calibration_shows_before_and_after() {
    let dir = here("Full");
    well(&preau_in(
        dir.path(),
        &["calibrate", "calibration.ron", "--checks", "5", "--out", "c"],
        "C",
    ));
    let whole = page(dir.path(), "c/report.html");
    let calibration = &data(&whole)["report"]["calibration"];
    let parameter = &calibration["parameters"][0];
    let before: Vec<f64> = parameter["before"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect();
    assert_eq!((before[0], before[4], before.len()), (0.2, 4.0, 5));
    // The median of a log-uniform law is the geometric mean of its ends.
    assert!((before[2] - (0.2_f64 * 4.0).sqrt()).abs() < 1e-6, "{before:?}");
    assert_eq!(parameter["log"], true);
    let draws = calibration["posterior"]["values"]["work"].as_array().unwrap();
    assert_eq!(draws.len() as u64, calibration["draws"].as_u64().unwrap());
    let weights: f64 = calibration["posterior"]["weights"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w.as_f64().unwrap())
        .sum();
    assert!((weights - 1.0).abs() < 1e-3, "{weights}");
    let fact = &calibration["facts"][0];
    assert_eq!(
        (&fact["text"], &fact["of"]),
        (&Value::from("two of three get in"), &Value::from(5))
    );
    assert!(fact["low"].as_f64().unwrap() <= fact["share"].as_f64().unwrap());
}

#[test]
fn facts_have_a_folder_with_their_page() {
    let dir = here("Full");
    well(&preau_in(
        dir.path(),
        &["facts", "facts.ron", "--replications", "2"],
        "C",
    ));
    assert!(
        !dir.path().join("notebooks-out").exists(),
        "no files unless they are asked for"
    );
    let args = ["facts", "facts.ron", "--replications", "2", "--out", "f"];
    well(&preau_in(dir.path(), &args, "C"));
    let report = &data(&page(dir.path(), "f/report.html"))["report"];
    assert_eq!(report["facts"], json(dir.path(), "f/facts.json"));
    assert_eq!(report["facts"]["facts"][1]["verdict"], "missed");
    // The same again replaces itself; another seed needs --force.
    well(&preau_in(dir.path(), &args, "C"));
    let other = [&args[..], &["--seed", "2"]].concat();
    assert_eq!(preau_in(dir.path(), &other, "C").status.code(), Some(1));
    well(&preau_in(dir.path(), &[&other[..], &["--force"]].concat(), "C"));
}
