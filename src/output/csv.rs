//! CSV files: a header, commas, points for decimals, nothing where there is no value.

use super::civil::Civil;
use super::columns::{
    COMPARISON, DAYS, RUNS, RUNS_BY_SCOPE, SERIES, SERIES_REGIONS, SUMMARY, TICKETS, Then, WAITS, dictionary, header,
};
use crate::experiment::stats::Paired;
use crate::experiment::{Arm, Comparison, Replications, RunRow, Summary};
use crate::measure::kpi::{ALL, Kpi, Scope, View};
use crate::measure::{self, DAY_KPIS, DayView, REGION_COLUMNS, SERVICE_COLUMNS};
use crate::scenario::model::Scenario;
use std::io::Write;

type Done = Result<(), csv::Error>;

fn number(value: Option<f64>) -> String {
    value
        .filter(|v| v.is_finite())
        .map_or_else(String::new, |v| v.to_string())
}

fn write<W: Write>(out: W, head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Done {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(&row)?;
    }
    Ok(writer.flush()?)
}

fn rows(runs: &Replications) -> impl Iterator<Item = (&Arm, &RunRow)> {
    runs.arms
        .iter()
        .zip(&runs.rows)
        .flat_map(|(arm, rows)| rows.iter().map(move |row| (arm, row)))
}

/// `runs.csv`: one row a run, the KPIs of the total.
///
/// # Errors
/// When it cannot be written.
pub fn runs<W: Write>(out: W, runs: &Replications) -> Done {
    let line = |(arm, row): (&Arm, &RunRow)| {
        let s = row.stats;
        let mut cells = vec![
            arm.name.clone(),
            row.replication.to_string(),
            runs.seed.to_string(),
            format!("{:016x}", row.fingerprint),
            s.logical_events.to_string(),
            s.executed_events.to_string(),
            s.people_active_peak.to_string(),
            number(Some(s.cpu_seconds)),
            number(Some(s.wall_seconds)),
        ];
        cells.extend(ALL.iter().map(|kpi| number(row.total(kpi.name))));
        cells
    };
    write(out, &header(RUNS, Then::Kpis), rows(runs).map(line))
}

/// `runs_by_scope.csv`: one row a run and scope but the total, all KPIs.
///
/// # Errors
/// When it cannot be written.
pub fn runs_by_scope<W: Write>(out: W, scenario: &Scenario, runs: &Replications) -> Done {
    let lines = rows(runs).flat_map(|(arm, row)| {
        let parts = row.scopes.iter().filter(|(scope, _)| *scope != Scope::Total);
        parts.map(move |(scope, values)| {
            let start = [
                arm.name.clone(),
                row.replication.to_string(),
                scope.kind().to_owned(),
                scope.key(scenario),
            ];
            start.into_iter().chain(values.iter().map(|v| number(*v))).collect()
        })
    });
    write(out, &header(RUNS_BY_SCOPE, Then::Kpis), lines)
}

/// `summary.csv`: one row an arm, scope and KPI that exists there.
///
/// # Errors
/// When it cannot be written.
pub fn summary<'a, W: Write>(out: W, scenario: &Scenario, arms: impl Iterator<Item = (&'a str, &'a Summary)>) -> Done {
    let lines = arms.flat_map(|(arm, summary)| {
        summary.scopes.iter().flat_map(move |(scope, values)| {
            ALL.iter().zip(values).filter_map(move |(kpi, interval)| {
                let i = (*interval)?;
                let mut cells = start(scenario, arm, *scope, kpi);
                cells.extend([number(Some(i.mean)), number(i.half_width), i.n.to_string()]);
                Some(cells)
            })
        })
    });
    write(out, &header(SUMMARY, Then::Nothing), lines)
}

fn start(scenario: &Scenario, arm: &str, scope: Scope, kpi: &Kpi) -> Vec<String> {
    let text: [&str; 5] = [arm, scope.kind(), &scope.key(scenario), kpi.name, kpi.unit.name()];
    text.map(str::to_owned).to_vec()
}

