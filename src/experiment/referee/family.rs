//! The systems that are run in both modes: one base model and what is laid over it.

use crate::scenario::model::Scenario;
use crate::scenario::{Source, load};

/// The base model.
const BASE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/referee/base.ron"));

/// What a system has that others have not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nine tenths of the work are pages of sessions.
    Sessions,
    /// Two thirds of the work are logins.
    Logins,
    /// Sessions behind a gate that refuses, whose page costs work.
    Gate,
    /// Sessions behind a waiting room in order of arrival, whose page asks every 10 s.
    Room,
    /// Logins and a flood that asks for 30 % of the cores.
    FloodBelow,
    /// Logins, and for a while a flood that asks for 150 % of the cores.
    FloodAbove,
    /// Logins and a flood that asks for 30 % of the cores, whose efficiency falls with load.
    FloodFalling,
    /// Logins in order of arrival, a thread a core, and a flood that asks for 30 % of the cores.
    FloodFifo,
    /// Logins of people who try once.
    Impatient,
    /// Logins of people who try for ever and have no time-out.
    Patient,
    /// Sessions behind a link that is full for a while.
    Link,
}

use Kind::{FloodAbove, FloodBelow, FloodFalling, FloodFifo, Gate, Impatient, Link, Logins, Patient, Room, Sessions};

impl Kind {
    const ALL: [Kind; 11] = [
        Sessions,
        Logins,
        Gate,
        Room,
        FloodBelow,
        FloodAbove,
        FloodFalling,
        FloodFifo,
        Impatient,
        Patient,
        Link,
    ];

    fn name(self) -> &'static str {
        match self {
            Sessions => "sessions",
            Logins => "logins",
            Gate => "gate",
            Room => "room",
            FloodBelow => "flood-below",
            FloodAbove => "flood-above",
            FloodFalling => "flood-falling",
            FloodFifo => "flood-fifo",
            Impatient => "impatient",
            Patient => "patient",
            Link => "link",
        }
    }

    fn is_of_sessions(self) -> bool {
        matches!(self, Sessions | Gate | Room | Link)
    }
}

/// One system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct System {
    /// What it has.
    pub kind: Kind,
    /// Work that people ask for, as a share of the cores, if nobody is refused (floods come on top).
    pub load: f64,
    /// Cores.
    pub cores: u32,
}

/// How much of the family is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Everything.
    Whole,
    /// Every kind at one size and three loads.
    Quick,
}

/// Loads of the family.
pub const LOADS: [f64; 5] = [0.5, 0.8, 0.95, 1.1, 1.5];
/// Cores of most systems.
const CORES: [u32; 3] = [20, 50, 200];
/// Cores of the systems that show where the fluid of pages begins to be wrong.
pub const CURVE: [u32; 6] = [5, 10, 20, 50, 100, 200];

/// All systems, in the order of tables.
pub fn family(size: Size) -> Vec<System> {
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let cores: &[u32] = match (size, kind) {
            (Size::Quick, _) => &[20],
            (Size::Whole, Sessions) => &CURVE,
            _ => &CORES,
        };
        for load in LOADS {
            if size == Size::Quick && ![0.5, 0.95, 1.5].contains(&load) {
                continue;
            }
            all.extend(cores.iter().map(|cores| System {
                kind,
                load,
                cores: *cores,
            }));
        }
    }
    all
}

impl System {
    /// `gate/0.95/50`: what it has, its load, its cores.
    pub fn key(&self) -> String {
        format!("{}/{}/{}", self.kind.name(), self.load, self.cores)
    }

