//! What most verbs are given: a model, overrides, policies, a seed, a place for results.

use super::{Ended, FAILED, INVALID, Stop, USAGE, say};
use crate::experiment::jobs::MOST_THREADS;
use crate::experiment::{Arm, ReplicateError, Warning};
use crate::output::number;
use crate::output::table::width;
use crate::output::{FolderError, ResultFolder};
use crate::scenario::model::{PolicyId, Scenario};
use crate::scenario::{Builtin, Diagnostics, Source, builtin, file_text, load, wrapped};
use crate::world::{Mode, requests_expected, visits_expected};
use clap::builder::RangedU64ValueParser;
use clap::{Args, ValueEnum};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Name of the model that is run when none is named.
pub(super) const DEFAULT_MODEL: &str = "2021-04-06";

/// The model and what is laid over it.
#[derive(Args)]
pub(super) struct ModelArgs {
    /// A model file, or the name of a model that comes with the program [default: 2021-04-06]
    pub model: Option<String>,
    /// Override a field, for example --set services.ent-idf.quota.max_sessions=300000 (may be repeated)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,
    /// Print the final model, includes and overrides applied, and do nothing else
    #[arg(long)]
    pub show_model: bool,
}

/// How runs are made.
#[derive(Args)]
pub(super) struct MakingArgs {
    /// Seed of all random streams
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How people who wait to knock again are simulated: one stream for all where that is exact, or event by event
    #[arg(long, value_enum, default_value_t = OrbitArg::Auto)]
    pub orbit: OrbitArg,
    /// What stands for pages, polls and floods: fluids, or an event for each (the referee, for small systems)
    #[arg(long, value_enum, default_value_t = ModeArg::Auto)]
    pub mode: ModeArg,
    /// Make a run in which every request is an event even if it takes hours
    #[arg(long)]
    pub however_long: bool,
    /// Threads [default: one a core]
    #[arg(long, value_parser = threads())]
    pub threads: Option<usize>,
}

/// Where results go.
#[derive(Args)]
pub(super) struct PlaceArgs {
    /// Folder of the result files [default: notebooks-out/NAME]
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Write no files
    #[arg(long, conflicts_with_all = ["out", "force"])]
    pub no_files: bool,
    /// Replace another result that is in the way
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object and nothing else
    #[arg(long)]
    pub json: bool,
}

/// How people who wait to knock again are simulated.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum OrbitArg {
    /// One stream for all where that is exact
    Auto,
    /// Event by event
    Events,
}

impl From<ModeArg> for Mode {
    fn from(arg: ModeArg) -> Self {
        match arg {
            ModeArg::Auto => Mode::Auto,
            ModeArg::Events => Mode::Events,
        }
    }
}

impl From<OrbitArg> for crate::world::Orbit {
    fn from(arg: OrbitArg) -> Self {
        match arg {
            OrbitArg::Auto => crate::world::Orbit::Auto,
            OrbitArg::Events => crate::world::Orbit::Events,
        }
    }
}

/// What stands for pages, polls and floods.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ModeArg {
    /// Fluids
    Auto,
    /// An event for each
    Events,
}

/// A run of more events than this is worth a word: at 1 to 3 million a second it takes a minute.
const MANY: f64 = 1e8;
/// A run of more is refused unless it is meant: it takes the better part of an hour, and a national day many.
const TOO_MANY: f64 = 5e9;

impl MakingArgs {
    /// The mode, with a word on how long a run of the model will be where every request is an event.
    pub(super) fn mode_for(&self, scenario: &Scenario) -> Result<Mode, Stop> {
        if let Some(words) = many_visits(scenario) {
            aside!("warning: {words}");
        }
        if self.mode == ModeArg::Auto {
            return Ok(Mode::Auto);
        }
        let events = requests_expected(scenario);
        let size = format!(
            "in this mode a run of '{}' has up to about {} events (every page, poll, refusal and request of a flood)",
            scenario.name,
            number::whole(events)
        );
        if events > TOO_MANY && !self.however_long {
            let advice = "make it smaller (--set size=0.001), leave --mode away, or add --however-long";
            return Err(Stop::new(USAGE, format!("error: {size}; {advice}")));
        }
        if events > MANY {
            aside!("warning: {size}; it will take long");
        }
        Ok(Mode::Events)
    }
}

/// A run of more visits than this is worth a word: five times those of France, and everybody who waits takes memory.
const MANY_VISITS: f64 = 1e8;

/// A word on a model with more people than anybody will have meant, before a run of it fills the memory.
pub(super) fn many_visits(scenario: &Scenario) -> Option<String> {
    let visits = visits_expected(scenario);
    (visits > MANY_VISITS).then(|| {
        format!(
            "a run of '{}' has about {} visits (the whole country has 19 million): it will take long and much memory; is a digit or a unit wrong?",
            scenario.name,
            number::whole(visits)
        )
    })
}

/// The model inside the program of a name or path.
pub(super) fn inside(typed: &str) -> Option<&'static Builtin> {
    let name = typed.strip_prefix("builtin:").unwrap_or(typed);
    builtin().iter().find(|m| m.name == name || m.path == name)
}

