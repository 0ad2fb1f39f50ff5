//! Candidates against each other. Some have met more futures than others, and futures differ more than candidates do: what is compared
//! is what both have met.

use super::pareto::front;
use super::pool::Pool;
use crate::experiment::stats::{Paired, interval::FEWEST, paired};

impl Pool {
    /// The futures that both have met.
    fn common(&self, a: usize, b: usize) -> usize {
        self.candidates[a].answers.len().min(self.candidates[b].answers.len())
    }

    /// An objective of one less that of another, over the futures that both have met.
    pub fn against(&self, a: usize, b: usize, objective: usize) -> Option<Paired> {
        let n = self.common(a, b);
        let of = |i: usize| self.candidates[i].objective(objective);
        paired(&of(b)[..n], &of(a)[..n])
    }

    /// Means over the first futures.
    fn means_of(&self, i: usize, futures: usize) -> Vec<f64> {
        let c = &self.candidates[i];
        let n = c.answers.first().map_or(0, |a| a.objectives.len());
        let sum = |k: usize| c.answers[..futures].iter().map(|a| a.objectives[k]).sum::<f64>();
        (0..n).map(|k| sum(k) / futures.max(1) as f64).collect()
    }

    /// Whether a candidate is at least as good as another in everything, and better in something, over the futures that both have met.
    fn beats(&self, a: usize, b: usize) -> bool {
        let n = self.common(a, b);
        super::pareto::dominates(&self.means_of(a, n), &self.means_of(b, n))
    }

    /// Means of all objectives as they would be over the futures of the candidate that has met the most: of that one, with the mean
    /// difference from it over the futures that both have met. Candidates can be put in order by them, and equal ones are equal.
    pub(super) fn levelled(&self, i: usize) -> Vec<f64> {
        let met = |i: usize| self.candidates[i].answers.len();
        let most = self
            .alive()
            .into_iter()
            .reduce(|a, b| if met(b) > met(a) { b } else { a });
        let Some(most) = most else { return Vec::new() };
        let n = self.common(i, most);
        let (own, there, all) = (
            self.means_of(i, n),
            self.means_of(most, n),
            self.means_of(most, met(most)),
        );
        (0..own.len()).map(|k| own[k] - there[k] + all[k]).collect()
    }

    /// Those of some candidates that no other of them beats, by the first objective. (Where each is beaten by another, over other
    /// futures, the levelled means decide.)
    pub(super) fn front_among(&self, of: &[usize]) -> Vec<usize> {
        let beaten = |i: &usize| of.iter().any(|other| self.beats(*other, *i));
        let mut found: Vec<usize> = of.iter().copied().filter(|i| !beaten(i)).collect();
        let levelled: Vec<Vec<f64>> = of.iter().map(|i| self.levelled(*i)).collect();
        if found.is_empty() {
            found = front(&levelled).into_iter().map(|at| of[at]).collect();
        }
        found.sort_by(|a, b| self.levelled(*a)[0].total_cmp(&self.levelled(*b)[0]));
        found
    }

    /// Whether the first objective tells two candidates apart: not if it is the same in every future that both have met, nor if its mean
    /// difference over ten or more is within its interval.
    pub fn told_apart(&self, a: usize, b: usize) -> bool {
        let Some(pair) = self.against(a, b, 0) else {
            return false;
        };
        match pair.difference.half_width {
            Some(half) if half > 0.0 => self.common(a, b) < FEWEST || pair.difference.mean.abs() > half,
            _ => pair.difference.mean != 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::pool::Candidate;
    use super::super::problem::Answer;
    use super::*;

    /// Candidates by their objectives, future by future.
    fn pool(candidates: &[&[[f64; 2]]]) -> Pool {
        let candidate = |(i, answers): (usize, &&[[f64; 2]])| Candidate {
            levers: vec![],
            key: i.to_string(),
            answers: answers
                .iter()
                .map(|objectives| Answer {
                    objectives: objectives.to_vec(),
                    excess: vec![],
                })
                .collect(),
            failed: None,
        };
        Pool {
            candidates: candidates.iter().enumerate().map(candidate).collect(),
            runs: 0,
        }
    }

    #[test]
    fn luck_with_the_first_futures_is_no_advantage() {
        // The first future is mild. The second candidate is worse in it by one, and has met no other.
        let pool = pool(&[&[[1.0, 1.0], [9.0, 9.0], [8.0, 8.0]], &[[2.0, 2.0]]]);
        assert_eq!(pool.front_among(&[0, 1]), [0]);
        assert_eq!((pool.levelled(0), pool.levelled(1)), (vec![6.0; 2], vec![7.0; 2]));
    }

    #[test]
    fn equal_costs_are_equal_however_many_futures() {
        let pool = pool(&[
            &[[0.1, 1.0], [0.2, 9.0], [0.3, 5.0]],
            &[[0.1, 0.5]],
            &[[0.1, 2.0], [0.2, 9.0]],
        ]);
        let costs: Vec<f64> = (0..3).map(|i| pool.levelled(i)[0]).collect();
        assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
        assert!(!pool.told_apart(0, 1) && !pool.told_apart(1, 2));
        assert_eq!(pool.front_among(&[0, 1, 2]), [1]);
    }

    #[test]
    fn a_difference_within_its_interval_tells_nothing_apart() {
        let noisy = |shift: f64, n: usize| -> Vec<[f64; 2]> {
            (0..n).map(|i| [shift * f64::from(i as u32 % 3), 0.0]).collect()
        };
        let at_zero = |n: usize| -> Vec<[f64; 2]> { vec![[0.95, 0.0]; n] };
        // Means 1 and 0.95 with deviation 0.8: not told apart by thirty; by three nobody knows yet.
        let thirty = pool(&[&noisy(1.0, 30), &at_zero(30)]);
        assert!(!thirty.told_apart(0, 1));
        assert!(pool(&[&noisy(1.0, 3), &at_zero(3)]).told_apart(0, 1));
        assert!(pool(&[&noisy(9.0, 30), &at_zero(30)]).told_apart(0, 1));
    }
}
