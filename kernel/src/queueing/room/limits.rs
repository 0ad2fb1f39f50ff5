//! Limits on admissions: how many per period, and how the period is laid.

use crate::engine::{Span, Time};
use crate::scenario::model::{Admissions, Window};
use std::collections::VecDeque;

/// What an admission limit remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    admitted: VecDeque<Time>,
    window_start: u64,
    in_window: u64,
    tokens: f64,
    token_time: Time,
    next_paced: Time,
    /// Positions served and not taken yet, of a counter.
    banked: u64,
    /// When the counter moves next.
    next_move: Time,
    /// Admissions given back.
    returned: u64,
}

impl Limits {
    /// Nothing counted yet.
    pub fn new(now: Time, spec: Option<Admissions>) -> Self {
        let mut limits = Limits::default();
        limits.restart(now, spec);
        limits
    }

    /// Counts anew, by another limit.
    pub fn restart(&mut self, now: Time, spec: Option<Admissions>) {
        self.tokens = spec.map_or(0.0, |a| a.count as f64);
        self.token_time = now;
        self.admitted.clear();
        self.next_paced = now;
        self.in_window = 0;
        self.banked = 0;
        self.returned = 0;
        self.next_move = spec.map_or(Time::MAX, |a| Time((now.0 / a.period.0 + 1) * a.period.0));
    }

    /// When the limit lets the next one in: now, or later.
    pub fn opens(&mut self, now: Time, spec: Option<Admissions>) -> Time {
        let Some(Admissions { count, period, window }) = spec else {
            return now;
        };
        if self.returned > 0 {
            return now;
        }
        match window {
            Window::Fixed => {
                let index = now.0 / period.0;
                if index != self.window_start {
                    self.window_start = index;
                    self.in_window = 0;
                }
                if self.in_window < count {
                    now
                } else {
                    Time((index + 1) * period.0)
                }
            }
            Window::Sliding => {
                while self.admitted.front().is_some_and(|t| *t + period <= now) {
                    self.admitted.pop_front();
                }
                if (self.admitted.len() as u64) < count {
                    now
                } else {
                    self.admitted[0] + period
                }
            }
            Window::TokenBucket => {
                let rate = count as f64 / period.as_secs();
                self.tokens = (self.tokens + (now - self.token_time).as_secs() * rate).min(count as f64);
                self.token_time = now;
                if self.tokens >= 1.0 - 1e-9 {
                    now
                } else {
                    now + Span::from_secs((1.0 - self.tokens) / rate) + Span(1)
                }
            }
            Window::Paced => now.max(self.next_paced),
            Window::Counter if self.banked > 0 => now,
            Window::Counter => self.next_move.max(now + Span(1)),
        }
    }

    /// Counts an admission.
    pub fn book(&mut self, now: Time, spec: Option<Admissions>) {
        let Some(Admissions { count, period, window }) = spec else {
            return;
        };
        if self.returned > 0 {
            self.returned -= 1;
            return;
        }
        match window {
            Window::Fixed => self.in_window += 1,
            Window::Sliding => self.admitted.push_back(now),
            // Those who pass a room that lets everybody through owe it nothing afterwards.
            Window::TokenBucket => self.tokens = (self.tokens - 1.0).max(-1e-9),
            Window::Paced => self.next_paced = now + Span(period.0 / count.max(1)),
            Window::Counter => self.banked = self.banked.saturating_sub(1),
        }
    }

    /// An admission that was used in vain may be used again.
    pub fn give_back(&mut self) {
        self.returned += 1;
    }

    /// A serving counter moves, if its time has come and the service is `healthy`.
    pub fn move_counter(&mut self, now: Time, spec: Option<Admissions>, healthy: bool) {
        let Some(Admissions { count, period, .. }) = spec.filter(|a| a.window == Window::Counter) else {
            return;
        };
        while self.next_move <= now {
            self.banked += if healthy { count } else { 0 };
            self.next_move += period;
        }
    }

    /// When a serving counter moves next.
    pub fn counter_moves(&self, spec: Option<Admissions>) -> Option<Time> {
        (spec?.window == Window::Counter).then_some(self.next_move)
    }
}
