//! `preau run`: one model, once or a few times, with what happened in every region.

use super::given::{MakingArgs, ModelArgs, PlaceArgs, arm, command, folder_stop, runs_stop, tell_place};
use super::progress::{ClockBar, RunsBar};
use super::{Ended, FAILED, Stop, say};
use crate::experiment::{Done, Plan, Replications, Summary, Warning, replicate};
use crate::output::manifest::Identity;
use crate::output::{ResultFolder, files, json, number, table};
use crate::scenario::model::Scenario;
use crate::world::{RunOptions, Unwatched};
use clap::Args;
use serde_json::{Value, json};

#[derive(Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Policies that are on, for example --policy capacity or --policy quota+defence
    #[arg(long, value_name = "NAMES", default_value = "base")]
    policy: String,
    /// How many replications
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    replications: u64,
    /// Number of the first replication
    #[arg(long, default_value_t = 0)]
    first: u64,
    #[command(flatten)]
    making: MakingArgs,
    #[command(flatten)]
    place: PlaceArgs,
    /// Print what the run took: events, seconds, memory
    #[arg(long)]
    stats: bool,
    /// Print the hash of the whole history of each replication
    #[arg(long)]
    fingerprint: bool,
    /// Show services beside regions
    #[arg(long)]
    services: bool,
}

pub(super) fn run(args: &RunArgs) -> Ended {
    let Some(scenario) = args.model.load()? else {
        return Ok(());
    };
    let mut plan = Plan::new(&scenario, args.making.seed, 0);
    plan.replications = args.first..args.first + args.replications;
    plan.arms = vec![arm(&scenario, &args.policy)?];
    plan.orbit = args.making.orbit.into();
    plan.threads = args.making.threads;
    let identity = Identity::new(&scenario, plan.seed, plan.replications.clone(), plan.orbit, &plan.arms);
    let folder = match args.place.target(&scenario.name) {
        Some(target) => Some(ResultFolder::begin(&target, identity.clone(), args.place.force).map_err(folder_stop)?),
        None => None,
    };
    let runs = if args.replications == 1 {
        one(&plan)?
    } else {
        several(&plan)?
    };
    let place = match folder {
        Some(folder) => Some(files::write(folder, &scenario, &runs, None, command()).map_err(folder_stop)?),
        None => None,
    };
    if args.place.json {
        return say(&object(args, &scenario, &identity, &runs).to_string());
    }
    show(args, &scenario, &runs)?;
    tell_place(place)
}

/// One run shows the simulated clock.
fn one(plan: &Plan<'_>) -> Result<Replications, Stop> {
    let bar = ClockBar::new(&plan.scenario.clock);
    let progress = |now| {
        bar.at(now);
        false
    };
    let options = RunOptions {
        seed: plan.seed,
        replication: plan.replications.start,
        policies: plan.arms[0].policies.clone(),
        orbit: plan.orbit,
        progress: Some(&progress),
    };
    let outcome = crate::world::run(plan.scenario, &options, &mut Unwatched);
    bar.finish();
    let outcome = outcome.map_err(|error| Stop::new(FAILED, format!("error: {error}")))?;
    Ok(Replications::of_one(plan, outcome))
}

fn several(plan: &Plan<'_>) -> Result<Replications, Stop> {
    let bar = RunsBar::new((plan.replications.end - plan.replications.start) as usize);
    let told = |done: &Done<'_>| {
        let lost = done.row.total("hours_lost").map_or(String::from("-"), number::whole);
        bar.row(&format!("replication {}: {lost} hours lost", done.replication));
    };
    let runs = replicate(plan, &told).map_err(runs_stop);
    bar.finish();
    runs
}

fn show(args: &RunArgs, scenario: &Scenario, runs: &Replications) -> Ended {
    let rows = &runs.rows[0];
    let summary = Summary::of(rows);
    let with = if args.policy == "base" {
        String::new()
    } else {
        format!(", with {}", args.policy)
    };
    let times = if rows.len() == 1 {
        String::new()
    } else {
        format!(", mean of {} replications", rows.len())
    };
    say(&format!("{}{with}{times}\n", scenario.title))?;
    if scenario.regions.is_empty() {
        say(&table::kpis(scenario, &summary))?;
    } else {
        say(&table::regions(scenario, &summary))?;
    }
    if args.services || scenario.regions.is_empty() {
        say(&table::services(scenario, &summary))?;
    }
    for warning in warnings(scenario, runs) {
        say(&format!("note: {warning}"))?;
    }
    if args.fingerprint {
        for row in rows {
            say(&format!(
                "fingerprint of replication {}: {:016x}",
                row.replication, row.fingerprint
            ))?;
        }
    }
    if args.stats {
        for (name, value) in stats(runs).as_object().into_iter().flatten() {
            say(&format!("{name}: {value}"))?;
        }
    }
    Ok(())
}

fn warnings(scenario: &Scenario, runs: &Replications) -> Vec<Warning> {
    let rows = &runs.rows[0];
    let few = Warning::of_count(rows.len());
    few.into_iter()
        .chain(Warning::of_arm(scenario, &runs.arms[0], rows))
        .collect()
}

fn object(args: &RunArgs, scenario: &Scenario, identity: &Identity, runs: &Replications) -> Value {
    let summary = Summary::of(&runs.rows[0]);
    let mut object = json::run(scenario, identity, &summary, &warnings(scenario, runs));
    if args.fingerprint {
        let prints = runs.rows[0].iter().map(|row| format!("{:016x}", row.fingerprint));
        object["fingerprints"] = prints.collect();
    }
    if args.stats {
        object["stats"] = stats(runs);
    }
    object
}

/// What all replications together took.
fn stats(runs: &Replications) -> Value {
    let rows = &runs.rows[0];
    json!({
        "logical_events": rows.iter().map(|r| r.stats.logical_events).sum::<u64>(),
        "executed_events": rows.iter().map(|r| r.stats.executed_events).sum::<u64>(),
        "cpu_seconds": rows.iter().map(|r| r.stats.cpu_seconds).sum::<f64>(),
        "wall_seconds": runs.elapsed.as_secs_f64(),
        "peak_rss_bytes": peak_rss_bytes(),
        "people_active_peak": rows.iter().map(|r| r.stats.people_active_peak).max(),
    })
}

/// Most memory this program ever held, where the system tells.
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}
