//! The workloads in desque 0.4: a heap of boxed events that get the whole simulation.

use clap::Parser;
use desque::serial::{Event, Simulation};
use desque::{SimState, SimTime};
use preau_peers::agenda::Agenda;
use preau_peers::choice::{Choice, Named};
use preau_peers::mmc::Mmc;
use preau_peers::report;
use preau_peers::storm::Storm;
use preau_peers::workload::{Done, Workload};
use std::cmp::Ordering;

/// Runs a workload in desque.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    choice: Choice,
}

/// Seconds; never NaN, so they are ordered.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Seconds(f64);

impl Eq for Seconds {}
impl PartialOrd for Seconds {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Seconds {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}
impl SimTime for Seconds {}

/// The state: the workload, and what it wants to happen. The simulation owns the state, so the state cannot schedule
/// while it changes.
struct State<W: Workload> {
    workload: W,
    wanted: Wanted<W::Event>,
}

struct Wanted<E> {
    now: f64,
    events: Vec<(f64, E)>,
}

impl<E> Agenda<E> for Wanted<E> {
    fn after(&mut self, delay: f64, event: E) {
        self.at(self.now + delay, event);
    }
    fn at(&mut self, time: f64, event: E) {
        self.events.push((time, event));
    }
}

impl<W: Workload> SimState<Seconds> for State<W> {}

#[derive(Debug)]
struct Happening<E>(E);

impl<W: Workload<Event = E>, E: std::fmt::Debug + Copy + 'static> Event<State<W>, Seconds> for Happening<E> {
    fn execute(&mut self, simulation: &mut Simulation<State<W>, Seconds>) -> desque::Result {
        let Seconds(now) = *simulation.current_time();
        let state = simulation.state_mut();
        state.wanted.now = now;
        state.workload.happen(now, self.0, &mut state.wanted);
        schedule(simulation)
    }
}

fn schedule<W: Workload>(simulation: &mut Simulation<State<W>, Seconds>) -> desque::Result {
    while let Some((time, event)) = simulation.state_mut().wanted.events.pop() {
        simulation.schedule(Happening(event), Seconds(time))?;
    }
    Ok(())
}

fn run<W: Workload>(workload: W) -> Result<Done, desque::Error> {
    let wanted = Wanted {
        now: 0.0,
        events: Vec::new(),
    };
    let mut simulation = Simulation::new(State { workload, wanted }, Seconds(0.0));
    let state = simulation.state_mut();
    state.workload.begin(&mut state.wanted);
    schedule(&mut simulation)?;
    simulation.run()?;
    Ok(simulation.state().workload.done())
}

fn main() -> Result<(), desque::Error> {
    let Choice { workload, size, seed } = Args::parse().choice;
    let (name, done) = match workload {
        Named::W1 => (Mmc::NAME, run(Mmc::new(size, seed))?),
        Named::W2 => (Storm::NAME, run(Storm::new(size, seed))?),
    };
    report::print("desque 0.4.0", name, size, report::cpu_seconds(), &done);
    Ok(())
}
