//! A selection of the best: for the terminal, as CSV, as JSON.

use super::number::{NONE, kpi_plus_minus, significant, unit_of_column, whole};
use super::table::{plain, width};
use crate::experiment::selection::{Question, Raced, Selection};
use crate::experiment::stats::Goal;
use crate::measure::kpi::Unit;
use crate::scenario::wrapped;
use serde_json::{Value, json};
use std::io::Write;

/// Everything for the terminal: the arms with what was made of each, then what is promised.
pub fn text(question: &Question, selection: &Selection) -> Vec<String> {
    let row = |arm: &Raced| {
        vec![
            arm.name.clone(),
            whole(arm.values.len() as f64),
            arm.interval()
                .map_or_else(|| NONE.to_owned(), |i| kpi_plus_minus(question.kpi.unit, &i)),
            arm.left.map_or_else(|| NONE.to_owned(), |round| whole(round as f64)),
        ]
    };
    let value = format!("{}\n{}", question.kpi.name, unit_of_column(question.kpi.unit));
    let head = ["policy", "replications", &value, "left after"];
    let table = plain(&head, selection.arms.iter().map(row).collect());
    vec![table, wrapped(&promise(question, selection), width(), "  ")]
}

fn promise(question: &Question, selection: &Selection) -> String {
    let name = question.kpi.name;
    let delta = significant(question.indifference, 6);
    let delta = match question.kpi.unit {
        // As the table says it.
        Unit::Share => format!("{} percentage points", significant(100.0 * question.indifference, 6)),
        // An instant is better by a length of time.
        Unit::Instant => format!("{delta} s"),
        Unit::Seconds | Unit::Minutes | Unit::Hours | Unit::Euros => format!("{delta} {}", question.kpi.unit.name()),
        Unit::Count | Unit::Ratio => delta,
    };
    let end = match question.goal {
        Goal::Smallest => "least",
        Goal::Largest => "greatest",
    };
    let made = format!(
        "{} runs; as many replications of every policy would have been {}.",
        whole(selection.runs() as f64),
        whole(selection.runs_of_all() as f64)
    );
    match selection.selected {
        Some(best) => format!(
            "{} has the {end} {name}, with a probability of at least {} if it is better than the others by {delta}; one that \
             is nearer to the best than that is as welcome. {made}",
            selection.arms[best].name,
            significant(question.confidence, 6)
        ),
        None => {
            let left: Vec<&str> = selection
                .arms
                .iter()
                .filter(|a| a.left.is_none())
                .map(|a| a.name.as_str())
                .collect();
            format!(
                "Not decided after {} replications: {} may each have the {end} {name}. Allow more (--replications), or a wider \
                 --indifference. {made}",
                selection.rounds,
                left.join(", ")
            )
        }
    }
}

/// `selection.csv`: a row an arm.
///
/// # Errors
/// When it cannot be written.
pub fn csv<W: Write>(out: W, question: &Question, selection: &Selection) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record([
        "arm",
        "kpi",
        "replications",
        "mean",
        "half_width",
        "left_after",
        "selected",
    ])?;
    for (i, arm) in selection.arms.iter().enumerate() {
        let interval = arm.interval();
        let number = |v: Option<f64>| v.map_or_else(String::new, |v| v.to_string());
        writer.write_record([
            arm.name.clone(),
            question.kpi.name.to_owned(),
            arm.values.len().to_string(),
            number(interval.map(|i| i.mean)),
            number(interval.and_then(|i| i.half_width)),
            arm.left.map_or_else(String::new, |round| round.to_string()),
            u8::from(selection.selected == Some(i)).to_string(),
        ])?;
    }
    Ok(writer.flush()?)
}

/// For programs.
pub fn json(question: &Question, selection: &Selection) -> Value {
    let arm = |arm: &Raced| json!({"arm": arm.name, "replications": arm.values.len(), "value": arm.interval(), "left_after": arm.left});
    json!({
        "kpi": question.kpi.name, "confidence": question.confidence, "indifference": question.indifference,
        "selected": selection.selected.map(|i| &selection.arms[i].name),
        "rounds": selection.rounds, "runs": selection.runs(), "runs_of_all": selection.runs_of_all(),
        "arms": selection.arms.iter().map(arm).collect::<Vec<_>>(),
    })
}
