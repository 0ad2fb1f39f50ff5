//! Theory through the world: a few rows of each kind, quickly. All rows are `preau verify`'s business.

use preau::experiment::theory::{BUILT_IN, Precision, Report, Row, Verdict, read, verify};

const QUICK: Precision = Precision {
    customers: 2e5,
    most_customers: 5e5,
    most_replications: 2_000,
    ..Precision::QUICK
};

fn rows(wanted: &[(&str, &str)]) -> Vec<Row> {
    let all = read("built in", BUILT_IN).expect("the rows that ship can be read");
    wanted
        .iter()
        .map(|(case, quantity)| {
            let found = all.iter().find(|r| r.case.starts_with(case) && r.quantity == *quantity);
            found.unwrap_or_else(|| panic!("no row {case} {quantity}")).clone()
        })
        .collect()
}

fn run(rows: &[Row]) -> Report {
    verify(rows, &QUICK, 1, &|_, _| {})
}

#[test]
fn a_row_of_each_kind_agrees() {
    let rows = rows(&[
        ("M/M/c/K", "L"),
        ("M/G/c/c", "P(block)"),
        ("M/M/c+M", "P(abandon)"),
        ("M/G/1 FIFO", "Wq"),
        ("M/G/1/K-PS", "P(block)"),
        ("M/M/1 3-class non-preemptive", "Wq"),
        ("M/M/1 3-class preemptive", "T"),
        ("Tandem", "P(T>8)"),
        ("M/M/1 retrial", "E[orbit]"),
        ("Mt/M/ct", "E[N(t)]"),
        ("Token bucket policer", "P(reject)"),
        ("Engset", "time congestion"),
        ("Kaufman", "P(block)"),
        ("PS 1 server", "E[N_u] exact"),
        ("Retry amplification", "E[attempts]"),
        ("Polling", "mean extra delay (s)"),
    ]);
    for finding in run(&rows).findings {
        assert_eq!(
            finding.verdict,
            Verdict::Pass,
            "{} {}: {:?}",
            finding.case,
            finding.quantity,
            finding
        );
    }
}

#[test]
fn a_wrong_value_fails() {
    let mut rows = rows(&[("M/M/c/K", "L")]);
    rows[0].exact *= 1.2;
    let report = run(&rows);
    assert_eq!(report.count(Verdict::Fail), 1);
    assert!(report.findings[0].reason.contains("standard errors"));
}

#[test]
fn what_cannot_be_said_is_listed_with_a_reason() {
    let text = "case,parameters,quantity,value\n\
                D/M/1 Kingman bound,\"{\"\"lam\"\": 0.8}\",Wq<=,2\n\
                M/M/1,\"{\"\"lam\"\": 1.8, \"\"mu\"\": 1}\",L,2\n\
                M/M/1,\"{\"\"lam\"\": 0.8, \"\"mu\"\": 1}\",P(N>=80),1e-8\n\
                M/M/1,\"{\"\"lam\"\": 0.8, \"\"mu\"\": 1}\",L,inf\n\
                M/M/1,{lam,L,4\n\
                A castle,{},L,1\n";
    let report = run(&read("test", text).unwrap());
    assert_eq!(report.count(Verdict::Unsupported), 6);
    let reasons = [
        "bound",
        "no steady state",
        "too rare",
        "not a finite number",
        "no JSON",
        "no queue that is known",
    ];
    for (finding, reason) in report.findings.iter().zip(reasons) {
        assert!(finding.reason.contains(reason), "{finding:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let rows = rows(&[("M/M/c/K", "L"), ("M/M/1 retrial", "E[orbit]")]);
    let json = |report: Report| serde_json::to_string(&report.findings).unwrap();
    let first = json(run(&rows));
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap()
        .install(|| json(run(&rows)));
    assert_eq!(first, alone);
}
