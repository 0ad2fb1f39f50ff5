//! What the page shows of a choice of levers: every setting that was tried, regrets, confirmations.

use super::ReportError;
use super::sweep::{beside, short};
use super::table::{Row, Table};
use crate::output::Files;
use serde_json::{Value, json};

/// The part of the document that a choice of levers has. `result` is its `result.json`.
pub(super) fn of(folder: &dyn Files, result: &Value) -> Result<Value, ReportError> {
    let names = |key: &str| -> Vec<String> {
        let all = result[key].as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (levers, objectives) = (names("levers"), names("objectives"));
    let mut found = result.clone();
    found["tried"] = candidates(folder, levers.len(), objectives.len())?.into();
    found["regret"] = regret(folder)?.into();
    found["satisficing"] = satisficing(folder)?.into();
    Ok(found)
}

/// A row of `pareto.csv` a setting. Levers and objectives are found by where they stand: a lever may be called like anything.
fn candidates(folder: &dyn Files, levers: usize, objectives: usize) -> Result<Vec<Value>, ReportError> {
    let table = Table::open(folder, "pareto.csv")?;
    let places = table.places();
    let needed = 3 + levers + 1 + 2 * objectives + 5;
    if places.len() != needed {
        let problem = format!("it has {} columns, not {needed}; make the result again", places.len());
        return Err(ReportError::read(&folder.shown("pareto.csv"), problem));
    }
    let (head, rest) = places.split_at(3);
    let (settings, rest) = rest.split_at(levers);
    let (futures, rest) = rest.split_at(1);
    let (numbers, tail) = rest.split_at(2 * objectives);
    let mut all = Vec::new();
    table.each(|row| {
        let pairs: Vec<Value> = numbers
            .chunks(2)
            .map(|two| {
                let half = row.number(two[1]);
                json!([row.number(two[0]).map(|mean| beside(mean, half)), half.map(short)])
            })
            .collect();
        let settings: Vec<&str> = settings.iter().map(|at| row.text(*at)).collect();
        all.push(json!({
            "name": row.text(head[0]), "front": row.text(head[1]) == "1", "chosen": row.text(head[2]) == "1",
            "settings": settings, "futures": row.number(futures[0]), "objectives": pairs,
            "held": [number(&row, tail[0]), number(&row, tail[1]), number(&row, tail[2])],
            "verdict": row.text(tail[3]), "failed": row.text(tail[4]),
        }));
    })?;
    Ok(all)
}

fn number(row: &Row<'_>, at: super::table::At) -> Option<f64> {
    row.number(at).map(short)
}

fn regret(folder: &dyn Files) -> Result<Vec<Value>, ReportError> {
    let table = Table::open(folder, "regret.csv")?;
    let [candidate, objective, futures] = table.columns(["candidate", "objective", "futures"])?;
    let [mean, half, p90, worst] = table.columns(["mean", "half_width", "p90", "worst"])?;
    let mut all = Vec::new();
    table.each(|row| {
        all.push(json!({
            "candidate": row.text(candidate), "objective": row.text(objective), "futures": row.number(futures),
            "mean": number(&row, mean), "half": number(&row, half), "p90": number(&row, p90), "worst": number(&row, worst),
        }));
    })?;
    Ok(all)
}

fn satisficing(folder: &dyn Files) -> Result<Vec<Value>, ReportError> {
    let table = Table::open(folder, "satisficing.csv")?;
    let [candidate, fresh, futures, verdict] = table.columns(["candidate", "fresh", "futures", "verdict"])?;
    let [share, low, high] = table.columns(["held_share", "held_low", "held_high"])?;
    let mut all = Vec::new();
    table.each(|row| {
        all.push(json!({
            "candidate": row.text(candidate), "fresh": row.text(fresh) == "1", "futures": row.number(futures),
            "share": number(&row, share), "low": number(&row, low), "high": number(&row, high), "verdict": row.text(verdict),
        }));
    })?;
    Ok(all)
}
