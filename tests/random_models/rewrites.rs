//! Ways to write a model otherwise, and what has to be true of a model for one to change nothing.

use preau::engine::{Distribution, Span, Time};
use preau::scenario::model::*;

/// Writes a model otherwise; `false`: this cannot be done to it.
pub type Rewrite = fn(&mut Scenario) -> bool;

pub fn no_matter(_: &mut Scenario) -> bool {
    true
}

pub fn wider_bins(s: &mut Scenario) -> bool {
    s.clock.bin = Span(s.clock.bin.0 * 3);
    true
}

/// Who is thrown out at one instant comes back in the order of records, which depends on who else is there.
pub fn nobody_is_thrown_out(s: &mut Scenario) -> bool {
    let thrown_out = |i: &Incident| {
        let kind = &i.kind;
        matches!(kind, IncidentKind::ServiceOutage { .. } | IncidentKind::HostLoss { .. })
    };
    !s.incidents.iter().any(thrown_out)
}

/// Somebody who meets nobody, at a service of its own, before all others.
pub fn a_stranger(s: &mut Scenario) -> bool {
    let mut own = s.services[0].clone();
    own.key = "strange".into();
    (own.host, own.hosts, own.operator, own.region) = (None, Vec::new(), None, None);
    let start = ServiceId(s.services.len() as u16);
    s.services.push(own);
    let route = RouteId(s.routes.len() as u16);
    let key = "strange".to_owned();
    s.routes.push(Route {
        key,
        start,
        onward: Vec::new(),
        hop: None,
    });
    let mut habit = s.habits[0].clone();
    (habit.key, habit.giving_up) = ("strange".into(), Vec::new());
    s.habits.push(habit);
    let mut stranger = s.cohorts[0].clone();
    stranger.key = "strangers".into();
    (stranger.region, stranger.level, stranger.people) = (None, Level::Other, 0);
    (stranger.teachers, stranger.device) = (None, None);
    stranger.habit = HabitId(s.habits.len() as u16 - 1);
    stranger.routes = vec![(1.0, route)];
    let between = Distribution::Exponential { mean: 100.0 };
    stranger.source = Source::Renewal { between, batch: None };
    renumber(s, |c| CohortId(c.0 + 1));
    s.cohorts.insert(0, stranger);
    true
}

/// Cohorts get other numbers.
fn renumber(s: &mut Scenario, to: impl Fn(CohortId) -> CohortId) {
    for c in &mut s.cohorts {
        c.teachers = c.teachers.map(&to);
        if let Some(device) = &mut c.device {
            device.with = to(device.with);
        }
    }
    for i in &mut s.incidents {
        if let IncidentKind::Surge { cohorts, .. } = &mut i.kind {
            cohorts.iter_mut().for_each(|c| *c = to(*c));
        }
    }
}

pub fn cohorts_backwards(s: &mut Scenario) -> bool {
    let last = s.cohorts.len() as u16 - 1;
    renumber(s, |c| CohortId(last - c.0));
    s.cohorts.reverse();
    true
}

/// Two of everybody who need not be one: cohorts without classes and shared devices.
pub fn cohorts_in_two(s: &mut Scenario) -> bool {
    let ties = |c: &Cohort| [c.teachers, c.device.map(|d| d.with)];
    let tied: Vec<CohortId> = s.cohorts.iter().flat_map(ties).flatten().collect();
    let n = s.cohorts.len();
    for c in 0..n {
        let one = &mut s.cohorts[c];
        let mut two = one.clone();
        two.key.push_str("-too");
        if ties(&two).iter().any(Option::is_some) || tied.contains(&CohortId(c as u16)) {
            continue;
        }
        match (&mut one.source, &mut two.source) {
            (Source::Crowd(_), _) => {
                two.people /= 2;
                one.people -= two.people;
            }
            (Source::Rate { points: a, .. }, Source::Rate { points: b, .. }) => {
                a.iter_mut().chain(b).for_each(|(_, rate)| *rate /= 2.0);
            }
            (Source::Closed { population: a, .. }, Source::Closed { population: b, .. }) => {
                *b /= 2;
                *a -= *b;
            }
            _ => continue,
        }
        let also = CohortId(s.cohorts.len() as u16);
        s.cohorts.push(two);
        for i in &mut s.incidents {
            if let IncidentKind::Surge { cohorts, .. } = &mut i.kind {
                cohorts.push(also);
            }
        }
    }
    s.cohorts.len() > n
}

