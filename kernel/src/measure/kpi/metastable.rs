//! Who stayed down after what brought it down was over, for how long, and what ended it (`docs/metastability.md`).

use super::fresh::{Fresh, Sessions};
use super::{Degradation, FEWEST_VISITS, GOOD_SHARE};
use crate::measure::{Bin, Outcome, Ticket};
use crate::scenario::model::{Act, IncidentKind, Scenario, ServiceId};
use std::cell::OnceCell;

/// A stretch in which a service was degraded although nothing held it down any more: no incident, and fresh demand
/// within what it can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StayedDown {
    /// Which service.
    pub service: ServiceId,
    /// When the last trigger ended, s since the start of the run.
    pub since: f64,
    /// For how long it stayed degraded from then on, s.
    pub seconds: f64,
    /// Fresh demand against what the service can do, mean over the stretch, below 1.
    pub load: f64,
    /// What ended it.
    pub ended: Ended,
}

/// What ended such a stretch. What comes first here is named first, where several apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It had not ended when the run did.
    NotEnded,
    /// The next trigger came.
    NextTrigger,
    /// A policy or an incident's lever changed the service, or its capacity, seats or admissions rose.
    Act,
    /// Fresh demand fell by a fifth and more below its mean over the stretch.
    DemandFell,
    /// More visits gave up than got in.
    GaveUp,
    /// None of these: those who waited got through.
    WorkedOff,
}

impl Ended {
    /// The word in files.
    pub fn name(self) -> &'static str {
        match self {
            Ended::NotEnded => "not_ended",
            Ended::NextTrigger => "next_trigger",
            Ended::Act => "act",
            Ended::DemandFell => "demand_fell",
            Ended::GaveUp => "gave_up",
            Ended::WorkedOff => "worked_off",
        }
    }

    /// For people, after "ended".
    pub fn words(self) -> &'static str {
        match self {
            Ended::NotEnded => "not ended when the run did",
            Ended::NextTrigger => "until the next trigger",
            Ended::Act => "ended by a policy, or by more capacity",
            Ended::DemandFell => "ended when demand fell",
            Ended::GaveUp => "ended when people gave up",
            Ended::WorkedOff => "ended when those who waited had got through",
        }
    }
}

/// Demand that falls below this share of its mean has ended a stretch.
const FELL_TO: f64 = 0.8;

/// What one bin says.
#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Something holds the service down, or asks for more than it can do.
    Trigger,
    /// Too few visits, or too late, to say.
    Unknown,
    Degraded,
    Well,
}

/// The verdicts of a run, each worked out when it is asked for first: the total, regions and services all ask for them.
#[derive(Clone, Debug)]
pub(super) struct Verdicts {
    sessions: Sessions,
    down: Vec<OnceCell<Vec<StayedDown>>>,
}

impl Verdicts {
    pub fn of(outcome: &Outcome) -> Self {
        Verdicts {
            sessions: Sessions::of(outcome),
            down: vec![OnceCell::new(); outcome.series.services.len()],
        }
    }

    /// The stretches in which a service stayed down.
    pub fn stayed_down(&self, scenario: &Scenario, outcome: &Outcome, service: ServiceId) -> &[StayedDown] {
        let known = self.down.get(service.index());
        known.map_or(&[], |known| {
            known.get_or_init(|| stayed_down(scenario, outcome, &self.sessions, service))
        })
    }
}

fn stayed_down(scenario: &Scenario, outcome: &Outcome, sessions: &Sessions, service: ServiceId) -> Vec<StayedDown> {
    let width = outcome.series.width;
    let bins = &outcome.series.services[service.index()];
    let begun = |b: &Bin| (b.first_knocks, b.in_5min);
    let late = |(visits, in_time): (u64, u64)| visits >= FEWEST_VISITS && (in_time as f64) < GOOD_SHARE * visits as f64;
    if width <= 0.0 || !bins.iter().map(begun).any(late) {
        return Vec::new();
    }
    let loads = Fresh::of(scenario, outcome, sessions, service).loads();
    let triggered = triggers(scenario, outcome, service);
    let end = scenario.clock.end.as_secs();
    let state = |i: usize| {
        let (from, to) = (i as f64 * width, (i + 1) as f64 * width);
        if loads[i] > 1.0 || triggered.iter().any(|(a, b)| *a < to && from < *b) {
            State::Trigger
        } else if begun(&bins[i]).0 < FEWEST_VISITS || !Degradation::is_judged(to, end) {
            State::Unknown
        } else if late(begun(&bins[i])) {
            State::Degraded
        } else {
            State::Well
        }
    };
    let states: Vec<State> = (0..bins.len()).map(state).collect();
    let mut found = Vec::new();
    for after in (1..bins.len()).filter(|i| states[i - 1] == State::Trigger && states[*i] != State::Trigger) {
        let over = |s: &State| matches!(s, State::Trigger | State::Well);
        let stop = states[after..].iter().position(over).map_or(bins.len(), |n| after + n);
        let Some(last) = (after..stop).rev().find(|i| states[*i] == State::Degraded) else {
            continue;
        };
        let down = (after..=last).filter(|i| states[*i] == State::Degraded);
        let load = loads[after..=last].iter().sum::<f64>() / (last + 1 - after) as f64;
        let stretch = Stretch {
            bins,
            loads: &loads,
            after,
            last,
            load,
        };
        found.push(StayedDown {
            service,
            since: after as f64 * width,
            seconds: down.count() as f64 * width,
            load,
            ended: match states.get(last + 1).map(|_| states.get(stop)) {
                Some(Some(State::Trigger)) => Ended::NextTrigger,
                Some(Some(_)) => stretch.ended(acted(scenario, outcome, service, stretch.times(width, stop))),
                // Nobody comes any more, or the run ends before one can say.
                Some(None)
                    if (last + 1) as f64 * width + width < end
                        && Degradation::is_judged((last + 2) as f64 * width, end) =>
                {
                    Ended::DemandFell
                }
                _ => Ended::NotEnded,
            },
        });
    }
    found
}

