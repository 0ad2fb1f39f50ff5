//! Terminal tables: no wider than [`WIDEST`] columns, so that they survive a pasted report, nor than the terminal if that can be had.

use super::number::{self, NONE, clock_time, decimal, percent, plus_minus, short_duration, whole};
use crate::experiment::{ArmResult, Comparison, Summary};
use crate::measure::kpi::{ALL, Kpi, Scope};
use crate::scenario::model::Scenario;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use std::sync::atomic::{AtomicU16, Ordering};

/// Widest table and longest line of text, in columns.
pub const WIDEST: u16 = 100;

/// Columns of the terminal: one a process, and every table and note asks for it.
static COLUMNS: AtomicU16 = AtomicU16::new(WIDEST);

/// Tables and texts are to fit into so many columns, within reason: of 40 to [`WIDEST`].
pub fn fit_into(columns: u16) {
    COLUMNS.store(columns.clamp(40, WIDEST), Ordering::Relaxed);
}

/// The columns that tables and texts may take: [`WIDEST`] unless told otherwise by [`fit_into`].
pub fn width() -> usize {
    COLUMNS.load(Ordering::Relaxed).into()
}

/// A table in the house's style: no frame, a rule under the head, the first column to the left and numbers to the
/// right. Names that do not fit beside the numbers are shortened.
pub fn plain(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = empty(head);
    let widest = |column: usize| {
        let of_head = head[column].lines().map(|line| line.chars().count()).max();
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).chain(of_head).max().unwrap_or(0)
    };
    // Two blanks stand between columns, three behind the first.
    let numbers: usize = (1..head.len()).map(|column| widest(column) + 2).sum();
    // What the head takes anyway is there for names too.
    let of_head = head.first().map_or(0, |words| {
        words.lines().map(|line| line.chars().count()).max().unwrap_or(0)
    });
    let space = width().saturating_sub(numbers + 1).max(NARROWEST).max(of_head);
    for mut row in rows {
        if let Some(name) = row.first_mut() {
            *name = shortened(name, space);
        }
        table.add_row(row);
    }
    table.trim_fmt()
}

/// Names are not made shorter than this.
const NARROWEST: usize = 12;

/// A name in so many characters: its middle gives way, for names often differ in their last word.
fn shortened(name: &str, width: usize) -> String {
    if name.chars().count() <= width {
        return name.to_owned();
    }
    let last = name.rsplit(' ').next().filter(|last| last.chars().count() < width / 2);
    let end = last.map_or(String::new(), |last| format!(" {last}"));
    let start: String = name.chars().take(width - 1 - end.chars().count()).collect();
    format!("{}…{end}", start.trim_end_matches([' ', ',']))
}

fn empty(head: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(head.to_vec());
    for (i, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if i > 0 {
            column.set_cell_alignment(CellAlignment::Right);
            column.set_padding((0, u16::from(i + 1 < head.len())));
        }
    }
    table
}

/// Only a rule under the head.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// One line a region and one for all.
pub fn regions(scenario: &Scenario, summary: &Summary) -> String {
    let head = [
        "region",
        "people",
        "within\n15 min",
        "median\nwait",
        "95 %\nwait",
        "knocks/\nlogin",
        "hours\nlost",
        "recovered\nat",
    ];
    let rows = scopes(summary, |scope| matches!(scope, Scope::Total | Scope::Region(_)));
    let cells = rows.map(|scope| people_cells(scenario, summary, scope)).collect();
    with_foot(summary.replications, &head, cells)
}

/// One line a level.
pub fn levels(scenario: &Scenario, summary: &Summary) -> String {
    let head = [
        "level",
        "people",
        "within\n15 min",
        "median\nwait",
        "95 %\nwait",
        "knocks/\nlogin",
        "hours\nlost",
    ];
    let cells = |scope| {
        let mut cells = people_cells(scenario, summary, scope);
        cells.pop();
        cells
    };
    let rows = scopes(summary, |scope| matches!(scope, Scope::Level(_)));
    with_foot(summary.replications, &head, rows.map(cells).collect())
}

/// The scopes of a kind, in order.
fn scopes(summary: &Summary, wanted: fn(&Scope) -> bool) -> impl Iterator<Item = Scope> {
    summary.scopes.iter().map(|(scope, _)| *scope).filter(wanted)
}

fn people_cells(scenario: &Scenario, summary: &Summary, scope: Scope) -> Vec<String> {
    let cell = cells_of(summary, scope);
    vec![
        scope.title(scenario),
        cell("people", &whole),
        cell("connected_15min", &percent),
        cell("wait_p50", &short_duration),
        cell("wait_p95", &short_duration),
        cell("knocks_per_login", &|v| decimal(v, 1)),
        cell("hours_lost", &whole),
        cell("recovered_at", &|v| clock_time(&scenario.clock, v)),
    ]
}

