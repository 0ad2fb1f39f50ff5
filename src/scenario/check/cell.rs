//! Crisis cells and their playbooks.

use super::names::Noun;
use super::quantity::{DURATION, POSITIVE_COUNT, POSITIVE_DURATION};
use super::{At, Checker};
use crate::engine::{Span, Time};
use crate::scenario::model::{self, ServiceId, SignalKind};
use crate::scenario::raw;

impl Checker<'_> {
    /// The cells of the operators, once services and incidents are known.
    pub(super) fn cells(
        &mut self,
        raw: &raw::Table<raw::Operator>,
        operators: &mut [model::Operator],
        services: &[model::Service],
    ) {
        let root = At::ROOT;
        let table = root.key("operators");
        for (i, (key, raw)) in raw.0.iter().enumerate() {
            if let Some(cell) = &raw.cell {
                let at = table.key(key);
                let all = services.iter().zip(0..);
                let run = all.filter(|(service, _)| service.operator.is_some_and(|o| o.index() == i));
                let run: Vec<u16> = run.map(|(_, position)| position).collect();
                operators[i].cell = Some(self.cell(&at.key("cell"), cell, &run));
            }
        }
    }

    /// Thresholds that no signal can pass: an alarm that is never raised, a ticket that is never closed.
    fn can_be_passed(&mut self, at: &At, signal: &model::Signal) {
        let (above, below) = (at.key("above"), at.key("below"));
        let share = matches!(signal.kind, SignalKind::Utilisation | SignalKind::LinkLoss);
        if share && signal.above >= 1.0 && self.given(&above) {
            let problem = self.wrong(&above, "no share is above 100 %, so there would never be an alarm");
            self.note(
                problem
                    .label("never so")
                    .help("the signal is high above this and not at it: write such as \"99 %\""),
            );
        }
        if signal.below == 0.0 && self.given(&below) {
            let problem = self.wrong(&below, "nothing is below 0, so no ticket would ever be closed");
            self.note(
                problem
                    .label("never so")
                    .help("a service is calm below this and not at it: write such as 1"),
            );
        }
    }

    fn cell(&mut self, at: &At, raw: &raw::Cell, services: &[u16]) -> model::Cell {
        if services.is_empty() {
            let problem = self.wrong(at, "this operator runs no service");
            self.note(
                problem
                    .label("nothing to watch")
                    .help("name it as the `operator` of a service"),
            );
        }
        let list = at.key("watches");
        if raw.watches.is_empty() {
            let example = "[(signal: Refused(above: \"50 /s\", below: \"5 /s\"), lasting: \"5 min\")]";
            self.missing(&list, "what raises an alarm", example);
        }
        let mut watches = Vec::new();
        for (i, raw) in raw.watches.iter().enumerate() {
            let at = list.index(i);
            let signal = self.signal(&at.key("signal"), raw.signal.as_ref());
            self.can_be_passed(&at.key("signal"), &signal);
            watches.push(model::CellWatch {
                signal,
                lasting: Span::from_secs(self.or(&at.key("lasting"), raw.lasting.as_ref(), &DURATION, 300.0)),
            });
        }
        let mut cell = model::Cell {
            crew: self.or(&at.key("crew"), raw.crew.as_ref(), &POSITIVE_COUNT, 1.0) as u32,
            watches,
            look: Span::from_secs(self.or(&at.key("look"), raw.look.as_ref(), &POSITIVE_DURATION, 60.0)),
            diagnosis: self.law_needed(&at.key("diagnosis"), raw.diagnosis.as_ref()),
            settle: Span::from_secs(self.or(&at.key("settle"), raw.settle.as_ref(), &POSITIVE_DURATION, 600.0)),
            contracts: Vec::new(),
        };
        let mut order = Vec::new();
        if !raw.first.is_empty() {
            order = self.find_all(&at.key("first"), Noun::Service, Some(&raw.first));
            order.retain(|s| services.contains(s));
        }
        order.extend(
            services
                .iter()
                .filter(|s| !order.contains(s))
                .copied()
                .collect::<Vec<_>>(),
        );
        for service in order {
            let before = self.problems.len();
            let plays = self.playbook(&at.key("playbook"), &raw.playbook, ServiceId(service));
            cell.contracts.push(model::Contract {
                service: ServiceId(service),
                plays,
            });
            if self.problems.len() > before {
                // The next contract would show the same error again.
                break;
            }
        }
        cell
    }

    fn playbook(&mut self, list: &At, raw: &[raw::Play], service: ServiceId) -> Vec<model::Play> {
        let mut plays = Vec::new();
        for (i, raw) in raw.iter().enumerate() {
            let at = list.index(i);
            if !raw.services.is_empty() {
                let meant = self.find_all(&at.key("services"), Noun::Service, Some(&raw.services));
                if !meant.contains(&service.0) {
                    continue;
                }
            }
            let outer = self.here.replace(service);
            let acts = match &raw.act {
                Some(act) => self.acts_of(&at.key("act"), act),
                None => {
                    self.missing(&at.key("act"), "what is done", "ScaleQuota(factor: 1.3)");
                    Vec::new()
                }
            };
            self.here = outer;
            plays.push(model::Play {
                name: raw.name.clone().unwrap_or_else(|| format!("play {}", i + 1)),
                against: raw.against.iter().map(|name| signal_kind(*name)).collect(),
                takes: self.law_needed(&at.key("takes"), raw.takes.as_ref()),
                most: self.or(&at.key("most"), raw.most.as_ref(), &POSITIVE_COUNT, 1.0) as u32,
                hours: self.play_hours(&at, raw),
                afterwards: raw.afterwards.unwrap_or(false),
                acts,
            });
        }
        self.names_are_apart(list, &plays);
        plays
    }

    fn play_hours(&mut self, at: &At, raw: &raw::Play) -> Vec<(Time, Time)> {
        if raw.from.is_none() && raw.until.is_none() {
            return Vec::new();
        }
        let or = |text: &Option<String>, hour: &str| Some(text.clone().unwrap_or_else(|| hour.to_owned()));
        self.hours_each_day(at, or(&raw.from, "00:00").as_ref(), or(&raw.until, "24:00").as_ref())
    }

    /// Tickets name what was done: no two plays of one contract have the same name.
    fn names_are_apart(&mut self, list: &At, plays: &[model::Play]) {
        for (i, play) in plays.iter().enumerate() {
            if plays[..i].iter().any(|earlier| earlier.name == play.name) {
                let title = format!("two plays for one service are called `{}`", play.name);
                let problem = self.wrong(list, title);
                self.note(
                    problem
                        .label("which one was done would not show")
                        .help("give each a `name` of its own"),
                );
            }
        }
    }
}

fn signal_kind(raw: raw::SignalName) -> SignalKind {
    match raw {
        raw::SignalName::Utilisation => SignalKind::Utilisation,
        raw::SignalName::PageLatency => SignalKind::PageLatency,
        raw::SignalName::Backlog => SignalKind::Backlog,
        raw::SignalName::Waiting => SignalKind::Waiting,
        raw::SignalName::Refused => SignalKind::Refused,
        raw::SignalName::LinkLoss => SignalKind::LinkLoss,
    }
}
