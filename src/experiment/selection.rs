//! Selection of the best of several arms with a stated probability: replications go to those that may still be the best.
//!
//! The race is Kim and Nelson's ([`KimNelson`]); all arms of a round meet the same people, so the race works with the variances
//! of differences and is short where these are small.

use super::replicate::{Arm, Done, Plan, ReplicateError, Runner, replicate_with};
use super::stats::{Goal, Interval, KimNelson, interval::FEWEST};
use crate::measure::kpi::{Better, Kpi};
use crate::world::{Unwatched, run};

/// What is selected, and how surely.
#[derive(Clone, Copy)]
pub struct Question {
    /// By which KPI of the total.
    pub kpi: &'static Kpi,
    /// Which end of it is best.
    pub goal: Goal,
    /// A difference that does not matter, in the KPI's unit.
    pub indifference: f64,
    /// Probability that the best is selected, if it is better than all others by the indifference.
    pub confidence: f64,
    /// Most replications of an arm; none: as many as it takes.
    pub at_most: Option<u64>,
}

impl Question {
    /// Of a KPI by name.
    ///
    /// # Errors
    /// In words, when there is no such KPI, or neither end of it is best.
    pub fn goal_of(kpi: &str) -> Result<(&'static Kpi, Goal), String> {
        let found = Kpi::find(kpi).ok_or_else(|| format!("there is no KPI `{kpi}`; `docs/kpis.md` lists all"))?;
        match found.better {
            Better::Lower => Ok((found, Goal::Smallest)),
            Better::Higher => Ok((found, Goal::Largest)),
            Better::Neither => Err(format!("of `{kpi}` neither less nor more is better")),
        }
    }
}

/// An arm at the end of a race.
#[derive(Clone, Debug, PartialEq)]
pub struct Raced {
    /// Its name.
    pub name: String,
    /// Its outcomes, replication by replication.
    pub values: Vec<f64>,
    /// After which round it left; none for one that stayed.
    pub left: Option<usize>,
}

impl Raced {
    /// Mean and interval of what was made of it.
    pub fn interval(&self) -> Option<Interval> {
        Interval::of(&self.values)
    }
}

/// The end of a race.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The arm that is selected; none when the replications that were allowed did not do.
    pub selected: Option<usize>,
    /// Rounds made.
    pub rounds: usize,
    /// In the order of the plan.
    pub arms: Vec<Raced>,
}

impl Selection {
    /// Runs that the race took.
    pub fn runs(&self) -> usize {
        self.arms.iter().map(|arm| arm.values.len()).sum()
    }

    /// Runs that as many replications of every arm would have taken.
    pub fn runs_of_all(&self) -> usize {
        self.rounds * self.arms.len()
    }
}

/// Why there is no selection.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// A run failed, or the caller stopped it.
    #[error(transparent)]
    Runs(#[from] ReplicateError),
    /// The KPI does not exist in a run.
    #[error("`{kpi}` has no value in replication {replication} of '{arm}': select by a KPI that every run has")]
    NoValue {
        /// Its name.
        kpi: &'static str,
        /// Of which run.
        replication: u64,
        /// In which arm.
        arm: String,
    },
    /// There is no such race.
    #[error("no race of {arms} arms has a probability of {confidence} and an indifference of {indifference}: {why}")]
    NoRace {
        /// How many arms.
        arms: usize,
        /// What was asked.
        confidence: f64,
        /// What was asked.
        indifference: f64,
        /// What to change.
        why: String,
    },
}

