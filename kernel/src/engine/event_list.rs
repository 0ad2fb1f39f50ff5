//! The event list: millions of pending events, taken out in total order.
//!
//! # How it works
//! Simulated time only grows, so a *monotone* queue is enough, and a monotone queue need not compare events
//! until their turn is near. This one is a radix heap (Ahuja, Mehlhorn, Orlin, Tarjan, "Faster algorithms for
//! the shortest path problem", J. ACM 37, 1990) with 64-way digits, whose first bucket is opened by sorting it as
//! in a ladder queue (Tang, Goh, Thng, ACM TOMACS 15, 2005):
//!
//! - *levels*: an event whose time first differs from the base time in base-64 digit `l` lies in level `l`, in the
//!   slot named by that digit. Slots are unordered piles: adding to one is a write at its end.
//! - *opening*: when the near events are used up, the first slot of the lowest level that has any holds the next events.
//!   A small pile is sorted and becomes the near events; a big one is first dealt out over the level below.
//!   An event moves down at most ten times, each time by a sequential copy, and is sorted only among about a hundred
//!   neighbours: no cache miss grows with the number of pending events.
//! - *near events*: the sorted pile, and a small binary heap for events scheduled into the open interval later.
//!   If that heap grows large (a burst scheduled into a wide open interval), the interval is closed
//!   and dealt out again on the next level down.
//!
//! Piles are made of chunks of 64 events from a shared pool, because doubling arrays would hold up to twice the
//! memory, three times while they grow.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Event, Time};

/// Bits of a digit: 64 slots a level, so that a machine word maps which are occupied.
const DIGIT: u32 = 6;
/// Slots of a level.
const SLOTS: usize = 1 << DIGIT;
/// Levels: ten digits of six bits are the sixty bits of a time.
const LEVELS: usize = 10;
/// Events of a chunk: 1 KiB, so a half-empty chunk in each slot stays negligible.
const CHUNK: usize = 64;
/// Piles up to this size are sorted rather than dealt out. Measured with 1 k to 1 M pending: 64 and 1024 cost up to 75 % more
/// at 1 k, and all three the same at 1 M.
const OPEN: usize = 256;
/// The near heap may grow to this size (16 KiB, within the first-level cache) before the interval is closed again.
const CROWDED: usize = 1024;

/// The pending events of a run.
///
/// ```
/// use preau::engine::{EventList, Time};
/// let mut list = EventList::new();
/// list.schedule(Time(9), 2, 71);
/// let end = list.schedule(Time(5), 3, 72);
/// let departure = list.schedule(Time(5), 0, 73);
/// assert_eq!(list.pop().unwrap().sequence(), departure); // same instant, lower class
/// assert_eq!(list.pop().unwrap().sequence(), end);
/// assert_eq!(list.pop().unwrap().entity(), 71);
/// assert_eq!(list.pop(), None);
/// ```
///
/// # Cancelling
/// Nothing is ever removed but by [`EventList::pop`]. [`EventList::schedule`] returns the event's sequence number;
/// whoever schedules stores it, and an event that comes up with another number than the stored one is stale: ignore it.
///
/// # The sequence wraps
/// Sequence numbers run from 1 to 2^32 − 1 and start again; 0 is never given, so a record full of zeros waits for nothing.
/// Wrapping is harmless. As a tie-break it could only swap two events of the same nanosecond and class scheduled
/// on both sides of the wrap, and would do so alike in every repetition of the run. As a generation it could take a stale
/// event for a live one only if the same entity was scheduled again after *exactly* 2^32 − 1 other schedulings while the stale
/// event was still pending: most runs schedule fewer events in all, and in longer ones the chance is one in four billion for
/// each event that stays stale so long, again alike in every repetition.
#[derive(Debug)]
pub struct EventList {
    /// The opened pile, latest first, so that the next event is at the end.
    sorted: Vec<Event>,
    /// Events scheduled into the open interval after it was opened.
    heap: BinaryHeap<Reverse<Event>>,
    levels: Box<[Level; LEVELS]>,
    /// Bit `l` is set if level `l` has an occupied slot.
    occupied: u32,
    /// Times before this are near; all later ones are in the levels.
    horizon: u64,
    /// What digits are compared with. All levelled events agree with it above their own level's digit.
    base: u64,
    /// No event is filed below this level: after a pile was dealt out on a level, all its events are there,
    /// including those whose digit equals the base's.
    floor: u32,
    /// The level whose slot is open.
    open_level: u32,
    /// The time of the last popped event.
    last: Time,
    sequence: u32,
    /// A pile was opened and nobody has looked ahead yet.
    fresh: bool,
    len: usize,
    /// Empty chunks.
    pool: Vec<Vec<Event>>,
    /// Chunks that exist, in the pool or in slots.
    chunks: usize,
}

