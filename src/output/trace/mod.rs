//! Trace files: every executed event of a run in order, and a run held against such a file.
//!
//! ```text
//! preau trace 2
//! version 0.1.0
//! model fnv1a64:cbf29ce484222325
//! seed 1
//! replication 0
//! policies base
//! retries auto
//! mode auto
//! events: number, time in ns, kind, entity, person, place, service
//! 1 5400000000000 ARRIVE 0 pupils/7
//! 2 5401500000000 DONE 0 pupils/7
//! 3 7200000000000 LEAVE 12 pupils/7 session ent
//! fingerprint 1000 00000000deadbeef
//! end 1234 00000000deadbeef
//! ```

mod verify;
mod write;

pub use verify::{Divergence, TraceError, Verifier};
pub use write::TraceFile;

use super::manifest::Identity;
use crate::engine::{Fingerprint, Time};
use crate::scenario::model::{CohortId, Scenario};
use crate::world::{Whereabouts, kinds};
use std::fmt::Write as _;

/// First line of every trace; the number is the version of the form.
pub const FIRST: &str = "preau trace 2";
/// The line before the first event.
const COLUMNS: &str = "events: number, time in ns, kind, entity, person, place, service";
/// The fingerprint so far is told after every so many events.
const EVERY: u64 = 1000;

/// The lines before the events: what makes the run what it is.
fn header(identity: &Identity) -> Vec<String> {
    let arm = identity.arms.first();
    let policies = arm.map_or_else(String::new, |arm| arm.policies.join("+"));
    let policies = if policies.is_empty() { "base" } else { &policies };
    vec![
        FIRST.to_owned(),
        format!("version {}", identity.version),
        format!("model {}", identity.model_hash),
        format!("seed {}", identity.seed),
        format!("replication {}", identity.replications.start),
        format!("policies {policies}"),
        format!("retries {}", identity.retries),
        format!("mode {}", identity.mode),
        COLUMNS.to_owned(),
    ]
}

/// Takes the lines of a trace one by one.
trait Sink {
    /// A line, told with the event it is of or follows.
    fn line(&mut self, line: &str, event: u64, at: Time);
}

/// Makes the lines of a trace from a run.
struct Lines<'s, S> {
    scenario: &'s Scenario,
    sink: S,
    /// The event under way.
    line: String,
    events: u64,
    at: Time,
    /// Whom it meets is in the line.
    named: bool,
    fingerprint: Fingerprint,
}

impl<'s, S: Sink> Lines<'s, S> {
    fn new(scenario: &'s Scenario, sink: S) -> Self {
        Lines {
            scenario,
            sink,
            line: String::new(),
            events: 0,
            at: Time::ZERO,
            // Nobody is met before the first event.
            named: true,
            fingerprint: Fingerprint::new(),
        }
    }

    /// Hands on the line of the event before, now that it is whole.
    fn flush(&mut self) {
        if self.line.is_empty() {
            return;
        }
        self.sink.line(&self.line, self.events, self.at);
        self.line.clear();
        if self.events.is_multiple_of(EVERY) {
            let line = format!("fingerprint {} {}", self.events, self.fingerprint);
            self.sink.line(&line, self.events, self.at);
        }
    }

    fn end(&mut self) {
        self.flush();
        let line = format!("end {} {}", self.events, self.fingerprint);
        self.sink.line(&line, self.events, self.at);
    }

    fn event(&mut self, now: Time, kind: u8, entity: u32) {
        self.flush();
        self.events += 1;
        self.at = now;
        self.named = false;
        self.fingerprint.absorb(now, kind, entity);
        // Writing to a string does not fail.
        let _ = write!(self.line, "{} {} {} {entity}", self.events, now.0, kinds::name(kind));
    }

    fn name(&mut self, cohort: CohortId, person: u32) {
        if !std::mem::replace(&mut self.named, true) {
            let key = &self.scenario.cohorts[cohort.index()].key;
            let _ = write!(self.line, " {key}/{person}");
        }
    }

    fn meets(&mut self, whereabouts: &Whereabouts) {
        self.name(whereabouts.cohort, whereabouts.person);
        let _ = write!(self.line, " {}", whereabouts.place);
        if let Some(service) = whereabouts.service {
            let _ = write!(self.line, " {}", self.scenario.services[service.index()].key);
        }
    }
}

/// What an observer of a run has to hand on to its [`Lines`].
macro_rules! hands_on {
    ($of:ty) => {
        impl Observer for $of {
            fn event(&mut self, now: Time, kind: u8, entity: u32) {
                self.0.event(now, kind, entity);
            }
            fn meets(&mut self, whereabouts: &Whereabouts) {
                self.0.meets(whereabouts);
            }
            // Of events that are of a service or a stream, the first to whom something happens.
            fn deed(&mut self, _: Time, cohort: CohortId, person: u32, _: &Deed<'_>) {
                self.0.name(cohort, person);
            }
        }
    };
}
use hands_on;
