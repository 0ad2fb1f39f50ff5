//! An attribution: as text, as CSV, as JSON.

use super::columns::{ATTRIBUTION, Then, WORLDS, header};
use super::finished::{bits, from_bits};
use super::number::{in_percent, percent, plus_minus, significant, whole};
use super::table::{plain, width};
use crate::experiment::RunRow;
use crate::experiment::attribution::{Attribution, CausesFile, Job, Kind, Pair, Part, Played, ScopePart, Shared};
use crate::experiment::stats::Interval;
use crate::measure::RunStats;
use crate::measure::kpi::{ALL, Kpi, Scope, Unit};
use crate::scenario::wrapped;
use serde_json::{Value, json};
use std::io::Write;

mod remark;

use remark::{CAVEATS, Remark, remarks};

/// Rows of a table of scopes whose shares are all smaller than this part of the largest share in the table are left out.
const SMALL: f64 = 0.001;

/// Everything for the terminal: a paragraph or table each.
pub fn text(file: &CausesFile, found: &Attribution) -> Vec<String> {
    let mut parts = Vec::new();
    for part in &found.parts {
        parts.push(heading(file, found, part));
        let Some(total) = part.scopes.first() else { continue };
        parts.push(causes(file, found, part, total));
        parts.push(pairs(file, found, total));
        parts.extend(["region", "level", "service"].map(|kind| by_scope(file, found, part, kind)));
    }
    let notes: Vec<String> = remarks(file, found).iter().map(|r| note(&r.text)).collect();
    parts.push(notes.join("\n"));
    parts.push(CAVEATS.map(|caveat| wrapped(caveat, width(), "  ")).join("\n"));
    parts
}

fn note(text: &str) -> String {
    wrapped(&format!("note: {text}"), width(), "      ")
}

fn unit(found: &Attribution) -> (&'static str, &'static str) {
    Kpi::find(found.kpi).map_or((found.kpi, ""), |kpi| (kpi.short, kpi.unit.name()))
}

fn heading(file: &CausesFile, found: &Attribution, part: &Part) -> String {
    let (short, unit) = unit(found);
    // Of a value, and of a difference of two.
    let (unit, points) = match Kpi::find(found.kpi).map(|kpi| kpi.unit) {
        Some(Unit::Share) => (" %".to_owned(), " percentage points"),
        Some(Unit::Count | Unit::Ratio) => (String::new(), ""),
        _ => (format!(" {unit}"), ""),
    };
    let claimed = file.causes.iter().filter(|c| c.claimed);
    let claimed: Vec<&str> = claimed.map(|c| c.name.as_str()).collect();
    let start = match part.kind {
        Kind::Day if claimed.is_empty() => "The day".to_owned(),
        Kind::Day => "The day as it was".to_owned(),
        Kind::Claims => format!(
            "The day as it would have been, had the claim been true ({})",
            claimed.join(", ")
        ),
    };
    let Some(total) = part.scopes.first() else { return start };
    let said = format!(
        "{start}: {short} {}{unit}; {}{unit} without any of the causes. The difference, {}{points}, is shared among them:",
        shown(found, &total.all),
        shown(found, &total.none),
        shown(found, &total.total),
    );
    wrapped(&said, width(), "")
}

/// An interval of a KPI without its unit: shares in percent.
fn shown(found: &Attribution, interval: &Interval) -> String {
    match Kpi::find(found.kpi).map(|kpi| kpi.unit) {
        Some(Unit::Share) => plus_minus(&in_percent(interval)),
        _ => plus_minus(interval),
    }
}

fn causes(file: &CausesFile, found: &Attribution, part: &Part, total: &ScopePart) -> String {
    let row = |(position, shared): (&usize, &Shared)| {
        let share = (total.total.mean != 0.0).then(|| shared.shapley.mean / total.total.mean);
        vec![
            file.causes[*position].name.clone(),
            shown(found, &shared.shapley),
            share.map_or_else(|| super::number::NONE.to_owned(), percent),
            shown(found, &shared.alone),
            shown(found, &shared.but_for),
        ]
    };
    let rows = part.causes.iter().zip(&total.causes).map(row).collect();
    plain(&["cause", "Shapley value", "of all", "alone", "but for it"], rows)
}

fn pairs(file: &CausesFile, found: &Attribution, total: &ScopePart) -> String {
    if total.pairs.is_empty() {
        return String::new();
    }
    let mut pairs: Vec<_> = total.pairs.iter().collect();
    pairs.sort_by(|a, b| b.interaction.mean.abs().total_cmp(&a.interaction.mean.abs()));
    let row = |pair: &Pair| {
        let (one, other) = pair.causes;
        vec![
            format!("{} × {}", file.causes[one].name, file.causes[other].name),
            shown(found, &pair.interaction),
            shown(found, &pair.dividend),
        ]
    };
    let rows = pairs.into_iter().map(row).collect();
    let head = ["pair", "together beyond each,\nover all worlds", "nothing else on"];
    plain(&head, rows)
}

