//! Facts files: what is wrong with them is said, and what is right is judged.

use super::{DEFAULT, FactsFile, Verdict, judge};
use crate::scenario::Source;

/// A desk for one visit at a time, a visitor every 20 s from 08:00 to 09:00, and a break in its first minutes when it is on.
const DESK: &str = r#"(
    clock: (start: "2021-04-06T08:00", end: "2021-04-06T09:00", bin: "5 min"),
    services: {"desk": (station: (cores: 1, threads: 1, backlog: 0, work: Deterministic("10 s")))},
    cohorts: {"all": (arrivals: Renewal(between: Deterministic("20 s")))},
    incidents: {"break": (on: false, kind: ServiceOutage(service: "desk"), waves: [("08:00", "08:30")])},
    policies: {"slow": (acts: [(at: "08:00", act: ScaleCapacity(services: ["desk"], factor: 0.25))])},
)"#;

fn read(text: &str) -> Result<FactsFile, String> {
    let desk = |_: &str| Source::Text {
        name: "desk.ron".into(),
        text: DESK.into(),
    };
    FactsFile::read("desk.facts.ron", text, &desk, &[]).map_err(|problems| problems.to_string())
}

fn file(worlds: &str, tests: &str) -> String {
    format!(r#"(model: "desk", worlds: {{{worlds}}}, facts: [(id: "F1", text: "", sources: "", tests: [{tests}])])"#)
}

const LOGINS: &str = r#"of: "logins", services: ["desk"]"#;

#[test]
fn the_facts_that_come_with_the_program_can_be_read() {
    let model = |name: &str| Source::Builtin(name.to_owned());
    let file = FactsFile::read(DEFAULT.0, DEFAULT.1, &model, &["size=0.001".into()]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(file.facts.len(), 17);
    assert!(file.facts.iter().all(|fact| !fact.tests.is_empty()));
}

#[test]
fn worlds_numbers_and_limits_come_together() {
    let text = file(
        r#""plain": (), "broken": (with: ["break"]), "slow": (policies: ["slow"]), "short": (set: ["clock.end=2021-04-06T08:30"])"#,
        &format!(
            r#"
            (what: "all get in", measure: ({LOGINS}), at_least: 178.0, at_most: 180.0),
            (what: "in half of the time", measure: (world: "short", {LOGINS}), per: ({LOGINS}), at_least: 0.49, at_most: 0.51),
            (what: "nobody in the break", measure: (world: "broken", {LOGINS}, from: "08:00", until: "08:30"), at_most: 0.0),
            (what: "the break costs the half", measure: (world: "broken", {LOGINS}), minus: ({LOGINS}), at_most: -88.0),
            (what: "a slow desk takes every other", measure: (world: "slow", {LOGINS}), per: ({LOGINS}), at_least: 0.48, at_most: 0.52),
            "#
        ),
    );
    let file = read(&text).unwrap();
    let judgement = judge(&file, 1, 2, Some(1), &|_, _| ()).unwrap();
    let finding = &judgement.findings[0];
    let values: Vec<f64> = finding.tests.iter().map(|t| t.value.unwrap().mean).collect();
    assert_eq!(finding.verdict, Verdict::Reproduced, "{values:?}");
}

#[test]
fn a_fact_is_missed_by_one_test_and_a_report_needs_an_interval() {
    let verdict = |tests: &str, replications: u64| {
        let file = read(&file("", tests)).unwrap();
        judge(&file, 1, replications, Some(1), &|_, _| ()).unwrap().findings[0].verdict
    };
    let holds = format!(r#"(what: "", measure: ({LOGINS}), at_least: 1.0)"#);
    let fails = format!(r#"(what: "", measure: ({LOGINS}), at_most: 1.0)"#);
    let report = format!(r#"(what: "", measure: ({LOGINS}), report: true)"#);
    assert_eq!(verdict(&holds, 1), Verdict::Reproduced);
    assert_eq!(verdict(&format!("{holds}, {fails}"), 1), Verdict::Missed);
    assert_eq!(verdict(&report, 1), Verdict::Untestable);
    assert_eq!(verdict(&report, 2), Verdict::Reproduced);
}

#[test]
fn mistakes_are_shown_with_their_place() {
    for (worlds, tests, said) in [
        (
            "",
            r#"(measure: (of: "loggins", services: ["desk"]), at_least: 1.0)"#,
            "`loggins`",
        ),
        (
            "",
            r#"(measure: (of: "logins", services: ["dekc"]), at_least: 1.0)"#,
            "`dekc`",
        ),
        (
            "",
            r#"(measure: (of: "logins", services: ["desk"]))"#,
            "this test cannot fail",
        ),
        (
            "",
            r#"(measure: (of: "logins", services: ["desk"], from: "08:61"), at_least: 1.0)"#,
            "`08:61` is not a time of day",
        ),
        (
            "",
            r#"(measure: (of: "logins", services: ["desk"], from: "08:30", until: "08:20"), at_least: 1.0)"#,
            "this measure ends when it begins",
        ),
        (
            "",
            r#"(measure: (of: "logins", services: ["desk"], on: "2021-05-01"), at_least: 1.0)"#,
            "`2021-05-01` is no day of this world",
        ),
        (
            r#""a": ()"#,
            r#"(measure: (world: "b", of: "logins", services: ["desk"]), at_least: 1.0)"#,
            "`b`",
        ),
        (r#""a": (policies: ["slwo"])"#, "", "`slwo`"),
        (r#""a": (with: ["braek"])"#, "", "`braek`"),
        (r#""a": (st: [])"#, "", "`st`"),
    ] {
        let problems = read(&file(worlds, tests)).expect_err(said);
        assert!(problems.contains(said), "{said}: {problems}");
        assert!(problems.contains("desk.facts.ron:1:"), "{said}: {problems}");
    }
    assert!(read("(facts: [])").unwrap_err().contains("`model` is missing"));
}
