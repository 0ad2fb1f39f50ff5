//! What several tests share: small models, and an observer that writes everything down.

// Each test program uses a part of it.
#![allow(dead_code)]

use preau::engine::{Span, Time};
use preau::measure::{Outcome, Refusal};
use preau::scenario::model::{Act, CohortId, Policy, PolicyId, Scenario, ServiceId};
use preau::scenario::{Source, load};
use preau::world::{Observer, RunOptions, Unwatched, run};
use std::path::PathBuf;

/// The kind of an incident or a policy act among executed events.
pub const AGENDA: u8 = 1;

/// The path of a model of the tests.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/models/{name}.ron"))
}

/// A model of the tests, with overrides.
pub fn model_with(name: &str, sets: &[&str]) -> Scenario {
    let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
    load(&Source::File(path(name)), &sets).unwrap_or_else(|e| panic!("{e}"))
}

/// A model of the tests.
pub fn model(name: &str) -> Scenario {
    model_with(name, &[])
}

/// A model from its text.
pub fn text(text: &str) -> Scenario {
    let source = Source::Text {
        name: "text".into(),
        text: text.into(),
    };
    load(&source, &[]).unwrap_or_else(|e| panic!("{e}"))
}

/// A refusal as it was told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Refused {
    pub at: Time,
    pub service: ServiceId,
    pub cohort: CohortId,
    pub person: u32,
    pub why: Refusal,
    pub count: u64,
}

/// Something a person did at a service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deed {
    pub at: Time,
    pub service: ServiceId,
    pub cohort: CohortId,
    pub person: u32,
}

/// Everything an observer is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Story {
    pub events: Vec<(Time, u8, u32)>,
    pub knocks: Vec<Deed>,
    pub refused: Vec<Refused>,
    pub starts: Vec<(Deed, Span)>,
    /// Logins that are done, with the wait for a thread, the sojourn, and whether for nobody.
    pub done: Vec<(Deed, Span, Span, bool)>,
    pub sessions: Vec<(Deed, bool)>,
    /// Visits: when, whose, who.
    pub visits: Vec<(Time, CohortId, u32)>,
}

impl Observer for Story {
    fn event(&mut self, now: Time, kind: u8, entity: u32) {
        self.events.push((now, kind, entity));
    }
    fn knock(&mut self, at: Time, service: ServiceId, cohort: CohortId, person: u32, _: u32) {
        self.knocks.push(Deed {
            at,
            service,
            cohort,
            person,
        });
    }
    fn refused(&mut self, at: Time, service: ServiceId, cohort: CohortId, person: u32, why: Refusal, count: u64) {
        self.refused.push(Refused {
            at,
            service,
            cohort,
            person,
            why,
            count,
        });
    }
    fn start(&mut self, at: Time, service: ServiceId, cohort: CohortId, person: u32, waited: Span) {
        let deed = Deed {
            at,
            service,
            cohort,
            person,
        };
        self.starts.push((deed, waited));
    }
    fn done(
        &mut self,
        at: Time,
        service: ServiceId,
        cohort: CohortId,
        person: u32,
        waited: Span,
        sojourn: Span,
        wasted: bool,
    ) {
        let deed = Deed {
            at,
            service,
            cohort,
            person,
        };
        self.done.push((deed, waited, sojourn, wasted));
    }
    fn session(&mut self, at: Time, service: ServiceId, cohort: CohortId, person: u32, begins: bool) {
        let deed = Deed {
            at,
            service,
            cohort,
            person,
        };
        self.sessions.push((deed, begins));
    }
    fn visit(&mut self, now: Time, cohort: CohortId, person: u32) {
        self.visits.push((now, cohort, person));
    }
}

/// Options of a replication with policies on.
pub fn options(replication: u64, policies: &[PolicyId]) -> RunOptions<'static> {
    RunOptions {
        seed: 20_210_406,
        replication,
        policies: policies.to_vec(),
        ..RunOptions::default()
    }
}

/// A run with all that happened in it.
pub fn watch(scenario: &Scenario, options: &RunOptions<'_>) -> (Outcome, Story) {
    let mut story = Story::default();
    let outcome = run(scenario, options, &mut story).unwrap_or_else(|e| panic!("{e}"));
    (outcome, story)
}

/// A run.
pub fn play(scenario: &Scenario, options: &RunOptions<'_>) -> Outcome {
    run(scenario, options, &mut Unwatched).unwrap_or_else(|e| panic!("{e}"))
}

/// Adds a policy and answers its number.
pub fn add_policy(scenario: &mut Scenario, acts: Vec<(Time, Act)>) -> PolicyId {
    let id = PolicyId(scenario.policies.len() as u16);
    scenario.policies.push(Policy {
        key: format!("policy-{}", id.0),
        name: String::new(),
        acts,
        fixed_cost: 0.0,
    });
    id
}

/// A policy by its key.
pub fn policy(scenario: &Scenario, key: &str) -> PolicyId {
    let at = scenario.policies.iter().position(|p| p.key == key);
    PolicyId(at.unwrap_or_else(|| panic!("no policy {key}")) as u16)
}

/// A service by its key.
pub fn service(scenario: &Scenario, key: &str) -> ServiceId {
    let at = scenario.services.iter().position(|s| s.key == key);
    ServiceId(at.unwrap_or_else(|| panic!("no service {key}")) as u16)
}

/// A cohort by its key.
pub fn cohort(scenario: &Scenario, key: &str) -> CohortId {
    let at = scenario.cohorts.iter().position(|c| c.key == key);
    CohortId(at.unwrap_or_else(|| panic!("no cohort {key}")) as u16)
}

/// Everything a run leaves behind but what it took and which policies were on.
pub fn books(outcome: &Outcome) -> String {
    format!(
        "{:?}",
        (&outcome.cohorts, &outcome.services, &outcome.series, outcome.money)
    )
}

/// Hours of learning lost by everybody.
pub fn hours_lost(outcome: &Outcome) -> f64 {
    outcome.cohorts.iter().map(|t| t.learning.lost as f64).sum::<f64>() / 3.6e12
}

/// Mean and standard error.
pub fn mean_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// Capacity of the first service over time.
#[derive(Default)]
struct Cores(Vec<(f64, f64)>);

impl Observer for Cores {
    fn capacity(&mut self, now: Time, service: ServiceId, cores: f64) {
        if service.0 == 0 && self.0.last().is_none_or(|(_, c)| *c != cores) {
            self.0.push((now.as_secs(), cores));
        }
    }
}

/// Runs it, and how many cores the first service had from when on.
pub fn cores(s: &Scenario, policies: &[PolicyId]) -> (Outcome, Vec<(f64, f64)>) {
    let mut seen = Cores::default();
    let outcome = run(s, &options(0, policies), &mut seen).unwrap_or_else(|e| panic!("{e}"));
    (outcome, seen.0)
}
