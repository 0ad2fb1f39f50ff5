//! W2, hard-wired: a login storm by the method of the pool.

mod newcomers;
mod orbit;

use newcomers::Ahead;

use super::books::{Books, Reason};
use super::chance::{Chance, number_at_door};
use super::few::least;
use super::leaves::Leaves;
use super::logins::Logins;
use super::logs::uniform;
use super::patience::Patience;
use super::person::{Person, Place};
use super::pool::{Kept, Pool, Token};
use super::shared::Shared;
use super::shut::{Door, Shut, Vain, persists};
use super::w1::{count, whole};
use super::{BOOKS, IN_PLACE, ORDER, PRINT, RECORD, SHARING, STREAMS, Told};
use crate::storm::{MEAN_PATIENCE, MEAN_SERVICE, MEAN_SESSION, MOST_SESSIONS, MOST_WAITING, SERVERS};
use preau::engine::{Fingerprint, Purpose, Slab, Time};
use std::collections::VecDeque;

/// The run's end, s, as in `models/bench/w2.ron`: the last first attempts are 21 mean sessions ago.
const END: f64 = 40_000.0;
const BINS: usize = 20;
/// Kinds of events.
const DONE: u8 = 0;
const POOL: u8 = 2;
const LEAVE: u8 = 4;
const TIMEOUT: u8 = 5;
const ARRIVE: u8 = 7;

/// Whoever waits in the line: its visit and tries, or its record.
#[derive(Clone, Copy)]
struct Waiter {
    id: u32,
    visit: u32,
    tries: u8,
    gone: bool,
}

/// Counts of a run.
#[derive(Clone, Copy, Default)]
struct Counts {
    customers: u32,
    attempts: u64,
    served: u64,
    reneged: u64,
    rejected: u64,
    quota: u64,
    gaveup: u64,
    sessions: u64,
    executed: u64,
}

/// The storm in motion. Times are nanoseconds, whole ones from the second step on.
struct Storm<const KEEP: u8, K> {
    now: f64,
    due: f64,
    knock: f64,
    servers: usize,
    most_waiting: usize,
    most_sessions: u64,
    busy: usize,
    waiting: usize,
    open_sessions: u64,
    logins: Logins,
    line: VecDeque<Waiter>,
    /// Ticket of the head of the line.
    head: u32,
    patience: Patience,
    leaves: Leaves,
    pool: Pool<K>,
    shut: Shut,
    /// What is left of the unit exponential after which somebody knocks, since when.
    left: f64,
    left_since: f64,
    chance: Chance,
    counts: Counts,
    print: Fingerprint,
    people: Slab<Person>,
    books: Books,
    shared: Shared,
}

impl<const KEEP: u8, K: Kept> Storm<KEEP, K> {
    fn new(size: f64, seed: u64) -> Self {
        let times = |most: f64| (most * size).round();
        Storm {
            now: 0.0,
            due: f64::INFINITY,
            knock: f64::INFINITY,
            servers: times(SERVERS) as usize,
            most_waiting: times(MOST_WAITING) as usize,
            most_sessions: times(MOST_SESSIONS) as u64,
            busy: 0,
            waiting: 0,
            open_sessions: 0,
            logins: Logins::default(),
            line: VecDeque::with_capacity(times(MOST_WAITING) as usize),
            head: 0,
            patience: Patience::new(MEAN_PATIENCE * 1e9),
            leaves: Leaves::new(END * 1e9),
            pool: Pool::new(),
            shut: Shut::new(),
            left: 0.0,
            left_since: 0.0,
            chance: Chance::new(seed, "people", "login"),
            counts: Counts::default(),
            print: Fingerprint::new(),
            people: Slab::new(),
            books: Books::new(if KEEP >= BOOKS { BINS } else { 0 }, (END * 1e9) as u64 / BINS as u64),
            shared: Shared::new(times(SERVERS)),
        }
    }

    #[inline]
    fn time(&self) -> Time {
        Time(count(self.now))
    }

    #[inline]
    fn rounded(ns: f64) -> f64 {
        if KEEP >= ORDER { whole(ns) } else { ns }
    }

    #[inline]
    fn note(&mut self, kind: u8, entity: u32) {
        self.counts.executed += 1;
        if KEEP >= PRINT {
            self.print.absorb(self.time(), kind, entity);
        }
    }

    /// Books in the open bin.
    #[inline]
    fn book(&mut self, what: impl FnOnce(&mut super::books::Cell)) {
        let open = self.books.open;
        if KEEP >= BOOKS
            && let Some(cell) = self.books.cells.get_mut(open)
        {
            what(cell);
        }
    }

