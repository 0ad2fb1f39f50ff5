//! Runs what rows became, holds the estimates against the exact values, and decides.

use super::collect::{Enough, Watch};
use super::estimate::{Estimate, Sums};
use super::express::express;
use super::model::Model;
use super::oracle::Row;
use super::plan::{Horizon, Plan};
use super::statistic::{Statistic, Sum};
use crate::engine::{Time, key_of};
use crate::scenario::model::Scenario;
use crate::scenario::{Source, load};
use crate::world::{Orbit, RunError, RunOptions, run};
use rayon::prelude::*;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// How hard to try.
#[derive(Clone, Copy, Debug)]
pub struct Precision {
    /// Replicate until the half-width is this share of the exact value.
    pub wanted: f64,
    /// A half-width above this share says nothing.
    pub informative: f64,
    /// Fewest replications.
    pub replications: usize,
    /// Customers after which a plan is precise enough as it is.
    pub customers: f64,
    /// Customers after which a plan stops even if it says nothing.
    pub most_customers: f64,
    /// Replications after which a plan stops.
    pub most_replications: usize,
    /// Standard errors that an estimate may be off.
    pub z: f64,
}

impl Precision {
    /// The usual: 1 % where it can be had.
    pub const FULL: Precision = Precision {
        wanted: 0.01,
        informative: 0.10,
        replications: 24,
        customers: 6e6,
        most_customers: 4e7,
        most_replications: 60_000,
        z: 4.0,
    };
    /// A look: 5 %.
    pub const QUICK: Precision = Precision {
        wanted: 0.05,
        informative: 0.25,
        replications: 20,
        customers: 6e5,
        most_customers: 1.2e7,
        most_replications: 10_000,
        z: 4.0,
    };
}

/// What came of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The simulation agrees, within an interval that says something.
    Pass,
    /// It does not.
    Fail,
    /// The row cannot be simulated, or not precisely enough to decide; the reason says why.
    Unsupported,
}

/// One row and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The row's case.
    pub case: String,
    /// Its parameters.
    pub parameters: Map<String, Value>,
    /// Its quantity.
    pub quantity: String,
    /// The exact value.
    #[serde(serialize_with = "finite")]
    pub exact: f64,
    /// The simulated one.
    pub estimate: Option<f64>,
    /// Half of its 95 % interval.
    pub half_width: Option<f64>,
    /// Standard errors between the two; none also when the estimate has no spread and is wrong.
    pub z: Option<f64>,
    /// What came of it.
    pub verdict: Verdict,
    /// How it was simulated, or why not, or what is wrong.
    pub reason: String,
    /// Replications behind the estimate.
    #[serde(skip)]
    pub replications: usize,
}

/// JSON has no word for what is not a number.
fn finite<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if x.is_finite() {
        serializer.serialize_some(x)
    } else {
        serializer.serialize_none()
    }
}

/// What came of all rows, in their order.
#[derive(Clone, Debug)]
pub struct Report {
    /// One a row.
    pub findings: Vec<Finding>,
}

impl Report {
    /// How many rows came out so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings.iter().filter(|f| f.verdict == verdict).count()
    }
}

/// Runs that several statistics share.
struct Group {
    model: Model,
    orbit: Orbit,
    horizon: Horizon,
    /// Statistic, factor and exact value.
    asked: Vec<(Statistic, f64, f64)>,
}

/// What came of one statistic of a group.
#[derive(Clone, Debug)]
enum Simulated {
    Estimated(Estimate),
    Broken(String),
}

/// Where the plans of a row went.
enum Where {
    Nowhere(String),
    Groups {
        how: String,
        places: Vec<(String, usize, usize)>,
    },
}

