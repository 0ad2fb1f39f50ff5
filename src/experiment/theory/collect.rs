//! Watches a run and sums up what a statistic needs: one triple of sums a replication.

use super::estimate::{Shape, Sums};
use crate::engine::{Span, Time};
use crate::measure::Refusal;
use crate::scenario::model::{CohortId, ServiceId};
use crate::world::Observer;
use std::sync::atomic::{AtomicBool, Ordering};

/// How a reading is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cmp {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `<`
    Below,
    /// `=`
    Equal,
}

impl Cmp {
    /// Whether `x` compares so with `bound`.
    pub fn holds(self, x: f64, bound: f64) -> bool {
        match self {
            Cmp::AtLeast => x >= bound,
            Cmp::AtMost => x <= bound,
            Cmp::Above => x > bound,
            Cmp::Below => x < bound,
            Cmp::Equal => x == bound,
        }
    }
}

/// What can be read off the system at any instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gauge {
    /// Logins in service or waiting, and people in rooms, of all services.
    System,
    /// Logins waiting for a thread and people in rooms.
    Queue,
    /// Logins in service.
    Service,
    /// People who wait to knock again.
    Orbit,
    /// Sessions.
    Sessions,
    /// Cores that are up.
    Cores,
    /// In service and in orbit together.
    SystemAndOrbit,
}

/// A time that a customer spends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spell {
    /// From the knock to a thread, of those who get one.
    Wait,
    /// The same, with those who leave before.
    WaitOfAll,
    /// From the knock that succeeds to the end of its login.
    Sojourn,
    /// From the first knock of a visit to its end.
    Visit,
    /// Number of knocks of a visit (no time at all).
    Tries,
}

/// What is summed up over customers or over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sum {
    /// Its mean.
    Mean,
    /// Its variance.
    Variance,
    /// Share that compares so.
    Share(Cmp, f64),
    /// The value that this share does not pass.
    Quantile(f64),
}

/// Things that happen and can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// Knocks.
    Knock,
    /// First knocks of a visit.
    FirstKnock,
    /// Knocks that fail, whatever the reason.
    Refused,
    /// First knocks that fail at once.
    FirstRefused,
    /// Clients that leave before they are served.
    Reneged,
    /// Logins that got a thread.
    Started,
    /// Logins done.
    Done,
    /// Visits that are over.
    VisitOver,
    /// Visits that are over and got what they came for.
    Served,
}

/// A statistic of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Statistic {
    /// Over the time after the warm-up.
    OverTime(Gauge, Sum),
    /// The same of one service.
    AtDesk(u16, Gauge, Sum),
    /// At instants (s of the clock), each a value.
    AtInstants(Vec<Time>, Gauge, Sum),
    /// Over the customers (of one cohort) whose spell ends after the warm-up.
    OverCustomers(Spell, Sum, Option<u16>),
    /// How many of the first there are for one of the second (of one cohort).
    PerEach(Happening, Happening, Option<u16>),
    /// How many there are (at one service) in so many seconds.
    Rate(Happening, Option<u16>, f64),
    /// Over busy periods: from the first customer in an empty system to the last one out.
    BusyPeriod(Sum),
    /// Until the number in the system gets there, from the start of the run.
    Passage {
        /// The number.
        target: f64,
        /// From below.
        up: bool,
    },
    /// First harmonic of the number in the system: its peak or the time of it.
    Harmonic {
        /// Period, s.
        period: f64,
        /// Time of the peak near this instant, or the peak itself.
        near: Option<f64>,
    },
    /// From the end of a session while somebody waits in the room to the next session's beginning.
    Vacancy,
}

impl Statistic {
    /// How the sums of replications become an estimate.
    pub fn shape(&self) -> Shape {
        match self {
            Statistic::OverTime(_, Sum::Variance)
            | Statistic::AtDesk(_, _, Sum::Variance)
            | Statistic::AtInstants(_, _, Sum::Variance)
            | Statistic::OverCustomers(_, Sum::Variance, _)
            | Statistic::BusyPeriod(Sum::Variance) => Shape::Variance,
            Statistic::Harmonic { near: None, .. } => Shape::Peak,
            Statistic::Harmonic { period, near: Some(near) } => Shape::PeakTime { period: *period, near: *near },
            _ => Shape::Ratio,
        }
    }

    /// Whether replications are independent trials of yes or no.
    pub fn is_trial(&self) -> bool {
        matches!(self, Statistic::AtInstants(at, _, Sum::Share(..)) if at.len() == 1)
    }
}

