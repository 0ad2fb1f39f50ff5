//! The program in bad luck: full disks, readers that go away, names that are no text, numbers of too many digits. None of it
//! costs a finished result, and each is told in words. (Kills, and what goes on after them, are in `sweep.rs` and `optimize_program.rs`.)

mod program;

use program::{PROGRAM, ends, preau};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// A run of an instant.
const RUN: [&str; 4] = ["run", "theory/mm1", "--set", "clock.end=3000 s"];

/// Runs the program where no file may be longer than a few kilobytes: as on a full disk, writing fails in the middle.
#[cfg(unix)]
fn on_a_full_disk(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new("sh");
    let limit = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    command.current_dir(dir).env("NO_COLOR", "1");
    command.args(["-c", limit, PROGRAM]).args(args);
    command.output().expect("the program starts")
}

#[test]
#[cfg(target_os = "linux")]
fn words_beside_a_result_do_not_cost_it() {
    let dir = tempfile::tempdir().unwrap();
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for more in [&["--out", "one"][..], &["--replications", "3", "--out", "three"]] {
        let mut command = Command::new(PROGRAM);
        command.current_dir(dir.path()).args(RUN).args(more);
        let output = command.stdout(Stdio::piped()).stderr(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{more:?}");
        let place = dir.path().join(more[more.len() - 1]);
        assert!(place.join("manifest.json").is_file(), "{more:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_place_whose_name_is_no_text_is_a_place() {
    use std::os::unix::ffi::OsStrExt;
    let dir = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    let mut command = Command::new(PROGRAM);
    command.current_dir(dir.path()).args(RUN).arg("--out").arg(name);
    ends(&command.output().unwrap(), 0);
    assert!(dir.path().join(name).join("manifest.json").is_file());
}

const FACTS: &str = r#"(
    model: "region",
    facts: [(id: "A", text: "Some get in", sources: "X", tests: [(what: "share", measure: (take: Kpi, of: "connected_15min"), at_least: 0.0)])],
)"#;

/// Judges them, in an instant.
const JUDGE: [&str; 8] = [
    "facts",
    "f.ron",
    "--replications",
    "1",
    "--set",
    "size=0.001",
    "--out",
    "there",
];

#[test]
#[cfg(unix)]
fn a_reader_that_goes_away_costs_no_file() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("f.ron"), FACTS).unwrap();
    let mut command = Command::new(PROGRAM);
    command.current_dir(dir.path());
    command.args(JUDGE);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(dir.path().join("there/facts.json").is_file());
}

#[test]
#[cfg(unix)]
fn a_result_that_cannot_be_written_is_said_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let asked = [&RUN[..], &["--out", "there"]].concat();
    let (out, err) = ends(&on_a_full_disk(dir.path(), &asked), 1);
    assert!(
        out.contains("M/M/1 at 80 % load") && out.contains("knocks per login"),
        "{out}"
    );
    // Under the name that the user gave, not the hidden one.
    assert!(err.contains("error: cannot write there/"), "{err}");
    assert!(!dir.path().join("there").exists());
    let asked = [&RUN[..], &["--no-files", "--trace", "run.trace"]].concat();
    let (out, err) = ends(&on_a_full_disk(dir.path(), &asked), 1);
    assert!(out.contains("M/M/1 at 80 % load"), "{out}");
    assert!(err.contains("error: cannot write the trace run.trace"), "{err}");
    let left: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert!(left.iter().all(|name| name == ".preau-lock"), "{left:?}");
}

#[test]
#[cfg(unix)]
fn models_cut_short_by_a_full_disk_are_not_kept_for_somebodys() {
    let dir = tempfile::tempdir().unwrap();
    let (_, err) = ends(&on_a_full_disk(dir.path(), &["models", "init", "mine"]), 1);
    assert!(err.contains("error: cannot write"), "{err}");
    let (_, err) = ends(&preau(dir.path(), &["models", "init", "mine"]), 0);
    assert_eq!(err, "");
    ends(&preau(dir.path(), &["check", "mine/2021-04-06.ron"]), 0);
}

#[test]
fn numbers_of_too_many_digits_are_told_before_anything_begins() {
    let dir = tempfile::tempdir().unwrap();
    let threads = [&RUN[..], &["--no-files", "--threads", "1000000"]].concat();
    let (_, err) = ends(&preau(dir.path(), &threads), 2);
    assert!(err.contains("1000000 is not in 1..=1024"), "{err}");
    let experiment = |replications: &str| {
        let text = format!(
            "(model: \"theory/mm1\", levers: {{\"cores\": Values(path: \"services.queue.station.cores\", values: [1, 2])}}, replications: {replications})"
        );
        fs::write(dir.path().join("e.ron"), text).unwrap();
        preau(dir.path(), &["check", "e.ron"])
    };
    ends(&experiment("Fixed(100000)"), 0);
    let (_, err) = ends(&experiment("Fixed(100001)"), 3);
    assert!(err.contains("100001 replications are more than can be run"), "{err}");
    assert!(err.contains("e.ron:1:") && err.contains("give 100000 at most"), "{err}");
    let precision = "UntilPrecision(kpi: \"wait_p95\", relative: 0.05, at_least: 10, at_most: 100001)";
    let (_, err) = ends(&experiment(precision), 3);
    assert!(err.contains("this is more than can be run"), "{err}");
    let many = [
        &RUN[..],
        &["--no-files", "--set", "cohorts.customers.arrivals.rate=1000000 /s"],
    ]
    .concat();
    let mut command = Command::new(PROGRAM);
    command
        .current_dir(dir.path())
        .args(many)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = program::Killed(command.spawn().unwrap());
    let mut said = String::new();
    let err = child.0.stderr.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(err), &mut said).unwrap();
    assert!(
        said.starts_with("warning: a run of 'mm1' has about 3 000 000 000 visits"),
        "{said}"
    );
}

