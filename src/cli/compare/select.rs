//! `preau compare --select`: the best policy with a stated probability.

use super::super::given::{command, folder_stop, notes, said_and_placed};
use super::super::progress::RunsBar;
use super::super::{Ended, FAILED, Stop, USAGE, say, say_parts};
use super::CompareArgs;
use crate::experiment::selection::{Question, SelectError, Selection, select};
use crate::experiment::{Done, Plan, Warning};
use crate::output::manifest::{ArmEntry, FORMAT, Identity, Manifest};
use crate::output::{ResultFolder, number, selection as output};
use clap::Args;
use std::path::PathBuf;
use std::time::Instant;

/// How the best is selected.
#[derive(Args)]
pub(super) struct SelectArgs {
    /// Select the policy that is best by this KPI with a stated probability: replications go to those that may still be it
    #[arg(long, value_name = "KPI", requires = "indifference")]
    pub select: Option<String>,
    /// With --select: a difference that does not matter, in the KPI's unit
    #[arg(long, value_name = "NUMBER", requires = "select")]
    indifference: Option<f64>,
    /// With --select: probability that the best is selected if it is better by the indifference
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, requires = "select")]
    confidence: f64,
}

/// Races the arms of a plan; `title` is what is asked.
pub(super) fn race(args: &CompareArgs, kpi: &str, plan: &Plan<'_>, title: &str) -> Ended {
    let usage = |e: String| Stop::new(USAGE, format!("error: --select: {e}"));
    let (kpi, goal) = Question::goal_of(kpi).map_err(usage)?;
    let question = Question {
        kpi,
        goal,
        indifference: args.selecting.indifference.unwrap_or(0.0),
        confidence: args.selecting.confidence,
        at_most: args.replications,
    };
    let identity = identity(plan, &question);
    let folder = match args.place.target(&format!("{}-select", plan.scenario.name)) {
        Some(target) => Some(ResultFolder::begin(&target, identity.clone(), args.place.force).map_err(folder_stop)?),
        None => None,
    };
    let began = Instant::now();
    let selection = raced(plan, &question, args.place.json)?;
    let seconds = began.elapsed().as_secs_f64();
    let place = folder.map(|folder| put(folder, plan, (&question, &selection), identity, title, seconds));
    let said = if args.place.json {
        say(&output::json(&question, &selection).to_string())
    } else {
        let mut parts = vec![format!("{title}: the same people under every policy")];
        parts.extend(output::text(&question, &selection));
        parts.push(notes(Warning::of_model(plan.scenario).as_slice()));
        say_parts(parts)
    };
    said_and_placed(said, place.transpose())
}

/// Writes the files of a selection and puts them in their place.
fn put(
    folder: ResultFolder,
    plan: &Plan<'_>,
    (question, selection): (&Question, &Selection),
    identity: Identity,
    title: &str,
    seconds: f64,
) -> Result<PathBuf, Stop> {
    folder
        .write("selection.csv", |out| output::csv(out, question, selection))
        .map_err(folder_stop)?;
    let manifest = Manifest {
        program: "preau".to_owned(),
        format: FORMAT,
        identity,
        name: plan.scenario.name.clone(),
        title: title.to_owned(),
        size: plan.scenario.size.factor,
        command: command(),
        created: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        threads: plan.threads.unwrap_or_else(rayon::current_num_threads),
        seconds,
        model: plan.scenario.text.clone(),
        sweep: None,
    };
    folder.finish(&manifest).map_err(folder_stop)
}

/// Two selections of equal identities have equal numbers; what was asked stands in it as an arm.
fn identity(plan: &Plan<'_>, question: &Question) -> Identity {
    let most = question.at_most.unwrap_or(0);
    let mut identity = Identity::new(plan.scenario, plan.seed, 0..most, plan.orbit, &plan.arms).in_mode(plan.mode);
    identity.arms.push(ArmEntry {
        name: format!(
            "select by {} with {} and {}",
            question.kpi.name, question.confidence, question.indifference
        ),
        policies: Vec::new(),
    });
    identity
}

fn raced(plan: &Plan<'_>, question: &Question, quiet: bool) -> Result<Selection, Stop> {
    let bar = RunsBar::new(0);
    let widest = plan.arms.iter().map(|arm| arm.name.chars().count()).max().unwrap_or(0);
    let done = |done: &Done<'_>| {
        if quiet {
            return bar.step();
        }
        let (name, kpi) = (&plan.arms[done.arm].name, question.kpi);
        let value = number::kpi(kpi.unit, &plan.scenario.clock, done.row.total(kpi.name));
        bar.row(&format!(
            "{name:<widest$}  replication {}: {} {value}",
            done.replication, kpi.name
        ));
    };
    let mut told = |race: &crate::experiment::stats::KimNelson| {
        let most = race.longest().map_or(String::new(), |n| format!(", at most {n}"));
        bar.say(&format!(
            "{} still race after {}{most}",
            race.racing().len(),
            race.rounds()
        ));
    };
    let selection = select(plan, question, &done, &mut told);
    bar.finish();
    selection.map_err(|error| match error {
        SelectError::NoRace { .. } => Stop::new(USAGE, format!("error: {error}")),
        error => Stop::new(FAILED, format!("error: {error}")),
    })
}
