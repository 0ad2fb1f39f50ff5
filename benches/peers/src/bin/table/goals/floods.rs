//! What a flood of a million requests a second costs to simulate.
//!
//! A flood changes what people do: at a large service they are turned away, come back and give up, which is another
//! day with other events. So the goal is judged at a service that one person in two hundred uses, where
//! the day stays the same but for the flood; the large service is shown beside it.

use super::Goal;
use crate::job::Job;
use crate::rounds::Rounds;
use crate::row::{Row, Target, digits};
use crate::tools::Tools;

pub struct Floods {
    day: Job,
    few: Job,
    many: Job,
}

impl Floods {
    pub fn new(tools: &Tools) -> Self {
        Floods {
            day: tools.day(),
            few: tools.day_with("flood-few.ron"),
            many: tools.day_with("flood-many.ron"),
        }
    }

    fn judged(&self, what: &str, runs: &Rounds) -> Result<Row, String> {
        let ratio = runs.of(&self.few)?.cpu_over(&runs.of(&self.day)?);
        Ok(Row::goal(
            what,
            self.told(&self.few, runs)?,
            ratio,
            Target::AtMost(1.01),
        ))
    }

    fn told(&self, flooded: &Job, runs: &Rounds) -> Result<String, String> {
        let (with, without) = (runs.of(flooded)?, runs.of(&self.day)?);
        let event = 1e9 / with.events_a_second()? - 1e9 / without.events_a_second()?;
        let more = |pointer| Ok::<_, String>(100.0 * (with.number(pointer)? / without.number(pointer)? - 1.0));
        Ok(format!(
            "{:.2} s, {:.2} s; an event {}{} ns; events {:+.2} %, executed {:+.2} %",
            with.cpu(),
            without.cpu(),
            if event < 0.0 { "" } else { "+" },
            digits(event),
            more("/stats/logical_events")?,
            more("/stats/executed_events")?
        ))
    }
}

impl Goal for Floods {
    fn jobs(&self) -> Vec<&Job> {
        vec![&self.day, &self.few, &self.many]
    }

    fn rows(&self, runs: &Rounds) -> Vec<Row> {
        let few = "floods: day with one over day, few customers";
        let many = "floods: the same at the largest service";
        let told = self.told(&self.many, runs).map(|measured| Row::told(many, measured));
        vec![
            Row::or_unmeasured(few, self.judged(few, runs)),
            Row::or_unmeasured(many, told),
        ]
    }
}
