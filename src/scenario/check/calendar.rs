//! Civil time: the run's calendar, and instants said in any region's zone.

use jiff::civil::{Date, DateTime, Time as Clock};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};

use super::quantity::{DURATION, POSITIVE_DURATION};
use super::{At, Checker};
use crate::engine::{Span, Time};
use crate::scenario::model;
use crate::scenario::raw::{self, Scalar};

/// The start of a run.
pub(super) struct Calendar {
    pub start: Zoned,
    pub zone: TimeZone,
}

impl Default for Calendar {
    fn default() -> Self {
        let start = DateTime::constant(2021, 4, 6, 0, 0, 0, 0);
        let zone = TimeZone::UTC;
        let start = start.to_zoned(zone.clone()).unwrap_or_default();
        Self { start, zone }
    }
}

/// Every service and every region has a line for every bin: more bins, or more lines in all, would fill the memory before they
/// told anybody anything. A line takes some 300 bytes.
const MOST_BINS: f64 = 1e6;
const MOST_LINES: f64 = 1e7;

impl Checker<'_> {
    /// Reads the clock of a model with so many services and regions; from then on instants can be read.
    pub(super) fn clock(&mut self, raw: &raw::Clock, parts: usize) -> model::Clock {
        let root = At::ROOT;
        let at = root.key("clock");
        let zone_name = raw.zone.clone().unwrap_or_else(|| "Europe/Paris".to_owned());
        let zone = self.zone(&at.key("zone"), &zone_name);
        let start = raw.start.as_deref().unwrap_or("2021-04-06T00:00");
        let start = match start.parse::<DateTime>() {
            Ok(start) => start,
            Err(_) => {
                let problem = self.wrong(&at.key("start"), format!("`{start}` is not a date and time"));
                let problem = problem.label("expected such as \"2021-04-06T04:00\"");
                self.note(problem.help("write year-month-day, a T, hour:minute"));
                DateTime::constant(2021, 4, 6, 0, 0, 0, 0)
            }
        };
        match start.to_zoned(zone.clone()) {
            Ok(start) => self.calendar = Calendar { start, zone },
            Err(error) => {
                let problem = self.wrong(&at.key("start"), format!("this start does not exist: {error}"));
                self.note(problem);
            }
        }
        let zone = self.calendar.zone.clone();
        if raw.end.is_none() {
            self.missing(
                &at.key("end"),
                "a time such as \"2021-04-06T18:00\" or a duration",
                "\"20000 s\"",
            );
        }
        let before = self.problems.len();
        let end = self.instant(&at.key("end"), raw.end.as_ref(), &zone);
        if end.is_none_or(|end| end == Time::ZERO) && raw.end.is_some() && self.problems.len() == before {
            let problem = self
                .wrong(&at.key("end"), "the run ends when it starts")
                .label("not after `clock.start`");
            self.note(problem.help("give an end after the start, or a duration such as \"20000 s\""));
        }
        let mut end = end.unwrap_or(Time::from_secs(1.0));
        if end >= Time::MAX {
            let years = (Time::MAX.as_secs() / (365.25 * 86_400.0)).floor();
            let problem = self.wrong(&at.key("end"), "this end is too far away");
            let help = format!("a run lasts {years:.0} years at most: give an earlier end");
            self.note(problem.label("beyond what the clock can count").help(help));
            // Whatever else is read must not be judged by a clock that has stopped.
            end = Time::from_secs(86_400.0);
        }
        let warm_up = Time::from_secs(self.or(&at.key("warm_up"), raw.warm_up.as_ref(), &DURATION, 0.0));
        if warm_up >= end && raw.warm_up.is_some() && self.problems.len() == before {
            let problem = self.wrong(&at.key("warm_up"), "the warm-up is as long as the run");
            self.note(
                problem
                    .label("nothing is left to measure")
                    .help("shorten `warm_up` or move `clock.end`"),
            );
        }
        let bin = Span::from_secs(self.or(&at.key("bin"), raw.bin.as_ref(), &POSITIVE_DURATION, 300.0));
        let bins = end.as_secs() / bin.as_secs();
        let most = MOST_BINS.min((MOST_LINES / parts.max(1) as f64).floor());
        if bins > most && self.problems.len() == before {
            let title = format!("the run would have {bins:.0} bins");
            let problem = self.wrong(&at.key("bin"), title).label("too narrow for so long a run");
            let help = format!("{most:.0} are taken at most: give a wider bin, or an earlier `clock.end`");
            self.note(problem.help(help));
        }
        model::Clock {
            start,
            zone: zone_name,
            end,
            warm_up,
            bin,
        }
    }

    /// A zone by its IANA name; the run's stands in for one that is wrong.
    pub(super) fn zone(&mut self, at: &At, name: &str) -> TimeZone {
        TimeZone::get(name).unwrap_or_else(|_| {
            let problem = self.wrong(at, format!("there is no time zone `{name}`"));
            let near = preau_text::nearest(name, ZONES.iter().copied());
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write an IANA name such as \"Europe/Paris\" or \"Indian/Reunion\"".to_owned(),
            };
            self.note(problem.label("expected an IANA name").help(help));
            self.calendar.zone.clone()
        })
    }

    /// An instant: a civil time in a zone, or a duration since the start. None if not given or wrong.
    pub(super) fn instant(&mut self, at: &At, raw: Option<&Scalar>, zone: &TimeZone) -> Option<Time> {
        let raw = raw?;
        let text = match raw {
            Scalar::Text(text) if text.contains(':') => text.trim(),
            Scalar::Text(text) if text.trim().parse::<Date>().is_ok() => {
                let date = text.trim();
                let problem = self.wrong(at, format!("`{date}` is a date without a time"));
                let help = format!("write \"{date}T00:00\" for its beginning, \"{date}T24:00\" for its end");
                self.note(problem.label("which time of that day?").help(help));
                return None;
            }
            Scalar::Text(_) => return self.maybe(at, Some(raw), &DURATION).map(Time::from_secs),
            _ => {
                let title = format!("expected a time such as \"08:30\", found {}", self.found(at));
                let problem = self.wrong(at, title).label("expected a time");
                self.note(
                    problem.help("a time is a text: \"08:30\", \"2021-04-06T08:30\" or \"15 min\" from the start"),
                );
                return None;
            }
        };
        let Some(civil) = self.civil(text) else {
            let problem = self
                .wrong(at, format!("`{text}` is not a time"))
                .label("expected such as \"08:30\"");
            self.note(problem.help("write \"08:30\", \"2021-04-06T08:30\" or \"15 min\" from the start"));
            return None;
        };
        let Ok(when) = civil.to_zoned(zone.clone()) else {
            let problem = self
                .wrong(at, format!("`{text}` is out of the calendar"))
                .label("too far away");
            self.note(problem);
            return None;
        };
        let start = &self.calendar.start;
        let seconds = when.timestamp().as_second() - start.timestamp().as_second();
        if seconds < 0 {
            let here = when.with_time_zone(self.calendar.zone.clone());
            let mut title = format!("`{text}` is before the run starts");
            let zone_name = zone.iana_name().unwrap_or("its zone");
            if zone != &self.calendar.zone {
                let run_zone = self.calendar.zone.iana_name().unwrap_or("the run's zone");
                title = format!(
                    "`{text}` in {zone_name} is {} in {run_zone}, before the run starts",
                    here.strftime("%Y-%m-%dT%H:%M")
                );
            }
            let problem = self
                .wrong(at, title)
                .label(format!("the run starts at {}", start.strftime("%Y-%m-%dT%H:%M")));
            self.note(problem.help(format!(
                "start earlier: `clock.start: \"{}\"`",
                here.strftime("%Y-%m-%dT%H:%M")
            )));
            return None;
        }
        Some(Time::from_secs(seconds as f64))
    }

    /// Whether a civil time lies before the run.
    pub(super) fn is_before_the_run(&self, raw: &Scalar, zone: &TimeZone) -> bool {
        let Scalar::Text(text) = raw else { return false };
        let when = self
            .civil(text.trim())
            .and_then(|civil| civil.to_zoned(zone.clone()).ok());
        when.is_some_and(|when| when < self.calendar.start)
    }

    /// An instant that must be there; the start stands in for one that is wrong.
    pub(super) fn need_instant(&mut self, at: &At, raw: Option<&Scalar>, zone: &TimeZone) -> Time {
        if raw.is_none() {
            self.missing(at, "a time such as \"08:30\"", "\"08:30\"");
        }
        self.instant(at, raw, zone).unwrap_or(Time::ZERO)
    }

    /// `08:30`, `08:30:15`, `24:00`, each with or without a date before it.
    fn civil(&self, text: &str) -> Option<DateTime> {
        let (date, clock) = match text.split_once('T') {
            Some((date, clock)) => (date.parse::<Date>().ok()?, clock),
            None => (self.calendar.start.date(), text),
        };
        TimeOfDay::read(clock)?.on(date)
    }
}

