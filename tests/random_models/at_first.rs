//! Levers that are pulled before anybody comes, and models that are written so from the beginning.

use preau::engine::{Distribution, Span, Time};
use preau::scenario::model::*;

fn first(s: &mut Scenario, act: Act) -> bool {
    let policy = s.policies.last_mut();
    policy.map(|p| p.acts.insert(0, (Time::ZERO, act))).is_some()
}

fn not_first(s: &mut Scenario) -> bool {
    s.policies.last_mut().map(|p| p.acts.remove(0)).is_some()
}

fn all(s: &Scenario) -> Vec<ServiceId> {
    (0..s.services.len() as u16).map(ServiceId).collect()
}

/// Nobody is there when the run begins.
fn empty_at_first(s: &mut Scenario) {
    s.services.iter_mut().for_each(|x| x.station.initial = 0);
}

/// One gate for all services, set at first.
pub fn gates_set(s: &mut Scenario) -> bool {
    empty_at_first(s);
    let services = all(s);
    let quota = s.services.iter().find_map(|x| x.quota.clone()).map(Box::new);
    s.services.iter_mut().for_each(|x| x.quota = None);
    quota.is_some() && first(s, Act::SetQuota { services, quota })
}

pub fn gates_written(s: &mut Scenario) -> bool {
    let Some((_, Act::SetQuota { quota: Some(q), .. })) = s.policies.last().and_then(|p| p.acts.first().cloned())
    else {
        return false;
    };
    s.services.iter_mut().for_each(|x| x.quota = Some((*q).clone()));
    not_first(s)
}

/// A token bucket for all services, set at first.
pub fn limiters_set(s: &mut Scenario) -> bool {
    empty_at_first(s);
    let bucket = Some(BucketSpec {
        rate: 0.5,
        burst: 5.0,
        random_refill: false,
    });
    s.services.iter_mut().for_each(|x| x.limiter = None);
    let services = all(s);
    first(s, Act::RateLimit { services, bucket })
}

pub fn limiters_written(s: &mut Scenario) -> bool {
    let Some((_, Act::RateLimit { bucket, .. })) = s.policies.last().and_then(|p| p.acts.first().cloned()) else {
        return false;
    };
    s.services.iter_mut().for_each(|x| x.limiter = bucket);
    not_first(s)
}

/// Whole factors on whole numbers of threads, and nothing that speaks of the cores of the model.
pub fn capacity_doubled(s: &mut Scenario) -> bool {
    empty_at_first(s);
    s.services.iter_mut().for_each(|x| x.station.breakdown = None);
    let words = format!("{:?}{:?}", s.policies, s.incidents);
    let (services, factor) = (all(s), 2.0);
    s.hosts.iter_mut().for_each(|h| h.cores = f64::INFINITY);
    !["Autoscale", "PreWarm", "Failover", "ScaleCapacity", "HostLoss"]
        .iter()
        .any(|w| words.contains(w))
        && first(s, Act::ScaleCapacity { services, factor })
}

pub fn capacity_written(s: &mut Scenario) -> bool {
    for service in &mut s.services {
        let st = &mut service.station;
        st.cores *= 2.0;
        st.threads = st.threads.map(|n| 2 * n);
        st.backlog = st.backlog.map(|n| 2 * n);
    }
    not_first(s)
}

fn pupils() -> Who {
    Who {
        regions: Vec::new(),
        levels: vec![Level::College, Level::Lycee, Level::Other],
    }
}

/// Everybody comes ten minutes later, as they are told.
pub fn told_to_come_later(s: &mut Scenario) -> bool {
    let who = pupils();
    let how = Stagger::Shift(Span::from_secs(600.0));
    let words = format!("{:?}{:?}", s.policies, s.incidents);
    let crowds = s
        .cohorts
        .iter()
        .filter(|c| who.takes(c))
        .all(|c| matches!(c.source, Source::Crowd(_)));
    !words.contains("Surge")
        && crowds
        && s.cohorts.iter().all(|c| c.teachers.is_none())
        && first(s, Act::Stagger { who, how })
}

pub fn coming_later(s: &mut Scenario) -> bool {
    let Some((
        _,
        Act::Stagger {
            who,
            how: Stagger::Shift(by),
        },
    )) = s.policies.last().and_then(|p| p.acts.first().cloned())
    else {
        return false;
    };
    for c in s.cohorts.iter_mut().filter(|c| who.takes(c)) {
        if let Source::Crowd(waves) = &mut c.source {
            waves.iter_mut().for_each(|w| w.at += by);
        }
    }
    not_first(s)
}

/// Pupils come later by up to half an hour.
pub fn spread_over_half_an_hour(s: &mut Scenario) -> bool {
    let how = Stagger::Spread(Span::from_secs(1800.0));
    first(s, Act::Stagger { who: pupils(), how })
}

/// The same in three slots of ten minutes, in each of which they are spread.
pub fn slots_that_are_spread(s: &mut Scenario) -> bool {
    let step = Span::from_secs(600.0);
    let slots = Stagger::Slots { slots: 3, step };
    let staggers = [slots, Stagger::Spread(step)].map(|how| Act::Stagger { who: pupils(), how });
    not_first(s) && staggers.into_iter().all(|act| first(s, act))
}

/// Lighter pages from the start.
pub fn lighter(s: &mut Scenario) -> bool {
    empty_at_first(s);
    let services = all(s);
    let words = format!("{:?}{:?}", s.policies, s.incidents);
    !words.contains("Degrade")
        && !words.contains("Restore")
        && first(
            s,
            Act::Degrade {
                services,
                work: 0.5,
                value: 1.0,
            },
        )
}

pub fn written_lighter(s: &mut Scenario) -> bool {
    let half = |law: &Distribution| match *law {
        Distribution::Deterministic { value } => Distribution::Deterministic { value: value / 2.0 },
        Distribution::Exponential { mean } => Distribution::Exponential { mean: mean / 2.0 },
        Distribution::Uniform { low, high } => Distribution::Uniform {
            low: low / 2.0,
            high: high / 2.0,
        },
        Distribution::Lognormal { mu, sigma } => Distribution::Lognormal {
            mu: mu - std::f64::consts::LN_2,
            sigma,
        },
        Distribution::Gamma { shape, mean } => Distribution::Gamma {
            shape,
            mean: mean / 2.0,
        },
        ref law => panic!("{law:?}"),
    };
    for service in &mut s.services {
        service.station.work = half(&service.station.work);
        if let Some(session) = &mut service.session {
            session.page_work /= 2.0;
        }
    }
    for c in &mut s.cohorts {
        c.work = c.work.as_ref().map(half);
    }
    not_first(s)
}
