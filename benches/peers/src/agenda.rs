//! What a workload asks of a tool.

/// Takes what is to happen later.
pub trait Agenda<E> {
    /// `event` happens `delay` seconds from now.
    fn after(&mut self, delay: f64, event: E);

    /// `event` happens at `time`, in seconds since the start. Arrivals come so, because the rounding of each gap to
    /// ticks of a clock would add up to another rate.
    fn at(&mut self, time: f64, event: E);
}
