//! `preau check`: what is wrong with models, all at once.

use super::given::{notes, source};
use super::{Ended, INVALID, Stop, say};
use crate::experiment::Warning;
use crate::output::number::whole;
use crate::scenario::load;
use clap::Args;
use std::io::IsTerminal;

#[derive(Args)]
pub(super) struct CheckArgs {
    /// Model files, or names of models that come with the program
    #[arg(required = true)]
    models: Vec<String>,
    /// Override a field in every one of them
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
}

pub(super) fn check(args: &CheckArgs) -> Ended {
    let mut wrong = 0;
    for model in &args.models {
        match load(&source(Some(model)), &args.sets) {
            Ok(s) => {
                let people: u64 = s.cohorts.iter().map(|c| u64::from(c.people)).sum();
                let people = match people {
                    0 => String::new(),
                    n => format!(" ({} people)", whole(n as f64)),
                };
                let size = s.size.label().map_or(String::new(), |size| format!(", {size}"));
                say(&format!(
                    "{model}: well formed: {}, {}{people}, {}, {}{size}",
                    count(s.services.len(), "service", "services"),
                    count(s.cohorts.len(), "cohort", "cohorts"),
                    count(s.incidents.len(), "incident", "incidents"),
                    count(s.policies.len(), "policy", "policies"),
                ))?;
                if let Some(resized) = Warning::of_model(&s) {
                    say(&notes(&[resized]))?;
                }
            }
            Err(problems) => {
                wrong += 1;
                anstream::eprintln!("{}", problems.render(std::io::stderr().is_terminal()).trim_end());
            }
        }
    }
    if wrong > 0 { Err(Stop::new(INVALID, "")) } else { Ok(()) }
}

/// "no cohorts", "1 cohort", "72 cohorts".
fn count(n: usize, one: &str, many: &str) -> String {
    match n {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        n => format!("{} {many}", whole(n as f64)),
    }
}
