//! `preau compare`: a base and policies, the same people under each.

use super::asked::{Asked, asked};
use super::given::{MakingArgs, ModelArgs, PlaceArgs, arm, folder_stop, invalid, notes, runs_stop, said_and_placed};
use super::progress::RunsBar;
use super::report::{PageArgs, put_in_place};
use super::{Ended, FAILED, Stop, USAGE, say, say_parts};
use crate::experiment::jobs::MOST_REPLICATIONS;
use crate::experiment::study::{Replications, Study, shipped};
use crate::experiment::{Arm, Done, Plan, compare as compare_runs, default_arms, replicate};
use crate::output::manifest::Identity;
use crate::output::{ResultFolder, json, number, table, verdict};
use crate::scenario::model::Scenario;
use clap::Args;
use std::path::PathBuf;

mod select;

/// Replications of each arm when nobody says how many.
const REPLICATIONS: u64 = 5;

#[derive(Args)]
pub(super) struct CompareArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// What to compare with the model as it is, for example --policies quota,capacity,quota+capacity
    /// [default: those of the experiment; with a MODEL, each of its policies alone]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    policies: Vec<String>,
    /// An experiment file of your own: it names the model, the policies and the replications
    /// [default: without a MODEL, experiments/2021-04-06-policies.ron, which is inside the program]
    #[arg(long, value_name = "FILE", conflicts_with = "model")]
    experiment: Option<PathBuf>,
    /// How many replications of each; with --select, how many at most [default: those of the experiment; with a MODEL, 5]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=MOST_REPLICATIONS))]
    replications: Option<u64>,
    #[command(flatten)]
    selecting: select::SelectArgs,
    #[command(flatten)]
    making: MakingArgs,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    page: PageArgs,
    /// Show hours lost region by region
    #[arg(long)]
    regions: bool,
}

pub(super) fn compare(args: &CompareArgs) -> Ended {
    let experiment = experiment(args)?;
    let loaded = match &experiment {
        Some(study) => args.model.or_shown(study.base().plain().as_ref().clone())?,
        None => args.model.load()?,
    };
    let Some(scenario) = loaded else { return Ok(()) };
    let mut plan = Plan::new(&scenario, args.making.seed, 0);
    plan.arms = arms(args, experiment.as_ref(), &scenario)?;
    plan.orbit = args.making.orbit.into();
    plan.mode = args.making.mode_for(&scenario)?;
    plan.threads = args.making.threads;
    if let Some(kpi) = &args.selecting.select {
        return select::race(args, kpi, &plan, title(args, experiment.as_ref(), &scenario));
    }
    plan.replications = 0..replications(args, experiment.as_ref())?;
    let identity =
        Identity::new(&scenario, plan.seed, plan.replications.clone(), plan.orbit, &plan.arms).in_mode(plan.mode);
    let folder = match args.place.target(&format!("{}-compare", scenario.name)) {
        Some(target) => Some(ResultFolder::begin(&target, identity.clone(), args.place.force).map_err(folder_stop)?),
        None => None,
    };
    let runs = made(&plan, args.place.json)?;
    let comparison =
        compare_runs(&scenario, &runs).ok_or_else(|| Stop::new(FAILED, "error: there was nothing to compare"))?;
    let place = match folder {
        Some(folder) => put_in_place(folder, &scenario, &runs, Some(&comparison), &args.page).map(Some),
        None => Ok(None),
    };
    if args.place.json {
        let said = say(&json::comparison(&scenario, &identity, &comparison).to_string());
        return place.and(said);
    }
    let mut parts = vec![format!(
        "{}{}: {} of each, the same people under every policy",
        title(args, experiment.as_ref(), &scenario),
        scenario.size.label().map_or(String::new(), |size| format!(", {size}")),
        match comparison.replications {
            1 => "1 replication".to_owned(),
            n => format!("{n} replications"),
        }
    )];
    parts.push(table::comparison(&comparison));
    if args.regions {
        parts.push(table::comparison_by_region(&scenario, &comparison));
    }
    parts.push(
        comparison
            .verdicts
            .iter()
            .map(verdict::line)
            .collect::<Vec<_>>()
            .join("\n"),
    );
    parts.push(notes(&comparison.warnings));
    said_and_placed(say_parts(parts), place)
}

