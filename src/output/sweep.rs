//! Files of a sweep: `runs.csv`, `points.csv`, the dictionary of their columns, the manifest.
//!
//! Everything is written point by point while the journal is read, so memory does not grow with the number of runs. The
//! files are a function of the runs alone: no time, no thread, no order in which runs ended is in them.

use super::columnar::{self, Form};
use super::folder::{FolderError, ResultFolder};
use super::manifest::{FORMAT, Identity, Manifest, SweepEntry, hash};
use super::number::{count, kpi_plus_minus, percent, unit_of_column, whole};
use super::table;
use crate::experiment::Warning;
use crate::experiment::stats::CONFIDENCE;
use crate::experiment::study::{Column, Constraint, Factor, Kind, Replications, Study};
use crate::experiment::sweep::{Advice, Journal, JournalError, Plan, PointResult, Results};
use crate::scenario::wrapped;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where the files are, in the folder of a sweep: its journal lies beside them and outlives them.
pub const FOLDER: &str = "results";
/// So many points are shown in a terminal.
const SHOWN: usize = 40;
/// So many KPIs are shown beside them.
const SHOWN_KPIS: usize = 4;
/// Reasons of failure beyond these stand in the files.
const MOST_REASONS: usize = 5;

/// Why the files are not there.
#[derive(Debug, thiserror::Error)]
pub enum SweepFilesError {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The folder cannot be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// What was written, for the terminal and for programs.
#[derive(Clone, Debug)]
pub struct Written {
    /// Where.
    pub place: PathBuf,
    /// What the manifest says of it.
    pub entry: SweepEntry,
    /// A row a point, of the first points.
    rows: Vec<Vec<String>>,
    /// At so many points all constraints hold in every run.
    keeping: usize,
    /// What to know before believing it.
    pub warnings: Vec<Warning>,
    /// Failed runs by reason: (reason, how many, the first point).
    pub reasons: Vec<(String, usize, usize)>,
}

/// Where and with what a sweep's files are made.
#[derive(Clone, Debug)]
pub struct Making<'a> {
    /// Folder of the sweep.
    pub folder: &'a Path,
    /// The command as typed.
    pub command: Vec<String>,
    /// Threads used.
    pub threads: usize,
    /// Wall time of the runs of this call, s.
    pub seconds: f64,
    /// Whether the tables are written as Parquet too.
    pub parquet: bool,
}

/// Writes all files of what a journal holds of a plan, as a whole or not at all. `add` adds what is made of the others, before
/// the whole is put in its place.
///
/// # Errors
/// When the journal cannot be read or the folder not be written; what was there before still is.
pub fn write(
    plan: &Plan<'_>,
    journal: &mut Journal,
    making: Making<'_>,
    add: &dyn Fn(&ResultFolder, &Manifest) -> Result<(), FolderError>,
) -> Result<Written, SweepFilesError> {
    let study = plan.study;
    let scenario = study.base().plain();
    let most = plan.most_runs() / (study.points() as u64).max(1);
    let identity = Identity {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model_hash: hash(&scenario.text),
        seed: study.seed,
        replications: 0..most,
        retries: "auto".to_owned(),
        mode: "auto".to_owned(),
        arms: Vec::new(),
        shared: None,
    };
    // The folder belongs to this sweep: its lock is held, and its journal is of the same model and seed.
    let folder = ResultFolder::begin(&making.folder.join(FOLDER), identity.clone(), true)?;
    let (runs, points) = (folder.create("runs.csv")?, folder.create("points.csv")?);
    let mut files = Files {
        study,
        runs: csv::Writer::from_writer(runs),
        points: csv::Writer::from_writer(points),
        written: Written {
            place: PathBuf::new(),
            entry: SweepEntry {
                study: plan.start.study.clone(),
                draws: plan.start.draws.clone(),
                sets: plan.start.sets.clone(),
                design: study.design.name().to_owned(),
                points: study.points(),
                runs: 0,
                failed: 0,
                missing: 0,
                imprecise: 0,
                numbers: plan.start.numbers.clone(),
            },
            rows: Vec::new(),
            keeping: 0,
            warnings: Vec::new(),
            reasons: Vec::new(),
        },
    };
    let io = |file: &'static str| {
        let path = making.folder.join(FOLDER).join(file);
        move |source: csv::Error| FolderError::Io {
            path: path.clone(),
            source: source.into(),
        }
    };
    files.heads().map_err(io("runs.csv"))?;
    let mut advice = Advice::new(study);
    for result in Results::of(plan, journal) {
        let result = result?;
        files.point(&result).map_err(io("runs.csv"))?;
        advice.take(&result);
    }
    files.runs.flush().map_err(|e| io("runs.csv")(e.into()))?;
    files.points.flush().map_err(|e| io("points.csv")(e.into()))?;
    let mut written = files.written;
    written.warnings = advice.warnings();
    folder.write("columns.csv", |out| columns(out, study))?;
    if making.parquet {
        for (table, csv) in [("runs", "runs.csv"), ("points", "points.csv")] {
            let of_file = dictionary(study).into_iter().filter(|c| c.file == csv);
            columnar::beside_csv(&folder, table, &of_file.map(|c| c.column).collect::<Vec<_>>())?;
        }
    }
    let manifest = Manifest {
        program: "preau".to_owned(),
        format: FORMAT,
        identity,
        name: plan.start.name.clone(),
        title: study.title.clone(),
        size: scenario.size.factor,
        command: making.command,
        created: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        threads: making.threads,
        seconds: making.seconds,
        model: scenario.text.clone(),
        sweep: Some(written.entry.clone()),
    };
    add(&folder, &manifest)?;
    written.place = folder.finish(&manifest)?;
    Ok(written)
}

