//! Civil times: what the clock on the wall shows so long after a run's start.

use super::number::NONE;
use crate::engine::Time;
use crate::scenario::model::Clock;
use jiff::{SignedDuration, Zoned, tz::TimeZone};

/// The start of a run in its zone: looking a zone up takes longer than counting from there.
pub struct Civil {
    start: Option<Zoned>,
}

impl Civil {
    /// Of a run's clock.
    pub fn of(clock: &Clock) -> Self {
        let zone = TimeZone::get(&clock.zone).ok();
        Civil {
            start: zone.and_then(|zone| clock.start.to_zoned(zone).ok()),
        }
    }

    /// So many seconds after the start; none beyond the calendar.
    pub fn at(&self, seconds: f64) -> Option<Zoned> {
        let since = SignedDuration::try_from_secs_f64(seconds).ok()?;
        self.start.as_ref()?.checked_add(since).ok()
    }

    /// That time as `08:40` on the day on which the run starts, `Wed 08:40` in its week, `26/04 08:40` later.
    pub fn clock_time(&self, seconds: f64) -> String {
        const WEEK: f64 = 7.0 * 86_400.0;
        let first = self.start.as_ref().map(Zoned::date);
        match self.at(seconds) {
            Some(t) if Some(t.date()) == first => t.strftime("%H:%M").to_string(),
            Some(t) if seconds < WEEK => t.strftime("%a %H:%M").to_string(),
            Some(t) => t.strftime("%d/%m %H:%M").to_string(),
            None => NONE.to_owned(),
        }
    }

    /// That time as [`stamp`] writes it; nothing beyond the calendar.
    pub fn stamped(&self, seconds: f64) -> String {
        self.at(seconds).as_ref().map_or_else(String::new, stamp)
    }
}

/// Time and offset, as every file of results writes them: `2021-04-06T08:40:00+02:00`.
pub fn stamp(time: &Zoned) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// So many seconds stand in [`Stamps`].
const KNOWN: u64 = 4096;

/// Stamps of whole seconds, for rows of which many are of the same second: writing one takes longer than the rest of a row.
pub struct Stamps {
    civil: Civil,
    /// By the second modulo [`KNOWN`].
    known: Vec<Option<(u64, String)>>,
}

impl Stamps {
    /// Of a run's clock.
    pub fn of(clock: &Clock) -> Self {
        Stamps {
            civil: Civil::of(clock),
            known: vec![None; KNOWN as usize],
        }
    }

    /// The stamp of the second that an instant is in; nothing beyond the calendar.
    pub fn at(&mut self, time: Time) -> &str {
        let second = time.0 / 1_000_000_000;
        let entry = &mut self.known[(second % KNOWN) as usize];
        if entry.as_ref().is_none_or(|(known, _)| *known != second) {
            *entry = Some((second, self.civil.stamped(second as f64)));
        }
        entry.as_ref().map_or("", |(_, text)| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up;

    #[test]
    fn stamps_are_of_the_second() {
        let clock = made_up::scenario(1).clock;
        let (civil, mut stamps) = (Civil::of(&clock), Stamps::of(&clock));
        for second in [0, 6000, 6000 + KNOWN, 6000, 86_400 * 300] {
            let time = Time(second * 1_000_000_000 + 999_999_999);
            assert_eq!(stamps.at(time), civil.stamped(second as f64));
        }
        assert_eq!(stamps.at(Time::from_secs(6000.0)), "2021-04-06T08:40:00+02:00");
        // In winter the clock is another.
        assert!(stamps.at(Time::from_secs(86_400.0 * 300.0)).ends_with("+01:00"));
    }
}
