//! `preau run`: one model, once or a few times, with what happened in every region.

use super::given::{MakingArgs, ModelArgs, PlaceArgs, arm, folder_stop, notes, runs_stop, said_and_placed};
use super::progress::{ClockBar, RunsBar};
use super::report::{PageArgs, put_in_place};
use super::traced::Traced;
use super::{Ended, FAILED, Stop, USAGE, say, say_parts};
use crate::experiment::jobs::MOST_REPLICATIONS;
use crate::experiment::{Done, Plan, Replications, RunRow, Summary, Warning, replicate};
use crate::output::manifest::Identity;
use crate::output::people::PeopleFile;
use crate::output::{ResultFolder, down, json, number, table, tickets};
use crate::scenario::model::Scenario;
use crate::world::{RunOptions, Unwatched};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Policies that are on, for example --policy capacity or --policy quota+defence
    #[arg(long, value_name = "NAMES", default_value = "base")]
    policy: String,
    /// How many replications
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=MOST_REPLICATIONS))]
    replications: u64,
    /// Number of the first replication
    #[arg(long, default_value_t = 0)]
    first: u64,
    #[command(flatten)]
    making: MakingArgs,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    page: PageArgs,
    /// Print what the run took: events, seconds, memory
    #[arg(long)]
    stats: bool,
    /// Print the hash of the whole history of each replication
    #[arg(long)]
    fingerprint: bool,
    /// Write people.csv too: one row a visit (about 1 GB for the national day; one replication only)
    #[arg(long, conflicts_with_all = ["no_files", "replications"])]
    people: bool,
    /// Write every executed event of the run to a file (one replication only; a line an event, so small runs)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["people", "verify_trace"])]
    trace: Option<PathBuf>,
    /// Hold the run against such a file and stop at the first event that is not the same
    #[arg(long, value_name = "FILE", conflicts_with = "people")]
    verify_trace: Option<PathBuf>,
    /// Show services beside regions
    #[arg(long)]
    services: bool,
}

pub(super) fn run(args: &RunArgs) -> Ended {
    let Some(scenario) = args.model.load()? else {
        return Ok(());
    };
    let traced = Traced::of(args.trace.as_deref(), args.verify_trace.as_deref());
    if traced.is_some() && args.replications > 1 {
        let words = "error: a trace is of one run: leave --replications out; --first chooses which";
        return Err(Stop::new(USAGE, words));
    }
    let mut plan = Plan::new(&scenario, args.making.seed, 0);
    let Some(end) = args.first.checked_add(args.replications) else {
        let words = "error: there are no replications of such numbers: give a smaller --first";
        return Err(Stop::new(USAGE, words));
    };
    plan.replications = args.first..end;
    plan.arms = vec![arm(&scenario, &args.policy)?];
    plan.orbit = args.making.orbit.into();
    plan.mode = args.making.mode_for(&scenario)?;
    plan.threads = args.making.threads;
    let identity =
        Identity::new(&scenario, plan.seed, plan.replications.clone(), plan.orbit, &plan.arms).in_mode(plan.mode);
    let folder = match args.place.target(&scenario.name) {
        Some(target) => Some(ResultFolder::begin(&target, identity.clone(), args.place.force).map_err(folder_stop)?),
        None => None,
    };
    let (runs, unwritten) = if args.replications == 1 {
        let people = folder.as_ref().filter(|_| args.people);
        one(&plan, &identity, people, traced)?
    } else {
        (several(&plan)?, None)
    };
    let place = match (folder, unwritten) {
        (_, Some(stop)) => Err(stop),
        (Some(folder), None) => put_in_place(folder, &scenario, &runs, None, &args.page).map(Some),
        (None, None) => Ok(None),
    };
    if args.place.json {
        let said = say(&object(args, &scenario, &identity, &runs).to_string());
        return place.and(said);
    }
    said_and_placed(show(args, &scenario, &runs), place)
}

/// One run shows the simulated clock. Beside it, what could not be written while it was made.
fn one(
    plan: &Plan<'_>,
    identity: &Identity,
    people: Option<&ResultFolder>,
    traced: Option<Traced<'_>>,
) -> Result<(Replications, Option<Stop>), Stop> {
    let bar = ClockBar::new(&plan.scenario.clock);
    let left_trace = AtomicBool::new(false);
    let progress = |now| {
        bar.at(now);
        left_trace.load(Ordering::Relaxed)
    };
    let options = RunOptions {
        seed: plan.seed,
        replication: plan.replications.start,
        policies: plan.arms[0].policies.clone(),
        orbit: plan.orbit,
        mode: plan.mode,
        progress: Some(&progress),
    };
    let (outcome, unwritten) = match (people, traced) {
        (Some(folder), _) => with_people(plan, &options, folder)?,
        (None, Some(traced)) => traced.run(plan.scenario, &options, identity, &left_trace)?,
        (None, None) => (crate::world::run(plan.scenario, &options, &mut Unwatched), None),
    };
    bar.finish();
    let outcome = outcome.map_err(|error| Stop::new(FAILED, format!("error: {error}")))?;
    Ok((Replications::of_one(plan, outcome), unwritten))
}