/// The experiment: one's own, or the default one when no model is named.
fn experiment(args: &CompareArgs) -> Result<Option<Study>, Stop> {
    let typed = match (&args.experiment, &args.model.model) {
        (Some(path), _) => path.display().to_string(),
        (None, None) => shipped()[0].name.to_owned(),
        (None, Some(_)) => return Ok(None),
    };
    let Asked { study, .. } = asked(&typed, &args.model.sets)?;
    Ok(Some(study))
}

fn replications(args: &CompareArgs, experiment: Option<&Study>) -> Result<u64, Stop> {
    match (args.replications, experiment.map(|study| &study.replications)) {
        (Some(typed), _) => Ok(typed),
        (None, Some(Replications::Fixed(n))) => Ok(*n),
        (None, Some(Replications::UntilPrecision(_))) => Err(Stop::new(
            USAGE,
            "error: a comparison has the same replications of every policy; give --replications, or run `preau sweep`",
        )),
        (None, None) => Ok(REPLICATIONS),
    }
}

/// What the experiment says it asks, unless something else was asked.
fn title<'a>(args: &CompareArgs, experiment: Option<&'a Study>, scenario: &'a Scenario) -> &'a str {
    let of_experiment = experiment.map(|study| study.title.as_str());
    of_experiment
        .filter(|title| !title.is_empty() && args.policies.is_empty())
        .unwrap_or(&scenario.title)
}

/// Twice the same mix, in whatever order, would be two arms of one name in every table.
fn named_once(arms: &[Arm]) -> Result<(), Stop> {
    for (i, arm) in arms.iter().enumerate() {
        if let Some(same) = arms[..i].iter().find(|earlier| earlier.policies == arm.policies) {
            let words = format!(
                "error: `{}` and `{}` are the same policies: name them once",
                same.name, arm.name
            );
            return Err(Stop::new(USAGE, words));
        }
    }
    Ok(())
}

/// The base first, whatever was asked for.
fn arms(args: &CompareArgs, experiment: Option<&Study>, scenario: &Scenario) -> Result<Vec<Arm>, Stop> {
    let arms = if args.policies.is_empty() {
        match experiment {
            Some(study) => study
                .arms()
                .map_err(|e| invalid(&(*e).into()))?
                .unwrap_or_else(|| default_arms(scenario)),
            None => default_arms(scenario),
        }
    } else {
        let typed = args.policies.iter().filter(|p| *p != "base");
        let asked = typed.map(|typed| arm(scenario, typed));
        let arms: Vec<Arm> = std::iter::once(Ok(Arm::base()))
            .chain(asked)
            .collect::<Result<_, _>>()?;
        named_once(&arms)?;
        arms
    };
    if arms.len() > 1 {
        return Ok(arms);
    }
    let advice = if scenario.policies.is_empty() {
        "the model has no policies\nadd some (`preau explain policies` says how), or run it alone with `preau run`"
            .to_owned()
    } else {
        let keys: Vec<&str> = scenario.policies.iter().map(|p| p.key.as_str()).collect();
        format!("name policies beside the base: the model has {}", keys.join(", "))
    };
    Err(Stop::new(
        USAGE,
        format!("error: there is nothing to compare: {advice}"),
    ))
}

fn made(plan: &Plan<'_>, quiet: bool) -> Result<crate::experiment::Replications, Stop> {
    let replications = plan.replications.end - plan.replications.start;
    let bar = RunsBar::new(replications as usize * plan.arms.len());
    let widest = plan.arms.iter().map(|arm| arm.name.chars().count()).max().unwrap_or(0);
    let told = |done: &Done<'_>| {
        if quiet {
            return bar.step();
        }
        let lost = done.row.total("hours_lost").map_or(String::from("-"), number::whole);
        let in_time = done
            .row
            .total("connected_15min")
            .map_or(String::from("-"), number::percent);
        let name = &plan.arms[done.arm].name;
        bar.row(&format!(
            "{name:<widest$}  replication {}: {lost} hours lost, {in_time} of visits in within 15 min",
            done.replication
        ));
    };
    let runs = replicate(plan, &told).map_err(runs_stop);
    bar.finish();
    runs
}
