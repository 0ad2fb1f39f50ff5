//! The typed reader: `ron` reads the printed tree, its errors are said again in the words of the file.

use ron::error::Error;
use ron::extensions::Extensions;
use serde_path_to_error::Segment;

use super::diagnostic::{Diagnostic, Diagnostics, list, suggest};
use super::raw;
use super::tree::{Kind, Node, Path, Step};

/// After so many unknown fields the file is of another kind, and more of the same helps nobody.
const MOST: usize = 20;

/// Reads a tree into raw types. A value that does not fit is noted and taken out, and the rest read again, so that
/// all show at once.
pub(super) fn typed(tree: &Node) -> Result<raw::Scenario, Diagnostics> {
    let mut rest = tree.clone();
    let mut problems = Vec::new();
    loop {
        let text = rest.print();
        let (path, error) = match read(&text) {
            Ok(raw) if problems.is_empty() => return Ok(raw),
            Ok(_) => return Err(Diagnostics(problems)),
            Err(failure) => failure,
        };
        let (problem, culprit) = explain(&rest, path, &error);
        problems.push(problem);
        if problems.len() >= MOST || !rest.remove(&culprit.0) {
            return Err(Diagnostics(problems));
        }
    }
}

fn read(text: &str) -> Result<raw::Scenario, (Path, Error)> {
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    let broken = |error: ron::error::SpannedError| (Path::default(), error.code);
    let mut reader = ron::Deserializer::from_str_with_options(text, &options).map_err(broken)?;
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = steps(error.path());
        (path, error.into_inner())
    })
}

/// Choices, as `Crowd` in `arrivals`, are no steps of our paths.
fn steps(path: &serde_path_to_error::Path) -> Path {
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => Some(Step::Index(*index)),
        Segment::Map { key } => Some(Step::Key(key.clone())),
        Segment::Enum { .. } | Segment::Unknown => None,
    };
    Path(path.iter().filter_map(step).collect())
}

/// What went wrong, and which value to take out.
fn explain(tree: &Node, path: Path, error: &Error) -> (Diagnostic, Path) {
    let (depth, node) = tree.reach(&path.0);
    let mut reached = Path(path.0[..depth].to_vec());
    match error {
        Error::NoSuchStructField { expected, found, .. } => {
            // The reader stops inside the group that has the field, or at the field.
            let mut around = reached.clone();
            if node.inner().group().is_none_or(|group| group.entry(found).is_none()) {
                around.0.pop();
            }
            let place = tree
                .find(&around.0)
                .and_then(|node| node.inner().group())
                .and_then(|group| group.entry(found))
                .and_then(|entry| entry.key.as_ref())
                .map_or_else(|| node.anchor(), |key| key.place.clone());
            let home = if around.0.is_empty() {
                "a model".to_owned()
            } else {
                format!("`{around}`")
            };
            let mut field = around;
            field.0.push(Step::Key(found.clone()));
            let problem = Diagnostic::new(place, &field, format!("{home} has no field `{found}`"));
            (
                problem.label("unknown field").help(suggest(found, "field", expected)),
                field,
            )
        }
        Error::NoSuchEnumVariant { expected, found, .. } => {
            let problem = Diagnostic::new(node.anchor(), &reached, format!("`{found}` is no choice here"));
            let problem = problem.label(format!("expected {}", one_of(expected)));
            (problem.help(suggest(found, "choice", expected)), reached)
        }
        _ => {
            let node = match error {
                // A list or a pair of the wrong length is wrong as a whole.
                Error::ExpectedDifferentLength { .. } => node,
                _ => node.scalar(),
            };
            let expected = expectation(error);
            let title = format!("expected {expected}, found {}", node.describe());
            let mut problem = Diagnostic::new(node.anchor(), &reached, title).label(format!("expected {expected}"));
            if let Some(help) = advice(error, node) {
                problem = problem.help(help);
            }
            if reached.0.is_empty() && path.0.len() > depth {
                reached = path;
            }
            (problem, reached)
        }
    }
}

fn one_of(words: &[&str]) -> String {
    match words {
        [one] => format!("`{one}`"),
        _ => format!("one of {}", list(words)),
    }
}

fn expectation(error: &Error) -> String {
    match error {
        Error::ExpectedBoolean => "`true` or `false`".to_owned(),
        Error::ExpectedString => "a text in quotes".to_owned(),
        Error::ExpectedArray => "a list `[…]`".to_owned(),
        Error::ExpectedMap => "a map `{\"key\": …}`".to_owned(),
        Error::ExpectedStructLike => "a group `(…)`".to_owned(),
        Error::ExpectedNamedStructLike(_) => "fields `(name: …)`".to_owned(),
        Error::ExpectedIdentifier => "a bare word".to_owned(),
        Error::ExpectedUnit => "a bare word without parentheses".to_owned(),
        Error::ExpectedDifferentLength { expected, .. } => expected.clone(),
        Error::InvalidValueForType { expected, .. } => expected.clone(),
        Error::Message(message) => message.clone(),
        other => {
            let text = other.to_string();
            let text = text.strip_prefix("Expected ").unwrap_or(&text).to_owned();
            text.trim_end_matches('.').to_owned()
        }
    }
}

fn advice(error: &Error, node: &Node) -> Option<String> {
    match (error, &node.kind) {
        (Error::ExpectedString, Kind::Word(word) | Kind::Number(word)) => Some(format!("write {word:?}")),
        (Error::ExpectedStructLike | Error::ExpectedNamedStructLike(_), Kind::Word(word)) => {
            Some(format!("write `{word}(…)`, with its fields"))
        }
        (Error::ExpectedIdentifier, Kind::Text { value, .. }) => Some(format!("write {value}, without quotes")),
        (Error::ExpectedBoolean, Kind::Text { value, .. }) if value == "true" || value == "false" => {
            Some(format!("write {value}, without quotes"))
        }
        _ => None,
    }
}
