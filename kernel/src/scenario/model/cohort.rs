//! Cohorts: who comes, when, by which route and with what patience.

use super::{Backoff, CohortId, HabitId, RegionId, RouteId, ServiceId, Slot};
use crate::engine::{Distribution, Span, Time};

/// School level, or teacher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// École: 3 to 11 years.
    Primary,
    /// Collège: 11 to 15 years.
    College,
    /// Lycée: 15 to 18 years.
    Lycee,
    /// Teachers of all levels.
    Teacher,
    /// Parents who come for themselves.
    Parent,
    /// Customers of a textbook model.
    Other,
}

impl Level {
    /// All levels in the order of tables.
    pub const ALL: [Level; 6] = [
        Level::Primary,
        Level::College,
        Level::Lycee,
        Level::Teacher,
        Level::Parent,
        Level::Other,
    ];

    /// The name in files and CSV columns.
    pub fn name(self) -> &'static str {
        match self {
            Level::Primary => "primary",
            Level::College => "college",
            Level::Lycee => "lycee",
            Level::Teacher => "teacher",
            Level::Parent => "parent",
            Level::Other => "other",
        }
    }
}

/// People of one region and level.
#[derive(Clone, Debug)]
pub struct Cohort {
    /// Key in the file; random streams are derived from it.
    pub key: String,
    /// Where they live.
    pub region: Option<RegionId>,
    /// Their level.
    pub level: Level,
    /// Head count (zero for open arrival processes).
    pub people: u32,
    /// Share of them that connects on this day.
    pub connects: f64,
    /// How they wait and retry.
    pub habit: HabitId,
    /// Route of a person, drawn once: shares add up to one.
    pub routes: Vec<(f64, RouteId)>,
    /// When they come.
    pub source: Source,
    /// What a visit wants, s of learning.
    pub duration: Distribution,
    /// Work of a login that differs from the station's (textbook classes), core-seconds.
    pub work: Option<Distribution>,
    /// Class for priority orders, 0 is best.
    pub priority: u8,
    /// Seats one visit takes (several tabs or devices at once).
    pub seats: u32,
    /// Who teaches them: each visit of a wave belongs to a class, whose teacher comes in the same wave.
    pub teachers: Option<CohortId>,
    /// How long a pupil stays in a live class without its teacher; none: as long as was wanted.
    pub leaves_empty_class: Option<Span>,
    /// Who has no device of their own.
    pub device: Option<SharedDevice>,
}

/// People who share one device with somebody else: two to a device, one visit at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharedDevice {
    /// Whose people they share it with: another cohort, or the same.
    pub with: CohortId,
    /// Share of the cohort's connecting people.
    pub share: f64,
}

/// For each wave of pupils the wave of their teachers: that of the same instant; of several at one instant, in their order.
///
/// ```
/// use preau::engine::{Distribution, Time};
/// use preau::scenario::model::{Wave, lessons};
/// let wave = |s| Wave { day: 0, share: 1.0, at: Time::from_secs(s), spread: Distribution::Deterministic { value: 0.0 } };
/// assert_eq!(lessons(&[wave(2.0), wave(9.0)], &[wave(1.0), wave(2.0)]), [Some(1), None]);
/// ```
pub fn lessons(pupils: &[Wave], teachers: &[Wave]) -> Vec<Option<usize>> {
    let lesson = |(w, wave): (usize, &Wave)| {
        let before = pupils[..w].iter().filter(|other| other.at == wave.at).count();
        let mut same = teachers.iter().enumerate().filter(|(_, other)| other.at == wave.at);
        same.nth(before).map(|(i, _)| i)
    };
    pupils.iter().enumerate().map(lesson).collect()
}

/// When people come.
#[derive(Clone, Debug)]
pub enum Source {
    /// Each wave brings a share of the cohort's connecting people, once each.
    Crowd(Vec<Wave>),
    /// A Poisson process whose rate changes with time.
    Rate {
        /// `(from, rate at that instant in 1/s)`, ascending; after the last the rate stays.
        points: Vec<(Time, f64)>,
        /// The rate goes in a straight line from point to point; else it is a staircase.
        linear: bool,
        /// How many come at once; none: one.
        batch: Option<Distribution>,
    },
    /// Independent times between arrivals.
    Renewal {
        /// Time between two arrivals, s.
        between: Distribution,
        /// How many come at once; none: one.
        batch: Option<Distribution>,
    },
    /// A closed population: each person thinks, visits, thinks again.
    Closed {
        /// How many people.
        population: u32,
        /// Time between the end of a visit and the next, s.
        think: Distribution,
    },
}

/// One wave of a crowd.
#[derive(Clone, Debug)]
pub struct Wave {
    /// The school day it belongs to, from 0: on each day everybody is dealt to the waves anew.
    pub day: u32,
    /// Share of the connecting people who come in this wave, 0..=1.
    pub share: f64,
    /// Centre of the wave, already turned from the region's civil time into the run's.
    pub at: Time,
    /// Spread around the centre, s (any law with a quantile; its mean may be negative: early).
    pub spread: Distribution,
}

