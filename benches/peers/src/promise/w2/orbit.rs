//! The pool of W2: who knocks again, and who has left at a knock in vain.

use super::{POOL, Storm};
use crate::promise::books::Reason;
use crate::promise::person::{Person, Place};
use crate::promise::pool::{Kept, Token};
use crate::promise::shut::{Door, RATE};
use crate::promise::{BOOKS, IN_PLACE, RECORD};
use preau::engine::Time;

impl<const KEEP: u8, K: Kept> Storm<KEEP, K> {
    /// The door is another one now.
    pub(super) fn turn_door(&mut self, door: Door) {
        if self.shut.door == Door::Open {
            self.spend();
        }
        self.shut.set(self.now, door);
        self.left_since = self.now;
        self.time_pool();
    }

    /// The time until the next knock of the pool has partly passed.
    #[inline]
    pub(super) fn spend(&mut self) {
        let passed = (self.now - self.left_since) * 1e-9;
        self.left = (self.left - passed * RATE * self.pool.len() as f64).max(0.0);
        self.left_since = self.now;
    }

    /// When the pool knocks: never while the door is shut.
    #[inline]
    pub(super) fn time_pool(&mut self) {
        let members = self.pool.len();
        self.knock = if self.shut.door == Door::Open && members > 0 {
            self.left_since + Self::rounded(self.left * (1e9 / RATE) / members as f64)
        } else {
            f64::INFINITY
        };
    }

    /// Somebody of the pool knocks at the open door, if it has not left at a knock in vain.
    #[inline]
    pub(super) fn pool_knocks(&mut self) {
        self.now = self.knock;
        self.note(POOL, 0);
        self.shut.read(self.now);
        let people = &self.people;
        let touch = |next: &[Token<K>]| {
            if KEEP >= RECORD && KEEP < IN_PLACE {
                std::hint::black_box(next.iter().fold(0, |t, token| t ^ people[token.id].visit));
            }
        };
        if let Some(token) = self.pool.take::<KEEP>(&mut self.chance, touch) {
            if token.leaves <= self.shut.value {
                self.leave_pool(&token);
            } else {
                let tries = token.tries + self.book_vain(&token) + 1;
                if KEEP < BOOKS {
                    self.counts.attempts += 1;
                } else {
                    self.book(|cell| cell.knocks += 1);
                }
                let (mut id, mut visit) = (token.id, token.id);
                if KEEP >= IN_PLACE {
                    id = self.people.insert(Person {
                        tries,
                        ..Person::begins(Time(token.kept.begun()), visit, token.kept.wanted())
                    });
                } else if KEEP >= RECORD {
                    let p = &mut self.people[id];
                    p.tries = tries;
                    p.place = Place::Station;
                    visit = p.visit;
                }
                self.enter(id, visit, tries);
            }
        }
        self.left = self.chance.next_knock::<KEEP>();
        self.left_since = self.now;
        self.time_pool();
    }

    /// Somebody has left the pool at its last knock in vain.
    #[inline]
    pub(super) fn leave_pool(&mut self, token: &Token<K>) {
        let before = token.vain - 1;
        let full = self
            .shut
            .met_full::<KEEP>(token.since, token.leaves, before, true, &mut self.chance);
        self.book_knocks(token.vain, full);
        self.go_away(token);
    }

    /// Draws and books the knocks in vain that somebody in the pool has made; answers how many.
    #[inline]
    pub(super) fn book_vain(&mut self, token: &Token<K>) -> u8 {
        let (since, now) = (token.since, self.shut.value);
        let before = token.vain - 1;
        let made = self.shut.made::<KEEP>(since, token.leaves, before, &mut self.chance);
        if made > 0 {
            let full = self.shut.met_full::<KEEP>(since, now, made, false, &mut self.chance);
            self.book_knocks(made, full);
        }
        made
    }

    /// Knocks in vain, of which some met a full line.
    #[inline]
    pub(super) fn book_knocks(&mut self, knocks: u8, full: u8) {
        let (knocks, full) = (u64::from(knocks), u64::from(full));
        if KEEP < BOOKS {
            self.counts.attempts += knocks;
            self.counts.quota += knocks - full;
            self.counts.rejected += full;
        } else {
            self.book(|cell| {
                cell.knocks += knocks;
                cell.refused[Reason::Quota as usize] += knocks - full;
                cell.refused[Reason::Full as usize] += full;
            });
        }
    }

    /// Looks at everybody in the pool: whoever has left is out. `BOOK`: knocks of the others are booked up to now.
    #[inline(never)]
    pub(super) fn sweep<const BOOK: bool>(&mut self) {
        self.shut.read(self.now);
        let now = self.shut.value;
        let mut pool = std::mem::take(&mut self.pool);
        pool.sweep(|token| {
            if token.leaves <= now {
                self.leave_pool(token);
                return false;
            }
            if BOOK {
                let made = self.book_vain(token);
                token.since = now;
                token.tries += made;
                token.vain -= made;
            }
            true
        });
        self.pool = pool;
    }
}