/// A raised hand: the run may stop, all that was asked for is known.
#[derive(Debug, Default)]
pub struct Enough(AtomicBool);

impl Enough {
    /// Whether it is.
    pub fn reached(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Levels of one service.
#[derive(Clone, Copy, Debug, Default)]
struct Levels {
    in_service: u32,
    backlog: u32,
    room: u32,
    sessions: u32,
    orbit: u64,
    cores: f64,
}

/// One statistic under way.
#[derive(Clone, Debug)]
struct Part {
    what: Statistic,
    sums: Sums,
    values: Vec<f64>,
    /// Start of the busy period or of the vacancy under way; next instant to look.
    since: Option<Time>,
    next: usize,
}

/// Watches a run for several statistics at once.
pub struct Watch<'a> {
    from: Time,
    until: Time,
    last: Time,
    services: Vec<Levels>,
    parts: Vec<Part>,
    total: Levels,
    first: Option<(CohortId, u32)>,
    enough: &'a Enough,
}

impl<'a> Watch<'a> {
    /// Watches `statistics` of `services` services between two instants; `initial` logins are there at the start.
    pub fn new(statistics: &[Statistic], services: usize, initial: u32, from: Time, until: Time, enough: &'a Enough) -> Self {
        let mut levels = vec![Levels::default(); services];
        if let Some(first) = levels.first_mut() {
            first.in_service = initial;
        }
        let parts = statistics
            .iter()
            .map(|what| Part { what: what.clone(), sums: [0.0; 3], values: Vec::new(), since: None, next: 0 })
            .collect();
        let total = Levels { in_service: initial, ..Levels::default() };
        Watch { from, until, last: Time::ZERO, services: levels, parts, total, first: None, enough }
    }

    /// The cores that are up before the run says so.
    pub fn with_cores(mut self, cores: f64) -> Self {
        if let Some(first) = self.services.first_mut() {
            first.cores = cores;
        }
        self.total.cores = cores;
        self
    }

    fn reading(total: &Levels, gauge: Gauge) -> f64 {
        let queue = f64::from(total.backlog) + f64::from(total.room);
        match gauge {
            Gauge::System => f64::from(total.in_service) + queue,
            Gauge::Queue => queue,
            Gauge::Service => f64::from(total.in_service),
            Gauge::Orbit => total.orbit as f64,
            Gauge::Sessions => f64::from(total.sessions),
            Gauge::Cores => total.cores,
            Gauge::SystemAndOrbit => f64::from(total.in_service) + queue + total.orbit as f64,
        }
    }

    /// Sums up the state that has held since the last change.
    fn pass(&mut self, now: Time) {
        let (start, end) = (self.last.max(self.from), now.min(self.until));
        for part in &mut self.parts {
            match &part.what {
                Statistic::OverTime(gauge, sum) if end > start => {
                    let (x, dt) = (Self::reading(&self.total, *gauge), (end - start).as_secs());
                    add(&mut part.sums, *sum, x, dt);
                }
                Statistic::AtDesk(desk, gauge, sum) if end > start => {
                    let x = self.services.get(usize::from(*desk)).map_or(0.0, |s| Self::reading(s, *gauge));
                    add(&mut part.sums, *sum, x, (end - start).as_secs());
                }
                Statistic::AtInstants(instants, gauge, sum) => {
                    // The state before an event of the same instant: almost surely there is none.
                    while let Some(at) = instants.get(part.next).filter(|at| **at < now) {
                        debug_assert!(*at >= self.last);
                        add(&mut part.sums, *sum, Self::reading(&self.total, *gauge), 1.0);
                        part.next += 1;
                    }
                }
                Statistic::Harmonic { period, .. } if end > start => {
                    let speed = std::f64::consts::TAU / period;
                    let (x, a, b) =
                        (Self::reading(&self.total, Gauge::System), start.as_secs(), end.as_secs());
                    let length = (self.until - self.from).as_secs();
                    part.sums[0] += x * (b - a) / length;
                    part.sums[1] += 2.0 * x * (libm::sin(speed * b) - libm::sin(speed * a)) / speed / length;
                    part.sums[2] += 2.0 * x * (libm::cos(speed * a) - libm::cos(speed * b)) / speed / length;
                }
                _ => {}
            }
        }
        self.last = now;
    }

