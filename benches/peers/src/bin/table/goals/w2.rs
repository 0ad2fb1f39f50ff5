//! W2 as a shipped scenario: the speed of a login storm, and whether everybody counts the same.

use super::{Goal, NATION, sized};
use crate::job::{Job, Times};
use crate::rounds::Rounds;
use crate::row::{Row, Target, short};
use crate::tools::Tools;

/// Seeds over which counts are compared; preau makes as many replications.
const SEEDS: u32 = 20;
/// The 97.5 % quantile of Student's t with 19 degrees of freedom: what an interval of 20 replications is wide by.
const STUDENT: f64 = 2.093;
/// Counts: a runner's name, preau's.
const COUNTS: [(&str, &str); 7] = [
    ("attempts", "knocks"),
    ("served", "logins"),
    ("reneged", "timeouts"),
    ("rejected", "refused_full"),
    ("quota", "refused_quota"),
    ("gaveup", "people_never_connected"),
    ("sessions", "sessions"),
];

/// What was counted at a size that everybody can run often enough.
struct Sample {
    name: &'static str,
    preau: Job,
    peers: Result<Vec<Job>, String>,
}

pub struct W2 {
    /// At size 1 and at the nation's: size, hand-written loop, preau.
    pairs: Vec<(&'static str, Job, Job)>,
    others: Vec<(&'static str, Result<Job, String>)>,
    samples: Vec<Sample>,
}

impl W2 {
    pub fn new(tools: &Tools) -> Self {
        let preau = |size| sized(tools.workload("w2.ron"), size);
        let many = |size| {
            preau(size)
                .with(&["--replications", &SEEDS.to_string()])
                .times(Times::Once)
        };
        let seeds = |name, seeds| {
            let run = |seed: u32| tools.runner(name, &["w2", "--size", "0.1", "--seed", &seed.to_string()]);
            Ok((1..=seeds).map(|seed| run(seed).times(Times::Once)).collect())
        };
        let sample = |name, size, peers| Sample {
            name,
            preau: many(size),
            peers,
        };
        let pair = |size| (size, tools.runner("hand", &["w2", "--size", size]), preau(size));
        W2 {
            pairs: vec![pair("1"), pair(NATION)],
            others: vec![
                ("nexosim", Ok(tools.runner("nexosim", &["w2", "--size", "0.3"]))),
                ("desque", Ok(tools.runner("desque", &["w2", "--size", "0.3"]))),
                ("SimPy", tools.simpy(&["w2", "0.02"])),
            ],
            samples: vec![
                sample("hand-written", "0.1", seeds("hand", SEEDS)),
                sample("nexosim", "0.1", seeds("nexosim", 5)),
                sample("desque", "0.1", seeds("desque", 5)),
                sample(
                    "SimPy",
                    "0.02",
                    tools
                        .simpy(&["w2", "0.02", "7"])
                        .map(|job| vec![job.times(Times::Once)]),
                ),
            ],
        }
    }

    fn speed(&self, what: &str, size: &str, hand: &Job, preau: &Job, runs: &Rounds) -> Result<Row, String> {
        let (hand, preau) = (runs.of(hand)?, runs.of(preau)?);
        let (theirs, ours) = (hand.events_a_second()?, preau.events_a_second()?);
        let seconds = format!("{:.2} s, {:.2} s at size {size}", preau.cpu(), hand.cpu());
        let measured = format!("{}/s, {}/s ({seconds})", short(ours), short(theirs));
        Ok(Row::goal(what, measured, ours / theirs, Target::AtLeast(3.0)))
    }

    fn against(&self, what: &str, job: Result<&Job, &String>, runs: &Rounds) -> Result<Row, String> {
        let theirs = runs.of(job.map_err(String::clone)?)?.events_a_second()?;
        let ours = runs.of(&self.pairs[0].2)?.events_a_second()?;
        let measured = format!("{}/s, {}/s ({})", short(ours), short(theirs), short(ours / theirs));
        Ok(Row::told(what, measured))
    }
}

impl Sample {
    /// How many standard deviations lie between preau's mean and the peer's, of the count that differs most. Both are
    /// said to have the deviation of preau's replications: that they have is what is tested.
    fn compare(&self, what: &str, runs: &Rounds) -> Result<Row, String> {
        let peers = self.peers.clone()?;
        let preau = runs.of(&self.preau)?;
        let mut worst: (f64, String) = (0.0, String::from("no count varies"));
        for (theirs, ours) in COUNTS {
            let mean = preau.number(&format!("/total/{ours}/mean"))?;
            let half = preau.number(&format!("/total/{ours}/half_width"))?;
            let n = f64::from(SEEDS);
            let deviation = half * n.sqrt() / STUDENT;
            let seen = peers
                .iter()
                .map(|job| runs.of(job)?.named(theirs))
                .collect::<Result<Vec<f64>, _>>()?;
            let seeds = seen.len() as f64;
            let other = seen.iter().sum::<f64>() / seeds;
            let z = (mean - other).abs() / (deviation * (1.0 / n + 1.0 / seeds).sqrt());
            if z.is_nan() {
                continue; // the same constant in both
            }
            if z >= worst.0 {
                worst = (
                    z,
                    format!("{theirs} differs most: {mean:.0}, {other:.0} ({seeds:.0} seeds)"),
                );
            }
        }
        Ok(Row::goal(what, worst.1, worst.0, Target::AtMost(4.0)))
    }
}

impl Goal for W2 {
    fn jobs(&self) -> Vec<&Job> {
        let pairs = self.pairs.iter().flat_map(|(_, hand, preau)| [hand, preau]);
        let others = self.others.iter().filter_map(|(_, job)| job.as_ref().ok());
        let samples = self
            .samples
            .iter()
            .filter_map(|s| Some((&s.preau, s.peers.as_ref().ok()?)));
        let samples = samples.flat_map(|(preau, peers)| std::iter::once(preau).chain(peers));
        pairs.chain(others).chain(samples).collect()
    }

    fn rows(&self, runs: &Rounds) -> Vec<Row> {
        let mut rows = Vec::new();
        for (size, hand, preau) in &self.pairs {
            let what = format!("w2 x {size}: events/s, preau over hand-written");
            rows.push(Row::or_unmeasured(&what, self.speed(&what, size, hand, preau, runs)));
        }
        for (name, job) in &self.others {
            let what = format!("w2: events/s, preau over {name}");
            rows.push(Row::or_unmeasured(&what, self.against(&what, job.as_ref(), runs)));
        }
        for sample in &self.samples {
            let what = format!("w2: counts, |z| of preau and {}", sample.name);
            rows.push(Row::or_unmeasured(&what, sample.compare(&what, runs)));
        }
        rows
    }
}
