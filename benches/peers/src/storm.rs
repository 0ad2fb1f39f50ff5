//! W2: a login storm at a gate.

use crate::agenda::Agenda;
use crate::workload::{Done, Workload};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::Exp1;
use std::collections::VecDeque;

/// First attempts: (until, s; rate, 1/s) at size 1.
pub(crate) const STEPS: [(f64, f64); 8] = [
    (600.0, 100.0),
    (1200.0, 200.0),
    (1800.0, 400.0),
    (3600.0, 1200.0),
    (4200.0, 600.0),
    (4800.0, 300.0),
    (5400.0, 200.0),
    (14_400.0, 100.0),
];
pub(crate) const SERVERS: f64 = 200.0;
pub(crate) const MOST_WAITING: f64 = 2000.0;
pub(crate) const MOST_SESSIONS: f64 = 200_000.0;
pub(crate) const MEAN_SERVICE: f64 = 0.5;
pub(crate) const MEAN_PATIENCE: f64 = 20.0;
pub(crate) const MEAN_SESSION: f64 = 1200.0;
const MEAN_RETRY: f64 = 30.0;
const PERSISTENCE: f64 = 0.85;
const MOST_TRIES: u8 = 10;

/// What happens, and to whom: 8 bytes, so that an event with its time is 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Event {
    /// Somebody new comes.
    Arrive,
    /// Somebody comes back.
    Retry(u32),
    /// A login is done.
    Served(u32),
    /// Patience in the line ends. Never taken back: a timer of a stay in the line that is over is stale.
    Renege {
        /// Whose patience.
        who: u32,
        /// Number of the stay in the line.
        stay: u16,
    },
    /// A session ends.
    Leave(u32),
}

const _: () = assert!(size_of::<Event>() == 8);

/// What is known of a person: four bytes, for a retry looks one up at random in all that are there.
#[derive(Clone, Copy, Default)]
struct Person {
    tries: u8,
    waits: bool,
    /// Stays in the line so far, of everybody who had this place in the list of persons.
    stay: u16,
}

/// Counts of a run.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// People.
    customers: u64,
    /// Attempts of all.
    attempts: u64,
    /// Logins done.
    served: u64,
    /// Attempts that ended in the line.
    reneged: u64,
    /// Attempts that found the line full.
    rejected: u64,
    /// Attempts that found the gate shut.
    quota: u64,
    /// People who never got in.
    gaveup: u64,
    /// Sessions ended.
    sessions: u64,
}

impl Counts {
    /// Whether all who came and all attempts are accounted for.
    fn balance(&self) -> bool {
        self.customers == self.sessions + self.gaveup
            && self.served == self.sessions
            && self.attempts == self.served + self.reneged + self.rejected + self.quota
    }

    /// The counts by name.
    fn named(&self) -> [(&'static str, f64); 7] {
        [
            ("attempts", self.attempts),
            ("served", self.served),
            ("reneged", self.reneged),
            ("rejected", self.rejected),
            ("quota", self.quota),
            ("gaveup", self.gaveup),
            ("sessions", self.sessions),
        ]
        .map(|(name, n)| (name, n as f64))
    }
}

/// The storm in motion.
pub struct Storm {
    random: SmallRng,
    size: f64,
    step: usize,
    /// The last arrival, s.
    came: f64,
    servers: usize,
    most_waiting: usize,
    most_sessions: u64,
    busy: usize,
    /// Who waits, and in which stay; entries of people who left are skipped.
    line: VecDeque<(u32, u16)>,
    waiting: usize,
    open_sessions: u64,
    people: Vec<Person>,
    /// Places of people who are gone.
    free: Vec<u32>,
    counts: Counts,
}

impl Storm {
    /// Before the first arrival, with rates, servers, line and gate multiplied by `size`.
    pub fn new(size: f64, seed: u64) -> Self {
        let times = |most: f64| (most * size).round();
        Storm {
            random: SmallRng::seed_from_u64(seed),
            size,
            step: 0,
            came: 0.0,
            servers: times(SERVERS) as usize,
            most_waiting: times(MOST_WAITING) as usize,
            most_sessions: times(MOST_SESSIONS) as u64,
            busy: 0,
            line: VecDeque::new(),
            waiting: 0,
            open_sessions: 0,
            people: Vec::new(),
            free: Vec::new(),
            counts: Counts::default(),
        }
    }

