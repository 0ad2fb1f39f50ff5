//! The runs of an optimisation in a journal, the same as a sweep's: a search that is killed goes on where it was.
//!
//! A search is a function of the answers it gets, and a run is named by its content. So nothing of the search itself is kept: it
//! begins again, finds its runs in the journal, and goes on with those that are missing.

use super::problem::Ask;
use crate::experiment::RunRow;
use crate::experiment::jobs::JobError;
use crate::experiment::study::{Column, Point};
use crate::experiment::sweep::{Failed, Journal, JournalError, Made, Name, Plan, Record};
use crate::scenario::model::Scenario;
use std::sync::Arc;

/// What is kept of a run: its values in the order of the columns that are kept, or why it failed.
pub(super) type Values = Result<Vec<Option<f64>>, String>;

/// A journal with what names its runs.
#[derive(Debug)]
pub struct Ledger<'a> {
    plan: Plan<'a>,
    journal: Journal,
    /// Runs taken from the journal, and those made and written down.
    known: usize,
    made: usize,
    error: Option<JournalError>,
}

impl<'a> Ledger<'a> {
    /// Of a journal whose runs are of the plan's model and seed ([`crate::experiment::sweep::Start::difference`] says so).
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn new(plan: Plan<'a>, mut journal: Journal) -> Result<Ledger<'a>, JournalError> {
        journal.start(&plan.start)?;
        Ok(Ledger {
            plan,
            journal,
            known: 0,
            made: 0,
            error: None,
        })
    }

    /// Runs that were in the journal already and were not made again.
    pub fn known(&self) -> usize {
        self.known
    }

    /// Runs that were made and written down.
    pub fn made(&self) -> usize {
        self.made
    }

    /// Why the search was stopped, if it was the journal that could not be read or written.
    pub fn error(&self) -> Option<&JournalError> {
        self.error.as_ref()
    }

    /// The journal.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The columns that are kept of a run.
    pub(super) fn columns(&self) -> &[Column] {
        &self.plan.kept
    }

    pub(super) fn name(&self, point: &Point, ask: &Ask) -> Name {
        self.plan.name(point, ask.future as u64)
    }

    /// What the journal holds of a run, if it does.
    pub(super) fn find(&mut self, name: Name) -> Option<Values> {
        if !self.journal.holds(name, &self.plan.start.columns) {
            return None;
        }
        match self.journal.get(name) {
            Ok(Some((Record::Run(made), columns))) => {
                let numbers = made.numbers();
                let place = |column: &Column| columns.iter().position(|known| *known == column.name);
                let value = |column: &Column| numbers.get(place(column)?).copied().flatten();
                let values = self.plan.kept.iter().map(value).collect();
                self.known += 1;
                Some(Ok(values))
            }
            Ok(Some((Record::Failed(failed), _))) => {
                self.known += 1;
                Some(Err(failed.reason))
            }
            Ok(_) => None,
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }

    /// Writes a run down; says whether that went well.
    pub(super) fn add(&mut self, name: Name, point: &Point, ask: &Ask, fingerprint: &str, values: &Values) -> bool {
        let (name, words, replication) = (name.to_string(), self.plan.words(point), ask.future as u64);
        let record = match values {
            Ok(values) => Record::Run(Made {
                name,
                point: words,
                replication,
                fingerprint: fingerprint.to_owned(),
                values: Made::join(values.iter().copied()),
            }),
            Err(reason) => Record::Failed(Failed {
                name,
                point: words,
                replication,
                reason: reason.clone(),
            }),
        };
        match self.journal.add(&record) {
            Ok(()) => self.made += 1,
            Err(error) => self.error = Some(error),
        }
        self.error.is_none()
    }
}

/// A run that ended by itself.
pub(super) struct Ended {
    /// Hash of its history; empty for a failed one.
    pub fingerprint: String,
    /// What is kept of it.
    pub values: Values,
}

impl Ended {
    /// Of what came of a job; none for one that was stopped.
    pub(super) fn of(made: Result<(RunRow, Arc<Scenario>), JobError>, columns: &[Column]) -> Option<Ended> {
        match made {
            Ok((row, scenario)) => Some(Ended {
                fingerprint: format!("{:016x}", row.fingerprint),
                values: Ok(columns.iter().map(|column| column.of(&scenario, &row)).collect()),
            }),
            Err(error) if error.is_stopped() => None,
            Err(error) => Some(Ended {
                fingerprint: String::new(),
                values: Err(error.to_string()),
            }),
        }
    }
}
