//! `preau optimize`: the cheapest levers that keep the constraints across the uncertainties.

use super::asked::{Asked, asked};
use super::given::{command, folder_stop, notes, tell_place};
use super::progress::RunsBar;
use super::report::{PageArgs, add_page};
use super::{Ended, FAILED, Stop, USAGE, say, say_parts};
use crate::experiment::optimize::{
    Keeping, Objective, Optimum, Options, Problem, StudyProblem, combinations, optimize as run,
};
use crate::experiment::stats::{interval::FEWEST, two_modes};
use crate::experiment::study::Study;
use crate::experiment::{Arm, Replications, Warning};
use crate::output::manifest::Identity;
use crate::output::optimum::Chosen;
use crate::output::{Manifest, ResultFolder};
use crate::world::{Mode, Orbit};
use clap::Args;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Objectives when none are named: the first is the cost.
const OBJECTIVES: [&str; 3] = ["euros_total", "hours_lost", "equity_gap_regions"];

#[derive(Args)]
pub(super) struct OptimizeArgs {
    /// An experiment file with levers, or the name of one that comes with the program
    #[arg(value_name = "FILE")]
    file: String,
    /// Runs that may be made in all
    #[arg(long, value_name = "NUMBER", default_value_t = 400, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    runs: u32,
    /// What is to be best, with commas between; among settings that keep the constraints the first decides
    #[arg(long, value_name = "KPIS", value_delimiter = ',', default_values = OBJECTIVES)]
    objectives: Vec<String>,
    /// Constraints must hold in this share of futures, for example 0.9 [default: on average over the futures]
    #[arg(long, value_name = "SHARE")]
    in_share: Option<f64>,
    /// Confidence of every verdict, one-sided
    #[arg(long, value_name = "SHARE", default_value_t = 0.95)]
    confidence: f64,
    /// Futures in which each setting is tried at first
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    first: u32,
    /// Override a field of the model everywhere (may be repeated)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// Folder of the result files [default: notebooks-out/NAME-optimum]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Write no files
    #[arg(long, conflicts_with_all = ["out", "force", "lang"])]
    no_files: bool,
    #[command(flatten)]
    page: PageArgs,
    /// Replace another result that is in the way
    #[arg(long)]
    force: bool,
    /// Threads [default: one a core]
    #[arg(long)]
    threads: Option<usize>,
    /// Say what would be searched and how, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

pub(super) fn optimize(args: &OptimizeArgs) -> Ended {
    let Asked { study, name, .. } = asked(&args.file, &args.sets)?;
    let usage = |e: String| Stop::new(USAGE, format!("error: {e}"));
    let options = options(args, &study).map_err(usage)?;
    let objectives: Result<Vec<Objective>, String> = args
        .objectives
        .iter()
        .map(|name| Objective::find(&study, name.trim()))
        .collect();
    let objectives = objectives.map_err(usage)?;
    let bar = RunsBar::new(options.runs);
    let told = || bar.step();
    let mut problem = StudyProblem::new(&study, objectives.clone(), args.threads, None, &told).map_err(usage)?;
    if args.dry_run {
        bar.finish();
        return dry_run(&problem, &options);
    }
    let folder = folder(args, &study, &name)?;
    let began = Instant::now();
    let optimum = run(&mut problem, &options, &mut |_| ()).map_err(|e| Stop::new(FAILED, format!("error: {e}")))?;
    bar.finish();
    if optimum.pool.alive().is_empty() {
        let why = optimum.pool.candidates.iter().find_map(|c| c.failed.as_deref());
        return Err(Stop::new(
            FAILED,
            format!(
                "error: every run failed, the first with: {}",
                why.unwrap_or("no reason given")
            ),
        ));
    }
    let chosen = Chosen {
        problem: &problem,
        objectives: &objectives,
        constraints: study.constraints.iter().map(|c| c.describe()).collect(),
        options: &options,
        optimum: &optimum,
    };
    let warnings = warnings(&problem, &objectives, &optimum);
    let said: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    let object = chosen.json(&said);
    if args.json {
        say(&object.to_string())?;
    } else {
        let mut parts = chosen.text();
        parts.push(notes(&warnings));
        say_parts(parts)?;
    }
    let Some(folder) = folder else { return Ok(()) };
    folder
        .write("pareto.csv", |out| chosen.pareto_csv(out))
        .map_err(folder_stop)?;
    folder
        .write("regret.csv", |out| chosen.regret_csv(out))
        .map_err(folder_stop)?;
    folder
        .write("satisficing.csv", |out| chosen.satisficing_csv(out))
        .map_err(folder_stop)?;
    folder
        .write("result.json", |out| serde_json::to_writer_pretty(out, &object))
        .map_err(folder_stop)?;
    let threads = args.threads.unwrap_or_else(rayon::current_num_threads);
    let runs = made(&study, options.runs as u64, threads, began.elapsed());
    let manifest = Manifest {
        name,
        title: study.title.clone(),
        ..Manifest::of(study.base().plain(), &runs, command())
    };
    add_page(&folder, &manifest, &args.page)?;
    tell_place(Some(folder.finish(&manifest).map_err(folder_stop)?))
}

fn options(args: &OptimizeArgs, study: &Study) -> Result<Options, String> {
    if !(0.5..1.0).contains(&args.confidence) || args.confidence == 0.5 {
        return Err(format!(
            "--confidence {} is no confidence; give a number between 0.5 and 1",
            args.confidence
        ));
    }
    let keeping = match args.in_share {
        None => Keeping::Mean,
        Some(share) if share > 0.0 && share < 1.0 => Keeping::Share(share),
        Some(share) => return Err(format!("--in-share {share} is no share; give a number between 0 and 1")),
    };
    Ok(Options {
        runs: args.runs as usize,
        first: args.first as usize,
        keeping,
        confidence: args.confidence,
        seed: study.seed,
    })
}

fn dry_run(problem: &StudyProblem<'_>, options: &Options) -> Ended {
    let levels = problem.levels();
    let names = problem.lever_names();
    let lever = |(name, n): (&&str, &Option<u32>)| match n {
        Some(n) => format!("lever {name}: {n} settings"),
        None => format!("lever {name}: any number of its range"),
    };
    let levers: Vec<String> = names.iter().zip(&levels).map(lever).collect();
    let most = (options.runs / 2 / options.first).max(1);
    let search = match combinations(&levels) {
        Some(all) if all <= most => format!("all {all} settings"),
        Some(all) => format!("about {most} of {all} settings, by evolution"),
        None => format!("about {most} settings, by evolution"),
    };
    say_parts(vec![
        levers.join("\n"),
        format!(
            "{} runs: {search}, {} futures each at first; then more where the choice is close; the last fifth on fresh futures.",
            options.runs, options.first
        ),
    ])
}

fn folder(args: &OptimizeArgs, study: &Study, name: &str) -> Result<Option<ResultFolder>, Stop> {
    if args.no_files {
        return Ok(None);
    }
    let target = args
        .out
        .clone()
        .unwrap_or_else(|| ResultFolder::default_path(&format!("{name}-optimum")));
    let identity = Identity::of(
        study.base().plain(),
        &made(study, u64::from(args.runs), 0, Duration::ZERO),
    );
    ResultFolder::begin(&target, identity, args.force)
        .map(Some)
        .map_err(folder_stop)
}

/// What the runs of a choice have in common; no row of them is kept.
fn made(study: &Study, futures: u64, threads: usize, elapsed: Duration) -> Replications {
    Replications {
        arms: vec![Arm::base()],
        seed: study.seed,
        replications: 0..futures,
        orbit: Orbit::Auto,
        mode: Mode::Auto,
        rows: vec![],
        first: vec![],
        threads,
        elapsed,
    }
}

fn warnings(problem: &StudyProblem<'_>, objectives: &[Objective], optimum: &Optimum) -> Vec<Warning> {
    let mut found = vec![];
    let Some(chosen) = optimum.chosen() else { return found };
    let candidate = &optimum.pool.candidates[chosen];
    if let Some(c) = optimum.confirmations.last().filter(|c| c.answers.len() < FEWEST) {
        found.push(Warning::TooFewReplications {
            replications: c.answers.len(),
        });
    }
    let (names, settings) = (problem.lever_names(), problem.settings(&candidate.levers));
    for (lever, upper) in problem.at_edges(&candidate.levers) {
        found.push(Warning::LeverAtEdge {
            lever: names[lever].to_owned(),
            setting: settings[lever].clone(),
            upper,
        });
    }
    let fresh = optimum.confirmations.last().map_or(&[][..], |c| &c.answers);
    let lost = objectives.iter().position(|o| o.column.name == "hours_lost");
    if let Some(k) = lost {
        let values: Vec<f64> = candidate.answers.iter().chain(fresh).map(|a| a.objectives[k]).collect();
        found.extend(two_modes(&values).map(|modes| Warning::TwoModes {
            arm: candidate.key.clone(),
            modes,
        }));
    }
    found
}