#[derive(Debug)]
struct Level {
    /// Bit `s` is set if slot `s` holds events.
    occupied: u64,
    slots: [Slot; SLOTS],
}

/// A pile of events: 64 bytes, one cache line.
#[derive(Debug)]
struct Slot {
    /// The least event, so that peeking opens nothing.
    least: Event,
    /// The chunk being filled.
    tail: Vec<Event>,
    /// Filled chunks.
    full: Vec<Vec<Event>>,
}

impl Default for EventList {
    fn default() -> Self {
        Self::new()
    }
}

impl EventList {
    /// An empty list at time zero.
    pub fn new() -> Self {
        Self {
            sorted: Vec::with_capacity(OPEN),
            heap: BinaryHeap::with_capacity(CROWDED + 1),
            levels: Box::new(std::array::from_fn(|_| Level {
                occupied: 0,
                slots: std::array::from_fn(|_| Slot {
                    least: Event::new(Time::MAX, 15, u32::MAX, u32::MAX),
                    tail: Vec::new(),
                    full: Vec::new(),
                }),
            })),
            occupied: 0,
            horizon: 0,
            base: 0,
            floor: 0,
            open_level: 0,
            last: Time::ZERO,
            sequence: 0,
            fresh: false,
            len: 0,
            pool: Vec::new(),
            chunks: 0,
        }
    }

    /// Schedules an event and returns its sequence number, never 0.
    ///
    /// An event at the instant of the last popped one, of whatever class, is legal and comes up in its turn among what is left.
    /// An event *before* the last popped one is an error of the caller; a release build moves it to that instant.
    #[inline]
    pub fn schedule(&mut self, at: Time, class: u8, entity: u32) -> u32 {
        debug_assert!(at >= self.last, "an event at {at:?} after one at {:?}", self.last);
        self.sequence = self.sequence.wrapping_add(1).max(1);
        let event = Event::new(at.max(self.last), class, self.sequence, entity);
        self.len += 1;
        if event.time().0 < self.horizon {
            self.heap.push(Reverse(event));
            if self.heap.len() > CROWDED {
                self.close();
            }
        } else {
            self.file(event);
        }
        self.sequence
    }

    /// The next event, left in the list. O(1).
    #[inline]
    pub fn peek(&mut self) -> Option<Event> {
        match (self.sorted.last(), self.heap.peek()) {
            (Some(&a), Some(&Reverse(b))) => Some(a.min(b)),
            (Some(&a), None) => Some(a),
            (None, Some(&Reverse(b))) => Some(b),
            // Not opened yet: what is scheduled before the next pop may still come first.
            (None, None) => {
                let (level, slot) = self.first_slot()?;
                Some(self.levels[level].slots[slot].least)
            }
        }
    }

    /// Takes the next event out.
    #[inline]
    pub fn pop(&mut self) -> Option<Event> {
        if self.sorted.is_empty() && self.heap.is_empty() {
            self.open()?;
        }
        let from_heap = match (self.sorted.last(), self.heap.peek()) {
            (Some(a), Some(Reverse(b))) => b < a,
            (sorted, _) => sorted.is_none(),
        };
        let event = if from_heap {
            self.heap.pop()?.0
        } else {
            self.sorted.pop()?
        };
        self.last = event.time();
        self.len -= 1;
        Some(event)
    }

    /// The events that come next, latest first, the first time this is asked after a pile of them was opened. A caller
    /// whose records are spread over memory can touch them here, all at once, instead of waiting for each in turn.
    #[inline]
    pub fn look_ahead(&mut self) -> Option<&[Event]> {
        std::mem::take(&mut self.fresh).then_some(&self.sorted[..])
    }

    /// Pending events, stale ones included.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no event is pending.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Memory held, in bytes.
    pub fn bytes(&self) -> usize {
        let header = size_of::<Vec<Event>>();
        let lists: usize = self
            .levels
            .iter()
            .flat_map(|level| &level.slots)
            .map(|slot| slot.full.capacity() * header)
            .sum();
        self.chunks * CHUNK * size_of::<Event>()
            + lists
            + self.pool.capacity() * header
            + (self.sorted.capacity() + self.heap.capacity()) * size_of::<Event>()
            + size_of::<[Level; LEVELS]>()
    }

    /// The slot that holds the least levelled event: the first of the lowest level.
    #[inline]
    fn first_slot(&self) -> Option<(usize, usize)> {
        if self.occupied == 0 {
            return None;
        }
        let level = self.occupied.trailing_zeros() as usize;
        Some((level, self.levels[level].occupied.trailing_zeros() as usize))
    }

