//! The state of a running country, and how it is set up.

use super::agenda::{Agenda, IncidentState};
use super::bins::{Bins, tick_at, ticks_in};
use super::cell::{CellState, TicketState};
use super::class::Classes;
use super::door::Door;
use super::filter::Filter;
use super::habit::{self, HabitState, RetryInfo};
use super::lessons_learnt::Doors;
use super::levers::{Address, Fleet, HostState, Watch};
use super::memory::Memory;
use super::observer::Ear;
use super::owed::{Owed, Siblings};
use super::person::Person;
use super::referee::Referee;
use super::run::Mode;
use super::smoothing::Told;
use super::stream::Stream;
use super::{Orbit, RunOptions};
use crate::engine::{
    Draw, EventList, Families, Fingerprint, Merge, Purpose, Slab, Span, Streams, Time, Timers, key_of,
};
use crate::measure::{Bin, GroupBin, Learning, Tally, Ticket, days};
use crate::queueing::{AdaptiveLimit, Clients, Pool, Room, Station, TokenBucket, VainClock};
use crate::scenario::model::{Cohort, Habit, HostId, Incident, PerClient, Scenario, Source, Stagger};

/// Classes of the event list: the written order of events of the same instant (`docs/events.md`).
pub(super) mod class {
    /// A seat of a room expires.
    pub const SEAT: u8 = 0;
    /// An incident or a policy act.
    pub const AGENDA: u8 = 1;
    /// A core fails or is repaired.
    pub const BREAK: u8 = 2;
    /// A session ends.
    pub const LEAVE: u8 = 3;
    /// A client drops its login.
    pub const TIMEOUT: u8 = 4;
    /// Deadlines of clients are due.
    pub const DUE: u8 = 5;
    /// Patience runs out.
    pub const PATIENCE: u8 = 6;
    /// A person enters: at its poll, or at the next service of its route.
    pub const ENTER: u8 = 7;
    /// A person knocks again, on its own event.
    pub const KNOCK: u8 = 8;
    /// A person comes back later, after thinking, or as it was told.
    pub const RETURN: u8 = 9;
    /// Classes whose entity is a person, as bits.
    pub const OF_PEOPLE: u16 = 1 << LEAVE | 1 << TIMEOUT | 1 << PATIENCE | 1 << ENTER | 1 << KNOCK | 1 << RETURN;
    /// Classes that are noted by what they do, or not at all, as bits.
    pub const QUIET: u16 = 1 << LOOK | 1 << TICK;
    /// A stream brings somebody.
    pub const ARRIVE: u8 = 10;
    /// A lever that watches looks; noted only if it acts.
    pub const LOOK: u8 = 11;
    /// A person asks for a page, in a session or as a poll (only where each page is an event).
    pub const PAGE: u8 = 12;
    /// A request of a flood comes (only where each is an event).
    pub const ATTACK: u8 = 13;
    /// The books are kept.
    pub const TICK: u8 = 14;
    /// The run ends.
    pub const END: u8 = 15;
    /// Kinds of the fingerprint that are timers, not events of the list: a login done.
    pub const DONE: u8 = 16;
    /// A room's admission limit opens.
    pub const OPENS: u8 = 17;
    /// The next knock of a service's pools.
    pub const POOL: u8 = 18;
}

/// Address space is asked for so many records at most (1 GiB): more than the country has people at once.
const MOST_RESERVED: usize = 1 << 24;

/// The timers of a service.
pub(super) mod timer {
    /// The next login is done.
    pub const DONE: usize = 0;
    /// The room opens, or looks.
    pub const OPENS: usize = 1;
    /// The pools knock.
    pub const KNOCK: usize = 2;
}

/// What changed at a service, as bits: what has to be looked at when the event is over.
pub(super) mod change {
    /// Its station: the next login done.
    pub const STATION: u8 = 1;
    /// Its room, station or link: whether a knock would be in vain.
    pub const DOOR: u8 = 2;
    /// Who waits to knock again: the pools' next knock.
    pub const POOL: u8 = 4;
    /// One of its pools grew: who left it unseen.
    pub const GROWN: u8 = 8;
    /// Anything.
    pub const ANY: u8 = STATION | DOOR | POOL;
}

