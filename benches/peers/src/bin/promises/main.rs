//! What each promise of preau costs in loops written by hand, and how fast one could be that keeps them all.

mod child;
mod table;

use clap::{Args, Parser, Subcommand, ValueEnum};
use preau_peers::promise::{STEPS, run_w1, run_w2};
use preau_peers::rivals::{hand_w1, hand_w2, preau_w1, preau_w2};
use std::process::ExitCode;

/// Loops written by hand that keep preau's promises, one after another.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Prints the table: instructions and nanoseconds a logical event, of each step, of the bare loop and of preau
    Table(table::TableArgs),
    /// Runs one loop once and prints what it counted
    Run(RunArgs),
}

/// Which loop runs what.
#[derive(Args)]
struct RunArgs {
    workload: Workload,
    /// Which loop: a step by its number or name, `hand` or `preau`
    #[arg(long, default_value = "6")]
    keep: String,
    /// Multiplies the length of w1, and rates, servers, line and gate of w2
    #[arg(long, default_value_t = 1.0)]
    size: f64,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Workload {
    /// Ten servers, first come, first served
    W1,
    /// A login storm
    W2,
}

impl Workload {
    fn name(self) -> &'static str {
        match self {
            Workload::W1 => "w1",
            Workload::W2 => "w2",
        }
    }
}

/// What a run counted, by name.
type Counts = Vec<(&'static str, f64)>;

impl RunArgs {
    fn run(&self) -> Result<Counts, String> {
        let (size, seed) = (self.size, self.seed);
        if !(size > 0.0 && size <= 100.0) {
            return Err(format!("--size {size}: expected more than 0, and 100 at most"));
        }
        match (self.keep.as_str(), self.workload) {
            ("hand", workload) => {
                let done = match workload {
                    Workload::W1 => hand_w1(size, seed),
                    Workload::W2 => hand_w2(size, seed),
                };
                let mut counts = vec![("logical", done.logical_events as f64)];
                counts.extend(done.named);
                Ok(counts)
            }
            ("preau", workload) => {
                let outcome = match workload {
                    Workload::W1 => preau_w1(size, seed)?,
                    Workload::W2 => preau_w2(size, seed)?,
                };
                let all = outcome.services.first().ok_or("preau told of no service")?;
                Ok(vec![
                    ("logical", outcome.stats.logical_events as f64),
                    ("executed", outcome.stats.executed_events as f64),
                    ("attempts", all.knocks as f64),
                    ("served", all.logins as f64),
                    ("gaveup", all.gave_up as f64),
                    ("mean_wait", all.waits.mean().unwrap_or(0.0) - 1.0),
                ])
            }
            (step, workload) => {
                let keep = step_of(step)?;
                let told = match workload {
                    Workload::W1 => run_w1(keep, size, seed),
                    Workload::W2 => run_w2(keep, size, seed),
                };
                let mut counts = vec![
                    ("logical", told.logical_events as f64),
                    ("executed", told.executed_events as f64),
                ];
                counts.extend(told.named);
                // Half a hash is enough to see that it was made, and is a whole number as a float.
                counts.push(("fingerprint", (told.fingerprint >> 32) as f64));
                Ok(counts)
            }
        }
    }
}

/// A step by its number or name.
fn step_of(text: &str) -> Result<u8, String> {
    let by_name = STEPS.iter().position(|step| step.name == text);
    let by_number = text.parse::<usize>().ok().filter(|n| *n < STEPS.len());
    let step = by_name.or(by_number).ok_or_else(|| {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        let last = STEPS.len() - 1;
        format!(
            "--keep {text}: expected hand, preau, a number from 0 to {last}, or one of {}",
            names.join(", ")
        )
    })?;
    Ok(step as u8)
}

fn main() -> ExitCode {
    let done = match Cli::parse().what {
        What::Table(args) => table::print(&args),
        What::Run(args) => args.run().map(|counts| {
            let words: Vec<String> = counts.iter().map(|(name, n)| format!("{name}={n}")).collect();
            println!("{}", words.join(" "));
        }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}
