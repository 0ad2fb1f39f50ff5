//! Services that stayed down after what brought them down was over, for people and for programs.

use super::number::{clock_time, decimal, whole};
use super::table::width;
use crate::experiment::RunRow;
use crate::measure::kpi::StayedDown;
use crate::scenario::model::Scenario;
use crate::scenario::wrapped;
use serde_json::{Value, json};

/// A line for each service that stayed down in some replication, worst first; empty if none did.
pub fn lines(scenario: &Scenario, rows: &[RunRow]) -> String {
    let mut found: Vec<(f64, String)> = Vec::new();
    for (i, service) in scenario.services.iter().enumerate() {
        let of = |row: &RunRow| -> Vec<StayedDown> {
            let own = row.stayed_down.iter().filter(|d| d.service.index() == i);
            own.copied().collect()
        };
        let down: Vec<Vec<StayedDown>> = rows.iter().map(of).filter(|d| !d.is_empty()).collect();
        let Some(first) = down.first() else { continue };
        let seconds: f64 = down.iter().flatten().map(|d| d.seconds).sum();
        let line = if rows.len() == 1 {
            one_run(scenario, &service.name, first)
        } else {
            format!(
                "{} stayed down in {} of {} replications, there for {} min on average",
                service.name,
                down.len(),
                rows.len(),
                minutes(seconds / down.len() as f64)
            )
        };
        found.push((seconds, line));
    }
    // Stable: services of the same time stay in the order of the file.
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let folded = |(_, line): (f64, String)| wrapped(&line, width(), "      ");
    let lines: Vec<String> = found.into_iter().map(folded).collect();
    lines.join("\n")
}

fn one_run(scenario: &Scenario, name: &str, down: &[StayedDown]) -> String {
    let stretch = |d: &StayedDown| {
        format!(
            "{} min from {} on (fresh demand {} % of what it can do), {}",
            minutes(d.seconds),
            clock_time(&scenario.clock, d.since),
            whole(100.0 * d.load),
            d.ended.words()
        )
    };
    let stretches: Vec<String> = down.iter().map(stretch).collect();
    format!("{name} stayed down after its trigger ended: {}", stretches.join("; "))
}

fn minutes(seconds: f64) -> String {
    let minutes = seconds / 60.0;
    if minutes < 10.0 {
        decimal(minutes, 1)
    } else {
        whole(minutes)
    }
}

/// Every such stretch of every replication.
pub fn json(scenario: &Scenario, rows: &[RunRow]) -> Value {
    let of = |row: &RunRow| -> Vec<Value> {
        let stretch = |d: &StayedDown| {
            json!({
                "replication": row.replication,
                "service": scenario.services[d.service.index()].key,
                "since": d.since,
                "minutes": d.seconds / 60.0,
                "load": d.load,
                "ended": d.ended.name(),
            })
        };
        row.stayed_down.iter().map(stretch).collect()
    };
    rows.iter().flat_map(of).collect()
}
