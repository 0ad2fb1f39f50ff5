//! Simulated time: integer nanoseconds, so that equal instants are equal and runs repeat bit for bit.

use std::ops::{Add, AddAssign, Mul, Sub};

const NANOS_PER_SEC: f64 = 1e9;

/// An instant: nanoseconds since the run's start.
///
/// Sixty bits hold 36 years; the other four bits of an event's first word are left to its class
/// (see [`Event`](super::Event)).
///
/// ```
/// use preau::engine::{Span, Time};
/// let bell = Time::from_secs(8.5 * 3600.0);
/// assert_eq!(bell + Span::from_millis(250), Time::from_secs(30_600.25));
/// assert_eq!((Time::from_secs(2.0) - bell), Span::ZERO); // never negative
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Time(pub u64);

/// A length of time in nanoseconds.
///
/// ```
/// use preau::engine::Span;
/// assert_eq!(Span::from_secs(1.5) + Span::from_millis(500), Span::from_secs(2.0));
/// assert_eq!(Span::from_secs(2.0) * 0.25, Span::from_millis(500));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Span(pub u64);

/// Rounds seconds to nanoseconds.
#[inline]
fn nanos(secs: f64) -> u64 {
    whole(secs * NANOS_PER_SEC)
}

/// The nearest whole number up to [`Time::MAX`]'s count. A cast saturates and turns NaN into zero by the language's own rule.
#[inline]
fn whole(x: f64) -> u64 {
    /// From here on every number is whole.
    const ALL_WHOLE: f64 = (1_u64 << 52) as f64;
    if (0.0..ALL_WHOLE).contains(&x) {
        // The sum has no digits after the point: it is rounded, and its low bits are the number. A cast would check again
        // what is known here.
        return (x + ALL_WHOLE).to_bits() - ALL_WHOLE.to_bits();
    }
    (x as i64).clamp(0, Time::MAX.0 as i64) as u64
}

/// Nanoseconds as seconds.
#[inline]
fn seconds(nanos: u64) -> f64 {
    // Sixty bits fit a signed number, of which the conversion is one instruction instead of half a dozen.
    nanos as i64 as f64 / NANOS_PER_SEC
}

impl Time {
    /// The run's start.
    pub const ZERO: Self = Self(0);
    /// The last instant an event can carry, 2^60 − 1 ns (36.5 years): in practice "never".
    pub const MAX: Self = Self((1 << 60) - 1);

    /// The instant `secs` seconds after the start, rounded to the nearest nanosecond. Beyond
    /// [`Time::MAX`] it saturates; a negative number or NaN gives [`Time::ZERO`].
    pub fn from_secs(secs: f64) -> Self {
        Self(nanos(secs))
    }

    /// Seconds since the start.
    #[inline]
    pub fn as_secs(self) -> f64 {
        seconds(self.0)
    }

    /// The time passed since `earlier`, or `None` if `earlier` is in fact later.
    pub fn checked_since(self, earlier: Self) -> Option<Span> {
        self.0.checked_sub(earlier.0).map(Span)
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A length of `secs` seconds, rounded to the nearest nanosecond, saturating at [`Time::MAX`]'s
    /// count; a negative number or NaN gives zero.
    pub fn from_secs(secs: f64) -> Self {
        Self(nanos(secs))
    }

    /// A length of `millis` milliseconds, saturating like [`Span::from_secs`].
    pub const fn from_millis(millis: u64) -> Self {
        let nanos = millis.saturating_mul(1_000_000);
        Self(if nanos > Time::MAX.0 { Time::MAX.0 } else { nanos })
    }

    /// Seconds.
    #[inline]
    pub fn as_secs(self) -> f64 {
        seconds(self.0)
    }

    /// Whole milliseconds, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }
}

impl Add<Span> for Time {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0).min(Self::MAX.0))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub for Time {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0).min(Time::MAX.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Mul<f64> for Span {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self(whole(self.0 as f64 * factor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_round_and_saturate() {
        assert_eq!(Time::from_secs(1.234_567_890_6), Time(1_234_567_891));
        assert_eq!(Time::from_secs(f64::NAN), Time::ZERO);
        assert_eq!(Time::from_secs(-1.0), Time::ZERO);
        assert_eq!(Time::from_secs(f64::INFINITY), Time::MAX);
        assert_eq!(Time::from_secs(1e30), Time::MAX);
        assert_eq!(Span::from_millis(u64::MAX), Span(Time::MAX.0));
        assert_eq!(Time::from_secs(86_400.0).as_secs(), 86_400.0);
        // Above 2^52 every number is whole: adding a half first would round an odd one up.
        assert_eq!(Span((1 << 52) + 1) * 1.0, Span((1 << 52) + 1));
        assert_eq!(Span::from_secs(1.9999).as_millis(), 1_999);
    }

    #[test]
    fn arithmetic_never_wraps() {
        assert_eq!(Time::MAX + Span(7), Time::MAX);
        assert_eq!(Time(3) - Time(5), Span::ZERO);
        assert_eq!(Time(3).checked_since(Time(5)), None);
        assert_eq!(Time(5).checked_since(Time(3)), Some(Span(2)));
        assert_eq!(Span(3) - Span(4), Span::ZERO);
        assert_eq!(Span(3) * -1.0, Span::ZERO);
        assert_eq!(Span(3) * f64::NAN, Span::ZERO);
        assert_eq!(Span(3) * f64::INFINITY, Span(Time::MAX.0));
    }
}
