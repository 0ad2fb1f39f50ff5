//! What a station can do: its speed, and the levers and incidents that change it.

use super::{Station, Worked};
use crate::engine::Time;
use crate::queueing::processor::solve;
use crate::scenario::model::Efficiency;

impl Station {
    pub(super) fn share_pages(&mut self) {
        let l = &self.load;
        self.page_share = if l.page_work > 0.0 {
            l.page_work / (l.think + l.page_work)
        } else {
            0.0
        };
    }

    #[inline]
    pub(super) fn resolve(&mut self) {
        if !self.plain {
            return self.resolve_beside_others();
        }
        self.load.jobs = f64::from(self.in_service);
        if !self.goes_on_unhurried() {
            self.find_speed();
        }
    }

    /// Below capacity, as before: the usual case, without a division. `false`: the speed has to be found.
    #[inline]
    pub(super) fn goes_on_unhurried(&mut self) -> bool {
        if self.law != Efficiency::Perfect || self.speed.r != 1.0 {
            return false;
        }
        let busy = self.load.jobs + self.load.sessions * self.page_share + self.load.flood;
        let unhurried =
            busy <= self.capacity && (self.load.flood == 0.0 || busy < self.load.threads && !self.load.full);
        if unhurried {
            self.speed.in_progress = busy;
            self.speed.busy = busy;
            // Threads may have been held until now.
            self.speed.passes = 1.0;
        }
        unhurried
    }

    pub(super) fn find_speed(&mut self) {
        self.speed = solve(&self.load, self.capacity, self.law, self.speed.r);
        if self.waits_with_flood() {
            self.find_flows();
        } else if !self.attacked {
            // Pages of the gate are answered before the threads: they cost cores and turn nobody away.
            self.speed.passes = 1.0;
        }
        self.slowness = 1.0 / self.speed.r;
        self.book_pages();
        let late = self.load.page_work * self.slowness;
        self.late = late;
        if self.session.is_some() {
            self.quality_now = self.page_quality(late) * self.page_passes;
        }
        if self.has_counts() {
            self.plan_leap();
        }
    }

    /// What an hour at pages of a latency is worth, if they cross the link, 0..=1.
    pub fn page_quality(&self, late: f64) -> f64 {
        let Some(s) = &self.session else { return 1.0 };
        let q = if late <= s.latency_good {
            1.0
        } else if late >= s.latency_bad {
            0.0
        } else {
            (s.latency_bad - late) / (s.latency_bad - s.latency_good)
        };
        q * s.value * self.value_factor
    }

    /// Sessions come or go.
    pub fn set_sessions(&mut self, now: Time, sessions: u64) {
        if self.load.page_work > 0.0 && !self.pages.one_by_one {
            self.advance(now);
            self.load.sessions = sessions as f64;
            self.resolve();
        }
    }

    /// The share of the installed cores that is up changes (incidents, breakdowns).
    pub fn set_up(&mut self, now: Time, share: f64) {
        self.advance(now);
        self.up = share;
        self.find_capacity();
        self.resolve();
    }

    fn find_capacity(&mut self) {
        // What so many cores did is booked when they become others: no event pays for it.
        self.worked = Worked {
            before: self.worked_until(self.last),
            busy: self.busy,
        };
        self.capacity = (self.installed * self.up + self.extra).max(0.0);
        self.per_core = if self.capacity > 0.0 { 1.0 / self.capacity } else { 0.0 };
    }

    /// Cores come to the installed ones for a time, or some of these are given back.
    ///
    /// `extra`: cores by the speed at which they work; `grown`: threads and backlog as a share of those of the installed cores.
    /// Whoever is in service stays, also where threads become fewer.
    pub fn set_fleet(&mut self, now: Time, extra: f64, grown: f64) {
        self.advance(now);
        self.extra = extra;
        self.find_capacity();
        self.grown = grown;
        self.threads = threads(self.base_threads, grown);
        self.most_waiting = times(self.base_waiting, grown);
        self.find_slots();
        self.fill(now);
        self.resolve();
    }

    /// At most so many logins in service, whatever the threads; none: the threads alone decide.
    pub fn set_limit(&mut self, now: Time, limit: Option<u32>) {
        let limit = limit.unwrap_or(u32::MAX);
        if self.limit == limit {
            return;
        }
        self.advance(now);
        self.limit = limit;
        self.find_slots();
        self.fill(now);
        self.resolve();
    }

    fn find_slots(&mut self) {
        let most = self.threads.min(self.limit);
        self.slots = most.saturating_sub(self.held_threads);
        self.load.threads = if most == u32::MAX {
            f64::INFINITY
        } else {
            f64::from(self.slots)
        };
    }

    /// The installed cores change, and threads and backlog with them.
    pub fn scale(&mut self, now: Time, factor: f64) {
        self.advance(now);
        self.installed *= factor;
        self.find_capacity();
        self.base_threads = threads(self.base_threads, factor);
        self.base_waiting = times(self.base_waiting, factor);
        self.threads = threads(self.base_threads, self.grown);
        self.most_waiting = times(self.base_waiting, self.grown);
        self.find_slots();
        self.fill(now);
        self.resolve();
    }

    /// A fluid of requests asks for `cores`; `held` threads are occupied by connections that ask for nothing.
    /// `attack`: the requests, `rate` a second, compete with logins for threads and places in the backlog.
    pub fn set_flood(&mut self, now: Time, cores: f64, rate: f64, held: f64, attack: bool) {
        let held = held.min(f64::from(u32::MAX)) as u32;
        let same_rate = !attack || self.attack.rate() == rate || !self.attack.queues;
        if self.load.flood == cores && self.held_threads == held && self.attacked == attack && same_rate {
            return;
        }
        self.advance(now);
        self.attacked = attack;
        self.load.flood = cores;
        self.held_threads = held;
        self.find_slots();
        self.set_attack(rate);
        self.fill(now);
        self.resolve();
    }

    /// Share of page exchanges that the link lets through.
    pub fn set_page_passes(&mut self, now: Time, share: f64) {
        if self.page_passes != share {
            self.advance(now);
            self.page_passes = share;
            self.find_speed();
        }
    }

    /// Pages as written again, after [`Station::degrade`].
    pub fn restore(&mut self, now: Time) {
        self.advance(now);
        self.work_factor = 1.0;
        self.load.page_work = self.session.map_or(0.0, |s| s.page_work);
        self.value_factor = 1.0;
        self.share_pages();
        self.find_speed();
    }

    /// Lighter pages that are worth less.
    pub fn degrade(&mut self, now: Time, work: f64, value: f64) {
        self.advance(now);
        self.work_factor *= work;
        self.load.page_work *= work;
        self.value_factor *= value;
        self.share_pages();
        self.find_speed();
    }
}

/// Threads times a factor: while there are cores at all, one thread stays to use them.
fn threads(n: u32, factor: f64) -> u32 {
    let least = u32::from(n > 0 && factor > 0.0);
    times(n, factor).max(least)
}

/// A number of threads or places times a factor; without end stays without end.
fn times(n: u32, factor: f64) -> u32 {
    if n == u32::MAX || factor == 1.0 {
        n
    } else {
        libm::round(f64::from(n) * factor) as u32
    }
}
