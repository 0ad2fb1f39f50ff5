//! A release build from nothing.

use super::Goal;
use crate::job::Job;
use crate::rounds::Rounds;
use crate::row::{Row, Target};
use crate::tools::Tools;

pub struct Build {
    build: Job,
}

impl Build {
    pub fn new(tools: &Tools) -> Self {
        Build {
            build: tools.clean_build(),
        }
    }

    fn row(&self, what: &str, runs: &Rounds) -> Result<Row, String> {
        let build = runs.of(&self.build)?;
        let measured = format!("{:.0} s of CPU, {:.0} s on the clock", build.cpu(), build.wall());
        Ok(Row::goal(what, measured, build.cpu(), Target::AtMost(120.0)))
    }
}

impl Goal for Build {
    fn jobs(&self) -> Vec<&Job> {
        vec![&self.build]
    }

    fn rows(&self, runs: &Rounds) -> Vec<Row> {
        let what = "build: CPU seconds of a clean release build";
        vec![Row::or_unmeasured(what, self.row(what, runs))]
    }
}
