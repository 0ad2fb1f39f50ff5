//! The command line as a program: exit codes, what is printed where, and what is left on the disk.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_preau");

fn small() -> String {
    format!("{}/tests/models/small.ron", env!("CARGO_MANIFEST_DIR"))
}

/// Runs the program in a folder of its own.
fn preau(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.current_dir(dir).env("NO_COLOR", "1").args(args);
    command.output().expect("the program starts")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

#[track_caller]
fn ends(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}\n{}", out(output), err(output));
}

fn here() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

fn json(output: &Output) -> Value {
    ends(output, 0);
    let text = out(output);
    assert_eq!(text.trim().lines().count(), 1, "one object on one line: {text}");
    serde_json::from_str(&text).expect("JSON")
}

fn fingerprint(dir: &Path, args: &[&str]) -> Value {
    let all: Vec<&str> = [&["run"], args, &["--no-files", "--json", "--fingerprint"]].concat();
    json(&preau(dir, &all))["fingerprints"].clone()
}

const FILES: [&str; 12] = [
    "columns.csv",
    "days.csv",
    "manifest.json",
    "report.html",
    "result.json",
    "runs.csv",
    "runs_by_scope.csv",
    "series.csv",
    "series_regions.csv",
    "summary.csv",
    "tickets.csv",
    "waits.csv",
];

