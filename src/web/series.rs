//! Series, packed: a day of the country has a quarter of a million numbers, most of them zeros of the night.

use super::ReportError;
use super::table::{At, Table};
use crate::output::Files;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Most characters of all packed series together: beyond it bins are joined, so that a page stays light.
const BUDGET: usize = 2_300_000;
/// Failures that the page shows as one.
const OTHER: [&str; 6] = [
    "refused_limited",
    "refused_outage",
    "refused_blocked",
    "losses",
    "reneged",
    "dropped",
];

/// How the values of neighbouring bins become one.
#[derive(Clone, Copy, PartialEq)]
enum Join {
    Sum,
    /// The level at the end: that of the last.
    Last,
    Mean,
}

/// What the page shows of a service.
const SERVICE: [(&str, Join); 16] = [
    ("knocks", Join::Sum),
    ("first_knocks", Join::Sum),
    ("logins", Join::Sum),
    ("refused_quota", Join::Sum),
    ("refused_full", Join::Sum),
    ("timeouts", Join::Sum),
    ("gave_up", Join::Sum),
    ("in_15min", Join::Sum),
    ("sessions", Join::Last),
    ("seats", Join::Last),
    ("cap", Join::Last),
    ("room", Join::Last),
    ("orbit", Join::Last),
    ("latency", Join::Mean),
    ("utilisation", Join::Mean),
    ("flood", Join::Last),
];
/// What the page shows of a region.
const REGION: [(&str, Join); 5] = [
    ("visits", Join::Sum),
    ("in_5min", Join::Sum),
    ("in_15min", Join::Sum),
    ("in_ever", Join::Sum),
    ("gave_up", Join::Sum),
];

/// `[column][bin]` of one place.
type Columns = Vec<Vec<f64>>;

/// The series of services or of regions: arm, then place.
pub(super) struct Series {
    names: Vec<(&'static str, Join)>,
    places: BTreeMap<String, BTreeMap<String, Columns>>,
}

impl Series {
    /// `series.csv`.
    pub fn of_services(folder: &dyn Files) -> Result<Series, ReportError> {
        let table = Table::open(folder, "series.csv")?;
        let mut others = Vec::new();
        for name in OTHER {
            others.push(table.column(name)?);
        }
        let mut series = Series::read(table, "service", &SERVICE, &others)?;
        series.names.push(("refused_other", Join::Sum));
        Ok(series)
    }

    /// `series_regions.csv`.
    pub fn of_regions(folder: &dyn Files) -> Result<Series, ReportError> {
        Series::read(Table::open(folder, "series_regions.csv")?, "region", &REGION, &[])
    }

    fn read(table: Table, place: &str, names: &[(&'static str, Join)], added: &[At]) -> Result<Series, ReportError> {
        let [arm, place] = table.columns(["arm", place])?;
        let mut at = Vec::new();
        for (name, _) in names {
            at.push(table.column(name)?);
        }
        let mut places: BTreeMap<String, BTreeMap<String, Columns>> = BTreeMap::new();
        let width = names.len() + usize::from(!added.is_empty());
        table.each(|row| {
            let of_arm = places.entry(row.text(arm).to_owned()).or_default();
            let columns = of_arm
                .entry(row.text(place).to_owned())
                .or_insert_with(|| vec![Vec::new(); width]);
            for (column, at) in columns.iter_mut().zip(&at) {
                column.push(row.number(*at).unwrap_or(0.0));
            }
            if let (false, Some(last)) = (added.is_empty(), columns.last_mut()) {
                last.push(added.iter().filter_map(|at| row.number(*at)).sum());
            }
        })?;
        let names = names.to_vec();
        Ok(Series { names, places })
    }

    /// The values of a column by bin.
    pub fn column(&self, arm: &str, place: &str, name: &str) -> Option<&[f64]> {
        let column = self.names.iter().position(|(n, _)| *n == name)?;
        self.places.get(arm)?.get(place)?.get(column).map(Vec::as_slice)
    }

    fn packed(&self, times: usize) -> Value {
        let mut arms = Map::new();
        for (arm, places) in &self.places {
            let mut of_arm = Map::new();
            for (place, columns) in places {
                let columns = self.names.iter().zip(columns).filter_map(|((name, join), values)| {
                    let values = joined(values, *join, times);
                    let there = values.iter().any(|v| *v != 0.0);
                    there.then(|| ((*name).to_owned(), Value::String(pack(&values))))
                });
                of_arm.insert(place.clone(), Value::Object(columns.collect()));
            }
            arms.insert(arm.clone(), Value::Object(of_arm));
        }
        Value::Object(arms)
    }
}

/// Both kinds of series in bins of the run's width, or of a multiple of it where they would make the page heavy.
pub(super) fn packed(services: &Series, regions: &Series, width: f64) -> Value {
    let mut times = 1;
    loop {
        let (of_services, of_regions) = (services.packed(times), regions.packed(times));
        let size = characters(&of_services) + characters(&of_regions);
        if size <= BUDGET || times > 1000 {
            let bin = width * times as f64;
            return json!({ "bin": bin, "joined": times, "services": of_services, "regions": of_regions });
        }
        times += 1;
    }
}

fn characters(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Object(map) => map.values().map(characters).sum(),
        _ => 0,
    }
}

fn joined(values: &[f64], join: Join, times: usize) -> Vec<f64> {
    let one = |bins: &[f64]| match join {
        Join::Sum => bins.iter().sum(),
        Join::Last => bins.last().copied().unwrap_or(0.0),
        Join::Mean => bins.iter().sum::<f64>() / bins.len() as f64,
    };
    values.chunks(times.max(1)).map(one).collect()
}

/// Numbers with a blank between them; `7*12` says that 7 stands there twelve times. Counts keep every digit, others
/// three significant ones.
fn pack(values: &[f64]) -> String {
    let mut text = String::new();
    for same in values.chunk_by(|a, b| a.to_bits() == b.to_bits()) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&short(same[0]));
        if same.len() > 1 {
            let _ = write!(text, "*{}", same.len());
        }
    }
    text
}

fn short(value: f64) -> String {
    if value == value.trunc() {
        return format!("{value:.0}");
    }
    let digits = (2 - libm::floor(libm::log10(value.abs())) as i32).clamp(0, 6) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_neighbours_are_written_once() {
        assert_eq!(
            pack(&[0.0, 0.0, 0.0, 12345.0, 0.251_34, 0.251_34, 7.0]),
            "0*3 12345 0.251*2 7"
        );
        assert_eq!(pack(&[1234.567, 12.0]), "1235 12");
        assert_eq!(pack(&[]), "");
    }

    #[test]
    fn joined_bins_keep_what_their_column_means() {
        let values = [1.0, 2.0, 6.0, 4.0, 5.0];
        assert_eq!(joined(&values, Join::Sum, 3), [9.0, 9.0]);
        assert_eq!(joined(&values, Join::Last, 3), [6.0, 5.0]);
        assert_eq!(joined(&values, Join::Mean, 3), [3.0, 4.5]);
        assert_eq!(joined(&values, Join::Sum, 1), values);
    }
}
