//! The time bins of the books.

use crate::engine::{Span, Time};

/// Most time between two ticks of the books, at which the load of pages is refreshed. It does not grow with the bins: how
/// finely somebody wants to see a run must not change what happens in it.
const LONGEST_TICK: Span = Span(10_000_000_000);

/// Ticks in a bin: thirty, and as many more as keep them short.
pub(super) fn ticks_in(bin: Span) -> u32 {
    let most = u64::from(u32::MAX);
    bin.0.div_ceil(LONGEST_TICK.0).clamp(30, most) as u32
}

/// When a tick comes, the first being number 1: bins end where they were written to end, also where a tick is no whole number of
/// nanoseconds.
pub(super) fn tick_at(number: u32, ticks_in_bin: u32, bin: Span) -> Time {
    let (bins, ticks) = (number / ticks_in_bin, number % ticks_in_bin);
    let within = u128::from(ticks) * u128::from(bin.0) / u128::from(ticks_in_bin);
    Time(u64::from(bins) * bin.0 + within as u64)
}

/// Which bin is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bins {
    open: usize,
    began: Time,
    width: Span,
}

impl Bins {
    /// Bins of a width, the first one open.
    pub fn new(width: Span) -> Self {
        Bins {
            open: 0,
            began: Time::ZERO,
            width,
        }
    }

    /// The number of the open bin.
    #[inline]
    pub fn open(&self) -> usize {
        self.open
    }

    /// The next bin opens.
    pub fn turn(&mut self, now: Time) {
        self.open += 1;
        self.began = now;
    }

    /// The bin of an earlier instant. What happens at the very end of a bin comes before the tick and belongs to it.
    #[inline]
    pub fn of(&self, at: Time) -> usize {
        if at > self.began {
            return self.open;
        }
        ((at.0.saturating_sub(1) / self.width.0) as usize).min(self.open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_bins_have_more_ticks_not_longer_ones() {
        let ticks = |seconds| ticks_in(Span::from_secs(seconds));
        assert_eq!([1.0, 60.0, 300.0].map(ticks), [30; 3]);
        assert_eq!([301.0, 900.0, 86_400.0].map(ticks), [31, 90, 8640]);
    }

    #[test]
    fn bins_end_where_they_are_written_to_end() {
        let bin = Span(1_000_000_000_007);
        let ticks = ticks_in(bin);
        let at: Vec<Time> = (1..=3 * ticks).map(|number| tick_at(number, ticks, bin)).collect();
        assert!(at.is_sorted());
        let ends = [1, 2, 3].map(|bins| at[(bins * ticks - 1) as usize].0);
        assert_eq!(ends, [1, 2, 3].map(|bins| bins * bin.0));
        assert_eq!(at[0], Time(bin.0 / u64::from(ticks)));
    }

    #[test]
    fn the_end_of_a_bin_belongs_to_it() {
        let mut bins = Bins::new(Span(100));
        assert_eq!((bins.open(), bins.of(Time(0)), bins.of(Time(1))), (0, 0, 0));
        bins.turn(Time(100));
        bins.turn(Time(200));
        assert_eq!(bins.open(), 2);
        let of = [0, 1, 100, 101, 200, 201, 300].map(|at| bins.of(Time(at)));
        assert_eq!(of, [0, 0, 0, 1, 1, 2, 2]);
    }
}
