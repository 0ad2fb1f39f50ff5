//! What all clients of a service do together to spare it: a budget for retries, and a throttle of their own.

use crate::engine::{Draw, Span, Time};
use crate::scenario::model::{ClientThrottle, RetryBudget};

/// A window is counted in so many parts: two minutes by the second.
const PARTS: usize = 120;

/// What the try before a request met: a success gives back what the retry cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// There was none: it is the first.
    Nothing,
    /// The service asked to come later: its gate or a rate limit.
    Throttled,
    /// Anything else: a full backlog, no answer, the client's time-out.
    Error,
}

/// Two counts over the last stretch of time, the oldest part dropped as a whole.
#[derive(Clone, Debug)]
struct Window {
    parts: Box<[[u32; 2]; PARTS]>,
    sums: [u64; 2],
    /// Number of the part that is open, counted from the start of the run.
    open: u64,
    part: u64,
}

impl Window {
    fn new(length: Span) -> Self {
        Window {
            parts: Box::new([[0; 2]; PARTS]),
            sums: [0; 2],
            open: 0,
            part: (length.0 / PARTS as u64).max(1),
        }
    }

    /// Drops what is too old.
    fn turn(&mut self, now: Time) {
        let open = now.0 / self.part;
        let passed = (open - self.open).min(PARTS as u64);
        for k in 0..passed {
            let old = &mut self.parts[((open - k) % PARTS as u64) as usize];
            for (sum, count) in self.sums.iter_mut().zip(std::mem::take(old)) {
                *sum -= u64::from(count);
            }
        }
        self.open = open;
    }

    fn add(&mut self, now: Time, which: usize) {
        self.turn(now);
        self.parts[(self.open % PARTS as u64) as usize][which] += 1;
        self.sums[which] += 1;
    }
}

const REQUESTS: usize = 0;
/// Retries of a budget, answers of a throttle.
const OTHERS: usize = 1;

#[derive(Clone, Debug)]
enum Budget {
    Ratio {
        share: f64,
        window: Window,
        /// Retries in a window that are allowed beside.
        reserve: f64,
    },
    Tokens {
        left: f64,
        most: f64,
        cost: f64,
        error_cost: f64,
        earn: f64,
    },
}

#[derive(Clone, Debug)]
struct Throttle {
    factor: f64,
    window: Window,
    draw: Draw,
}

/// All clients of a service, as far as they act together.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    budget: Option<Budget>,
    throttle: Option<Throttle>,
}

impl Clients {
    /// Another budget from now on, unspent; none: everybody may come back.
    pub fn set_budget(&mut self, budget: Option<RetryBudget>) {
        self.budget = budget.map(|budget| match budget {
            RetryBudget::Ratio { share, window, reserve } => Budget::Ratio {
                share,
                window: Window::new(window),
                reserve: reserve * window.as_secs(),
            },
            RetryBudget::Tokens {
                tokens,
                cost,
                error_cost,
                earn,
            } => Budget::Tokens {
                left: tokens,
                most: tokens,
                cost,
                error_cost,
                earn,
            },
        });
    }

    /// Another throttle from now on, that has seen nothing yet; none: every request is sent.
    pub fn set_throttle(&mut self, throttle: Option<ClientThrottle>, draw: Draw) {
        self.throttle = throttle.map(|spec| Throttle {
            factor: spec.factor,
            window: Window::new(spec.window),
            draw,
        });
    }

    /// Whether they do nothing together any more.
    pub fn idle(&self) -> bool {
        self.budget.is_none() && self.throttle.is_none()
    }

    /// Somebody wants to send a request: whether the client drops it instead.
    pub fn drops(&mut self, now: Time) -> bool {
        if let Some(Throttle { factor, window, draw }) = &mut self.throttle {
            window.turn(now);
            let [requests, accepts] = window.sums.map(|n| n as f64);
            let p = (requests - *factor * accepts) / (requests + 1.0);
            if p > 0.0 && draw.chance(p) {
                return true;
            }
        }
        if let Some(Budget::Ratio { window, .. }) = &mut self.budget {
            window.add(now, REQUESTS);
        }
        false
    }

    /// A request came to nothing, dropped ones included.
    pub fn failed(&mut self, now: Time) {
        if let Some(throttle) = &mut self.throttle {
            throttle.window.add(now, REQUESTS);
        }
    }

    /// A request was answered; `after`: what the try before it met.
    pub fn answered(&mut self, now: Time, after: Before) {
        if let Some(throttle) = &mut self.throttle {
            throttle.window.add(now, REQUESTS);
            throttle.window.add(now, OTHERS);
        }
        if let Some(Budget::Tokens {
            left,
            most,
            cost,
            error_cost,
            earn,
        }) = &mut self.budget
        {
            let gain = match after {
                Before::Nothing => *earn,
                Before::Throttled => *cost,
                Before::Error => *error_cost,
            };
            *left = (*left + gain).min(*most);
        }
    }

