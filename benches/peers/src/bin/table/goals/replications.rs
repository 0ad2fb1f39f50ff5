//! Replications on two threads.

use super::{Goal, sized};
use crate::job::Job;
use crate::rounds::Rounds;
use crate::row::{Row, Target};
use crate::tools::Tools;

/// Some ten seconds of a tenth of the country; an even number, so that both threads have as many.
const MANY: &str = "8";

pub struct Replications {
    one: Job,
    two: Job,
}

impl Replications {
    pub fn new(tools: &Tools) -> Self {
        let day = tools.day_file();
        let run = |threads| {
            let run = tools.preau(&["run", &day, "--no-files", "--json", "--replications", MANY]);
            sized(run, "0.1").with(&["--threads", threads])
        };
        Replications {
            one: run("1"),
            two: run("2"),
        }
    }

    fn row(&self, what: &str, runs: &Rounds) -> Result<Row, String> {
        let (one, two) = (runs.of(&self.one)?.wall(), runs.of(&self.two)?.wall());
        let measured = format!("{one:.2} s, {two:.2} s for {MANY}");
        Ok(Row::goal(what, measured, one / two, Target::AtLeast(1.9)))
    }
}

impl Goal for Replications {
    fn jobs(&self) -> Vec<&Job> {
        vec![&self.one, &self.two]
    }

    fn rows(&self, runs: &Rounds) -> Vec<Row> {
        let what = "replications: seconds on one thread over two";
        vec![Row::or_unmeasured(what, self.row(what, runs))]
    }
}
