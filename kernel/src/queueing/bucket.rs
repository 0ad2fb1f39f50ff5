//! A token bucket: who finds no token is refused.

use crate::engine::{Draw, Time};

/// A token bucket with continuous refill, or with tokens that drip in one by one at exponential intervals.
///
/// Continuous refill with Poisson arrivals of cost 1 is an M/D/1 queue with bounded work; exponential drips make
/// it an M/M/1/b (textbook equivalences that `preau verify` checks).
#[derive(Clone, Debug)]
pub struct TokenBucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    last: Time,
    drips: Option<Draw>,
    next_drip: Time,
}

impl TokenBucket {
    /// A full bucket of `burst` tokens refilled at `rate` tokens/s; `drips` makes the refill random.
    pub fn new(rate: f64, burst: f64, now: Time, mut drips: Option<Draw>) -> Self {
        let next_drip = drips.as_mut().map_or(Time::MAX, |d| {
            now + crate::engine::Span::from_secs(d.exponential() / rate)
        });
        TokenBucket {
            rate,
            burst,
            tokens: burst,
            last: now,
            drips,
            next_drip,
        }
    }

    /// Tokens per second.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Takes a token at `now`, or says that there is none.
    pub fn take(&mut self, now: Time) -> bool {
        match &mut self.drips {
            None => {
                let dt = (now - self.last).as_secs();
                self.tokens = (self.tokens + dt * self.rate).min(self.burst);
            }
            Some(draw) => {
                while self.next_drip <= now {
                    self.tokens = (self.tokens + 1.0).min(self.burst);
                    self.next_drip += crate::engine::Span::from_secs(draw.exponential() / self.rate);
                }
            }
        }
        self.last = now;
        // A token is there when the refill reached it up to rounding of the clock (1 ns).
        if self.tokens >= 1.0 - 1e-9 {
            self.tokens -= 1.0;
            true
        } else {
            false
        }
    }
}
