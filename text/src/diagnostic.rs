//! What is wrong with a model, where, and what to write instead.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::Place;

/// One thing that is wrong, at one place.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    title: String,
    path: String,
    label: String,
    help: Vec<String>,
    place: Place,
    also: Vec<(Place, String)>,
}

impl Diagnostic {
    /// Something wrong at a place, of the value of that path (empty: of no value), said in one sentence.
    pub fn new(place: Place, path: impl ToString, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            path: path.to_string(),
            label: String::new(),
            help: Vec::new(),
            place,
            also: Vec::new(),
        }
    }

    /// The words beside the caret.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// What to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Another place that has to do with it.
    pub fn also(mut self, place: Place, label: impl Into<String>) -> Self {
        self.also.push((place, label.into()));
        self
    }

    /// What is wrong, in one sentence.
    pub fn message(&self) -> &str {
        &self.title
    }

    /// Path of the value, `services.ent-idf.quota.max_sessions`; empty for errors of syntax.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Advice, may be empty.
    pub fn advice(&self) -> &[String] {
        &self.help
    }

    /// The file, built-in model or argument that is wrong.
    pub fn file(&self) -> &str {
        &self.place.source.name
    }

    /// Line of the caret, from 1.
    pub fn line(&self) -> usize {
        self.place.line_column().0
    }

    /// Column of the caret in characters, from 1.
    pub fn column(&self) -> usize {
        self.place.line_column().1
    }

    /// The source text under the caret.
    pub fn found(&self) -> &str {
        self.place.text()
    }

    /// The whole text that is wrong somewhere: of an override, the override.
    pub fn text(&self) -> &str {
        &self.place.source.text
    }

    /// The whole drawing: message, source line with a caret, path and advice.
    pub fn render(&self, colour: bool) -> String {
        let snippet = |place: &Place, kind: AnnotationKind, label: &str| {
            Snippet::source(place.source.text.clone())
                .path(place.source.name.clone())
                .annotation(kind.span(place.span.clone()).label(label.to_owned()))
        };
        let mut main = snippet(&self.place, AnnotationKind::Primary, &self.label);
        let mut others = Vec::new();
        for (place, label) in &self.also {
            if place.source.name == self.place.source.name {
                main = main.annotation(AnnotationKind::Context.span(place.span.clone()).label(label.clone()));
            } else {
                others.push(snippet(place, AnnotationKind::Context, label));
            }
        }
        let mut group = Level::ERROR
            .primary_title(self.title.clone())
            .element(main)
            .elements(others);
        if !self.path.is_empty() {
            group = group.element(Level::NOTE.with_name("path").message(self.path.clone()));
        }
        for help in &self.help {
            group = group.element(Level::HELP.message(help.clone()));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

/// Everything that is wrong with a model; never empty.
#[derive(Clone, Debug)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// All drawings, with terminal colours or without.
    pub fn render(&self, colour: bool) -> String {
        let drawings: Vec<String> = self.0.iter().map(|d| d.render(colour)).collect();
        drawings.join("\n\n")
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(problem: Diagnostic) -> Self {
        Diagnostics(vec![problem])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

/// How alike two words are, from 0 to 1.
pub fn likeness(a: &str, b: &str) -> f64 {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let contained = a.len() > 2 && b.len() > 2 && (a.contains(&b) || b.contains(&a));
    // Jaro–Winkler sees nothing in common between `wbe` and `web`: short words need the count of slips.
    let length = a.chars().count().max(b.chars().count());
    let slips = strsim::osa_distance(&a, &b);
    let close = slips * 3 <= length;
    let likeness = if close {
        0.95 - 0.1 * slips as f64 / length as f64
    } else {
        0.0
    };
    strsim::jaro_winkler(&a, &b)
        .max(likeness)
        .max(if contained { 0.85 } else { 0.0 })
}

/// Words less alike than this are no slips of each other.
pub const ALIKE: f64 = 0.78;

/// The candidate most like a word that was not found, if any is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (likeness(word, candidate), candidate))
        .filter(|(score, _)| *score > ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Whether a number goes on behind a space: `312 300`, `415 ± 98`, `12 %`.
fn goes_on(before: &str, after: &str) -> bool {
    let digits = |word: &str| word.chars().take_while(char::is_ascii_digit).count();
    let number = before.ends_with(|c: char| c.is_ascii_digit());
    before.ends_with('±') || number && (digits(after) == 3 || after.starts_with(['±', '%']))
}

/// A text in lines of at most so many characters, broken at spaces outside of numbers; all lines but the first are indented,
/// and the first as the text is.
pub fn wrapped(text: &str, width: usize, indent: &str) -> String {
    let body = text.trim_start_matches(' ');
    let mut words: Vec<String> = Vec::new();
    for word in body.split(' ') {
        match words.last_mut() {
            Some(last) if goes_on(last, word) => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    let mut out = " ".repeat(text.len() - body.len());
    let mut length = out.len();
    for (i, word) in words.iter().enumerate() {
        let needs = word.chars().count();
        if i > 0 && length + 1 + needs > width {
            out.push('\n');
            out.push_str(indent);
            length = indent.chars().count();
        } else if i > 0 {
            out.push(' ');
            length += 1;
        }
        out.push_str(word);
        length += needs;
    }
    out
}

/// "did you mean", or the list of what there is.
pub fn suggest(word: &str, noun: &str, candidates: &[&str]) -> String {
    if let Some(near) = nearest(word, candidates.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    match candidates {
        [] => format!("there is no {noun} at all"),
        _ if candidates.len() > 24 => {
            format!(
                "there are {} {noun}s, such as {}",
                candidates.len(),
                list(&candidates[..8])
            )
        }
        _ => format!("there is {}", list(candidates)),
    }
}

/// `` `a`, `b` and `c` ``.
pub fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_not_broken_inside_numbers() {
        let text = "The difference, 3 104 ± 82 hours or 12 % of all";
        assert_eq!(
            wrapped(text, 18, "  "),
            "The difference,\n  3 104 ± 82 hours\n  or 12 % of all"
        );
        assert_eq!(wrapped("5 of 12 runs", 6, ""), "5 of\n12\nruns");
        // What is indented stays so.
        assert_eq!(wrapped("  5 of 12 runs", 8, "    "), "  5 of\n    12\n    runs");
    }
}
