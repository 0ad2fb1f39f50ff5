//! What is known of each day of a run.

use super::kpi::{Scope, Unit};
use super::{Bin, GroupBin, Learning, Outcome};
use crate::scenario::model::{Clock, Scenario};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

/// Hour of the run's zone at which a day of the books begins: the evening overseas belongs to the day before.
const FIRST_HOUR: i8 = 4;

/// A day of the books, from 04:00 to 04:00 in the zone of the run, as far as the run has seen it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    /// Its date.
    pub date: Date,
    /// Its beginning, s since the start of the run.
    pub from: f64,
    /// Its end, s since the start of the run.
    pub until: f64,
}

/// The days of a run, in order. A run that starts after midnight and before 04:00 begins with its own day.
///
/// ```
/// use preau::{measure::days, scenario};
/// let model = scenario::load(&scenario::Source::Builtin("2021-04-06".into()), &[]).unwrap();
/// assert_eq!(days(&model.clock)[0].date.to_string(), "2021-04-06");
/// ```
pub fn days(clock: &Clock) -> Vec<Day> {
    let end = clock.end.as_secs();
    let start = TimeZone::get(&clock.zone)
        .ok()
        .and_then(|zone| clock.start.to_zoned(zone).ok());
    let Some(start) = start else { return Vec::new() };
    let mut found = Vec::new();
    let (mut date, mut from) = (start.date(), 0.0);
    while from < end {
        let Ok(next) = date.checked_add(1.day()) else { break };
        let turn = next.at(FIRST_HOUR, 0, 0, 0).to_zoned(start.time_zone().clone());
        let until = turn.map_or(end, |turn| turn.duration_since(&start).as_secs_f64().min(end));
        found.push(Day { date, from, until });
        (date, from) = (next, until);
    }
    found
}

impl Day {
    /// Seconds since the start of the run of a civil hour of this day in the zone of the run.
    pub fn hour(&self, clock: &Clock, hour: f64) -> Option<f64> {
        let zone = TimeZone::get(&clock.zone).ok()?;
        let start = clock.start.to_zoned(zone.clone()).ok()?;
        let then = self.date.at(0, 0, 0, 0);
        let then = then.checked_add(SignedDuration::from_secs_f64(hour * 3600.0)).ok()?;
        let then = then.to_zoned(zone).ok()?;
        Some(then.duration_since(&start).as_secs_f64())
    }
}

/// One day of one scope.
pub struct DayView<'a> {
    groups: Vec<&'a GroupBin>,
    bins: Vec<&'a Bin>,
    learning: Option<Learning>,
    of_region: bool,
}

impl<'a> DayView<'a> {
    /// Day number `day` of [`days`] in a scope.
    pub fn new(scenario: &'a Scenario, outcome: &'a Outcome, scope: Scope, number: usize, day: &Day) -> Self {
        let width = outcome.series.width;
        // A bin belongs to the day in which it begins.
        let of_day = move |i: usize| (day.from..day.until).contains(&(i as f64 * width + 1e-6));
        let regions = scenario.regions.iter().zip(&outcome.series.regions).enumerate();
        let groups = regions.filter(|(i, _)| match scope {
            Scope::Total => true,
            Scope::Region(r) => r.index() == *i,
            _ => false,
        });
        let services = scenario.services.iter().zip(&outcome.series.services).enumerate();
        let services = services.filter(|(i, (service, _))| match scope {
            Scope::Total => true,
            Scope::Region(r) => service.region == Some(r),
            Scope::Service(s) => s.index() == *i,
            _ => false,
        });
        let cohorts = |i: &usize| scope.takes(&scenario.cohorts[*i]);
        let sum = |books: &Vec<Learning>| {
            let mut sum = Learning::default();
            (0..books.len()).filter(cohorts).for_each(|i| sum.merge(&books[i]));
            sum
        };
        let learning = outcome.days.get(number).map(|until| {
            let before = number
                .checked_sub(1)
                .map_or_else(Learning::default, |n| sum(&outcome.days[n]));
            sum(until).since(&before)
        });
        let nowhere = Some(&outcome.series.nowhere).filter(|_| scope == Scope::Total);
        let groups = groups.map(|(_, (_, bins))| bins).chain(nowhere);
        DayView {
            groups: groups.flat_map(|bins| pick(bins, of_day)).collect(),
            bins: services.flat_map(|(_, (_, bins))| pick(bins, of_day)).collect(),
            learning: learning.filter(|_| !matches!(scope, Scope::Service(_))),
            of_region: matches!(scope, Scope::Region(_)),
        }
    }

