//! Judging: goal by goal, with the value and its limit.

use super::number::{local, value as shown};
use super::{Aim, Attempt, Goal, Lesson, Question};
use crate::experiment::RunRow;
use crate::experiment::study::Column;
use crate::measure::kpi::Unit;
use crate::output::number::{NONE, percent, significant};
use crate::scenario::model::Scenario;
use crate::web::Lang;
use serde_json::{Value, json};

/// What came of an attempt.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// In the order of the lesson.
    pub goals: Vec<GoalState>,
    /// What became of the question; none where it was not answered or could not be judged.
    pub question: Option<QuestionState>,
    /// Whether every goal is reached.
    pub reached: bool,
}

/// What became of a goal.
#[derive(Clone, Debug)]
pub struct GoalState {
    /// Whether it is reached; none where it was not tried (a question without an answer).
    pub reached: Option<bool>,
    /// The value that was looked at; none where there is none.
    pub value: Option<f64>,
    /// Its least value.
    pub at_least: Option<f64>,
    /// Its greatest value.
    pub at_most: Option<f64>,
    /// In French, then in English: name, value and limit in one line.
    words: [String; 2],
}

/// What became of the question.
#[derive(Clone, Debug)]
pub struct QuestionState {
    /// What was answered.
    pub answer: String,
    /// What the run says.
    pub right: String,
    /// The number of every answer.
    pub values: Vec<(String, Option<f64>)>,
}

impl GoalState {
    /// Name, value and limit in one line.
    pub fn words(&self, lang: Lang) -> &str {
        match lang {
            Lang::Fr => &self.words[0],
            Lang::En => &self.words[1],
        }
    }
}

impl Judgement {
    /// As JSON for a page in a language: `{reached, goals: [{reached, value, at_least, at_most, words}], question}`; the
    /// question is null or `{answer, reached}`, and does not give the right answer away.
    pub fn json(&self, lang: Lang) -> Value {
        let goals = self.goals.iter().map(|goal| {
            json!({
                "reached": goal.reached, "value": goal.value, "at_least": goal.at_least, "at_most": goal.at_most,
                "words": goal.words(lang),
            })
        });
        let question = self
            .question
            .as_ref()
            .map(|q| json!({"answer": q.answer, "reached": q.answer == q.right}));
        json!({"reached": self.reached, "goals": goals.collect::<Vec<_>>(), "question": question})
    }
}

impl Goal {
    /// What has to be reached, in words: "at least 90 %".
    pub fn limit(&self, lesson: &Lesson, lang: Lang) -> String {
        let unit = match &self.of {
            Aim::Kpi(column) => Some(column.kpi.unit),
            _ => None,
        };
        let print = |v: f64| match unit {
            Some(Unit::Share) => percent_short(v, lang),
            Some(unit) => shown(unit, &lesson.base().plain().clock, Some(v), lang),
            None => local(&significant(v, 6), lang),
        };
        let (least, most, and) = match lang {
            Lang::Fr => ("au moins", "au plus", "et"),
            Lang::En => ("at least", "at most", "and"),
        };
        match (self.at_least, self.at_most) {
            (Some(low), Some(high)) => format!("{least} {} {and} {most} {}", print(low), print(high)),
            (Some(low), None) => format!("{least} {}", print(low)),
            (None, Some(high)) => format!("{most} {}", print(high)),
            (None, None) => match lang {
                Lang::Fr => "la bonne réponse".to_owned(),
                Lang::En => "the right answer".to_owned(),
            },
        }
    }

    fn holds(&self, value: Option<f64>) -> bool {
        let Some(v) = value else {
            // An instant that never came (the recovery from no trouble) breaks no limit; any other missing number does.
            return matches!(&self.of, Aim::Kpi(column) if column.kpi.unit == Unit::Instant);
        };
        self.at_least.is_none_or(|low| v >= low) && self.at_most.is_none_or(|high| v <= high)
    }
}

fn percent_short(v: f64, lang: Lang) -> String {
    local(&percent(v).replace(".0 %", " %"), lang)
}

