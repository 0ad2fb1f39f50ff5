//! `preau facts`: what is known of those days, and whether the model shows it.

use super::given::{invalid, source};
use super::progress::RunsBar;
use super::{Ended, FAILED, INVALID, Stop, say};
use crate::experiment::facts::{DEFAULT, FactsFile, judge};
use crate::output::facts;
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(super) struct FactsArgs {
    /// A facts file [default: models/2021-04-06.facts.ron, which is inside the program]
    file: Option<PathBuf>,
    /// How many replications of each of its worlds
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    replications: u64,
    /// Override a field of the model in every world (may be repeated)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// Seed of all random streams
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads [default: one a core]
    #[arg(long)]
    threads: Option<usize>,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

pub(super) fn facts(args: &FactsArgs) -> Ended {
    let (name, text) = match &args.file {
        Some(path) => {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path)
                .map_err(|e| Stop::new(INVALID, format!("error: cannot read the facts {name}: {e}")))?;
            (name, text)
        }
        None => (DEFAULT.0.to_owned(), DEFAULT.1.to_owned()),
    };
    // A model beside the file comes first, as with `base`.
    let beside = |typed: &str| {
        let folder = args.file.as_deref().and_then(Path::parent)?;
        let paths = [folder.join(typed), folder.join(format!("{typed}.ron"))];
        paths
            .into_iter()
            .find(|path| path.is_file())
            .map(|path| path.display().to_string())
    };
    let model = |typed: &str| source(Some(&beside(typed).unwrap_or_else(|| typed.to_owned())));
    let file = FactsFile::read(&name, &text, &model, &args.sets).map_err(|e| invalid(&e))?;
    let bar = RunsBar::new(args.replications as usize * file.worlds.len());
    let told = |world: &str, replication: u64| {
        if !args.json {
            bar.row(&format!("{world}: replication {replication}"));
        }
    };
    let judgement = judge(&file, args.seed, args.replications, args.threads, &told);
    bar.finish();
    let judgement = judgement.map_err(|error| Stop::new(FAILED, format!("error: {error}")))?;
    if args.json {
        return say(&facts::json(&file, &judgement).to_string());
    }
    say(&facts::text(&file, &judgement))
}
