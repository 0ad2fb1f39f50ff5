//! Fresh demand: what a service would have to do if everybody got in at the first knock, against what it can do.

use super::metastable::acts;
use crate::engine::Distribution;
use crate::measure::{Bin, Outcome};
use crate::scenario::model::{
    Act, Cohort, Efficiency, Order, Quota, Scenario, SeatRule, Service, ServiceId, Source, TimeoutScope,
};
use std::cell::OnceCell;
use std::ops::Range;

/// The sessions of each service of a run if everybody got in at the first knock: whoever asks for the uplink of a host
/// needs those of all its services.
#[derive(Clone, Debug)]
pub(super) struct Sessions(Vec<OnceCell<Vec<f64>>>);

impl Sessions {
    pub fn of(outcome: &Outcome) -> Self {
        Sessions(vec![OnceCell::new(); outcome.series.services.len()])
    }
}

/// The fresh demand of a service in a run.
pub(super) struct Fresh<'a> {
    scenario: &'a Scenario,
    outcome: &'a Outcome,
    known: &'a Sessions,
    service: ServiceId,
    spec: &'a Service,
    bins: &'a [Bin],
}

/// How long those who come to a service want to stay, each law with its weight, adding up to 1.
type Stays<'a> = Vec<(f64, &'a Distribution)>;

impl<'a> Fresh<'a> {
    pub fn of(scenario: &'a Scenario, outcome: &'a Outcome, known: &'a Sessions, service: ServiceId) -> Self {
        Fresh {
            scenario,
            outcome,
            known,
            service,
            spec: &scenario.services[service.index()],
            bins: &outcome.series.services[service.index()],
        }
    }

    /// The largest of the demands against what there is of it, bin by bin: cores, seats, admissions, uplink.
    pub fn loads(&self) -> Vec<f64> {
        let sessions = self.sessions();
        let seats = self.seats();
        let counted = self.quota().is_none_or(|q| q.order != Order::Passthrough);
        let uplink = self.uplink_loads();
        let width = self.outcome.series.width;
        let (as_written, lighter) = (self.work(), self.lighter());
        let load = |i: usize| {
            let (bin, before) = (&self.bins[i], &self.bins[i.saturating_sub(1)]);
            let knocks = bin.first_knocks as f64 / width;
            let work = as_written * lighter[i];
            let pages = self.spec.session.map_or(0.0, |s| {
                let page = s.page_work * lighter[i];
                sessions[i] * page / (s.think + page).max(1e-9)
            });
            let can = self.capacity(bin.cores.min(before.cores), work);
            let cores = (knocks * work + pages) / can;
            let entries = knocks / bin.entries.min(before.entries);
            let taken = if counted && bin.cap > 0 {
                seats[i] / bin.cap as f64
            } else {
                0.0
            };
            let all = [cores, entries, taken, uplink.get(i).copied().unwrap_or(0.0)];
            all.into_iter().filter(|l| !l.is_nan()).fold(0.0, f64::max)
        };
        (0..self.bins.len()).map(load).collect()
    }

    /// Mean work of a login, core-seconds: of the cohorts that come, by their weights.
    fn work(&self) -> f64 {
        let own = self.spec.station.work.mean();
        let of = |c: &Cohort| c.work.as_ref().map_or(own, Distribution::mean);
        self.mean_over_cohorts(of).unwrap_or(own)
    }

    fn mean_over_cohorts(&self, of: impl Fn(&Cohort) -> f64) -> Option<f64> {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (weight, cohort) in self.cohorts() {
            sum += weight * of(cohort);
            weights += weight;
        }
        (weights > 0.0).then(|| sum / weights)
    }

