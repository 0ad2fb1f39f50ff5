//! How long one waits for the program itself.

use super::Goal;
use crate::job::{Job, Times};
use crate::rounds::Rounds;
use crate::row::{Row, Target, digits};
use crate::tools::Tools;

pub struct Start {
    help: Job,
    check: Job,
}

impl Start {
    pub fn new(tools: &Tools) -> Self {
        Start {
            help: tools.preau(&["--help"]).times(Times::Often(20)),
            check: tools.preau(&["check", &tools.day_file()]).times(Times::Often(20)),
        }
    }
}

impl Goal for Start {
    fn jobs(&self) -> Vec<&Job> {
        vec![&self.help, &self.check]
    }

    fn rows(&self, runs: &Rounds) -> Vec<Row> {
        let row = |what: &str, job| {
            let milliseconds = runs.of(job)?.wall() * 1e3;
            let measured = format!("{} ms", digits(milliseconds));
            Ok(Row::goal(what, measured, milliseconds, Target::AtMost(20.0)))
        };
        let (help, check) = ("start: ms of preau --help", "start: ms of preau check, national model");
        vec![
            Row::or_unmeasured(help, row(help, &self.help)),
            Row::or_unmeasured(check, row(check, &self.check)),
        ]
    }
}
