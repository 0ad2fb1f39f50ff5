//! `preau attribute`: whose fault a day was, by a stated convention.

use super::given::{PlaceArgs, command, folder_stop, invalid, said_and_placed, source_beside, text_of, threads};
use super::progress::RunsBar;
use super::report::{PageArgs, add_page};
use super::sweep::foretold;
use super::{Ended, FAILED, INVALID, Stop, USAGE, say, say_parts};
use crate::experiment::attribution::{
    CausesFile, DEFAULT, Design, Job, PlayError, Played, attribute as share_out, play,
};
use crate::experiment::jobs::{JobError, MOST_REPLICATIONS};
use crate::measure::kpi::{ALL, Kpi};
use crate::output::finished::{Finished, FinishedError};
use crate::output::manifest::{ArmEntry, FORMAT, Identity, Manifest, hash};
use crate::output::{ResultFolder, attribution, number};
use crate::world::Orbit;
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[derive(Args)]
pub(super) struct AttributeArgs {
    /// A causes file [default: experiments/2021-04-06-causes.ron, which is inside the program]
    file: Option<PathBuf>,
    /// What is shared out, instead of what the file says: the name of a KPI
    #[arg(long, value_name = "NAME")]
    kpi: Option<String>,
    /// How many replications of each world [default: those of the file]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=MOST_REPLICATIONS))]
    replications: Option<u64>,
    /// Override a field of the model in every world (may be repeated)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// Seed of all random streams
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads [default: one a core]
    #[arg(long, value_parser = threads())]
    threads: Option<usize>,
    /// Say what the causes are, what is instead of each and how many runs there are, and run nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    page: PageArgs,
}

pub(super) fn attribute(args: &AttributeArgs) -> Ended {
    let (file, text) = read(args.file.as_deref(), &args.sets)?;
    let kpi = kpi(args, &file)?;
    let design = Design::new(&file, args.seed, args.replications.unwrap_or(file.replications));
    let jobs = design.jobs();
    if args.dry_run {
        let runs = format!("{} runs: {}", jobs.len(), worlds(&design));
        return say_parts(vec![file.title.clone(), attribution::plan(&file), runs]);
    }
    let identity = identity(&file, kpi, &design);
    let target = args.place.target(&format!("{}-attribute", file.plain.name));
    let folder = match &target {
        Some(target) => Some(ResultFolder::begin(target, identity.clone(), args.place.force).map_err(folder_stop)?),
        None => None,
    };
    let mut list = match &target {
        Some(target) => Some(finished(target, &file, args.seed, args.place.force)?),
        None => None,
    };
    let made = made(args, &file, kpi, jobs, list.as_mut())?;
    let found = share_out(&file, &design, kpi, &made.played).ok_or_else(|| {
        let why =
            format!("error: `{kpi}` does not exist in every world, so it cannot be shared out; give another --kpi");
        Stop::new(FAILED, why)
    })?;
    let place = folder.map(|folder| {
        folder
            .write("attribution.csv", |out| attribution::csv(out, &file, &found))
            .and_then(|()| {
                folder.write("worlds.csv", |out| {
                    attribution::worlds(out, &file, args.seed, &made.played)
                })
            })
            .and_then(|()| {
                folder.write("result.json", |out| {
                    serde_json::to_writer_pretty(out, &attribution::json(&file, &found))
                })
            })
            .and_then(|()| folder.write("causes.ron", |out| std::io::Write::write_all(out, text.as_bytes())))
            .map_err(folder_stop)?;
        let manifest = manifest(&file, identity, &made);
        add_page(&folder, &manifest, &args.page)?;
        let place = folder.finish(&manifest).map_err(folder_stop)?;
        // The runs stand in the result now: until it is in its place the list is all that is left of them.
        if let Some((list, _)) = list {
            list.remove();
        }
        Ok(place)
    });
    let said = if args.place.json {
        say(&attribution::json(&file, &found).to_string())
    } else {
        let mut parts = vec![format!(
            "{}{}: {}, the same people in every world",
            if file.title.is_empty() {
                &file.plain.title
            } else {
                &file.title
            },
            file.plain
                .size
                .label()
                .map_or(String::new(), |size| format!(", {size}")),
            worlds(&design)
        )];
        parts.extend(attribution::text(&file, &found));
        say_parts(parts)
    };
    said_and_placed(said, place.transpose())
}

/// A causes file, or the one that comes with the program, with its text; `sets` are laid over its model.
pub(super) fn read(path: Option<&Path>, sets: &[String]) -> Result<(CausesFile, String), Stop> {
    let (name, text) = text_of(path, "causes", DEFAULT)?;
    let model = |typed: &str| source_beside(path, typed);
    let file = CausesFile::read(&name, &text, &model, sets).map_err(|e| invalid(&e))?;
    Ok((file, text))
}

fn kpi(args: &AttributeArgs, file: &CausesFile) -> Result<&'static str, Stop> {
    let Some(typed) = &args.kpi else { return Ok(file.kpi) };
    let names: Vec<&str> = ALL.iter().map(|k| k.name).collect();
    Kpi::find(typed).map(|kpi| kpi.name).ok_or_else(|| {
        let advice = crate::scenario::suggest(typed, "KPI", &names);
        Stop::new(USAGE, format!("error: there is no KPI '{typed}'\n{advice}"))
    })
}