/// `comparison.csv`: every KPI of the total and the hours lost of every region, as differences to the base.
///
/// # Errors
/// When it cannot be written.
pub fn comparison<W: Write>(out: W, scenario: &Scenario, comparison: &Comparison) -> Done {
    let mut lines = Vec::new();
    for arm in &comparison.arms {
        let mut add = |scope, kpi: &Kpi, paired: Option<Paired>| {
            if let Some(p) = paired {
                let mut cells = start(scenario, &arm.name, scope, kpi);
                let d = p.difference;
                cells.extend([number(Some(d.mean)), number(d.half_width), d.n.to_string()]);
                cells.extend([number(p.correlation), number(p.p_value)]);
                lines.push(cells);
            }
        };
        ALL.iter()
            .zip(&arm.differences)
            .for_each(|(kpi, p)| add(Scope::Total, kpi, *p));
        for kpi in ALL.iter().filter(|k| k.name == "hours_lost") {
            arm.regions
                .iter()
                .for_each(|r| add(Scope::Region(r.region), kpi, r.difference));
        }
    }
    write(out, &header(COMPARISON, Then::Nothing), lines.into_iter())
}

/// `series.csv`: one row a service and bin, of each arm's first replication.
///
/// # Errors
/// When it cannot be written.
pub fn series<W: Write>(out: W, scenario: &Scenario, runs: &Replications) -> Done {
    let starts = &bin_starts(scenario, runs);
    let lines = kept(runs).flat_map(|(arm, first, outcome)| {
        let series = &outcome.series;
        scenario
            .services
            .iter()
            .zip(&series.services)
            .flat_map(move |(service, bins)| {
                bins.iter().zip(starts).map(move |(bin, start)| {
                    let mut cells = vec![arm.name.clone(), first.to_string(), service.key.clone()];
                    cells.extend_from_slice(start);
                    cells.extend(SERVICE_COLUMNS.iter().map(|column| column.text(bin)));
                    cells
                })
            })
    });
    write(out, &header(SERIES, Then::Services), lines)
}

/// `series_regions.csv`: one row a region and bin, of each arm's first replication.
///
/// # Errors
/// When it cannot be written.
pub fn series_regions<W: Write>(out: W, scenario: &Scenario, runs: &Replications) -> Done {
    let starts = &bin_starts(scenario, runs);
    let lines = kept(runs).flat_map(|(arm, first, outcome)| {
        let series = &outcome.series;
        scenario
            .regions
            .iter()
            .zip(&series.regions)
            .flat_map(move |(region, bins)| {
                bins.iter().zip(starts).map(move |(bin, start)| {
                    let mut cells = vec![arm.name.clone(), first.to_string(), region.key.clone()];
                    cells.extend_from_slice(start);
                    cells.extend(REGION_COLUMNS.iter().map(|column| column.text(bin)));
                    cells
                })
            })
    });
    write(out, &header(SERIES_REGIONS, Then::Regions), lines)
}

/// `days.csv`: one row a day and scope, of each arm's first replication.
///
/// # Errors
/// When it cannot be written.
pub fn days<W: Write>(out: W, scenario: &Scenario, runs: &Replications) -> Done {
    let dates = measure::days(&scenario.clock);
    let scopes = Scope::all(scenario);
    let mut lines = Vec::new();
    for (arm, first, outcome) in kept(runs) {
        for (n, day) in dates.iter().enumerate() {
            for scope in &scopes {
                let view = DayView::new(scenario, outcome, *scope, n, day);
                let mut cells = vec![arm.name.clone(), first.to_string(), day.date.to_string()];
                cells.extend([scope.kind().to_owned(), scope.key(scenario)]);
                cells.extend(DAY_KPIS.iter().map(|kpi| number(kpi.of(&view))));
                lines.push(cells);
            }
        }
    }
    write(out, &header(DAYS, Then::DayKpis), lines.into_iter())
}

