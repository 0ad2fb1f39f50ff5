//! Levers that came later.

use crate::*;

/// Levers that came later, from dice of their own: what broke once stays the same model.
pub fn more_levers(d: &mut Dice, s: &mut Scenario) {
    for service in &mut s.services {
        if d.chance(0.3) && !s.hosts.is_empty() {
            let share = d.next();
            let other = HostId(d.below(s.hosts.len()) as u16);
            service.hosts = match service.host {
                Some(host) if host != other => vec![(host, share), (other, 1.0 - share)],
                _ => vec![(other, 1.0)],
            };
            service.host = None;
        }
    }
    for incident in &mut s.incidents {
        if let IncidentKind::ApplicationFlood { sources, .. } = &mut incident.kind
            && d.chance(0.5)
        {
            *sources = d.between(1.0, 5000.0);
        }
        if let Some(defence) = &mut incident.defence {
            defence.retool = d.maybe(0.5, |d| d.law(200.0));
        }
    }
    for host in &mut s.hosts {
        host.cores = if d.chance(0.5) {
            f64::INFINITY
        } else {
            d.between(0.0, 120.0)
        };
    }
    let mut acts: Vec<_> = (0..1 + d.below(8))
        .map(|_| (Time::from_secs(d.between(0.0, 20_000.0)), new_act(d, s, true)))
        .collect();
    let policy = s.policies.last_mut().expect("it was added");
    policy.acts.append(&mut acts);
    policy.acts.sort_by_key(|a| a.0);
    if d.chance(0.3) {
        let act = new_act(d, s, true);
        let mut incident = incident(d, s);
        incident.kind = IncidentKind::PolicyChange { act };
        s.incidents.push(incident);
    }
}

fn signal(d: &mut Dice) -> Signal {
    let (kind, scale) = [
        (SignalKind::Utilisation, 1.0),
        (SignalKind::PageLatency, 5.0),
        (SignalKind::Backlog, 20.0),
        (SignalKind::Waiting, 30.0),
        (SignalKind::Refused, 2.0),
        (SignalKind::LinkLoss, 0.5),
    ][d.below(6)];
    let above = d.between(0.0, scale);
    let below = above * d.next();
    Signal { kind, above, below }
}

fn delivery(d: &mut Dice) -> Delivery {
    Delivery {
        boot: d.law(120.0),
        warm_up: Span::from_secs(d.between(0.0, 300.0)),
        warm_speed: d.next(),
        drain: Span::from_secs(d.between(0.0, 600.0)),
    }
}

fn limit_law(d: &mut Dice) -> LimitLaw {
    match d.below(4) {
        0 => LimitLaw::Gradient2 {
            initial: 1.0 + d.below(20) as f64,
            min: 1.0 + d.below(5) as f64,
            max: 6.0 + d.below(50) as f64,
            queue: 1.0 + d.below(5) as f64,
            tolerance: d.between(1.0, 2.0),
            smoothing: d.next(),
            long_window: 1.0 + d.below(600) as f64,
        },
        1 => LimitLaw::Vegas {
            initial: 1.0 + d.below(20) as f64,
            max: 21.0 + d.below(50) as f64,
            smoothing: d.next(),
            probe: 1.0 + d.below(40) as f64,
        },
        2 => LimitLaw::Aimd {
            initial: 1.0 + d.below(10) as f64,
            min: 1.0 + d.below(5) as f64,
            max: 11.0 + d.below(50) as f64,
            backoff: d.next(),
            timeout: d.between(0.1, 10.0),
        },
        _ => LimitLaw::Envoy {
            min: 1.0 + d.below(5) as f64,
            max: 6.0 + d.below(50) as f64,
            buffer: d.next(),
            update: Span::from_secs(d.between(0.01, 10.0)),
            quantile: d.next(),
            interval: Span::from_secs(d.between(1.0, 600.0)),
            jitter: d.next(),
            requests: 1 + d.below(60) as u32,
        },
    }
}

fn new_act(d: &mut Dice, s: &Scenario, nested: bool) -> Act {
    let service = ServiceId(d.below(s.services.len()) as u16);
    let services = vec![service];
    let look = Span::from_secs(d.between(1.0, 300.0));
    match d.below(8) {
        0 => Act::PreWarm {
            services,
            factor: d.between(1.0, 3.0),
            delivery: delivery(d),
            lasting: d.maybe(0.6, |d| Span::from_secs(d.between(0.0, 6000.0))),
        },
        1 => Act::Autoscale {
            services,
            how: Box::new(Autoscale {
                signal: signal(d),
                look,
                step: if d.chance(0.5) {
                    Step::Cores(d.between(0.1, 8.0))
                } else {
                    // Without a die more, which would change the models of all known seeds.
                    match d.between(0.01, 2.0) {
                        share if share < 1.0 => Step::Share(share),
                        share => Step::Track(0.5 * share),
                    }
                },
                delivery: delivery(d),
                cooldown: Span::from_secs(d.between(0.0, 600.0)),
                ceiling: d.between(1.0, 4.0),
                floor: d.between(0.05, 1.0),
            }),
        },
        2 => Act::Failover {
            services,
            how: Box::new(Failover {
                to: HostId(d.below(s.hosts.len()) as u16),
                detection: d.law(60.0),
                takes: d.law(300.0),
                factor: d.between(0.1, 2.0),
                standby: if d.chance(0.5) { d.next() } else { 0.0 },
                back: Span::from_secs(d.between(0.0, 300.0)),
            }),
        },
        3 => Act::ShedByLoad {
            services,
            how: ShedByLoad {
                steps: [Level::Primary, Level::College, Level::Lycee]
                    .into_iter()
                    .enumerate()
                    .map(|(i, level)| ShedStep {
                        who: Who {
                            regions: Vec::new(),
                            levels: vec![level],
                        },
                        above: 0.3 * (i + 1) as f64,
                        below: 0.3 * (i + 1) as f64 * d.next(),
                    })
                    .collect(),
                look,
            },
        },
        4 => Act::ConcurrencyLimit {
            services,
            limit: d.maybe(0.9, |d| LimitSpec {
                window: Span::from_secs(d.between(-1.0, 5.0).max(0.0)),
                law: limit_law(d),
            }),
        },
        5 => Act::PerClientLimit {
            services,
            limit: d.maybe(0.9, |d| {
                let (rate, burst) = (d.between(0.001, 1.0), 1 + d.below(10));
                PerClient {
                    rate,
                    burst: burst as f64,
                    // Without a die more.
                    penalty: [Span::ZERO, Span::from_secs(100.0)][burst % 2],
                }
            }),
        },
        6 => Act::Restore { services },
        _ => {
            let inner = |d: &mut Dice| {
                if nested && d.chance(0.5) {
                    new_act(d, s, false)
                } else {
                    act(d, s)
                }
            };
            Act::Triggered(Box::new(Triggered {
                signal: signal(d),
                lasting: Span::from_secs(d.between(0.0, 300.0)),
                look,
                on: vec![(
                    service,
                    vec![inner(d)],
                    if d.chance(0.6) { vec![inner(d)] } else { Vec::new() },
                )],
            }))
        }
    }
}
