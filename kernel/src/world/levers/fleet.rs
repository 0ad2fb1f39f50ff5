//! Cores beyond the installed ones: ordered, booting, warming up, at work, leaving.

use super::super::agenda::Agenda;
use super::super::observer::Ear;
use super::super::state::World;
use crate::engine::{Purpose, Span, Time};
use crate::scenario::model::{Delivery, HostId};

/// Cores that were ordered together.
#[derive(Clone, Copy, Debug)]
pub(in crate::world) struct Batch {
    pub cores: f64,
    /// Where they stand; none: at a service without a host.
    pub host: Option<HostId>,
    /// When they serve.
    pub ready: Time,
    /// When they are as fast as the others.
    pub warm: Time,
    /// How fast they are until then.
    pub speed: f64,
    /// From when on they take no new logins.
    pub leaves: Time,
    /// When they are gone.
    pub gone: Time,
    /// The lost host they stand in for.
    pub instead_of: Option<HostId>,
    /// Whether they were kept ready, and so are paid already.
    pub standby: bool,
}

impl Batch {
    fn serves(&self, now: Time) -> bool {
        self.ready <= now && now < self.gone
    }
    fn takes_logins(&self, now: Time) -> bool {
        self.serves(now) && now < self.leaves
    }
    /// Cores at work by their speed.
    pub fn work(&self, now: Time) -> f64 {
        if !self.serves(now) {
            0.0
        } else if now < self.warm {
            self.cores * self.speed
        } else {
            self.cores
        }
    }
}

/// What a service has beyond its installed cores, or gave back of them.
#[derive(Clone, Debug, Default)]
pub(in crate::world) struct Fleet {
    pub batches: Vec<Batch>,
    /// Installed cores that were given back.
    pub returned: f64,
    /// Installed cores that take no new logins any more, and when they are gone.
    pub returning: Vec<(Time, f64)>,
    /// Cores kept ready on hosts, and paid.
    pub standby: Vec<(HostId, f64)>,
    /// Orders so far: each draws its own boot.
    pub orders: u64,
    /// Hosts lost so far: each draws anew who stood there.
    pub losses: u64,
    /// Whether anything of this was ever used: until then not even a rounding may move.
    used: bool,
}

impl Fleet {
    pub fn stands_on_any(&self, hosts: &[HostId]) -> bool {
        self.batches.iter().any(|b| b.host.is_some_and(|h| hosts.contains(&h)))
    }

    /// The installed cores were multiplied, those given back among them.
    pub fn scale(&mut self, factor: f64) {
        self.returned *= factor;
        for (_, cores) in &mut self.returning {
            *cores *= factor;
        }
    }

    fn leaving(&self) -> f64 {
        self.returning.iter().map(|(_, cores)| cores).sum()
    }

    fn kept_ready(&self) -> f64 {
        self.standby.iter().map(|(_, cores)| cores).sum()
    }
}

