//! Runs all jobs in rounds, so that what is compared was measured in the same minutes.

use crate::job::{Job, Run, Times};
use crate::series::Series;
use std::collections::BTreeMap;

/// What every job took.
pub struct Rounds(BTreeMap<Job, Result<Vec<Run>, String>>);

impl Rounds {
    /// Runs each different job: in order in one round, in the opposite order in the next, so that a machine that grows
    /// slower favours nobody.
    pub fn run<'a>(jobs: impl Iterator<Item = &'a Job>, rounds: u32) -> Rounds {
        let mut order: Vec<&Job> = Vec::new();
        for job in jobs {
            if !order.contains(&job) {
                order.push(job);
            }
        }
        let mut all = Rounds(order.iter().map(|&job| (job.clone(), Ok(Vec::new()))).collect());
        for round in 0..rounds {
            eprintln!("round {} of {rounds}", round + 1);
            for &job in &order {
                let times = match job.times {
                    Times::Once => u32::from(round == 0),
                    Times::EachRound => 1,
                    Times::Often(times) => times,
                };
                (0..times).for_each(|_| all.once(job));
                if times > 0 {
                    all.tell(job);
                }
            }
            order.reverse();
        }
        all
    }

    /// One failure is enough: such a job is not tried again.
    fn once(&mut self, job: &Job) {
        let Some(runs) = self.0.get_mut(job) else { return };
        let Ok(done) = runs else { return };
        match job.run() {
            Ok(run) => done.push(run),
            Err(problem) => *runs = Err(problem),
        }
    }

    /// Whoever waits for the table sees how far it is.
    fn tell(&self, job: &Job) {
        match self.0.get(job) {
            Some(Ok(runs)) => {
                if let Some(last) = runs.last() {
                    eprintln!("  {:>8.3} s of CPU  {}", last.cpu, job.short());
                }
            }
            Some(Err(problem)) => eprintln!("  failed: {problem}"),
            None => (),
        }
    }

    /// The runs of a job, or why there are none.
    pub fn of(&self, job: &Job) -> Result<Series<'_>, String> {
        match self.0.get(job) {
            Some(Ok(runs)) if !runs.is_empty() => Ok(Series(runs)),
            Some(Err(problem)) => Err(problem.clone()),
            _ => Err(format!("{} was not run", job.short())),
        }
    }
}
