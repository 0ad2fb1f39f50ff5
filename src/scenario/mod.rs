//! The scenario: what is simulated, as files say it (`raw`) and as the simulator needs it ([`model`]).
//!
//! This folder may know the kernel's units and distributions. It runs nothing.
//!
//! A file becomes a model in five steps, each of which knows the place of everything it reads:
//!
//! 1. `preau_text::tree`: text to a tree with places and comments; duplicate keys and unclosed brackets end here;
//! 2. `include`: the tree of `base` is laid under it;
//! 3. `overrides`: `--set path=value` changes it;
//! 4. `read`: the tree is read into the raw types, which know every field and no meaning;
//! 5. `check`: units, references, sums and order in time; all that is wrong is reported at once.
//!
//! ```
//! use preau::scenario::{Source, load};
//! let source = Source::Builtin("theory/mm1".to_owned());
//! let scenario = load(&source, &["services.queue.station.cores=2".to_owned()]).unwrap();
//! assert_eq!(scenario.services[0].station.cores, 2.0);
//! let problem = load(&source, &["clock.end=20 weeks".to_owned()]).unwrap_err();
//! assert_eq!(problem.0[0].path(), "clock.end");
//! ```

mod check;
mod document;
mod file_text;
mod grids;
mod include;
mod kind;
mod library;
mod overrides;
mod presets;
mod raw;
mod read;
mod reference;
#[cfg(test)]
mod tests;
mod typed;

pub(crate) use check::seconds;
pub(crate) use document::Document;
pub use file_text::file_text;
pub use grids::{GRIDS, Grid, Place, grid};
pub(crate) use include::Syntax;
pub(crate) use kind::FileKind;
pub use library::{Builtin, builtin};
pub use preau_kernel::scenario::model;
pub use preau_text::{Diagnostic, Diagnostics};
pub(crate) use preau_text::{nearest, suggest, wrapped};
pub use presets::rooms_page;
pub(crate) use raw::{Scalar, Table};
pub use reference::{Unknown, explain, levers_page, reference_page};

use std::path::PathBuf;

use model::Scenario;

/// Where a model comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// A model inside the program, `theory/mm1`.
    Builtin(String),
    /// A text, and what to call it in errors.
    Text {
        /// What to call it.
        name: String,
        /// The model.
        text: String,
    },
}

/// Reads, overrides and checks a model.
///
/// `sets` are overrides of the form `path=value`, laid over the file in order.
///
/// # Errors
/// Everything that is wrong with it, each with its place and advice.
pub fn load(source: &Source, sets: &[String]) -> Result<Scenario, Diagnostics> {
    Syntax::of(source)?.model(sets)
}

impl Syntax {
    /// The model that it is.
    pub(crate) fn model(self, sets: &[String]) -> Result<Scenario, Diagnostics> {
        let mut tree = self.with_bases()?;
        overrides::apply(&mut tree, sets)?;
        let text = tree.print();
        let raw = read::typed(&tree)?;
        check::check(&raw, &tree, text).map_err(Diagnostics)
    }
}
