//! `preau facts`: what is known of those days, and whether the model shows it.

use super::given::{command, folder_stop, invalid, notes, said_and_placed, source_beside, text_of, threads};
use super::progress::RunsBar;
use super::report::{PageArgs, add_page};
use super::{Ended, FAILED, Stop, say, say_parts};
use crate::experiment::Warning;
use crate::experiment::facts::{DEFAULT, FactsFile, judge};
use crate::experiment::jobs::MOST_REPLICATIONS;
use crate::output::manifest::{ArmEntry, FORMAT, Identity, Manifest, hash};
use crate::output::{ResultFolder, facts};
use crate::world::Orbit;
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Args)]
pub(super) struct FactsArgs {
    /// A facts file [default: models/2021-04-06.facts.ron, which is inside the program]
    file: Option<PathBuf>,
    /// How many replications of each of its worlds
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=MOST_REPLICATIONS))]
    replications: u64,
    /// Override a field of the model in every world (may be repeated)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// Seed of all random streams
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads [default: one a core]
    #[arg(long, value_parser = threads())]
    threads: Option<usize>,
    /// Folder for facts.json and its page; without it no files are written
    #[arg(long)]
    out: Option<PathBuf>,
    /// Replace another result that is in the way
    #[arg(long, requires = "out")]
    force: bool,
    #[command(flatten)]
    page: PageArgs,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

pub(super) fn facts(args: &FactsArgs) -> Ended {
    let (file, text) = read(args.file.as_deref(), &args.sets)?;
    let identity = identity(args, &file, &text);
    let folder = match &args.out {
        Some(target) => Some(ResultFolder::begin(target, identity.clone(), args.force).map_err(folder_stop)?),
        None => None,
    };
    let began = Instant::now();
    let bar = RunsBar::new(args.replications as usize * file.worlds.len());
    let told = |world: &str, replication: u64| match args.json {
        true => bar.step(),
        false => bar.row(&format!("{world}: replication {replication}")),
    };
    let judgement = judge(&file, args.seed, args.replications, args.threads, &told);
    bar.finish();
    let judgement = judgement.map_err(|error| Stop::new(FAILED, format!("error: {error}")))?;
    let object = facts::json(&file, &judgement);
    let seconds = began.elapsed().as_secs_f64();
    let place = folder.map(|folder| {
        folder
            .write("facts.json", |out| serde_json::to_writer_pretty(out, &object))
            .and_then(|()| folder.write("facts.ron", |out| std::io::Write::write_all(out, text.as_bytes())))
            .map_err(folder_stop)?;
        let manifest = manifest(args, &file, identity, seconds);
        add_page(&folder, &manifest, &args.page)?;
        folder.finish(&manifest).map_err(folder_stop)
    });
    let said = if args.json {
        say(&object.to_string())
    } else {
        let model = Warning::of_model(&file.worlds[0].scenario);
        say_parts(vec![facts::text(&file, &judgement), notes(model.as_slice())])
    };
    said_and_placed(said, place.transpose())
}

/// A facts file, or the one that comes with the program, with its text; `sets` are laid over its model.
pub(super) fn read(path: Option<&Path>, sets: &[String]) -> Result<(FactsFile, String), Stop> {
    let (name, text) = text_of(path, "facts", DEFAULT)?;
    let model = |typed: &str| source_beside(path, typed);
    let file = FactsFile::read(&name, &text, &model, sets).map_err(|e| invalid(&e))?;
    Ok((file, text))
}

/// Two judgements of equal identities have equal numbers: the facts stand in it as an arm.
fn identity(args: &FactsArgs, file: &FactsFile, text: &str) -> Identity {
    let plain = &file.worlds[0].scenario;
    let mut identity = Identity::new(plain, args.seed, 0..args.replications, Orbit::Auto, &[]);
    identity.arms = vec![ArmEntry {
        name: "facts".to_owned(),
        policies: vec![hash(text), hash(&args.sets.join("\n"))],
    }];
    identity
}

fn manifest(args: &FactsArgs, file: &FactsFile, identity: Identity, seconds: f64) -> Manifest {
    let plain = &file.worlds[0].scenario;
    Manifest {
        program: "preau".to_owned(),
        format: FORMAT,
        identity,
        name: plain.name.clone(),
        title: plain.title.clone(),
        size: plain.size.factor,
        command: command(),
        created: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        threads: args.threads.unwrap_or_else(rayon::current_num_threads),
        seconds,
        model: plain.text.clone(),
        sweep: None,
    }
}
