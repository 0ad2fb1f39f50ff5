//! The referee: runs in which every page, poll, refusal page and flood request is an event.

mod common;

use common::{mean_error, model_with, text};
use preau::experiment::referee::{Size, Verdict, family, gaps, judge, play};
use preau::measure::Outcome;
use preau::scenario::model::Scenario;
use preau::scenario::{Source, load};
use preau::world::{Mode, Observer, RunOptions, Unwatched, run};

fn made<O: Observer>(s: &Scenario, mode: Mode, replication: u64, observer: &mut O) -> Outcome {
    let options = RunOptions {
        seed: 11,
        replication,
        mode,
        ..RunOptions::default()
    };
    run(s, &options, observer).unwrap_or_else(|e| panic!("{e}"))
}

/// M/M/1-PS with people and a flood: the mean time in the system is 1/(1 − 0.3 − 0.5) = 5 s, by the product form.
#[test]
fn a_flood_request_by_request_gives_the_exact_mean_of_processor_sharing() {
    let sets = ["clock.end=20000 s".to_owned(), "clock.warm_up=0 s".to_owned()];
    let s = load(&Source::Builtin("theory/flood".into()), &sets).unwrap_or_else(|e| panic!("{e}"));
    let waits: Vec<f64> = (0..24)
        .map(|r| {
            made(&s, Mode::Events, r, &mut Unwatched).cohorts[0]
                .waits
                .mean()
                .unwrap_or(0.0)
        })
        .collect();
    let (mean, error) = mean_error(&waits);
    assert!(((mean - 5.0) / error).abs() < 4.0, "{mean} ± {error}");
}

/// A machine repair model: sessions that think 10 s and ask one core for pages of 1 s. With a deterministic or any other law
/// of pages the share of time the core is busy is that of M/M/1//N (insensitivity of processor sharing): for N = 12 at
/// z = 10 and w = 1, 1 − 1/Σ N!/(N−k)!·10^−k.
#[test]
fn pages_of_sessions_keep_a_core_as_busy_as_the_machine_repair_model_says() {
    let s = text(
        r#"(
            name: "repair", title: "Sessions and a core", clock: (end: "60000 s", bin: "6000 s"),
            services: {"desk": (
                station: (cores: 1, work: Deterministic("0.000001 s")),
                session: (think: "10 s", page_work: "1 s"),
            )},
            habits: {"plain": (giving_up: [(share: "100 %", then: Nothing)])},
            routes: {"visit": (steps: ["desk"])},
            cohorts: {"people": (
                level: other, habit: "plain", routes: [(share: "100 %", route: "visit")],
                arrivals: Closed(population: 12, think: Deterministic("0.001 s")), duration: Deterministic("100000 s"),
            )},
        )"#,
    );
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 0..12 {
        term *= f64::from(12 - k) / 10.0;
        sum += term;
    }
    let exact = 1.0 - 1.0 / sum;
    let busy: Vec<f64> = (0..10)
        .map(|r| {
            let o = made(&s, Mode::Events, r, &mut Unwatched);
            let bins = &o.series.services[0];
            bins[1..].iter().map(|b| b.utilisation).sum::<f64>() / (bins.len() - 1) as f64
        })
        .collect();
    let (mean, error) = mean_error(&busy);
    assert!(((mean - exact) / error).abs() < 4.0, "{mean} ± {error}, exact {exact}");
    // The fluid has the core busy without a break: 12 pages in 11 s.
    let fluid = made(&s, Mode::Auto, 0, &mut Unwatched).series.services[0][5].utilisation;
    assert!(fluid > 0.999 && exact < 0.93, "{fluid} {exact}");
}

/// Before a door that is shut, clients that never get an answer send next to nothing: what they drop is no page, with the referee and without.
#[test]
fn what_clients_drop_costs_no_page() {
    let s = text(
        r#"(
            name: "dropped", title: "Clients that hold back", clock: (end: "2 h"),
            services: {"desk": (station: (cores: 400, work: Deterministic("1 s")), quota: (max_sessions: 0, page_work: "1 s"), session: ())},
            habits: {"plain": (retries: [(share: "100 %", delay: Exponential(mean: "10 s"))])},
            cohorts: {"people": (people: 1000, habit: "plain", arrivals: Crowd([(at: "0 s")]), duration: Deterministic("1 h"))},
            incidents: {"throttle": (kind: PolicyChange(act: ClientThrottle(services: ["desk"], throttle: (factor: 2))), waves: [("0 s", "1 s")])},
        )"#,
    );
    let busy = |mode| {
        let o = made(&s, mode, 0, &mut Unwatched);
        let bins = &o.series.services[0][1..];
        400.0 * bins.iter().map(|b| b.utilisation).sum::<f64>() / bins.len() as f64
    };
    let (fluid, events) = (busy(Mode::Auto), busy(Mode::Events));
    assert!(fluid < 1.0 && events < 1.0, "{fluid} and {events} cores");
}

#[test]
fn runs_repeat_and_books_balance_with_every_kind_of_request() {
    // A gate with pages, tabs, an outage, lost packets and a flood; the run itself checks its books.
    let s = model_with("gated", &[]);
    let prints = [0, 0, 1].map(|r| made(&s, Mode::Events, r, &mut Unwatched).fingerprint);
    assert_eq!(prints[0], prints[1]);
    assert_ne!(prints[0], prints[2]);
    let room = [
        "services.ent.quota.order=Fifo(bucket: \"1 min\")",
        "services.ent.quota.poll=20 s",
        "services.ent.station.wasted_work=false",
    ];
    made(&model_with("gated", &room), Mode::Events, 0, &mut Unwatched);
    made(&model_with("small", &[]), Mode::Events, 0, &mut Unwatched);
}

#[test]
fn a_small_share_of_the_family_has_no_unknown_gap() {
    let systems: Vec<_> = family(Size::Quick).into_iter().filter(|s| s.load < 1.0).collect();
    let pairs = play(&systems, 5, 3, &|_, _| ()).unwrap();
    let report = judge(&pairs, &gaps::known().unwrap(), 5);
    let unknown: Vec<_> = report.rows.iter().filter(|r| r.verdict == Verdict::Gap).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(report.rows.len() > 30 * systems.len());
}