/// Shapley values of the scopes of a kind, a column a cause.
fn by_scope(file: &CausesFile, found: &Attribution, part: &Part, kind: &str) -> String {
    let of_kind: Vec<&ScopePart> = part.scopes.iter().filter(|s| s.scope.kind() == kind).collect();
    let size = |s: &ScopePart| s.causes.iter().map(|c| c.shapley.mean.abs()).fold(0.0, f64::max);
    let largest = of_kind.iter().map(|s| size(s)).fold(0.0, f64::max);
    let large: Vec<&ScopePart> = of_kind.iter().copied().filter(|s| size(s) > SMALL * largest).collect();
    if large.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = part.causes.iter().map(|i| file.causes[*i].key.as_str()).collect();
    let share = |interval: &Interval| {
        let visible = interval.mean.abs().max(interval.half_width.unwrap_or(0.0));
        if visible > SMALL * largest {
            shown(found, interval)
        } else {
            "0".to_owned()
        }
    };
    let row = |s: &&ScopePart| {
        // Services have long names that end alike.
        let name = match s.scope {
            Scope::Service(_) => s.scope.key(&file.plain),
            _ => s.scope.title(&file.plain),
        };
        let shares = s.causes.iter().map(|c| share(&c.shapley));
        std::iter::once(name).chain(shares).collect()
    };
    let mut head = vec![kind];
    head.extend(names);
    let mut text = plain(&head, large.iter().map(row).collect());
    let left_out = of_kind.len() - large.len();
    if left_out > 0 {
        text += &format!("\n{left_out} more with next to nothing");
    }
    text
}

/// What is on and off where, and why: for the beginning, and for `--dry-run`.
pub fn plan(file: &CausesFile) -> String {
    let mut lines = Vec::new();
    for cause in &file.causes {
        let claimed = if cause.claimed {
            " (claimed: no part of the day as it was)"
        } else {
            ""
        };
        let said = format!("{}{claimed}. Where it is off: {}.", cause.name, cause.baseline);
        lines.push(wrapped(&format!("- {said}"), width(), "  "));
        if !cause.why.is_empty() {
            lines.push(wrapped(&format!("  {}", cause.why), width(), "  "));
        }
    }
    lines.join("\n")
}

type Row = [String; 10];

/// `attribution.csv`: one row a measure of a cause (or of several together) in a scope.
///
/// # Errors
/// When it cannot be written.
pub fn csv<W: Write>(out: W, file: &CausesFile, found: &Attribution) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(header(ATTRIBUTION, Then::Nothing))?;
    for part in &found.parts {
        for scope in &part.scopes {
            for row in rows(file, found, part, scope) {
                writer.write_record(&row)?;
            }
        }
    }
    Ok(writer.flush()?)
}

fn rows(file: &CausesFile, found: &Attribution, part: &Part, scope: &ScopePart) -> Vec<Row> {
    let row = |measure: &str, causes: String, interval: &Interval| -> Row {
        [
            part.kind.name().to_owned(),
            scope.scope.kind().to_owned(),
            scope.scope.key(&file.plain),
            measure.to_owned(),
            causes,
            found.kpi.to_owned(),
            unit(found).1.to_owned(),
            interval.mean.to_string(),
            interval.half_width.map_or_else(String::new, |h| h.to_string()),
            interval.n.to_string(),
        ]
    };
    let everything = part.causes.iter().map(|i| 1u64 << i).sum();
    let mut rows = vec![
        row("without", String::new(), &scope.none),
        row("with", file.name_of(everything), &scope.all),
        row("difference", file.name_of(everything), &scope.total),
    ];
    for (position, shared) in part.causes.iter().zip(&scope.causes) {
        let key = || file.causes[*position].key.clone();
        rows.push(row("shapley", key(), &shared.shapley));
        rows.push(row("alone", key(), &shared.alone));
        rows.push(row("but_for", key(), &shared.but_for));
    }
    for pair in &scope.pairs {
        let both = 1 << pair.causes.0 | 1 << pair.causes.1;
        rows.push(row("interaction", file.name_of(both), &pair.interaction));
    }
    for (coalition, dividend) in &scope.dividends {
        rows.push(row("dividend", file.name_of(*coalition), dividend));
    }
    rows
}

/// `worlds.csv`: one row a world and replication, the KPIs of the total.
///
/// # Errors
/// When it cannot be written.
pub fn worlds<W: Write>(out: W, file: &CausesFile, seed: u64, played: &[Played]) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(header(WORLDS, Then::Kpis))?;
    for one in played {
        let mut cells = vec![
            file.name_of(one.job.coalition),
            one.job.replication.to_string(),
            seed.to_string(),
            format!("{:016x}", one.row.fingerprint),
        ];
        let value = |kpi: &Kpi| one.row.total(kpi.name).map_or_else(String::new, |v| v.to_string());
        cells.extend(ALL.iter().map(value));
        writer.write_record(&cells)?;
    }
    Ok(writer.flush()?)
}

