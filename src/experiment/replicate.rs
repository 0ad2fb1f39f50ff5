//! Replications of arms in parallel: the same people meet every arm.

use super::RunRow;
use super::jobs::{Halt, ThreadsError, each};
use crate::engine::Time;
use crate::measure::Outcome;
use crate::scenario::model::{PolicyId, Scenario};
use crate::world::{Mode, Orbit, RunError, RunOptions, Unwatched, run};
use std::ops::{ControlFlow, Range};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// A named list of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// Its name in tables and files.
    pub name: String,
    /// What is on.
    pub policies: Vec<PolicyId>,
}

impl Arm {
    /// An arm with policies.
    pub fn new(name: impl Into<String>, policies: impl Into<Vec<PolicyId>>) -> Arm {
        Arm {
            name: name.into(),
            policies: policies.into(),
        }
    }
    /// The model as it is.
    pub fn base() -> Arm {
        Arm::new("base", [])
    }
}

/// What to run.
pub struct Plan<'a> {
    /// The model.
    pub scenario: &'a Scenario,
    /// Seed of the experiment.
    pub seed: u64,
    /// Which replications; a range that goes on where another ended extends it.
    pub replications: Range<u64>,
    /// What to compare; the first is the base.
    pub arms: Vec<Arm>,
    /// How retries are simulated.
    pub orbit: Orbit,
    /// What stands for pages and floods.
    pub mode: Mode,
    /// Threads; `None`: those of rayon's global pool.
    pub threads: Option<usize>,
    /// Keep the whole outcome of each arm's first replication (for series in files); all others are dropped
    /// as soon as their row is made, so that memory does not grow with their number.
    pub keep_first: bool,
    /// Set to stop: runs under way end soon and no other begins.
    pub stop: Option<&'a AtomicBool>,
}

impl<'a> Plan<'a> {
    /// One arm, the model as it is, on all threads.
    pub fn new(scenario: &'a Scenario, seed: u64, replications: u64) -> Plan<'a> {
        Plan {
            scenario,
            seed,
            replications: 0..replications,
            arms: vec![Arm::base()],
            orbit: Orbit::Auto,
            mode: Mode::Auto,
            threads: None,
            keep_first: true,
            stop: None,
        }
    }

    fn jobs(&self) -> usize {
        self.replications.end.saturating_sub(self.replications.start) as usize * self.arms.len()
    }
}

/// A run that has just ended.
pub struct Done<'a> {
    /// Position of its arm.
    pub arm: usize,
    /// Its replication.
    pub replication: u64,
    /// Its KPIs.
    pub row: &'a RunRow,
    /// Runs done so far, this one included.
    pub done: usize,
    /// Runs in all.
    pub total: usize,
    /// Time since the first began.
    pub elapsed: Duration,
}

/// All runs of a plan, in an order that does not depend on the number of threads.
#[derive(Debug)]
pub struct Replications {
    /// What was compared.
    pub arms: Vec<Arm>,
    /// Seed of the experiment.
    pub seed: u64,
    /// Which replications.
    pub replications: Range<u64>,
    /// How retries were simulated.
    pub orbit: Orbit,
    /// What stood for pages and floods.
    pub mode: Mode,
    /// `[arm][replication]`.
    pub rows: Vec<Vec<RunRow>>,
    /// The outcome of each arm's first replication, if the plan keeps it.
    pub first: Vec<Option<Outcome>>,
    /// Threads used.
    pub threads: usize,
    /// Wall time.
    pub elapsed: Duration,
}

impl Replications {
    /// Of a single run that was made elsewhere: the first arm of a plan, its first replication.
    pub fn of_one(plan: &Plan<'_>, outcome: Outcome) -> Replications {
        let replication = plan.replications.start;
        let elapsed = Duration::from_secs_f64(outcome.stats.wall_seconds);
        Replications {
            arms: plan.arms[..1].to_vec(),
            seed: plan.seed,
            replications: replication..replication + 1,
            orbit: plan.orbit,
            mode: plan.mode,
            rows: vec![vec![RunRow::of(plan.scenario, &outcome, 0, replication)]],
            first: vec![Some(outcome)],
            threads: 1,
            elapsed,
        }
    }
}

