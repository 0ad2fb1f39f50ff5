//! Several days in one run: people come on school days, books are kept by day, and doors that failed are remembered.

use preau::measure::{DAY_KPIS, DayView, Outcome, days, kpi::Scope};
use preau::scenario::{Source, load, model::Scenario};
use preau::world::{RunOptions, Unwatched, run};

/// A thousand people, three days, the second at half; `door` is what stands before the usual service.
fn school(door: &str, learns: &str) -> Scenario {
    let text = format!(
        r#"(
    name: "days",
    clock: (start: "2021-04-06T03:00", end: "2021-04-09T03:00"),
    calendar: [(from: "2021-04-06", until: "2021-04-08"), (weekdays: [wednesday], turnout: "50 %")],
    regions: {{"idf": ()}},
    services: {{
        "ent": (region: "idf", station: (cores: 100, work: Deterministic("10 ms")), {door} session: ()),
        "cned": (station: (cores: 100, work: Deterministic("10 ms")), session: ()),
    }},
    habits: {{"pupil": (retries: [(share: "100 %", delay: Exponential(mean: "1 min"))], patience: Deterministic("20 min"), learns: "{learns}")}},
    routes: {{"ent": (steps: ["ent"]), "cned": (steps: ["cned"])}},
    timetables: {{"school": [(share: "100 %", at: "08:00", spread: Uniform(low: "0 s", high: "10 min"))]}},
    cohorts: {{"pupils": (
        region: "idf", level: college, people: 1000, habit: "pupil",
        routes: [(share: "90 %", route: "ent"), (share: "10 %", route: "cned")],
        arrivals: Timetable("school"), duration: Deterministic("30 min"),
    )}},
)"#
    );
    let source = Source::Text {
        name: "days.ron".to_owned(),
        text,
    };
    load(&source, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

fn play(scenario: &Scenario) -> Outcome {
    run(scenario, &RunOptions::default(), &mut Unwatched).unwrap()
}

/// A number of each day.
fn by_day(s: &Scenario, o: &Outcome, scope: Scope, name: &str) -> Vec<f64> {
    let kpi = DAY_KPIS.iter().find(|k| k.name == name).unwrap();
    let dates = days(&s.clock);
    let one = |(n, day): (usize, &preau::measure::Day)| kpi.of(&DayView::new(s, o, scope, n, day)).unwrap();
    dates.iter().enumerate().take(3).map(one).collect()
}

#[test]
fn days_add_up_and_people_count_once_a_day() {
    let s = school("", "0 %");
    let o = play(&s);
    assert_eq!(by_day(&s, &o, Scope::Total, "visits"), [1000.0, 500.0, 1000.0]);
    assert_eq!(by_day(&s, &o, Scope::Total, "people_served"), [1000.0, 500.0, 1000.0]);
    assert_eq!(by_day(&s, &o, Scope::Total, "hours_wanted"), [500.0, 250.0, 500.0]);
    assert_eq!(o.cohorts[0].people_connected, 1000);
    assert_eq!(o.cohorts[0].visits, 2500);
}

#[test]
fn who_was_let_down_takes_another_door_the_next_day() {
    let cned = Scope::Service(preau::scenario::model::ServiceId(1));
    let shut = "quota: (max_sessions: 0),";
    let stay = by_day(&school(shut, "0 %"), &play(&school(shut, "0 %")), cned, "logins");
    let s = school(shut, "100 %");
    let learn = by_day(&s, &play(&s), cned, "logins");
    assert_eq!(stay[0], learn[0], "nothing is known on the first day");
    // Those of the second day who met the shut door on the first: all of them go elsewhere now.
    assert_eq!(learn[1], 500.0);
    // On the third day only those who were at home on the second and had met it... which is everybody: all learnt.
    assert_eq!(learn[2], 1000.0);
    assert!((stay[1] - 50.0).abs() < 4.0 * f64::sqrt(45.0), "{stay:?}");
    // A door that works is not left.
    let s = school("", "100 %");
    let open = by_day(&s, &play(&s), cned, "logins");
    assert_eq!(open[0] + open[1], open[2] + open[1]);
}

/// A thousand classes of ten that meet at a shut door or elsewhere, on some days; which share of the failing classes learns.
fn classes(days: &str, learns: &str) -> Scenario {
    let text = format!(
        r#"(
    name: "classes",
    clock: (start: "2021-04-06T03:00", end: "2021-04-09T03:00"),
    calendar: [(from: "2021-04-06", until: "2021-04-08", weekdays: [{days}])],
    services: {{
        "ent": (station: (cores: 100, work: Deterministic("10 ms")), quota: (max_sessions: 0), session: (live: true)),
        "cned": (station: (cores: 100, work: Deterministic("10 ms")), session: (live: true)),
    }},
    habits: {{"all": (retries: [(share: "100 %", delay: Exponential(mean: "1 min"))], patience: Deterministic("20 min"), learns: "{learns}")}},
    routes: {{"ent": (steps: ["ent"]), "cned": (steps: ["cned"])}},
    timetables: {{"school": [(share: "100 %", at: "08:00")]}},
    cohorts: {{
        "teachers": (
            level: teacher, people: 1000, habit: "all", routes: [(share: "90 %", route: "ent"), (share: "10 %", route: "cned")],
            arrivals: Timetable("school"), duration: Deterministic("1 h"),
        ),
        "pupils": (
            level: college, people: 10000, habit: "all", teachers: "teachers", routes: [(share: "90 %", route: "ent"), (share: "10 %", route: "cned")],
            arrivals: Timetable("school"), duration: Deterministic("50 min"),
        ),
    }},
)"#
    );
    let source = Source::Text {
        name: "classes.ron".to_owned(),
        text,
    };
    load(&source, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn a_class_whose_teacher_failed_meets_elsewhere_the_next_day() {
    let cned = Scope::Service(preau::scenario::model::ServiceId(1));
    let logins = |learns: &str| {
        let s = classes("tuesday, wednesday", learns);
        by_day(&s, &play(&s), cned, "logins")
    };
    let (stay, half, all) = (logins("0 %"), logins("50 %"), logins("100 %"));
    assert_eq!(
        [stay[0], stay[0]],
        [half[0], all[0]],
        "nothing is known on the first day"
    );
    // A tenth of a thousand classes meets there on the first day; then all of those that failed, or half of them.
    let near = |got: f64, share: f64| {
        let sd = 11.0 * f64::sqrt(1000.0 * share * (1.0 - share));
        (got - 11_000.0 * share).abs() <= 4.0 * sd + 1e-9
    };
    assert!(near(stay[1], 0.1), "{stay:?}");
    assert!(near(half[1], 0.55), "{half:?}");
    assert_eq!(all[1], 11_000.0);
    // A free day makes nobody forget, nor a day on which no teacher tried the door that fails.
    let on = |days: &str| {
        let s = classes(days, "100 %");
        by_day(&s, &play(&s), cned, "logins")
    };
    assert_eq!(on("tuesday, thursday")[1..], [0.0, 11_000.0]);
    assert_eq!(on("tuesday, wednesday, thursday")[1..], [11_000.0, 11_000.0]);
}

/// Days with more written of the usual service, its habits and the days; the CNED is open.
fn two_doors(days: &str, usual: &str, habit: &str) -> Scenario {
    let text = format!(
        r#"(
    name: "doors",
    clock: (start: "2021-04-06T03:00", end: "2021-04-10T03:00"),
    calendar: [{days}],
    services: {{"ent": ({usual}), "cned": (session: ())}},
    habits: {{"pupil": ({habit})}},
    routes: {{"ent": (steps: ["ent"]), "cned": (steps: ["cned"])}},
    timetables: {{"school": [(share: "100 %", at: "08:00", spread: Uniform(low: "0 s", high: "10 min"))]}},
    cohorts: {{"pupils": (
        people: 1000, habit: "pupil", routes: [(share: "90 %", route: "ent"), (share: "10 %", route: "cned")],
        arrivals: Timetable("school"), duration: Deterministic("1 h"),
    )}},
)"#
    );
    let name = "doors.ron".to_owned();
    load(&Source::Text { name, text }, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

const TUESDAY_TO_THURSDAY: &str = r#"(from: "2021-04-06", until: "2021-04-08")"#;

/// Knocks at the usual door by day.
fn at_usual_door(s: &Scenario) -> Vec<f64> {
    let ent = Scope::Service(preau::scenario::model::ServiceId(0));
    by_day(s, &play(s), ent, "knocks")
}

#[test]
fn a_session_that_is_cut_is_not_a_door_that_fails() {
    // In at once, and again at once each time the session is cut; the last time after 45 minutes.
    let cut = r#"quota: (max_sessions: 2000, seat: Fixed(length: "15 min")), session: ()"#;
    let knocks = |learns: &str| at_usual_door(&two_doors(TUESDAY_TO_THURSDAY, cut, &format!(r#"learns: "{learns}""#)));
    assert_eq!(knocks("100 %"), knocks("0 %"));
}

#[test]
fn who_got_in_late_at_a_service_without_sessions_remembers_it() {
    // Nobody is let in before half past eight.
    let late = r#"quota: (max_sessions: 2000, order: Fifo(), prequeue: (from: "2021-04-06T07:00", until: "2021-04-06T08:30"))"#;
    let knocks = at_usual_door(&two_doors(TUESDAY_TO_THURSDAY, late, r#"learns: "100 %""#));
    assert!(knocks[0] > 850.0 && knocks[1..] == [0.0, 0.0], "{knocks:?}");
}

#[test]
fn who_is_served_at_the_door_of_a_fallback_keeps_what_it_knows_of_the_usual_one() {
    // The usual door is shut; after twenty minutes everybody goes to the other, and is in at once.
    let habit = r#"retries: [(share: "100 %", delay: Exponential(mean: "1 min"))], patience: Deterministic("20 min"), learns: "100 %", giving_up: [(share: "100 %", then: Route("cned"))]"#;
    let knocks = at_usual_door(&two_doors(
        TUESDAY_TO_THURSDAY,
        "quota: (max_sessions: 0), session: ()",
        habit,
    ));
    assert!(knocks[0] > 850.0 && knocks[1..] == [0.0, 0.0], "{knocks:?}");
}

#[test]
fn who_is_in_when_a_day_turns_is_counted_on_the_day_it_came() {
    // Two visits of everybody on the first evening, the second until after four in the morning, and one on the next day.
    let text = r#"(
    name: "night",
    clock: (start: "2021-04-06T18:00", end: "2021-04-07T12:00"),
    services: {"ent": (session: ())},
    cohorts: {"pupils": (
        people: 1000, arrivals: Crowd([(at: "2021-04-06T20:00"), (at: "2021-04-07T03:30"), (at: "2021-04-07T08:00")]), duration: Deterministic("1 h"),
    )},
)"#;
    let (name, text) = ("night.ron".to_owned(), text.to_owned());
    let s = load(&Source::Text { name, text }, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let o = play(&s);
    let kpi = DAY_KPIS.iter().find(|k| k.name == "people_served").unwrap();
    let dates = days(&s.clock);
    let served = |n: usize| kpi.of(&DayView::new(&s, &o, Scope::Total, n, &dates[n]));
    assert_eq!([served(0), served(1)], [Some(1000.0); 2]);
}
