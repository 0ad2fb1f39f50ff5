//! When people stopped getting in, and when they did again.

use crate::scenario::model::Clock;
use jiff::{SignedDuration, Zoned, civil::Date, tz::TimeZone};

/// A bin is degraded when a smaller share of the visits begun in it is in within five minutes.
pub const GOOD_SHARE: f64 = 0.8;
/// Bins with fewer visits than this are not judged: a share of few says nothing.
pub const FEWEST_VISITS: u64 = 20;
/// What "within" means, s.
const WITHIN: f64 = 300.0;

/// Degraded bins of a scope.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Degradation {
    /// Start of the first degraded bin, s since the start of the run.
    pub first: Option<f64>,
    /// End of the last degraded bin of the same civil day, s since the start.
    pub recovered: Option<f64>,
    /// Degraded time of the whole run, s.
    pub seconds: f64,
}

impl Degradation {
    /// Whether a bin that ends then has had its five minutes when the run ends.
    pub fn is_judged(to: f64, end: f64) -> bool {
        to + WITHIN <= end
    }

    /// Judges `(visits begun, of them in within five minutes)` by bin; `None` without a series. Bins whose
    /// visits have not all had their five minutes when the run ends are not judged.
    pub fn of(clock: &Clock, width: f64, begun: &[(u64, u64)]) -> Option<Degradation> {
        if begun.is_empty() || width <= 0.0 {
            return None;
        }
        let end = clock.end.as_secs();
        let start = TimeZone::get(&clock.zone)
            .ok()
            .and_then(|zone| clock.start.to_zoned(zone).ok());
        let mut found = Degradation::default();
        let mut day = None;
        for (i, (visits, in_time)) in begun.iter().enumerate() {
            let (from, to) = (i as f64 * width, (i + 1) as f64 * width);
            let judged = *visits >= FEWEST_VISITS && Self::is_judged(to, end);
            if !judged || *in_time as f64 >= GOOD_SHARE * *visits as f64 {
                continue;
            }
            found.seconds += width;
            found.first.get_or_insert(from);
            let today = civil_date(start.as_ref(), from);
            if *day.get_or_insert(today) == today {
                found.recovered = Some(to);
            }
        }
        Some(found)
    }
}

/// The civil date so many seconds after the start.
fn civil_date(start: Option<&Zoned>, seconds: f64) -> Option<Date> {
    start?
        .checked_add(SignedDuration::try_from_secs_f64(seconds).ok()?)
        .ok()
        .map(|t| t.date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Span, Time};
    use jiff::civil::date;

    fn clock(hours: f64) -> Clock {
        Clock {
            start: date(2021, 4, 6).at(7, 0, 0, 0),
            zone: "Europe/Paris".into(),
            end: Time::from_secs(hours * 3600.0),
            warm_up: Time::ZERO,
            bin: Span::from_secs(600.0),
        }
    }

    #[test]
    fn begins_and_ends_with_bad_bins_that_count() {
        // fine, too few to judge, bad, fine at the very border, bad, fine
        let begun = [(100, 99), (19, 0), (100, 79), (100, 80), (20, 0), (50, 50)];
        let d = Degradation::of(&clock(5.0), 600.0, &begun).unwrap();
        assert_eq!(
            d,
            Degradation {
                first: Some(1200.0),
                recovered: Some(3000.0),
                seconds: 1200.0
            }
        );
    }

    #[test]
    fn never_degraded_never_recovers() {
        let d = Degradation::of(&clock(5.0), 600.0, &[(100, 100); 6]).unwrap();
        assert_eq!(d, Degradation::default());
        assert_eq!(Degradation::of(&clock(5.0), 600.0, &[]), None);
    }

    #[test]
    fn the_last_minutes_are_not_judged() {
        assert_eq!(
            Degradation::of(&clock(1.0), 600.0, &[(100, 0); 6]).unwrap().recovered,
            Some(3000.0)
        );
    }

    #[test]
    fn recovery_is_of_the_first_bad_day() {
        let mut begun = vec![(100, 100); 288];
        begun[6] = (100, 0); // 8:00 on Tuesday
        begun[150] = (100, 0); // 8:00 on Wednesday
        let d = Degradation::of(&clock(48.0), 600.0, &begun).unwrap();
        assert_eq!((d.first, d.recovered, d.seconds), (Some(3600.0), Some(4200.0), 1200.0));
    }
}