    /// Somebody new comes.
    #[inline]
    fn arrive(&mut self, at: f64, wanted: f64) {
        self.now = at;
        self.note(ARRIVE, 0);
        let visit = self.counts.customers;
        self.counts.customers = visit.wrapping_add(1);
        if KEEP < BOOKS {
            self.counts.attempts += 1;
        } else {
            self.books.wanted += u128::from(count(wanted));
            self.book(|cell| {
                cell.knocks += 1;
                cell.first_knocks += 1;
            });
        }
        if self.shut.door == Door::Open {
            let mut id = visit;
            if KEEP >= RECORD {
                id = self.people.insert(Person::begins(self.time(), visit, count(wanted)));
            }
            self.enter(id, visit, 1);
            return;
        }
        let reason = if self.shut.door == Door::Quota {
            Reason::Quota
        } else {
            Reason::Full
        };
        self.refuse(reason);
        let Some(vain) = self.persists(visit, 1) else {
            return self.give_up(count(wanted));
        };
        let mut id = visit;
        if KEEP >= RECORD && KEEP < IN_PLACE {
            id = self.people.insert(Person {
                place: Place::Pool,
                ..Person::begins(self.time(), visit, count(wanted))
            });
        }
        self.shut.read(at);
        self.pool.push(Token {
            since: self.shut.value,
            leaves: self.shut.value + vain.after,
            kept: K::of(count(at), count(wanted)),
            id,
            tries: 1,
            vain: vain.knocks,
        });
        if self.pool.is_crowded() {
            self.sweep::<false>();
        }
    }

    #[inline]
    fn refuse(&mut self, reason: Reason) {
        if KEEP < BOOKS {
            match reason {
                Reason::Quota => self.counts.quota += 1,
                Reason::Full => self.counts.rejected += 1,
                Reason::Timeout => self.counts.reneged += 1,
            }
        } else {
            self.book(|cell| cell.refused[reason as usize] += 1);
        }
    }

    /// Whether somebody whose knock failed comes back, and what it does then.
    #[inline]
    fn persists(&mut self, visit: u32, tries: u8) -> Option<Vain> {
        if KEEP >= STREAMS {
            let mut draw = self.chance.stream(Purpose::Fallback, number_at_door(visit, tries));
            persists(tries, || uniform(draw.bits()))
        } else {
            persists(tries, || self.chance.uniform())
        }
    }

    /// Somebody gives up who wanted to stay so many nanoseconds.
    #[inline]
    fn give_up(&mut self, wanted: u64) {
        if KEEP < BOOKS {
            self.counts.gaveup += 1;
        } else {
            self.books.lost += u128::from(wanted);
            self.book(|cell| cell.gave_up += 1);
        }
    }

    /// Somebody leaves the pool and its record.
    #[inline]
    fn go_away(&mut self, token: &Token<K>) {
        self.give_up(token.kept.wanted());
        if KEEP >= RECORD && KEEP < IN_PLACE {
            self.people[token.id].place = Place::Free;
            self.people.remove(token.id);
        }
    }

    /// Past the gate: a server, or the line.
    #[inline]
    fn enter(&mut self, id: u32, visit: u32, tries: u8) {
        if KEEP >= SHARING {
            self.shared.advance(self.now);
        }
        if self.busy < self.servers {
            self.busy += 1;
            let end = self.end_of_service(visit, tries);
            self.logins.push(end, id);
            self.look_at_servers();
            return;
        }
        self.waiting += 1;
        let ticket = self.head.wrapping_add(self.line.len() as u32);
        self.line.push_back(Waiter {
            id,
            visit,
            tries,
            gone: false,
        });
        let u = if KEEP >= STREAMS {
            self.chance.first(Purpose::Timeout, number_at_door(visit, tries))
        } else {
            self.chance.uniform()
        };
        self.patience.add(self.now, u, ticket);
        self.look_at_door();
    }

    /// Where a service that begins now ends, on the clock by which that is kept.
    #[inline]
    fn end_of_service(&mut self, visit: u32, tries: u8) -> f64 {
        let e = if KEEP >= STREAMS {
            self.chance
                .stream(Purpose::Work, number_at_door(visit, tries))
                .exponential()
        } else {
            self.chance.exponential()
        };
        if KEEP >= SHARING {
            self.shared.v + MEAN_SERVICE * e
        } else {
            self.now + Self::rounded(MEAN_SERVICE * 1e9 * e)
        }
    }

