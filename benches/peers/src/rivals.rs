//! What the loops that keep promises are set beside: the bare loop written by hand, and preau itself.

use crate::event_list::{Quaternary, Radix};
use crate::mmc::Mmc;
use crate::promise::w1;
use crate::storm::Storm;
use crate::timed;
use crate::workload::Done;
use preau::measure::Outcome;
use preau::scenario::{Source, load};
use preau::world::{RunOptions, Unwatched, run};

/// The first workload, for as many customers as come in `size` times the run of `models/bench/w1.ron`.
pub fn hand_w1(size: f64, seed: u64) -> Done {
    /// Of ten million customers.
    const AS_LONG: f64 = w1::END * 9.0 / 10e6;
    timed::run::<Mmc, Quaternary<_>>(Mmc::new(size * AS_LONG, seed))
}

/// The second.
pub fn hand_w2(size: f64, seed: u64) -> Done {
    timed::run::<Storm, Radix<_>>(Storm::new(size, seed))
}

/// The first workload in preau, for `size` times the length of its file.
///
/// # Errors
/// What preau says.
pub fn preau_w1(size: f64, seed: u64) -> Result<Outcome, String> {
    let end = size * w1::END;
    let sets = [format!("clock.end={end}s"), format!("clock.bin={}s", end / 20.0)];
    preau("bench/w1", &sets, seed)
}

/// The second.
///
/// # Errors
/// What preau says.
pub fn preau_w2(size: f64, seed: u64) -> Result<Outcome, String> {
    preau("bench/w2", &[format!("size={size}")], seed)
}

fn preau(name: &str, sets: &[String], seed: u64) -> Result<Outcome, String> {
    let scenario = load(&Source::Builtin(String::from(name)), sets).map_err(|problems| problems.render(false))?;
    let options = RunOptions {
        seed,
        ..RunOptions::default()
    };
    run(&scenario, &options, &mut Unwatched).map_err(|error| error.to_string())
}
