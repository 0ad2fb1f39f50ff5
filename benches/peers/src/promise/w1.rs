//! W1, hard-wired: ten servers, first come, first served.

use super::books::Books;
use super::chance::{Chance, number_at_door};
use super::few::Few;
use super::logs::exponentials;
use super::person::{Person, Place};
use super::shared::Shared;
use super::{BOOKS, ORDER, PRINT, RECORD, SHARING, STREAMS, Told};
use preau::engine::{Fingerprint, Purpose, Slab, Time};
use std::collections::VecDeque;

/// The run's end at size 1, s, as in `models/bench/w1.ron`.
pub const END: f64 = 555_556.0;
const SERVERS: usize = Few::MOST;
const MEAN_GAP: f64 = 1.0 / 9.0;
const BINS: usize = 20;
/// So many customers are drawn together: what they bring depends on nothing that happens.
const TOGETHER: usize = 64;

/// Kinds of events.
const DONE: u8 = 0;
const ARRIVE: u8 = 7;

/// The nearest whole number of a small positive one; infinity stays.
#[inline]
pub fn whole(x: f64) -> f64 {
    const ALL_WHOLE: f64 = (1_u64 << 52) as f64;
    (x + ALL_WHOLE) - ALL_WHOLE
}

/// A whole number that a float holds, as an integer: its low bits, once the float has no digits after the point.
#[inline]
pub fn count(x: f64) -> u64 {
    const ALL_WHOLE: f64 = (1_u64 << 52) as f64;
    (x + ALL_WHOLE).to_bits() - ALL_WHOLE.to_bits()
}

/// Customers to come, drawn together.
struct Ahead {
    at: [f64; TOGETHER],
    work: [f64; TOGETHER],
    next: usize,
    /// When the last one comes, and its number.
    last: f64,
    drawn: u32,
}

impl Ahead {
    fn new<const KEEP: u8>(chance: &mut Chance) -> Self {
        let mut ahead = Ahead {
            at: [0.0; TOGETHER],
            work: [0.0; TOGETHER],
            next: 0,
            last: 0.0,
            drawn: 0,
        };
        ahead.draw::<KEEP>(chance);
        ahead
    }

    #[inline(never)]
    fn draw<const KEEP: u8>(&mut self, chance: &mut Chance) {
        if KEEP >= STREAMS {
            for (at, work) in self.at.iter_mut().zip(&mut self.work) {
                *at = chance.gap_uniform();
                *work = chance.first(Purpose::Work, number_at_door(self.drawn, 1));
                self.drawn = self.drawn.wrapping_add(1);
            }
            exponentials(&mut self.at);
            exponentials(&mut self.work);
        } else {
            for (at, work) in self.at.iter_mut().zip(&mut self.work) {
                *at = chance.exponential();
                *work = chance.exponential();
            }
        }
        for at in &mut self.at {
            let gap = MEAN_GAP * *at;
            self.last += if KEEP >= ORDER { whole(gap * 1e9) } else { gap };
            *at = self.last;
        }
        self.next = 0;
    }
}

/// The queue in motion. Times are whole nanoseconds, which a float holds exactly, or seconds in the bare loop.
struct Queue<const KEEP: u8> {
    now: f64,
    /// When the next login is done.
    due: f64,
    ends: Few,
    busy: usize,
    /// Whoever waits: when it came and its work, or its record.
    line: VecDeque<(f64, f64)>,
    line_of_records: VecDeque<u32>,
    owner: [u32; 16],
    waited: f64,
    customers: u32,
    done: u64,
    print: Fingerprint,
    people: Slab<Person>,
    books: Books,
    shared: Shared,
}

impl<const KEEP: u8> Queue<KEEP> {
    fn new(end: f64) -> Self {
        Queue {
            now: 0.0,
            due: f64::INFINITY,
            ends: Few::new(),
            busy: 0,
            line: VecDeque::with_capacity(256),
            line_of_records: VecDeque::with_capacity(256),
            owner: [0; 16],
            waited: 0.0,
            customers: 0,
            done: 0,
            print: Fingerprint::new(),
            people: Slab::with_capacity(256),
            books: Books::new(if KEEP >= BOOKS { BINS } else { 0 }, (end / BINS as f64) as u64),
            shared: Shared::new(SERVERS as f64),
        }
    }

    #[inline]
    fn time(&self) -> Time {
        Time(count(self.now))
    }

    /// Where work that begins now ends, on the clock by which ends of service are kept.
    #[inline]
    fn end_of(&self, work: f64) -> f64 {
        match KEEP {
            0 => self.now + work,
            SHARING.. => self.shared.v + work,
            _ => self.now + whole(work * 1e9),
        }
    }

    #[inline]
    fn look(&mut self) {
        if KEEP >= SHARING {
            self.shared.serve(self.busy);
            self.due = self.shared.due(self.ends.first());
        } else {
            self.due = self.ends.first();
        }
    }

    #[inline]
    fn note(&mut self, kind: u8) {
        if KEEP >= PRINT {
            self.print.absorb(self.time(), kind, 0);
        }
    }

