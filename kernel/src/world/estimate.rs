//! How long a run is in which every request is an event.

use crate::engine::Time;
use crate::scenario::model::{Cohort, IncidentKind, Scenario, Source};

/// About how many events a run in [`super::Mode::Events`] has: two a page of every visit that gets in (its
/// wish for it, and its end), two a request of a flood, and a dozen a visit. Retries are not counted: how many
/// there are is what a run is to find out.
///
/// ```
/// use preau::scenario::{Source, load};
/// let flood = load(&Source::Builtin("theory/flood".into()), &[]).unwrap();
/// // 0.5 requests a second for 50 000 s, and 15 000 customers.
/// assert_eq!(preau::world::requests_expected(&flood), 2.0 * 25_000.0 + 12.0 * 15_000.0);
/// ```
pub fn requests_expected(scenario: &Scenario) -> f64 {
    let end = scenario.clock.end;
    let people = |cohort: &Cohort| {
        let pages = visits(cohort, end) * cohort.duration.mean().min(end.as_secs()) / think(scenario, cohort);
        2.0 * pages + 12.0 * visits(cohort, end)
    };
    scenario.cohorts.iter().map(people).sum::<f64>() + 2.0 * attacks(scenario)
}

/// About how many visits a run has; those who come back are not counted.
pub fn visits_expected(scenario: &Scenario) -> f64 {
    let end = scenario.clock.end;
    scenario.cohorts.iter().map(|cohort| visits(cohort, end)).sum()
}

/// Visits of a cohort.
fn visits(cohort: &Cohort, end: Time) -> f64 {
    let seconds = end.as_secs();
    match &cohort.source {
        Source::Crowd(waves) => {
            let share: f64 = waves.iter().map(|w| w.share).sum();
            f64::from(cohort.people) * cohort.connects * share
        }
        Source::Rate { points, batch, .. } => {
            let ends = points.iter().skip(1).map(|(at, _)| *at).chain([end]);
            let pieces = points.iter().zip(ends);
            let sum: f64 = pieces
                .map(|((from, rate), to)| rate * (to.min(end) - (*from).min(end)).as_secs())
                .sum();
            sum * batch.as_ref().map_or(1.0, |b| b.mean())
        }
        Source::Renewal { between, batch } => seconds / between.mean() * batch.as_ref().map_or(1.0, |b| b.mean()),
        Source::Closed { population, think } => {
            let round = think.mean() + cohort.duration.mean();
            f64::from(*population) * seconds / round.max(1e-3)
        }
    }
}

/// The shortest pause between two pages at the services where its sessions may be held, s.
fn think(scenario: &Scenario, cohort: &Cohort) -> f64 {
    let ends = |route: &crate::scenario::model::Route| {
        let onward = route.onward.iter().flat_map(|(_, to)| to.iter().map(|(s, _)| *s));
        let services: Vec<_> = onward.chain([route.start]).collect();
        services
            .into_iter()
            .filter_map(|s| scenario.services[s.index()].session)
            .map(|s| s.think)
            .fold(f64::INFINITY, f64::min)
    };
    let routes = cohort.routes.iter().map(|(_, r)| ends(&scenario.routes[r.index()]));
    routes.fold(f64::INFINITY, f64::min).max(1e-3)
}

/// Requests of all floods, as if nothing were scrubbed.
fn attacks(scenario: &Scenario) -> f64 {
    let end = scenario.clock.end;
    let of = |incident: &crate::scenario::model::Incident| match incident.kind {
        IncidentKind::ApplicationFlood { rate, .. } => {
            let lasting = |(from, to): &(Time, Time)| (*to.min(&end) - *from.min(&end)).as_secs();
            rate * incident.waves.iter().map(lasting).sum::<f64>()
        }
        _ => 0.0,
    };
    scenario.incidents.iter().map(of).sum()
}
