//! What a flood of a million requests a second costs to simulate.
//!
//! One per cent of time is less than a shared machine varies by, so instructions are counted, which repeat exactly. A
//! flood also changes what people do: at a large service they are turned away, come back and give up, which is another
//! day with other events. So it is looked at twice: at a service that one person in two hundred uses, where the day
//! stays the same but for the flood, and at the largest.

use super::Goal;
use crate::job::Job;
use crate::rounds::Rounds;
use crate::row::{Row, Target};
use crate::tools::Tools;

pub struct Floods {
    day: Job,
    few: Job,
    many: Job,
}

/// What a run under valgrind says.
struct Counted {
    instructions: f64,
    logical_events: f64,
}

impl Floods {
    pub fn new(tools: &Tools) -> Self {
        Floods {
            day: tools.counted(tools.day()),
            few: tools.counted(tools.day_with("flood-few.ron")),
            many: tools.counted(tools.day_with("flood-many.ron")),
        }
    }

    fn judged(&self, what: &str, flooded: &Job, runs: &Rounds) -> Result<Row, String> {
        let with = Counted::of(runs.of(flooded)?.output())?;
        let without = Counted::of(runs.of(&self.day)?.output())?;
        let measured = format!(
            "{:.0} M instructions, {:.0} M; logical events {:+.2} %",
            with.instructions / 1e6,
            without.instructions / 1e6,
            100.0 * (with.logical_events / without.logical_events - 1.0)
        );
        let ratio = with.instructions / without.instructions;
        Ok(Row::goal(what, measured, ratio, Target::AtMost(1.01)))
    }
}

impl Counted {
    /// Reads valgrind's remarks and preau's object, which are mixed.
    fn of(output: &str) -> Result<Counted, String> {
        let after = |mark: &str| {
            let (_, rest) = output.split_once(mark)?;
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        };
        Ok(Counted {
            instructions: after("Collected : ").ok_or("valgrind counted nothing")?,
            logical_events: after("\"logical_events\":").ok_or("preau told no events")?,
        })
    }
}

impl Goal for Floods {
    fn jobs(&self) -> Vec<&Job> {
        vec![&self.day, &self.few, &self.many]
    }

    fn rows(&self, runs: &Rounds) -> Vec<Row> {
        let row = |what, flooded| Row::or_unmeasured(what, self.judged(what, flooded, runs));
        vec![
            row("floods: day with one over day, few customers", &self.few),
            row("floods: the same at the largest service", &self.many),
        ]
    }
}
