//! `preau sweep`: all runs of an experiment, each written down as it ends.

use super::asked::{Asked, asked};
use super::given::{command, threads};
use super::progress::RunsBar;
use super::report::in_any_language;
use super::{Ended, FAILED, INTERRUPTED, PARTIAL, Stop, USAGE, say, say_parts};
use crate::experiment::Warning;
use crate::experiment::jobs::MOST_REPLICATIONS;
use crate::experiment::study::{Replications, Role, Study};
use crate::experiment::sweep::{Journal, Opened, Plan, Record, Shard, Start, Swept, Told, estimate};
use crate::output::columnar;
use crate::output::folder::{MANIFEST, is_empty_folder};
use crate::output::sweep::{FOLDER, Making, Written, write};
use crate::output::table::{plain, width};
use crate::output::{ResultFolder, number};
use crate::scenario::wrapped;
use clap::Args;
use serde_json::json;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

pub(super) use crate::output::folder::JOURNAL;

/// Held by the program that works in the folder.
const LOCK: &str = ".lock";
/// When runs take so many times as long as they would alone, that is worth a word.
const BUSY: f64 = 1.3;
/// So many points are listed by a dry run.
const LISTED: usize = 40;

#[derive(Args)]
pub(super) struct SweepArgs {
    /// An experiment file, or the name of one that comes with the program
    #[arg(value_name = "FILE")]
    file: String,
    /// List the points, and say how long the runs will take and how much they will write; run nothing but one to be timed
    #[arg(long)]
    dry_run: bool,
    /// Override a field of the model at every point (may be repeated)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// How many replications of each point [default: what the file says]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=MOST_REPLICATIONS))]
    replications: Option<u64>,
    /// Make only the i-th of n shares of the runs, for example 2/8; `preau merge` joins them
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Make runs again that have failed
    #[arg(long)]
    retry_failed: bool,
    /// Folder of the journal and the result files [default: notebooks-out/NAME]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Threads [default: one a core]
    #[arg(long, value_parser = threads())]
    threads: Option<usize>,
    /// Write the tables as Parquet too (runs.parquet, points.parquet)
    #[arg(long)]
    parquet: bool,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

pub(super) fn sweep(args: &SweepArgs) -> Ended {
    can_write(args.parquet)?;
    let Asked {
        study,
        name,
        text,
        draws,
    } = asked(&args.file, &args.sets)?;
    let mut start = Start::new(&study, &name, &text, draws, &args.sets);
    start.replications = args.replications;
    start.shard = args.shard.map(|shard| (shard.i, shard.n));
    let plan = Plan::new(&study, start);
    let folder = args.out.clone().unwrap_or_else(|| default_folder(&name, args.shard));
    if args.dry_run {
        return dry_run(args, &plan, &folder);
    }
    free_for_runs(&folder, "an optimisation", "pareto.csv")?;
    let _lock = locked(&folder)?;
    let mut journal = opened(&folder.join(JOURNAL))?;
    fits(&journal, &plan.start)?;
    let began = Instant::now();
    let swept = run(args, &plan, &mut journal)?;
    if swept.stopped {
        let message = format!(
            "interrupted: {} runs are safe in {}; the same command goes on from there",
            journal.runs(),
            journal.path().display()
        );
        return Err(Stop::new(INTERRUPTED, message));
    }
    let making = Making {
        folder: &folder,
        command: command(),
        threads: swept.threads,
        seconds: began.elapsed().as_secs_f64(),
        parquet: args.parquet,
    };
    let written = write(&plan, &mut journal, making, &in_any_language).map_err(failed)?;
    tell(args.json, &study, &written, Some(&swept))?;
    ended(&written)
}

/// Before hours of runs: whether their tables can be written as they are wanted.
pub(super) fn can_write(parquet: bool) -> Ended {
    match parquet && !columnar::AVAILABLE {
        true => Err(usage(format!("--parquet: {}", columnar::ADVICE))),
        false => Ok(()),
    }
}

/// `notebooks-out/NAME`, with the share behind it.
fn default_folder(name: &str, shard: Option<Shard>) -> PathBuf {
    let share = shard.map_or(String::new(), |shard| format!("-{}-of-{}", shard.i, shard.n));
    ResultFolder::default_path(&format!("{name}{share}"))
}

/// Takes the folder for this program alone.
pub(super) fn locked(folder: &Path) -> Result<File, Stop> {
    let error = |e: std::io::Error| Stop::new(FAILED, format!("error: cannot write {}: {e}", folder.display()));
    if folder.exists() && !folder.is_dir() {
        return Err(failed(format!(
            "{} exists and is no folder; give another --out",
            folder.display()
        )));
    }
    fs::create_dir_all(folder).map_err(error)?;
    let file = File::create(folder.join(LOCK)).map_err(error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Stop::new(
            FAILED,
            format!(
                "error: another program is at work in {}; wait for it, or give another --out",
                folder.display()
            ),
        )),
        // Some network disks know no locks: then one program at a time is the user's own care.
        Err(TryLockError::Error(e)) if e.kind() == std::io::ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(e)) => Err(error(e)),
    }
}

