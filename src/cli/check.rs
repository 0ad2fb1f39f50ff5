//! `preau check`: what is wrong with models and the files about them, all at once.

use super::given::{many_visits, notes, source};
use super::{Ended, INVALID, Stop, USAGE, asked, attribute, calibrate, facts, lesson, say};
use crate::experiment::Warning;
use crate::experiment::study::shipped;
use crate::output::number::{count, whole};
use crate::scenario::model::Scenario;
use crate::scenario::{Diagnostics, FileKind, Syntax};
use crate::web::Lang;
use clap::Args;
use std::io::IsTerminal;
use std::path::Path;

#[derive(Args)]
pub(super) struct CheckArgs {
    /// Files of models, experiments, causes, facts, calibrations and lessons, or names of models and experiments that come with the program
    #[arg(required = true, value_name = "FILES")]
    files: Vec<String>,
    /// Override a field of the model in every one of them
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
}

pub(super) fn check(args: &CheckArgs) -> Ended {
    let mut wrong = 0;
    for file in &args.files {
        match checked(file, &args.sets) {
            Ok((what, warning)) => {
                say(&format!("{file}: well formed: {what}"))?;
                if let Some(warning) = warning {
                    say(&notes(&[warning]))?;
                }
            }
            Err(stop) => {
                wrong += 1;
                aside!("{}", stop.message.trim_end());
            }
        }
    }
    if wrong > 0 { Err(Stop::new(INVALID, "")) } else { Ok(()) }
}

/// What a file holds, and what to know of its model; or all that is wrong with it.
fn checked(typed: &str, sets: &[String]) -> Result<(String, Option<Warning>), Stop> {
    let path = Path::new(typed);
    let wrong = |problems: Diagnostics| Stop::new(INVALID, problems.render(std::io::stderr().is_terminal()));
    if is_shipped_experiment(typed) {
        return experiment(typed, sets);
    }
    // What is no file at all is looked for among models.
    let syntax = Syntax::of(&source(Some(typed))).map_err(wrong)?;
    match syntax.kind().unwrap_or(FileKind::Model) {
        FileKind::Model => {
            let s = syntax.model(sets).map_err(wrong)?;
            if let Some(words) = many_visits(&s) {
                aside!("warning: {words}");
            }
            Ok((held(&s), Warning::of_model(&s)))
        }
        FileKind::Experiment => experiment(typed, sets),
        FileKind::Causes => {
            let (file, _) = attribute::read(Some(path), sets)?;
            let what = format!("a causes file, {}", count(file.causes.len(), "cause", "causes"));
            Ok((what, Warning::of_model(&file.plain)))
        }
        FileKind::Calibration => {
            let (file, _) = calibrate::read(Some(path), sets)?;
            let what = format!(
                "a calibration file, {}, {}",
                count(file.parameters.len(), "parameter", "parameters"),
                count(file.facts.len(), "fact", "facts"),
            );
            Ok((what, Warning::of_model(&file.middle.worlds[0].scenario)))
        }
        FileKind::Facts => {
            let (file, _) = facts::read(Some(path), sets)?;
            let what = format!(
                "a facts file, {}, {}",
                count(file.facts.len(), "fact", "facts"),
                count(file.worlds.len(), "world", "worlds"),
            );
            Ok((what, Warning::of_model(&file.worlds[0].scenario)))
        }
        FileKind::Lesson if !sets.is_empty() => {
            let words = format!("error: {typed} is a lesson, which --set does not reach: leave one of them out");
            Err(Stop::new(USAGE, words))
        }
        FileKind::Lesson => {
            let lesson = lesson::read(typed, Lang::En)?;
            let what = format!(
                "a lesson, {}, {}",
                count(lesson.goals.len(), "goal", "goals"),
                count(lesson.tries.len(), "try", "tries"),
            );
            Ok((what, None))
        }
    }
}

fn experiment(typed: &str, sets: &[String]) -> Result<(String, Option<Warning>), Stop> {
    let study = asked::asked(typed, sets)?.study;
    let what = format!(
        "an experiment, {}, {}, {}",
        count(study.factors.len(), "factor", "factors"),
        count(study.points(), "point", "points"),
        count(study.columns.len(), "KPI", "KPIs"),
    );
    Ok((what, Warning::of_model(study.base().plain())))
}

/// Whether the name of an experiment inside the program was typed, and no file of that name is there.
fn is_shipped_experiment(typed: &str) -> bool {
    let inside = shipped()
        .iter()
        .any(|shipped| shipped.name == typed || shipped.path == typed);
    inside && !Path::new(typed).is_file()
}

/// What a model holds.
fn held(s: &Scenario) -> String {
    let people: u64 = s.cohorts.iter().map(|c| u64::from(c.people)).sum();
    let people = match people {
        0 => String::new(),
        n => format!(" ({} people)", whole(n as f64)),
    };
    let size = s.size.label().map_or(String::new(), |size| format!(", {size}"));
    format!(
        "{}, {}{people}, {}, {}{size}",
        count(s.services.len(), "service", "services"),
        count(s.cohorts.len(), "cohort", "cohorts"),
        count(s.incidents.len(), "incident", "incidents"),
        count(s.policies.len(), "policy", "policies"),
    )
}
