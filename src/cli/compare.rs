//! `preau compare`: a base and policies, the same people under each.

use super::given::{
    MakingArgs, ModelArgs, PlaceArgs, arm, command, folder_stop, load_or_explain, runs_stop, source, tell_place,
};
use super::progress::RunsBar;
use super::{Ended, FAILED, INVALID, Stop, say};
use crate::experiment::file::{ComparisonFile, DEFAULT};
use crate::experiment::{Arm, Done, Plan, compare as compare_runs, default_arms, replicate};
use crate::output::manifest::Identity;
use crate::output::{ResultFolder, files, json, number, table, verdict};
use crate::scenario::model::Scenario;
use clap::Args;

#[derive(Args)]
pub(super) struct CompareArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// What to compare with the model as it is, for example --policies quota,capacity,quota+capacity
    /// [default: those of the experiment, or each policy of the model alone]
    #[arg(long, value_delimiter = ',')]
    policies: Vec<String>,
    /// How many replications of each
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    replications: Option<u64>,
    #[command(flatten)]
    making: MakingArgs,
    #[command(flatten)]
    place: PlaceArgs,
    /// Show hours lost region by region
    #[arg(long)]
    regions: bool,
}

pub(super) fn compare(args: &CompareArgs) -> Ended {
    // Without a model the default experiment says which one, and what to compare.
    let experiment = match args.model.model {
        None => Some(ComparisonFile::read(DEFAULT.0, DEFAULT.1).map_err(|e| Stop::new(INVALID, e))?),
        Some(_) => None,
    };
    let scenario = match &experiment {
        Some(file) if !args.model.show_model => load_or_explain(&source(Some(&file.model)), &args.model.sets)?,
        _ => match args.model.load()? {
            Some(scenario) => scenario,
            None => return Ok(()),
        },
    };
    let mut plan = Plan::new(&scenario, args.making.seed, 0);
    plan.replications = 0..args
        .replications
        .or(experiment.as_ref().map(|e| e.replications))
        .unwrap_or(5);
    plan.arms = arms(args, experiment.as_ref(), &scenario)?;
    plan.orbit = args.making.orbit.into();
    plan.threads = args.making.threads;
    let identity = Identity::new(&scenario, plan.seed, plan.replications.clone(), plan.orbit, &plan.arms);
    let folder = match args.place.target(&format!("{}-compare", scenario.name)) {
        Some(target) => Some(ResultFolder::begin(&target, identity.clone(), args.place.force).map_err(folder_stop)?),
        None => None,
    };
    let runs = made(&plan, args.place.json)?;
    let comparison =
        compare_runs(&scenario, &runs).ok_or_else(|| Stop::new(FAILED, "error: there was nothing to compare"))?;
    let place = match folder {
        Some(folder) => {
            Some(files::write(folder, &scenario, &runs, Some(&comparison), command()).map_err(folder_stop)?)
        }
        None => None,
    };
    if args.place.json {
        return say(&json::comparison(&scenario, &identity, &comparison).to_string());
    }
    say(&format!(
        "{}: {} replications of each, the same people under every policy\n",
        scenario.title, comparison.replications
    ))?;
    say(&table::comparison(&comparison))?;
    if args.regions {
        say(&table::comparison_by_region(&scenario, &comparison))?;
    }
    for v in &comparison.verdicts {
        say(&verdict::line(v))?;
    }
    for warning in &comparison.warnings {
        say(&format!("note: {warning}"))?;
    }
    tell_place(place)
}

/// The base first, whatever was asked for.
fn arms(args: &CompareArgs, experiment: Option<&ComparisonFile>, scenario: &Scenario) -> Result<Vec<Arm>, Stop> {
    if !args.policies.is_empty() {
        let asked = args
            .policies
            .iter()
            .filter(|p| *p != "base")
            .map(|typed| arm(scenario, typed));
        return std::iter::once(Ok(Arm::base())).chain(asked).collect();
    }
    match experiment {
        Some(file) => {
            let named = file.arms.iter().map(|(name, policies)| {
                let typed = policies.join("+");
                arm(scenario, &typed).map(|a| Arm::new(name.clone(), a.policies))
            });
            std::iter::once(Ok(Arm::base())).chain(named).collect()
        }
        None => Ok(default_arms(scenario)),
    }
}

fn made(plan: &Plan<'_>, quiet: bool) -> Result<crate::experiment::Replications, Stop> {
    let replications = plan.replications.end - plan.replications.start;
    let bar = RunsBar::new(replications as usize * plan.arms.len());
    let told = |done: &Done<'_>| {
        if quiet {
            return;
        }
        let lost = done.row.total("hours_lost").map_or(String::from("-"), number::whole);
        let in_time = done
            .row
            .total("connected_15min")
            .map_or(String::from("-"), number::percent);
        let name = &plan.arms[done.arm].name;
        bar.row(&format!(
            "{name:<12} replication {}: {lost} hours lost, {in_time} of visits in within 15 min",
            done.replication + 1
        ));
    };
    let runs = replicate(plan, &told).map_err(runs_stop);
    bar.finish();
    runs
}
