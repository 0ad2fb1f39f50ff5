//! A textbook queue in the words of a scenario file: a template and what is set in it.

use super::text;
use crate::engine::Distribution;

/// A file under `models/theory/` that a textbook queue starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Template {
    /// One desk, one kind of customer.
    Queue,
    /// A closed population.
    Closed,
    /// Several classes of customers at one desk.
    Classes,
    /// Several desks, routes between them.
    Network,
    /// A desk without queue whose customers come back.
    Retrial,
    /// A rate that changes with time, a host that loses cores.
    Surge,
    /// A gate before the desk: quota, bucket, shaper.
    Gate,
    /// A link under flood.
    Link,
    /// An application flood at the desk.
    Flood,
}

impl Template {
    /// All of them.
    pub const ALL: [Template; 9] = [
        Template::Queue,
        Template::Closed,
        Template::Classes,
        Template::Network,
        Template::Retrial,
        Template::Surge,
        Template::Gate,
        Template::Link,
        Template::Flood,
    ];

    /// Its name among the models inside the program.
    pub fn name(self) -> &'static str {
        match self {
            Template::Queue => "theory/queue",
            Template::Closed => "theory/closed",
            Template::Classes => "theory/classes",
            Template::Network => "theory/network",
            Template::Retrial => "theory/retrial",
            Template::Surge => "theory/surge",
            Template::Gate => "theory/gate",
            Template::Link => "theory/link",
            Template::Flood => "theory/flood",
        }
    }
}

/// The order in which a desk serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discipline {
    /// First come, first served.
    Fifo,
    /// Better classes first.
    Priority,
    /// Better classes interrupt.
    PreemptiveResume,
}

/// The workers of a desk.
#[derive(Clone, Debug)]
pub struct Station {
    /// Infinite: nobody slows anybody down.
    pub cores: f64,
    /// None: no limit.
    pub threads: Option<u32>,
    /// None: no limit.
    pub backlog: Option<u32>,
    /// Of one customer.
    pub work: Distribution,
    /// σ and κ of the universal scalability law.
    pub usl: Option<(f64, f64)>,
    /// Who is next.
    pub discipline: Discipline,
    /// There at the start.
    pub initial: u32,
    /// Mean up time and mean repair time of each core.
    pub breakdown: Option<(f64, f64)>,
}

impl Station {
    /// `c` servers, first come first served.
    pub fn fifo(servers: u32, work: Distribution) -> Station {
        Station {
            cores: f64::from(servers),
            threads: Some(servers),
            ..Station::free(work)
        }
    }

    /// One processor shared by all who are there.
    pub fn shared(cores: f64, work: Distribution) -> Station {
        Station {
            cores,
            ..Station::free(work)
        }
    }

    /// A server for everybody.
    pub fn free(work: Distribution) -> Station {
        Station {
            cores: f64::INFINITY,
            threads: None,
            backlog: None,
            work,
            usl: None,
            discipline: Discipline::Fifo,
            initial: 0,
            breakdown: None,
        }
    }

    /// At most so many in the system.
    pub fn with_room(self, places: Option<u32>) -> Station {
        match (places, self.threads) {
            (Some(places), Some(threads)) => Station {
                threads: Some(threads.min(places)),
                backlog: Some(places.saturating_sub(threads)),
                ..self
            },
            (Some(places), None) => Station {
                threads: Some(places),
                backlog: Some(0),
                ..self
            },
            (None, _) => self,
        }
    }
}

/// What is before the station of a desk.
#[derive(Clone, Debug, Default)]
pub struct Door {
    /// A quota, as text.
    pub quota: Option<String>,
    /// Tokens per second, most tokens, random refill.
    pub bucket: Option<(f64, f64, bool)>,
    /// Packets of an exchange, its tries, bits.
    pub exchange: Option<(f64, u32, f64)>,
    /// People stay on after the login.
    pub session: bool,
    /// Stands on the host `machine`.
    pub hosted: bool,
}

