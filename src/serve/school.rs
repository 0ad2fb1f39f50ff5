//! Lessons of the page: what a student asks for is made ready to run, and how a lesson begins is kept once it was run.

use super::runs::{BeginError, Runs};
use super::settings::{LONGEST, Ready, Settings, encoded, pairs};
use crate::experiment::RunRow;
use crate::lesson::{Attempt, Lesson, taught};
use crate::web::Lang;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A lesson that somebody opened.
#[derive(Debug)]
pub struct Opened {
    /// It.
    pub lesson: Lesson,
    /// Its runs as it begins: the same for everybody, so made once.
    start: Mutex<Option<Arc<Vec<RunRow>>>>,
}

/// What a student set in a lesson.
#[derive(Clone, Debug)]
pub struct Taken {
    /// In which.
    pub opened: Arc<Opened>,
    /// What.
    pub attempt: Attempt,
    /// The same as a query, with only what was moved.
    pub query: String,
}

/// All lessons, each read when it is first opened.
#[derive(Debug, Default)]
pub struct School {
    opened: Mutex<BTreeMap<&'static str, Arc<Opened>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panic leaves is none or whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl School {
    /// A lesson inside the program; none of this name is an error that says which there are.
    ///
    /// # Errors
    /// When there is none.
    pub fn opened(&self, name: &str) -> Result<Arc<Opened>, String> {
        let known = || taught().iter().map(|taught| taught.name);
        let own = known().find(|own| *own == name);
        if let Some(opened) = own.and_then(|own| lock(&self.opened).get(own).cloned()) {
            return Ok(opened);
        }
        match own.zip(Lesson::find(name)) {
            Some((own, lesson)) => {
                let start = Mutex::default();
                let opened = Arc::new(Opened { lesson, start });
                // Of two that read it at once the first one counts.
                Ok(lock(&self.opened).entry(own).or_insert(opened).clone())
            }
            None => {
                let all: Vec<&str> = known().collect();
                Err(format!("there is no such lesson; there are {}", all.join(", ")))
            }
        }
    }
}

/// The language that a query asks for, if it does.
pub fn lang_of(query: &str) -> Option<Lang> {
    let asked = pairs(query).ok()?.into_iter().rev().find(|(key, _)| key == "lang")?.1;
    Lang::ALL.into_iter().find(|lang| lang.code() == asked)
}

/// The answer to the question of a lesson that a query gives.
pub fn answer_of(query: &str) -> Option<String> {
    let found = pairs(query).ok()?.into_iter().rev().find(|(key, _)| key == "answer");
    found.map(|(_, answer)| answer).filter(|answer| !answer.is_empty())
}

impl Opened {
    /// Makes ready what a student asks for: `lever=value` or `field=value`, and `policies=a,b`. Words of the page (`lang`,
    /// `lesson`, `answer`) are passed over.
    ///
    /// # Errors
    /// Everything that the lesson does not allow, in a language.
    pub fn ready(self: &Arc<Opened>, query: &str, lang: Lang) -> Result<Ready, Vec<String>> {
        if query.len() > LONGEST {
            let size = query.len();
            return Err(vec![format!(
                "the settings are {size} bytes long; {LONGEST} are allowed"
            )]);
        }
        let mut sets = Vec::new();
        let mut policies = Vec::new();
        for (key, value) in pairs(query).map_err(|problem| vec![problem])? {
            match key.as_str() {
                "lang" | "lesson" | "answer" => {}
                "policies" => policies.extend(value.split(',').filter(|key| !key.is_empty()).map(str::to_owned)),
                _ => sets.push(format!("{key}={value}")),
            }
        }
        let colon = if lang == Lang::Fr { " : " } else { ": " };
        let attempt = self.lesson.attempt(&sets, &policies).map_err(|refusals| {
            let words = refusals.iter();
            words
                .map(|refusal| format!("{}{colon}{}", refusal.asked, refusal.words(lang)))
                .collect::<Vec<_>>()
        })?;
        let settings = Settings {
            model: format!("lesson/{}", self.lesson.name),
            seed: self.lesson.seed,
            replications: self.lesson.replications,
            values: BTreeMap::new(),
        };
        Ok(Ready {
            settings,
            scenario: attempt.scenario.clone(),
            policies: attempt.policies.clone(),
            change: attempt.change.clone(),
            lesson: Some(Taken {
                opened: self.clone(),
                query: self.query(&attempt),
                attempt,
            }),
        })
    }

    /// What was moved as a query: a lever by its key, or field by field where its fields differ.
    fn query(&self, attempt: &Attempt) -> String {
        let mut out = format!("lesson={}", encoded(&self.lesson.name));
        for (lever, fields) in &attempt.moves {
            let lever = &self.lesson.levers[*lever];
            let first = fields.first().map(|(_, setting)| setting);
            let whole = fields.len() >= lever.paths().len() && fields.iter().all(|(_, setting)| Some(setting) == first);
            let moved: Vec<(&str, &str)> = if whole {
                first
                    .map(|setting| (lever.key.as_str(), setting.as_str()))
                    .into_iter()
                    .collect()
            } else {
                fields
                    .iter()
                    .map(|(field, setting)| (field.as_str(), setting.as_str()))
                    .collect()
            };
            for (key, setting) in moved {
                let _ = write!(out, "&{}={}", encoded(key), encoded(setting));
            }
        }
        out
    }

    /// The runs of the lesson as it begins, made now if they were not yet: that takes a place among the runs. Who asks
    /// meanwhile waits.
    ///
    /// # Errors
    /// When as many runs are under way as may be, or there is none.
    pub fn start(&self, runs: &Arc<Runs>) -> Result<Arc<Vec<RunRow>>, StartError> {
        let mut start = lock(&self.start);
        if let Some(rows) = &*start {
            return Ok(rows.clone());
        }
        let place = runs.place()?;
        let rows = self.lesson.run(&self.lesson.untouched(), Some(place.ending()));
        let rows = Arc::new(rows.map_err(StartError::Failed)?);
        *start = Some(rows.clone());
        Ok(rows)
    }

    /// Keeps the runs of an attempt in which nothing was moved: they are those of the start.
    pub fn keep(&self, attempt: &Attempt, rows: &[RunRow]) {
        // Who makes them at this moment has them soon.
        if attempt.moves.is_empty()
            && let Ok(mut start) = self.start.try_lock()
            && start.is_none()
        {
            *start = Some(Arc::new(rows.to_vec()));
        }
    }
}

/// Why the runs of a start are not there.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No place among the runs.
    #[error(transparent)]
    Busy(#[from] BeginError),
    /// They failed.
    #[error("how the lesson begins cannot be run: {0}")]
    Failed(String),
}
