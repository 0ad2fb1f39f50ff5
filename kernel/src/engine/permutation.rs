//! A shuffled order that needs no memory.

use super::random::mix;

/// Rounds of the Feistel network. Four already give a pseudo-random permutation when the round function is one (Luby,
/// Rackoff, 1988); ours is a cheap mixer, so more are used.
const ROUNDS: usize = 6;

/// The smallest half of the domain. A difference between two members survives the six rounds with probability one over its cube,
/// which with halves of four biased the order of a pair visibly; so few members walk through many places
/// instead.
const LEAST_HALF: u32 = 32;
/// So many have the smallest domain: all their images are worked out at once, for each alone would walk through most of it.
const FEW: u32 = LEAST_HALF * LEAST_HALF;

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
    /// Where each goes, of [`FEW`] and fewer; else empty.
    images: Box<[u16]>,
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
        let images = if n <= FEW {
            images_of_few(n, &keys)
        } else {
            Box::default()
        };
        Self {
            n,
            left,
            right,
            keys,
            images,
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
        self.images
            .get(k as usize)
            .map_or_else(|| self.walk(k), |image| u32::from(*image))
    }

    #[inline]
    fn walk(&self, k: u32) -> u32 {
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

/// What [`Permutation::walk`] says of each of `n`, at most [`FEW`]. Six rounds on halves of 32 are 192 hashes, and all steps of
/// all walks are within 1024 places.
fn images_of_few(n: u32, keys: &[u64; ROUNDS]) -> Box<[u16]> {
    if n <= 1 {
        return (0..n as u16).collect();
    }
    let hashes = keys.map(|key| {
        std::array::from_fn::<u8, { LEAST_HALF as usize }, _>(|half| round(half as u32, key, LEAST_HALF) as u8)
    });
    let size = LEAST_HALF as u16;
    let step: [u16; FEW as usize] = std::array::from_fn(|x| {
        let (mut l, mut r) = (x as u16 % size, x as u16 / size);
        for pair in hashes.chunks_exact(2) {
            l = (l + u16::from(pair[0][usize::from(r)])) % size;
            r = (r + u16::from(pair[1][usize::from(l)])) % size;
        }
        r * size + l
    });
    let image = |k: u16| {
        let mut x = step[usize::from(k)];
        while u32::from(x) >= n {
            x = step[usize::from(x)];
        }
        x
    };
    (0..n as u16).map(image).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_go_where_each_would_walk_alone() {
        for n in (1..40).chain([500, FEW - 1, FEW]) {
            let order = Permutation::new(n, u64::from(n) * 7);
            for k in 0..n {
                assert_eq!(order.apply(k), order.walk(k), "{k} of {n}");
                assert_eq!(order.inverse(order.apply(k)), k, "{k} of {n}");
            }
        }
        assert!(Permutation::new(FEW + 1, 1).images.is_empty());
    }
}
