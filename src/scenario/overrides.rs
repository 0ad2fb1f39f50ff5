//! `--set path=value`: changes laid over the file, with errors that point at the argument.

use std::sync::Arc;

use preau_text::tree::{Bracket, Entry, Group, Key, Kind, Node, Path, Step, parse};
use preau_text::{Diagnostic, Diagnostics, suggest};
use preau_text::{Place, SourceText};

/// Lays all overrides over a tree, in order.
pub(super) fn apply(tree: &mut Node, sets: &[String]) -> Result<(), Diagnostics> {
    let problems: Vec<Diagnostic> = sets
        .iter()
        .filter_map(|set| apply_one(tree, set).err())
        .map(|d| *d)
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Diagnostics(problems))
    }
}

struct Set<'a> {
    source: Arc<SourceText>,
    path: Path,
    /// The value as typed.
    text: &'a str,
    place: Place,
    path_place: Place,
}

fn apply_one(tree: &mut Node, set: &str) -> Result<(), Box<Diagnostic>> {
    let source = Arc::new(SourceText {
        name: "--set".to_owned(),
        text: set.to_owned(),
    });
    let whole = Place::new(&source, 0..set.len());
    let Some((left, right)) = set.split_once('=') else {
        let problem = Diagnostic::new(whole, "", "an override is `path=value`").label("no `=` here");
        return Err(Box::new(problem.help("for example services.queue.station.cores=4")));
    };
    let path_place = Place::new(&source, 0..left.trim_end().len());
    let path = Path::parse(left).map_err(|reason| {
        let problem = Diagnostic::new(path_place.clone(), "", format!("this is not a path: {reason}"));
        Box::new(problem.label("expected such as `services.ent.quota.max_sessions` or `waves[0].share`"))
    })?;
    let start = left.len() + 1 + right.len() - right.trim_start().len();
    let text = right.trim();
    let place = Place::new(&source, start..start + text.len());
    if path.0 == [Step::Key("base".to_owned())] {
        let problem = Diagnostic::new(
            path_place,
            &path,
            "overrides come after the base, they cannot change it",
        );
        return Err(Box::new(problem.label("not here").help("load another file")));
    }
    let set = Set {
        source,
        path,
        text,
        place,
        path_place,
    };
    match tree.find_mut(&set.path.0) {
        Some(target) => {
            let value = set.value(Some(target))?;
            // `duration=45 min` on `Deterministic("30 min")` changes the number and keeps the law.
            let keeps_name = target.group().is_some() && target.scalar().group().is_none() && value.group().is_none();
            let removes = matches!(&value.kind, Kind::Word(word) if word == "None");
            if removes && set.is_entry(tree) {
                tree.remove(&set.path.0);
                return Ok(());
            }
            let Some(target) = tree.find_mut(&set.path.0) else {
                return Ok(());
            };
            if keeps_name && !removes {
                let Some(Kind::Group(group)) = Some(&mut target.kind) else {
                    return Ok(());
                };
                group.entries[0].value = value;
            } else {
                *target = value;
            }
            Ok(())
        }
        None => set.insert(tree),
    }
}

