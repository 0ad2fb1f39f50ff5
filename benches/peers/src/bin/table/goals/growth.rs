//! Time an event in a large country and in a small one.

use super::{Goal, sized};
use crate::job::Job;
use crate::rounds::Rounds;
use crate::row::{Row, Target, digits};
use crate::tools::Tools;

pub struct Growth {
    large: Job,
    /// A hundredth, so often that it lasts as long as can be timed. Nothing is subtracted.
    small: Job,
}

impl Growth {
    pub fn new(tools: &Tools) -> Self {
        Growth {
            large: tools.day(),
            small: sized(tools.day(), "0.01").with(&["--replications", "20"]),
        }
    }

    fn row(&self, what: &str, runs: &Rounds) -> Result<Row, String> {
        let large = 1e9 / runs.of(&self.large)?.events_a_second()?;
        let small = 1e9 / runs.of(&self.small)?.events_a_second()?;
        let measured = format!("{} ns, {} ns", digits(large), digits(small));
        Ok(Row::goal(what, measured, large / small, Target::AtMost(2.0)))
    }
}

impl Goal for Growth {
    fn jobs(&self) -> Vec<&Job> {
        vec![&self.large, &self.small]
    }

    fn rows(&self, runs: &Rounds) -> Vec<Row> {
        let what = "growth: time an event, 12.8 M people over 128 k";
        vec![Row::or_unmeasured(what, self.row(what, runs))]
    }
}
