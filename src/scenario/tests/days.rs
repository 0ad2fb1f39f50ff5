//! The calendar: timetables on many days.

use super::{broken, expect, read, wrong};
use crate::scenario::model::{Scenario, Source};

fn model(rules: &str, clock: &str) -> String {
    format!(
        r#"(
    name: "days",
    clock: ({clock}),
    calendar: [{rules}],
    regions: {{"idf": (), "reu": (zone: "Indian/Reunion")}},
    services: {{"ent": ()}},
    timetables: {{"school": [
        (share: "60 %", at: "08:00"),
        (share: "40 %", at: "14:00"),
        (share: "10 %", at: "2021-04-06T20:00"),
    ]}},
    cohorts: {{
        "primary": (region: "idf", level: primary, people: 100, arrivals: Timetable("school")),
        "lycee": (region: "reu", level: lycee, people: 100, arrivals: Timetable("school")),
    }},
)"#
    )
}

fn made(text: &str) -> Scenario {
    read(text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn problems(text: &str) -> String {
    super::Diagnostics(wrong(text)).to_string()
}

fn waves(s: &Scenario, cohort: usize) -> Vec<(f64, f64)> {
    let Source::Crowd(waves) = &s.cohorts[cohort].source else {
        panic!("a crowd");
    };
    let hours = |w: &crate::scenario::model::Wave| w.at.as_secs() / 3600.0;
    waves.iter().map(|w| (hours(w), w.share)).collect()
}

#[test]
fn a_wave_may_have_days_of_the_week() {
    let rules = r#"(from: "2021-04-06", until: "2021-04-07")"#;
    let only = |text: String| text.replace(r#"at: "14:00""#, r#"at: "14:00", weekdays: [monday, tuesday]"#);
    let s = made(&only(model(rules, WEEK)));
    assert_eq!(waves(&s, 0), [(20.0, 0.1), (8.0, 0.6), (14.0, 0.4), (32.0, 0.6)]);
    let problems = problems(&only(model("", WEEK)));
    assert!(
        problems.contains("this wave comes once, not on days of the week"),
        "{problems}"
    );
    assert!(problems.contains("give the model a `calendar`"), "{problems}");
}

const WEEK: &str = r#"start: "2021-04-06T00:00", end: "2021-04-11T00:00""#;

#[test]
fn waves_come_on_school_days_in_the_order_of_time() {
    let rules = r#"
        (from: "2021-04-06", until: "2021-04-07"),
        (weekdays: [wednesday], turnout: "50 %"),
        (weekdays: [wednesday], who: (levels: [primary]), turnout: "30 %"),
    "#;
    let s = made(&model(rules, WEEK));
    let near = |found: Vec<(f64, f64)>, expected: &[(f64, f64)]| {
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (a, b) in found.iter().zip(expected) {
            assert!((a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9, "{found:?}");
        }
    };
    near(
        waves(&s, 0),
        &[(20.0, 0.1), (8.0, 0.6), (14.0, 0.4), (32.0, 0.18), (38.0, 0.12)],
    );
    // Two hours earlier in Réunion.
    near(
        waves(&s, 1),
        &[(18.0, 0.1), (6.0, 0.6), (12.0, 0.4), (30.0, 0.3), (36.0, 0.2)],
    );
}

#[test]
fn a_day_that_no_rule_takes_is_free() {
    let rules = r#"(from: "2021-04-08"), (from: "2021-04-08", turnout: "0 %", who: (regions: ["reu"]))"#;
    let s = made(&model(rules, WEEK));
    assert_eq!(waves(&s, 0).len(), 3);
    assert_eq!(waves(&s, 1), [(18.0, 0.1)]);
}

#[test]
fn without_a_calendar_waves_come_once() {
    let s = made(&model("", WEEK));
    assert_eq!(waves(&s, 0), [(8.0, 0.6), (14.0, 0.4), (20.0, 0.1)]);
}

#[test]
fn a_school_day_that_the_start_cuts_in_two() {
    let found = problems(&model(
        r#"(from: "2021-04-06")"#,
        r#"start: "2021-04-06T07:00", end: "2021-04-07T00:00""#,
    ));
    assert!(
        found.contains("`08:00` in Indian/Reunion is 2021-04-06T06:00"),
        "{found}"
    );
}

#[test]
fn rules_that_take_nothing() {
    let found = problems(&model(
        r#"(from: "2021-04-32"), (from: "2021-04-08", until: "2021-04-07"), (turnout: "120 %")"#,
        WEEK,
    ));
    for what in ["`2021-04-32` is not a date", "takes no day", "120 %"] {
        assert!(found.contains(what), "{what}: {found}");
    }
}

#[test]
fn an_end_beyond_all_clocks_is_told_where_it_stands() {
    let problems = broken("end: \"1 h\"", "end: \"2121-04-07T04:00\"");
    expect(&problems, 3, 18, "clock.end", &["too far away", "36 years at most"]);
}

#[test]
fn bins_too_narrow_for_the_memory_are_refused() {
    let problems = broken("end: \"1 h\"", "end: \"1 h\", bin: \"1 ms\"");
    expect(&problems, 3, 30, "clock.bin", &["3600000 bins", "give a wider bin"]);
}

#[test]
fn a_minute_cut_short_is_no_millisecond() {
    let problems = broken("end: \"1 h\"", "end: \"1 h\", bin: \"5 m\"");
    expect(&problems, 3, 30, "clock.bin", &["did you mean \"5 min\"?"]);
}
