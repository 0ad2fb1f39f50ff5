//! One test for each way to be wrong: the place, the path and the advice.
//!
//! A new check gets its test here, under the heading of what it checks.

use super::*;

// Syntax.

#[test]
fn the_whole_drawing() {
    let problems = read(&SMALL.replace("cores: 4", "corse: 4")).unwrap_err();
    let drawn = "\
error: `services.web.station` has no field `corse`
 --> model.ron:6:41
  |
6 |         \"web\": (host: \"rack\", station: (corse: 4, work: Exponential(mean: \"1 s\"))),
  |                                         ^^^^^ unknown field
  |
  = path: services.web.station.corse
  = help: did you mean `cores`?";
    assert_eq!(problems.to_string(), drawn);
}

#[test]
fn a_missing_parenthesis_in_a_line() {
    let problems = broken("\"1 s\"))),", "\"1 s\")),");
    expect(&problems, 7, 5, "", &["expected `)`, found `}`"]);
}

#[test]
fn a_missing_parenthesis_of_a_block() {
    let model = "(\n    clock: (\n        end: \"1 h\",\n    services: {\n    },\n)\n";
    let problems = wrong(model);
    expect(
        &problems,
        1,
        1,
        "",
        &["this `(` is never closed", "a closing bracket is missing"],
    );
    assert!(problems[0].render(false).contains("closed here, at another indent"));
}

#[test]
fn a_missing_comma() {
    let problems = broken("(cores: 8)}", "(cores: 8 uplink: \"1 Gbit/s\")}");
    expect(&problems, 4, 30, "", &["expected `,` or `)`"]);
    assert!(!problems[0].render(false).contains("help"));
}

#[test]
fn a_quantity_outside_the_quotes() {
    let problems = broken("\"1 h\"", "30 min");
    expect(
        &problems,
        3,
        20,
        "",
        &["expected `,` or `)`", "a quantity with a unit is a text: \"30 min\""],
    );
    let problems = broken("cores: 8", "cores: 8 000");
    expect(&problems, 4, 30, "", &["thousands may be set off with `_`: 8_000"]);
}

#[test]
fn an_open_text() {
    expect(&wrong("(name: \"a)"), 1, 8, "", &["this text is never closed"]);
    expect(
        &wrong("(name: \"a\") /* x"),
        1,
        13,
        "",
        &["this comment is never closed"],
    );
}

#[test]
fn something_behind_the_end() {
    expect(&wrong("(name: \"a\"))"), 1, 12, "", &["something follows the end"]);
}

#[test]
fn a_unit_outside_the_quotes() {
    let problems = broken("\"1 h\"", "30min");
    expect(&problems, 3, 18, "", &["`30min` is not a number", "\"30min\""]);
}

#[test]
fn a_key_without_quotes() {
    let problems = broken("\"web\"", "web");
    expect(&problems, 6, 9, "", &["keys of a map are texts", "write \"web\""]);
}

#[test]
fn not_a_model() {
    expect(&wrong("[1, 2]"), 1, 1, "", &["a model is `(field: …)`, found a list"]);
}

// Structure.

#[test]
fn an_unknown_field() {
    let problems = full_broken("max_sessions: 100_000", "max_session: 100_000");
    expect_under(
        &problems,
        "max_session",
        "services.ent-idf.quota.max_session",
        &["has no field", "did you mean `max_sessions`?"],
    );
}

#[test]
fn all_unknown_fields_at_once() {
    let model = SMALL
        .replace("cores: 4", "corse: 4")
        .replace("(end:", "(stop: 1, end:")
        .replace("rate:", "rat:");
    let paths: Vec<String> = wrong(&model).iter().map(|p| p.path().to_owned()).collect();
    assert_eq!(
        paths,
        ["clock.stop", "services.web.station.corse", "cohorts.all.arrivals.rat"]
    );
}

#[test]
fn an_unknown_choice() {
    let problems = full_broken("order: Lottery", "order: Lotery");
    expect_under(
        &problems,
        "Lotery",
        "policies.all.acts[0].act.quota.order",
        &["`Lotery` is no choice", "`Lottery`"],
    );
}

#[test]
fn a_duplicate_key() {
    let problems = broken("\"rack\": (cores: 8)", "\"rack\": (cores: 8), \"rack\": (cores: 9)");
    expect(&problems, 4, 33, "hosts.rack", &["duplicate key `rack`"]);
    assert!(problems[0].render(false).contains("first given here"));
}

#[test]
fn a_duplicate_field() {
    expect(
        &broken("cores: 4", "cores: 4, cores: 5"),
        6,
        51,
        "services.web.station.cores",
        &["duplicate field `cores`"],
    );
}

