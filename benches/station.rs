//! Nanoseconds of a turn (the next login is done, another one comes) of a station that is busy with n logins, which
//! share half as many cores.
//!
//! `cargo bench --bench station`

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use preau::engine::{Purpose, Streams, Time};
use preau::queueing::Station;
use preau::scenario::model::Scenario;
use preau::scenario::{Source, load};

/// A station of so many cores without a limit of threads.
fn scenario(cores: u32) -> Scenario {
    let station = format!(r#"station: (cores: {cores}, work: Exponential(mean: "1 s"))"#);
    let text = format!(
        r#"(clock: (end: "1 h"), services: {{"s": ({station})}}, cohorts: {{"c": (arrivals: Poisson(rate: "1 /s"))}})"#
    );
    let name = String::from("station");
    load(&Source::Text { name, text }, &[]).unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

fn turns(c: &mut Criterion) {
    let mut group = c.benchmark_group("station");
    group.sample_size(20);
    let mut draw = Streams::new(1, 0).sequence(Purpose::Work, 0);
    // Drawn beforehand: the station is measured, not the logarithm.
    let works: Vec<f64> = (0..1 << 16).map(|_| draw.exponential()).collect();
    for n in [10, 1000, 100_000] {
        let mut station = Station::new(&scenario(n / 2).services[0].station, None);
        let mut work = works.iter().cycle();
        let mut offer = |station: &mut Station, now| station.offer(now, 1, 0, *work.next().unwrap());
        for _ in 0..n {
            offer(&mut station, Time::ZERO);
        }
        let mut turn = || {
            let now = station.next_completion().unwrap();
            let done = station.complete(now);
            offer(&mut station, now);
            done
        };
        // Twice round, so that remaining works are as they are in the long run.
        for _ in 0..2 * n {
            turn();
        }
        group.bench_function(BenchmarkId::new("done, and another comes", n), |b| b.iter(&mut turn));
    }
    group.finish();
}

criterion_group!(benches, turns);
criterion_main!(benches);