/// Limits of `waits.csv`, s: from at once to a day.
const LIMITS_S: [f64; 23] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 2700.0, 3600.0, 5400.0,
    7200.0, 10_800.0, 14_400.0, 21_600.0, 43_200.0, 86_400.0,
];

/// `waits.csv`: how soon visits got in, one row a scope and limit, of each arm's first replication.
///
/// # Errors
/// When it cannot be written.
pub fn waits<W: Write>(out: W, scenario: &Scenario, runs: &Replications) -> Done {
    let lines = kept(runs).flat_map(|(arm, first, outcome)| {
        Scope::all(scenario).into_iter().flat_map(move |scope| {
            let view = View::new(scenario, outcome, scope);
            let start = [
                arm.name.clone(),
                first.to_string(),
                scope.kind().to_owned(),
                scope.key(scenario),
            ];
            LIMITS_S.map(|limit| {
                let within = libm::round(view.in_within(limit));
                let visits = view.visits() as f64;
                let share = (visits > 0.0).then_some(within / visits);
                let numbers = [Some(limit), Some(within), Some(visits), share].map(number);
                start.iter().cloned().chain(numbers).collect()
            })
        })
    });
    write(out, &header(WAITS, Then::Nothing), lines)
}

/// `tickets.csv`: one row a ticket of a crisis cell, of each arm's first replication.
///
/// # Errors
/// When it cannot be written.
pub fn tickets<W: Write>(out: W, scenario: &Scenario, runs: &Replications) -> Done {
    let lines = kept(runs).flat_map(|(arm, first, outcome)| {
        outcome.tickets.iter().map(move |ticket| {
            let start = [arm.name.clone(), first.to_string()];
            start
                .into_iter()
                .chain(super::tickets::cells(scenario, ticket))
                .collect()
        })
    });
    write(out, &header(TICKETS, Then::Nothing), lines)
}

fn kept(runs: &Replications) -> impl Iterator<Item = (&Arm, u64, &crate::measure::Outcome)> {
    let first = runs.replications.start;
    runs.arms
        .iter()
        .zip(&runs.first)
        .filter_map(move |(arm, outcome)| Some((arm, first, outcome.as_ref()?)))
}

/// Where each bin begins: civil time, and seconds from the start.
fn bin_starts(scenario: &Scenario, runs: &Replications) -> Vec<[String; 2]> {
    let civil = Civil::of(&scenario.clock);
    let (mut bins, mut width) = (0, 0.0);
    for (_, _, outcome) in kept(runs) {
        let series = &outcome.series;
        let lengths = (series.services.iter().map(Vec::len)).chain(series.regions.iter().map(Vec::len));
        bins = lengths.fold(bins, usize::max);
        width = series.width;
    }
    let start = |second: f64| [civil.stamped(second), number(Some(second))];
    (0..bins).map(|bin| start(bin as f64 * width)).collect()
}

