//! What the referee found, as tables and as docs/referee.md.

use super::family::{CURVE, LOADS};
use super::gaps::{Gap, Tolerance};
use super::judge::{ALPHA, Report, Row, Verdict, WORTH};
use std::fmt::Write;

/// Groups of KPIs, in the order of columns.
const GROUPS: [(&str, &[&str]); 6] = [
    (
        "people",
        &[
            "people_tried",
            "people_connected",
            "people_never_connected",
            "visits",
            "visits_unfinished",
            "gave_up_share",
        ],
    ),
    (
        "knocks",
        &[
            "knocks",
            "logins",
            "logins_wasted",
            "refusals",
            "refused_quota",
            "refused_full",
            "losses",
            "timeouts",
            "reneged",
            "knocks_per_login",
        ],
    ),
    (
        "waits",
        &[
            "connected_1min",
            "connected_5min",
            "connected_15min",
            "wait_p50",
            "wait_p95",
            "wait_p99",
            "wait_mean",
            "first_degradation",
            "recovered_at",
            "degraded_minutes",
        ],
    ),
    (
        "hours",
        &[
            "sessions",
            "sessions_cut",
            "hours_wanted",
            "hours_obtained",
            "hours_fallback",
            "hours_lost",
            "hours_lost_share",
        ],
    ),
    (
        "load",
        &["peak_concurrency", "peak_room", "utilisation_peak", "utilisation_mean"],
    ),
    ("pages", &["page_latency_peak"]),
];

/// The systems in the order of the report.
fn systems(report: &Report) -> Vec<&str> {
    let mut systems: Vec<&str> = report.rows.iter().map(|r| r.system.as_str()).collect();
    systems.dedup();
    systems
}

/// A system and a group in a word: `agree`, or the largest gap as a share and its KPI; with `!` where it is unknown.
fn cell(report: &Report, system: &str, kpis: &[&str]) -> String {
    let rows = report
        .rows
        .iter()
        .filter(|r| r.system == system && kpis.contains(&r.kpi));
    let gaps: Vec<&Row> = rows.filter(|r| r.verdict != Verdict::Agree).collect();
    let worst = gaps.iter().max_by(|a, b| {
        let size = |r: &Row| (r.verdict == Verdict::Gap, r.relative().abs());
        size(a).partial_cmp(&size(b)).unwrap_or(std::cmp::Ordering::Equal)
    });
    worst.map_or_else(
        || "agree".to_owned(),
        |r| {
            let mark = if r.verdict == Verdict::Gap { "! " } else { "" };
            format!("{mark}{} {:+.1} %", r.kpi, 100.0 * r.relative())
        },
    )
}

/// One line a system, one column a group.
pub fn table(report: &Report) -> (Vec<String>, Vec<Vec<String>>) {
    let head = std::iter::once("system").chain(GROUPS.iter().map(|g| g.0));
    let line = |system: &&str| {
        let cells = GROUPS.iter().map(|(_, kpis)| cell(report, system, kpis));
        std::iter::once((*system).to_owned()).chain(cells).collect()
    };
    (
        head.map(str::to_owned).collect(),
        systems(report).iter().map(line).collect(),
    )
}

/// A row as one line of words.
pub fn line(row: &Row) -> String {
    let half = row
        .difference
        .half_width
        .map_or(String::new(), |h| format!(" ± {}", short(h)));
    format!(
        "{} {}: fluids {}, request by request {}: {}{half} {} ({:+.1} %)",
        row.system,
        row.kpi,
        short(row.auto),
        short(row.events),
        short(row.difference.mean),
        row.unit,
        100.0 * row.relative()
    )
}

/// Three or more digits.
fn short(x: f64) -> String {
    let digits = if x == 0.0 {
        0
    } else {
        (2 - libm::floor(libm::log10(x.abs())) as i32).clamp(0, 6)
    };
    format!("{x:.*}", digits as usize)
}

