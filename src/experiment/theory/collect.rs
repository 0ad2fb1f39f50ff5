//! Watches a run and sums up what a statistic needs: one triple of sums a replication.

use super::estimate::Sums;
use super::statistic::{Gauge, Happening, Spell, Statistic, Sum};
use crate::engine::{Span, Time};
use crate::measure::Refusal;
use crate::scenario::model::{CohortId, ServiceId};
use crate::world::Observer;
use std::sync::atomic::{AtomicBool, Ordering};

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
    pub fn new(
        statistics: &[Statistic],
        services: usize,
        initial: u32,
        from: Time,
        until: Time,
        enough: &'a Enough,
    ) -> Self {
        let mut levels = vec![Levels::default(); services];
        if let Some(first) = levels.first_mut() {
            first.in_service = initial;
        }
        let parts = statistics
            .iter()
            .map(|what| Part {
                what: what.clone(),
                sums: [0.0; 3],
                values: Vec::new(),
                since: None,
                next: 0,
            })
            .collect();
        let total = Levels {
            in_service: initial,
            ..Levels::default()
        };
        Watch {
            from,
            until,
            last: Time::ZERO,
            services: levels,
            parts,
            total,
            first: None,
            enough,
        }
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
                    let x = self
                        .services
                        .get(usize::from(*desk))
                        .map_or(0.0, |s| Self::reading(s, *gauge));
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
                    let (x, a, b) = (
                        Self::reading(&self.total, Gauge::System),
                        start.as_secs(),
                        end.as_secs(),
                    );
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
                    } else if n == 0.0
                        && before > 0.0
                        && let Some(since) = part.since.take().filter(|s| *s >= self.from && now <= self.until)
                    {
                        add(&mut part.sums, *sum, (now - since).as_secs(), 1.0);
                    }
                }
                Statistic::Passage { target, up }
                    if part.sums[1] == 0.0 && ((*up && n >= *target) || (!*up && n <= *target)) =>
                {
                    part.sums = [now.as_secs(), 1.0, 0.0];
                    self.enough.0.store(true, Ordering::Relaxed);
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
            let Statistic::OverCustomers(spell, sum, class) = &part.what else {
                continue;
            };
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
                Statistic::Rate(of, at, _)
                    if *of == happening && at.is_none_or(|at| service.is_some_and(|s| s.0 == at)) =>
                {
                    part.sums[0] += count;
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
        let Some(old) = self.services.get(service.index()).copied() else {
            return;
        };
        if (old.in_service, old.backlog, old.room, old.sessions) == (in_service, backlog, room, sessions) {
            return;
        }
        self.pass(now);
        let before = Self::reading(&self.total, Gauge::System);
        let new = Levels {
            in_service,
            backlog,
            room,
            sessions,
            ..old
        };
        self.services[service.index()] = new;
        self.total.in_service = self.total.in_service - old.in_service + in_service;
        self.total.backlog = self.total.backlog - old.backlog + backlog;
        self.total.room = self.total.room - old.room + room;
        self.total.sessions = self.total.sessions - old.sessions + sessions;
        self.turn(now, before);
    }

    fn orbit(&mut self, now: Time, service: ServiceId, waiting: u64) {
        self.pass(now);
        let Some(levels) = self.services.get_mut(service.index()) else {
            return;
        };
        self.total.orbit = self.total.orbit - levels.orbit + waiting;
        levels.orbit = waiting;
    }

    fn capacity(&mut self, now: Time, service: ServiceId, cores: f64) {
        self.pass(now);
        let Some(levels) = self.services.get_mut(service.index()) else {
            return;
        };
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

#[cfg(test)]
mod tests {
    use super::super::statistic::Cmp;
    use super::*;

    const DESK: ServiceId = ServiceId(0);
    const WHO: CohortId = CohortId(0);

    fn at(secs: f64) -> Time {
        Time::from_secs(secs)
    }

    fn span(secs: f64) -> Span {
        Span::from_secs(secs)
    }

    /// Watches from 10 s to 20 s: one customer from 8 to 12, two more from 14, one of whom waits, both gone at 18.
    fn watched(statistic: Statistic) -> Option<Sums> {
        let enough = Enough::default();
        let mut w = Watch::new(&[statistic], 1, 0, at(10.0), at(20.0), &enough);
        w.knock(at(8.0), DESK, WHO, 0, 1);
        w.start(at(8.0), DESK, WHO, 0, span(0.0));
        w.level(at(8.0), DESK, 1, 0, 0, 0);
        w.level(at(12.0), DESK, 0, 0, 0, 0);
        w.done(at(12.0), DESK, WHO, 0, span(0.0), span(4.0), false);
        w.visit_over(at(12.0), WHO, 0, at(8.0), 1, true);
        w.knock(at(14.0), DESK, WHO, 1, 1);
        w.start(at(14.0), DESK, WHO, 1, span(0.0));
        w.level(at(14.0), DESK, 1, 0, 0, 0);
        w.knock(at(14.0), DESK, WHO, 2, 1);
        w.level(at(14.0), DESK, 1, 1, 0, 0);
        w.knock(at(15.0), DESK, WHO, 3, 1);
        w.refused(at(15.0), DESK, WHO, 3, Refusal::Full, 1);
        w.level(at(16.0), DESK, 1, 0, 0, 0);
        w.start(at(16.0), DESK, WHO, 2, span(2.0));
        w.level(at(18.0), DESK, 0, 0, 0, 0);
        w.done(at(18.0), DESK, WHO, 2, span(2.0), span(4.0), false);
        w.finish().pop().flatten()
    }

    fn mean(statistic: Statistic) -> f64 {
        let sums = watched(statistic).unwrap();
        sums[0] / sums[1]
    }

    #[test]
    fn time_averages_begin_after_the_warm_up() {
        // 2 s of one, 2 s of two, 2 s of one, in 10 s.
        assert!((mean(Statistic::OverTime(Gauge::System, Sum::Mean)) - 0.8).abs() < 1e-12);
        assert!((mean(Statistic::OverTime(Gauge::Queue, Sum::Mean)) - 0.2).abs() < 1e-12);
        assert!((mean(Statistic::AtDesk(0, Gauge::Service, Sum::Mean)) - 0.6).abs() < 1e-12);
        let two = Statistic::OverTime(Gauge::System, Sum::Share(Cmp::AtLeast, 2.0));
        assert!((mean(two) - 0.2).abs() < 1e-12);
        let squares = watched(Statistic::OverTime(Gauge::System, Sum::Variance)).unwrap();
        assert!((squares[1] / squares[2] - 1.2).abs() < 1e-12);
    }

    #[test]
    fn instants_see_what_holds_then() {
        let now = |secs: &[f64]| {
            let list = secs.iter().map(|s| at(*s)).collect();
            mean(Statistic::AtInstants(list, Gauge::System, Sum::Mean))
        };
        assert_eq!(
            (now(&[9.0]), now(&[13.0]), now(&[15.0]), now(&[20.0])),
            (1.0, 0.0, 2.0, 0.0)
        );
        assert_eq!(now(&[11.0, 15.0]), 1.5);
    }

    #[test]
    fn customers_count_when_their_spell_ends_in_time() {
        // The first started before the warm-up ended; its sojourn ended after.
        assert_eq!(mean(Statistic::OverCustomers(Spell::Wait, Sum::Mean, None)), 1.0);
        assert_eq!(mean(Statistic::OverCustomers(Spell::Sojourn, Sum::Mean, None)), 4.0);
        assert_eq!(
            mean(Statistic::OverCustomers(Spell::Wait, Sum::Share(Cmp::Above, 0.0), None)),
            0.5
        );
        assert_eq!(mean(Statistic::OverCustomers(Spell::Visit, Sum::Mean, None)), 4.0);
        assert_eq!(
            watched(Statistic::OverCustomers(Spell::Wait, Sum::Mean, Some(7))),
            Some([0.0; 3])
        );
        assert_eq!(
            watched(Statistic::OverCustomers(Spell::Wait, Sum::Quantile(0.5), Some(7))),
            None
        );
    }

    #[test]
    fn refusals_and_rates_are_counted() {
        assert!((mean(Statistic::PerEach(Happening::Refused, Happening::Knock, None)) - 1.0 / 3.0).abs() < 1e-12);
        let first = Statistic::PerEach(Happening::FirstRefused, Happening::FirstKnock, None);
        assert!((mean(first) - 1.0 / 3.0).abs() < 1e-12);
        assert!((mean(Statistic::Rate(Happening::Done, None, 1.0)) - 0.2).abs() < 1e-12);
        assert!((mean(Statistic::Rate(Happening::Started, Some(0), 5.0)) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn busy_periods_must_begin_after_the_warm_up() {
        // The one from 8 to 12 began too early; the one from 14 to 18 counts.
        assert_eq!(watched(Statistic::BusyPeriod(Sum::Mean)), Some([4.0, 1.0, 0.0]));
    }

    #[test]
    fn a_passage_ends_the_run() {
        let enough = Enough::default();
        let statistic = Statistic::Passage { target: 2.0, up: true };
        let mut w = Watch::new(std::slice::from_ref(&statistic), 1, 0, at(0.0), at(20.0), &enough);
        w.level(at(3.0), DESK, 1, 0, 0, 0);
        assert!(!enough.reached());
        w.level(at(4.0), DESK, 1, 1, 0, 0);
        assert!(enough.reached());
        assert_eq!(w.finish(), vec![Some([4.0, 1.0, 0.0])]);
        let never = Enough::default();
        let w = Watch::new(&[statistic], 1, 0, at(0.0), at(20.0), &never);
        assert_eq!(w.finish(), vec![None]);
    }

    #[test]
    fn orbits_and_vacancies_are_watched() {
        let enough = Enough::default();
        let idle = Statistic::OverTime(Gauge::SystemAndOrbit, Sum::Share(Cmp::Equal, 0.0));
        let orbit = Statistic::OverTime(Gauge::Orbit, Sum::Mean);
        let mut w = Watch::new(&[orbit, idle, Statistic::Vacancy], 1, 0, at(0.0), at(10.0), &enough);
        w.orbit(at(2.0), DESK, 3);
        w.orbit(at(4.0), DESK, 0);
        w.level(at(5.0), DESK, 0, 0, 1, 1);
        w.session(at(6.0), DESK, WHO, 0, false);
        w.level(at(6.0), DESK, 0, 0, 1, 0);
        w.session(at(7.5), DESK, WHO, 1, true);
        w.level(at(7.5), DESK, 0, 0, 0, 1);
        let sums: Vec<Sums> = w.finish().into_iter().flatten().collect();
        assert!((sums[0][0] / sums[0][1] - 0.6).abs() < 1e-12);
        assert!((sums[1][0] / sums[1][1] - 0.55).abs() < 1e-12);
        assert_eq!(sums[2], [1.5, 1.0, 0.0]);
    }

    #[test]
    fn quantiles_lie_between_values() {
        let mut values: Vec<f64> = (1..=9).rev().map(f64::from).collect();
        assert_eq!(quantile(&mut values, 0.5), Some(5.0));
        assert_eq!(quantile(&mut values, 1.0), Some(9.0));
        assert_eq!(quantile(&mut [], 0.5), None);
    }
}
