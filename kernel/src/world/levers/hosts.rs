//! Hosts that are lost and come back: where services stand, what crosses which link, and who takes over.

use super::super::agenda::Agenda;
use super::super::observer::Ear;
use super::super::session::Leaves;
use super::super::state::{ServiceState, World, change};
use super::fleet::Batch;
use super::watch::Lever;
use crate::engine::{Purpose, Span, Time};
use crate::measure::Refusal;
use crate::queueing::exchange_passes;
use crate::scenario::model::{Failover, HostId};

/// A host in motion.
#[derive(Clone, Copy, Debug)]
pub(in crate::world) struct HostState {
    /// Share of it that is up.
    pub up: f64,
    /// When it last lost some.
    pub lost_at: Time,
}

/// Capacity of a service that comes up elsewhere.
#[derive(Clone, Copy, Debug)]
pub(in crate::world) struct Takeover {
    pub service: usize,
    /// The lever.
    pub watch: usize,
    /// The lost host, and when it was.
    pub lost: HostId,
    pub lost_at: Time,
    /// What was kept ready, or the rest.
    pub ready: bool,
}

impl ServiceState {
    /// Share of the capacity that serves on a host now.
    pub fn live_on(&self, host: HostId) -> f64 {
        let there = self.live.iter().filter(|(h, _)| *h == host);
        there.map(|(_, share)| share).sum()
    }

    /// Share that serves on any of several hosts.
    pub fn live_on_any(&self, hosts: &[HostId]) -> f64 {
        hosts.iter().map(|h| self.live_on(*h)).sum()
    }
}

impl<'s, O: Ear> World<'s, O> {
    /// Notes what is up of each host. Answers the hosts of which more or less is up, and those lost whole.
    pub(in crate::world) fn hosts_change(&mut self, up: &[f64]) -> (Vec<HostId>, Vec<HostId>) {
        let (mut changed, mut lost) = (Vec::new(), Vec::new());
        for (h, &now_up) in up.iter().enumerate() {
            let before = self.hosts[h].up;
            if before == now_up {
                continue;
            }
            let host = HostId(h as u16);
            self.hosts[h].up = now_up;
            changed.push(host);
            if now_up < before {
                self.hosts[h].lost_at = self.now;
                if now_up <= 0.0 {
                    lost.push(host);
                }
                self.call_for_takeover(host);
            } else if now_up >= 1.0 {
                self.send_back(host);
            }
        }
        (changed, lost)
    }

    /// Share of a service's installed cores that its hosts leave it.
    pub(in crate::world) fn hosts_leave(&self, s: usize) -> f64 {
        let spec = &self.scenario.services[s];
        match (spec.host, spec.hosts.as_slice()) {
            (None, []) => 1.0,
            (Some(host), []) => self.hosts[host.index()].up,
            (_, several) => several.iter().map(|(h, share)| share * self.hosts[h.index()].up).sum(),
        }
    }

    /// Whether no host of a service is up, those of its ordered cores included.
    pub(in crate::world) fn stands_nowhere(&self, s: usize) -> bool {
        let spec = &self.scenario.services[s];
        let up = |h: HostId| self.hosts[h.index()].up > 0.0;
        let mut own = spec.stands_on().peekable();
        own.peek().is_some()
            && !own.any(|(h, share)| share > 0.0 && up(h))
            && !self.services[s]
                .fleet
                .batches
                .iter()
                .any(|b| b.work(self.now) > 0.0 && b.host.is_some_and(up))
    }

    /// Finds where a service serves now, and what its links let through.
    pub(in crate::world) fn find_where_live(&mut self, s: usize) {
        let spec = &self.scenario.services[s];
        let fleet = &self.services[s].fleet;
        if fleet.batches.is_empty() && spec.hosts.is_empty() && self.services[s].live.len() < 2 {
            // One host, or none: nothing moves.
            let home = spec.host.map(|h| (h, 1.0));
            if self.services[s].live.first().copied() == home {
                return;
            }
        }
        let base = self.services[s].station.installed() - fleet.returned;
        let mut cores: Vec<(HostId, f64)> = Vec::new();
        let mut add = |host: HostId, amount: f64| match cores.iter_mut().find(|(h, _)| *h == host) {
            Some((_, sum)) => *sum += amount,
            None => cores.push((host, amount)),
        };
        for (host, share) in spec.stands_on() {
            add(host, base * share * self.hosts[host.index()].up);
        }
        for b in &fleet.batches {
            if let Some(host) = b.host {
                add(host, b.work(self.now) * self.hosts[host.index()].up);
            }
        }
        // More may be given back than the model gave while what was ordered still serves.
        cores.retain(|(_, c)| *c > 0.0);
        let total: f64 = cores.iter().map(|(_, c)| c).sum();
        if !(total > 0.0 && total.is_finite()) {
            return;
        }
        self.services[s].live = cores.into_iter().map(|(h, c)| (h, c / total)).collect();
        self.cross_links(s);
    }

    /// What the links of a service's hosts lose and let through, by the share of the traffic on each.
    pub(in crate::world) fn cross_links(&mut self, s: usize) {
        let exchange = &self.scenario.services[s].exchange;
        let (mut lost, mut passes) = (0.0, 0.0);
        for (host, share) in &self.services[s].live {
            let p = self.host_loss[host.index()];
            lost += share * p;
            passes += share * exchange_passes(p, exchange.packets, exchange.tries);
        }
        let svc = &mut self.services[s];
        if svc.live.is_empty() || (svc.link_loss, svc.link_passes) == (lost, passes) {
            return;
        }
        svc.link_loss = lost;
        svc.link_passes = passes;
        svc.station.set_page_passes(self.now, passes);
        self.touch(s, change::ANY);
    }

