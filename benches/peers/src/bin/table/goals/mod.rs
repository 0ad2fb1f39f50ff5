//! The goals: which runs each needs, and what is made of them.

mod build;
mod day;
mod floods;
mod growth;
mod hold;
mod memory;
mod replications;
mod start;
mod w1;
mod w2;

use crate::job::Job;
use crate::rounds::Rounds;
use crate::row::Row;
use crate::tools::Tools;

/// One goal, or some that share their runs.
pub trait Goal {
    /// The runs that it needs, in an order in which what is compared stands side by side.
    fn jobs(&self) -> Vec<&Job>;

    /// Its lines of the table.
    fn rows(&self, runs: &Rounds) -> Vec<Row>;
}

/// All names, in the order of the table.
pub const NAMES: [&str; 10] = [
    "w1",
    "w2",
    "nation",
    "hold",
    "memory",
    "growth",
    "replications",
    "start",
    "floods",
    "build",
];

/// A goal by its name.
pub fn named(name: &str, tools: &Tools) -> Box<dyn Goal> {
    match name {
        "w1" => Box::new(w1::W1::new(tools)),
        "w2" => Box::new(w2::W2::new(tools)),
        "nation" => Box::new(day::Day::new(tools)),
        "hold" => Box::new(hold::Hold::new(tools)),
        "memory" => Box::new(memory::Memory::new(tools)),
        "growth" => Box::new(growth::Growth::new(tools)),
        "replications" => Box::new(replications::Replications::new(tools)),
        "start" => Box::new(start::Start::new(tools)),
        "floods" => Box::new(floods::Floods::new(tools)),
        _ => Box::new(build::Build::new(tools)),
    }
}

/// A part of a workload or of the country.
fn sized(job: Job, size: &str) -> Job {
    job.with(&["--set", &format!("size={size}")])
}

/// The login storm of a nation: as many people as the national day has.
const NATION: &str = "3.1";
