//! `preau verify`: holds the simulator against exact values of queueing theory.

use super::{Ended, FAILED, INVALID, Stop, USAGE, say};
use crate::experiment::theory::{self, Finding, Precision, Report, Verdict};
use clap::Args;
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt::Write;
use std::path::PathBuf;

mod referee;

/// Runs textbook queues through the simulator and compares them with exact values.
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
    /// Rows from this file instead of those inside the program: CSV with the columns case, parameters (JSON),
    /// quantity, value, and if you like formula_or_method and source.
    #[arg(long, value_name = "FILE.csv")]
    pub oracles: Option<PathBuf>,
    /// Only rows whose case contains this text.
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// A look in under a minute: half-widths of 5 % instead of 1 %.
    #[arg(long)]
    pub quick: bool,
    /// Seed of the random streams.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// One JSON list instead of tables.
    #[arg(long)]
    pub json: bool,
    /// Hold fluids against requests one by one instead: a family of small systems in both modes.
    #[arg(long, conflicts_with_all = ["oracles", "families"])]
    pub referee: bool,
    /// Replications of each system in each mode [default: 16; with --quick 8].
    #[arg(long, requires = "referee", value_parser = clap::value_parser!(u64).range(2..=10_000))]
    pub replications: Option<u64>,
    /// Known gaps from this file instead of those inside the program: CSV with systems, kpis, tolerance, reason.
    #[arg(long, requires = "referee", value_name = "FILE.csv")]
    pub gaps: Option<PathBuf>,
    /// Write docs/referee.md to this file too.
    #[arg(long, requires = "referee", value_name = "FILE.md")]
    pub page: Option<PathBuf>,
    /// Write docs/theory.md's list of families to the output and end.
    #[arg(long, hide = true)]
    pub families: bool,
}

/// Runs the verb.
pub(super) fn verify(args: &VerifyArgs) -> Ended {
    if args.referee {
        return referee::referee(args);
    }
    let (name, text) = match &args.oracles {
        None => ("the built-in rows".to_owned(), theory::BUILT_IN.to_owned()),
        Some(path) => match std::fs::read(path) {
            Ok(bytes) => (path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) => {
                return Err(Stop::new(
                    INVALID,
                    format!("error: {} cannot be read: {error}", path.display()),
                ));
            }
        },
    };
    let mut rows = theory::read(&name, &text).map_err(|error| Stop::new(INVALID, format!("error: {error}")))?;
    if let Some(only) = &args.only {
        let only = only.to_lowercase();
        rows.retain(|row| row.case.to_lowercase().contains(&only));
        if rows.is_empty() {
            let words =
                format!("error: no case of {name} has `{only}` in its name; `preau verify --families` lists them");
            return Err(Stop::new(USAGE, words));
        }
    }
    if args.families {
        return say(theory::families::page(&rows).trim_end());
    }
    for defect in rows.iter().filter_map(|r| r.defect.as_ref()) {
        aside!("warning: {name}, {defect}");
    }
    let precision = if args.quick { Precision::QUICK } else { Precision::FULL };
    // Hidden by itself when nobody looks at the terminal.
    let bar = ProgressBar::new(0).with_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len} systems, {elapsed} so far")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let report = theory::verify(&rows, &precision, args.seed, &|done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    say(&if args.json { json(&report) } else { tables(&report) })?;
    // The rows say which; the code says that there are some.
    if report.count(Verdict::Fail) > 0 {
        Err(Stop::new(FAILED, ""))
    } else {
        Ok(())
    }
}

fn json(report: &Report) -> String {
    // Plain structures of texts and finite numbers: nothing in them can fail to be written.
    serde_json::to_string_pretty(&report.findings).unwrap_or_default()
}

