//! The same model with its things in another order: their numbers are other ones, and nobody may see it.

use crate::gates::acts;
use preau::scenario::model::*;

/// Every service that an act speaks of gets another number, also in the acts that wait in it.
fn renumber_act(act: &mut Act, to: &impl Fn(ServiceId) -> ServiceId) {
    match act {
        Act::SetQuota { services, .. }
        | Act::ScaleQuota { services, .. }
        | Act::SetSession { services, .. }
        | Act::ScaleCapacity { services, .. }
        | Act::RetryAfter { services, .. }
        | Act::RetryBudget { services, .. }
        | Act::ClientThrottle { services, .. }
        | Act::RateLimit { services, .. }
        | Act::Shed { services, .. }
        | Act::Degrade { services, .. }
        | Act::Restore { services }
        | Act::PreWarm { services, .. }
        | Act::Autoscale { services, .. }
        | Act::Failover { services, .. }
        | Act::ShedByLoad { services, .. }
        | Act::ConcurrencyLimit { services, .. }
        | Act::PerClientLimit { services, .. } => services.iter_mut().for_each(|s| *s = to(*s)),
        Act::Triggered(how) => {
            for (service, high, low) in &mut how.on {
                *service = to(*service);
                high.iter_mut().chain(low).for_each(|act| renumber_act(act, to));
            }
        }
        Act::Stagger { .. } | Act::Scrub { .. } => {}
    }
}

fn renumber_services(s: &mut Scenario, to: impl Fn(ServiceId) -> ServiceId) {
    acts(&mut s.incidents, &mut s.policies).for_each(|act| renumber_act(act, &to));
    for r in &mut s.routes {
        r.start = to(r.start);
        for (from, onward) in &mut r.onward {
            *from = to(*from);
            onward.iter_mut().for_each(|(next, _)| *next = to(*next));
        }
    }
    for i in &mut s.incidents {
        match &mut i.kind {
            IncidentKind::ApplicationFlood { service, .. }
            | IncidentKind::SlowConnections { service, .. }
            | IncidentKind::ServiceOutage { service }
            | IncidentKind::Slowdown { service, .. } => *service = to(*service),
            _ => {}
        }
    }
}

pub fn services_backwards(s: &mut Scenario) -> bool {
    let last = s.services.len() as u16 - 1;
    renumber_services(s, |id| ServiceId(last - id.0));
    s.services.reverse();
    true
}

/// A service to which nobody comes, before all others.
pub fn an_empty_service(s: &mut Scenario) -> bool {
    renumber_services(s, |id| ServiceId(id.0 + 1));
    let mut empty = s.services[0].clone();
    empty.key = "empty".into();
    (empty.host, empty.hosts, empty.operator, empty.region) = (None, Vec::new(), None, None);
    s.services.insert(0, empty);
    true
}

pub fn routes_backwards(s: &mut Scenario) -> bool {
    let last = s.routes.len() as u16 - 1;
    let to = |r: &mut RouteId| *r = RouteId(last - r.0);
    s.cohorts
        .iter_mut()
        .flat_map(|c| &mut c.routes)
        .for_each(|(_, r)| to(r));
    for (_, then) in s.habits.iter_mut().flat_map(|h| &mut h.giving_up) {
        if let Fallback::Route(r) = then {
            to(r);
        }
    }
    s.routes.reverse();
    true
}

/// Of hosts that have equally much left the first is taken.
pub fn grows_on_one_host(s: &mut Scenario) -> bool {
    let words = format!("{:?}{:?}", s.policies, s.incidents);
    let grows = words.contains("Autoscale") || words.contains("PreWarm");
    !grows || s.services.iter().all(|service| service.hosts.len() < 2)
}

pub fn hosts_backwards(s: &mut Scenario) -> bool {
    let last = s.hosts.len() as u16 - 1;
    let to = |h: &mut HostId| *h = HostId(last - h.0);
    fn failover(act: &mut Act, to: &impl Fn(&mut HostId)) {
        match act {
            Act::Failover { how, .. } => to(&mut how.to),
            Act::Triggered(how) => {
                let waiting = how.on.iter_mut().flat_map(|(_, high, low)| high.iter_mut().chain(low));
                waiting.for_each(|act| failover(act, to));
            }
            _ => {}
        }
    }
    acts(&mut s.incidents, &mut s.policies).for_each(|act| failover(act, &to));
    for service in &mut s.services {
        service.host.iter_mut().for_each(to);
        service.hosts.iter_mut().for_each(|(h, _)| to(h));
        service.hosts.reverse();
    }
    for i in &mut s.incidents {
        if let IncidentKind::NetworkFlood { host, .. } | IncidentKind::HostLoss { host, .. } = &mut i.kind {
            to(host);
        }
    }
    s.hosts.reverse();
    true
}

/// Every cohort has habits and ways of its own, in place of those that it shares with others.
pub fn habits_and_routes_apart(s: &mut Scenario) -> bool {
    let (habits, routes) = (s.habits.clone(), s.routes.clone());
    (s.habits, s.routes) = (Vec::new(), Vec::new());
    for c in &mut s.cohorts {
        let first = s.routes.len() as u16;
        let own = |r: RouteId| RouteId(first + r.0);
        let key = |key: &str| format!("{key} of {}", c.key);
        s.routes.extend(routes.iter().map(|r| Route {
            key: key(&r.key),
            ..r.clone()
        }));
        let mut habit = habits[c.habit.index()].clone();
        habit.key = key(&habit.key);
        for (_, then) in &mut habit.giving_up {
            if let Fallback::Route(r) = then {
                *r = own(*r);
            }
        }
        c.habit = HabitId(s.habits.len() as u16);
        s.habits.push(habit);
        c.routes.iter_mut().for_each(|(_, r)| *r = own(*r));
    }
    true
}

/// One policy, with acts enough for two.
pub fn policies_of_one(s: &mut Scenario) -> bool {
    s.policies.drain(..s.policies.len() - 1);
    s.policies.len() == 1 && s.policies[0].acts.len() > 1
}

/// What the one policy does is done by two.
pub fn two_policies(s: &mut Scenario) -> bool {
    let mut too = s.policies[0].clone();
    too.key.push_str("-too");
    let mut kept = 0;
    s.policies[0].acts.retain(|_| {
        kept += 1;
        kept % 2 == 0
    });
    let mut left = 0;
    too.acts.retain(|_| {
        left += 1;
        left % 2 == 1
    });
    s.policies.push(too);
    true
}
