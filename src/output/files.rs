//! A whole result: every file of it, in its folder.

use super::folder::{FolderError, ResultFolder};
use super::{Manifest, Shelf, csv, down, json};
use crate::experiment::{Comparison, Replications, Summary, Warning};
use crate::scenario::model::Scenario;
use serde_json::Value;
use std::path::PathBuf;

/// Writes a result and puts it in its place; gives the place. With a comparison its files come on top.
///
/// # Errors
/// When something cannot be written; the place is as before then.
pub fn write(
    folder: ResultFolder,
    scenario: &Scenario,
    runs: &Replications,
    comparison: Option<&Comparison>,
    command: Vec<String>,
) -> Result<PathBuf, FolderError> {
    let manifest = fill(&folder, scenario, runs, comparison, command)?;
    folder.finish(&manifest)
}

/// Writes every file of a result but the manifest, and gives that: what reads the files may add more of them before the
/// result is put in its place.
///
/// # Errors
/// When something cannot be written.
pub fn fill(
    shelf: &dyn Shelf,
    scenario: &Scenario,
    runs: &Replications,
    comparison: Option<&Comparison>,
    command: Vec<String>,
) -> Result<Manifest, FolderError> {
    let manifest = Manifest::of(scenario, runs, command);
    let summaries: Vec<Summary> = runs.rows.iter().map(|rows| Summary::of(rows)).collect();
    let arms = || runs.arms.iter().map(|a| a.name.as_str()).zip(&summaries);
    shelf.put("runs.csv", &mut |out| Ok(csv::runs(out, runs)?))?;
    shelf.put("runs_by_scope.csv", &mut |out| {
        Ok(csv::runs_by_scope(out, scenario, runs)?)
    })?;
    shelf.put("summary.csv", &mut |out| Ok(csv::summary(out, scenario, arms())?))?;
    shelf.put("series.csv", &mut |out| Ok(csv::series(out, scenario, runs)?))?;
    shelf.put("series_regions.csv", &mut |out| {
        Ok(csv::series_regions(out, scenario, runs)?)
    })?;
    shelf.put("days.csv", &mut |out| Ok(csv::days(out, scenario, runs)?))?;
    shelf.put("waits.csv", &mut |out| Ok(csv::waits(out, scenario, runs)?))?;
    shelf.put("tickets.csv", &mut |out| Ok(csv::tickets(out, scenario, runs)?))?;
    shelf.put("columns.csv", &mut |out| Ok(csv::columns(out)?))?;
    if let Some(c) = comparison {
        shelf.put("comparison.csv", &mut |out| Ok(csv::comparison(out, scenario, c)?))?;
    }
    let object = object(scenario, runs, comparison, &manifest);
    shelf.put("result.json", &mut |out| {
        Ok(serde_json::to_writer_pretty(out, &object)?)
    })?;
    Ok(manifest)
}

/// `result.json`: what was printed, and what stayed down in every arm.
fn object(scenario: &Scenario, runs: &Replications, comparison: Option<&Comparison>, manifest: &Manifest) -> Value {
    let Some(c) = comparison else {
        let rows = runs.rows.first().map_or(&[][..], Vec::as_slice);
        let warnings = Warning::of_runs(scenario, runs);
        let mut object = json::run(scenario, &manifest.identity, &Summary::of(rows), &warnings);
        object["stayed_down"] = down::json(scenario, rows);
        return object;
    };
    let mut object = json::comparison(scenario, &manifest.identity, c);
    if let Some(arms) = object["arms"].as_array_mut() {
        for (arm, rows) in arms.iter_mut().zip(&runs.rows) {
            arm["stayed_down"] = down::json(scenario, rows);
        }
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::replicate::{Plan, replicate_with};
    use crate::experiment::{compare, default_arms};
    use crate::made_up;
    use crate::output::manifest::Identity;
    use crate::world::RunOptions;

    #[test]
    fn a_result_is_the_same_whatever_the_threads() {
        let scenario = made_up::scenario(2);
        let runner = |s: &Scenario, o: &RunOptions<'_>| Ok(made_up::outcome(s, o.seed, o.replication, &o.policies));
        let parent = tempfile::tempdir().unwrap();
        let texts = [1, 4].map(|threads| {
            let plan = Plan {
                arms: default_arms(&scenario),
                threads: Some(threads),
                ..Plan::new(&scenario, 5, 4)
            };
            let runs = replicate_with(&plan, &|_| (), &runner).unwrap();
            let target = parent.path().join(threads.to_string());
            let folder = ResultFolder::begin(&target, Identity::of(&scenario, &runs), false).unwrap();
            let comparison = compare(&scenario, &runs);
            let place = write(folder, &scenario, &runs, comparison.as_ref(), vec![]).unwrap();
            let mut files: Vec<_> = std::fs::read_dir(&place)
                .unwrap()
                .map(|e| e.unwrap().file_name())
                .collect();
            files.sort();
            assert_eq!(files.len(), 12, "{files:?}");
            files.retain(|f| f != "manifest.json");
            files
                .iter()
                .map(|f| std::fs::read_to_string(place.join(f)).unwrap())
                .collect::<Vec<_>>()
        });
        assert!(texts[0] == texts[1]);
    }
}
