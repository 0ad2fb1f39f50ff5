//! Every path that the raw types can read, found by reading them with a reader that offers everything.
//!
//! A choice is taken by one reading after another until every choice of every field was taken.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use crate::scenario::raw;

/// Types that stand in several places are described in one.
const HOMES: &[(&str, &str)] = &[
    ("Law", "distribution"),
    ("Batch", "batch"),
    ("Quota", "services.*.quota"),
    ("Seat", "services.*.quota.seat"),
    ("Bucket", "services.*.limiter"),
    ("Act", "act"),
    ("Who", "act.Stagger.who"),
    ("Defence", "incidents.*.defence"),
    ("Wave", "timetables.*[]"),
    ("Delivery", "act.PreWarm.delivery"),
    ("Signal", "act.Autoscale.signal"),
];

#[derive(Default)]
struct Book {
    fields: BTreeSet<String>,
    /// Choices taken at a path, and whether each holds something.
    choices: BTreeMap<String, BTreeMap<&'static str, bool>>,
    /// How many choices there are at a path.
    all: BTreeMap<String, usize>,
}

impl Book {
    /// Whether a choice at a path, or below it, was never taken.
    fn open(&self, below: &str) -> bool {
        let left = |path: &String, all: &usize| self.choices.get(path).map_or(0, BTreeMap::len) < *all;
        self.all
            .iter()
            .any(|(path, all)| path.starts_with(below) && left(path, all))
    }
}

/// All paths, choices among them where one of them holds something.
pub(super) fn paths() -> BTreeSet<String> {
    let book = RefCell::new(Book::default());
    let mut rounds = 0;
    while rounds == 0 || book.borrow().open("") {
        raw::Scenario::deserialize(Reader {
            path: String::new(),
            book: &book,
        })
        .unwrap();
        rounds += 1;
        assert!(rounds < 100, "a choice that is never offered");
    }
    let book = book.into_inner();
    let mut found = book.fields;
    for (path, choices) in book.choices {
        if choices.values().any(|holds| *holds) {
            found.extend(choices.keys().map(|choice| format!("{path}.{choice}")));
        }
    }
    found
}

#[derive(Clone)]
struct Reader<'a> {
    path: String,
    book: &'a RefCell<Book>,
}

#[derive(Debug)]
struct Never(String);

impl fmt::Display for Never {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Never {}

impl de::Error for Never {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl Reader<'_> {
    fn at(&self, path: String) -> Self {
        Self { path, book: self.book }
    }

    fn home(&self, name: &str) -> String {
        HOMES
            .iter()
            .find(|(of, _)| *of == name)
            .map_or_else(|| self.path.clone(), |(_, home)| (*home).to_owned())
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Never;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_str("1 s")
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_bool(true)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        let path = format!("{}[]", self.path);
        visitor.visit_seq(Elements {
            reader: self.at(path),
            left: 1,
        })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_seq(Elements {
            reader: self,
            left: length,
        })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        let path = format!("{}.*", self.path);
        visitor.visit_map(Entries {
            values: vec![("*", self.at(path))],
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Never> {
        let home = self.home(name);
        let reader = self.at(home);
        visitor.visit_map(Entries {
            values: reader.fields(fields),
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Never> {
        let path = self.home(name);
        let next = {
            let mut book = self.book.borrow_mut();
            book.all.insert(path.clone(), variants.len());
            let taken = book.choices.entry(path.clone()).or_default();
            let fresh = variants.iter().find(|variant| !taken.contains_key(*variant)).copied();
            // All taken once: again the one below which something is left.
            let again = variants
                .iter()
                .find(|variant| book.open(&format!("{path}.{variant}.")))
                .copied();
            fresh.or(again).unwrap_or(variants[0])
        };
        visitor.visit_enum(Choice {
            reader: self.at(path),
            variant: next,
        })
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple_struct
        identifier ignored_any
    }
}

impl<'a> Reader<'a> {
    fn fields(&self, names: &'static [&'static str]) -> Vec<(&'static str, Reader<'a>)> {
        let below = |name: &str| {
            if self.path.is_empty() {
                name.to_owned()
            } else {
                format!("{}.{name}", self.path)
            }
        };
        let entries: Vec<_> = names
            .iter()
            .map(|name| {
                (
                    *name,
                    Reader {
                        path: below(name),
                        book: self.book,
                    },
                )
            })
            .collect();
        self.book
            .borrow_mut()
            .fields
            .extend(entries.iter().map(|(_, reader)| reader.path.clone()));
        entries.into_iter().rev().collect()
    }
}

struct Elements<'a> {
    reader: Reader<'a>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Never;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Never> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(self.reader.clone()).map(Some)
    }
}

/// Entries still to be read, the last first.
struct Entries<'a> {
    values: Vec<(&'static str, Reader<'a>)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Never;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Never> {
        let Some((key, _)) = self.values.last() else {
            return Ok(None);
        };
        seed.deserialize(StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Never> {
        let (_, reader) = self
            .values
            .pop()
            .ok_or_else(|| Never("a value without a key".to_owned()))?;
        seed.deserialize(reader)
    }
}

struct Choice<'a> {
    reader: Reader<'a>,
    variant: &'static str,
}

impl Choice<'_> {
    fn take(&self, holds: bool) {
        let mut book = self.reader.book.borrow_mut();
        book.choices
            .entry(self.reader.path.clone())
            .or_default()
            .insert(self.variant, holds);
    }

    fn inside(&self) -> String {
        format!("{}.{}", self.reader.path, self.variant)
    }
}

impl<'de> EnumAccess<'de> for Choice<'_> {
    type Error = Never;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Never> {
        let value = seed.deserialize(StrDeserializer::new(self.variant))?;
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for Choice<'_> {
    type Error = Never;

    fn unit_variant(self) -> Result<(), Never> {
        self.take(false);
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Never> {
        self.take(true);
        let path = self.inside();
        seed.deserialize(self.reader.at(path))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Never> {
        self.take(true);
        let path = self.inside();
        visitor.visit_seq(Elements {
            reader: self.reader.at(path),
            left: length,
        })
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Never> {
        self.take(true);
        let path = self.inside();
        let reader = self.reader.at(path);
        visitor.visit_map(Entries {
            values: reader.fields(fields),
        })
    }
}