/// `docs/referee.md`.
pub fn page(report: &Report, known: &[Gap], date: &str, command: &str) -> String {
    let mut out = format!(
        "# Fluids against requests one by one\n\n\
         Written by the program on {date}; do not edit by hand:\n\n```sh\n{command}\n```\n\n\
         The default mode puts fluids in the place of pages of sessions, polls and refusal pages, and of the requests of a\n\
         flood ([model.md](model.md)). `--mode events` is the referee: each of them is an event. Here small systems are run in\n\
         both modes, {} replications each with the same people, and every KPI of the registry is compared pair by pair.\n\
         A difference is called a gap if it stands against all {} rows at once (Holm 1979, {} % for a single false one)\n\
         and is at least {} % of the KPI.\n\
         The systems are `models/referee/base.ron` and what `src/experiment/referee/family.rs` lays over it; a key is kind, load\n\
         that people ask for as a share of the cores (floods come on top), and cores. The known gaps with the most they may be are in\n\
         `models/referee/gaps.csv`: a gap that is not there, or larger, makes the command fail.\n\n\
         Found: {} rows agree, {} are known gaps, {} are unknown gaps.\n",
        report.replications,
        report.rows.len(),
        100.0 * ALPHA,
        100.0 * WORTH,
        report.count(Verdict::Agree),
        report.count(Verdict::Known),
        report.count(Verdict::Gap),
    );
    curve(&mut out, report);
    reasons(&mut out, report, known);
    let (head, lines) = table(report);
    let _ = write!(
        out,
        "\n## Every system\n\nIn each group the KPI with the largest gap, fluids minus referee as a share of the referee; `!`: not known.\n\n| {} |\n|{}\n",
        head.join(" | "),
        "---|".repeat(head.len())
    );
    for line in lines {
        let _ = writeln!(out, "| {} |", line.join(" | "));
    }
    out
}

/// Where the fluid of pages begins to be wrong.
fn curve(out: &mut String, report: &Report) {
    let find = |load: f64, cores: u32, kpi: &str| {
        let key = format!("sessions/{load}/{cores}");
        report.rows.iter().find(|r| r.system == key && r.kpi == kpi)
    };
    for (kpi, what) in [
        ("hours_lost_share", "Share of hours lost"),
        ("page_latency_peak", "Latency of pages in the worst 5 minutes, s"),
        ("wait_mean", "Mean wait, s"),
    ] {
        let _ = write!(
            out,
            "\n## {what}: pages as a fluid and one by one\n\nSystems of sessions; *fluids / referee*, **bold** where it is a gap.\n\n| load | {} |\n|---|{}\n",
            CURVE.map(|c| format!("{c} cores")).join(" | "),
            "---|".repeat(CURVE.len())
        );
        for load in LOADS {
            let cells = CURVE.map(|cores| match find(load, cores, kpi) {
                None => "-".to_owned(),
                Some(r) => {
                    let pair = format!("{} / {}", short(r.auto), short(r.events));
                    if r.verdict == Verdict::Agree {
                        pair
                    } else {
                        format!("**{pair}**")
                    }
                }
            });
            let _ = writeln!(out, "| {load} | {} |", cells.join(" | "));
        }
    }
}

fn reasons(out: &mut String, report: &Report, known: &[Gap]) {
    out.push_str("\n## Known gaps\n\n| systems | KPIs | at most | largest seen | why |\n|---|---|---|---|---|\n");
    for (g, gap) in known.iter().enumerate() {
        let most = match gap.tolerance {
            Tolerance::Relative(share) => format!("{} %", short(100.0 * share)),
            Tolerance::Absolute(x) => short(x),
        };
        let of_it = report.rows.iter().filter(|r| r.known == Some(g));
        let size = |r: &&Row| match gap.tolerance {
            Tolerance::Relative(_) => r.relative().abs(),
            Tolerance::Absolute(_) => r.difference.mean.abs(),
        };
        let worst = of_it.max_by(|a, b| size(a).total_cmp(&size(b)));
        let seen = worst.map_or("none".to_owned(), line);
        let cell = |text: &str| text.replace('|', ", ");
        let _ = writeln!(
            out,
            "| {} | {} | {most} | {seen} | {} |",
            cell(&gap.systems),
            cell(&gap.kpis),
            gap.reason
        );
    }
}