    /// What must be told at a change, after it.
    fn turn(&mut self, now: Time, before: f64) {
        let n = Self::reading(&self.total, Gauge::System);
        for part in &mut self.parts {
            match &part.what {
                Statistic::BusyPeriod(sum) => {
                    if before == 0.0 && n > 0.0 {
                        part.since = Some(now);
                    } else if n == 0.0 && before > 0.0 {
                        if let Some(since) = part.since.take().filter(|s| *s >= self.from && now <= self.until) {
                            add(&mut part.sums, *sum, (now - since).as_secs(), 1.0);
                        }
                    }
                }
                Statistic::Passage { target, up } if part.sums[1] == 0.0 => {
                    if (*up && n >= *target) || (!*up && n <= *target) {
                        part.sums = [now.as_secs(), 1.0, 0.0];
                        if !self.enough.reached() {
                            self.enough.0.store(true, Ordering::Relaxed);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn counts(&self, now: Time) -> bool {
        now >= self.from && now <= self.until
    }

    fn spell(&mut self, now: Time, cohort: CohortId, spells: &[Spell], x: f64) {
        if !self.counts(now) {
            return;
        }
        for part in &mut self.parts {
            let Statistic::OverCustomers(spell, sum, class) = &part.what else { continue };
            if !spells.contains(spell) || class.is_some_and(|c| c != cohort.0) {
                continue;
            }
            match sum {
                Sum::Quantile(_) => part.values.push(x),
                sum => add(&mut part.sums, *sum, x, 1.0),
            }
        }
    }

    fn happens(&mut self, now: Time, service: Option<ServiceId>, cohort: CohortId, happening: Happening, count: f64) {
        if !self.counts(now) {
            return;
        }
        for part in &mut self.parts {
            match &part.what {
                Statistic::PerEach(of, among, class) if class.is_none_or(|c| c == cohort.0) => {
                    part.sums[0] += if *of == happening { count } else { 0.0 };
                    part.sums[1] += if *among == happening { count } else { 0.0 };
                }
                Statistic::Rate(of, at, _) if *of == happening => {
                    if at.is_none_or(|at| service.is_some_and(|s| s.0 == at)) {
                        part.sums[0] += count;
                    }
                }
                _ => {}
            }
        }
    }

    /// Ends the watch: the sums of each statistic, in order. `None` where it saw nothing at all.
    pub fn finish(mut self) -> Vec<Option<Sums>> {
        if !self.enough.reached() {
            self.pass(self.until.max(self.last));
        }
        let (until, from) = (self.until, self.from);
        self.parts
            .into_iter()
            .map(|mut part| match &part.what {
                Statistic::AtInstants(instants, gauge, sum) => {
                    // An instant at the very end of the run comes before no event.
                    for _ in instants.iter().skip(part.next).filter(|at| **at <= until) {
                        add(&mut part.sums, *sum, Self::reading(&self.total, *gauge), 1.0);
                    }
                    Some(part.sums)
                }
                Statistic::Rate(_, _, per) => {
                    part.sums[1] = (until - from).as_secs() / per;
                    Some(part.sums)
                }
                Statistic::OverCustomers(_, Sum::Quantile(p), _) => {
                    quantile(&mut part.values, *p).map(|q| [q, 1.0, 0.0])
                }
                Statistic::Passage { .. } => (part.sums[1] > 0.0).then_some(part.sums),
                _ => Some(part.sums),
            })
            .collect()
    }
}

/// Adds a value of a weight to the sums of a mean, a variance or a share.
fn add(sums: &mut Sums, sum: Sum, x: f64, weight: f64) {
    match sum {
        Sum::Mean => {
            sums[0] += x * weight;
            sums[1] += weight;
        }
        Sum::Variance => {
            sums[0] += x * weight;
            sums[1] += x * x * weight;
            sums[2] += weight;
        }
        Sum::Share(cmp, bound) => {
            sums[0] += if cmp.holds(x, bound) { weight } else { 0.0 };
            sums[1] += weight;
        }
        // Quantiles keep their values.
        Sum::Quantile(_) => {}
    }
}

/// The empirical quantile, interpolated as in Hyndman & Fan's type 8 (nearly unbiased for medians).
fn quantile(values: &mut [f64], p: f64) -> Option<f64> {
    let n = values.len();
    if n == 0 {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    let h = (n as f64 + 1.0 / 3.0) * p + 1.0 / 3.0 - 1.0;
    let low = libm::floor(h).clamp(0.0, (n - 1) as f64) as usize;
    let high = (low + 1).min(n - 1);
    Some(values[low] + (h - low as f64).clamp(0.0, 1.0) * (values[high] - values[low]))
}

impl Observer for Watch<'_> {
    fn level(&mut self, now: Time, service: ServiceId, in_service: u32, backlog: u32, room: u32, sessions: u32) {
        let Some(old) = self.services.get(service.index()).copied() else { return };
        if (old.in_service, old.backlog, old.room, old.sessions) == (in_service, backlog, room, sessions) {
            return;
        }
        self.pass(now);
        let before = Self::reading(&self.total, Gauge::System);
        let new = Levels { in_service, backlog, room, sessions, ..old };
        self.services[service.index()] = new;
        self.total.in_service = self.total.in_service - old.in_service + in_service;
        self.total.backlog = self.total.backlog - old.backlog + backlog;
        self.total.room = self.total.room - old.room + room;
        self.total.sessions = self.total.sessions - old.sessions + sessions;
        self.turn(now, before);
    }

    fn orbit(&mut self, now: Time, service: ServiceId, waiting: u64) {
        self.pass(now);
        let Some(levels) = self.services.get_mut(service.index()) else { return };
        self.total.orbit = self.total.orbit - levels.orbit + waiting;
        levels.orbit = waiting;
    }

    fn capacity(&mut self, now: Time, service: ServiceId, cores: f64) {
        self.pass(now);
        let Some(levels) = self.services.get_mut(service.index()) else { return };
        levels.cores = cores;
        self.total.cores = self.services.iter().map(|s| s.cores).sum();
    }

    fn knock(&mut self, now: Time, service: ServiceId, cohort: CohortId, person: u32, try_number: u32) {
        self.happens(now, Some(service), cohort, Happening::Knock, 1.0);
        self.first = None;
        if try_number == 1 {
            self.happens(now, Some(service), cohort, Happening::FirstKnock, 1.0);
            self.first = Some((cohort, person));
        }
    }

    fn refused(&mut self, now: Time, service: ServiceId, cohort: CohortId, person: u32, why: Refusal, count: u64) {
        // Time-outs and impatience are told by `reneged`.
        if !matches!(why, Refusal::Timeout | Refusal::Reneged) {
            self.happens(now, Some(service), cohort, Happening::Refused, count as f64);
            if self.first == Some((cohort, person)) {
                self.happens(now, Some(service), cohort, Happening::FirstRefused, 1.0);
            }
        }
        self.first = None;
    }

    fn start(&mut self, now: Time, service: ServiceId, cohort: CohortId, _person: u32, waited: Span) {
        self.happens(now, Some(service), cohort, Happening::Started, 1.0);
        self.spell(now, cohort, &[Spell::Wait, Spell::WaitOfAll], waited.as_secs());
    }

    fn done(&mut self, now: Time, service: ServiceId, cohort: CohortId, _: u32, _: Span, sojourn: Span, wasted: bool) {
        if !wasted {
            self.happens(now, Some(service), cohort, Happening::Done, 1.0);
            self.spell(now, cohort, &[Spell::Sojourn], sojourn.as_secs());
        }
    }

    fn reneged(&mut self, now: Time, service: ServiceId, cohort: CohortId, _person: u32, waited: Span) {
        self.happens(now, Some(service), cohort, Happening::Reneged, 1.0);
        self.spell(now, cohort, &[Spell::WaitOfAll], waited.as_secs());
    }

    fn session(&mut self, now: Time, _service: ServiceId, _: CohortId, _: u32, begins: bool) {
        for part in &mut self.parts {
            if part.what != Statistic::Vacancy {
                continue;
            }
            if !begins {
                part.since = (self.total.room > 0).then_some(now);
            } else if let Some(since) = part.since.take().filter(|s| *s >= self.from && now <= self.until) {
                add(&mut part.sums, Sum::Mean, (now - since).as_secs(), 1.0);
            }
        }
    }

    fn visit_over(&mut self, now: Time, cohort: CohortId, _: u32, begun: Time, tries: u32, served: bool) {
        self.happens(now, None, cohort, Happening::VisitOver, 1.0);
        self.spell(now, cohort, &[Spell::Tries], f64::from(tries));
        if served {
            self.happens(now, None, cohort, Happening::Served, 1.0);
            self.spell(now, cohort, &[Spell::Visit], (now - begun).as_secs());
        }
    }
}
