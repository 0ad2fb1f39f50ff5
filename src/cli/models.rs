//! `preau models`: the models that come with the program.

use super::given::inside;
use super::{Ended, FAILED, Stop, USAGE, say};
use crate::scenario::{Builtin, Source, builtin, load};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(super) struct ModelsArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// List them
    List,
    /// Print one as it is written
    Show {
        /// Its name
        name: String,
    },
    /// Write them all into a folder, to start from
    Init {
        /// The folder, made if need be
        dir: PathBuf,
    },
}

pub(super) fn models(args: &ModelsArgs) -> Ended {
    match &args.what {
        What::List => list(),
        What::Show { name } => show(name),
        What::Init { dir } => init(dir),
    }
}

fn list() -> Ended {
    let cells = |model: &Builtin| {
        let title = load(&Source::Builtin(model.name.to_owned()), &[]).map_or(String::new(), |s| s.title);
        [model.name.to_owned(), title, model.path.to_owned()]
    };
    let head = ["name", "title", "file in the repository"].map(str::to_owned);
    let rows: Vec<[String; 3]> = std::iter::once(head).chain(builtin().iter().map(cells)).collect();
    let widest = |i: usize| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0);
    let (names, titles) = (widest(0), widest(1));
    for [name, title, path] in &rows {
        say(&format!("{name:<names$}  {title:<titles$}  {path}"))?;
    }
    Ok(())
}

fn show(name: &str) -> Ended {
    match inside(name) {
        Some(model) => say(model.text.trim_end()),
        None => Err(Stop::new(
            USAGE,
            format!("error: no model `{name}` is inside the program; `preau models list` lists them"),
        )),
    }
}

/// Writes every model; one that is already there with other content is left alone and told.
fn init(dir: &Path) -> Ended {
    let mut kept = 0;
    for model in builtin() {
        let path = dir.join(format!("{}.ron", model.name));
        let failed = |e: std::io::Error| Stop::new(FAILED, format!("error: cannot write {}: {e}", path.display()));
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        if path.exists() {
            let same = std::fs::read_to_string(&path).is_ok_and(|text| text == model.text);
            if !same {
                aside!("kept {}: it is there already and differs", path.display());
                kept += 1;
            }
            continue;
        }
        // Whole: a model cut short by a full disk would be taken for one that somebody changed, and kept.
        crate::output::whole::replace(&path, model.text.as_bytes()).map_err(failed)?;
        say(&format!("{}", path.display()))?;
    }
    if kept > 0 {
        Err(Stop::new(FAILED, "error: files in the way were kept"))
    } else {
        Ok(())
    }
}
