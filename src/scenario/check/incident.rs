//! Incidents.

use super::names::Noun;
use super::quantity::{ADDED_SHARE, CORES, FRACTION, POSITIVE_BIT_RATE, POSITIVE_HEADS, POSITIVE_RATE, SHARE, WORK};
use super::{At, Checker};
use crate::engine::Time;
use crate::scenario::model::{self, CohortId, HostId, IncidentKind, ServiceId};
use crate::scenario::raw;

impl Checker<'_> {
    pub(super) fn incidents(&mut self, raw: &raw::Table<raw::Incident>) -> Vec<model::Incident> {
        let root = At::ROOT;
        let table = root.key("incidents");
        let mut incidents = Vec::new();
        for (key, raw) in &raw.0 {
            let at = table.key(key);
            let at_kind = at.key("kind");
            let kind = match &raw.kind {
                Some(kind) => self.kind(&at_kind, kind),
                None => {
                    self.missing(&at_kind, "what happens", "ServiceOutage(service: \"…\")");
                    IncidentKind::ServiceOutage { service: ServiceId(0) }
                }
            };
            let flood = matches!(
                kind,
                IncidentKind::NetworkFlood { .. }
                    | IncidentKind::ApplicationFlood { .. }
                    | IncidentKind::SlowConnections { .. }
            );
            if raw.defence.is_some() && !flood && raw.kind.is_some() {
                let problem = self.wrong(&at.key("defence"), "only floods can be scrubbed");
                self.note(problem.label("nothing to defend against").help("leave `defence` out"));
            }
            incidents.push(model::Incident {
                key: key.clone(),
                name: raw.name.clone().unwrap_or_else(|| key.clone()),
                on: raw.on.unwrap_or(true),
                kind,
                waves: self.incident_waves(&at.key("waves"), &raw.waves, raw.on.unwrap_or(true)),
                defence: raw
                    .defence
                    .as_ref()
                    .map(|defence| self.defence(&at.key("defence"), defence)),
            });
        }
        incidents
    }

    fn kind(&mut self, at: &At, raw: &raw::IncidentKind) -> IncidentKind {
        use raw::IncidentKind as Raw;
        match raw {
            Raw::NetworkFlood { host, rate } => IncidentKind::NetworkFlood {
                host: HostId(self.find_needed(&at.key("host"), Noun::Host, host.as_ref())),
                rate: self.need(&at.key("rate"), rate.as_ref(), &POSITIVE_BIT_RATE),
            },
            Raw::ApplicationFlood {
                service,
                rate,
                work,
                sources,
            } => IncidentKind::ApplicationFlood {
                service: self.attacked(at, service.as_ref()),
                rate: self.need(&at.key("rate"), rate.as_ref(), &POSITIVE_RATE),
                work: self.need(&at.key("work"), work.as_ref(), &WORK),
                sources: self
                    .maybe(&at.key("sources"), sources.as_ref(), &POSITIVE_HEADS)
                    .unwrap_or(f64::INFINITY),
            },
            Raw::SlowConnections { service, threads } => IncidentKind::SlowConnections {
                service: self.attacked(at, service.as_ref()),
                threads: self.need(&at.key("threads"), threads.as_ref(), &CORES),
            },
            Raw::HostLoss { host, share } => IncidentKind::HostLoss {
                host: HostId(self.find_needed(&at.key("host"), Noun::Host, host.as_ref())),
                share: self.or(&at.key("share"), share.as_ref(), &SHARE, 1.0),
            },
            Raw::ServiceOutage { service } => IncidentKind::ServiceOutage {
                service: self.attacked(at, service.as_ref()),
            },
            Raw::Slowdown { service, factor } => IncidentKind::Slowdown {
                service: self.attacked(at, service.as_ref()),
                factor: self.need(&at.key("factor"), factor.as_ref(), &FRACTION),
            },
            Raw::Surge { cohorts, share } => IncidentKind::Surge {
                cohorts: {
                    let found = self.find_all(&at.key("cohorts"), Noun::Cohort, cohorts.as_ref());
                    found.into_iter().map(CohortId).collect()
                },
                share: self.need(&at.key("share"), share.as_ref(), &ADDED_SHARE),
            },
            Raw::PolicyChange { act } => {
                let at = at.key("act");
                let mut acts = match act {
                    Some(act) => self.acts_of(&at, act),
                    None => {
                        self.missing(
                            &at,
                            "the lever that is pulled",
                            "ScaleCapacity(services: [\"*\"], factor: 2.0)",
                        );
                        Vec::new()
                    }
                };
                if acts.len() > 1 {
                    let title =
                        "a cap said as a share differs from service to service, and an incident pulls one lever";
                    let problem = self.wrong(&at, title).label("several services");
                    self.note(problem.help("say `max_sessions`, or write an incident for each service"));
                }
                let nothing = model::Act::ScaleCapacity {
                    services: Vec::new(),
                    factor: 1.0,
                };
                IncidentKind::PolicyChange {
                    act: acts.pop().unwrap_or(nothing),
                }
            }
        }
    }

    fn attacked(&mut self, at: &At, word: Option<&String>) -> ServiceId {
        ServiceId(self.find_needed(&at.key("service"), Noun::Service, word))
    }

    fn incident_waves(&mut self, list: &At, raw: &[(raw::Scalar, raw::Scalar)], on: bool) -> Vec<(Time, Time)> {
        if raw.is_empty() {
            self.missing(list, "when it happens", "[(\"08:02\", \"08:20\")]");
        }
        let zone = self.calendar.zone.clone();
        let mut waves: Vec<(Time, Time)> = Vec::new();
        for (i, (start, end)) in raw.iter().enumerate() {
            let at = list.index(i);
            // What does not happen may lie outside a run of another day.
            if !on && (self.is_before_the_run(start, &zone) || self.is_before_the_run(end, &zone)) {
                continue;
            }
            let start = self.instant(&at.index(0), Some(start), &zone);
            let end = self.instant(&at.index(1), Some(end), &zone);
            let (Some(start), Some(end)) = (start, end) else {
                continue;
            };
            if end <= start {
                let problem = self
                    .wrong(&at.index(1), "this wave ends before it starts")
                    .label("not after the start");
                self.note(problem.help("a wave is (start, end)"));
            } else if waves.last().is_some_and(|(_, last)| *last > start) {
                let problem = self.wrong(&at.index(0), "this wave starts before the one before it has ended");
                self.note(
                    problem
                        .label("overlaps")
                        .help("waves go forward in time and do not overlap"),
                );
            }
            waves.push((start, end));
        }
        waves
    }

    pub(super) fn defence(&mut self, at: &At, raw: &raw::Defence) -> model::Defence {
        model::Defence {
            detection: self.law_needed(&at.key("detection"), raw.detection.as_ref()),
            efficacy: self.need(&at.key("efficacy"), raw.efficacy.as_ref(), &SHARE),
            false_positives: self.or(&at.key("false_positives"), raw.false_positives.as_ref(), &SHARE, 0.0),
            retool: self.law_maybe(&at.key("retool"), raw.retool.as_ref()),
        }
    }
}