#[test]
fn wrong_types() {
    let problems = broken("station: (cores: 4, work: Exponential(mean: \"1 s\"))", "station: 4");
    expect(
        &problems,
        6,
        40,
        "services.web.station",
        &["expected fields", "found the number `4`"],
    );
    let problems = broken("host: \"rack\"", "host: rack");
    expect(
        &problems,
        6,
        23,
        "services.web.host",
        &["expected a text in quotes, found the word `rack`", "write \"rack\""],
    );
    let problems = broken("{\"rack\": (cores: 8)}", "[(cores: 8)]");
    expect(&problems, 4, 12, "hosts", &["expected a map", "found a list"]);
    let problems = full_broken("wasted_work: true", "wasted_work: \"true\"");
    expect_under(
        &problems,
        "\"true\"",
        "services.ent-idf.station.wasted_work",
        &["expected `true` or `false`", "without quotes"],
    );
    let problems = full_broken("bypass: [teacher]", "bypass: teacher");
    expect_under(
        &problems,
        "teacher",
        "services.ent-idf.quota.bypass",
        &["expected a list", "the word `teacher`"],
    );
    let problems = full_broken("order: Fifo(bucket: \"1 min\")", "order: Fifo");
    expect_under(
        &problems,
        "Fifo",
        "services.ent-idf.quota.order",
        &["`Fifo` says nothing without", "`order: Fifo()`"],
    );
}

#[test]
fn a_choice_that_holds_the_wrong_thing() {
    let work = "services.web.station.work";
    let problems = broken("Exponential(mean: \"1 s\")", "Exponential(\"1 s\")");
    expect(
        &problems,
        6,
        57,
        work,
        &[
            "`Exponential` needs its fields by name",
            "`Exponential(mean: \"45 s\")`",
        ],
    );
    let problems = broken("Exponential(mean: \"1 s\")", "\"1 s\"");
    expect(
        &problems,
        6,
        57,
        work,
        &["expected a distribution, found the text `\"1 s\"`"],
    );
    let problems = broken("Exponential(mean: \"1 s\")", "Deterministic(value: \"1 s\")");
    expect(
        &problems,
        6,
        57,
        work,
        &["`Deterministic` holds one value", "`Deterministic(\"30 s\")`"],
    );
    let problems = broken("Exponential(mean: \"1 s\")", "Empirical([(\"1 s\", \"30 %\", 3)])");
    expect(
        &problems,
        6,
        68,
        "services.web.station.work[0]",
        &["the number of values in this group is wrong"],
    );
}

#[test]
fn elements_of_a_list_keep_their_numbers() {
    let problems = full_broken(
        "(\"08:02\", \"08:20\"), (\"09:00\", \"2021-04-06T09:30\")",
        "1, (\"08:02\", \"08:20\"), 2, 3",
    );
    let paths: Vec<&str> = problems.iter().map(Diagnostic::path).collect();
    assert_eq!(
        paths,
        [
            "incidents.flood.waves[0]",
            "incidents.flood.waves[2]",
            "incidents.flood.waves[3]"
        ]
    );
}

// Quantities.

#[test]
fn a_wrong_unit() {
    let problems = broken("\"1 h\"", "\"90 minutes\"");
    expect(
        &problems,
        3,
        18,
        "clock.end",
        &["expected a duration such as \"30 min\"", "did you mean \"90 min\"?"],
    );
    let problems = broken("\"3 /s\"", "\"3 s\"");
    expect(
        &problems,
        9,
        41,
        "cohorts.all.arrivals.rate",
        &["expected a rate such as \"120 /s\", found the text `\"3 s\"`"],
    );
}

#[test]
fn a_decimal_comma() {
    let problems = broken("\"3 /s\"", "\"3,5 /s\"");
    expect(&problems, 9, 41, "cohorts.all.arrivals.rate", &["with a decimal point"]);
}

#[test]
fn a_missing_unit() {
    let problems = broken("\"3 /s\"", "3");
    expect(
        &problems,
        9,
        41,
        "cohorts.all.arrivals.rate",
        &["found the number `3`", "say the unit: \"3 /s\""],
    );
    let problems = full_broken("connects: \"75 %\"", "connects: 0.75");
    expect_under(
        &problems,
        "0.75",
        "cohorts.idf-lycee.connects",
        &["shares are in percent: write \"75 %\""],
    );
}

