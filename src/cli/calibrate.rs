//! `preau calibrate`: unknown numbers of a model as a posterior, given the facts.

use super::given::{PlaceArgs, command, folder_stop, invalid, said_and_placed, source_beside, text_of, threads};
use super::progress::RunsBar;
use super::report::{PageArgs, add_page};
use super::{Ended, FAILED, INVALID, Stop, say, say_parts};
use crate::experiment::calibration::{
    CalibrationFile, Country, DEFAULT, MOST_PARTICLES, MOST_ROUNDS, ObserveError, Population, Seen, Settings,
    Simulator, calibrate as look, draws,
};
use crate::experiment::facts::DEFAULT as FACTS;
use crate::output::calibration::{self as output, Check};
use crate::output::finished::{Finished, FinishedError};
use crate::output::manifest::{ArmEntry, FORMAT, Identity, Manifest, hash};
use crate::output::{ResultFolder, number};
use crate::scenario::{Source, file_text};
use crate::world::Orbit;
use clap::Args;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

#[derive(Args)]
pub(super) struct CalibrateArgs {
    /// A calibration file [default: experiments/2021-04-06-calibration.ron, which is inside the program]
    file: Option<PathBuf>,
    /// Particles of a population [default: those of the file]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(4..=MOST_PARTICLES as u64))]
    particles: Option<u64>,
    /// Rounds, the first from the prior [default: those of the file]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=MOST_ROUNDS as u64))]
    rounds: Option<u64>,
    /// Most runs in all rounds together [default: as many as particles and rounds come to]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    runs: Option<u64>,
    /// Fresh runs at draws of the posterior, to see how often each fact shows
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=MOST_PARTICLES as u64))]
    checks: u64,
    /// Look at a smaller country, for example 0.05: quicker, and another one near saturation
    #[arg(long, value_name = "FACTOR")]
    size: Option<f64>,
    /// Override a field of the model in every run (may be repeated)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// Seed of all random streams
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads [default: one a core]
    #[arg(long, value_parser = threads())]
    threads: Option<usize>,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    page: PageArgs,
}

pub(super) fn calibrate(args: &CalibrateArgs) -> Ended {
    let sets: Vec<String> = args
        .size
        .map(|s| format!("size={s}"))
        .into_iter()
        .chain(args.sets.clone())
        .collect();
    let (file, text) = read(args.file.as_deref(), &sets)?;
    let model = |typed: &str| -> Source { source_beside(args.file.as_deref(), typed) };
    let settings = settings(args, &file);
    let identity = identity(args, &file, &settings);
    let target = args
        .place
        .target(&format!("{}-calibrate", file.middle.worlds[0].scenario.name));
    let folder = match &target {
        Some(target) => Some(ResultFolder::begin(target, identity.clone(), args.place.force).map_err(folder_stop)?),
        None => None,
    };
    let (list, known) = match &target {
        Some(target) => {
            let (list, known) = finished(target, &file, &settings, args.place.force)?;
            (Some(list), known)
        }
        None => (None, BTreeMap::new()),
    };
    let country = Country {
        file: &file,
        model: &model,
        seed: args.seed,
    };
    let began = Instant::now();
    let told = Told {
        country,
        bar: RunsBar::new(most_runs(&settings) as usize + args.checks as usize),
        quiet: args.place.json,
        known,
        list: Mutex::new(list),
        first: Mutex::new(None),
        most: most_runs(&settings) + args.checks,
        threads: args.threads.unwrap_or_else(rayon::current_num_threads).max(1),
    };
    let all = || -> Result<(Population, Option<Check>), Problem> {
        let found = look(&settings, &told, &mut |_| ())?;
        let check = check(args, &file, &found, &told)?;
        Ok((found, check))
    };
    let (found, check) = match args.threads {
        None => all(),
        Some(threads) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.map_err(|e| Stop::new(FAILED, format!("error: cannot start {threads} threads: {e}")))?;
            pool.install(all)
        }
    }
    .map_err(failed)?;
    told.bar.finish();
    let list = told.list.into_inner().unwrap_or_else(|e| e.into_inner());
    let place = folder.map(|folder| {
        folder
            .write("posterior.csv", |out| output::posterior_csv(out, &file, &found))
            .and_then(|()| folder.write("particles.csv", |out| output::particles_csv(out, &file, &found)))
            .and_then(|()| {
                let object = output::json(&file, &found, check.as_ref());
                folder.write("result.json", |out| serde_json::to_writer_pretty(out, &object))
            })
            .and_then(|()| folder.write("calibration.ron", |out| std::io::Write::write_all(out, text.as_bytes())))
            .map_err(folder_stop)?;
        let manifest = manifest(&file, identity, told.threads, began.elapsed().as_secs_f64());
        add_page(&folder, &manifest, &args.page)?;
        let place = folder.finish(&manifest).map_err(folder_stop)?;
        // The runs stand in the result now: until it is in its place the list is all that is left of them.
        if let Some(list) = list {
            list.remove();
        }
        Ok(place)
    });
    let said = if args.place.json {
        say(&output::json(&file, &found, check.as_ref()).to_string())
    } else {
        let mut parts = vec![file.title.clone()];
        parts.extend(output::text(&file, &found, check.as_ref()));
        say_parts(parts)
    };
    said_and_placed(said, place.transpose())
}

