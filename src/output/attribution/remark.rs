//! What a reader should know of an attribution: sentences for the terminal, kinds and values for a page in another language.

use crate::experiment::Warning;
use crate::experiment::attribution::{Attribution, CausesFile, Kind, Part, Shared};
use crate::experiment::stats::Modes;
use crate::measure::kpi::{Kpi, Unit};
use crate::output::number::{percent, significant};
use serde_json::{Value, json};

/// Two lines that belong to every attribution.
pub const CAVEATS: [&str; 2] = [
    "These are shares by a convention, not a culprit: what causes did together is split evenly among them, whoever came first and whoever could have prevented it.",
    "They depend on the stated baseline, on how causes are grouped and on what is counted: another choice gives other shares. Read them beside \"alone\" and \"but for\".",
];

/// One thing to know.
pub(super) struct Remark {
    /// Which, for whoever words it otherwise: `causes.note.` and this is the key of its words on the page.
    kind: &'static str,
    /// The same in English.
    pub text: String,
    /// What its words are filled with.
    values: Value,
}

impl Remark {
    fn new(kind: &'static str, text: String, values: Value) -> Remark {
        Remark { kind, text, values }
    }

    /// For the page.
    pub fn json(&self) -> Value {
        json!({ "kind": self.kind, "text": self.text, "values": self.values })
    }
}

/// What a reader should know of these numbers, a sentence each.
pub(super) fn remarks(file: &CausesFile, found: &Attribution) -> Vec<Remark> {
    let baseline = &file.baseline;
    let text = format!("the baseline is {baseline}");
    let mut said = vec![Remark::new("baseline", text, json!({ "baseline": baseline }))];
    let n = found.replications;
    if n == 1 {
        let text = "one replication shows no spread: there are no intervals".to_owned();
        said.push(Remark::new("one", text, json!({})));
    } else if n < 10 {
        let text = format!("t-intervals of fewer than 10 replications ({n}) trust that outcomes are not skewed");
        said.push(Remark::new("few", text, json!({ "n": n })));
    }
    if !found.exact {
        let text = "orders of causes were sampled, with their reverses; intervals contain the error of that. Interactions need all worlds and are not given";
        said.push(Remark::new("sampled", text.to_owned(), json!({})));
        if file.day() != file.everything() {
            let text = "orders were sampled of all causes, the claimed ones among them, so the day as it was is not shared out by itself: for that take the claimed causes out of the file";
            said.push(Remark::new("claims_only", text.to_owned(), json!({})));
        }
    }
    said.extend(found.same.iter().map(|same| {
        let name = &file.causes[same.cause].name;
        let (of, same) = (same.of, same.same);
        let values = json!({ "cause": name, "same": same, "of": of });
        if same == of {
            let text =
                format!("{name} changed nothing: in each of {of} pairs of worlds both are the same in every event");
            Remark::new("same_in_all", text, values)
        } else {
            let text =
                format!("{name} changed nothing in {same} of {of} pairs of worlds: they are the same in every event");
            Remark::new("same_in_some", text, values)
        }
    }));
    let share = Kpi::find(found.kpi).is_some_and(|kpi| kpi.unit == Unit::Share);
    let told = |value: f64| {
        if share { percent(value) } else { significant(value, 3) }
    };
    said.extend(found.parts.iter().flat_map(|part| of_part(file, part, &told)));
    if let Some(warning) = Warning::of_model(&file.plain) {
        let values = json!({ "size": file.plain.size.factor });
        said.push(Remark::new("size", warning.to_string(), values));
    }
    said
}

fn of_part(file: &CausesFile, part: &Part, told: &dyn Fn(f64) -> String) -> Vec<Remark> {
    let Some(total) = part.scopes.first() else {
        return Vec::new();
    };
    let claims = part.kind != Kind::Day;
    let of_part = if claims { ", had the claim been true" } else { "" };
    let mut said = Vec::new();
    if let Some(modes) = &total.modes {
        let text = format!("the day itself{of_part}, {}", two_groups(modes, told));
        said.push(Remark::new("day_in_two", text, values_of(modes, "", claims)));
    }
    let causes = || {
        part.causes
            .iter()
            .map(|i| file.causes[*i].name.as_str())
            .zip(&total.causes)
    };
    for (name, shared) in causes() {
        if let Some(modes) = &shared.modes {
            let text = format!("the share of {name}{of_part}, {}", two_groups(modes, told));
            said.push(Remark::new("share_in_two", text, values_of(modes, name, claims)));
        }
    }
    let unsure = |shared: &Shared| shared.shapley.half_width.is_some_and(|h| h > shared.shapley.mean.abs());
    let unsure: Vec<&str> = causes()
        .filter(|(_, shared)| unsure(shared))
        .map(|(name, _)| name)
        .collect();
    if !unsure.is_empty() {
        let text = format!(
            "intervals that contain zero{of_part}: {}; more replications may tell",
            unsure.join(", ")
        );
        said.push(Remark::new(
            "unsure",
            text,
            json!({ "causes": unsure, "claims": claims }),
        ));
    }
    said
}

fn values_of(modes: &Modes, cause: &str, claims: bool) -> Value {
    json!({
        "cause": cause, "claims": claims,
        "low": modes.low, "low_count": modes.low_count, "high": modes.high, "high_count": modes.high_count,
    })
}

fn two_groups(modes: &Modes, told: &dyn Fn(f64) -> String) -> String {
    format!(
        "falls into two groups of replications, {} of about {} and {} of about {}: its mean is of neither",
        modes.low_count,
        told(modes.low),
        modes.high_count,
        told(modes.high)
    )
}
