//! Millions of waits in a few kilobytes.

use crate::engine::Span;

/// Bits of a bucket's number within its octave: buckets are at most 1/128 wide.
const DIGITS: u32 = 7;
/// The longest wait told apart, ms: 48 h. Longer ones count as this.
const LONGEST_MS: u64 = 172_800_000;
const BUCKETS: usize = bucket(LONGEST_MS) + 1;
const _: () = assert!(BUCKETS <= 1 << 16);
/// So many waits are noted before they are counted.
const NOTES: usize = 256;

/// Waits from the first knock of a visit to the first login, to a millisecond or 0.8 %, whichever is more, up to 48 h.
///
/// Counts in buckets of equal width within an octave, as in an HDR histogram (Tene). A run keeps a hundred such tables, too
/// many for the processor's near memory, so waits are noted one after another and counted some hundred at a time.
///
/// ```
/// use preau::engine::Span;
/// use preau::measure::Waits;
/// let mut waits = Waits::default();
/// for second in 1..=100 {
///     waits.book(Span::from_secs(f64::from(second)));
/// }
/// assert_eq!(waits.count(), 100);
/// assert!((waits.quantile(0.5).unwrap() / 50.0 - 1.0).abs() < 0.008);
/// assert_eq!(waits.mean(), Some(50.5)); // exact
/// ```
#[derive(Clone, Debug)]
pub struct Waits {
    counts: Box<[u32]>,
    /// Booked and not counted yet: numbers of buckets.
    noted: Vec<u16>,
    booked: u64,
    /// Of all, ns.
    sum: u128,
}

/// The bucket of a wait.
const fn bucket(ms: u64) -> usize {
    let octave = (ms | 1 << DIGITS).ilog2() - DIGITS;
    ((octave as u64) << DIGITS) as usize + (ms >> octave) as usize
}

/// Where a bucket begins and how wide it is, ms.
fn bounds(bucket: usize) -> (f64, f64) {
    let octave = (bucket >> DIGITS).saturating_sub(1);
    let low = (bucket - (octave << DIGITS)) << octave;
    (low as f64, (1_u64 << octave) as f64)
}

/// The middle of a bucket, ms.
fn middle(bucket: usize) -> f64 {
    let (low, width) = bounds(bucket);
    low + 0.5 * width
}

impl Default for Waits {
    fn default() -> Self {
        Waits {
            counts: vec![0; BUCKETS].into(),
            noted: Vec::new(),
            booked: 0,
            sum: 0,
        }
    }
}

