//! W1: ten servers, first come, first served.

use crate::agenda::Agenda;
use crate::workload::{Done, Workload};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::Exp1;
use std::collections::VecDeque;

/// Customers at size 1.
const CUSTOMERS: f64 = 10e6;

const SERVERS: u32 = 10;
const MEAN_GAP: f64 = 1.0 / 9.0;
const MEAN_SERVICE: f64 = 1.0;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Event {
    /// The next customer comes.
    Arrive,
    /// A service ends.
    Served,
}

/// The queue in motion.
pub struct Mmc {
    random: SmallRng,
    to_come: u64,
    busy: u32,
    /// When those who wait came, s.
    line: VecDeque<f64>,
    /// Sum of all waits, s.
    waited: f64,
    customers: u64,
}

impl Mmc {
    /// An empty queue for `size` times ten million customers.
    pub fn new(size: f64, seed: u64) -> Self {
        let customers = (size * CUSTOMERS) as u64;
        Mmc {
            random: SmallRng::seed_from_u64(seed),
            to_come: customers,
            busy: 0,
            line: VecDeque::new(),
            waited: 0.0,
            customers,
        }
    }

    #[inline]
    fn exponential(&mut self, mean: f64) -> f64 {
        mean * self.random.sample::<f64, _>(Exp1)
    }

    #[inline]
    fn announce(&mut self, agenda: &mut impl Agenda<Event>) {
        if self.to_come > 0 {
            self.to_come -= 1;
            agenda.after(self.exponential(MEAN_GAP), Event::Arrive);
        }
    }

    #[inline]
    fn serve(&mut self, agenda: &mut impl Agenda<Event>) {
        agenda.after(self.exponential(MEAN_SERVICE), Event::Served);
    }
}

impl Workload for Mmc {
    type Event = Event;
    const NAME: &'static str = "w1";

    fn begin(&mut self, agenda: &mut impl Agenda<Event>) {
        self.announce(agenda);
    }

    #[inline]
    fn happen(&mut self, now: f64, event: Event, agenda: &mut impl Agenda<Event>) {
        match event {
            Event::Arrive => {
                self.announce(agenda);
                if self.busy < SERVERS {
                    self.busy += 1;
                    self.serve(agenda);
                } else {
                    self.line.push_back(now);
                }
            }
            Event::Served => match self.line.pop_front() {
                Some(came) => {
                    self.waited += now - came;
                    self.serve(agenda);
                }
                None => self.busy -= 1,
            },
        }
    }

    fn done(&self) -> Done {
        Done {
            customers: self.customers,
            logical_events: 2 * self.customers,
            // Exactly 0.66873 s in the long run (Erlang's C).
            named: vec![("mean_wait", self.waited / self.customers as f64)],
        }
    }
}
