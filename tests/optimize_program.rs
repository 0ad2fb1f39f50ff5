//! `preau optimize` as a program: killed at any instant it goes on where it was; its files can be read; bad input is told.

mod program;

use program::{Killed, ends, grown, journal};
use serde_json::Value;
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

/// A loss system whose servers cost money, and a question whose answer is known (`tests/optimize.rs`): six servers.
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
    policies: {"late": (acts: [(at: "3 h", act: ScaleCapacity(services: ["desk"], factor: 2))])},
)"#;

const QUESTION: &str = r#"(
    title: "How many servers", model: "desk.ron",
    levers: {
        "servers": Choice({
            "four": (set: ["services.desk.station.cores=4", "services.desk.station.threads=4"]),
            "six": (set: ["services.desk.station.cores=6", "services.desk.station.threads=6"]),
            "eight": (set: ["services.desk.station.cores=8", "services.desk.station.threads=8"]),
        }),
    },
    uncertainties: {"demand": Range(path: "cohorts.customers.arrivals.rate", from: 0.95, to: 1.05, times: true)},
    design: Sobol(64), kpis: ["refusals"],
    constraints: [(kpi: "refused_full", at_most: 96)],
)"#;

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("desk.ron"), DESK).expect("a model");
    fs::write(dir.path().join("mine.ron"), QUESTION).expect("an experiment");
    dir
}

/// Two objectives that the desk has something of.
fn objectives<'a>(args: &[&'a str]) -> Vec<&'a str> {
    let mut args = args.to_vec();
    if args[0] == "optimize" && !args.contains(&"--objectives") {
        args.extend(["--objectives", "euros_total,refused_full"]);
    }
    args
}

fn preau(dir: &Path, args: &[&str]) -> Output {
    program::preau(dir, &objectives(args))
}

fn begin(dir: &Path, args: &[&str]) -> Killed {
    program::begin(dir, &objectives(args))
}

fn results(folder: &Path) -> [String; 3] {
    ["pareto.csv", "regret.csv", "satisficing.csv"].map(|file| {
        let path = folder.join("results").join(file);
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    })
}

const RUNS: &str = "120";

#[test]
fn killed_at_several_instants_it_ends_with_the_same_answer_and_nothing_is_run_twice() {
    let dir = folder();
    let search = |out: &'static str, threads: &'static str| {
        [
            "optimize",
            "mine.ron",
            "--runs",
            RUNS,
            "--json",
            "--out",
            out,
            "--threads",
            threads,
        ]
    };
    let (alone, _) = ends(&preau(dir.path(), &search("alone", "1")), 0);
    assert!(alone.contains("servers six"), "{alone}");
    let whole = fs::metadata(dir.path().join("alone/journal")).expect("a journal").len();
    let (killed, path) = (dir.path().join("killed"), dir.path().join("killed/journal"));
    let all = journal(&dir.path().join("alone")).len();
    let (mut before, mut kept, mut in_time) = (Vec::new(), Vec::new(), 0);
    for kill in 0..8 {
        let mut child = begin(dir.path(), &search("killed", "2"));
        // The first while the question is still being read, then in the search, the choice, the front and the confirmation.
        let over = grown(&mut child, &path, whole * kill / 9);
        std::thread::sleep(Duration::from_micros(300 * kill));
        child.0.kill().expect("SIGKILL");
        child.0.wait().expect("it is dead");
        let now = journal(&killed);
        assert_eq!(now[..before.len()], before[..], "what was there stays");
        if over || now.len() == all {
            // A machine that pauses this test lets the program get to its end: back to the kill before.
            let _ = fs::remove_dir_all(killed.join("results"));
            fs::write(&path, &kept).expect("a journal");
            break;
        }
        assert!(!killed.join("results").exists(), "no results before the end");
        (before, kept) = (now, fs::read(&path).unwrap_or_default());
        in_time += 1;
    }
    assert!(in_time >= 4, "{in_time} kills before all runs were made");
    let made = before.len();
    let (resumed, told) = ends(&preau(dir.path(), &search("killed", "2")), 0);
    // With --json nothing is told but what was torn.
    assert!(!told.contains("error"), "{told}");
    let names = journal(&killed);
    assert!(made > 0 && names.len() > made, "{made} of {}", names.len());
    assert_eq!(
        names.iter().collect::<HashSet<_>>().len(),
        names.len(),
        "a run was made twice"
    );
    assert_eq!(
        names.iter().collect::<HashSet<_>>(),
        journal(&dir.path().join("alone")).iter().collect::<HashSet<_>>(),
        "the same runs as one left alone"
    );
    assert_eq!(resumed, alone, "the same answer, bit for bit");
    assert_eq!(results(&killed), results(&dir.path().join("alone")));
    // Once more: everything is there.
    let (again, _) = ends(&preau(dir.path(), &search("killed", "1")), 0);
    assert_eq!((again, journal(&killed).len()), (alone.clone(), names.len()));
    // The same without a folder.
    let none = ["optimize", "mine.ron", "--runs", RUNS, "--json", "--no-files"];
    assert_eq!(ends(&preau(dir.path(), &none), 0).0, alone);
}

