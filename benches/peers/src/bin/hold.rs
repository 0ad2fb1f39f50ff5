//! W3: nanoseconds of a hold (take the earliest of n pending events, schedule one later), of preau's event list and
//! of those of the loop written by hand.

use clap::{Parser, ValueEnum};
use preau::engine::{self, Time};
use preau_peers::event_list::{EventList, Quaternary, Radix, Standard};
use preau_peers::report;
use preau_peers::workload::Done;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::Exp1;

/// Measures holds.
#[derive(Parser)]
struct Args {
    list: List,
    /// Pending events
    #[arg(long, default_value_t = 10_000_000)]
    pending: u32,
    /// Holds that are measured: some rounds of all, for a list may put work off
    #[arg(long, default_value_t = 20_000_000)]
    holds: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum List {
    /// preau's, in total order
    Preau,
    Quaternary,
    Radix,
    Standard,
}

/// preau's list under the trait of the others.
#[derive(Default)]
struct Preau(engine::EventList);

impl EventList<u32> for Preau {
    #[inline]
    fn push(&mut self, time: u64, event: u32) {
        self.0.schedule(Time(time), 0, event);
    }
    #[inline]
    fn pop(&mut self) -> Option<(u64, u32)> {
        self.0.pop().map(|event| (event.time().0, event.entity()))
    }
}

/// Mean delay: ten minutes in nanoseconds, preau's tick.
const MEAN: f64 = 600e9;

fn measure<L: EventList<u32>>(args: &Args, bytes: impl Fn(&L) -> Option<usize>) -> (f64, Done) {
    let mut random = SmallRng::seed_from_u64(1);
    // Drawn beforehand: the list is measured, not the logarithm.
    let delays: Vec<u64> = (0..1 << 16)
        .map(|_| (MEAN * random.sample::<f64, _>(Exp1)) as u64)
        .collect();
    let mut list = L::default();
    let mut drawn = delays.iter().cycle();
    let mut next = || *drawn.next().expect("there are delays");
    for event in 0..args.pending {
        list.push(next(), event);
    }
    let mut hold = |times: u64| {
        for _ in 0..times {
            let (now, event) = list.pop().expect("as many go in as come out");
            list.push(now + next(), event);
        }
    };
    // Twice round, so that every pending event was scheduled by a hold.
    hold(2 * u64::from(args.pending));
    let began = report::cpu_seconds();
    hold(u64::from(args.holds));
    let seconds = report::cpu_seconds() - began;
    let mut named = vec![("ns_per_hold", seconds * 1e9 / f64::from(args.holds))];
    if let Some(bytes) = bytes(&list) {
        named.push(("bytes_per_event", bytes as f64 / f64::from(args.pending)));
    }
    let done = Done {
        customers: u64::from(args.pending),
        logical_events: u64::from(args.holds),
        named,
    };
    (seconds, done)
}

fn main() {
    let args = Args::parse();
    let (tool, (seconds, done)) = match args.list {
        List::Preau => ("preau", measure(&args, |list: &Preau| Some(list.0.bytes()))),
        List::Quaternary => ("hand/quaternary", measure::<Quaternary<_>>(&args, |_| None)),
        List::Radix => ("hand/radix", measure::<Radix<_>>(&args, |_| None)),
        List::Standard => ("hand/standard", measure::<Standard<_>>(&args, |_| None)),
    };
    report::print(tool, "hold", f64::from(args.pending), seconds, &done);
}