#[test]
fn a_run_ends_with_0_and_leaves_a_whole_result() {
    let dir = here();
    let output = preau(dir.path(), &["run", &small()]);
    ends(&output, 0);
    assert!(out(&output).contains("La Réunion"), "{}", out(&output));
    assert!(err(&output).contains("notebooks-out/small"), "{}", err(&output));
    let place = dir.path().join("notebooks-out/small");
    assert_eq!(names(&place), FILES);
    whole(&place);
    let manifest: Value = serde_json::from_str(&fs::read_to_string(place.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["identity"]["seed"], 1);
    assert!(manifest["model"].as_str().unwrap().contains("ent-reu"));
}

#[test]
fn another_size_is_said_everywhere() {
    let dir = here();
    let args = ["run", &small(), "--set", "size=0.1", "--out", "r"];
    let output = preau(dir.path(), &args);
    ends(&output, 0);
    let note = "note: This country is 0.1 of the written one";
    assert!(
        out(&output).starts_with("A small country, size 0.1\n"),
        "{}",
        out(&output)
    );
    assert!(out(&output).contains(note), "{}", out(&output));
    let read = |name: &str| -> Value { serde_json::from_slice(&fs::read(dir.path().join(name)).unwrap()).unwrap() };
    assert_eq!(read("r/manifest.json")["size"], 0.1);
    assert_eq!(read("r/result.json")["size"], 0.1);
    let output = preau(dir.path(), &[&args[..4], &["--no-files", "--json"]].concat());
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["size"], 0.1);
    let kinds: Vec<&Value> = object["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| &w["kind"])
        .collect();
    assert!(kinds.contains(&&Value::from("resized")), "{kinds:?}");
    let compared = [
        "compare",
        &small(),
        "--set",
        "size=0.1",
        "--no-files",
        "--replications",
        "2",
    ];
    let output = preau(dir.path(), &compared);
    ends(&output, 0);
    assert!(
        out(&output).starts_with("A small country, size 0.1: 2 replications"),
        "{}",
        out(&output)
    );
    assert!(out(&output).contains(note), "{}", out(&output));
    let output = preau(dir.path(), &["check", &small(), "--set", "size=0.1"]);
    ends(&output, 0);
    assert!(
        out(&output).contains(", size 0.1\n") && out(&output).contains(note),
        "{}",
        out(&output)
    );
    ends(&preau(dir.path(), &["run", &small(), "--set", "size=0"]), 3);
}

#[test]
fn a_result_says_in_which_mode_it_was_made() {
    let dir = here();
    for (mode, retries) in [("auto", "auto"), ("events", "events")] {
        let run = ["run", &small(), "--mode", mode, "--out", mode];
        ends(&preau(dir.path(), &run), 0);
        let text = std::fs::read_to_string(dir.path().join(mode).join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(manifest["identity"]["mode"], mode);
        assert_eq!(manifest["identity"]["retries"], retries);
    }
}

#[test]
fn an_unknown_gap_fails_and_a_known_one_does_not() {
    let dir = here();
    // Five cores and nearly all work in pages: the fluid is far off (docs/referee.md).
    let system = [
        "verify",
        "--referee",
        "--only",
        "sessions/0.95/5",
        "--replications",
        "12",
    ];
    std::fs::write(dir.path().join("none.csv"), "systems,kpis,tolerance,reason\n").unwrap();
    let unknown = preau(dir.path(), &[&system[..], &["--gaps", "none.csv"]].concat());
    ends(&unknown, 1);
    assert!(out(&unknown).contains("GAP sessions/0.95/5 page_latency_peak"));
    let known = preau(dir.path(), &[&system[..], &["--page", "page.md"]].concat());
    ends(&known, 0);
    let page = std::fs::read_to_string(dir.path().join("page.md")).unwrap();
    assert!(page.contains("are known gaps, 0 are unknown gaps"));
}

#[test]
fn wrong_usage_ends_with_2() {
    let dir = here();
    for args in [
        &["run", "--no-such-option"][..],
        &["no-such-verb"],
        &["run", "theory/mm1", "--replications", "0"],
        &["run", "theory/mm1", "--out", "x", "--no-files"],
        &["run", "theory/mm1", "--orbit", "sideways"],
        &["run", "theory/mm1", "--mode", "sideways"],
        // So many requests that it has to be meant.
        &["run", "--set", "size=10", "--mode", "events", "--no-files"],
        &["verify", "--referee", "--only", "no such system"],
        &["verify", "--page", "x.md"],
        &["explain", "services.x.stations"],
        &["models", "show", "nothing"],
        &["check"],
    ] {
        let output = preau(dir.path(), args);
        ends(&output, 2);
        assert!(out(&output).is_empty() && !err(&output).is_empty(), "{args:?}");
    }
    for args in [&["--help"][..], &["run", "--help"], &["--version"]] {
        ends(&preau(dir.path(), args), 0);
    }
    assert!(names(dir.path()).is_empty());
}

#[test]
fn an_unknown_policy_is_told_with_the_nearest() {
    let dir = here();
    let output = preau(dir.path(), &["run", &small(), "--policy", "quota+capasity"]);
    ends(&output, 2);
    assert!(err(&output).contains("'capasity'"), "{}", err(&output));
    assert!(err(&output).contains("Did you mean 'capacity'?"), "{}", err(&output));
    ends(&preau(dir.path(), &["compare", &small(), "--policies", "defense"]), 2);
    assert!(names(dir.path()).is_empty());
}

#[test]
fn a_mix_is_one_mix_however_it_is_typed() {
    let dir = here();
    let lost = |policy: &str| {
        let output = preau(
            dir.path(),
            &["run", &small(), "--policy", policy, "--no-files", "--json"],
        );
        ends(&output, 0);
        // After the policy's name as it was typed.
        let text = out(&output);
        text[text.find("\"total\"").expect("a total")..].to_owned()
    };
    assert_eq!(lost("quota+capacity"), lost("capacity+quota+capacity"));
    let twice = ["compare", &small(), "--policies", "quota+capacity,capacity+quota"];
    let output = preau(dir.path(), &twice);
    ends(&output, 2);
    assert!(err(&output).contains("are the same policies"), "{}", err(&output));
}

#[test]
fn an_invalid_model_ends_with_3_and_shows_the_place() {
    let dir = here();
    let text = "(\n    clock: (end: \"1 h\"),\n    services: {\"a\": (station: (cors: 1))},\n    cohorts: {\"c\": (arrivals: Poisson(rate: \"1\"))},\n)\n";
    fs::write(dir.path().join("bad.ron"), text).unwrap();
    for verb in ["run", "compare", "check"] {
        let output = preau(dir.path(), &[verb, "bad.ron"]);
        ends(&output, 3);
        assert!(err(&output).contains("bad.ron:3:32"), "{}", err(&output));
        assert!(err(&output).contains("^^^^ unknown field"), "{}", err(&output));
        assert!(err(&output).contains("did you mean `cores`?"), "{}", err(&output));
        assert!(out(&output).is_empty());
    }
    ends(&preau(dir.path(), &["run", "no-such-model"]), 3);
    ends(&preau(dir.path(), &["run", "bad.ron", "--json"]), 3);
    // Nothing was written, not even the folder of results.
    assert_eq!(names(dir.path()), ["bad.ron"]);
}

#[test]
fn several_files_are_checked_at_once() {
    let dir = here();
    for (name, text) in [("a.ron", "("), ("b.ron", "(clock: 3)")] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let output = preau(dir.path(), &["check", "a.ron", &small(), "b.ron", "theory/mm1"]);
    ends(&output, 3);
    let (good, bad) = (out(&output), err(&output));
    assert_eq!(good.lines().filter(|l| l.contains("well formed")).count(), 2, "{good}");
    assert!(bad.contains("a.ron:1:") && bad.contains("b.ron:1:"), "{bad}");
    let output = preau(dir.path(), &["check", "theory/mm1", "--set", "clock.end=20 weeks"]);
    ends(&output, 3);
    assert!(err(&output).contains("--set:1:"), "{}", err(&output));
}

#[test]
fn json_is_one_object_and_nothing_else() {
    let dir = here();
    let object = json(&preau(
        dir.path(),
        &["run", &small(), "--json", "--no-files", "--stats"],
    ));
    assert!(object["total"]["hours_lost"]["mean"].as_f64().unwrap() > 0.0);
    for key in [
        "logical_events",
        "executed_events",
        "cpu_seconds",
        "wall_seconds",
        "peak_rss_bytes",
        "people_active_peak",
    ] {
        let value = &object["stats"][key];
        assert!(
            value.is_number() || (key == "peak_rss_bytes" && value.is_null()),
            "{key}"
        );
    }
    let stats = object["stats"].as_object().unwrap();
    assert_eq!(stats.len(), 6, "{stats:?}");
    assert!(stats["logical_events"].as_u64().unwrap() > 10_000);
    let object = json(&preau(
        dir.path(),
        &["compare", &small(), "--json", "--replications", "3", "--out", "c"],
    ));
    assert_eq!(object["arms"].as_array().unwrap().len(), 5);
    assert_eq!(object["verdicts"].as_array().unwrap().len(), 4);
    assert!(names(&dir.path().join("c")).contains(&"comparison.csv".to_owned()));
}

#[test]
fn overrides_change_the_run_or_are_refused() {
    let dir = here();
    let model = small();
    let base = fingerprint(dir.path(), &[&model]);
    let wider = fingerprint(
        dir.path(),
        &[&model, "--set", "services.ent-idf.quota.max_sessions=900"],
    );
    assert_ne!(base, wider);
    assert_eq!(
        base,
        fingerprint(
            dir.path(),
            &[&model, "--set", "services.ent-idf.quota.max_sessions=520"]
        )
    );
    for (set, words) in [
        ("services.ent-idf.quota.max_session=900", "did you mean `max_sessions`?"),
        ("services.ent-idf.quota.max_sessions=many", "--set:1:"),
        ("services.ent-idf", "no `=` here"),
        ("habits.pupil.persistence=120 %", "habits.pupil.persistence"),
    ] {
        let output = preau(dir.path(), &["run", &model, "--set", set]);
        ends(&output, 3);
        assert!(err(&output).contains(words), "{set}: {}", err(&output));
    }
    assert!(names(dir.path()).is_empty());
}

#[test]
fn the_model_shown_is_the_model_run() {
    let dir = here();
    let model = small();
    let set = "services.ent-idf.quota.max_sessions=300";
    let output = preau(dir.path(), &["run", &model, "--set", set, "--show-model"]);
    ends(&output, 0);
    fs::write(dir.path().join("shown.ron"), &output.stdout).unwrap();
    let shown = fingerprint(dir.path(), &["shown.ron"]);
    assert_eq!(shown, fingerprint(dir.path(), &[&model, "--set", set]));
    assert_ne!(shown, fingerprint(dir.path(), &[&model]));
    // A model laid over another is shown whole.
    let text = format!("(base: \"{model}\", title: \"Less\", services: {{\"spare\": (station: (cores: 2))}})");
    fs::write(dir.path().join("over.ron"), text).unwrap();
    let output = preau(dir.path(), &["run", "over.ron", "--show-model"]);
    ends(&output, 0);
    fs::write(dir.path().join("whole.ron"), &output.stdout).unwrap();
    assert_eq!(
        fingerprint(dir.path(), &["whole.ron"]),
        fingerprint(dir.path(), &["over.ron"])
    );
    assert_eq!(names(dir.path()), ["over.ron", "shown.ron", "whole.ron"]);
}

#[test]
fn replications_go_on_where_others_ended() {
    let dir = here();
    let model = small();
    let together = fingerprint(dir.path(), &[&model, "--replications", "4"]);
    for (k, print) in together.as_array().unwrap().iter().enumerate() {
        let alone = fingerprint(dir.path(), &[&model, "--first", &k.to_string()]);
        assert_eq!(alone[0], *print);
    }
    let threads = ["--replications", "4", "--threads", "2"];
    assert_eq!(
        together,
        fingerprint(dir.path(), &[&[model.as_str()], &threads[..]].concat())
    );
}

#[test]
fn models_are_listed_shown_and_written() {
    let dir = here();
    let output = preau(dir.path(), &["models", "list"]);
    ends(&output, 0);
    assert!(out(&output).lines().any(|l| l.starts_with("theory/mm1 ")));
    let output = preau(dir.path(), &["models", "show", "theory/mm1"]);
    ends(&output, 0);
    fs::write(dir.path().join("mm1.ron"), &output.stdout).unwrap();
    ends(&preau(dir.path(), &["check", "mm1.ron"]), 0);
    ends(&preau(dir.path(), &["models", "init", "mine"]), 0);
    let written = dir.path().join("mine/theory/mm1.ron");
    assert_eq!(fs::read(&written).unwrap().trim_ascii(), output.stdout.trim_ascii());
    // Again: nothing to do. Changed by hand: kept, and told.
    ends(&preau(dir.path(), &["models", "init", "mine"]), 0);
    fs::write(&written, "(my own)").unwrap();
    let output = preau(dir.path(), &["models", "init", "mine"]);
    ends(&output, 1);
    assert!(err(&output).contains("mm1.ron"));
    assert_eq!(fs::read_to_string(&written).unwrap(), "(my own)");
}

#[test]
fn a_region_of_ones_own_is_begun_from_a_model() {
    let dir = here();
    // A folder is no model, whatever its name.
    fs::create_dir(dir.path().join("region")).unwrap();
    let output = preau(dir.path(), &["models", "show", "region"]);
    ends(&output, 0);
    fs::write(dir.path().join("mine.ron"), &output.stdout).unwrap();
    ends(&preau(dir.path(), &["check", "region", "mine.ron"]), 0);
    let sized = ["compare", "mine.ron", "--set", "size=0.02", "--out", "m"];
    let output = preau(dir.path(), &sized);
    ends(&output, 0);
    for policy in ["base", "room", "stagger", "cores"] {
        assert!(out(&output).lines().any(|line| line.starts_with(policy)), "{policy}");
    }
}

#[test]
fn fields_are_explained() {
    let dir = here();
    let output = preau(dir.path(), &["explain", "services.ent-idf.quota.max_sessions"]);
    ends(&output, 0);
    assert!(out(&output).contains("Most seats taken at once"), "{}", out(&output));
    ends(&preau(dir.path(), &["explain", "services"]), 0);
    let output = preau(dir.path(), &["explain"]);
    ends(&output, 0);
    assert!(out(&output).contains("\n    services "), "{}", out(&output));
}

#[test]
fn a_result_is_replaced_by_itself_and_else_by_force_only() {
    let dir = here();
    let model = small();
    let run = |more: &[&str]| preau(dir.path(), &[&["run", &model, "--out", "r"], more].concat());
    ends(&run(&[]), 0);
    let first = fs::read(dir.path().join("r/summary.csv")).unwrap();
    ends(&run(&[]), 0);
    assert_eq!(fs::read(dir.path().join("r/summary.csv")).unwrap(), first);
    for other in [
        &["--seed", "2"][..],
        &["--policy", "quota"],
        &["--replications", "2"],
        &["--set", "clock.bin=10 min"],
    ] {
        let output = run(other);
        ends(&output, 1);
        assert!(err(&output).contains("--force"), "{}", err(&output));
        assert_eq!(fs::read(dir.path().join("r/summary.csv")).unwrap(), first);
    }
    ends(&run(&["--seed", "2", "--force"]), 0);
    assert_ne!(fs::read(dir.path().join("r/summary.csv")).unwrap(), first);
    // What is no result is never replaced.
    fs::create_dir(dir.path().join("thesis")).unwrap();
    fs::write(dir.path().join("thesis/chapter.tex"), "years").unwrap();
    let output = preau(dir.path(), &["run", &model, "--out", "thesis", "--force"]);
    ends(&output, 1);
    assert_eq!(names(&dir.path().join("thesis")), ["chapter.tex"]);
}

#[test]
fn a_name_that_is_no_model_is_told_with_what_there_is() {
    let dir = here();
    for (typed, words) in [
        ("theory/mm2", "did you mean `theory/mm1`, which is inside the program?"),
        ("mm1", "did you mean `theory/mm1`, which is inside the program?"),
        ("xyzzy", "inside the program are `2021-04-06`,"),
    ] {
        let output = preau(dir.path(), &["run", typed]);
        ends(&output, 3);
        assert!(err(&output).contains(words), "{}", err(&output));
        assert!(err(&output).contains("`preau models list`"), "{}", err(&output));
    }
    fs::copy(small(), dir.path().join("mine.ron")).unwrap();
    let output = preau(dir.path(), &["run", "mien.ron"]);
    ends(&output, 3);
    assert!(
        err(&output).contains("did you mean the file `mine.ron`?"),
        "{}",
        err(&output)
    );
}

#[test]
fn an_experiment_of_ones_own_is_compared() {
    let dir = here();
    fs::create_dir(dir.path().join("mine")).unwrap();
    fs::copy(small(), dir.path().join("mine/small.ron")).unwrap();
    let text = "(title: \"Mine\", model: \"small.ron\", replications: Fixed(2), levers: {\"policy\": Choice({\"more\": (policies: [\"quota\", \"capacity\"])})})";
    fs::write(dir.path().join("mine/mine.ron"), text).unwrap();
    let compare = ["compare", "--experiment", "mine/mine.ron", "--no-files"];
    let output = preau(dir.path(), &compare);
    ends(&output, 0);
    let rows: Vec<String> = err(&output).lines().map(|l| l.chars().take(20).collect()).collect();
    for row in ["base  replication 0:", "more  replication 1:"] {
        assert!(rows.iter().any(|r| r == row), "{rows:?}");
    }
    let shown = out(&output);
    assert!(shown.starts_with("Mine: 2 replications of each"), "{shown}");
    assert!(
        shown.contains("\n\nmore") && shown.contains("\n\nnote:"),
        "blank lines between parts: {shown}"
    );
    // What is wrong with it is shown as with models.
    let wrong = text.replace("capacity", "capasity").replace("title", "titel");
    fs::write(dir.path().join("mine/mine.ron"), &wrong).unwrap();
    let output = preau(dir.path(), &compare);
    ends(&output, 3);
    assert!(err(&output).contains("mine/mine.ron:1:2"), "{}", err(&output));
    fs::write(dir.path().join("mine/mine.ron"), wrong.replace("titel", "title")).unwrap();
    let output = preau(dir.path(), &compare);
    ends(&output, 3);
    assert!(err(&output).contains("did you mean `capacity`?"), "{}", err(&output));
    ends(&preau(dir.path(), &[&compare[..], &["theory/mm1"]].concat()), 2);
}

#[test]
fn nothing_to_compare_is_wrong_usage() {
    let dir = here();
    let output = preau(dir.path(), &["compare", "theory/mm1"]);
    ends(&output, 2);
    assert!(err(&output).contains("the model has no policies"), "{}", err(&output));
    ends(&preau(dir.path(), &["compare", &small(), "--policies", "base"]), 2);
    assert!(names(dir.path()).is_empty());
}

/// Every file of a result is there and complete.
fn whole(place: &Path) {
    assert_eq!(names(place), FILES, "{}", place.display());
    for file in FILES {
        let text = fs::read_to_string(place.join(file)).unwrap();
        if file.ends_with("json") {
            serde_json::from_str::<Value>(&text).unwrap_or_else(|e| panic!("{file}: {e}"));
        } else {
            // A model without crisis cells has no tickets.
            let least = if file == "tickets.csv" { 1 } else { 2 };
            assert!(text.ends_with('\n') && text.lines().count() >= least, "{file}");
        }
    }
}

#[test]
fn killed_at_any_instant_it_leaves_a_whole_result_or_none() {
    let dir = here();
    let place: PathBuf = dir.path().join("r");
    let model = small();
    let start = |seed: &str| {
        let mut command = std::process::Command::new(PROGRAM);
        command
            .current_dir(dir.path())
            .args(["run", &model, "--out", "r", "--force", "--seed", seed]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("starts")
    };
    let began = Instant::now();
    assert!(start("1").wait().unwrap().success());
    let usual = began.elapsed();
    let _ = fs::remove_dir_all(&place);
    // Delays that visit all of the run, and again and again its end.
    for k in 0..40_u32 {
        let share = if k % 4 == 0 {
            f64::from(k) / 40.0
        } else {
            0.7 + f64::from(k % 13) * 0.04
        };
        let mut child = start(&k.to_string());
        std::thread::sleep(Duration::from_secs_f64(usual.as_secs_f64() * share));
        child.kill().unwrap();
        child.wait().unwrap();
        if place.exists() {
            whole(&place);
        }
    }
    // The next run clears what the dead have left.
    assert!(start("1").wait().unwrap().success());
    whole(&place);
    let left: Vec<_> = names(dir.path()).into_iter().filter(|n| n != ".preau-lock").collect();
    assert_eq!(left, ["r"]);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    for args in [
        &["models", "list"][..],
        &["run", "theory/mm1", "--no-files", "--set", "clock.end=3000 s"],
    ] {
        let mut command = std::process::Command::new(PROGRAM);
        command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
