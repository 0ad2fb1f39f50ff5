//! Candidates and what is known of them.

use super::problem::{Answer, Ask, Problem, Stopped};
use crate::experiment::stats::{Interval, clopper_pearson};

/// When constraints count as kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Keeping {
    /// The mean over futures keeps each limit: the one-sided bound of its t-interval says so.
    Mean,
    /// At least this share of futures keeps all limits: the one-sided bound of Clopper and Pearson says so.
    Share(f64),
}

impl Keeping {
    /// The fewest futures that can show a candidate to keep its constraints, with a one-sided confidence: for a share `s` those of which
    /// all must keep them, `s^n <= 1 - confidence` (Clopper and Pearson 1934); for a mean two, which have a spread.
    pub fn fewest(self, confidence: f64) -> usize {
        match self {
            Keeping::Share(share) if share > 0.0 && share < 1.0 => {
                libm::ceil(libm::log(1.0 - confidence) / libm::log(share)) as usize
            }
            Keeping::Share(share) if share >= 1.0 => usize::MAX,
            _ => 2,
        }
    }
}

/// What is known of a candidate's constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Kept, with the confidence asked for.
    Keeps,
    /// Broken, with the same confidence.
    Breaks,
    /// Not known yet.
    Open,
}

/// A setting of the levers.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The levers, each in 0..=1.
    pub levers: Vec<f64>,
    /// The settings as a text.
    pub key: String,
    /// Answers of futures 0, 1, 2 …
    pub answers: Vec<Answer>,
    /// Why a run of it failed; it is not looked at any more then.
    pub failed: Option<String>,
}

impl Candidate {
    /// Values of an objective, future by future.
    pub fn objective(&self, i: usize) -> Vec<f64> {
        self.answers.iter().map(|a| a.objectives[i]).collect()
    }

    /// Means of all objectives.
    pub fn means(&self) -> Vec<f64> {
        let n = self.answers.first().map_or(0, |a| a.objectives.len());
        (0..n)
            .map(|i| self.objective(i).iter().sum::<f64>() / self.answers.len() as f64)
            .collect()
    }

    /// Futures in which every constraint held.
    pub fn kept(&self) -> usize {
        self.answers.iter().filter(|a| a.holds()).count()
    }

    /// How much the means are beyond the limits, each constraint in its own scale and all added up; 0 when all keep them.
    pub(super) fn violation(&self, keeping: Keeping, scales: &[f64]) -> f64 {
        if let Keeping::Share(share) = keeping {
            return (share - self.kept() as f64 / self.answers.len().max(1) as f64).max(0.0);
        }
        let beyond = |(i, scale): (usize, &f64)| self.beyond(i).max(0.0) / scale;
        scales.iter().enumerate().map(beyond).sum()
    }

    /// Mean excess of a constraint; 0 where it does not exist.
    fn beyond(&self, constraint: usize) -> f64 {
        Interval::of(&self.excess(constraint)).map_or(0.0, |i| i.mean)
    }

    fn excess(&self, i: usize) -> Vec<f64> {
        self.answers.iter().filter_map(|a| a.excess[i]).collect()
    }

    /// What its answers say of the constraints, with a one-sided confidence.
    pub fn verdict(&self, keeping: Keeping, confidence: f64) -> Verdict {
        verdict(&self.answers, keeping, confidence)
    }
}

/// What answers say of the constraints, with a one-sided confidence in 0.5..1.
pub fn verdict(answers: &[Answer], keeping: Keeping, confidence: f64) -> Verdict {
    // A two-sided interval leaves half of what it misses on each side.
    let two_sided = 2.0 * confidence - 1.0;
    let n = answers.len();
    match keeping {
        Keeping::Share(share) => {
            let kept = answers.iter().filter(|a| a.holds()).count() as u64;
            match clopper_pearson(kept, n as u64, two_sided) {
                Some((low, _)) if low >= share => Verdict::Keeps,
                Some((_, high)) if high < share => Verdict::Breaks,
                _ => Verdict::Open,
            }
        }
        Keeping::Mean => {
            let constraints = answers.first().map_or(0, |a| a.excess.len());
            let mut all = if n < 2 { Verdict::Open } else { Verdict::Keeps };
            for i in 0..constraints {
                let values: Vec<f64> = answers.iter().filter_map(|a| a.excess[i]).collect();
                // Nothing ever broke a limit on what does not exist.
                let Some(interval) = Interval::with_confidence(&values, two_sided) else {
                    continue;
                };
                match interval.ends() {
                    Some((low, _)) if low > 0.0 => return Verdict::Breaks,
                    Some((_, high)) if high <= 0.0 => {}
                    _ => all = Verdict::Open,
                }
            }
            all
        }
    }
}

