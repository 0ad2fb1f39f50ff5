//! Logins whose clients leave, and stations that lose their logins.

use super::job::{Job, State};
use super::{ATTACKER, NOBODY, Station};
use crate::engine::{Span, Time};
use std::cmp::Reverse;

impl Station {
    /// The client of a login leaves. The work goes on for nobody, or stops if the station notices. Answers
    /// whether the login was still waiting for a thread.
    pub fn abandon(&mut self, now: Time, id: u32) -> bool {
        self.advance(now);
        let waiting = self.jobs[id].state == State::Waiting;
        if self.wasted_work {
            self.jobs[id].owner = NOBODY;
            return waiting;
        }
        self.jobs[id].state = State::Gone;
        if waiting {
            self.backlog -= 1;
        } else {
            self.in_service -= 1;
            self.gone += 1;
            self.fill(now);
        }
        self.resolve();
        waiting
    }

    /// Throws out every login; answers their owners.
    pub fn drop_all(&mut self, now: Time) -> Vec<u32> {
        self.advance(now);
        let mut owners = Vec::new();
        let waiting: Vec<u32> = self.waiting.iter_mut().flat_map(|q| q.drain(..)).collect();
        let running: Vec<u32> = self.running.drain().map(|Reverse(next)| next.id()).collect();
        for id in running.into_iter().chain(waiting) {
            let job = self.jobs[id];
            if job.state != State::Gone && job.owner < ATTACKER {
                owners.push(job.owner);
            }
            self.forget(id);
        }
        owners.sort_unstable();
        self.pages.clear();
        self.in_service = 0;
        self.backlog = 0;
        self.gone = 0;
        self.attack.empty();
        self.leap.empty();
        self.resolve();
        owners
    }

    /// Logins somebody waits for, in service or waiting: number and owner.
    pub fn logins(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let live = |(_, job): &(u32, &Job)| job.state != State::Gone && job.owner < ATTACKER;
        (0..)
            .zip(self.jobs.slots())
            .filter(live)
            .map(|(id, job)| (id, job.owner))
    }

    /// Throws one login out, by its number; [`Station::close_ranks`] must follow.
    pub fn drop_login(&mut self, id: u32) {
        if self.jobs[id].state == State::Waiting {
            self.backlog -= 1;
        } else {
            self.in_service -= 1;
            self.gone += 1;
        }
        self.jobs[id].state = State::Gone;
    }

    /// After logins were thrown out: others get their threads.
    pub fn close_ranks(&mut self, now: Time) {
        self.advance(now);
        self.fill(now);
        self.resolve();
    }

    /// Whether a login, by its number, is still `owner`'s that came `after` before `deadline`; `waiting`: and has no
    /// thread yet. Numbers are used again, so the instant of arrival tells.
    pub fn holds(&self, id: u32, owner: u32, deadline: Time, after: Span, waiting: bool) -> bool {
        let Some(job) = self.jobs.slots().get(id as usize) else {
            return false;
        };
        job.owner == owner
            && job.arrived + after == deadline
            && match job.state {
                State::Waiting => true,
                State::Running => !waiting,
                State::Gone => false,
            }
    }

    /// How long a login has been there, by its number.
    pub fn waited(&self, now: Time, id: u32) -> Span {
        now - self.jobs[id].arrived
    }
}
