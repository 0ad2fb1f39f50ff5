//! Texts of lessons: two languages, numbers of the model in braces, facts of history in brackets.
//!
//! `{lost}` stands for a number of the lesson. `[25 %|X]` is a fact of history with its source, printed as
//! "25 % (X)"; `[6 April 2021|date]` and `[14 Gbit|name]` are printed bare. Outside of both no digit may stand, so that
//! no number about the model is typed.

use super::raw::Pair;
use crate::web::Lang;
use std::collections::BTreeMap;

/// A source that a fact may name.
#[derive(Debug)]
pub struct Source {
    /// What stands behind the fact.
    pub code: &'static str,
    fr: &'static str,
    en: &'static str,
}

const fn source(code: &'static str, fr: &'static str, en: &'static str) -> Source {
    Source { code, fr, en }
}

/// Sources that a fact may name, as in `docs/validation.md`.
pub const SOURCES: [Source; 6] = [
    source("FB", "France Bleu, le 6 avril au soir", "France Bleu, 6 April, evening"),
    source(
        "VC",
        "un magazine pour la jeunesse, le 7 avril",
        "a youth-affairs magazine, 7 April",
    ),
    source("FC", "France Culture, le 7 avril", "France Culture, 7 April"),
    source("L1", "Linternaute, le 6 avril à 11:45", "Linternaute, 6 April, 11:45"),
    source("L2", "Linternaute, le 7 avril à 12:35", "Linternaute, 7 April, 12:35"),
    source(
        "X",
        "d'autres sources publiques de ces jours-là",
        "other public sources of those days",
    ),
];
/// What is no source, and is printed without one.
const BARE: [&str; 2] = ["date", "name"];

impl Source {
    /// What it is.
    pub fn words(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Fr => self.fr,
            Lang::En => self.en,
        }
    }

    fn is_known(code: &str) -> bool {
        BARE.contains(&code) || SOURCES.iter().any(|source| source.code == code)
    }
}

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    fr: String,
    en: String,
}

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// As it is.
    Plain(&'a str),
    /// A number of the lesson.
    Hole(&'a str),
    /// A fact and its source.
    Fact(&'a str, &'a str),
}

/// Cuts a text into its pieces.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '[', '}', ']']) {
        if at > 0 {
            found.push(Piece::Plain(&rest[..at]));
        }
        let opened = &rest[at..];
        let close = match opened.as_bytes()[0] {
            b'{' => '}',
            b'[' => ']',
            other => return Err(format!("`{}` closes nothing", char::from(other))),
        };
        let end = opened
            .find(close)
            .ok_or_else(|| format!("`{}` is not closed", &opened[..1]))?;
        let inside = &opened[1..end];
        found.push(if close == '}' {
            Piece::Hole(inside)
        } else {
            let (fact, source) = inside
                .rsplit_once('|')
                .ok_or_else(|| format!("the fact `[{inside}]` has no source"))?;
            Piece::Fact(fact, source)
        });
        rest = &opened[end + 1..];
    }
    if !rest.is_empty() {
        found.push(Piece::Plain(rest));
    }
    Ok(found)
}

impl From<&Pair> for Text {
    fn from(pair: &Pair) -> Text {
        Text {
            fr: pair.fr.clone(),
            en: pair.en.clone(),
        }
    }
}

impl Text {
    /// As it is written in a language.
    pub(super) fn written(&self, lang: Lang) -> &str {
        match lang {
            Lang::Fr => &self.fr,
            Lang::En => &self.en,
        }
    }

    /// Names of the numbers in it, in one language, without repetition.
    pub(super) fn holes(&self, lang: Lang) -> Vec<&str> {
        let mut found: Vec<&str> = pieces(self.written(lang))
            .unwrap_or_default()
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Hole(name) => Some(name),
                _ => None,
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether a fact in it names this source.
    pub(super) fn names(&self, source: &Source) -> bool {
        let pieces = pieces(&self.fr).unwrap_or_default();
        pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Fact(_, code) if *code == source.code))
    }

    /// What is wrong with it.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        for lang in Lang::ALL {
            let code = lang.code();
            if self.written(lang).trim().is_empty() {
                found.push(format!("the text in `{code}` is missing"));
                continue;
            }
            match pieces(self.written(lang)) {
                Err(reason) => found.push(format!("in `{code}` {reason}")),
                Ok(pieces) => {
                    for piece in pieces {
                        match piece {
                            Piece::Plain(text) if text.contains(|c: char| c.is_ascii_digit()) => {
                                found.push(format!(
                                    "in `{code}` a digit stands outside of `{{…}}` and `[…|source]`"
                                ));
                            }
                            Piece::Fact(_, source) if !Source::is_known(source) => {
                                let known = SOURCES.iter().map(|source| source.code).chain(BARE);
                                let known = known.collect::<Vec<_>>().join(", ");
                                found.push(format!("in `{code}` the source `{source}` is none of {known}"));
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
        if found.is_empty() && self.holes(Lang::Fr) != self.holes(Lang::En) {
            found.push("the languages have different numbers in them".to_owned());
        }
        found
    }

    /// For people: numbers and facts put in.
    pub fn filled(&self, lang: Lang, numbers: &BTreeMap<String, String>) -> String {
        let Ok(pieces) = pieces(self.written(lang)) else {
            return self.written(lang).to_owned();
        };
        pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Plain(text) => text.to_owned(),
                Piece::Hole(name) => numbers.get(name).cloned().unwrap_or_else(|| format!("{{{name}}}")),
                Piece::Fact(fact, source) if BARE.contains(&source) => fact.to_owned(),
                Piece::Fact(fact, source) => format!("{fact} ({source})"),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(fr: &str, en: &str) -> Text {
        Text {
            fr: fr.into(),
            en: en.into(),
        }
    }

    #[test]
    fn numbers_and_facts_are_put_in() {
        let numbers = BTreeMap::from([("lost".to_owned(), "90 000".to_owned())]);
        let both = text(
            "{lost} heures, [25 %|X], [le 6 avril|date]",
            "{lost} hours, [25 %|X], [6 April|date]",
        );
        assert!(both.problems().is_empty());
        assert_eq!(both.filled(Lang::Fr, &numbers), "90 000 heures, 25 % (X), le 6 avril");
    }

    #[test]
    fn typed_digits_unknown_sources_and_other_mistakes_are_told() {
        for (fr, en, said) in [
            ("90 heures", "hours", "a digit stands outside"),
            ("[90|moi]", "a", "the source `moi`"),
            ("[90]", "a", "has no source"),
            ("{a", "a", "`{` is not closed"),
            ("a}", "a", "`}` closes nothing"),
            ("{a}", "a", "different numbers"),
            ("", "a", "`fr` is missing"),
        ] {
            let problems = text(fr, en).problems();
            assert!(problems.iter().any(|p| p.contains(said)), "{said}: {problems:?}");
        }
    }
}