/// All candidates, in the order in which they were thought of.
#[derive(Debug, Default)]
pub struct Pool {
    /// The candidates.
    pub candidates: Vec<Candidate>,
    /// Runs made.
    pub runs: usize,
}

impl Pool {
    /// The position of a candidate with these levers, which is made if it is new.
    pub(super) fn place(&mut self, problem: &dyn Problem, levers: &[f64]) -> usize {
        let key = problem.key(levers);
        if let Some(i) = self.candidates.iter().position(|c| c.key == key) {
            return i;
        }
        self.candidates.push(Candidate {
            levers: levers.to_vec(),
            key,
            answers: vec![],
            failed: None,
        });
        self.candidates.len() - 1
    }

    /// Brings candidates up to so many futures each, all in one batch.
    pub(super) fn bring(&mut self, problem: &mut dyn Problem, wanted: &[(usize, usize)]) -> Result<(), Stopped> {
        let (mut asks, mut whose) = (vec![], vec![]);
        for (i, futures) in wanted {
            let c = &self.candidates[*i];
            let from = c.answers.len();
            for future in from..if c.failed.is_some() { from } else { *futures } {
                asks.push(Ask {
                    levers: c.levers.clone(),
                    future,
                });
                whose.push(*i);
            }
        }
        if asks.is_empty() {
            return Ok(());
        }
        let answers = problem.answers(&asks)?;
        self.runs += asks.len();
        for (i, answer) in whose.into_iter().zip(answers) {
            let c = &mut self.candidates[i];
            match answer {
                // Futures stay in order: none is taken after one that failed.
                Ok(answer) if c.failed.is_none() => c.answers.push(answer),
                Ok(_) => {}
                Err(why) => c.failed = c.failed.take().or(Some(why)),
            }
        }
        Ok(())
    }

    /// For each constraint the largest mean distance from its limit, so that hours and euros weigh alike.
    pub(super) fn scales(&self) -> Vec<f64> {
        let alive = self.alive();
        let constraints = alive.first().map_or(0, |i| self.candidates[*i].answers[0].excess.len());
        let largest = |k: usize| {
            let sizes = alive.iter().map(|i| self.candidates[*i].beyond(k).abs());
            sizes.fold(f64::MIN_POSITIVE, f64::max)
        };
        (0..constraints).map(largest).collect()
    }

    /// Candidates that were tried and did not fail.
    pub fn alive(&self) -> Vec<usize> {
        let alive = |i: &usize| self.candidates[*i].failed.is_none() && !self.candidates[*i].answers.is_empty();
        (0..self.candidates.len()).filter(alive).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(excess: &[f64]) -> Vec<Answer> {
        let answer = |e: &f64| Answer {
            objectives: vec![0.0],
            excess: vec![Some(*e)],
        };
        excess.iter().map(answer).collect()
    }

    #[test]
    fn a_constraint_is_kept_only_if_the_bound_says_so() {
        // Mean -1, deviation 1.15: the one-sided bound of 5 is -1 + 2.132·1.2247/√5 = 0.17, so it is open.
        let five = [-2.5, -2.0, -1.0, 0.5, 0.0];
        assert_eq!(verdict(&answers(&five), Keeping::Mean, 0.95), Verdict::Open);
        let many: Vec<f64> = five.iter().cycle().take(40).copied().collect();
        assert_eq!(verdict(&answers(&many), Keeping::Mean, 0.95), Verdict::Keeps);
        let worse: Vec<f64> = many.iter().map(|e| e + 2.0).collect();
        assert_eq!(verdict(&answers(&worse), Keeping::Mean, 0.95), Verdict::Breaks);
        assert_eq!(
            verdict(&answers(&[-1.0]), Keeping::Mean, 0.95),
            Verdict::Open,
            "one future shows no spread"
        );
    }

    #[test]
    fn a_share_of_95_per_cent_needs_59_futures_without_a_failure() {
        let share = |n: usize| verdict(&answers(&vec![-1.0; n]), Keeping::Share(0.95), 0.95);
        assert_eq!((share(58), share(59)), (Verdict::Open, Verdict::Keeps));
        assert_eq!(Keeping::Share(0.95).fewest(0.95), 59);
        assert_eq!(
            (Keeping::Share(0.99).fewest(0.95), Keeping::Mean.fewest(0.95)),
            (299, 2)
        );
        let half: Vec<f64> = (0..40).map(|i| f64::from(i % 2)).collect();
        assert_eq!(verdict(&answers(&half), Keeping::Share(0.95), 0.95), Verdict::Breaks);
    }

    #[test]
    fn what_does_not_exist_breaks_nothing() {
        let none = vec![
            Answer {
                objectives: vec![1.0],
                excess: vec![None],
            };
            3
        ];
        assert_eq!(verdict(&none, Keeping::Mean, 0.95), Verdict::Keeps);
        assert!(none[0].holds());
    }
}