    /// The model.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn scenario(&self) -> Result<Scenario, String> {
        let source = Source::Text {
            name: self.key(),
            text: BASE.to_owned(),
        };
        load(&source, &self.sets()).map_err(|e| format!("{}: {e}", self.key()))
    }

    /// What is laid over the base model.
    pub fn sets(&self) -> Vec<String> {
        let cores = f64::from(self.cores);
        let mut sets = vec![
            format!("services.desk.station.cores={}", self.cores),
            format!("services.desk.station.threads={}", 2 * self.cores),
            format!("services.desk.station.backlog={}", 2 * self.cores),
        ];
        // Work of a visit: a login of 1 s, and so many pages at full speed.
        let visit = if self.kind.is_of_sessions() {
            1.0 + 300.0 / 21.0 * 1.0
        } else {
            sets.extend(
                [
                    "clock.end=600 s",
                    "clock.bin=60 s",
                    "services.desk.session.think=10 s",
                    "services.desk.session.page_work=0.2 s",
                    "services.desk.session.latency_good=0.4 s",
                    "services.desk.session.latency_bad=1.6 s",
                    "cohorts.pupils.duration=Exponential(mean: \"30 s\")",
                ]
                .map(str::to_owned),
            );
            1.0 + 30.0 / 10.2 * 0.2
        };
        sets.push(format!(
            "cohorts.pupils.arrivals=Poisson(rate: \"{:.6} /s\")",
            self.load * cores / visit
        ));
        sets.extend(self.extras(cores));
        sets
    }

    fn extras(&self, cores: f64) -> Vec<String> {
        // Sessions that keep 80 % of the cores busy: cores × 0.8 × (think + page) / page.
        let seats = (cores * 0.8 * 21.0) as u64;
        let flood = |share: f64, from: &str, to: &str| {
            vec![format!(
                "incidents={{\"flood\": (kind: ApplicationFlood(service: \"desk\", rate: \"{} /s\", work: \"0.1 s\"), waves: [(\"{from}\", \"{to}\")])}}",
                share * cores / 0.1
            )]
        };
        match self.kind {
            Sessions | Logins => Vec::new(),
            Gate => vec![format!(
                "services.desk.quota=(max_sessions: {seats}, counted_from: Login, order: Reject, seat: Sliding(idle: \"60 s\", logout_share: \"30 %\"), page_work: \"50 ms\")"
            )],
            Room => vec![format!(
                "services.desk.quota=(max_sessions: {seats}, order: Fifo(bucket: \"0 s\"), seat: OnExit, poll: \"10 s\", page_work: \"50 ms\", max_length: {})",
                10 * self.cores
            )],
            FloodBelow => flood(0.3, "0 s", "600 s"),
            FloodAbove => flood(1.5, "200 s", "400 s"),
            FloodFalling => {
                let mut sets = flood(0.3, "0 s", "600 s");
                // With all threads busy, two a core, seven tenths of the cores' work is done.
                sets.push(
                    "services.desk.station.efficiency=Usl(sigma: 0.2, kappa: 0.1, per_capacity: true)".to_owned(),
                );
                sets
            }
            FloodFifo => {
                let mut sets = flood(0.3, "0 s", "600 s");
                sets.push(format!("services.desk.station.threads={}", self.cores));
                sets
            }
            Impatient => vec!["habits.pupil.retries=[]".to_owned()],
            Patient => ["habits.pupil.patience=None", "habits.pupil.timeout=None"]
                .map(str::to_owned)
                .to_vec(),
            Link => vec![
                // A page is 400 kbit, and a core serves one a second.
                format!("hosts.paris.uplink={} Mbit/s", 0.5 * cores),
                format!(
                    "incidents={{\"packets\": (kind: NetworkFlood(host: \"paris\", rate: \"{} Mbit/s\"), waves: [(\"600 s\", \"1200 s\")])}}",
                    0.3 * cores
                ),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_is_a_valid_model_with_a_key_of_its_own() {
        let all = family(Size::Whole);
        let keys: std::collections::HashSet<String> = all.iter().map(System::key).collect();
        assert_eq!(keys.len(), all.len());
        assert_eq!(all.len(), 5 * (10 * 3 + 6));
        for system in &all {
            let scenario = system.scenario().unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(scenario.services[0].station.cores, f64::from(system.cores));
        }
        assert!(family(Size::Quick).iter().all(|s| all.contains(s)));
    }
}