/// Holds rows against the simulator. `told` hears of each group of runs that is done, and of how many there are.
pub fn verify(rows: &[Row], precision: &Precision, seed: u64, told: &(dyn Fn(usize, usize) + Sync)) -> Report {
    let mut groups: Vec<Group> = Vec::new();
    let places: Vec<Where> = rows.iter().map(|row| place(row, precision, &mut groups)).collect();
    let done = std::sync::atomic::AtomicUsize::new(0);
    // The most expensive first, so that the last to end is a short one.
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by(|a, b| groups[*b].horizon.customers.total_cmp(&groups[*a].horizon.customers));
    let mut results: Vec<(usize, Vec<Simulated>)> = order
        .par_iter()
        .with_max_len(1)
        .map(|g| {
            let result = run_group(&groups[*g], precision, seed);
            let so_far = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            told(so_far, groups.len());
            (*g, result)
        })
        .collect();
    results.sort_by_key(|(g, _)| *g);
    let findings = rows
        .iter()
        .zip(places)
        .map(|(row, place)| match place {
            Where::Nowhere(reason) => finding(row, None, Verdict::Unsupported, reason),
            Where::Groups { how, places } => {
                let outcomes: Vec<(String, &Simulated)> = places
                    .into_iter()
                    .map(|(variant, g, k)| (variant, &results[g].1[k]))
                    .collect();
                judge(row, &how, &outcomes, precision)
            }
        })
        .collect();
    Report { findings }
}

/// The clock of a run ends after 36 years.
const LONGEST: f64 = 1e9;

/// Finds or makes the runs of a row.
fn place(row: &Row, precision: &Precision, groups: &mut Vec<Group>) -> Where {
    let expressed = match express(row) {
        Ok(expressed) => expressed,
        Err(why) => return Where::Nowhere(why.0),
    };
    for plan in &expressed.plans {
        if plan.horizon.end() > LONGEST {
            return Where::Nowhere(format!(
                "a run would last {:.1e} s, the clock ends at 1e9; take shorter units",
                plan.horizon.end()
            ));
        }
        let least = plan.horizon.customers * precision.replications as f64;
        if least > precision.most_customers {
            return Where::Nowhere(format!(
                "it takes {least:.1e} customers to begin with, {:.1e} are allowed at this precision",
                precision.most_customers
            ));
        }
        if let Some(reason) = out_of_reach(row, plan, precision) {
            return Where::Nowhere(reason);
        }
    }
    let places = expressed.plans.into_iter().map(|plan| {
        let asked = (plan.statistic, plan.scale, row.exact);
        // Rows that look at one instant of the same start can share runs that last till the last of them.
        let instant = |h: &Horizon| h.warm_up == 0.0 && !h.stops;
        let found = groups.iter_mut().position(|g| {
            let same_time = g.horizon == plan.horizon || (instant(&g.horizon) && instant(&plan.horizon));
            g.model == plan.model && g.orbit == plan.orbit && same_time
        });
        match found {
            Some(g) => {
                if groups[g].horizon.length < plan.horizon.length {
                    groups[g].horizon = plan.horizon;
                }
                groups[g].asked.push(asked);
                (plan.variant, g, groups[g].asked.len() - 1)
            }
            None => {
                groups.push(Group {
                    model: plan.model,
                    orbit: plan.orbit,
                    horizon: plan.horizon,
                    asked: vec![asked],
                });
                (plan.variant, groups.len() - 1, 0)
            }
        }
    });
    Where::Groups {
        how: expressed.how,
        places: places.collect(),
    }
}

/// Why a row's value cannot be estimated with the customers there are.
fn out_of_reach(row: &Row, plan: &Plan, precision: &Precision) -> Option<String> {
    let exact = row.exact;
    if exact == 0.0 {
        return Some("the exact value is 0: an estimate has no relative precision".into());
    }
    let share = match &plan.statistic {
        Statistic::OverTime(_, Sum::Share(..))
        | Statistic::AtDesk(_, _, Sum::Share(..))
        | Statistic::AtInstants(_, _, Sum::Share(..))
        | Statistic::OverCustomers(_, Sum::Share(..), _)
        | Statistic::PerEach(..) => exact,
        _ => return None,
    };
    let trials = match &plan.statistic {
        Statistic::AtInstants(at, ..) => {
            let runs = (precision.customers / plan.horizon.customers).min(precision.most_replications as f64);
            runs * at.len() as f64
        }
        _ => precision.customers,
    };
    // Four hundred independent cases give a half-width of 10 %, and in a queue they come in bursts.
    let cases = share * trials;
    (cases < 800.0).then(|| {
        format!("too rare: {trials:.1e} trials have about {cases:.1} such cases, ±10 % needs 800 (they come in bursts)")
    })
}

