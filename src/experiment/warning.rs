//! Advice about results: what a reader might take for more than it is.

use super::stats::{Modes, interval::FEWEST, two_modes};
use super::{Arm, RunRow};
use crate::scenario::model::Scenario;
use std::fmt;

/// Something to know before believing a number.
#[derive(Clone, Debug, PartialEq)]
pub enum Warning {
    /// Fewer replications than make a t-interval trustworthy.
    TooFewReplications {
        /// How many there were.
        replications: usize,
    },
    /// The interval of a difference is wider than the difference.
    WiderThanEffect {
        /// Whose.
        arm: String,
        /// How many replications would do, if the spread stays the same.
        needed: Option<u64>,
    },
    /// A policy was on and did nothing in any replication.
    NeverActed {
        /// In which arm.
        arm: String,
        /// Key of the policy.
        policy: String,
    },
    /// Pairing made things worse instead of better.
    NegativeCorrelation {
        /// Of which arm with the base.
        arm: String,
        /// The correlation.
        correlation: f64,
    },
    /// Some runs collapse and others do not.
    TwoModes {
        /// In which arm.
        arm: String,
        /// The groups of hours lost.
        modes: Modes,
    },
}

impl Warning {
    /// The name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Warning::TooFewReplications { .. } => "too_few_replications",
            Warning::WiderThanEffect { .. } => "wider_than_effect",
            Warning::NeverActed { .. } => "never_acted",
            Warning::NegativeCorrelation { .. } => "negative_correlation",
            Warning::TwoModes { .. } => "two_modes",
        }
    }

    /// What can be said about the replications of one arm alone, whether compared or not.
    pub fn of_arm(scenario: &Scenario, arm: &Arm, rows: &[RunRow]) -> Vec<Warning> {
        let never = |key: &&String| {
            let acts = |row: &RunRow| row.first_act.iter().any(|(k, at)| k == *key && at.is_some());
            !rows.iter().any(acts)
        };
        let policies = arm.policies.iter().map(|p| &scenario.policies[p.index()].key);
        let mut found: Vec<Warning> = policies
            .filter(never)
            .map(|policy| Warning::NeverActed {
                arm: arm.name.clone(),
                policy: policy.clone(),
            })
            .collect();
        let lost: Vec<f64> = rows.iter().filter_map(|row| row.total("hours_lost")).collect();
        found.extend(two_modes(&lost).map(|modes| Warning::TwoModes {
            arm: arm.name.clone(),
            modes,
        }));
        found
    }

    /// That there are fewer replications than ten, if so.
    pub fn of_count(replications: usize) -> Option<Warning> {
        (replications < FEWEST).then_some(Warning::TooFewReplications { replications })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::TooFewReplications { replications: 1 } => {
                write!(
                    f,
                    "1 replication shows no spread: no interval can be given. Make at least {FEWEST}."
                )
            }
            Warning::TooFewReplications { replications } => {
                write!(
                    f,
                    "{replications} replications are few: intervals may be too narrow. Make at least {FEWEST}."
                )
            }
            Warning::WiderThanEffect { arm, needed } => {
                write!(f, "{arm}: the interval is wider than the effect.")?;
                match needed {
                    Some(n) => write!(f, " About {n} replications would show an effect of this size."),
                    None => Ok(()),
                }
            }
            Warning::NeverActed { arm, policy } => write!(
                f,
                "{arm}: the policy '{policy}' never acted in any replication. Look at its start time and at what it is aimed at."
            ),
            Warning::NegativeCorrelation { arm, correlation } => write!(
                f,
                "{arm}: outcomes go against the base's (correlation {correlation:.2}), so pairing does not help here. The interval holds all the same."
            ),
            Warning::TwoModes { arm, modes } => write!(
                f,
                "{arm}: outcomes have two modes, {} runs about {:.0} hours lost and {} runs about {:.0}: some runs collapse. Read the runs and not only their mean.",
                modes.low_count, modes.low, modes.high_count, modes.high
            ),
        }
    }
}