/// A service in motion. Fields lie in the order in which events need them: what nearly every event touches comes first.
#[repr(C, align(64))]
pub(super) struct ServiceState {
    /// What changed in this event (see [`change`]).
    pub changed: u8,
    pub down: bool,
    /// The room has servers of its own, and not for any number of pages.
    pub room_limited: bool,
    /// Whether the station was full when the door was last looked at.
    pub was_full: bool,
    /// Chance that a login's exchange crosses the link.
    pub link_passes: f64,
    pub sessions: u64,
    /// People who wait to knock again, in pools or on their own events.
    pub orbit: u64,
    /// What its clients do together.
    pub clients: Option<Box<Clients>>,
    /// An adaptive limit on the logins in service.
    pub limit: Option<Box<AdaptiveLimit>>,
    /// Refusals that reached the server since the last tick, weighted by tabs.
    pub pages_refused: f64,

    pub tally: Tally,
    pub bins: Vec<Bin>,
    /// Whom it turns away before its gate.
    pub filter: Filter,
    pub station: Station,
    /// The door when last looked at.
    pub door: Door,
    pub clock: VainClock,
    /// Pools that hold somebody.
    pub busy_pools: Vec<u16>,
    /// When the pools knock and which.
    pub orbit_draw: Draw,
    pub draw: Draw,
    /// What those whom it refuses are told.
    pub told: Option<Told>,
    pub room: Option<Room>,
    pub limiter: Option<TokenBucket>,
    /// A limit on each address.
    pub per_client: Option<PerClient>,

    /// Share of the cores that incidents leave.
    pub incidents_leave: f64,
    /// Of it, what is not a matter of hosts.
    pub slowed: f64,
    /// Capacity ordered beyond the installed cores.
    pub fleet: Fleet,
    /// Hosts that serve now, with the share of the capacity there.
    pub live: Vec<(HostId, f64)>,
    /// Cores that have not broken down, when they do.
    pub cores_up: f64,
    pub breaks: Option<Draw>,
    pub break_event: u32,
    /// Packet loss on the link.
    pub link_loss: f64,
    /// Cores and requests per second an attack asks for.
    pub attack: (f64, f64),
    pub held_threads: f64,
    /// Share of pages that the room's servers answer.
    pub room_passes: f64,
    /// Pages that they were asked for since the last tick, but by people in pools.
    pub room_pages: f64,
    /// Refusal pages per second in the last whole tick, those of people in pools included.
    pub refusal_pages: f64,
    /// The station's integrals at the last bin's end.
    pub at_bin: crate::queueing::Integrals,
    pub key: u64,
    /// When its installed capacity was last booked.
    pub sized_at: Time,
}

/// A cohort's constants that the event path needs.
pub(super) struct CohortState<'s> {
    pub spec: &'s Cohort,
    pub key: u64,
    pub families: Families,
    /// Index of its habit.
    pub habit: usize,
    /// Where its people's memories begin; none for open streams.
    pub memory: Option<u32>,
    /// Where its visits are counted among those of regions, people without one behind all of these; none in a model without regions.
    pub region: Option<usize>,
    pub closed: bool,
    /// Next number of a customer of a closed population.
    pub counter: u32,
    pub stagger: Vec<Stagger>,
    pub tally: Tally,
    pub connecting: u32,
    /// Visits that are owed wait as records: they have a class, or share a device.
    pub in_line: bool,
    /// Something may wait for the end of a person's visit: another visit of the same person, or whoever shares its device.
    pub ends_matter: bool,
    /// What its teachers learnt of the doors of its classes.
    pub doors: Doors,
    /// Who shares a device with whom.
    pub siblings: Vec<Siblings>,
}

/// When a client drops a login that is not done by then.
#[derive(Clone, Copy)]
pub(super) struct Deadline {
    pub at: Time,
    pub slot: u32,
    pub job: u32,
}

/// Deadlines of one habit at one service, in order.
#[derive(Default)]
pub(super) struct Line {
    pub queue: std::collections::VecDeque<Deadline>,
    /// The event of its first deadline is in the list.
    pub watched: bool,
    /// Logins dropped since records were fetched ahead.
    pub turns: usize,
}

