//! A station: limited processor sharing in virtual time.
//!
//! At most `threads` logins are in service, at most `backlog` wait, the rest is turned away. All in service
//! advance at the same speed `r(t)` (see [`super::solve`]), so a login of work `w` leaves when `V = ∫ r dt` has
//! grown by `w`: O(log n) an event for any number of logins, exact under changing capacity.

use super::processor::{Load, Speed};
use crate::engine::{Slab, Span, Time};
use crate::scenario::model::{Discipline, Efficiency, SessionSpec, StationSpec};
use job::{Finish, Job, State};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

mod attack;
mod capacity;
mod counts;
mod job;
mod leap;
mod leaving;
mod others;
mod pages;

pub use pages::PageDone;

/// Nobody: the client of this login has left.
pub const NOBODY: u32 = u32::MAX;

/// An attacker: the request of a flood, where each is an event.
pub const ATTACKER: u32 = u32::MAX - 1;

/// What became of a login that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It got a thread at once; here is its number.
    Started(u32),
    /// It waits; here is its number.
    Queued(u32),
    /// No thread and no place in the backlog.
    Full,
}

/// A login that got a thread after waiting, or is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// Whose, or [`NOBODY`], or [`ATTACKER`].
    pub owner: u32,
    /// How long it waited for its first thread.
    pub waited: Span,
    /// How long since it was offered.
    pub sojourn: Span,
}

/// A service's workers. Fields lie in the order in which events need them: what every event touches comes first, line by line,
/// and what a flood or a referee needs last.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub struct Station {
    last: Time,
    v: f64,
    speed: Speed,
    /// One over the cores there are now; 0 where there is none, or no end to them.
    per_core: f64,
    busy: f64,

    /// One over the speed.
    slowness: f64,
    /// `cores × up + extra`.
    capacity: f64,
    in_service: u32,
    backlog: u32,
    /// Logins that threads, held threads and the limit allow in service.
    slots: u32,
    most_waiting: u32,
    /// Logins in service whose client left and that the station dropped; their entries are still in `running`.
    gone: u32,
    /// Logins done since records were last fetched ahead.
    turns: u32,
    /// No flood that is counted or shares the backlog, and no page in progress as a job: one look tells what else would be asked
    /// at every event. Whatever brings one of them sets it to `false`; `resolve_beside_others` finds out when all are gone.
    plain: bool,
    notes_started: bool,
    wasted_work: bool,
    attacked: bool,
    discipline: Discipline,
    running: BinaryHeap<Reverse<Finish>>,

    load: Load,
    /// Pages in progress of one session when nobody slows anybody down.
    page_share: f64,
    law: Efficiency,
    work_factor: f64,
    /// Slowness per login in service that is settled at the start.
    at_start: f64,
    /// Since when pages are as good and as late as they are; both change seldom.
    pages_since: Time,
    quality_now: f64,
    quality: f64,
    jobs: Slab<Job>,
    waiting: Vec<VecDeque<u32>>,
    started: Vec<Started>,

    /// Latency of a page, s.
    late: f64,
    latency: f64,
    session: Option<SessionSpec>,
    value_factor: f64,
    page_passes: f64,
    installed: f64,
    up: f64,
    /// Cores at work beyond the installed ones, counted by their speed; below zero where some were given back.
    extra: f64,
    /// Threads of the installed cores.
    base_threads: u32,
    /// Backlog of the installed cores.
    base_waiting: u32,
    /// Threads and backlog as a share of those.
    grown: f64,
    threads: u32,
    held_threads: u32,
    /// An adaptive limit on logins in service; [`u32::MAX`]: none.
    limit: u32,
    attack: attack::Attack,
    leap: counts::Leap,
    /// Pages in progress, where each is an event.
    pages: pages::Pages,
    worked: Worked,
}

/// What had been done when the cores last became others.
#[derive(Clone, Copy, Debug, Default)]
struct Worked {
    /// ∫ busy cores dt, core-seconds.
    before: f64,
    /// ∫ busy share dt, s.
    busy: f64,
}

/// What a station added up since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Integrals {
    /// ∫ quality dt, s.
    pub quality: f64,
    /// ∫ busy share of the cores there are dt, s.
    pub busy: f64,
    /// ∫ page latency dt, s².
    pub latency: f64,
}

