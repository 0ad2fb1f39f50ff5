//! Nanoseconds of a knock from the orbit with n people in a pool: one is taken at random, what it did in vain since
//! last looked at is drawn, it waits again.
//!
//! `cargo bench --bench orbit`

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use preau::engine::{Purpose, Span, Streams, Time};
use preau::queueing::{Pool, REASONS, VainClock};

/// Knocks per second of one person.
const RATE: f64 = 1.0 / 45.0;

fn pool(n: u32) -> Pool {
    let mut pool = Pool::new(RATE, Streams::new(1, 0).sequence(Purpose::Pool, 0));
    (0..n).for_each(|who| pool.push(who, 0));
    pool
}

fn knocks(c: &mut Criterion) {
    let mut group = c.benchmark_group("orbit");
    group.sample_size(20);
    for n in [1_000, 30_000, 1_000_000] {
        let mut only = pool(n);
        group.bench_function(BenchmarkId::new("take and push", n), |b| {
            b.iter(|| {
                let who = only.take(|_, _| true).unwrap();
                only.push(who, 0);
                only.look_ahead().count()
            });
        });

        let mut pool = pool(n);
        let mut clock = VainClock::new();
        // Half of all knocks are in vain.
        let mut slopes = [0.0; REASONS];
        slopes[0] = 0.5;
        clock.set(Time::ZERO, false, slopes, 0);
        let mut looked_at = vec![0.0; n as usize];
        let bin = Span::from_secs(300.0);
        let (mut now, mut bin_ends) = (Time::ZERO, Time::ZERO + bin);
        let gap = Span::from_secs(1.0 / (RATE * f64::from(n)));
        group.bench_function(BenchmarkId::new("take, settle, push", n), |b| {
            b.iter(|| {
                now += gap;
                if now >= bin_ends {
                    clock.mark(bin_ends);
                    bin_ends += bin;
                }
                let who = pool.take(|_, _| true).unwrap();
                let (from, to) = (looked_at[who as usize], clock.read(now));
                looked_at[who as usize] = to;
                let bins = clock.bin_of(from)..=clock.bin_of(to);
                let in_vain: u64 = bins
                    .map(|bin| pool.draw().poisson(RATE * clock.gained(bin, from, to)))
                    .sum();
                pool.push(who, 0);
                in_vain
            });
        });
    }
    group.finish();
}

criterion_group!(benches, knocks);
criterion_main!(benches);
