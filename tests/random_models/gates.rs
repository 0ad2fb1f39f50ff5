//! Gates with everything that products add to one.

use crate::dice::Dice;
use preau::engine::*;
use preau::scenario::model::*;

pub fn quota(d: &mut Dice) -> Quota {
    let logout_share = d.next();
    Quota {
        max_sessions: d.maybe(0.8, |d| d.below(60) as u64),
        counted_from: [CountedFrom::Admission, CountedFrom::Login][d.below(2)],
        admissions: d.maybe(0.5, |d| Admissions {
            count: 1 + d.below(20) as u64,
            period: Span::from_secs(d.between(1.0, 120.0)),
            window: [Window::Fixed, Window::Sliding, Window::TokenBucket, Window::Paced][d.below(4)],
        }),
        seat: match d.below(3) {
            0 => SeatRule::OnExit,
            1 => SeatRule::Sliding {
                idle: Span::from_secs(d.between(0.0, 900.0)),
                logout_share,
            },
            _ => SeatRule::Fixed {
                length: Span::from_secs(d.between(10.0, 1200.0)),
                logout_share,
            },
        },
        order: match d.below(6) {
            0 => Order::Reject,
            1 => Order::Fifo { bucket: Span::ZERO },
            2 => Order::Fifo {
                bucket: Span::from_secs(60.0),
            },
            3 => Order::Lottery,
            4 => Order::Priority {
                ageing: d.maybe(0.5, |d| Span::from_secs(d.between(1.0, 600.0))),
            },
            _ => Order::Passthrough,
        },
        poll: d.maybe(0.4, |d| Span::from_secs(d.between(1.0, 90.0))),
        max_length: d.maybe(0.4, |d| d.below(30) as u64),
        page_work: if d.chance(0.5) { d.between(0.0, 0.05) } else { 0.0 },
        bypass: if d.chance(0.3) {
            vec![Level::Teacher]
        } else {
            Vec::new()
        },
        ..Quota::unlimited(Order::Reject)
    }
}

/// What the real products add to a gate. Thrown after all the rest, so that old throws make old models.
pub fn furnish(d: &mut Dice, q: &mut Quota) {
    let span = |d: &mut Dice, most: f64| Span::from_secs(d.between(1.0, most));
    q.bypass_share = if d.chance(0.3) { d.next() } else { 0.0 };
    q.reread = d.maybe(0.3, |d| span(d, 900.0));
    q.grain = d.maybe(0.3, |d| span(d, 400.0));
    q.grace = d.maybe(0.5, |d| span(d, 900.0));
    q.no_show = [NoShow::Holds, NoShow::Blocks, NoShow::Returned, NoShow::Wasted][d.below(4)];
    if d.chance(0.3) {
        q.phantoms = d.between(0.0, 3.0);
    }
    q.prequeue = d.maybe(0.3, |d| {
        let from = d.between(0.0, 15_000.0);
        Prequeue {
            from: Time::from_secs(from),
            until: Time::from_secs(from + d.between(1.0, 5000.0)),
            shuffle: d.chance(0.5),
        }
    });
    q.sites = d.maybe(0.3, |d| Sites {
        count: 1 + d.below(5) as u16,
        lag: span(d, 300.0),
    });
    q.pass = d.maybe(0.3, |d| span(d, 3600.0));
    q.capacity = d.maybe(0.2, |d| d.between(0.01, 3.0));
    if let (Some(a), true) = (&mut q.admissions, d.chance(0.3)) {
        a.window = Window::Counter;
    }
}

/// The acts of incidents, then those of policies, but for what a trigger pulls.
pub fn acts<'a>(incidents: &'a mut [Incident], policies: &'a mut [Policy]) -> impl Iterator<Item = &'a mut Act> {
    let changes = incidents.iter_mut().filter_map(|i| match &mut i.kind {
        IncidentKind::PolicyChange { act } => Some(act),
        _ => None,
    });
    let acts = policies.iter_mut().flat_map(|p| p.acts.iter_mut().map(|(_, act)| act));
    changes.chain(acts)
}

pub fn furnish_all(d: &mut Dice, s: &mut Scenario) {
    for act in acts(&mut s.incidents, &mut s.policies) {
        if let Act::SetQuota { quota: Some(q), .. } = act {
            furnish(d, q);
        } else if let (Act::ScaleQuota { services, .. }, true) = (&*act, d.chance(0.5)) {
            *act = Act::SetSession {
                services: services.clone(),
                seat: quota(d).seat,
            };
        }
    }
    for service in &mut s.services {
        if let Some(q) = &mut service.quota {
            furnish(d, q);
        }
    }
}

/// The gates of a model, and those that its acts set, but for what a trigger pulls.
pub fn gates(s: &mut Scenario) -> impl Iterator<Item = &mut Quota> {
    let acts = acts(&mut s.incidents, &mut s.policies);
    let set = acts.filter_map(|act| match act {
        Act::SetQuota { quota: Some(q), .. } => Some(&mut **q),
        _ => None,
    });
    let services = s.services.iter_mut().filter_map(|service| service.quota.as_mut());
    services.chain(set)
}

/// Takes away the own servers of waiting rooms.
pub fn take_own_servers(s: &mut Scenario) {
    gates(s).for_each(|quota| quota.capacity = None);
}