/// The same as one object.
pub fn json(file: &CausesFile, found: &Attribution) -> Value {
    let remarks = remarks(file, found);
    json!({
        "title": file.title,
        "model": file.plain.name,
        "size": file.plain.size.factor,
        "kpi": found.kpi,
        "unit": unit(found).1,
        "baseline": file.baseline,
        "replications": found.replications,
        "exact": found.exact,
        "causes": file.causes.iter().map(|c| json!({
            "key": c.key, "name": c.name, "baseline": c.baseline, "why": c.why, "claimed": c.claimed,
        })).collect::<Vec<_>>(),
        "parts": found.parts.iter().map(|p| part_json(file, p)).collect::<Vec<_>>(),
        "changed_nothing": found.same.iter().map(|s| json!({
            "cause": file.causes[s.cause].key, "pairs": s.same, "of": s.of,
        })).collect::<Vec<_>>(),
        "notes": remarks.iter().map(|r| &r.text).collect::<Vec<_>>(),
        "remarks": remarks.iter().map(Remark::json).collect::<Vec<_>>(),
        "caveats": CAVEATS,
    })
}

fn part_json(file: &CausesFile, part: &Part) -> Value {
    json!({
        "part": part.kind.name(),
        "scopes": part.scopes.iter().map(|s| scope_json(file, part, s)).collect::<Vec<_>>(),
    })
}

fn scope_json(file: &CausesFile, part: &Part, scope: &ScopePart) -> Value {
    let key = |position: usize| file.causes[position].key.as_str();
    let shared = part.causes.iter().zip(&scope.causes);
    json!({
        "scope_kind": scope.scope.kind(),
        "scope": scope.scope.key(&file.plain),
        "without": scope.none,
        "with": scope.all,
        "difference": scope.total,
        "gap": scope.gap,
        "two_modes": scope.modes,
        "causes": shared.map(|(i, s)| json!({
            "cause": key(*i), "shapley": s.shapley, "alone": s.alone, "but_for": s.but_for, "two_modes": s.modes,
        })).collect::<Vec<_>>(),
        "pairs": scope.pairs.iter().map(|p| json!({
            "causes": [key(p.causes.0), key(p.causes.1)], "interaction": p.interaction, "dividend": p.dividend,
        })).collect::<Vec<_>>(),
        "dividends": scope.dividends.iter().map(|(c, d)| json!({"causes": file.name_of(*c), "dividend": d})).collect::<Vec<_>>(),
    })
}

/// A line that says what a run of a world came to, for the list of finished runs.
pub fn run_line(file: &CausesFile, kpi: &str, played: &Played) -> String {
    let value = played.row.value(Scope::Total, kpi);
    let value = value.map_or_else(
        || super::number::NONE.to_owned(),
        |v| if v.abs() >= 100.0 { whole(v) } else { significant(v, 4) },
    );
    format!(
        "replication {}: {kpi} {value} with {}",
        played.job.replication,
        file.name_of(played.job.coalition)
    )
}

/// A finished run as a line of [`super::finished::Finished`].
pub fn line(played: &Played) -> String {
    let row = &played.row;
    let scopes = row.scopes.iter().map(|(_, values)| bits(values.iter().copied()));
    format!(
        "{} {} {:016x} {} {}",
        played.job.coalition,
        played.job.replication,
        row.fingerprint,
        bits(std::iter::once(Some(row.stats.own_seconds()))),
        scopes.collect::<Vec<_>>().join(";")
    )
}

/// The run of a [`line()`]; none when it is not one of this file.
pub fn from_line(file: &CausesFile, line: &str) -> Option<Played> {
    let mut words = line.split(' ');
    let job = Job {
        coalition: words.next()?.parse().ok()?,
        replication: words.next()?.parse().ok()?,
    };
    let fingerprint = u64::from_str_radix(words.next()?, 16).ok()?;
    let wall_seconds = (*from_bits(words.next()?)?.first()?)?;
    let values: Vec<Vec<Option<f64>>> = words.next()?.split(';').map(from_bits).collect::<Option<_>>()?;
    let scopes = Scope::all(&file.plain);
    let fits = scopes.len() == values.len() && values.iter().all(|v| v.len() == ALL.len());
    fits.then(|| Played {
        job,
        row: RunRow {
            arm: job.coalition as usize,
            replication: job.replication,
            fingerprint,
            stats: RunStats {
                wall_seconds,
                ..RunStats::default()
            },
            first_act: Vec::new(),
            stayed_down: Vec::new(),
            scopes: scopes.into_iter().zip(values).collect(),
        },
    })
}
