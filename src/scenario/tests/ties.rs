//! What ties cohorts to each other: classes and devices. And tabs that knock.

use super::{expect_under, read, wrong};
use crate::engine::Distribution;
use crate::scenario::model::CohortId;

fn school(pupils: &str, more: &str, teachers: &str) -> String {
    format!(
        r#"(
    name: "school",
    clock: (start: "2021-04-06T00:00", end: "24 h"),
    services: {{"portal": (), "live": (session: (live: true)), "ent": (session: ())}},
    routes: {{
        "live": (steps: ["portal", "live"]),
        "fork": (start: "portal", onward: {{"portal": [("live", "40 %"), ("ent", "60 %")]}}),
    }},
    cohorts: {{
        "pupils": ({pupils}, {more} duration: Deterministic("1 h")),
        "teachers": ({teachers}, routes: [(route: "live")], duration: Deterministic("1 h")),
    }},
)"#
    )
}

const CROWD: &str =
    r#"people: 100, connects: "50 %", arrivals: Crowd([(share: "60 %", at: "08:00"), (share: "40 %", at: "09:00")])"#;
const CLASS: &str = r#"teachers: "teachers", routes: [(route: "live")],"#;

#[test]
fn classes_and_devices_are_read() {
    let more = format!(r#"{CLASS} leaves_empty_class: "10 min", shares_device: (with: "teachers", share: "30 %"),"#);
    let s = read(&school(CROWD, &more, CROWD)).unwrap_or_else(|problems| panic!("{problems}"));
    let pupils = &s.cohorts[0];
    assert_eq!(pupils.teachers, Some(CohortId(1)));
    assert_eq!(pupils.leaves_empty_class.map(|d| d.as_secs()), Some(600.0));
    assert_eq!(pupils.device.map(|d| (d.with, d.share)), Some((CohortId(1), 0.3)));
    assert!(s.services[1].session.is_some_and(|s| s.live) && !s.services[2].session.is_some_and(|s| s.live));
}

#[test]
fn pupils_and_teachers_follow_one_timetable() {
    let other = CROWD.replace("09:00", "09:30");
    let problems = wrong(&school(CROWD, CLASS, &other));
    let words = [
        "no wave with that of these pupils 9.00 h after the start",
        "follow the same timetable",
    ];
    expect_under(&problems, "\"teachers\"", "cohorts.pupils.teachers", &words);
    let stream = r#"arrivals: Poisson(rate: "1 /s")"#;
    let problems = wrong(&school(CROWD, CLASS, stream));
    expect_under(
        &problems,
        "\"teachers\"",
        "cohorts.pupils.teachers",
        &["classes need waves"],
    );
    let problems = wrong(&school(CROWD, &CLASS.replace("\"teachers\"", "\"pupils\""), CROWD));
    expect_under(
        &problems,
        "\"pupils\"",
        "cohorts.pupils.teachers",
        &["are pupils themselves"],
    );
}

#[test]
fn a_class_needs_a_place_and_a_live_service_a_class() {
    let problems = wrong(&school(CROWD, &CLASS.replace("\"live\"", "\"fork\""), CROWD));
    let words = ["a class on route `fork` has no one place to meet", "as `steps`"];
    expect_under(&problems, "[(route: \"fork\")]", "cohorts.pupils.routes", &words);
    let problems = wrong(&school(CROWD, r#"routes: [(route: "live")],"#, CROWD));
    expect_under(
        &problems,
        "true",
        "services.live.session.live",
        &["nobody has a class that could meet here"],
    );
    let alone = r#"leaves_empty_class: "10 min", routes: [(route: "live")],"#;
    let problems = wrong(&school(CROWD, alone, CROWD).replace("(live: true)", "()"));
    expect_under(
        &problems,
        "\"10 min\"",
        "cohorts.pupils.leaves_empty_class",
        &["name the cohort of their `teachers`"],
    );
}

#[test]
fn nobody_shares_two_devices() {
    let share = |with: &str, share: &str| format!(r#"{CLASS} shares_device: (with: "{with}", share: "{share}"),"#);
    let few = CROWD.replace("people: 100", "people: 40");
    let problems = wrong(&school(CROWD, &share("teachers", "60 %"), &few));
    let words = [
        "30 people of `teachers` would share a device, and 20 connect",
        "one device at most",
    ];
    expect_under(&problems, "\"60 %\"", "cohorts.pupils.shares_device.share", &words);
    assert!(read(&school(CROWD, &share("pupils", "100 %"), &few)).is_ok());
}

fn tabs(habit: &str) -> String {
    format!(
        r#"(
    name: "tabs",
    clock: (end: "1 h"),
    services: {{"web": ()}},
    habits: {{"h": ({habit})}},
    cohorts: {{"all": (habit: "h", arrivals: Poisson(rate: "3 /s"))}},
)"#
    )
}

#[test]
fn tabs_that_knock_are_retry_classes() {
    let retries = r#"retries: [(share: "75 %", delay: Exponential(mean: "60 s")), (share: "25 %", delay: Exponential(mean: "240 s"))]"#;
    let s = read(&tabs(&format!("{retries}, tabs: 1.4, tabs_knock: true"))).unwrap_or_else(|p| panic!("{p}"));
    let habit = &s.habits[0];
    assert_eq!(habit.tabs, 1.0);
    let classes = habit.retries.iter().map(|class| match class.delay {
        Distribution::Exponential { mean } => (class.share, mean),
        _ => panic!("exponential"),
    });
    let expected = [(0.45, 60.0), (0.3, 30.0), (0.15, 240.0), (0.1, 120.0)];
    for ((share, mean), (a, b)) in classes.zip(expected) {
        assert!((share - a).abs() < 1e-12 && mean == b, "{share} {mean}");
    }
    let s = read(&tabs(&format!("{retries}, tabs: 1.4"))).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!((s.habits[0].tabs, s.habits[0].retries.len()), (1.4, 2));
}

#[test]
fn tabs_knock_only_where_it_can_be_told_exactly() {
    let one = r#"retries: [(share: "100 %", delay: Exponential(mean: "60 s"))], tabs_knock: true"#;
    expect_under(
        &wrong(&tabs(one)),
        "true",
        "habits.h.tabs_knock",
        &["people with one tab", "above 1"],
    );
    let lognormal = r#"retries: [(share: "100 %", delay: Deterministic("60 s"))], tabs: 2, tabs_knock: true"#;
    let words = ["only where all delays are exponential"];
    expect_under(&wrong(&tabs(lognormal)), "true", "habits.h.tabs_knock", &words);
}
