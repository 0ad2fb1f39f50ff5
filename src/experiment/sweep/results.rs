//! What a sweep found, point by point: read from the journal, so that memory holds one point at a time.

use super::{Journal, JournalError, Plan, Record};
use crate::experiment::stats::{CONFIDENCE, Interval, Modes, two_modes, wilson};
use crate::experiment::study::{Constraint, Point};

/// A run of a point.
#[derive(Clone, Debug, PartialEq)]
pub struct RunResult {
    /// Its replication.
    pub replication: u64,
    /// Hash of its history; empty for a failed one.
    pub fingerprint: String,
    /// Its values in the order of the study's columns, or why there are none.
    pub values: Result<Vec<Option<f64>>, String>,
}

/// A point with all its runs that were made.
#[derive(Clone, Debug, PartialEq)]
pub struct PointResult {
    /// Its place in the design.
    pub index: usize,
    /// The settings.
    pub point: Point,
    /// How many replications are wanted.
    pub wanted: u64,
    /// Those that there are, by replication.
    pub runs: Vec<RunResult>,
}

impl PointResult {
    /// The values of a column in the runs that have one.
    pub fn values(&self, column: usize) -> Vec<f64> {
        let of = |run: &RunResult| run.values.as_ref().ok().and_then(|values| values[column]);
        self.runs.iter().filter_map(of).collect()
    }

    /// Mean and interval of a column.
    pub fn interval(&self, column: usize) -> Option<Interval> {
        Interval::of(&self.values(column))
    }

    /// Whether a column has two modes.
    pub fn modes(&self, column: usize) -> Option<Modes> {
        two_modes(&self.values(column))
    }

    /// How many runs did not fail.
    pub fn made(&self) -> usize {
        self.runs.iter().filter(|run| run.values.is_ok()).count()
    }

    /// How many runs failed.
    pub fn failed(&self) -> usize {
        self.runs.len() - self.made()
    }

    /// In what share of the runs that did not fail all of some constraints hold (each with its column), with Wilson's
    /// interval; none without runs.
    pub fn keeps(&self, constraints: &[(&Constraint, usize)]) -> Option<(f64, f64, f64)> {
        let made = self.runs.iter().filter_map(|run| run.values.as_ref().ok());
        let holds = |values: &&Vec<Option<f64>>| constraints.iter().all(|(c, column)| c.holds(values[*column]));
        let (yes, n) = (made.clone().filter(holds).count() as u64, made.count() as u64);
        let (low, high) = wilson(yes, n, CONFIDENCE)?;
        Some((yes as f64 / n as f64, low, high))
    }
}

/// The points of a plan in their order, with what a journal holds of each.
pub struct Results<'a> {
    plan: &'a Plan<'a>,
    journal: &'a mut Journal,
    next: usize,
}

impl<'a> Results<'a> {
    /// From the first point on.
    pub fn of(plan: &'a Plan<'a>, journal: &'a mut Journal) -> Results<'a> {
        Results { plan, journal, next: 0 }
    }

    fn point(&mut self, index: usize) -> Result<PointResult, JournalError> {
        let point = self.plan.study.point(index);
        let (wanted, _) = self.plan.wanted(self.journal, &point)?;
        let mut runs = Vec::new();
        for replication in 0..wanted {
            let name = self.plan.name(&point, replication);
            if !self.journal.holds(name, &self.plan.start.columns) {
                continue;
            }
            let Some((record, columns)) = self.journal.get(name)? else {
                continue;
            };
            runs.push(match record {
                Record::Run(made) => {
                    let numbers = made.numbers();
                    let value = |name: &str| {
                        let at = columns.iter().position(|column| column == name)?;
                        numbers.get(at).copied().flatten()
                    };
                    let values = self
                        .plan
                        .study
                        .columns
                        .iter()
                        .map(|column| value(&column.name))
                        .collect();
                    RunResult {
                        replication,
                        fingerprint: made.fingerprint,
                        values: Ok(values),
                    }
                }
                Record::Failed(failed) => RunResult {
                    replication,
                    fingerprint: String::new(),
                    values: Err(failed.reason),
                },
                Record::Start(_) => continue,
            });
        }
        Ok(PointResult {
            index,
            point,
            wanted,
            runs,
        })
    }
}

impl Iterator for Results<'_> {
    type Item = Result<PointResult, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.next;
        self.next += 1;
        (index < self.plan.study.points()).then(|| self.point(index))
    }
}
