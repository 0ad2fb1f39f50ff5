//! Memory of the national day.

use super::{Goal, sized};
use crate::job::Job;
use crate::rounds::Rounds;
use crate::row::{Row, Target, digits, short};
use crate::tools::Tools;

pub struct Memory {
    day: Job,
    /// Hardly anybody: what the program and the scenario take.
    empty: Job,
}

impl Memory {
    pub fn new(tools: &Tools) -> Self {
        Memory {
            day: tools.day(),
            empty: sized(tools.day(), "0.001"),
        }
    }

    /// Bytes a person: all but what an empty country takes, over those counted under `people`.
    fn bytes(&self, people: &str, runs: &Rounds) -> Result<(f64, String), String> {
        let (day, empty) = (runs.of(&self.day)?, runs.of(&self.empty)?);
        let people = day.number(people)?;
        let (full, none) = (day.rss(), empty.rss());
        let measured = format!("({:.0} MB - {:.0} MB) / {}", full / 1e6, none / 1e6, short(people));
        Ok(((full - none) / people, measured))
    }

    fn visitor(&self, what: &str, runs: &Rounds) -> Result<Row, String> {
        let (bytes, measured) = self.bytes("/total/people_tried/mean", runs)?;
        Ok(Row::told(what, format!("{measured} = {} B", digits(bytes))))
    }

    fn active(&self, what: &str, runs: &Rounds) -> Result<Row, String> {
        let (bytes, measured) = self.bytes("/stats/people_active_peak", runs)?;
        Ok(Row::goal(what, measured, bytes, Target::AtMost(64.0)))
    }

    fn whole(&self, what: &str, runs: &Rounds) -> Result<Row, String> {
        let megabytes = runs.of(&self.day)?.rss() / 1e6;
        Ok(Row::goal(
            what,
            format!("{megabytes:.0} MB"),
            megabytes,
            Target::AtMost(600.0),
        ))
    }
}

impl Goal for Memory {
    fn jobs(&self) -> Vec<&Job> {
        vec![&self.day, &self.empty]
    }

    fn rows(&self, runs: &Rounds) -> Vec<Row> {
        let visitor = "memory: bytes a person who visits that day";
        let active = "memory: bytes a person, of those there at the peak";
        let whole = "memory: peak of a national day, MB";
        vec![
            Row::or_unmeasured(active, self.active(active, runs)),
            Row::or_unmeasured(visitor, self.visitor(visitor, runs)),
            Row::or_unmeasured(whole, self.whole(whole, runs)),
        ]
    }
}
