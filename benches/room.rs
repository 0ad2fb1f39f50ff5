//! Nanoseconds of a turn (two join, one of them leaves, one is called) of a waiting room with n people, by order.
//!
//! `cargo bench --bench room`

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use preau::engine::{Purpose, Span, Streams, Time};
use preau::queueing::{Call, Room};
use preau::scenario::model::{Order, Quota};

fn room(order: Order) -> Room {
    let spec = Quota::unlimited(order);
    Room::new(Time::ZERO, spec, Streams::new(1, 0).sequence(Purpose::Lottery, 0))
}

fn turns(c: &mut Criterion) {
    let mut group = c.benchmark_group("room");
    group.sample_size(20);
    let minute = Span::from_secs(60.0);
    let orders = [
        ("fifo", Order::Fifo { bucket: Span::ZERO }),
        ("fifo by the minute", Order::Fifo { bucket: minute }),
        ("lottery", Order::Lottery),
        ("priority", Order::Priority { ageing: Some(minute) }),
    ];
    for (name, order) in orders {
        for n in [1_000_u32, 30_000, 1_000_000] {
            let mut room = room(order.clone());
            let gap = Span::from_secs(600.0 / f64::from(n));
            let mut now = Time::ZERO;
            for person in 0..n {
                now += gap;
                room.join(now, person, (person % 4) as u8);
            }
            // Who is called joins again under the same number; who leaves is one of as many others.
            let (mut comes, mut passes_by) = (n, n + 1);
            let mut turn = || {
                now += gap;
                room.join(now, comes, (comes % 4) as u8);
                room.join(now, passes_by, (passes_by % 4) as u8);
                room.leave(passes_by);
                passes_by = if passes_by == 2 * n { n + 1 } else { passes_by + 1 };
                let Some(Call::Person(next)) = room.call(now, |_| 1, |_| 0) else {
                    panic!("nobody waits");
                };
                comes = next;
            };
            // Twice round, so that there are as many entries of people who left as in the long run.
            for _ in 0..2 * n {
                turn();
            }
            group.bench_function(BenchmarkId::new(name, n), |b| b.iter(&mut turn));
        }
    }
    group.finish();
}

criterion_group!(benches, turns);
criterion_main!(benches);