/// A calibration file, or the one that comes with the program, with its text; `sets` are laid over its model.
pub(super) fn read(path: Option<&Path>, sets: &[String]) -> Result<(CalibrationFile, String), Stop> {
    let (name, text) = text_of(path, "calibration", DEFAULT)?;
    let model = |typed: &str| source_beside(path, typed);
    let facts = |typed: &str| facts(path, typed);
    let file = CalibrationFile::read(&name, &text, &facts, &model, sets).map_err(|e| invalid(&e))?;
    Ok((file, text))
}

/// A facts file by what a calibration calls it: beside the calibration, as a path, or the one inside the program.
fn facts(file: Option<&Path>, typed: &str) -> Result<(String, String), String> {
    let beside = file.and_then(Path::parent).map(|folder| folder.join(typed));
    let paths = beside.into_iter().chain([PathBuf::from(typed)]);
    match paths.into_iter().find(|path| path.is_file()) {
        Some(path) => {
            let text = file_text(&path).map_err(|e| format!("cannot read the facts `{typed}`: {e}"))?;
            Ok((path.display().to_string(), text))
        }
        None if typed == FACTS.0 => Ok((FACTS.0.to_owned(), FACTS.1.to_owned())),
        None if typed.is_empty() => Err("`facts` is missing: expected a facts file".to_owned()),
        None => Err(format!("there is no facts file `{typed}`")),
    }
}

/// Share of a population that is kept.
const KEEP: f64 = 0.5;
/// When fewer proposals than this come nearer, further rounds are not worth their runs.
const LEAST_ACCEPTED: f64 = 0.02;

fn settings(args: &CalibrateArgs, file: &CalibrationFile) -> Settings {
    Settings {
        dimensions: file.parameters.len(),
        particles: args.particles.map_or(file.particles, |n| n as usize),
        rounds: args.rounds.map_or(file.rounds, |n| n as usize),
        runs: args.runs.unwrap_or(u64::MAX),
        keep: KEEP,
        least_accepted: LEAST_ACCEPTED,
        seed: args.seed,
    }
}

fn most_runs(settings: &Settings) -> u64 {
    let (particles, rounds) = (settings.particles as f64, settings.rounds as f64);
    let all = particles + (rounds - 1.0) * libm::floor((1.0 - settings.keep) * particles);
    (all as u64).min(settings.runs)
}

/// Makes runs, or takes those that were finished before, and tells of them.
struct Told<'a> {
    country: Country<'a>,
    bar: RunsBar,
    quiet: bool,
    known: BTreeMap<u64, Seen>,
    list: Mutex<Option<Finished>>,
    /// When the first run here began.
    first: Mutex<Option<Instant>>,
    most: u64,
    threads: usize,
}

/// Why a run gave nothing, or could not be kept.
enum Problem {
    Run(ObserveError),
    Disk(FinishedError),
}