/// The whole running country.
pub(super) struct World<'s, O: Ear> {
    pub scenario: &'s Scenario,
    pub options: &'s RunOptions<'s>,
    pub observer: &'s mut O,
    pub streams: Streams,
    pub now: Time,
    pub list: EventList,
    pub timers: Timers<3>,
    pub people: Slab<Person>,
    pub services: Vec<ServiceState>,
    /// Services of which something changed in this event.
    pub changed: Vec<u16>,
    /// `[service × kinds + retry kind]`.
    pub pools: Vec<Pool>,
    pub kinds: usize,
    /// Stays in pools so far: each has its number.
    pub stays: u32,
    /// `[service × habits + habit]`: deadlines of a time-out that is the same for all, in order.
    pub deadlines: Vec<Line>,
    pub retries: Vec<RetryInfo>,
    /// Whether any retry kind is both pooled and capped.
    pub some_capped: bool,
    /// Whether some clients drop logins that wait for a thread, but none in service.
    pub queue_timeouts: bool,
    pub habits: Vec<HabitState>,
    pub cohorts: Vec<CohortState<'s>>,
    pub memory: Memory,
    pub owed: Owed,
    pub classes: Classes,
    pub arrivals: Vec<Stream>,
    /// When each of them brings somebody.
    pub next_arrivals: Merge,
    pub agenda: Vec<(Time, Agenda)>,
    pub incidents: Vec<IncidentState>,
    /// Levers that watch.
    pub watches: Vec<Watch<'s>>,
    pub hosts: Vec<HostState>,
    /// The bucket of each person's address, by record; empty until a limit on addresses acts.
    pub addresses: Vec<Address>,
    pub host_loss: Vec<f64>,
    /// A flood on each uplink after scrubbing, bit/s.
    pub host_flood: Vec<f64>,
    /// By region; last those of people without one, if there are any.
    pub regions: Vec<Vec<GroupBin>>,
    pub fingerprint: Fingerprint,
    pub executed: u64,
    pub logical: u64,
    /// About the time from one tick to the next: what rates of pages are counted over.
    pub tick: Span,
    pub ticks_per_bin: u32,
    pub ticks: u32,
    pub bins: Bins,
    /// Ends of days to come, the next one last.
    pub days_to_come: Vec<Time>,
    /// The first bin of this day.
    pub day_began: usize,
    /// Learning time booked by each cohort up to the ends of days gone by.
    pub days: Vec<Vec<Learning>>,
    pub cells: Vec<CellState<'s>>,
    pub tickets: Vec<TicketState>,
    pub ticket_books: Vec<Ticket>,
    pub core_hours: f64,
    pub first_act: Vec<(String, Option<Time>)>,
    pub extra_cost: crate::measure::Money,
    pub stopped: bool,
    /// Where every request is an event.
    pub referee: Option<Box<Referee>>,
}

/// Whether some people have no region in a model that has regions.
fn some_are_nowhere(scenario: &Scenario) -> bool {
    !scenario.regions.is_empty() && scenario.cohorts.iter().any(|cohort| cohort.region.is_none())
}

impl<'s, O: Ear> World<'s, O> {
    /// A country at rest, with its first arrivals and its agenda scheduled.
    pub fn new(scenario: &'s Scenario, options: &'s RunOptions<'s>, observer: &'s mut O) -> Self {
        let streams = Streams::new(options.seed, options.replication);
        let orbit = if options.mode == Mode::Events {
            Orbit::Events
        } else {
            options.orbit
        };
        let (habits, retries) = habit::flatten(&scenario.habits, orbit);
        let kinds = retries.len();
        let services: Vec<ServiceState> = (scenario.services.iter())
            .map(|s| service_state(s, scenario.worst_class(), &streams))
            .collect();
        let n = services.len();
        let mut pools = Vec::with_capacity(n * kinds);
        for s in &services {
            for (k, retry) in retries.iter().enumerate() {
                pools.push(Pool::new(retry.rate, streams.person(Purpose::Pool, s.key, k as u64)));
            }
        }
        let needs_ticks = scenario.hosts.iter().any(|h| h.uplink.is_finite())
            || scenario.services.iter().any(|s| {
                s.quota
                    .as_ref()
                    .is_some_and(|q| q.page_work > 0.0 || q.capacity.is_some())
            })
            || scenario.operators.iter().any(|o| o.cell.is_some())
            || scenario.policies.iter().any(|p| !p.acts.is_empty())
            || scenario.incidents.iter().any(Incident::pulls_a_lever);
        let ticks_per_bin = if needs_ticks { ticks_in(scenario.clock.bin) } else { 1 };
        let tick = Span((scenario.clock.bin.0 / u64::from(ticks_per_bin)).max(1));
        let some_capped = retries.iter().any(|r| r.lazy && r.capped);
        let mut world = World {
            scenario,
            options,
            observer,
            streams,
            now: Time::ZERO,
            list: EventList::new(),
            timers: Timers::new(n),
            people: Slab::with_capacity(1024),
            services,
            changed: Vec::with_capacity(n),
            pools,
            kinds,
            stays: 0,
            deadlines: (0..n * scenario.habits.len()).map(|_| Line::default()).collect(),
            retries,
            some_capped,
            queue_timeouts: habits.iter().any(|h| h.timeout.is_some_and(|t| t.queue_only)),
            habits,
            cohorts: Vec::new(),
            memory: Memory::default(),
            owed: Owed::default(),
            classes: Classes::default(),
            arrivals: Vec::new(),
            next_arrivals: Merge::new(&[]),
            agenda: Vec::new(),
            incidents: scenario
                .incidents
                .iter()
                .map(|i| IncidentState::new(i.defence.clone()))
                .collect(),
            watches: Vec::new(),
            hosts: vec![
                HostState {
                    up: 1.0,
                    lost_at: Time::ZERO,
                };
                scenario.hosts.len()
            ],
            addresses: Vec::new(),
            host_loss: vec![0.0; scenario.hosts.len()],
            host_flood: vec![0.0; scenario.hosts.len()],
            regions: vec![vec![GroupBin::default()]; scenario.regions.len() + usize::from(some_are_nowhere(scenario))],
            fingerprint: Fingerprint::new(),
            executed: 0,
            logical: 0,
            tick,
            ticks_per_bin,
            ticks: 0,
            bins: Bins::new(scenario.clock.bin),
            days_to_come: days(&scenario.clock)
                .iter()
                .rev()
                .map(|day| Time::from_secs(day.until))
                .collect(),
            day_began: 0,
            days: Vec::new(),
            cells: Vec::new(),
            tickets: Vec::new(),
            ticket_books: Vec::new(),
            core_hours: 0.0,
            first_act: Vec::new(),
            extra_cost: crate::measure::Money::default(),
            stopped: false,
            referee: Referee::new(options.mode, scenario, &streams),
        };
        world.set_up_referee();
        world.set_up_cohorts();
        world.set_up_agenda();
        world.set_up_cells();
        world.set_up_stations();
        world
            .list
            .schedule(tick_at(1, ticks_per_bin, scenario.clock.bin), class::TICK, 0);
        world.list.schedule(scenario.clock.end, class::END, 0);
        world
    }

