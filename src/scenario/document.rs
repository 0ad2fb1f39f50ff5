//! Files that are no models and are read as models are: every value keeps its place for diagnostics.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::read;
use super::span::SourceText;
use super::tree::{Node, Path, parse};

/// A file of fields, `(field: …)`.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    tree: Node,
}

impl Document {
    /// Reads the syntax.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Document, Diagnostics> {
        let source = Arc::new(SourceText {
            name: name.to_owned(),
            text: text.to_owned(),
        });
        match parse(&source) {
            (Some(tree), problems) if problems.is_empty() => Ok(Document { tree }),
            (_, problems) => Err(Diagnostics(problems)),
        }
    }

    /// Reads the fields; `noun` is what the file is called in errors, `an experiment`.
    pub(crate) fn typed<T: DeserializeOwned>(&self, noun: &str) -> Result<T, Diagnostics> {
        read::typed_as(&self.tree, noun)
    }

    /// The beginning of an error at `arms[0][1]`, or at the nearest value around it.
    pub(crate) fn wrong(&self, path: &str, title: impl Into<String>) -> Diagnostic {
        let found = Path::parse(path).unwrap_or_default();
        Diagnostic::new(self.tree.place_of(&found), path, title)
    }
}
