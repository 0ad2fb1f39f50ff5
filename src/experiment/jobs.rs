//! Jobs on threads: taken one by one in a given order, told in the order in which they end.
//!
//! The list of jobs is an iterator and each result is handed over as soon as it is there, so memory does not depend on
//! how many jobs there are. A job that fails, fails alone.

use crate::engine::Time;
use crate::measure::Outcome;
use crate::scenario::Diagnostics;
use crate::scenario::model::{PolicyId, Scenario};
use crate::world::{Mode, Orbit, RunError, RunOptions, Unwatched, run};
use rayon::prelude::*;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// Nobody may ask for more replications of one thing, in a file or by an option: the runs of a smallest model then take minutes, and all
/// their numbers still fit into memory. More digits than that are a slip of the finger.
pub const MOST_REPLICATIONS: u64 = 100_000;
/// Nor for more threads: a system that is asked to start a million of them stands still for everybody on it.
pub const MOST_THREADS: usize = 1024;

/// One run that is to be made.
#[derive(Clone, Debug)]
pub struct Job {
    /// The model, with all its changes.
    pub scenario: Arc<Scenario>,
    /// Policies that are on.
    pub policies: Vec<PolicyId>,
    /// Seed of the experiment.
    pub seed: u64,
    /// Its replication, from 0.
    pub replication: u64,
    /// How retries are simulated.
    pub orbit: Orbit,
    /// What stands for pages and floods.
    pub mode: Mode,
}

impl Job {
    /// Makes the run; `halt` stops it soon.
    ///
    /// # Errors
    /// Why there is no outcome. A run that panics is a failed job, not the end of the program.
    pub fn run(&self, halt: &Halt<'_>) -> Result<Outcome, JobError> {
        let told = |_: Time| halt.is_set();
        let options = RunOptions {
            seed: self.seed,
            replication: self.replication,
            policies: self.policies.clone(),
            orbit: self.orbit,
            mode: self.mode,
            progress: Some(&told),
        };
        // Nothing of a run outlives it but its outcome, so nothing half-changed is seen after a panic.
        let ended = catch_unwind(AssertUnwindSafe(|| run(&self.scenario, &options, &mut Unwatched)));
        match ended {
            Ok(outcome) => outcome.map_err(JobError::Run),
            Err(payload) => Err(JobError::Panic(words(payload.as_ref()))),
        }
    }
}

fn words(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no reason given".to_owned())
}

/// Why a job gave no result.
#[derive(Clone, Debug, thiserror::Error)]
pub enum JobError {
    /// The changes do not fit the model.
    #[error("{0}")]
    Model(Diagnostics),
    /// The run failed, or was stopped.
    #[error("{0}")]
    Run(RunError),
    /// The run panicked.
    #[error("the run panicked ({0}); this is a defect of the simulator: please report the model, seed and replication")]
    Panic(String),
}

impl JobError {
    /// Whether the job was stopped by the caller; it did not fail then and can be made again.
    pub fn is_stopped(&self) -> bool {
        matches!(self, JobError::Run(RunError::Stopped))
    }
}

/// Says whether to stop: jobs under way end soon and no other begins.
#[derive(Debug, Default)]
pub struct Halt<'a> {
    own: AtomicBool,
    given: Option<&'a AtomicBool>,
}