    #[inline]
    fn arrive(&mut self, at: f64, work: f64) {
        self.now = at;
        self.note(ARRIVE);
        let number = self.customers;
        self.customers = number.wrapping_add(1);
        let mut slot = 0;
        if KEEP >= RECORD {
            slot = self.people.insert(Person {
                work,
                ..Person::begins(self.time(), number, 0)
            });
        }
        if KEEP >= BOOKS {
            let open = self.books.open;
            if let Some(cell) = self.books.cells.get_mut(open) {
                cell.knocks += 1;
                cell.first_knocks += 1;
            }
        }
        if self.busy == SERVERS {
            if KEEP >= RECORD {
                self.line_of_records.push_back(slot);
            } else {
                self.line.push_back((at, work));
            }
            return;
        }
        if KEEP >= SHARING {
            self.shared.advance(at);
        }
        let end = self.end_of(work);
        if KEEP >= RECORD {
            let server = self.ends.start::<true>(end, self.busy);
            self.owner[server & 15] = slot;
        } else {
            self.ends.start::<false>(end, self.busy);
        }
        self.busy += 1;
        self.look();
    }

    #[inline]
    fn login_done(&mut self) {
        self.now = self.due;
        self.note(DONE);
        self.done += 1;
        if KEEP >= SHARING {
            self.shared.advance(self.now);
            self.shared.reach(self.ends.first());
        }
        if KEEP >= RECORD {
            let server = self.ends.server();
            let who = std::mem::take(&mut self.owner[server & 15]);
            if let Some(next) = self.line_of_records.pop_front() {
                let p = &self.people[next];
                if KEEP < BOOKS {
                    self.waited += self.now - p.begun.0 as i64 as f64;
                }
                let end = self.end_of(p.work);
                self.ends.replace::<true>(end);
                self.owner[server & 15] = next;
            } else {
                self.ends.replace::<true>(f64::INFINITY);
                self.busy -= 1;
            }
            self.log_in(who);
        } else if let Some((came, work)) = self.line.pop_front() {
            self.waited += self.now - came;
            let end = self.end_of(work);
            self.ends.replace::<false>(end);
        } else {
            self.ends.replace::<false>(f64::INFINITY);
            self.busy -= 1;
        }
        self.look();
    }

    #[inline]
    fn log_in(&mut self, who: u32) {
        let now = self.time();
        let p = &mut self.people[who];
        p.place = Place::Free;
        if KEEP >= BOOKS {
            let (begun, mark) = (p.begun, p.mark);
            let open = self.books.open;
            if let Some(cell) = self.books.cells.get_mut(open) {
                cell.logins += 1;
            }
            self.books.connected(now, begun, mark);
        }
        self.people.remove(who);
    }

    /// Until `until`.
    #[inline]
    fn go(&mut self, ahead: &mut Ahead, chance: &mut Chance, until: f64) {
        loop {
            let Some(&arrival) = ahead.at.get(ahead.next) else {
                ahead.draw::<KEEP>(chance);
                continue;
            };
            // At the same instant ends of service come first.
            if self.due <= arrival {
                if self.due > until {
                    return;
                }
                self.login_done();
            } else {
                if arrival > until {
                    return;
                }
                let work = ahead.work[ahead.next];
                ahead.next += 1;
                self.arrive(arrival, work);
            }
        }
    }

    fn end_bin(&mut self, until: f64) {
        self.shared.advance(until);
        let before = self.books.total();
        let (open, backlog) = (self.books.open, self.line_of_records.len() as u64);
        if let Some(cell) = self.books.cells.get_mut(open) {
            cell.busy = self.shared.busy - before.busy;
            cell.quality = self.shared.quality_until(until) - before.quality;
            cell.backlog = backlog;
        }
        self.books.turn(Time(until as u64));
    }
}

/// Runs it for `size` times [`END`].
pub fn run<const KEEP: u8>(size: f64, seed: u64) -> Told {
    let end = size * END * if KEEP >= ORDER { 1e9 } else { 1.0 };
    let mut chance = Chance::new(seed, "customers", "q");
    let mut ahead = Ahead::new::<KEEP>(&mut chance);
    let mut queue = Queue::<KEEP>::new(end);
    if KEEP >= BOOKS {
        for bin in 1..=BINS {
            let until = end * bin as f64 / BINS as f64;
            queue.go(&mut ahead, &mut chance, until);
            queue.end_bin(until);
        }
    } else {
        queue.go(&mut ahead, &mut chance, end);
    }
    queue.told()
}

impl<const KEEP: u8> Queue<KEEP> {
    fn told(self) -> Told {
        let customers = u64::from(self.customers);
        let mean_wait = if KEEP >= BOOKS {
            // Tables of preau count a wait until one is in, service included.
            self.books.mean_wait() - 1.0
        } else {
            self.waited / self.done as f64 * if KEEP >= ORDER { 1e-9 } else { 1.0 }
        };
        let mut named = vec![
            ("customers", customers as f64),
            ("done", self.done as f64),
            ("mean_wait", mean_wait),
        ];
        if KEEP >= RECORD {
            named.push(("most_people", self.people.peak() as f64));
        }
        if KEEP >= BOOKS {
            named.extend(self.books.named());
        }
        Told {
            logical_events: customers + self.done,
            executed_events: customers + self.done,
            fingerprint: if KEEP >= PRINT { self.print.value() } else { 0 },
            named,
            books: (KEEP >= BOOKS).then(|| Box::new(self.books)),
        }
    }
}