/// How people wait, retry and give up.
#[derive(Clone, Debug)]
pub struct Habit {
    /// Key in the file.
    pub key: String,
    /// Retry classes; a person belongs to one. Shares add up to one; empty: nobody retries.
    pub retries: Vec<RetryClass>,
    /// Chance to come back after each failed knock.
    pub persistence: f64,
    /// Most knocks of a visit at one door.
    pub max_tries: Option<u32>,
    /// Total time a person tries, from the first knock, s; none: for ever.
    pub patience: Option<Distribution>,
    /// A login that takes longer is dropped by the client.
    pub timeout: Option<Timeout>,
    /// Pages opened at once while knocking: a factor on the load of refusal pages.
    pub tabs: f64,
    /// Chance that a visit takes another route of the cohort when the usual one failed the last time: given up, or in after more than 15 minutes.
    pub learns: f64,
    /// What a person does who gives up; shares add up to one.
    pub giving_up: Vec<(f64, Fallback)>,
}

/// A way of coming back.
#[derive(Clone, Debug)]
pub struct RetryClass {
    /// Share of the people.
    pub share: f64,
    /// Time between two knocks, s. With a backoff it is not drawn from.
    pub delay: Distribution,
    /// A delay that depends on the number of the try, instead.
    pub backoff: Option<Backoff>,
}

/// A limit on how long a client waits for its login.
#[derive(Clone, Debug)]
pub struct Timeout {
    /// How long, s.
    pub after: Distribution,
    /// What it covers.
    pub scope: TimeoutScope,
    /// One way between client and service, s: the client's clock runs meanwhile, the server's does not.
    pub network: Option<Distribution>,
}

/// What a time-out covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutScope {
    /// The wait for a thread only (reneging).
    Queue,
    /// The whole login, wait and work, as a browser's.
    Sojourn,
}

/// What a person does who gives up at a door.
#[derive(Clone, Debug)]
pub enum Fallback {
    /// Tries another route.
    Route(RouteId),
    /// Comes back later and starts afresh (once).
    Later(Distribution),
    /// Learns elsewhere, without limit of places.
    Elsewhere {
        /// For reports: `lumni`, `pronote`, `paper`.
        name: String,
        /// What an hour there is worth against an hour wanted, 0..=1.
        value: f64,
    },
    /// Nothing: the hours are lost.
    Nothing,
}

/// Which services a visit passes, in order; a session is held at the last.
#[derive(Clone, Debug)]
pub struct Route {
    /// Key in the file.
    pub key: String,
    /// Where it begins.
    pub start: ServiceId,
    /// From a service to the next with a probability; the rest to 1 ends the route there.
    pub onward: Vec<(ServiceId, Vec<(ServiceId, f64)>)>,
    /// Time between two services, s.
    pub hop: Option<Distribution>,
}

impl Route {
    /// The service at which everybody on this route ends; none where it forks, or goes round.
    pub fn end(&self) -> Option<ServiceId> {
        let mut here = self.start;
        for _ in 0..=self.onward.len() {
            match self.onward.iter().find(|(from, _)| *from == here) {
                None => return Some(here),
                Some((_, onward)) => match onward.as_slice() {
                    [] => return Some(here),
                    [(to, share)] if *share >= 1.0 => here = *to,
                    _ => return None,
                },
            }
        }
        None
    }

    /// Whether visits of this route may come to a service.
    pub fn passes(&self, service: ServiceId) -> bool {
        self.start == service
            || self
                .onward
                .iter()
                .any(|(_, to)| to.iter().any(|(s, share)| *s == service && *share > 0.0))
    }
}

impl Cohort {
    /// The share of its people whose own route may come to a service.
    pub fn share_at(&self, scenario: &super::Scenario, service: ServiceId) -> f64 {
        let there = self
            .routes
            .iter()
            .filter(|(_, r)| scenario.routes[r.index()].passes(service));
        there.map(|(share, _)| share).sum()
    }

    /// Whether some of its people come to a service, by their own route.
    pub fn comes_to(&self, scenario: &super::Scenario, service: ServiceId) -> bool {
        self.share_at(scenario, service) > 0.0
    }
}

/// A filter on cohorts; empty lists mean all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Who {
    /// These regions.
    pub regions: Vec<RegionId>,
    /// These levels.
    pub levels: Vec<Level>,
}

impl Who {
    /// Whether a cohort is meant.
    pub fn takes(&self, cohort: &Cohort) -> bool {
        self.takes_group(cohort.region, cohort.level)
    }

    /// Whether people of a region and level are meant.
    pub fn takes_group(&self, region: Option<RegionId>, level: Level) -> bool {
        (self.regions.is_empty() || region.is_some_and(|r| self.regions.contains(&r)))
            && (self.levels.is_empty() || self.levels.contains(&level))
    }
}

/// A slot of a grid, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridSlot {
    /// Of this region; none: of people without one.
    pub region: Option<RegionId>,
    /// Of this level.
    pub level: Level,
    /// When.
    pub slot: Slot,
}

impl Stagger {
    /// What it means for the people of a cohort: of a grid, their own slots.
    pub fn of_cohort(&self, cohort: &Cohort) -> Stagger {
        match self {
            Stagger::Grid(slots) => {
                let own = slots
                    .iter()
                    .filter(|s| s.region == cohort.region && s.level == cohort.level);
                Stagger::Grid(own.copied().collect())
            }
            other => other.clone(),
        }
    }
}

/// A shift of arrivals.
#[derive(Clone, Debug, PartialEq)]
pub enum Stagger {
    /// Everybody of the filter comes later by this much.
    Shift(Span),
    /// Each person draws one of `slots` starts, `step` apart.
    Slots {
        /// Number of starts.
        slots: u32,
        /// From one to the next.
        step: Span,
    },
    /// Each person comes later by a uniform draw up to this.
    Spread(Span),
    /// Everybody has a slot: whoever would come earlier on that day comes in it, at an instant drawn evenly.
    Grid(Vec<GridSlot>),
}
