//! A made-up country and made-up runs of it, for the tests of everything that reads results.
//!
//! The runs follow no queue: each visit knocks with a chance of failure that falls with some policies and
//! rises with others. Their books balance, which is all that readers of results need.

use crate::engine::{Distribution, Span, Time};
use crate::measure::tally::WITHIN_S;
use crate::measure::{GroupBin, Outcome, Refusal, Series};
use crate::scenario::model::*;
use jiff::civil::date;
use rand::{Rng, RngExt, SeedableRng, rngs::SmallRng};

/// The regions, with the codes of INSEE.
const REGIONS: [(&str, &str, &str); 18] = [
    ("idf", "Île-de-France", "11"),
    ("cvl", "Centre-Val de Loire", "24"),
    ("bfc", "Bourgogne-Franche-Comté", "27"),
    ("nor", "Normandie", "28"),
    ("hdf", "Hauts-de-France", "32"),
    ("ges", "Grand Est", "44"),
    ("pdl", "Pays de la Loire", "52"),
    ("bre", "Bretagne", "53"),
    ("naq", "Nouvelle-Aquitaine", "75"),
    ("occ", "Occitanie", "76"),
    ("ara", "Auvergne-Rhône-Alpes", "84"),
    ("pac", "Provence-Alpes-Côte d'Azur", "93"),
    ("cor", "Corse", "94"),
    ("gua", "Guadeloupe", "01"),
    ("mtq", "Martinique", "02"),
    ("guf", "Guyane", "03"),
    ("reu", "La Réunion", "04"),
    ("may", "Mayotte", "06"),
];
const LEVELS: [Level; 2] = [Level::College, Level::Lycee];
const BIN: f64 = 600.0;
const BINS: usize = 30;
const VISITS: u64 = 60;

/// Positions of the policies of [`scenario`].
pub const CAPACITY: PolicyId = PolicyId(0);
/// Refuses more.
pub const QUOTA: PolicyId = PolicyId(1);
/// Changes little, and at random.
pub const SMOOTHING: PolicyId = PolicyId(2);
/// Never acts.
pub const IDLE: PolicyId = PolicyId(3);

/// The first so many regions, two levels in each, an ENT each and one national site.
pub fn scenario(regions: usize) -> Scenario {
    let clock = Clock {
        start: date(2021, 4, 6).at(7, 0, 0, 0),
        zone: "Europe/Paris".into(),
        end: Time::from_secs(BIN * BINS as f64),
        warm_up: Time::ZERO,
        bin: Span::from_secs(BIN),
    };
    let named = REGIONS.iter().take(regions);
    let mut services: Vec<Service> = named
        .clone()
        .enumerate()
        .map(|(i, (key, name, _))| service(&format!("ent-{key}"), &format!("ENT {name}"), Some(i as u16)))
        .collect();
    services.push(service("cned", "Ma classe à la maison", None));
    let cohorts = (0..regions)
        .flat_map(|r| LEVELS.map(|level| cohort(r, level)))
        .collect();
    Scenario {
        name: "made-up".into(),
        title: "A made-up country".into(),
        size: Size::default(),
        clock,
        regions: named.map(|(key, name, insee)| region(key, name, insee)).collect(),
        hosts: vec![],
        operators: vec![],
        services,
        habits: vec![],
        routes: vec![],
        cohorts,
        incidents: vec![],
        policies: ["capacity", "quota", "smoothing", "idle"].map(policy).to_vec(),
        prices: Prices {
            core_hour: 0.05,
            scrubbing_hour: 100.0,
        },
        text: "(made up)".into(),
    }
}

fn region(key: &str, name: &str, insee: &str) -> Region {
    Region {
        key: key.into(),
        name: name.into(),
        insee: insee.into(),
        zone: "Europe/Paris".into(),
    }
}

fn policy(key: &str) -> Policy {
    let fixed_cost = if key == "capacity" { 40_000.0 } else { 0.0 };
    Policy {
        key: key.into(),
        name: key.into(),
        acts: vec![],
        fixed_cost,
    }
}

fn cohort(region: usize, level: Level) -> Cohort {
    Cohort {
        key: format!("{}-{}", REGIONS[region].0, level.name()),
        region: Some(RegionId(region as u16)),
        level,
        people: 100,
        connects: 0.6,
        habit: HabitId(0),
        routes: vec![],
        source: Source::Crowd(vec![]),
        duration: Distribution::Deterministic { value: 3600.0 },
        work: None,
        priority: 0,
        seats: 1,
        teachers: None,
        leaves_empty_class: None,
        device: None,
    }
}

fn service(key: &str, name: &str, region: Option<u16>) -> Service {
    Service {
        key: key.into(),
        name: name.into(),
        operator: None,
        host: None,
        hosts: Vec::new(),
        region: region.map(RegionId),
        station: StationSpec {
            cores: 10.0,
            threads: None,
            backlog: None,
            work: Distribution::Deterministic { value: 0.1 },
            efficiency: Efficiency::Perfect,
            wasted_work: true,
            discipline: Discipline::Fifo,
            initial: 0,
            breakdown: None,
        },
        quota: None,
        limiter: None,
        exchange: Exchange {
            packets: 20.0,
            tries: 3,
            page_bits: 1e6,
        },
        session: None,
        fallback: false,
        grid: vec![],
    }
}