    fn set_up_cohorts(&mut self) {
        for (i, cohort) in self.scenario.cohorts.iter().enumerate() {
            let key = key_of(&cohort.key);
            let crowd = connecting(cohort, &self.streams);
            let connecting = crowd.unwrap_or(0);
            let memory = crowd.map(|connecting| self.memory.add_crowd(connecting));
            self.arrivals
                .extend(Stream::of_cohort(i as u16, cohort, connecting, &self.streams));
            self.cohorts.push(CohortState {
                spec: cohort,
                key,
                families: self.streams.families(key),
                habit: cohort.habit.index(),
                memory,
                region: match cohort.region {
                    Some(r) => Some(r.index()),
                    None => some_are_nowhere(self.scenario).then_some(self.scenario.regions.len()),
                },
                closed: matches!(cohort.source, Source::Closed { .. }),
                counter: 0,
                stagger: Vec::new(),
                tally: Tally::default(),
                connecting,
                in_line: false,
                ends_matter: false,
                doors: Doors::default(),
                siblings: Vec::new(),
            });
            if let Source::Closed { population, .. } = cohort.source {
                for _ in 0..population {
                    self.think(i as u16, None);
                }
            }
        }
        // Nobody makes two visits at once, so this many records are enough but where visits that are owed wait as records.
        let crowds: usize = self.cohorts.iter().map(|c| c.connecting as usize).sum();
        self.people.reserve(crowds.min(MOST_RESERVED));
        self.set_up_classes();
        self.set_up_devices();
        self.set_up_surges();
        for (c, cohort) in self.cohorts.iter_mut().enumerate() {
            let streams = self.arrivals.iter().filter(|s| usize::from(s.cohort) == c).count();
            let comes_again = cohort.closed || cohort.memory.is_some() && streams > 1;
            cohort.ends_matter = comes_again || !cohort.siblings.is_empty();
        }
        let first: Vec<_> = (0..self.arrivals.len()).map(|s| self.next_arrival(s)).collect();
        self.next_arrivals = Merge::new(&first);
    }

    /// The next arrival of a stream, if there is one before the end.
    pub fn next_arrival(&mut self, stream: usize) -> Option<Time> {
        let at = self.arrivals[stream].next()?.max(self.now);
        (at <= self.scenario.clock.end).then_some(at)
    }

    fn set_up_stations(&mut self) {
        for s in 0..self.services.len() {
            let spec = &self.scenario.services[s].station;
            let told = O::LISTENS || self.queue_timeouts;
            self.services[s].station.note_started(told);
            if self.referee.is_none() {
                let draw = self.streams.sequence(Purpose::Flood, self.services[s].key);
                self.services[s].station.count_floods(draw);
            }
            for _ in 0..spec.initial {
                let mut draw = self.services[s].draw;
                let work = spec.work.sample(&mut draw);
                self.services[s].draw = draw;
                self.services[s]
                    .station
                    .offer(Time::ZERO, crate::queueing::NOBODY, 0, work);
            }
            if spec.breakdown.is_some() {
                self.schedule_breakdown(s);
            }
            self.touch(s, change::ANY);
            self.tell_level(s);
        }
        self.look_at_changed();
    }

