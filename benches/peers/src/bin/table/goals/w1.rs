//! W1 as a shipped scenario: the speed of the plainest queue.

use super::Goal;
use crate::job::Job;
use crate::rounds::Rounds;
use crate::row::{Row, Target, short};
use crate::tools::Tools;

pub struct W1 {
    preau: Job,
    hand: Job,
    /// Of other tools: name, least ratio if that is a goal, and the run. Smaller, for speeds do not depend on how
    /// long this queue runs.
    others: Vec<(&'static str, Option<f64>, Result<Job, String>)>,
}

impl W1 {
    pub fn new(tools: &Tools) -> Self {
        W1 {
            preau: tools.workload("w1.ron"),
            hand: tools.runner("hand", &["w1"]),
            others: vec![
                (
                    "nexosim",
                    Some(8.0),
                    Ok(tools.runner("nexosim", &["w1", "--size", "0.3"])),
                ),
                ("desque", None, Ok(tools.runner("desque", &["w1", "--size", "0.5"]))),
                ("SimPy", Some(130.0), tools.simpy(&["w1", "0.02"])),
            ],
        }
    }

    fn against(&self, other: &Job, what: &str, least: Option<f64>, runs: &Rounds) -> Result<Row, String> {
        let ours = runs.of(&self.preau)?.events_a_second()?;
        let theirs = runs.of(other)?.events_a_second()?;
        let measured = format!("{}/s, {}/s", short(ours), short(theirs));
        Ok(match least {
            Some(least) => Row::goal(what, measured, ours / theirs, Target::AtLeast(least)),
            None => Row::told(what, format!("{measured} ({})", short(ours / theirs))),
        })
    }

    /// Everybody's mean wait: whether all ran the same queue. preau's table counts a wait until the service is over.
    fn waits(&self, runs: &Rounds) -> Result<Row, String> {
        let ours = runs.of(&self.preau)?.number("/total/wait_mean/mean")? - 1.0;
        let hand = runs.of(&self.hand)?.named("mean_wait")?;
        let measured = format!("{ours:.4} s, {hand:.4} s; exact 0.6687 s");
        Ok(Row::told("w1: mean wait, preau (less 1 s of service), hand", measured))
    }
}

impl Goal for W1 {
    fn jobs(&self) -> Vec<&Job> {
        let others = self.others.iter().filter_map(|(_, _, job)| job.as_ref().ok());
        [&self.hand, &self.preau].into_iter().chain(others).collect()
    }

    fn rows(&self, runs: &Rounds) -> Vec<Row> {
        let hand = "w1: events/s, preau over hand-written";
        let mut rows = vec![Row::or_unmeasured(
            hand,
            self.against(&self.hand, hand, Some(0.5), runs),
        )];
        for (name, least, job) in &self.others {
            let what = format!("w1: events/s, preau over {name}");
            let row = job.clone().and_then(|job| self.against(&job, &what, *least, runs));
            rows.push(Row::or_unmeasured(&what, row));
        }
        rows.push(Row::or_unmeasured("w1: mean wait", self.waits(runs)));
        rows
    }
}
