//! Event lists of the loop written by hand: times are whole ticks, an entry is 16 bytes.
//!
//! None keeps the order of scheduling among events of the same tick: it would cost the loop time, and the workloads
//! do not need it. Each is reproducible all the same.

use radix_heap::RadixHeapMap;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// Pending events, the earliest out first.
pub trait EventList<E>: Default {
    /// Adds an event.
    fn push(&mut self, time: u64, event: E);
    /// Takes the earliest event.
    fn pop(&mut self) -> Option<(u64, E)>;
}

/// An event with its time; the order is that of times.
#[derive(Clone, Copy)]
struct Entry<E> {
    time: u64,
    event: E,
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.time == other.time
    }
}
impl<E> Eq for Entry<E> {}
impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.time.cmp(&other.time)
    }
}

/// An implicit heap with four children a node: half the levels of a binary one, and the children of a node lie in one
/// cache line or two.
pub struct Quaternary<E>(Vec<Entry<E>>);

impl<E> Default for Quaternary<E> {
    fn default() -> Self {
        Quaternary(Vec::new())
    }
}

/// The earlier of two places, with its time.
#[inline]
fn earlier(a: (u64, usize), b: (u64, usize)) -> (u64, usize) {
    if b.0 < a.0 { b } else { a }
}

impl<E: Copy> EventList<E> for Quaternary<E> {
    #[inline]
    fn push(&mut self, time: u64, event: E) {
        let new = Entry { time, event };
        let mut hole = self.0.len();
        self.0.push(new);
        while hole > 0 {
            let parent = (hole - 1) / 4;
            if self.0[parent].time <= time {
                break;
            }
            self.0[hole] = self.0[parent];
            hole = parent;
        }
        self.0[hole] = new;
    }

    #[inline]
    fn pop(&mut self) -> Option<(u64, E)> {
        let last = self.0.pop()?;
        let heap = self.0.as_mut_slice();
        let Some(&first) = heap.first() else {
            return Some((last.time, last.event));
        };
        let mut hole = 0;
        loop {
            let child = 4 * hole + 1;
            let (time, place) = if let Some([a, b, c, d]) = heap.get(child..child + 4) {
                // A tournament, so that two of the three comparisons do not wait for each other.
                let left = earlier((a.time, child), (b.time, child + 1));
                let right = earlier((c.time, child + 2), (d.time, child + 3));
                earlier(left, right)
            } else {
                let rest = heap.get(child..).unwrap_or_default().iter().zip(child..);
                rest.fold((u64::MAX, child), |best, (e, place)| earlier(best, (e.time, place)))
            };
            if time >= last.time {
                break;
            }
            heap[hole] = heap[place];
            hole = place;
        }
        heap[hole] = last;
        Some((first.time, first.event))
    }
}

/// The heap of the standard library.
pub struct Standard<E>(BinaryHeap<Reverse<Entry<E>>>);

impl<E> Default for Standard<E> {
    fn default() -> Self {
        Standard(BinaryHeap::new())
    }
}

impl<E: Copy> EventList<E> for Standard<E> {
    #[inline]
    fn push(&mut self, time: u64, event: E) {
        self.0.push(Reverse(Entry { time, event }));
    }
    #[inline]
    fn pop(&mut self) -> Option<(u64, E)> {
        self.0.pop().map(|Reverse(e)| (e.time, e.event))
    }
}

/// The radix heap of the crate of that name: simulated time only grows, which is all that it asks.
pub struct Radix<E>(RadixHeapMap<Reverse<u64>, E>);

impl<E> Default for Radix<E> {
    fn default() -> Self {
        Radix(RadixHeapMap::new_at(Reverse(0)))
    }
}

impl<E: Copy> EventList<E> for Radix<E> {
    #[inline]
    fn push(&mut self, time: u64, event: E) {
        self.0.push(Reverse(time), event);
    }
    #[inline]
    fn pop(&mut self) -> Option<(u64, E)> {
        self.0.pop().map(|(Reverse(time), event)| (time, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    /// Events go in at times not before the last one out, and come out sorted.
    fn sorts<L: EventList<u64>>() {
        let mut random = SmallRng::seed_from_u64(1);
        let mut list = L::default();
        let (mut now, mut pushed, mut popped) = (0, 0_u64, 0_u64);
        for turn in 0..20_000 {
            if turn < 10_000 && random.random_range(0..3) > 0 {
                let time = now + random.random_range(0..1000);
                list.push(time, time);
                pushed += 1;
            } else if let Some((time, event)) = list.pop() {
                assert!(time >= now);
                assert_eq!(time, event);
                now = time;
                popped += 1;
            }
        }
        assert_eq!(pushed, popped);
    }

    #[test]
    fn lists_sort() {
        sorts::<Quaternary<u64>>();
        sorts::<Standard<u64>>();
        sorts::<Radix<u64>>();
    }
}
