//! The models that the page offers, each read when it is first asked for.

use super::lever::Lever;
use super::offer::Look;
use crate::experiment::switch::Base;
use crate::scenario::model::Scenario;
use crate::scenario::{Document, Source, builtin};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Longest text of a model file, bytes.
const LONGEST: u64 = 1024 * 1024;

/// A model with the levers that it has.
#[derive(Debug)]
pub struct Offered {
    /// The model, ready for changes.
    pub base: Base,
    /// Its levers.
    pub levers: Vec<Lever>,
}

impl Offered {
    fn read(source: &Source) -> Result<Offered, String> {
        let base = Base::load(source, &[]).map_err(|problems| problems.to_string())?;
        let plain = base.plain();
        let written = Document::parse(&plain.name, &plain.text).map_err(|problems| problems.to_string())?;
        let look = Look {
            scenario: plain,
            written: &written,
        };
        let levers = Lever::of(&look);
        Ok(Offered { base, levers })
    }

    /// The model as it is.
    pub fn plain(&self) -> &Scenario {
        self.base.plain()
    }
}

/// A model of the list.
#[derive(Clone, Debug)]
struct Entry {
    key: String,
    title: String,
    source: Source,
}

/// The models that the page offers.
#[derive(Debug)]
pub struct Catalogue {
    entries: Vec<Entry>,
    read: Mutex<BTreeMap<String, Arc<Offered>>>,
}

impl Catalogue {
    /// Files that were named when the server was started, then the models inside the program. A file is read here, once: no
    /// request makes the server open another.
    ///
    /// # Errors
    /// What is wrong with a file.
    pub fn new(files: &[PathBuf]) -> Result<Catalogue, String> {
        let mut catalogue = Catalogue {
            entries: Vec::new(),
            read: Mutex::default(),
        };
        for file in files {
            catalogue.add_file(file)?;
        }
        for model in builtin().iter().filter(|model| !model.name.starts_with("bench/")) {
            let source = Source::Builtin(model.name.to_owned());
            let title = title_of(model.text).unwrap_or_else(|| model.name.to_owned());
            catalogue.entries.push(Entry {
                key: model.name.to_owned(),
                title,
                source,
            });
        }
        Ok(catalogue)
    }

    fn add_file(&mut self, file: &Path) -> Result<(), String> {
        let size = std::fs::metadata(file).map_or(0, |about| about.len());
        if size > LONGEST {
            return Err(format!(
                "{} is {size} bytes long; models of up to {LONGEST} are offered",
                file.display()
            ));
        }
        let source = Source::File(file.to_owned());
        let offered = Arc::new(Offered::read(&source)?);
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let key = format!("file/{stem}");
        if self.entries.iter().any(|entry| entry.key == key) {
            return Err(format!("two model files are called {stem}; rename one"));
        }
        self.entries.push(Entry {
            key: key.clone(),
            title: offered.plain().heading(),
            source,
        });
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.insert(key, offered);
        Ok(())
    }

    /// The key of the model that the page opens with.
    pub fn first(&self) -> &str {
        self.entries.first().map_or("", |entry| entry.key.as_str())
    }

    /// A model with its levers.
    ///
    /// # Errors
    /// When there is none of this key, or it cannot be read.
    pub fn offered(&self, key: &str) -> Result<Arc<Offered>, String> {
        let read = || self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(offered) = read().get(key) {
            return Ok(offered.clone());
        }
        let entry = self.entries.iter().find(|entry| entry.key == key);
        let entry = entry.ok_or_else(|| {
            let keys: Vec<&str> = self.entries.iter().map(|entry| entry.key.as_str()).collect();
            format!("there is no model of this name; there are {}", keys.join(", "))
        })?;
        let offered = Arc::new(Offered::read(&entry.source)?);
        read().insert(key.to_owned(), offered.clone());
        Ok(offered)
    }

    /// The list for the page: key, title, and to which group each belongs.
    pub fn json(&self) -> Value {
        let group = |key: &str| match key.split_once('/') {
            None => "days",
            Some(("file", _)) => "files",
            Some(_) => "textbook",
        };
        let one = |entry: &Entry| json!({ "key": entry.key, "title": entry.title, "group": group(&entry.key) });
        self.entries.iter().map(one).collect()
    }
}

/// The title in the text of a model.
fn title_of(text: &str) -> Option<String> {
    let title = Document::parse("model", text).ok()?.written("title")?;
    Some(title.trim_matches('"').to_owned())
}
