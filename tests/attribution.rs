//! `preau attribute` as a program: what it prints and leaves, and that it goes on where it was stopped.

mod program;

use program::{PROGRAM, preau};
use serde_json::Value;
use std::fs;
use std::time::{Duration, Instant};

/// Causes of the small country: a surge of visits, its floods, its gate; and one that changes nothing.
const CAUSES: &str = r#"(
    title: "A small morning",
    model: "MODEL",
    baseline: "half of the visits, no flood, no gate",
    replications: 3,
    set: ["clock.end=2021-04-06T10:00"],
    causes: {
        "surge": (baseline: "half as many college pupils", off: (set: ["cohorts.idf-college.connects=40 %"])),
        "attack": (baseline: "no flood", off: (without: ["flood", "packets"])),
        "quota": (baseline: "no gate in Île-de-France", off: (set: ["services.ent-idf.quota=None"])),
        "idle": (baseline: "a spare service with its cores", on: (set: ["services.spare.station.cores=8"])),
    },
)"#;

fn here() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let model = format!("{}/tests/models/small.ron", env!("CARGO_MANIFEST_DIR"));
    fs::write(dir.path().join("causes.ron"), CAUSES.replace("MODEL", &model)).expect("a file");
    dir
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn causes_are_shared_out_and_written_down() {
    let dir = here();
    let output = preau(dir.path(), &["attribute", "causes.ron", "--out", "a"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    for words in [
        "Shapley value",
        "alone",
        "but for it",
        "surge",
        "a convention, not a culprit",
        "idle changed nothing",
    ] {
        assert!(said.contains(words), "{words} in\n{said}");
    }
    assert!(
        text(&output.stderr).contains("46 more runs"),
        "{}",
        text(&output.stderr)
    );
    let mut files: Vec<String> = fs::read_dir(dir.path().join("a"))
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    files.sort();
    assert_eq!(
        files,
        [
            "attribution.csv",
            "causes.ron",
            "manifest.json",
            "report.html",
            "result.json",
            "worlds.csv"
        ]
    );
    assert!(!dir.path().join("a.unfinished").exists());
    let worlds = fs::read_to_string(dir.path().join("a/worlds.csv")).expect("a file");
    assert_eq!(worlds.lines().count(), 1 + 16 * 3);
    let result: Value =
        serde_json::from_str(&fs::read_to_string(dir.path().join("a/result.json")).expect("a file")).expect("JSON");
    // What is nothing but rounding is nothing, also in files.
    let csv = fs::read_to_string(dir.path().join("a/attribution.csv")).expect("a file");
    let tiny = |line: &&str| {
        let mean: f64 = line.split(',').nth(7).and_then(|mean| mean.parse().ok()).unwrap_or(0.0);
        mean != 0.0 && mean.abs() < 1e-9
    };
    assert_eq!(csv.lines().find(tiny), None);
    let total = &result["parts"][0]["scopes"][0];
    let sum: f64 = total["causes"]
        .as_array()
        .expect("causes")
        .iter()
        .map(|c| c["shapley"]["mean"].as_f64().expect("a number"))
        .sum();
    let difference = total["difference"]["mean"].as_f64().expect("a number");
    assert!(
        (sum - difference).abs() < 1e-9 * difference.abs(),
        "{sum} of {difference}"
    );
}

#[test]
fn a_stopped_attribution_goes_on_and_ends_the_same() {
    let dir = here();
    let whole = preau(dir.path(), &["attribute", "causes.ron", "--out", "whole"]);
    assert_eq!(whole.status.code(), Some(0), "{}", text(&whole.stderr));
    let mut child = std::process::Command::new(PROGRAM)
        .current_dir(dir.path())
        .args(["attribute", "causes.ron", "--out", "cut", "--threads", "1"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the program starts");
    let list = dir.path().join("cut.unfinished");
    let began = Instant::now();
    let lines = || fs::read_to_string(&list).map_or(0, |text| text.lines().count());
    while lines() < 6 && began.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    assert!(lines() >= 6 && !dir.path().join("cut").exists());
    let again = preau(dir.path(), &["attribute", "causes.ron", "--out", "cut"]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    assert!(
        text(&again.stderr).contains("runs were finished before"),
        "{}",
        text(&again.stderr)
    );
    for file in ["attribution.csv", "worlds.csv", "result.json"] {
        let of = |folder: &str| fs::read(dir.path().join(folder).join(file)).expect("a file");
        assert!(of("whole") == of("cut"), "{file}");
    }
}

#[test]
fn what_cannot_be_shared_out_is_said() {
    let dir = here();
    preau(dir.path(), &["attribute", "causes.ron", "--out", "a"]);
    let other = preau(
        dir.path(),
        &["attribute", "causes.ron", "--kpi", "refusals", "--out", "a"],
    );
    assert!(
        text(&other.stderr).contains("a holds a result of another KPI or other orders of causes"),
        "{}",
        text(&other.stderr)
    );
    let unknown = preau(dir.path(), &["attribute", "causes.ron", "--kpi", "hours_lsot"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        text(&unknown.stderr).contains("hours_lost"),
        "{}",
        text(&unknown.stderr)
    );
    let plan = preau(dir.path(), &["attribute", "causes.ron", "--dry-run"]);
    assert!(text(&plan.stdout).contains("48 runs"), "{}", text(&plan.stdout));
    fs::write(
        dir.path().join("bad.ron"),
        "(model: \"theory/mm1\", causes: {\"a\": ()})",
    )
    .expect("a file");
    let bad = preau(dir.path(), &["attribute", "bad.ron"]);
    assert_eq!(bad.status.code(), Some(3));
    assert!(text(&bad.stderr).contains("bad.ron:1:"), "{}", text(&bad.stderr));
    assert!(!dir.path().join("notebooks-out").exists());
}

#[test]
fn a_share_is_told_in_percent_and_differences_of_it_in_points() {
    let dir = here();
    let args = "attribute causes.ron --kpi connected_15min --replications 2 --out a";
    let output = preau(dir.path(), &args.split(' ').collect::<Vec<_>>());
    let said = text(&output.stdout);
    assert!(said.contains(" %; ") && said.contains(" percentage points"), "{said}");
    assert!(!said.contains("share (0 to 1)"), "{said}");
}
