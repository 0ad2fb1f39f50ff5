//! One run: a function of (scenario, seed, replication, policies), bit for bit.

use super::observer::{Deaf, Ear, Observer, Open};
use super::session::Leaves;
use super::state::{World, class, timer};
use crate::engine::{Event, Streams, Time};
use crate::measure::Outcome;
use crate::scenario::model::{CohortId, PolicyId, Scenario};

/// How people who wait to knock again are simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orbit {
    /// By superposition where the delays are exponential, knock by knock elsewhere.
    #[default]
    Auto,
    /// Knock by knock everywhere.
    Events,
}

/// What stands for people's pages and the requests of floods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Fluids (docs/model.md): the cost of a run does not depend on them.
    #[default]
    Auto,
    /// The referee: each page, poll, refusal page and request of a flood is an event, and people knock one by one
    /// whatever [`Orbit`] says. For small systems: it takes as long as there are requests.
    Events,
}

/// What a run is told beside the scenario.
#[derive(Clone, Default)]
pub struct RunOptions<'a> {
    /// Seed of the experiment.
    pub seed: u64,
    /// Number of the replication, from 0.
    pub replication: u64,
    /// Policies that are on.
    pub policies: Vec<PolicyId>,
    /// How retries are simulated.
    pub orbit: Orbit,
    /// What stands for pages and floods.
    pub mode: Mode,
    /// Called now and then with the simulated clock; a `true` answer stops the run.
    pub progress: Option<&'a (dyn Fn(Time) -> bool + Sync)>,
}

/// Why a run gave no result.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError {
    /// An invariant does not hold: the numbers cannot be trusted.
    #[error(
        "an invariant is broken ({what}); this is a defect of the simulator: please report the model, seed and replication"
    )]
    Invariant {
        /// Which, with the figures.
        what: String,
    },
    /// Stopped by the caller.
    #[error("stopped")]
    Stopped,
}

/// Runs a scenario once.
///
/// # Errors
/// [`RunError::Invariant`] when the books do not balance, [`RunError::Stopped`] when `progress` said so.
pub fn run(scenario: &Scenario, options: &RunOptions<'_>, observer: &mut dyn Observer) -> Result<Outcome, RunError> {
    if observer.listens() {
        run_with(scenario, options, &mut Open(observer))
    } else {
        run_with(scenario, options, &mut Deaf(observer))
    }
}

fn run_with<O: Ear>(scenario: &Scenario, options: &RunOptions<'_>, observer: &mut O) -> Result<Outcome, RunError> {
    let began = std::time::Instant::now();
    let cpu = thread_cpu_seconds();
    let mut world = World::new(scenario, options, observer);
    world.go();
    if world.stopped {
        return Err(RunError::Stopped);
    }
    let outcome = world.finish(began.elapsed().as_secs_f64(), thread_cpu_seconds() - cpu);
    crate::measure::invariants::check(scenario, &outcome).map_err(|what| RunError::Invariant { what })?;
    Ok(outcome)
}

/// How many people of a crowd take part in a run: those with the numbers below. None for a cohort that is no crowd,
/// whose people come without end.
pub fn connecting(scenario: &Scenario, cohort: CohortId, options: &RunOptions<'_>) -> Option<u32> {
    let streams = Streams::new(options.seed, options.replication);
    super::state::connecting(&scenario.cohorts[cohort.index()], &streams)
}

