//! The one document that the page reads: what a result folder holds, without its fat.

use super::series::{Series, packed};
use super::table::Table;
use super::{calibration, findings, model, optimum, sweep};
use crate::output::sweep::FOLDER;
use crate::output::{Files, Manifest};
use crate::scenario::model::Scenario;
use crate::scenario::{Diagnostics, Source, load};
use serde_json::{Map, Value, json};
use std::io;
use std::path::{Path, PathBuf};

/// Version of the document's own form.
const FORMAT: u32 = 1;
/// What `preau analyse` leaves in the folder of a sweep for the page.
pub const ANALYSIS: &str = "analysis.json";
/// KPIs of parts of the country that the page shows; of the total it has all.
const OF_PARTS: [&str; 21] = [
    "people",
    "visits",
    "people_never_connected",
    "knocks_per_login",
    "connected_5min",
    "connected_15min",
    "wait_p50",
    "wait_p95",
    "gave_up_share",
    "hours_wanted",
    "hours_lost",
    "hours_lost_share",
    "degraded_minutes",
    "recovered_at",
    "metastable_minutes",
    "refused_quota",
    "refused_full",
    "timeouts",
    "knocks",
    "logins",
    "logins_wasted",
];
/// KPIs whose every replication the page shows.
const OF_RUNS: [&str; 5] = [
    "hours_lost",
    "connected_15min",
    "wait_p95",
    "knocks_per_login",
    "euros_total",
];

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file is missing or cannot be read.
    #[error("cannot read {}: {problem}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// The folder holds no files that the page knows.
    #[error(
        "{} holds none of series.csv, attribution.csv, points.csv, pareto.csv, posterior.csv, facts.json: there is nothing to draw",
        path.display()
    )]
    Nothing {
        /// Which folder.
        path: PathBuf,
    },
    /// A file has not the columns of this version.
    #[error("{} has no column '{column}': it is damaged, or of another version of preau; make the result again", path.display())]
    NoColumn {
        /// Which file.
        path: PathBuf,
        /// Which column.
        column: String,
    },
    /// The model in the manifest is not one of this version.
    #[error("the model in the manifest is not valid in this version of preau; make the result again")]
    Model(Diagnostics),
    /// The page cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl ReportError {
    pub(super) fn read(path: &Path, problem: impl ToString) -> ReportError {
        ReportError::Read {
            path: path.to_owned(),
            problem: problem.to_string(),
        }
    }
}

/// Reads the files of a result, in a folder or in memory, and makes the document.
///
/// # Errors
/// When a file is missing, or of another version.
pub fn document(folder: &dyn Files, manifest: &Manifest) -> Result<Value, ReportError> {
    let source = Source::Text {
        name: "the model of the manifest".to_owned(),
        text: manifest.model.clone(),
    };
    let scenario = load(&source, &[]).map_err(ReportError::Model)?;
    let result = json_file(folder, "result.json")?.unwrap_or_default();
    let mut document = json!({
        "format": FORMAT,
        "made": made(manifest),
        "clock": model::clock(&scenario.clock),
        "regions": model::regions(&scenario),
        "services": model::services(&scenario),
        "incidents": model::incidents(&scenario),
        "policies": model::policies(&scenario),
        "kpis": model::kpis(),
        "arms": manifest.identity.arms,
        "warnings": result.get("warnings").cloned().unwrap_or_else(|| json!([])),
        "facts": json_file(folder, "facts.json")?,
        "story": json_file(folder, "story.json")?,
    });
    if folder.has("series.csv") {
        of_runs(&mut document, folder, manifest, &scenario, &result)?;
    } else if folder.has("attribution.csv") {
        document["attribution"] = attribution(&result);
    } else if let (Some(entry), true) = (&manifest.sweep, folder.has("points.csv")) {
        document["sweep"] = sweep::of(folder, entry)?;
    } else if folder.has("pareto.csv") {
        document["optimum"] = optimum::of(folder, &result)?;
    } else if folder.has("posterior.csv") {
        document["calibration"] = calibration::of(folder, &result)?;
    } else if !folder.has("facts.json") {
        return Err(ReportError::Nothing { path: folder.shown("") });
    }
    Ok(document)
}

/// The document of a sweep's whole folder: its results, and what `preau analyse` found in them. What it found when the sweep had
/// other runs is left out, and `stale_analysis` says so.
///
/// # Errors
/// When a file is missing, or of another version.
pub fn analysed(folder: &Path, manifest: &Manifest) -> Result<Value, ReportError> {
    let mut document = document(&folder.join(FOLDER).as_path(), manifest)?;
    let Some(analysis) = json_file(&folder, ANALYSIS)? else {
        return Ok(document);
    };
    // Runs are only added to a journal, so as many runs of as many points are the same ones.
    let now = (manifest.sweep.as_ref()).map(|entry| json!({ "points": entry.points, "runs": entry.runs }));
    if now.as_ref() == analysis.get("of") {
        document["analysis"] = analysis;
    } else {
        document["stale_analysis"] = json!(true);
    }
    Ok(document)
}

