//! A scope of a run: the whole country, a region, a level, a service.

use super::metastable::Verdicts;
use super::{Degradation, StayedDown};
use crate::measure::tally::WITHIN_S;
use crate::measure::{Bin, GroupBin, Outcome, Tally, Ticket};
use crate::scenario::model::{Cohort, Level, RegionId, Scenario, Service, ServiceId};
use std::rc::Rc;

/// Whom or what a number is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everybody.
    Total,
    /// The people of a region.
    Region(RegionId),
    /// The people of a level.
    Level(Level),
    /// The people of a region and level.
    RegionLevel(RegionId, Level),
    /// Those who knock at a service.
    Service(ServiceId),
}

impl Scope {
    /// The scopes that every run keeps: total, regions, levels that occur, services.
    pub fn all(scenario: &Scenario) -> Vec<Scope> {
        let regions = (0..scenario.regions.len()).map(|i| Scope::Region(RegionId(i as u16)));
        let levels = Level::ALL
            .into_iter()
            .filter(|l| scenario.cohorts.iter().any(|c| c.level == *l));
        let services = (0..scenario.services.len()).map(|i| Scope::Service(ServiceId(i as u16)));
        std::iter::once(Scope::Total)
            .chain(regions)
            .chain(levels.map(Scope::Level))
            .chain(services)
            .collect()
    }

    /// `total`, `region`, `level`, `region_level` or `service`.
    pub fn kind(self) -> &'static str {
        match self {
            Scope::Total => "total",
            Scope::Region(_) => "region",
            Scope::Level(_) => "level",
            Scope::RegionLevel(..) => "region_level",
            Scope::Service(_) => "service",
        }
    }

    /// The key in files: of the region, level or service; empty for the total.
    pub fn key(self, scenario: &Scenario) -> String {
        match self {
            Scope::Total => String::new(),
            Scope::Region(r) => scenario.regions[r.index()].key.clone(),
            Scope::Level(l) => l.name().to_owned(),
            Scope::RegionLevel(r, l) => format!("{}/{}", scenario.regions[r.index()].key, l.name()),
            Scope::Service(s) => scenario.services[s.index()].key.clone(),
        }
    }

    /// The name for people.
    pub fn title(self, scenario: &Scenario) -> String {
        match self {
            Scope::Total => "All".to_owned(),
            Scope::Region(r) => scenario.regions[r.index()].name.clone(),
            Scope::Level(l) => l.name().to_owned(),
            Scope::RegionLevel(r, l) => format!("{}, {}", scenario.regions[r.index()].name, l.name()),
            Scope::Service(s) => scenario.services[s.index()].name.clone(),
        }
    }

    /// Whether a cohort is in the scope; none is in a service's.
    pub fn takes(self, cohort: &Cohort) -> bool {
        match self {
            Scope::Total => true,
            Scope::Region(r) => cohort.region == Some(r),
            Scope::Level(l) => cohort.level == l,
            Scope::RegionLevel(r, l) => cohort.region == Some(r) && cohort.level == l,
            Scope::Service(_) => false,
        }
    }
}

/// A scope of one run: its merged tally and its part of the series.
pub struct View<'a> {
    /// The model.
    pub scenario: &'a Scenario,
    /// What the run left.
    pub outcome: &'a Outcome,
    /// Whom it is about.
    pub scope: Scope,
    /// Sum of the tallies of the scope.
    pub tally: Tally,
    verdicts: Rc<Verdicts>,
}

impl<'a> View<'a> {
    /// Merges what belongs to the scope.
    pub fn new(scenario: &'a Scenario, outcome: &'a Outcome, scope: Scope) -> Self {
        Self::with(scenario, outcome, scope, Rc::new(Verdicts::of(outcome)))
    }

    /// Another scope of the same run: what one of them has worked out about services, all know.
    pub fn beside(&self, scope: Scope) -> Self {
        Self::with(self.scenario, self.outcome, scope, Rc::clone(&self.verdicts))
    }