/// Whether an incident may stop and go on at one instant without a word: no lever, no surge with a deal of its own.
fn goes_on(i: &Incident) -> bool {
    let kind = &i.kind;
    !matches!(
        kind,
        IncidentKind::PolicyChange { .. } | IncidentKind::Surge { .. } | IncidentKind::HostLoss { .. }
    )
}

/// Defences are found by wave and by incident.
pub fn no_defence(s: &mut Scenario) -> bool {
    s.incidents.iter_mut().for_each(|i| i.defence = None);
    !format!("{:?}{:?}", s.policies, s.incidents).contains("Scrub") && s.incidents.iter().any(goes_on)
}

pub fn incidents_backwards(s: &mut Scenario) -> bool {
    // Of levers pulled at one instant the last one counts.
    let levers = |i: &Incident| matches!(i.kind, IncidentKind::PolicyChange { .. });
    let mut others: Vec<Incident> = s.incidents.iter().filter(|i| !levers(i)).cloned().collect();
    for i in s.incidents.iter_mut().filter(|i| !levers(i)) {
        *i = others.pop().expect("as many");
    }
    true
}

/// When the first third of a wave is over.
fn third((from, until): (Time, Time)) -> Time {
    from + Span((until - from).0 / 3)
}

pub fn waves_in_two(s: &mut Scenario) -> bool {
    for i in s.incidents.iter_mut().filter(|i| goes_on(i)) {
        let waves = i.waves.iter();
        i.waves = waves.flat_map(|&w| [(w.0, third(w)), (third(w), w.1)]).collect();
    }
    true
}

/// Incidents that last two thirds of their waves, and before them others that last the first third.
pub fn one_incident_after_the_other(s: &mut Scenario) -> bool {
    let mut before = s.incidents.clone();
    before.retain(goes_on);
    for i in &mut before {
        i.key.push_str("-before");
        i.waves.iter_mut().for_each(|w| w.1 = third(*w));
    }
    for i in s.incidents.iter_mut().filter(|i| goes_on(i)) {
        i.waves.iter_mut().for_each(|w| w.0 = third(*w));
    }
    s.incidents.splice(0..0, before);
    true
}

/// Every incident once more, kept for a question.
pub fn incidents_that_are_off(s: &mut Scenario) -> bool {
    let mut off = s.incidents.clone();
    for i in &mut off {
        i.key.push_str("-off");
        i.on = false;
    }
    s.incidents.extend(off);
    true
}

/// Two incidents, each half as strong.
pub fn incidents_in_two(s: &mut Scenario) -> bool {
    for i in &mut s.incidents {
        match &mut i.kind {
            IncidentKind::NetworkFlood { rate, .. } => *rate /= 2.0,
            IncidentKind::ApplicationFlood { rate, sources, .. } => {
                *rate /= 2.0;
                *sources /= 2.0;
            }
            IncidentKind::SlowConnections { threads, .. } => *threads /= 2.0,
            IncidentKind::Slowdown { factor, .. } => *factor = factor.sqrt(),
            _ => {}
        }
    }
    let mut too = s.incidents.clone();
    too.retain(goes_on);
    too.iter_mut().for_each(|i| i.key.push_str("-too"));
    s.incidents.extend(too);
    true
}

/// Levers that a policy pulls are pulled by incidents.
pub fn acts_as_incidents(s: &mut Scenario) -> bool {
    let Some(policy) = s.policies.last_mut() else {
        return false;
    };
    let moves = |act: &Act| !matches!(act, Act::Stagger { .. } | Act::Scrub { .. });
    for (at, act) in policy.acts.extract_if(.., |(_, act)| moves(act)) {
        s.incidents.push(Incident {
            key: format!("act-{}", s.incidents.len()),
            name: String::new(),
            on: true,
            kind: IncidentKind::PolicyChange { act },
            waves: vec![(at, at + Span::from_secs(1.0))],
            defence: None,
        });
    }
    true
}

