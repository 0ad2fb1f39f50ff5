//! `preau optimize`: the cheapest levers that keep the constraints across the uncertainties, each run written down as it ends.

use super::asked::{Asked, asked};
use super::given::{command, folder_stop, notes, said_and_placed, threads};
use super::progress::RunsBar;
use super::report::{PageArgs, add_page};
use super::sweep::{JOURNAL, failed, fits, free_for_runs, locked, opened, watch_signals};
use super::{Ended, FAILED, INTERRUPTED, Stop, USAGE, say, say_parts};
use crate::experiment::optimize::{
    Keeping, Ledger, Objective, Options, Problem, StudyProblem, advice, combinations, optimize as run,
};
use crate::experiment::study::Study;
use crate::experiment::sweep::{Plan, Start};
use crate::experiment::{Arm, Replications, Warning};
use crate::output::manifest::Identity;
use crate::output::optimum::Chosen;
use crate::output::sweep::FOLDER;
use crate::output::table::width;
use crate::output::{Manifest, ResultFolder};
use crate::scenario::wrapped;
use crate::world::{Mode, Orbit};
use clap::Args;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
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
    /// [default: euros_total,hours_lost,equity_gap_regions; the last only where there are two regions or more]
    #[arg(long, value_name = "KPIS", value_delimiter = ',')]
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
    /// Folder of the journal and the result files [default: notebooks-out/NAME-optimum]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Write no files, and no journal: a search that is stopped begins again
    #[arg(long, conflicts_with_all = ["out", "lang"])]
    no_files: bool,
    #[command(flatten)]
    page: PageArgs,
    /// Threads [default: one a core]
    #[arg(long, value_parser = threads())]
    threads: Option<usize>,
    /// Say what would be searched and how, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

pub(super) fn optimize(args: &OptimizeArgs) -> Ended {
    let asked = asked(&args.file, &args.sets)?;
    let (study, name) = (&asked.study, asked.name.clone());
    let usage = |e: String| Stop::new(USAGE, format!("error: {e}"));
    let options = options(args, study).map_err(usage)?;
    let alone = study.base().plain().regions.len() < 2;
    let usual = OBJECTIVES.iter().filter(|name| !(alone && name.ends_with("_regions")));
    let usual: Vec<String> = usual.map(ToString::to_string).collect();
    let named = if args.objectives.is_empty() {
        &usual
    } else {
        &args.objectives
    };
    let objectives: Result<Vec<Objective>, String> =
        named.iter().map(|name| Objective::find(study, name.trim())).collect();
    let objectives = objectives.map_err(usage)?;
    let stop = Arc::new(AtomicBool::new(false));
    let bar = RunsBar::new(options.runs);
    let told = || bar.step();
    let mut problem = StudyProblem::new(study, objectives.clone(), args.threads, Some(&stop), &told).map_err(usage)?;
    if args.dry_run {
        bar.finish();
        dry_run(&problem, &options)?;
        return too_few_to_confirm(&options).map_or(Ok(()), |note| say(&note));
    }
    if let Some(note) = too_few_to_confirm(&options) {
        aside!("{note}");
    }
    let kept = kept(args, &asked)?;
    let (place, _lock) = match kept {
        Some(Kept { place, lock, ledger }) => {
            problem = problem.with_ledger(ledger);
            (Some(place), Some(lock))
        }
        None => (None, None),
    };
    watch_signals(&stop)?;
    let began = Instant::now();
    let optimum = run(&mut problem, &options, &mut |_| ()).map_err(|_| stopped(&problem));
    bar.finish();
    let optimum = optimum?;
    if optimum.pool.alive().is_empty() {
        let why = optimum.pool.candidates.iter().find_map(|c| c.failed.as_deref());
        let why = why.unwrap_or("no reason given");
        return Err(failed(format!("every run failed, the first with: {why}")));
    }
    let chosen = Chosen {
        problem: &problem,
        objectives: &objectives,
        constraints: study.constraints.iter().map(|c| c.describe()).collect(),
        options: &options,
        optimum: &optimum,
    };
    let warnings = advice(&problem, &objectives, &options, &optimum);
    let said: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    let object = chosen.json(&said);
    let threads = args.threads.unwrap_or_else(rayon::current_num_threads);
    let runs = made(study, options.runs as u64, threads, began.elapsed());
    let place = place.map(|place| put(args, &place, (study, name), &chosen, &object, &runs));
    let said = if args.json {
        say(&object.to_string())
    } else {
        let mut parts = chosen.text();
        let resized = Warning::of_model(study.base().plain());
        parts.push(notes(&resized.into_iter().chain(warnings).collect::<Vec<_>>()));
        say_parts(parts)
    };
    said_and_placed(said, place.transpose())
}

