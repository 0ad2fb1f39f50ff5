//! KPIs by name and scope, `hours_lost` or `hours_lost@region:idf`, and constraints on them.

use crate::experiment::RunRow;
use crate::experiment::switch::Names;
use crate::measure::kpi::{ALL, Kpi, Scope, Unit};
use crate::scenario::model::Scenario;
use crate::scenario::{Scalar, seconds, suggest};

/// A KPI of a scope: a column of what a sweep keeps.
#[derive(Clone)]
pub struct Column {
    /// `hours_lost`, or `hours_lost@region:idf`.
    pub name: String,
    /// The KPI.
    pub kpi: &'static Kpi,
    /// Its scope in the base model.
    pub scope: Scope,
    /// Key of the scope; empty for the total.
    key: String,
}

impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl Column {
    /// Of a KPI and a scope.
    pub fn new(scenario: &Scenario, kpi: &'static Kpi, scope: Scope) -> Column {
        let key = scope.key(scenario);
        let name = match scope {
            Scope::Total => kpi.name.to_owned(),
            _ => format!("{}@{}:{key}", kpi.name, scope.kind()),
        };
        Column { name, kpi, scope, key }
    }

    /// Every KPI of the total.
    pub fn totals(scenario: &Scenario) -> Vec<Column> {
        ALL.iter().map(|kpi| Column::new(scenario, kpi, Scope::Total)).collect()
    }

    /// Its value in a run of a model, in which the scope may stand at another position than in the base model.
    pub fn of(&self, scenario: &Scenario, row: &RunRow) -> Option<f64> {
        let same = |scope: &Scope| scope.kind() == self.scope.kind() && scope.key(scenario) == self.key;
        let scope = match self.scope {
            Scope::Total => Scope::Total,
            _ => row.scopes.iter().map(|(scope, _)| *scope).find(same)?,
        };
        row.value(scope, self.kpi.name)
    }
}

/// Something that has to hold in a run.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Of which number.
    pub column: Column,
    /// Its least value.
    pub at_least: Option<f64>,
    /// Its greatest value.
    pub at_most: Option<f64>,
}

impl Constraint {
    /// Whether a run keeps it. What does not exist (the recovery from no trouble) breaks no limit.
    pub fn holds(&self, value: Option<f64>) -> bool {
        value.is_none_or(|v| self.at_least.is_none_or(|low| v >= low) && self.at_most.is_none_or(|high| v <= high))
    }

    /// `hours_lost_share <= 0.02`.
    pub fn describe(&self) -> String {
        let name = &self.column.name;
        match (self.at_least, self.at_most) {
            (Some(low), Some(high)) => format!("{low} <= {name} <= {high}"),
            (Some(low), None) => format!("{name} >= {low}"),
            (None, Some(high)) => format!("{name} <= {high}"),
            (None, None) => name.clone(),
        }
    }
}

/// A limit of a KPI in its unit: a bare number, or a duration or share as in models.
pub(crate) fn limit(names: &mut Names<'_>, path: &str, kpi: &Kpi, written: &Scalar) -> Option<f64> {
    let read = match (written, kpi.unit) {
        (Scalar::Number(number), _) => Some(*number),
        (Scalar::Text(text), Unit::Seconds) => seconds(text),
        (Scalar::Text(text), Unit::Minutes) => seconds(text).map(|s| s / 60.0),
        (Scalar::Text(text), Unit::Hours) => seconds(text).map(|s| s / 3600.0),
        (Scalar::Text(text), Unit::Share) => text.trim().strip_suffix('%').and_then(|percent| {
            let percent: f64 = percent.trim().parse().ok()?;
            Some(percent / 100.0)
        }),
        _ => None,
    };
    let limit = read.filter(|limit| limit.is_finite());
    if limit.is_none() {
        let example = match kpi.unit {
            Unit::Seconds | Unit::Minutes | Unit::Hours => " or such as `\"2 min\"`",
            Unit::Share => " or such as `\"95 %\"`",
            _ => "",
        };
        let help = format!("`{}` is in {}: write a bare number{example}", kpi.name, kpi.unit.name());
        names.note(path, format!("this is no limit of `{}`", kpi.name), help);
    }
    limit
}

/// The columns that a word of a file means: its KPI in one scope, or in several with `*` (`hours_lost@region:*`).
pub(crate) fn columns(names: &mut Names<'_>, path: &str, word: &str, scenario: &Scenario) -> Vec<Column> {
    let (kpi, scope) = match word.split_once('@') {
        None => (word, None),
        Some((kpi, scope)) => (kpi, Some(scope)),
    };
    let Some(kpi) = Kpi::find(kpi.trim()) else {
        let known: Vec<&str> = ALL.iter().map(|kpi| kpi.name).collect();
        names.note(path, format!("there is no KPI `{kpi}`"), suggest(kpi, "KPI", &known));
        return Vec::new();
    };
    let Some(scope) = scope else {
        return vec![Column::new(scenario, kpi, Scope::Total)];
    };
    let Some((kind, key)) = scope.split_once(':') else {
        let help = format!("write such as `{}@region:idf`", kpi.name);
        names.note(path, format!("`{scope}` is no scope"), help);
        return Vec::new();
    };
    let of_kind: Vec<Scope> = Scope::all(scenario)
        .into_iter()
        .filter(|s| s.kind() == kind && *s != Scope::Total)
        .collect();
    if of_kind.is_empty() {
        let help = suggest(kind, "kind of scope", &["region", "level", "service"]);
        names.note(path, format!("the model has no {kind} to look at"), help);
        return Vec::new();
    }
    let keys: Vec<String> = of_kind.iter().map(|scope| scope.key(scenario)).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let found = names.places(path, key, kind, &keys);
    found
        .into_iter()
        .map(|i| Column::new(scenario, kpi, of_kind[i]))
        .collect()
}
