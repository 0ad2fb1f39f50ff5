//! Progress on standard error, silent when that is not a terminal.

use crate::engine::Time;
use crate::output::civil::Civil;
use crate::output::number::duration;
use crate::scenario::model::Clock;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::time::Duration;

/// A bar with the simulated clock.
pub(super) struct ClockBar {
    bar: ProgressBar,
    civil: Civil,
}

impl ClockBar {
    /// A bar from the start to the end of a run.
    pub(super) fn new(clock: &Clock) -> ClockBar {
        let bar = ProgressBar::with_draw_target(Some(clock.end.0), ProgressDrawTarget::stderr());
        bar.set_style(style("{msg} {wide_bar} {percent} % {elapsed}{left}"));
        ClockBar {
            bar,
            civil: Civil::of(clock),
        }
    }

    /// The run has come so far.
    pub(super) fn at(&self, now: Time) {
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_position(now.0);
        self.bar.set_message(self.civil.clock_time(now.as_secs()));
    }

    /// The run is over.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A bar of runs.
pub(super) struct RunsBar(ProgressBar);

impl RunsBar {
    /// A bar of so many runs.
    pub(super) fn new(total: usize) -> RunsBar {
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
        bar.set_style(style("{msg} {wide_bar} {pos}/{len} runs, {elapsed}{left}"));
        bar.enable_steady_tick(Duration::from_millis(500));
        RunsBar(bar)
    }

    /// A run is done; `row` is printed above the bar, or by itself where there is no terminal.
    pub(super) fn row(&self, row: &str) {
        self.0.inc(1);
        if self.0.is_hidden() {
            aside!("{row}");
        } else {
            self.0.println(row);
        }
    }

    /// A run is done that needs no row.
    pub(super) fn step(&self) {
        self.0.inc(1);
    }

    /// A word beside the bar.
    pub(super) fn say(&self, word: &str) {
        self.0.set_message(word.to_owned());
    }

    /// All runs are over.
    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("left", left)
}

/// How long the rest takes if it goes on as it did. Nothing before the first step: nobody knows then. (The library's own
/// estimate weighs the last seconds most, and with few and long runs nothing happens in these.)
fn left(state: &ProgressState, out: &mut dyn Write) {
    let (done, all) = (state.pos(), state.len().unwrap_or(0));
    if done > 0 && done < all {
        let seconds = state.elapsed().as_secs_f64() * (all - done) as f64 / done as f64;
        let _ = write!(out, ", left {}", duration(seconds));
    }
}
