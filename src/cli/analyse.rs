//! `preau analyse`: what a finished sweep says of its factors.

use super::given::{invalid, notes};
use super::report::{PageArgs, of_analysis};
use super::sweep::{JOURNAL, is_sweep};
use super::{Ended, FAILED, Stop, USAGE, say, say_parts};
use crate::experiment::Warning;
use crate::experiment::analysis::{Corner, Failing, Indices, Means, Sensitivity, column};
use crate::experiment::design::Design;
use crate::experiment::study::Study;
use crate::experiment::sweep::{Advice, Journal, Plan, Results};
use crate::output::analysis;
use crate::output::number::count;
use crate::output::whole::replace;
use crate::web::ANALYSIS;
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Boxes that are looked for.
const BOXES: usize = 3;
/// KPIs shown when none is named.
const SHOWN: usize = 3;

#[derive(Args)]
pub(super) struct AnalyseArgs {
    /// Folder of a sweep
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// KPIs whose sensitivity is shown, with commas between [default: the first three that the sweep keeps]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    kpi: Vec<String>,
    /// When a point fails, for example "hours_lost_share > 0.02" [default: when it breaks a constraint of the experiment]
    #[arg(long, value_name = "CONDITION")]
    fails: Option<String>,
    #[command(flatten)]
    page: PageArgs,
    /// Write no files
    #[arg(long, conflicts_with = "lang")]
    no_files: bool,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

pub(super) fn analyse(args: &AnalyseArgs) -> Ended {
    let path = args.folder.join(JOURNAL);
    if !path.is_file() {
        let message = format!(
            "error: {} holds no journal of a sweep; make one with `preau sweep FILE`",
            args.folder.display()
        );
        return Err(Stop::new(USAGE, message));
    }
    is_sweep(&args.folder)?;
    let failed = |e: &dyn std::fmt::Display| Stop::new(FAILED, format!("error: {e}"));
    let mut journal = Journal::read(&path).map_err(|e| failed(&e))?;
    let Some(start) = journal.last().cloned() else {
        return Err(Stop::new(USAGE, format!("error: {} holds no runs yet", path.display())));
    };
    let study = start.read().map_err(|problems| invalid(&problems))?;
    let plan = Plan::new(&study, start);
    let usage = |e: String| Stop::new(USAGE, format!("error: {e}"));
    let failing = match &args.fails {
        Some(text) => Some(Failing::parse(&study, text).map_err(usage)?),
        None => Failing::of_constraints(&study),
    };
    let columns = columns(&study, &args.kpi)?;
    let (mut means, mut advice, mut runs) = (Means::new(&study), Advice::new(&study), 0);
    for result in Results::of(&plan, &mut journal) {
        let result = result.map_err(|e| failed(&e))?;
        runs += result.runs.len();
        means.take(&result);
        advice.take(&result);
    }
    if means.missing() == study.points() {
        return Err(Stop::new(
            FAILED,
            "error: no run of this sweep has ended well: there is nothing to analyse",
        ));
    }
    let (mut found, mut not) = (vec![], vec![]);
    for c in columns {
        match means.sensitivity(c) {
            Some(Ok(sensitivity)) => found.push(sensitivity),
            Some(Err(why)) => not.push(format!("{}: {why}", study.columns[c].name)),
            None => {}
        }
    }
    let corner = match &failing {
        Some(failing) => Some(means.boxes(failing, BOXES).map_err(|e| failed(&e))?),
        None => None,
    };
    let warnings = warnings(&means, &found, &advice);
    let missing = means.missing();
    let object = as_json(&study, &found, corner.as_ref(), missing, &warnings);
    // What was found is said even where it cannot be written, and written even where nobody reads what is said.
    let written = match args.no_files {
        true => Ok(()),
        false => kept(args, &study, runs, (&found, corner.as_ref()), object.clone()),
    };
    let said = if args.json {
        say(&object.to_string())
    } else {
        let mut parts: Vec<String> = vec![heading(&study, missing)];
        parts.extend(found.iter().map(analysis::sensitivity));
        parts.push(not.join("\n"));
        match &corner {
            Some(corner) => parts.push(analysis::corner(corner)),
            None => parts.push("The experiment has no constraint: say with --fails when a point fails.".to_owned()),
        }
        parts.push(notes(&warnings));
        say_parts(parts)
    };
    written.and(said)
}

/// Writes the files of an analysis and its page.
fn kept(
    args: &AnalyseArgs,
    study: &Study,
    runs: usize,
    (found, corner): (&[Sensitivity], Option<&Corner>),
    mut object: serde_json::Value,
) -> Ended {
    object["of"] = json!({ "points": study.points(), "runs": runs });
    if let Some(corner) = corner {
        // The picture of a box is drawn of the points inside and outside.
        object["boxes"]["failing_points"] = json!(corner.fails);
    }
    files(&args.folder, found, corner, &object)?;
    of_analysis(&args.folder, &args.page)
}

fn columns(study: &Study, asked: &[String]) -> Result<Vec<usize>, Stop> {
    if asked.is_empty() {
        return Ok((0..study.columns.len().min(SHOWN)).collect());
    }
    let of = |name: &String| column(study, name.trim()).map_err(|e| Stop::new(USAGE, format!("error: {e}")));
    asked.iter().map(of).collect()
}

fn heading(study: &Study, missing: usize) -> String {
    let mut text = format!(
        "{}: {}, design {}",
        study.title,
        count(study.points(), "point", "points"),
        study.design.name()
    );
    if study.title.is_empty() {
        text = text.trim_start_matches(": ").to_owned();
    }
    if missing > 0 {
        text.push_str(&format!("; {missing} points have no run and are left out"));
    }
    if !matches!(study.design, Design::Morris(_) | Design::SobolIndices(_)) {
        text.push_str("\n(indices come with the designs `SobolIndices(n)` and `Morris(r)`)");
    }
    text
}

fn warnings(means: &Means<'_>, found: &[Sensitivity], advice: &Advice<'_>) -> Vec<Warning> {
    let mut warnings = advice.warnings();
    // Indices of single runs have a warning of their own.
    if means.fewest == 1 && !found.is_empty() {
        warnings.retain(|w| !matches!(w, Warning::TooFewReplications { .. }));
    }
    for s in found {
        if let Some(warning) = Warning::of_sensitivity(s) {
            warnings.push(warning);
        }
    }
    warnings.extend(Warning::of_groups(found));
    if means.fewest == 1 && !found.is_empty() {
        warnings.push(Warning::NoiseInIndices);
    }
    warnings
}

fn as_json(
    study: &Study,
    found: &[Sensitivity],
    corner: Option<&Corner>,
    missing: usize,
    warnings: &[Warning],
) -> serde_json::Value {
    let one = |s: &Sensitivity| {
        let indices = match &s.indices {
            Indices::Morris(effects) => json!(effects),
            Indices::Sobol(sobol) => json!(sobol),
        };
        json!({"kpi": s.column.name, "factors": s.dimensions, "indices": indices, "groups": s.groups, "left_out": s.left_out})
    };
    let corner = corner.map(|c| {
        let words: Vec<String> = c.cover.boxes.iter().map(|b| b.words(&c.axes)).collect();
        json!({"fails": c.failing, "axes": c.axes, "cover": c.cover, "words": words})
    });
    let warnings: Vec<_> = warnings
        .iter()
        .map(|w| json!({"name": w.name(), "text": w.to_string()}))
        .collect();
    json!({
        "title": study.title, "design": study.design.name(), "points": study.points(), "points_without_runs": missing,
        "sensitivity": found.iter().map(one).collect::<Vec<_>>(), "boxes": corner, "warnings": warnings,
    })
}

/// Each file is whole or as before.
fn files(folder: &Path, found: &[Sensitivity], corner: Option<&Corner>, object: &serde_json::Value) -> Ended {
    let mut made = vec![(ANALYSIS, object.to_string().into_bytes())];
    if !found.is_empty() {
        let mut text = vec![];
        analysis::sensitivity_csv(&mut text, found).map_err(|e| Stop::new(FAILED, format!("error: {e}")))?;
        made.push(("sensitivity.csv", text));
    }
    if let Some(corner) = corner {
        let mut text = vec![];
        analysis::boxes_csv(&mut text, corner).map_err(|e| Stop::new(FAILED, format!("error: {e}")))?;
        made.push(("boxes.csv", text));
    }
    for (name, text) in made {
        let place = folder.join(name);
        replace(&place, &text)
            .map_err(|e| Stop::new(FAILED, format!("error: cannot write {}: {e}", place.display())))?;
        aside!("file: {}", place.display());
    }
    Ok(())
}
