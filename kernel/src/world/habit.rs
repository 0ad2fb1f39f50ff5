//! Constants of habits that the event path needs, flattened.

use super::Orbit;
use crate::engine::{Distribution, Span};
use crate::scenario::model::{Fallback, Habit, TimeoutScope};

/// A habit's constants.
#[derive(Clone, Copy)]
pub(super) struct HabitState {
    /// Its first retry kind.
    pub first_kind: usize,
    /// Its retry kinds; none: nobody retries.
    pub kinds: usize,
    /// Most knocks of a visit at one door; `u32::MAX`: no end.
    pub max_tries: u32,
    /// Chance to come back after each failed knock.
    pub persistence: f64,
    /// One over its logarithm: a geometric count is that times the logarithm of a uniform.
    per_log: f64,
    /// Whether patience ends at all.
    pub patient: bool,
    /// Pages opened at once while knocking.
    pub tabs: f64,
    /// Chance to take another route after the usual one was given up.
    pub learns: f64,
    /// The client's time-out.
    pub timeout: Option<TimeoutState>,
}

/// A time-out's constants.
#[derive(Clone, Copy)]
pub(super) struct TimeoutState {
    /// Logins in service are awaited.
    pub queue_only: bool,
    /// The same for everybody: that long.
    pub same: Option<Span>,
}

/// A retry class of a habit, flattened.
#[derive(Clone, Copy)]
pub(super) struct RetryInfo {
    pub rate: f64,
    /// May be pooled: exponential, and whoever leaves early has nothing more to do (unless `capped`, and another visit waits for it).
    pub lazy: bool,
    /// Somebody in its pool may have left at a knock in vain.
    pub capped: bool,
    pub tabs: f64,
}

impl HabitState {
    /// Of someone who has failed `tries` times: at which failure from now on it leaves, counted from 1. The loss of
    /// persistence has no memory, so it may be drawn afresh at every look. `uniform` is asked if it is needed.
    pub fn leaves_at(&self, tries: u16, uniform: impl FnOnce() -> f64) -> u64 {
        let allowed = match self.max_tries {
            u32::MAX => u64::MAX,
            most => u64::from(most.saturating_sub(u32::from(tries))),
        };
        if self.persistence >= 1.0 {
            return allowed;
        }
        // For a persistence of 0 this is 1.
        allowed.min(1 + (crate::engine::log(uniform()) * self.per_log) as u64)
    }
}

/// One way between its clients and a service.
pub(super) fn network(habit: &Habit) -> Option<&Distribution> {
    habit.timeout.as_ref().and_then(|timeout| timeout.network.as_ref())
}

/// The habits' constants, and the retry kinds of all of them one after another.
pub(super) fn flatten(habits: &[Habit], orbit: Orbit) -> (Vec<HabitState>, Vec<RetryInfo>) {
    let mut retries = Vec::new();
    let states = habits.iter().map(|habit| {
        let first_kind = retries.len();
        // A person found late to have left cannot do anything at the time it left; so caps on tries are pooled
        // only where leaving is the end of it.
        let capped = habit.max_tries.is_some() || habit.persistence < 1.0;
        let goes_on = |f: &Fallback| matches!(f, Fallback::Route(_) | Fallback::Later(_));
        let ends = !habit.giving_up.iter().any(|(_, f)| goes_on(f));
        retries.extend(habit.retries.iter().map(|class| {
            let rate = match class.delay {
                Distribution::Exponential { mean } if mean > 0.0 && class.backoff.is_none() => 1.0 / mean,
                _ => 0.0,
            };
            RetryInfo {
                rate,
                lazy: rate > 0.0 && orbit == Orbit::Auto && (!capped || ends) && network(habit).is_none(),
                capped,
                tabs: habit.tabs,
            }
        }));
        HabitState {
            first_kind,
            kinds: habit.retries.len(),
            max_tries: habit.max_tries.unwrap_or(u32::MAX),
            persistence: habit.persistence,
            per_log: 1.0 / libm::log(habit.persistence),
            patient: habit.patience.is_some(),
            tabs: habit.tabs,
            learns: habit.learns,
            timeout: habit.timeout.as_ref().map(|timeout| TimeoutState {
                queue_only: timeout.scope == TimeoutScope::Queue,
                same: match timeout.after {
                    Distribution::Deterministic { value } if timeout.network.is_none() => Some(Span::from_secs(value)),
                    _ => None,
                },
            }),
        }
    });
    (states.collect(), retries)
}
