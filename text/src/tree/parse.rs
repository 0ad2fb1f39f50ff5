//! From text to tree: RON with spans, comments and a memory for duplicate keys.

use std::sync::Arc;

use super::{Bracket, Entry, Group, Key, Kind, Node, Path, Step};
use crate::Diagnostic;
use crate::{Place, SourceText};

/// Models are about ten brackets deep; more than this is an accident, and must not exhaust the stack.
const DEEPEST: usize = 48;

/// Reads one value. Duplicate keys are reported and reading goes on; the first error of syntax ends it.
pub fn parse(source: &Arc<SourceText>) -> (Option<Node>, Vec<Diagnostic>) {
    let mut parser = Parser {
        source,
        text: &source.text,
        at: 0,
        depth: 0,
        path: Path::default(),
        suspects: Vec::new(),
        problems: Vec::new(),
    };
    let node = parser.whole();
    match node {
        Ok(node) => (Some(node), parser.problems),
        Err(problem) => {
            parser.problems.push(*problem);
            (None, parser.problems)
        }
    }
}

type Parsed<T> = Result<T, Box<Diagnostic>>;

struct Parser<'a> {
    source: &'a Arc<SourceText>,
    text: &'a str,
    at: usize,
    depth: usize,
    /// The way to the value being read.
    path: Path,
    /// Brackets whose two ends stand at different indents: where one may be missing.
    suspects: Vec<(Place, Place)>,
    problems: Vec<Diagnostic>,
}