/// The means of a scope as text; one that some replications do not have with the number of those that do behind it: nobody
/// recovers where nothing failed.
fn cells_of(summary: &Summary, scope: Scope) -> impl Fn(&str, &dyn Fn(f64) -> String) -> String {
    move |kpi, show| match summary.get(scope, kpi) {
        Some(of) if of.n < summary.replications => format!("{}{}", show(of.mean), of_some(of.n)),
        Some(of) => show(of.mean),
        None => NONE.to_owned(),
    }
}

fn of_some(runs: usize) -> String {
    format!(" ({runs})")
}

/// A table of [`cells_of`], and what the numbers in brackets are if there are any.
fn with_foot(replications: usize, head: &[&str], rows: Vec<Vec<String>>) -> String {
    let in_brackets = |cell: &String| (1..replications).any(|n| cell.ends_with(&of_some(n)));
    let some = rows.iter().flat_map(|row| row.iter().skip(1)).any(in_brackets);
    let mut table = plain(head, rows);
    if some {
        table += &format!("\n\n(n): the mean of n of the {replications} replications; the others have no such number");
    }
    table
}

/// One line a service.
pub fn services(scenario: &Scenario, summary: &Summary) -> String {
    let head = [
        "service",
        "logins",
        "knocks/\nlogin",
        "most\nsessions",
        "longest\nroom",
        "busiest",
        "slowest\npages",
        "degraded\nfrom",
        "until",
    ];
    let cells = |scope: Scope| {
        let cell = cells_of(summary, scope);
        vec![
            scope.title(scenario),
            cell("logins", &whole),
            cell("knocks_per_login", &|v| decimal(v, 1)),
            cell("peak_concurrency", &whole),
            cell("peak_room", &whole),
            cell("utilisation_peak", &percent),
            cell("page_latency_peak", &short_duration),
            cell("first_degradation", &|v| clock_time(&scenario.clock, v)),
            cell("recovered_at", &|v| clock_time(&scenario.clock, v)),
        ]
    };
    let rows = scopes(summary, |scope| matches!(scope, Scope::Service(_)));
    with_foot(summary.replications, &head, rows.map(cells).collect())
}

/// One line an arm.
pub fn comparison(comparison: &Comparison) -> String {
    let head = [
        "policy",
        "hours lost",
        "difference\nto base",
        "corre-\nlation",
        "within\n15 min",
        "never\nin",
        "knocks/\nlogin",
        "EUR\nmore",
    ];
    let replications = comparison.arms.first().map_or(0, |arm| arm.summary.replications);
    with_foot(replications, &head, comparison.arms.iter().map(arm_cells).collect())
}

fn arm_cells(arm: &ArmResult) -> Vec<String> {
    let cell = cells_of(&arm.summary, Scope::Total);
    let hours = arm.difference("hours_lost");
    let euros = arm.difference("euros_total").map(|d| d.difference.mean);
    let interval = |i: Option<_>| i.as_ref().map_or_else(|| NONE.to_owned(), plus_minus);
    vec![
        arm.name.clone(),
        interval(arm.summary.total("hours_lost")),
        interval(hours.map(|h| h.difference)),
        hours
            .and_then(|h| h.correlation)
            .map_or_else(|| NONE.to_owned(), |r| decimal(r, 2)),
        cell("connected_15min", &percent),
        cell("people_never_connected", &whole),
        cell("knocks_per_login", &|v| decimal(v, 1)),
        euros.map_or_else(|| NONE.to_owned(), whole),
    ]
}

/// One line a region and one column an arm: hours lost, as a difference to the base from the second on. When
/// the arms do not fit side by side, in several tables one below the other. Empty without regions.
pub fn comparison_by_region(scenario: &Scenario, comparison: &Comparison) -> String {
    if scenario.regions.is_empty() {
        return String::new();
    }
    let mut tables = Vec::new();
    let mut rest = comparison.arms.as_slice();
    while !rest.is_empty() {
        let fits = |n: &usize| {
            arms_by_region(scenario, &rest[..*n])
                .lines()
                .all(|l| l.chars().count() <= width())
        };
        let n = (1..=rest.len()).rev().find(fits).unwrap_or(1);
        tables.push(arms_by_region(scenario, &rest[..n]));
        rest = &rest[n..];
    }
    tables.join("\n\n")
}

