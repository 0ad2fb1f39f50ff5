//! A workload: a state machine that some tool drives.

use crate::agenda::Agenda;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// What a run counted.
pub struct Done {
    /// Customers in all.
    pub customers: u64,
    /// What happened in the model, whatever the tool did inside.
    pub logical_events: u64,
    /// Counts of the model by name.
    pub named: Vec<(&'static str, f64)>,
}

/// A model without clock and event list.
pub trait Workload: Send + 'static {
    /// What happens. Small and plain; that it can be written down is a wish of nexosim.
    type Event: Copy + Debug + Send + Serialize + DeserializeOwned + 'static;

    /// Its name in reports.
    const NAME: &'static str;

    /// At the start.
    fn begin(&mut self, agenda: &mut impl Agenda<Self::Event>);

    /// `event` happens at `now`, s.
    fn happen(&mut self, now: f64, event: Self::Event, agenda: &mut impl Agenda<Self::Event>);

    /// Nothing is left to happen.
    ///
    /// # Panics
    /// If the books do not balance.
    fn done(&self) -> Done;
}
