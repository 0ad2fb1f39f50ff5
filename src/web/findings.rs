//! What the verdict of the page is made of: which regions failed and when, what the quotas did, what stayed down.

use super::series::Series;
use crate::measure::days;
use crate::measure::kpi::Degradation;
use crate::scenario::model::Scenario;
use serde_json::{Value, json};

/// A region failed on a day on which it was degraded for so long in all, s.
const FAILED: f64 = 1800.0;
/// A quota is full from this share of its cap on.
const FULL: f64 = 0.98;

/// The findings of an arm.
pub(super) fn of(scenario: &Scenario, services: &Series, regions: &Series, arm: &str) -> Value {
    json!({
        "failed_after": FAILED,
        "failed": failed(scenario, regions, arm),
        "quotas": quotas(scenario, services, arm),
        "open": open(scenario, services, arm),
    })
}

/// Regions by day, worst first within each day: when the first and the last bin were degraded, for how long in all, and
/// the smallest share of a bin's visits that was in within five minutes.
fn failed(scenario: &Scenario, regions: &Series, arm: &str) -> Vec<Value> {
    let width = scenario.clock.bin.as_secs();
    let mut found = Vec::new();
    for (number, day) in days(&scenario.clock).iter().enumerate() {
        let mut of_day = Vec::new();
        for region in &scenario.regions {
            let column = |name| regions.column(arm, &region.key, name);
            let (Some(visits), Some(in_time)) = (column("visits"), column("in_5min")) else {
                continue;
            };
            // What is not of the day has no visits, and is not judged.
            let begun: Vec<(u64, u64)> = visits
                .iter()
                .zip(in_time)
                .enumerate()
                .map(|(i, (v, t))| {
                    let of_day = (day.from..day.until).contains(&(i as f64 * width + 1e-6));
                    if of_day { (*v as u64, *t as u64) } else { (0, 0) }
                })
                .collect();
            let Some(degraded) = Degradation::of(&scenario.clock, width, &begun) else {
                continue;
            };
            let (Some(from), Some(until)) = (degraded.first, degraded.recovered) else {
                continue;
            };
            if degraded.seconds < FAILED {
                continue;
            }
            let shares = begun.iter().filter(|(v, _)| *v >= crate::measure::kpi::FEWEST_VISITS);
            let worst = shares.map(|(v, t)| *t as f64 / *v as f64).fold(1.0, f64::min);
            of_day.push((
                degraded.seconds,
                json!({
                    "region": region.key, "day": number, "date": day.date.to_string(), "from": from, "until": until,
                    "seconds": degraded.seconds, "worst": worst,
                }),
            ));
        }
        of_day.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.extend(of_day.into_iter().map(|(_, value)| value));
    }
    found
}

/// Gates with a cap that was full for a while: for how long, how many of the knocks of the whole run they refused, and
/// the page latency behind them meanwhile (the median over full bins). Seats and sessions are summed over full bins: a seat
/// without a session is held by somebody who has left without logging out, or by another tab of the same person.
fn quotas(scenario: &Scenario, services: &Series, arm: &str) -> Vec<Value> {
    let width = scenario.clock.bin.as_secs();
    let mut found = Vec::new();
    for service in &scenario.services {
        let column = |name| services.column(arm, &service.key, name);
        let (Some(cap), Some(seats), Some(latency)) = (column("cap"), column("seats"), column("latency")) else {
            continue;
        };
        let full: Vec<usize> = (0..cap.len())
            .filter(|i| cap[*i] > 0.0 && seats[*i] >= FULL * cap[*i])
            .collect();
        let (Some(first), Some(last)) = (full.first(), full.last()) else {
            continue;
        };
        let mut behind: Vec<f64> = full.iter().map(|i| latency[*i]).collect();
        behind.sort_by(f64::total_cmp);
        let sessions = column("sessions").unwrap_or(&[]);
        let taken: f64 = full.iter().map(|i| seats[*i]).sum();
        let at_work: f64 = full.iter().filter_map(|i| sessions.get(*i)).sum();
        let sum = |name| column(name).map_or(0.0, |c| c.iter().sum::<f64>());
        found.push(json!({
            "service": service.key,
            "from": *first as f64 * width,
            "until": (*last + 1) as f64 * width,
            "seconds": full.len() as f64 * width,
            "refused": sum("refused_quota"),
            "knocks": sum("knocks"),
            "seats": taken,
            "sessions": at_work,
            "latency": behind[behind.len() / 2],
            "good": service.session.as_ref().map(|s| s.latency_good),
        }));
    }
    found.sort_by(|a, b| {
        b["refused"]
            .as_f64()
            .unwrap_or(0.0)
            .total_cmp(&a["refused"].as_f64().unwrap_or(0.0))
    });
    found
}

/// Doors without a cap at which pages took longest: the worst bin's mean latency and how long pages were slow in all.
fn open(scenario: &Scenario, services: &Series, arm: &str) -> Vec<Value> {
    let width = scenario.clock.bin.as_secs();
    let mut found = Vec::new();
    for service in &scenario.services {
        let column = |name| services.column(arm, &service.key, name);
        let (Some(cap), Some(latency), Some(session)) = (column("cap"), column("latency"), &service.session) else {
            continue;
        };
        if cap.iter().any(|c| *c > 0.0) {
            continue;
        }
        let slow = latency.iter().filter(|l| **l > session.latency_good).count();
        let worst = latency.iter().copied().fold(0.0, f64::max);
        if slow > 0 {
            found.push((
                slow,
                json!({ "service": service.key, "worst": worst, "seconds": slow as f64 * width }),
            ));
        }
    }
    found.sort_by_key(|(slow, _)| std::cmp::Reverse(*slow));
    found.into_iter().map(|(_, value)| value).collect()
}
