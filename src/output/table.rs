//! Terminal tables: no wider than [`WIDTH`] columns, so that they survive a pasted report.

use super::number::{self, NONE, clock_time, decimal, percent, plus_minus, short_duration, whole};
use crate::experiment::{ArmResult, Comparison, Summary};
use crate::measure::kpi::Scope;
use crate::scenario::model::Scenario;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};

/// Widest table.
pub const WIDTH: u16 = 100;

/// An empty table in the house's style: no frame, a rule under the head, the first column to the left and
/// numbers to the right. Long names wrap; numbers do not.
pub fn plain(head: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_width(WIDTH)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(head.to_vec());
    for (i, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if i > 0 {
            column.set_cell_alignment(CellAlignment::Right);
            column.set_padding((0, 1));
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

/// Only a rule under the head.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

fn text(table: &Table) -> String {
    table.trim_fmt()
}

/// One line a region and one for all.
pub fn regions(scenario: &Scenario, summary: &Summary) -> String {
    let mut table = plain(&[
        "region",
        "people",
        "within\n15 min",
        "median\nwait",
        "95 %\nwait",
        "knocks/\nlogin",
        "hours\nlost",
        "recovered\nat",
    ]);
    for (scope, _) in &summary.scopes {
        if matches!(scope, Scope::Total | Scope::Region(_)) {
            table.add_row(people_cells(scenario, summary, *scope));
        }
    }
    text(&table)
}

/// One line a level.
pub fn levels(scenario: &Scenario, summary: &Summary) -> String {
    let mut table = plain(&[
        "level",
        "people",
        "within\n15 min",
        "median\nwait",
        "95 %\nwait",
        "knocks/\nlogin",
        "hours\nlost",
    ]);
    for (scope, _) in &summary.scopes {
        if matches!(scope, Scope::Level(_)) {
            let mut cells = people_cells(scenario, summary, *scope);
            cells.pop();
            table.add_row(cells);
        }
    }
    text(&table)
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

/// The means of a scope as text.
fn cells_of(summary: &Summary, scope: Scope) -> impl Fn(&str, &dyn Fn(f64) -> String) -> String {
    move |kpi, show| summary.mean(scope, kpi).map_or_else(|| NONE.to_owned(), show)
}

/// One line a service.
pub fn services(scenario: &Scenario, summary: &Summary) -> String {
    let mut table = plain(&[
        "service",
        "logins",
        "knocks/\nlogin",
        "most\nsessions",
        "longest\nroom",
        "busiest",
        "slowest\npages",
        "degraded\nfrom",
        "until",
    ]);
    for (scope, _) in summary.scopes.iter().filter(|(s, _)| matches!(s, Scope::Service(_))) {
        let cell = cells_of(summary, *scope);
        table.add_row(vec![
            scope.title(scenario),
            cell("logins", &whole),
            cell("knocks_per_login", &|v| decimal(v, 1)),
            cell("peak_concurrency", &whole),
            cell("peak_room", &whole),
            cell("utilisation_peak", &percent),
            cell("page_latency_peak", &short_duration),
            cell("first_degradation", &|v| clock_time(&scenario.clock, v)),
            cell("recovered_at", &|v| clock_time(&scenario.clock, v)),
        ]);
    }
    text(&table)
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
    let mut table = plain(&head);
    for arm in &comparison.arms {
        table.add_row(arm_cells(arm));
    }
    text(&table)
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
                .all(|l| l.chars().count() <= WIDTH.into())
        };
        let n = (1..=rest.len()).rev().find(fits).unwrap_or(1);
        tables.push(arms_by_region(scenario, &rest[..n]));
        rest = &rest[n..];
    }
    tables.join("\n\n")
}

fn arms_by_region(scenario: &Scenario, arms: &[ArmResult]) -> String {
    let head: Vec<&str> = std::iter::once("region")
        .chain(arms.iter().map(|a| a.name.as_str()))
        .collect();
    let mut table = plain(&head);
    table.set_content_arrangement(ContentArrangement::Disabled);
    for (i, region) in scenario.regions.iter().enumerate() {
        let mut cells = vec![region.name.clone()];
        cells.extend(arms.iter().map(|arm| {
            let part = &arm.regions[i];
            let interval = part.difference.map(|d| d.difference).or(part.hours_lost);
            interval.as_ref().map_or_else(|| NONE.to_owned(), plus_minus)
        }));
        table.add_row(cells);
    }
    text(&table)
}

/// One line a KPI of the total, with its interval.
pub fn kpis(scenario: &Scenario, summary: &Summary) -> String {
    let mut table = plain(&["of all", "mean", "±", "runs"]);
    for kpi in crate::measure::kpi::ALL {
        let interval = summary.total(kpi.name);
        let half = interval.and_then(|i| i.half_width).map(|h| half_width(kpi.unit, h));
        table.add_row(vec![
            kpi.short.to_owned(),
            number::kpi(kpi.unit, &scenario.clock, interval.map(|i| i.mean)),
            half.unwrap_or_else(|| NONE.to_owned()),
            interval.map_or_else(|| "0".to_owned(), |i| i.n.to_string()),
        ]);
    }
    text(&table)
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
    use crate::measure::kpi::{ALL, Unit};
    use crate::measure::made_up;
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
                assert!(widest <= WIDTH as usize, "{widest} columns:\n{table}");
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
        ───────────────────────────────────────────────────────────────────────────────────────
        All                          600  85.7 %  1.4 min  15.9 min      2.7     47      08:18
        Île-de-France                200  86.0 %  1.4 min  15.1 min      2.6     15      07:10
        Centre-Val de Loire          200  84.8 %  1.0 min  14.3 min      2.8     16      07:10
        Bourgogne-Franche-Comté      200  86.3 %  1.7 min  16.0 min      2.7     15      07:20
        ");
    }

    #[test]
    fn comparisons_read_well() {
        let scenario = made_up::scenario(3);
        insta::assert_snapshot!(comparison(&compare(&scenario, &runs(&scenario)).unwrap()), @r"
        policy      hours lost  difference  corre-  within  never  knocks/     EUR
                                   to base  lation  15 min     in    login    more
        ───────────────────────────────────────────────────────────────────────────
        base           47 ± 15           –       –  85.7 %     35      2.7       –
        capacity     9.6 ± 3.7    -37 ± 12    0.88  99.0 %      1      1.5  40 000
        quota          75 ± 26     28 ± 12    0.98  74.6 %     70      3.6       0
        smoothing      45 ± 18  -1.4 ± 4.3    0.98  86.3 %     33      2.6       0
        idle           47 ± 15           0    1.00  85.7 %     35      2.7       0
        ");
    }

    #[test]
    fn one_run_has_no_intervals() {
        let scenario = made_up::scenario(2);
        let plan = Plan::new(&scenario, 1, 1);
        let runner = |s: &Scenario, o: &RunOptions<'_>| Ok(made_up::outcome(s, o.seed, o.replication, &o.policies));
        let runs = replicate_with(&plan, &|_| (), &runner).unwrap();
        assert!(
            kpis(&scenario, &Summary::of(&runs.rows[0]))
                .lines()
                .skip(2)
                .all(|line| line.contains(NONE))
        );
        assert!(!comparison(&compare(&scenario, &runs).unwrap()).contains('±'));
    }
}