fn arms_by_region(scenario: &Scenario, arms: &[ArmResult]) -> String {
    let to_base = |arm: &ArmResult| match arm.differences.is_empty() {
        true => arm.name.clone(),
        false => format!("{}\nto base", arm.name),
    };
    let names: Vec<String> = arms.iter().map(to_base).collect();
    let head: Vec<&str> = std::iter::once("hours lost\nby region")
        .chain(names.iter().map(String::as_str))
        .collect();
    let mut table = empty(&head);
    for (i, region) in scenario.regions.iter().enumerate() {
        let mut cells = vec![region.name.clone()];
        cells.extend(arms.iter().map(|arm| {
            let part = &arm.regions[i];
            let interval = part.difference.map(|d| d.difference).or(part.hours_lost);
            interval.as_ref().map_or_else(|| NONE.to_owned(), plus_minus)
        }));
        table.add_row(cells);
    }
    table.trim_fmt()
}

/// One line a KPI of the total, with its interval if there were several runs. KPIs that mean nothing in this model are left out.
pub fn kpis(scenario: &Scenario, summary: &Summary) -> String {
    let head: &[&str] = match summary.replications {
        1 => &["of all", "value"],
        _ => &["of all", "mean", "±", "runs"],
    };
    let cells = |kpi: &Kpi| {
        let interval = summary.total(kpi.name);
        let half = interval.and_then(|i| i.half_width).map(|h| half_width(kpi.unit, h));
        let mut cells = vec![
            kpi.short.to_owned(),
            number::kpi(kpi.unit, &scenario.clock, interval.map(|i| i.mean)),
            half.unwrap_or_else(|| NONE.to_owned()),
            interval.map_or_else(|| "0".to_owned(), |i| i.n.to_string()),
        ];
        cells.truncate(head.len());
        cells
    };
    let rows = ALL.iter().filter(|kpi| has_meaning(scenario, summary, kpi));
    plain(head, rows.map(cells).collect())
}

/// Whether a KPI can be anything but nothing: nobody learns where no service has sessions, a country of customers
/// has no inhabitants, gaps need parts, and what nobody has priced costs nothing.
fn has_meaning(scenario: &Scenario, summary: &Summary, kpi: &Kpi) -> bool {
    let some = |name: &str| summary.mean(Scope::Total, name).is_some_and(|mean| mean != 0.0);
    let sessions = scenario.services.iter().any(|service| service.session.is_some());
    let there = summary.total(kpi.name).is_some();
    match kpi.name {
        "people" => there,
        "hours_wanted" | "hours_obtained" | "hours_fallback" | "hours_lost" | "hours_lost_share" => {
            sessions || some("hours_wanted")
        }
        "sessions" | "sessions_cut" | "peak_concurrency" | "page_latency_peak" => sessions,
        "equity_gap_regions" | "equity_gap_levels" => there,
        name if name.starts_with("class") || name.ends_with("by_sibling") => there,
        "euros_total" | "euros_cores" | "euros_scrubbing" | "euros_fixed" => some("euros_total"),
        _ => true,
    }
}

