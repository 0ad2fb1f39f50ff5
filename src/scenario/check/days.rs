//! School days: on which days the timetables hold, for whom, and what share of those who connect comes.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use super::calendar::TimeOfDay;
use super::quantity::SHARE;
use super::{At, Checker};
use crate::engine::Time;
use crate::scenario::model::{Level, RegionId, Who};
use crate::scenario::raw::{self, Scalar};

/// Whose days are asked for.
pub(super) type Group = (Option<RegionId>, Level);

/// The calendar of a run.
#[derive(Default)]
pub(super) struct Days {
    rules: Vec<Rule>,
    /// Civil dates that the run may see somewhere on Earth.
    dates: Vec<Date>,
}

struct Rule {
    from: Date,
    until: Date,
    weekdays: Vec<Weekday>,
    who: Who,
    turnout: f64,
}

impl Rule {
    fn takes(&self, date: Date, (region, level): Group) -> bool {
        (self.from..=self.until).contains(&date)
            && (self.weekdays.is_empty() || self.weekdays.contains(&date.weekday()))
            && self.who.takes_group(region, level)
    }
}

impl Days {
    /// The days on which anybody of a group comes, each with its turnout.
    pub(super) fn of(&self, group: Group) -> Vec<(Date, f64)> {
        let turnout = |date: &Date| {
            let last = self.rules.iter().rfind(|rule| rule.takes(*date, group));
            (*date, last.map_or(0.0, |rule| rule.turnout))
        };
        self.dates
            .iter()
            .map(turnout)
            .filter(|(_, share)| *share > 0.0)
            .collect()
    }
}

/// When a wave comes.
pub(super) struct Occurrence {
    /// The day, if the calendar chose it.
    pub day: Option<Date>,
    pub at: Time,
    /// Share of those who connect.
    pub turnout: f64,
}

