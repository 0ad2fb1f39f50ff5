//! A run that is written down event by event, or held against such a file.

use super::{FAILED, Stop};
use crate::measure::Outcome;
use crate::output::civil::Civil;
use crate::output::manifest::Identity;
use crate::output::number;
use crate::output::trace::{Divergence, TraceFile, Verifier};
use crate::scenario::model::Scenario;
use crate::world::{RunError, RunOptions, run};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What to do with a trace file.
#[derive(Clone, Copy)]
pub(super) enum Traced<'a> {
    /// Write it.
    Write(&'a Path),
    /// Hold the run against it.
    Verify(&'a Path),
}

impl<'a> Traced<'a> {
    /// What was asked for, if anything.
    pub(super) fn of(write: Option<&'a Path>, verify: Option<&'a Path>) -> Option<Self> {
        write.map(Traced::Write).or(verify.map(Traced::Verify))
    }

    /// Runs. `stop` is set when the run has left the trace; the run's `progress` should say so. Beside the outcome, why the trace of
    /// it could not be written: that costs the trace and not the run.
    pub(super) fn run(
        self,
        scenario: &Scenario,
        options: &RunOptions<'_>,
        identity: &Identity,
        stop: &AtomicBool,
    ) -> Result<(Result<Outcome, RunError>, Option<Stop>), Stop> {
        match self {
            Traced::Write(path) => {
                let failed = |e| Stop::new(FAILED, format!("error: cannot write the trace {}: {e}", path.display()));
                let mut file = TraceFile::begin(scenario, identity, path).map_err(failed)?;
                let outcome = run(scenario, options, &mut file);
                let mut unwritten = None;
                if outcome.is_ok() {
                    match file.finish().map_err(failed) {
                        Ok(events) => aside!("trace: {} ({} events)", path.display(), number::whole(events as f64)),
                        Err(stop) => unwritten = Some(stop),
                    }
                }
                Ok((outcome, unwritten))
            }
            Traced::Verify(path) => {
                let failed = |words: String| Stop::new(FAILED, format!("error: {}: {words}", path.display()));
                let mut held =
                    Verifier::begin(scenario, identity, path, stop).map_err(|error| failed(error.to_string()))?;
                let outcome = run(scenario, options, &mut held);
                match held.finish().map_err(|e| failed(e.to_string()))? {
                    Err(apart) => return Err(failed(told(scenario, &apart))),
                    Ok(events) => aside!(
                        "trace: the run is {} event for event ({} events)",
                        path.display(),
                        number::whole(events as f64)
                    ),
                }
                Ok((outcome, None))
            }
        }
    }
}

/// Where a run leaves a trace, in words.
fn told(scenario: &Scenario, apart: &Divergence) -> String {
    let civil = Civil::of(&scenario.clock).at(apart.at.as_secs());
    let civil = civil.map_or_else(String::new, |t| {
        format!(", {}", t.strftime("%Y-%m-%d %H:%M:%S%.3f %:z"))
    });
    let side = |line: &Option<String>| line.clone().unwrap_or_else(|| "(ended)".to_owned());
    format!(
        "the run leaves the trace at event {}, line {} of the file, after {} ns of simulated time{civil}\n  expected: {}\n  found:    {}",
        apart.event,
        apart.line,
        apart.at.0,
        side(&apart.expected),
        side(&apart.found)
    )
}