/// Each way of retrying, of giving up and of going, twice with half its share.
pub fn shares_in_two(s: &mut Scenario) -> bool {
    for h in &mut s.habits {
        let halves = |r: &RetryClass| {
            let mut half = r.clone();
            half.share /= 2.0;
            [half.clone(), half]
        };
        h.retries = h.retries.iter().flat_map(halves).collect();
        let halves = |(p, then): &(f64, Fallback)| [(p / 2.0, then.clone()), (p / 2.0, then.clone())];
        h.giving_up = h.giving_up.iter().flat_map(halves).collect();
    }
    for c in &mut s.cohorts {
        c.routes = c.routes.iter().flat_map(|&(p, route)| [(p / 2.0, route); 2]).collect();
    }
    true
}

/// What depends on the hour itself and not on what happened before.
pub fn no_clocks(s: &mut Scenario) -> bool {
    for service in &mut s.services {
        service.station.initial = 0;
        service.station.breakdown = None;
        if let Some(q) = &mut service.quota {
            (q.reread, q.grain, q.sites, q.prequeue, q.phantoms) = (None, None, None, None, 0.0);
            if let Some(a) = &mut q.admissions {
                a.window = Window::Sliding;
            }
        }
    }
    let moves = |c: &Cohort| matches!(c.source, Source::Crowd(_) | Source::Rate { .. });
    s.cohorts.iter().all(moves)
        && s.services.iter().all(|service| service.grid.is_empty())
        && !format!("{:?}{:?}", s.policies, s.incidents).contains("SetQuota")
}

/// Everything comes two bins later.
pub fn later(s: &mut Scenario) -> bool {
    let by = Span(s.clock.bin.0 * 2);
    for c in &mut s.cohorts {
        match &mut c.source {
            Source::Crowd(waves) => waves.iter_mut().for_each(|w| w.at += by),
            Source::Rate { points, .. } => {
                points.iter_mut().for_each(|(at, _)| *at += by);
                points.insert(0, (Time::ZERO, 0.0));
            }
            _ => return false,
        }
    }
    s.clock.end += by;
    for i in &mut s.incidents {
        i.waves.iter_mut().for_each(|w| *w = (w.0 + by, w.1 + by));
    }
    for p in &mut s.policies {
        p.acts.iter_mut().for_each(|(at, _)| *at += by);
    }
    true
}

pub fn on_two_hosts(s: &mut Scenario) -> bool {
    let n = s.hosts.len() as u16;
    for key in ["one", "other"] {
        let (key, name) = (key.to_owned(), String::new());
        let (cores, uplink) = (f64::INFINITY, f64::INFINITY);
        s.hosts.push(Host {
            key,
            name,
            cores,
            uplink,
        });
    }
    let homeless = s.services.iter_mut().filter(|x| x.stands_on().next().is_none());
    homeless.for_each(|x| x.hosts = vec![(HostId(n), 0.3), (HostId(n + 1), 0.7)]);
    true
}

/// Doors that are open all day, next to each other. Whoever is sent back from a session to a room that may be full comes before or after
/// those who wait there are called.
pub fn no_hops(s: &mut Scenario) -> bool {
    s.routes.iter_mut().for_each(|r| r.hop = None);
    let short = |q: &Quota| q.max_length.is_some();
    let easy = |service: &Service| service.grid.is_empty() && !service.quota.as_ref().is_some_and(short);
    s.services.iter().all(easy) && !format!("{:?}{:?}", s.policies, s.incidents).contains("SetQuota")
}

