//! Three classic mistakes of the field, shown by numbers: what scaling down, "a flood is missing servers" and "who has
//! left costs nothing" would get wrong.

mod common;

use common::{Story, mean_error, options, text};
use preau::measure::Refusal;
use preau::scenario::model::Scenario;

fn desk(station: &str, rate: f64, habit: &str, incidents: &str) -> Scenario {
    text(&format!(
        r#"(
            clock: (end: "4000 s"),
            services: {{"desk": (station: ({station}))}},
            habits: {{"of-all": ({habit})}},
            cohorts: {{"customers": (habit: "of-all", arrivals: Poisson(rate: "{rate} /s"))}},
            incidents: {{{incidents}}},
        )"#
    ))
}

/// A number of several runs after their first quarter, with its standard error.
fn measured(s: &Scenario, number: fn(&Story) -> f64) -> (f64, f64) {
    let runs = (0..8).map(|replication| {
        let mut story = common::watch(s, &options(replication, &[])).1;
        let warm = s.clock.end.as_secs() / 4.0;
        story.starts.retain(|x| x.0.at.as_secs() > warm);
        story.done.retain(|x| x.0.at.as_secs() > warm);
        number(&story)
    });
    mean_error(&runs.collect::<Vec<_>>())
}

fn waits(story: &Story) -> f64 {
    story.starts.iter().filter(|(_, waited)| waited.0 > 0).count() as f64 / story.starts.len() as f64
}

/// Logins a second that somebody was still there for.
fn useful(story: &Story) -> f64 {
    story.done.iter().filter(|d| !d.3).count() as f64 / 3000.0
}

fn sojourn(story: &Story) -> f64 {
    let done = story.done.iter().filter(|d| !d.3);
    done.map(|d| d.2.as_secs()).sum::<f64>() / story.done.len() as f64
}

/// Erlang C: the chance to wait for one of `c` servers offered `a` erlangs.
fn erlang_c(c: u32, a: f64) -> f64 {
    let blocking = (1..=c).fold(1.0, |b, n| a * b / (f64::from(n) + a * b));
    blocking / (1.0 - a / f64::from(c) * (1.0 - blocking))
}

/// The shape of a number: mean and standard error, near enough to a value.
#[track_caller]
fn near(what: &str, (mean, error): (f64, f64), value: f64) {
    assert!(
        (mean - value).abs() < 4.5 * error,
        "{what}: {mean:.4} ± {error:.4} is not {value:.4}"
    );
}

/// A tenth of the customers at a tenth of the servers is another country: near saturation the chance to wait, and the
/// wait itself, depend on how many servers share the load. That is why the country is simulated at full size.
#[test]
fn scaling_down_changes_who_waits() {
    let at = |k: u32| {
        let station = format!("cores: {}, threads: {}, work: Exponential(mean: \"1 s\")", 4 * k, 4 * k);
        measured(&desk(&station, 3.6 * f64::from(k), "", ""), waits)
    };
    let (large, middle, small) = (at(25), at(5), at(1));
    println!("chance to wait at 90 % load: 100 servers {large:?}, 20 servers {middle:?}, 4 servers {small:?}");
    near("100 servers", large, erlang_c(100, 90.0));
    near("20 servers", middle, erlang_c(20, 18.0));
    near("4 servers", small, erlang_c(4, 3.6));
    assert!(small.0 > 3.0 * large.0, "{small:?} {large:?}");
}

/// A flood is not the same as removed servers. While it asks for less than there is, it is: in processor sharing people
/// are served as by the servers that are left. When it asks for more, "nothing is left" is wrong: flood and people get
/// their parts, and what people feel is that threads and backlog are taken.
#[test]
fn a_flood_is_not_missing_servers() {
    let desk_with = |kind: String| {
        let station = "cores: 10, threads: 100, backlog: 100, work: Exponential(mean: \"0.5 s\")";
        let incident = format!("\"it\": (kind: {kind}, waves: [(\"0 s\", \"4000 s\")])");
        desk(station, 6.0, "", &incident)
    };
    let flood = |rate: f64| {
        desk_with(format!(
            "ApplicationFlood(service: \"desk\", rate: \"{rate} /s\", work: \"0.5 s\")"
        ))
    };
    let missing = |factor: f64| desk_with(format!("Slowdown(service: \"desk\", factor: {factor})"));
    // A flood of 6 of the 10 cores, and 6 of the 10 cores gone: people need 3 of the 4 that are left.
    let (flooded, gone) = (measured(&flood(12.0), sojourn), measured(&missing(0.4), sojourn));
    println!("sojourn: flooded {flooded:?}, servers missing {gone:?}");
    assert!((flooded.0 - gone.0).abs() < 4.0 * flooded.1.hypot(gone.1).max(1e-9));
    // A flood of 15 of the 10 cores: people ask for 3 of 18, and get about that share of what there is.
    let (drowned, nothing) = (measured(&flood(30.0), useful), measured(&missing(0.001), useful));
    println!("logins a second: drowned {drowned:?}, no servers {nothing:?}");
    assert!(drowned.0 > 2.0 && drowned.0 < 5.0, "{drowned:?}");
    assert!(nothing.0 < 0.1, "{nothing:?}");
    let refused = |s: &Scenario| common::play(s, &options(0, &[])).services[0].refused[Refusal::Full as usize];
    assert!(refused(&flood(30.0)) > 1000);
    assert_eq!(refused(&flood(12.0)), 0);
}

/// A client that times out does not free its server, which does not know. Twice the load a server can bear then leaves
/// next to nothing useful; a model in which leaving takes the work away promises full use of the servers.
#[test]
fn timing_out_does_not_free_the_server() {
    let habit = "timeout: (after: Deterministic(\"10 s\"), scope: Sojourn)";
    let with = |wasted: bool| {
        let station =
            format!("cores: 4, threads: 4, backlog: 400, work: Exponential(mean: \"1 s\"), wasted_work: {wasted}");
        measured(&desk(&station, 8.0, habit, ""), useful)
    };
    let (wasting, noticing) = (with(true), with(false));
    println!("useful logins a second of 4 servers: {wasting:?}; if they noticed: {noticing:?}");
    assert!(wasting.0 < 0.2, "{wasting:?}");
    assert!(noticing.0 > 3.3, "{noticing:?}");
    // Below saturation nobody is kept waiting long enough to see the difference.
    let calm = |wasted: bool| {
        let station = format!("cores: 4, threads: 4, work: Exponential(mean: \"1 s\"), wasted_work: {wasted}");
        measured(&desk(&station, 2.0, habit, ""), useful)
    };
    assert!((calm(true).0 - calm(false).0).abs() < 0.01);
}