    /// Puts an event at or after the horizon into its slot.
    #[inline]
    fn file(&mut self, event: Event) {
        let at = event.time().0;
        let differing = 63 - ((at ^ self.base) | 1).leading_zeros();
        let level = (differing / DIGIT).max(self.floor);
        self.put(event, level as usize);
    }

    #[inline]
    fn put(&mut self, event: Event, level: usize) {
        let digit = (event.time().0 >> (level as u32 * DIGIT)) as usize % SLOTS;
        self.occupied |= 1 << level;
        let level = &mut self.levels[level];
        level.occupied |= 1 << digit;
        let slot = &mut level.slots[digit];
        slot.least = slot.least.min(event);
        if slot.tail.len() == slot.tail.capacity() {
            let fresh = self.pool.pop().unwrap_or_else(|| {
                self.chunks += 1;
                Vec::with_capacity(CHUNK)
            });
            let filled = std::mem::replace(&mut slot.tail, fresh);
            if filled.capacity() > 0 {
                slot.full.push(filled);
            }
        }
        slot.tail.push(event);
    }

    /// Makes the next events near: opens the first slot, dealing it out first while it is big.
    #[inline(never)]
    fn open(&mut self) -> Option<()> {
        loop {
            let (level, digit) = self.first_slot()?;
            let lane = &mut self.levels[level];
            lane.occupied &= !(1 << digit);
            if lane.occupied == 0 {
                self.occupied &= !(1 << level);
            }
            let slot = &mut lane.slots[digit];
            let count = slot.full.len() * CHUNK + slot.tail.len();
            let mut tail = std::mem::take(&mut slot.tail);
            let mut full = std::mem::take(&mut slot.full);
            let least = slot.least.time().0;
            slot.least = Event::new(Time::MAX, 15, u32::MAX, u32::MAX);
            // The times of this slot: those that share the least one's digits from this level up.
            let width = 1_u64 << (level as u32 * DIGIT);
            let start = least & !(width - 1);
            if count <= OPEN || level == 0 {
                // Only a pile of one instant can be bigger than the last; its memory is given back after it.
                self.sorted.shrink_to(count.max(OPEN));
                self.sorted.reserve_exact(count);
                for chunk in full.iter_mut().chain([&mut tail]) {
                    self.sorted.append(chunk);
                }
                self.sorted.sort_unstable_by(|a, b| b.cmp(a));
                // The base is the slot's last instant, not the next slot's first: it keeps all higher digits.
                self.base = start + (width - 1);
                self.horizon = start + width;
                self.floor = 0;
                self.open_level = level as u32;
                self.fresh = true;
                self.pool.append(&mut full);
                self.pool.push(tail);
                self.levels[level].slots[digit].full = full;
                return Some(());
            }
            self.base = start;
            self.horizon = start;
            self.floor = level as u32 - 1;
            for mut chunk in full.drain(..).chain([tail]) {
                for event in chunk.drain(..) {
                    self.put(event, level - 1);
                }
                self.pool.push(chunk);
            }
        }
    }

    /// Closes a crowded open interval: its events are dealt out on the level below, where slots are 64 times narrower.
    #[inline(never)]
    fn close(&mut self) {
        // A slot of level 0 is one instant and cannot be made narrower.
        if self.open_level == 0 {
            return;
        }
        // The base may go back to the last popped event, since the open slot holds both: it shares the
        // digits that all other levelled events were filed by. Everything near is at or after it.
        self.base = self.last.0;
        self.horizon = self.last.0;
        self.open_level -= 1;
        self.floor = self.open_level;
        let level = self.floor as usize;
        let heap = std::mem::take(&mut self.heap);
        for Reverse(event) in heap {
            self.put(event, level);
        }
        let mut sorted = std::mem::take(&mut self.sorted);
        for event in sorted.drain(..) {
            self.put(event, level);
        }
        self.sorted = sorted;
        self.heap = BinaryHeap::with_capacity(CROWDED + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_wraps_past_zero() {
        let mut list = EventList::new();
        list.sequence = u32::MAX - 1;
        let given = [0; 3].map(|_: i32| list.schedule(Time(7), 0, 0));
        assert_eq!(given, [u32::MAX, 1, 2]);
        // An event of this very instant with a sequence below the last popped one still comes up.
        assert_eq!(list.pop().map(Event::sequence), Some(1));
        assert_eq!(list.pop().map(Event::sequence), Some(2));
        assert_eq!(list.pop().map(Event::sequence), Some(u32::MAX));
        list.schedule(Time(7), 0, 5);
        assert_eq!(list.pop().map(Event::entity), Some(5));
    }

    #[test]
    fn a_slot_is_one_cache_line() {
        assert!(size_of::<Slot>() <= 64);
        assert_eq!(size_of::<Event>(), 16);
    }
}
