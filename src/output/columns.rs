//! The columns of every file: headers and the dictionary come from here, the KPIs' from their registry.

use crate::measure::kpi::ALL;
use crate::measure::{DAY_KPIS, REGION_COLUMNS, SERVICE_COLUMNS};

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
pub(super) const SERIES: &[Fixed] = &[ARM, REPLICATION, ("service", "", "Key of the service"), FROM, SECOND];

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
pub(super) const SERIES_REGIONS: &[Fixed] = &[ARM, REPLICATION, ("region", "", "Key of the region"), FROM, SECOND];

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

/// `waits.csv`: one row a scope and limit.
pub(super) const WAITS: &[Fixed] = &[
    ARM,
    REPLICATION,
    SCOPE_KIND,
    SCOPE,
    (
        "within_s",
        "s",
        "A limit for the wait from the first knock of a visit (at a service: at its door) until it is in",
    ),
    (
        "in_within",
        "count",
        "Visits in within the limit; exact for 60, 300 and 900 s, else of a limit up to 0.8 % away",
    ),
    (
        "visits",
        "count",
        "All visits of the scope, those that never got in included",
    ),
    (
        "share",
        "share (0 to 1)",
        "in_within / visits; empty where there were none",
    ),
];

/// `tickets.csv`: one row a ticket of a crisis cell.
pub(super) const TICKETS: &[Fixed] = &[
    ARM,
    REPLICATION,
    ("operator", "", "Key of the operator"),
    ("service", "", "Key of the service"),
    (
        "alarm",
        "",
        "The signal that was high; afterwards: work after the trouble",
    ),
    ("noticed", "civil time", "When the alarm was raised"),
    ("taken", "civil time", "When somebody took it up"),
    ("diagnosed", "civil time", "When the cause was known"),
    ("fixes", "", "What was done, each with the instant at which it acted"),
    ("closed", "civil time", "When the ticket was closed"),
    ("end", "", "open, fixed, by itself, or done (work after the trouble)"),
];

/// `attribution.csv`.
pub(super) const ATTRIBUTION: &[Fixed] = &[
    (
        "part",
        "",
        "day: the causes of the day as it was; claims: the claimed ones too",
    ),
    SCOPE_KIND,
    SCOPE,
    (
        "measure",
        "",
        "without: the KPI with none of the causes; with: with all of them; difference; shapley; alone; but_for; interaction; dividend",
    ),
    ("causes", "", "Key of the cause, or of several joined by +"),
    KPI,
    UNIT,
    ("mean", "", "Mean over replications"),
    (
        "half_width",
        "",
        "Half-width of its 95 % t-interval; empty for one replication",
    ),
    ("n", "count", "Replications"),
];

/// `worlds.csv`: before the KPIs of the total.
pub(super) const WORLDS: &[Fixed] = &[
    ("world", "", "The causes that are on, joined by +; none without any"),
    REPLICATION,
    ("seed", "", "Seed of the experiment"),
    (
        "fingerprint",
        "",
        "Hash of the run's whole history: equal runs have equal ones",
    ),
];

/// `particles.csv`: before the parameters.
pub(super) const PARTICLES: &[Fixed] = &[
    ("run", "", "Number of the run, from 0"),
    ("round", "", "In which round it was drawn, from 0"),
    ("kept", "", "1: one of the draws of the posterior"),
    ("weight", "", "Prior density over proposal density"),
    (
        "distance",
        "tolerances",
        "Mean over facts of how far the worst test lies outside its limits",
    ),
    ("facts", "", "Facts that the run shows"),
];

/// The registry whose columns follow the fixed ones of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Nothing,
    Kpis,
    DayKpis,
    Services,
    Regions,
}

impl Then {
    fn columns(self) -> Vec<(&'static str, &'static str, String)> {
        match self {
            Then::Nothing => Vec::new(),
            Then::Kpis => ALL
                .iter()
                .map(|k| (k.name, k.unit.name(), format!("{}. {}", k.formula, k.long)))
                .collect(),
            Then::DayKpis => DAY_KPIS
                .iter()
                .map(|k| (k.name, k.unit.name(), k.meaning.to_owned()))
                .collect(),
            Then::Services => SERVICE_COLUMNS
                .iter()
                .map(|c| (c.name, c.unit, c.meaning.to_owned()))
                .collect(),
            Then::Regions => REGION_COLUMNS
                .iter()
                .map(|c| (c.name, c.unit, c.meaning.to_owned()))
                .collect(),
        }
    }
}

/// The files, and what follows their fixed columns.
const FILES: [(&str, &[Fixed], Then); 13] = [
    ("runs.csv", RUNS, Then::Kpis),
    ("runs_by_scope.csv", RUNS_BY_SCOPE, Then::Kpis),
    ("summary.csv", SUMMARY, Then::Nothing),
    ("comparison.csv", COMPARISON, Then::Nothing),
    ("series.csv", SERIES, Then::Services),
    ("series_regions.csv", SERIES_REGIONS, Then::Regions),
    ("days.csv", DAYS, Then::DayKpis),
    ("waits.csv", WAITS, Then::Nothing),
    ("tickets.csv", TICKETS, Then::Nothing),
    ("people.csv", PEOPLE, Then::Nothing),
    ("attribution.csv", ATTRIBUTION, Then::Nothing),
    ("worlds.csv", WORLDS, Then::Kpis),
    ("particles.csv", PARTICLES, Then::Nothing),
];

/// The dictionary: every column of every file.
pub fn dictionary() -> Vec<Column> {
    let mut columns = Vec::new();
    for (file, fixed, then) in FILES {
        let fixed = fixed
            .iter()
            .map(|(name, unit, meaning)| (*name, *unit, (*meaning).to_owned()));
        columns.extend(fixed.chain(then.columns()).map(|(name, unit, meaning)| Column {
            file,
            name,
            unit,
            meaning,
        }));
    }
    columns
}

/// The header of a file.
pub(super) fn header(fixed: &'static [Fixed], then: Then) -> Vec<&'static str> {
    let registered = then.columns();
    let registered = registered.iter().map(|(name, ..)| *name);
    fixed.iter().map(|(name, ..)| *name).chain(registered).collect()
}