impl Station {
    /// An empty station.
    pub fn new(spec: &StationSpec, session: Option<&SessionSpec>) -> Self {
        let threads = spec.threads.unwrap_or(u32::MAX);
        let mut station = Station {
            jobs: Slab::with_capacity(64),
            running: BinaryHeap::new(),
            turns: 0,
            plain: true,
            in_service: 0,
            pages: pages::Pages::default(),
            waiting: vec![VecDeque::new()],
            backlog: 0,
            started: Vec::new(),
            notes_started: true,
            discipline: spec.discipline,
            wasted_work: spec.wasted_work,
            installed: spec.cores,
            up: 1.0,
            extra: 0.0,
            capacity: spec.cores,
            base_threads: threads,
            base_waiting: spec.backlog.unwrap_or(u32::MAX),
            grown: 1.0,
            threads,
            held_threads: 0,
            limit: u32::MAX,
            slots: threads,
            attacked: false,
            attack: attack::Attack::default(),
            leap: counts::Leap::default(),
            most_waiting: spec.backlog.unwrap_or(u32::MAX),
            law: spec.efficiency,
            at_start: match spec.efficiency {
                Efficiency::AtStart { sigma } => sigma,
                _ => 0.0,
            },
            load: Load {
                jobs: 0.0,
                sessions: 0.0,
                think: session.map_or(1.0, |s| s.think),
                page_work: session.map_or(0.0, |s| s.page_work),
                flood: 0.0,
                threads: spec.threads.map_or(f64::INFINITY, f64::from),
                full: false,
            },
            session: session.copied(),
            page_share: 0.0,
            gone: 0,
            work_factor: 1.0,
            value_factor: 1.0,
            page_passes: 1.0,
            speed: Speed {
                r: 1.0,
                in_progress: 0.0,
                passes: 1.0,
                busy: 0.0,
            },
            v: 0.0,
            last: Time::ZERO,
            pages_since: Time::ZERO,
            per_core: 1.0 / spec.cores,
            slowness: 1.0,
            late: 0.0,
            quality_now: 1.0,
            quality: 0.0,
            busy: 0.0,
            latency: 0.0,
            worked: Worked::default(),
        };
        station.share_pages();
        station.find_speed();
        station
    }

    /// Logins in service.
    pub fn in_service(&self) -> u32 {
        self.in_service
    }
    /// Logins that wait for a thread.
    pub fn backlog(&self) -> u32 {
        self.backlog
    }
    /// The speed of everything in service.
    pub fn speed(&self) -> &Speed {
        &self.speed
    }
    /// Whether the next login would be turned away, whoever's it is: one of a better class may interrupt another.
    pub fn is_full(&self) -> bool {
        if self.has_counts() {
            return self.is_full_with_counts();
        }
        self.in_service >= self.free_threads()
            && self.backlog >= self.most_waiting
            && self.discipline != Discipline::PreemptiveResume
    }
    /// Cores that are up.
    pub fn cores(&self) -> f64 {
        self.capacity
    }
    /// Share of the installed cores that is up.
    pub fn up(&self) -> f64 {
        self.up
    }
    /// Cores installed, without those that were added for a time.
    pub fn installed(&self) -> f64 {
        self.installed
    }
    /// ∫ busy share of the cores there are dt up to `now`, s, without touching anything: whoever only looks must not
    /// change a rounding.
    pub fn busy_until(&self, now: Time) -> f64 {
        let dt = if now > self.last {
            (now - self.last).as_secs()
        } else {
            0.0
        };
        self.busy + (self.speed.busy * self.per_core).min(1.0) * dt
    }
    /// ∫ busy cores dt up to `now`, core-seconds; also without touching anything. 0 where cores have no end.
    pub fn worked_until(&self, now: Time) -> f64 {
        let Worked { before, busy } = self.worked;
        if self.capacity.is_finite() {
            before + (self.busy_until(now) - busy) * self.capacity
        } else {
            before
        }
    }
    /// Factor on the work of new logins.
    pub fn work_factor(&self) -> f64 {
        self.work_factor
    }
    /// Latency of a page now, s.
    pub fn page_latency(&self) -> f64 {
        self.late
    }

    fn free_threads(&self) -> u32 {
        self.slots
    }

    /// Brings virtual time and the integrals to `now`.
    #[inline]
    pub fn advance(&mut self, now: Time) {
        if now <= self.last {
            return;
        }
        let dt = (now - self.last).as_secs();
        self.last = now;
        self.busy += (self.speed.busy * self.per_core).min(1.0) * dt;
        if !self.plain {
            self.advance_others(dt);
        }
        if self.in_service > 0 || !self.plain && self.pages.in_progress > 0 {
            self.v += self.speed.r * dt;
        } else {
            // Nobody measures it: starting over keeps the numbers small and exact.
            self.v = 0.0;
            if self.gone > 0 {
                self.clear_gone();
            }
        }
    }