/// A model by what was typed: a file that is there (a folder is none), or a name (or path) of a model inside the program.
pub(super) fn source(typed: Option<&str>) -> Source {
    let typed = typed.unwrap_or(DEFAULT_MODEL);
    let path = Path::new(typed);
    if path.exists() && !path.is_dir() {
        return Source::File(PathBuf::from(typed));
    }
    match inside(typed) {
        Some(model) => Source::Builtin(model.name.to_owned()),
        None => Source::File(PathBuf::from(typed)),
    }
}

/// [`source`] of a model that a file names: a model beside that file comes first, as with `base`.
pub(super) fn source_beside(file: Option<&Path>, typed: &str) -> Source {
    let folder = file.and_then(Path::parent);
    let paths = folder.map(|folder| [folder.join(typed), folder.join(format!("{typed}.ron"))]);
    let beside = paths.into_iter().flatten().find(|path| path.is_file());
    match beside {
        Some(path) => Source::File(path),
        None => source(Some(typed)),
    }
}

/// Name and text of a file that a verb takes, called `noun` in errors; without one, those of the file inside the program.
pub(super) fn text_of(path: Option<&Path>, noun: &str, inside: (&str, &str)) -> Result<(String, String), Stop> {
    let Some(path) = path else {
        return Ok((inside.0.to_owned(), inside.1.to_owned()));
    };
    let name = path.display().to_string();
    match file_text(path) {
        Ok(text) => Ok((name, text)),
        Err(e) => Err(Stop::new(INVALID, format!("error: cannot read the {noun} {name}: {e}"))),
    }
}

impl ModelArgs {
    /// Loads the model, or prints it if that was asked for (then there is none).
    pub(super) fn load(&self) -> Result<Option<Scenario>, Stop> {
        self.or_shown(load(&source(self.model.as_deref()), &self.sets).map_err(|problems| invalid(&problems))?)
    }

    /// The model, unless it was only to be printed: then it is, and there is none.
    pub(super) fn or_shown(&self, scenario: Scenario) -> Result<Option<Scenario>, Stop> {
        if self.show_model {
            say(scenario.text.trim_end())?;
            return Ok(None);
        }
        Ok(Some(scenario))
    }
}

/// What is wrong with a file as an end of the verb.
pub(super) fn invalid(problems: &Diagnostics) -> Stop {
    Stop::new(INVALID, problems.render(std::io::stderr().is_terminal()))
}

/// An arm from what was typed: `quota`, `quota+smoothing`, or `base`.
pub(super) fn arm(scenario: &Scenario, typed: &str) -> Result<Arm, Stop> {
    if typed == "base" {
        return Ok(Arm::base());
    }
    let policies: Result<Vec<PolicyId>, Stop> = typed.split('+').map(|key| policy(scenario, key.trim())).collect();
    // A mix is one mix however it is written: in the order of the model, each policy once, as in sweeps.
    let mut policies = policies?;
    policies.sort_unstable();
    policies.dedup();
    Ok(Arm::new(typed, policies))
}

fn policy(scenario: &Scenario, key: &str) -> Result<PolicyId, Stop> {
    let found = scenario.policies.iter().position(|p| p.key == key);
    found.map(|i| PolicyId(i as u16)).ok_or_else(|| {
        let keys: Vec<&str> = scenario.policies.iter().map(|p| p.key.as_str()).collect();
        let near = keys
            .iter()
            .max_by(|a, b| strsim::jaro(a, key).total_cmp(&strsim::jaro(b, key)));
        let hint = near
            .filter(|k| strsim::jaro(k, key) > 0.7)
            .map_or(String::new(), |k| format!("\nDid you mean '{k}'?"));
        let known = if keys.is_empty() {
            "it has none".to_owned()
        } else {
            format!("it has {}", keys.join(", "))
        };
        Stop::new(USAGE, format!("error: the model has no policy '{key}'; {known}.{hint}"))
    })
}

impl PlaceArgs {
    /// The folder of a result, or none with `--no-files`.
    pub(super) fn target(&self, name: &str) -> Option<PathBuf> {
        if self.no_files {
            return None;
        }
        Some(self.out.clone().unwrap_or_else(|| ResultFolder::default_path(name)))
    }
}

/// A folder's problem as an end of the verb.
pub(super) fn folder_stop(error: FolderError) -> Stop {
    Stop::new(FAILED, format!("error: {error}"))
}

/// A failed plan as an end of the verb.
pub(super) fn runs_stop(error: ReplicateError) -> Stop {
    Stop::new(FAILED, format!("error: {error}"))
}

/// What `--threads` takes.
pub(super) fn threads() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=MOST_THREADS as u64)
}

/// The command as typed. A path may be no text: it is kept as well as text can.
pub(super) fn command() -> Vec<String> {
    std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// Advice about results, one line each.
pub(super) fn notes(warnings: &[Warning]) -> String {
    let line = |warning: &Warning| wrapped(&format!("note: {warning}"), width(), "      ");
    let lines: Vec<String> = warnings.iter().map(line).collect();
    lines.join("\n")
}

/// The end of a verb whose result stands in a folder too, or was to. What was found has been said even where it could not be written
/// (`said`), and written even where nobody reads what is said.
pub(super) fn said_and_placed(said: Ended, place: Result<Option<PathBuf>, Stop>) -> Ended {
    tell_place(place?)?;
    said
}

/// Says on standard error where files went.
pub(super) fn tell_place(place: Option<PathBuf>) -> Ended {
    if let Some(place) = place {
        aside!("files: {}", place.display());
    }
    Ok(())
}