/// `columns.csv`: the dictionary of all the others.
///
/// # Errors
/// When it cannot be written.
pub fn columns<W: Write>(out: W) -> Done {
    let line = |c: super::columns::Column| vec![c.file.to_owned(), c.name.to_owned(), c.unit.to_owned(), c.meaning];
    write(
        out,
        &["file", "column", "unit", "meaning"],
        dictionary().into_iter().map(line),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::replicate::{Plan, replicate_with};
    use crate::experiment::{compare, default_arms};
    use crate::made_up;
    use crate::world::RunOptions;

    fn files() -> Vec<(&'static str, String)> {
        let scenario = made_up::scenario(2);
        let plan = Plan {
            arms: default_arms(&scenario),
            ..Plan::new(&scenario, 5, 3)
        };
        let runner = |s: &Scenario, o: &RunOptions<'_>| Ok(made_up::outcome(s, o.seed, o.replication, &o.policies));
        let made = replicate_with(&plan, &|_| (), &runner).unwrap();
        let compared = compare(&scenario, &made).unwrap();
        let text = |f: &dyn Fn(&mut Vec<u8>) -> Done| {
            let mut out = Vec::new();
            f(&mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let arms = || compared.arms.iter().map(|a| (a.name.as_str(), &a.summary));
        vec![
            ("runs.csv", text(&|o| runs(o, &made))),
            ("runs_by_scope.csv", text(&|o| runs_by_scope(o, &scenario, &made))),
            ("summary.csv", text(&|o| summary(o, &scenario, arms()))),
            ("comparison.csv", text(&|o| comparison(o, &scenario, &compared))),
            ("series.csv", text(&|o| series(o, &scenario, &made))),
            ("series_regions.csv", text(&|o| series_regions(o, &scenario, &made))),
            ("days.csv", text(&|o| days(o, &scenario, &made))),
            ("waits.csv", text(&|o| waits(o, &scenario, &made))),
            ("tickets.csv", text(&|o| tickets(o, &scenario, &made))),
        ]
    }

    #[test]
    fn every_column_is_in_the_dictionary_and_no_value_is_nan() {
        for (file, text) in files() {
            let head: Vec<&str> = text.lines().next().unwrap().split(',').collect();
            let known: Vec<&str> = dictionary().iter().filter(|c| c.file == file).map(|c| c.name).collect();
            assert_eq!(head, known, "{file}");
            assert!(!text.contains("NaN") && !text.contains("inf,"), "{file}");
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            assert!(reader.records().all(|r| r.unwrap().len() == head.len()), "{file}");
        }
    }

    #[test]
    fn rows_are_what_they_say() {
        let files = files();
        let lines = |file: &str| files.iter().find(|(f, _)| *f == file).unwrap().1.lines().count() - 1;
        assert_eq!(lines("runs.csv"), 5 * 3);
        assert_eq!(lines("runs_by_scope.csv"), 5 * 3 * (2 + 2 + 3));
        assert_eq!(lines("series.csv"), 5 * 3 * 30);
        assert_eq!(lines("series_regions.csv"), 5 * 2 * 30);
        let series = &files[4].1;
        assert!(
            series
                .lines()
                .nth(1)
                .unwrap()
                .starts_with("base,0,ent-idf,2021-04-06T07:00:00+02:00,0,"),
            "{series}"
        );
    }

    #[test]
    fn waits_rise_to_all_who_got_in_and_agree_with_the_kpis() {
        let files = files();
        let text = |file: &str| &files.iter().find(|(f, _)| *f == file).unwrap().1;
        let table = |file: &str| -> Vec<std::collections::HashMap<String, String>> {
            let mut reader = csv::Reader::from_reader(text(file).as_bytes());
            reader.deserialize().map(Result::unwrap).collect()
        };
        let (waits, runs) = (table("waits.csv"), table("runs_by_scope.csv"));
        assert_eq!(waits.len(), 5 * (1 + 2 + 2 + 3) * LIMITS_S.len());
        for rows in waits.chunks(LIMITS_S.len()) {
            let count = |row: &std::collections::HashMap<String, String>| row["in_within"].parse::<f64>().unwrap();
            assert!(rows.is_sorted_by(|a, b| count(a) <= count(b)), "{rows:?}");
            let own = |k: &&std::collections::HashMap<String, String>| {
                ["arm", "replication", "scope_kind", "scope"]
                    .iter()
                    .all(|c| k[*c] == rows[0][*c])
            };
            let Some(run) = runs.iter().find(own) else {
                assert_eq!(rows[0]["scope_kind"], "total");
                continue;
            };
            for (limit, kpi) in [
                ("60", "connected_1min"),
                ("300", "connected_5min"),
                ("900", "connected_15min"),
            ] {
                let row = rows.iter().find(|row| row["within_s"] == limit).unwrap();
                assert_eq!(
                    row["share"], run[kpi],
                    "{kpi} of {} {}",
                    run["scope_kind"], run["scope"]
                );
            }
        }
    }

    #[test]
    fn the_dictionary_is_a_file_too() {
        let mut out = Vec::new();
        columns(&mut out).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("runs.csv,hours_lost,h,"));
    }
}
