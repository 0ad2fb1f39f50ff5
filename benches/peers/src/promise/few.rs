//! A dozen times in order, all in registers' reach: no heap, no branch that can be foreseen wrongly.

/// Times that are kept: a dozen, so that vector instructions divide them evenly.
const LANES: usize = 12;

/// The ends of service of up to ten servers, in order; with them which server it is.
///
/// Among equal times the first scheduled is first.
pub struct Few {
    /// Ascending; infinite where a server is idle.
    at: [f64; LANES],
    /// The servers in the same order, four bits each; idle ones last.
    order: u64,
}

/// The lesser, in the one form that compiles to a single instruction.
#[inline]
pub fn least(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline]
fn greatest(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The lowest `n` places of an order.
#[inline]
fn low(n: usize) -> u64 {
    (1 << (4 * n)) - 1
}

impl Few {
    /// So many servers.
    pub const MOST: usize = 10;

    /// All idle.
    pub fn new() -> Self {
        Few {
            at: [f64::INFINITY; LANES],
            order: 0x98_7654_3210,
        }
    }

    /// When the first is done.
    #[inline]
    pub fn first(&self) -> f64 {
        self.at[0]
    }

    /// Which server that is.
    #[inline]
    pub fn server(&self) -> usize {
        (self.order & 15) as usize
    }

    /// The first is done; its server goes on until `at`, which is infinite if it idles. `NAMED`: servers are told apart.
    #[inline]
    pub fn replace<const NAMED: bool>(&mut self, at: f64) {
        let old = self.at;
        if NAMED {
            let rank = old[1..Self::MOST].iter().map(|t| u64::from(*t <= at)).sum::<u64>() as usize;
            let (server, rest) = (self.order & 15, self.order >> 4);
            self.order = rest & low(rank) | server << (4 * rank) | (rest & !low(rank)) << 4;
        }
        for i in 0..LANES - 1 {
            self.at[i] = greatest(old[i], least(old[i + 1], at));
        }
    }

    /// An idle server starts and goes on until `at`; `busy`: how many were busy. Answers which one.
    #[inline]
    pub fn start<const NAMED: bool>(&mut self, at: f64, busy: usize) -> usize {
        let old = self.at;
        let mut server = 0;
        if NAMED {
            let rank = old[..Self::MOST].iter().map(|t| u64::from(*t <= at)).sum::<u64>() as usize;
            server = self.order >> (4 * busy) & 15;
            let (below, above) = (self.order & low(busy), self.order & !low(busy + 1));
            self.order = above | below & low(rank) | server << (4 * rank) | (below & !low(rank)) << 4;
        }
        self.at[0] = least(old[0], at);
        for i in 1..LANES {
            self.at[i] = greatest(old[i - 1], least(old[i], at));
        }
        server as usize
    }
}

impl Default for Few {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn agrees_with_a_sorted_list() {
        let mut random = SmallRng::seed_from_u64(3);
        let mut few = Few::new();
        // (time, sequence, server)
        let mut list: Vec<(u64, u64, usize)> = Vec::new();
        let mut now = 0;
        for sequence in 0..20_000 {
            list.sort_unstable();
            assert_eq!(few.first(), list.first().map_or(f64::INFINITY, |e| e.0 as f64));
            // Few different times, so that many are equal.
            let at = now + random.random_range(0..6);
            let busy = list.len();
            if let Some(first) = list.first().copied()
                && (busy == Few::MOST || random.random_range(0..2) == 0)
            {
                assert_eq!(few.server(), first.2);
                list.remove(0);
                now = first.0;
                if random.random_range(0..3) > 0 {
                    let at = at.max(now);
                    few.replace::<true>(at as f64);
                    list.push((at, sequence, first.2));
                } else {
                    few.replace::<true>(f64::INFINITY);
                }
            } else {
                let server = few.start::<true>(at as f64, busy);
                assert!(list.iter().all(|e| e.2 != server));
                list.push((at, sequence, server));
            }
        }
    }
}