    fn visits(&self, count: fn(&GroupBin) -> u64) -> Option<f64> {
        (!self.groups.is_empty()).then(|| self.groups.iter().map(|bin| count(bin)).sum::<u64>() as f64)
    }

    fn at_doors(&self, count: fn(&Bin) -> u64) -> Option<f64> {
        (!self.bins.is_empty()).then(|| self.bins.iter().map(|bin| count(bin)).sum::<u64>() as f64)
    }

    /// Of a region those of its pupils, wherever they meet.
    fn classes(&self) -> Option<f64> {
        if self.of_region {
            return self.visits(|b| b.classes);
        }
        self.at_doors(|b| b.classes)
    }

    fn hours(&self, time: fn(&Learning) -> u128) -> Option<f64> {
        self.learning.as_ref().map(|l| Learning::hours(time(l)))
    }
}

fn pick<T>(bins: &[T], of_day: impl Fn(usize) -> bool) -> impl Iterator<Item = &T> {
    let numbered = bins.iter().enumerate();
    numbered.filter(move |(i, _)| of_day(*i)).map(|(_, bin)| bin)
}

/// A number of a day.
pub struct DayKpi {
    /// Name in files.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// What it means.
    pub meaning: &'static str,
    of: fn(&DayView<'_>) -> Option<f64>,
}

impl DayKpi {
    /// Its value; none where it does not exist.
    pub fn of(&self, view: &DayView<'_>) -> Option<f64> {
        (self.of)(view)
    }
}

macro_rules! day_kpis {
    ($($name:ident: $unit:ident, $meaning:literal, $of:expr;)*) => {
        /// Every number of a day, in the order of files.
        pub static DAY_KPIS: &[DayKpi] = &[$(DayKpi {
            name: stringify!($name),
            unit: Unit::$unit,
            meaning: $meaning,
            of: $of,
        }),*];
    };
}

day_kpis! {
    visits: Count, "Visits begun (scopes of people)", |d| d.visits(|b| b.visits);
    in_5min: Count, "Of these visits: in within 5 minutes of their first knock", |d| d.visits(|b| b.in_5min);
    in_15min: Count, "Of these visits: in within 15 minutes of their first knock", |d| d.visits(|b| b.in_15min);
    in_ever: Count, "Of these visits: in before the end of the run", |d| d.visits(|b| b.in_ever);
    gave_up: Count, "Of these visits: given up without ever having been in", |d| d.visits(|b| b.gave_up);
    knocks: Count, "Knocks at the doors of the scope's services", |d| d.at_doors(|b| b.knocks);
    logins: Count, "Logins at the scope's services", |d| d.at_doors(|b| b.logins);
    refusals: Count, "Knocks that failed, whatever the reason", |d| d.at_doors(|b| b.refused.iter().sum());
    people_served: Count, "Different people who got in that day, at the service where their first such visit ended",
        |d| d.at_doors(|b| b.people);
    classes_opened: Count, "Live classes whose teacher came in for the first time that day", |d| d.classes();
    hours_wanted: Hours, "Learning time wanted by visits begun that day", |d| d.hours(|l| l.wanted);
    hours_obtained: Hours, "Learning time booked as obtained that day", |d| d.hours(|l| l.obtained);
    hours_fallback: Hours, "Learning time booked as got elsewhere that day", |d| d.hours(|l| l.fallback);
    hours_lost: Hours, "Learning time booked as lost that day", |d| d.hours(|l| l.lost);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Span, Time};
    use jiff::civil::date;

    fn clock(hour: i8, hours: f64) -> Clock {
        Clock {
            start: date(2021, 3, 27).at(hour, 0, 0, 0),
            zone: "Europe/Paris".into(),
            end: Time::from_secs(hours * 3600.0),
            warm_up: Time::ZERO,
            bin: Span::from_secs(300.0),
        }
    }

    #[test]
    fn days_turn_at_four_even_when_the_clocks_change() {
        // On 28 March 2021 summer time began: that day is an hour shorter.
        let found = days(&clock(3, 60.0));
        let spans: Vec<_> = found
            .iter()
            .map(|d| (d.date.day(), d.from / 3600.0, d.until / 3600.0))
            .collect();
        assert_eq!(spans, [(27, 0.0, 24.0), (28, 24.0, 48.0), (29, 48.0, 60.0)]);
        assert_eq!(found[1].hour(&clock(3, 60.0), 8.0), Some(28.0 * 3600.0));
        assert_eq!(days(&clock(5, 2.0)).len(), 1);
    }
}