impl<O: Ear> World<'_, O> {
    /// Takes events in their order until the end.
    fn go(&mut self) {
        while !self.stopped {
            let event = self.list.peek();
            let scheduled = event.map_or(Time(u64::MAX), Event::time);
            let (timer, arrival) = (self.timers.first(), self.next_arrivals.first());
            // At the same instant timers come first: a login that is done frees its thread before anybody knocks.
            if let Some((at, kind, s)) = timer
                && at <= scheduled
                && arrival.is_none_or(|(arrives, _)| at <= arrives)
            {
                self.timer_fires(at, kind, s);
            } else if let Some((at, stream)) = arrival
                && (at < scheduled || at == scheduled && event.is_some_and(|e| e.class() > class::ARRIVE))
            {
                self.now = at;
                self.note(class::ARRIVE, stream as u32);
                self.arrive(stream);
            } else if let Some(event) = event {
                self.list.pop();
                self.warm();
                self.now = event.time();
                if event.class() == class::END {
                    return;
                }
                self.happens(event);
            } else {
                return;
            }
            self.look_at_changed();
        }
    }

    /// Touches the records of the next few hundred events. The processor waits for many of these reads at once; met one
    /// by one in the loop, each would cost a whole trip to memory (a third of the loop's time when measured).
    fn warm(&mut self) {
        let Some(events) = self.list.look_ahead() else { return };
        let people = self.people.slots();
        let mut touched = 0_u32;
        for event in events.iter().filter(|e| class::OF_PEOPLE & (1 << e.class()) != 0) {
            touched ^= people[event.entity() as usize].timer;
        }
        for event in events.iter().filter(|e| e.class() == class::LEAVE) {
            touched ^= self.classes.touch(event.entity());
            let p = &people[event.entity() as usize];
            if let Some(first) = self.cohorts[p.cohort as usize].memory {
                let who = first + p.person;
                touched ^= u32::from(self.memory.is_active(who)) ^ self.owed.touch(who) as u32;
            }
        }
        std::hint::black_box(touched);
    }

    /// A timer of a service rings. Each of the three has the service looked at, which sets the timer again or clears it.
    fn timer_fires(&mut self, at: Time, kind: usize, s: usize) {
        self.now = at;
        match kind {
            timer::DONE => {
                self.note(class::DONE, s as u32);
                self.login_done(s);
            }
            timer::OPENS => {
                self.note(class::OPENS, s as u32);
                self.timers.change(s, timer::OPENS, None);
                self.room_wakes(s);
            }
            _ => {
                self.note(class::POOL, s as u32);
                self.orbit_knocks(s);
            }
        }
    }

    pub(super) fn note(&mut self, kind: u8, entity: u32) {
        self.executed += 1;
        self.fingerprint.absorb(self.now, kind, entity);
        self.observer.event(self.now, kind, entity);
        if O::LISTENS && kind < class::ARRIVE && class::OF_PEOPLE & (1 << kind) != 0 {
            self.tell_whereabouts(entity);
        }
    }

    /// One event of the list. Events of people are stale when the record keeps another sequence.
    fn happens(&mut self, event: Event) {
        let (kind, entity) = (event.class(), event.entity());
        let current = match kind {
            class::LEAVE | class::TIMEOUT | class::ENTER | class::KNOCK | class::RETURN => {
                self.people[entity].timer == event.sequence()
            }
            class::PATIENCE => self.people[entity].patience == event.sequence(),
            class::BREAK => self.services[entity as usize].break_event == event.sequence(),
            class::PAGE | class::ATTACK => {
                (self.referee.as_ref()).is_some_and(|r| r.expects(kind, entity, event.sequence()))
            }
            _ => true,
        };
        if !current {
            return;
        }
        if class::QUIET & (1 << kind) == 0 {
            self.note(kind, entity);
        }
        match kind {
            class::SEAT => self.seat_expires(entity),
            class::AGENDA => self.act(entity as usize),
            class::BREAK => self.breaks(entity as usize),
            class::LEAVE => self.leave(entity, Leaves::InTime),
            class::TIMEOUT => self.time_out(entity),
            class::DUE => self.deadlines_due(entity as usize),
            class::PATIENCE => self.patience_ends(entity),
            class::ENTER => self.enter(entity),
            class::KNOCK => self.knock_again(entity),
            class::RETURN => self.come_back(entity),
            class::LOOK => self.look(entity as usize),
            class::PAGE => self.ask_page(entity),
            class::ATTACK => self.attacked(entity as usize),
            _ => self.keep_books(),
        }
    }
}

/// CPU seconds of this thread where the system tells, 0 elsewhere.
fn thread_cpu_seconds() -> f64 {
    let Ok(stat) = std::fs::read_to_string("/proc/thread-self/schedstat") else {
        return 0.0;
    };
    stat.split_whitespace()
        .next()
        .and_then(|ns| ns.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1e9
}
