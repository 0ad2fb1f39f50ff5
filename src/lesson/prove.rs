//! Proving a lesson: its tries are run, and what its file claims is held against what comes out.

use super::judge::mean;
use super::{Attempt, Judgement, Lesson, Origin};
use crate::experiment::RunRow;
use crate::web::Lang;
use serde_json::{Value, json};

/// What came of running everything that a lesson claims.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The start first (it must not reach the goals), then the tries of the file.
    pub tries: Vec<TryProof>,
    /// Every number that comes from a run.
    pub numbers: Vec<NumberProof>,
    /// The right answer to the question, with the number of every answer.
    pub answers: Vec<(String, Option<f64>)>,
    /// The key of the right answer.
    pub right: Option<String>,
}

/// A try and what came of it.
#[derive(Clone, Debug)]
pub struct TryProof {
    /// Its name; `start` for the model as the lesson begins.
    pub name: String,
    /// What must come of it; none where nothing must.
    pub expected: Option<bool>,
    /// What came of it.
    pub judgement: Judgement,
    /// Processor time of its runs, s.
    pub seconds: f64,
}

/// A number and what the model says.
#[derive(Clone, Debug)]
pub struct NumberProof {
    /// Its name.
    pub name: String,
    /// As stored.
    pub stored: f64,
    /// As it came out; none where there is no such number.
    pub found: Option<f64>,
    /// Both as texts print them, in French and English.
    pub printed: [[String; 2]; 2],
}

impl TryProof {
    /// Whether it came out as it must.
    pub fn holds(&self) -> bool {
        self.expected.is_none_or(|expected| expected == self.judgement.reached)
    }
}

impl NumberProof {
    /// Whether the texts print what the model says.
    pub fn holds(&self) -> bool {
        self.found.is_some() && self.printed[0] == self.printed[1]
    }
}

impl Proof {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.tries.iter().all(TryProof::holds) && self.numbers.iter().all(NumberProof::holds)
    }

    /// As JSON: `{holds, right, tries: [{name, expected, reached, seconds, values}], numbers: [{name, stored, found, holds}]}`.
    pub fn json(&self) -> Value {
        let tries = self.tries.iter().map(|tried| {
            let values: Vec<Option<f64>> = tried.judgement.goals.iter().map(|goal| goal.value).collect();
            json!({
                "name": tried.name, "expected": tried.expected, "reached": tried.judgement.reached,
                "seconds": tried.seconds, "values": values,
            })
        });
        let numbers = self
            .numbers
            .iter()
            .map(|n| json!({"name": n.name, "stored": n.stored, "found": n.found, "holds": n.holds()}));
        json!({
            "holds": self.holds(), "right": self.right, "tries": tries.collect::<Vec<_>>(),
            "numbers": numbers.collect::<Vec<_>>(),
        })
    }
}

impl Lesson {
    /// Runs the start and every try, once each.
    ///
    /// # Errors
    /// Why there is no run, with the name of the try.
    pub fn prove(&self) -> Result<Proof, String> {
        let start = self.untouched();
        let start_rows = self.start()?;
        let mut runs: Vec<(Attempt, Vec<RunRow>)> = Vec::new();
        // Without an answer given, the start fails whatever its numbers: so it is judged with the right one.
        let (answers, right) = self.question.as_ref().map_or((Vec::new(), None), |question| {
            question.right(self.base.plain(), &start_rows)
        });
        let mut tries = vec![TryProof {
            name: "start".to_owned(),
            expected: Some(false),
            judgement: self.judge(&start, &start_rows, Some(&start_rows), right.as_deref()),
            seconds: seconds(&start_rows),
        }];
        for attempted in &self.tries {
            let name = &attempted.name;
            let refused = |refusals: Vec<super::Refusal>| {
                let words: Vec<&str> = refusals.iter().map(|refusal| refusal.words(Lang::En)).collect();
                format!("{name}: {}", words.join("; "))
            };
            let attempt = self.attempt(&attempted.sets, &attempted.policies).map_err(refused)?;
            let rows = self.run(&attempt, None).map_err(|error| format!("{name}: {error}"))?;
            tries.push(TryProof {
                name: name.clone(),
                expected: attempted.reached,
                judgement: self.judge(&attempt, &rows, Some(&start_rows), attempted.answer.as_deref()),
                seconds: seconds(&rows),
            });
            runs.push((attempt, rows));
        }
        let at = |place: Option<usize>| match place {
            Some(i) => (&runs[i].0, runs[i].1.as_slice()),
            None => (&start, start_rows.as_slice()),
        };
        let numbers = self.numbers.iter().filter_map(|(name, number)| {
            let Origin::Run { of, during, minus } = &number.origin else {
                return None;
            };
            let value = |place| {
                let (attempt, rows) = at(place);
                mean(of, &attempt.scenario, rows)
            };
            let found = value(*during).and_then(|v| match minus {
                None => Some(v),
                Some(other) => Some(v - value(*other)?),
            });
            let clock = &self.base.plain().clock;
            let print = |v: Option<f64>| Lang::ALL.map(|l| v.map_or(String::new(), |v| number.form.print(v, clock, l)));
            Some(NumberProof {
                name: name.clone(),
                stored: number.is,
                found,
                printed: [print(Some(number.is)), print(found)],
            })
        });
        let numbers = numbers.collect();
        Ok(Proof {
            tries,
            numbers,
            answers,
            right,
        })
    }
}

fn seconds(rows: &[RunRow]) -> f64 {
    rows.iter().map(|row| row.stats.cpu_seconds).sum()
}
