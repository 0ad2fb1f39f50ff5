//! A model file as a tree whose every value knows its place.
//!
//! Diagnostics, includes and overrides work on it, because they need spans, comments and duplicate keys, which types do
//! not keep; types are read from it.

mod merge;
mod parse;
mod path;
mod print;

pub use parse::parse;
pub use path::{Path, Step};

use crate::Place;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub place: Place,
}

/// The kinds of values.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A bare word: `true`, `None`, `lycee`.
    Word(String),
    /// A number as written.
    Number(String),
    /// A text in quotes: as written, and what it says.
    Text {
        /// With its quotes.
        raw: String,
        /// Without them.
        value: String,
    },
    /// Something in brackets.
    Group(Group),
}

/// Something in brackets of one kind.
#[derive(Clone, Debug)]
pub struct Group {
    /// Which brackets.
    pub bracket: Bracket,
    /// The word before the parenthesis, `Exponential`.
    pub name: Option<String>,
    /// What is inside.
    pub entries: Vec<Entry>,
    /// Comments after the last entry.
    pub tail: Vec<String>,
    /// The opening bracket itself.
    pub open: Place,
}

/// The kinds of brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bracket {
    /// `( )`: fields, or values in order.
    Round,
    /// `[ ]`: a list.
    Square,
    /// `{ }`: a map with keys in quotes.
    Curly,
}

impl Bracket {
    /// The one that opens.
    pub fn open(self) -> char {
        ['(', '[', '{'][self as usize]
    }

    /// The one that closes.
    pub fn close(self) -> char {
        [')', ']', '}'][self as usize]
    }
}

/// One entry of a group.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Field name or map key.
    pub key: Option<Key>,
    /// The value.
    pub value: Node,
    /// Comments above it.
    pub before: Vec<String>,
    /// Comments on its line.
    pub after: Vec<String>,
}

/// A field name or map key.
#[derive(Clone, Debug)]
pub struct Key {
    /// What it says, without quotes.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

impl Group {
    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|e| e.key.as_ref().is_some_and(|k| k.name == key))
    }

    /// Position of the entry of a key.
    pub fn position(&self, key: &str) -> Option<usize> {
        self.entries
            .iter()
            .position(|e| e.key.as_ref().is_some_and(|k| k.name == key))
    }

    /// All keys, in order.
    pub fn keys(&self) -> Vec<&str> {
        self.entries
            .iter()
            .filter_map(|e| e.key.as_ref().map(|k| k.name.as_str()))
            .collect()
    }
}

impl Node {
    /// The group, if it is one.
    pub fn group(&self) -> Option<&Group> {
        match &self.kind {
            Kind::Group(group) => Some(group),
            _ => None,
        }
    }

    /// Where to put the caret: the value, or the opening bracket of one that fills several lines.
    pub fn anchor(&self) -> Place {
        match &self.kind {
            Kind::Group(group) if self.place.text().contains('\n') => {
                Place::new(&self.place.source, self.place.span.start..group.open.span.end)
            }
            _ => self.place.clone(),
        }
    }

    /// What it is, for "found …".
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Word(word) => format!("the word `{word}`"),
            Kind::Number(number) => format!("the number `{number}`"),
            Kind::Text { raw, .. } if raw.chars().count() > 40 => "a text".to_owned(),
            Kind::Text { raw, .. } => format!("the text `{raw}`"),
            Kind::Group(Group {
                bracket: Bracket::Square,
                ..
            }) => "a list `[…]`".to_owned(),
            Kind::Group(Group {
                bracket: Bracket::Curly,
                ..
            }) => "a map `{…}`".to_owned(),
            Kind::Group(Group { name: Some(name), .. }) => format!("`{name}(…)`"),
            Kind::Group(Group { entries, .. }) if entries.first().is_some_and(|e| e.key.is_some()) => {
                "fields `(…: …)`".to_owned()
            }
            Kind::Group(_) => "a group `(…)`".to_owned(),
        }
    }
}