    /// The integrals up to the last `advance`.
    pub fn integrals(&self) -> Integrals {
        Integrals {
            quality: self.quality_until(self.last),
            busy: self.busy,
            latency: self.latency + self.late * (self.last - self.pages_since).as_secs(),
        }
    }

    /// ∫ quality dt up to `now`.
    #[inline]
    pub fn quality_until(&self, now: Time) -> f64 {
        self.quality + self.quality_now * (now - self.pages_since).as_secs()
    }

    /// What pages are like is about to change: books what they were like so far.
    fn book_pages(&mut self) {
        let sums = self.integrals();
        self.quality = sums.quality;
        self.latency = sums.latency;
        self.pages_since = self.last;
    }

    /// A login of `work` core-seconds comes at `now`.
    pub fn offer(&mut self, now: Time, owner: u32, class: u8, work: f64) -> Offer {
        self.advance(now);
        let mut free = self.in_service < self.free_threads();
        if !self.plain {
            if self.leap.on {
                return self.offer_counted(now, owner, class, work);
            }
            free = free && !(self.attack.queues && self.waits_behind_flood());
        }
        if !free && self.backlog >= self.most_waiting && self.discipline != Discipline::PreemptiveResume {
            return Offer::Full;
        }
        let job = Job {
            owner,
            class,
            state: State::Waiting,
            work: work * self.work_factor,
            arrived: now,
            started: now,
        };
        if free {
            let id = self.jobs.insert(job);
            self.run(id);
            self.resolve();
            return Offer::Started(id);
        }
        if self.discipline == Discipline::PreemptiveResume
            && let Some(worst) = self.worst_running()
            && self.jobs[worst].class > class
        {
            let id = self.jobs.insert(job);
            self.interrupt(worst);
            self.run(id);
            self.resolve();
            return Offer::Started(id);
        }
        if self.backlog >= self.most_waiting {
            return Offer::Full;
        }
        let id = self.jobs.insert(job);
        self.queue_of(class).push_back(id);
        self.backlog += 1;
        if self.waits_with_flood() {
            self.give_ticket();
            self.resolve();
        }
        Offer::Queued(id)
    }

    fn queue_of(&mut self, class: u8) -> &mut VecDeque<u32> {
        let class = if self.discipline == Discipline::Fifo {
            0
        } else {
            class as usize
        };
        if self.waiting.len() <= class {
            self.waiting.resize_with(class + 1, VecDeque::new);
        }
        &mut self.waiting[class]
    }

    fn run(&mut self, id: u32) {
        let finish = self.start(id);
        self.running.push(Reverse(finish));
    }

    /// A login gets a thread; answers its place among those in service.
    fn start(&mut self, id: u32) -> Finish {
        let job = &mut self.jobs[id];
        if self.at_start > 0.0 {
            job.work *= 1.0 + self.at_start * (f64::from(self.in_service + 1) + self.leap.in_service as f64);
        }
        let finish = self.v + job.work;
        job.state = State::Running;
        job.work = finish;
        self.in_service += 1;
        Finish::new(finish, id, job.owner)
    }

    /// Nobody is in service: what is left in `running` was dropped.
    fn clear_gone(&mut self) {
        while let Some(Reverse(next)) = self.running.pop() {
            self.forget(next.id());
        }
        self.gone = 0;
    }

    /// Frees a login's number.
    fn forget(&mut self, id: u32) {
        self.jobs[id].state = State::Gone;
        self.jobs[id].owner = NOBODY;
        self.jobs.remove(id);
    }

    fn worst_running(&self) -> Option<u32> {
        let live = self
            .running
            .iter()
            .map(|Reverse(next)| next.id())
            .filter(|id| self.jobs[*id].state == State::Running);
        live.max_by_key(|id| (self.jobs[*id].class, self.jobs[*id].arrived))
    }

    /// Back to the head of its class with what is left of its work.
    fn interrupt(&mut self, id: u32) {
        self.running.retain(|Reverse(other)| other.id() != id);
        self.in_service -= 1;
        let left = (self.jobs[id].work - self.v).max(0.0);
        self.jobs[id].state = State::Waiting;
        self.jobs[id].work = left;
        let class = self.jobs[id].class;
        self.queue_of(class).push_front(id);
        self.backlog += 1;
    }

