//! The first person of a run to whom something happens: whom to follow when no name is known.

use crate::engine::{Span, Time};
use crate::scenario::model::{CohortId, Scenario};
use crate::world::{Deed, Instead, Observer, RunError, RunOptions, run};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};

/// Who tries so long without a pause is stuck.
pub const STUCK: Span = Span(2 * 3_600 * 1_000_000_000);

/// What is to have happened to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plight {
    /// It is still trying [`STUCK`] after the first knock of its visit (after coming back, or after a session that was
    /// cut: after the first knock since).
    Stuck,
    /// A visit of its ends in vain: it goes elsewhere, or does nothing.
    GaveUp,
}

/// Who was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The cohort.
    pub cohort: CohortId,
    /// The number within the cohort.
    pub person: u32,
    /// When the plight was reached.
    pub at: Time,
}

/// Runs a scenario until the first person of the cohorts `among` (one entry a cohort) is in a plight; none if nobody
/// ever is.
///
/// # Errors
/// Those of [`run()`].
pub fn first(
    scenario: &Scenario,
    options: &RunOptions<'_>,
    plight: Plight,
    among: &[bool],
) -> Result<Option<Found>, RunError> {
    let enough = AtomicBool::new(false);
    let progress = |now| enough.load(Ordering::Relaxed) || options.progress.is_some_and(|told| told(now));
    let options = RunOptions {
        progress: Some(&progress),
        ..options.clone()
    };
    let mut search = Search {
        plight,
        among,
        enough: &enough,
        trying: HashMap::new(),
        since: VecDeque::new(),
        found: None,
    };
    let ended = run(scenario, &options, &mut search);
    search.look(scenario.clock.end);
    match ended {
        Err(error) if error != RunError::Stopped || search.found.is_none() => Err(error),
        _ => Ok(search.found),
    }
}

/// Watches a run for a plight.
struct Search<'a> {
    plight: Plight,
    among: &'a [bool],
    enough: &'a AtomicBool,
    /// Since when people who are neither in nor away have tried.
    trying: HashMap<(u16, u32), Time>,
    /// The same in order of time; stale when no longer as in `trying`.
    since: VecDeque<(Time, u16, u32)>,
    found: Option<Found>,
}

impl Search<'_> {
    fn is(&mut self, cohort: CohortId, person: u32, at: Time) {
        self.enough.store(true, Ordering::Relaxed);
        self.found.get_or_insert(Found { cohort, person, at });
    }

    /// Looks who has tried too long by now.
    fn look(&mut self, now: Time) {
        while let Some((since, cohort, person)) = self.since.front().copied()
            && since + STUCK <= now
            && self.found.is_none()
        {
            self.since.pop_front();
            if self.trying.get(&(cohort, person)) == Some(&since) {
                self.is(CohortId(cohort), person, since + STUCK);
            }
        }
    }

    fn stuck(&mut self, now: Time, cohort: CohortId, person: u32, deed: &Deed<'_>) {
        let key = (cohort.0, person);
        match deed {
            Deed::Knocks { .. } => {
                if let std::collections::hash_map::Entry::Vacant(entry) = self.trying.entry(key) {
                    entry.insert(now);
                    self.since.push_back((now, key.0, key.1));
                }
            }
            Deed::SessionBegins { .. } | Deed::Over { .. } => {
                self.trying.remove(&key);
            }
            Deed::GivesUp {
                instead: Instead::Later(_),
                ..
            } => {
                self.trying.remove(&key);
            }
            _ => {}
        }
    }
}

impl Observer for Search<'_> {
    fn deed(&mut self, now: Time, cohort: CohortId, person: u32, deed: &Deed<'_>) {
        if self.found.is_some() {
            return;
        }
        self.look(now);
        if !self.among[cohort.index()] || self.found.is_some() {
            return;
        }
        match (self.plight, deed) {
            (Plight::Stuck, _) => self.stuck(now, cohort, person, deed),
            (Plight::GaveUp, Deed::Over { served: false, .. }) => self.is(cohort, person, now),
            (Plight::GaveUp, _) => {}
        }
    }
}
