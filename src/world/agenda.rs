//! What happens to the country at known instants: incidents, their defences, and policy acts.

use super::Observer;
use super::state::{World, bucket, change, class};
use super::stream::Stream;
use crate::engine::{Distribution, Purpose, Span, Time, key_of};
use crate::queueing::{Room, exchange_passes, loss};
use crate::scenario::model::{Act, Defence, HostId, IncidentKind, ServiceId};

/// An entry of the agenda.
#[derive(Clone, Copy, Debug)]
pub(super) enum Agenda {
    /// A wave of an incident begins.
    WaveStarts { incident: usize, wave: usize },
    /// Its scrubbing begins to act.
    Detected { incident: usize, wave: usize },
    /// It ends.
    WaveEnds { incident: usize },
    /// A policy acts.
    Policy { policy: usize, act: usize },
}

/// An incident in motion.
pub(super) struct IncidentState {
    pub defence: Option<Defence>,
    pub wave: Option<usize>,
    pub scrubbed: bool,
}

impl IncidentState {
    pub fn new(defence: Option<Defence>) -> Self {
        IncidentState {
            defence,
            wave: None,
            scrubbed: false,
        }
    }
}

impl<O: Observer> World<'_, O> {
    /// Incidents and policies that are on, up to the end of the run.
    pub(super) fn set_up_agenda(&mut self) {
        let end = self.scenario.clock.end;
        for (i, incident) in self.scenario.incidents.iter().enumerate() {
            if matches!(incident.kind, IncidentKind::Surge { .. }) {
                continue;
            }
            for (w, (from, until)) in incident.waves.iter().enumerate() {
                if *from <= end {
                    self.plan(*from, Agenda::WaveStarts { incident: i, wave: w });
                    if *until <= end && *until > *from {
                        self.plan(*until, Agenda::WaveEnds { incident: i });
                    }
                }
            }
            if incident.defence.is_some() {
                self.extra_cost.scrubbing += self.scenario.prices.scrubbing_hour * end.as_secs() / 3600.0;
            }
        }
        for id in &self.options.policies {
            let policy = &self.scenario.policies[id.index()];
            self.first_act.push((policy.key.clone(), None));
            self.extra_cost.fixed += policy.fixed_cost;
            for (a, (at, _)) in policy.acts.iter().enumerate() {
                if *at <= end {
                    self.plan(
                        *at,
                        Agenda::Policy {
                            policy: id.index(),
                            act: a,
                        },
                    );
                }
            }
        }
    }

    /// More visits than the timetable says, spread evenly over the wave.
    pub(super) fn set_up_surges(&mut self) {
        for (i, incident) in self.scenario.incidents.iter().enumerate() {
            let IncidentKind::Surge { cohorts, share } = &incident.kind else {
                continue;
            };
            for (w, (from, until)) in incident.waves.iter().enumerate() {
                for c in cohorts {
                    let state = &self.cohorts[c.index()];
                    let spread = Distribution::Uniform {
                        low: 0.0,
                        high: (*until - *from).as_secs(),
                    };
                    // Waves of surges draw apart from those of the timetable.
                    let wave = ((i as u64 + 1) << 32) + w as u64;
                    // A surge begins a deal of its own, in an order of its own.
                    let deal = (1e3 * (i + 1) as f64, 1e3 * (i + 1) as f64 + share);
                    let stream = Stream::crowd(
                        c.0,
                        state.key,
                        wave,
                        state.connecting,
                        deal,
                        *from,
                        spread,
                        &self.streams,
                    );
                    self.arrivals.push(stream);
                }
            }
        }
    }

    fn plan(&mut self, at: Time, what: Agenda) {
        self.agenda.push((at, what));
        self.list
            .schedule(at.max(self.now), class::AGENDA, (self.agenda.len() - 1) as u32);
    }

    /// An entry of the agenda is due.
    pub(super) fn act(&mut self, entry: usize) {
        let mut pulled: &[ServiceId] = &[];
        match self.agenda[entry].1 {
            Agenda::WaveStarts { incident, wave } => {
                self.incidents[incident].wave = Some(wave);
                self.incidents[incident].scrubbed = false;
                self.await_detection(incident, wave);
                if let IncidentKind::PolicyChange { act } = &self.scenario.incidents[incident].kind {
                    pulled = self.pull(act);
                }
            }
            Agenda::Detected { incident, wave } => {
                if self.incidents[incident].wave == Some(wave) {
                    self.incidents[incident].scrubbed = true;
                }
            }
            Agenda::WaveEnds { incident } => self.incidents[incident].wave = None,
            Agenda::Policy { policy, act } => {
                let key = &self.scenario.policies[policy].key;
                if let Some((_, first @ None)) = self.first_act.iter_mut().find(|(k, _)| k == key) {
                    *first = Some(self.now);
                }
                let act = &self.scenario.policies[policy].acts[act].1;
                pulled = self.pull(act);
            }
        }
        self.apply_incidents(pulled);
    }

    fn await_detection(&mut self, incident: usize, wave: usize) {
        let Some(defence) = &self.incidents[incident].defence else {
            return;
        };
        let key = key_of(&self.scenario.incidents[incident].key);
        let delay = defence
            .detection
            .sample(&mut self.streams.person(Purpose::Flood, key, wave as u64));
        let at = self.now + Span::from_secs(delay);
        if at <= self.scenario.clock.end {
            self.plan(at, Agenda::Detected { incident, wave });
        }
    }

    /// Works out from the incidents now active what each service and host suffers. Only services for which something
    /// changed, and those on which a lever was pulled, are touched: elsewhere not even a rounding may move.
    fn apply_incidents(&mut self, pulled: &[ServiceId]) {
        let n = self.services.len();
        let (mut up, mut down) = (vec![1.0_f64; n], vec![false; n]);
        let (mut attack, mut held) = (vec![(0.0, 0.0); n], vec![0.0; n]);
        let mut taken = vec![0.0_f64; n];
        let on_host = |host: HostId| {
            let scenario = self.scenario;
            (0..n).filter(move |s| scenario.services[*s].host == Some(host))
        };
        for (incident, state) in self.scenario.incidents.iter().zip(&self.incidents) {
            if state.wave.is_none() {
                continue;
            }
            let defence = state.defence.as_ref().filter(|_| state.scrubbed);
            let left = defence.map_or(1.0, |d| 1.0 - d.efficacy);
            let mut mistaken = |s: usize| taken[s] = taken[s].max(defence.map_or(0.0, |d| d.false_positives));
            match &incident.kind {
                IncidentKind::NetworkFlood { host, .. } => on_host(*host).for_each(&mut mistaken),
                IncidentKind::ApplicationFlood { service, rate, work } => {
                    let s = service.index();
                    attack[s] = (attack[s].0 + left * rate * work, attack[s].1 + left * rate);
                    mistaken(s);
                }
                IncidentKind::SlowConnections { service, threads } => {
                    held[service.index()] += left * threads;
                    mistaken(service.index());
                }
                IncidentKind::HostLoss { host, share } => {
                    for s in on_host(*host) {
                        up[s] *= 1.0 - share;
                        down[s] |= *share >= 1.0;
                    }
                }
                IncidentKind::ServiceOutage { service } => down[service.index()] = true,
                IncidentKind::Slowdown { service, factor } => up[service.index()] *= factor,
                IncidentKind::Surge { .. } | IncidentKind::PolicyChange { .. } => {}
            }
        }
        let mut touched = vec![false; n];
        for s in pulled {
            touched[s.index()] = true;
        }
        for s in 0..n {
            let before = self.services[s].down;
            let svc = &mut self.services[s];
            touched[s] |= (svc.attack, svc.held_threads) != (attack[s], held[s])
                || (svc.down, svc.incidents_leave) != (down[s], up[s]);
            svc.attack = attack[s];
            svc.held_threads = held[s];
            svc.false_positives = taken[s];
            svc.down = down[s];
            svc.incidents_leave = up[s];
            if touched[s] {
                self.set_capacity(s);
            }
            if down[s] && !before {
                self.throw_out(s);
            }
        }
        self.load_links(false);
        for s in (0..n).filter(|s| touched[*s]) {
            self.load_station(s);
            self.tell_started(s);
            if self.services[s].room.is_some() {
                self.serve_room(s);
            }
            self.touch(s, change::ANY);
        }
    }

    /// What incidents leave of the capacity, times what has not broken down.
    pub(super) fn set_capacity(&mut self, s: usize) {
        let now = self.now;
        let svc = &mut self.services[s];
        let unbroken = match self.scenario.services[s].station.breakdown {
            Some(_) => svc.cores_up / self.scenario.services[s].station.cores,
            None => 1.0,
        };
        svc.station.set_up(now, svc.incidents_leave * unbroken);
        self.observer
            .capacity(now, ServiceId(s as u16), self.services[s].station.cores());
    }

    /// A flood's rate on a host's link after scrubbing, bit/s.
    fn flood_on(&self, host: usize) -> f64 {
        self.scenario
            .incidents
            .iter()
            .zip(&self.incidents)
            .filter(|(_, state)| state.wave.is_some())
            .map(|(incident, state)| match &incident.kind {
                IncidentKind::NetworkFlood { host: h, rate } if h.index() == host => {
                    rate * state
                        .defence
                        .as_ref()
                        .filter(|_| state.scrubbed)
                        .map_or(1.0, |d| 1.0 - d.efficacy)
                }
                _ => 0.0,
            })
            .sum()
    }

    /// What each uplink loses, from floods and from people's pages. `pages`: these have just been counted; otherwise
    /// only hosts whose flood changed are looked at.
    pub(super) fn load_links(&mut self, pages: bool) {
        for h in 0..self.host_loss.len() {
            let uplink = self.scenario.hosts[h].uplink;
            let flood = self.flood_on(h);
            let changed = std::mem::replace(&mut self.host_flood[h], flood) != flood;
            if !uplink.is_finite() || !(pages || changed) {
                continue;
            }
            let lost = loss(uplink, flood + self.page_bits_on(h));
            if lost == self.host_loss[h] {
                continue;
            }
            self.host_loss[h] = lost;
            for s in 0..self.services.len() {
                let spec = &self.scenario.services[s];
                if spec.host.is_some_and(|x| x.index() == h) {
                    let passes = exchange_passes(lost, spec.exchange.packets, spec.exchange.tries);
                    let now = self.now;
                    let svc = &mut self.services[s];
                    svc.link_loss = lost;
                    svc.link_passes = passes;
                    svc.station.set_page_passes(now, passes);
                    self.touch(s, change::ANY);
                }
            }
        }
    }

    /// Bits per second of people's own pages on a host.
    fn page_bits_on(&self, host: usize) -> f64 {
        let mut bits = 0.0;
        for (spec, svc) in self.scenario.services.iter().zip(&self.services) {
            if spec.host.is_none_or(|h| h.index() != host) {
                continue;
            }
            let pages = spec.session.map_or(0.0, |session| {
                svc.sessions as f64 / (session.think + session.page_work / svc.station.speed().r.max(1e-6))
            });
            // Where each page is an event they have been counted, those of sessions too.
            let pages = if self.referee.is_some() { 0.0 } else { pages };
            bits += spec.exchange.page_bits * (pages + svc.refusal_pages);
        }
        bits
    }

    /// The fluid a station carries: the attack, and pages that refuse or ask to wait.
    pub(super) fn load_station(&mut self, s: usize) {
        let now = self.now;
        if self.referee.is_some() {
            let held = self.services[s].held_threads;
            self.services[s].station.set_flood(now, 0.0, 0.0, held, false);
            return self.set_attack(s);
        }
        let svc = &mut self.services[s];
        let work = svc.room.as_ref().map_or(0.0, |r| r.spec().page_work);
        let polls = svc
            .room
            .as_ref()
            .and_then(|r| r.spec().poll.map(|p| r.waiting() as f64 / p.as_secs().max(1e-3)));
        let pages = svc.refusal_pages + polls.unwrap_or(0.0);
        let attack = svc.attack.0;
        let rate = svc.attack.1 + if work > 0.0 { pages } else { 0.0 };
        svc.station
            .set_flood(now, attack + pages * work, rate, svc.held_threads, attack > 0.0);
    }

    /// One lever is pulled; answers at which services.
    fn pull<'a>(&mut self, act: &'a Act) -> &'a [ServiceId] {
        let now = self.now;
        match act {
            Act::SetQuota { services, quota } => {
                for s in services {
                    self.set_quota(s.index(), quota.as_deref().cloned());
                }
            }
            Act::ScaleQuota { services, factor } => {
                for s in services {
                    let Some(room) = &self.services[s.index()].room else {
                        continue;
                    };
                    let mut spec = room.spec().clone();
                    spec.max_sessions = spec.max_sessions.map(|cap| libm::round(cap as f64 * factor) as u64);
                    self.set_quota(s.index(), Some(spec));
                }
            }
            Act::ScaleCapacity { services, factor } => {
                for s in services {
                    self.add_core_hours(s.index());
                    self.services[s.index()].station.scale(now, *factor);
                    self.tell_started(s.index());
                }
            }
            Act::Stagger { who, how } => {
                for c in 0..self.cohorts.len() {
                    if who.takes(&self.scenario.cohorts[c]) {
                        self.cohorts[c].stagger.push(how.clone());
                    }
                }
            }
            Act::RetryAfter { services, obey, mean } => {
                for s in services {
                    let s = s.index();
                    self.services[s].obey = Some(*obey);
                    let pool = self.pool_index(s, self.kinds - 1);
                    // Knocks made in vain so far were made at the rate so far.
                    for slot in self.pool_members(pool) {
                        if !self.settle(slot) {
                            self.leave_pool(slot);
                            self.give_up(slot);
                        }
                    }
                    self.pools[pool].set_rate(1.0 / mean);
                    self.touch(s, change::POOL);
                }
            }
            Act::RateLimit { services, bucket: spec } => {
                for s in services {
                    let key = self.services[s.index()].key;
                    self.services[s.index()].limiter = spec.map(|b| bucket(&b, now, key, &self.streams));
                }
            }
            Act::Scrub { incidents, defence } => self.scrub(incidents, defence),
            Act::Shed { services, who, lasting } => {
                for s in services {
                    self.services[s.index()].shed.push((who.clone(), now + *lasting));
                }
            }
            Act::Degrade { services, work, value } => {
                for s in services {
                    self.services[s.index()].station.degrade(now, *work, *value);
                }
            }
        }
        match act {
            Act::SetQuota { services, .. }
            | Act::ScaleQuota { services, .. }
            | Act::ScaleCapacity { services, .. }
            | Act::RetryAfter { services, .. }
            | Act::RateLimit { services, .. }
            | Act::Shed { services, .. }
            | Act::Degrade { services, .. } => services,
            Act::Stagger { .. } | Act::Scrub { .. } => &[],
        }
    }

    fn set_quota(&mut self, s: usize, quota: Option<crate::scenario::model::Quota>) {
        let now = self.now;
        let (people, cohorts) = (&self.people, &self.scenario.cohorts);
        let class_of = |slot: u32| cohorts[people[slot].cohort as usize].priority;
        match (quota, self.services[s].room.is_some()) {
            (Some(spec), true) => {
                if let Some(room) = &mut self.services[s].room {
                    room.change(now, spec, class_of);
                }
            }
            (Some(spec), false) => {
                let draw = self.streams.sequence(Purpose::Lottery, self.services[s].key);
                let mut room = Room::new(spec, draw);
                // Who is in already sits, and frees the seat on leaving.
                room.sit(self.seat_present(s));
                self.services[s].room = Some(room);
            }
            (None, true) => {
                // Open doors: everybody who waits is called.
                if let Some(room) = &mut self.services[s].room {
                    let mut spec = room.spec().clone();
                    spec.max_sessions = None;
                    spec.admissions = None;
                    spec.max_length = None;
                    spec.poll = None;
                    room.change(now, spec, class_of);
                }
            }
            (None, false) => {}
        }
        self.serve_room(s);
    }

    /// Seats everybody in a session of a service that has just got a gate.
    fn seat_present(&mut self, s: usize) -> u64 {
        let mut seats = 0;
        for p in self.people.slots_mut() {
            if p.place == super::person::Place::Session && p.service as usize == s && !p.is(super::person::SEATED) {
                p.flags |= super::person::SEATED;
                seats += u64::from(self.scenario.cohorts[p.cohort as usize].seats);
            }
        }
        seats
    }

    fn scrub(&mut self, which: &[crate::scenario::model::IncidentId], defence: &Defence) {
        let hours = (self.scenario.clock.end - self.now).as_secs() / 3600.0;
        for i in 0..self.incidents.len() {
            let meant = which.is_empty() || which.iter().any(|w| w.index() == i);
            let flood = matches!(
                self.scenario.incidents[i].kind,
                IncidentKind::NetworkFlood { .. }
                    | IncidentKind::ApplicationFlood { .. }
                    | IncidentKind::SlowConnections { .. }
            );
            if !meant || !flood {
                continue;
            }
            if self.incidents[i].defence.is_none() {
                self.extra_cost.scrubbing += self.scenario.prices.scrubbing_hour * hours;
            }
            self.incidents[i].defence = Some(defence.clone());
            if let (Some(wave), false) = (self.incidents[i].wave, self.incidents[i].scrubbed) {
                self.await_detection(i, wave);
            }
        }
    }
}
