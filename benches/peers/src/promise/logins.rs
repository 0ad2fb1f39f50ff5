//! Logins in service at a large station, by when they are done.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// Logins in service. Times are not negative, so their bits order as they do; packed in one integer with the sequence they
/// are compared without a branch: the total order of (time, sequence).
#[derive(Default)]
pub struct Logins {
    heap: BinaryHeap<Reverse<u128>>,
    sequence: u32,
}

impl Logins {
    /// When the first is done, and whose it is.
    #[inline]
    pub fn first(&self) -> Option<(f64, u32)> {
        let Reverse(first) = *self.heap.peek()?;
        Some((f64::from_bits((first >> 64) as u64), first as u32))
    }

    #[inline]
    fn entry(&mut self, at: f64, who: u32) -> Reverse<u128> {
        self.sequence = self.sequence.wrapping_add(1);
        Reverse(u128::from(at.to_bits()) << 64 | u128::from(self.sequence) << 32 | u128::from(who))
    }

    /// One more, until `at`.
    #[inline]
    pub fn push(&mut self, at: f64, who: u32) {
        let entry = self.entry(at, who);
        self.heap.push(entry);
    }

    /// The first is done and another takes its place.
    #[inline]
    pub fn replace(&mut self, at: f64, who: u32) {
        let entry = self.entry(at, who);
        if let Some(mut first) = self.heap.peek_mut() {
            *first = entry;
        }
    }

    /// The first is done.
    #[inline]
    pub fn pop(&mut self) {
        if let Some(first) = self.heap.peek_mut() {
            PeekMut::pop(first);
        }
    }
}
