//! The loops that keep promises run the same model as the bare loop and as preau, whatever they keep.
//!
//! Another way in which they could go wrong has its test here.

use preau::engine::{Span, Time};
use preau::queueing::{Offer, Station};
use preau::scenario::{Source, load};
use preau_peers::promise::few::Few;
use preau_peers::promise::shared::Shared;
use preau_peers::promise::{BOOKS, PRINT, RECORD, SHARING, STEPS, Told, run_w1, run_w2};
use preau_peers::rivals::{hand_w2, preau_w1, preau_w2};

/// Erlang's C(10, 9) / (10 − 9), s.
const MEAN_WAIT: f64 = 0.668_73;
/// Farther from what is expected than so many standard deviations is a defect and no accident.
const FAR: f64 = 4.0;

fn steps() -> std::ops::Range<u8> {
    0..STEPS.len() as u8
}

/// Mean and variance of the mean.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
    (mean, squares / (n - 1.0) / n)
}

/// How many standard deviations two samples' means are apart; equal constants are not.
fn z(a: &[f64], b: &[f64]) -> f64 {
    let ((a, va), (b, vb)) = (moments(a), moments(b));
    if a == b { 0.0 } else { (a - b) / (va + vb).sqrt() }
}

fn named(told: &[Told], name: &str) -> Vec<f64> {
    told.iter()
        .map(|one| one.named(name).unwrap_or_else(|| panic!("{name} is not told")))
        .collect()
}

#[test]
fn w1_waits_as_long_as_erlang_says() {
    for keep in steps() {
        let told: Vec<Told> = (1..=30).map(|seed| run_w1(keep, 0.01, seed)).collect();
        let (mean, variance) = moments(&named(&told, "mean_wait"));
        let off = (mean - MEAN_WAIT) / variance.sqrt();
        assert!(off.abs() < FAR, "step {keep}: {mean} s, {off} standard errors");
    }
}

#[test]
fn w2_counts_as_the_bare_loop_does() {
    const SEEDS: u64 = 16;
    let size = 0.02;
    let hand: Vec<_> = (1..=SEEDS).map(|seed| hand_w2(size, seed)).collect();
    for keep in steps() {
        let told: Vec<Told> = (101..=100 + SEEDS).map(|seed| run_w2(keep, size, seed)).collect();
        for (i, (name, _)) in hand[0].named.iter().enumerate() {
            let theirs: Vec<f64> = hand.iter().map(|done| done.named[i].1).collect();
            let off = z(&named(&told, name), &theirs);
            assert!(off.abs() < FAR, "step {keep}: {name} is {off} standard deviations off");
        }
    }
}

#[test]
fn w2_balances() {
    for keep in steps() {
        let told = run_w2(keep, 0.05, 9);
        let n = |name| told.named(name).unwrap_or(f64::NAN);
        assert_eq!(n("customers"), n("sessions") + n("gaveup"), "step {keep}");
        assert_eq!(n("served"), n("sessions"), "step {keep}");
        assert_eq!(
            n("attempts"),
            n("served") + n("reneged") + n("rejected") + n("quota"),
            "step {keep}"
        );
        let Some(books) = &told.books else { continue };
        assert_eq!(books.wanted, books.obtained + books.lost, "step {keep}");
        assert_eq!(books.cohort_waits.count() as f64, n("served"));
    }
}

#[test]
fn w1_draws_what_preau_draws() {
    // The very same numbers, so the very same people and waits: to the nanosecond, for both keep the same clock.
    let size = 0.02;
    for seed in [1, 2] {
        let preau = preau_w1(size, seed).expect("the model runs");
        let all = &preau.services[0];
        for keep in RECORD..=SHARING {
            let told = run_w1(keep, size, seed);
            let n = |name| told.named(name).unwrap_or(f64::NAN);
            assert_eq!(n("customers"), all.knocks as f64, "step {keep}");
            assert_eq!(n("done"), all.logins as f64, "step {keep}");
        }
        let books = run_w1(SHARING, size, seed).books.expect("books are kept");
        let off = books.mean_wait() - all.waits.mean().unwrap_or(0.0);
        assert!(off.abs() < 1e-9, "mean waits differ by {off} s");
        for p in [0.1, 0.5, 0.9, 0.99] {
            assert_eq!(books.cohort_waits.quantile(p), preau.cohorts[0].waits.quantile(p));
        }
        for (ours, theirs) in books.cells.iter().zip(&preau.series.services[0]) {
            assert_eq!((ours.knocks, ours.logins), (theirs.knocks, theirs.logins));
            assert_eq!((ours.in_5min, ours.first_knocks), (theirs.in_5min, theirs.first_knocks));
            let width = preau.series.width;
            assert!((ours.busy / width - theirs.utilisation).abs() < 1e-6);
            assert!((ours.quality / width - theirs.quality).abs() < 1e-6);
        }
    }
}

