//! `--set path=value`.

use super::*;

fn set(model: &str, sets: &[&str]) -> Result<model::Scenario, Diagnostics> {
    let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
    load(&text(model), &sets)
}

#[test]
fn values_may_leave_their_quotes_out() {
    let sets = [
        "services.ent-idf.quota.max_sessions=7",
        "services.ent-idf.quota.poll=45 s",
        "services.ent-idf.quota.seat.idle = 5 min",
        "cohorts.idf-lycee.connects=40 %",
        "cohorts.idf-lycee.level=college",
        "cohorts.reunion-lycee.duration=45 min",
        "cohorts.reunion-lycee.arrivals[0].at=07:30",
        "timetables.school.0.share=\"20 %\"",
        "incidents.flood.waves[1][1]=10:00",
        "habits.pupil.patience=Exponential(mean: \"4 min\")",
        "services.ent-idf.limiter=None",
        "title=Another day",
    ];
    let scenario = set(FULL, &sets).unwrap_or_else(|problems| panic!("{problems}"));
    let quota = scenario.services[1].quota.as_ref().unwrap();
    assert_eq!(quota.max_sessions, Some(7));
    assert_eq!(quota.poll.unwrap().as_secs(), 45.0);
    assert_eq!(scenario.cohorts[0].connects, 0.4);
    assert_eq!(scenario.cohorts[0].level, model::Level::College);
    assert_eq!(scenario.cohorts[1].duration.mean(), 2700.0);
    assert_eq!(scenario.incidents[0].waves[1].1.as_secs(), 36_000.0);
    assert_eq!(scenario.habits[0].patience.as_ref().unwrap().mean(), 240.0);
    assert!(scenario.services[1].limiter.is_none());
    assert_eq!(scenario.title, "Another day");
    let model::Source::Crowd(waves) = &scenario.cohorts[0].source else {
        panic!("a crowd")
    };
    assert_eq!(waves[0].share, 0.2);
}

#[test]
fn fields_that_were_left_out_are_added() {
    let sets = [
        "clock.bin=1 min",
        "services.web.station.threads=9",
        "prices.core_hour=1 EUR",
        "services.web.quota.max_sessions=3",
    ];
    let scenario = set(SMALL, &sets).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(scenario.clock.bin.as_secs(), 60.0);
    assert_eq!(scenario.services[0].station.threads, Some(9));
    assert_eq!(scenario.prices.core_hour, 1.0);
    assert_eq!(scenario.services[0].quota.as_ref().unwrap().max_sessions, Some(3));
    let scenario = set(SMALL, &["cohorts.more=(arrivals: Poisson(rate: \"1 /s\"))"]).unwrap();
    assert_eq!(scenario.cohorts.len(), 2);
    let scenario = set(FULL, &["policies.all=None", "incidents.surge=None"]).unwrap();
    assert_eq!((scenario.policies.len(), scenario.incidents.len()), (0, 7));
}

fn fails(argument: &str, column: usize, words: &[&str]) {
    let problems = set(SMALL, &[argument]).unwrap_err();
    let drawing = problems.to_string();
    let [problem] = problems.0.as_slice() else {
        panic!("{drawing}")
    };
    for word in words {
        assert!(drawing.contains(word), "{word:?} is not said in:\n{drawing}");
    }
    assert_eq!(
        (problem.file(), problem.line(), problem.column()),
        ("--set", 1, column),
        "{drawing}"
    );
}

#[test]
fn errors_point_at_the_argument() {
    fails(
        "services.web.station.corse=4",
        1,
        &["no field `corse`", "did you mean `cores`?"],
    );
    fails(
        "services.wbe.station.cores=4",
        1,
        &["there is no `wbe` in `services`", "did you mean `web`?"],
    );
    fails("services.web.station.cores=-4", 28, &["must be above zero"]);
    fails(
        "services.web.station.cores=four",
        28,
        &["expected a number such as 1.5"],
    );
    fails(
        "cohorts.all.arrivals.rate=3",
        27,
        &["is not a unit"].map(|_| "say the unit: \"3 /s\""),
    );
    fails("cohorts.all.connects=140 %", 22, &["a share of 140 % is above 100 %"]);
    fails("base=other.ron", 1, &["overrides come after the base"]);
    fails(
        "services.web.station.work=Exponential(mean: 2 s)",
        27,
        &["a quantity with a unit is a text: \"2 s\""],
    );
    fails("clock.end", 1, &["an override is `path=value`"]);
    fails(
        "clock.bin=1 ms",
        11,
        &["would have 3600000 bins", "1000000 are taken at most"],
    );
    fails("clock..end=3", 1, &["this is not a path"]);
    fails("clock.end=", 11, &["no value after `=`"]);
    fails(
        "clock.end=2021-04-06",
        11,
        &["a date without a time", "\"2021-04-06T24:00\" for its end"],
    );
    fails("services.web.station=(cores: 4", 22, &["never closed"]);
    fails(
        "clock.end.hours=4",
        1,
        &["`clock.end` is the text `\"1 h\"` and has no parts"],
    );
}

#[test]
fn an_empty_list_is_not_a_missing_one() {
    let problems = set(FULL, &["incidents.flood.waves=[]"]).unwrap_err().0;
    assert_eq!(problems.len(), 1);
    assert_eq!(
        problems[0].message(),
        "`incidents.flood.waves` is empty: expected when it happens"
    );
    assert_eq!((problems[0].file(), problems[0].found()), ("--set", "[]"));
    assert_eq!(problems[0].advice(), ["for example `waves: [(\"08:02\", \"08:20\")]`"]);
}
