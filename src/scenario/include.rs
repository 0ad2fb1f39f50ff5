//! Files and the files they stand on: `base: "other.ron"`.

use std::path::{Component, Path as FilePath, PathBuf};
use std::sync::Arc;

use super::Source;
use super::file_text::file_text;
use super::kind::FileKind;
use super::library::{Builtin, builtin};
use preau_text::tree::{Bracket, Entry, Key, Kind, Node, Path, Step, parse};
use preau_text::{Diagnostic, Diagnostics, list, nearest, suggest, wrapped};
use preau_text::{Place, SourceText};

/// A file whose syntax is read, and nothing of its meaning.
pub(crate) struct Syntax {
    opened: Opened,
    root: Node,
}

impl Syntax {
    /// Opens and reads a file.
    pub(crate) fn of(source: &Source) -> Result<Self, Diagnostics> {
        open(source, None)
            .map_err(|problem| one(*problem))
            .and_then(Self::of_opened)
    }

    fn of_opened(opened: Opened) -> Result<Self, Diagnostics> {
        match parse(&opened.text) {
            (Some(root), problems) if problems.is_empty() => Ok(Self { opened, root }),
            (_, problems) => Err(Diagnostics(problems)),
        }
    }

    /// What it is, if its fields tell.
    pub(crate) fn kind(&self) -> Option<FileKind> {
        FileKind::of(&self.root)
    }

    /// The tree of a model with its bases under it and its name in it.
    pub(super) fn with_bases(self) -> Result<Node, Diagnostics> {
        let stem = self.opened.stem();
        let mut tree = lay_on_bases(self, &mut Vec::new())?;
        name_it(&mut tree, &stem);
        Ok(tree)
    }
}

fn one(problem: Diagnostic) -> Diagnostics {
    Diagnostics(vec![problem])
}

/// A text and what its relative bases are relative to.
struct Opened {
    text: Arc<SourceText>,
    /// What makes two files the same.
    identity: String,
    home: Home,
}

