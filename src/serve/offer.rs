//! What levers act on in a model: the parts, and what the model says there.

use super::lever::{Now, Part};
use crate::engine::Time;
use crate::scenario::Document;
use crate::scenario::model::{Incident, IncidentKind, Order, Scenario, SeatRule, Service, Source};

/// A model that is looked at: as it means, and as it is written.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// The model.
    pub scenario: &'a Scenario,
    pub(super) written: &'a Document,
}

impl Look<'_> {
    /// The number and unit that stand at a path, if a number stands there.
    fn number(&self, path: &str) -> Option<(f64, String)> {
        quantity(self.written.written(path)?.trim_matches('"'))
    }

    /// The fields among these that hold a number.
    fn fields(&self, paths: &[String]) -> Vec<(String, f64, String)> {
        let field = |path: &String| self.number(path).map(|(number, unit)| (path.clone(), number, unit));
        paths.iter().filter_map(field).collect()
    }

    /// The numbers of a law that grow with it.
    fn law(&self, path: &str) -> Vec<(String, f64, String)> {
        let parts = ["median", "p90", "mean", "low", "high"].map(|part| format!("{path}.{part}"));
        let fields = self.fields(&parts);
        if fields.is_empty() {
            return self.fields(&[format!("{path}[0]"), path.to_owned()]);
        }
        fields
    }

    fn services(&self, part: impl Fn(&Service) -> Option<Part>) -> Option<Vec<Part>> {
        some(self.scenario.services.iter().filter_map(part).collect())
    }
}

/// `33420 /s` as 33420 and `/s`; none for what is no number with a unit.
fn quantity(text: &str) -> Option<(f64, String)> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '_')));
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.trim();
    let number: f64 = number.replace('_', "").parse().ok()?;
    // `1 h 30 min` and `1e5` are more than a number and a unit.
    (!unit.chars().any(|c| c.is_ascii_digit())).then(|| (number, unit.to_owned()))
}

/// A key as a step of a path.
pub(super) fn step(key: &str) -> String {
    if key.contains(['.', '[']) || key.parse::<usize>().is_ok() {
        format!("\"{key}\"")
    } else {
        key.to_owned()
    }
}

fn some(parts: Vec<Part>) -> Option<Vec<Part>> {
    (!parts.is_empty()).then_some(parts)
}

fn part(key: &str, name: &str, now: Now, fields: Vec<(String, f64, String)>) -> Part {
    Part {
        key: key.to_owned(),
        name: name.to_owned(),
        now,
        fields,
    }
}

/// Gates and rooms with a cap.
pub(super) fn caps(look: &Look<'_>) -> Option<Vec<Part>> {
    look.services(|service| {
        let paths = ["max_sessions", "max_share"].map(|field| format!("services.{}.quota.{field}", step(&service.key)));
        let fields = look.fields(&paths);
        let (_, number, unit) = fields.first()?.clone();
        let unit = if unit.is_empty() { "seats".to_owned() } else { unit };
        Some(part(&service.key, &service.name, Now::Number(number, unit), fields))
    })
}

/// Gates whose seats end by a clock.
pub(super) fn seats(look: &Look<'_>) -> Option<Vec<Part>> {
    look.services(|service| {
        let (field, length) = match service.quota.as_ref()?.seat {
            SeatRule::OnExit => return None,
            SeatRule::Sliding { idle, .. } => ("idle", idle),
            SeatRule::Fixed { length, .. } => ("length", length),
        };
        let fields = look.fields(&[format!("services.{}.quota.seat.{field}", step(&service.key))]);
        let minutes = length.as_secs() / 60.0;
        let now = Now::Number(minutes, "min".to_owned());
        (!fields.is_empty()).then(|| part(&service.key, &service.name, now, fields))
    })
}

/// The order at gates, and the field that says it.
pub(super) fn orders(look: &Look<'_>) -> Option<Vec<Part>> {
    look.services(|service| {
        let word = match service.quota.as_ref()?.order {
            Order::Reject => "reject",
            Order::Fifo { .. } => "fifo",
            Order::Lottery => "lottery",
            Order::Priority { .. } => "priority",
            Order::Passthrough => "passthrough",
        };
        let field = (
            format!("services.{}.quota.order", step(&service.key)),
            0.0,
            String::new(),
        );
        let now = Now::Word(word.to_owned());
        Some(part(&service.key, &service.name, now, vec![field]))
    })
}