/// Every route begins at a service that lets everybody pass at once.
pub fn by_way_of_nothing(s: &mut Scenario) -> bool {
    let nothing = ServiceId(s.services.len() as u16);
    let mut open = s.services[0].clone();
    open.key = "nothing".into();
    (open.host, open.hosts, open.operator, open.region) = (None, Vec::new(), None, None);
    (open.quota, open.limiter, open.session) = (None, None, None);
    open.exchange.packets = 0.0;
    open.station = StationSpec {
        cores: f64::INFINITY,
        threads: None,
        backlog: None,
        work: Distribution::Deterministic { value: 0.0 },
        efficiency: Efficiency::Perfect,
        wasted_work: true,
        discipline: Discipline::Fifo,
        initial: 0,
        breakdown: None,
    };
    s.services.push(open);
    for r in &mut s.routes {
        r.onward.insert(0, (nothing, vec![(r.start, 1.0)]));
        r.start = nothing;
    }
    true
}

/// A rule of seats has nothing to change where there is no gate, and a flood that overloads a station without one fills any number of
/// threads.
pub fn nothing_else_reaches(s: &mut Scenario) -> bool {
    let words = format!("{:?}{:?}", s.policies, s.incidents);
    !words.contains("SetSession") && !words.contains("ApplicationFlood")
}

/// Limits that nobody reaches: of patience, tries, answers, threads, backlogs, gates and limiters.
pub fn limits_out_of_reach(s: &mut Scenario) -> bool {
    let far = Distribution::Deterministic { value: 1e7 };
    for (k, h) in s.habits.iter_mut().enumerate() {
        h.patience.get_or_insert(far.clone());
        h.max_tries.get_or_insert(1_000_000_000);
        h.timeout.get_or_insert(Timeout {
            after: far.clone(),
            scope: [TimeoutScope::Sojourn, TimeoutScope::Queue][k % 2],
            network: None,
        });
    }
    let orders = [Order::Reject, Order::Fifo { bucket: Span::ZERO }, Order::Lottery];
    for (k, service) in s.services.iter_mut().enumerate() {
        service.station.threads.get_or_insert(1_000_000);
        service.station.backlog.get_or_insert(1_000_000);
        service.quota.get_or_insert(Quota::unlimited(orders[k % 3].clone()));
        service.limiter.get_or_insert(BucketSpec {
            rate: 1e6,
            burst: 1e6,
            random_refill: false,
        });
    }
    true
}

/// Levers that leave everything as it is, and incidents that do nothing.
pub fn acts_that_do_nothing(s: &mut Scenario) -> bool {
    let all: Vec<ServiceId> = (0..s.services.len() as u16).map(ServiceId).collect();
    let services = || all.clone();
    let who = Who {
        regions: Vec::new(),
        levels: vec![Level::Parent],
    };
    let limit = Some(PerClient {
        rate: 1e6,
        burst: 1e6,
        penalty: Span::from_secs(60.0),
    });
    let (obey, mean, jitter) = (0.0, 60.0, Spreading::Exponential);
    let lasting = Span::from_secs(60.0);
    let acts = [
        Act::ScaleCapacity {
            services: services(),
            factor: 1.0,
        },
        Act::ScaleQuota {
            services: services(),
            factor: 1.0,
        },
        Act::Degrade {
            services: services(),
            work: 1.0,
            value: 1.0,
        },
        Act::RetryAfter {
            services: services(),
            obey,
            mean,
            jitter,
        },
        Act::Shed {
            services: services(),
            who,
            lasting,
        },
        Act::PerClientLimit {
            services: services(),
            limit,
        },
        Act::ConcurrencyLimit {
            services: services(),
            limit: None,
        },
    ];
    let Some(policy) = s.policies.last_mut() else {
        return false;
    };
    policy.acts.splice(0..0, acts.map(|act| (Time::ZERO, act)));
    for service in all {
        let (rate, work, sources) = (0.0, 0.1, f64::INFINITY);
        let kinds = [
            IncidentKind::ApplicationFlood {
                service,
                rate,
                work,
                sources,
            },
            IncidentKind::Slowdown { service, factor: 1.0 },
            IncidentKind::SlowConnections { service, threads: 0.0 },
        ];
        for kind in kinds {
            s.incidents.push(Incident {
                key: format!("nothing-{}", s.incidents.len()),
                name: String::new(),
                on: true,
                kind,
                waves: vec![(Time::from_secs(1000.0), Time::from_secs(9000.0))],
                defence: None,
            });
        }
    }
    true
}