#[test]
fn what_is_in_the_way_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("f.ron"), FACTS).unwrap();
    ends(&preau(dir.path(), &[&RUN[..], &["--out", "there"]].concat()), 0);
    let (_, err) = ends(&preau(dir.path(), &JUDGE), 1);
    let told = "error: there holds a result of another kind, made by `preau run theory/mm1 --set clock.end=3000 s --out there`; give --force";
    assert!(err.contains(told), "{err}");
    fs::write(dir.path().join("file"), "mine").unwrap();
    for args in [
        &["sweep", "idf-gate", "--out", "file"],
        &["optimize", "idf-gate", "--out", "file"],
    ] {
        let (_, err) = ends(&preau(dir.path(), args), 1);
        assert!(
            err.contains("error: file exists and is no folder; give another --out"),
            "{err}"
        );
    }
    let (_, err) = ends(&preau(dir.path(), &["report", "there", "--out", "."]), 1);
    assert!(
        err.contains("it is a folder; name the file within") || err.contains("cannot name a file"),
        "{err}"
    );
}

#[test]
fn shares_are_in_percent_in_the_table_of_a_sweep() {
    let dir = tempfile::tempdir().unwrap();
    let text = "(model: \"theory/mm1\", set: [\"clock.end=3000 s\"], levers: {\"cores\": Values(path: \"services.queue.station.cores\", values: [1, 2])}, replications: Fixed(2), kpis: [\"connected_5min\"])";
    fs::write(dir.path().join("e.ron"), text).unwrap();
    let (out, _) = ends(&preau(dir.path(), &["sweep", "e.ron", "--out", "there"]), 0);
    let rows: Vec<&str> = out.lines().filter(|line| line.contains('%')).collect();
    assert_eq!(rows.len(), 2, "{out}");
    assert!(!out.contains("0 to 1"), "{out}");
    // The file keeps the number for programs.
    let points = fs::read_to_string(dir.path().join("there/results/points.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(points.as_bytes());
    let column = reader
        .headers()
        .unwrap()
        .iter()
        .position(|name| name == "connected_5min")
        .unwrap();
    for (record, row) in reader.records().zip(rows) {
        let share: f64 = record.unwrap()[column].parse().unwrap();
        let shown = row
            .split_whitespace()
            .rev()
            .nth(if row.contains('±') { 3 } else { 1 })
            .unwrap();
        let shown: f64 = shown.parse().unwrap();
        assert!((shown - 100.0 * share).abs() < 0.5, "{row} {share}");
    }
}

/// Names of what lies in a folder.
fn lying(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
#[cfg(unix)]
fn what_a_killed_program_left_of_a_file_is_cleared_when_it_is_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let traced = ["run", "theory/mm1", "--no-files", "--trace", "a.trace"];
    let mut child = program::begin(dir.path(), &traced);
    while lying(dir.path()).is_empty() {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.0.kill().unwrap();
    child.0.wait().unwrap();
    assert_eq!(lying(dir.path()).len(), 1, "killed in the middle");
    assert!(!dir.path().join("a.trace").exists());
    ends(
        &preau(dir.path(), &[&RUN[..], &["--no-files", "--trace", "a.trace"]].concat()),
        0,
    );
    assert_eq!(lying(dir.path()), ["a.trace"]);
    // Pages and tables of an analysis are written in the same way.
    ends(&preau(dir.path(), &[&RUN[..], &["--out", "there"]].concat()), 0);
    let left = dir.path().join("there/.report.html.partial-1-0");
    fs::write(&left, "half").unwrap();
    ends(&preau(dir.path(), &["report", "there"]), 0);
    assert!(!left.exists());
}

#[test]
fn a_trace_says_its_mode() {
    let dir = tempfile::tempdir().unwrap();
    let short = ["clock.end=2100 s", "clock.warm_up=0 s", "clock.bin=300 s"].map(|set| ["--set", set]);
    let flood = [&["run", "theory/flood", "--no-files"][..], short.as_flattened()].concat();
    let with = |more: &[&str]| preau(dir.path(), &[&flood[..], more].concat());
    ends(&with(&["--mode", "events", "--trace", "a.trace"]), 0);
    let text = fs::read_to_string(dir.path().join("a.trace")).unwrap();
    assert!(text.contains("\nmode events\n"), "{}", &text[..200]);
    ends(&with(&["--mode", "events", "--verify-trace", "a.trace"]), 0);
    // Retries are events in both: it is the fluids that differ.
    let (_, err) = ends(&with(&["--orbit", "events", "--verify-trace", "a.trace"]), 1);
    let told = "of another mode: the trace says events, this run has auto";
    assert!(err.contains(told), "{err}");
}
