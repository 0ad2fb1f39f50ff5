//! Files that are no models and are read as models are: every value keeps its place for diagnostics.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::read;
use preau_text::tree::{Node, Path, parse};
use preau_text::{Diagnostic, Diagnostics};
use preau_text::{Place, SourceText};

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
        Diagnostic::new(self.place(path), path, title)
    }

    /// Where the value at a path stands, or the nearest value around it.
    pub(crate) fn place(&self, path: &str) -> Place {
        self.tree.place_of(&Path::parse(path).unwrap_or_default())
    }

    /// The value at a path as it is written, in one line without comments; none when there is no such value.
    pub(crate) fn written(&self, path: &str) -> Option<String> {
        let path = Path::parse(path).ok()?;
        Some(self.tree.find(&path.0)?.inline())
    }

    /// The paths that a pattern means: a step with a `*` stands for every key of its map that begins and ends so. None when
    /// a step leads nowhere.
    pub(crate) fn paths(&self, pattern: &str) -> Result<Vec<String>, String> {
        let pattern = Path::parse(pattern)?;
        let mut found = vec![Path::default()];
        for step in &pattern.0 {
            let further = |path: &Path| self.tree.find(&path.0).map_or(vec![], |node| node.matching(step));
            let next = found.iter().flat_map(|path| {
                let steps = further(path).into_iter();
                steps.map(|step| Path(path.0.iter().cloned().chain([step]).collect()))
            });
            found = next.collect();
        }
        Ok(found.iter().map(ToString::to_string).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_path_and_pattern() {
        let text = "(a: {\"x-1\": (c: \"2 min\"), \"x-2\": (c: Fifo(bucket: 3 /* s */)), \"y\": (d: 1)}, l: [7, 8])";
        let file = Document::parse("m.ron", text).unwrap();
        assert_eq!(file.written("a.x-1.c").as_deref(), Some("\"2 min\""));
        assert_eq!(file.written("a.x-2.c").as_deref(), Some("Fifo(bucket: 3)"));
        assert_eq!(file.paths("a.x-*.c").unwrap(), ["a.x-1.c", "a.x-2.c"]);
        assert_eq!(file.paths("a.*-2.c").unwrap(), ["a.x-2.c"]);
        assert_eq!(file.paths("l[1]").unwrap(), ["l[1]"]);
        assert!(file.paths("a.z*.c").unwrap().is_empty() && file.paths("l[2]").unwrap().is_empty());
        assert!(file.paths("a..c").is_err());
    }
}