/// Why a plan gave no result.
#[derive(Debug, thiserror::Error)]
pub enum ReplicateError {
    /// A run failed; the others are thrown away, for an average that leaves runs out means nothing.
    #[error("replication {replication} of '{arm}' (seed {seed}) failed: {source}")]
    Run {
        /// Name of its arm.
        arm: String,
        /// Its number.
        replication: u64,
        /// The seed.
        seed: u64,
        /// Why.
        source: RunError,
    },
    /// Stopped by the caller.
    #[error("stopped after {done} of {total} runs")]
    Stopped {
        /// Runs that were done (each was told to `on_done`).
        done: usize,
        /// Runs in all.
        total: usize,
    },
    /// The threads could not be started.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
}

/// Runs a plan. `on_done` is called from the thread that made the run, one run at a time, in the order in which runs end.
///
/// # Errors
/// The first failed run in the order of (replication, arm), or that the caller stopped it.
pub fn replicate(plan: &Plan<'_>, on_done: &(dyn Fn(&Done<'_>) + Sync)) -> Result<Replications, ReplicateError> {
    replicate_with(plan, on_done, &|scenario, options| {
        run(scenario, options, &mut Unwatched)
    })
}

/// Makes one run.
pub(crate) type Runner<'a> = dyn Fn(&Scenario, &RunOptions<'_>) -> Result<Outcome, RunError> + Sync + 'a;

type Made = Result<(RunRow, Option<Outcome>), RunError>;