    #[inline]
    fn look_at_servers(&mut self) {
        let first = self.logins.first().map_or(f64::INFINITY, |(at, _)| at);
        if KEEP >= SHARING {
            self.shared.serve(self.busy);
            self.due = self.shared.due(first);
        } else {
            self.due = first;
        }
    }

    /// The door may be another now.
    #[inline]
    fn look_at_door(&mut self) {
        let door = if self.open_sessions >= self.most_sessions {
            Door::Quota
        } else if self.waiting >= self.most_waiting && self.busy == self.servers {
            Door::Full
        } else {
            Door::Open
        };
        if door != self.shut.door {
            self.turn_door(door);
        }
    }

    /// The next login is done: a session begins, and the line moves up.
    #[inline]
    fn login_done(&mut self) {
        let Some((at, who)) = self.logins.first() else { return };
        self.now = self.due;
        self.note(DONE, 0);
        if KEEP >= SHARING {
            self.shared.advance(self.now);
            self.shared.reach(at);
        }
        match self.call_next() {
            Some(next) => {
                let end = self.end_of_service(next.visit, next.tries);
                self.logins.replace(end, next.id);
            }
            None => {
                self.busy -= 1;
                self.logins.pop();
            }
        }
        self.look_at_servers();
        self.begin_session(who);
        self.look_at_door();
    }

    #[inline]
    fn call_next(&mut self) -> Option<Waiter> {
        loop {
            let next = self.line.pop_front()?;
            self.head = self.head.wrapping_add(1);
            if !next.gone {
                self.waiting -= 1;
                return Some(next);
            }
        }
    }

    #[inline]
    fn begin_session(&mut self, who: u32) {
        self.counts.served += u64::from(KEEP < BOOKS);
        self.open_sessions += 1;
        let length = match KEEP {
            RECORD.. => self.people[who].remaining as i64 as f64,
            STREAMS.. => {
                let e = self.chance.stream(Purpose::Duration, u64::from(who)).exponential();
                whole(MEAN_SESSION * 1e9 * e)
            }
            _ => MEAN_SESSION * 1e9 * self.chance.exponential(),
        };
        self.leaves.push(self.now + length, who);
        if KEEP >= RECORD {
            let now = self.time();
            let quality = if KEEP >= SHARING {
                self.shared.quality_until(self.now)
            } else {
                0.0
            };
            let p = &mut self.people[who];
            let (begun, mark) = (p.begun, p.mark);
            p.place = Place::Session;
            p.since = quality;
            p.mark = now;
            if KEEP >= BOOKS {
                self.books.connected(now, begun, mark);
                self.book(|cell| cell.logins += 1);
            }
        }
    }

    /// A session ends, or the next pile of them is opened.
    #[inline]
    fn leave(&mut self) {
        self.now = self.leaves.at;
        let popped = if KEEP >= ORDER {
            self.leaves.pop::<true>()
        } else {
            self.leaves.pop::<false>()
        };
        let Some(who) = popped else {
            if KEEP >= RECORD {
                let people = &self.people;
                let touched = self.leaves.ahead().fold(0, |t, who| t ^ people[who].visit);
                std::hint::black_box(touched);
            }
            return;
        };
        self.note(LEAVE, if KEEP >= RECORD { who } else { 0 });
        self.open_sessions -= 1;
        self.counts.sessions += 1;
        if KEEP >= RECORD {
            let p = &mut self.people[who];
            p.place = Place::Free;
            let p = *p;
            if KEEP >= BOOKS {
                let stayed = (self.time() - p.mark).0.min(p.remaining);
                let obtained = if KEEP >= SHARING {
                    let quality = self.shared.quality_until(self.now) - p.since;
                    count(quality * 1e9).min(stayed)
                } else {
                    stayed
                };
                self.books.obtained += u128::from(obtained);
                self.books.lost += u128::from(p.remaining - obtained);
            }
            self.people.remove(who);
        }
        self.look_at_door();
    }