impl Checker<'_> {
    /// Reads the calendar; from then on waves can be repeated.
    pub(super) fn school_days(&mut self, raw: &[raw::DayRule], end: Time) {
        let root = At::ROOT;
        let list = root.key("calendar");
        let mut rules = Vec::new();
        for (i, raw) in raw.iter().enumerate() {
            let at = list.index(i);
            let from = self.date(&at.key("from"), raw.from.as_ref());
            let until = self.date(&at.key("until"), raw.until.as_ref());
            if let (Some(from), Some(until)) = (from, until)
                && until < from
            {
                let problem = self.wrong(&at.key("until"), format!("a rule from {from} to {until} takes no day"));
                self.note(problem.label("before `from`").help("both days are included"));
            }
            rules.push(Rule {
                // A day alone is a rule of one day.
                until: until.or(from).unwrap_or(Date::MAX),
                from: from.unwrap_or(Date::MIN),
                weekdays: weekdays(&raw.weekdays),
                who: self.who(&at.key("who"), raw.who.as_ref()),
                turnout: self.or(&at.key("turnout"), raw.turnout.as_ref(), &SHARE, 1.0),
            });
        }
        let start = self.calendar.start.date();
        let days = (end.as_secs() / 86_400.0) as i64 + 3;
        let date = |n: i64| start.checked_add((n - 1).days()).ok();
        self.days = Days {
            rules,
            dates: (0..=days).filter_map(date).collect(),
        };
    }

    /// A time of day on every date of the run, in its zone; none before the start.
    pub(super) fn each_day(&mut self, at: &At, raw: Option<&String>) -> Vec<Option<Time>> {
        let Some(text) = raw else {
            self.missing(at, "a time of day", "\"09:00\"");
            return Vec::new();
        };
        let start = self.calendar.start.clone();
        let time = TimeOfDay::read(text.trim());
        let on = |date: &Date| {
            let then = time?.on(*date)?.to_zoned(start.time_zone().clone()).ok()?;
            Some(then.timestamp().as_second() - start.timestamp().as_second())
        };
        let found: Option<Vec<i64>> = self.days.dates.iter().map(on).collect();
        if found.is_none() {
            let problem = self.wrong(at, format!("`{text}` is not a time of day"));
            self.note(problem.label("expected such as \"09:00\""));
        }
        let instant = |seconds: i64| (seconds >= 0).then(|| Time::from_secs(seconds as f64));
        found.unwrap_or_default().into_iter().map(instant).collect()
    }

    /// From one time of day until another on every date of the run; what has begun before the run lasts from its start.
    pub(super) fn hours_each_day(
        &mut self,
        at: &At,
        from: Option<&String>,
        until: Option<&String>,
    ) -> Vec<(Time, Time)> {
        let from = self.each_day(&at.key("from"), from);
        let until = self.each_day(&at.key("until"), until);
        if let (Some(Some(begin)), Some(Some(end))) = (from.last(), until.last())
            && begin >= end
        {
            let problem = self.wrong(&at.key("until"), "this ends when it begins, or before");
            self.note(
                problem
                    .label("not after `from`")
                    .help("both are of one day; write two for a night"),
            );
        }
        let pairs = from.into_iter().zip(until);
        pairs
            .filter_map(|(from, until)| Some((from.unwrap_or(Time::ZERO), until?)))
            .collect()
    }

    fn date(&mut self, at: &At, raw: Option<&String>) -> Option<Date> {
        let text = raw?;
        let date = text.parse::<Date>().ok();
        if date.is_none() {
            let problem = self.wrong(at, format!("`{text}` is not a date"));
            self.note(
                problem
                    .label("expected such as \"2021-04-06\"")
                    .help("write year-month-day"),
            );
        }
        date
    }

    /// The instants of a wave for a group: once, or on every one of its school days ([`Days::of`]) where the model has a calendar
    /// and the wave says a time of day.
    pub(super) fn occurrences(
        &mut self,
        at: &At,
        raw: Option<&Scalar>,
        zone: &TimeZone,
        days: &[(Date, f64)],
    ) -> Vec<Occurrence> {
        let daily = match raw {
            Some(Scalar::Text(text)) if text.contains(':') && !text.contains('T') && !self.days.rules.is_empty() => {
                text
            }
            _ => {
                let at = self.need_instant(at, raw, zone);
                return vec![Occurrence {
                    day: None,
                    at,
                    turnout: 1.0,
                }];
            }
        };
        let (first, end) = (self.calendar.start.date(), self.days.dates.last().copied());
        let start = self.calendar.start.timestamp().as_second();
        let time = TimeOfDay::read(daily.trim());
        let mut found = Vec::new();
        for &(day, turnout) in days {
            let when = time.and_then(|time| zone.to_timestamp(time.on(day)?).ok());
            let seconds = when.map(|when| when.as_second() - start);
            match seconds {
                Some(seconds @ 0..) if end.is_some_and(|end| day <= end) => found.push(Occurrence {
                    day: Some(day),
                    at: Time::from_secs(seconds as f64),
                    turnout,
                }),
                // Of a school day before the run nothing is seen; one that the run cuts in two is a slip.
                Some(_) if day < first => {}
                _ => {
                    self.instant(at, raw, zone);
                    return Vec::new();
                }
            }
        }
        found
    }
}

/// The days of the week of a rule or a wave; none: all.
pub(super) fn weekdays(raw: &[raw::Weekday]) -> Vec<Weekday> {
    let one = |raw: &raw::Weekday| match raw {
        raw::Weekday::Monday => Weekday::Monday,
        raw::Weekday::Tuesday => Weekday::Tuesday,
        raw::Weekday::Wednesday => Weekday::Wednesday,
        raw::Weekday::Thursday => Weekday::Thursday,
        raw::Weekday::Friday => Weekday::Friday,
        raw::Weekday::Saturday => Weekday::Saturday,
        raw::Weekday::Sunday => Weekday::Sunday,
    };
    raw.iter().map(one).collect()
}