/// A time of any day.
#[derive(Clone, Copy)]
pub(super) enum TimeOfDay {
    /// `08:30` or `08:30:15`.
    At(Clock),
    /// `24:00`, the beginning of the next day.
    End,
}

impl TimeOfDay {
    /// Hours, minutes and seconds, if there are any.
    pub fn read(text: &str) -> Option<TimeOfDay> {
        let mut numbers = [0; 3];
        let mut parts = 0;
        for part in text.split(':') {
            let right = matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit());
            *numbers.get_mut(parts)? = right.then(|| part.parse::<i8>().ok())??;
            parts += 1;
        }
        match numbers {
            _ if parts < 2 => None,
            [24, 0, 0] => Some(TimeOfDay::End),
            [hour, minute, second] => Clock::new(hour, minute, second, 0).ok().map(TimeOfDay::At),
        }
    }

    /// That of one date; none at the end of all dates.
    pub fn on(self, date: Date) -> Option<DateTime> {
        match self {
            TimeOfDay::At(clock) => Some(date.to_datetime(clock)),
            TimeOfDay::End => Some(date.checked_add(1.day()).ok()?.to_datetime(Clock::midnight())),
        }
    }
}

/// The zones of France, for "did you mean".
const ZONES: [&str; 12] = [
    "Europe/Paris",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Wallis",
    "America/Miquelon",
    "Pacific/Marquesas",
    "UTC",
];
