//! Sweeps as a program: killed, torn, extended, shared out, and never a run lost or made twice.
//!
//! What a journal promises by itself is tested beside it, in `src/experiment/sweep/tests.rs`.

mod program;

use program::{begin, ends, grown, journal, preau};
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// An experiment on the small country, beside a copy of it: quotas and capacity under a flood of three sizes.
fn small(replications: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let model = format!("{}/tests/models/small.ron", env!("CARGO_MANIFEST_DIR"));
    fs::copy(model, dir.path().join("small.ron")).expect("a model");
    let text = format!(
        r#"(
            title: "A small sweep", model: "small.ron", set: ["clock.end=2021-04-06T09:00"],
            levers: {{
                "sessions": Values(path: "services.ent-idf.quota.max_sessions", values: [300, 520]),
                "capacity": Switch(policies: ["capacity"]),
            }},
            uncertainties: {{"flood": Range(path: "incidents.flood.kind.rate", times: true, from: 0.5, to: 2, levels: 3)}},
            design: Full,
            replications: {replications},
            kpis: ["hours_lost", "hours_lost@region:*", "connected_15min"],
            constraints: [(kpi: "hours_lost_share", at_most: 0.1)],
        )"#
    );
    fs::write(dir.path().join("mine.ron"), text).expect("an experiment");
    dir
}

/// The files that must not depend on how a sweep came about.
fn results(folder: &Path) -> [String; 3] {
    ["runs.csv", "points.csv", "columns.csv"].map(|file| {
        let path = folder.join("results").join(file);
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    })
}