/// What runs and comparisons have.
fn of_runs(
    document: &mut Value,
    folder: &dyn Files,
    manifest: &Manifest,
    scenario: &Scenario,
    result: &Value,
) -> Result<(), ReportError> {
    let (services, regions) = (Series::of_services(folder)?, Series::of_regions(folder)?);
    let first = manifest.identity.arms.first().map_or("base", |arm| arm.name.as_str());
    document["findings"] = findings::of(scenario, &services, &regions, first);
    document["series"] = packed(&services, &regions, scenario.clock.bin.as_secs());
    document["summary"] = summary(folder, manifest.identity.replications.clone().count())?;
    document["runs"] = runs(folder)?;
    document["days"] = days(folder)?;
    document["waits"] = waits(folder)?;
    document["tickets"] = tickets(folder, scenario)?;
    document["comparison"] = comparison(folder)?;
    document["stayed_down"] = stayed_down(result, first);
    document["verdicts"] = result.get("verdicts").cloned().unwrap_or_else(|| json!([]));
    Ok(())
}

/// Causes and their shares in the whole country.
fn attribution(result: &Value) -> Value {
    let of_total = |part: &Value| {
        let scopes = part["scopes"].as_array();
        let total = scopes.and_then(|all| all.iter().find(|s| s["scope_kind"] == "total"));
        json!({ "part": part["part"], "total": total })
    };
    let parts = result["parts"]
        .as_array()
        .map(|parts| parts.iter().map(of_total).collect::<Vec<_>>());
    let mut found = json!({ "parts": parts });
    for key in [
        "title",
        "kpi",
        "unit",
        "baseline",
        "replications",
        "exact",
        "causes",
        "remarks",
    ] {
        found[key] = result.get(key).cloned().unwrap_or_default();
    }
    found
}

/// What the manifest says, without the model and what it is made of.
fn made(manifest: &Manifest) -> Value {
    let id = &manifest.identity;
    let seen = |word: &String| {
        // Only the name of the program, not the place where it lies.
        let name = Path::new(word).file_name().map(|n| n.to_string_lossy().into_owned());
        name.unwrap_or_else(|| word.clone())
    };
    let command: Vec<String> = manifest
        .command
        .iter()
        .enumerate()
        .map(|(i, word)| if i == 0 { seen(word) } else { word.clone() })
        .collect();
    let mut made = json!({
        "name": manifest.name,
        "title": manifest.title,
        "size": manifest.size,
        "version": id.version,
        "model_hash": id.model_hash,
        "seed": id.seed,
        "replications": [id.replications.start, id.replications.end],
        "mode": id.mode,
    });
    // The files of a sweep do not say when, by whom or in how many pieces it was run, and neither does its page.
    if manifest.sweep.is_none() {
        made["created"] = json!(manifest.created);
        made["command"] = json!(command);
    }
    made
}

fn json_file(folder: &dyn Files, file: &str) -> Result<Option<Value>, ReportError> {
    let path = folder.shown(file);
    match folder.open(file).and_then(io::read_to_string) {
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|e| ReportError::read(&path, e)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(ReportError::read(&path, e)),
    }
}

/// The object at a path of keys, made where it is missing.
fn inner<'a>(value: &'a mut Map<String, Value>, path: &[&str]) -> &'a mut Map<String, Value> {
    let mut value = value;
    for key in path {
        let next = value
            .entry((*key).to_owned())
            .or_insert_with(|| Value::Object(Map::new()));
        if !next.is_object() {
            *next = Value::Object(Map::new());
        }
        let Value::Object(next) = next else {
            unreachable!("made an object above")
        };
        value = next;
    }
    value
}

/// Arm, kind of scope, scope, KPI: `[mean, half-width]`, and of how many replications where it is not of all.
fn summary(folder: &dyn Files, all_runs: usize) -> Result<Value, ReportError> {
    let table = Table::open(folder, "summary.csv")?;
    let [arm, kind, scope, kpi, mean, half, n] =
        table.columns(["arm", "scope_kind", "scope", "kpi", "mean", "half_width", "n"])?;
    let mut all = Map::new();
    table.each(|row| {
        let (kind, kpi) = (row.text(kind), row.text(kpi));
        if kind == "total" || OF_PARTS.contains(&kpi) {
            let of_scope = inner(&mut all, &[row.text(arm), kind, row.text(scope)]);
            let mut values = vec![row.number(mean), row.number(half)];
            values.extend(row.number(n).filter(|n| *n < all_runs as f64).map(Some));
            of_scope.insert(kpi.to_owned(), json!(values));
        }
    })?;
    Ok(Value::Object(all))
}

