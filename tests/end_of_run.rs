//! What a run that ends in the midst of things says: of who is in, of who has left, and of a last bin that is shorter than the others.

mod common;

use common::{options, play, text};
use preau::measure::Outcome;
use preau::measure::kpi::{ALL, Scope, View};
use preau::scenario::model::Scenario;
use preau::world::Orbit;

/// A crowd before two cores; `more` is laid beside the services.
fn desk(clock: &str, habit: &str, more: &str) -> Scenario {
    text(&format!(
        r#"(
        clock: ({clock}),
        regions: {{"idf": (name: "Île-de-France")}},
        services: {{"desk": (
            station: (cores: 2, threads: 4, backlog: 3, work: Deterministic("10 s")),
            session: (think: "30 s"),
        )}},
        habits: {{"pupil": ({habit})}},
        routes: {{"visit": (steps: ["desk"])}},
        cohorts: {{"pupils": (
            region: "idf", people: 100, habit: "pupil", routes: [(route: "visit")], duration: Deterministic("600 s"),
            arrivals: Crowd([(at: "0 s", spread: Uniform(high: "500 s"))]),
        )}},
        {more}
    )"#
    ))
}

fn kpi(scenario: &Scenario, outcome: &Outcome, name: &str) -> f64 {
    let kpi = ALL.iter().find(|kpi| kpi.name == name).unwrap();
    kpi.of(&View::new(scenario, outcome, Scope::Total)).unwrap()
}

const PATIENT: &str = r#"retries: [(share: "100 %", delay: Deterministic("30 s"))]"#;

#[test]
fn who_is_in_at_the_end_is_in_the_last_bin() {
    for (clock, bins) in [(r#"end: "900 s", bin: "300 s""#, 3), (r#"end: "900 s", bin: "1 h""#, 1)] {
        let s = desk(clock, PATIENT, "");
        let outcome = play(&s, &options(0, &[]));
        let series = &outcome.series.services[0];
        assert_eq!(series.len(), bins);
        // Everybody is in by then, and whoever has not left is in a session.
        let inside = outcome.cohorts[0].unfinished;
        assert_eq!(outcome.cohorts[0].visits_connected, 100);
        assert!(inside > 10);
        assert_eq!((series[bins - 1].sessions, series[bins - 1].seats), (inside, inside));
        assert!(kpi(&s, &outcome, "peak_concurrency") >= inside as f64);
    }
}

#[test]
fn a_short_last_bin_counts_for_as_long_as_it_lasts() {
    for end in [900.0, 905.0, 1000.0, 1199.0] {
        let s = desk(&format!(r#"end: "{end} s", bin: "300 s""#), PATIENT, "");
        let outcome = play(&s, &options(0, &[]));
        // A hundred logins of ten seconds on two cores.
        assert_eq!(outcome.services[0].logins, 100);
        let mean = kpi(&s, &outcome, "utilisation_mean");
        assert!((mean - 1000.0 / (2.0 * end)).abs() < 1e-6, "until {end} s: {mean}");
    }
}

#[test]
fn who_left_in_the_last_bin_has_given_up() {
    let habit = r#"retries: [(share: "100 %", delay: Exponential(mean: "10 s"))], max_tries: 4,
        giving_up: [(share: "100 %", then: Elsewhere(name: "paper", value: "50 %"))]"#;
    let down = r#"incidents: {"out": (kind: ServiceOutage(service: "desk"), waves: [("0 s", "1000 s")])}"#;
    let s = desk(r#"end: "1000 s", bin: "1 h""#, habit, down);
    for orbit in [Orbit::Events, Orbit::Auto] {
        let mut options = options(0, &[]);
        options.orbit = orbit;
        let outcome = play(&s, &options);
        let t = &outcome.cohorts[0];
        assert_eq!((t.knocks, t.gave_up, t.unfinished), (400, 100, 0), "{orbit:?}");
        assert_eq!(t.learning.fallback, t.learning.lost);
        assert_eq!(outcome.series.services[0][0].orbit, 0);
    }
}
