//! A shuffled order that needs no memory.

use super::random::mix;

/// Rounds of the Feistel network. Four already give a pseudo-random permutation when the round function is one (Luby,
/// Rackoff, 1988); ours is a cheap mixer, so more are used.
const ROUNDS: usize = 6;

/// A keyed bijection on `0..n`: the k-th arrival of a wave is person `apply(k)`, without a shuffled array.
///
/// A Feistel network on the smallest power of two that holds `n`, with cycle walking for what falls outside
/// (Black, Rogaway, "Ciphers with arbitrary finite domains", 2002): fewer than two passes on average. It shuffles; it hides nothing.
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
    left_bits: u32,
    left_mask: u32,
    right_mask: u32,
    keys: [u64; ROUNDS],
}

impl Permutation {
    /// The permutation of `0..n` named by `key`.
    pub fn new(n: u32, key: u64) -> Self {
        // Four bits at least: with halves of one bit the round functions have no choice left.
        let bits = (u32::BITS - n.saturating_sub(1).leading_zeros()).max(4);
        let left_bits = bits / 2;
        let mut state = mix(key ^ 0x7065_726d_7574_6521);
        let keys = std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mix(state)
        });
        Self {
            n,
            left_bits,
            left_mask: mask(left_bits),
            right_mask: mask(bits - left_bits),
            keys,
        }
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
        let mut x = k;
        loop {
            let (mut left, mut right) = self.halves(x);
            for pair in self.keys.chunks_exact(2) {
                left ^= round(right, pair[0]) & self.left_mask;
                right ^= round(left, pair[1]) & self.right_mask;
            }
            x = self.join(left, right);
            if x < self.n {
                return x;
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
        let mut x = k;
        loop {
            let (mut left, mut right) = self.halves(x);
            for pair in self.keys.chunks_exact(2).rev() {
                right ^= round(left, pair[1]) & self.right_mask;
                left ^= round(right, pair[0]) & self.left_mask;
            }
            x = self.join(left, right);
            if x < self.n {
                return x;
            }
        }
    }

    #[inline]
    fn halves(&self, x: u32) -> (u32, u32) {
        (x & self.left_mask, x >> self.left_bits)
    }

    #[inline]
    fn join(&self, left: u32, right: u32) -> u32 {
        (right << self.left_bits) | left
    }
}

fn mask(bits: u32) -> u32 {
    ((1_u64 << bits) - 1) as u32
}

#[inline]
fn round(half: u32, key: u64) -> u32 {
    let x = (u64::from(half) ^ key).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((x ^ (x >> 32)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 32) as u32
}
