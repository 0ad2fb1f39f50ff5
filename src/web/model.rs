//! What the page says of the model: names, clocks, incidents, policies.

use crate::measure::kpi::ALL;
use crate::scenario::model::{Act, Clock, IncidentKind, Scenario, ServiceId};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// The clock: civil start, zone, end and bin, and where civil time jumps.
pub fn clock(clock: &Clock) -> Value {
    json!({
        "start": clock.start.to_string(),
        "zone": clock.zone,
        "end": clock.end.as_secs(),
        "bin": clock.bin.as_secs(),
        "shifts": shifts(clock),
    })
}

/// `[seconds since the start, change of the offset in seconds]` of every change of the clocks within the run.
fn shifts(clock: &Clock) -> Vec<(f64, i32)> {
    let Ok(zone) = TimeZone::get(&clock.zone) else {
        return Vec::new();
    };
    let Ok(start) = clock.start.to_zoned(zone.clone()) else {
        return Vec::new();
    };
    let length = SignedDuration::try_from_secs_f64(clock.end.as_secs()).unwrap_or_default();
    let Ok(end) = start.checked_add(length) else {
        return Vec::new();
    };
    let mut offset = start.offset().seconds();
    let mut found = Vec::new();
    for change in zone.following(start.timestamp()) {
        if change.timestamp() >= end.timestamp() {
            break;
        }
        let since = change.timestamp().duration_since(start.timestamp()).as_secs_f64();
        let by = change.offset().seconds() - offset;
        offset = change.offset().seconds();
        if by != 0 {
            found.push((since, by));
        }
    }
    found
}

/// Regions in the order of the model.
pub(super) fn regions(scenario: &Scenario) -> Value {
    let one = |(i, region): (usize, &crate::scenario::model::Region)| {
        let own = scenario
            .cohorts
            .iter()
            .filter(|c| c.region.is_some_and(|r| r.index() == i));
        let people: u64 = own.map(|c| u64::from(c.people)).sum();
        json!({ "key": region.key, "name": region.name, "insee": region.insee, "people": people })
    };
    scenario.regions.iter().enumerate().map(one).collect()
}

/// Services in the order of the model.
pub(super) fn services(scenario: &Scenario) -> Value {
    let one = |service: &crate::scenario::model::Service| {
        json!({
            "key": service.key,
            "name": service.name,
            "operator": service.operator.map(|o| scenario.operators[o.index()].name.as_str()),
            "host": service.host.map(|h| scenario.hosts[h.index()].name.as_str()),
            "region": service.region.map(|r| scenario.regions[r.index()].key.as_str()),
            "gated": service.quota.is_some(),
            "fallback": service.fallback,
            "good": service.session.as_ref().map(|s| s.latency_good),
        })
    };
    scenario.services.iter().map(one).collect()
}

/// Incidents that happen within the run.
pub(super) fn incidents(scenario: &Scenario) -> Value {
    let end = scenario.clock.end;
    let happening = scenario
        .incidents
        .iter()
        .filter(|i| i.on && i.waves.iter().any(|w| w.0 < end));
    let one = |incident: &crate::scenario::model::Incident| {
        let waves = incident.waves.iter().filter(|w| w.0 < end);
        let (kind, targets, host) = target(scenario, &incident.kind);
        json!({
            "key": incident.key,
            "name": incident.name,
            "kind": kind,
            "services": targets,
            "host": host,
            "amount": amount(&incident.kind),
            "waves": waves.map(|(from, to)| (from.as_secs(), to.as_secs().min(end.as_secs()))).collect::<Vec<_>>(),
        })
    };
    happening.map(one).collect()
}

fn keys<'a>(scenario: &'a Scenario, services: &[ServiceId]) -> Vec<&'a str> {
    services
        .iter()
        .map(|s| scenario.services[s.index()].key.as_str())
        .collect()
}

