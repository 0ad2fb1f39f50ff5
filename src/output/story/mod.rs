//! The story of one person's day, told from a run: dated lines in plain words.

mod follow;
mod json;
mod page;
mod words;

pub use follow::Follower;
pub use json::object;
pub use page::{beside, heading, page};

use crate::engine::Time;
use crate::measure::Refusal;
use crate::scenario::model::{CohortId, Scenario, ServiceId};
use jiff::{Zoned, tz::TimeZone};

/// What a line tells: the names programs tell lines apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A visit begins, or comes back.
    Visit,
    /// A visit is put off by a policy that spreads starts.
    Postponed,
    /// A visit falls due while another is under way.
    Owed,
    /// A knock fails.
    Refused,
    /// Several knocks fail.
    Tries,
    /// In a waiting room.
    Waits,
    /// Called from a waiting room.
    Called,
    /// A login is done; at the end of the route a session begins.
    Login,
    /// A session ends by itself.
    Learnt,
    /// A session ends early.
    Cut,
    /// A door is given up.
    GaveUp,
    /// A visit is over without a session.
    Over,
    /// The run ends before the visit.
    Unfinished,
}

impl LineKind {
    /// All of them, with their names and what they tell.
    pub const ALL: [(LineKind, &'static str, &'static str); 13] = [
        (
            LineKind::Visit,
            "visit",
            "a visit begins, or comes back later the same day",
        ),
        (
            LineKind::Postponed,
            "postponed",
            "a policy that spreads starts puts a visit off",
        ),
        (LineKind::Owed, "owed", "another visit falls due while one is under way"),
        (LineKind::Refused, "refused", "a knock fails"),
        (
            LineKind::Tries,
            "tries",
            "several knocks fail, between `at` and `until`",
        ),
        (LineKind::Waits, "waits", "a waiting room is joined"),
        (LineKind::Called, "called", "called from the waiting room"),
        (
            LineKind::Login,
            "login",
            "a login is done; at the end of the route the session begins",
        ),
        (LineKind::Learnt, "learnt", "a session ends"),
        (LineKind::Cut, "cut", "a session is cut, by its limit or by an outage"),
        (
            LineKind::GaveUp,
            "gave-up",
            "a door is given up, and what is done instead",
        ),
        (LineKind::Over, "over", "a visit that needs no session is over"),
        (LineKind::Unfinished, "unfinished", "the run ends before the visit does"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        LineKind::ALL[self as usize].1
    }
}

/// A line of a story.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// When, or since when.
    pub at: Time,
    /// Until when, where that is not the same.
    pub until: Option<Time>,
    /// What it tells.
    pub kind: LineKind,
    /// At which service, if at one.
    pub service: Option<ServiceId>,
    /// Knocks that failed, by reason.
    pub refusals: Vec<(Refusal, u64)>,
    /// The words.
    pub text: String,
}

/// A person's day in figures; learning times in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Visits begun.
    pub visits: u64,
    /// Knocks, those drawn late included.
    pub knocks: u64,
    /// Learning time wanted.
    pub wanted: u64,
    /// Obtained.
    pub obtained: u64,
    /// Obtained elsewhere.
    pub elsewhere: u64,
    /// Lost.
    pub lost: u64,
}

/// A person's day.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// What happened, in order of time.
    pub lines: Vec<Line>,
    /// And what it came to.
    pub sums: Sums,
}

/// Who is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    /// The cohort.
    pub cohort: CohortId,
    /// The number within it, as in `people.csv`.
    pub person: u32,
}

impl Who {
    /// `idf-college/17`.
    pub fn name(&self, scenario: &Scenario) -> String {
        format!("{}/{}", scenario.cohorts[self.cohort.index()].key, self.person)
    }
}

/// Civil times where a person lives.
#[derive(Clone)]
pub struct LocalTime {
    start: Zoned,
}

impl LocalTime {
    /// Of the region of a cohort, or of the run where it has none.
    pub fn of(scenario: &Scenario, cohort: CohortId) -> Option<LocalTime> {
        let region = scenario.cohorts[cohort.index()].region;
        let zone = region.map(|r| TimeZone::get(&scenario.regions[r.index()].zone).ok());
        let start = super::civil::Civil::of(&scenario.clock).at(0.0)?;
        Some(LocalTime {
            start: match zone {
                Some(zone) => start.with_time_zone(zone?),
                None => start,
            },
        })
    }

    /// An instant.
    pub fn at(&self, time: Time) -> Zoned {
        let later = jiff::SignedDuration::from_nanos(time.0 as i64);
        self.start.saturating_add(later)
    }

    /// `08:31:05`.
    pub fn clock(&self, time: Time) -> String {
        self.at(time).strftime("%H:%M:%S").to_string()
    }

    /// `Tuesday 6 April 2021`.
    pub fn day(&self, time: Time) -> String {
        self.at(time).strftime("%A %-d %B %Y").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::LineKind;

    #[test]
    fn names_stand_where_their_kinds_do_and_on_the_page() {
        let page = include_str!("../../../docs/trace.md");
        for (kind, name, what) in LineKind::ALL {
            assert_eq!(kind.name(), name);
            assert!(
                page.contains(&format!("| `{name}` | {what} |")),
                "docs/trace.md lacks {name}"
            );
        }
    }
}
