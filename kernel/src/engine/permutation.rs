//! A shuffled order that needs no memory.

use super::random::mix;

/// Rounds of the Feistel network. Four already give a pseudo-random permutation when the round function is one (Luby,
/// Rackoff, 1988); ours is a cheap mixer, so more are used.
const ROUNDS: usize = 6;

/// The smallest half of the domain. A difference between two members survives the six rounds with probability one over its cube,
/// which with halves of four biased the order of a pair visibly; so few members walk through many places
/// instead, which costs a wave at most a thousand steps in all.
const LEAST_HALF: u32 = 32;

/// A keyed bijection on `0..n`: the k-th arrival of a wave is person `apply(k)`, without a shuffled array.
///
/// A Feistel network on the pairs (k mod a, k div a) with `a` about the square root of `n`, added modulo each half's size rather
/// than bit by bit, so that the domain exceeds `n` by less than `a`; the rare image outside is sent round
/// again (cycle walking; both from Black, Rogaway, "Ciphers with arbitrary finite domains", 2002). It shuffles; it hides nothing.
///
/// ```
/// use preau::engine::Permutation;
/// let order = Permutation::new(1000, 42);
/// let person = order.apply(7);
/// assert!(person < 1000);
/// assert_eq!(order.inverse(person), 7);
/// ```
#[derive(Clone, Debug)]
pub struct Permutation {
    n: u32,
    /// Sizes of the halves; their product is at least `n`.
    left: u32,
    right: u32,
    keys: [u64; ROUNDS],
}

impl Permutation {
    /// The permutation of `0..n` named by `key`.
    pub fn new(n: u32, key: u64) -> Self {
        let left = n.isqrt().max(LEAST_HALF);
        let right = n.div_ceil(left).max(LEAST_HALF);
        let mut state = mix(key ^ 0x7065_726d_7574_6521);
        let keys = std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mix(state)
        });
        Self { n, left, right, keys }
    }

    /// How many are permuted.
    pub fn len(&self) -> u32 {
        self.n
    }

    /// Whether nothing is permuted.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Where `k` goes.
    ///
    /// # Panics
    /// If `k` is not below `n`: the walk would not end.
    #[inline]
    pub fn apply(&self, k: u32) -> u32 {
        assert!(k < self.n, "{k} is not below {}", self.n);
        let (mut l, mut r) = self.halves(k);
        loop {
            for pair in self.keys.chunks_exact(2) {
                l = add(l, round(r, pair[0], self.left), self.left);
                r = add(r, round(l, pair[1], self.right), self.right);
            }
            let x = self.join(l, r);
            if x < u64::from(self.n) {
                return x as u32;
            }
        }
    }

    /// What goes to `k`: `inverse(apply(k)) == k`.
    ///
    /// # Panics
    /// If `k` is not below `n`.
    #[inline]
    pub fn inverse(&self, k: u32) -> u32 {
        assert!(k < self.n, "{k} is not below {}", self.n);
        let (mut l, mut r) = self.halves(k);
        loop {
            for pair in self.keys.chunks_exact(2).rev() {
                r = add(r, self.right - round(l, pair[1], self.right), self.right);
                l = add(l, self.left - round(r, pair[0], self.left), self.left);
            }
            let x = self.join(l, r);
            if x < u64::from(self.n) {
                return x as u32;
            }
        }
    }

    #[inline]
    fn halves(&self, k: u32) -> (u32, u32) {
        (k % self.left, k / self.left)
    }

    /// In 64 bits: the domain may exceed 2^32 by a little.
    #[inline]
    fn join(&self, l: u32, r: u32) -> u64 {
        u64::from(r) * u64::from(self.left) + u64::from(l)
    }
}

/// a + b modulo `size`, for a < size and b ≤ size; sizes are at most about 2^16, so nothing overflows.
#[inline]
fn add(a: u32, b: u32, size: u32) -> u32 {
    let sum = a + b;
    if sum >= size { sum - size } else { sum }
}

/// A hash of one half, in `0..size`.
#[inline]
fn round(half: u32, key: u64, size: u32) -> u32 {
    let x = (u64::from(half) ^ key).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 32)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 32;
    ((x * u64::from(size)) >> 32) as u32
}