struct Files<'a, W: Write> {
    study: &'a Study,
    runs: csv::Writer<W>,
    points: csv::Writer<W>,
    written: Written,
}

impl<W: Write> Files<'_, W> {
    fn heads(&mut self) -> csv::Result<()> {
        let names = |file: &str| {
            dictionary(self.study)
                .into_iter()
                .filter(|c| c.file == file)
                .map(|c| c.column.name)
                .collect::<Vec<_>>()
        };
        self.runs.write_record(names("runs.csv"))?;
        self.points.write_record(names("points.csv"))
    }

    fn point(&mut self, result: &PointResult) -> csv::Result<()> {
        let index = result.index.to_string();
        let settings = || {
            std::iter::once(&index)
                .chain(&result.point.settings)
                .map(String::as_str)
        };
        for run in &result.runs {
            let replication = run.replication.to_string();
            let (values, failed) = match &run.values {
                Ok(values) => (values.clone(), ""),
                Err(reason) => (vec![None; self.study.columns.len()], reason.as_str()),
            };
            let values: Vec<String> = values.into_iter().map(number).collect();
            let start = settings().chain([replication.as_str(), &run.fingerprint, failed]);
            self.runs.write_record(start.chain(values.iter().map(String::as_str)))?;
        }
        let mut cells: Vec<String> = settings().map(str::to_owned).collect();
        cells.extend([result.made().to_string(), result.failed().to_string()]);
        for column in 0..self.study.columns.len() {
            let interval = result.interval(column);
            cells.push(number(interval.map(|i| i.mean)));
            cells.push(number(interval.and_then(|i| i.half_width)));
            cells.push(interval.map_or(0, |i| i.n).to_string());
            let modes = result.modes(column);
            cells.push(number(
                modes.map(|m| m.high_count as f64 / (m.low_count + m.high_count) as f64),
            ));
        }
        for constraints in groups(self.study) {
            let keeps = result.keeps(&constraints);
            cells.extend([keeps.map(|k| k.0), keeps.map(|k| k.1), keeps.map(|k| k.2)].map(number));
        }
        self.points.write_record(&cells)?;
        self.note(result);
        Ok(())
    }

    fn note(&mut self, result: &PointResult) {
        let written = &mut self.written;
        written.entry.runs += result.runs.len();
        written.entry.failed += result.failed();
        written.entry.missing += result.wanted - result.runs.len() as u64;
        if let Replications::UntilPrecision(precision) = &self.study.replications {
            let column = self.study.columns.iter().position(|c| c.name == precision.column.name);
            let reached = column.is_none_or(|c| precision.is_reached(&result.values(c)));
            written.entry.imprecise += usize::from(!reached && result.runs.len() as u64 == precision.at_most);
        }
        for run in &result.runs {
            let Err(reason) = &run.values else { continue };
            match written.reasons.iter_mut().find(|(known, ..)| known == reason) {
                Some((_, count, _)) => *count += 1,
                None => written.reasons.push((reason.clone(), 1, result.index)),
            }
        }
        let kept = groups(self.study)
            .pop()
            .map(|all| result.keeps(&all).map(|(share, ..)| share));
        written.keeping += usize::from(kept == Some(Some(1.0)));
        if written.rows.len() < SHOWN {
            let mut row = vec![result.index.to_string()];
            row.extend(result.point.settings.iter().cloned());
            row.push(result.made().to_string());
            row.extend(kept.map(|share| share.map_or_else(|| "-".to_owned(), percent)));
            let shown = 0..self.study.columns.len().min(SHOWN_KPIS);
            let columns = &self.study.columns;
            let cell = |c: usize| Some(kpi_plus_minus(columns[c].kpi.unit, &result.interval(c)?));
            row.extend(shown.map(|c| cell(c).unwrap_or_else(|| "-".to_owned())));
            written.rows.push(row);
        }
    }
}