#[test]
fn a_count_in_quotes() {
    let problems = broken("cores: 8", "cores: \"8\"");
    expect(
        &problems,
        4,
        29,
        "hosts.rack.cores",
        &["expected a number", "write 8 without quotes"],
    );
}

#[test]
fn a_fraction_for_a_count() {
    let problems = full_broken("threads: 2000", "threads: 2000.5");
    expect_under(
        &problems,
        "2000.5",
        "services.ent-idf.station.threads",
        &["expected a whole number, found 2000.5"],
    );
}

#[test]
fn negative_numbers_and_nan() {
    expect(
        &broken("cores: 8", "cores: -8"),
        4,
        29,
        "hosts.rack.cores",
        &["must be above zero"],
    );
    expect(
        &broken("cores: 8", "cores: NaN"),
        4,
        29,
        "hosts.rack.cores",
        &["cannot be NaN"],
    );
    expect(
        &broken("cores: 8", "cores: inf"),
        4,
        29,
        "hosts.rack.cores",
        &["leave the field out"],
    );
    let problems = broken("\"1 s\"", "\"-1 s\"");
    expect(
        &problems,
        6,
        75,
        "services.web.station.work.mean",
        &["a duration must be above zero"],
    );
}

#[test]
fn a_share_above_the_whole() {
    let problems = full_broken("connects: \"75 %\"", "connects: \"175 %\"");
    expect_under(
        &problems,
        "\"175 %\"",
        "cohorts.idf-lycee.connects",
        &["a share of 175 % is above 100 %"],
    );
}

#[test]
fn shares_that_do_not_add_up() {
    let problems = full_broken(
        "(share: \"90 %\", route: \"ent-idf\")",
        "(share: \"80 %\", route: \"ent-idf\")",
    );
    expect_under(
        &problems,
        "[(share: \"80 %\", route: \"ent-idf\"), (share: \"10 %\", route: \"cned\")]",
        "cohorts.idf-lycee.routes",
        &["the routes add up to 90 %", "10 % are missing"],
    );
}

#[test]
fn a_law_that_does_not_exist() {
    let problems = full_broken(
        "Uniform(low: \"30 min\", high: \"3 h\")",
        "Uniform(low: \"30 min\", high: \"3 min\")",
    );
    expect_under(
        &problems,
        "Later(Uniform(low: \"30 min\", high: \"3 min\"))",
        "habits.pupil.giving_up[0].then",
        &["this distribution does not exist"],
    );
    let problems = full_broken("Lognormal(mean: \"250 ms\", cv: 1.2)", "Lognormal(mean: \"250 ms\")");
    expect_under(
        &problems,
        "Lognormal(mean: \"250 ms\")",
        "services.ent-idf.station.work",
        &["two parameters", "(mean, cv)"],
    );
    let problems = full_broken(
        "Gamma(shape: 2.0, mean: \"0.2 s\")",
        "Normal(mean: \"1 s\", sd: \"1 s\")",
    );
    expect_under(
        &problems,
        "Normal(mean: \"1 s\", sd: \"1 s\")",
        "services.ent-reunion.station.work",
        &["sometimes negative"],
    );
}

// Time.

#[test]
fn an_end_before_the_start() {
    let problems = full_broken("end: \"2021-04-06T24:00\"", "end: \"2021-04-05T24:00\"");
    assert_eq!(problems[0].path(), "clock.end");
    assert!(problems[0].message().contains("ends when it starts"));
    let problems = broken("(end: \"1 h\")", "(start: \"2021-04-06T09:00\", end: \"08:00\")");
    expect(&problems, 3, 45, "clock.end", &["`08:00` is before the run starts"]);
}

#[test]
fn a_wave_before_the_start() {
    let problems = full_broken("start: \"2021-04-06T00:00\"", "start: \"2021-04-06T06:30\"");
    let early: Vec<&Diagnostic> = problems.iter().filter(|p| p.path().starts_with("cohorts")).collect();
    let words = "`2021-04-06T08:00` in Indian/Reunion is 2021-04-06T06:00 in Europe/Paris, before the run starts";
    assert_eq!(early[0].message(), words);
    assert_eq!(
        early[0].advice(),
        ["start earlier: `clock.start: \"2021-04-06T06:00\"`"]
    );
}

#[test]
fn times_that_are_none() {
    let problems = full_broken("at: \"13:30\"", "at: \"25:30\"");
    expect_under(
        &problems,
        "\"25:30\"",
        "timetables.school[1].at",
        &["`25:30` is not a time"],
    );
    let problems = full_broken("zone: \"Indian/Reunion\"", "zone: \"Indian/Renion\"");
    expect_under(
        &problems,
        "\"Indian/Renion\"",
        "regions.reunion.zone",
        &["no time zone", "did you mean `Indian/Reunion`?"],
    );
}

