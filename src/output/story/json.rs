//! Stories as one JSON object, for programs.

use super::words::broken;
use super::{Day, Line, LocalTime, Who};
use crate::engine::Time;
use crate::scenario::model::Scenario;
use serde_json::{Map, Value, json};

/// `{person, days: [{policy, lines, sums}]}`: the same person under one policy or several.
pub fn object(scenario: &Scenario, who: Who, local: &LocalTime, days: &[(String, Day)]) -> Value {
    let cohort = &scenario.cohorts[who.cohort.index()];
    let region = cohort.region.map(|r| &scenario.regions[r.index()]);
    json!({
        "name": scenario.name,
        "title": scenario.title,
        "size": scenario.size.factor,
        "person": {
            "cohort": cohort.key,
            "number": who.person,
            "level": cohort.level.name(),
            "region": region.map(|r| &r.key),
            "zone": region.map_or(&scenario.clock.zone, |r| &r.zone),
        },
        "days": days.iter().map(|(policy, day)| one(scenario, local, policy, day)).collect::<Vec<_>>(),
    })
}

fn one(scenario: &Scenario, local: &LocalTime, policy: &str, day: &Day) -> Value {
    let seconds = |ns: u64| ns as f64 / 1e9;
    json!({
        "policy": policy,
        "lines": day.lines.iter().map(|l| line(scenario, local, l)).collect::<Vec<_>>(),
        "sums": {
            "visits": day.sums.visits,
            "knocks": day.sums.knocks,
            "wanted_s": seconds(day.sums.wanted),
            "obtained_s": seconds(day.sums.obtained),
            "elsewhere_s": seconds(day.sums.elsewhere),
            "lost_s": seconds(day.sums.lost),
        },
    })
}

fn line(scenario: &Scenario, local: &LocalTime, line: &Line) -> Value {
    let civil = |at: Time| local.at(at).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string();
    let mut object = json!({
        "at": civil(line.at),
        "at_s": line.at.as_secs(),
        "kind": line.kind.name(),
        "text": broken(&line.text),
    });
    if let Some(until) = line.until {
        object["until"] = civil(until).into();
        object["until_s"] = until.as_secs().into();
    }
    if let Some(service) = line.service {
        object["service"] = scenario.services[service.index()].key.clone().into();
    }
    if !line.refusals.is_empty() {
        let counts = line.refusals.iter().map(|(why, n)| (why.name().to_owned(), json!(n)));
        object["refusals"] = counts.collect::<Map<_, _>>().into();
    }
    object
}
