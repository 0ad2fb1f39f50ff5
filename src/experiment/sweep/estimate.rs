//! How long a sweep will take, from one run that is timed.

use super::{Made, Plan, Record};
use crate::experiment::RunRow;
use crate::experiment::jobs::{Halt, Job, JobError};
use crate::experiment::switch::Change;
use crate::world::{Mode, Orbit};
use std::time::Instant;

/// People in a run that is small enough to be timed at its own size.
const FEW: f64 = 60_000.0;

/// What a run takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Seconds of one thread that has a core of its own.
    pub seconds: f64,
    /// How many times as long it took here, where other programs may have run at the same time; 1 and more.
    pub slowed: f64,
    /// Bytes in the journal.
    pub bytes: usize,
    /// The size of the run that was timed against that of the runs; 1 when it was one of them.
    pub scale: f64,
}

/// Times a run of the first point: as it is if it is small, else of a smaller country, whose time is multiplied (a run
/// takes about as long as there are people).
///
/// # Errors
/// When that run fails.
pub fn estimate(plan: &Plan<'_>) -> Result<Estimate, JobError> {
    let point = plan.study.point(0);
    let began = Instant::now();
    let (scenario, policies) = plan.study.scenario(&point)?;
    let reading = began.elapsed().as_secs_f64();
    let people: f64 = scenario.cohorts.iter().map(|cohort| f64::from(cohort.people)).sum();
    let scale = (FEW / people).min(1.0);
    // A model that cannot be made smaller is timed as it is.
    let smaller = (scale < 1.0).then(|| {
        let set = format!("size={}", scenario.size.factor * scale);
        let change = plan.study.change(&point).unwrap_or_default();
        let small = Change {
            sets: vec![set],
            policies: Vec::new(),
        };
        plan.study.base().with(&change.and(&small)).ok()
    });
    let (scale, scenario, policies) = match smaller.flatten() {
        Some((small, policies)) => (scale, small, policies),
        None => (1.0, scenario, policies),
    };
    let job = Job {
        scenario,
        policies,
        seed: plan.start.seed,
        replication: 0,
        orbit: Orbit::default(),
        mode: Mode::default(),
    };
    let outcome = job.run(&Halt::default())?;
    let row = RunRow::of(&job.scenario, &outcome, 0, 0);
    let stats = outcome.stats;
    let seconds = reading + stats.own_seconds() / scale;
    let slowed = (stats.wall_seconds / stats.own_seconds().max(1e-9)).max(1.0);
    let record = Record::Run(Made {
        name: plan.name(&point, 0).to_string(),
        point: plan.words(&point),
        replication: 0,
        fingerprint: format!("{:016x}", row.fingerprint),
        values: Made::join(plan.kept.iter().map(|column| column.of(&job.scenario, &row))),
    });
    Ok(Estimate {
        seconds,
        slowed,
        bytes: record.line().len(),
        scale,
    })
}