    /// The pool of a retry kind at a service.
    pub fn pool_index(&self, service: usize, kind: usize) -> usize {
        service * self.kinds + kind
    }

    /// The habit of a cohort.
    pub fn habit(&self, cohort: u16) -> &'s Habit {
        &self.scenario.habits[self.cohorts[cohort as usize].habit]
    }

    /// What the event path needs of the habit of a cohort.
    #[inline]
    pub fn manners(&self, cohort: u16) -> &HabitState {
        &self.habits[self.cohorts[cohort as usize].habit]
    }

    /// The stream of a person's visit for a purpose.
    #[inline]
    pub fn draw(&self, purpose: Purpose, slot: u32) -> Draw {
        let p = &self.people[slot];
        self.cohorts[p.cohort as usize].families.person(purpose, p.number())
    }

    /// A stream of one knock: apart from those of the person's other knocks, at this door and at others. (With the same
    /// uniform at each door the times at the stations of a route would be correlated, which shows in a tandem.)
    #[inline]
    pub fn draw_at_door(&self, purpose: Purpose, slot: u32) -> Draw {
        let p = &self.people[slot];
        self.cohorts[p.cohort as usize]
            .families
            .person(purpose, p.number_at_door())
    }

    /// Tells the observer what a service holds.
    pub fn tell_level(&mut self, s: usize) {
        if !O::LISTENS {
            return;
        }
        let svc = &self.services[s];
        let room = svc.room.as_ref().map_or(0, |r| r.waiting() as u32);
        let (station, sessions) = (&svc.station, svc.sessions as u32);
        self.observer.level(
            self.now,
            crate::scenario::model::ServiceId(s as u16),
            station.in_service(),
            station.backlog(),
            room,
            sessions,
        );
    }
}

/// How many people of a crowd connect: they are its first ones. None for a cohort that is no crowd.
pub(super) fn connecting(cohort: &Cohort, streams: &Streams) -> Option<u32> {
    let Source::Crowd(_) = cohort.source else { return None };
    let mut draw = streams.sequence(Purpose::Connect, key_of(&cohort.key));
    Some(draw.binomial(u64::from(cohort.people), cohort.connects) as u32)
}

fn service_state(s: &crate::scenario::model::Service, worst_class: u8, streams: &Streams) -> ServiceState {
    let key = key_of(&s.key);
    ServiceState {
        changed: 0,
        station: Station::new(&s.station, s.session.as_ref()),
        room: s
            .quota
            .clone()
            .map(|q| Room::new(Time::ZERO, q, streams.sequence(Purpose::Lottery, key)).with_strangers(worst_class)),
        limiter: s.limiter.map(|b| bucket(&b, Time::ZERO, key, streams)),
        clock: VainClock::new(),
        sessions: 0,
        orbit: 0,
        down: false,
        incidents_leave: 1.0,
        slowed: 1.0,
        fleet: Fleet::default(),
        live: s.stands_on().collect(),
        limit: None,
        per_client: None,
        cores_up: s.station.cores,
        breaks: s.station.breakdown.map(|_| streams.sequence(Purpose::Breakdown, key)),
        break_event: u32::MAX,
        link_passes: 1.0,
        link_loss: 0.0,
        attack: (0.0, 0.0),
        held_threads: 0.0,
        filter: Filter::default(),
        told: None,
        clients: None,
        room_limited: s.quota.as_ref().is_some_and(|q| q.capacity.is_some()),
        room_passes: 1.0,
        room_pages: 0.0,
        busy_pools: Vec::new(),
        door: Door::OPEN,
        was_full: false,
        pages_refused: 0.0,
        refusal_pages: 0.0,
        draw: streams.sequence(Purpose::Other, key),
        orbit_draw: streams.sequence(Purpose::Pool, key),
        tally: Tally::default(),
        bins: vec![Bin::default()],
        at_bin: crate::queueing::Integrals::default(),
        key,
        sized_at: Time::ZERO,
    }
}

/// A bucket as specified, full.
pub(super) fn bucket(spec: &crate::scenario::model::BucketSpec, now: Time, key: u64, streams: &Streams) -> TokenBucket {
    let drips = spec.random_refill.then(|| streams.sequence(Purpose::Tokens, key));
    TokenBucket::new(spec.rate, spec.burst, now, drips)
}
