//! `preau report`: the page of a result, from its files alone; and the page beside every new result.

use super::given::{command, folder_stop};
use super::{Ended, FAILED, INVALID, Stop, USAGE, say};
use crate::experiment::{Comparison, Replications};
use crate::output::folder::MANIFEST;
use crate::output::sweep::FOLDER;
use crate::output::whole::replace;
use crate::output::{FolderError, Manifest, ResultFolder, files};
use crate::scenario::model::Scenario;
use crate::web::{ANALYSIS, Lang, REPORT, ReportError, analysed, document, page};
use clap::{Args, ValueEnum};
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// How the page is written.
#[derive(Args, Default)]
pub(super) struct PageArgs {
    /// Language in which report.html opens; the page can switch, the terminal speaks English [default: that of the environment; of a sweep, that of the browser]
    #[arg(long, value_enum)]
    lang: Option<LangArg>,
}

/// A language of the page.
#[derive(Clone, Copy, ValueEnum)]
enum LangArg {
    /// French
    Fr,
    /// English
    En,
}

impl PageArgs {
    fn asked(&self) -> Option<Lang> {
        self.lang.map(|lang| match lang {
            LangArg::Fr => Lang::Fr,
            LangArg::En => Lang::En,
        })
    }

    pub(super) fn lang(&self) -> Lang {
        self.asked()
            .unwrap_or_else(|| Lang::of_environment(|name| std::env::var(name).ok()))
    }

    /// The language in which a page opens. Files of a sweep depend on nothing but its runs, so its page does not ask the
    /// environment: the reader's browser chooses, unless a language was asked for.
    fn lang_of(&self, manifest: &Manifest) -> Option<Lang> {
        match manifest.sweep {
            Some(_) => self.asked(),
            None => Some(self.lang()),
        }
    }
}

#[derive(Args)]
pub(super) struct ReportArgs {
    /// A result folder, or the folder of a sweep
    folder: PathBuf,
    /// Where to write the page [default: report.html in the folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    page: PageArgs,
}

pub(super) fn report(args: &ReportArgs) -> Ended {
    let is_sweep = !args.folder.join(MANIFEST).exists() && args.folder.join(FOLDER).join(MANIFEST).is_file();
    let (manifest, document) = if is_sweep {
        let manifest = manifest(&args.folder.join(FOLDER))?;
        let document = analysed(&args.folder, &manifest);
        (manifest, document)
    } else {
        let manifest = manifest(&args.folder)?;
        let document = document(&args.folder.as_path(), &manifest);
        (manifest, document)
    };
    let place = args.out.clone().unwrap_or_else(|| args.folder.join(REPORT));
    let document = document.map_err(stop)?;
    tell_stale(&document);
    let page = page(&document, args.page.lang_of(&manifest));
    replace(&place, page.as_bytes()).map_err(|source| {
        stop(ReportError::Write {
            path: place.clone(),
            source,
        })
    })?;
    say(&place.display().to_string())
}

/// A word on an analysis that is not of these runs.
fn tell_stale(document: &serde_json::Value) {
    if document["stale_analysis"] == true {
        aside!(
            "note: {ANALYSIS} is of other runs than the tables and is left out of the page; end the sweep and analyse it again"
        );
    }
}

/// The page of an analysed sweep, in its folder; a word where there are no results to draw it from.
pub(super) fn of_analysis(folder: &Path, args: &PageArgs) -> Ended {
    let results = folder.join(FOLDER);
    if !results.join(MANIFEST).is_file() {
        aside!(
            "note: no {REPORT}: {} is not there; end the sweep first",
            results.display()
        );
        return Ok(());
    }
    let manifest = manifest(&results)?;
    let place = folder.join(REPORT);
    match analysed(folder, &manifest) {
        Ok(document) => {
            tell_stale(&document);
            let write = |source| {
                stop(ReportError::Write {
                    path: place.clone(),
                    source,
                })
            };
            replace(&place, page(&document, args.lang_of(&manifest)).as_bytes()).map_err(write)?;
            aside!("file: {}", place.display());
        }
        Err(error) => aside!("warning: no {REPORT}: {}", stop(error).message),
    }
    Ok(())
}

/// Adds the page to the files of a sweep. Like them it depends on nothing but the runs.
pub(super) fn in_any_language(folder: &ResultFolder, manifest: &Manifest) -> Result<(), FolderError> {
    put(folder, manifest, &PageArgs::default())
}

/// Writes the files of a result with its page, and puts it in its place.
pub(super) fn put_in_place(
    folder: ResultFolder,
    scenario: &Scenario,
    runs: &Replications,
    comparison: Option<&Comparison>,
    args: &PageArgs,
) -> Result<PathBuf, Stop> {
    let manifest = files::fill(&folder, scenario, runs, comparison, command()).map_err(folder_stop)?;
    add_page(&folder, &manifest, args)?;
    folder.finish(&manifest).map_err(folder_stop)
}

/// Adds the page to the files of a result that is complete but for its manifest. Runs that took long are not thrown away
/// because they cannot be drawn: then there is a warning and no page.
pub(super) fn add_page(folder: &ResultFolder, manifest: &Manifest, args: &PageArgs) -> Ended {
    put(folder, manifest, args).map_err(folder_stop)
}

fn put(folder: &ResultFolder, manifest: &Manifest, args: &PageArgs) -> Result<(), FolderError> {
    match document(&folder.path(), manifest) {
        Ok(document) => {
            let page = page(&document, args.lang_of(manifest));
            let write = |out: &mut io::BufWriter<fs::File>| io::Write::write_all(out, page.as_bytes());
            folder.write(REPORT, write)?;
        }
        Err(error) => aside!("warning: no {REPORT}: {}", stop(error).message),
    }
    Ok(())
}

fn manifest(folder: &Path) -> Result<Manifest, Stop> {
    let path = folder.join(MANIFEST);
    let text = fs::read_to_string(&path).map_err(|error| {
        let advice = "give a result folder, one that `preau run`, `preau sweep` or another verb wrote";
        Stop::new(
            USAGE,
            format!("error: cannot read {}: {error}\n{advice}", path.display()),
        )
    })?;
    let broken = |error: serde_json::Error| {
        Stop::new(
            INVALID,
            format!("error: {} is no manifest of a result: {error}", path.display()),
        )
    };
    serde_json::from_str(&text).map_err(broken)
}

fn stop(error: ReportError) -> Stop {
    match error {
        ReportError::Model(ref problems) => {
            let why = problems.render(io::stderr().is_terminal());
            Stop::new(INVALID, format!("error: {error}\n{why}"))
        }
        ReportError::NoColumn { .. } | ReportError::Nothing { .. } => Stop::new(INVALID, format!("error: {error}")),
        ReportError::Read { .. } | ReportError::Write { .. } => Stop::new(FAILED, format!("error: {error}")),
    }
}