/// Arm, KPI: the value of every replication.
fn runs(folder: &dyn Files) -> Result<Value, ReportError> {
    let table = Table::open(folder, "runs.csv")?;
    let arm = table.column("arm")?;
    let at = table.columns(OF_RUNS)?;
    let mut all = Map::new();
    table.each(|row| {
        let of_arm = inner(&mut all, &[row.text(arm)]);
        for (name, at) in OF_RUNS.iter().zip(at) {
            let values = of_arm.entry((*name).to_owned()).or_insert_with(|| json!([]));
            if let Value::Array(values) = values {
                values.push(json!(row.number(at)));
            }
        }
    })?;
    Ok(Value::Object(all))
}

/// Arm, region, day: learning hours wanted and lost; the total is the region of no name.
fn days(folder: &dyn Files) -> Result<Value, ReportError> {
    let Some(table) = Table::open_if_there(folder, "days.csv")? else {
        return Ok(Value::Null);
    };
    let [arm, kind, scope, day, wanted, lost] =
        table.columns(["arm", "scope_kind", "scope", "day", "hours_wanted", "hours_lost"])?;
    let mut all = Map::new();
    table.each(|row| {
        if ["total", "region"].contains(&row.text(kind)) {
            let of_scope = inner(&mut all, &[row.text(arm), row.text(scope)]);
            of_scope.insert(row.text(day).to_owned(), json!([row.number(wanted), row.number(lost)]));
        }
    })?;
    Ok(Value::Object(all))
}

/// Arm, service: of each limit `[s, visits in within, visits]`; the total is the service of no name.
fn waits(folder: &dyn Files) -> Result<Value, ReportError> {
    let Some(table) = Table::open_if_there(folder, "waits.csv")? else {
        return Ok(Value::Null);
    };
    let [arm, kind, scope, limit, within, visits] =
        table.columns(["arm", "scope_kind", "scope", "within_s", "in_within", "visits"])?;
    let mut all = Map::new();
    table.each(|row| {
        if ["total", "service"].contains(&row.text(kind)) {
            let of_arm = inner(&mut all, &[row.text(arm)]);
            let limits = of_arm.entry(row.text(scope).to_owned()).or_insert_with(|| json!([]));
            if let Value::Array(limits) = limits {
                limits.push(json!([limit, within, visits].map(|at| row.number(at))));
            }
        }
    })?;
    Ok(Value::Object(all))
}

/// The tickets of crisis cells, instants in seconds since the start.
fn tickets(folder: &dyn Files, scenario: &Scenario) -> Result<Value, ReportError> {
    let Some(table) = Table::open_if_there(folder, "tickets.csv")? else {
        return Ok(json!([]));
    };
    let [arm, operator, service, alarm, noticed] = table.columns(["arm", "operator", "service", "alarm", "noticed"])?;
    let [taken, diagnosed, fixes, closed, end] = table.columns(["taken", "diagnosed", "fixes", "closed", "end"])?;
    let start = scenario.clock.start.in_tz(&scenario.clock.zone).ok();
    let since = |text: &str| -> Option<f64> {
        let then: jiff::Timestamp = text.parse().ok()?;
        Some(then.duration_since(start.as_ref()?.timestamp()).as_secs_f64())
    };
    let mut all = Vec::new();
    table.each(|row| {
        let fixes = row.text(fixes).split("; ").filter_map(|fix| {
            let (name, at) = fix.rsplit_once(' ')?;
            Some(json!({ "name": name, "at": since(at) }))
        });
        all.push(json!({
            "arm": row.text(arm), "operator": row.text(operator), "service": row.text(service), "alarm": row.text(alarm),
            "noticed": since(row.text(noticed)), "taken": since(row.text(taken)), "diagnosed": since(row.text(diagnosed)),
            "fixes": fixes.collect::<Vec<_>>(), "closed": since(row.text(closed)), "end": row.text(end),
        }));
    })?;
    Ok(Value::Array(all))
}

/// Arm, kind of scope, scope, KPI: `[difference, half-width, correlation, p-value]`.
fn comparison(folder: &dyn Files) -> Result<Value, ReportError> {
    let Some(table) = Table::open_if_there(folder, "comparison.csv")? else {
        return Ok(Value::Null);
    };
    let [arm, kind, scope, kpi] = table.columns(["arm", "scope_kind", "scope", "kpi"])?;
    let [difference, half, correlation, p] = table.columns(["difference", "half_width", "correlation", "p_value"])?;
    let mut all = Map::new();
    table.each(|row| {
        let of_scope = inner(&mut all, &[row.text(arm), row.text(kind), row.text(scope)]);
        let values = [difference, half, correlation, p].map(|at| row.number(at));
        of_scope.insert(row.text(kpi).to_owned(), json!(values));
    })?;
    Ok(Value::Object(all))
}

/// Stretches in which services stayed down, of the first arm; none where the result does not say.
fn stayed_down(result: &Value, first: &str) -> Value {
    if let Some(found) = result.get("stayed_down") {
        return found.clone();
    }
    let arms = result.get("arms").and_then(Value::as_array);
    let arm = arms.and_then(|arms| arms.iter().find(|arm| arm["name"] == first));
    arm.and_then(|arm| arm.get("stayed_down"))
        .cloned()
        .unwrap_or(Value::Null)
}
