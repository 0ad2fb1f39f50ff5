//! A hold of the event list with ten million pending.

use super::Goal;
use crate::job::Job;
use crate::rounds::Rounds;
use crate::row::{Row, Target, digits};
use crate::tools::Tools;

pub struct Hold {
    preau: Job,
    radix: Job,
}

impl Hold {
    pub fn new(tools: &Tools) -> Self {
        Hold {
            preau: tools.runner("hold", &["preau"]),
            radix: tools.runner("hold", &["radix"]),
        }
    }

    fn time(&self, what: &str, runs: &Rounds) -> Result<Row, String> {
        let ours = runs.of(&self.preau)?.named("ns_per_hold")?;
        let theirs = runs.of(&self.radix)?.named("ns_per_hold")?;
        let measured = format!("{} ns; radix heap {} ns", digits(ours), digits(theirs));
        Ok(Row::goal(what, measured, ours, Target::AtMost(150.0)))
    }

    fn memory(&self, what: &str, runs: &Rounds) -> Result<Row, String> {
        let runs = runs.of(&self.preau)?;
        let bytes = runs.named("bytes_per_event")?;
        let measured = format!("{} B; whole process {:.0} MB", digits(bytes), runs.rss() / 1e6);
        Ok(Row::goal(what, measured, bytes, Target::AtMost(20.0)))
    }
}

impl Goal for Hold {
    fn jobs(&self) -> Vec<&Job> {
        vec![&self.preau, &self.radix]
    }

    fn rows(&self, runs: &Rounds) -> Vec<Row> {
        let (time, memory) = ("hold: ns with 10 M pending", "hold: bytes an event with 10 M pending");
        vec![
            Row::or_unmeasured(time, self.time(time, runs)),
            Row::or_unmeasured(memory, self.memory(memory, runs)),
        ]
    }
}
