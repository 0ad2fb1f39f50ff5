//! `preau verify --referee`: holds fluids against requests one by one.

use super::super::{Ended, FAILED, INVALID, Stop, USAGE, say};
use super::{VerifyArgs, align, table};
use crate::experiment::referee::{Report, Row, Size, Verdict, family, gaps, judge, page, play};
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt::Write;

/// Replications of each system, for the whole family and for a quick look.
const REPLICATIONS: [u64; 2] = [16, 8];

/// Runs the verb.
pub(super) fn referee(args: &VerifyArgs) -> Ended {
    let failed = |error: String| Stop::new(FAILED, format!("error: {error}"));
    let size = if args.quick { Size::Quick } else { Size::Whole };
    let replications = args.replications.unwrap_or(REPLICATIONS[usize::from(args.quick)]);
    let mut systems = family(size);
    if let Some(only) = &args.only {
        systems.retain(|s| s.key().contains(only.as_str()));
    }
    if systems.is_empty() {
        return Err(Stop::new(USAGE, "error: no system has this text in its key"));
    }
    let known = match &args.gaps {
        None => gaps::known(),
        Some(path) => std::fs::read_to_string(path)
            .map_err(|e| e.to_string())
            .and_then(|text| gaps::read(&text)),
    };
    let known = known.map_err(|e| Stop::new(INVALID, format!("error: known gaps: {e}")))?;
    let bar = ProgressBar::new(0).with_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len} pairs of runs, {elapsed} so far")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let told = |done: usize, of: usize| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    };
    let pairs = play(&systems, replications, args.seed, &told).map_err(failed)?;
    bar.finish_and_clear();
    let report = judge(&pairs, &known, replications);
    if args.json {
        say(&serde_json::to_string_pretty(&report.rows).unwrap_or_default())?;
    } else {
        say(&text(&report, &known, args.quick))?;
    }
    if let Some(path) = &args.page {
        let date = jiff::Zoned::now().date().to_string();
        let text = page::page(&report, &known, &date, "preau verify --referee --page docs/referee.md");
        std::fs::write(path, text).map_err(|e| failed(format!("{} cannot be written: {e}", path.display())))?;
    }
    if report.count(Verdict::Gap) > 0 {
        return Err(Stop::new(FAILED, ""));
    }
    Ok(())
}

/// A quick look has too few replications to say that a known gap is gone.
fn text(report: &Report, known: &[gaps::Gap], quick: bool) -> String {
    let (head, lines) = page::table(report);
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let mut shown = table(&head);
    for line in lines {
        shown.add_row(line);
    }
    align(&mut shown, &[20, 15, 15, 15, 15, 15, 15], &[]);
    let mut out = format!("{}\n", shown.trim_fmt());
    let unknown: Vec<&Row> = report.rows.iter().filter(|r| r.verdict == Verdict::Gap).collect();
    for row in &unknown {
        let _ = write!(out, "\nGAP {}", page::line(row));
    }
    for g in report.unseen.iter().filter(|_| !quick) {
        let _ = write!(
            out,
            "\nno longer needed: the known gap of {} in {}",
            known[*g].kpis, known[*g].systems
        );
    }
    let _ = write!(
        out,
        "\n\n{} rows agree, {} known gaps, {} unknown gaps ({} replications of each system in both modes; Holm at 1 % over all rows).",
        report.count(Verdict::Agree),
        report.count(Verdict::Known),
        unknown.len(),
        report.replications
    );
    out
}
