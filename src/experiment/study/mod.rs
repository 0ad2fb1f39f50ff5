//! A study: a question as a file. A base model, levers and uncertainties, a design, replications, constraints, KPIs.
//!
//! ```
//! use preau::experiment::study::{Study, Surroundings};
//! use preau::scenario::Source;
//! let text = r#"(
//!     model: "2021-04-06",
//!     levers: {
//!         "max_sessions": Values(path: "services.ent-idf.quota.max_sessions", values: [100000, 200000]),
//!         "smoothing": Switch(policies: ["smoothing"]),
//!     },
//!     uncertainties: {"attack": Range(paths: ["incidents.flood-*.kind.rate"], times: true, from: 0.5, to: 2, levels: 3)},
//!     design: Full,
//!     replications: Fixed(2),
//! )"#;
//! let model = |name: &str| Source::Builtin(name.to_owned());
//! let around = Surroundings { model: &model, file: &|_| Ok(String::new()) };
//! let study = Study::read("mine.ron", text, &around, &["size=0.001".into()]).unwrap();
//! assert_eq!(study.points(), 2 * 2 * 3);
//! let point = study.point(11);
//! assert_eq!(point.settings, ["200000", "on", "2"]);
//! let (scenario, policies) = study.scenario(&point).unwrap();
//! assert_eq!((scenario.policies[policies[0].index()].key.as_str(), policies.len()), ("smoothing", 1));
//! ```

mod factor;
mod kpis;
mod law;
mod library;
mod posterior;
mod raw;
mod read;
mod read_factor;
#[cfg(test)]
pub(super) mod tests;

pub use factor::{Factor, Kind, Role, Target};
pub(crate) use kpis::columns;
pub use kpis::{Column, Constraint};
pub use law::{Law, Range};
pub use library::{Shipped, shipped};
pub use posterior::Posterior;
pub use read::Surroundings;

use super::design::Design;
use super::jobs::JobError;
use super::replicate::Arm;
use super::stats::{Interval, precise_enough};
use super::switch::{Base, Change};
use crate::scenario::model::{PolicyId, Scenario};
use crate::scenario::{Diagnostic, Document};
use std::sync::Arc;

/// A question, read and resolved in its model.
#[derive(Clone, Debug)]
pub struct Study {
    /// One line for people; empty when there is none.
    pub title: String,
    /// The model as the file names it.
    pub model: String,
    /// Seed of the design and of all runs.
    pub seed: u64,
    /// Levers, then uncertainties, each in the order of the file.
    pub factors: Vec<Factor>,
    /// Which points are looked at.
    pub design: Design,
    /// How often each.
    pub replications: Replications,
    /// What has to hold.
    pub constraints: Vec<Constraint>,
    /// The KPIs that are kept.
    pub columns: Vec<Column>,
    /// The model that it names, before anything is laid over it.
    pub model_text: String,
    /// What is known of some uncertainties together.
    pub posterior: Option<Posterior>,
    /// What the dimensions of the design set.
    dimensions: Vec<Dimension>,
    /// Settings of a listed design.
    listed: Vec<Point>,
    base: Base,
    /// What is changed at every point.
    always: Change,
    document: Document,
}

/// What one dimension of the design sets.
#[derive(Clone, Debug, PartialEq)]
enum Dimension {
    /// A factor.
    Factor(usize),
    /// A draw of the posterior: (factor, column) of each that it sets.
    Joint(Vec<(usize, usize)>),
}

/// How often each point is run.
#[derive(Clone, Debug)]
pub enum Replications {
    /// So often.
    Fixed(u64),
    /// Until the mean of a KPI is known well enough.
    UntilPrecision(Precision),
}

/// When a mean is known well enough.
#[derive(Clone, Debug)]
pub struct Precision {
    /// Of which KPI.
    pub column: Column,
    /// The relative error that is still well enough.
    pub relative: f64,
    /// A half-width that is well enough whatever the mean, for means near 0.
    pub absolute: f64,
    /// Confidence of the interval.
    pub confidence: f64,
    /// Fewest replications.
    pub at_least: u64,
    /// Most replications.
    pub at_most: u64,
}

impl Precision {
    /// How many replications there must be before the mean is looked at (again): `at_least`, then a quarter more each time.
    /// So what is run does not depend on which run ends first.
    pub fn looks(&self) -> impl Iterator<Item = u64> + use<> {
        let most = self.at_most;
        let next = move |n: &u64| (*n < most).then(|| (n + (n / 4).max(1)).min(most));
        std::iter::successors(Some(self.at_least.min(most)), next)
    }

    /// Whether the values of the first replications are enough. Those that do not exist are left out.
    pub fn enough(&self, values: &[Option<f64>]) -> bool {
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        values.len() as u64 >= self.at_most || self.is_reached(&known)
    }

    /// Whether values, as many as there are, show the mean as precisely as was asked.
    pub fn is_reached(&self, values: &[f64]) -> bool {
        let interval = Interval::with_confidence(values, self.confidence);
        interval.is_some_and(|interval| precise_enough(&interval, self.relative, self.absolute))
    }
}

/// A setting of every factor, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Point {
    /// One text a factor.
    pub settings: Vec<String>,
}

impl Study {
    /// How many points the design has.
    pub fn points(&self) -> usize {
        self.design.len(self.dimensions.len())
    }

