//! What a choice looks like across futures: regret and satisficing.

use super::pool::Candidate;
use crate::experiment::stats::{Interval, clopper_pearson, quantile};
use serde::Serialize;

/// Regret of a candidate in one objective: how much worse it is than the best of those compared, in the same future.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Regret {
    /// Mean over futures with its interval.
    pub mean: Interval,
    /// Nine futures of ten have no more.
    pub p90: f64,
    /// The worst future's.
    pub worst: f64,
}

/// Regrets of candidates `[candidate][objective]` on the futures that all of them met; empty when there is none (Savage 1951).
///
/// ```
/// use preau::experiment::optimize::{Answer, Candidate, regret};
/// let candidate = |values: [f64; 2]| Candidate {
///     levers: vec![],
///     key: String::new(),
///     answers: values.map(|v| Answer { objectives: vec![v], excess: vec![] }).to_vec(),
///     failed: None,
/// };
/// let (a, b) = (candidate([1.0, 8.0]), candidate([4.0, 2.0]));
/// let table = regret(&[&a, &b]);
/// assert_eq!((table[0][0].mean.mean, table[0][0].worst), (3.0, 6.0));
/// assert_eq!((table[1][0].mean.mean, table[1][0].worst), (1.5, 3.0));
/// ```
pub fn regret(candidates: &[&Candidate]) -> Vec<Vec<Regret>> {
    let futures = candidates.iter().map(|c| c.answers.len()).min().unwrap_or(0);
    let objectives = candidates
        .first()
        .and_then(|c| c.answers.first())
        .map_or(0, |a| a.objectives.len());
    if futures == 0 {
        return vec![];
    }
    let best = |o: usize, f: usize| {
        let values = candidates.iter().map(|c| c.answers[f].objectives[o]);
        values.fold(f64::INFINITY, f64::min)
    };
    let of = |c: &Candidate, o: usize| {
        let all: Vec<f64> = (0..futures).map(|f| c.answers[f].objectives[o] - best(o, f)).collect();
        Some(Regret {
            mean: Interval::of(&all)?,
            p90: quantile(&all, 0.9)?,
            worst: all.iter().copied().fold(0.0, f64::max),
        })
    };
    candidates
        .iter()
        .map(|c| (0..objectives).filter_map(|o| of(c, o)).collect())
        .collect()
}

/// In how many futures a candidate keeps every constraint (Simon's satisficing).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Satisficing {
    /// Share of futures.
    pub share: f64,
    /// Lower end of its interval by Clopper and Pearson at 95 %.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Futures.
    pub futures: usize,
}

/// The share of futures in which a candidate keeps every constraint; `None` without futures.
pub fn satisficing(candidate: &Candidate) -> Option<Satisficing> {
    let futures = candidate.answers.len();
    let kept = candidate.kept();
    let (low, high) = clopper_pearson(kept as u64, futures as u64, crate::experiment::stats::CONFIDENCE)?;
    Some(Satisficing {
        share: kept as f64 / futures as f64,
        low,
        high,
        futures,
    })
}
