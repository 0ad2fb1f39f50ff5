//! What happens to the country at known instants: incidents, their defences, and policy acts.

use super::levers::Takeover;
use super::observer::Ear;
use super::smoothing::Told;
use super::state::{World, bucket, change, class};
use super::stream::Stream;
use crate::engine::{Distribution, Purpose, Span, Time, key_of};
use crate::queueing::{Room, loss};
use crate::scenario::model::{Act, Defence, HostId, IncidentKind, ServiceId};

/// An entry of the agenda.
#[derive(Clone, Copy, Debug)]
pub(super) enum Agenda {
    /// A wave of an incident begins.
    WaveStarts { incident: usize, wave: usize },
    /// Its scrubbing begins to act.
    Detected { incident: usize, wave: usize, round: u64 },
    /// The attacker has changed its tool.
    Retooled { incident: usize, wave: usize, round: u64 },
    /// It ends.
    WaveEnds { incident: usize, wave: usize },
    /// A step of a ticket is done.
    Ticket { ticket: usize },
    /// A policy acts.
    Policy { policy: usize, act: usize },
    /// Some whom a service sheds may come again.
    ShedEnds { service: usize },
    /// Ordered cores come, are warm, or go.
    Fleet { service: usize },
    /// Capacity comes up elsewhere for a lost host.
    FailOver(Takeover),
}

/// An incident in motion.
pub(super) struct IncidentState {
    pub defence: Option<Defence>,
    pub wave: Option<usize>,
    pub scrubbed: bool,
    /// How often the attacker changed its tool.
    pub round: u64,
}

impl IncidentState {
    pub fn new(defence: Option<Defence>) -> Self {
        IncidentState {
            defence,
            wave: None,
            scrubbed: false,
            round: 0,
        }
    }
}

