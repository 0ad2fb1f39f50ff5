//! The columns of every file: headers and the dictionary come from here, the KPIs' from their registry.

use crate::measure::DAY_KPIS;
use crate::measure::kpi::ALL;

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// In which file.
    pub file: &'static str,
    /// Its header.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: &'static str,
    /// What it means.
    pub meaning: String,
}

/// Name, unit and meaning of a column that is no KPI.
type Fixed = (&'static str, &'static str, &'static str);

const ARM: Fixed = ("arm", "", "Name of the arm: base, a policy, a mix of policies");
const REPLICATION: Fixed = (
    "replication",
    "",
    "Number of the replication, from 0; the same number meets the same people in every arm",
);
const SCOPE_KIND: Fixed = ("scope_kind", "", "total, region, level or service");
const SCOPE: Fixed = ("scope", "", "Key of the region, level or service; empty for the total");
const KPI: Fixed = ("kpi", "", "Name of the KPI, see docs/kpis.md");
const UNIT: Fixed = ("unit", "", "Unit of the values of this row");
const FROM: Fixed = (
    "from",
    "civil time",
    "Start of the bin, with the offset of the run's zone",
);
const SECOND: Fixed = ("second", "s since the start", "Start of the bin");

/// `runs.csv`: before the KPIs of the total.
pub(super) const RUNS: &[Fixed] = &[
    ARM,
    REPLICATION,
    ("seed", "", "Seed of the experiment"),
    (
        "fingerprint",
        "",
        "Hash of the run's whole history: equal runs have equal ones",
    ),
    (
        "logical_events",
        "count",
        "Knocks, logins, time-outs and ends of sessions",
    ),
    (
        "executed_events",
        "count",
        "Events that the program executed one by one",
    ),
    ("people_active_peak", "count", "Most visits under way at once"),
    ("cpu_seconds", "s", "Processor time of the run"),
    ("wall_seconds", "s", "Wall time of the run"),
];

/// `runs_by_scope.csv`: before the KPIs of the scope.
pub(super) const RUNS_BY_SCOPE: &[Fixed] = &[ARM, REPLICATION, SCOPE_KIND, SCOPE];

/// `summary.csv`.
pub(super) const SUMMARY: &[Fixed] = &[
    ARM,
    SCOPE_KIND,
    SCOPE,
    KPI,
    UNIT,
    ("mean", "", "Mean over replications"),
    (
        "half_width",
        "",
        "Half-width of its 95 % t-interval; empty for one replication",
    ),
    ("n", "count", "Replications in which the KPI exists"),
];

/// `comparison.csv`.
pub(super) const COMPARISON: &[Fixed] = &[
    ARM,
    SCOPE_KIND,
    SCOPE,
    KPI,
    UNIT,
    (
        "difference",
        "",
        "Mean over replications of the arm's value minus the base's",
    ),
    (
        "half_width",
        "",
        "Half-width of its paired 95 % t-interval; empty for one replication",
    ),
    ("n", "count", "Replications in which the KPI exists in both arms"),
    (
        "correlation",
        "",
        "Correlation of the arm with the base over replications",
    ),
    (
        "p_value",
        "",
        "Two-sided p-value of no difference, not corrected for the number of arms",
    ),
];

/// `series.csv`.
pub(super) const SERIES: &[Fixed] = &[
    ARM,
    REPLICATION,
    ("service", "", "Key of the service"),
    FROM,
    SECOND,
    ("knocks", "count", "Knocks in the bin"),
    (
        "first_knocks",
        "count",
        "Knocks in the bin that were the first of a visit at this door",
    ),
    ("logins", "count", "Logins in the bin"),
    (
        "refused_quota",
        "count",
        "Knocks refused: quota reached or waiting room full",
    ),
    ("refused_full", "count", "Knocks refused: threads busy and backlog full"),
    ("refused_limited", "count", "Knocks refused: no token in the bucket"),
    ("refused_outage", "count", "Knocks refused: service down"),
    (
        "refused_blocked",
        "count",
        "Knocks refused: taken for an attacker, or shed",
    ),
    ("losses", "count", "Knocks failed: packets lost"),
    ("timeouts", "count", "Knocks failed: the client's time-out"),
    (
        "reneged",
        "count",
        "Knocks failed: patience ran out in the waiting room",
    ),
    ("dropped", "count", "Knocks failed: the service went down meanwhile"),
    ("gave_up", "count", "Visits that gave this door up in the bin"),
    (
        "in_5min",
        "count",
        "Of the visits whose first knock here fell in the bin: in within 5 minutes",
    ),
    (
        "in_15min",
        "count",
        "Of the visits whose first knock here fell in the bin: in within 15 minutes",
    ),
    (
        "people",
        "count",
        "People whose first visit of the day to get in began in the bin and ended at this service",
    ),
    (
        "classes_opened",
        "count",
        "Live classes whose teacher came in for the first time in the bin",
    ),
    ("sessions", "count", "Sessions at the end of the bin"),
    ("seats", "count", "Seats taken at the end of the bin"),
    (
        "cap",
        "count",
        "Cap in force at the end of the bin, 0 when there is none",
    ),
    ("room", "count", "People in the waiting room at the end of the bin"),
    ("orbit", "count", "People who wait to knock again at the end of the bin"),
    ("in_service", "count", "Logins in service at the end of the bin"),
    ("backlog", "count", "Logins waiting for a thread at the end of the bin"),
    (
        "utilisation",
        "share (0 to 1)",
        "Busy share of the capacity, mean over the bin",
    ),
    ("latency", "s", "Page latency, mean over the bin"),
    ("quality", "share (0 to 1)", "Quality of sessions, mean over the bin"),
    ("flood", "1/s", "Flood requests per second at the end of the bin"),
    (
        "loss",
        "share (0 to 1)",
        "Packet loss on the link at the end of the bin",
    ),
];

/// `people.csv`: one row a visit.
pub(super) const PEOPLE: &[Fixed] = &[
    ("cohort", "", "Key of the cohort"),
    (
        "region",
        "",
        "Key of the region; empty for customers of textbook models",
    ),
    ("level", "", "Level of the cohort"),
    (
        "person",
        "",
        "Number of the person in the cohort, the same in every arm and policy",
    ),
    (
        "begun",
        "civil time",
        "First knock of the visit, with the offset of the run's zone",
    ),
    (
        "in_after",
        "s",
        "From the first knock until in for the first time; empty: never",
    ),
    (
        "over_after",
        "s",
        "From the first knock to the end of the visit; empty: not over when the run ended",
    ),
    (
        "knocks",
        "count",
        "Knocks at the last door; empty: not over when the run ended",
    ),
    ("outcome", "", "served, gave up, or unfinished when the run ended"),
];

/// `series_regions.csv`.
pub(super) const SERIES_REGIONS: &[Fixed] = &[
    ARM,
    REPLICATION,
    ("region", "", "Key of the region"),
    FROM,
    SECOND,
    ("visits", "count", "Visits begun in the bin"),
    (
        "in_5min",
        "count",
        "Of the visits begun in the bin: in within 5 minutes of their first knock",
    ),
    (
        "in_15min",
        "count",
        "Of the visits begun in the bin: in within 15 minutes of their first knock",
    ),
    (
        "in_ever",
        "count",
        "Of the visits begun in the bin: in before the end of the run, however late",
    ),
    (
        "gave_up",
        "count",
        "Of the visits begun in the bin: given up without ever having been in",
    ),
    (
        "classes_opened",
        "count",
        "Live classes of the region's pupils whose teacher came in for the first time in the bin",
    ),
];

/// `days.csv`: before the numbers of the day.
pub(super) const DAYS: &[Fixed] = &[
    ARM,
    REPLICATION,
    (
        "day",
        "date",
        "A day of the books, from 04:00 to 04:00 in the zone of the run",
    ),
    SCOPE_KIND,
    SCOPE,
];

/// The files and whether the KPIs follow the fixed columns.
const FILES: [(&str, &[Fixed], bool); 7] = [
    ("runs.csv", RUNS, true),
    ("runs_by_scope.csv", RUNS_BY_SCOPE, true),
    ("summary.csv", SUMMARY, false),
    ("comparison.csv", COMPARISON, false),
    ("series.csv", SERIES, false),
    ("series_regions.csv", SERIES_REGIONS, false),
    ("people.csv", PEOPLE, false),
];

/// The dictionary: every column of every file.
pub fn dictionary() -> Vec<Column> {
    let mut columns = Vec::new();
    for (file, fixed, with_kpis) in FILES {
        columns.extend(fixed.iter().map(|(name, unit, meaning)| Column {
            file,
            name,
            unit,
            meaning: (*meaning).to_owned(),
        }));
        let kpis = ALL.iter().filter(|_| with_kpis);
        columns.extend(kpis.map(|k| Column {
            file,
            name: k.name,
            unit: k.unit.name(),
            meaning: format!("{}. {}", k.formula, k.long),
        }));
    }
    let days = DAYS.iter().map(|(name, unit, meaning)| (*name, *unit, *meaning));
    let days = days.chain(DAY_KPIS.iter().map(|k| (k.name, k.unit.name(), k.meaning)));
    columns.extend(days.map(|(name, unit, meaning)| Column {
        file: "days.csv",
        name,
        unit,
        meaning: meaning.to_owned(),
    }));
    columns
}

/// The header of a file.
pub(super) fn header(fixed: &'static [Fixed], with_kpis: bool) -> Vec<&'static str> {
    let kpis = ALL.iter().filter(|_| with_kpis).map(|k| k.name);
    fixed.iter().map(|(name, ..)| *name).chain(kpis).collect()
}
