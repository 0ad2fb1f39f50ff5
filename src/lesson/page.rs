//! Lessons as JSON, for pages.

use super::judge::mean;
use super::lever::Kind;
use super::number::value as shown;
use super::read::head;
use super::{Aim, Lesson, SOURCES, Text, taught};
use crate::experiment::RunRow;
use crate::experiment::study::Column;
use crate::measure::kpi::{Kpi, Scope};
use crate::web::Lang;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Every lesson inside the program: `[{name, title, minutes}]`.
pub fn catalogue(lang: Lang) -> Value {
    // A test reads them all.
    let all = taught()
        .iter()
        .filter_map(|taught| Some((taught.name, head(taught.path, taught.text).ok()?)));
    all.map(|(name, (title, minutes))| {
        let title = title.filled(lang, &BTreeMap::new());
        json!({"name": name, "title": title, "minutes": minutes})
    })
    .collect()
}

impl Lesson {
    /// Everything that is shown of the lesson, in one language:
    ///
    /// ```json
    /// {"name": "…", "title": "…", "minutes": 30, "model": "…", "part": "…", "brief": ["…"],
    ///  "levers": [{"key": "cores", "label": "…", "kind": "number", "paths": ["services.…"], "from": 1, "to": 9,
    ///              "unit": "", "integer": true, "start": "5", "range": "…"},
    ///             {"key": "…", "kind": "values", "paths": ["…"], "values": ["…"], "start": "…", …},
    ///             {"key": "…", "kind": "policy", "policy": "smoothing", "start": "off", …}],
    ///  "fixed": [{"path": "…", "why": "…"}],
    ///  "question": {"text": "…", "answers": [{"key": "…", "name": "…"}]},
    ///  "goals": [{"name": "…", "limit": "at least 90 %", "kpi": "connected_15min@region:occ", "moves": false, "sum": null,
    ///             "at_least": 0.9, "at_most": null}],
    ///  "hints": ["…"], "sources": "X (…)", "debrief": {"timeline": ["…"], "control": ["…"], "causes": ["…"]},
    ///  "seed": 1, "replications": 1}
    /// ```
    ///
    /// `question` is null where nothing is asked, `kpi` where a goal is about no KPI. `sum` names the levers that a budget
    /// adds up, `moves` is whether a goal counts the levers that were moved: both can be told before a run.
    pub fn page(&self, lang: Lang) -> Value {
        let texts = |texts: &[Text]| texts.iter().map(|text| self.fill(text, lang)).collect::<Vec<_>>();
        let question = self.question.as_ref().map(|question| {
            let answers = question
                .answers
                .iter()
                .map(|answer| json!({"key": answer.key, "name": self.fill(&answer.name, lang)}));
            json!({"text": self.fill(&question.text, lang), "answers": answers.collect::<Vec<_>>()})
        });
        let goals = self.goals.iter().map(|goal| {
            let kpi = match &goal.of {
                Aim::Kpi(column) => Some(column.name.as_str()),
                _ => None,
            };
            // What can be told without a run, from how the levers stand.
            let sum = match &goal.of {
                Aim::Sum(levers) => Some(
                    levers
                        .iter()
                        .map(|lever| self.levers[*lever].key.as_str())
                        .collect::<Vec<_>>(),
                ),
                _ => None,
            };
            json!({
                "name": self.fill(&goal.name, lang), "limit": goal.limit(self, lang), "kpi": kpi, "sum": sum,
                "moves": matches!(goal.of, Aim::Moves), "at_least": goal.at_least, "at_most": goal.at_most,
            })
        });
        let fixed = self.fixed.iter();
        let fixed = fixed.map(|fixed| json!({"path": fixed.path, "why": self.fill(&fixed.why, lang)}));
        json!({
            "name": self.name,
            "title": self.fill(&self.title, lang),
            "minutes": self.minutes,
            "model": self.base.plain().name,
            "part": self.fill(&self.part, lang),
            "brief": texts(&self.brief),
            "levers": self.lever_values(lang),
            "fixed": fixed.collect::<Vec<_>>(),
            "question": question,
            "goals": goals.collect::<Vec<_>>(),
            "hints": texts(&self.hints),
            "sources": self.sources(lang),
            "debrief": {
                "timeline": texts(&self.timeline),
                "control": texts(&self.control),
                "causes": texts(&self.causes),
            },
            "seed": self.seed,
            "replications": self.replications,
        })
    }

    /// What the letters behind facts of its texts stand for, `X (other public sources of those days)`; empty where none does.
    pub fn sources(&self, lang: Lang) -> String {
        let told = [&self.brief, &self.hints, &self.timeline, &self.control, &self.causes];
        let texts = || told.into_iter().flatten().chain([&self.part]);
        let used = SOURCES.iter().filter(|source| texts().any(|text| text.names(source)));
        let lines = used.map(|source| format!("{} ({})", source.code, source.words(lang)));
        lines.collect::<Vec<_>>().join(" · ")
    }

    /// A number of the table of a run, for people.
    pub fn cell(&self, kpi: &'static Kpi, scope: Scope, rows: &[RunRow], lang: Lang) -> String {
        let scenario = self.base.plain();
        let column = Column::new(scenario, kpi, scope);
        shown(kpi.unit, &scenario.clock, mean(&column, scenario, rows), lang)
    }

    /// The table of a run: `[{kpi, scope, key, value}]`, for programs.
    pub fn table(&self, rows: &[RunRow]) -> Value {
        let scenario = self.base.plain();
        let cells = self.show.iter().flat_map(|kpi| {
            self.look.iter().map(|scope| {
                let value = mean(&Column::new(scenario, kpi, *scope), scenario, rows);
                json!({"kpi": kpi.name, "scope": scope.kind(), "key": scope.key(scenario), "value": value})
            })
        });
        cells.collect()
    }

    fn lever_values(&self, lang: Lang) -> Vec<Value> {
        let levers = self.levers.iter().map(|lever| {
            let mut value = json!({
                "key": lever.key,
                "label": self.fill(&lever.name, lang),
                "paths": lever.paths(),
                "start": lever.start,
                "range": lever.describe(lang),
            });
            match &lever.kind {
                Kind::Number {
                    from,
                    to,
                    unit,
                    integer,
                    ..
                } => {
                    value["kind"] = json!("number");
                    value["from"] = json!(from);
                    value["to"] = json!(to);
                    value["unit"] = json!(unit);
                    value["integer"] = json!(integer);
                }
                Kind::Values { values, .. } => {
                    value["kind"] = json!("values");
                    value["values"] = json!(values);
                }
                Kind::Policy(key) => {
                    value["kind"] = json!("policy");
                    value["policy"] = json!(key);
                }
            }
            value
        });
        levers.collect()
    }
}
