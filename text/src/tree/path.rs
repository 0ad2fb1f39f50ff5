//! Paths into the tree: `services.ent-idf.quota.max_sessions`, `incidents.flood.waves[0]`.

use std::fmt;

use super::{Bracket, Entry, Group, Kind, Node};
use crate::Place;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field or a map key.
    Key(String),
    /// An element of a list, from 0.
    Index(usize),
}

/// From the root of a model to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// Reads `a.b[0].c`, `a.b.0.c` and `services."a.b".x`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let word = if let Some(quoted) = rest.strip_prefix('"') {
                let end = quoted.find('"').ok_or("a quote is not closed")?;
                let key = quoted[..end].to_owned();
                rest = &quoted[end + 1..];
                Step::Key(key)
            } else if let Some(inside) = rest.strip_prefix('[') {
                let end = inside.find(']').ok_or("a `[` is not closed")?;
                let index = inside[..end]
                    .trim()
                    .parse()
                    .map_err(|_| "an index is a whole number from 0")?;
                rest = &inside[end + 1..];
                Step::Index(index)
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let word = rest[..end].trim();
                if word.is_empty() {
                    return Err("a step of the path is empty".to_owned());
                }
                rest = &rest[end..];
                word.parse().map_or_else(|_| Step::Key(word.to_owned()), Step::Index)
            };
            steps.push(word);
            if let Some(after) = rest.strip_prefix('.') {
                if after.is_empty() {
                    return Err("the path ends with a dot".to_owned());
                }
                rest = after;
            } else if !rest.is_empty() && !rest.starts_with('[') {
                return Err("steps are separated by dots".to_owned());
            }
        }
        if steps.is_empty() {
            Err("the path is empty".to_owned())
        } else {
            Ok(Self(steps))
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    if i > 0 {
                        f.write_str(".")?;
                    }
                    if key.is_empty() || key.contains(['.', '[', '"']) || key.parse::<usize>().is_ok() {
                        write!(f, "\"{key}\"")?;
                    } else {
                        f.write_str(key)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A wrapper that a path does not name: `Some(x)`, `Crowd([…])`.
fn is_wrapper(group: &Group) -> bool {
    group.bracket == Bracket::Round
        && group.name.is_some()
        && matches!(group.entries.as_slice(), [only] if only.key.is_none())
}

impl Node {
    /// The value inside `Some(…)`, `Crowd(…)` and other names with one value.
    pub fn inner(&self) -> &Node {
        match &self.kind {
            Kind::Group(group) if is_wrapper(group) => group.entries[0].value.inner(),
            _ => self,
        }
    }

    /// The value inside a name, if it is a single value: what "found …" is about.
    pub fn scalar(&self) -> &Node {
        if self.inner().group().is_none() {
            self.inner()
        } else {
            self
        }
    }

    fn inner_mut(&mut self) -> &mut Node {
        if !self.group().is_some_and(is_wrapper) {
            return self;
        }
        let Kind::Group(group) = &mut self.kind else {
            unreachable!("only groups are wrappers")
        };
        group.entries[0].value.inner_mut()
    }

    /// The group that the steps of a path look into.
    pub fn inner_group_mut(&mut self) -> Option<&mut Group> {
        match &mut self.inner_mut().kind {
            Kind::Group(group) => Some(group),
            _ => None,
        }
    }

    /// The entry one step further.
    pub fn step(&self, step: &Step) -> Option<&Entry> {
        let group = self.inner().group()?;
        find(group, step).map(|i| &group.entries[i])
    }

    /// The steps that a step stands for here: itself if it leads somewhere; with a `*` in it every key that begins and ends so.
    pub fn matching(&self, step: &Step) -> Vec<Step> {
        let ends = match step {
            Step::Key(key) => key.split_once('*'),
            Step::Index(_) => None,
        };
        match (ends, self.inner().group()) {
            (_, None) => Vec::new(),
            (None, Some(group)) => find(group, step).map(|_| step.clone()).into_iter().collect(),
            (Some((head, tail)), Some(group)) => {
                let long = head.len() + tail.len();
                let fits = |key: &&str| key.len() >= long && key.starts_with(head) && key.ends_with(tail);
                let keys = group.keys().into_iter().filter(fits);
                keys.map(|key| Step::Key(key.to_owned())).collect()
            }
        }
    }

    /// The value at a path.
    pub fn find(&self, path: &[Step]) -> Option<&Node> {
        path.iter()
            .try_fold(self, |node, step| node.step(step).map(|entry| &entry.value))
    }

    /// The value at a path, to be changed.
    pub fn find_mut(&mut self, path: &[Step]) -> Option<&mut Node> {
        path.iter().try_fold(self, |node, step| {
            let group = node.inner_group_mut()?;
            find(group, step).map(|i| &mut group.entries[i].value)
        })
    }

    /// How many steps of a path exist, and the last value on it.
    pub fn reach(&self, path: &[Step]) -> (usize, &Node) {
        let mut node = self;
        for (done, step) in path.iter().enumerate() {
            match node.step(step) {
                Some(entry) => node = &entry.value,
                None => return (done, node),
            }
        }
        (path.len(), node)
    }

    /// Where to put the caret for a path: the value, or the nearest value around it that exists.
    pub fn place_of(&self, path: &Path) -> Place {
        self.reach(&path.0).1.scalar().anchor()
    }

    /// Takes a value out. False if there is none.
    pub fn remove(&mut self, path: &[Step]) -> bool {
        let Some((last, parent)) = path.split_last() else {
            return false;
        };
        let Some(group) = self.find_mut(parent).and_then(Node::inner_group_mut) else {
            return false;
        };
        match find(group, last) {
            Some(i) => {
                group.entries.remove(i);
                true
            }
            None => false,
        }
    }
}

fn find(group: &Group, step: &Step) -> Option<usize> {
    match step {
        Step::Key(key) => group.position(key),
        // A key may look like a number: `regions.11`.
        Step::Index(index) => match group.entries.get(*index) {
            Some(entry) if entry.key.is_none() => Some(*index),
            _ => group.position(&index.to_string()),
        },
    }
}
