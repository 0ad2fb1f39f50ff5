//! What may be at a station beside logins: a flood that is counted or shares the backlog, pages as jobs. Mostly there is none of
//! them, and one look at [`Station`]'s `plain` tells.

use super::Station;
use crate::engine::Time;
use std::cmp::Reverse;

impl Station {
    /// Time passes for a flood.
    pub(super) fn advance_others(&mut self, dt: f64) {
        if self.attack.queues {
            self.advance_attack(dt);
        }
        if self.leap.on {
            self.leap.advance(self.speed.r * dt);
        }
    }

    /// When the next login or page is done, or the flood moves, if nothing else happens.
    pub(super) fn next_beside_others(&mut self) -> Option<Time> {
        if self.pages.in_progress > 0 {
            return self.next_with_pages();
        }
        if self.leap.on {
            return self.next_with_counts();
        }
        let moves = if self.attack.queues {
            self.next_of_attack()
        } else {
            None
        };
        let done = self.running.peek().map(|Reverse(next)| self.due(next));
        [moves, done].into_iter().flatten().min()
    }

    /// The speed, found anew; notes whether there is anything beside logins left.
    pub(super) fn resolve_beside_others(&mut self) {
        self.plain = !self.leap.on && !self.attack.queues && self.pages.in_progress == 0;
        self.load.jobs = f64::from(self.in_service + self.pages.in_progress);
        if self.leap.on {
            self.load.jobs += self.leap.in_service as f64;
            return self.find_speed();
        }
        if self.attack.queues {
            self.fill_threads();
        }
        if !self.goes_on_unhurried() {
            self.find_speed();
        } else if self.attack.queues {
            self.find_flows();
        }
    }
}
