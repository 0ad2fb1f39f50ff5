//! The books: ticks, bins, breakdowns, and what is left at the end.

use super::bins::tick_at;
use super::deed::Deed;
use super::door::BUSY;
use super::observer::Ear;
use super::person::Place;
use super::state::{ServiceState, World, change, class};
use crate::engine::{Span, Time};
use crate::measure::{Bin, GroupBin, Money, Outcome, Refusal, RunStats, Series};
use crate::scenario::model::HostId;

impl<O: Ear> World<'_, O> {
    /// Keeps the books; answers whether the run goes on.
    pub(super) fn keep_books(&mut self) {
        let seconds = self.tick.as_secs();
        let bin_ends = (self.ticks + 1).is_multiple_of(self.ticks_per_bin);
        for s in 0..self.services.len() {
            if self.some_capped && (bin_ends || self.pages_matter(s)) {
                self.find_who_left(s);
            }
            self.services[s].refusal_pages = self.services[s].pages_refused / seconds + self.vain_pages(s);
            self.count_pages(s);
            self.services[s].pages_refused = 0.0;
            if self.services[s].room_limited {
                self.load_room(s);
            }
            self.load_station(s);
            self.tell_started(s);
            self.touch(s, change::ANY);
            self.tell_level(s);
        }
        self.load_links(true);
        self.cells_look();
        self.ticks += 1;
        if self.ticks.is_multiple_of(self.ticks_per_bin) {
            self.end_bin();
        }
        let next = tick_at(self.ticks + 1, self.ticks_per_bin, self.scenario.clock.bin);
        if next < self.scenario.clock.end {
            self.list.schedule(next, class::TICK, 0);
        }
        if self.options.progress.is_some_and(|told| told(self.now)) {
            self.stopped = true;
        }
    }

    /// Whether refusal pages load anything.
    fn pages_matter(&self, s: usize) -> bool {
        let svc = &self.services[s];
        let work = svc.room.as_ref().is_some_and(|r| r.spec().page_work > 0.0);
        let on_link = |(host, _): &(HostId, f64)| self.scenario.hosts[host.index()].uplink.is_finite();
        // A room's own servers are asked by those who are still there.
        work || svc.room_limited || svc.live.iter().any(on_link)
    }

    /// Refusal pages per second that people in pools ask for now, counted with their tabs.
    fn vain_pages(&self, s: usize) -> f64 {
        let svc = &self.services[s];
        let slopes = svc.clock.slopes();
        let reach: f64 = [Refusal::Quota as usize, Refusal::Full as usize, BUSY]
            .iter()
            .map(|r| slopes[*r])
            .sum();
        reach * self.pool_pages(s)
    }

    /// Pages per second that people in pools try to open now, with their tabs.
    pub(super) fn pool_pages(&self, s: usize) -> f64 {
        let knocks = |kind: &u16| {
            let pool = &self.pools[self.pool_index(s, *kind as usize)];
            pool.len() as f64 * pool.rate() * self.retries.get(*kind as usize).map_or(1.0, |r| r.tabs)
        };
        self.services[s].busy_pools.iter().map(knocks).sum::<f64>()
    }

    fn end_bin(&mut self) {
        let now = self.now;
        let width = self.scenario.clock.bin.as_secs();
        self.bins.turn(now);
        self.close_bins(width);
        for svc in &mut self.services {
            svc.bins.push(Bin::default());
            svc.clock.mark(now);
        }
        for region in &mut self.regions {
            region.push(GroupBin::default());
        }
        if self.days_to_come.last().is_some_and(|end| *end <= now) {
            self.end_day();
        }
        let services = &self.services;
        self.observer.books(now, &|s| closed(&services[s].bins));
    }

    /// Levels and means of the open bin of every service, which is so long, s.
    fn close_bins(&mut self, width: f64) {
        for (s, svc) in self.services.iter_mut().enumerate() {
            close_bin(svc, self.now, width);
            if let (Some(referee), Some(bin)) = (&mut self.referee, svc.bins.last_mut()) {
                referee.close_bin(s, bin);
            }
        }
    }

    fn end_day(&mut self) {
        self.days_to_come.pop();
        self.day_began = self.bins.open();
        self.memory.new_day();
        self.sleep_on_it();
        self.days.push(self.cohorts.iter().map(|c| c.tally.learning).collect());
    }

    /// The next failure or repair of a core.
    pub(super) fn schedule_breakdown(&mut self, s: usize) {
        let spec = &self.scenario.services[s].station;
        let Some(law) = spec.breakdown else { return };
        let svc = &mut self.services[s];
        let Some(draw) = &mut svc.breaks else { return };
        // Every core on its own, exponential: the next change is that of the whole.
        let rate = svc.cores_up / law.mean_up + (spec.cores - svc.cores_up) / law.mean_repair;
        let wait = Span::from_secs(draw.exponential() / rate);
        svc.break_event = self.list.schedule(self.now + wait, class::BREAK, s as u32);
    }

    /// A core fails or is repaired.
    pub(super) fn breaks(&mut self, s: usize) {
        let spec = &self.scenario.services[s].station;
        let Some(law) = spec.breakdown else { return };
        let svc = &mut self.services[s];
        let Some(draw) = &mut svc.breaks else { return };
        let fails = svc.cores_up / law.mean_up;
        let repairs = (spec.cores - svc.cores_up) / law.mean_repair;
        svc.cores_up += if draw.uniform() * (fails + repairs) < fails {
            -1.0
        } else {
            1.0
        };
        self.set_capacity(s);
        self.schedule_breakdown(s);
        self.touch(s, change::ANY);
    }

    /// Core-hours installed at a service since it was last asked, before its capacity changes.
    pub(super) fn add_core_hours(&mut self, s: usize) {
        let cores = self.paid_cores(s);
        if cores.is_finite() {
            self.core_hours += cores * (self.now - self.services[s].sized_at).as_secs() / 3600.0;
        }
        self.services[s].sized_at = self.now;
    }

    /// Closes everything and balances the books.
    pub(super) fn finish(mut self, wall: f64, cpu: f64) -> Outcome {
        let now = self.now;
        let width = self.scenario.clock.bin.as_secs();
        let bins = self.ticks / self.ticks_per_bin;
        let bin_start = Time(u64::from(bins) * self.scenario.clock.bin.0);
        let partial = now > bin_start;
        if self.some_capped {
            (0..self.services.len()).for_each(|s| self.find_who_left(s));
        }
        if partial {
            // Before visits are closed: whoever is in a session when the run ends is so at the end of the last bin.
            self.close_bins((now - bin_start).as_secs().min(width));
        }
        for slot in 0..self.people.slots().len() as u32 {
            self.close_visit(slot);
        }
        if !self.days_to_come.is_empty() {
            self.end_day();
        }
        for s in 0..self.services.len() {
            self.add_core_hours(s);
            let svc = &mut self.services[s];
            if !partial && svc.bins.len() > 1 {
                // What was booked at the very last instant belongs to the last bin.
                let last = svc.bins.pop().unwrap_or_default();
                if let Some(bin) = svc.bins.last_mut() {
                    add_counts(bin, &last);
                }
            }
        }
        if !partial {
            for region in &mut self.regions {
                if region.len() > 1 {
                    let last = region.pop().unwrap_or_default();
                    if let Some(bin) = region.last_mut() {
                        bin.visits += last.visits;
                        bin.in_5min += last.in_5min;
                        bin.in_15min += last.in_15min;
                        bin.in_ever += last.in_ever;
                        bin.gave_up += last.gave_up;
                        bin.classes += last.classes;
                    }
                }
            }
        }
        let money = Money {
            cores: self.core_hours * self.scenario.prices.core_hour,
            ..self.extra_cost
        };
        Outcome {
            cohorts: self.cohorts.into_iter().map(|c| c.tally).collect(),
            series: Series {
                width,
                services: self.services.iter_mut().map(|s| std::mem::take(&mut s.bins)).collect(),
                nowhere: self
                    .regions
                    .split_off(self.scenario.regions.len())
                    .pop()
                    .unwrap_or_default(),
                regions: self.regions,
            },
            services: self.services.into_iter().map(|s| s.tally).collect(),
            days: self.days,
            tickets: self.ticket_books,
            money,
            first_act: self.first_act,
            fingerprint: self.fingerprint.value(),
            stats: RunStats {
                logical_events: self.logical,
                executed_events: self.executed,
                people_active_peak: self.people.peak() as u64,
                cpu_seconds: cpu,
                wall_seconds: wall,
            },
        }
    }

    /// A visit that is not over when the run ends: what it got is booked, the rest is lost.
    fn close_visit(&mut self, slot: u32) {
        let p = self.people[slot];
        let begun = p.begun != Time::MAX;
        if p.place == Place::Free || !begun {
            return;
        }
        let s = p.service as usize;
        match p.place {
            Place::Station | Place::Room | Place::Called => {
                self.services[s].tally.underway += 1;
                self.cohorts[p.cohort as usize].tally.underway += 1;
            }
            Place::Pool => {
                self.settle(slot);
            }
            Place::Session => self.close_session(slot),
            _ => {}
        }
        self.book_person(slot);
        self.cohorts[p.cohort as usize].tally.unfinished += 1;
        let lost = self.people[slot].remaining();
        self.book_loss(slot, lost);
        let lost = Span(lost);
        self.tell(slot, Deed::Unfinished { lost });
    }
}

