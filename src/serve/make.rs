//! A run of the page: replications, watched, and the document that the page draws.

use super::live::Looker;
use super::runs::Watch;
use super::settings::Ready;
use crate::engine::Time;
use crate::experiment::replicate::replicate_with;
use crate::experiment::{Arm, Plan, ReplicateError, Replications, compare};
use crate::output::manifest::Identity;
use crate::output::{Memory, ResultFolder, files};
use crate::scenario::model::Scenario;
use crate::web::{Lang, REPORT, document, page};
use crate::world::{RunError, RunOptions, Unwatched, run};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

/// Name of the model in a saved result.
const SAVED_MODEL: &str = "model.ron";

/// A run with its result.
pub struct Finished {
    /// What was run.
    pub ready: Ready,
    /// Its replications, of one arm.
    pub runs: Replications,
    /// What the page draws.
    pub document: Value,
}

/// Why there is no result.
#[derive(Debug)]
pub enum Failure {
    /// It was told to stop.
    Stopped,
    /// It failed.
    Failed(String),
}

/// Makes a run.
///
/// # Errors
/// When it is stopped, or fails.
pub fn make(ready: &Ready, watch: &Watch) -> Result<Finished, Failure> {
    let scenario = &*ready.scenario;
    let replications = ready.settings.replications;
    let cores = available_parallelism().map_or(1, usize::from);
    let plan = Plan {
        arms: vec![arm(ready)],
        threads: Some(cores.min(replications as usize)),
        stop: Some(watch.halt()),
        ..Plan::new(scenario, ready.settings.seed, replications)
    };
    let one = |scenario: &Scenario, options: &RunOptions<'_>| {
        if options.replication > 0 {
            return run(scenario, options, &mut Unwatched);
        }
        let told = |now: Time| watch.at(now) | options.progress.is_some_and(|halts| halts(now));
        let options = RunOptions {
            progress: Some(&told),
            ..options.clone()
        };
        run(scenario, &options, &mut Looker::new(watch, scenario))
    };
    let runs = replicate_with(&plan, &|done| watch.done(done.done as u64), &one).map_err(|error| match error {
        ReplicateError::Stopped { .. } => Failure::Stopped,
        ReplicateError::Run {
            source: RunError::Stopped,
            ..
        } => Failure::Stopped,
        other => Failure::Failed(other.to_string()),
    })?;
    let mut document = drawn(scenario, &runs, ready.command(SAVED_MODEL), false).map_err(Failure::Failed)?;
    let prints = runs.rows[0].iter().map(|row| format!("{:016x}", row.fingerprint));
    document["fingerprints"] = prints.collect();
    Ok(Finished {
        ready: ready.clone(),
        runs,
        document,
    })
}

/// The arm that `preau run` would call so.
fn arm(ready: &Ready) -> Arm {
    if ready.policies.is_empty() {
        return Arm::base();
    }
    let keys = ready
        .policies
        .iter()
        .map(|p| ready.scenario.policies[p.index()].key.as_str());
    Arm::new(keys.collect::<Vec<_>>().join("+"), ready.policies.clone())
}

/// The document of runs, as the report of their files would have it.
fn drawn(scenario: &Scenario, runs: &Replications, command: String, paired: bool) -> Result<Value, String> {
    let memory = Memory::default();
    let comparison = if paired { compare(scenario, runs) } else { None };
    let command = command.split(' ').map(str::to_owned).collect();
    let manifest =
        files::fill(&memory, scenario, runs, comparison.as_ref(), command).map_err(|error| error.to_string())?;
    document(&memory, &manifest).map_err(|error| error.to_string())
}

/// Why two runs cannot be compared: a key of the page's words after `against.`.
pub fn incomparable(before: &Ready, now: &Ready) -> Option<&'static str> {
    let differ = [
        (before.settings.model != now.settings.model, "other_model"),
        (before.scenario.size.factor != now.scenario.size.factor, "other_size"),
        (before.settings.seed != now.settings.seed, "other_seed"),
        (
            before.settings.replications != now.settings.replications,
            "other_replications",
        ),
    ];
    differ.into_iter().find(|(differs, _)| *differs).map(|(_, why)| why)
}

/// The document of two runs side by side: the arms `before` and `now`, replication by replication.
///
/// # Errors
/// When they cannot be compared.
pub fn against(before: &Finished, now: &Finished) -> Result<Value, String> {
    if let Some(why) = incomparable(&before.ready, &now.ready) {
        return Err(why.to_owned());
    }
    let one = |name: &str, finished: &Finished| Arm::new(name, finished.ready.policies.clone());
    let of_arm = |arm: usize, finished: &Finished| {
        let mut rows = finished.runs.rows[0].clone();
        rows.iter_mut().for_each(|row| row.arm = arm);
        rows
    };
    let first = |finished: &Finished| finished.runs.first.first().cloned().flatten();
    let runs = Replications {
        arms: vec![one("before", before), one("now", now)],
        seed: now.runs.seed,
        replications: now.runs.replications.clone(),
        orbit: now.runs.orbit,
        mode: now.runs.mode,
        rows: vec![of_arm(0, before), of_arm(1, now)],
        first: vec![first(before), first(now)],
        threads: now.runs.threads,
        elapsed: before.runs.elapsed + now.runs.elapsed,
    };
    drawn(&now.ready.scenario, &runs, now.ready.command(SAVED_MODEL), true)
}

/// Writes a run with its model and its report below a folder; gives the place. Of equal settings the place is the same.
///
/// # Errors
/// When it cannot be written.
pub fn save(finished: &Finished, out: &Path, lang: Lang) -> Result<PathBuf, String> {
    let Finished { ready, runs, document } = finished;
    // A model file that was changed since, or another version of the program, is another result: nobody can say --force to a page.
    let identity = Identity::of(&ready.scenario, runs);
    let told = serde_json::to_string(&identity).map_err(|error| error.to_string())?;
    let hash = crate::output::manifest::hash(&format!("{} {told}", ready.query()));
    let digits = hash.rsplit(':').next().unwrap_or_default();
    let name: String = ready
        .scenario
        .name
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '-')
        .collect();
    let target = out.join(format!("{name}-{}", digits.get(..8).unwrap_or(digits)));
    let write = || {
        let folder = ResultFolder::begin(&target, identity, false)?;
        let command = ready.command(SAVED_MODEL).split(' ').map(str::to_owned).collect();
        let manifest = files::fill(&folder, &ready.scenario, runs, None, command)?;
        folder.write(SAVED_MODEL, |out| out.write_all(ready.ron().as_bytes()))?;
        folder.write(REPORT, |out| out.write_all(page(document, lang).as_bytes()))?;
        folder.finish(&manifest)
    };
    write().map_err(|error| error.to_string())
}