/// Everything that a group's runs need, made once.
fn scenario_of(group: &Group) -> Result<Scenario, String> {
    let end = group.horizon.end();
    // Bins serve nobody here; a run that may stop is asked at each.
    let bin = if group.horizon.stops { end / 4000.0 } else { end / 4.0 };
    let mut sets: Vec<String> = group
        .model
        .sets
        .iter()
        .map(|(path, value)| format!("{path}={value}"))
        .collect();
    sets.push(format!("clock.end=\"{end} s\""));
    sets.push(format!("clock.warm_up=\"{} s\"", group.horizon.warm_up));
    sets.push(format!("clock.bin=\"{bin} s\""));
    load(&Source::Builtin(group.model.template.name().to_owned()), &sets).map_err(|problems| {
        let first = problems.0.first();
        first.map_or_else(String::new, |p| format!("{} ({})", p.message(), p.path()))
    })
}

fn run_group(group: &Group, precision: &Precision, seed: u64) -> Vec<Simulated> {
    let broken = |why: String| vec![Simulated::Broken(why); group.asked.len()];
    let scenario = match scenario_of(group) {
        Ok(scenario) => scenario,
        Err(why) => return broken(format!("the scenario is refused: {why}")),
    };
    // Systems draw apart from each other: with the same streams one unlucky draw would show in all of them.
    let key = format!("{} {:?}", group.model.template.name(), group.model.sets);
    let seed = seed ^ key_of(&key);
    let mut sums: Vec<Vec<Sums>> = vec![Vec::new(); group.asked.len()];
    let mut ran = 0;
    loop {
        let more = more(group, &sums, ran, precision);
        if more == 0 {
            break;
        }
        let batch: Vec<Result<Vec<Option<Sums>>, String>> = (ran..ran + more)
            .into_par_iter()
            .map(|r| replicate(group, &scenario, seed, r as u64))
            .collect();
        ran += more;
        for one in batch {
            match one {
                Err(why) => return broken(why),
                Ok(one) => {
                    for (all, one) in sums.iter_mut().zip(one) {
                        all.extend(one);
                    }
                }
            }
        }
    }
    group
        .asked
        .iter()
        .zip(&sums)
        .map(|((statistic, scale, exact), sums)| {
            if sums.len() < ran {
                return Simulated::Broken(format!("{} of {ran} runs saw nothing to count", ran - sums.len()));
            }
            match Estimate::jackknife(statistic.shape(), sums) {
                Some(mut e) => {
                    e.mean *= scale;
                    e.error *= scale.abs();
                    Simulated::Estimated(if statistic.is_trial() {
                        e.with_binomial_floor(*exact)
                    } else {
                        e
                    })
                }
                None => Simulated::Broken("nothing happened that could be counted".into()),
            }
        })
        .collect()
}

/// How many more replications a group needs; none when every statistic is precise or the means are spent.
fn more(group: &Group, sums: &[Vec<Sums>], ran: usize, precision: &Precision) -> usize {
    if ran == 0 {
        return precision.replications;
    }
    let cost = group.horizon.customers.max(1.0);
    let within =
        |customers: f64| ((customers / cost) as usize).clamp(precision.replications, precision.most_replications);
    let (usual, most) = (within(precision.customers), within(precision.most_customers));
    let mut needed = ran;
    for ((statistic, scale, exact), sums) in group.asked.iter().zip(sums) {
        let Some(e) = Estimate::jackknife(statistic.shape(), sums) else {
            continue;
        };
        let relative = e.half_width() * scale.abs() / exact.abs();
        if !relative.is_finite() {
            continue;
        }
        // The error falls with the square root of the number of replications; 10 % more for its own error.
        let for_width = |width: f64| (1.1 * ran as f64 * (relative / width) * (relative / width)) as usize + 1;
        if relative > precision.wanted {
            needed = needed.max(for_width(precision.wanted).min(usual));
        }
        // Aim inside the limit, so that it is met; where it is out of reach, do not try.
        let informative = for_width(precision.informative * 0.95);
        if relative > precision.informative * 0.9 && informative <= most {
            needed = needed.max(informative);
        }
    }
    // Steps of at most a doubling or so: an early error is not to be trusted with the whole budget.
    needed.saturating_sub(ran).min(2 * ran)
}

