//! The clock and the list of a loop written by hand for any workload.

use crate::agenda::Agenda;
use crate::event_list::EventList;
use crate::workload::{Done, Workload};

/// Ticks a second of the clock: ten microseconds each. Finer ticks cost the radix heap more and change no law that is
/// looked at.
const TICKS: f64 = 1e5;
/// Seconds a tick.
const TICK: f64 = 1.0 / TICKS;

/// Clock and list.
#[derive(Default)]
struct Loop<L> {
    now: u64,
    list: L,
}

impl<E, L: EventList<E>> Agenda<E> for Loop<L> {
    #[inline]
    fn after(&mut self, delay: f64, event: E) {
        self.list.push(self.now + (delay * TICKS) as u64, event);
    }
    #[inline]
    fn at(&mut self, time: f64, event: E) {
        self.list.push((time * TICKS) as u64, event);
    }
}

/// Runs a workload until nothing is left to happen.
pub fn run<W: Workload, L: EventList<W::Event>>(mut workload: W) -> Done {
    let mut agenda = Loop::<L>::default();
    workload.begin(&mut agenda);
    while let Some((now, event)) = agenda.list.pop() {
        agenda.now = now;
        workload.happen(now as f64 * TICK, event, &mut agenda);
    }
    workload.done()
}