impl Set<'_> {
    /// The value as a node: RON, or a text whose quotes were left out.
    fn value(&self, old: Option<&Node>) -> Result<Node, Box<Diagnostic>> {
        if self.text.is_empty() {
            let problem = Diagnostic::new(self.place.clone(), &self.path, "no value after `=`");
            return Err(Box::new(problem.label("expected a value")));
        }
        let was_text = old.is_some_and(|old| matches!(old.kind, Kind::Text { .. }));
        let bracketed = self.text.contains(['(', '[', '{', '"']);
        if was_text && !self.text.starts_with('"') && self.text != "None" {
            return Ok(self.quoted());
        }
        // Blanks in place of the path keep every span where it is in the argument.
        let padded = " ".repeat(self.place.span.start) + self.text;
        let scratch = Arc::new(SourceText {
            name: self.source.name.clone(),
            text: padded,
        });
        let (node, problems) = parse(&scratch);
        match (node, problems.into_iter().next()) {
            (Some(mut node), None) => {
                self.adopt(&mut node);
                let was_law_of_text = old.is_some_and(|old| matches!(old.scalar().kind, Kind::Text { .. }));
                let bare =
                    matches!(&node.kind, Kind::Word(word) if word != "None") || matches!(node.kind, Kind::Number(_));
                Ok(if was_law_of_text && bare { self.quoted() } else { node })
            }
            (_, Some(problem)) if bracketed => Err(Box::new(self.reroot(problem))),
            _ => Ok(self.quoted()),
        }
    }

    /// Whether the path leads to an entry of a map, which `None` takes away.
    fn is_entry(&self, tree: &Node) -> bool {
        let parent = self.path.0.split_last().and_then(|(_, parent)| tree.find(parent));
        parent
            .and_then(|node| node.inner().group())
            .is_some_and(|group| group.bracket == Bracket::Curly)
    }

    fn quoted(&self) -> Node {
        let kind = Kind::Text {
            raw: format!("{:?}", self.text),
            value: self.text.to_owned(),
        };
        Node {
            kind,
            place: self.place.clone(),
        }
    }

    /// Makes a node read from the padded copy point at the argument itself.
    fn adopt(&self, node: &mut Node) {
        let here = |place: &Place| Place::new(&self.source, place.span.clone());
        node.place = here(&node.place);
        if let Kind::Group(group) = &mut node.kind {
            group.open = here(&group.open);
            for entry in &mut group.entries {
                if let Some(key) = &mut entry.key {
                    key.place = here(&key.place);
                }
                self.adopt(&mut entry.value);
            }
        }
    }

    fn reroot(&self, problem: Diagnostic) -> Diagnostic {
        let again = Diagnostic::new(self.place.clone(), &self.path, problem.message());
        let again = problem
            .advice()
            .iter()
            .fold(again, |again, help| again.help(help.clone()));
        again.label(format!("the value of `{}`", self.path))
    }

    /// Adds a field that the file leaves out, and the groups around it.
    fn insert(&self, tree: &mut Node) -> Result<(), Box<Diagnostic>> {
        let (depth, parent) = tree.reach(&self.path.0);
        let known = Path(self.path.0[..depth].to_vec());
        let Some((next, rest)) = self.path.0[depth..].split_first() else {
            return Ok(());
        };
        let value = self.value(None)?;
        let where_to = if known.0.is_empty() {
            "the model".to_owned()
        } else {
            format!("`{known}`")
        };
        let fail = |title: String, help: String| {
            let problem = Diagnostic::new(self.path_place.clone(), &self.path, title);
            Err(Box::new(problem.label("this path leads nowhere").help(help)))
        };
        let group = match parent.inner().group() {
            Some(group) => group,
            None => {
                let title = format!("{where_to} is {} and has no parts", parent.describe());
                return fail(title, format!("set `{known}` itself"));
            }
        };
        let name = match (next, group.bracket) {
            (Step::Index(index), Bracket::Square) => {
                let title = format!("{where_to} has {} elements, there is no [{index}]", group.entries.len());
                return fail(title, "elements count from 0".to_owned());
            }
            (Step::Index(index), _) => index.to_string(),
            (Step::Key(key), Bracket::Square) => {
                return fail(
                    format!("{where_to} is a list, and `{key}` is no index"),
                    "write `[0]`".to_owned(),
                );
            }
            (Step::Key(key), _) => key.clone(),
        };
        if !group.entries.is_empty() && group.entries.iter().any(|entry| entry.key.is_none()) {
            return fail(
                format!("{where_to} has values in order, no field `{name}`"),
                "write `[0]`".to_owned(),
            );
        }
        let whole_entry = rest.is_empty() && value.group().is_some();
        if group.bracket == Bracket::Curly && !whole_entry {
            let help = suggest(&name, "entry", &group.keys());
            return fail(format!("there is no `{name}` in {where_to}"), help);
        }
        let Some(group) = tree.find_mut(&known.0).and_then(Node::inner_group_mut) else {
            return Ok(());
        };
        let value = self.wrap(rest, value)?;
        let key = Some(Key {
            name,
            place: self.path_place.clone(),
        });
        group.entries.push(Entry {
            key,
            value,
            before: Vec::new(),
            after: Vec::new(),
        });
        Ok(())
    }

    /// The fields that are still to be passed, each in a group of its own.
    fn wrap(&self, rest: &[Step], value: Node) -> Result<Node, Box<Diagnostic>> {
        let Some((first, rest)) = rest.split_first() else {
            return Ok(value);
        };
        let Step::Key(name) = first else {
            let problem = Diagnostic::new(
                self.path_place.clone(),
                &self.path,
                "the list of this path does not exist",
            );
            return Err(Box::new(
                problem.label("this path leads nowhere").help("set the whole list"),
            ));
        };
        let inner = self.wrap(rest, value)?;
        let key = Some(Key {
            name: name.clone(),
            place: self.path_place.clone(),
        });
        let entries = vec![Entry {
            key,
            value: inner,
            before: Vec::new(),
            after: Vec::new(),
        }];
        let open = self.path_place.clone();
        let group = Group {
            bracket: Bracket::Round,
            name: None,
            entries,
            tail: Vec::new(),
            open,
        };
        Ok(Node {
            kind: Kind::Group(group),
            place: self.path_place.clone(),
        })
    }
}
