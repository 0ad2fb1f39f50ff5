//! What a class has taught so far, and when its teacher was in.

use crate::engine::Time;

/// In a class's first instant: some pupil was in together with the teacher.
pub(super) const HELD: u32 = 1 << 31;
/// No instant.
const NEVER: u32 = HELD - 1;

/// What a class has given: 16 bytes, of which the nation has a million a day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Class {
    /// What it has taught, as seconds at full quality; while the teacher is in, less the service's quality integral.
    taught: f64,
    /// When the teacher last came in, ms; the upper bit is [`HELD`].
    pub opened: u32,
    /// When the teacher last left, ms; [`NEVER`] while in.
    closed: u32,
}

const _: () = assert!(size_of::<Class>() == 16);

impl Class {
    /// It has not been opened yet.
    pub const NEW: Class = Class {
        taught: 0.0,
        opened: NEVER,
        closed: 0,
    };

    /// Whether the teacher is in.
    pub fn is_open(&self) -> bool {
        self.closed == NEVER
    }

    /// What it has taught when the service's quality integral is `quality`.
    pub fn taught(&self, quality: f64) -> f64 {
        if self.is_open() {
            self.taught + quality
        } else {
            self.taught
        }
    }

    /// The teacher comes in; `true` the first time.
    pub fn open(&mut self, now: Time, quality: f64) -> bool {
        let first = self.opened & NEVER == NEVER;
        self.opened = self.opened & HELD | millis(now);
        self.closed = NEVER;
        self.taught -= quality;
        first
    }

    /// The teacher leaves.
    pub fn close(&mut self, now: Time, quality: f64) {
        self.taught += quality;
        self.closed = millis(now);
    }

    /// When a pupil who has been in since `joined` and leaves now was first in together with the teacher, ms; none if
    /// never. Only the last time the teacher came in is known.
    pub fn together(&self, joined: Time, now: Time) -> Option<u32> {
        let until = if self.is_open() { millis(now) } else { self.closed };
        let from = millis(joined).max(self.opened & NEVER);
        (self.opened & NEVER != NEVER && until > from).then_some(from)
    }
}

/// Milliseconds in 31 bits: 24 days.
pub(super) fn millis(at: Time) -> u32 {
    u32::try_from(at.0 / 1_000_000).map_or(NEVER - 1, |ms| ms.min(NEVER - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_counts_what_passes_while_the_teacher_is_in() {
        let at = |s: f64| Time::from_secs(s);
        let mut class = Class::NEW;
        assert_eq!((class.taught(5.0), class.together(at(0.0), at(9.0))), (0.0, None));
        assert!(class.open(at(10.0), 8.0));
        assert_eq!(class.taught(11.0), 3.0);
        assert_eq!(class.together(at(4.0), at(12.0)), Some(10_000));
        assert_eq!(class.together(at(11.0), at(12.0)), Some(11_000));
        class.close(at(14.0), 12.0);
        assert_eq!((class.taught(99.0), class.together(at(14.0), at(20.0))), (4.0, None));
        assert_eq!(class.together(at(13.0), at(20.0)), Some(13_000));
        assert!(!class.open(at(30.0), 20.0));
        assert_eq!(class.taught(21.0), 5.0);
    }
}
