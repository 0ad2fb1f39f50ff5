//! Holds a run against a trace file.

use super::{Lines, Sink, hands_on, header};
use crate::engine::Time;
use crate::output::manifest::Identity;
use crate::scenario::model::{CohortId, Scenario};
use crate::world::{Deed, Observer, Whereabouts};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Lines as FileLines};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where a run leaves a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Number of the event, from 1, or of the last one.
    pub event: u64,
    /// Its line in the file, from 1.
    pub line: u64,
    /// The simulated time of the run then.
    pub at: Time,
    /// What the trace says; none: it has ended.
    pub expected: Option<String>,
    /// What the run did; none: it has ended.
    pub found: Option<String>,
}

/// Why a file is no trace to hold a run against.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It does not begin as a trace does.
    #[error("it is no trace: its first line is {0}")]
    NotATrace(String),
    /// It is of another run.
    #[error("it is of {what}: the trace says {expected}, this run has {found}")]
    Other {
        /// What differs, `another seed`.
        what: String,
        /// In the trace.
        expected: String,
        /// In the run.
        found: String,
    },
}

/// Holds a run against a trace: an observer for [`crate::world::run()`].
pub struct Verifier<'s>(Lines<'s, Held<'s>>);

struct Held<'s> {
    file: FileLines<BufReader<File>>,
    line: u64,
    divergence: Option<Divergence>,
    failed: Option<io::Error>,
    /// Set at the first divergence: the run may stop.
    stop: &'s AtomicBool,
}

impl Held<'_> {
    fn next(&mut self) -> Option<String> {
        self.line += 1;
        match self.file.next() {
            Some(Ok(line)) => Some(line),
            Some(Err(error)) => {
                self.failed = Some(error);
                None
            }
            None => None,
        }
    }

    fn diverges(&mut self, event: u64, at: Time, expected: Option<String>, found: Option<String>) {
        self.stop.store(true, Ordering::Relaxed);
        self.divergence = Some(Divergence {
            event,
            line: self.line,
            at,
            expected,
            found,
        });
    }
}

impl Sink for Held<'_> {
    fn line(&mut self, line: &str, event: u64, at: Time) {
        if self.divergence.is_some() || self.failed.is_some() {
            return;
        }
        let expected = self.next();
        if self.failed.is_none() && expected.as_deref() != Some(line) {
            self.diverges(event, at, expected, Some(line.to_owned()));
        }
    }
}

hands_on!(Verifier<'_>);

impl<'s> Verifier<'s> {
    /// Opens a trace and compares what it is of with the run that is to be held against it. `stop` is set at the first
    /// divergence.
    ///
    /// # Errors
    /// When it cannot be read, is no trace, or is one of another run.
    pub fn begin(
        scenario: &'s Scenario,
        identity: &Identity,
        path: &Path,
        stop: &'s AtomicBool,
    ) -> Result<Self, TraceError> {
        let mut held = Held {
            file: BufReader::new(File::open(path)?).lines(),
            line: 0,
            divergence: None,
            failed: None,
            stop,
        };
        for (i, found) in header(identity).into_iter().enumerate() {
            let said = held.next();
            if let Some(error) = held.failed.take() {
                return Err(error.into());
            }
            let Some(expected) = said else {
                return Err(TraceError::NotATrace("missing".to_owned()));
            };
            if expected != found {
                return Err(if i == 0 {
                    TraceError::NotATrace(format!("`{}`", expected.chars().take(60).collect::<String>()))
                } else {
                    differs(&expected, &found)
                });
            }
        }
        Ok(Verifier(Lines::new(scenario, held)))
    }

    /// What came of it when the run is over, or stopped: the number of events, or where they part.
    ///
    /// # Errors
    /// When the file could not be read to its end.
    pub fn finish(mut self) -> io::Result<Result<u64, Divergence>> {
        self.0.end();
        let (events, at) = (self.0.events, self.0.at);
        let held = &mut self.0.sink;
        if held.divergence.is_none() && held.failed.is_none() {
            let more = held.next();
            if let (Some(more), None) = (more, &held.failed) {
                held.diverges(events, at, Some(more), None);
            }
        }
        match (held.failed.take(), held.divergence.take()) {
            (Some(error), _) => Err(error),
            (None, Some(divergence)) => Ok(Err(divergence)),
            (None, None) => Ok(Ok(events)),
        }
    }
}

/// Two lines of a header that are not the same.
fn differs(expected: &str, found: &str) -> TraceError {
    let (what, found) = found.split_once(' ').unwrap_or((found, ""));
    let expected = expected.strip_prefix(what).map_or(expected, str::trim_start);
    TraceError::Other {
        what: match what {
            "policies" => "other policies".to_owned(),
            "retries" => "another handling of retries".to_owned(),
            what => format!("another {what}"),
        },
        expected: expected.to_owned(),
        found: found.to_owned(),
    }
}
