//! `preau report`: the page of a result, from its files alone; and the page beside every new result.

use super::given::{command, folder_stop};
use super::{Ended, FAILED, INVALID, Stop, USAGE, say};
use crate::experiment::{Comparison, Replications};
use crate::output::folder::MANIFEST;
use crate::output::{Manifest, ResultFolder, files};
use crate::scenario::model::Scenario;
use crate::web::{Lang, REPORT, ReportError, document, page};
use clap::{Args, ValueEnum};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::{fs, process};

/// How the page is written.
#[derive(Args)]
pub(super) struct PageArgs {
    /// Language in which report.html opens; the page can switch [default: that of the environment]
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
    pub(super) fn lang(&self) -> Lang {
        match self.lang {
            Some(LangArg::Fr) => Lang::Fr,
            Some(LangArg::En) => Lang::En,
            None => Lang::of_environment(|name| std::env::var(name).ok()),
        }
    }
}

#[derive(Args)]
pub(super) struct ReportArgs {
    /// A result folder: what `preau run` or `preau compare` wrote
    folder: PathBuf,
    /// Where to write the page [default: report.html in the folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    page: PageArgs,
}

pub(super) fn report(args: &ReportArgs) -> Ended {
    let manifest = manifest(&args.folder)?;
    let document = document(&args.folder.as_path(), &manifest).map_err(stop)?;
    let place = args.out.clone().unwrap_or_else(|| args.folder.join(REPORT));
    replace(&place, &page(&document, args.page.lang())).map_err(|source| {
        stop(ReportError::Write {
            path: place.clone(),
            source,
        })
    })?;
    say(&place.display().to_string())
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
    match document(&folder.path(), manifest) {
        Ok(document) => {
            let page = page(&document, args.lang());
            let write = |out: &mut io::BufWriter<fs::File>| io::Write::write_all(out, page.as_bytes());
            folder.write(REPORT, write).map_err(folder_stop)?;
        }
        Err(error) => anstream::eprintln!("warning: no {REPORT}: {}", stop(error).message),
    }
    Ok(())
}

fn manifest(folder: &Path) -> Result<Manifest, Stop> {
    let path = folder.join(MANIFEST);
    let text = fs::read_to_string(&path).map_err(|error| {
        let advice = "give a result folder, one that `preau run` or `preau compare` wrote";
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

/// Puts a file in its place as a whole: readers see the old one or the new one.
fn replace(place: &Path, text: &str) -> io::Result<()> {
    let name = place
        .file_name()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}", process::id()));
    let partial = place.with_file_name(hidden);
    let done = fs::write(&partial, text).and_then(|()| fs::rename(&partial, place));
    if done.is_err() {
        let _ = fs::remove_file(&partial);
    }
    done
}
