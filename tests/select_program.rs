//! `preau compare --select`: the best of policies whose order is known, with runs only for those that may still be it.

mod program;

use program::{ends, preau};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Erlang's loss formula with half an erlang of load (one for `slow`): of 180 visitors an hour one server turns away a third,
/// two 7.7 %, three 1.3 %, four 0.16 %: `four` is best, by two visitors an hour.
const DESK: &str = r#"(
    name: "desk",
    clock: (start: "2021-04-06T08:00", end: "2021-04-06T09:00", bin: "5 min"),
    services: {"desk": (station: (cores: 1, threads: 1, backlog: 0, work: Exponential(mean: "10 s")))},
    cohorts: {"all": (arrivals: Poisson(rate: "0.05 /s"))},
    policies: {
        "slow": (acts: [(at: "08:00", act: ScaleCapacity(services: ["desk"], factor: 0.5))]),
        "two": (acts: [(at: "08:00", act: ScaleCapacity(services: ["desk"], factor: 2))]),
        "three": (acts: [(at: "08:00", act: ScaleCapacity(services: ["desk"], factor: 3))]),
        "four": (acts: [(at: "08:00", act: ScaleCapacity(services: ["desk"], factor: 4))]),
    },
)"#;

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("desk.ron"), DESK).expect("a model");
    dir
}

fn race(dir: &Path, more: &[&str]) -> Value {
    let args = [
        "compare",
        "desk.ron",
        "--select",
        "refusals",
        "--indifference",
        "0.5",
        "--json",
    ];
    let (out, _) = ends(&preau(dir, &[&args[..], more].concat()), 0);
    serde_json::from_str(&out).expect("JSON")
}

#[test]
fn the_best_is_found_and_the_worse_leave_early() {
    let dir = folder();
    // The promise is 95 %; of twelve races four wrong ones or more would come by chance once in five hundred.
    let (mut right, mut runs, mut of_all) = (0, 0, 0);
    for seed in 1..=12 {
        let found = race(dir.path(), &["--no-files", "--seed", &seed.to_string()]);
        right += u32::from(found["selected"] == "four");
        runs += found["runs"].as_u64().expect("runs");
        of_all += found["runs_of_all"].as_u64().expect("runs");
        let of = |name: &str| {
            let arms = found["arms"].as_array().expect("arms");
            let arm = arms.iter().find(|arm| arm["arm"] == name).expect("an arm");
            arm["replications"].as_u64().expect("a number")
        };
        // Tens of visitors an hour worse: they never outlast the best.
        assert!(of("slow") <= of("four") && of("base") <= of("four"), "{found}");
        // The mean that is told is that of the formula, within what forty runs at most allow.
        let arms = found["arms"].as_array().expect("arms");
        let base = arms[0]["value"]["mean"].as_f64().expect("a mean");
        assert!((base - 60.0).abs() < 12.0, "{base}");
    }
    assert!(right >= 9, "{right} of 12");
    assert!(5 * runs < 4 * of_all, "{runs} runs where all would have taken {of_all}");
}

#[test]
fn it_writes_its_table_and_is_the_same_on_any_threads() {
    let dir = folder();
    let one = race(dir.path(), &["--out", "one", "--threads", "1"]);
    assert_eq!(one, race(dir.path(), &["--out", "two", "--threads", "2"]));
    let table = |out: &str| fs::read_to_string(dir.path().join(out).join("selection.csv")).expect("a table");
    assert_eq!(table("one"), table("two"));
    let mut reader = csv::Reader::from_path(dir.path().join("one/selection.csv")).expect("a table");
    let rows: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a row")).collect();
    let selected: Vec<&str> = rows.iter().filter(|r| &r[6] == "1").map(|r| &r[0]).collect();
    assert_eq!(
        (rows.len(), selected),
        (5, vec![one["selected"].as_str().expect("a name")])
    );
    assert!(dir.path().join("one/manifest.json").exists());
    let args = [
        "compare",
        "desk.ron",
        "--select",
        "refusals",
        "--indifference",
        "1",
        "--no-files",
    ];
    let (out, _) = ends(&preau(dir.path(), &args), 0);
    assert!(
        out.contains("has the least refusals, with a probability of at least 0.95"),
        "{out}"
    );
    // Named policies only, and a limit that does not do.
    let few = [
        "--policies",
        "three,four",
        "--indifference",
        "0.01",
        "--replications",
        "12",
        "--no-files",
    ];
    let args = [&["compare", "desk.ron", "--select", "refusals"][..], &few].concat();
    let (out, _) = ends(&preau(dir.path(), &args), 0);
    assert!(out.contains("Not decided after 12 replications: "), "{out}");
}

#[test]
fn bad_questions_are_told() {
    let dir = folder();
    let told = |args: &[&str], code| {
        ends(
            &preau(dir.path(), &[&["compare", "desk.ron", "--no-files"], args].concat()),
            code,
        )
        .1
    };
    let said = told(&["--select", "refusal", "--indifference", "1"], 2);
    assert!(said.contains("--select: there is no KPI `refusal`"), "{said}");
    let said = told(&["--select", "visits", "--indifference", "1"], 2);
    assert!(said.contains("neither less nor more is better"), "{said}");
    assert!(told(&["--select", "refusals"], 2).contains("--indifference"));
    assert!(told(&["--indifference", "1"], 2).contains("--select"));
    assert!(told(&["--confidence", "0.9"], 2).contains("--select"));
    let said = told(&["--select", "refusals", "--indifference", "0"], 2);
    assert!(said.contains("an indifference above 0"), "{said}");
    let said = told(
        &["--select", "refusals", "--indifference", "1", "--confidence", "0.1"],
        2,
    );
    assert!(said.contains("between 0.200 (chance alone) and 1"), "{said}");
}