#[test]
fn waves_of_incidents_in_disorder() {
    let problems = full_broken("(\"08:02\", \"08:20\")", "(\"08:22\", \"08:20\")");
    expect_under(
        &problems,
        "\"08:20\"",
        "incidents.flood.waves[0][1]",
        &["ends before it starts"],
    );
    let problems = full_broken("(\"08:02\", \"08:20\")", "(\"08:02\", \"09:20\")");
    expect_under(
        &problems,
        "\"09:00\"",
        "incidents.flood.waves[1][0]",
        &["before the one before it has ended"],
    );
}

// Meaning.

#[test]
fn a_dangling_reference() {
    let problems = broken("host: \"rack\"", "host: \"rakc\"");
    expect(
        &problems,
        6,
        23,
        "services.web.host",
        &["there is no host `rakc`", "did you mean `rack`?"],
    );
    let problems = full_broken("steps: [\"portal\", \"ent-idf\"]", "steps: [\"portal\", \"ent-ifd\"]");
    expect_under(
        &problems,
        "\"ent-ifd\"",
        "routes.ent-idf.steps[1]",
        &["there is no service `ent-ifd`", "`ent-idf`"],
    );
    let problems = full_broken("services: [\"ent-*\"]", "services: [\"env-*\"]");
    assert!(problems[0].message().contains("no service is called like `env-*`"));
}

#[test]
fn all_meanings_at_once() {
    let model = SMALL
        .replace("cores: 8", "cores: 2")
        .replace("\"rack\",", "\"rakc\",")
        .replace("\"3 /s\"", "3");
    let paths: Vec<String> = wrong(&model).iter().map(|p| p.path().to_owned()).collect();
    assert_eq!(paths, ["services.web.host", "cohorts.all.arrivals.rate"]);
}

#[test]
fn an_empty_country() {
    let problems = wrong("(name: \"x\", clock: (end: \"1 h\"))");
    let messages: Vec<&str> = problems.iter().map(Diagnostic::message).collect();
    assert_eq!(
        messages,
        [
            "the country is empty: there is no service",
            "the country is empty: there is no cohort"
        ]
    );
}

#[test]
fn a_quota_without_a_limit() {
    let problems = broken("station:", "quota: (poll: \"1 min\"), station:");
    expect(
        &problems,
        6,
        38,
        "services.web.quota",
        &["limits nothing", "max_sessions"],
    );
}

#[test]
fn an_act_without_a_service() {
    let problems = full_broken("RetryAfter(services: [\"*\"],", "RetryAfter(");
    assert_eq!(problems[0].path(), "policies.all.acts[7].act.services");
    assert!(problems[0].message().contains("names no service"));
    let problems = full_broken(
        "SetQuota(services: [\"cned\"], quota: None)",
        "SetQuota(services: [\"cned\"])",
    );
    assert_eq!(problems[0].path(), "policies.all.acts[2].act.quota");
    assert!(problems[0].message().contains("`None` to take it away"));
}

#[test]
fn a_share_of_nobody() {
    let problems = broken("station:", "quota: (max_share: \"25 %\"), station:");
    expect(
        &problems,
        6,
        50,
        "services.web.quota.max_share",
        &["belongs to no region", "give the service a `region`"],
    );
}

#[test]
fn an_overcommitted_host() {
    let problems = broken("cores: 8", "cores: 3");
    expect(
        &problems,
        4,
        29,
        "hosts.rack.cores",
        &["has 3 cores, its tenants use 4", "`web` 4"],
    );
}

#[test]
fn a_route_in_a_circle() {
    let problems = full_broken("steps: [\"portal\", \"ent-idf\"]", "steps: [\"portal\", \"portal\"]");
    expect_under(&problems, "\"portal\"", "routes.ent-idf.steps[1]", &["passed twice"]);
}

#[test]
fn a_session_of_no_length() {
    let problems = broken("station:", "session: (), station:");
    expect(
        &problems,
        9,
        16,
        "cohorts.all.duration",
        &["how long a session at `web` is wanted"],
    );
}

#[test]
fn a_missing_field() {
    let problems = broken("rate: \"3 /s\"", "");
    expect(
        &problems,
        9,
        27,
        "cohorts.all.arrivals.rate",
        &["is missing", "add `rate: \"120 /s\"`"],
    );
    let problems = broken("clock: (end: \"1 h\"),", "");
    assert_eq!(problems[0].path(), "clock.end");
}
