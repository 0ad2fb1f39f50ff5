//! Patience in a line: hardly anybody's ends, so hardly anybody's is worked out.
//!
//! −ln(1 − u) is at least u. So who draws u waits at least a mean times u, which is known without a logarithm; only who
//! still waits when that time comes has its deadline worked out. Most are in service long before.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A bucket is 2^28 ns wide, about a quarter of a second.
const WIDTH: u32 = 28;
/// Buckets of the ring: 34 s, more than the greatest lower bound.
const BUCKETS: usize = 128;

/// Somebody who may lose patience.
#[derive(Clone, Copy)]
struct Waiter {
    /// When it joined the line, ns.
    joined: f64,
    /// Its uniform.
    u: f64,
    ticket: u32,
}

/// Deadlines of those who wait in a line. Who waits is known by a ticket.
pub struct Patience {
    mean: f64,
    ring: Vec<Vec<Waiter>>,
    /// Buckets up to this one are empty.
    opened: u64,
    /// How many are in the ring.
    pending: usize,
    /// Deadlines that are worked out.
    near: BinaryHeap<Reverse<(u64, u32)>>,
    /// The next instant at which something is to be done, ns.
    pub at: f64,
}

impl Patience {
    /// Nobody waits; patience is exponential with this mean, ns, at most 30 s.
    pub fn new(mean: f64) -> Self {
        Patience {
            mean,
            ring: vec![Vec::new(); BUCKETS],
            opened: 0,
            pending: 0,
            near: BinaryHeap::new(),
            at: f64::INFINITY,
        }
    }

    #[inline]
    fn look(&mut self) {
        let near = self.near.peek().map_or(f64::INFINITY, |Reverse((at, _))| *at as f64);
        let bucket = if self.pending > 0 {
            ((self.opened + 1) << WIDTH) as f64
        } else {
            f64::INFINITY
        };
        self.at = near.min(bucket);
    }

    /// Somebody joins the line with a uniform drawn for its patience.
    #[inline]
    pub fn add(&mut self, now: f64, u: f64, ticket: u32) {
        if self.pending == 0 {
            self.opened = now as u64 >> WIDTH;
            // The ring may have been empty, so the next bucket was not waited for.
            let next = ((self.opened + 1) << WIDTH) as f64;
            self.at = self.at.min(next);
        }
        let waiter = Waiter { joined: now, u, ticket };
        let bucket = (now + self.mean * u) as u64 >> WIDTH;
        if bucket <= self.opened {
            self.work_out(waiter);
            return self.look();
        }
        self.pending += 1;
        self.ring[bucket as usize % BUCKETS].push(waiter);
    }

    fn work_out(&mut self, waiter: Waiter) {
        let after = -libm::log(1.0 - waiter.u) * self.mean;
        let at = (waiter.joined + after).round() as u64;
        self.near.push(Reverse((at, waiter.ticket)));
    }

    /// What is due now: somebody's patience may have ended, or the next bucket is opened. `waits` says who still waits.
    #[inline(never)]
    pub fn pop(&mut self, waits: impl Fn(u32) -> bool) -> Option<u32> {
        let due = self.near.peek().is_some_and(|Reverse((at, _))| *at as f64 <= self.at);
        let ended = if due {
            self.near.pop().map(|Reverse((_, ticket))| ticket)
        } else {
            None
        };
        if !due && self.pending > 0 {
            self.opened += 1;
            let mut bucket = std::mem::take(&mut self.ring[self.opened as usize % BUCKETS]);
            self.pending -= bucket.len();
            for waiter in bucket.drain(..) {
                if waits(waiter.ticket) {
                    self.work_out(waiter);
                }
            }
            self.ring[self.opened as usize % BUCKETS] = bucket;
        }
        self.look();
        ended.filter(|ticket| waits(*ticket))
    }
}