impl<O: Ear> World<'_, O> {
    /// Cores that are paid at a service: from the order until they are gone.
    pub(in crate::world) fn paid_cores(&self, s: usize) -> f64 {
        let svc = &self.services[s];
        let fleet = &svc.fleet;
        let ordered: f64 = fleet.batches.iter().filter(|b| !b.standby).map(|b| b.cores).sum();
        svc.station.installed() + ordered + fleet.kept_ready() - fleet.returned
    }

    /// Cores of a service that are there or ordered and will stay, without those that stand in for a lost host.
    pub(super) fn planned_cores(&self, s: usize) -> f64 {
        let (now, svc) = (self.now, &self.services[s]);
        let fleet = &svc.fleet;
        let stays = fleet
            .batches
            .iter()
            .filter(|b| b.instead_of.is_none() && now < b.leaves);
        svc.station.installed() - fleet.returned - fleet.leaving() + stays.map(|b| b.cores).sum::<f64>()
    }

    /// Cores that a host has left: what tenants were given, ordered or keep ready there is taken.
    pub(super) fn free_on(&self, host: HostId) -> f64 {
        let installed = self.scenario.hosts[host.index()].cores;
        if !installed.is_finite() {
            return installed;
        }
        let mut used = 0.0;
        for (spec, svc) in self.scenario.services.iter().zip(&self.services) {
            let share = spec.share_on(host);
            if share > 0.0 && spec.station.cores.is_finite() {
                // Of a service that grew on servers with room of their own, the host gets back its part of what is given back.
                let part = if svc.fleet.returned > 0.0 {
                    spec.station.cores / svc.station.installed()
                } else {
                    1.0
                };
                used += share * (spec.station.cores - part * svc.fleet.returned).max(0.0);
            }
            let fleet = &svc.fleet;
            let there = fleet.batches.iter().filter(|b| b.host == Some(host) && !b.standby);
            used += there.map(|b| b.cores).sum::<f64>();
            let ready = fleet.standby.iter().filter(|(h, _)| *h == host);
            used += ready.map(|(_, cores)| cores).sum::<f64>();
        }
        (installed - used).max(0.0) * self.hosts[host.index()].up
    }

    /// Where a service can grow most, and by how much. The first of equals.
    fn room_to_grow(&self, s: usize) -> (Option<HostId>, f64) {
        let mut best = (None, f64::INFINITY);
        for (host, _) in self.scenario.services[s].stands_on() {
            let free = self.free_on(host);
            if best.0.is_none() || free > best.1 {
                best = (Some(host), free);
            }
        }
        best
    }

    /// Orders cores as far as the hosts have any; answers how many.
    pub(super) fn order(&mut self, s: usize, cores: f64, how: &Delivery, leaves: Option<Time>) -> f64 {
        let (host, free) = self.room_to_grow(s);
        let cores = cores.min(free);
        if cores <= 1e-9 {
            return 0.0;
        }
        let fleet = &self.services[s].fleet;
        let mut draw = self.streams.person(Purpose::Boot, self.services[s].key, fleet.orders);
        let ready = self.now + Span::from_secs(how.boot.sample(&mut draw));
        let leaves = leaves.unwrap_or(Time::MAX);
        let batch = Batch {
            cores,
            host,
            ready,
            warm: ready + how.warm_up,
            speed: how.warm_speed,
            leaves,
            gone: if leaves == Time::MAX {
                leaves
            } else {
                leaves + how.drain
            },
            instead_of: None,
            standby: false,
        };
        self.add_batch(s, batch);
        cores
    }

    pub(super) fn add_batch(&mut self, s: usize, batch: Batch) {
        self.add_core_hours(s);
        let fleet = &mut self.services[s].fleet;
        fleet.orders += 1;
        if batch.gone <= self.now {
            // Nothing would come that takes it away.
            return;
        }
        fleet.used = true;
        fleet.batches.push(batch);
        for at in [batch.ready, batch.warm, batch.leaves, batch.gone] {
            self.plan_fleet(s, at);
        }
    }

    pub(super) fn plan_fleet(&mut self, s: usize, at: Time) {
        if at > self.now && at <= self.scenario.clock.end {
            self.plan(at, Agenda::Fleet { service: s });
        }
    }

    /// Keeps cores ready on a host from now on, as far as it has any, in place of those kept there so far.
    pub(super) fn keep_ready(&mut self, s: usize, host: HostId, cores: f64) {
        if cores <= 0.0 && self.services[s].fleet.standby.is_empty() {
            return;
        }
        self.add_core_hours(s);
        self.services[s].fleet.standby.retain(|(h, _)| *h != host);
        let cores = cores.min(self.free_on(host));
        self.services[s].fleet.standby.push((host, cores));
    }

    /// Gives cores back, the newest first: those not there yet at once, the others after they are drained.
    pub(super) fn give_back(&mut self, s: usize, cores: f64, drain: Span) {
        let now = self.now;
        self.add_core_hours(s);
        let mut left = cores;
        let mut kept = Vec::new();
        let mut gone = Vec::new();
        for mut batch in self.services[s].fleet.batches.drain(..).rev() {
            if left <= 0.0 || batch.instead_of.is_some() || batch.leaves != Time::MAX {
                kept.push(batch);
                continue;
            }
            let take = left.min(batch.cores);
            left -= take;
            if take < batch.cores {
                let mut rest = batch;
                rest.cores -= take;
                kept.push(rest);
                batch.cores = take;
            }
            if batch.ready <= now {
                batch.leaves = now;
                batch.gone = now + drain;
                gone.push(batch.gone);
                kept.push(batch);
            }
        }
        kept.reverse();
        let fleet = &mut self.services[s].fleet;
        fleet.used = true;
        fleet.batches = kept;
        if left > 0.0 {
            fleet.returning.push((now + drain, left));
            gone.push(now + drain);
        }
        for at in gone {
            self.plan_fleet(s, at);
        }
        self.tidy_fleet(s);
    }

    /// Books what is gone.
    pub(in crate::world) fn tidy_fleet(&mut self, s: usize) {
        self.add_core_hours(s);
        let now = self.now;
        let fleet = &mut self.services[s].fleet;
        fleet.batches.retain(|b| b.gone > now);
        let due = fleet.returning.iter().filter(|(at, _)| *at <= now);
        fleet.returned += due.map(|(_, cores)| cores).sum::<f64>();
        fleet.returning.retain(|(at, _)| *at > now);
    }

    /// Makes the station as large as its fleet is now.
    pub(in crate::world) fn fit_fleet(&mut self, s: usize) {
        // Cores without end neither grow nor shrink (a model that would have them do is refused when it is read).
        if !self.services[s].fleet.used || !self.services[s].station.installed().is_finite() {
            return;
        }
        let now = self.now;
        let hosts = &self.hosts;
        let svc = &mut self.services[s];
        let fleet = &svc.fleet;
        let up = |b: &Batch| b.host.map_or(1.0, |h| hosts[h.index()].up);
        let work: f64 = fleet.batches.iter().map(|b| b.work(now) * up(b)).sum();
        let open = fleet.batches.iter().filter(|b| b.takes_logins(now));
        let open: f64 = open.map(|b| b.cores).sum();
        let base = svc.station.installed();
        let given = fleet.returned;
        let grown = (base - given - fleet.leaving() + open).max(0.0) / base;
        let extra = svc.slowed * work - given * svc.station.up();
        svc.station.set_fleet(now, extra, grown);
    }
}
