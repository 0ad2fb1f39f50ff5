//! People who wait to knock again, in no order.

use super::chance::Chance;

/// What a pool keeps of a visit beside its number and its knocks.
pub trait Kept: Copy {
    /// What is kept of a visit that began at `begun` and wants to stay for `wanted`, both ns.
    fn of(begun: u64, wanted: u64) -> Self;
    /// How long it wants to stay, ns; 0 if that is not kept.
    fn wanted(&self) -> u64;
    /// When it began, ns; 0 if that is not kept.
    fn begun(&self) -> u64;
}

/// Nothing is kept.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

/// How long it wants to stay; the rest is in its record.
#[derive(Clone, Copy, Debug)]
pub struct Wanted(u64);

/// All there is to know of who waits to knock again: this is its record.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    begun: u64,
    wanted: u64,
}

impl Kept for Nothing {
    #[inline]
    fn of(_: u64, _: u64) -> Self {
        Nothing
    }
    #[inline]
    fn wanted(&self) -> u64 {
        0
    }
    #[inline]
    fn begun(&self) -> u64 {
        0
    }
}

impl Kept for Wanted {
    #[inline]
    fn of(_: u64, wanted: u64) -> Self {
        Wanted(wanted)
    }
    #[inline]
    fn wanted(&self) -> u64 {
        self.0
    }
    #[inline]
    fn begun(&self) -> u64 {
        0
    }
}

impl Kept for Visit {
    #[inline]
    fn of(begun: u64, wanted: u64) -> Self {
        Visit { begun, wanted }
    }
    #[inline]
    fn wanted(&self) -> u64 {
        self.wanted
    }
    #[inline]
    fn begun(&self) -> u64 {
        self.begun
    }
}

/// Somebody in the pool: what its knocks in vain depend on lies here, so that looking at all of them reads memory in order
/// and touches no record.
#[derive(Clone, Copy, Debug)]
pub struct Token<K> {
    /// The clock of shut time when it joined, or when a bin ended since, s.
    pub since: f64,
    /// When that clock shows this, s, it has left.
    pub leaves: f64,
    /// What else is kept.
    pub kept: K,
    /// Number of the visit, or of its record.
    pub id: u32,
    /// Knocks so far.
    pub tries: u8,
    /// Knocks in vain to come, at the last of which it leaves.
    pub vain: u8,
}

const _: () = assert!(size_of::<Token<Nothing>>() == 24 && size_of::<Token<Visit>>() == 40);

/// So many are drawn ahead, so that they are fetched from memory together.
const TOGETHER: usize = 8;
/// All are looked at when there are so many times as many as stayed the last time: less often, and memory runs full of who
/// left; more often, and who stays is looked at in vain.
const GROWN: usize = 2;
/// A pool smaller than this is not worth a look.
const FEW: usize = 1024;

/// The pool.
pub struct Pool<K> {
    /// Everybody but those drawn ahead.
    rest: Vec<Token<K>>,
    /// Drawn ahead, the next one last. Whoever joins puts them back: an order that is forgotten was never drawn.
    ahead: Vec<Token<K>>,
    /// When it has grown so large, most of it may have left at knocks in vain.
    crowded: usize,
}

impl<K: Kept> Pool<K> {
    /// Nobody waits.
    pub fn new() -> Self {
        Pool {
            rest: Vec::new(),
            ahead: Vec::with_capacity(TOGETHER),
            crowded: FEW,
        }
    }

    /// How many wait.
    #[inline]
    pub fn len(&self) -> usize {
        self.rest.len() + self.ahead.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it has grown much since all were looked at.
    #[inline]
    pub fn is_crowded(&self) -> bool {
        self.rest.len() >= self.crowded
    }

    /// Somebody joins.
    #[inline]
    pub fn push(&mut self, token: Token<K>) {
        if !self.ahead.is_empty() {
            self.rest.append(&mut self.ahead);
        }
        self.rest.push(token);
    }

    /// Takes somebody out at random; `touch` is told of those drawn ahead.
    #[inline]
    pub fn take<const KEEP: u8>(&mut self, chance: &mut Chance, touch: impl Fn(&[Token<K>])) -> Option<Token<K>> {
        if self.ahead.is_empty() {
            for _ in 0..TOGETHER.min(self.rest.len()) {
                let at = chance.member::<KEEP>(self.rest.len() as u32) as usize;
                self.ahead.push(self.rest.swap_remove(at));
            }
            touch(&self.ahead);
        }
        self.ahead.pop()
    }

    /// Looks at everybody: whoever `stays` says has left is out.
    #[inline]
    pub fn sweep(&mut self, stays: impl FnMut(&mut Token<K>) -> bool) {
        self.rest.append(&mut self.ahead);
        self.rest.retain_mut(stays);
        self.crowded = (GROWN * self.rest.len()).max(FEW);
    }
}

impl<K: Kept> Default for Pool<K> {
    fn default() -> Self {
        Self::new()
    }
}
