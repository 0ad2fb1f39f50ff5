//! What to know before believing the tables of a sweep, gathered point by point while they are written.
//!
//! What is kept does not grow with the number of runs: of two points their values, of each switch and each setting of the
//! levers some numbers.

use super::PointResult;
use crate::experiment::Warning;
use crate::experiment::stats::{Modes, interval::FEWEST, paired};
use crate::experiment::study::{Kind, Role, Study};
use crate::experiment::warning::clearly_negative;
use crate::measure::kpi::Better;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A point, and the values of the main KPI by replication.
#[derive(Clone, Debug)]
struct Extreme {
    point: usize,
    mean: f64,
    values: Vec<(u64, f64)>,
}

/// What is known of one switch: of each setting of all other factors what came of it without the switch or with it, until
/// both were seen; and how many pairs were equal. Nothing is kept once any pair differs.
#[derive(Clone, Debug, Default)]
struct Switch {
    waiting: HashMap<u64, Seen>,
    /// Runs in pairs of points that were equal.
    equal: usize,
    differs: bool,
}

/// What came of a point, shortened: equal runs have equal hashes, and so have equal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    runs: usize,
    histories: u64,
    values: u64,
}

/// Means of the main KPI at the points of one setting of the levers.
#[derive(Clone, Debug)]
struct Lever {
    settings: Vec<String>,
    /// Hashes of the settings of all other factors, added up: equal for the same points in any order, also where one comes
    /// twice.
    met: u64,
    sum: f64,
    points: usize,
    broken: bool,
}

/// Gathers what is worth a warning.
#[derive(Clone, Debug)]
pub struct Advice<'a> {
    study: &'a Study,
    /// The first KPI of which less or more is better: effects and ends of ranges are judged by it.
    main: Option<usize>,
    fewest: usize,
    first: Option<Extreme>,
    least: Option<Extreme>,
    most: Option<Extreme>,
    /// The clearest negative correlation with the first point: (point, correlation).
    against: Option<(usize, f64)>,
    /// Two modes: the first point and KPI with them, and points with any.
    modes: Option<(String, String, Modes)>,
    points_with_modes: usize,
    /// One for each factor that is a switch, with its place.
    switches: Vec<(usize, Switch)>,
    levers: HashMap<u64, Lever>,
    /// In the order in which settings of the levers came.
    order: Vec<u64>,
}