/// All bins but the open one.
fn closed(bins: &[Bin]) -> &[Bin] {
    &bins[..bins.len().saturating_sub(1)]
}

fn close_bin(svc: &mut ServiceState, now: Time, width: f64) {
    svc.station.advance(now);
    let sums = svc.station.integrals();
    let (room, cap) = svc
        .room
        .as_ref()
        .map_or((0, 0), |r| (r.waiting(), r.spec().max_sessions.unwrap_or(0)));
    let before = std::mem::replace(&mut svc.at_bin, sums);
    let entries = entries(svc);
    let Some(bin) = svc.bins.last_mut() else { return };
    bin.sessions = svc.sessions;
    bin.seats = svc.room.as_ref().map_or(svc.sessions, crate::queueing::Room::seats);
    bin.cap = cap;
    bin.room = room;
    bin.orbit = svc.orbit;
    bin.in_service = u64::from(svc.station.in_service());
    bin.backlog = u64::from(svc.station.backlog());
    bin.utilisation = ((sums.busy - before.busy) / width).clamp(0.0, 1.0);
    bin.latency = (sums.latency - before.latency) / width;
    bin.quality = (sums.quality - before.quality) / width;
    bin.flood = svc.attack.1;
    bin.loss = svc.link_loss;
    bin.cores = svc.station.cores();
    bin.entries = entries;
}

/// Most knocks per second that limiter and gate let in.
fn entries(svc: &ServiceState) -> f64 {
    let limiter = svc
        .limiter
        .as_ref()
        .map_or(f64::INFINITY, crate::queueing::TokenBucket::rate);
    let admissions = svc.room.as_ref().and_then(|room| room.spec().admissions);
    let gate = admissions.map_or(f64::INFINITY, |a| a.count as f64 / a.period.as_secs());
    limiter.min(gate)
}

fn add_counts(bin: &mut Bin, last: &Bin) {
    bin.knocks += last.knocks;
    bin.first_knocks += last.first_knocks;
    bin.logins += last.logins;
    bin.gave_up += last.gave_up;
    bin.in_5min += last.in_5min;
    bin.in_15min += last.in_15min;
    bin.over_2h += last.over_2h;
    bin.people += last.people;
    bin.classes += last.classes;
    for (a, b) in bin.refused.iter_mut().zip(last.refused) {
        *a += b;
    }
}