/// The journal of a folder, with a word on a record that was torn.
pub(super) fn opened(path: &Path) -> Result<Journal, Stop> {
    let Opened { journal, torn } = Journal::open(path).map_err(failed)?;
    if torn > 0 {
        aside!(
            "note: the last record of the journal was not whole ({torn} bytes) and is left out: its run is made again"
        );
    }
    Ok(journal)
}

pub(super) fn failed(error: impl std::fmt::Display) -> Stop {
    Stop::new(FAILED, format!("error: {error}"))
}

/// Runs of another model must not stand beside these.
pub(super) fn fits(journal: &Journal, start: &Start) -> Result<(), Stop> {
    let difference = journal.first().and_then(|first| first.difference(start));
    difference.map_or(Ok(()), |difference| {
        let place = journal.path().display();
        Err(Stop::new(
            FAILED,
            format!("error: {place} holds runs {difference}; give another --out"),
        ))
    })
}

/// The results of another verb must not be replaced by these; `file` is one that only they have. Nor may a journal lie in the folder of
/// a result, which is replaced as a whole.
pub(super) fn free_for_runs(folder: &Path, whose: &str, file: &str) -> Ended {
    let results = folder.join(FOLDER);
    let what = if folder.join(MANIFEST).exists() {
        "a result".to_owned()
    } else if results.exists() && !results.join(MANIFEST).is_file() && !is_empty_folder(&results) {
        "something that is called results and is none of preau's".to_owned()
    } else if results.join(file).exists() {
        format!("the results of {whose}")
    } else {
        return Ok(());
    };
    Err(failed(format!("{} holds {what}; give another --out", folder.display())))
}

/// An optimisation has a journal too, and no points of a sweep.
pub(super) fn is_sweep(folder: &Path) -> Ended {
    match folder.join(FOLDER).join("pareto.csv").exists() {
        true => Err(usage(format!(
            "{} holds an optimisation and no sweep",
            folder.display()
        ))),
        false => Ok(()),
    }
}

fn run(args: &SweepArgs, plan: &Plan<'_>, journal: &mut Journal) -> Result<Swept, Stop> {
    let stop = Arc::new(AtomicBool::new(false));
    watch_signals(&stop)?;
    let known = journal.runs();
    if known > 0 && !args.json {
        aside!("{known} runs are in the journal already ({} failed)", journal.failed());
    }
    let most = plan.most_runs();
    let bar = RunsBar::new((most as usize).saturating_sub(known));
    let mut told = |told: &Told<'_>| {
        let point = plan.words(&plan.study.point(told.point));
        match told.record {
            Record::Failed(failed) => bar.row(&format!(
                "FAILED  replication {} of {point}: {}",
                told.replication, failed.reason
            )),
            _ if args.json => bar.step(),
            _ => bar.row(&format!("replication {} of {point}", told.replication)),
        }
        bar.say(&match told.failed {
            0 => String::new(),
            failed => format!("{failed} failed"),
        });
    };
    let swept = crate::experiment::sweep::sweep(plan, journal, args.threads, Some(&stop), args.retry_failed, &mut told);
    bar.finish();
    swept.map_err(failed)
}

