//! The table of goals of the machine that it runs on: preau beside other tools, as ratios.
//!
//! Every goal names the runs that it needs; each round makes each of these runs once, one after the other; medians
//! over rounds are compared. So a slow minute of the machine slows both sides of a ratio.

mod goals;
mod job;
mod rounds;
mod row;
mod series;
mod tools;

use clap::Parser;
use rounds::Rounds;
use row::{Row, Verdict};
use std::path::PathBuf;
use std::process::ExitCode;
use tools::Tools;

/// Prints how this machine's speeds compare, and which goals are met.
#[derive(Parser)]
struct Args {
    /// Rounds over which medians are taken
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Only these goals (may be repeated): w1, w2, nation, hold, memory, growth, replications, start, floods, build
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Measure a build of the product from nothing too
    #[arg(long)]
    build: bool,
    /// Folder of w1.ron and w2.ron [default: models/bench of this repository]
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// A preau to measure instead of building this repository's
    #[arg(long, value_name = "FILE")]
    preau: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match table(&args) {
        Ok(rows) => {
            print!("{}", row::table(&rows));
            let count = |verdict| rows.iter().filter(|row| row.verdict == verdict).count();
            let missed = count(Verdict::Missed);
            println!();
            println!("{missed} missed, {} not measured", count(Verdict::Unmeasured));
            if missed == 0 {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(2)
        }
    }
}

fn table(args: &Args) -> Result<Vec<Row>, String> {
    let mut names: Vec<&str> = goals::NAMES.to_vec();
    if let Some(other) = args.only.iter().find(|name| !names.contains(&name.as_str())) {
        return Err(format!("there is no goal '{other}'; there are {}", names.join(", ")));
    }
    names.retain(|name| {
        if args.only.is_empty() {
            *name != "build" || args.build
        } else {
            args.only.iter().any(|only| only == name)
        }
    });
    let tools = Tools::ready(args.preau.clone(), args.models.clone(), &names)?;
    let goals: Vec<_> = names.iter().map(|name| goals::named(name, &tools)).collect();
    let runs = Rounds::run(goals.iter().flat_map(|goal| goal.jobs()), args.repeat);
    Ok(goals.iter().flat_map(|goal| goal.rows(&runs)).collect())
}