/// Writes the files of a choice and puts them in their place.
fn put(
    args: &OptimizeArgs,
    place: &Path,
    (study, name): (&Study, String),
    chosen: &Chosen<'_>,
    object: &serde_json::Value,
    runs: &Replications,
) -> Result<PathBuf, Stop> {
    // The folder belongs to this question: its lock is held, and its journal is of the same model and seed.
    let identity = Identity::of(study.base().plain(), runs);
    let folder = ResultFolder::begin(&place.join(FOLDER), identity, true).map_err(folder_stop)?;
    folder
        .write("pareto.csv", |out| chosen.pareto_csv(out))
        .and_then(|()| folder.write("regret.csv", |out| chosen.regret_csv(out)))
        .and_then(|()| folder.write("satisficing.csv", |out| chosen.satisficing_csv(out)))
        .and_then(|()| folder.write("result.json", |out| serde_json::to_writer_pretty(out, object)))
        .map_err(folder_stop)?;
    let manifest = Manifest {
        name,
        title: study.title.clone(),
        ..Manifest::of(study.base().plain(), runs, command())
    };
    add_page(&folder, &manifest, &args.page)?;
    folder.finish(&manifest).map_err(folder_stop)
}

/// Where an optimisation is kept.
struct Kept<'a> {
    place: PathBuf,
    lock: File,
    ledger: Ledger<'a>,
}

/// Takes the folder and reads its journal; nothing with `--no-files`.
fn kept<'a>(args: &OptimizeArgs, asked: &'a Asked) -> Result<Option<Kept<'a>>, Stop> {
    if args.no_files {
        return Ok(None);
    }
    let Asked {
        study,
        name,
        text,
        draws,
    } = asked;
    let plan = Plan::new(study, Start::new(study, name, text, draws.clone(), &args.sets));
    let place = args.out.clone();
    let place = place.unwrap_or_else(|| ResultFolder::default_path(&format!("{name}-optimum")));
    free_for_runs(&place, "a sweep", "runs.csv")?;
    let lock = locked(&place)?;
    let journal = opened(&place.join(JOURNAL))?;
    fits(&journal, &plan.start)?;
    let known = journal.runs();
    if known > 0 && !args.json {
        aside!("{known} runs are in the journal already ({} failed)", journal.failed());
    }
    let ledger = Ledger::new(plan, journal).map_err(failed)?;
    Ok(Some(Kept { place, lock, ledger }))
}

/// A search that ended before its answer: by Ctrl-C, or because its journal could not be written.
fn stopped(problem: &StudyProblem<'_>) -> Stop {
    let Some(ledger) = problem.ledger() else {
        return Stop::new(INTERRUPTED, "interrupted: nothing was kept (--no-files)");
    };
    match ledger.error() {
        Some(error) => Stop::new(FAILED, format!("error: {error}")),
        None => Stop::new(
            INTERRUPTED,
            format!(
                "interrupted: {} runs are safe in {}; the same command goes on from there",
                ledger.journal().runs(),
                ledger.journal().path().display()
            ),
        ),
    }
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

/// A word on a promise that these runs cannot make, before they are made.
fn too_few_to_confirm(options: &Options) -> Option<String> {
    let (needed, left) = (options.keeping.fewest(options.confidence), options.to_confirm());
    let advice = match needed.checked_mul(5) {
        Some(runs) => format!("give --runs {runs} or more, or a lower --in-share"),
        None => "no number of futures can show a share of all of them: give a lower --in-share".to_owned(),
    };
    (needed > left).then(|| {
        let note = format!(
            "note: about {left} of the runs are left for fresh futures, and fewer than {} cannot show that constraints are kept so often: {advice}",
            if needed == usize::MAX { "all".to_owned() } else { needed.to_string() }
        );
        wrapped(&note, width(), "      ")
    })
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