    fn cohorts(&self) -> impl Iterator<Item = (f64, &'a Cohort)> {
        let (scenario, service) = (self.scenario, self.service);
        let come = move |c: &'a Cohort| {
            let weight = c.share_at(scenario, service) * size_of(c);
            (weight > 0.0).then_some((weight, c))
        };
        scenario.cohorts.iter().filter_map(come)
    }

    /// Seats held at the end of each bin, by the rules in force when people came.
    fn seats(&self) -> Vec<f64> {
        let n = self.bins.len();
        // A seat of the first kind is free when its session ends.
        let as_sessions = |rules: &[_]| matches!(rules, [(0, None | Some(SeatRule::OnExit))]);
        let mut rules = vec![(0, self.spec.quota.as_ref().map(|q| q.seat))];
        rules.extend(self.changes(|act| match act {
            Act::SetQuota { quota, .. } => Some(quota.as_ref().map(|q| q.seat)),
            Act::SetSession { seat, .. } => Some(Some(*seat)),
            _ => None,
        }));
        if as_sessions(&rules) {
            return self.sessions().to_vec();
        }
        let ends = rules.iter().skip(1).map(|(from, _)| *from).chain([n]);
        let mut seats = vec![0.0; n];
        for ((from, rule), until) in rules.iter().zip(ends) {
            let taken = self.held(*from..until, |stay, t| seat_taken(stay, *rule, t));
            seats.iter_mut().zip(taken).for_each(|(sum, seats)| *sum += seats);
        }
        seats
    }

    /// The work of logins and pages in each bin, as a share of what is written.
    fn lighter(&self) -> Vec<f64> {
        let mut lighter = vec![1.0; self.bins.len()];
        let changes = self.changes(|act| match act {
            Act::Degrade { work, .. } => Some(Some(*work)),
            Act::Restore { .. } => Some(None),
            _ => None,
        });
        for (from, work) in changes {
            let factor = work.map_or(1.0, |work| lighter.get(from).map_or(1.0, |before| before * work));
            lighter[from..].fill(factor);
        }
        lighter
    }

    /// What acts at this service changed, in order of time, each with the bin from which on.
    fn changes<T>(&self, what: impl Fn(&'a Act) -> Option<T>) -> Vec<(usize, T)> {
        let here = acts(self.scenario, self.outcome).filter(|(_, act)| act.services().contains(&self.service));
        let mut changes: Vec<(f64, T)> = here.filter_map(|(at, act)| Some((at, what(act)?))).collect();
        changes.sort_by(|a, b| a.0.total_cmp(&b.0));
        // The bin in which most time is left for the change.
        let bin = |at: f64| (libm::round(at / self.outcome.series.width) as usize).min(self.bins.len());
        changes.into_iter().map(|(at, change)| (bin(at), change)).collect()
    }

    /// Sessions at the end of each bin.
    fn sessions(&self) -> &'a [f64] {
        let known = &self.known.0[self.service.index()];
        known.get_or_init(|| self.held(0..self.bins.len(), survival))
    }

    /// Sessions (or seats) that people who came in some bins hold at the end of each bin if everybody who knocks for the first
    /// time got in at once and kept them as `kept(law, t)` says: the chance to have it still after `t` seconds.
    fn held(&self, who_came: Range<usize>, kept: impl Fn(&Distribution, f64) -> f64) -> Vec<f64> {
        let n = self.bins.len();
        if self.spec.session.is_none() {
            return vec![0.0; n];
        }
        let width = self.outcome.series.width;
        let stays = self.stays();
        // Who comes in a bin comes on average in its middle.
        let left: Vec<f64> = (0..n)
            .map(|k| {
                stays
                    .iter()
                    .map(|(w, law)| w * kept(law, (k as f64 + 0.5) * width))
                    .sum()
            })
            .collect();
        let ends = self.share_that_ends_here();
        // At night, and at doors nobody uses, most bins are empty: they add nothing.
        let came = self.bins.iter().map(|bin| bin.first_knocks as f64).enumerate();
        let came: Vec<(usize, f64)> = came.filter(|(bin, n)| *n > 0.0 && who_came.contains(bin)).collect();
        let at = |i: usize| -> f64 {
            let so_far = &came[..came.partition_point(|(bin, _)| *bin <= i)];
            ends * so_far.iter().rev().map(|(bin, n)| n * left[i - bin]).sum::<f64>()
        };
        (0..n).map(at).collect()
    }

    fn stays(&self) -> Stays<'a> {
        let mut stays: Stays<'a> = Vec::new();
        for (weight, cohort) in self.cohorts() {
            match stays.iter_mut().find(|(_, law)| **law == cohort.duration) {
                Some((sum, _)) => *sum += weight,
                None => stays.push((weight, &cohort.duration)),
            }
        }
        let all: f64 = stays.iter().map(|(w, _)| w).sum();
        stays.iter_mut().for_each(|(w, _)| *w /= all);
        stays
    }

    /// Of those who come, the share whose route ends here: they open a session.
    fn share_that_ends_here(&self) -> f64 {
        let goes_on = |cohort: &Cohort| {
            let (mut on, mut all) = (0.0, 0.0);
            for (share, route) in &cohort.routes {
                let route = &self.scenario.routes[route.index()];
                if route.passes(self.service) {
                    all += share;
                    let next = route.onward.iter().find(|(from, _)| *from == self.service);
                    on += share * next.map_or(0.0, |(_, to)| to.iter().map(|(_, s)| s).sum());
                }
            }
            if all > 0.0 { on / all } else { 0.0 }
        };
        1.0 - self.mean_over_cohorts(goes_on).unwrap_or(0.0)
    }

    /// The gate whose seat rule holds: the service's own, or the last one that a policy put there.
    fn quota(&self) -> Option<&'a Quota> {
        let put = acts(self.scenario, self.outcome).filter_map(|(_, act)| match act {
            Act::SetQuota {
                services,
                quota: Some(quota),
            } if services.contains(&self.service) => Some(quota.as_ref()),
            _ => None,
        });
        put.last().or(self.spec.quota.as_ref())
    }

    /// Most work a second that the station does with so many cores up while a login of mean work is done within its
    /// clients' time-out: with constant efficiency the cores, with falling efficiency less.
    fn capacity(&self, cores: f64, work: f64) -> f64 {
        let (sigma, kappa, alone) = match self.spec.station.efficiency {
            Efficiency::Usl {
                sigma,
                kappa,
                per_capacity: false,
            } => (sigma, kappa, 1.0),
            Efficiency::AtStart { sigma } => (sigma, 0.0, 0.0),
            _ => return cores,
        };
        let slowness = |d: f64| 1.0 + sigma * (d - alone) + kappa * d * (d - 1.0);
        let speed = |d: f64| (cores / d).min(1.0) / slowness(d).max(1.0);
        let slowest = self.timeout().map_or(0.0, |after| work / after);
        // d·speed(d) rises up to the cores and to √((1 − σ)/κ); speed(d) falls.
        let peak = if kappa > 0.0 {
            libm::sqrt(((1.0 - sigma) / kappa).max(1.0))
        } else {
            f64::INFINITY
        };
        let (mut low, mut high) = (1.0, cores.min(peak).clamp(1.0, 1e12));
        if speed(high) < slowest {
            for _ in 0..100 {
                let mid = 0.5 * (low + high);
                if speed(mid) >= slowest { low = mid } else { high = mid }
            }
            high = low;
        }
        high * speed(high)
    }

    /// Mean time-out of those who come, s; none if some wait for ever.
    fn timeout(&self) -> Option<f64> {
        let of = |c: &Cohort| {
            let timeout = self.scenario.habits[c.habit.index()].timeout.as_ref();
            let sojourn = timeout.filter(|t| t.scope == TimeoutScope::Sojourn);
            sojourn.map_or(f64::INFINITY, |t| t.after.mean())
        };
        self.mean_over_cohorts(of).filter(|after| after.is_finite())
    }

    /// Pages of all sessions on the host against its uplink, bin by bin.
    fn uplink_loads(&self) -> Vec<f64> {
        let Some(host) = self.spec.host else { return Vec::new() };
        let uplink = self.scenario.hosts[host.index()].uplink;
        if !uplink.is_finite() {
            return Vec::new();
        }
        let mut loads = vec![0.0; self.bins.len()];
        for (i, spec) in self.scenario.services.iter().enumerate() {
            let Some(session) = spec.session.filter(|_| spec.host == Some(host)) else {
                continue;
            };
            let there = Fresh::of(self.scenario, self.outcome, self.known, ServiceId(i as u16));
            let a_session = spec.exchange.page_bits / (session.think + session.page_work).max(1e-9);
            for (load, sessions) in loads.iter_mut().zip(there.sessions()) {
                *load += sessions * a_session / uplink;
            }
        }
        loads
    }
}

