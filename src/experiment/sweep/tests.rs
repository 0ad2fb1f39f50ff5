//! Sweeps of a desk: nothing lost, nothing run twice.

use super::journal::Store;
use super::*;
use crate::experiment::study::Study;
use crate::experiment::study::tests::read_with;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

const GRID: &str = r#"(
    model: "desk", replications: Fixed(3),
    levers: {
        "cores": Values(path: "services.desk.station.cores", values: [1, 2]),
        "fast": Switch(policies: ["fast"]),
    },
    uncertainties: {"gap": Range(path: "cohorts.all.arrivals.between.mean", from: "10 s", to: "40 s", levels: 3)},
    kpis: ["logins", "refusals@service:desk"],
    constraints: [(kpi: "refusals", at_most: 20.0)],
)"#;

fn study(text: &str) -> Study {
    read_with(text, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

fn plan<'a>(study: &'a Study, text: &str) -> Plan<'a> {
    Plan::new(study, Start::new(study, "mine", text, None, &[]))
}

fn open(path: &Path) -> Journal {
    Journal::open(path).unwrap_or_else(|e| panic!("{e}")).journal
}

fn all(plan: &Plan<'_>, journal: &mut Journal, threads: usize) -> Swept {
    sweep(plan, journal, Some(threads), None, false, &mut |_| ()).unwrap_or_else(|e| panic!("{e}"))
}

fn found(plan: &Plan<'_>, journal: &mut Journal) -> Vec<PointResult> {
    Results::of(plan, journal)
        .collect::<Result<_, _>>()
        .unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn what_is_made_is_found_again_and_nothing_is_run_twice() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let study = study(GRID);
    let plan = plan(&study, GRID);
    assert_eq!(plan.most_runs(), 12 * 3);
    let swept = all(&plan, &mut open(&path), 2);
    assert_eq!((swept.made, swept.failed, swept.stopped), (36, 0, false));
    let mut journal = open(&path);
    assert_eq!(all(&plan, &mut journal, 2).made, 0);
    let results = found(&plan, &mut journal);
    assert_eq!(results.len(), 12);
    assert!(
        results
            .iter()
            .all(|r| r.made() == 3 && r.failed() == 0 && r.runs.len() == 3)
    );
    // One core and a visit every 10 s refuses more than two cores and one every 40 s.
    let refused = |i: usize| results[i].interval(2).unwrap().mean;
    assert!(
        refused(0) > 50.0 && refused(8) < refused(0) / 2.0,
        "{} {}",
        refused(0),
        refused(8)
    );
    let constraint = &study.constraints[0];
    let (share, low, high) = results[0].keeps(&[(constraint, 2)]).unwrap();
    assert!(share == 0.0 && low == 0.0 && high > 0.3);
    // The same on one thread in another journal.
    let mut other = open(&dir.path().join("other"));
    all(&plan, &mut other, 1);
    assert_eq!(found(&plan, &mut other), results);
}

#[test]
fn a_sweep_that_stops_anywhere_goes_on_from_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let study = study(GRID);
    let plan = plan(&study, GRID);
    let mut told = Vec::new();
    let stop = AtomicBool::new(false);
    while told.len() < 36 {
        stop.store(false, Ordering::Relaxed);
        let until = told.len() + 5;
        let mut tell = |t: &Told<'_>| {
            told.push(t.record.name().unwrap());
            stop.store(told.len() >= until, Ordering::Relaxed);
        };
        sweep(&plan, &mut open(&path), Some(2), Some(&stop), false, &mut tell).unwrap();
    }
    assert_eq!(
        told.iter().collect::<HashSet<_>>().len(),
        told.len(),
        "no run was made twice"
    );
    let mut whole = open(&dir.path().join("whole"));
    all(&plan, &mut whole, 1);
    assert_eq!(found(&plan, &mut open(&path)), found(&plan, &mut whole));
}

#[test]
fn more_replications_and_more_points_run_the_new_ones_only() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let made = |text: &str| {
        let study = study(text);
        all(&plan(&study, text), &mut open(&path), 2).made
    };
    assert_eq!(made(GRID), 36);
    assert_eq!(made(&GRID.replace("Fixed(3)", "Fixed(5)")), 24);
    // 10, 25, 40 become 10, 17.5, 25, 32.5, 40; names and titles of things make no new runs.
    assert_eq!(
        made(&GRID.replace("levels: 3", "levels: 5").replace("\"gap\"", "\"pause\"")),
        2 * 2 * 2 * 3
    );
    assert_eq!(made(GRID), 0);
}

