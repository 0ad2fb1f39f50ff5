//! The replications of one arm, as intervals.

use super::RunRow;
use super::row::position;
use super::stats::Interval;
use crate::measure::kpi::{ALL, Scope};

/// Mean and interval of every KPI in every scope over replications.
#[derive(Clone, Debug)]
pub struct Summary {
    /// For each scope the intervals in the order of [`ALL`]. A KPI that does not exist in some replications
    /// (never degraded, say) has its interval over those in which it does, and `n` says how many they are.
    pub scopes: Vec<(Scope, Vec<Option<Interval>>)>,
    /// Number of replications.
    pub replications: usize,
}

impl Summary {
    /// Of the rows of one arm.
    pub fn of(rows: &[RunRow]) -> Summary {
        let Some(first) = rows.first() else {
            return Summary {
                scopes: vec![],
                replications: 0,
            };
        };
        let interval = |scope: usize, kpi: usize| {
            let values: Vec<f64> = rows.iter().filter_map(|row| row.scopes[scope].1[kpi]).collect();
            Interval::of(&values)
        };
        let of_scope =
            |(i, (scope, _)): (usize, &(Scope, Vec<_>))| (*scope, (0..ALL.len()).map(|kpi| interval(i, kpi)).collect());
        Summary {
            scopes: first.scopes.iter().enumerate().map(of_scope).collect(),
            replications: rows.len(),
        }
    }

    /// An interval by the KPI's name.
    pub fn get(&self, scope: Scope, kpi: &str) -> Option<Interval> {
        let position = position(kpi)?;
        self.scopes.iter().find(|(s, _)| *s == scope)?.1[position]
    }

    /// An interval of the total.
    pub fn total(&self, kpi: &str) -> Option<Interval> {
        self.get(Scope::Total, kpi)
    }

    /// The mean by the KPI's name.
    pub fn mean(&self, scope: Scope, kpi: &str) -> Option<f64> {
        self.get(scope, kpi).map(|i| i.mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up;

    #[test]
    fn intervals_are_of_the_values_that_exist() {
        let scenario = made_up::scenario(2);
        let rows: Vec<RunRow> = (0..3)
            .map(|r| {
                let mut row = RunRow::of(&scenario, &made_up::outcome(&scenario, 1, r, &[]), 0, r);
                row.scopes[0].1[position("wait_p50").unwrap()] = [None, Some(4.0), Some(6.0)][r as usize];
                row
            })
            .collect();
        let wait = Summary::of(&rows).total("wait_p50").unwrap();
        assert_eq!((wait.mean, wait.n), (5.0, 2));
        assert_eq!(Summary::of(&rows).total("visits").unwrap().n, 3);
        assert_eq!(Summary::of(&[]).total("visits"), None);
    }
}