impl<'a> Halt<'a> {
    /// One that a caller's flag sets too.
    pub fn with(given: Option<&'a AtomicBool>) -> Halt<'a> {
        Halt {
            own: AtomicBool::new(false),
            given,
        }
    }

    /// Whether it is set.
    pub fn is_set(&self) -> bool {
        self.own.load(Ordering::Relaxed) || self.given.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Sets it.
    pub fn set(&self) {
        self.own.store(true, Ordering::Relaxed);
    }
}

/// The threads could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start {threads} threads: {source}")]
pub struct ThreadsError {
    /// How many.
    pub threads: usize,
    /// Why.
    pub source: rayon::ThreadPoolBuildError,
}

/// Works through `jobs` in their order on `threads` threads (none: those of rayon's global pool). Each result goes to
/// `on_done` in the order in which jobs end, one at a time; a `Break` from it sets `halt`. Gives the number of threads.
///
/// A job is taken from the iterator when a thread is free for it, so at most as many jobs and results exist at once as
/// there are threads.
///
/// # Errors
/// When the threads cannot be started.
///
/// ```
/// use preau::experiment::jobs::{Halt, each};
/// use std::ops::ControlFlow;
/// let mut squares = Vec::new();
/// each(Some(2), &Halt::default(), 1..=4, |n: u64, _| n * n, |square| {
///     squares.push(square);
///     ControlFlow::Continue(())
/// }).unwrap();
/// squares.sort();
/// assert_eq!(squares, [1, 4, 9, 16]);
/// ```
pub fn each<J: Send, R: Send>(
    threads: Option<usize>,
    halt: &Halt<'_>,
    jobs: impl IntoIterator<Item = J, IntoIter: Send>,
    work: impl Fn(J, &Halt<'_>) -> R + Sync,
    on_done: impl FnMut(R) -> ControlFlow<()> + Send,
) -> Result<usize, ThreadsError> {
    let jobs = Mutex::new(jobs.into_iter().fuse());
    let on_done = Mutex::new(on_done);
    let next = || lock(&jobs).next();
    let worker = |_| {
        // One by one in order, so that what is made first is complete first (rayon would split the list into distant halves).
        while !halt.is_set()
            && let Some(job) = next()
        {
            let result = work(job, halt);
            let mut told = lock(&on_done);
            if (*told)(result).is_break() {
                halt.set();
            }
        }
    };
    let all = || {
        let threads = rayon::current_num_threads();
        (0..threads).into_par_iter().with_max_len(1).for_each(worker);
        threads
    };
    let Some(threads) = threads else { return Ok(all()) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|source| ThreadsError { threads, source })?;
    Ok(pool.install(all))
}

/// A panic of another worker leaves nothing half-done behind these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn one_thread_keeps_the_order_and_more_do_every_job_once() {
        for threads in [1, 2, 5] {
            let mut done = Vec::new();
            let tell = |n| {
                done.push(n);
                ControlFlow::Continue(())
            };
            assert_eq!(
                each(Some(threads), &Halt::default(), 0..100, |n: usize, _| n, tell).unwrap(),
                threads
            );
            assert!(threads > 1 || done.is_sorted());
            done.sort_unstable();
            assert!(done.iter().copied().eq(0..100));
        }
    }

    #[test]
    fn few_jobs_are_held_at_once() {
        let (alive, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let jobs = (0..200).map(|_| most.fetch_max(alive.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed));
        let tell = |_| {
            alive.fetch_sub(1, Ordering::Relaxed);
            ControlFlow::Continue(())
        };
        each(Some(3), &Halt::default(), jobs, |job, _| job, tell).unwrap();
        assert!(most.into_inner() <= 3);
    }

    #[test]
    fn a_break_and_a_flag_of_the_caller_stop_it() {
        let mut done = 0;
        let tell = |n| {
            done += 1;
            if n == 4 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        each(Some(1), &Halt::default(), 0.., |n: usize, _| n, tell).unwrap();
        assert_eq!(done, 5);
        let flag = AtomicBool::new(true);
        let never = |_| panic!("nothing was to be done");
        each(Some(2), &Halt::with(Some(&flag)), 0..9, |n: usize, _| n, never).unwrap();
    }

    #[test]
    fn a_failed_job_is_told_and_the_others_go_on() {
        let mut told = Vec::new();
        let work = |n: usize, _: &Halt<'_>| {
            if n == 1 {
                Err(JobError::Panic("odd".into()))
            } else {
                Ok(n)
            }
        };
        let tell = |result: Result<usize, JobError>| {
            told.push(result.map_err(|error| error.to_string()).ok());
            ControlFlow::Continue(())
        };
        each(Some(1), &Halt::default(), 0..3, work, tell).unwrap();
        assert_eq!(told, [Some(0), None, Some(2)]);
        assert!(JobError::Run(RunError::Stopped).is_stopped() && !JobError::Panic(String::new()).is_stopped());
    }
}
