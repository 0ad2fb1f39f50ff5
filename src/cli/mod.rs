//! The command line: one file a verb. It reads options, calls the library and prints; it decides nothing.
//!
//! Exit codes: 0 well, 1 a run or a check of theory failed, 2 wrong usage, 3 an invalid model or experiment, 4 a sweep
//! with failed or missing runs, 130 interrupted.

/// Prints to standard error as `eprintln!` does. What cannot be said there (a full disk, a reader that has gone) is left unsaid: words
/// beside a result must not cost the result.
macro_rules! aside {
    ($($words:tt)*) => {{
        let _ = std::io::Write::write_fmt(&mut anstream::stderr(), format_args!("{}\n", format_args!($($words)*)));
    }};
}

mod analyse;
mod asked;
mod attribute;
mod calibrate;
mod check;
mod compare;
mod explain;
mod facts;
mod given;
mod golden;
mod lesson;
mod merge;
mod models;
mod optimize;
mod progress;
mod report;
mod run;
mod serve;
mod sweep;
mod trace;
mod traced;
mod verify;
mod wrong;

use clap::{Parser, Subcommand};
use std::io::IsTerminal;
use std::process::ExitCode;

/// A run or a check failed.
const FAILED: u8 = 1;
/// Wrong usage.
const USAGE: u8 = 2;
/// The model is not valid.
const INVALID: u8 = 3;
/// Some runs of a sweep failed or are missing.
const PARTIAL: u8 = 4;
/// Stopped by Ctrl-C.
const INTERRUPTED: u8 = 130;

/// What a verb ends with: nothing, or an exit code with what to tell.
type Ended = Result<(), Stop>;

/// Why a verb stopped early.
struct Stop {
    code: u8,
    message: String,
}

impl Stop {
    fn new(code: u8, message: impl ToString) -> Stop {
        Stop {
            code,
            message: message.to_string(),
        }
    }
}

#[derive(Parser)]
#[command(name = "preau", version, max_term_width = 100, about, long_about = LONG)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

const LONG: &str = "Préau simulates France's national distance-learning infrastructure: who knocks, at which door, who waits, \
who gets in, who gives up, and what another quota, smoothing, capacity or defence would have changed.\n\n\
Start with `preau compare`: the morning of 6 April 2021 as it was, and under four policies.";

#[derive(Subcommand)]
enum Verb {
    /// Run a model once (or several times) and show what happened, region by region
    Run(run::RunArgs),
    /// Compare policies with the model as it is, replication by replication
    Compare(compare::CompareArgs),
    /// Run an experiment: levers and uncertainties of a design, each run written down as it ends
    Sweep(sweep::SweepArgs),
    /// Join the shares of a sweep
    Merge(merge::MergeArgs),
    /// Say what a finished sweep shows: which factor matters, and which corner of them fails
    Analyse(analyse::AnalyseArgs),
    /// Choose levers: the cheapest that keep the constraints across the uncertainties
    Optimize(optimize::OptimizeArgs),
    /// Draw the page of a result anew, from its files alone
    Report(report::ReportArgs),
    /// Open the local application: move the levers in a browser and see what they do
    Serve(serve::ServeArgs),
    /// Follow one person through the day, under one policy or two
    Trace(trace::TraceArgs),
    /// Say what is wrong with model files, all at once
    Check(check::CheckArgs),
    /// Say what a field of a model means
    Explain(explain::ExplainArgs),
    /// List, show or write out the models that come with the program
    Models(models::ModelsArgs),
    /// Hold the model against what is known of those days
    Facts(facts::FactsArgs),
    /// Share out the harm of a day among its causes, with intervals and interactions
    Attribute(attribute::AttributeArgs),
    /// Find what unknown numbers of a model must be to show the facts, as a posterior
    Calibrate(calibrate::CalibrateArgs),
    /// Take the incident apart in guided lessons, whose goals the simulation checks
    Lesson(lesson::LessonArgs),
    /// Hold the simulator against exact values of queueing theory
    Verify(verify::VerifyArgs),
    /// Print the first draws of every distribution (for the tests of this program)
    #[command(hide = true)]
    Golden,
}

/// Reads the command line, does what it says and gives the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for, everything else is a mistake of usage.
            if !error.use_stderr() {
                let _ = error.print();
                return ExitCode::SUCCESS;
            }
            let environment = crate::web::Lang::of_environment(|name| std::env::var(name).ok());
            match wrong::in_french(&error, &given::command(), environment) {
                Some(words) => aside!("{words}"),
                None => drop(error.print()),
            }
            return ExitCode::from(USAGE);
        }
    };
    if let (true, Some((columns, _))) = (std::io::stdout().is_terminal(), terminal_size::terminal_size()) {
        crate::output::table::fit_into(columns.0);
    }
    let ended = match cli.verb {
        Verb::Run(args) => run::run(&args),
        Verb::Compare(args) => compare::compare(&args),
        Verb::Sweep(args) => sweep::sweep(&args),
        Verb::Merge(args) => merge::merge(&args),
        Verb::Analyse(args) => analyse::analyse(&args),
        Verb::Optimize(args) => optimize::optimize(&args),
        Verb::Report(args) => report::report(&args),
        Verb::Serve(args) => serve::serve(&args),
        Verb::Trace(args) => trace::trace(&args),
        Verb::Check(args) => check::check(&args),
        Verb::Explain(args) => explain::explain(&args),
        Verb::Models(args) => models::models(&args),
        Verb::Facts(args) => facts::facts(&args),
        Verb::Attribute(args) => attribute::attribute(&args),
        Verb::Calibrate(args) => calibrate::calibrate(&args),
        Verb::Lesson(args) => lesson::lesson(&args),
        Verb::Verify(args) => verify::verify(&args),
        Verb::Golden => golden::golden(),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            if !stop.message.is_empty() {
                aside!("{}", stop.message.trim_end());
            }
            ExitCode::from(stop.code)
        }
    }
}

/// Prints tables and paragraphs with a blank line between them; empty ones are left out.
fn say_parts(parts: Vec<String>) -> Ended {
    let parts: Vec<&str> = parts
        .iter()
        .map(|part| part.trim_end())
        .filter(|part| !part.is_empty())
        .collect();
    say(&parts.join("\n\n"))
}

/// Prints to standard output; a reader that has gone away (`preau … | head`) ends the program quietly.
fn say(text: &str) -> Ended {
    use std::io::Write;
    let mut out = anstream::stdout();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Stop::new(0, "")),
        Err(error) => Err(Stop::new(FAILED, format!("cannot write to standard output: {error}"))),
    }
}
