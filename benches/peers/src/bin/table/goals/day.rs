//! The national day: seconds, and nanoseconds an event beside the hand-written loop on a storm as large.

use super::{Goal, NATION};
use crate::job::Job;
use crate::rounds::Rounds;
use crate::row::{Row, Target, digits, short};
use crate::tools::Tools;

pub struct Day {
    day: Job,
    hand: Job,
}

impl Day {
    pub fn new(tools: &Tools) -> Self {
        Day {
            day: tools.day(),
            hand: tools.runner("hand", &["w2", "--size", NATION]),
        }
    }

    fn nanoseconds(&self, what: &str, runs: &Rounds) -> Result<Row, String> {
        let day = runs.of(&self.day)?;
        let ours = 1e9 / day.events_a_second()?;
        let theirs = 1e9 / runs.of(&self.hand)?.events_a_second()?;
        let events = short(day.logical_events()?);
        let measured = format!("{} ns, {} ns ({events} events)", digits(ours), digits(theirs));
        Ok(Row::goal(what, measured, ours / theirs, Target::AtMost(0.7)))
    }

    fn seconds(&self, what: &str, runs: &Rounds) -> Result<Row, String> {
        let day = runs.of(&self.day)?;
        let measured = format!("{:.1} s of CPU, {:.1} s on the clock", day.cpu(), day.wall());
        Ok(Row::goal(what, measured, day.cpu(), Target::AtMost(15.0)))
    }
}

impl Goal for Day {
    fn jobs(&self) -> Vec<&Job> {
        vec![&self.hand, &self.day]
    }

    fn rows(&self, runs: &Rounds) -> Vec<Row> {
        let event = "nation: time an event, day over hand-written w2";
        let whole = "nation: seconds of a day on one core";
        vec![
            Row::or_unmeasured(event, self.nanoseconds(event, runs)),
            Row::or_unmeasured(whole, self.seconds(whole, runs)),
        ]
    }
}