    /// Somebody may have lost patience in the line.
    #[inline(never)]
    fn patience_ends(&mut self) {
        self.now = self.patience.at;
        let (head, line) = (self.head, &self.line);
        let waits = |ticket: u32| line.get(ticket.wrapping_sub(head) as usize).is_some_and(|w| !w.gone);
        let Some(ticket) = self.patience.pop(waits) else { return };
        let Some(waiter) = self.line.get_mut(ticket.wrapping_sub(head) as usize) else {
            return;
        };
        waiter.gone = true;
        let (mut id, visit, tries) = (waiter.id, waiter.visit, waiter.tries);
        self.waiting -= 1;
        self.note(TIMEOUT, if KEEP >= RECORD { id } else { 0 });
        self.refuse(Reason::Timeout);
        self.shut.read(self.now);
        if self.shut.door == Door::Open {
            self.spend();
        }
        let mut kept = K::of(0, 0);
        if KEEP >= RECORD {
            let p = &mut self.people[id];
            p.place = Place::Pool;
            kept = K::of(p.begun.0, p.remaining);
            if KEEP >= IN_PLACE {
                p.place = Place::Free;
                self.people.remove(id);
                id = visit;
            }
        }
        let vain = self.persists(visit, tries);
        let token = Token {
            since: self.shut.value,
            leaves: self.shut.value + vain.map_or(0.0, |vain| vain.after),
            kept,
            id,
            tries,
            vain: vain.map_or(0, |vain| vain.knocks),
        };
        if vain.is_some() {
            self.pool.push(token);
        } else {
            self.go_away(&token);
        }
        self.look_at_door();
        self.time_pool();
    }

    /// Until `until`.
    fn go(&mut self, ahead: &mut Ahead, size: f64, until: f64) {
        loop {
            // At the same instant logins come first, then the pool, sessions, patience, and newcomers last.
            let (soon, later) = (least(self.due, self.knock), least(self.leaves.at, self.patience.at));
            let next = least(least(soon, later), until);
            let Some(&arrival) = ahead.at.get(ahead.next) else {
                ahead.draw::<KEEP>(size, &mut self.chance);
                continue;
            };
            if arrival < next {
                let wanted = ahead.wanted[ahead.next];
                ahead.next += 1;
                self.arrive(arrival, wanted);
            } else if next == self.due {
                self.login_done();
            } else if next == self.knock {
                self.pool_knocks();
            } else if next == self.leaves.at {
                self.leave();
            } else if next == self.patience.at {
                self.patience_ends();
            } else {
                return;
            }
        }
    }

    /// A bin ends: whoever left the pool at a knock in vain is booked in the bin in which it left.
    fn end_bin(&mut self, until: f64) {
        self.now = until;
        if self.shut.door == Door::Open {
            self.spend();
        }
        self.sweep::<true>();
        self.time_pool();
        self.shared.advance(until);
        let before = self.books.total();
        let (sessions, backlog) = (self.open_sessions, self.waiting as u64);
        let (orbit, busy) = (self.pool.len() as u64, self.shared.busy);
        let quality = self.shared.quality_until(until);
        self.book(|cell| {
            cell.busy = busy - before.busy;
            cell.quality = quality - before.quality;
            cell.sessions = sessions;
            cell.backlog = backlog;
            cell.orbit = orbit;
        });
        self.books.turn(Time(until as u64));
    }
}

/// Runs it.
pub fn run<const KEEP: u8, K: Kept>(size: f64, seed: u64) -> Told {
    let mut storm = Storm::<KEEP, K>::new(size, seed);
    storm.left = storm.chance.next_knock::<KEEP>();
    let mut ahead = Ahead::new();
    let end = END * 1e9;
    if KEEP >= BOOKS {
        for bin in 1..=BINS {
            let until = end / BINS as f64 * bin as f64;
            storm.go(&mut ahead, size, until);
            storm.end_bin(until);
        }
    } else {
        storm.go(&mut ahead, size, end);
        storm.now = end;
        storm.sweep::<true>();
    }
    storm.told()
}

impl<const KEEP: u8, K: Kept> Storm<KEEP, K> {
    fn told(self) -> Told {
        let mut c = self.counts;
        if KEEP >= BOOKS {
            let all = self.books.total();
            c.attempts = all.knocks;
            c.served = all.logins;
            c.gaveup = all.gave_up;
            [c.quota, c.rejected, c.reneged] = all.refused;
        }
        let mut named: Vec<(&'static str, f64)> = [
            ("attempts", c.attempts),
            ("served", c.served),
            ("reneged", c.reneged),
            ("rejected", c.rejected),
            ("quota", c.quota),
            ("gaveup", c.gaveup),
            ("sessions", c.sessions),
            ("customers", u64::from(c.customers)),
            ("executed", c.executed),
        ]
        .map(|(name, n)| (name, n as f64))
        .into();
        if KEEP >= RECORD {
            named.push(("most_people", self.people.peak() as f64));
        }
        if KEEP >= BOOKS {
            named.extend(self.books.named());
        }
        Told {
            logical_events: c.attempts + c.served + c.reneged + c.sessions,
            executed_events: c.executed,
            fingerprint: if KEEP >= PRINT { self.print.value() } else { 0 },
            named,
            books: (KEEP >= BOOKS).then(|| Box::new(self.books)),
        }
    }
}
