//! The typed reader: what does not fit is said in the words of the file.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::kind::of_another_kind;
use super::raw;
use super::reference;
use super::typed::{Error, read};
use preau_text::tree::{Kind, Node, Path, Step};
use preau_text::{Diagnostic, Diagnostics, list, suggest};

/// After so many unknown fields the file is of another kind, and more of the same helps nobody.
const MOST: usize = 20;

/// Reads a tree into raw types. A value that does not fit is noted and taken out, and the rest read again, so that
/// all show at once.
pub(super) fn typed(tree: &Node) -> Result<raw::Scenario, Diagnostics> {
    typed_as(tree, "a model")
}

/// [`typed`] for files of another kind, called `noun` in errors.
pub(super) fn typed_as<T: DeserializeOwned>(tree: &Node, noun: &str) -> Result<T, Diagnostics> {
    if let Some(problem) = of_another_kind(tree, noun) {
        return Err(Diagnostics(vec![problem]));
    }
    let mut rest = Cow::Borrowed(tree);
    let mut problems = Vec::new();
    let mut removed: Vec<Path> = Vec::new();
    loop {
        let (path, error) = match read(&rest) {
            Ok(raw) if problems.is_empty() => return Ok(raw),
            Ok(_) => return Err(Diagnostics(problems)),
            Err(failure) => failure,
        };
        let (problem, culprit) = explain(&rest, path, &error, &removed, noun);
        problems.push(problem);
        let real = original(&culprit, &removed);
        if problems.len() >= MOST || !rest.to_mut().remove(&culprit.0) {
            return Err(Diagnostics(problems));
        }
        removed.push(real);
    }
}

/// The path in the whole tree of a path in the tree without what was taken out: elements of lists have moved up.
fn original(path: &Path, removed: &[Path]) -> Path {
    let mut real = Path::default();
    for step in &path.0 {
        let Step::Index(mut index) = *step else {
            real.0.push(step.clone());
            continue;
        };
        let gone = removed.iter().filter_map(|path| match path.0.split_last() {
            Some((Step::Index(index), list)) if list == real.0 => Some(*index),
            _ => None,
        });
        let mut gone: Vec<usize> = gone.collect();
        gone.sort_unstable();
        for earlier in gone {
            index += usize::from(earlier <= index);
        }
        real.0.push(Step::Index(index));
    }
    real
}

/// What went wrong, and which value to take out.
fn explain(tree: &Node, path: Path, error: &Error, removed: &[Path], noun: &str) -> (Diagnostic, Path) {
    let (depth, node) = tree.reach(&path.0);
    let reached = Path(path.0[..depth].to_vec());
    match error {
        Error::Field { expected, found } => {
            // The reader stops inside the group that has the field, or at the field.
            let mut around = reached;
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
                noun.to_owned()
            } else {
                format!("`{}`", original(&around, removed))
            };
            around.0.push(Step::Key(found.clone()));
            let title = format!("{home} has no field `{found}`");
            let problem = Diagnostic::new(place, original(&around, removed), title);
            (
                problem.label("unknown field").help(another_field(found, expected)),
                around,
            )
        }
        Error::Variant { expected, found } => {
            let title = format!("`{found}` is no choice here");
            let problem = Diagnostic::new(node.anchor(), original(&reached, removed), title);
            let problem = problem.label(format!("expected one of {}", list(expected)));
            (problem.help(suggest(found, "choice", expected)), reached)
        }
        _ => (misfit(node, &original(&reached, removed), error), reached),
    }
}

/// Fields that files of before may have: the name of today, and what else is new. The nearest word would be another field.
const RENAMED: &[(&str, &str, &str)] = &[(
    "timeout_cost",
    "error_cost",
    "it is paid after a full backlog and where nobody answers, too",
)];

fn another_field(found: &str, expected: &[&str]) -> String {
    let renamed = RENAMED
        .iter()
        .find(|(old, new, _)| *old == found && expected.contains(new));
    renamed.map_or_else(
        || suggest(found, "field", expected),
        |(_, new, how)| format!("it is `{new}` now: {how}"),
    )
}

