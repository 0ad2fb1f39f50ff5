//! The event list against the obvious one, a binary heap: same events, same order, whatever the interleaving.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use preau::engine::{Event, EventList, Purpose, Streams, Time};
use proptest::prelude::*;

/// Both lists, fed alike.
#[derive(Default)]
struct Pair {
    list: EventList,
    heap: BinaryHeap<Reverse<Event>>,
    now: u64,
}

impl Pair {
    fn schedule(&mut self, delay: u64, class: u8, entity: u32) {
        let at = Time((self.now + delay).min(Time::MAX.0));
        let sequence = self.list.schedule(at, class, entity);
        assert_ne!(sequence, 0);
        self.heap.push(Reverse(Event::new(at, class, sequence, entity)));
    }

    fn pop(&mut self) -> Option<Event> {
        let expected = self.heap.pop().map(|event| event.0);
        assert_eq!(self.list.peek(), expected);
        assert_eq!(self.list.pop(), expected);
        assert_eq!(self.list.len(), self.heap.len());
        assert_eq!(self.list.is_empty(), self.heap.is_empty());
        if let Some(event) = expected {
            self.now = event.time().0;
        }
        expected
    }

    fn drain(&mut self) {
        while self.pop().is_some() {}
    }
}

/// Delays of every magnitude, ties included.
fn delay() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => Just(0_u64),
        3 => 0_u64..4,
        2 => (0_u32..60, 0_u64..64).prop_map(|(shift, n)| (n << shift).min(Time::MAX.0)),
        1 => 0_u64..=Time::MAX.0,
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Schedule(u64, u8, u32),
    Pop(u32),
    Peek,
    /// Many events within a span.
    Burst(u32, u64, u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (delay(), 0_u8..16, any::<u32>()).prop_map(|(d, c, e)| Step::Schedule(d, c, e)),
        5 => (1_u32..4).prop_map(Step::Pop),
        1 => (1_u32..3000).prop_map(Step::Pop),
        2 => Just(Step::Peek),
        1 => (1_u32..4000, delay(), any::<u64>()).prop_map(|(n, d, s)| Step::Burst(n, d, s)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn same_order_as_a_binary_heap(steps in prop::collection::vec(step(), 1..80)) {
        let mut pair = Pair::default();
        for step in steps {
            match step {
                Step::Schedule(delay, class, entity) => pair.schedule(delay, class, entity),
                Step::Pop(times) => for _ in 0..times { pair.pop(); },
                Step::Peek => prop_assert_eq!(pair.list.peek(), pair.heap.peek().map(|e| e.0)),
                Step::Burst(n, span, seed) => {
                    let mut draw = Streams::new(seed, 0).sequence(Purpose::Other, 0);
                    for i in 0..n {
                        let delay = (draw.uniform() * span as f64) as u64;
                        pair.schedule(delay, draw.below(16) as u8, i);
                    }
                }
            }
        }
        pair.drain();
    }
}

/// Events scheduled at the instant of the last popped one, in an earlier class, come next.
#[test]
fn an_earlier_class_of_the_same_instant_comes_next() {
    let mut pair = Pair::default();
    pair.schedule(5, 7, 1);
    pair.schedule(5, 9, 2);
    pair.schedule(6, 0, 3);
    assert_eq!(pair.pop().unwrap().entity(), 1);
    pair.schedule(0, 2, 4);
    assert_eq!(pair.pop().unwrap().entity(), 4);
    assert_eq!(pair.pop().unwrap().entity(), 2);
    pair.drain();
}

/// A hundred thousand events of one instant cannot be dealt out any further, nor need they be.
#[test]
fn one_instant_may_hold_everything() {
    let mut pair = Pair::default();
    for i in 0..100_000_u32 {
        pair.schedule(1 << 40, (i % 16) as u8, i);
    }
    for i in 0..50_000_u32 {
        pair.pop();
        pair.schedule(0, (i % 16) as u8, i);
    }
    pair.drain();
}

/// A peek far ahead must not make what is scheduled before it slow or wrong: the list opens on popping only.
#[test]
fn a_burst_before_a_peeked_event() {
    let mut pair = Pair::default();
    pair.schedule(Time::MAX.0, 0, 0);
    pair.schedule(1, 0, 0);
    pair.pop();
    pair.list.peek();
    let mut draw = Streams::new(3, 0).sequence(Purpose::Other, 0);
    for i in 0..200_000 {
        pair.schedule(u64::from(draw.below(1_000_000_000)), 0, i);
        pair.list.peek();
    }
    pair.drain();
}

/// Sparse events, then a burst into the wide interval that the last of them opened.
#[test]
fn a_burst_into_an_open_interval() {
    let mut pair = Pair::default();
    let mut draw = Streams::new(4, 0).sequence(Purpose::Other, 0);
    for day in 1..10 {
        pair.schedule(day * 86_400_000_000_000, 0, day as u32);
    }
    pair.pop();
    for i in 0..100_000 {
        pair.schedule(u64::from(draw.below(u32::MAX)) * 1000, 0, i);
        if i % 3 == 0 {
            pair.pop();
        }
    }
    pair.drain();
}

/// Memory at a million pending: at most 20 bytes an event.
#[test]
fn memory_is_close_to_the_events_themselves() {
    let mut list = EventList::new();
    let mut draw = Streams::new(5, 0).sequence(Purpose::Other, 0);
    let n = 1_000_000;
    for i in 0..n {
        list.schedule(Time::from_secs(600.0 * draw.exponential()), 0, i);
    }
    for i in 0..n {
        let now = list.pop().unwrap().time();
        let delay = preau::engine::Span::from_secs(600.0 * draw.exponential());
        list.schedule(now + delay, 0, i);
    }
    let each = list.bytes() as f64 / f64::from(n);
    assert!(each <= 20.0, "{each} bytes an event");
}

/// A release build moves an event of the past to the present.
#[test]
#[cfg(not(debug_assertions))]
fn the_past_is_clamped_to_now() {
    let mut list = EventList::new();
    list.schedule(Time(10), 0, 1);
    list.pop();
    list.schedule(Time(3), 0, 2);
    assert_eq!(list.pop().unwrap().time(), Time(10));
}
