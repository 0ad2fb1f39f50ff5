//! `preau trace`: one person's day, under one policy or several.

use super::given::{MakingArgs, ModelArgs, arm, runs_stop};
use super::progress::ClockBar;
use super::{Ended, FAILED, Stop, USAGE, say, say_parts};
use crate::engine::Time;
use crate::experiment::jobs::ThreadsError;
use crate::experiment::{Arm, Found, Plight, ReplicateError, first};
use crate::measure::Outcome;
use crate::output::number;
use crate::output::story::{Day, Follower, LocalTime, Who, beside, heading, object, page};
use crate::output::table::width;
use crate::scenario::model::{CohortId, RegionId, Scenario};
use crate::scenario::{suggest, wrapped};
use crate::world::{Orbit, RunError, RunOptions, connecting, run};
use clap::{ArgGroup, Args, ValueEnum};
use rayon::prelude::*;
use serde_json::json;

/// Narrower than this, two days stand one below the other.
const NARROW: usize = 80;

#[derive(Args)]
#[command(group = ArgGroup::new("whom").required(true))]
pub(super) struct TraceArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Whom to follow: a cohort and a number within it, as in people.csv, for example idf-college/17
    #[arg(long, value_name = "COHORT/N", group = "whom")]
    person: Option<String>,
    /// Follow the first person who …
    #[arg(long, value_enum, group = "whom")]
    first: Option<PlightArg>,
    /// With --first: only people of this cohort
    #[arg(long, value_name = "KEY", conflicts_with = "person")]
    cohort: Option<String>,
    /// With --first: only people of this region
    #[arg(long, value_name = "KEY", conflicts_with = "person")]
    region: Option<String>,
    /// Policies that are on, as in `preau run`; given twice, the person's two days stand side by side
    #[arg(long, value_name = "NAMES", default_value = "base")]
    policy: Vec<String>,
    /// Number of the replication
    #[arg(long, default_value_t = 0)]
    replication: u64,
    #[command(flatten)]
    making: MakingArgs,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
    /// Columns of the page [default: the terminal's, at most 100]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..=400))]
    width: Option<u16>,
}

/// Whom to look for.
#[derive(Clone, Copy, ValueEnum)]
enum PlightArg {
    /// Is still trying two hours after its first knock
    Stuck,
    /// Gives a visit up: goes elsewhere, or does nothing
    GaveUp,
}

pub(super) fn trace(args: &TraceArgs) -> Ended {
    let Some(scenario) = args.model.load()? else {
        return Ok(());
    };
    args.making.mode_for(&scenario)?;
    let arms: Vec<Arm> = args
        .policy
        .iter()
        .map(|typed| arm(&scenario, typed))
        .collect::<Result<_, _>>()?;
    let who = match &args.person {
        Some(typed) => person(&scenario, typed, &options(args, &arms[0]))?,
        None => find(args, &scenario, &arms[0])?,
    };
    let days = told(args, &scenario, &arms, who)?;
    let local = local(&scenario, who)?;
    if args.json {
        let days: Vec<(String, Day)> = arms.into_iter().map(|arm| arm.name).zip(days).collect();
        let mut whole = object(&scenario, who, &local, &days);
        whole["seed"] = json!(args.making.seed);
        whole["replication"] = json!(args.replication);
        return say(&whole.to_string());
    }
    show(args, &scenario, who, &local, &arms, &days)
}

fn options(args: &TraceArgs, arm: &Arm) -> RunOptions<'static> {
    RunOptions {
        seed: args.making.seed,
        replication: args.replication,
        policies: arm.policies.clone(),
        orbit: Orbit::from(args.making.orbit),
        mode: args.making.mode.into(),
        progress: None,
    }
}

fn failed(error: RunError) -> Stop {
    Stop::new(FAILED, format!("error: {error}"))
}

fn local(scenario: &Scenario, who: Who) -> Result<LocalTime, Stop> {
    LocalTime::of(scenario, who.cohort).ok_or_else(|| Stop::new(FAILED, "error: the time zone is not known here"))
}

/// Whoever was named.
fn person(scenario: &Scenario, typed: &str, options: &RunOptions<'_>) -> Result<Who, Stop> {
    let usage = |words: String| Stop::new(USAGE, format!("error: {words}"));
    let example = scenario.cohorts.first().map_or("idf-college", |c| c.key.as_str());
    let (key, number) = typed
        .rsplit_once('/')
        .ok_or_else(|| usage(format!("a person is a cohort and a number: --person {example}/17")))?;
    let cohort = cohort(scenario, key)?;
    let person = number.parse::<u32>().map_err(|_| {
        usage(format!(
            "'{number}' is no number of a person: write --person {key}/17, with the number as in people.csv"
        ))
    })?;
    let count = |n: u32| number::whole(f64::from(n));
    if let Some(connect) = connecting(scenario, cohort, options)
        && person >= connect
    {
        let all = scenario.cohorts[cohort.index()].people;
        let last = connect.saturating_sub(1);
        return Err(usage(if person >= all {
            format!(
                "there is no {key}/{person}: the cohort has {} people, of whom those with the numbers 0 to {last} connect in this replication",
                count(all)
            )
        } else {
            format!(
                "{key}/{person} does not connect in this replication: of {} people the {} with the numbers 0 to {last} do",
                count(all),
                count(connect)
            )
        }));
    }
    Ok(Who { cohort, person })
}

