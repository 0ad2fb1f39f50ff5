//! Making the runs that are missing.

use super::{Failed, Journal, JournalError, Made, Name, Plan, Record};
use crate::experiment::RunRow;
use crate::experiment::jobs::{Halt, Job, JobError, ThreadsError, each};
use crate::world::{Mode, Orbit};
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard};

/// Why a sweep ended early. What was made until then is in its journal.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The threads could not be started.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
}

/// A run that has just been written down.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Its point in the design.
    pub point: usize,
    /// Its replication.
    pub replication: u64,
    /// What was written down.
    pub record: &'a Record,
    /// Runs made by this call, failed ones included.
    pub made: u64,
    /// Failed ones among them.
    pub failed: u64,
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// Runs made by this call, failed ones included.
    pub made: u64,
    /// Failed ones among them.
    pub failed: u64,
    /// Whether it was stopped by the caller.
    pub stopped: bool,
    /// Threads used.
    pub threads: usize,
}

/// A run that is to be made.
struct Task {
    point: usize,
    replication: u64,
    name: Name,
}

/// What threads share.
struct Shared<'j> {
    journal: &'j mut Journal,
    /// Runs under way: two points of a design may be the same.
    under_way: HashSet<Name>,
    /// Failed runs that are to be made again.
    again: HashSet<Name>,
    error: Option<JournalError>,
}

/// Makes all runs of a plan that its journal does not hold, and writes each down when it ends. With `again` failed runs
/// are made again.
///
/// # Errors
/// When the journal cannot be written (a full disk, say). A failed run is no error: it is written down as failed.
pub fn sweep(
    plan: &Plan<'_>,
    journal: &mut Journal,
    threads: Option<usize>,
    stop: Option<&AtomicBool>,
    again: bool,
    told: &mut (dyn FnMut(&Told<'_>) + Send),
) -> Result<Swept, SweepError> {
    journal.start(&plan.start)?;
    let halt = Halt::with(stop);
    let again: HashSet<Name> = if again {
        journal.names().filter(|name| journal.is_failed(*name)).collect()
    } else {
        HashSet::new()
    };
    let mut swept = Swept {
        made: 0,
        failed: 0,
        stopped: false,
        threads: 0,
    };
    let shared = Mutex::new(Shared {
        journal,
        under_way: HashSet::new(),
        again,
        error: None,
    });
    loop {
        let round = plan.round(lock(&shared).journal)?;
        let before = swept.made;
        let points = plan.study.points();
        let tasks = round
            .runs(points)
            .filter(|(point, replication)| plan.is_mine(*point, *replication))
            .filter_map(|(point, replication)| {
                let name = plan.name(&plan.study.point(point), replication);
                let task = Task {
                    point,
                    replication,
                    name,
                };
                claim(&mut lock(&shared), plan, name).then_some(task)
            });
        let work = |task: Task, halt: &Halt<'_>| {
            let record = make(plan, &task, halt);
            (task, record)
        };
        let on_done = |(task, record): (Task, Option<Record>)| {
            let mut shared = lock(&shared);
            shared.under_way.remove(&task.name);
            // Stopped: it is as if it had never begun.
            let Some(record) = record else {
                return ControlFlow::Continue(());
            };
            if let Err(error) = shared.journal.add(&record) {
                shared.error = Some(error);
                return ControlFlow::Break(());
            }
            shared.again.remove(&task.name);
            drop(shared);
            swept.made += 1;
            swept.failed += u64::from(matches!(record, Record::Failed(_)));
            told(&Told {
                point: task.point,
                replication: task.replication,
                record: &record,
                made: swept.made,
                failed: swept.failed,
            });
            ControlFlow::Continue(())
        };
        swept.threads = each(threads, &halt, tasks, work, on_done)?;
        if let Some(error) = lock(&shared).error.take() {
            return Err(error.into());
        }
        swept.stopped = halt.is_set();
        // A round that made nothing has nothing left to want.
        if swept.stopped || swept.made == before {
            return Ok(swept);
        }
    }
}

/// Takes a run that is missing and not under way.
fn claim(shared: &mut Shared<'_>, plan: &Plan<'_>, name: Name) -> bool {
    let missing = !shared.journal.holds(name, &plan.start.columns) || shared.again.contains(&name);
    missing && shared.under_way.insert(name)
}

/// One run; none when it was stopped.
fn make(plan: &Plan<'_>, task: &Task, halt: &Halt<'_>) -> Option<Record> {
    let point = plan.study.point(task.point);
    let words = plan.words(&point);
    let made = plan.study.scenario(&point).and_then(|(scenario, policies)| {
        let job = Job {
            scenario,
            policies,
            seed: plan.start.seed,
            replication: task.replication,
            orbit: Orbit::default(),
            mode: Mode::default(),
        };
        let outcome = job.run(halt)?;
        let row = RunRow::of(&job.scenario, &outcome, task.point, task.replication);
        Ok((job, row))
    });
    let name = task.name.to_string();
    match made {
        Ok((job, row)) => Some(Record::Run(Made {
            name,
            point: words,
            replication: task.replication,
            fingerprint: format!("{:016x}", row.fingerprint),
            values: Made::join(plan.kept.iter().map(|column| column.of(&job.scenario, &row))),
        })),
        Err(error) if error.is_stopped() => None,
        Err(error) => Some(Record::Failed(Failed {
            name,
            point: words,
            replication: task.replication,
            reason: reason(&error),
        })),
    }
}

/// Why a run failed, in one line.
fn reason(error: &JobError) -> String {
    match error {
        JobError::Model(problems) => problems
            .0
            .iter()
            .map(|problem| problem.message())
            .collect::<Vec<_>>()
            .join("; "),
        other => other.to_string(),
    }
}

fn lock<'a, T>(mutex: &'a Mutex<T>) -> MutexGuard<'a, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