fn worlds(design: &Design) -> String {
    let replications = number::count(design.replications as usize, "replication", "replications");
    let causes = number::count(design.causes, "cause", "causes");
    if design.exact {
        format!("{} worlds of {causes}, {replications} of each", 1u64 << design.causes)
    } else {
        let orders = 2 * design.order_pairs;
        format!("{replications}, {orders} orders of {causes} in each")
    }
}

/// Runs of the same worlds that an attribution before this one finished, beside the place of the result.
fn finished(target: &Path, file: &CausesFile, seed: u64, force: bool) -> Result<(Finished, Vec<Played>), Stop> {
    let mut name = target.as_os_str().to_owned();
    name.push(".unfinished");
    let what = format!(
        "{} {seed} {:?} {}",
        env!("CARGO_PKG_VERSION"),
        file.causes,
        file.plain.text
    );
    let (list, lines) = Finished::open(Path::new(&name), &what, force).map_err(stopped)?;
    let played = lines.iter().filter_map(|line| attribution::from_line(file, line));
    Ok((list, played.collect()))
}

fn stopped(error: FinishedError) -> Stop {
    Stop::new(FAILED, format!("error: {error}"))
}

/// All runs, and what they took.
struct Made {
    played: Vec<Played>,
    threads: usize,
    elapsed: Duration,
}

/// Makes the runs that are not there yet: first two, to see how long the rest will take.
fn made(
    args: &AttributeArgs,
    file: &CausesFile,
    kpi: &str,
    mut jobs: Vec<Job>,
    list: Option<&mut (Finished, Vec<Played>)>,
) -> Result<Made, Stop> {
    let began = Instant::now();
    let quiet = args.place.json;
    let (mut list, mut played) = match list {
        Some((list, known)) => (Some(list), std::mem::take(known)),
        None => (None, Vec::new()),
    };
    played.retain(|p| jobs.contains(&p.job));
    jobs.retain(|job| !played.iter().any(|p| p.job == *job));
    if !quiet && !played.is_empty() {
        aside!("{} runs were finished before", played.len());
    }
    // The day with everything and the day with nothing: the dearest world and one of the cheapest.
    let probes = |job: &Job| job.replication == 0 && (job.coalition == 0 || job.coalition == file.everything());
    let stats = |p: &Played| (p.row.stats.own_seconds(), p.row.stats.wall_seconds);
    let known: Vec<(f64, f64)> = played.iter().map(stats).collect();
    let (first, rest): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(probes);
    let bar = RunsBar::new(first.len() + rest.len());
    let mut unkept = None;
    let mut told = |one: &Played| {
        if let Some(Err(error)) = list.as_mut().map(|list| list.add(&attribution::line(one))) {
            unkept.get_or_insert(error);
        }
        if !quiet {
            bar.row(&attribution::run_line(file, kpi, one));
        }
    };
    let (probed, mut threads) = play(file, &first, args.seed, args.threads, &mut told).map_err(failed)?;
    let spent: Vec<(f64, f64)> = known.into_iter().chain(probed.iter().map(stats)).collect();
    let (own, wall) = spent.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let each = own / spent.len().max(1) as f64;
    played.extend(probed);
    let seconds = each * rest.len() as f64 / threads.min(rest.len().max(1)) as f64;
    let foretold = foretold(seconds, threads, wall / own.max(1e-9));
    if !quiet && !rest.is_empty() {
        aside!("{} more runs: about {foretold}", rest.len());
    }
    let rest_began = Instant::now();
    let (others, of_rest) = play(file, &rest, args.seed, args.threads, &mut told).map_err(failed)?;
    played.extend(others);
    threads = threads.max(of_rest);
    bar.finish();
    if let Some(error) = unkept {
        // What is found does not depend on the list: without it only what is stopped has to begin again.
        aside!("warning: {error}");
    }
    if !quiet && !rest.is_empty() {
        let took = number::duration(rest_began.elapsed().as_secs_f64());
        aside!("they took {took} (foretold: {foretold})");
    }
    played.sort_by_key(|p| (p.job.replication, p.job.coalition));
    Ok(Made {
        played,
        threads,
        elapsed: began.elapsed(),
    })
}

fn failed(error: PlayError) -> Stop {
    let invalid = matches!(
        &error,
        PlayError::Run {
            source: JobError::Model(_),
            ..
        }
    );
    Stop::new(if invalid { INVALID } else { FAILED }, format!("error: {error}"))
}

/// Two attributions of equal identities have equal numbers: causes stand in it as arms, with what each switches.
fn identity(file: &CausesFile, kpi: &str, design: &Design) -> Identity {
    let mut identity = Identity::new(&file.plain, design.seed, 0..design.replications, Orbit::Auto, &[]);
    let of_causes = file.causes.iter().map(|cause| {
        let switched = format!("{:?}", (&cause.on, &cause.off, cause.claimed));
        ArmEntry {
            name: cause.key.clone(),
            policies: vec![hash(&switched)],
        }
    });
    identity.arms = of_causes.collect();
    identity.shared = Some(format!(
        "{kpi}, {} orders",
        if design.exact { 0 } else { 2 * design.order_pairs }
    ));
    identity
}

fn manifest(file: &CausesFile, identity: Identity, made: &Made) -> Manifest {
    Manifest {
        program: "preau".to_owned(),
        format: FORMAT,
        identity,
        name: file.plain.name.clone(),
        title: file.title.clone(),
        size: file.plain.size.factor,
        command: command(),
        created: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        threads: made.threads,
        seconds: made.elapsed.as_secs_f64(),
        model: file.plain.text.clone(),
        sweep: None,
    }
}
