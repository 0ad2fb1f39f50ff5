//! How far a run is from what is known.

use super::file::CalibrationFile;
use super::population::{Seen, Simulator};
use crate::experiment::facts::{Fact, FactsFile, Limits, Test};
use crate::measure::Outcome;
use crate::scenario::{Diagnostics, Source};
use crate::world::{RunError, RunOptions, Unwatched, run};

/// A test cannot be further off than this many tolerances: what is not there at all is not worse than what is all wrong.
const FURTHEST: f64 = 10.0;
/// The tolerance of a limit that stands alone, as a part of it.
const PART: f64 = 0.1;

/// A country with unknown numbers, held against facts.
pub struct Country<'a> {
    /// The calibration.
    pub file: &'a CalibrationFile,
    /// Finds the model of the facts.
    pub model: &'a (dyn Fn(&str) -> Source + Sync),
    /// Seed of all random streams; the number of a run is its replication.
    pub seed: u64,
}

/// Why a run gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// The parameters make no valid model.
    #[error("run {run}: these parameters make no valid model:\n{problems}")]
    Model {
        /// Number of the run.
        run: u64,
        /// Why.
        problems: Diagnostics,
    },
    /// The run failed.
    #[error("run {run} failed: {source}")]
    Run {
        /// Number of the run.
        run: u64,
        /// Why.
        source: RunError,
    },
}

impl Country<'_> {
    fn outcome(&self, facts: &FactsFile, world: usize, run_number: u64) -> Result<Outcome, ObserveError> {
        let world = &facts.worlds[world];
        let options = RunOptions {
            seed: self.seed,
            replication: run_number,
            policies: world.policies.clone(),
            ..RunOptions::default()
        };
        run(&world.scenario, &options, &mut Unwatched).map_err(|source| ObserveError::Run {
            run: run_number,
            source,
        })
    }
}

/// Positions of the worlds that some facts look at, ascending.
pub(super) fn worlds_of(facts: &FactsFile, which: &[usize]) -> Vec<usize> {
    let tests = which.iter().flat_map(|f| &facts.facts[*f].tests);
    let mut worlds: Vec<usize> = tests
        .flat_map(|test| std::iter::once(test.world).chain(test.against.as_ref().map(|a| a.world)))
        .collect();
    worlds.sort_unstable();
    worlds.dedup();
    worlds
}

impl Simulator for Country<'_> {
    type Error = ObserveError;

    fn observe(&self, point: &[f64], run: u64) -> Result<Seen, ObserveError> {
        let facts = self.file.at(point, self.model);
        let facts = facts.map_err(|problems| ObserveError::Model { run, problems })?;
        let which = &self.file.facts;
        let tests: Vec<Vec<&Test>> = which.iter().map(|f| facts.facts[*f].tests.iter().collect()).collect();
        let mut numbers: Vec<Vec<[Option<f64>; 2]>> = tests.iter().map(|t| vec![[None; 2]; t.len()]).collect();
        // World by world, so that one outcome is in memory at a time.
        for world in worlds_of(&facts, which) {
            let outcome = self.outcome(&facts, world, run)?;
            let scenario = &facts.worlds[world].scenario;
            for (tests, numbers) in tests.iter().zip(&mut numbers) {
                for (test, numbers) in tests.iter().zip(numbers) {
                    if test.world == world {
                        numbers[0] = test.measure.of(scenario, &outcome);
                    }
                    if let Some(against) = test.against.as_ref().filter(|a| a.world == world) {
                        numbers[1] = against.measure.of(scenario, &outcome);
                    }
                }
            }
        }
        let judged = which
            .iter()
            .zip(&numbers)
            .map(|(f, numbers)| judge(&facts.facts[*f], numbers));
        let (distances, holds): (Vec<f64>, Vec<bool>) = judged.unzip();
        Ok(Seen {
            distance: distances.iter().sum::<f64>() / distances.len().max(1) as f64,
            holds,
        })
    }
}

/// How far a fact is off, which is its worst test's distance, and whether it holds.
fn judge(fact: &Fact, numbers: &[[Option<f64>; 2]]) -> (f64, bool) {
    let mut worst: f64 = 0.0;
    let mut holds = true;
    for (test, [first, second]) in fact.tests.iter().zip(numbers) {
        let number = test.number(*first, *second);
        worst = worst.max(number.map_or(FURTHEST, |n| off(&test.limits, n)));
        holds &= number.is_some_and(|n| test.limits.hold(n));
    }
    (worst, holds)
}

/// How far a number lies outside its limits, in tolerances: half the width between two limits; a tenth of one that
/// stands alone, or 1 where that is 0.
fn off(limits: &Limits, value: f64) -> f64 {
    let outside = [
        limits.at_least.map(|low| low - value),
        limits.at_most.map(|high| value - high),
    ];
    let outside = outside.into_iter().flatten().fold(0.0, f64::max);
    let tolerance = match (limits.at_least, limits.at_most) {
        (Some(low), Some(high)) if high > low => 0.5 * (high - low),
        (Some(one), _) | (None, Some(one)) if one != 0.0 => PART * one.abs(),
        _ => 1.0,
    };
    (outside / tolerance).min(FURTHEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_in_tolerances() {
        let limits = |at_least, at_most| Limits { at_least, at_most };
        let two = limits(Some(350.0), Some(650.0));
        assert_eq!(off(&two, 400.0), 0.0);
        assert_eq!(off(&two, 200.0), 1.0);
        assert_eq!(off(&two, 800.0), 1.0);
        assert!((off(&limits(Some(5.0), None), 4.0) - 2.0).abs() < 1e-12);
        assert!((off(&limits(None, Some(0.5)), 0.6) - 2.0).abs() < 1e-9);
        assert_eq!(off(&limits(None, Some(0.0)), 3.0), 3.0);
        assert_eq!(off(&limits(None, Some(0.0)), 3e9), FURTHEST);
        assert_eq!(off(&limits(None, None), 1e9), 0.0);
    }
}
