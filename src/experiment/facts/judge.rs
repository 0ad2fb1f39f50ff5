//! Holding replications of a model against its facts.

use super::file::{Fact, FactsFile, Test, World};
use crate::experiment::jobs::{Halt, Job, JobError, ThreadsError, each};
use crate::experiment::stats::Interval;
use crate::measure::Outcome;
use crate::world::{Mode, Orbit};
use serde::Serialize;
use std::ops::ControlFlow;

/// What came of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It holds in enough replications.
    Reproduced,
    /// It does not.
    Missed,
    /// The model cannot say.
    Untestable,
}

/// One test over all replications.
#[derive(Clone, Debug)]
pub struct TestFinding {
    /// In which share of replications it holds.
    pub share: f64,
    /// The number's mean, with its interval; none where it never exists.
    pub value: Option<Interval>,
    /// The least and the greatest value.
    pub range: Option<(f64, f64)>,
}

/// One fact over all replications.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What came of it.
    pub verdict: Verdict,
    /// In which share of replications all its tests hold.
    pub share: f64,
    /// Its tests, in order.
    pub tests: Vec<TestFinding>,
}

/// All facts.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// One a fact, in the order of the file.
    pub findings: Vec<Finding>,
    /// How many replications.
    pub replications: u64,
}

impl Judgement {
    /// How many facts came out so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings.iter().filter(|f| f.verdict == verdict).count()
    }
}

/// Why there is no judgement.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// A run failed.
    #[error(transparent)]
    Run(#[from] JobError),
    /// The threads could not be started.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
}

/// The values of one replication: `[fact][test]`.
type Values = Vec<Vec<Option<f64>>>;

/// Runs every world `replications` times and judges the facts. `told` hears of each run that is over.
///
/// # Errors
/// The first run that failed, or that the threads cannot be started.
pub fn judge(
    file: &FactsFile,
    seed: u64,
    replications: u64,
    threads: Option<usize>,
    told: &(dyn Fn(&str, u64) + Sync),
) -> Result<Judgement, JudgeError> {
    let worlds = file.worlds.len();
    let mut values: Vec<Values> = (0..replications).map(|_| blank(&file.facts)).collect();
    let mut failed = None;
    let jobs = (0..replications).flat_map(|r| (0..worlds).map(move |w| (r, w)));
    // Of an outcome only the numbers that are tested are kept.
    let work = |(replication, w): (u64, usize), halt: &Halt<'_>| {
        let outcome = job(&file.worlds[w], seed, replication).run(halt)?;
        let mut own = blank(&file.facts);
        take(&file.facts, w, &file.worlds[w], &outcome, &mut own);
        Ok((replication, w, own))
    };
    let on_done = |result: Result<(u64, usize, Values), JobError>| match result {
        Ok((replication, w, own)) => {
            told(&file.worlds[w].name, replication);
            merge(&mut values[replication as usize], own);
            ControlFlow::Continue(())
        }
        Err(error) => {
            // What was stopped because of the first failure is none.
            failed.get_or_insert(error);
            ControlFlow::Break(())
        }
    };
    each(threads, &Halt::default(), jobs, work, on_done)?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    let findings = file.facts.iter().enumerate();
    let findings = findings.map(|(f, fact)| find(fact, f, &values, file.needed)).collect();
    Ok(Judgement { findings, replications })
}

fn job(world: &World, seed: u64, replication: u64) -> Job {
    Job {
        scenario: world.scenario.clone(),
        policies: world.policies.clone(),
        seed,
        replication,
        orbit: Orbit::default(),
        mode: Mode::default(),
    }
}

/// Adds the numbers of one world to those of the others.
fn merge(values: &mut Values, own: Values) {
    for (value, own) in values.iter_mut().flatten().zip(own.into_iter().flatten()) {
        *value = own.or(*value);
    }
}

/// A test that compares two numbers needs two worlds at most: both are kept until they meet.
fn blank(facts: &[Fact]) -> Values {
    facts.iter().map(|fact| vec![None; 2 * fact.tests.len()]).collect()
}

fn take(facts: &[Fact], w: usize, world: &World, outcome: &Outcome, values: &mut Values) {
    for (fact, values) in facts.iter().zip(values) {
        for (i, test) in fact.tests.iter().enumerate() {
            if test.world == w {
                values[2 * i] = test.measure.of(&world.scenario, outcome);
            }
            if let Some(against) = &test.against
                && against.world == w
            {
                values[2 * i + 1] = against.measure.of(&world.scenario, outcome);
            }
        }
    }
}

fn find(fact: &Fact, f: usize, values: &[Values], needed: f64) -> Finding {
    let numbers = |t: usize| {
        let one = move |values: &Values| fact.tests[t].number(values[f][2 * t], values[f][2 * t + 1]);
        values.iter().map(one).collect::<Vec<Option<f64>>>()
    };
    let columns: Vec<Vec<Option<f64>>> = (0..fact.tests.len()).map(numbers).collect();
    let holds = |t: usize, r: usize| columns[t][r].is_some_and(|v| fact.tests[t].limits.hold(v));
    let runs = values.len();
    let share_of = |holds: &dyn Fn(usize) -> bool| (0..runs).filter(|r| holds(*r)).count() as f64 / runs as f64;
    let tests: Vec<TestFinding> = (0..columns.len())
        .map(|t| {
            let known: Vec<f64> = columns[t].iter().flatten().copied().collect();
            let ends = known.iter().copied();
            TestFinding {
                share: share_of(&|r| holds(t, r)),
                value: Interval::of(&known),
                range: ends.clone().reduce(f64::min).zip(ends.reduce(f64::max)),
            }
        })
        .collect();
    let share = share_of(&|r| (0..columns.len()).all(|t| holds(t, r)));
    // A number that has to be reported with its interval has none in a single replication.
    let unsure = |(test, found): (&Test, &TestFinding)| {
        test.limits.is_report() && found.value.is_some_and(|value| value.half_width.is_none())
    };
    let verdict = match share {
        _ if fact.tests.is_empty() || fact.tests.iter().zip(&tests).any(unsure) => Verdict::Untestable,
        share if share >= needed => Verdict::Reproduced,
        _ => Verdict::Missed,
    };
    Finding { verdict, share, tests }
}