#[test]
fn more_runs_go_on_from_those_that_there_are() {
    let dir = folder();
    let search = |runs: &'static str, out: &'static str| {
        let args = ["optimize", "mine.ron", "--runs", runs, "--json", "--out", out];
        ends(&preau(dir.path(), &args), 0).0
    };
    search("60", "a");
    let few = journal(&dir.path().join("a"));
    let more = search("90", "a");
    let all = journal(&dir.path().join("a"));
    assert_eq!(all[..few.len()], few[..]);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    assert_eq!(search("90", "b"), more, "at once or in two goes");
}

#[test]
fn another_model_seed_or_verb_in_the_same_folder_is_refused() {
    let dir = folder();
    let search = ["optimize", "mine.ron", "--runs", "20", "--out", "a"];
    ends(&preau(dir.path(), &search), 0);
    let other = [&search[..], &["--set", "prices.core_hour=2 EUR"]].concat();
    let (_, told) = ends(&preau(dir.path(), &other), 1);
    assert!(
        told.contains("holds runs of another model; give another --out"),
        "{told}"
    );
    fs::write(
        dir.path().join("seed.ron"),
        QUESTION.replace("title:", "seed: 5, title:"),
    )
    .expect("an experiment");
    let (_, told) = ends(
        &preau(dir.path(), &["optimize", "seed.ron", "--runs", "20", "--out", "a"]),
        1,
    );
    assert!(told.contains("holds runs of another seed"), "{told}");
    let journal = fs::read_to_string(dir.path().join("a/journal")).expect("a journal");
    fs::create_dir(dir.path().join("old")).expect("a folder");
    // As another version would have written it: the checksum is that of the changed text.
    let first = journal
        .lines()
        .next()
        .expect("a start")
        .split_once(' ')
        .expect("a sum")
        .1;
    let first = first.replacen(
        &format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION")),
        "\"version\":\"0.0.9\"",
        1,
    );
    let line = format!("{:08x} {first}\n", crc32fast::hash(first.as_bytes()));
    fs::write(dir.path().join("old/journal"), line).expect("a journal");
    let (_, told) = ends(
        &preau(dir.path(), &["optimize", "mine.ron", "--runs", "20", "--out", "old"]),
        1,
    );
    assert!(told.contains("made by another version of the program"), "{told}");
    // Neither verb replaces the results of the other.
    let (_, told) = ends(
        &preau(dir.path(), &["sweep", "mine.ron", "--replications", "1", "--out", "a"]),
        1,
    );
    assert!(
        told.contains("a holds the results of an optimisation; give another --out"),
        "{told}"
    );
    ends(
        &preau(dir.path(), &["sweep", "mine.ron", "--replications", "1", "--out", "b"]),
        0,
    );
    let (_, told) = ends(
        &preau(dir.path(), &["optimize", "mine.ron", "--runs", "20", "--out", "b"]),
        1,
    );
    assert!(
        told.contains("b holds the results of a sweep; give another --out"),
        "{told}"
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_and_two_do_not_meet() {
    let dir = folder();
    let search = ["optimize", "mine.ron", "--runs", "100000", "--out", "a"];
    let mut child = begin(dir.path(), &search);
    assert!(!grown(&mut child, &dir.path().join("a/journal"), 30_000));
    let (_, told) = ends(&preau(dir.path(), &search), 1);
    assert!(told.contains("another program is at work in a"), "{told}");
    let pid = child.0.id().to_string();
    let kill = std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status()
        .expect("kill");
    assert!(kill.success());
    assert_eq!(child.0.wait().expect("it ends").code(), Some(130));
    let names = journal(&dir.path().join("a"));
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    assert!(!names.is_empty() && !dir.path().join("a/results").exists());
}

#[test]
fn its_files_can_be_read() {
    let dir = folder();
    // `late` acts after the end: settings with it are as good and cost nothing more.
    let with = QUESTION.replace("levers: {", "levers: { \"late\": Switch(policies: [\"late\"]),");
    fs::write(dir.path().join("late.ron"), with).expect("an experiment");
    let args = ["optimize", "late.ron", "--runs", "150", "--out", "a"];
    let (out, _) = ends(&preau(dir.path(), &args), 0);
    for words in [
        "Least euros_total",
        "servers six",
        "Pareto front",
        "Regret",
        "fresh futures",
    ] {
        assert!(out.contains(words), "{words} in\n{out}");
    }
    let mut pareto = csv::Reader::from_path(dir.path().join("a/results/pareto.csv")).expect("a file");
    let head = pareto.headers().expect("a head").clone();
    let column = |name: &str| {
        head.iter()
            .position(|h| h == name)
            .unwrap_or_else(|| panic!("{name} in {head:?}"))
    };
    let (chosen, servers) = (column("chosen"), column("servers"));
    let rows: Vec<csv::StringRecord> = pareto.records().map(|r| r.expect("a row")).collect();
    assert_eq!(rows.len(), 6, "every combination");
    let kept: Vec<&str> = rows.iter().filter(|r| &r[chosen] == "1").map(|r| &r[servers]).collect();
    assert_eq!(kept, ["six"]);
    for file in ["regret.csv", "satisficing.csv"] {
        let mut reader = csv::Reader::from_path(dir.path().join("a/results").join(file)).expect("a file");
        assert!(reader.records().all(|r| r.is_ok()), "{file}");
    }
    let manifest = fs::read_to_string(dir.path().join("a/results/manifest.json")).expect("a manifest");
    assert_eq!(
        serde_json::from_str::<Value>(&manifest).expect("JSON")["program"],
        "preau"
    );
}

#[test]
fn a_model_without_regions_is_not_asked_for_the_gap_between_them() {
    let dir = folder();
    let usual = ["optimize", "mine.ron", "--runs", "20", "--no-files"];
    let said = ends(&program::preau(dir.path(), &usual), 0).0;
    assert!(said.contains("hours_lost") && !said.contains("equity_gap"), "{said}");
}

#[test]
fn bad_input_is_told_with_its_remedy() {
    let dir = folder();
    let told = |args: &[&str], code| ends(&preau(dir.path(), args), code).1;
    let said = told(&["optimize", "nowhere.ron"], 3);
    assert!(
        said.contains("cannot read the experiment nowhere.ron") && said.contains("robust"),
        "{said}"
    );
    let said = told(&["optimize", "mine.ron", "--objectives", "hours_loost"], 2);
    assert!(said.contains("there is no KPI `hours_loost`"), "{said}");
    let said = told(&["optimize", "mine.ron", "--objectives", "visits"], 2);
    assert!(said.contains("neither less nor more is better"), "{said}");
    let regions = [
        "optimize",
        "mine.ron",
        "--runs",
        "20",
        "--no-files",
        "--objectives",
        "equity_gap_regions",
    ];
    let said = told(&regions, 1);
    assert!(
        said.contains("`equity_gap_regions` has no value in a run; name others with --objectives"),
        "{said}"
    );
    let said = told(&["optimize", "mine.ron", "--confidence", "0.4"], 2);
    assert!(said.contains("--confidence 0.4 is no confidence"), "{said}");
    let said = told(&["optimize", "mine.ron", "--in-share", "1.5"], 2);
    assert!(said.contains("--in-share 1.5 is no share"), "{said}");
    let levers = QUESTION.find("levers:").expect("levers");
    let uncertain = QUESTION.find("uncertainties:").expect("uncertainties");
    let without = format!("{}{}", &QUESTION[..levers], &QUESTION[uncertain..]);
    fs::write(dir.path().join("none.ron"), without).expect("an experiment");
    let said = told(&["optimize", "none.ron"], 2);
    assert!(said.contains("has no levers: there is nothing to choose"), "{said}");
    fs::write(
        dir.path().join("bad.ron"),
        QUESTION.replace("at_most: 96", "at_most: \"x\""),
    )
    .expect("an experiment");
    assert!(told(&["optimize", "bad.ron"], 3).contains("bad.ron:"));
    assert!(!dir.path().join("notebooks-out").exists(), "nothing was begun");
    // A constraint that nothing keeps is no mistake: no setting is promised.
    fs::write(
        dir.path().join("never.ron"),
        QUESTION.replace("at_most: 96", "at_most: 0"),
    )
    .expect("an experiment");
    let (out, _) = ends(
        &preau(dir.path(), &["optimize", "never.ron", "--runs", "40", "--no-files"]),
        0,
    );
    assert!(out.contains("No setting was shown to keep"), "{out}");
}