impl Waits {
    /// Books one wait.
    #[inline]
    pub fn book(&mut self, wait: Span) {
        self.noted.push(bucket(wait.as_millis().min(LONGEST_MS)) as u16);
        self.booked += 1;
        self.sum += u128::from(wait.0);
        if self.noted.len() >= NOTES {
            self.count_noted();
        }
    }
    fn count_noted(&mut self) {
        for bucket in self.noted.drain(..) {
            let count = &mut self.counts[usize::from(bucket)];
            *count = count.saturating_add(1);
        }
    }
    /// The counts, those only noted included.
    fn counts(&self) -> impl Iterator<Item = u32> {
        let mut noted = self.noted.clone();
        noted.sort_unstable();
        let mut rest = noted.into_iter().peekable();
        self.counts.iter().enumerate().map(move |(bucket, counted)| {
            let mut count = *counted;
            while rest.next_if(|b| usize::from(*b) == bucket).is_some() {
                count = count.saturating_add(1);
            }
            count
        })
    }
    /// How many were booked.
    pub fn count(&self) -> u64 {
        self.booked
    }
    /// The `p` quantile in seconds, `None` when empty.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let rank = (libm::ceil(p * self.booked as f64) as u64).max(1);
        let mut below = 0;
        let reached = self.counts().position(|n| {
            below += u64::from(n);
            below >= rank
        });
        reached.map(|bucket| middle(bucket) / 1e3)
    }
    /// How many were at most so long, s, below 48 h. Those of the limit's own bucket are taken to be spread evenly in it, so the
    /// answer is exact for a limit up to 0.8 % away.
    ///
    /// ```
    /// use preau::engine::Span;
    /// use preau::measure::Waits;
    /// let mut waits = Waits::default();
    /// for second in 1..=100 {
    ///     waits.book(Span::from_secs(f64::from(second)));
    /// }
    /// assert!((waits.up_to(20.5) - 20.0).abs() < 1.0);
    /// assert_eq!(waits.up_to(3600.0), 100.0);
    /// ```
    pub fn up_to(&self, limit: f64) -> f64 {
        let limit = limit * 1e3;
        let part = |(bucket, n): (usize, u32)| {
            let (low, width) = bounds(bucket);
            f64::from(n) * ((limit - low) / width).clamp(0.0, 1.0)
        };
        self.counts().enumerate().map(part).sum()
    }
    /// The mean in seconds, exact, `None` when empty.
    pub fn mean(&self) -> Option<f64> {
        (self.booked > 0).then(|| self.sum as f64 / self.booked as f64 / 1e9)
    }
    /// Adds another's.
    pub fn merge(&mut self, other: &Waits) {
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts()) {
            *mine = mine.saturating_add(theirs);
        }
        self.booked += other.booked;
        self.sum += other.sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_and_hold_their_middle() {
        let mut last = 0;
        for ms in 0..3_000_000 {
            let b = bucket(ms);
            assert!(b == last || b == last + 1, "{ms} ms lies in bucket {b}, after {last}");
            last = b;
            let off = (middle(b) - (ms as f64 + 0.5)).abs();
            assert!(off <= (ms as f64 / 256.0).max(0.5), "{ms} ms is shown as {}", middle(b));
        }
        assert_eq!(bucket(LONGEST_MS), BUCKETS - 1);
    }

    #[test]
    fn so_many_are_within_a_limit_as_within_one_that_is_hardly_another() {
        // Every 37 ms up to an hour, so that each limit falls into some bucket or other.
        let all: Vec<u64> = (1..97_000).map(|k| 37 * k).collect();
        let mut waits = Waits::default();
        all.iter().for_each(|ms| waits.book(Span::from_millis(*ms)));
        let exact = |ms: f64| all.partition_point(|wait| *wait as f64 <= ms) as f64;
        for limit in [1.0, 2.0, 5.0, 10.0, 30.0, 61.7, 120.0, 180.0, 600.0, 1800.0, 3000.0] {
            let (found, ms) = (waits.up_to(limit), limit * 1e3);
            let (least, most) = (exact(ms * (1.0 - 1.0 / 128.0)), exact(ms * (1.0 + 1.0 / 128.0)));
            assert!(
                least <= found && found <= most,
                "{limit} s: {found}, not {least} to {most}"
            );
        }
        assert_eq!(waits.up_to(0.0), 0.0);
        assert_eq!(waits.up_to(7200.0), all.len() as f64);
    }

    #[test]
    fn quantiles_are_ranks() {
        let mut waits = Waits::default();
        assert_eq!((waits.quantile(0.5), waits.mean()), (None, None));
        for ms in [10, 20, 30, 40] {
            waits.book(Span::from_millis(ms));
        }
        let at = |p| waits.quantile(p).map(|s| (s * 1e3) as u64);
        assert_eq!(
            [at(0.0), at(0.25), at(0.26), at(0.5), at(0.95), at(1.0)].map(Option::unwrap),
            [10, 10, 20, 20, 40, 40]
        );
        let mut twice = waits.clone();
        twice.merge(&waits);
        assert_eq!((twice.count(), twice.mean()), (8, Some(0.025)));
        twice.book(Span::from_secs(1e6));
        assert!(twice.quantile(1.0).unwrap() > 172_000.0);
    }
}
