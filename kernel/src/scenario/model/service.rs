//! Services: what one logs in to.

use super::{HostId, Level, OperatorId, RegionId, Who};
use crate::engine::{Distribution, Span, Time};

/// What one logs in to: a door (quota, limiter, link) before a station, and sessions behind it.
#[derive(Clone, Debug)]
pub struct Service {
    /// Key in the file.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// Who runs it.
    pub operator: Option<OperatorId>,
    /// Where it stands; its capacity and its link depend on the host's state.
    pub host: Option<HostId>,
    /// Where it stands if on several hosts, with the share of its cores on each; empty otherwise.
    pub hosts: Vec<(HostId, f64)>,
    /// Whose platform it is.
    pub region: Option<RegionId>,
    /// The workers.
    pub station: StationSpec,
    /// The gate, if there is one.
    pub quota: Option<Quota>,
    /// A token bucket before the gate.
    pub limiter: Option<BucketSpec>,
    /// What a login exchanges over the host's uplink.
    pub exchange: Exchange,
    /// What people do once they are in; none: a login ends the visit.
    pub session: Option<SessionSpec>,
    /// Where people go who gave another door up: what they learn here counts as got elsewhere, and has not got them in.
    pub fallback: bool,
    /// When it is there for whom; empty: always for everybody.
    pub grid: Vec<Programme>,
}

/// A stretch of time in which a service is there for some of the people.
#[derive(Clone, Debug)]
pub struct Programme {
    /// From this instant on.
    pub from: Time,
    /// Up to this one.
    pub until: Time,
    /// For whom.
    pub who: Who,
}

impl Service {
    /// Whether there is anything here at an instant for people of a cohort.
    pub fn is_on(&self, now: Time, cohort: &super::Cohort) -> bool {
        let on = |p: &Programme| p.from <= now && now < p.until && p.who.takes(cohort);
        self.grid.is_empty() || self.grid.iter().any(on)
    }
}

impl Service {
    /// The hosts it stands on, with the share of its cores there.
    pub fn stands_on(&self) -> impl Iterator<Item = (HostId, f64)> + '_ {
        self.host
            .map(|h| (h, 1.0))
            .into_iter()
            .chain(self.hosts.iter().copied())
    }

    /// The share of its cores on a host.
    pub fn share_on(&self, host: HostId) -> f64 {
        let there = self.stands_on().filter(|(h, _)| *h == host);
        there.map(|(_, share)| share).sum()
    }
}

/// The workers of a service: limited processor sharing.
///
/// With `D` requests in progress and `C` cores each advances at `min(1, C/D)·u(D)`.
#[derive(Clone, Debug)]
pub struct StationSpec {
    /// Cores (they need not be a whole number); infinite: nobody slows anybody down.
    pub cores: f64,
    /// Most logins in service at once; none: no limit.
    pub threads: Option<u32>,
    /// Most logins waiting for a thread; none: no limit.
    pub backlog: Option<u32>,
    /// Work of one login, core-seconds.
    pub work: Distribution,
    /// How efficiency falls with load.
    pub efficiency: Efficiency,
    /// A login whose client has left goes on working (servers do not know).
    pub wasted_work: bool,
    /// Order of the backlog and whether a better class interrupts a worse one.
    pub discipline: Discipline,
    /// Logins in progress or waiting when the run starts (textbook models).
    pub initial: u32,
    /// Every core fails and is repaired on its own.
    pub breakdown: Option<Breakdown>,
}

/// The order in which a station serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discipline {
    /// First come, first served.
    Fifo,
    /// Lower [`super::Cohort::priority`] numbers first; who is in service stays.
    Priority,
    /// Lower numbers first, and a newcomer of a better class interrupts the worst in service, which resumes later.
    PreemptiveResume,
}

/// How the speed of each request falls with the number in progress.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Efficiency {
    /// `u = 1`.
    Perfect,
    /// Nobody slows anybody down who is under way: the work of a login is settled when it gets a thread, as
    /// `1 + σ·n` times its own, with `n` logins in service, itself included.
    AtStart {
        /// Slowness per login in service, σ.
        sigma: f64,
    },
    /// Universal scalability law, `u = 1/(1 + σ(x−1) + κx(x−1))` for `x ≥ 1`, with `x = D`, or
    /// `x = D/C` when `per_capacity`. Gunther 2007.
    Usl {
        /// Contention σ.
        sigma: f64,
        /// Coherency κ.
        kappa: f64,
        /// `x` counts in units of the capacity.
        per_capacity: bool,
    },
}

/// Independent exponential failures and repairs of each core.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breakdown {
    /// Mean time a core works, s.
    pub mean_up: f64,
    /// Mean time of a repair, s.
    pub mean_repair: f64,
}

/// A waiting room, or a gate that only refuses.
#[derive(Clone, Debug)]
pub struct Quota {
    /// Most seats taken at once.
    pub max_sessions: Option<u64>,
    /// From when a person takes a seat.
    pub counted_from: CountedFrom,
    /// Admissions per period.
    pub admissions: Option<Admissions>,
    /// When a seat is freed.
    pub seat: SeatRule,
    /// Who is next.
    pub order: Order,
    /// The page asks again this often, and only then lets one in; none: at once.
    pub poll: Option<Span>,
    /// Most people in the room; none: no limit.
    pub max_length: Option<u64>,
    /// Work of one waiting or refusal page, core-seconds of the service behind.
    pub page_work: f64,
    /// Levels that pass by.
    pub bypass: Vec<Level>,
    /// Share of people who pass by, drawn once a person: clients the gate does not know.
    pub bypass_share: f64,
    /// Settings are read this often: a change acts at the next reading. None: at once.
    pub reread: Option<Span>,
    /// An expiry is rounded up to the next multiple of this. None: exact.
    pub grain: Option<Span>,
    /// How long the place of somebody who has left is kept. None: leaving gives it up at once.
    pub grace: Option<Span>,
    /// What the place of somebody who has left does to the line.
    pub no_show: NoShow,
    /// Members per second who join and never enter: clients that keep no cookie.
    pub phantoms: f64,
    /// A time in which people gather and nobody is admitted.
    pub prequeue: Option<Prequeue>,
    /// Several sites that count together. None: one exact count.
    pub sites: Option<Sites>,
    /// Who was admitted comes back without queueing for this long after its last request.
    pub pass: Option<Span>,
    /// Pages per second that the room's own servers answer. None: any number.
    pub capacity: Option<f64>,
}

