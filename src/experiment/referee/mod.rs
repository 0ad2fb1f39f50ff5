//! The referee: small systems in both modes, KPI by KPI. Where fluids give other numbers than requests one by one, the
//! gap is measured, and has to be among the known ones.

pub mod family;
pub mod gaps;
pub mod judge;
pub mod page;

pub use family::{Size, System, family};
pub use gaps::Gap;
pub use judge::{Report, Row, Verdict, judge};

use super::RunRow;
use super::row::position;
use crate::measure::kpi::{ALL, Kpi};
use crate::scenario::model::Scenario;
use crate::world::{Mode, RunError, RunOptions, Unwatched, run};
use rayon::prelude::*;

/// Values of one KPI in one system: pairs of (fluids, request by request), one a replication.
#[derive(Clone)]
pub struct Pairs {
    /// Key of the system.
    pub system: String,
    /// The KPI.
    pub kpi: &'static Kpi,
    /// Of each replication in which it exists in both modes.
    pub values: Vec<(f64, f64)>,
}

/// Runs systems in both modes, `replications` times each, and collects every KPI of the registry. In both modes a
/// replication has the same people with the same wishes, so pairs are compared. `told` hears how many of how many
/// pairs of runs are done.
///
/// # Errors
/// The first run that failed, or a system that is no valid model.
pub fn play(
    systems: &[System],
    replications: u64,
    seed: u64,
    told: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<Pairs>, String> {
    let scenarios: Vec<Scenario> = systems.iter().map(System::scenario).collect::<Result<_, _>>()?;
    let jobs = systems.len() * replications as usize;
    let done = std::sync::atomic::AtomicUsize::new(0);
    let both = |job: usize| {
        let (system, replication) = (job / replications as usize, (job % replications as usize) as u64);
        let scenario = &scenarios[system];
        let rows = [Mode::Auto, Mode::Events].map(|mode| make(scenario, seed, replication, mode));
        let [auto, events] = rows;
        told(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, jobs);
        Ok((auto?, events?))
    };
    let made: Vec<(RunRow, RunRow)> = (0..jobs)
        .into_par_iter()
        .map(both)
        .collect::<Result<_, RunError>>()
        .map_err(|e| e.to_string())?;
    let of_system = systems.iter().zip(made.chunks(replications as usize));
    Ok(of_system.flat_map(|(system, rows)| collect(system, rows)).collect())
}

fn make(scenario: &Scenario, seed: u64, replication: u64, mode: Mode) -> Result<RunRow, RunError> {
    let options = RunOptions {
        seed,
        replication,
        mode,
        ..RunOptions::default()
    };
    let outcome = run(scenario, &options, &mut Unwatched)?;
    Ok(RunRow::of(scenario, &outcome, 0, replication))
}

/// Values that differ or could: what exists in fewer than half of the replications is left out.
fn collect(system: &System, rows: &[(RunRow, RunRow)]) -> Vec<Pairs> {
    let of = |kpi: &'static Kpi| {
        let at = position(kpi.name)?;
        let values: Vec<(f64, f64)> = rows
            .iter()
            .filter_map(|(auto, events)| Some((auto.scopes[0].1[at]?, events.scopes[0].1[at]?)))
            .collect();
        (values.len() >= 2 && 2 * values.len() >= rows.len()).then(|| Pairs {
            system: system.key(),
            kpi,
            values,
        })
    };
    ALL.iter().filter_map(of).collect()
}
