//! The event loop that a careful person writes by hand for one model: the limit that a general simulator is held
//! against.

use clap::{Parser, ValueEnum};
use preau_peers::choice::{Choice, Named};
use preau_peers::event_list::{Quaternary, Radix, Standard};
use preau_peers::mmc::Mmc;
use preau_peers::report;
use preau_peers::storm::Storm;
use preau_peers::timed::run;
use preau_peers::workload::Workload;

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