/// A value of the wrong kind.
fn misfit(node: &Node, path: &Path, error: &Error) -> Diagnostic {
    let choice = match &node.kind {
        Kind::Group(group) => group.name.as_deref(),
        Kind::Word(word) => Some(word.as_str()).filter(|word| word.starts_with(char::is_uppercase)),
        _ => None,
    };
    let belongs = |choice| reference::belongs(&path.to_string(), choice);
    let example = choice
        .and_then(|choice| belongs(Some(choice)))
        .or_else(|| belongs(None));
    let choices = if let Error::Choice(choices) = error {
        *choices
    } else {
        &[]
    };
    let element = matches!(path.0.last(), Some(Step::Index(_)));
    let mut place = node.scalar().anchor();
    let pair = matches!(error, Error::End | Error::Length);
    // The example of another law would mislead.
    let example = example.filter(|(kind, _)| choice.is_some() || !pair || kind != "a distribution");
    let (title, label) = match (error, choice) {
        (Error::Group, Some(choice)) if node.group().is_none() => (
            format!("`{choice}` says nothing without its parentheses"),
            "expected `(…)` behind".to_owned(),
        ),
        (Error::Choice(_) | Error::Group, Some(choice)) => {
            place = node.anchor();
            (
                format!("`{choice}` needs its fields by name"),
                "expected `(name: value)`".to_owned(),
            )
        }
        (Error::BareWord, Some(choice)) => {
            place = node.anchor();
            (
                format!("`{choice}` stands without parentheses"),
                "leave the parentheses out".to_owned(),
            )
        }
        (Error::End, Some(choice)) => {
            place = node.anchor();
            (
                format!("`{choice}` holds one value"),
                "more than one, or a name".to_owned(),
            )
        }
        (_, None) if pair => {
            place = node.anchor();
            (
                "the number of values in this group is wrong".to_owned(),
                "too many or too few".to_owned(),
            )
        }
        _ => {
            let expected = match (expectation(error), belongs(None)) {
                // Of an element of a list the reference knows the list.
                (None, Some(_)) if element && !choices.is_empty() => format!("one of {}", list(choices)),
                (None, Some((kind, _))) => kind,
                (Some(expected), _) => expected,
                (None, None) if !choices.is_empty() => format!("one of {}", list(choices)),
                (None, None) => "a choice".to_owned(),
            };
            (
                format!("expected {expected}, found {}", node.scalar().describe()),
                format!("expected {expected}"),
            )
        }
    };
    let problem = Diagnostic::new(place, path, title).label(label);
    match (advice(error, node.scalar()), example) {
        (Some(advice), _) => problem.help(advice),
        (None, Some((_, example))) => problem.help(format!("for example `{example}`")),
        (None, None) => problem,
    }
}

/// What the reader expected; none where the reference says it better.
fn expectation(error: &Error) -> Option<String> {
    let words = match error {
        Error::Choice(_) => return None,
        Error::Boolean => "`true` or `false`",
        Error::Number => "a number",
        Error::Integer => "a whole number",
        Error::Bounds => "a whole number that is neither below 0 nor too large",
        Error::Text => "a text in quotes",
        Error::List => "a list `[…]`",
        Error::Map => "a map `{\"key\": …}`",
        Error::Group => "a group `(…)`",
        Error::Fields => "fields `(name: …)`",
        Error::BareWord => "a bare word without parentheses",
        Error::Order => "values without names",
        Error::End => "no more than that",
        Error::Length => "more values",
        Error::Name(expected) => return Some(format!("`{expected}(…)`, or the parentheses alone")),
        Error::Missing(field) => return Some(format!("the field `{field}`")),
        Error::Field { found, .. } | Error::Variant { found, .. } => {
            return Some(format!("something else than `{found}`"));
        }
        Error::Kind(expected) => expected,
        Error::Message(message) => message,
    };
    Some(words.to_owned())
}

/// How to write what is nearly right.
fn advice(error: &Error, node: &Node) -> Option<String> {
    match (error, &node.kind) {
        (Error::Text, Kind::Word(word) | Kind::Number(word)) => Some(format!("write {word:?}")),
        (Error::Boolean, Kind::Text { value, .. }) if value == "true" || value == "false" => {
            Some(format!("write {value}, without quotes"))
        }
        (Error::Choice(choices), Kind::Text { value, .. }) if choices.contains(&value.as_str()) => {
            Some(format!("write {value}, without quotes"))
        }
        (Error::Fields | Error::Group | Error::List | Error::Map, Kind::Text { value, .. })
            if value.trim_start().starts_with(['(', '[', '{']) =>
        {
            Some("leave out the quotes around it".to_owned())
        }
        _ => None,
    }
}