/// Races the arms of a plan; its replications are not looked at. `told` is called after each round with the arms that still
/// run, and the round after which the race surely ends once that is known.
///
/// # Errors
/// See [`SelectError`].
pub fn select(
    plan: &Plan<'_>,
    question: &Question,
    on_done: &(dyn Fn(&Done<'_>) + Sync),
    told: &mut dyn FnMut(&KimNelson),
) -> Result<Selection, SelectError> {
    select_with(plan, question, on_done, told, &|scenario, options| {
        run(scenario, options, &mut Unwatched)
    })
}

fn select_with(
    plan: &Plan<'_>,
    question: &Question,
    on_done: &(dyn Fn(&Done<'_>) + Sync),
    told: &mut dyn FnMut(&KimNelson),
    runner: &Runner<'_>,
) -> Result<Selection, SelectError> {
    let arms = plan.arms.len();
    let race = KimNelson::new(arms, question.goal, question.indifference, question.confidence, FEWEST);
    let mut race = race.ok_or_else(|| SelectError::NoRace {
        arms,
        confidence: question.confidence,
        indifference: question.indifference,
        why: format!(
            "give two arms or more, an indifference above 0 and a probability between {:.3} (chance alone) and 1",
            1.0 / arms.max(1) as f64
        ),
    })?;
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); arms];
    let most = question.at_most.map_or(usize::MAX, |n| n as usize);
    let threads = plan.threads.unwrap_or_else(rayon::current_num_threads).max(1);
    while race.selected().is_none() && race.rounds() < most {
        let racing = race.racing().to_vec();
        // Before the first stage is over nobody leaves. After it one round at a time decides; a few more rounds than one are
        // made at once only where there are fewer arms than threads.
        let rounds = if race.rounds() < FEWEST {
            FEWEST - race.rounds()
        } else {
            threads.div_ceil(racing.len())
        };
        let made = batch(
            plan,
            question,
            &racing,
            race.rounds(),
            rounds.min(most - race.rounds()),
            on_done,
            runner,
        )?;
        for round in made {
            // What was made ahead of an arm that leaves, or of the end, is not looked at: so no number depends on threads.
            if race.selected().is_some() {
                break;
            }
            let still = race.racing().to_vec();
            let of = |arm: &usize| round[racing.iter().position(|r| r == arm).unwrap_or(0)];
            let outcomes: Vec<f64> = still.iter().map(of).collect();
            for (arm, value) in still.iter().zip(&outcomes) {
                values[*arm].push(*value);
            }
            race.round(&outcomes);
            told(&race);
        }
    }
    let left = |arm: usize| {
        race.eliminated()
            .iter()
            .find(|(a, _)| *a == arm)
            .map(|(_, round)| *round)
    };
    let raced = values.into_iter().enumerate().map(|(i, values)| Raced {
        name: plan.arms[i].name.clone(),
        values,
        left: left(i),
    });
    Ok(Selection {
        selected: race.selected(),
        rounds: race.rounds(),
        arms: raced.collect(),
    })
}

/// Some rounds of some arms, `[round][arm]`.
fn batch(
    plan: &Plan<'_>,
    question: &Question,
    racing: &[usize],
    from: usize,
    rounds: usize,
    on_done: &(dyn Fn(&Done<'_>) + Sync),
    runner: &Runner<'_>,
) -> Result<Vec<Vec<f64>>, SelectError> {
    let arms: Vec<Arm> = racing.iter().map(|arm| plan.arms[*arm].clone()).collect();
    let some = Plan {
        arms,
        replications: from as u64..(from + rounds) as u64,
        keep_first: false,
        ..*plan
    };
    let made = replicate_with(&some, on_done, runner)?;
    let value = |arm: usize, round: usize| {
        let row = &made.rows[arm][round];
        row.total(question.kpi.name).ok_or_else(|| SelectError::NoValue {
            kpi: question.kpi.name,
            replication: row.replication,
            arm: some.arms[arm].name.clone(),
        })
    };
    (0..rounds)
        .map(|round| (0..some.arms.len()).map(|arm| value(arm, round)).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::default_arms;
    use crate::made_up;
    use crate::scenario::model::Scenario;
    use crate::world::RunOptions;

    fn question(indifference: f64) -> Question {
        let (kpi, goal) = Question::goal_of("hours_lost").unwrap();
        Question {
            kpi,
            goal,
            indifference,
            confidence: 0.95,
            at_most: None,
        }
    }

    fn raced(seed: u64, threads: usize, question: &Question) -> Result<Selection, SelectError> {
        let scenario = made_up::scenario(2);
        let plan = Plan {
            arms: default_arms(&scenario),
            threads: Some(threads),
            ..Plan::new(&scenario, seed, 0)
        };
        let runner = |s: &Scenario, o: &RunOptions<'_>| Ok(made_up::outcome(s, o.seed, o.replication, &o.policies));
        select_with(&plan, question, &|_| (), &mut |_| (), &runner)
    }

    /// Of the made-up policies capacity is by far the best; it has to be found from every seed, and where a race goes on
    /// after the first stage others have to leave before its end.
    #[test]
    fn the_best_is_found_and_the_others_leave_early() {
        let mut longer = 0;
        for seed in 0..20 {
            let found = raced(seed, 2, &question(0.5)).unwrap();
            let best = found.selected.unwrap();
            assert_eq!(found.arms[best].name, "capacity", "seed {seed}");
            assert_eq!(found.arms[best].values.len(), found.rounds);
            for (arm, raced) in found.arms.iter().enumerate() {
                assert_eq!(raced.left.is_none(), arm == best, "{}", raced.name);
                assert_eq!(raced.values.len(), raced.left.unwrap_or(found.rounds), "{}", raced.name);
                assert!(raced.values.len() >= FEWEST);
            }
            if found.rounds > FEWEST {
                longer += 1;
                assert!(found.runs() < found.runs_of_all(), "seed {seed}: {} runs", found.runs());
            }
        }
        assert!(longer > 0, "every race was over after its first stage");
    }

    #[test]
    fn nothing_depends_on_threads() {
        let found = [1, 2, 7].map(|threads| raced(3, threads, &question(0.5)).unwrap());
        for other in &found[1..] {
            assert_eq!((other.selected, &other.arms), (found[0].selected, &found[0].arms));
        }
    }

    #[test]
    fn what_cannot_be_raced_is_said_and_a_limit_is_kept() {
        let error = raced(1, 1, &question(0.0)).unwrap_err().to_string();
        assert!(error.contains("an indifference above 0"), "{error}");
        let question = Question {
            at_most: Some(12),
            ..question(1e-6)
        };
        let found = raced(1, 1, &question).unwrap();
        assert_eq!((found.selected, found.rounds), (None, 12));
        assert!(found.arms.iter().all(|arm| arm.values.len() <= 12));
        assert!(
            Question::goal_of("visits")
                .err()
                .unwrap()
                .contains("neither less nor more")
        );
        assert!(Question::goal_of("hours").err().unwrap().contains("no KPI `hours`"));
    }
}