enum Home {
    Folder(PathBuf),
    Models(&'static str),
}

impl Opened {
    fn stem(&self) -> String {
        let name = self.text.name.replace('\\', "/");
        let last = name.rsplit(['/', ':']).next().unwrap_or_default();
        last.strip_suffix(".ron").unwrap_or(last).to_owned()
    }
}

fn lay_on_bases(file: Syntax, above: &mut Vec<String>) -> Result<Node, Diagnostics> {
    let Syntax { opened, root: mut node } = file;
    let fields = |node: &Node| {
        node.group()
            .is_some_and(|g| g.bracket == Bracket::Round && g.entries.iter().all(|e| e.key.is_some()))
    };
    if !fields(&node) {
        let problem = Diagnostic::new(
            node.anchor(),
            "",
            format!("a model is `(field: …)`, found {}", node.describe()),
        );
        return Err(one(problem
            .label("expected `(`")
            .help("begin with `(name: \"…\", clock: (end: \"1 h\"), …)`")));
    }
    let step = [Step::Key("base".to_owned())];
    let Some(base) = node.find(&step).cloned() else {
        return Ok(node);
    };
    let Kind::Text { value, .. } = &base.scalar().kind else {
        let title = format!("expected a file such as \"country.ron\", found {}", base.describe());
        return Err(one(
            Diagnostic::new(base.anchor(), "base", title).label("expected a text")
        ));
    };
    node.remove(&step);
    above.push(opened.identity.clone());
    let below = open_base(&opened, value, &base.place)?;
    if above.contains(&below.identity) {
        let chain: Vec<&str> = above
            .iter()
            .map(String::as_str)
            .chain([below.identity.as_str()])
            .collect();
        let problem = Diagnostic::new(base.place.clone(), "base", "this model stands on itself");
        return Err(one(problem.label("a circle of bases").help(chain.join(" → "))));
    }
    let mut tree = lay_on_bases(Syntax::of_opened(below)?, above)?;
    tree.lay(node);
    Ok(tree)
}

fn open_base(from: &Opened, value: &str, place: &Place) -> Result<Opened, Diagnostics> {
    let source = match (value.strip_prefix("builtin:"), &from.home) {
        (Some(name), _) => Source::Builtin(name.to_owned()),
        (None, Home::Folder(folder)) => Source::File(folder.join(value)),
        (None, Home::Models(path)) => {
            let folder = FilePath::new(path).parent().unwrap_or(FilePath::new(""));
            let wanted = plain(&folder.join(value));
            let found = builtin().iter().find(|model| FilePath::new(model.path) == wanted);
            Source::Builtin(found.map_or(value, |model| model.name).to_owned())
        }
    };
    open(&source, Some(place)).map_err(|problem| one(*problem))
}

/// A path without `..`, for files that are not on a disk.
fn plain(path: &FilePath) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

fn open(source: &Source, asked_at: Option<&Place>) -> Result<Opened, Box<Diagnostic>> {
    // Who asked: the `base` that names it, or the command line.
    let asked = |name: &str| {
        asked_at.cloned().unwrap_or_else(|| {
            let text = Arc::new(SourceText {
                name: "command line".to_owned(),
                text: name.to_owned(),
            });
            Place::new(&text, 0..name.len())
        })
    };
    let path = if asked_at.is_some() { "base" } else { "" };
    match source {
        Source::Text { name, text } => Ok(Opened {
            text: Arc::new(SourceText {
                name: name.clone(),
                text: text.clone(),
            }),
            identity: name.clone(),
            home: Home::Folder(PathBuf::new()),
        }),
        Source::Builtin(name) => {
            let Some(Builtin { name, path, text }) = builtin().iter().find(|model| model.name == name).copied() else {
                let names: Vec<&str> = builtin().iter().map(|model| model.name).collect();
                let problem = Diagnostic::new(asked(name), path, format!("there is no built-in model `{name}`"));
                return Err(Box::new(problem.label("not built in").help(suggest(
                    name,
                    "built-in model",
                    &names,
                ))));
            };
            let shown = format!("builtin:{name}");
            Ok(Opened {
                text: Arc::new(SourceText {
                    name: shown.clone(),
                    text: text.to_owned(),
                }),
                identity: shown,
                home: Home::Models(path),
            })
        }
        Source::File(file) => {
            let name = file.display().to_string();
            let text = file_text(file).map_err(|error| {
                let absent = error.kind() == std::io::ErrorKind::NotFound;
                let title = match (absent, asked_at) {
                    (false, _) => format!("cannot read `{name}`: {error}"),
                    (true, Some(_)) => format!("there is no file `{name}`"),
                    (true, None) => format!("there is no file `{name}`, and no model of this name in the program"),
                };
                let problem = Diagnostic::new(asked(&name), path, title);
                let problem = problem.label(if absent { "not found" } else { "not readable" });
                Box::new(if absent { meant(problem, &name, file) } else { problem })
            })?;
            let identity = std::fs::canonicalize(file).map_or_else(|_| name.clone(), |real| real.display().to_string());
            let home = Home::Folder(file.parent().map(FilePath::to_path_buf).unwrap_or_default());
            Ok(Opened {
                text: Arc::new(SourceText { name, text }),
                identity,
                home,
            })
        }
    }
}

/// Advice about a file that is not there: what it may have been meant to be, and how to see what there is.
fn meant(problem: Diagnostic, name: &str, file: &FilePath) -> Diagnostic {
    let stem = |path: &FilePath| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let wanted = stem(file);
    let home = file.parent().unwrap_or(FilePath::new(""));
    let here = if home.as_os_str().is_empty() {
        FilePath::new(".")
    } else {
        home
    };
    let entries = std::fs::read_dir(here).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(home.join(entry.ok()?.file_name())))
        .filter(|path| path.extension().is_some_and(|end| end == "ron"))
        .collect();
    files.sort();
    let stems: Vec<String> = files.iter().map(|path| stem(path)).collect();
    let beside = nearest(&wanted, stems.iter().map(String::as_str));
    let beside = beside.and_then(|near| files.iter().find(|path| stem(path) == near));
    let names: Vec<&str> = builtin().iter().map(|model| model.name).collect();
    // `mm1` and `theory/mm2.ron` are both near `theory/mm1`.
    let last = |model: &str| model.rsplit('/').next().unwrap_or(model).to_owned();
    let lasts: Vec<String> = names.iter().map(|model| last(model)).collect();
    let plain = name.strip_suffix(".ron").unwrap_or(name);
    let inside = nearest(plain, names.iter().copied()).or_else(|| {
        let near = nearest(&wanted, lasts.iter().map(String::as_str))?;
        names.iter().copied().find(|model| last(model) == near)
    });
    let problem = match (beside, inside) {
        (Some(near), _) => problem.help(format!("did you mean the file `{}`?", near.display())),
        (None, Some(near)) => problem.help(format!("did you mean `{near}`, which is inside the program?")),
        (None, None) => problem.help(wrapped(&format!("inside the program are {}", list(&names)), 88, "")),
    };
    problem.help("`preau models list` shows the models inside the program")
}

/// Writes the name into a model that has none, so that its text alone is the whole model.
fn name_it(tree: &mut Node, stem: &str) {
    let step = Path(vec![Step::Key("name".to_owned())]);
    if tree.find(&step.0).is_some() {
        return;
    }
    let place = tree.anchor();
    let value = Node {
        kind: Kind::Text {
            raw: format!("{stem:?}"),
            value: stem.to_owned(),
        },
        place: place.clone(),
    };
    let key = Some(Key {
        name: "name".to_owned(),
        place,
    });
    if let Some(group) = tree.inner_group_mut() {
        // Behind the comments that head the file.
        let before = group
            .entries
            .first_mut()
            .map(|first| std::mem::take(&mut first.before))
            .unwrap_or_default();
        group.entries.insert(
            0,
            Entry {
                key,
                value,
                before,
                after: Vec::new(),
            },
        );
    }
}
