//! Whole histories, event for event, as hashes. A change here means that runs are no longer the runs they were; when that
//! is meant, `PREAU_BLESS=1 cargo test --test fingerprints` writes the new hashes, and the changelog says why.
//!
//! Theory is checked elsewhere: blessing cannot hide a wrong law.

mod common;

use preau::scenario::model::Scenario;
use preau::scenario::{Source, load};
use preau::world::{Orbit, RunOptions};
use std::fmt::Write;
use std::path::Path;

/// Theory models are run for this long only.
const SHORT: &str = "clock.end=2000 s";

fn scenario(name: &str) -> Scenario {
    if let Some(text) = name.strip_prefix("tests/") {
        return common::model(text);
    }
    let sets = [SHORT.to_owned(), "clock.warm_up=0 s".to_owned()];
    load(&Source::Builtin(name.to_owned()), &sets).unwrap_or_else(|e| panic!("{e}"))
}

/// What is hashed: every built-in theory model, and the small models of these tests with every policy.
fn rows() -> Vec<(String, u64, u64, &'static str)> {
    let theory = preau::scenario::builtin()
        .iter()
        .filter(|m| m.name.starts_with("theory/"));
    let mut rows: Vec<_> = theory.map(|m| (m.name.to_owned(), 1, 0, "base")).collect();
    for policies in [
        "base",
        "quota",
        "smoothing",
        "capacity",
        "defence",
        "quota+smoothing+capacity+defence",
    ] {
        rows.push(("tests/small".to_owned(), 1, 0, policies));
    }
    rows.push(("tests/small".to_owned(), 1, 1, "base"));
    rows.push(("tests/small".to_owned(), 2, 0, "base"));
    for policies in ["base", "told", "events", "events+told"] {
        rows.push(("tests/gated".to_owned(), 1, 0, policies));
    }
    rows
}

fn fingerprint(model: &str, seed: u64, replication: u64, policies: &str) -> u64 {
    let s = scenario(model);
    let mut options = RunOptions {
        seed,
        replication,
        ..RunOptions::default()
    };
    for key in policies.split('+').filter(|k| *k != "base") {
        if key == "events" {
            options.orbit = Orbit::Events;
        } else {
            options.policies.push(common::policy(&s, key));
        }
    }
    common::play(&s, &options).fingerprint
}

#[test]
fn histories_have_not_changed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fingerprints.csv");
    let mut table = String::from("model,seed,replication,policies,fingerprint\n");
    for (model, seed, replication, policies) in rows() {
        let print = fingerprint(&model, seed, replication, policies);
        writeln!(table, "{model},{seed},{replication},{policies},{print:016x}").unwrap();
    }
    if std::env::var_os("PREAU_BLESS").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let known = |line: &&str| !golden.lines().any(|g| g == *line);
    let changed: Vec<_> = table.lines().filter(known).collect();
    let gone: Vec<_> = golden.lines().filter(|g| !table.lines().any(|l| l == *g)).collect();
    assert!(
        changed.is_empty() && gone.is_empty(),
        "the histories of these runs have changed:\n{}\nthey were:\n{}\nif that is meant: PREAU_BLESS=1 cargo test --test fingerprints",
        changed.join("\n"),
        gone.join("\n")
    );
}
