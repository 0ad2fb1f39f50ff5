//! `preau merge`: the shares of a sweep joined into one.

use super::given::{command, invalid};
use super::report::in_any_language;
use super::sweep::{JOURNAL, can_write, ended, failed, free_for_runs, is_sweep, locked, opened, tell, usage};
use super::{Ended, PARTIAL, Stop};
use crate::experiment::sweep::{Plan, merge as merge_journals};
use crate::output::sweep::{Making, write};
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(super) struct MergeArgs {
    /// Folders of the shares
    #[arg(value_name = "DIR", required = true)]
    shares: Vec<PathBuf>,
    /// Folder of the whole sweep
    #[arg(long)]
    out: PathBuf,
    /// Write the tables as Parquet too (runs.parquet, points.parquet)
    #[arg(long)]
    parquet: bool,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

pub(super) fn merge(args: &MergeArgs) -> Ended {
    can_write(args.parquet)?;
    let journals: Vec<PathBuf> = args.shares.iter().map(|share| share.join(JOURNAL)).collect();
    for (i, (share, journal)) in args.shares.iter().zip(&journals).enumerate() {
        if !journal.is_file() {
            return Err(usage(format!("{} holds no journal of a sweep", share.display())));
        }
        is_sweep(share)?;
        if same(share, &args.out) {
            return Err(usage(format!(
                "{} cannot be a share and the whole at once; give another --out",
                share.display()
            )));
        }
        if let Some(twice) = args.shares[..i].iter().find(|earlier| same(earlier, share)) {
            let (twice, share) = (twice.display(), share.display());
            return Err(usage(format!("{twice} and {share} are one share; give each once")));
        }
    }
    // Nobody may add to a share while it is read.
    let _shares: Vec<_> = args
        .shares
        .iter()
        .map(|share| locked(share))
        .collect::<Result<_, _>>()?;
    free_for_runs(&args.out, "an optimisation", "pareto.csv")?;
    let _lock = locked(&args.out)?;
    let path = args.out.join(JOURNAL);
    let new = !path.exists();
    let mut journal = opened(&path)?;
    let start = merge_journals(&journals, &mut journal).map_err(|error| {
        if new {
            // What could not be joined leaves no beginning of a journal, which the next try would take for one.
            let _ = std::fs::remove_file(&path);
        }
        failed(error)
    })?;
    let study = start.read().map_err(|problems| invalid(&problems))?;
    let plan = Plan::new(&study, start);
    let making = Making {
        folder: &args.out,
        command: command(),
        threads: 0,
        seconds: 0.0,
        parquet: args.parquet,
    };
    let written = write(&plan, &mut journal, making, &in_any_language).map_err(failed)?;
    tell(args.json, &study, &written, None)?;
    if written.entry.missing > 0 {
        let message = format!("{} runs are in none of the shares", written.entry.missing);
        return Err(Stop::new(PARTIAL, message));
    }
    ended(&written)
}

fn same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}
