//! Whole runs of scenarios: logical events a second of the workloads W1 and W2 (`models/bench`) and of the national day.
//!
//! `cargo bench --bench scenarios` runs a tenth of the workloads and a hundredth of the country;
//! `PREAU_LARGE=1 cargo bench --bench scenarios` a tenth of the country and the whole of it too, which lasts minutes.
//! How fast that is beside other tools: `benches/peers`.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use preau::scenario::model::Scenario;
use preau::scenario::{Source, load};
use preau::world::{Orbit, RunOptions, Unwatched, run};
use std::path::Path;
use std::time::Duration;

fn scenario(file: &str, set: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(file);
    load(&Source::File(path), &[set.to_owned()]).unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

fn options() -> RunOptions<'static> {
    RunOptions {
        seed: 1,
        replication: 0,
        policies: Vec::new(),
        orbit: Orbit::Auto,
        mode: preau::world::Mode::Auto,
        progress: None,
    }
}

fn runs(c: &mut Criterion) {
    let mut group = c.benchmark_group("scenarios");
    group.sample_size(10).warm_up_time(Duration::from_millis(500));
    let mut whole_run = |name: &str, file: &str, set: &str| {
        let scenario = scenario(file, set);
        let once = || run(&scenario, &options(), &mut Unwatched).unwrap();
        group.throughput(Throughput::Elements(once().stats.logical_events));
        group.bench_function(name, |b| b.iter_batched(|| (), |()| once(), BatchSize::PerIteration));
    };
    // A tenth of the time: a tenth of the size would be another queue, of one server.
    whole_run("w1, a tenth", "bench/w1.ron", "clock.end=\"55556 s\"");
    whole_run("w2, a tenth", "bench/w2.ron", "size=0.1");
    whole_run("national day, a hundredth", "2021-04-06.ron", "size=0.01");
    if std::env::var_os("PREAU_LARGE").is_some() {
        whole_run("national day, a tenth", "2021-04-06.ron", "size=0.1");
        whole_run("national day, all of it", "2021-04-06.ron", "size=1");
    }
    group.finish();
}

criterion_group!(benches, runs);
criterion_main!(benches);