    /// How many dimensions the design has: as many as factors, or fewer when a posterior sets several at once.
    pub fn dimensions(&self) -> usize {
        self.dimensions.len()
    }

    /// The factors that a dimension of the design sets.
    pub fn factors_of(&self, dimension: usize) -> Vec<usize> {
        match self.dimensions.get(dimension) {
            Some(Dimension::Factor(f)) => vec![*f],
            Some(Dimension::Joint(columns)) => columns.iter().map(|(f, _)| *f).collect(),
            None => Vec::new(),
        }
    }

    /// A point of the design; the last for numbers beyond.
    pub fn point(&self, i: usize) -> Point {
        if let Design::List(_) = self.design {
            return self.listed[i.min(self.listed.len() - 1)].clone();
        }
        let levels = self.design.levels(i);
        let unit = self.design.unit(self.dimensions.len(), i, self.seed);
        let mut settings = vec![String::new(); self.factors.len()];
        for (d, dimension) in self.dimensions.iter().enumerate() {
            match dimension {
                Dimension::Factor(f) => {
                    settings[*f] = match levels.get(d) {
                        Some(level) => self.factors[*f].level(*level),
                        None => self.factors[*f].at(unit[d]),
                    }
                }
                Dimension::Joint(columns) => {
                    let draw = self
                        .posterior
                        .as_ref()
                        .map_or(&[][..], |posterior| posterior.at(unit[d]));
                    for (f, column) in columns {
                        settings[*f] = draw[*column].clone();
                    }
                }
            }
        }
        Point { settings }
    }

    /// The point at a place of the unit cube (one number a dimension): for programs that choose their own points.
    pub fn point_at(&self, unit: &[f64]) -> Point {
        let mut settings = vec![String::new(); self.factors.len()];
        for (dimension, u) in self.dimensions.iter().zip(unit) {
            match dimension {
                Dimension::Factor(f) => settings[*f] = self.factors[*f].at(*u),
                Dimension::Joint(columns) => {
                    let draw = self.posterior.as_ref().map_or(&[][..], |posterior| posterior.at(*u));
                    for (f, column) in columns {
                        settings[*f] = draw[*column].clone();
                    }
                }
            }
        }
        Point { settings }
    }

    /// What a point changes in the base model, with what is always changed.
    ///
    /// # Errors
    /// A setting that its factor cannot have, in words.
    pub fn change(&self, point: &Point) -> Result<Change, String> {
        let mut change = self.always.clone();
        for (factor, setting) in self.factors.iter().zip(&point.settings) {
            let own = factor.change(setting);
            change = change.and(&own.map_err(|e| format!("`{setting}` is no setting of `{}`: {e}", factor.name))?);
        }
        Ok(change)
    }

    /// The model at a point, and the policies that are on.
    ///
    /// # Errors
    /// When settings do not fit the model, or each other.
    pub fn scenario(&self, point: &Point) -> Result<(Arc<Scenario>, Vec<PolicyId>), JobError> {
        let change = self
            .change(point)
            .map_err(|words| JobError::Model(self.wrong("levers", words).into()))?;
        self.base.with(&change).map_err(JobError::Model)
    }

    /// The model without any lever or uncertainty.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// What is changed at every point.
    pub fn always(&self) -> &Change {
        &self.always
    }

    /// A factor by its name.
    pub fn factor(&self, name: &str) -> Option<&Factor> {
        self.factors.iter().find(|factor| factor.name == name)
    }

    /// The beginning of an error at a path of the file, for what only a verb can judge.
    pub(crate) fn wrong(&self, path: &str, title: impl Into<String>) -> Diagnostic {
        self.document.wrong(path, title)
    }

    /// The study as a comparison of policies: the base first, then the choices of its only factor. Without a factor there
    /// is nothing named, and none.
    ///
    /// # Errors
    /// When it asks more than which policies are on.
    pub fn arms(&self) -> Result<Option<Vec<Arm>>, Box<Diagnostic>> {
        let choices = match self.factors.as_slice() {
            [] => return Ok(None),
            [
                Factor {
                    kind: Kind::Choice(choices),
                    ..
                },
            ] if choices.iter().all(|(_, change)| change.sets.is_empty()) => choices,
            _ => {
                let place = if self.factors[0].role == Role::Lever {
                    "levers"
                } else {
                    "uncertainties"
                };
                let problem = self.wrong(place, "a comparison is between policies of one model");
                let problem = problem.label("expected one lever, a `Choice` of policies");
                return Err(Box::new(problem.help("`preau sweep` runs every other experiment")));
            }
        };
        let always = |change: &Change| self.base.with(&self.always.clone().and(change));
        let nothing = |(_, change): &&(String, Change)| change.is_nothing();
        let policies = |change: &Change| {
            let found = always(change).map(|(_, policies)| policies);
            found.map_err(|problems| Box::new(problems.0[0].clone()))
        };
        let base = choices.iter().find(nothing).map_or("base", |(name, _)| name.as_str());
        let mut arms = vec![Arm::new(base, policies(&Change::default())?)];
        for (name, change) in choices.iter().filter(|choice| !nothing(choice)) {
            arms.push(Arm::new(name, policies(change)?));
        }
        Ok(Some(arms))
    }
}