impl Quota {
    /// A room that lets everybody in, called in this order once something limits it.
    pub fn unlimited(order: Order) -> Self {
        Quota {
            max_sessions: None,
            counted_from: CountedFrom::Admission,
            admissions: None,
            seat: SeatRule::OnExit,
            order,
            poll: None,
            max_length: None,
            page_work: 0.0,
            bypass: Vec::new(),
            bypass_share: 0.0,
            reread: None,
            grain: None,
            grace: None,
            no_show: NoShow::Holds,
            phantoms: 0.0,
            prequeue: None,
            sites: None,
            pass: None,
            capacity: None,
        }
    }

    /// The same gate without limits: everybody who waits is called.
    pub fn opened(mut self) -> Self {
        self.max_sessions = None;
        self.admissions = None;
        self.max_length = None;
        self.poll = None;
        self.prequeue = None;
        self.phantoms = 0.0;
        self.capacity = None;
        self
    }
}

/// What the place of somebody who has left the room does, as long as it is kept ([`Quota::grace`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoShow {
    /// It is called like any other: the admission is used, the seat held until `grace` after the last poll.
    Holds,
    /// It is not called, and nobody of a later bucket is, until `grace` after the last poll.
    Blocks,
    /// It waits to be called; admission and seat are given back `grace` after the call.
    Returned,
    /// It waits to be called; its admission and seat are lost for good.
    Wasted,
}

/// A time in which people gather and nobody is admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prequeue {
    /// From this instant on.
    pub from: Time,
    /// Until this one, excluded.
    pub until: Time,
    /// Who gathered is served by lot, before who comes later.
    pub shuffle: bool,
}

/// Sites that share one cap; each knows its own seats and what the others had at the last count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sites {
    /// How many; a person belongs to one of them, drawn once.
    pub count: u16,
    /// From one count to the next.
    pub lag: Span,
}

/// From when a person counts against the cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedFrom {
    /// From admission: the cap is never passed.
    Admission,
    /// From the end of the login: people on their way in are not seen, as in ODE's gate.
    Login,
}

/// A limit on admissions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Admissions {
    /// How many.
    pub count: u64,
    /// In how long.
    pub period: Span,
    /// How the period is laid.
    pub window: Window,
}

/// How an admission limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Periods one after the other from the start.
    Fixed,
    /// Any stretch of that length.
    Sliding,
    /// Tokens drip in evenly and `count` may pile up.
    TokenBucket,
    /// One every `period / count`, never two together (a leaky bucket as a shaper).
    Paced,
    /// A serving counter moves on by `count` at the end of each period in which the service is healthy, whether
    /// anybody waits or not: what is not used is kept.
    Counter,
}

/// When a seat is freed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SeatRule {
    /// When the person leaves.
    OnExit,
    /// A person who leaves without logging out keeps the seat `idle` longer.
    Sliding {
        /// Idle time after which the session dies, s as a span.
        idle: Span,
        /// Share of people who log out, which frees the seat at once.
        logout_share: f64,
    },
    /// `length` after admission the session dies: who is still there must come back; who left earlier
    /// without logging out keeps the seat till then.
    Fixed {
        /// Length of a session.
        length: Span,
        /// Share of people who log out, which frees the seat at once.
        logout_share: f64,
    },
}

/// Who is next.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// No queue: a refusal, and one may come back.
    Reject,
    /// First come, first served, by buckets of arrival time (zero: exactly).
    Fifo {
        /// Width of a bucket; people of one bucket are drawn by lot.
        bucket: Span,
    },
    /// A free seat picks any of those who wait.
    Lottery,
    /// Lower [`super::Cohort::priority`] first; waiting makes up for one class every `ageing`.
    Priority {
        /// Waiting time worth one class; none: never.
        ageing: Option<Span>,
    },
    /// The limits are counted and not applied.
    Passthrough,
}

/// A token bucket: who finds no token is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BucketSpec {
    /// Tokens per second.
    pub rate: f64,
    /// Most tokens.
    pub burst: f64,
    /// Tokens drip in one by one at exponential intervals instead of evenly (textbook models).
    pub random_refill: bool,
}

/// What a login sends over the link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exchange {
    /// Packets of the exchange, both ways together (`2m` of DESIGN §3).
    pub packets: f64,
    /// Tries of the exchange before it fails.
    pub tries: u32,
    /// Bits of one login or page, for the load on the uplink.
    pub page_bits: f64,
}

/// What people do in a session.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SessionSpec {
    /// Mean time between two pages of a person, s.
    pub think: f64,
    /// Work of a page, core-seconds; zero: sessions do not load the station.
    pub page_work: f64,
    /// Page latency up to which nothing is lost, s.
    pub latency_good: f64,
    /// Page latency from which nothing is learnt, s.
    pub latency_bad: f64,
    /// What an hour here is worth against an hour wanted, 0..=1.
    pub value: f64,
    /// Whoever has a class here learns only while its teacher is in.
    pub live: bool,
}
