//! `preau explain`: what a field means.

use super::{Ended, Stop, USAGE, say};
use clap::Args;

#[derive(Args)]
pub(super) struct ExplainArgs {
    /// A field, for example services.ent-idf.quota.max_sessions, or a part of a model, for example services
    /// [default: what the parts of a model are]
    #[arg(default_value = "", hide_default_value = true)]
    path: String,
}

pub(super) fn explain(args: &ExplainArgs) -> Ended {
    match crate::scenario::explain(&args.path) {
        Ok(text) => say(text.trim_end()),
        Err(unknown) => Err(Stop::new(USAGE, format!("error: {unknown}"))),
    }
}