/// Ctrl-C and the like let runs under way go and end the sweep; a second one ends the program at once.
pub(super) fn watch_signals(stop: &Arc<AtomicBool>) -> Result<(), Stop> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, i32::from(INTERRUPTED), stop.clone())
            .and_then(|_| signal_hook::flag::register(signal, stop.clone()))
            .map_err(failed)?;
    }
    Ok(())
}

/// What came of it, for people or programs.
pub(super) fn tell(as_json: bool, study: &Study, written: &Written, swept: Option<&Swept>) -> Ended {
    let entry = &written.entry;
    if as_json {
        let reasons = written
            .reasons
            .iter()
            .map(|(reason, runs, point)| json!({"reason": reason, "runs": runs, "first_point": point}));
        let object = json!({
            "title": study.title, "design": entry.design, "points": entry.points, "runs": entry.runs,
            "made_now": swept.map(|swept| swept.made), "failed": entry.failed, "missing": entry.missing,
            "failures": reasons.collect::<Vec<_>>(), "notes": written.notes(), "files": written.place,
        });
        return say(&object.to_string());
    }
    let made = swept.map_or(String::new(), |swept| {
        format!(", {} of them made now", number::whole(swept.made as f64))
    });
    let heading = format!(
        "{}: {}, {}{made}",
        if study.title.is_empty() { "Sweep" } else { &study.title },
        number::count(entry.points, "point", "points"),
        number::count(entry.runs, "run", "runs")
    );
    let size = study.base().plain().size.label();
    let heading = size.map_or(heading.clone(), |size| format!("{heading}, {size}"));
    let note = |note: String| wrapped(&format!("note: {note}"), width(), "      ");
    let resized = Warning::of_model(study.base().plain()).map(|warning| warning.to_string());
    let notes: Vec<String> = written.notes().into_iter().chain(resized).map(note).collect();
    say_parts(vec![heading, written.table(study), notes.join("\n")])?;
    aside!("files: {}", written.place.display());
    Ok(())
}

/// Failed runs make a sweep a partial one.
pub(super) fn ended(written: &Written) -> Ended {
    match written.entry.failed {
        0 => Ok(()),
        failed => Err(Stop::new(
            PARTIAL,
            format!(
                "{} failed; all others are in the files",
                number::count(failed, "run", "runs")
            ),
        )),
    }
}