/// The constraints each by itself, and all together where there are several; each with its column.
fn groups(study: &Study) -> Vec<Vec<(&Constraint, usize)>> {
    let column = |constraint: &Constraint| {
        study
            .columns
            .iter()
            .position(|column| column.name == constraint.column.name)
    };
    let all: Vec<(&Constraint, usize)> = study.constraints.iter().filter_map(|c| Some((c, column(c)?))).collect();
    let mut groups: Vec<Vec<(&Constraint, usize)>> = all.iter().map(|one| vec![*one]).collect();
    if all.len() > 1 {
        groups.push(all);
    }
    groups
}

fn number(value: Option<f64>) -> String {
    value
        .filter(|v| v.is_finite())
        .map_or_else(String::new, |v| v.to_string())
}

/// A column of one of the files.
struct Described {
    file: &'static str,
    column: columnar::Column,
}

/// What the settings of a factor are.
fn form(factor: &Factor) -> Form {
    match &factor.kind {
        Kind::Range { range, .. } => Form::of_range(range.integer, range.from, range.to),
        Kind::Values { values, .. } => Form::of(values.iter().map(String::as_str)),
        Kind::Switch(_) | Kind::Choice(_) => Form::Text,
    }
}

/// Every column of `runs.csv` and `points.csv`.
fn dictionary(study: &Study) -> Vec<Described> {
    let mut all = Vec::new();
    let mut add = |file: &'static str, name: &str, form: Form, unit: &str, meaning: String| {
        let column = columnar::Column {
            name: name.to_owned(),
            form,
            unit: unit.to_owned(),
            meaning,
        };
        all.push(Described { file, column });
    };
    for file in ["runs.csv", "points.csv"] {
        add(
            file,
            "point",
            Form::Whole,
            "",
            "Number of the point in the design, from 0".to_owned(),
        );
        for factor in &study.factors {
            let meaning = format!("{}: {}", factor.role.name(), factor.describe());
            add(file, &factor.name, form(factor), factor.unit(), meaning);
        }
    }
    let replication = "Number of the replication, from 0; the same number meets the same people at every point";
    add("runs.csv", "replication", Form::Whole, "", replication.to_owned());
    add(
        "runs.csv",
        "fingerprint",
        Form::Text,
        "",
        "Hash of the run's whole history: equal runs have equal ones".to_owned(),
    );
    add(
        "runs.csv",
        "failed",
        Form::Text,
        "",
        "Why the run failed; empty for one that did not".to_owned(),
    );
    add(
        "points.csv",
        "n",
        Form::Whole,
        "count",
        "Runs that did not fail".to_owned(),
    );
    add(
        "points.csv",
        "failed",
        Form::Whole,
        "count",
        "Runs that failed".to_owned(),
    );
    for column in &study.columns {
        let (name, unit) = (&column.name, column.kpi.unit.name());
        let what = format!("{}. {}", column.kpi.formula, column.kpi.long);
        add("runs.csv", name, Form::Number, unit, what.clone());
        add(
            "points.csv",
            name,
            Form::Number,
            unit,
            format!("Mean over replications of: {what}"),
        );
        let percent = CONFIDENCE * 100.0;
        add(
            "points.csv",
            &format!("{name}:half_width"),
            Form::Number,
            unit,
            format!("Half-width of its {percent} % t-interval; empty for one replication"),
        );
        add(
            "points.csv",
            &format!("{name}:n"),
            Form::Whole,
            "count",
            "Replications in which it exists".to_owned(),
        );
        let modes = "Share of replications in the upper of two modes; empty where there is one mode (or too few replications to tell): where it is not, the mean describes no run";
        add(
            "points.csv",
            &format!("{name}:upper_mode"),
            Form::Number,
            "share (0 to 1)",
            modes.to_owned(),
        );
    }
    for constraints in groups(study) {
        let words: Vec<String> = constraints
            .iter()
            .map(|(constraint, _)| constraint.describe())
            .collect();
        let name = format!("keeps {}", words.join(" and "));
        add(
            "points.csv",
            &name,
            Form::Number,
            "share (0 to 1)",
            "Share of replications in which this holds".to_owned(),
        );
        add(
            "points.csv",
            &format!("{name}:low"),
            Form::Number,
            "share (0 to 1)",
            "Lower end of its 95 % Wilson interval".to_owned(),
        );
        add(
            "points.csv",
            &format!("{name}:high"),
            Form::Number,
            "share (0 to 1)",
            "Upper end of its 95 % Wilson interval".to_owned(),
        );
    }
    all
}

