//! Running the worlds of an attribution.

use super::file::CausesFile;
use super::{MOST_EXACT, Orders};
use crate::experiment::RunRow;
use crate::scenario::Diagnostics;
use crate::world::{RunError, RunOptions, Unwatched, run};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Mutex;

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
    /// A run failed.
    #[error("replication {replication} of the world `{world}` failed: {source}")]
    Run {
        /// Names of the causes that are on.
        world: String,
        /// Its number.
        replication: u64,
        /// Why.
        source: RunError,
    },
    /// A combination of causes gives no valid model.
    #[error("the world `{world}` is not a valid model:\n{problems}")]
    World {
        /// Names of the causes that are on.
        world: String,
        /// Why.
        problems: Diagnostics,
    },
    /// The threads could not be started.
    #[error("cannot start {threads} threads: {source}")]
    Threads {
        /// How many.
        threads: usize,
        /// Why.
        source: rayon::ThreadPoolBuildError,
    },
}

/// Makes runs. `told` hears of each that is over, in the order in which they end.
///
/// # Errors
/// The first run that failed.
pub fn play(
    file: &CausesFile,
    jobs: &[Job],
    seed: u64,
    threads: Option<usize>,
    told: &(dyn Fn(&Played) + Sync),
) -> Result<Vec<Played>, PlayError> {
    let all = || -> Result<Vec<Played>, PlayError> {
        let played: Mutex<Vec<Played>> = Mutex::new(Vec::with_capacity(jobs.len()));
        // One by one in order, so that early rows are complete replications.
        jobs.par_iter().with_max_len(1).try_for_each(|job| {
            let one = play_one(file, *job, seed)?;
            told(&one);
            played.lock().unwrap_or_else(|e| e.into_inner()).push(one);
            Ok::<(), PlayError>(())
        })?;
        let mut played = played.into_inner().unwrap_or_else(|e| e.into_inner());
        played.sort_by_key(|p| (p.job.replication, p.job.coalition));
        Ok(played)
    };
    let Some(threads) = threads else { return all() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|source| PlayError::Threads { threads, source })?;
    pool.install(all)
}

fn play_one(file: &CausesFile, job: Job, seed: u64) -> Result<Played, PlayError> {
    let name = || file.name_of(job.coalition);
    let world = file.world(job.coalition).map_err(|problems| PlayError::World {
        world: name(),
        problems,
    })?;
    let options = RunOptions {
        seed,
        replication: job.replication,
        policies: world.policies.clone(),
        ..RunOptions::default()
    };
    let outcome = run(&world.scenario, &options, &mut Unwatched).map_err(|source| PlayError::Run {
        world: name(),
        replication: job.replication,
        source,
    })?;
    let row = RunRow::of(&world.scenario, &outcome, job.coalition as usize, job.replication);
    Ok(Played { job, row })
}
