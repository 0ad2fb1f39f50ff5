//! Guided lessons: a part of the incident, something to find out and something to reach.
//!
//! A lesson is a file of `lessons/`: a model (or a part of one, at full size), levers that a student may pull, goals that
//! the simulation checks, hints, and a debrief that goes from the time line over the control structure to the contributing
//! causes. No number about the model is typed in a text: each is a placeholder with its definition, and
//! [`Lesson::prove`] runs the model for all of them.
//!
//! This folder may know experiments, scenarios and measures, and the languages and words of the page. It prints nothing.
//!
//! # For a program that shows lessons
//!
//! Everything that is shown is plain JSON (`serde_json::Value`), in one language:
//!
//! 1. [`catalogue`]`(lang)`: `[{name, title, minutes}, …]`, in the order in which they are taught.
//! 2. [`Lesson::find`]`(name)`, then [`Lesson::page`]`(lang)`: title, brief, part, levers (key, label, paths, kind, from,
//!    to, unit, values, policy, start), question with its answers, goals in words, hints, debrief.
//! 3. [`Lesson::attempt`]`(sets, policies)`: what the student set, or why it is not allowed. `attempt.scenario` and
//!    `attempt.policies` are what has to be run; [`Lesson::run`] does it, and any other way to a
//!    [`RunRow`] with `lesson.seed` and `lesson.replications` does too.
//! 4. [`Lesson::judge`]`(attempt, rows, start, answer)`: goal by goal whether it is reached. `start` are the rows of
//!    [`Lesson::start`], needed only to judge an answer; keep them, they are the same for everybody.
//!    [`Judgement::json`]`(lang)` is what `lesson.js` draws.
//!
//! ```
//! use preau::lesson::{Lesson, catalogue};
//! use preau::web::Lang;
//! assert_eq!(catalogue(Lang::Fr)[0]["name"], "bottleneck");
//! let lesson = Lesson::find("bottleneck").unwrap();
//! let page = lesson.page(Lang::En);
//! assert!(page["levers"][0]["paths"][0].is_string() && page["hints"].as_array().unwrap().len() >= 2);
//! let attempt = lesson.attempt(&["services.ent-occ.station.cores=1000".into()], &[]).unwrap();
//! assert_eq!(attempt.moves.len(), 1);
//! let refused = lesson.attempt(&["cohorts.occ-college.people=10".into()], &[]).unwrap_err();
//! assert!(refused[0].words(Lang::Fr).contains("élèves"));
//! ```

mod attempt;
mod cut;
mod judge;
mod lever;
mod library;
mod number;
mod page;
mod prove;
mod raw;
mod read;
mod read_number;
mod read_text;
mod text;

pub use attempt::Attempt;
pub use cut::Cut;
pub use judge::{GoalState, Judgement, QuestionState};
pub use lever::{Kind, Lever, Refusal};
pub use library::{Taught, taught};
pub use number::{Number, Origin};
pub use page::catalogue;
pub use prove::{NumberProof, Proof, TryProof};
pub use raw::Form;
pub use text::{SOURCES, Text};

use crate::experiment::RunRow;
use crate::experiment::study::Column;
use crate::experiment::switch::{Base, Change};
use crate::measure::kpi::{Kpi, Scope};
use std::collections::BTreeMap;

/// A lesson, read and resolved in its model.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// Its name, `bottleneck`.
    pub name: String,
    /// Its title.
    pub title: Text,
    /// What it takes, minutes.
    pub minutes: u32,
    /// What part of the country is simulated, and what that means.
    pub part: Text,
    /// What the student is told first.
    pub brief: Vec<Text>,
    /// What may be set.
    pub levers: Vec<Lever>,
    /// What may not, and why.
    pub fixed: Vec<Fixed>,
    /// What is asked, if anything is.
    pub question: Option<Question>,
    /// What has to be reached.
    pub goals: Vec<Goal>,
    /// One after the other, each saying more.
    pub hints: Vec<Text>,
    /// What happened, by the hour.
    pub timeline: Vec<Text>,
    /// Who could decide what, knowing what.
    pub control: Vec<Text>,
    /// What contributed: never one alone.
    pub causes: Vec<Text>,
    /// Columns of the table of a run: scopes.
    pub look: Vec<Scope>,
    /// Its lines: KPIs.
    pub show: Vec<&'static Kpi>,
    /// Seed of its runs.
    pub seed: u64,
    /// How many runs an attempt is.
    pub replications: u64,
    /// Named attempts with what must come of them.
    pub tries: Vec<Try>,
    /// Numbers of the texts by name.
    pub numbers: BTreeMap<String, Number>,
    base: Base,
    /// Policies that are on from the start.
    always: Change,
}

/// Fields that are not to be changed.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// They, or what they are in.
    pub path: String,
    /// Why.
    pub why: Text,
}

/// A question whose right answer comes from the run of the model as the lesson begins.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is asked.
    pub text: Text,
    /// Whether the highest number is right, or the lowest.
    pub highest: bool,
    /// What may be answered.
    pub answers: Vec<Answer>,
}

/// An answer and the number that stands for it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What is typed.
    pub key: String,
    /// What is read.
    pub name: Text,
    /// The number.
    pub of: Column,
    /// What it is divided by: a number of the model.
    pub per: Option<f64>,
}

/// Something to reach.
#[derive(Clone, Debug)]
pub struct Goal {
    /// What it is about.
    pub name: Text,
    /// What is looked at.
    pub of: Aim,
    /// Its least value.
    pub at_least: Option<f64>,
    /// Its greatest value.
    pub at_most: Option<f64>,
}

/// What a goal looks at.
#[derive(Clone, Debug)]
pub enum Aim {
    /// The mean of a KPI over the runs.
    Kpi(Column),
    /// The number of levers that were moved.
    Moves,
    /// The sum of levers (positions).
    Sum(Vec<usize>),
    /// The answer to the question.
    Answer,
}

/// A named attempt: the reference solution, or a plausible mistake.
#[derive(Clone, Debug)]
pub struct Try {
    /// Its name.
    pub name: String,
    /// What is set.
    pub sets: Vec<String>,
    /// Policies that are switched on.
    pub policies: Vec<String>,
    /// What is answered.
    pub answer: Option<String>,
    /// Whether all goals must be reached, or must not; none where it is only there for its numbers.
    pub reached: Option<bool>,
}

impl Lesson {
    /// A lesson inside the program.
    pub fn find(name: &str) -> Option<Lesson> {
        let taught = taught().iter().find(|taught| taught.name == name)?;
        // A test reads them all.
        Lesson::read(taught.name, taught.path, taught.text).ok()
    }

    /// The model as the lesson begins.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// The runs of the model as the lesson begins.
    ///
    /// # Errors
    /// Why there are none.
    pub fn start(&self) -> Result<Vec<RunRow>, String> {
        self.run(&self.untouched(), None)
    }
}