/// `columns.csv`: the dictionary of the others.
fn columns<W: Write>(out: W, study: &Study) -> Result<(), io::Error> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["file", "column", "unit", "meaning"])?;
    for Described { file, column } in dictionary(study) {
        writer.write_record([file, &column.name, &column.unit, &column.meaning])?;
    }
    writer.flush()
}

impl Written {
    /// The first points with their first KPIs, as many as fit; what is left out is said. Settings are left out where they are
    /// wider than any terminal.
    pub fn table(&self, study: &Study) -> String {
        let mut head = vec!["point"];
        head.extend(study.factors.iter().map(|factor| factor.name.as_str()));
        let settings_end = head.len();
        head.push("runs");
        if !study.constraints.is_empty() {
            head.push("keep");
        }
        let others = head.len();
        let with_unit = |column: &Column| format!("{}\n{}", column.name, unit_of_column(column.kpi.unit));
        let kpis: Vec<String> = study.columns.iter().take(SHOWN_KPIS).map(with_unit).collect();
        head.extend(kpis.iter().map(String::as_str));
        let of = |columns: usize, settings: bool| {
            let shown = |i: &usize| settings || *i == 0 || *i >= settings_end;
            let places: Vec<usize> = (0..columns).filter(shown).collect();
            let row = |row: &Vec<String>| places.iter().filter_map(|i| row.get(*i).cloned()).collect();
            let head: Vec<&str> = places.iter().map(|i| head[*i]).collect();
            table::plain(&head, self.rows.iter().map(row).collect())
        };
        let narrow = |text: &str| text.lines().all(|line| line.chars().count() <= table::width());
        let least = head.len().min(others + 1);
        let settings = narrow(&of(least, true));
        let fits = |columns: &usize| narrow(&of(*columns, settings));
        let columns = (least..=head.len()).rev().find(fits).unwrap_or(least);
        let mut text = of(columns, settings);
        let file = self.place.join("points.csv");
        let (points, kpis) = (
            self.entry.points - self.rows.len(),
            study.columns.len() + others - columns,
        );
        let more = |n: usize, what: &str| format!("{} {what}{} more", whole(n as f64), if n == 1 { "" } else { "s" });
        let mut left: Vec<String> = [(points, "point"), (kpis, "KPI")]
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| more(n, what))
            .collect();
        if !settings {
            left.push(format!("the settings of {} factors", study.factors.len()));
        }
        if !left.is_empty() {
            text.push_str(&format!("\n… and {} in {}", left.join(", "), file.display()));
        }
        if !study.constraints.is_empty() {
            let limits: Vec<String> = study.constraints.iter().map(Constraint::describe).collect();
            let said = format!(
                "keep: the share of a point's runs in which {}; that is all of them at {}",
                limits.join(" and "),
                count(self.keeping, "point", "points")
            );
            text = format!("{text}\n\n{}", wrapped(&said, table::width(), "      "));
        }
        text
    }

    /// What to know before believing it, one sentence each.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (reason, runs, point) in self.reasons.iter().take(MOST_REASONS) {
            notes.push(format!(
                "{} failed, the first at point {point}: {reason}",
                count(*runs, "run", "runs")
            ));
        }
        let others = self.reasons.iter().skip(MOST_REASONS);
        let (reasons, runs) = others.fold((0, 0), |(reasons, sum), (_, runs, _)| (reasons + 1, sum + runs));
        if reasons > 0 {
            let (runs, reasons) = (
                count(runs, "more run", "more runs"),
                count(reasons, "other reason", "other reasons"),
            );
            notes.push(format!("{runs} failed for {reasons}, which stand in runs.csv"));
        }
        if self.entry.missing > 0 {
            notes.push(format!("{} runs are not there yet", self.entry.missing));
        }
        match self.entry.imprecise {
            0 => {}
            1 => notes.push("1 point has its most replications and not the precision that was asked for".to_owned()),
            n => notes.push(format!(
                "{n} points have their most replications and not the precision that was asked for"
            )),
        }
        notes.extend(self.warnings.iter().map(ToString::to_string));
        notes
    }
}