#[test]
fn other_kpis_are_run_for_unless_they_are_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let made = |text: &str| {
        let study = study(text);
        let plan = plan(&study, text);
        let made = all(&plan, &mut open(&path), 1).made;
        assert!(found(&plan, &mut open(&path)).iter().all(|r| r.values(0).len() == 3));
        made
    };
    assert_eq!(made(GRID), 36);
    assert_eq!(
        made(&GRID.replace("\"logins\",", "\"knocks\",")),
        0,
        "every KPI of the total is kept"
    );
    assert_eq!(made(&GRID.replace("\"logins\",", "\"knocks@service:desk\",")), 36);
}

#[test]
fn precision_decides_the_same_on_any_threads() {
    let text = GRID.replace(
        "Fixed(3)",
        "UntilPrecision(kpi: \"refusals\", relative: 0.15, at_least: 10, at_most: 25)",
    );
    let dir = tempfile::tempdir().unwrap();
    let study = study(&text);
    let plan = plan(&study, &text);
    let results = [1, 2].map(|threads| {
        let mut journal = open(&dir.path().join(threads.to_string()));
        let swept = all(&plan, &mut journal, threads);
        let results = found(&plan, &mut journal);
        assert_eq!(
            swept.made,
            results.iter().map(|r| r.wanted).sum::<u64>(),
            "nothing is made that is not used"
        );
        results
    });
    assert_eq!(results[0], results[1]);
    let wanted: HashSet<u64> = results[0].iter().map(|r| r.wanted).collect();
    assert!(
        wanted.contains(&10) && wanted.len() > 1,
        "points differ in what they need: {wanted:?}"
    );
}

#[test]
fn shards_share_the_runs_and_join_to_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    let study = study(GRID);
    let of = |i| {
        Plan::new(
            &study,
            Start {
                shard: Some((i, 3)),
                ..Start::new(&study, "mine", GRID, None, &[])
            },
        )
    };
    let mut paths = Vec::new();
    let mut made = 0;
    for i in 1..=3 {
        let path = dir.path().join(format!("share-{i}"));
        let share = all(&of(i), &mut open(&path), 2).made;
        assert_eq!(share, of(i).most_runs());
        made += share;
        paths.push(path);
    }
    assert_eq!(made, 36);
    let mut joined = open(&dir.path().join("joined"));
    let start = merge(&paths, &mut joined).unwrap_or_else(|e| panic!("{e}"));
    let plan = plan(&study, GRID);
    assert_eq!(start, plan.start);
    let mut whole = open(&dir.path().join("whole"));
    all(&plan, &mut whole, 1);
    assert_eq!(found(&plan, &mut joined), found(&plan, &mut whole));
    // Again: nothing is added. Another question, and another number of shares, are refused.
    let before = joined.bytes();
    merge(&paths, &mut joined).unwrap();
    assert_eq!(joined.bytes(), before);
    let stranger = dir.path().join("stranger");
    open(&stranger)
        .start(&Start {
            shard: Some((1, 2)),
            ..plan.start.clone()
        })
        .unwrap();
    let refused = merge(&[paths[0].clone(), stranger], &mut joined).unwrap_err();
    assert!(refused.to_string().contains("of another number of shares"), "{refused}");
    let other = dir.path().join("other");
    open(&other).start(&Start { seed: 2, ..of(1).start }).unwrap();
    let refused = merge(&[paths[0].clone(), other], &mut joined).unwrap_err();
    assert!(refused.to_string().contains("of another seed"), "{refused}");
}

#[test]
fn a_torn_record_is_cut_off_and_a_damaged_one_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let study = study(GRID);
    let plan = plan(&study, GRID);
    all(&plan, &mut open(&path), 1);
    let whole = fs::read(&path).unwrap();
    let ends: Vec<usize> = (0..whole.len()).filter(|i| whole[*i] == b'\n').collect();
    // Cut within the last record, at its end without the line's, or filled up by the system with zeros.
    let last = ends[ends.len() - 2] + 1;
    for torn in [
        whole[..last + 1].to_vec(),
        whole[..whole.len() - 1].to_vec(),
        [&whole[..last], &[0; 700][..]].concat(),
    ] {
        fs::write(&path, &torn).unwrap();
        let opened = Journal::open(&path).unwrap();
        assert_eq!((opened.journal.runs(), opened.torn), (35, (torn.len() - last) as u64));
        drop(opened);
        assert_eq!(fs::metadata(&path).unwrap().len(), last as u64);
        assert_eq!(all(&plan, &mut open(&path), 1).made, 1);
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
    let mut damaged = whole.clone();
    damaged[ends[5] + 40] ^= 4;
    fs::write(&path, &damaged).unwrap();
    match Journal::open(&path).unwrap_err() {
        JournalError::Damaged { line, byte, .. } => assert_eq!((line, byte), (7, ends[5] as u64 + 1)),
        other => panic!("{other}"),
    }
    fs::write(&path, "a thesis\nof years\n").unwrap();
    assert!(matches!(
        Journal::open(&path).unwrap_err(),
        JournalError::NotAJournal { .. }
    ));
    assert_eq!(fs::read_to_string(&path).unwrap(), "a thesis\nof years\n");
    // Killed while the very first record was written.
    fs::write(&path, &whole[..100]).unwrap();
    assert_eq!(open(&path).runs(), 0);
}

