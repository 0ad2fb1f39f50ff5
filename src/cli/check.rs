//! `preau check`: what is wrong with models, all at once.

use super::given::source;
use super::{Ended, INVALID, Stop, say};
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
                let (services, cohorts) = (s.services.len(), s.cohorts.len());
                let (incidents, policies) = (s.incidents.len(), s.policies.len());
                say(&format!(
                    "{model}: well formed: {services} services, {cohorts} cohorts of {} people, {incidents} incidents, {policies} policies",
                    crate::output::number::whole(people as f64)
                ))?;
            }
            Err(problems) => {
                wrong += 1;
                anstream::eprintln!("{}", problems.render(std::io::stderr().is_terminal()).trim_end());
            }
        }
    }
    if wrong > 0 { Err(Stop::new(INVALID, "")) } else { Ok(()) }
}