    fn with(scenario: &'a Scenario, outcome: &'a Outcome, scope: Scope, verdicts: Rc<Verdicts>) -> Self {
        let mut tally = Tally::default();
        if let Scope::Service(s) = scope {
            outcome.services.get(s.index()).into_iter().for_each(|t| tally.merge(t));
        } else {
            for (_, t) in outcome
                .cohorts
                .iter()
                .enumerate()
                .filter(|(i, _)| scope.takes(&scenario.cohorts[*i]))
            {
                tally.merge(t);
            }
        }
        if scope == Scope::Total {
            // Nobody knows any more whose they were.
            tally.wasted = outcome.services.iter().map(|t| t.wasted).sum();
        }
        View {
            scenario,
            outcome,
            scope,
            tally,
            verdicts,
        }
    }

    /// Whether the scope is of people (and not of a service).
    pub fn is_of_people(&self) -> bool {
        !matches!(self.scope, Scope::Service(_))
    }

    /// Whether people of the scope may share devices.
    pub fn shares_devices(&self) -> bool {
        self.is_of_people() && self.scenario.cohorts.iter().any(|c| c.device.is_some())
    }

    /// Head count of the scope's cohorts; `None` where arrivals are a process and nobody is counted.
    pub fn people(&self) -> Option<f64> {
        let cohorts = self.scenario.cohorts.iter().filter(|c| self.scope.takes(c));
        Some(cohorts.map(|c| f64::from(c.people)).sum()).filter(|people| *people > 0.0)
    }

    /// Visits begun: in the scope, or at the service's door.
    pub fn visits(&self) -> u64 {
        if self.is_of_people() {
            self.tally.visits
        } else {
            self.tally.first_knocks
        }
    }

    /// Visits that got in within a limit of their first knock, s: exact for [`WITHIN_S`], else of a limit up to 0.8 % away.
    pub fn in_within(&self, limit: f64) -> f64 {
        let exact = WITHIN_S.iter().position(|s| *s as f64 == limit);
        exact.map_or_else(
            || self.tally.waits.up_to(limit),
            |i| self.tally.connected_within[i] as f64,
        )
    }

    /// The scope's services with their series: all, a region's own, or the one. Levels have none of their own.
    pub fn services(&self) -> impl Iterator<Item = (&'a Service, &'a [Bin])> {
        let scope = self.scope;
        let services = self
            .scenario
            .services
            .iter()
            .zip(&self.outcome.series.services)
            .enumerate();
        services
            .filter(move |(i, (service, _))| match scope {
                Scope::Total => true,
                Scope::Region(r) => service.region == Some(r),
                Scope::Service(s) => s.index() == *i,
                Scope::Level(_) | Scope::RegionLevel(..) => false,
            })
            .map(|(_, (service, bins))| (service, bins.as_slice()))
    }

    /// Largest value over bins of a level summed over the scope's services.
    pub fn peak_sum(&self, level: fn(&Bin) -> u64) -> Option<f64> {
        let mut sums: Vec<u64> = Vec::new();
        for (_, bins) in self.services() {
            sums.resize(sums.len().max(bins.len()), 0);
            sums.iter_mut().zip(bins).for_each(|(sum, bin)| *sum += level(bin));
        }
        sums.into_iter().max().map(|s| s as f64)
    }

    /// Largest value over bins and services of the scope.
    pub fn peak(&self, level: fn(&Bin) -> f64) -> Option<f64> {
        self.services()
            .flat_map(|(_, bins)| bins)
            .map(level)
            .filter(|v| v.is_finite())
            .reduce(f64::max)
    }

    /// Visits by the bin of their first knock, of which in within five minutes. A total without regions
    /// (textbook models) counts at the services' doors; levels have no series.
    pub fn begun(&self) -> Vec<(u64, u64)> {
        let regions = &self.outcome.series.regions;
        let of_group = |b: &GroupBin| (b.visits, b.in_5min);
        let of_door = |b: &Bin| (b.first_knocks, b.in_5min);
        match self.scope {
            Scope::Total if regions.is_empty() => {
                sum_bins(self.services().map(|(_, bins)| bins.iter().map(of_door).collect()))
            }
            Scope::Total => {
                let groups = regions.iter().chain([&self.outcome.series.nowhere]);
                sum_bins(groups.map(|bins| bins.iter().map(of_group).collect()))
            }
            Scope::Region(r) => regions.get(r.index()).into_iter().flatten().map(of_group).collect(),
            Scope::Service(_) => sum_bins(self.services().map(|(_, bins)| bins.iter().map(of_door).collect())),
            Scope::Level(_) | Scope::RegionLevel(..) => Vec::new(),
        }
    }