/// The word of the kind, the services it touches, the host if it is one.
fn target<'a>(scenario: &'a Scenario, kind: &'a IncidentKind) -> (&'static str, Vec<&'a str>, Option<&'a str>) {
    let on_host = |host: &crate::scenario::model::HostId| {
        let tenants = scenario
            .services
            .iter()
            .filter(|s| s.host == Some(*host) || s.hosts.iter().any(|(h, _)| h == host));
        (
            tenants.map(|s| s.key.as_str()).collect(),
            Some(scenario.hosts[host.index()].name.as_str()),
        )
    };
    match kind {
        IncidentKind::NetworkFlood { host, .. } => {
            let (tenants, name) = on_host(host);
            ("network_flood", tenants, name)
        }
        IncidentKind::HostLoss { host, .. } => {
            let (tenants, name) = on_host(host);
            ("host_loss", tenants, name)
        }
        IncidentKind::ApplicationFlood { service, .. } => ("application_flood", keys(scenario, &[*service]), None),
        IncidentKind::SlowConnections { service, .. } => ("slow_connections", keys(scenario, &[*service]), None),
        IncidentKind::ServiceOutage { service } => ("outage", keys(scenario, &[*service]), None),
        IncidentKind::Slowdown { service, .. } => ("slowdown", keys(scenario, &[*service]), None),
        IncidentKind::Surge { .. } => ("surge", Vec::new(), None),
        IncidentKind::PolicyChange { act } => ("policy_change", keys(scenario, act.services()), None),
    }
}

/// How much: bit/s, requests/s, threads, or a share.
fn amount(kind: &IncidentKind) -> Option<f64> {
    match kind {
        IncidentKind::NetworkFlood { rate, .. } | IncidentKind::ApplicationFlood { rate, .. } => Some(*rate),
        IncidentKind::SlowConnections { threads, .. } => Some(*threads),
        IncidentKind::HostLoss { share, .. } | IncidentKind::Surge { share, .. } => Some(*share),
        IncidentKind::Slowdown { factor, .. } => Some(*factor),
        IncidentKind::ServiceOutage { .. } | IncidentKind::PolicyChange { .. } => None,
    }
}

/// Every policy of the model: its name, and its acts by instant.
pub(super) fn policies(scenario: &Scenario) -> Value {
    let one = |policy: &crate::scenario::model::Policy| {
        let acts = policy.acts.iter().filter(|(at, _)| *at < scenario.clock.end);
        let acts = acts.map(
            |(at, act)| json!({ "at": at.as_secs(), "act": word(act), "services": keys(scenario, &touched(act)) }),
        );
        json!({
            "key": policy.key,
            "name": policy.name,
            "fixed_cost": policy.fixed_cost,
            "acts": acts.collect::<Vec<_>>(),
        })
    };
    scenario.policies.iter().map(one).collect()
}

fn touched(act: &Act) -> Vec<ServiceId> {
    match act {
        Act::Triggered(triggered) => triggered.on.iter().map(|(service, ..)| *service).collect(),
        _ => act.services().to_vec(),
    }
}

/// The word of an act in the table of labels, after `act.`.
fn word(act: &Act) -> &'static str {
    match act {
        Act::SetQuota { quota: None, .. } => "no_quota",
        Act::SetQuota { .. } => "set_quota",
        Act::ScaleQuota { .. } => "scale_quota",
        Act::SetSession { .. } => "set_session",
        Act::ScaleCapacity { .. } => "scale_capacity",
        Act::Stagger { .. } => "stagger",
        Act::RetryAfter { .. } => "retry_after",
        Act::RetryBudget { .. } => "retry_budget",
        Act::ClientThrottle { .. } => "client_throttle",
        Act::RateLimit { .. } => "rate_limit",
        Act::Scrub { .. } => "scrub",
        Act::Shed { .. } => "shed",
        Act::Degrade { .. } => "degrade",
        Act::Restore { .. } => "restore",
        Act::PreWarm { .. } => "prewarm",
        Act::Autoscale { .. } => "autoscale",
        Act::Failover { .. } => "failover",
        Act::Triggered(_) => "triggered",
        Act::ShedByLoad { .. } => "shed_by_load",
        Act::ConcurrencyLimit { .. } => "concurrency_limit",
        Act::PerClientLimit { .. } => "per_client_limit",
    }
}

/// Unit and better direction of every KPI: `[name, unit, better]`.
pub(super) fn kpis() -> Value {
    ALL.iter()
        .map(|kpi| json!([kpi.name, kpi.unit.name(), kpi.better.name()]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Span, Time};
    use jiff::civil::date;

    #[test]
    fn the_clock_says_when_civil_time_jumps() {
        let of = |start| Clock {
            start,
            zone: "Europe/Paris".into(),
            end: Time::from_secs(86_400.0),
            warm_up: Time::ZERO,
            bin: Span::from_secs(300.0),
        };
        assert_eq!(shifts(&of(date(2021, 3, 27).at(12, 0, 0, 0))), [(14.0 * 3600.0, 3600)]);
        assert_eq!(
            shifts(&of(date(2021, 10, 30).at(12, 0, 0, 0))),
            [(15.0 * 3600.0, -3600)]
        );
        assert_eq!(shifts(&of(date(2021, 4, 6).at(3, 0, 0, 0))), []);
    }
}