fn cohort(scenario: &Scenario, key: &str) -> Result<CohortId, Stop> {
    let keys: Vec<&str> = scenario.cohorts.iter().map(|c| c.key.as_str()).collect();
    keyed(key, "cohort", &keys).map(CohortId)
}

fn region(scenario: &Scenario, key: &str) -> Result<RegionId, Stop> {
    let keys: Vec<&str> = scenario.regions.iter().map(|r| r.key.as_str()).collect();
    keyed(key, "region", &keys).map(RegionId)
}

fn keyed(key: &str, noun: &str, keys: &[&str]) -> Result<u16, Stop> {
    let found = keys.iter().position(|k| *k == key);
    found.map(|i| i as u16).ok_or_else(|| {
        let words = format!("error: the model has no {noun} '{key}': {}", suggest(key, noun, keys));
        Stop::new(USAGE, words)
    })
}

/// The first in a plight, under the first policy.
fn find(args: &TraceArgs, scenario: &Scenario, arm: &Arm) -> Result<Who, Stop> {
    let cohort = args.cohort.as_deref().map(|key| cohort(scenario, key)).transpose()?;
    let region = args.region.as_deref().map(|key| region(scenario, key)).transpose()?;
    let is_meant = |(i, c): (usize, &crate::scenario::model::Cohort)| {
        cohort.is_none_or(|meant| meant.index() == i) && region.is_none_or(|meant| c.region == Some(meant))
    };
    let among: Vec<bool> = scenario.cohorts.iter().enumerate().map(is_meant).collect();
    let plight = match args.first {
        Some(PlightArg::GaveUp) => Plight::GaveUp,
        _ => Plight::Stuck,
    };
    let bar = ClockBar::new(&scenario.clock);
    let progress = |now| {
        bar.at(now);
        false
    };
    let mut options = options(args, arm);
    options.progress = Some(&progress);
    let found = first(scenario, &options, plight, &among);
    bar.finish();
    match found.map_err(failed)? {
        Some(Found { cohort, person, .. }) => Ok(Who { cohort, person }),
        None => {
            let did = match plight {
                Plight::Stuck => "was still trying two hours after its first knock",
                Plight::GaveUp => "gave a visit up",
            };
            Err(Stop::new(
                FAILED,
                format!("error: nobody {did} in this run{}", meant(args)),
            ))
        }
    }
}

/// ` among …`.
fn meant(args: &TraceArgs) -> String {
    let parts: Vec<String> = [("cohort", &args.cohort), ("region", &args.region)]
        .iter()
        .filter_map(|(noun, key)| Some(format!("{noun} {}", key.as_ref()?)))
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(", of {}", parts.join(" and "))
    }
}

/// The person's day under each policy.
fn told(args: &TraceArgs, scenario: &Scenario, arms: &[Arm], who: Who) -> Result<Vec<Day>, Stop> {
    let bar = ClockBar::new(&scenario.clock);
    let one = |(i, arm): (usize, &Arm)| -> Result<Day, Stop> {
        let progress = |now: Time| {
            if i == 0 {
                bar.at(now);
            }
            false
        };
        let mut options = options(args, arm);
        options.progress = Some(&progress);
        let mut follower =
            Follower::new(scenario, who).ok_or_else(|| Stop::new(FAILED, "error: the time zone is not known here"))?;
        let _: Outcome = run(scenario, &options, &mut follower).map_err(failed)?;
        came(scenario, who, &follower)?;
        Ok(follower.day())
    };
    let all = || arms.par_iter().enumerate().map(one).collect();
    let days = match args.making.threads {
        None => all(),
        Some(threads) => rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|source| runs_stop(ReplicateError::Threads(ThreadsError { threads, source })))?
            .install(all),
    };
    bar.finish();
    days
}

/// Of cohorts without an end, a number that nobody had is known only afterwards.
fn came(scenario: &Scenario, who: Who, follower: &Follower<'_>) -> Ended {
    if follower.highest().is_some_and(|highest| who.person <= highest) {
        return Ok(());
    }
    let those = match follower.highest() {
        Some(highest) => format!("numbers 0 to {highest} came"),
        None => "nobody came".to_owned(),
    };
    let spec = &scenario.cohorts[who.cohort.index()];
    if matches!(spec.source, crate::scenario::model::Source::Crowd(_)) {
        // It connects, and its visit would begin after the end of the run.
        return Ok(());
    }
    let words = format!("error: there is no {} in this run: {those}", who.name(scenario));
    Err(Stop::new(USAGE, words))
}

fn show(args: &TraceArgs, scenario: &Scenario, who: Who, local: &LocalTime, arms: &[Arm], days: &[Day]) -> Ended {
    let width = args.width.map_or_else(width, usize::from);
    let whose = match arms {
        [only] if only.name != "base" => format!("{}, with {}", heading(scenario, who), only.name),
        _ => heading(scenario, who),
    };
    let fitted: Vec<String> = whose.lines().map(|line| wrapped(line, width, "")).collect();
    let mut parts = vec![fitted.join("\n")];
    match (arms, days) {
        ([a, b], [x, y]) if width >= NARROW => parts.push(beside(local, [&a.name, &b.name], [x, y], width)),
        (_, [day]) => parts.push(page(local, day, width)),
        _ => {
            for (arm, day) in arms.iter().zip(days) {
                parts.push(format!("── {} ──", arm.name));
                parts.push(page(local, day, width));
            }
        }
    }
    say_parts(parts)
}