    /// Somebody whose request failed wants to come back: whether the budget allows it, which then is charged.
    pub fn may_retry(&mut self, now: Time, throttled: bool) -> bool {
        match &mut self.budget {
            None => true,
            Some(Budget::Ratio { share, window, reserve }) => {
                window.turn(now);
                let allowed = (window.sums[OTHERS] as f64) < *share * window.sums[REQUESTS] as f64 + *reserve;
                if allowed {
                    window.add(now, OTHERS);
                }
                allowed
            }
            Some(Budget::Tokens {
                left, cost, error_cost, ..
            }) => {
                let price = if throttled { *cost } else { *error_cost };
                let allowed = price <= *left;
                if allowed {
                    *left -= price;
                }
                allowed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};

    #[test]
    fn a_window_forgets() {
        let mut window = Window::new(Span::from_secs(120.0));
        let at = |s: f64| Time::from_secs(s);
        window.add(at(0.5), REQUESTS);
        window.add(at(60.0), OTHERS);
        window.turn(at(119.9));
        assert_eq!(window.sums, [1, 1]);
        window.turn(at(120.0));
        assert_eq!(window.sums, [0, 1]);
        window.add(at(1000.0), REQUESTS);
        assert_eq!(window.sums, [1, 0]);
        window.turn(at(1e6));
        assert_eq!(window.sums, [0, 0]);
    }

    #[test]
    fn tokens_are_spent_and_earned() {
        let mut clients = Clients::default();
        clients.set_budget(Some(RetryBudget::Tokens {
            tokens: 500.0,
            cost: 5.0,
            error_cost: 14.0,
            earn: 1.0,
        }));
        let now = Time::ZERO;
        let tries = |clients: &mut Clients, throttled| (0..1000).filter(|_| clients.may_retry(now, throttled)).count();
        assert_eq!(tries(&mut clients, true), 100);
        (0..33).for_each(|_| clients.answered(now, Before::Nothing));
        assert_eq!(tries(&mut clients, false), 2);
        // Five are left; a retry that succeeds gives back what it cost.
        (0..2).for_each(|_| clients.answered(now, Before::Throttled));
        assert_eq!(tries(&mut clients, false), 1);
        clients.answered(now, Before::Error);
        assert_eq!(tries(&mut clients, false), 1);
        (0..1000).for_each(|_| clients.answered(now, Before::Nothing));
        // AWS SDKs from 2026 on: 500 tokens bear 35 retries of an outage in a row.
        assert_eq!(tries(&mut clients, false), 35);
    }

    #[test]
    fn a_ratio_leaves_one_retry_in_ten_requests() {
        let mut clients = Clients::default();
        clients.set_budget(Some(RetryBudget::Ratio {
            share: 0.1,
            window: Span::from_secs(120.0),
            reserve: 0.0,
        }));
        // Every request fails; whoever is allowed sends another, which fails too.
        let (mut fresh, mut retries) = (0, 0);
        for _ in 0..9000 {
            fresh += 1;
            assert!(!clients.drops(Time::ZERO));
            while clients.may_retry(Time::ZERO, true) {
                retries += 1;
                clients.drops(Time::ZERO);
            }
        }
        // r = 0.1 (f + r): a ninth of the fresh ones.
        assert_eq!((fresh, retries), (9000, 1000));
    }

    #[test]
    fn a_reserve_lets_the_first_come_back() {
        // Finagle's default: a fifth of the requests, and ten a second of the last ten seconds.
        let mut clients = Clients::default();
        clients.set_budget(Some(RetryBudget::Ratio {
            share: 0.2,
            window: Span::from_secs(10.0),
            reserve: 10.0,
        }));
        let retries = |clients: &mut Clients, at| {
            (0..1000)
                .filter(|_| clients.may_retry(Time::from_secs(at), true))
                .count()
        };
        assert_eq!(retries(&mut clients, 1.0), 100);
        (0..50).for_each(|_| assert!(!clients.drops(Time::from_secs(2.0))));
        assert_eq!(retries(&mut clients, 2.0), 10);
        // All that was is forgotten.
        assert_eq!(retries(&mut clients, 20.0), 100);
    }

    #[test]
    fn a_throttle_sends_k_times_what_is_answered() {
        let mut clients = Clients::default();
        let draw = Streams::new(3, 0).sequence(Purpose::Tokens, 1);
        let throttle = ClientThrottle {
            factor: 2.0,
            window: Span::from_secs(120.0),
        };
        clients.set_throttle(Some(throttle), draw);
        // A thousand requests a second to a service that answers one in ten milliseconds, for an hour.
        let (mut sent, mut answered, mut free_at) = (0_u64, 0_u64, Time::ZERO);
        for k in 0..3_600_000 {
            let now = Time(k * 1_000_000);
            if clients.drops(now) {
                clients.failed(now);
                continue;
            }
            sent += 1;
            if now >= free_at {
                answered += 1;
                free_at = now + Span::from_millis(10);
                clients.answered(now, Before::Nothing);
            } else {
                clients.failed(now);
            }
        }
        // Two are sent for each that is answered, up to what the window holds unsettled; each is a coin of its own.
        let z = (sent as f64 - 2.0 * answered as f64) / (sent as f64).sqrt();
        assert!(z.abs() < 4.0, "{sent} sent, {answered} answered: {z}");
    }
}