/// [`replicate`] with another way to make a run.
pub(crate) fn replicate_with(
    plan: &Plan<'_>,
    on_done: &(dyn Fn(&Done<'_>) + Sync),
    runner: &Runner<'_>,
) -> Result<Replications, ReplicateError> {
    let began = Instant::now();
    let total = plan.jobs();
    let mut done = 0;
    let mut made: Vec<Option<Made>> = (0..total).map(|_| None).collect();
    let work = |job: usize, halt: &Halt<'_>| (job, make(plan, job, runner, halt));
    let told = |(job, result): (usize, Made)| {
        let flow = match &result {
            Ok((row, _)) => {
                done += 1;
                on_done(&Done {
                    arm: row.arm,
                    replication: row.replication,
                    row,
                    done,
                    total,
                    elapsed: began.elapsed(),
                });
                ControlFlow::Continue(())
            }
            Err(_) => ControlFlow::Break(()),
        };
        made[job] = Some(result);
        flow
    };
    // Job by job in order, so that early rows are complete replications.
    let threads = each(plan.threads, &Halt::with(plan.stop), 0..total, work, told)?;
    let (rows, first) = sort(plan, made, done)?;
    Ok(Replications {
        arms: plan.arms.clone(),
        seed: plan.seed,
        replications: plan.replications.clone(),
        orbit: plan.orbit,
        mode: plan.mode,
        rows,
        first,
        threads,
        elapsed: began.elapsed(),
    })
}

fn place(plan: &Plan<'_>, job: usize) -> (u64, usize) {
    let arms = plan.arms.len();
    (plan.replications.start + (job / arms) as u64, job % arms)
}

fn make(plan: &Plan<'_>, job: usize, runner: &Runner<'_>, halt: &Halt<'_>) -> Made {
    let (replication, arm) = place(plan, job);
    let halt = |_: Time| halt.is_set();
    let options = RunOptions {
        seed: plan.seed,
        replication,
        policies: plan.arms[arm].policies.clone(),
        orbit: plan.orbit,
        mode: plan.mode,
        progress: Some(&halt),
    };
    let outcome = runner(plan.scenario, &options)?;
    let row = RunRow::of(plan.scenario, &outcome, arm, replication);
    let keep = plan.keep_first && replication == plan.replications.start;
    Ok((row, keep.then_some(outcome)))
}

type Sorted = (Vec<Vec<RunRow>>, Vec<Option<Outcome>>);

fn sort(plan: &Plan<'_>, made: Vec<Option<Made>>, done: usize) -> Result<Sorted, ReplicateError> {
    let total = made.len();
    let mut rows: Vec<Vec<RunRow>> = plan.arms.iter().map(|_| Vec::new()).collect();
    let mut first: Vec<Option<Outcome>> = plan.arms.iter().map(|_| None).collect();
    let mut complete = true;
    for (job, result) in made.into_iter().enumerate() {
        let (replication, arm) = place(plan, job);
        match result {
            Some(Ok((row, outcome))) => {
                rows[arm].push(row);
                first[arm] = outcome.or(first[arm].take());
            }
            // Stopped because of another run, which is reported instead.
            None | Some(Err(RunError::Stopped)) => complete = false,
            Some(Err(source)) => {
                let arm = plan.arms[arm].name.clone();
                return Err(ReplicateError::Run {
                    arm,
                    replication,
                    seed: plan.seed,
                    source,
                });
            }
        }
    }
    if complete {
        Ok((rows, first))
    } else {
        Err(ReplicateError::Stopped { done, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn made_up_run(scenario: &Scenario, o: &RunOptions<'_>) -> Result<Outcome, RunError> {
        Ok(made_up::outcome(scenario, o.seed, o.replication, &o.policies))
    }

    fn plan(scenario: &Scenario, threads: usize) -> Plan<'_> {
        let arms = vec![Arm::base(), Arm::new("capacity", [made_up::CAPACITY])];
        Plan {
            arms,
            threads: Some(threads),
            ..Plan::new(scenario, 7, 6)
        }
    }

    #[test]
    fn results_do_not_depend_on_the_number_of_threads() {
        let scenario = made_up::scenario(2);
        let all = [1, 2, 8].map(|t| replicate_with(&plan(&scenario, t), &|_| (), &made_up_run).unwrap());
        for other in &all[1..] {
            for (a, b) in all[0].rows.iter().flatten().zip(other.rows.iter().flatten()) {
                assert_eq!(
                    (a.arm, a.replication, a.fingerprint),
                    (b.arm, b.replication, b.fingerprint)
                );
                assert_eq!(a.scopes, b.scopes);
            }
        }
        assert_eq!(all[0].rows.iter().map(Vec::len).collect::<Vec<_>>(), [6, 6]);
        assert!(all[0].rows[1].iter().map(|r| r.replication).eq(0..6));
        assert!(all[0].first.iter().all(Option::is_some));
    }

    #[test]
    fn a_range_that_goes_on_extends_the_first() {
        let scenario = made_up::scenario(2);
        let whole = replicate_with(&plan(&scenario, 2), &|_| (), &made_up_run).unwrap();
        let rest = Plan {
            replications: 4..6,
            ..plan(&scenario, 2)
        };
        let rest = replicate_with(&rest, &|_| (), &made_up_run).unwrap();
        assert_eq!(rest.rows[1][1].fingerprint, whole.rows[1][5].fingerprint);
    }

    #[test]
    fn every_run_is_told_once() {
        let scenario = made_up::scenario(2);
        let told = Mutex::new(Vec::new());
        let tell = |d: &Done<'_>| told.lock().unwrap().push((d.replication, d.arm, d.done, d.total));
        replicate_with(&plan(&scenario, 1), &tell, &made_up_run).unwrap();
        let told = told.into_inner().unwrap();
        assert_eq!(told.len(), 12);
        assert_eq!(told[..3], [(0, 0, 1, 12), (0, 1, 2, 12), (1, 0, 3, 12)]);
    }

    #[test]
    fn a_failed_run_is_named_and_stops_the_rest() {
        let scenario = made_up::scenario(2);
        let runs = AtomicUsize::new(0);
        let runner = |s: &Scenario, o: &RunOptions<'_>| {
            runs.fetch_add(1, Ordering::Relaxed);
            let broken = o.replication == 1 && !o.policies.is_empty();
            if broken {
                Err(RunError::Invariant {
                    what: "1 is not 2".into(),
                })
            } else {
                made_up_run(s, o)
            }
        };
        let error = replicate_with(&plan(&scenario, 1), &|_| (), &runner).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("replication 1 of 'capacity' (seed 7) failed: an invariant"),
            "{error}"
        );
        assert_eq!(runs.into_inner(), 4);
    }

    #[test]
    fn stops_when_told() {
        let scenario = made_up::scenario(2);
        let stop = AtomicBool::new(false);
        let plan = Plan {
            stop: Some(&stop),
            ..plan(&scenario, 1)
        };
        let tell = |d: &Done<'_>| stop.store(d.done == 5, Ordering::Relaxed);
        let error = replicate_with(&plan, &tell, &made_up_run).unwrap_err();
        assert!(
            matches!(error, ReplicateError::Stopped { done: 5, total: 12 }),
            "{error}"
        );
    }
}