fn dry_run(args: &SweepArgs, plan: &Plan<'_>, folder: &Path) -> Ended {
    let study = plan.study;
    let path = folder.join(JOURNAL);
    let known = if path.is_file() {
        Some(Journal::read(&path).map_err(failed)?)
    } else {
        None
    };
    if let Some(journal) = &known {
        fits(journal, &plan.start)?;
    }
    let most = plan.most_runs();
    let holds = |p: usize, r: u64| {
        known
            .as_ref()
            .is_some_and(|j| j.holds(plan.name(&study.point(p), r), &plan.start.columns))
    };
    let each = match &plan.replications {
        Replications::Fixed(n) => *n,
        Replications::UntilPrecision(precision) => precision.at_most,
    };
    let mine = |(p, r): &(usize, u64)| plan.is_mine(*p, *r);
    let all = || {
        (0..study.points())
            .flat_map(|p| (0..each).map(move |r| (p, r)))
            .filter(mine)
    };
    let there = if known.is_some() {
        all().filter(|(p, r)| holds(*p, *r)).count() as u64
    } else {
        0
    };
    let timed = estimate(plan)
        .map_err(|error| Stop::new(FAILED, format!("error: the run that was to be timed failed: {error}")))?;
    let threads = args.threads.unwrap_or_else(rayon::current_num_threads).max(1);
    let seconds = (most - there) as f64 * timed.seconds / threads as f64;
    let beginning = Record::Start(Box::new(plan.start.clone())).line().len();
    let bytes = beginning as f64 + most as f64 * timed.bytes as f64;
    if args.json {
        let object = json!({
            "title": study.title, "design": study.design.name(), "points": study.points(), "runs": most, "runs_there": there,
            "seconds_a_run": timed.seconds, "timed_at": timed.scale, "threads": threads, "seconds": seconds, "slowed_now": timed.slowed, "bytes": bytes,
            "factors": study.factors.iter().map(|f| json!({"name": f.name, "role": f.role.name(), "what": f.describe()})).collect::<Vec<_>>(),
        });
        return say(&object.to_string());
    }
    let factor = |f: &crate::experiment::study::Factor| {
        let role = if f.role == Role::Lever { "lever" } else { "uncertainty" };
        wrapped(&format!("{role} {}: {}", f.name, f.describe()), width(), "    ")
    };
    let factors: Vec<String> = study.factors.iter().map(factor).collect();
    let rows = (0..study.points().min(LISTED)).map(|p| {
        let point = study.point(p);
        std::iter::once(p.to_string()).chain(point.settings).collect()
    });
    let head: Vec<&str> = std::iter::once("point")
        .chain(study.factors.iter().map(|f| f.name.as_str()))
        .collect();
    // A table of many factors would be wider than any terminal.
    let mut matrix = if head.len() > 12 {
        String::new()
    } else {
        plain(&head, rows.collect())
    };
    if study.points() > LISTED && !matrix.is_empty() {
        matrix.push_str(&format!(
            "\n… and {} points more",
            number::whole((study.points() - LISTED) as f64)
        ));
    }
    let how = if timed.scale < 1.0 {
        format!(
            "as one run of {} of the size says, times as many people",
            number::percent(timed.scale)
        )
    } else {
        "as one of its runs says".to_owned()
    };
    let up_to = if matches!(plan.replications, Replications::UntilPrecision(_)) {
        "at most "
    } else {
        ""
    };
    let summary = format!(
        "{}: {} points, {up_to}{} replications of each: {up_to}{} runs here{}\nabout {} a run ({how}), {}; {} of journal",
        if study.title.is_empty() { "Sweep" } else { &study.title },
        number::whole(study.points() as f64),
        each,
        number::whole(most as f64),
        if there > 0 {
            format!(", {} of them there already", number::whole(there as f64))
        } else {
            String::new()
        },
        number::duration(timed.seconds),
        foretold(seconds, threads, timed.slowed),
        bytes_in_words(bytes),
    );
    say_parts(vec![summary, factors.join("\n"), matrix])
}

/// How long runs will take on threads that have their cores for themselves, and on a machine that stays as busy as it was when
/// the first runs were timed, where that makes a difference. With few cores the runs slow each other too, which is not counted.
pub(super) fn foretold(seconds: f64, threads: usize, slowed: f64) -> String {
    let free = format!("{} on {threads} threads", number::duration(seconds));
    match slowed >= BUSY {
        true => format!(
            "{free} if nothing else runs ({} as busy as the machine is now)",
            number::duration(seconds * slowed)
        ),
        false => free,
    }
}

fn bytes_in_words(bytes: f64) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"];
    let power = (bytes.max(1.0).log10() / 3.0) as usize;
    let power = power.min(units.len() - 1);
    format!(
        "{} {}",
        number::significant(bytes / 1000_f64.powi(power as i32), 2),
        units[power]
    )
}

/// A `--set` and the like that can only be wrong usage.
pub(super) fn usage(message: impl std::fmt::Display) -> Stop {
    Stop::new(USAGE, format!("error: {message}"))
}
