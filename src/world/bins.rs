//! The time bins of the books.

use crate::engine::{Span, Time};

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