impl<'s, O: Ear> World<'s, O> {
    /// Incidents and policies that are on, up to the end of the run.
    pub(super) fn set_up_agenda(&mut self) {
        let end = self.scenario.clock.end;
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        for (i, incident) in self.scenario.incidents.iter().enumerate() {
            if matches!(incident.kind, IncidentKind::Surge { .. }) || !incident.on {
                continue;
            }
            for (w, (from, until)) in incident.waves.iter().enumerate() {
                if *from <= end {
                    starts.push((
                        *from,
                        self.add_entry(*from, Agenda::WaveStarts { incident: i, wave: w }),
                    ));
                    if *until <= end && *until > *from {
                        ends.push((
                            *until,
                            self.add_entry(*until, Agenda::WaveEnds { incident: i, wave: w }),
                        ));
                    }
                }
            }
            if incident.defence.is_some() {
                self.extra_cost.scrubbing += self.scenario.prices.scrubbing_hour * end.as_secs() / 3600.0;
            }
        }
        // At one instant waves start before others end: from one to the next nobody slips through, in whichever order they are written.
        for (at, entry) in starts.into_iter().chain(ends) {
            self.list.schedule(at, class::AGENDA, entry);
        }
        for id in &self.options.policies {
            let policy = &self.scenario.policies[id.index()];
            self.first_act.push((policy.key.clone(), None));
            self.extra_cost.fixed += policy.fixed_cost;
            for (a, (at, act)) in policy.acts.iter().enumerate() {
                if *at <= end && act.watches() {
                    // To begin to watch is not yet to act.
                    self.watch_from(*at, act, Some(id.index()));
                } else if *at <= end {
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
            if !incident.on {
                continue;
            }
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

    pub(super) fn plan(&mut self, at: Time, what: Agenda) {
        let entry = self.add_entry(at, what);
        self.list.schedule(at.max(self.now), class::AGENDA, entry);
    }

    /// Writes down what is to happen; answers its number, for the event that somebody must schedule.
    fn add_entry(&mut self, at: Time, what: Agenda) -> u32 {
        self.agenda.push((at, what));
        (self.agenda.len() - 1) as u32
    }

    /// An entry of the agenda is due.
    pub(super) fn act(&mut self, entry: usize) {
        let one;
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
            Agenda::Detected { incident, wave, round } => self.detected(incident, wave, round),
            Agenda::Retooled { incident, wave, round } => self.retooled(incident, wave, round),
            Agenda::Ticket { ticket } => return self.ticket_step(ticket),
            Agenda::WaveEnds { incident, wave } => {
                // The next may have started at this very instant.
                let now = &mut self.incidents[incident].wave;
                *now = now.filter(|w| *w != wave);
            }
            Agenda::Policy { policy, act } => {
                self.note_first_act(policy);
                let act = &self.scenario.policies[policy].acts[act].1;
                pulled = self.pull(act);
            }
            Agenda::ShedEnds { service } => {
                self.services[service].filter.expire(self.now);
                return self.touch(service, change::DOOR);
            }
            Agenda::Fleet { service } => {
                one = [ServiceId(service as u16)];
                pulled = &one;
                self.tidy_fleet(service);
            }
            Agenda::FailOver(takeover) => {
                one = [ServiceId(takeover.service as u16)];
                pulled = &one;
                self.take_over(takeover);
            }
        }
        self.apply_incidents(pulled);
    }

    /// A policy acts, perhaps for the first time.
    pub(super) fn note_first_act(&mut self, policy: usize) {
        let key = &self.scenario.policies[policy].key;
        if let Some((_, first @ None)) = self.first_act.iter_mut().find(|(k, _)| k == key) {
            *first = Some(self.now);
        }
    }

    pub(super) fn await_detection(&mut self, incident: usize, wave: usize) {
        let Some(defence) = &self.incidents[incident].defence else {
            return;
        };
        let key = key_of(&self.scenario.incidents[incident].key);
        let round = self.incidents[incident].round;
        let mut draw = self.streams.person(Purpose::Flood, key, wave as u64);
        // Rounds draw apart from each other.
        draw.skip(round * 64);
        let delay = defence.detection.sample(&mut draw);
        let at = self.now + Span::from_secs(delay);
        if at <= self.scenario.clock.end {
            self.plan(at, Agenda::Detected { incident, wave, round });
        }
    }

    /// Works out from the incidents now active what each service and host suffers. Only services for which something
    /// changed, and those on which a lever was pulled, are touched: elsewhere not even a rounding may move.
    pub(super) fn apply_incidents(&mut self, pulled: &[ServiceId]) {
        let n = self.services.len();
        let (mut up, mut down) = (vec![1.0_f64; n], vec![false; n]);
        let (mut attack, mut held) = (vec![(0.0, 0.0); n], vec![0.0; n]);
        let mut taken = vec![0.0_f64; n];
        let mut host_up = vec![1.0_f64; self.hosts.len()];
        for (incident, state) in self.scenario.incidents.iter().zip(&self.incidents) {
            if state.wave.is_none() {
                continue;
            }
            let defence = state.defence.as_ref().filter(|_| state.scrubbed);
            let left = defence.map_or(1.0, |d| 1.0 - d.efficacy);
            let wrongly = defence.map_or(0.0, |d| d.false_positives);
            let mut mistaken = |s: usize, share: f64| taken[s] = taken[s].max(wrongly * share);
            match &incident.kind {
                IncidentKind::NetworkFlood { host, .. } => {
                    for s in 0..n {
                        mistaken(s, self.services[s].live_on(*host));
                    }
                }
                IncidentKind::ApplicationFlood {
                    service,
                    rate,
                    work,
                    sources,
                } => {
                    let s = service.index();
                    let rate = self.services[s].let_through(*rate, *sources);
                    attack[s] = (attack[s].0 + left * rate * work, attack[s].1 + left * rate);
                    mistaken(s, 1.0);
                }
                IncidentKind::SlowConnections { service, threads } => {
                    held[service.index()] += left * threads;
                    mistaken(service.index(), 1.0);
                }
                IncidentKind::HostLoss { host, share } => host_up[host.index()] *= 1.0 - share,
                IncidentKind::ServiceOutage { service } => down[service.index()] = true,
                IncidentKind::Slowdown { service, factor } => up[service.index()] *= factor,
                IncidentKind::Surge { .. } | IncidentKind::PolicyChange { .. } => {}
            }
        }
        let (changed, lost) = self.hosts_change(&host_up);
        let mut touched = vec![false; n];
        for s in pulled {
            touched[s.index()] = true;
        }
        for s in 0..n {
            let before = self.services[s].down;
            let slowed = up[s];
            up[s] *= self.hosts_leave(s);
            down[s] |= self.stands_nowhere(s);
            let svc = &mut self.services[s];
            touched[s] |= (svc.attack, svc.held_threads) != (attack[s], held[s])
                || (svc.down, svc.incidents_leave) != (down[s], up[s])
                || svc.fleet.stands_on_any(&changed);
            svc.attack = attack[s];
            svc.held_threads = held[s];
            let rules = svc.filter.number();
            svc.filter.mistake(taken[s]);
            let told = svc.filter.number() != rules;
            svc.down = down[s];
            svc.incidents_leave = up[s];
            svc.slowed = slowed;
            let gone = svc.live_on_any(&lost);
            if told {
                self.touch(s, change::DOOR);
            }
            if touched[s] {
                self.set_capacity(s);
                self.find_where_live(s);
            }
            if before && !down[s] {
                self.look_anew(s);
            }
            if down[s] && !before {
                self.throw_out(s);
            } else if gone > 0.0 && !down[s] {
                self.throw_out_share(s, gone);
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
            self.tell_level(s);
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
        self.fit_fleet(s);
        self.observer
            .capacity(now, ServiceId(s as u16), self.services[s].station.cores());
    }

    /// Floods on the links of hosts after scrubbing, bit/s.
    fn floods(&self) -> Vec<f64> {
        let mut floods = vec![0.0; self.host_loss.len()];
        for (incident, state) in self.scenario.incidents.iter().zip(&self.incidents) {
            if let IncidentKind::NetworkFlood { host, rate } = &incident.kind
                && state.wave.is_some()
            {
                let defence = state.defence.as_ref().filter(|_| state.scrubbed);
                floods[host.index()] += rate * defence.map_or(1.0, |d| 1.0 - d.efficacy);
            }
        }
        floods
    }

    /// What each uplink loses, from floods and from people's pages. `pages`: these have just been counted; otherwise
    /// only hosts whose flood changed are looked at.
    pub(super) fn load_links(&mut self, pages: bool) {
        let mut asked = None;
        for (h, flood) in self.floods().into_iter().enumerate() {
            let uplink = self.scenario.hosts[h].uplink;
            let changed = std::mem::replace(&mut self.host_flood[h], flood) != flood;
            if !uplink.is_finite() || !(pages || changed) {
                continue;
            }
            let bits = asked.get_or_insert_with(|| self.page_bits());
            let lost = loss(uplink, flood + bits[h]);
            if lost == self.host_loss[h] {
                continue;
            }
            self.host_loss[h] = lost;
            for s in 0..self.services.len() {
                if self.services[s].live_on(HostId(h as u16)) > 0.0 {
                    self.cross_links(s);
                }
            }
            // Pages that are lost change what is asked for.
            asked = None;
        }
    }

    /// Bits per second of people's own pages on each host.
    fn page_bits(&self) -> Vec<f64> {
        let mut bits = vec![0.0; self.host_loss.len()];
        for (s, (spec, svc)) in self.scenario.services.iter().zip(&self.services).enumerate() {
            let pages = spec.session.map_or(0.0, |session| {
                svc.sessions as f64 / (session.think + session.page_work / svc.station.speed().r.max(1e-6))
            });
            // Where each page is an event they have been counted, those of sessions too.
            let counted = self.referee.as_ref().map(|referee| referee.pages(s));
            let waited = svc.refusal_pages + svc.room.as_ref().map_or(0.0, Room::polls);
            let asked = spec.exchange.page_bits * counted.unwrap_or(pages + waited);
            for (host, share) in &svc.live {
                bits[host.index()] += asked * share;
            }
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
        if svc.down {
            // Nothing is answered: neither pages nor a flood.
            svc.station.set_flood(now, 0.0, 0.0, svc.held_threads, false);
            return svc.station.set_counted_flood(now, 0.0, 0.0);
        }
        let work = svc.room.as_ref().map_or(0.0, |r| r.spec().page_work);
        let pages = svc.refusal_pages + svc.room.as_ref().map_or(0.0, Room::polls);
        if svc.station.counts_floods() {
            let (cores, rate) = svc.attack;
            svc.station.set_flood(now, pages * work, 0.0, svc.held_threads, false);
            return svc.station.set_counted_flood(now, rate, cores / rate);
        }
        let attack = svc.attack.0;
        let rate = svc.attack.1 + if work > 0.0 { pages } else { 0.0 };
        svc.station
            .set_flood(now, attack + pages * work, rate, svc.held_threads, attack > 0.0);
    }

    /// One lever is pulled; answers at which services.
    pub(super) fn pull(&mut self, act: &'s Act) -> &'s [ServiceId] {
        let now = self.now;
        match act {
            Act::SetQuota { services, quota } => {
                for s in services {
                    self.tell_quota(s.index(), quota.as_deref().cloned());
                }
            }
            Act::ScaleQuota { services, factor } => {
                for s in services {
                    let Some(room) = &self.services[s.index()].room else {
                        continue;
                    };
                    let mut spec = room.configured().clone();
                    spec.max_sessions = spec.max_sessions.map(|cap| libm::round(cap as f64 * factor) as u64);
                    self.tell_quota(s.index(), Some(spec));
                }
            }
            Act::SetSession { services, seat } => {
                for s in services {
                    if let Some(room) = &mut self.services[s.index()].room {
                        room.set_seat(*seat);
                    }
                }
            }
            Act::ScaleCapacity { services, factor } => {
                for s in services {
                    self.add_core_hours(s.index());
                    self.services[s.index()].station.scale(now, *factor);
                    self.services[s.index()].fleet.scale(*factor);
                    self.tell_started(s.index());
                }
            }
            Act::Stagger { who, how } => {
                for c in 0..self.cohorts.len() {
                    if who.takes(&self.scenario.cohorts[c]) {
                        self.cohorts[c].stagger.push(how.of_cohort(&self.scenario.cohorts[c]));
                    }
                }
            }
            Act::RetryAfter {
                services,
                obey,
                mean,
                jitter,
            } => {
                for s in services {
                    let (s, obey, after, jitter) = (s.index(), *obey, *mean, *jitter);
                    let told = Told { obey, after, jitter };
                    self.services[s].told = Some(told);
                    self.unpool(s, |world, slot| world.obeys(slot, &told));
                }
            }
            Act::RetryBudget { services, budget } => self.set_retry_budget(services, *budget),
            Act::ClientThrottle { services, throttle } => self.set_client_throttle(services, *throttle),
            Act::RateLimit { services, bucket: spec } => {
                for s in services {
                    let key = self.services[s.index()].key;
                    self.services[s.index()].limiter = spec.map(|b| bucket(&b, now, key, &self.streams));
                }
            }
            Act::Scrub { incidents, defence } => self.scrub(incidents, defence),
            Act::Shed { services, who, lasting } => {
                for s in services {
                    let until = now + *lasting;
                    self.services[s.index()].filter.shed(who.clone(), until);
                    if until <= self.scenario.clock.end {
                        self.plan(until, Agenda::ShedEnds { service: s.index() });
                    }
                }
            }
            Act::Degrade { services, work, value } => {
                for s in services {
                    self.services[s.index()].station.degrade(now, *work, *value);
                }
            }
            other => return self.pull_lever(other),
        }
        act.services()
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
            // Nobody pays against what is only kept for a question.
            if !meant || !flood || !self.scenario.incidents[i].on {
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