impl Parser<'_> {
    fn whole(&mut self) -> Parsed<Node> {
        if self.text.starts_with('\u{feff}') {
            self.at = 3;
        }
        let mut before = self.comments()?;
        // Extensions change nothing here: every one this reader needs is on.
        while self.rest().starts_with("#![") {
            let end = self.rest().find(']').unwrap_or(self.rest().len() - 1);
            self.at += end + 1;
            before.extend(self.comments()?);
        }
        let mut node = self.value()?;
        if let Kind::Group(group) = &mut node.kind
            && let Some(first) = group.entries.first_mut()
        {
            // The header of the file: there is no entry above the root, so it moves into the first.
            before.append(&mut first.before);
            first.before = before;
        }
        let after = self.comments()?;
        if let Kind::Group(group) = &mut node.kind {
            group.tail.extend(after);
        }
        if self.at < self.text.len() {
            let problem = self.error(self.at..self.at + 1, "something follows the end of the model");
            let problem = problem.label("the model has ended before this");
            return Err(Box::new(self.blame(problem)));
        }
        Ok(node)
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        match *self.text.as_bytes().get(self.at)? {
            byte if byte.is_ascii() => Some(char::from(byte)),
            _ => self.rest().chars().next(),
        }
    }

    /// Where the bytes end that `goes_on` takes, from `at` on.
    fn end_of(&self, mut at: usize, goes_on: impl Fn(u8) -> bool) -> usize {
        let bytes = self.text.as_bytes();
        while at < bytes.len() && goes_on(bytes[at]) {
            at += 1;
        }
        at
    }

    fn place(&self, span: std::ops::Range<usize>) -> Place {
        Place::new(self.source, span)
    }

    fn error(&self, span: std::ops::Range<usize>, title: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.place(span), "", title)
    }

    /// Adds the bracket that most likely lacks its other half.
    fn blame(&self, problem: Diagnostic) -> Diagnostic {
        match self.suspects.first() {
            Some((open, close)) => problem
                .also(open.clone(), "this bracket …")
                .also(close.clone(), "… is closed here, at another indent")
                .help("the indents suggest that a closing bracket is missing between the two"),
            None => problem,
        }
    }

    /// Skips blanks and hands over the comments.
    fn comments(&mut self) -> Parsed<Vec<String>> {
        let mut found = Vec::new();
        loop {
            self.at = self.end_of(self.at, |byte| byte.is_ascii_whitespace() || byte == b'\x0b');
            if self.peek().is_some_and(|c| !c.is_ascii()) {
                let rest = self.rest();
                self.at += rest.len() - rest.trim_start().len();
            }
            let Some(comment) = self.comment()? else {
                return Ok(found);
            };
            found.push(comment);
        }
    }

    fn comment(&mut self) -> Parsed<Option<String>> {
        if self.text.as_bytes().get(self.at) != Some(&b'/') {
            return Ok(None);
        }
        let rest = self.rest();
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            let mut depth = 0_usize;
            let mut i = 0;
            loop {
                let tail = &rest.as_bytes()[i..];
                if tail.is_empty() {
                    return Err(Box::new(
                        self.error(self.at..self.at + 2, "this comment is never closed"),
                    ));
                } else if tail.starts_with(b"/*") {
                    depth += 1;
                    i += 2;
                } else if tail.starts_with(b"*/") {
                    depth -= 1;
                    i += 2;
                } else {
                    i += 1;
                }
                if depth == 0 {
                    break i;
                }
            }
        } else {
            return Ok(None);
        };
        let comment = rest[..length].trim_end().to_owned();
        self.at += length;
        Ok(Some(comment))
    }

    /// The comment that ends the line of the value just read.
    fn comment_of_line(&mut self) -> Parsed<Option<String>> {
        let behind = self.end_of(self.at, is_blank);
        if self.text.as_bytes()[behind..].starts_with(b"//") {
            self.at = behind;
            return self.comment();
        }
        Ok(None)
    }

    fn value(&mut self) -> Parsed<Node> {
        let start = self.at;
        let kind = match self.peek() {
            None => {
                let problem = self.error(start..start, "the model ends where a value is expected");
                return Err(Box::new(problem.label("a value is expected here")));
            }
            Some('(') => self.group(Bracket::Round, None, start)?,
            Some('[') => self.group(Bracket::Square, None, start)?,
            Some('{') => self.group(Bracket::Curly, None, start)?,
            Some('"') => self.quoted()?,
            Some('r') if self.rest().starts_with("r\"") || self.rest().starts_with("r#\"") => self.raw_text()?,
            Some(c) if c.is_ascii_digit() || matches!(c, '+' | '-' | '.') => self.number()?,
            Some(c) if c.is_alphabetic() || c == '_' => {
                let word = self.word();
                let after_word = self.at;
                let comments = self.comments()?;
                if self.peek() == Some('(') {
                    self.group(Bracket::Round, Some(word), start)?
                } else {
                    // The blanks and comments belong to whoever reads on.
                    let _ = comments;
                    self.at = after_word;
                    Kind::Word(word)
                }
            }
            Some(c) => {
                let problem = self.error(start..start + c.len_utf8(), format!("expected a value, found `{c}`"));
                let mut problem = problem.label("not the beginning of a value");
                if matches!(c, '“' | '”' | '„' | '«' | '‘' | '’' | '\'') {
                    problem = problem.help("a text stands between straight double quotes: \"…\"");
                }
                let closes = matches!(c, ')' | ']' | '}');
                return Err(Box::new(if closes { self.blame(problem) } else { problem }));
            }
        };
        Ok(Node {
            kind,
            place: self.place(start..self.at),
        })
    }

    fn word(&mut self) -> String {
        let start = self.at;
        self.at = self.end_of(start, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if self.peek().is_some_and(|c| !c.is_ascii()) {
            let rest = self.rest();
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            self.at += end.unwrap_or(rest.len());
        }
        self.text[start..self.at].to_owned()
    }

    fn number(&mut self) -> Parsed<Kind> {
        let start = self.at;
        let mut last = ' ';
        let rest = self.rest();
        let length = rest
            .char_indices()
            .find(|(i, c)| {
                let sign = matches!(c, '+' | '-') && (*i == 0 || matches!(last, 'e' | 'E'));
                let goes_on = c.is_ascii_alphanumeric() || matches!(c, '_' | '.') || sign;
                last = *c;
                !goes_on
            })
            .map_or(rest.len(), |(i, _)| i);
        let text = rest[..length].to_owned();
        self.at += length;
        let plain = text.replace('_', "");
        let known = plain.parse::<f64>().is_ok()
            && !text.starts_with(['_'])
            && plain
                .trim_start_matches(['+', '-'])
                .starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == 'i');
        if known {
            Ok(Kind::Number(plain))
        } else {
            let problem = self.error(start..self.at, format!("`{text}` is not a number"));
            let problem = problem
                .label("expected a number")
                .help(format!("a quantity with a unit is a text: \"{text}\""));
            Err(Box::new(problem))
        }
    }

    fn quoted(&mut self) -> Parsed<Kind> {
        let start = self.at;
        // Most texts hold nothing that stands for something else.
        let plain = self.end_of(start + 1, |byte| !matches!(byte, b'"' | b'\\'));
        let mut value = self.text[start + 1..plain].to_owned();
        let mut chars = self.text[plain..].char_indices().map(|(i, c)| (plain - start + i, c));
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.at = start + i + 1;
                    let raw = self.text[start..self.at].to_owned();
                    return Ok(Kind::Text { raw, value });
                }
                '\\' => {
                    let escape = chars.next().map_or('\0', |(_, c)| c);
                    match escape {
                        'n' => value.push('\n'),
                        't' => value.push('\t'),
                        'r' => value.push('\r'),
                        '0' => value.push('\0'),
                        // As Rust writes characters that cannot be seen.
                        'u' => {
                            let code: String = chars.by_ref().map(|(_, c)| c).take_while(|c| *c != '}').collect();
                            let code = code.strip_prefix('{').and_then(|hex| u32::from_str_radix(hex, 16).ok());
                            let Some(c) = code.and_then(char::from_u32) else {
                                let problem = self.error(start + i..start + i + 2, "this escape is no character");
                                return Err(Box::new(problem.label("expected such as `\\u{e9}`")));
                            };
                            value.push(c);
                        }
                        '\\' | '"' | '\'' => value.push(escape),
                        _ => {
                            let span = start + i..start + i + 1 + escape.len_utf8();
                            let problem = self.error(span, "unknown escape in a text");
                            let problem = problem.label("expected `\\n`, `\\t`, `\\\"` or `\\\\`");
                            return Err(Box::new(
                                problem.help("write other characters as they are: files are UTF-8"),
                            ));
                        }
                    }
                }
                _ => value.push(c),
            }
        }
        Err(Box::new(
            self.error(start..start + 1, "this text is never closed")
                .label("the quote opens here"),
        ))
    }

    fn raw_text(&mut self) -> Parsed<Kind> {
        let (open, close) = if self.rest().starts_with("r\"") {
            ("r\"", "\"")
        } else {
            ("r#\"", "\"#")
        };
        let inside = &self.rest()[open.len()..];
        let Some(end) = inside.find(close) else {
            return Err(Box::new(
                self.error(self.at..self.at + open.len(), "this text is never closed"),
            ));
        };
        let value = inside[..end].to_owned();
        let raw = self.rest()[..open.len() + end + close.len()].to_owned();
        self.at += raw.len();
        Ok(Kind::Text { raw, value })
    }

    fn group(&mut self, bracket: Bracket, name: Option<String>, start: usize) -> Parsed<Kind> {
        let open = self.place(self.at..self.at + 1);
        if self.depth >= DEEPEST {
            return Err(Box::new(Diagnostic::new(open, "", "brackets are nested too deeply")));
        }
        self.depth += 1;
        self.at += 1;
        let mut group = Group {
            bracket,
            name,
            entries: Vec::new(),
            tail: Vec::new(),
            open,
        };
        loop {
            let before = self.comments()?;
            if self.peek() == Some(bracket.close()) {
                group.tail = before;
                break;
            }
            self.expect_more(&group)?;
            let mut entry = self.entry(&group, before)?;
            entry.after = self.comments()?;
            let comma = self.peek() == Some(',');
            if comma {
                self.at += 1;
                entry.after.extend(self.comment_of_line()?);
            }
            group.entries.push(entry);
            if !comma {
                if self.peek() == Some(bracket.close()) {
                    break;
                }
                self.expect_more(&group)?;
                let last = group.entries.last().map_or(self.at, |e| e.value.place.span.end);
                let problem = self.error(last..last, format!("expected `,` or `{}`", bracket.close()));
                let problem = problem.label("missing here").also(group.open.clone(), "in this group");
                let number = group.entries.last().filter(|e| matches!(e.value.kind, Kind::Number(_)));
                if let (Some(number), Some(next)) = (number, self.peek()) {
                    let number = number.value.place.text();
                    let rest: String = self
                        .rest()
                        .chars()
                        .take_while(|c| !matches!(c, ',' | ')' | ']' | '}' | '\n'))
                        .collect();
                    if next.is_ascii_digit() {
                        let help = format!("thousands may be set off with `_`: {number}_{rest}");
                        return Err(Box::new(problem.help(help)));
                    }
                    // `cores: 4 threads: 8` is short of a comma, not of quotes.
                    if (next.is_alphabetic() || matches!(next, '%' | '/')) && !rest.contains(':') {
                        let help = format!("a quantity with a unit is a text: \"{number} {}\"", rest.trim());
                        return Err(Box::new(problem.help(help)));
                    }
                }
                let text = group.entries.last().map(|e| &e.value);
                if let Some(text) = text.filter(|v| matches!(&v.kind, Kind::Text { raw, .. } if raw.contains('\n'))) {
                    let opens = text.place.span.start;
                    let problem = problem.also(self.place(opens..opens + 1), "this text goes over several lines");
                    return Err(Box::new(
                        problem.help("is a `\"` missing at the end of its first line?"),
                    ));
                }
                return Err(Box::new(self.blame(problem)));
            }
        }
        self.depth -= 1;
        let close = self.at;
        self.at += 1;
        self.remember_indents(&group, start, close);
        Ok(Kind::Group(group))
    }

    /// An error when the text or another bracket ends before this group does.
    fn expect_more(&self, group: &Group) -> Parsed<()> {
        let expected = group.bracket.close();
        let problem = match self.peek() {
            None => {
                let title = format!("this `{}` is never closed", group.bracket.open());
                let last = self.text.trim_end().len();
                Diagnostic::new(group.open.clone(), "", title)
                    .label("opened here")
                    .also(
                        self.place(last..last),
                        format!("`{expected}` is expected before the end"),
                    )
            }
            Some(c @ (')' | ']' | '}')) if c != expected => {
                let problem = self.error(self.at..self.at + 1, format!("expected `{expected}`, found `{c}`"));
                let problem = problem.label(format!("expected `{expected}`"));
                problem.also(group.open.clone(), "to close this")
            }
            _ => return Ok(()),
        };
        Err(Box::new(self.blame(problem)))
    }

    /// Field, map entry or plain value.
    fn entry(&mut self, group: &Group, before: Vec<String>) -> Parsed<Entry> {
        let start = self.at;
        let mut key = None;
        let candidate = match group.bracket {
            Bracket::Square => None,
            Bracket::Round if self.peek().is_some_and(|c| c.is_alphabetic() || c == '_') => Some(self.word()),
            Bracket::Round => None,
            Bracket::Curly => match self.value()?.kind {
                Kind::Text { value, .. } => Some(value),
                _ => {
                    let found = self.text[start..self.at].to_owned();
                    let problem = self.error(start..self.at, "the keys of a map are texts in quotes");
                    let problem = problem.label("expected a text");
                    return Err(Box::new(problem.help(format!("write {:?}", found.trim_matches('"')))));
                }
            },
        };
        if let Some(name) = candidate {
            let place = self.place(start..self.at);
            self.comments()?;
            if self.peek() == Some(':') {
                self.at += 1;
                self.comments()?;
                key = Some(Key { name, place });
            } else if group.bracket == Bracket::Curly {
                let end = place.span.end;
                let problem = self.error(end..end, format!("expected `:` after the key `{name}`"));
                return Err(Box::new(self.blame(problem.label("missing here"))));
            } else {
                self.at = start;
            }
        }
        if let Some(first) = group.entries.first()
            && group.bracket == Bracket::Round
            && first.key.is_some() != key.is_some()
        {
            let problem = self.error(start..self.at.max(start + 1), "fields and plain values are mixed");
            let problem = problem
                .label("either all have a name or none has")
                .also(group.open.clone(), "in this group");
            return Err(Box::new(self.blame(problem)));
        }
        if let Some(key) = &key
            && let Some(earlier) = group
                .entries
                .iter()
                .filter_map(|e| e.key.as_ref())
                .find(|k| k.name == key.name)
        {
            let noun = if group.bracket == Bracket::Curly {
                "key"
            } else {
                "field"
            };
            let mut path = self.path.clone();
            path.0.push(Step::Key(key.name.clone()));
            self.problems.push(
                Diagnostic::new(key.place.clone(), &path, format!("duplicate {noun} `{}`", key.name))
                    .label("given again")
                    .also(earlier.place.clone(), "first given here")
                    .help("the second would silently win: keep one"),
            );
        }
        let steps = self.path.0.len();
        match &key {
            Some(key) => self.path.0.push(Step::Key(key.name.clone())),
            // `Crowd([…])` is no step: paths look through the names of choices.
            None if group.name.is_some() => {}
            None => self.path.0.push(Step::Index(group.entries.len())),
        }
        let value = self.value()?;
        self.path.0.truncate(steps);
        Ok(Entry {
            key,
            value,
            before,
            after: Vec::new(),
        })
    }

    fn remember_indents(&mut self, group: &Group, start: usize, close: usize) {
        let indent = |at: usize| {
            let line = self.text[..at].rfind('\n').map_or(0, |i| i + 1);
            (line, self.end_of(line, is_blank) - line)
        };
        let (open_line, open_indent) = indent(start);
        let (close_line, close_indent) = indent(close);
        let leads = close == close_line + close_indent;
        if open_line != close_line && leads && open_indent != close_indent {
            self.suspects.push((group.open.clone(), self.place(close..close + 1)));
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