fn replicate(group: &Group, scenario: &Scenario, seed: u64, replication: u64) -> Result<Vec<Option<Sums>>, String> {
    let enough = Enough::default();
    let statistics: Vec<Statistic> = group.asked.iter().map(|a| a.0.clone()).collect();
    let (from, until) = (Time::from_secs(group.horizon.warm_up), scenario.clock.end);
    let mut watch = Watch::new(
        &statistics,
        group.model.services,
        group.model.initial,
        from,
        until,
        &enough,
    )
    .with_cores(group.model.cores);
    let stop = |_: Time| enough.reached();
    let progress: Option<&(dyn Fn(Time) -> bool + Sync)> = if group.horizon.stops { Some(&stop) } else { None };
    let options = RunOptions {
        seed,
        replication,
        policies: Vec::new(),
        orbit: group.orbit,
        mode: crate::world::Mode::Auto,
        progress,
    };
    match run(scenario, &options, &mut watch) {
        Ok(_) => Ok(watch.finish()),
        Err(RunError::Stopped) if group.horizon.stops => Ok(watch.finish()),
        Err(error) => Err(format!("replication {replication}, seed {seed}: {error}")),
    }
}

fn judge(row: &Row, how: &str, outcomes: &[(String, &Simulated)], precision: &Precision) -> Finding {
    let mut worst: Option<(Estimate, f64)> = None;
    let (mut trouble, mut vague) = (Vec::new(), Vec::new());
    for (variant, outcome) in outcomes {
        let name = if variant.is_empty() {
            String::new()
        } else {
            format!("{variant}: ")
        };
        match outcome {
            Simulated::Broken(why) => trouble.push(format!("{name}{why}")),
            Simulated::Estimated(e) => {
                // Time is rounded and some events are too rare to show: nothing is held to more than six digits.
                let floor = 1e-6 * row.exact.abs();
                let z = Estimate {
                    error: e.error.max(floor),
                    ..*e
                }
                .z(row.exact);
                if z.abs() > precision.z {
                    trouble.push(format!("{name}off by {z:+.1} standard errors"));
                } else if e.half_width() > precision.informative * row.exact.abs() {
                    let share = 100.0 * e.half_width() / row.exact.abs();
                    vague.push(format!(
                        "{name}too imprecise to tell, ±{share:.0} % after {} runs",
                        e.replications
                    ));
                }
                if worst.is_none_or(|(_, w)| z.abs() > w.abs()) {
                    worst = Some((*e, z));
                }
            }
        }
    }
    if !trouble.is_empty() {
        finding(row, worst, Verdict::Fail, format!("{} [{how}]", trouble.join("; ")))
    } else if !vague.is_empty() {
        finding(
            row,
            worst,
            Verdict::Unsupported,
            format!("{} [{how}]", vague.join("; ")),
        )
    } else {
        finding(row, worst, Verdict::Pass, how.to_owned())
    }
}

fn finding(row: &Row, estimate: Option<(Estimate, f64)>, verdict: Verdict, reason: String) -> Finding {
    Finding {
        case: row.case.clone(),
        parameters: row.parameters.clone(),
        quantity: row.quantity.clone(),
        exact: row.exact,
        estimate: estimate.map(|(e, _)| e.mean),
        half_width: estimate.map(|(e, _)| e.half_width()),
        z: estimate.map(|(_, z)| z).filter(|z| z.is_finite()),
        verdict,
        reason,
        replications: estimate.map_or(0, |(e, _)| e.replications),
    }
}