impl Simulator for Told<'_> {
    type Error = Problem;

    fn observe(&self, point: &[f64], run: u64) -> Result<Seen, Problem> {
        if let Some(seen) = self.known.get(&run) {
            return Ok(seen.clone());
        }
        let began = Instant::now();
        let seen = self.country.observe(point, run).map_err(Problem::Run)?;
        let mut list = self.list.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(list) = list.as_mut() {
            list.add(&output::line(run, &seen)).map_err(Problem::Disk)?;
        }
        if self.quiet {
            self.bar.step();
        } else {
            self.bar.row(&format!(
                "run {run}: distance {}",
                number::significant(seen.distance, 3)
            ));
            let mut first = self.first.lock().unwrap_or_else(|e| e.into_inner());
            if first.is_none() {
                *first = Some(began);
                let left = self.most.saturating_sub(self.known.len() as u64 + 1) as f64;
                let seconds = began.elapsed().as_secs_f64() * left / self.threads as f64;
                aside!(
                    "at most {left} more runs on {} threads: about {}",
                    self.threads,
                    number::duration(seconds)
                );
            }
        }
        Ok(seen)
    }
}

fn failed(problem: Problem) -> Stop {
    match problem {
        Problem::Run(error @ ObserveError::Model { .. }) => Stop::new(INVALID, format!("error: {error}")),
        Problem::Run(error) => Stop::new(FAILED, format!("error: {error}")),
        Problem::Disk(error) => Stop::new(FAILED, format!("error: {error}")),
    }
}

/// Runs with new random numbers at draws of the posterior.
fn check(
    args: &CalibrateArgs,
    file: &CalibrationFile,
    found: &Population,
    told: &Told<'_>,
) -> Result<Option<Check>, Problem> {
    use rayon::prelude::*;
    if args.checks == 0 {
        return Ok(None);
    }
    let first = found.all.len() as u64;
    let drawn = draws(&found.kept, args.checks as usize, args.seed);
    let seen: Vec<Result<Seen, Problem>> = drawn
        .into_par_iter()
        .enumerate()
        .map(|(i, particle)| told.observe(&particle.point, first + i as u64))
        .collect();
    let seen = seen.into_iter().collect::<Result<Vec<Seen>, Problem>>()?;
    let shown = |f: usize| seen.iter().filter(|s| s.holds[f]).count() as u64;
    Ok(Some(Check {
        runs: seen.len() as u64,
        shown: (0..file.facts.len()).map(shown).collect(),
    }))
}

/// The list of finished runs beside the place of the result.
fn finished(
    target: &Path,
    file: &CalibrationFile,
    settings: &Settings,
    force: bool,
) -> Result<(Finished, BTreeMap<u64, Seen>), Stop> {
    let mut name = target.as_os_str().to_owned();
    name.push(".unfinished");
    let what = format!("{} {settings:?} {}", env!("CARGO_PKG_VERSION"), file.fingerprint());
    let (list, lines) = Finished::open(Path::new(&name), &what, force).map_err(|e| failed(Problem::Disk(e)))?;
    let known = lines.iter().filter_map(|line| output::from_line(line));
    Ok((
        list,
        known.filter(|(_, seen)| seen.holds.len() == file.facts.len()).collect(),
    ))
}

/// Two calibrations of equal identities have equal numbers; parameters, settings and facts stand in it as arms.
fn identity(args: &CalibrateArgs, file: &CalibrationFile, settings: &Settings) -> Identity {
    let plain = &file.middle.worlds[0].scenario;
    let mut identity = Identity::new(plain, args.seed, 0..settings.particles as u64, Orbit::Auto, &[]);
    let arm = |name: String, policies: Vec<String>| ArmEntry { name, policies };
    let parameters = file
        .parameters
        .iter()
        .map(|p| arm(p.key.clone(), vec![hash(&format!("{p:?}"))]));
    identity.arms = parameters.collect();
    let how = format!(
        "{} rounds, {} runs, {} checks",
        settings.rounds,
        most_runs(settings),
        args.checks
    );
    identity.arms.push(arm(how, vec![hash(&file.fingerprint())]));
    identity
}

fn manifest(file: &CalibrationFile, identity: Identity, threads: usize, seconds: f64) -> Manifest {
    let plain = &file.middle.worlds[0].scenario;
    Manifest {
        program: "preau".to_owned(),
        format: FORMAT,
        identity,
        name: plain.name.clone(),
        title: file.title.clone(),
        size: plain.size.factor,
        command: command(),
        created: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        threads,
        seconds,
        model: plain.text.clone(),
        sweep: None,
    }
}
