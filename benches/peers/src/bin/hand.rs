//! The event loop that a careful person writes by hand for one model: the limit that a general simulator is held
//! against.

use clap::{Parser, ValueEnum};
use preau_peers::agenda::Agenda;
use preau_peers::choice::{Choice, Named};
use preau_peers::event_list::{EventList, Quaternary, Radix, Standard};
use preau_peers::mmc::Mmc;
use preau_peers::report;
use preau_peers::storm::Storm;
use preau_peers::workload::{Done, Workload};

/// Runs a workload in a loop written by hand.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    choice: Choice,
    /// Which event list [default: quaternary for w1, radix for w2]
    #[arg(long)]
    list: Option<List>,
}

#[derive(Clone, Copy, ValueEnum)]
enum List {
    Quaternary,
    Radix,
    Standard,
}

/// Ticks a second of the clock: ten microseconds each. Finer ticks cost the radix heap more and change no law that is
/// looked at.
const TICKS: f64 = 1e5;
/// Seconds a tick.
const TICK: f64 = 1.0 / TICKS;

/// Clock and list.
#[derive(Default)]
struct Loop<L> {
    now: u64,
    list: L,
}

impl<E, L: EventList<E>> Agenda<E> for Loop<L> {
    #[inline]
    fn after(&mut self, delay: f64, event: E) {
        self.list.push(self.now + (delay * TICKS) as u64, event);
    }
    #[inline]
    fn at(&mut self, time: f64, event: E) {
        self.list.push((time * TICKS) as u64, event);
    }
}

fn run<W: Workload, L: EventList<W::Event>>(mut workload: W) -> Done {
    let mut agenda = Loop::<L>::default();
    workload.begin(&mut agenda);
    while let Some((now, event)) = agenda.list.pop() {
        agenda.now = now;
        workload.happen(now as f64 * TICK, event, &mut agenda);
    }
    workload.done()
}

fn run_with<W: Workload>(workload: W, list: Option<List>, usual: List, size: f64) {
    let (tool, done) = match list.unwrap_or(usual) {
        List::Quaternary => ("hand/quaternary", run::<W, Quaternary<_>>(workload)),
        List::Radix => ("hand/radix", run::<W, Radix<_>>(workload)),
        List::Standard => ("hand/standard", run::<W, Standard<_>>(workload)),
    };
    report::print(tool, W::NAME, size, report::cpu_seconds(), &done);
}

fn main() {
    let Args { choice, list } = Args::parse();
    let Choice { workload, size, seed } = choice;
    match workload {
        Named::W1 => run_with(Mmc::new(size, seed), list, List::Quaternary, size),
        Named::W2 => run_with(Storm::new(size, seed), list, List::Radix, size),
    }
}
