//! Which runs a study wants, and which of them are this shard's.

use super::{Journal, JournalError, Name, Names, Record, Start};
use crate::experiment::study::{Column, Point, Replications, Study};
use crate::experiment::switch::Change;

/// A share of the runs: the `i`-th of `n`, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which.
    pub i: u32,
    /// Of how many.
    pub n: u32,
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let read = text
            .split_once('/')
            .and_then(|(i, n)| Some((i.trim().parse().ok()?, n.trim().parse().ok()?)));
        match read {
            Some((i, n)) if 1 <= i && i <= n => Ok(Shard { i, n }),
            _ => Err("write such as 2/8, the second of eight shares".to_owned()),
        }
    }
}

/// The runs of a study.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// The study.
    pub study: &'a Study,
    /// What makes it what it is.
    pub start: Start,
    /// How often each point is run.
    pub replications: Replications,
    /// The share that is made.
    pub shard: Option<Shard>,
    /// What is kept of a run, in the order of the start's columns.
    pub kept: Vec<Column>,
    names: Names,
}

impl<'a> Plan<'a> {
    /// The plan of a start, whose columns are set to what is kept: every KPI of the total and those of the study.
    pub fn new(study: &'a Study, mut start: Start) -> Plan<'a> {
        let mut kept = Column::totals(study.base().plain());
        for column in &study.columns {
            if !kept.iter().any(|known| known.name == column.name) {
                kept.push(column.clone());
            }
        }
        start.columns = kept.iter().map(|column| column.name.clone()).collect();
        start.seed = study.seed;
        let base = &study.base().plain().text;
        let names = Names::new(base, study.seed);
        start.base = names.of(&Change::default(), 0).to_string();
        let replications = match start.replications {
            Some(n) => Replications::Fixed(n),
            None => study.replications.clone(),
        };
        Plan {
            study,
            replications,
            shard: start.shard.map(|(i, n)| Shard { i, n }),
            start,
            kept,
            names,
        }
    }

    /// The name of a run; none for a point whose settings fit no factor, which cannot come from a design.
    pub fn name(&self, point: &Point, replication: u64) -> Name {
        let change = self.study.change(point).unwrap_or_default();
        self.names.of(&change, replication)
    }

    /// A point in words: `sessions=200000, smoothing=on`.
    pub fn words(&self, point: &Point) -> String {
        let both = self.study.factors.iter().zip(&point.settings);
        let words: Vec<String> = both
            .map(|(factor, setting)| format!("{}={setting}", factor.name))
            .collect();
        words.join(", ")
    }

    /// Whether a run is in this shard. With a fixed number of replications runs are dealt out one by one; until a
    /// precision, points are, for what is run next depends on all runs of a point.
    pub fn is_mine(&self, point: usize, replication: u64) -> bool {
        let Some(shard) = self.shard else { return true };
        let number = match self.replications {
            Replications::Fixed(_) => point as u64 + replication,
            Replications::UntilPrecision(_) => point as u64,
        };
        number % u64::from(shard.n) == u64::from(shard.i - 1)
    }

    /// How many runs are wanted at most and by this shard.
    pub fn most_runs(&self) -> u64 {
        let points = self.study.points() as u64;
        let each = match &self.replications {
            Replications::Fixed(n) => *n,
            Replications::UntilPrecision(precision) => precision.at_most,
        };
        match (self.shard, &self.replications) {
            (None, _) => points.saturating_mul(each),
            (Some(_), Replications::Fixed(_)) => (0..self.study.points())
                .map(|p| (0..each).filter(|r| self.is_mine(p, *r)).count() as u64)
                .sum(),
            (Some(_), Replications::UntilPrecision(_)) => {
                (0..self.study.points()).filter(|p| self.is_mine(*p, 0)).count() as u64 * each
            }
        }
    }

    /// How many replications of a point are wanted, as far as can be said from those that were made; true when that is
    /// the last word.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn wanted(&self, journal: &mut Journal, point: &Point) -> Result<(u64, bool), JournalError> {
        let precision = match &self.replications {
            Replications::Fixed(n) => return Ok((*n, true)),
            Replications::UntilPrecision(precision) => precision,
        };
        let mut values = Vec::new();
        let mut failed = 0;
        for look in precision.looks() {
            for replication in values.len() as u64..look {
                let name = self.name(point, replication);
                if !journal.holds(name, &self.start.columns) {
                    return Ok((look, false));
                }
                let value = match journal.get(name)? {
                    Some((Record::Run(made), columns)) => {
                        let at = columns.iter().position(|column| *column == precision.column.name);
                        at.and_then(|i| made.numbers().get(i).copied().flatten())
                    }
                    _ => {
                        failed += 1;
                        None
                    }
                };
                values.push(value);
            }
            // A point that always fails will not become more precise.
            if failed == look || precision.enough(&values) {
                return Ok((look, true));
            }
        }
        Ok((precision.at_most, true))
    }

    /// The runs that are missing now, replication by replication so that what is made first is an answer to everything;
    /// until a precision there may be more when these are made.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn round(&self, journal: &mut Journal) -> Result<Round, JournalError> {
        let points = self.study.points();
        Ok(match &self.replications {
            Replications::Fixed(n) => Round {
                replications: *n,
                of_points: None,
            },
            Replications::UntilPrecision(_) => {
                let mut of_points = Vec::with_capacity(points);
                for p in 0..points {
                    let mine = self.is_mine(p, 0);
                    of_points.push(if mine {
                        self.wanted(journal, &self.study.point(p))?.0
                    } else {
                        0
                    });
                }
                Round {
                    replications: of_points.iter().copied().max().unwrap_or(0),
                    of_points: Some(of_points),
                }
            }
        })
    }
}

/// What is wanted in one round: of each point all replications below a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// The greatest number of any point.
    pub replications: u64,
    /// The number of each point, where they differ.
    of_points: Option<Vec<u64>>,
}

impl Round {
    /// All (point, replication) of it.
    pub fn runs(self, points: usize) -> impl Iterator<Item = (usize, u64)> {
        let wants = move |point: usize, replication: u64| match &self.of_points {
            None => true,
            Some(of_points) => replication < of_points[point],
        };
        (0..self.replications)
            .flat_map(move |r| (0..points).map(move |p| (p, r)))
            .filter(move |(p, r)| wants(*p, *r))
    }
}
