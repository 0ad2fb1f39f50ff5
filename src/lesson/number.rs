//! Numbers of texts: where each comes from and how it is printed.

use super::raw::Form;
use super::{Lesson, Text};
use crate::experiment::study::Column;
use crate::measure::kpi::Unit;
use crate::output::number::{NONE, clock_time, decimal, duration, percent, whole};
use crate::scenario::model::Clock;
use crate::web::Lang;
use std::collections::BTreeMap;

/// A number that a text names.
#[derive(Clone, Debug)]
pub struct Number {
    /// Where it comes from.
    pub origin: Origin,
    /// How it is printed; of a field that is a text, the text as it is.
    pub form: Form,
    /// Its value; for [`Origin::Run`] as stored in the file, which [`Lesson::prove`] holds against the model.
    pub is: f64,
    /// A field that is not a bare number: `30 min`.
    pub written: Option<String>,
}

/// Where a number comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// The mean of a KPI in a try (or at the start), less the same in another.
    Run {
        /// Which KPI of which scope.
        of: Column,
        /// The try; none: the start.
        during: Option<usize>,
        /// What is taken off: none of it, the start, or a try.
        minus: Option<Option<usize>>,
    },
    /// A field of the model.
    Field(String),
    /// A lever's setting in a try: positions of both.
    Setting(usize, usize),
    /// The limit of a goal.
    Goal(usize),
}

/// The form in which a KPI's unit is usually told.
pub(super) fn usual(unit: Unit) -> Form {
    match unit {
        Unit::Share => Form::Percent,
        Unit::Count | Unit::Hours | Unit::Euros => Form::About,
        Unit::Ratio | Unit::Seconds | Unit::Minutes => Form::Decimal,
        Unit::Instant => Form::Clock,
    }
}

impl Form {
    /// A value for people.
    pub fn print(self, value: f64, clock: &Clock, lang: Lang) -> String {
        let text = match self {
            Form::Percent => format!("{} %", whole(value * 100.0)),
            Form::Whole => whole(value),
            Form::About => {
                let scale = 10f64.powi((value.abs().max(1.0).log10().floor() as i32 - 1).max(0));
                whole((value / scale).round() * scale)
            }
            Form::Decimal => decimal(value, 1),
            Form::Clock => clock_time(clock, value),
        };
        local(&text, lang)
    }
}

/// A KPI's value for people, without the unit of counts and hours.
pub(super) fn value(unit: Unit, clock: &Clock, value: Option<f64>, lang: Lang) -> String {
    let Some(value) = value else {
        return NONE.to_owned();
    };
    let text = match unit {
        Unit::Share => percent(value),
        Unit::Ratio => decimal(value, 1),
        Unit::Count | Unit::Hours => whole(value),
        Unit::Euros => format!("{} EUR", whole(value)),
        Unit::Seconds => duration(value),
        Unit::Minutes => duration(value * 60.0),
        Unit::Instant => clock_time(clock, value),
    };
    local(&text, lang)
}

/// A decimal comma in French.
pub(super) fn local(text: &str, lang: Lang) -> String {
    match lang {
        Lang::Fr => text.replace('.', ","),
        Lang::En => text.to_owned(),
    }
}

/// French puts a blank before some signs, at which no line may break.
fn typeset(text: String, lang: Lang) -> String {
    if lang == Lang::En {
        return text;
    }
    let signs = [" :", " ;", " ?", " !", " »", " %"];
    let closed = signs
        .iter()
        .fold(text, |text, sign| text.replace(sign, &sign.replace(' ', "\u{a0}")));
    closed.replace("« ", "«\u{a0}")
}

impl Number {
    /// For people.
    pub fn print(&self, clock: &Clock, lang: Lang) -> String {
        match &self.written {
            Some(text) => local(text, lang),
            None => self.form.print(self.is, clock, lang),
        }
    }
}

impl Lesson {
    /// A text with its numbers put in.
    pub fn fill(&self, text: &Text, lang: Lang) -> String {
        let clock = &self.base.plain().clock;
        let holes = text.holes(lang);
        let numbers: BTreeMap<String, String> = holes
            .into_iter()
            .filter_map(|name| {
                // A number stays on one line.
                let printed = self.numbers.get(name)?.print(clock, lang).replace(' ', "\u{a0}");
                Some((name.to_owned(), printed))
            })
            .collect();
        typeset(text.filled(lang, &numbers), lang)
    }
}