/// A run that writes down every visit.
fn with_people(
    plan: &Plan<'_>,
    options: &RunOptions<'_>,
    folder: &ResultFolder,
) -> Result<(Result<crate::measure::Outcome, crate::world::RunError>, Option<Stop>), Stop> {
    let failed = |error| Stop::new(FAILED, format!("error: cannot write people.csv: {error}"));
    let out = folder.create("people.csv").map_err(folder_stop)?;
    let mut file = PeopleFile::begin(plan.scenario, out).map_err(failed)?;
    let outcome = crate::world::run(plan.scenario, options, &mut file);
    let unwritten = file.finish().map_err(failed).err();
    Ok((outcome, unwritten))
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
    let mut parts = vec![format!("{}{with}{times}", scenario.heading())];
    if scenario.regions.is_empty() {
        parts.push(table::kpis(scenario, &summary));
    } else {
        parts.push(table::regions(scenario, &summary));
    }
    if args.services || scenario.regions.is_empty() {
        parts.push(table::services(scenario, &summary));
    }
    parts.push(down::lines(scenario, rows));
    if rows.len() == 1
        && let Some(Some(outcome)) = runs.first.first()
    {
        parts.push(tickets::text(scenario, &outcome.tickets));
    }
    parts.push(notes(&Warning::of_runs(scenario, runs)));
    if args.fingerprint {
        let print = |row: &RunRow| {
            format!(
                "fingerprint of replication {}: {:016x}",
                row.replication, row.fingerprint
            )
        };
        parts.push(rows.iter().map(print).collect::<Vec<_>>().join("\n"));
    }
    if args.stats {
        parts.push(Stats::of(runs).text());
    }
    say_parts(parts)
}

fn object(args: &RunArgs, scenario: &Scenario, identity: &Identity, runs: &Replications) -> Value {
    let summary = Summary::of(&runs.rows[0]);
    let mut object = json::run(scenario, identity, &summary, &Warning::of_runs(scenario, runs));
    object["stayed_down"] = down::json(scenario, &runs.rows[0]);
    if let Some(Some(outcome)) = runs.first.first() {
        object["tickets"] = tickets::json(scenario, &outcome.tickets);
    }
    if args.fingerprint {
        let prints = runs.rows[0].iter().map(|row| format!("{:016x}", row.fingerprint));
        object["fingerprints"] = prints.collect();
    }
    if args.stats {
        object["stats"] = Stats::of(runs).json();
    }
    object
}

/// What all replications together took.
struct Stats {
    logical_events: u64,
    executed_events: u64,
    people_active_peak: u64,
    cpu_seconds: f64,
    wall_seconds: f64,
    peak_rss_bytes: Option<u64>,
}

impl Stats {
    fn of(runs: &Replications) -> Stats {
        let stats = || runs.rows[0].iter().map(|row| row.stats);
        Stats {
            logical_events: stats().map(|s| s.logical_events).sum(),
            executed_events: stats().map(|s| s.executed_events).sum(),
            people_active_peak: stats().map(|s| s.people_active_peak).max().unwrap_or(0),
            cpu_seconds: stats().map(|s| s.cpu_seconds).sum(),
            wall_seconds: runs.elapsed.as_secs_f64(),
            peak_rss_bytes: peak_rss_bytes(),
        }
    }

    /// Every digit, for programs.
    fn json(&self) -> Value {
        json!({
            "logical_events": self.logical_events,
            "executed_events": self.executed_events,
            "people_active_peak": self.people_active_peak,
            "cpu_seconds": self.cpu_seconds,
            "wall_seconds": self.wall_seconds,
            "peak_rss_bytes": self.peak_rss_bytes,
        })
    }

    /// For people.
    fn text(&self) -> String {
        let count = |n: u64| number::whole(n as f64);
        let memory = self.peak_rss_bytes.map_or_else(
            || number::NONE.to_owned(),
            |bytes| format!("{} ({} MB)", count(bytes), number::whole(bytes as f64 / 1e6)),
        );
        [
            ("logical_events", count(self.logical_events)),
            ("executed_events", count(self.executed_events)),
            ("people_active_peak", count(self.people_active_peak)),
            ("cpu_seconds", number::decimal(self.cpu_seconds, 2)),
            ("wall_seconds", number::decimal(self.wall_seconds, 2)),
            ("peak_rss_bytes", memory),
        ]
        .map(|(name, value)| format!("{name:<19} {value}"))
        .join("\n")
    }
}

/// Most memory this program ever held, where the system tells.
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stats_are_in_order_and_rounded() {
        let stats = Stats {
            logical_events: 783_547,
            executed_events: 753_393,
            people_active_peak: 80_070,
            cpu_seconds: 0.237_923_914,
            wall_seconds: 1.0,
            peak_rss_bytes: Some(55_382_016),
        };
        insta::assert_snapshot!(stats.text(), @r"
        logical_events      783 547
        executed_events     753 393
        people_active_peak  80 070
        cpu_seconds         0.24
        wall_seconds        1.00
        peak_rss_bytes      55 382 016 (55 MB)
        ");
    }
}