/// A disk with so many bytes left: what fits is written, then it is full.
struct Small {
    file: fs::File,
    left: usize,
}

impl Store for Small {
    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        let fits = bytes.len().min(self.left);
        self.left -= fits;
        self.file.add(&bytes[..fits])?;
        if fits < bytes.len() {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(())
        }
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.cut(length)
    }
}

/// A disk that cannot even be cut when it is full.
struct Stuck(Small);

impl Store for Stuck {
    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.add(bytes)
    }

    fn cut(&mut self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

#[test]
fn a_full_disk_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let study = study(GRID);
    let plan = plan(&study, GRID);
    for stuck in [false, true] {
        let path = dir.path().join(format!("journal-{stuck}"));
        open(&path).start(&plan.start).unwrap();
        let file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        let small = Small { file, left: 10_000 };
        let store: Box<dyn Store> = if stuck { Box::new(Stuck(small)) } else { Box::new(small) };
        let mut journal = open(&path).onto(store);
        let error = sweep(&plan, &mut journal, Some(2), None, false, &mut |_| ()).unwrap_err();
        let safe = journal.runs();
        assert!(safe > 0 && safe < 36);
        let said = error.to_string();
        assert!(
            said.contains("the disk is full") && said.contains(&format!("{safe} runs are safe")),
            "{said}"
        );
        // Space again: the rest is made.
        let opened = Journal::open(&path).unwrap();
        assert_eq!((opened.journal.runs(), opened.torn > 0), (safe, stuck));
        let mut journal = opened.journal;
        assert_eq!(all(&plan, &mut journal, 2).made as usize, 36 - safe);
    }
}

#[test]
fn a_bad_point_fails_alone_and_only_once() {
    // Each factor fits the model by itself, both together do not: the warm-up is longer than the run.
    let text = r#"(
        model: "desk", replications: Fixed(2),
        levers: {
            "end": Values(path: "clock.end", values: ["2021-04-06T09:00", "2021-04-06T08:20"]),
            "warm up": Values(path: "clock.warm_up", values: ["0 s", "30 min"]),
        },
        kpis: ["logins"],
    )"#;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let study = study(text);
    let plan = plan(&study, text);
    let swept = all(&plan, &mut open(&path), 2);
    assert_eq!((swept.made, swept.failed), (8, 2));
    let mut journal = open(&path);
    assert_eq!((all(&plan, &mut journal, 1).made, journal.failed()), (0, 2));
    let results = found(&plan, &mut journal);
    assert_eq!(
        results.iter().map(PointResult::failed).collect::<Vec<_>>(),
        [0, 0, 0, 2]
    );
    let reason = results[3].runs[0].values.clone().unwrap_err();
    assert!(!reason.is_empty() && !reason.contains('\n'), "{reason}");
    // When asked to.
    let again = sweep(&plan, &mut journal, Some(1), None, true, &mut |_| ()).unwrap();
    assert_eq!((again.made, again.failed, journal.failed()), (2, 2, 2));
}

#[test]
fn points_that_are_the_same_are_run_once() {
    let text = GRID.replace("kpis:", "design: List([{\"cores\": 1, \"fast\": true, \"gap\": 20}, {\"cores\": 1, \"fast\": true, \"gap\": 20.0}]), kpis:");
    let dir = tempfile::tempdir().unwrap();
    let study = study(&text);
    let plan = plan(&study, &text);
    let mut journal = open(&dir.path().join("journal"));
    assert_eq!(all(&plan, &mut journal, 2).made, 3);
    let results = found(&plan, &mut journal);
    assert_eq!(results[0].runs, results[1].runs);
}

#[test]
fn one_run_is_timed() {
    let study = study(GRID);
    let timed = estimate(&plan(&study, GRID)).unwrap();
    assert!(timed.scale == 1.0 && timed.seconds > 0.0 && timed.bytes > 300);
}
