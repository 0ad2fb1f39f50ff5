//! The registry of levers: one list, from which come the controls of the page, the reading of addresses, the checks and the
//! overrides of the model.

use super::offer::{self, Look};
use serde_json::{Value, json};

/// What a lever can be set to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// A number of a range.
    Number {
        /// The least.
        from: f64,
        /// The greatest.
        to: f64,
        /// What the model says; for multiples 1.
        now: f64,
        /// Equal ways of the slider are equal ratios.
        log: bool,
        /// In what: a key of the page's words after `unit.`.
        unit: &'static str,
    },
    /// One of some words; the model may say one of them, or several at several places.
    Choice {
        /// The words.
        words: &'static [&'static str],
    },
    /// Any of the parts, each on or off.
    Several,
}

/// Something that a lever acts on: a service, an incident, a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its key in the model.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// What the model says there: a number, a word, or on and off.
    pub now: Now,
    /// The fields of the model that a number sets, with the number and unit that are written there.
    pub fields: Vec<(String, f64, String)>,
}

/// What the model says at a part.
#[derive(Clone, Debug, PartialEq)]
pub enum Now {
    /// A number and its unit as models write it.
    Number(f64, String),
    /// A word of a choice.
    Word(String),
    /// On or off.
    On(bool),
}

/// A kind of lever.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its key in addresses, and in the page's words after `lever.`.
    pub key: &'static str,
    /// What it can be set to; [`Form::Number::now`] may come from the model instead.
    pub form: Form,
    /// Each part may be set by itself, as `quota.ent-idf`.
    pub by_part: bool,
    /// What it acts on in a model; none: the model does not have it.
    pub parts: fn(&Look<'_>) -> Option<Vec<Part>>,
}

const fn times(from: f64, to: f64) -> Form {
    Form::Number {
        from,
        to,
        now: 1.0,
        log: true,
        unit: "times",
    }
}

/// All kinds, in the order of the page.
pub const KINDS: [Kind; 10] = [
    Kind {
        key: "quota",
        form: times(0.25, 4.0),
        by_part: true,
        parts: offer::caps,
    },
    Kind {
        key: "session",
        form: Form::Number {
            from: 1.0,
            to: 240.0,
            now: 30.0,
            log: true,
            unit: "min",
        },
        by_part: true,
        parts: offer::seats,
    },
    Kind {
        key: "order",
        form: Form::Choice {
            words: &["reject", "fifo", "lottery", "passthrough"],
        },
        by_part: false,
        parts: offer::orders,
    },
    Kind {
        key: "stagger",
        form: Form::Number {
            from: 0.0,
            to: 120.0,
            now: 0.0,
            log: false,
            unit: "min",
        },
        by_part: false,
        parts: offer::crowds,
    },
    Kind {
        key: "capacity",
        form: times(0.25, 4.0),
        by_part: true,
        parts: offer::stations,
    },
    Kind {
        key: "scrub",
        form: times(0.05, 4.0),
        by_part: false,
        parts: offer::scrubbing,
    },
    Kind {
        key: "attack",
        form: Form::Number {
            from: 0.0,
            to: 4.0,
            now: 1.0,
            log: false,
            unit: "times",
        },
        by_part: false,
        parts: offer::floods,
    },
    Kind {
        key: "policies",
        form: Form::Several,
        by_part: false,
        parts: offer::policies,
    },
    Kind {
        key: "incidents",
        form: Form::Several,
        by_part: false,
        parts: offer::incidents,
    },
    Kind {
        key: "size",
        form: Form::Number {
            from: 0.001,
            to: 1.0,
            now: 1.0,
            log: true,
            unit: "size",
        },
        by_part: false,
        parts: offer::country,
    },
];

/// A lever as a model has it.
#[derive(Clone, Debug)]
pub struct Lever {
    /// Which.
    pub kind: &'static Kind,
    /// Its form, with what this model says.
    pub form: Form,
    /// What it acts on.
    pub parts: Vec<Part>,
}

impl Lever {
    /// The levers that a model has.
    pub fn of(look: &Look<'_>) -> Vec<Lever> {
        let offered = |kind: &'static Kind| {
            let parts = (kind.parts)(look)?;
            let form = match (kind.form, kind.key) {
                // The commonest of what the model says.
                (
                    Form::Number {
                        from, to, log, unit, ..
                    },
                    "session" | "size",
                ) => Form::Number {
                    from,
                    to,
                    now: commonest(&parts)?,
                    log,
                    unit,
                },
                (form, _) => form,
            };
            Some(Lever { kind, form, parts })
        };
        KINDS.iter().filter_map(offered).collect()
    }

    /// The part of a key.
    pub fn part(&self, key: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.key == key)
    }

    /// What the page needs to draw it.
    pub fn json(&self) -> Value {
        let form = match self.form {
            Form::Number {
                from,
                to,
                now,
                log,
                unit,
            } => json!({ "form": "number", "from": from, "to": to, "now": now, "log": log, "unit": unit }),
            Form::Choice { words } => json!({ "form": "choice", "words": words }),
            Form::Several => json!({ "form": "several" }),
        };
        let part = |part: &Part| match &part.now {
            Now::Number(now, unit) => json!({ "key": part.key, "name": part.name, "now": now, "unit": unit }),
            Now::Word(word) => json!({ "key": part.key, "name": part.name, "now": word }),
            Now::On(on) => json!({ "key": part.key, "name": part.name, "now": on }),
        };
        let mut object = form;
        object["key"] = json!(self.kind.key);
        object["by_part"] = json!(self.kind.by_part && self.parts.len() > 1);
        object["parts"] = self.parts.iter().map(part).collect();
        object
    }
}

/// The number that most parts have; of several the least.
fn commonest(parts: &[Part]) -> Option<f64> {
    let mut numbers: Vec<f64> = parts
        .iter()
        .filter_map(|part| match part.now {
            Now::Number(number, _) => Some(number),
            _ => None,
        })
        .collect();
    numbers.sort_by(f64::total_cmp);
    let runs = numbers.chunk_by(|a, b| a == b);
    runs.rev().max_by_key(|run| run.len()).map(|run| run[0])
}
