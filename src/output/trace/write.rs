//! Writes a trace file.

use super::{FIRST, Lines, Sink, hands_on, header};
use crate::engine::Time;
use crate::output::manifest::Identity;
use crate::output::whole::Whole;
use crate::scenario::model::{CohortId, Scenario};
use crate::world::{Deed, Observer, Whereabouts};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

/// A trace that is being written: an observer for [`crate::world::run()`].
///
/// It has another name until it is whole; dropped before, it leaves nothing. A disk that fails does not stop the run;
/// [`TraceFile::finish`] tells.
pub struct TraceFile<'s>(Lines<'s, Partial>);

/// Writes lines under the temporary name.
struct Partial {
    out: Option<BufWriter<Whole>>,
    failed: Option<io::Error>,
}

impl Partial {
    fn put(&mut self, line: &str) {
        if let (Some(out), None) = (&mut self.out, &self.failed) {
            self.failed = writeln!(out, "{line}").err();
        }
    }
}

impl Sink for Partial {
    fn line(&mut self, line: &str, _: u64, _: Time) {
        self.put(line);
    }
}

hands_on!(TraceFile<'_>);

impl<'s> TraceFile<'s> {
    /// Begins a trace that will be at `target`. A trace that is there already will be replaced; anything else will not.
    ///
    /// # Errors
    /// When something else is there, or the disk says no.
    pub fn begin(scenario: &'s Scenario, identity: &Identity, target: &Path) -> io::Result<Self> {
        if target.exists() && !is_trace(target)? {
            let words = "it exists and holds no trace; give another name";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, words));
        }
        let mut sink = Partial {
            out: Some(BufWriter::with_capacity(1 << 20, Whole::begin(target)?)),
            failed: None,
        };
        for line in header(identity) {
            sink.put(&line);
        }
        Ok(TraceFile(Lines::new(scenario, sink)))
    }

    /// Writes the end and gives the file its name. Answers how many events it holds.
    ///
    /// # Errors
    /// The first thing that could not be written, now or during the run; there is no file then.
    pub fn finish(mut self) -> io::Result<u64> {
        self.0.end();
        let events = self.0.events;
        let sink = &mut self.0.sink;
        if let Some(error) = sink.failed.take() {
            return Err(error);
        }
        if let Some(out) = sink.out.take() {
            out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
        }
        Ok(events)
    }
}

/// Whether a file begins as traces do.
fn is_trace(path: &Path) -> io::Result<bool> {
    let mut first = Vec::new();
    let start = io::Read::take(File::open(path)?, 64);
    BufReader::new(start).read_until(b'\n', &mut first)?;
    Ok(first.starts_with(FIRST.split(' ').next().unwrap_or(FIRST).as_bytes()) && first.ends_with(b"\n"))
}
