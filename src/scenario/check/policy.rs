//! Policies and their acts.

use super::names::Noun;
use super::quantity::{MONEY, POSITIVE_COUNT, POSITIVE_DURATION, POSITIVE_RATIO, RATIO, SHARE};
use super::{At, Checker};
use crate::engine::{Span, Time};
use crate::scenario::model::{self, Act, IncidentId, RegionId, ServiceId};
use crate::scenario::raw;

impl Checker<'_> {
    pub(super) fn policies(&mut self, raw: &raw::Table<raw::Policy>) -> Vec<model::Policy> {
        let root = At::ROOT;
        let table = root.key("policies");
        let zone = self.calendar.zone.clone();
        let mut policies = Vec::new();
        for (key, raw) in &raw.0 {
            let at = table.key(key);
            self.can_be_asked_for(&at, key);
            let list = at.key("acts");
            let mut acts = Vec::new();
            for (i, dated) in raw.acts.iter().enumerate() {
                let at = list.index(i);
                let when = self
                    .instant(&at.key("at"), dated.at.as_ref(), &zone)
                    .unwrap_or(Time::ZERO);
                let at = at.key("act");
                match &dated.act {
                    Some(act) => acts.extend(self.acts_of(&at, act).into_iter().map(|act| (when, act))),
                    None => self.missing(&at, "the lever", "ScaleCapacity(services: [\"*\"], factor: 2.0)"),
                }
            }
            // Stable: acts of the same instant stay in the order of the file.
            acts.sort_by_key(|(when, _)| *when);
            policies.push(model::Policy {
                key: key.clone(),
                name: raw.name.clone().unwrap_or_else(|| key.clone()),
                acts,
                fixed_cost: self.or(&at.key("fixed_cost"), raw.fixed_cost.as_ref(), &MONEY, 0.0),
            });
        }
        policies
    }

    /// A policy is asked for by its key, alone or in a mix (`--policy quota+capacity`).
    fn can_be_asked_for(&mut self, at: &At, key: &str) {
        let title = if key == "base" {
            "`base` is the model without any policy"
        } else if key.trim().is_empty() {
            "a policy without a key"
        } else if key.contains(['+', ',']) {
            "`+` and `,` stand between the keys of policies"
        } else {
            return;
        };
        let problem = self.wrong(at, title).label("nobody could ask for it");
        self.note(problem.help("give it another key, such as `more-servers`"));
    }

    /// One act, or one for each service where a share of the accounts makes them differ.
    pub(super) fn acts_of(&mut self, at: &At, raw: &raw::Act) -> Vec<Act> {
        use raw::Act as Raw;
        if let Some(act) = self.lever(at, raw) {
            return vec![act];
        }
        vec![match raw {
            Raw::SetQuota { services, quota } => {
                let services = self.services_of(at, services.as_ref());
                return self.set_quota(&at.key("quota"), services, quota.as_deref());
            }
            Raw::ScaleQuota { services, factor } => Act::ScaleQuota {
                services: self.services_of(at, services.as_ref()),
                factor: self.need(&at.key("factor"), factor.as_ref(), &RATIO),
            },
            Raw::SetSession { services, seat } => {
                if seat.is_none() {
                    self.missing(&at.key("seat"), "when a seat is freed", "Sliding(idle: \"20 min\")");
                }
                Act::SetSession {
                    services: self.services_of(at, services.as_ref()),
                    seat: self.seat(&at.key("seat"), seat.as_ref()),
                }
            }
            Raw::ScaleCapacity { services, factor } => Act::ScaleCapacity {
                services: self.services_of(at, services.as_ref()),
                factor: self.need(&at.key("factor"), factor.as_ref(), &POSITIVE_RATIO),
            },
            Raw::Stagger { who, how } => Act::Stagger {
                who: self.who(&at.key("who"), who.as_ref()),
                how: self.stagger(&at.key("how"), how.as_ref()),
            },
            Raw::RetryAfter {
                services,
                obey,
                mean,
                jitter,
            } => Act::RetryAfter {
                services: self.services_of(at, services.as_ref()),
                obey: self.or(&at.key("obey"), obey.as_ref(), &SHARE, 1.0),
                mean: self.need(&at.key("mean"), mean.as_ref(), &POSITIVE_DURATION),
                jitter: self.spreading(&at.key("jitter"), jitter.as_ref()),
            },
            Raw::RetryBudget { services, budget } => {
                self.say_none(&at.key("budget"), "Ratio(share: \"10 %\")");
                Act::RetryBudget {
                    services: self.services_of(at, services.as_ref()),
                    budget: budget.as_ref().map(|b| self.retry_budget(&at.key("budget"), b)),
                }
            }
            Raw::ClientThrottle { services, throttle } => {
                self.say_none(&at.key("throttle"), "(factor: 2)");
                Act::ClientThrottle {
                    services: self.services_of(at, services.as_ref()),
                    throttle: throttle.as_ref().map(|t| self.throttle(&at.key("throttle"), t)),
                }
            }
            Raw::RateLimit { services, bucket } => {
                self.say_none(&at.key("bucket"), "(rate: \"500 /s\", burst: 1000)");
                Act::RateLimit {
                    services: self.services_of(at, services.as_ref()),
                    bucket: bucket.as_ref().map(|bucket| self.bucket(&at.key("bucket"), bucket)),
                }
            }
            Raw::Scrub { incidents, defence } => Act::Scrub {
                incidents: match incidents {
                    Some(words) if !words.is_empty() => {
                        let found = self.find_all(&at.key("incidents"), Noun::Incident, Some(words));
                        found.into_iter().map(IncidentId).collect()
                    }
                    _ => Vec::new(),
                },
                defence: match defence {
                    Some(defence) => self.defence(&at.key("defence"), defence),
                    None => {
                        let example = "(detection: Deterministic(\"5 min\"), efficacy: \"90 %\")";
                        self.missing(&at.key("defence"), "how well it scrubs", example);
                        let detection = crate::engine::Distribution::Deterministic { value: 0.0 };
                        model::Defence {
                            detection,
                            efficacy: 0.0,
                            false_positives: 0.0,
                            retool: None,
                        }
                    }
                },
            },
            Raw::Shed { services, who, lasting } => Act::Shed {
                services: self.services_of(at, services.as_ref()),
                who: self.who(&at.key("who"), who.as_ref()),
                lasting: self.need_span(&at.key("lasting"), lasting.as_ref()),
            },
            Raw::Degrade { services, work, value } => Act::Degrade {
                services: self.services_of(at, services.as_ref()),
                work: self.need(&at.key("work"), work.as_ref(), &SHARE),
                value: self.or(&at.key("value"), value.as_ref(), &SHARE, 1.0),
            },
            // The rest were read above.
            _ => return Vec::new(),
        }]
    }

    pub(super) fn services_of(&mut self, at: &At, words: Option<&Vec<String>>) -> Vec<ServiceId> {
        if let (None, Some(here)) = (words, self.here) {
            return vec![here];
        }
        let found = self.find_all(&at.key("services"), Noun::Service, words);
        found.into_iter().map(ServiceId).collect()
    }

    fn set_quota(&mut self, at: &At, services: Vec<ServiceId>, raw: Option<&raw::Quota>) -> Vec<Act> {
        self.say_none(at, "(max_sessions: 30000)");
        let Some(raw) = raw else {
            return vec![Act::SetQuota { services, quota: None }];
        };
        if raw.max_share.is_none() {
            let quota = self.quota(at, raw, None);
            return vec![Act::SetQuota {
                services,
                quota: Some(Box::new(quota)),
            }];
        }
        let mut acts: Vec<Act> = Vec::new();
        for service in services {
            let before = self.problems.len();
            let region = self.service_regions[service.index()];
            let quota = self.quota(at, raw, region);
            acts.push(Act::SetQuota {
                services: vec![service],
                quota: Some(Box::new(quota)),
            });
            if self.problems.len() > before {
                // The next service would show the same error again.
                break;
            }
        }
        acts
    }

    /// Leaving a lever's setting out and taking the thing away must not look the same.
    pub(super) fn say_none(&mut self, at: &At, example: &str) {
        if !self.given(at) {
            self.missing(at, "a setting, or `None` to take it away", example);
        }
    }

    pub(super) fn who(&mut self, at: &At, raw: Option<&raw::Who>) -> model::Who {
        let Some(raw) = raw else { return model::Who::default() };
        let list = at.key("regions");
        let regions = match raw.regions.is_empty() {
            true => Vec::new(),
            false => self.find_all(&list, Noun::Region, Some(&raw.regions)),
        };
        model::Who {
            regions: regions.into_iter().map(RegionId).collect(),
            levels: raw.levels.iter().map(|level| super::cohort::level(*level)).collect(),
        }
    }

    fn stagger(&mut self, at: &At, raw: Option<&raw::Stagger>) -> model::Stagger {
        match raw {
            None => {
                self.missing(at, "how arrivals move", "Spread(\"30 min\")");
                model::Stagger::Shift(Span::ZERO)
            }
            Some(raw::Stagger::Shift(by)) => model::Stagger::Shift(self.need_span(at, Some(by))),
            Some(raw::Stagger::Slots { slots, step }) => model::Stagger::Slots {
                slots: self.need(&at.key("slots"), slots.as_ref(), &POSITIVE_COUNT) as u32,
                step: self.need_span(&at.key("step"), step.as_ref()),
            },
            Some(raw::Stagger::Spread(over)) => model::Stagger::Spread(self.need_span(at, Some(over))),
            Some(raw::Stagger::Preset(name)) => self.preset(at, name),
        }
    }
}