fn hash(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

impl<'a> Advice<'a> {
    /// Nothing is known yet.
    pub fn new(study: &'a Study) -> Advice<'a> {
        let factors = study.factors.iter().enumerate();
        let switches = factors.filter(|(_, f)| matches!(f.kind, Kind::Switch(_)));
        Advice {
            study,
            main: study.columns.iter().position(|c| c.kpi.better != Better::Neither),
            fewest: usize::MAX,
            first: None,
            least: None,
            most: None,
            against: None,
            modes: None,
            points_with_modes: 0,
            switches: switches.map(|(i, _)| (i, Switch::default())).collect(),
            levers: HashMap::new(),
            order: Vec::new(),
        }
    }

    /// Takes a point; points come in their order.
    pub fn take(&mut self, result: &PointResult) {
        if result.made() == 0 {
            return;
        }
        self.fewest = self.fewest.min(result.made());
        self.take_modes(result);
        self.take_switches(result);
        let Some(main) = self.main else { return };
        let of = |run: &super::RunResult| Some((run.replication, run.values.as_ref().ok()?[main]?));
        let values: Vec<(u64, f64)> = result.runs.iter().filter_map(of).collect();
        if values.is_empty() {
            return;
        }
        let mean = values.iter().map(|(_, v)| v).sum::<f64>() / values.len() as f64;
        let here = Extreme {
            point: result.index,
            mean,
            values,
        };
        self.take_levers(result, mean);
        if let Some(first) = &self.first {
            let (a, b) = common(first, &here);
            let correlation = paired(&a, &b).and_then(|pair| pair.correlation);
            let clearest = self.against.map_or(0.0, |(_, r)| r);
            if let Some(r) = correlation.filter(|r| *r < clearest && clearly_negative(*r, a.len())) {
                self.against = Some((here.point, r));
            }
        }
        if self.least.as_ref().is_none_or(|least| here.mean < least.mean) {
            self.least = Some(here.clone());
        }
        if self.most.as_ref().is_none_or(|most| here.mean > most.mean) {
            self.most = Some(here.clone());
        }
        self.first.get_or_insert(here);
    }

    fn take_modes(&mut self, result: &PointResult) {
        let columns = &self.study.columns;
        let with = |c: usize| Some((columns[c].name.clone(), result.modes(c)?));
        let Some((kpi, modes)) = (0..columns.len()).find_map(with) else {
            return;
        };
        self.points_with_modes += 1;
        self.modes.get_or_insert((point_name(result.index), kpi, modes));
    }

    fn take_switches(&mut self, result: &PointResult) {
        let values = |run: &super::RunResult| {
            let values = run.values.as_ref().ok()?;
            Some(values.iter().map(|v| v.map(f64::to_bits)).collect::<Vec<_>>())
        };
        let seen = Seen {
            runs: result.made(),
            histories: hash(result.runs.iter().map(|r| &r.fingerprint).collect::<Vec<_>>()),
            values: hash(result.runs.iter().map(values).collect::<Vec<_>>()),
        };
        for (factor, switch) in &mut self.switches {
            if switch.differs {
                continue;
            }
            let others = result.point.settings.iter().enumerate().filter(|(i, _)| i != factor);
            let key = hash(others.collect::<Vec<_>>());
            // The same point may stand in a design twice: it waits under its own setting.
            let own = hash((key, &result.point.settings[*factor]));
            if switch.waiting.contains_key(&own) {
                continue;
            }
            let other = ["on", "off"].iter().find_map(|s| switch.waiting.get(&hash((key, s))));
            // Other numbers of replications cannot be told apart by a hash.
            if let Some(other) = other.filter(|other| other.runs == seen.runs) {
                let equal = other.histories == seen.histories || other.values == seen.values;
                switch.equal += if equal { seen.runs } else { 0 };
                switch.differs |= !equal;
            }
            switch.waiting.insert(own, seen);
            if switch.differs {
                switch.waiting = HashMap::new();
            }
        }
    }

    fn take_levers(&mut self, result: &PointResult, mean: f64) {
        let of = |lever: bool| -> Vec<String> {
            let both = self.study.factors.iter().zip(&result.point.settings);
            both.filter(|(factor, _)| (factor.role == Role::Lever) == lever)
                .map(|(_, setting)| setting.clone())
                .collect()
        };
        let (settings, met) = (of(true), hash(of(false)));
        let breaks = |c: &crate::experiment::study::Constraint| {
            let column = self
                .study
                .columns
                .iter()
                .position(|column| column.name == c.column.name);
            !c.holds(column.and_then(|column| Some(result.interval(column)?.mean)))
        };
        let broken = self.study.constraints.iter().any(breaks);
        let key = hash(&settings);
        let order = &mut self.order;
        let lever = self.levers.entry(key).or_insert_with(|| {
            order.push(key);
            Lever {
                settings,
                met: 0,
                sum: 0.0,
                points: 0,
                broken: false,
            }
        });
        lever.met = lever.met.wrapping_add(met);
        lever.sum += mean;
        lever.points += 1;
        lever.broken |= broken;
    }

    /// All that there is to say.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut found = Vec::new();
        if self.fewest < FEWEST {
            found.push(Warning::TooFewReplications {
                replications: self.fewest,
            });
        }
        let name = |point| point_name(point);
        if let (Some(main), Some(least), Some(most)) = (self.main, &self.least, &self.most) {
            let kpi = &self.study.columns[main].name;
            let (low, high) = common(least, most);
            let pair = paired(&low, &high);
            let arm = format!(
                "{kpi} of {} and {}, the farthest apart",
                name(least.point),
                name(most.point)
            );
            found.extend(pair.and_then(|pair| Warning::wider(&arm, &pair.difference)));
            if let (Some((point, correlation)), Some(first)) = (self.against, &self.first) {
                let arm = format!("{kpi} of {} and {}", name(point), name(first.point));
                found.push(Warning::NegativeCorrelation { arm, correlation });
            }
        }
        for (factor, switch) in &self.switches {
            if switch.equal > 0 && !switch.differs {
                found.push(Warning::NoEffect {
                    arm: "all points".to_owned(),
                    switch: self.study.factors[*factor].name.clone(),
                    pairs: switch.equal,
                });
            }
        }
        found.extend(self.edges());
        if let Some((arm, kpi, modes)) = &self.modes {
            found.push(Warning::TwoModes {
                arm: arm.clone(),
                kpi: kpi.clone(),
                modes: *modes,
                others: self.points_with_modes - 1,
            });
        }
        found
    }

    /// Levers that stand at an end of their range where the main KPI is best, over the uncertainties and among settings that
    /// keep the constraints. Silent unless all settings met the same uncertainties equally often: else the best may be the luckiest.
    fn edges(&self) -> Vec<Warning> {
        let Some(main) = self.main else { return vec![] };
        let all: Vec<&Lever> = self.order.iter().map(|key| &self.levers[key]).collect();
        let even = all
            .windows(2)
            .all(|two| two[0].points == two[1].points && two[0].met == two[1].met);
        if all.len() < 2 || !even {
            return vec![];
        }
        let higher = self.study.columns[main].kpi.better == Better::Higher;
        let mean = |lever: &Lever| lever.sum / lever.points as f64 * if higher { -1.0 } else { 1.0 };
        let best = all.into_iter().filter(|lever| !lever.broken);
        let Some(best) = best.reduce(|a, b| if mean(b) < mean(a) { b } else { a }) else {
            return vec![];
        };
        let levers = self.study.factors.iter().filter(|f| f.role == Role::Lever);
        let edge = |(factor, setting): (&crate::experiment::study::Factor, &String)| {
            let upper = factor.edge(setting)?;
            // A lever that changes nothing is best anywhere.
            let others = self.order.iter().map(|key| &self.levers[key]);
            let mattered = others.filter(|o| !o.broken).any(|other| mean(other) != mean(best));
            mattered.then(|| Warning::LeverAtEdge {
                lever: factor.name.clone(),
                setting: setting.clone(),
                upper,
            })
        };
        levers.zip(&best.settings).filter_map(edge).collect()
    }
}

fn point_name(point: usize) -> String {
    format!("point {point}")
}

/// Values of the replications that both points have.
fn common(a: &Extreme, b: &Extreme) -> (Vec<f64>, Vec<f64>) {
    let of = |(replication, value): &(u64, f64)| {
        let other = b.values.iter().find(|(r, _)| r == replication)?;
        Some((*value, other.1))
    };
    a.values.iter().filter_map(of).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::study::tests::read_with;
    use crate::experiment::sweep::RunResult;

    const PLAIN: &str = r#"(
        model: "desk", replications: Fixed(12),
        levers: {
            "cores": Range(path: "services.desk.station.cores", from: 1, to: 3, integer: true, levels: 3),
            "fast": Switch(policies: ["fast"]),
        },
        kpis: ["hours_lost"], constraints: [(kpi: "refusals", at_most: 20.0)],
    )"#;

    /// Warnings of a sweep whose hours lost (and refusals) are made up: of (settings, replication).
    fn names(text: &str, replications: u64, value: impl Fn(&[String], u64) -> (f64, f64)) -> Vec<&'static str> {
        let study = read_with(text, &[]).unwrap();
        let mut advice = Advice::new(&study);
        for index in 0..study.points() {
            let point = study.point(index);
            let run = |replication| {
                let (lost, refused) = value(&point.settings, replication);
                let of = |c: &crate::experiment::study::Column| Some(if c.name == "refusals" { refused } else { lost });
                RunResult {
                    replication,
                    fingerprint: format!("{lost}"),
                    values: Ok(study.columns.iter().map(of).collect()),
                }
            };
            advice.take(&PointResult {
                index,
                runs: (0..replications).map(run).collect(),
                wanted: replications,
                point,
            });
        }
        advice.warnings().iter().map(Warning::name).collect()
    }

    /// Noise that is the same at every point, two values in turn and a slow rise.
    fn noise(r: u64) -> f64 {
        (r * 7 % 12) as f64
    }

    /// Two cores are best, the switch saves, and the noise is common: nothing to warn of.
    fn sound(s: &[String], r: u64) -> (f64, f64) {
        let cores: f64 = s[0].parse().unwrap();
        let on = s[1] == "on";
        (
            100.0 + 50.0 * (cores - 2.0).abs() - if on { 10.0 } else { 0.0 } + noise(r),
            0.0,
        )
    }

    #[test]
    fn a_sound_sweep_is_met_with_silence() {
        assert!(names(PLAIN, 12, sound).is_empty());
    }

    #[test]
    fn few_replications_are_told() {
        assert_eq!(names(PLAIN, 9, sound), ["too_few_replications"]);
    }

    #[test]
    fn an_interval_wider_than_any_effect_is_told() {
        // Each point has its own noise of ±6 about effects of a tenth; two cores stay the best.
        let value = |s: &[String], r: u64| {
            let (own, _) = sound(s, 0);
            let turn = s[0].parse::<u64>().unwrap() * 5 + u64::from(s[1] == "on") * 3;
            (100.0 + own / 1000.0 + noise((r * 5 + turn) % 12), 0.0)
        };
        assert!(names(PLAIN, 12, value).contains(&"wider_than_effect"));
    }

    #[test]
    fn outcomes_that_go_against_the_first_point_are_told() {
        let value = |s: &[String], r: u64| {
            let (mean, sign) = (sound(s, 0).0, if s[0] == "1" { 1.0 } else { -1.0 });
            (mean + sign * noise(r), 0.0)
        };
        assert_eq!(names(PLAIN, 12, value), ["negative_correlation"]);
    }

    #[test]
    fn a_switch_that_changes_nothing_is_told_and_one_that_acts_once_is_not() {
        let idle = |s: &[String], r: u64| sound(&[s[0].clone(), "off".to_owned()], r);
        assert_eq!(names(PLAIN, 12, idle), ["no_effect"]);
        let once = |s: &[String], r: u64| {
            let (lost, refused) = idle(s, r);
            (
                if s[0] == "3" && s[1] == "on" && r == 11 {
                    lost - 1.0
                } else {
                    lost
                },
                refused,
            )
        };
        assert!(names(PLAIN, 12, once).is_empty());
    }

    #[test]
    fn the_best_at_an_end_is_told_unless_constraints_forbid_it() {
        let more_is_better = |s: &[String], r: u64| {
            let cores: f64 = s[0].parse().unwrap();
            (sound(s, r).0 - 100.0 * cores, 0.0)
        };
        assert_eq!(names(PLAIN, 12, more_is_better), ["lever_at_edge"]);
        let three_refuse = |s: &[String], r: u64| (more_is_better(s, r).0, if s[0] == "3" { 21.0 } else { 0.0 });
        assert!(names(PLAIN, 12, three_refuse).is_empty());
        // One draw of the uncertainties for each setting: the best is the luckiest.
        let drawn = PLAIN.replace(
            "kpis:",
            r#"uncertainties: {"gap": Range(path: "cohorts.all.arrivals.between.mean", from: "10 s", to: "40 s")},
               design: LatinHypercube(6), kpis:"#,
        );
        assert!(!names(&drawn, 12, more_is_better).contains(&"lever_at_edge"));
        // Two draws each, but others: three cores met the harder ones.
        let listed = |gaps: [u32; 4]| {
            let [a, b, c, d] = gaps;
            let points = [(1, a), (1, b), (3, c), (3, d)]
                .map(|(cores, gap)| format!(r#"{{"cores": {cores}, "fast": "off", "gap": "{gap}"}}"#));
            drawn.replace("LatinHypercube(6)", &format!("List([{}])", points.join(", ")))
        };
        let gap_is_all = |s: &[String], r: u64| (noise(r) - s[2].parse::<f64>().unwrap() * 100.0, 0.0);
        let told = |gaps| names(&listed(gaps), 12, gap_is_all).contains(&"lever_at_edge");
        assert!(!told([10, 20, 30, 40]));
        // The same draws in another order, and the cores matter a little.
        let both = |s: &[String], r: u64| (gap_is_all(s, r).0 - s[0].parse::<f64>().unwrap(), 0.0);
        assert!(names(&listed([10, 20, 20, 10]), 12, both).contains(&"lever_at_edge"));
        assert!(!names(&listed([10, 10, 20, 10]), 12, both).contains(&"lever_at_edge"));
    }

    #[test]
    fn two_modes_are_told_with_their_points() {
        let value = |s: &[String], r: u64| (sound(s, r).0 + if r.is_multiple_of(3) { 1000.0 } else { 0.0 }, 0.0);
        let study = read_with(PLAIN, &[]).unwrap();
        assert_eq!(study.points(), 6);
        assert_eq!(names(PLAIN, 12, value), ["two_modes"]);
    }
}