/// The mean of a KPI over the runs that have it.
pub(super) fn mean(column: &Column, scenario: &Scenario, rows: &[RunRow]) -> Option<f64> {
    let values: Vec<f64> = rows.iter().filter_map(|row| column.of(scenario, row)).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

impl Question {
    /// The number of every answer, and the key of the right one; none where no answer has a number.
    pub fn right(&self, scenario: &Scenario, rows: &[RunRow]) -> (Vec<(String, Option<f64>)>, Option<String>) {
        let of = |answer: &super::Answer| mean(&answer.of, scenario, rows).map(|v| v / answer.per.unwrap_or(1.0));
        let values: Vec<(String, Option<f64>)> = self.answers.iter().map(|a| (a.key.clone(), of(a))).collect();
        let sign = if self.highest { 1.0 } else { -1.0 };
        let known = values.iter().filter_map(|(key, value)| Some((key, sign * (*value)?)));
        let best = known.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(key, _)| key.clone());
        (values, best)
    }
}

impl Lesson {
    /// Judges the runs of an attempt. `start` are the runs of the model as the lesson begins: an answer is judged only with
    /// them.
    pub fn judge(
        &self,
        attempt: &Attempt,
        rows: &[RunRow],
        start: Option<&[RunRow]>,
        answer: Option<&str>,
    ) -> Judgement {
        let question = self.asked(start, answer);
        let goals: Vec<GoalState> = self
            .goals
            .iter()
            .map(|goal| self.state(goal, attempt, rows, question.as_ref()))
            .collect();
        Judgement {
            reached: goals.iter().all(|goal| goal.reached == Some(true)),
            goals,
            question,
        }
    }

    fn asked(&self, start: Option<&[RunRow]>, answer: Option<&str>) -> Option<QuestionState> {
        let (question, rows, answer) = (self.question.as_ref()?, start?, answer?);
        let (values, right) = question.right(self.base.plain(), rows);
        Some(QuestionState {
            answer: answer.to_owned(),
            right: right?,
            values,
        })
    }

    fn state(&self, goal: &Goal, attempt: &Attempt, rows: &[RunRow], question: Option<&QuestionState>) -> GoalState {
        let value = match &goal.of {
            Aim::Kpi(column) => mean(column, &attempt.scenario, rows),
            Aim::Moves => Some(attempt.moves.len() as f64),
            Aim::Sum(levers) => Some(levers.iter().map(|lever| self.stands(*lever, attempt)).sum()),
            Aim::Answer => None,
        };
        let reached = match &goal.of {
            Aim::Answer => question.map(|q| q.answer == q.right),
            _ => Some(goal.holds(value)),
        };
        let words = Lang::ALL.map(|lang| {
            let name = self.fill(&goal.name, lang);
            let clock = &self.base.plain().clock;
            let seen = match (&goal.of, question) {
                (Aim::Kpi(column), _) => shown(column.kpi.unit, clock, value, lang),
                (Aim::Answer, Some(q)) => self.answer_name(&q.answer, lang),
                (Aim::Answer, None) => NONE.to_owned(),
                _ => value.map_or(NONE.to_owned(), |v| local(&significant(v, 6), lang)),
            };
            let limit = goal.limit(self, lang);
            match lang {
                Lang::Fr => format!("{name} : {seen} (but : {limit})"),
                Lang::En => format!("{name}: {seen} (goal: {limit})"),
            }
        });
        GoalState {
            reached,
            value,
            at_least: goal.at_least,
            at_most: goal.at_most,
            words,
        }
    }

    /// The setting of a lever in an attempt, as a number; the mean where its fields differ.
    fn stands(&self, lever: usize, attempt: &Attempt) -> f64 {
        let own = &self.levers[lever];
        let number = |setting: &str| own.number(setting).unwrap_or(0.0);
        let moved = attempt.moves.get(&lever);
        let settings = own.paths().iter().map(|path| {
            let set = moved.and_then(|fields| fields.iter().find(|(field, _)| field == path));
            number(set.map_or(own.start.as_str(), |(_, to)| to.as_str()))
        });
        settings.sum::<f64>() / own.paths().len().max(1) as f64
    }

    pub(super) fn answer_name(&self, key: &str, lang: Lang) -> String {
        let answers = self.question.iter().flat_map(|question| &question.answers);
        let found = answers.into_iter().find(|answer| answer.key == key);
        found.map_or(key.to_owned(), |answer| self.fill(&answer.name, lang))
    }
}
