//! Running the worlds of an attribution.

use super::file::CausesFile;
use super::{MOST_EXACT, Orders};
use crate::experiment::RunRow;
use crate::experiment::jobs::{self, Halt, JobError, ThreadsError, each};
use crate::world::{Mode, Orbit};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Which worlds are run in which replications.
#[derive(Clone, Debug)]
pub struct Design {
    /// How many causes.
    pub causes: usize,
    /// Seed of the experiment.
    pub seed: u64,
    /// How many replications.
    pub replications: u64,
    /// All worlds; else pairs of orders of causes.
    pub exact: bool,
    /// Pairs of orders in a replication, where not all worlds are run.
    pub order_pairs: usize,
    /// Worlds that are needed whatever the orders.
    always: Vec<u64>,
}

impl Design {
    /// The design of a file: every world up to [`MOST_EXACT`] causes, sampled orders beyond.
    pub fn new(file: &CausesFile, seed: u64, replications: u64) -> Design {
        let causes = file.causes.len();
        let all = file.everything();
        let day = file.day();
        let one_by_one = (0..causes).flat_map(|i| [1 << i, all & !(1 << i), day & !(1 << i)]);
        Design {
            causes,
            seed,
            replications,
            exact: causes <= MOST_EXACT,
            order_pairs: file.order_pairs,
            always: one_by_one.chain([0, all, day]).collect(),
        }
    }

    /// Worlds of a replication, ascending.
    pub fn coalitions(&self, replication: u64) -> Vec<u64> {
        if self.exact {
            return (0..1 << self.causes).collect();
        }
        let orders = self.orders(replication);
        let mut all: BTreeSet<u64> = orders.coalitions().into_iter().collect();
        all.extend(&self.always);
        all.into_iter().collect()
    }

    /// The orders of a replication.
    pub fn orders(&self, replication: u64) -> Orders {
        Orders::draw(self.causes, self.order_pairs, self.seed, replication)
    }

    /// Every run, replication by replication.
    pub fn jobs(&self) -> Vec<Job> {
        let of = |replication| {
            let coalitions = self.coalitions(replication).into_iter();
            coalitions.map(move |coalition| Job { coalition, replication })
        };
        (0..self.replications).flat_map(of).collect()
    }
}

/// A run to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Job {
    /// The causes that are on, as a bit mask.
    pub coalition: u64,
    /// The replication.
    pub replication: u64,
}

/// What is kept of a run.
#[derive(Clone, Debug)]
pub struct Played {
    /// Which.
    pub job: Job,
    /// Its KPIs.
    pub row: RunRow,
}

/// Why there is no attribution.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// A run failed, or a combination of causes gives no valid model.
    #[error("replication {replication} of the world `{world}`: {source}")]
    Run {
        /// Names of the causes that are on.
        world: String,
        /// Its number.
        replication: u64,
        /// Why.
        source: JobError,
    },
    /// The threads could not be started.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
}

/// Makes runs. `told` hears of each that is over, one at a time, in the order in which they end. Gives them in the order of
/// replications and worlds, and the number of threads.
///
/// # Errors
/// The first run that failed.
pub fn play(
    file: &CausesFile,
    jobs: &[Job],
    seed: u64,
    threads: Option<usize>,
    told: &mut (dyn FnMut(&Played) + Send),
) -> Result<(Vec<Played>, usize), PlayError> {
    let mut played: Vec<Played> = Vec::with_capacity(jobs.len());
    let mut failed = None;
    let work = |job: Job, halt: &Halt<'_>| play_one(file, job, seed, halt).map_err(|source| (job, source));
    let on_done = |result: Result<Played, (Job, JobError)>| match result {
        Ok(one) => {
            told(&one);
            played.push(one);
            ControlFlow::Continue(())
        }
        Err(error) => {
            // What was stopped because of the first failure is none.
            failed.get_or_insert(error);
            ControlFlow::Break(())
        }
    };
    let threads = each(threads, &Halt::default(), jobs.iter().copied(), work, on_done)?;
    if let Some((job, source)) = failed {
        return Err(PlayError::Run {
            world: file.name_of(job.coalition),
            replication: job.replication,
            source,
        });
    }
    played.sort_by_key(|p| (p.job.replication, p.job.coalition));
    Ok((played, threads))
}

fn play_one(file: &CausesFile, job: Job, seed: u64, halt: &Halt<'_>) -> Result<Played, JobError> {
    let world = file.world(job.coalition).map_err(JobError::Model)?;
    let run = jobs::Job {
        scenario: world.scenario,
        policies: world.policies,
        seed,
        replication: job.replication,
        orbit: Orbit::default(),
        mode: Mode::default(),
    };
    let outcome = run.run(halt)?;
    let row = RunRow::of(&run.scenario, &outcome, job.coalition as usize, job.replication);
    Ok(Played { job, row })
}