fn tables(report: &Report) -> String {
    let mut out = String::new();
    let simulated: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|f| f.verdict != Verdict::Unsupported)
        .collect();
    let other: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|f| f.verdict == Verdict::Unsupported)
        .collect();
    if !simulated.is_empty() {
        let mut table = table(&["case", "parameters", "quantity", "exact", "simulated", "±", "z", ""]);
        for f in simulated {
            let number = |x: Option<f64>| x.map_or_else(|| "-".into(), short);
            let verdict = if f.verdict == Verdict::Pass { "pass" } else { "FAIL" };
            table.add_row(vec![
                f.case.clone(),
                parameters(f),
                f.quantity.clone(),
                short(f.exact),
                number(f.estimate),
                f.half_width.map_or_else(|| "-".into(), |x| digits(x, 3)),
                f.z.map_or_else(|| "-".into(), |z| format!("{z:+.2}")),
                verdict.into(),
            ]);
        }
        align(&mut table, &[29, 26, 16, 11, 11, 9, 6, 5], &[3, 4, 5, 6]);
        let _ = writeln!(out, "{}", table.trim_fmt());
    }
    let failed: Vec<&Finding> = report.findings.iter().filter(|f| f.verdict == Verdict::Fail).collect();
    for (title, list) in [("Failed", failed), ("Not simulated", other)] {
        if list.is_empty() {
            continue;
        }
        let mut table = table(&["case", "parameters", "quantity", "reason"]);
        for f in list {
            table.add_row(vec![
                f.case.clone(),
                parameters(f),
                f.quantity.clone(),
                f.reason.clone(),
            ]);
        }
        align(&mut table, &[30, 24, 18, 44], &[]);
        let _ = writeln!(out, "\n{title}\n{}", table.trim_fmt());
    }
    let _ = write!(
        out,
        "\n{} passed, {} failed, {} unsupported. ± is half of the 95 % interval; z counts standard errors.",
        report.count(Verdict::Pass),
        report.count(Verdict::Fail),
        report.count(Verdict::Unsupported)
    );
    out
}

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(120).set_header(head.iter().map(Cell::new));
    table
}

/// Fixed widths (they add up, with borders and paddings, to 120 columns at most) and columns of numbers.
fn align(table: &mut Table, widths: &[u16], numbers: &[usize]) {
    for (i, width) in widths.iter().enumerate() {
        if let Some(column) = table.column_mut(i) {
            column.set_padding((0, 1));
            column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(width + 1)));
            if numbers.contains(&i) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
}

fn parameters(finding: &Finding) -> String {
    let texts: Vec<String> = finding
        .parameters
        .iter()
        .map(|(name, value)| match value {
            serde_json::Value::String(text) => format!("{name}={text}"),
            serde_json::Value::Number(n) => format!("{name}={}", n.as_f64().map_or_else(|| n.to_string(), short)),
            other => format!("{name}={other}"),
        })
        .collect();
    texts.join(" ")
}

/// Six digits.
fn short(x: f64) -> String {
    digits(x, 6)
}

fn digits(x: f64, digits: i32) -> String {
    let size = x.abs();
    if x == 0.0 || !x.is_finite() {
        format!("{x}")
    } else if !(1e-4..1e7).contains(&size) {
        let digits = (digits - 2).max(1) as usize;
        format!("{x:.digits$e}")
    } else {
        let digits = (digits - 1 - libm::floor(libm::log10(size)) as i32).clamp(0, 8) as usize;
        let text = format!("{x:.digits$}");
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(4.0), "4");
        assert_eq!(short(0.107_374_182_4), "0.107374");
        assert_eq!(short(98_999.934_07), "98999.9");
        assert_eq!(short(1.98e-8), "1.9800e-8");
        assert_eq!(short(100.0), "100");
    }

    #[test]
    fn tables_fit_in_120_columns() {
        let rows = theory::read("x", "case,parameters,quantity,value\n\"M/M/1 Kingman bound, with a very long name that goes on and on\",\"{\"\"lam\"\": 0.8, \"\"mu\"\": 1}\",Wq<=,3\n").unwrap();
        let report = theory::verify(&rows, &Precision::QUICK, 1, &|_, _| {});
        let text = tables(&report);
        assert!(text.contains("0 passed, 0 failed, 1 unsupported"));
        assert!(text.lines().all(|l| l.chars().count() <= 120), "{text}");
    }
}
