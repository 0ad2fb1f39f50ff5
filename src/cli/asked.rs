//! Experiments by what was typed: a file, or the name of one that comes with the program.

use super::given::{invalid, source};
use super::{INVALID, Stop};
use crate::experiment::study::{Study, Surroundings, shipped};
use crate::scenario::file_text;
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// An experiment, and the texts from which it can be read again.
pub(super) struct Asked {
    /// Read and resolved.
    pub study: Study,
    /// What to call it: the name of its file without `.ron`.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The text of the draws that it names.
    pub draws: Option<String>,
}

/// Reads an experiment; `sets` are laid over its model.
pub(super) fn asked(typed: &str, sets: &[String]) -> Result<Asked, Stop> {
    let inside = shipped()
        .iter()
        .find(|shipped| shipped.name == typed || shipped.path == typed);
    let (shown, text, folder) = match inside.filter(|_| !Path::new(typed).is_file()) {
        Some(shipped) => (shipped.path.to_owned(), shipped.text.to_owned(), PathBuf::new()),
        None => {
            let text = file_text(Path::new(typed)).map_err(|e| {
                let names: Vec<&str> = shipped().iter().map(|shipped| shipped.name).collect();
                let known = match e.kind() == std::io::ErrorKind::NotFound {
                    true => format!("\nwith the program come {}", names.join(", ")),
                    false => String::new(),
                };
                Stop::new(
                    INVALID,
                    format!("error: cannot read the experiment {typed}: {e}{known}"),
                )
            })?;
            let folder = Path::new(typed).parent().unwrap_or(Path::new("")).to_owned();
            (typed.to_owned(), text, folder)
        }
    };
    let name = Path::new(&shown)
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    // What lies beside the file comes first, as with `base`.
    let beside = |typed: &str| {
        let paths = [folder.join(typed), folder.join(format!("{typed}.ron"))];
        paths.into_iter().find(|path| path.is_file())
    };
    let model = |typed: &str| {
        let path = beside(typed).map(|path| path.display().to_string());
        source(Some(&path.unwrap_or_else(|| typed.to_owned())))
    };
    let draws = RefCell::new(None);
    let file = |typed: &str| {
        let text = file_text(&beside(typed).unwrap_or_else(|| PathBuf::from(typed)))?;
        draws.replace(Some(text.clone()));
        Ok(text)
    };
    let around = Surroundings {
        model: &model,
        file: &file,
    };
    let study = Study::read(&shown, &text, &around, sets).map_err(|problems| invalid(&problems))?;
    Ok(Asked {
        study,
        name,
        text,
        draws: draws.into_inner(),
    })
}