/// How many visits a cohort brings, up to a factor that is the same for all of its kind.
fn size_of(cohort: &Cohort) -> f64 {
    match &cohort.source {
        Source::Crowd(_) => f64::from(cohort.people) * cohort.connects,
        Source::Rate { points, .. } => points.iter().map(|(_, rate)| rate).sum::<f64>() / points.len().max(1) as f64,
        Source::Renewal { between, .. } => 1.0 / between.mean().max(1e-9),
        Source::Closed { population, think } => f64::from(*population) / think.mean().max(1e-9),
    }
}

fn survival(stay: &Distribution, t: f64) -> f64 {
    1.0 - stay.cdf(t).unwrap_or(1.0)
}

/// The chance that a seat is still taken `t` seconds after it was.
fn seat_taken(stay: &Distribution, rule: Option<SeatRule>, t: f64) -> f64 {
    let there = survival(stay, t);
    match rule {
        None | Some(SeatRule::OnExit) => there,
        Some(SeatRule::Sliding { idle, logout_share }) => {
            let kept = survival(stay, t - idle.as_secs());
            logout_share * there + (1.0 - logout_share) * kept
        }
        Some(SeatRule::Fixed { length, logout_share }) => {
            let kept = if t < length.as_secs() { 1.0 } else { there };
            logout_share * there + (1.0 - logout_share) * kept
        }
    }
}