    /// When the scope was degraded; `None` if it has no series.
    pub fn degradation(&self) -> Option<Degradation> {
        Degradation::of(&self.scenario.clock, self.outcome.series.width, &self.begun())
    }

    /// The scope's services by position; none for levels.
    fn service_ids(&self) -> Vec<ServiceId> {
        let n = self.scenario.services.len().min(self.outcome.series.services.len());
        let services = (0..n).map(|i| ServiceId(i as u16)).filter(|s| match self.scope {
            Scope::Total => true,
            Scope::Region(r) => self.scenario.services[s.index()].region == Some(r),
            Scope::Service(own) => own == *s,
            Scope::Level(_) | Scope::RegionLevel(..) => false,
        });
        services.collect()
    }

    /// Where and when services of the scope stayed down after what brought them down was over; `None` where there are
    /// no services.
    pub fn stayed_down(&self) -> Option<Vec<StayedDown>> {
        let services = self.service_ids();
        let down = |s: &ServiceId| self.verdicts.stayed_down(self.scenario, self.outcome, *s);
        (!services.is_empty()).then(|| services.iter().flat_map(down).copied().collect())
    }

    /// Troubles that crisis cells noticed at services of the scope; `None` where no cell looks after any of them.
    pub fn troubles(&self) -> Option<Vec<&'a Ticket>> {
        let services = self.service_ids();
        let cells = self.scenario.operators.iter().filter_map(|o| o.cell.as_ref());
        let mut watched = cells.flat_map(|cell| &cell.contracts).map(|contract| contract.service);
        watched.any(|s| services.contains(&s)).then(|| {
            let tickets = self.outcome.tickets.iter();
            tickets
                .filter(|t| t.is_trouble() && services.contains(&t.service))
                .collect()
        })
    }

    /// Mean minutes over the troubles for which there is such a time, s.
    pub fn mean_minutes(&self, of: impl Fn(&Ticket) -> Option<f64>) -> Option<f64> {
        let times: Vec<f64> = self.troubles()?.into_iter().filter_map(of).collect();
        (!times.is_empty()).then(|| times.iter().sum::<f64>() / times.len() as f64 / 60.0)
    }

    /// From the first degraded bin of a trouble's service until its alarm, s; `None` for alarms of other days, or where the
    /// service was never degraded.
    pub fn detection(&self, ticket: &Ticket) -> Option<f64> {
        let door = self.beside(Scope::Service(ticket.service));
        let first = self
            .outcome
            .tickets
            .iter()
            .find(|t| t.is_trouble() && t.service == ticket.service);
        let is_first = first.is_some_and(|t| std::ptr::eq(t, ticket));
        let degraded = door.degradation()?.first?;
        is_first.then(|| ticket.detected.as_secs() - degraded)
    }

    /// Largest minus smallest share of hours lost over parts of the scope; `None` with fewer than two parts
    /// that wanted any.
    pub fn gap(&self, parts: impl Iterator<Item = Scope>) -> Option<f64> {
        let shares: Vec<f64> = parts.filter_map(|part| self.lost_share_of(part)).collect();
        let (low, high) = (
            shares.iter().copied().reduce(f64::min)?,
            shares.iter().copied().reduce(f64::max)?,
        );
        (shares.len() >= 2).then_some(high - low)
    }

    fn lost_share_of(&self, part: Scope) -> Option<f64> {
        let (mut lost, mut wanted) = (0, 0);
        for (cohort, tally) in self.scenario.cohorts.iter().zip(&self.outcome.cohorts) {
            if part.takes(cohort) {
                lost += tally.learning.lost;
                wanted += tally.learning.wanted;
            }
        }
        (wanted > 0).then(|| lost as f64 / wanted as f64)
    }
}

fn sum_bins(series: impl Iterator<Item = Vec<(u64, u64)>>) -> Vec<(u64, u64)> {
    let mut sums: Vec<(u64, u64)> = Vec::new();
    for bins in series {
        sums.resize(sums.len().max(bins.len()), (0, 0));
        for (sum, bin) in sums.iter_mut().zip(bins) {
            sum.0 += bin.0;
            sum.1 += bin.1;
        }
    }
    sums
}
