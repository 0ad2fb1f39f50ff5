//! What a class has taught so far, and when its teacher was in.

use crate::engine::Time;

/// In a class's first instant: some pupil was in together with the teacher.
const HELD: u32 = 1 << 31;
/// No instant.
const NEVER: u32 = HELD - 1;

/// What a class has given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Class {
    /// What it has taught, as seconds at full quality; while the teacher is in, less the service's quality integral.
    taught: f64,
    /// When the teacher last came in, ms; [`NEVER`] before the first time. The upper bit is [`HELD`].
    opened: u32,
    /// When the teacher last left, ms; [`NEVER`] while in.
    closed: u32,
}

/// The accounts of all classes: 16 bytes each, of which the nation has three million a day. A class that nobody has looked in
/// at is all zeros, and memory that is all zeros is taken page by page as it is written to: lessons of days to come cost nothing.
#[derive(Default)]
pub(super) struct Accounts(Vec<[u64; 2]>);

impl Accounts {
    /// So many classes, none of which has been opened yet.
    pub fn new(classes: u32) -> Self {
        Accounts(vec![[0; 2]; classes as usize])
    }

    /// The account of a class.
    #[inline]
    pub fn of(&self, class: u32) -> Class {
        let [taught, instants] = self.0[class as usize];
        Class {
            taught: f64::from_bits(taught),
            opened: (instants as u32) ^ NEVER,
            closed: (instants >> 32) as u32,
        }
    }

    /// Keeps the account of a class.
    #[inline]
    pub fn keep(&mut self, class: u32, account: Class) {
        let instants = u64::from(account.opened ^ NEVER) | u64::from(account.closed) << 32;
        self.0[class as usize] = [account.taught.to_bits(), instants];
    }
}

impl Class {
    /// Whether the teacher is in.
    pub fn is_open(&self) -> bool {
        self.closed == NEVER
    }

    /// Some pupil is in together with the teacher; `true` the first time.
    pub fn hold(&mut self) -> bool {
        let first = self.opened & HELD == 0;
        self.opened |= HELD;
        first
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
        let mut class = Accounts::new(1).of(0);
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
        assert!(class.hold() && !class.hold());
        assert_eq!(class.together(at(29.0), at(31.0)), Some(30_000));
    }

    #[test]
    fn accounts_are_kept_apart() {
        let mut accounts = Accounts::new(3);
        let mut class = accounts.of(1);
        assert!(!class.is_open() && class.open(Time::from_secs(10.0), 8.0) && class.hold());
        accounts.keep(1, class);
        for other in [0, 2] {
            let class = accounts.of(other);
            assert!(!class.is_open() && class.taught(1.0) == 0.0);
            assert_eq!(class.together(Time::ZERO, Time::MAX), None);
        }
        let mut class = accounts.of(1);
        assert!(class.is_open() && !class.hold() && class.taught(9.0) == 1.0);
        assert!(!class.open(Time::from_secs(11.0), 9.0));
    }
}