/// The page without the time that it was made at, and the records of the journal in any order: of both nothing but the runs is told.
#[track_caller]
fn alike(one: &Path, other: &Path) {
    let page = |folder: &Path| fs::read_to_string(folder.join("results/report.html")).expect("a page");
    assert!(page(one) == page(other), "the pages are not the same");
    let records = |folder: &Path| {
        let text = fs::read_to_string(folder.join("journal")).expect("a journal");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let (one, other) = (records(one), records(other));
    let apart = one.iter().zip(&other).find(|(a, b)| a != b);
    assert!(apart.is_none() && one.len() == other.len(), "{apart:#?}");
}

#[track_caller]
fn each_once(folder: &Path, runs: usize) {
    let names = journal(folder);
    assert_eq!(
        names.iter().collect::<HashSet<_>>().len(),
        names.len(),
        "a run was made twice"
    );
    assert_eq!(names.len(), runs);
}

/// The shipped grid of 200 runs, killed with SIGKILL at twenty random instants, ends with the files of one left alone.
#[test]
fn two_hundred_runs_killed_twenty_times_end_the_same() {
    let dir = tempfile::tempdir().expect("a folder");
    // The morning of a country of six thousand.
    let tiny = [
        "sweep",
        "idf-gate",
        "--set",
        "size=0.0005",
        "--set",
        "clock.end=2021-04-06T10:00",
    ];
    let of = |out: &'static str, threads: &'static str| [&tiny[..], &["--out", out, "--threads", threads]].concat();
    ends(&preau(dir.path(), &of("alone", "1")), 0);
    let mut dice = rand::rngs::SmallRng::seed_from_u64(20_210_406);
    let whole = fs::metadata(dir.path().join("alone/journal")).expect("a journal").len();
    let (killed, path) = (dir.path().join("killed"), dir.path().join("killed/journal"));
    let mut kills = 0;
    while kills < 20 {
        let mut child = begin(dir.path(), &of("killed", "2"));
        let there = fs::metadata(&path).map_or(0, |m| m.len());
        // Somewhere in the next twenty-fifth of the journal, and a random moment later; now and then while it is still
        // being read.
        let further = if dice.random::<f64>() < 0.1 {
            0
        } else {
            dice.random_range(0..whole / 25)
        };
        let over = grown(&mut child, &path, there + further);
        std::thread::sleep(Duration::from_micros(dice.random_range(0..20_000)));
        assert!(!over, "twenty kills fit in before it is over");
        child.0.kill().expect("SIGKILL");
        child.0.wait().expect("it is dead");
        kills += 1;
        assert!(!killed.join("results").exists(), "no results before the end");
    }
    assert!(journal(&killed).len() < 200, "the last kill came before the end");
    ends(&preau(dir.path(), &of("killed", "2")), 0);
    each_once(&killed, 200);
    assert_eq!(results(&killed), results(&dir.path().join("alone")));
    alike(&killed, &dir.path().join("alone"));
    assert_eq!(results(&killed)[0].lines().count(), 201);
}

#[test]
fn a_table_says_units_and_which_points_keep_the_constraints() {
    let dir = small("Fixed(2)");
    let (out, _) = ends(&preau(dir.path(), &["sweep", "mine.ron", "--out", "a"]), 0);
    assert!(out.contains(" keep ") && out.contains(" h "), "{out}");
    assert!(out.contains("in which hours_lost_share <= 0.1; "), "{out}");
    let points = fs::read_to_string(dir.path().join("a/results/points.csv")).expect("a file");
    let last = |line: &str| line.split(',').rev().nth(2).map(str::to_owned);
    let all = points
        .lines()
        .skip(1)
        .filter(|line| last(line).as_deref() == Some("1"))
        .count();
    let said = match all {
        0 => "all of them at no points".to_owned(),
        1 => "all of them at 1 point".to_owned(),
        n => format!("all of them at {n} points"),
    };
    let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(out.contains(&said), "{said} in {out}");
}

#[test]
fn ten_replications_become_twenty_by_the_new_ones_only() {
    let dir = small("Fixed(10)");
    let sweep = |out: &str, more: &[&str]| {
        ends(
            &preau(
                dir.path(),
                &[&["sweep", "mine.ron", "--out", out, "--json"], more].concat(),
            ),
            0,
        )
        .0
    };
    let made = |json: String| serde_json::from_str::<Value>(&json).expect("JSON")["made_now"].as_u64();
    assert_eq!(made(sweep("a", &[])), Some(120));
    let ten = journal(&dir.path().join("a"));
    assert_eq!(made(sweep("a", &["--replications", "20"])), Some(120));
    let twenty = journal(&dir.path().join("a"));
    assert_eq!(twenty[..120], ten[..]);
    each_once(&dir.path().join("a"), 240);
    assert_eq!(made(sweep("b", &["--replications", "20", "--threads", "1"])), Some(240));
    assert_eq!(
        results(&dir.path().join("a")),
        results(&dir.path().join("b")),
        "at once or in two goes, on any threads"
    );
}

#[test]
fn shares_join_to_the_whole_and_strangers_are_refused() {
    let dir = small("Fixed(2)");
    let run = |args: &[&str], code| ends(&preau(dir.path(), args), code);
    run(&["sweep", "mine.ron", "--out", "whole"], 0);
    for share in ["1", "2", "3"] {
        run(
            &["sweep", "mine.ron", "--shard", &format!("{share}/3"), "--out", share],
            0,
        );
    }
    let (_, told) = run(&["merge", "1", "2", "--out", "two"], 4);
    assert!(told.contains("8 runs are in none of the shares"), "{told}");
    run(&["merge", "1", "2", "3", "--out", "joined"], 0);
    assert_eq!(results(&dir.path().join("joined")), results(&dir.path().join("whole")));
    each_once(&dir.path().join("joined"), 24);
    run(
        &[
            "sweep",
            "mine.ron",
            "--shard",
            "3/3",
            "--out",
            "other",
            "--set",
            "prices.core_hour=1 EUR",
        ],
        0,
    );
    let (_, told) = run(&["merge", "1", "2", "other", "--out", "mixed"], 1);
    assert!(told.contains("holds runs of another model than"), "{told}");
    assert!(!dir.path().join("mixed/journal").exists(), "nothing was joined");
    run(&["merge", "1", "nowhere", "--out", "mixed"], 2);
    let (_, told) = run(&["merge", "1", "./1", "--out", "mixed"], 2);
    assert!(told.contains("1 and ./1 are one share"), "{told}");
    run(&["sweep", "mine.ron", "--shard", "4/3"], 2);
}

/// Hours of runs and a folder that is replaced as a whole do not go together.
#[test]
fn runs_and_results_keep_out_of_each_others_folders() {
    let dir = small("Fixed(1)");
    let run = |args: &[&str], code| ends(&preau(dir.path(), args), code).1;
    let short = ["--set", "clock.end=2021-04-06T07:00"];
    let one = |out: &str, code| run(&[&["run", "small.ron", "--out", out], &short[..]].concat(), code);
    one("result", 0);
    fs::write(dir.path().join("result/notes.txt"), "mine").expect("a note");
    let told = run(&["sweep", "mine.ron", "--out", "result"], 1);
    assert!(told.contains("result holds a result; give another --out"), "{told}");
    one("result", 0);
    assert!(dir.path().join("result/notes.txt").exists(), "the same runs again");
    run(&["sweep", "mine.ron", "--out", "swept"], 0);
    let told = one("swept", 1);
    assert!(told.contains("holds the journal of a sweep"), "{told}");
    each_once(&dir.path().join("swept"), 12);
}

#[test]
fn a_torn_record_is_told_and_a_damaged_one_named() {
    let dir = small("Fixed(1)");
    let sweep = ["sweep", "mine.ron", "--out", "a"];
    ends(&preau(dir.path(), &sweep), 0);
    let first = results(&dir.path().join("a"));
    let path = dir.path().join("a/journal");
    let whole = fs::read(&path).expect("a journal");
    fs::write(&path, &whole[..whole.len() - 30]).expect("torn");
    let (_, told) = ends(&preau(dir.path(), &sweep), 0);
    assert!(told.contains("the last record of the journal was not whole"), "{told}");
    each_once(&dir.path().join("a"), 12);
    assert_eq!(results(&dir.path().join("a")), first);
    let mut damaged = whole.clone();
    let third = damaged
        .iter()
        .enumerate()
        .filter(|(_, b)| **b == b'\n')
        .nth(2)
        .expect("lines")
        .0;
    damaged[third + 30] ^= 1;
    fs::write(&path, &damaged).expect("damaged");
    let (_, told) = ends(&preau(dir.path(), &sweep), 1);
    assert!(told.contains("journal:4: record 4 of the journal"), "{told}");
    assert_eq!(fs::read(&path).expect("a journal"), damaged, "it is left as it was");
}

#[test]
fn one_bad_point_fails_alone() {
    let dir = small("Fixed(1)");
    let text = r#"(
        model: "small.ron",
        levers: {
            "end": Values(path: "clock.end", values: ["2021-04-06T09:00", "2021-04-06T07:00"]),
            "warm up": Values(path: "clock.warm_up", values: ["0 s", "3 h"]),
        },
        replications: Fixed(1), kpis: ["hours_lost"],
    )"#;
    fs::write(dir.path().join("bad.ron"), text).expect("an experiment");
    let sweep = ["sweep", "bad.ron", "--out", "a"];
    let (out, err) = ends(&preau(dir.path(), &sweep), 4);
    assert!(
        out.contains("1 run failed, the first at point 3: ") && err.contains("FAILED"),
        "{out}\n{err}"
    );
    let runs = results(&dir.path().join("a"))[0].clone();
    let failed: Vec<&str> = runs.lines().filter(|line| line.contains("warm-up")).collect();
    assert!(failed.len() == 1 && failed[0].starts_with("3,"), "{runs}");
    each_once(&dir.path().join("a"), 4);
    ends(&preau(dir.path(), &sweep), 4);
    each_once(&dir.path().join("a"), 4);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_and_two_sweeps_do_not_meet() {
    let dir = small("Fixed(400)");
    let sweep = ["sweep", "mine.ron", "--out", "a"];
    let mut child = begin(dir.path(), &sweep);
    assert!(!grown(&mut child, &dir.path().join("a/journal"), 60_000));
    let (_, told) = ends(&preau(dir.path(), &sweep), 1);
    assert!(told.contains("another program is at work in a"), "{told}");
    let pid = child.0.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .expect("kill")
            .success()
    );
    assert_eq!(child.0.wait().expect("it ends").code(), Some(130));
    assert!(!dir.path().join("a/results").exists());
    let names = journal(&dir.path().join("a"));
    each_once(&dir.path().join("a"), names.len());
    let (_, told) = ends(
        &preau(
            dir.path(),
            &[
                "sweep",
                "mine.ron",
                "--out",
                "a",
                "--replications",
                "1",
                "--set",
                "prices.core_hour=1 EUR",
            ],
        ),
        1,
    );
    assert!(
        told.contains("holds runs of another model; give another --out"),
        "{told}"
    );
}

#[test]
fn the_experiments_that_come_with_the_program_pass_a_dry_run() {
    let dir = tempfile::tempdir().expect("a folder");
    let shipped = [
        "2021-04-06-policies",
        "2021-04-26-policies",
        "idf-gate",
        "robust",
        "screening",
        "crisis-cell",
    ];
    for name in shipped {
        let file = format!("{}/experiments/{name}.ron", env!("CARGO_MANIFEST_DIR"));
        let dry = ["sweep", &file, "--dry-run", "--set", "size=0.0005"];
        let (out, _) = ends(&preau(dir.path(), &dry), 0);
        assert!(
            out.contains(" points, ") && out.contains(" a run (") && out.contains(" of journal"),
            "{out}"
        );
    }
    assert!(
        fs::read_dir(dir.path()).expect("a folder").next().is_none(),
        "a dry run writes nothing"
    );
}