/// A run: a function of its arguments.
pub fn outcome(scenario: &Scenario, seed: u64, replication: u64, policies: &[PolicyId]) -> Outcome {
    let mut rng = SmallRng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(replication));
    let mut refusal: f64 = 0.55 + 0.2 * rng.random::<f64>();
    refusal -= if policies.contains(&CAPACITY) { 0.3 } else { 0.0 };
    refusal += if policies.contains(&QUOTA) { 0.1 } else { 0.0 };
    let mut books = Books::open(scenario);
    for cohort in 0..scenario.cohorts.len() {
        for _ in 0..VISITS {
            let mut person = SmallRng::seed_from_u64(rng.next_u64());
            if policies.contains(&SMOOTHING) {
                person.random::<f64>();
            }
            books.visit(scenario, cohort, refusal, &mut person);
        }
    }
    let mut outcome = books.close();
    outcome.money.cores = 1000.0;
    outcome.money.fixed = policies.iter().map(|p| scenario.policies[p.index()].fixed_cost).sum();
    let acts = |p: &PolicyId| (*p != IDLE).then(|| Time::from_secs(3600.0));
    outcome.first_act = policies
        .iter()
        .map(|p| (scenario.policies[p.index()].key.clone(), acts(p)))
        .collect();
    outcome
}

struct Books(Outcome);

impl Books {
    fn open(scenario: &Scenario) -> Self {
        let services = vec![vec![crate::measure::Bin::default(); BINS]; scenario.services.len()];
        let regions = vec![vec![GroupBin::default(); BINS]; scenario.regions.len()];
        Books(Outcome {
            cohorts: vec![Default::default(); scenario.cohorts.len()],
            services: vec![Default::default(); scenario.services.len()],
            series: Series {
                nowhere: Vec::new(),
                width: BIN,
                services,
                regions,
            },
            ..Outcome::default()
        })
    }

    fn visit(&mut self, scenario: &Scenario, cohort: usize, refusal: f64, rng: &mut SmallRng) {
        let region = scenario.cohorts[cohort].region.unwrap().index();
        let bin = ((rng.random::<f64>() * rng.random::<f64>()) * BINS as f64) as usize;
        let door = if rng.random::<f64>() < 0.3 {
            scenario.services.len() - 1
        } else {
            region
        };
        let failures = (0..5).take_while(|_| rng.random::<f64>() < refusal).count();
        let why = Refusal::ALL[(rng.random::<f64>() * 9.0) as usize];
        let wait = Span::from_secs((failures as f64 * 400.0 + 1.0) * rng.random::<f64>());
        let (wanted, connected) = (3_600_000_000_000, failures < 5);
        for t in [&mut self.0.cohorts[cohort], &mut self.0.services[door]] {
            t.visits += 1;
            t.people_tried += 1;
            t.first_knocks += 1;
            t.knocks += failures as u64 + u64::from(connected);
            t.refused[why as usize] += failures as u64;
            t.learning.want(wanted);
            if connected {
                t.people_connected += 1;
                t.visits_connected += 1;
                t.logins += 1;
                t.sessions += 1;
                t.waits.book(wait);
                for (within, limit) in t.connected_within.iter_mut().zip(WITHIN_S.map(|s| s as f64)) {
                    *within += u64::from(wait.as_secs() <= limit);
                }
                t.learning.gain(wanted - wait.0, 0);
                t.learning.lose(wait.0);
            } else {
                t.gave_up += 1;
                t.learning.gain(0, wanted / 4);
                t.learning.lose(wanted - wanted / 4);
            }
        }
        let b = &mut self.0.series.services[door][bin];
        b.knocks += failures as u64 + u64::from(connected);
        b.first_knocks += 1;
        b.logins += u64::from(connected);
        b.refused[why as usize] += failures as u64;
        b.gave_up += u64::from(!connected);
        b.in_5min += u64::from(connected && wait.as_secs() <= 300.0);
        b.in_15min += u64::from(connected && wait.as_secs() <= 900.0);
        b.sessions += u64::from(connected);
        b.utilisation = 1.0 - 1.0 / (1.0 + b.knocks as f64);
        let g = &mut self.0.series.regions[region][bin];
        g.visits += 1;
        g.in_5min += u64::from(connected && wait.as_secs() <= 300.0);
        g.in_15min += u64::from(connected && wait.as_secs() <= 900.0);
        g.in_ever += u64::from(connected);
        g.gave_up += u64::from(!connected);
    }

    fn close(mut self) -> Outcome {
        let counts = self.0.cohorts.iter().map(|t| t.knocks + t.learning.lost as u64);
        self.0.fingerprint = counts.fold(7, |h: u64, c| h.wrapping_mul(31).wrapping_add(c));
        self.0
    }
}