/// When customers come.
#[derive(Clone, Debug)]
pub enum Arrivals {
    /// Poisson, so many per second.
    Poisson(f64),
    /// Poisson in batches.
    Batches(f64, Batch),
    /// `(instant, rate)`, straight from one to the next or a staircase.
    Rate(Vec<(f64, f64)>, bool),
    /// Independent times between arrivals.
    Renewal(Distribution),
    /// So many people who think so long.
    Closed(u32, Distribution),
}

/// How many come at once.
#[derive(Clone, Copy, Debug)]
pub enum Batch {
    /// Always so many.
    Fixed(u32),
    /// Geometric from 1 with this mean.
    Geometric(f64),
}

/// One kind of customer.
#[derive(Clone, Debug)]
pub struct Customers {
    /// Name in the file.
    pub key: String,
    /// When they come.
    pub arrivals: Arrivals,
    /// Their route.
    pub route: String,
    /// Work that differs from the station's.
    pub work: Option<Distribution>,
    /// Length of a session.
    pub stay: Option<Distribution>,
    /// Class, 0 is best.
    pub priority: u8,
    /// Seats of one.
    pub seats: u32,
}

impl Customers {
    /// One class at the first desk.
    pub fn new(arrivals: Arrivals) -> Customers {
        Customers {
            key: "customers".into(),
            arrivals,
            route: "visit".into(),
            work: None,
            stay: None,
            priority: 0,
            seats: 1,
        }
    }
}

/// What customers do when they fail.
#[derive(Clone, Debug, Default)]
pub struct Habit {
    /// Delay before the next knock; none: they go.
    pub retry: Option<Distribution>,
    /// Most knocks.
    pub max_tries: Option<u32>,
    /// Patience in the queue.
    pub timeout: Option<Distribution>,
}

/// A scenario: a template and what is set in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Where it starts from.
    pub template: Template,
    /// `path`, value as text.
    pub sets: Vec<(String, String)>,
    /// Services.
    pub services: usize,
    /// Customers there at the start.
    pub initial: u32,
    /// Cores of the first service.
    pub cores: f64,
}

impl Model {
    /// One desk and its customers.
    pub fn one(template: Template, station: &Station, door: &Door, customers: &[Customers], habit: &Habit) -> Model {
        let mut model = Model {
            template,
            sets: Vec::new(),
            services: 1,
            initial: station.initial,
            cores: station.cores,
        };
        model.set("services", text::map(&[("desk".into(), text::service(station, door))]));
        model.set("cohorts", text::map(&cohorts(customers)));
        model.set("habits", text::map(&[("plain".into(), text::habit(habit))]));
        model
    }

    /// Several desks in a row of services, with the routes given as text.
    pub fn network(stations: &[Station], customers: &[Customers], routes: &[(String, String)]) -> Model {
        let desks: Vec<(String, String)> = stations
            .iter()
            .enumerate()
            .map(|(i, station)| (desk(i), text::service(station, &Door::default())))
            .collect();
        let mut model = Model {
            template: Template::Network,
            sets: Vec::new(),
            services: stations.len(),
            initial: 0,
            cores: 0.0,
        };
        model.set("services", text::map(&desks));
        model.set("routes", text::map(routes));
        model.set("cohorts", text::map(&cohorts(customers)));
        model
    }

    /// Sets a value.
    pub fn set(&mut self, path: &str, value: String) {
        self.sets.push((path.to_owned(), value));
    }

    /// The command that runs this scenario by hand.
    pub fn command(&self) -> String {
        let sets: String = self
            .sets
            .iter()
            .map(|(path, value)| format!(" --set '{path}={}'", value.replace('\n', " ")))
            .collect();
        format!("preau run builtin:{}{sets}", self.template.name())
    }
}

/// Name of a desk of a network, from 0.
pub fn desk(index: usize) -> String {
    format!("desk{}", index + 1)
}

fn cohorts(customers: &[Customers]) -> Vec<(String, String)> {
    customers.iter().map(|c| (c.key.clone(), text::cohort(c))).collect()
}
