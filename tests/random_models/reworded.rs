//! The same model in other words: other kinds of things that come to the same.

use crate::gates::gates;
use preau::engine::{Distribution, Span, Time};
use preau::scenario::model::*;

/// Everybody is of one class; gates with an order by class or by arrival serve in that of arrival.
pub fn all_of_a_class(s: &mut Scenario) -> bool {
    s.cohorts.iter_mut().for_each(|c| c.priority = 1);
    for q in gates(s) {
        if matches!(q.order, Order::Fifo { .. } | Order::Priority { .. }) {
            q.order = Order::Fifo { bucket: Span::ZERO };
        }
        if let Some(before) = &mut q.prequeue {
            // Only a line has a shuffle before its start.
            before.shuffle = false;
        }
        if q.no_show == NoShow::Blocks {
            // A place holds up those of later buckets, of which there are none by class.
            q.no_show = NoShow::Holds;
        }
    }
    for service in &mut s.services {
        service.station.discipline = Discipline::Fifo;
    }
    let all = format!("{:?}{:?}", s.policies, s.incidents);
    !all.contains("on: [(") && !all.contains("Flood")
}

/// The same by class, where there is one.
pub fn by_class(s: &mut Scenario) -> bool {
    for (k, q) in gates(s).enumerate() {
        if matches!(q.order, Order::Fifo { .. }) {
            q.order = Order::Priority {
                ageing: [None, Some(Span::from_secs(60.0))][k % 2],
            };
        }
    }
    for (k, service) in s.services.iter_mut().enumerate() {
        service.station.discipline = [Discipline::Priority, Discipline::PreemptiveResume][k % 2];
    }
    true
}

/// Another number for each class, in the same order.
pub fn classes_further_apart(s: &mut Scenario) -> bool {
    s.cohorts.iter_mut().for_each(|c| c.priority = c.priority * 3 + 2);
    true
}

/// Ageing counts in classes.
pub fn no_ageing(s: &mut Scenario) -> bool {
    for q in gates(s) {
        if let Order::Priority { ageing } = &mut q.order {
            *ageing = None;
        }
    }
    !format!("{:?}{:?}", s.policies, s.incidents).contains("on: [(")
}

/// Twice as many seats for everybody, and twice as many taken.
pub fn two_seats_for_one(s: &mut Scenario) -> bool {
    s.cohorts.iter_mut().for_each(|c| c.seats *= 2);
    for q in gates(s) {
        q.max_sessions = q.max_sessions.map(|n| 2 * n);
    }
    true
}

/// Seats are counted whole at every site and after every factor.
pub fn seats_are_whole(s: &mut Scenario) -> bool {
    for q in gates(s) {
        (q.sites, q.phantoms) = (None, 0.0);
    }
    let all = format!("{:?}{:?}", s.policies, s.incidents);
    !all.contains("ScaleQuota") && !all.contains("on: [(")
}

/// Ways to say nothing.
pub fn words_for_nothing(s: &mut Scenario) -> bool {
    for c in &mut s.cohorts {
        if let Source::Rate { batch, .. } | Source::Renewal { batch, .. } = &mut c.source {
            batch.get_or_insert(Distribution::Deterministic { value: 1.0 });
        }
    }
    let (from, until) = (Time::ZERO, Time::MAX);
    for service in s.services.iter_mut().filter(|x| x.grid.is_empty()) {
        let who = Who::default();
        service.grid.push(Programme { from, until, who });
    }
    true
}

/// Devices that nobody shares, and networks that take no time.
pub fn no_devices_and_no_ways(s: &mut Scenario) -> bool {
    for (k, c) in s.cohorts.iter_mut().enumerate() {
        let with = CohortId(k as u16);
        c.device.get_or_insert(SharedDevice { with, share: 0.0 });
    }
    for timeout in s.habits.iter_mut().filter_map(|h| h.timeout.as_mut()) {
        (timeout.network).get_or_insert(Distribution::Deterministic { value: 0.0 });
    }
    true
}

/// Programmes, and what comes after a service, in two.
pub fn parts_in_two(s: &mut Scenario) -> bool {
    for service in &mut s.services {
        let halves = |p: &Programme| {
            let middle = p.from + Span((p.until - p.from).0 / 2);
            let until = |until| Programme { until, ..p.clone() };
            let from = |from| Programme { from, ..p.clone() };
            [until(middle), from(middle)]
        };
        service.grid = service.grid.iter().flat_map(halves).collect();
    }
    for (_, onward) in s.routes.iter_mut().flat_map(|r| &mut r.onward) {
        *onward = onward.iter().flat_map(|&(to, p)| [(to, p / 2.0); 2]).collect();
    }
    true
}

/// Laws that are each other's special cases.
pub fn laws_by_other_names(s: &mut Scenario) -> bool {
    let other = |law: &Distribution| match *law {
        Distribution::Deterministic { value } => Distribution::Uniform {
            low: value,
            high: value,
        },
        Distribution::Exponential { mean } => Distribution::Erlang { k: 1, mean },
        ref law => law.clone(),
    };
    for service in &mut s.services {
        service.station.work = other(&service.station.work);
    }
    for c in &mut s.cohorts {
        c.duration = other(&c.duration);
    }
    for h in &mut s.habits {
        h.patience = h.patience.as_ref().map(other);
        if let Some(timeout) = &mut h.timeout {
            timeout.after = other(&timeout.after);
            timeout.network = timeout.network.as_ref().map(other);
        }
        for r in &mut h.retries {
            r.delay = other(&r.delay);
        }
    }
    true
}

/// Somebody in one place only.
pub fn each_on_one_host(s: &mut Scenario) -> bool {
    for (k, service) in s.services.iter_mut().enumerate() {
        service.host = Some(HostId((k % s.hosts.len()) as u16));
        service.hosts.clear();
    }
    for i in &mut s.incidents {
        i.defence = None;
        if let IncidentKind::HostLoss { share, .. } = &mut i.kind {
            *share = 1.0;
        }
    }
    let lost = |i: &Incident| matches!(i.kind, IncidentKind::HostLoss { .. });
    let all = format!("{:?}{:?}", s.policies, s.incidents);
    let ordered = ["Autoscale", "PreWarm", "Failover"].iter().any(|act| all.contains(act));
    !ordered && s.incidents.iter().any(lost)
}

/// A host that is lost is as many services that are out.
pub fn losses_as_outages(s: &mut Scenario) -> bool {
    let all = std::mem::take(&mut s.incidents);
    for i in all {
        let IncidentKind::HostLoss { host, .. } = i.kind else {
            s.incidents.push(i);
            continue;
        };
        for (k, _) in s.services.iter().enumerate().filter(|(_, x)| x.host == Some(host)) {
            s.incidents.push(Incident {
                key: format!("{}-{k}", i.key),
                kind: IncidentKind::ServiceOutage {
                    service: ServiceId(k as u16),
                },
                ..i.clone()
            });
        }
    }
    true
}
