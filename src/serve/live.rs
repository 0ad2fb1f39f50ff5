//! What is told of a run while it simulates: how far it is, and the books of its services so far.

use super::runs::Watch;
use crate::engine::Time;
use crate::measure::{Bin, Refusal};
use crate::scenario::model::Scenario;
use crate::world::Observer;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Least time between two looks at the books.
const EVERY: Duration = Duration::from_millis(120);

/// The columns of the books, in the order of [`Row`].
pub const COLUMNS: [&str; 9] = [
    "logins",
    "refused_quota",
    "refused_full",
    "refused_other",
    "sessions",
    "seats",
    "cap",
    "room",
    "orbit",
];

/// One bin of one service.
pub type Row = [u64; COLUMNS.len()];

fn row(bin: &Bin) -> Row {
    let of = |why: Refusal| bin.refused[why as usize];
    let all: u64 = bin.refused.iter().sum();
    let (quota, full) = (of(Refusal::Quota), of(Refusal::Full));
    let other = all - quota - full;
    [
        bin.logins,
        quota,
        full,
        other,
        bin.sessions,
        bin.seats,
        bin.cap,
        bin.room,
        bin.orbit,
    ]
}

/// The books so far: by service, then by bin.
pub type Books = Vec<Vec<Row>>;

/// How a run stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// It simulates.
    Running,
    /// Its result is there.
    Done,
    /// It was cancelled.
    Cancelled,
    /// It gave no result.
    Failed(String),
}

/// What is told of a run.
#[derive(Clone, Debug)]
pub struct Told {
    /// How it stands.
    pub phase: Phase,
    /// Simulated time of the first replication, s.
    pub simulated: f64,
    /// When that ends, s.
    pub end: f64,
    /// Wall time, s.
    pub wall: f64,
    /// Wall time to come, s; an estimate.
    pub left: f64,
    /// Replications that are done.
    pub done: u64,
    /// All replications.
    pub replications: u64,
    /// The books of the first replication.
    pub books: Arc<Books>,
}

impl Told {
    /// As the page hears it, with what of the books is not as in `known`: for each service that changed, its position, the
    /// first bin that changed, and the rows from there.
    pub fn json(&self, known: &mut Books) -> Value {
        let (phase, problem) = match &self.phase {
            Phase::Running => ("running", ""),
            Phase::Done => ("done", ""),
            Phase::Cancelled => ("cancelled", ""),
            Phase::Failed(problem) => ("failed", problem.as_str()),
        };
        json!({
            "phase": phase,
            "problem": problem,
            "simulated": self.simulated,
            "end": self.end,
            "wall": self.wall,
            "left": self.left,
            "done": self.done,
            "replications": self.replications,
            "books": difference(&self.books, known),
        })
    }
}

fn difference(books: &Books, known: &mut Books) -> Vec<Value> {
    known.resize(books.len(), Vec::new());
    let mut found = Vec::new();
    for (service, (rows, known)) in books.iter().zip(known).enumerate() {
        let same = rows.iter().zip(known.iter()).take_while(|(a, b)| a == b).count();
        if same < rows.len() {
            found.push(json!([service, same, rows[same..]]));
            known.truncate(same);
            known.extend_from_slice(&rows[same..]);
        }
    }
    found
}

/// Looks at the books now and then.
pub struct Looker<'a> {
    watch: &'a Watch,
    services: usize,
    /// From here on no bin is left out.
    complete: Time,
    last: Option<Instant>,
}

impl<'a> Looker<'a> {
    /// One that tells a watch.
    pub fn new(watch: &'a Watch, scenario: &Scenario) -> Looker<'a> {
        let clock = &scenario.clock;
        Looker {
            watch,
            services: scenario.services.len(),
            complete: Time(clock.end.0.saturating_sub(2 * clock.bin.0)),
            last: None,
        }
    }
}

impl Observer for Looker<'_> {
    fn listens(&self) -> bool {
        false
    }

    fn books<'b>(&mut self, now: Time, bins: &dyn Fn(usize) -> &'b [Bin]) {
        if now < self.complete && self.last.is_some_and(|last| last.elapsed() < EVERY) {
            return;
        }
        self.last = Some(Instant::now());
        let books = (0..self.services).map(|s| bins(s).iter().map(row).collect()).collect();
        self.watch.books(books);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_told() {
        let row = |n| [n; COLUMNS.len()];
        let mut known = Books::new();
        let first = vec![vec![row(1), row(2)], vec![row(0), row(0)]];
        assert_eq!(difference(&first, &mut known).len(), 2);
        assert_eq!(known, first);
        assert!(difference(&first, &mut known).is_empty());
        // A retry that is counted late, and a new bin of the other service.
        let next = vec![vec![row(1), row(3)], vec![row(0), row(0), row(9)]];
        let told = difference(&next, &mut known);
        assert_eq!(told, [json!([0, 1, [row(3)]]), json!([1, 2, [row(9)]])]);
        assert_eq!(known, next);
    }
}
