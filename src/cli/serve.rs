//! `preau serve`: the local application.

use super::report::PageArgs;
use super::{Ended, FAILED, Stop};
use clap::Args;
use std::path::PathBuf;

// Without the feature nobody reads what was typed.
#[cfg_attr(not(feature = "serve"), allow(dead_code))]
#[derive(Args)]
pub(super) struct ServeArgs {
    /// Model files to offer beside the models that come with the program
    models: Vec<PathBuf>,
    /// Port on 127.0.0.1 [default: a free one]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
    /// Most runs at once
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    runs: u16,
    /// Folder in which results are saved when the page is told to
    #[arg(long, default_value = crate::output::folder::DEFAULT_PARENT)]
    out: PathBuf,
    #[command(flatten)]
    page: PageArgs,
}

#[cfg(feature = "serve")]
pub(super) fn serve(args: &ServeArgs) -> Ended {
    use super::{INVALID, say};
    use crate::serve::{Options, ServeError, Server};
    let stop = |error: ServeError| match error {
        // Problems of a model's text are a whole report already.
        ServeError::Model(report) if report.starts_with("error") => Stop::new(INVALID, report),
        ServeError::Model(problem) => Stop::new(INVALID, format!("error: {problem}")),
        other => Stop::new(FAILED, format!("error: {other}")),
    };
    let server = Server::bind(Options {
        port: args.port,
        runs: args.runs.into(),
        lang: args.page.lang(),
        out: args.out.clone(),
        models: args.models.clone(),
        ..Options::default()
    })
    .map_err(stop)?;
    say(&server.url())?;
    aside!("Préau listens to this machine only; Ctrl-C ends it.");
    if !args.no_open {
        open(&server.url());
    }
    server.run().map_err(stop)
}

/// Asks the desktop for a browser. Where there is none, the address has been printed.
#[cfg(feature = "serve")]
fn open(url: &str) {
    use std::process::{Command, Stdio};
    let (program, before): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    };
    let asked = Command::new(program)
        .args(before)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match asked {
        // Waited for on the side, so that no dead child is left.
        Ok(mut child) => drop(std::thread::spawn(move || child.wait())),
        Err(_) => aside!("no browser could be opened: open the address yourself"),
    }
}

#[cfg(not(feature = "serve"))]
pub(super) fn serve(_: &ServeArgs) -> Ended {
    let words = "error: this preau was built without the feature `serve`; build it with `cargo build --release --features serve`";
    Err(Stop::new(FAILED, words))
}