    #[inline]
    fn exponential(&mut self, mean: f64) -> f64 {
        mean * self.random.sample::<f64, _>(Exp1)
    }

    /// The next first attempt: one unit exponential, spent at the rate of each step that it crosses.
    #[inline]
    fn announce(&mut self, agenda: &mut impl Agenda<Event>) {
        let mut left = self.exponential(1.0);
        while let Some(&(end, rate)) = STEPS.get(self.step) {
            let rate = rate * self.size;
            let room = (end - self.came) * rate;
            if left < room {
                self.came += left / rate;
                agenda.at(self.came, Event::Arrive);
                return;
            }
            left -= room;
            self.came = end;
            self.step += 1;
        }
    }

    #[inline]
    fn newcomer(&mut self) -> u32 {
        self.counts.customers += 1;
        if let Some(who) = self.free.pop() {
            // Its stays go on counting: timers of the person before may still be pending.
            self.people[who as usize].tries = 0;
            return who;
        }
        self.people.push(Person::default());
        (self.people.len() - 1) as u32
    }

    #[inline]
    fn is_waiting(&self, who: u32, stay: u16) -> bool {
        let person = self.people[who as usize];
        person.waits && person.stay == stay
    }

    #[inline]
    fn attempt(&mut self, who: u32, agenda: &mut impl Agenda<Event>) {
        self.counts.attempts += 1;
        if self.open_sessions >= self.most_sessions {
            self.counts.quota += 1;
            self.fail(who, agenda);
        } else if self.busy < self.servers {
            self.busy += 1;
            agenda.after(self.exponential(MEAN_SERVICE), Event::Served(who));
        } else if self.waiting >= self.most_waiting {
            self.counts.rejected += 1;
            self.fail(who, agenda);
        } else {
            let person = &mut self.people[who as usize];
            person.waits = true;
            person.stay = person.stay.wrapping_add(1);
            let stay = person.stay;
            self.waiting += 1;
            self.line.push_back((who, stay));
            agenda.after(self.exponential(MEAN_PATIENCE), Event::Renege { who, stay });
        }
    }

    /// A server is free.
    #[inline]
    fn call_next(&mut self, agenda: &mut impl Agenda<Event>) {
        while let Some((who, stay)) = self.line.pop_front() {
            if self.is_waiting(who, stay) {
                self.people[who as usize].waits = false;
                self.waiting -= 1;
                agenda.after(self.exponential(MEAN_SERVICE), Event::Served(who));
                return;
            }
        }
        self.busy -= 1;
    }

    #[inline]
    fn fail(&mut self, who: u32, agenda: &mut impl Agenda<Event>) {
        let person = &mut self.people[who as usize];
        person.tries += 1;
        if person.tries < MOST_TRIES && self.random.random::<f64>() < PERSISTENCE {
            agenda.after(self.exponential(MEAN_RETRY), Event::Retry(who));
        } else {
            self.counts.gaveup += 1;
            self.free.push(who);
        }
    }
}

impl Workload for Storm {
    type Event = Event;
    const NAME: &'static str = "w2";

    fn begin(&mut self, agenda: &mut impl Agenda<Event>) {
        self.announce(agenda);
    }

    #[inline]
    fn happen(&mut self, _now: f64, event: Event, agenda: &mut impl Agenda<Event>) {
        match event {
            Event::Arrive => {
                self.announce(agenda);
                let who = self.newcomer();
                self.attempt(who, agenda);
            }
            Event::Retry(who) => self.attempt(who, agenda),
            Event::Served(who) => {
                self.counts.served += 1;
                self.open_sessions += 1;
                agenda.after(self.exponential(MEAN_SESSION), Event::Leave(who));
                self.call_next(agenda);
            }
            Event::Renege { who, stay } => {
                if self.is_waiting(who, stay) {
                    self.people[who as usize].waits = false;
                    self.waiting -= 1;
                    self.counts.reneged += 1;
                    self.fail(who, agenda);
                }
            }
            Event::Leave(who) => {
                self.open_sessions -= 1;
                self.counts.sessions += 1;
                self.free.push(who);
            }
        }
    }

    fn done(&self) -> Done {
        let c = &self.counts;
        assert!(c.balance(), "{c:?}");
        Done {
            customers: c.customers,
            // Attempts, ends of services, reneges and ends of sessions.
            logical_events: c.attempts + c.served + c.reneged + c.sessions,
            named: c.named().into(),
        }
    }
}