    #[inline]
    fn drop_gone(&mut self) {
        if self.gone > 0 {
            self.drop_those_gone();
        }
    }

    fn drop_those_gone(&mut self) {
        while let Some(Reverse(next)) = self.running.peek() {
            let id = next.id();
            if self.jobs[id].state != State::Gone {
                return;
            }
            self.running.pop();
            self.gone -= 1;
            self.forget(id);
        }
    }

    /// When the next login is done if nothing changes.
    #[inline]
    pub fn next_completion(&mut self) -> Option<Time> {
        self.drop_gone();
        if !self.plain {
            return self.next_beside_others();
        }
        let Reverse(next) = self.running.peek()?;
        Some(self.due(next))
    }

    /// When a login in service is done if nothing changes.
    #[inline]
    fn due(&self, next: &Finish) -> Time {
        let left = (next.at() - self.v).max(0.0);
        self.last + Span::from_secs(left * self.slowness)
    }

    /// The next login is done at `now`. Whoever got a thread thereby is in [`Station::take_started`].
    pub fn complete(&mut self, now: Time) -> Option<Started> {
        self.advance(now);
        self.drop_gone();
        if self.has_counts() {
            return self.complete_counted(now);
        }
        let queues = self.waits_with_flood();
        if queues && self.running.peek().is_none_or(|Reverse(next)| self.due(next) > now) {
            self.move_attack(now);
            return None;
        }
        let Reverse(next) = *self.running.peek()?;
        // The clock is rounded to a nanosecond; virtual time is not, so the login is done exactly now.
        self.v = self.v.max(next.at());
        let job = self.jobs[next.id()];
        self.forget(next.id());
        self.in_service -= 1;
        if queues {
            self.running.pop();
            self.load.jobs = f64::from(self.in_service + self.pages.in_progress);
            self.release_thread(now);
        } else if self.in_service >= self.free_threads() || self.backlog == 0 {
            self.running.pop();
        } else if let Some(id) = self.call_next(now) {
            // The next one takes the thread and the place in the heap.
            let finish = self.start(id);
            *self.running.peek_mut()? = Reverse(finish);
            self.fill(now);
        } else {
            self.running.pop();
        }
        self.resolve();
        Some(Started {
            owner: job.owner,
            waited: job.started - job.arrived,
            sojourn: now - job.arrived,
        })
    }

    /// Now and then, whose logins will probably be done next, so that their records can be fetched from memory together.
    /// Fetches the logins' own.
    pub fn look_ahead(&mut self) -> impl Iterator<Item = u32> {
        /// The top three levels of the heap hold the next ones, and few others.
        const TOP: usize = 7;
        self.turns += 1;
        let due = self.turns.is_multiple_of(4);
        let top = self.running.as_slice().iter().take(if due { TOP } else { 0 });
        let touched = top.clone().fold(0, |t, Reverse(next)| t ^ self.jobs[next.id()].owner);
        std::hint::black_box(touched);
        top.map(|Reverse(next)| next.owner())
    }

    fn fill(&mut self, now: Time) {
        if self.has_counts() {
            return self.start_counted(now, 0, 0.0);
        }
        if self.waits_with_flood() {
            return self.start_due(now);
        }
        while self.in_service < self.free_threads() && self.backlog > 0 {
            let Some(id) = self.call_next(now) else { return };
            self.run(id);
        }
    }

    /// Takes the next login out of the backlog.
    fn call_next(&mut self, now: Time) -> Option<u32> {
        loop {
            let id = self.waiting.iter_mut().find_map(VecDeque::pop_front)?;
            if self.waits_with_flood() {
                self.take_ticket();
            }
            let job = &mut self.jobs[id];
            if job.state == State::Gone {
                self.forget(id);
                continue;
            }
            self.backlog -= 1;
            // A login that was interrupted has waited for its first thread only once.
            if job.started == job.arrived {
                job.started = now;
            }
            if self.notes_started {
                self.started.push(Started {
                    owner: job.owner,
                    waited: now - job.arrived,
                    sojourn: now - job.arrived,
                });
            }
            return Some(id);
        }
    }

    /// Logins that got a thread since last asked.
    pub fn take_started(&mut self) -> Option<Started> {
        self.started.pop()
    }

    /// Whether anybody wants to know who got a thread after waiting ([`Station::take_started`]).
    pub fn note_started(&mut self, wanted: bool) {
        self.notes_started = wanted;
    }
}

#[cfg(test)]
mod tests;