struct Stretch<'a> {
    bins: &'a [Bin],
    loads: &'a [f64],
    after: usize,
    last: usize,
    load: f64,
}

impl Stretch<'_> {
    /// From the end of the trigger to the end of the first bin that was well.
    fn times(&self, width: f64, well: usize) -> (f64, f64) {
        (self.after as f64 * width, (well + 1) as f64 * width)
    }

    fn ended(&self, acted: bool) -> Ended {
        let next = (self.last + 1).min(self.bins.len() - 1);
        let (first, well) = (&self.bins[self.after], &self.bins[next]);
        let more_seats = first.cap > 0 && (well.cap == 0 || well.cap > first.cap);
        let more = well.cores > first.cores || well.entries > first.entries || more_seats;
        let down = &self.bins[self.after..=self.last];
        let gave_up: u64 = down.iter().map(|b| b.gave_up).sum();
        let got_in: u64 = down.iter().map(|b| b.logins).sum();
        if acted || more {
            Ended::Act
        } else if self.loads[next] < FELL_TO * self.load {
            Ended::DemandFell
        } else if gave_up > got_in {
            Ended::GaveUp
        } else {
            Ended::WorkedOff
        }
    }
}

/// When incidents and deliberate refusals touch a service, s since the start.
fn triggers(scenario: &Scenario, outcome: &Outcome, service: ServiceId) -> Vec<(f64, f64)> {
    let spec = &scenario.services[service.index()];
    let mut found = Vec::new();
    for incident in scenario.incidents.iter().filter(|i| i.on) {
        let touches = match &incident.kind {
            IncidentKind::NetworkFlood { host, .. } | IncidentKind::HostLoss { host, .. } => {
                spec.stands_on().any(|(own, _)| own == *host)
            }
            IncidentKind::ApplicationFlood { service: s, .. }
            | IncidentKind::SlowConnections { service: s, .. }
            | IncidentKind::ServiceOutage { service: s }
            | IncidentKind::Slowdown { service: s, .. } => *s == service,
            IncidentKind::Surge { cohorts, .. } => cohorts
                .iter()
                .any(|c| scenario.cohorts[c.index()].comes_to(scenario, service)),
            // What a lever changes for good shows in what the service can do.
            IncidentKind::PolicyChange { .. } => false,
        };
        if touches {
            found.extend(incident.waves.iter().map(|(a, b)| (a.as_secs(), b.as_secs())));
        }
    }
    for (at, act) in acts(scenario, outcome) {
        if let Act::Shed { services, lasting, .. } = act
            && services.contains(&service)
        {
            found.push((at, at + lasting.as_secs()));
        }
    }
    found
}

/// Every lever pulled in a run, by a policy, an incident or a crisis cell, with its instant.
pub(super) fn acts<'a>(scenario: &'a Scenario, outcome: &'a Outcome) -> impl Iterator<Item = (f64, &'a Act)> {
    let on = |key: &str| outcome.first_act.iter().any(|(k, _)| k == key);
    let policies = scenario.policies.iter().filter(move |p| on(&p.key));
    let of_policies = policies.flat_map(|p| p.acts.iter().map(|(at, act)| (at.as_secs(), act)));
    let incidents = scenario.incidents.iter().filter(|i| i.on);
    let of_incidents = incidents.flat_map(|i| {
        // Every wave pulls it anew.
        let waves = i.waves.iter();
        waves.filter_map(|(from, _)| match &i.kind {
            IncidentKind::PolicyChange { act } => Some((from.as_secs(), act)),
            _ => None,
        })
    });
    let of_cells = outcome.tickets.iter().flat_map(move |ticket| {
        let fixes = ticket.fixes.iter();
        fixes.flat_map(move |(name, at)| play(scenario, ticket, name).map(|act| (at.as_secs(), act)))
    });
    of_policies.chain(of_incidents).chain(of_cells)
}

/// What a fix of a ticket did.
fn play<'a>(scenario: &'a Scenario, ticket: &Ticket, name: &str) -> impl Iterator<Item = &'a Act> + use<'a> {
    let cell = scenario.operators[ticket.operator.index()].cell.as_ref();
    let contract = cell.and_then(|cell| cell.contracts.iter().find(|c| c.service == ticket.service));
    let play = contract.and_then(|contract| contract.plays.iter().find(|p| p.name == name));
    play.into_iter().flat_map(|play| &play.acts)
}

fn acted(scenario: &Scenario, outcome: &Outcome, service: ServiceId, (from, to): (f64, f64)) -> bool {
    acts(scenario, outcome).any(|(at, act)| from < at && at <= to && act.services().contains(&service))
}
