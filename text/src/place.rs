//! Places in source texts: which file, which bytes, which line and column.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A text that can be wrong somewhere: a file, a built-in model or a command-line argument.
pub struct SourceText {
    /// What people call it: a path, `builtin:…` or `--set`.
    pub name: String,
    /// Its contents.
    pub text: String,
}

/// Its name only: the text would drown whatever holds a place.
impl fmt::Debug for SourceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A stretch of a source text.
#[derive(Clone, Debug)]
pub struct Place {
    /// The text.
    pub source: Arc<SourceText>,
    /// Bytes of it.
    pub span: Range<usize>,
}

impl Place {
    /// A stretch, moved onto the text and onto whole characters, so that drawing it cannot fail.
    pub fn new(source: &Arc<SourceText>, span: Range<usize>) -> Self {
        let text = &source.text;
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = span.end.clamp(start, text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        Self {
            source: source.clone(),
            span: start..end,
        }
    }

    /// Line and column of its first character, both from 1, the column in characters.
    pub fn line_column(&self) -> (usize, usize) {
        let before = &self.source.text[..self.span.start];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        (line, column)
    }

    /// The text it covers.
    pub fn text(&self) -> &str {
        &self.source.text[self.span.clone()]
    }
}