/// A half-width in the unit of its mean: of an instant it is a duration.
fn half_width(unit: crate::measure::kpi::Unit, half: f64) -> String {
    use crate::measure::kpi::Unit;
    match unit {
        Unit::Share => format!("{} %", number::significant(half * 100.0, 2)),
        Unit::Seconds | Unit::Instant => number::duration(half),
        Unit::Minutes => number::duration(half * 60.0),
        _ => number::significant(half, 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::replicate::{Plan, Replications, replicate_with};
    use crate::experiment::{compare, default_arms};
    use crate::made_up;
    use crate::measure::kpi::Unit;
    use crate::world::RunOptions;

    fn runs(scenario: &Scenario) -> Replications {
        let plan = Plan {
            arms: default_arms(scenario),
            ..Plan::new(scenario, 2021, 5)
        };
        let runner = |s: &Scenario, o: &RunOptions<'_>| Ok(made_up::outcome(s, o.seed, o.replication, &o.policies));
        replicate_with(&plan, &|_| (), &runner).unwrap()
    }

    /// The made-up country at the size of the real one, on its second day, which makes every cell wide.
    fn enlarge(runs: &mut Replications) {
        let values = runs
            .rows
            .iter_mut()
            .flatten()
            .flat_map(|row| &mut row.scopes)
            .flat_map(|(_, v)| ALL.iter().zip(v));
        for (kpi, value) in values {
            *value = value.map(|v| match kpi.unit {
                Unit::Count | Unit::Hours => v * 5000.0,
                Unit::Euros => v * 100.0,
                Unit::Instant => v + 86_400.0,
                _ => v,
            });
        }
    }

    #[test]
    fn tables_of_the_whole_country_fit() {
        let scenario = made_up::scenario(18);
        let mut runs = runs(&scenario);
        for large in [false, true] {
            if large {
                enlarge(&mut runs);
            }
            let summary = Summary::of(&runs.rows[0]);
            let compared = compare(&scenario, &runs).unwrap();
            let by_region = comparison_by_region(&scenario, &compared);
            let tables = [
                regions(&scenario, &summary),
                services(&scenario, &summary),
                comparison(&compared),
                by_region,
            ];
            for table in tables
                .into_iter()
                .chain([levels(&scenario, &summary), kpis(&scenario, &summary)])
            {
                let widest = table.lines().map(|l| l.chars().count()).max().unwrap();
                assert!(widest <= width(), "{widest} columns:\n{table}");
                println!("{table}\n");
            }
        }
    }

    #[test]
    fn regions_read_well() {
        let scenario = made_up::scenario(3);
        insta::assert_snapshot!(regions(&scenario, &Summary::of(&runs(&scenario).rows[0])), @r"
        region                    people  within   median      95 %  knocks/  hours  recovered
                                          15 min     wait      wait    login   lost         at
        ──────────────────────────────────────────────────────────────────────────────────────
        All                          600  85.7 %  1.4 min  15.8 min      2.7     47      08:18
        Île-de-France                200  86.0 %  1.4 min  15.0 min      2.6     15  07:10 (2)
        Centre-Val de Loire          200  84.8 %  1.0 min  14.3 min      2.8     16  07:10 (3)
        Bourgogne-Franche-Comté      200  86.3 %  1.7 min  16.0 min      2.7     15  07:20 (1)

        (n): the mean of n of the 5 replications; the others have no such number
        ");
    }

    #[test]
    fn comparisons_read_well() {
        let scenario = made_up::scenario(3);
        insta::assert_snapshot!(comparison(&compare(&scenario, &runs(&scenario)).unwrap()), @r"
        policy      hours lost  difference  corre-  within  never  knocks/     EUR
                                   to base  lation  15 min     in    login    more
        ──────────────────────────────────────────────────────────────────────────
        base           47 ± 15           –       –  85.7 %     35      2.7       –
        capacity     9.6 ± 3.7    -37 ± 12    0.88  99.0 %      1      1.5  40 000
        quota          75 ± 26     28 ± 12    0.98  74.6 %     70      3.6       0
        smoothing      45 ± 18  -1.4 ± 4.3    0.98  86.3 %     33      2.6       0
        idle           47 ± 15           0    1.00  85.7 %     35      2.7       0
        ");
    }

    #[test]
    fn names_give_way_to_numbers() {
        assert_eq!(shortened("ENT Corse", 20), "ENT Corse");
        assert_eq!(
            shortened("CNED, Ma classe à la maison, collège", 24),
            "CNED, Ma classe… collège"
        );
        assert_eq!(
            shortened("CNED, Ma classe à la maison, lycée", 24),
            "CNED, Ma classe à… lycée"
        );
        assert_eq!(shortened("ENT Bourgogne-Franche-Comté", 20), "ENT Bourgogne-Franc…");
        let table = plain(&["service", "n"], vec![vec!["word ".repeat(30), "9".repeat(80)]]);
        assert!(table.lines().all(|line| line.chars().count() <= width()), "{table}");
        assert_eq!(table.lines().count(), 3, "{table}");
    }

    #[test]
    fn what_means_nothing_is_left_out() {
        let scenario = made_up::scenario(1);
        let country = kpis(&scenario, &Summary::of(&runs(&scenario).rows[0]));
        assert!(
            country.contains("hours lost") && country.contains("cost of cores"),
            "{country}"
        );
        let empty = crate::measure::Outcome {
            cohorts: vec![Default::default(); scenario.cohorts.len()],
            services: vec![Default::default(); scenario.services.len()],
            ..Default::default()
        };
        let row = crate::experiment::RunRow::of(&scenario, &empty, 0, 0);
        let queue = kpis(&scenario, &Summary::of(&[row]));
        for absent in ["hours", "slowest pages", "sessions", "cost"] {
            assert!(!queue.contains(absent), "{absent} in\n{queue}");
        }
        assert!(queue.contains("knocks") && queue.contains("mean wait"), "{queue}");
    }

    #[test]
    fn one_run_has_no_intervals() {
        let scenario = made_up::scenario(2);
        let plan = Plan::new(&scenario, 1, 1);
        let runner = |s: &Scenario, o: &RunOptions<'_>| Ok(made_up::outcome(s, o.seed, o.replication, &o.policies));
        let runs = replicate_with(&plan, &|_| (), &runner).unwrap();
        assert!(!kpis(&scenario, &Summary::of(&runs.rows[0])).contains('±'));
        assert!(!comparison(&compare(&scenario, &runs).unwrap()).contains('±'));
    }
}
