//! What the page shows of a calibration: ranges before and after, the draws, how often fresh runs show each fact.

use super::ReportError;
use super::sweep::short;
use super::table::Table;
use crate::output::Files;
use serde_json::{Map, Value, json};

/// Most draws that the page holds.
const MOST_DRAWS: usize = 2000;

/// The part of the document that a calibration has. `result` is its `result.json`.
pub(super) fn of(folder: &dyn Files, result: &Value) -> Result<Value, ReportError> {
    let mut found = result.clone();
    found["posterior"] = draws(folder, result)?;
    Ok(found)
}

/// Key of a parameter: its values by draw; and the weights. A parameter stands where the result lists it, the weight behind
/// them all.
fn draws(folder: &dyn Files, result: &Value) -> Result<Value, ReportError> {
    let table = Table::open(folder, "posterior.csv")?;
    let places = table.places();
    let parameters = result["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if places.len() != parameters.len() + 1 {
        return Err(ReportError::NoColumn {
            path: folder.shown("posterior.csv"),
            column: "weight".to_owned(),
        });
    }
    let mut columns: Vec<Vec<Option<f64>>> = vec![Vec::new(); places.len()];
    table.each(|row| {
        for (column, at) in columns.iter_mut().zip(&places) {
            if column.len() < MOST_DRAWS {
                column.push(row.number(*at).map(short));
            }
        }
    })?;
    let weights = columns.pop().unwrap_or_default();
    let values: Map<String, Value> = parameters
        .iter()
        .zip(columns)
        .map(|(parameter, column)| (parameter["key"].as_str().unwrap_or_default().to_owned(), json!(column)))
        .collect();
    Ok(json!({ "values": values, "weights": weights }))
}
