//! Nanoseconds a *hold* (take the next event, schedule one later) with n pending events: the operation that a simulator
//! does all day. Delays are exponential with mean 10 minutes, so the list stays as it is in the long run.
//!
//! `cargo bench --bench hold`; `PREAU_HOLD_MAX=1000000` leaves out what is larger.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use preau::engine::{
    Distribution, Draw, Event, EventList, Fingerprint, Permutation, Purpose, SortedUniforms, Span, Streams, Time,
    Timers,
};

const SIZES: [u32; 4] = [1_000, 100_000, 1_000_000, 10_000_000];

fn sizes() -> impl Iterator<Item = u32> {
    let max = std::env::var("PREAU_HOLD_MAX")
        .ok()
        .and_then(|max| max.parse().ok())
        .unwrap_or(u32::MAX);
    SIZES.into_iter().filter(move |&n| n <= max)
}

fn draw() -> Draw {
    Streams::new(1, 0).sequence(Purpose::Other, 0)
}

/// Delays are drawn beforehand: the list is measured, not the logarithm.
fn delays() -> Vec<Span> {
    let mut draw = draw();
    (0..1 << 16)
        .map(|_| Span::from_secs(600.0 * draw.exponential()))
        .collect()
}

/// Delays of a school morning: answers in milliseconds, polls of exactly 30 s, visits of half an hour.
fn morning() -> Vec<Span> {
    let mut draw = draw();
    (0..1 << 16)
        .map(|_| match draw.below(3) {
            0 => Span::from_secs(0.05 * draw.exponential()),
            1 => Span::from_secs(30.0),
            _ => Span::from_secs(1800.0 * draw.exponential()),
        })
        .collect()
}

fn hold(c: &mut Criterion) {
    hold_with(c, "hold", &delays());
    hold_with(c, "hold of a morning", &morning());
}

fn hold_with(c: &mut Criterion, name: &str, delays: &[Span]) {
    let mut group = c.benchmark_group(name);
    group
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    for n in sizes() {
        let mut k = 0_usize;
        let mut next = || {
            k = k.wrapping_add(1);
            delays[k % delays.len()]
        };

        let mut list = EventList::new();
        for i in 0..n {
            list.schedule(Time::ZERO + next(), 0, i);
        }
        // Twice round, so that every pending event was scheduled by a hold.
        for _ in 0..2 * n {
            let event = list.pop().unwrap();
            list.schedule(event.time() + next(), 0, event.entity());
        }
        group.bench_function(BenchmarkId::new("event list", n), |b| {
            b.iter(|| {
                let event = list.pop().unwrap();
                list.schedule(event.time() + next(), 0, event.entity())
            });
        });
        println!("{:.2} bytes an event", list.bytes() as f64 / f64::from(n));
        drop(list);

        let mut heap = BinaryHeap::new();
        for i in 0..n {
            heap.push(Reverse(Event::new(Time::ZERO + next(), 0, i, i)));
        }
        let mut sequence = n;
        group.bench_function(BenchmarkId::new("std BinaryHeap", n), |b| {
            b.iter(|| {
                let event = heap.pop().unwrap().0;
                sequence = sequence.wrapping_add(1);
                let at = event.time() + next();
                heap.push(Reverse(Event::new(at, 0, sequence, event.entity())));
            });
        });
    }
    group.finish();
}

fn timers(c: &mut Criterion) {
    // Microseconds: with few timers time runs fast, and at `Time::MAX` there would be nothing left to do.
    let delays: Vec<Span> = delays().iter().map(|&delay| delay * 1e-6).collect();
    let mut group = c.benchmark_group("timers");
    group.sample_size(10).measurement_time(Duration::from_secs(1));
    for n in [8, 64, 512, 4096] {
        let mut timers = Timers::<1>::new(n);
        let mut k = 0_usize;
        let set = |timers: &mut Timers<1>, i: usize, at: Time| {
            timers.change(i, 0, Some(at));
            timers.replay(i);
        };
        for (i, &delay) in delays.iter().enumerate().take(n) {
            set(&mut timers, i, Time::ZERO + delay);
        }
        group.bench_function(BenchmarkId::new("reset the first", n), |b| {
            b.iter(|| {
                let (now, _, i) = timers.first().unwrap();
                k = k.wrapping_add(1);
                set(&mut timers, i, now + delays[k % delays.len()]);
            });
        });
        group.bench_function(BenchmarkId::new("reset another", n), |b| {
            b.iter(|| {
                let (now, ..) = timers.first().unwrap();
                k = k.wrapping_add(1);
                set(&mut timers, k * 7919 % n, now + delays[k % delays.len()]);
            });
        });
    }
    group.finish();
}

fn small_things(c: &mut Criterion) {
    let mut group = c.benchmark_group("small");
    group.sample_size(20).measurement_time(Duration::from_secs(1));
    let streams = Streams::new(1, 0);
    let mut draw = draw();
    let mut person = 0;
    group.bench_function("64 bits", |b| b.iter(|| draw.bits()));
    group.bench_function("uniform", |b| b.iter(|| draw.uniform()));
    group.bench_function("exponential", |b| b.iter(|| draw.exponential()));
    group.bench_function("normal", |b| b.iter(|| draw.normal()));
    group.bench_function("person's first exponential", |b| {
        b.iter(|| {
            person += 1;
            streams.person(Purpose::Patience, black_box(9), person).exponential()
        });
    });
    group.bench_function("poisson(3)", |b| b.iter(|| draw.poisson(3.0)));
    group.bench_function("poisson(1000)", |b| b.iter(|| draw.poisson(1000.0)));
    group.bench_function("binomial(1000, 0.1)", |b| b.iter(|| draw.binomial(1000, 0.1)));
    for law in [
        Distribution::Lognormal { mu: 2.0, sigma: 0.8 },
        Distribution::Gamma { shape: 2.5, mean: 6.0 },
        Distribution::Weibull {
            shape: 0.7,
            scale: 50.0,
        },
        Distribution::Erlang { k: 3, mean: 9.0 },
    ] {
        group.bench_function(law.kind().name, |b| b.iter(|| law.sample(&mut draw)));
    }
    let mut crowd = SortedUniforms::new(u64::MAX, draw);
    group.bench_function("next of a crowd", |b| b.iter(|| crowd.next()));
    for n in [1_000_000, 1 << 20, (1 << 20) + 1] {
        let permutation = Permutation::new(n, 7);
        let mut k = 0;
        group.bench_function(BenchmarkId::new("permutation", n), |b| {
            b.iter(|| {
                k = if k + 1 == n { 0 } else { k + 1 };
                permutation.apply(k)
            });
        });
    }
    let mut print = Fingerprint::new();
    let mut at = 0;
    group.bench_function("fingerprint", |b| {
        b.iter(|| {
            at += 3;
            print.absorb(Time(at), 5, at as u32);
        });
    });
    black_box(print.value());
    group.finish();
}

criterion_group!(benches, hold, timers, small_things);
criterion_main!(benches);
