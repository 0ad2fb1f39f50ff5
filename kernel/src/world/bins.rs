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