#[test]
fn w2_books_what_preau_books() {
    const SEEDS: u64 = 12;
    let size = 0.02;
    let preau: Vec<_> = (1..=SEEDS)
        .map(|seed| preau_w2(size, seed).expect("the model runs"))
        .collect();
    for keep in BOOKS..STEPS.len() as u8 {
        let told: Vec<Told> = (201..=200 + SEEDS).map(|seed| run_w2(keep, size, seed)).collect();
        let apart = |what: &str, ours: Vec<f64>, theirs: Vec<f64>| {
            let off = z(&ours, &theirs);
            assert!(off.abs() < FAR, "step {keep}: {what} is {off} standard deviations off");
        };
        let service =
            |f: fn(&preau::measure::Tally) -> f64| preau.iter().map(|o| f(&o.services[0])).collect::<Vec<_>>();
        apart("knocks", named(&told, "attempts"), service(|t| t.knocks as f64));
        apart("logins", named(&told, "served"), service(|t| t.logins as f64));
        apart("gave up", named(&told, "gaveup"), service(|t| t.gave_up as f64));
        apart("quota", named(&told, "quota"), service(|t| t.refused[0] as f64));
        apart("full", named(&told, "rejected"), service(|t| t.refused[1] as f64));
        apart("timeout", named(&told, "reneged"), service(|t| t.refused[6] as f64));
        apart(
            "in a minute",
            named(&told, "in_1min"),
            service(|t| t.connected_within[0] as f64),
        );
        apart(
            "in 5 min",
            named(&told, "in_5min"),
            service(|t| t.connected_within[1] as f64),
        );
        apart(
            "in 15 min",
            named(&told, "in_15min"),
            service(|t| t.connected_within[2] as f64),
        );
        apart(
            "mean wait",
            named(&told, "mean_cohort_wait"),
            service(|t| t.waits.mean().unwrap_or(0.0)),
        );
        let hours = |t: &preau::measure::Tally| preau::measure::Learning::hours(t.learning.obtained);
        let theirs = preau.iter().map(|o| hours(&o.cohorts[0])).collect();
        apart("hours obtained", named(&told, "hours_obtained"), theirs);
        for bin in 0..8 {
            let cells = |f: fn(&preau_peers::promise::books::Cell) -> u64| {
                let of = |one: &Told| one.books.as_ref().map_or(f64::NAN, |b| f(&b.cells[bin]) as f64);
                told.iter().map(of).collect::<Vec<_>>()
            };
            let bins = |f: fn(&preau::measure::Bin) -> u64| {
                let of = |o: &preau::measure::Outcome| f(&o.series.services[0][bin]) as f64;
                preau.iter().map(of).collect::<Vec<_>>()
            };
            apart("knocks of a bin", cells(|c| c.knocks), bins(|b| b.knocks));
            apart("refusals of a bin", cells(|c| c.refused[0]), bins(|b| b.refused[0]));
            apart("logins of a bin", cells(|c| c.logins), bins(|b| b.logins));
            apart("given up in a bin", cells(|c| c.gave_up), bins(|b| b.gave_up));
            apart("in 5 min, of a bin", cells(|c| c.in_5min), bins(|b| b.in_5min));
            apart("sessions at its end", cells(|c| c.sessions), bins(|b| b.sessions));
            apart("orbit at its end", cells(|c| c.orbit), bins(|b| b.orbit));
        }
    }
}

#[test]
fn runs_repeat_and_events_do_not_depend_on_books() {
    for (workload, size) in [(run_w1 as fn(u8, f64, u64) -> Told, 0.005), (run_w2, 0.02)] {
        for keep in PRINT..STEPS.len() as u8 {
            let (a, b, other) = (
                workload(keep, size, 5),
                workload(keep, size, 5),
                workload(keep, size, 6),
            );
            assert_eq!((a.fingerprint, &a.named), (b.fingerprint, &b.named));
            assert_ne!(a.fingerprint, other.fingerprint);
        }
    }
    // In W1 books and records change nothing of what happens.
    let prints: Vec<u64> = (PRINT..=BOOKS).map(|keep| run_w1(keep, 0.005, 5).fingerprint).collect();
    assert!(prints.iter().all(|print| *print == prints[0]), "{prints:x?}");
}

#[test]
fn the_shared_processor_is_the_station() {
    // Ten cores and thirty threads, so that logins slow each other down: the station of preau, and the one written by hand.
    let sets = [String::from("services.q.station.threads=30")];
    let scenario = load(&Source::Builtin(String::from("bench/w1")), &sets).expect("the model is read");
    let spec = &scenario.services[0].station;
    let mut station = Station::new(spec, None);
    let mut shared = Shared::new(spec.cores);
    let mut ends: Vec<f64> = Vec::new();
    let mut random = 1_u64;
    let mut uniform = || {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut arrival = 0.0_f64;
    let mut most = 0;
    for number in 0..5_000 {
        let due = shared.due(ends.iter().copied().fold(f64::INFINITY, f64::min));
        if due <= arrival {
            assert_eq!(station.next_completion(), Some(Time(due as u64)));
            station.complete(Time(due as u64));
            shared.advance(due);
            ends.sort_by(f64::total_cmp);
            shared.reach(ends.remove(0));
        } else {
            let work = -(1.0 - uniform()).ln();
            if ends.len() < 30 {
                let offer = station.offer(Time(arrival as u64), number, 0, work);
                assert!(matches!(offer, Offer::Started(_)));
                shared.advance(arrival);
                ends.push(shared.v + work);
            }
            arrival += Span::from_secs(-(1.0 - uniform()).ln() / 10.5).0 as f64;
        }
        shared.serve(ends.len());
        most = most.max(ends.len());
    }
    assert!(most > Few::MOST, "nobody was slowed down");
    assert!((station.integrals().busy - shared.busy).abs() < 1e-6);
}