/// People who come at a time of their own that can be spread.
pub(super) fn crowds(look: &Look<'_>) -> Option<Vec<Part>> {
    let crowds = look.scenario.cohorts.iter();
    let crowds = crowds.filter(|cohort| matches!(cohort.source, Source::Crowd(_)));
    // One part: all of them.
    let people: u64 = crowds.map(|cohort| u64::from(cohort.people)).sum();
    (people > 0).then(|| vec![part("*", "", Now::Number(0.0, "min".to_owned()), Vec::new())])
}

/// Services whose cores come to an end.
pub(super) fn stations(look: &Look<'_>) -> Option<Vec<Part>> {
    look.services(|service| {
        let cores = look
            .number(&format!("services.{}.station.cores", step(&service.key)))?
            .0;
        let now = Now::Number(cores, "cores".to_owned());
        Some(part(&service.key, &service.name, now, Vec::new()))
    })
}

/// Who scrubs, and how long that takes: the step of a crisis cell's playbook, and the detection of a standing defence.
pub(super) fn scrubbing(look: &Look<'_>) -> Option<Vec<Part>> {
    // Where nobody attacks there is nothing to scrub.
    floods(look)?;
    let mut parts = Vec::new();
    let mut add = |key: &str, name: &str, law: Vec<(String, f64, String)>| {
        if let Some((_, number, unit)) = law.first().cloned() {
            parts.push(part(key, name, Now::Number(number, unit), law));
        }
    };
    for operator in &look.scenario.operators {
        let playbook = format!("operators.{}.cell.playbook", step(&operator.key));
        let steps = (0..).map(|i| format!("{playbook}[{i}]"));
        for step in steps.take_while(|step| look.written.written(step).is_some()) {
            let scrubs = look.written.written(&format!("{step}.act"));
            if scrubs.is_some_and(|act| act.starts_with("Scrub")) {
                let name = look.written.written(&format!("{step}.name")).unwrap_or_default();
                let name = format!("{}: {}", operator.name, name.trim_matches('"'));
                add(&operator.key, &name, look.law(&format!("{step}.takes")));
            }
        }
    }
    let happening = |incident: &&Incident| happens(look.scenario, incident) && incident.defence.is_some();
    for incident in look.scenario.incidents.iter().filter(happening) {
        let law = look.law(&format!("incidents.{}.defence.detection", step(&incident.key)));
        add(&incident.key, &incident.name, law);
    }
    some(parts)
}

/// Attacks that happen.
pub(super) fn floods(look: &Look<'_>) -> Option<Vec<Part>> {
    let flood = |incident: &Incident| {
        let field = match incident.kind {
            IncidentKind::NetworkFlood { .. } | IncidentKind::ApplicationFlood { .. } => "rate",
            IncidentKind::SlowConnections { .. } => "threads",
            _ => return None,
        };
        let fields = look.fields(&[format!("incidents.{}.kind.{field}", step(&incident.key))]);
        let (_, number, unit) = fields.first()?.clone();
        let there = incident.on && happens(look.scenario, incident);
        there.then(|| part(&incident.key, &incident.name, Now::Number(number, unit), fields))
    };
    some(look.scenario.incidents.iter().filter_map(flood).collect())
}

/// Policies of the model, off.
pub(super) fn policies(look: &Look<'_>) -> Option<Vec<Part>> {
    let policies = look.scenario.policies.iter();
    some(
        policies
            .map(|p| part(&p.key, &p.name, Now::On(false), Vec::new()))
            .collect(),
    )
}

/// Incidents that happen within the run, or would if they were switched on.
pub(super) fn incidents(look: &Look<'_>) -> Option<Vec<Part>> {
    let there = look.scenario.incidents.iter();
    let there = there.filter(|incident| happens(look.scenario, incident));
    some(
        there
            .map(|i| part(&i.key, &i.name, Now::On(i.on), Vec::new()))
            .collect(),
    )
}

/// The country, or whatever else is simulated.
pub(super) fn country(look: &Look<'_>) -> Option<Vec<Part>> {
    // Of textbook queues a smaller one is another queue, and they are quick.
    let regions = !look.scenario.regions.is_empty();
    let now = Now::Number(look.scenario.size.factor, String::new());
    regions.then(|| vec![part("*", "", now, Vec::new())])
}

fn happens(scenario: &Scenario, incident: &Incident) -> bool {
    let end = scenario.clock.end;
    incident.waves.iter().any(|(from, to)| *from < end && *to > Time::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_unit() {
        assert_eq!(quantity("33420 /s"), Some((33420.0, "/s".into())));
        assert_eq!(quantity("200_000"), Some((200_000.0, String::new())));
        assert_eq!(quantity("1 h 30 min"), None);
        assert_eq!(quantity("Exponential"), None);
    }
}
