//! The tree as text again.

use std::fmt::Write as _;

use super::{Bracket, Entry, Group, Kind, Node};

/// Values that fit into a line of this many characters are not broken.
const WIDTH: usize = 110;

impl Node {
    /// The text of a whole model; reading it gives the same tree.
    pub fn print(&self) -> String {
        let mut out = String::new();
        write_node(&mut out, self, 0, true);
        out.push('\n');
        out
    }

    /// The text of a value in one line, without comments.
    pub fn inline(&self) -> String {
        let mut out = String::new();
        write_inline(&mut out, self);
        out
    }
}

fn write_node(out: &mut String, node: &Node, indent: usize, root: bool) {
    let column = out.len() - out.rfind('\n').map_or(0, |i| i + 1);
    match &node.kind {
        Kind::Group(group) if root || breaks(group) || column + inline_len(node) > WIDTH => {
            write_broken(out, group, indent);
        }
        _ => write_inline(out, node),
    }
}

/// A map of groups always goes line by line, and so does whatever holds a comment.
fn breaks(group: &Group) -> bool {
    !group.tail.is_empty()
        || group.entries.iter().any(|e| {
            !e.before.is_empty()
                || !e.after.is_empty()
                || e.value
                    .group()
                    .is_some_and(|g| group.bracket == Bracket::Curly || breaks(g))
        })
}

fn write_broken(out: &mut String, group: &Group, indent: usize) {
    out.push_str(group.name.as_deref().unwrap_or_default());
    out.push(group.bracket.open());
    let inner = indent + 1;
    let pad = "    ".repeat(inner);
    for entry in &group.entries {
        for comment in &entry.before {
            write!(out, "\n{pad}{comment}").ok();
        }
        write!(out, "\n{pad}").ok();
        write_key(out, group, entry);
        write_node(out, &entry.value, inner, false);
        out.push(',');
        for comment in &entry.after {
            write!(out, " {comment}").ok();
        }
    }
    for comment in &group.tail {
        write!(out, "\n{pad}{comment}").ok();
    }
    write!(out, "\n{}{}", "    ".repeat(indent), group.bracket.close()).ok();
}

fn write_inline(out: &mut String, node: &Node) {
    match &node.kind {
        Kind::Word(text) | Kind::Number(text) | Kind::Text { raw: text, .. } => out.push_str(text),
        Kind::Group(group) => {
            out.push_str(group.name.as_deref().unwrap_or_default());
            out.push(group.bracket.open());
            for (i, entry) in group.entries.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_key(out, group, entry);
                write_inline(out, &entry.value);
            }
            out.push(group.bracket.close());
        }
    }
}

fn write_key(out: &mut String, group: &Group, entry: &Entry) {
    if let Some(key) = &entry.key {
        if group.bracket == Bracket::Curly {
            write!(out, "{:?}: ", key.name).ok();
        } else {
            write!(out, "{}: ", key.name).ok();
        }
    }
}

fn inline_len(node: &Node) -> usize {
    match &node.kind {
        Kind::Word(text) | Kind::Number(text) | Kind::Text { raw: text, .. } => text.len(),
        Kind::Group(group) => {
            let inside: usize = group
                .entries
                .iter()
                .map(|e| e.key.as_ref().map_or(0, |k| k.name.len() + 4) + inline_len(&e.value) + 2)
                .sum();
            group.name.as_ref().map_or(0, String::len) + 2 + inside
        }
    }
}