    /// Everybody who stood on a host that is gone is thrown out: each with the share that stood there.
    pub(in crate::world) fn throw_out_share(&mut self, s: usize, share: f64) {
        let nth = self.services[s].fleet.losses;
        self.services[s].fleet.losses += 1;
        let stood_there = |w: &Self, slot: u32| {
            let mut draw = w.draw(Purpose::Placement, slot);
            draw.skip(nth);
            draw.uniform() < share
        };
        let logins: Vec<(u32, u32)> = self.services[s].station.logins().collect();
        let now = self.now;
        self.services[s].station.advance(now);
        let mut dropped = Vec::new();
        for (job, owner) in logins {
            if stood_there(self, owner) {
                self.services[s].station.drop_login(job);
                dropped.push(owner);
            }
        }
        self.services[s].station.close_ranks(self.now);
        self.tell_started(s);
        let inside: Vec<u32> = (0..self.people.slots().len() as u32)
            .filter(|slot| {
                let p = &self.people[*slot];
                p.place == super::super::person::Place::Session && p.service as usize == s && stood_there(self, *slot)
            })
            .collect();
        for owner in dropped {
            let p = &mut self.people[owner];
            p.handle = super::super::person::NONE;
            p.timer = super::super::person::NONE;
            self.fail(owner, Refusal::Dropped);
        }
        for slot in inside {
            self.leave(slot, Leaves::ThrownOut);
        }
        self.touch(s, change::ANY);
    }

    /// A host lost something: whoever has a lever against it begins to act.
    fn call_for_takeover(&mut self, lost: HostId) {
        for w in 0..self.watches.len() {
            let (s, on) = (self.watches[w].service, self.watches[w].on);
            let Lever::Failover(how) = self.watches[w].lever else {
                continue;
            };
            if !on || self.scenario.services[s].share_on(lost) <= 0.0 {
                continue;
            }
            let nth = self.services[s].fleet.orders;
            self.services[s].fleet.orders += 1;
            let mut draw = self.streams.person(Purpose::Boot, self.services[s].key, nth);
            let detected = self.now + Span::from_secs(how.detection.sample(&mut draw));
            let served = detected + Span::from_secs(how.takes.sample(&mut draw));
            let takeover = Takeover {
                service: s,
                watch: w,
                lost,
                lost_at: self.now,
                ready: true,
            };
            for (at, ready) in [(detected, true), (served, false)] {
                if at <= self.scenario.clock.end && (!ready || how.standby > 0.0) {
                    self.plan(at, Agenda::FailOver(Takeover { ready, ..takeover }));
                }
            }
        }
    }

    /// Capacity comes up for a lost host, unless it is back.
    pub(in crate::world) fn take_over(&mut self, t: Takeover) {
        let Lever::Failover(how) = self.watches[t.watch].lever else {
            return;
        };
        let lost = &self.hosts[t.lost.index()];
        if lost.up >= 1.0 || lost.lost_at != t.lost_at || self.hosts[how.to.index()].up <= 0.0 {
            return;
        }
        let (spec, svc) = (&self.scenario.services[t.service], &self.services[t.service]);
        let stood = svc.station.installed() - svc.fleet.returned;
        let gone = stood.max(0.0) * spec.share_on(t.lost) * (1.0 - lost.up);
        let stands_in = |b: &&Batch| b.instead_of == Some(t.lost) && b.host == Some(how.to) && b.leaves == Time::MAX;
        let there: f64 = svc.fleet.batches.iter().filter(stands_in).map(|b| b.cores).sum();
        let wanted = gone * how.factor - there;
        let cores = if t.ready {
            wanted.min(self.ready_on(t.service, how.to))
        } else {
            wanted.min(self.free_on(how.to))
        };
        if cores <= 1e-9 {
            return;
        }
        if let Some(policy) = self.watches[t.watch].policy {
            self.note_first_act(policy);
        }
        let batch = Batch {
            cores,
            host: Some(how.to),
            ready: self.now,
            warm: self.now,
            speed: 1.0,
            leaves: Time::MAX,
            gone: Time::MAX,
            instead_of: Some(t.lost),
            standby: t.ready,
        };
        self.add_batch(t.service, batch);
    }

    /// Cores kept ready on a host that do not stand in for another yet.
    fn ready_on(&self, s: usize, host: HostId) -> f64 {
        let fleet = &self.services[s].fleet;
        let kept: f64 = fleet.standby.iter().filter(|(h, _)| *h == host).map(|(_, c)| c).sum();
        let used = fleet.batches.iter().filter(|b| b.standby && b.host == Some(host));
        kept - used.map(|b| b.cores).sum::<f64>()
    }

    /// A host is back: what stood in for it leaves.
    fn send_back(&mut self, host: HostId) {
        for s in 0..self.services.len() {
            let back = self.failover_of(s).map_or(Span::ZERO, |how| how.back);
            let at = self.now + back;
            let mut any = false;
            for b in &mut self.services[s].fleet.batches {
                if b.instead_of == Some(host) && b.leaves == Time::MAX {
                    b.leaves = at;
                    b.gone = at;
                    any = true;
                }
            }
            if any && back > Span::ZERO {
                self.plan_fleet(s, at);
            } else if any {
                self.tidy_fleet(s);
            }
        }
    }

    fn failover_of(&self, s: usize) -> Option<&'s Failover> {
        self.watches.iter().rev().find_map(|w| match w.lever {
            Lever::Failover(how) if w.service == s && w.on => Some(how),
            _ => None,
        })
    }
}
