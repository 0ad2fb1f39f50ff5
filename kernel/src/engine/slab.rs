//! Records addressed by a 32-bit number, whose places are used again.

use std::ops::{Index, IndexMut};

/// A pool of records: insertion gives a number, removal frees the place for the next insertion.
///
/// The last place freed is the first reused, so the hot part stays in the cache; which number a record gets
/// depends on the order of insertions and removals only, so runs repeat. A removed record stays readable in
/// [`Slab::slots`]: the owner marks it free in the record itself before removing it, which costs no extra bit here.
///
/// ```
/// use preau::engine::Slab;
/// let mut people = Slab::new();
/// let ada = people.insert(36_u32);
/// people[ada] += 1;
/// assert_eq!(people[ada], 37);
/// people.remove(ada);
/// assert_eq!(people.insert(5), ada); // the place is used again
/// ```
#[derive(Clone, Debug)]
pub struct Slab<T: Copy> {
    slots: Vec<T>,
    free: Vec<u32>,
}

impl<T: Copy> Default for Slab<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy> Slab<T> {
    /// An empty pool.
    pub const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// An empty pool with room for `capacity` records before memory grows.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            slots: Vec::with_capacity(capacity),
            free: Vec::new(),
        }
    }

    /// Asks for address space for so many records more than are live. Memory is taken page by page as they are stored, so room
    /// for a whole country costs nothing while it is at home. Without it the pool is copied each time it doubles, and
    /// holds both copies for a moment: three times the memory at worst.
    pub fn reserve(&mut self, more: usize) {
        self.slots.reserve_exact(more);
    }

    /// Stores a record and returns its number.
    ///
    /// # Panics
    /// If 2^32 records are live.
    #[inline]
    pub fn insert(&mut self, value: T) -> u32 {
        if let Some(i) = self.free.pop() {
            self.slots[i as usize] = value;
            return i;
        }
        let i = u32::try_from(self.slots.len()).expect("a slab holds at most 2^32 records");
        self.slots.push(value);
        i
    }

    /// Frees place `i`. Freeing a place twice is the owner's error: the place would be given out twice.
    #[inline]
    pub fn remove(&mut self, i: u32) {
        debug_assert!((i as usize) < self.slots.len(), "no slot {i}");
        debug_assert!(
            self.free.last() != Some(&i) && self.free.len() < self.slots.len(),
            "slot {i} freed twice"
        );
        self.free.push(i);
    }

    /// Live records.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether no record is live.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most records that were ever live at once: exactly the places ever made.
    pub fn peak(&self) -> usize {
        self.slots.len()
    }

    /// Every place, live or free, in the order of numbers; the owner tells them apart by the record's state.
    pub fn slots(&self) -> &[T] {
        &self.slots
    }

    /// As [`Slab::slots`], to change records in place.
    pub fn slots_mut(&mut self) -> &mut [T] {
        &mut self.slots
    }

    /// Memory held, in bytes.
    pub fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<T>() + self.free.capacity() * size_of::<u32>()
    }
}

impl<T: Copy> Index<u32> for Slab<T> {
    type Output = T;
    #[inline]
    fn index(&self, i: u32) -> &T {
        &self.slots[i as usize]
    }
}

impl<T: Copy> IndexMut<u32> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, i: u32) -> &mut T {
        &mut self.slots[i as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_reused_last_freed_first() {
        let mut slab = Slab::new();
        let ids: Vec<u32> = (0..4).map(|v| slab.insert(v * 10)).collect();
        assert_eq!(ids, [0, 1, 2, 3]);
        slab.remove(1);
        slab.remove(3);
        assert_eq!((slab.len(), slab.peak()), (2, 4));
        assert_eq!(slab.insert(70), 3);
        assert_eq!(slab.insert(80), 1);
        assert_eq!(slab.insert(90), 4);
        assert_eq!(slab.slots(), [0, 80, 20, 70, 90]);
        assert_eq!((slab.len(), slab.peak()), (5, 5));
    }
}
