//! From the tree to types: what serde asks for, answered by a [`Node`].
//!
//! Numbers and texts are read by `ron`; lists, fields and choices are taken from the tree, which has read their brackets
//! already and knows their places. To read those too by `ron`, with a recorder of paths around it, made two machines of
//! code of each raw type, and half of the library.

use std::cell::RefCell;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use preau_text::tree::{Bracket, Entry, Group, Kind, Node, Path, Step};

/// What does not fit.
#[derive(Debug)]
pub(super) enum Error {
    /// Neither `true` nor `false`.
    Boolean,
    /// No number.
    Number,
    /// No whole number.
    Integer,
    /// A whole number below 0, or too large.
    Bounds,
    /// No text in quotes.
    Text,
    /// No list.
    List,
    /// No map.
    Map,
    /// No bare word, with or without parentheses behind; those that there are, where they are known.
    Choice(&'static [&'static str]),
    /// No parentheses.
    Group,
    /// No parentheses with fields.
    Fields,
    /// Parentheses where a bare word says it all.
    BareWord,
    /// Values with names where they go by order.
    Order,
    /// The name before the parentheses is another one.
    Name(&'static str),
    /// More than one value, or none.
    End,
    /// Too few values.
    Length,
    /// No such field.
    Field {
        expected: &'static [&'static str],
        found: String,
    },
    /// No such choice.
    Variant {
        expected: &'static [&'static str],
        found: String,
    },
    /// A field that has to be there is not.
    Missing(&'static str),
    /// A value of another kind than this.
    Kind(String),
    /// Anything else, in words.
    Message(String),
}

/// For logs: people are told by `read`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Message(message.to_string())
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::Kind(expected.to_string())
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::Kind(expected.to_string())
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self::Length
    }

    fn unknown_variant(found: &str, expected: &'static [&'static str]) -> Self {
        let found = found.to_owned();
        Self::Variant { expected, found }
    }

    fn unknown_field(found: &str, expected: &'static [&'static str]) -> Self {
        let found = found.to_owned();
        Self::Field { expected, found }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

/// Reads a tree; an error comes with the path of the value that does not fit. Choices, as `Crowd` in `arrivals`, are no
/// steps of our paths.
pub(super) fn read<T: DeserializeOwned>(tree: &Node) -> Result<T, (Path, Error)> {
    let trail = Trail::default();
    let reader = Reader {
        node: Some(tree),
        trail: &trail,
    };
    T::deserialize(reader).map_err(|error| (trail.failed.take().unwrap_or_default(), error))
}

/// The way to the value being read, and to the first that did not fit.
#[derive(Default)]
struct Trail {
    steps: RefCell<Vec<Step>>,
    failed: RefCell<Option<Path>>,
}

impl Trail {
    fn enter(&self, step: Step) {
        self.steps.borrow_mut().push(step);
    }

    fn leave(&self, well: bool) {
        let mut steps = self.steps.borrow_mut();
        if !well {
            self.failed.borrow_mut().get_or_insert_with(|| Path(steps.clone()));
        }
        steps.pop();
    }
}

/// One value; none where a name has empty parentheses behind it.
#[derive(Clone, Copy)]
struct Reader<'a> {
    node: Option<&'a Node>,
    trail: &'a Trail,
}

impl<'a> Reader<'a> {
    fn kind(self) -> Option<&'a Kind> {
        self.node.map(|node| &node.kind)
    }

    fn word(self) -> Option<&'a str> {
        match self.kind() {
            Some(Kind::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// The name of a choice: a bare word, or one before parentheses.
    fn choice(self) -> Option<&'a str> {
        match self.kind()? {
            Kind::Word(word) => Some(word),
            Kind::Group(group) => group.name.as_deref(),
            _ => None,
        }
    }

    fn group(self, bracket: Bracket) -> Option<&'a Group> {
        self.node?.group().filter(|group| group.bracket == bracket)
    }

    fn elements(self, group: &'a Group) -> Elements<'a> {
        Elements {
            entries: &group.entries,
            at: 0,
            trail: self.trail,
        }
    }

    fn fields(self, group: &'a Group) -> Fields<'a> {
        Fields {
            entries: group.entries.iter(),
            value: None,
            trail: self.trail,
        }
    }

    /// The parentheses of a type with a name, which may stand before them.
    fn named(self, name: &'static str) -> Result<Option<&'a Group>, Error> {
        let found = match self.kind() {
            Some(Kind::Word(word)) => Some(word),
            Some(Kind::Group(group)) => group.name.as_ref(),
            _ => None,
        };
        match found {
            Some(found) if found != name => Err(Error::Name(name)),
            _ => Ok(self.group(Bracket::Round)),
        }
    }

    /// The one value in the parentheses of a group.
    fn only(self, group: &'a Group) -> Reader<'a> {
        Reader {
            node: group.entries.first().map(|entry| &entry.value),
            trail: self.trail,
        }
    }

    /// A literal, as `ron` reads it.
    fn literal<T: DeserializeOwned>(self) -> Result<T, ron::Error> {
        match self.kind() {
            Some(Kind::Word(text) | Kind::Number(text) | Kind::Text { raw: text, .. }) => {
                ron::from_str(text).map_err(|error| error.code)
            }
            _ => Err(ron::Error::Eof),
        }
    }

    fn number(self) -> Result<f64, Error> {
        self.literal().map_err(|_| Error::Number)
    }

    fn integer<T: DeserializeOwned>(self) -> Result<T, Error> {
        self.literal().map_err(|error| match error {
            ron::Error::IntegerOutOfBounds => Error::Bounds,
            _ => Error::Integer,
        })
    }

    fn text(self) -> Result<String, Error> {
        self.literal().map_err(|_| Error::Text)
    }
}

/// After the value of a group that holds one: nothing more, and it has no name.
fn ended(group: &Group) -> Result<(), Error> {
    match group.entries.as_slice() {
        [only] if only.key.is_none() => Ok(()),
        _ => Err(Error::End),
    }
}

macro_rules! integers {
    ($($method:ident: $visit:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.integer()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.kind() {
            None => visitor.visit_unit(),
            Some(Kind::Text { .. }) => visitor.visit_string(self.text()?),
            Some(Kind::Number(_)) => match self.integer::<i64>() {
                Ok(whole) => visitor.visit_i64(whole),
                Err(_) => visitor.visit_f64(self.number()?),
            },
            Some(Kind::Word(word)) => match word.as_str() {
                "true" => visitor.visit_bool(true),
                "false" => visitor.visit_bool(false),
                "None" => visitor.visit_none(),
                // Infinity is a word.
                _ => match self.number() {
                    Ok(number) => visitor.visit_f64(number),
                    Err(_) => visitor.visit_unit(),
                },
            },
            Some(Kind::Group(group)) => match (group.bracket, group.name.as_deref()) {
                (Bracket::Square, _) => visitor.visit_seq(self.elements(group)),
                (Bracket::Curly, _) => visitor.visit_map(self.fields(group)),
                (Bracket::Round, Some("Some")) => visitor.visit_some(self.only(group)),
                (Bracket::Round, name) => match group.entries.first() {
                    Some(first) if first.key.is_some() => visitor.visit_map(self.fields(group)),
                    None if name.is_none() => visitor.visit_unit(),
                    _ => visitor.visit_seq(self.elements(group)),
                },
            },
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.word() {
            Some("true") => visitor.visit_bool(true),
            Some("false") => visitor.visit_bool(false),
            _ => Err(Error::Boolean),
        }
    }

    integers! {
        deserialize_i8: visit_i8, deserialize_i16: visit_i16, deserialize_i32: visit_i32, deserialize_i64: visit_i64,
        deserialize_u8: visit_u8, deserialize_u16: visit_u16, deserialize_u32: visit_u32, deserialize_u64: visit_u64
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(self.number()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(self.number()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.kind() {
            Some(Kind::Word(word)) if word == "None" => visitor.visit_none(),
            Some(Kind::Group(group)) if group.name.as_deref() == Some("Some") => {
                let value = visitor.visit_some(self.only(group))?;
                ended(group).map(|()| value)
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        let group = self.named(name)?.ok_or(Error::Group)?;
        let value = visitor.visit_newtype_struct(self.only(group))?;
        ended(group).map(|()| value)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let group = self.group(Bracket::Square).ok_or(Error::List)?;
        visitor.visit_seq(self.elements(group))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        let group = self.group(Bracket::Round).filter(|group| group.name.is_none());
        self.tuple(group, length, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.tuple(self.named(name)?, length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let group = self.group(Bracket::Curly).ok_or(Error::Map)?;
        visitor.visit_map(self.fields(group))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let group = self.named(name)?.ok_or(Error::Fields)?;
        visitor.visit_map(self.fields(group))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        choices: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.choice() {
            Some(_) => visitor.visit_enum(self),
            None => Err(Error::Choice(choices)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct identifier }
}

impl Reader<'_> {
    fn tuple<'de, V: Visitor<'de>>(self, group: Option<&Group>, length: usize, visitor: V) -> Result<V::Value, Error> {
        let group = group.ok_or(Error::Group)?;
        if group.entries.first().is_some_and(|first| first.key.is_some()) {
            return Err(Error::Order);
        }
        let value = visitor.visit_seq(Elements {
            entries: &group.entries,
            at: 0,
            trail: self.trail,
        })?;
        if group.entries.len() > length {
            return Err(Error::End);
        }
        Ok(value)
    }
}

/// A choice: a bare word, or one with parentheses behind.
impl<'de> EnumAccess<'de> for Reader<'_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        let name = self.choice().ok_or(Error::Choice(&[]))?;
        Ok((seed.deserialize(StrDeserializer::new(name))?, self))
    }
}

impl<'de> VariantAccess<'de> for Reader<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.word().map(|_| ()).ok_or(Error::BareWord)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        let group = self.group(Bracket::Round).ok_or(Error::Group)?;
        if group.entries.first().is_some_and(|first| first.key.is_some()) {
            return Err(Error::End);
        }
        let value = seed.deserialize(self.only(group))?;
        ended(group).map(|()| value)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.tuple(self.group(Bracket::Round), length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        let group = self.group(Bracket::Round).ok_or(Error::Group)?;
        visitor.visit_map(self.fields(group))
    }
}

/// The values of a list, or of parentheses by order.
struct Elements<'a> {
    entries: &'a [Entry],
    at: usize,
    trail: &'a Trail,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(entry) = self.entries.get(self.at) else {
            return Ok(None);
        };
        self.trail.enter(Step::Index(self.at));
        self.at += 1;
        let value = seed.deserialize(Reader {
            node: Some(&entry.value),
            trail: self.trail,
        });
        self.trail.leave(value.is_ok());
        value.map(Some)
    }
}

/// The entries of a map, or fields.
struct Fields<'a> {
    entries: std::slice::Iter<'a, Entry>,
    /// The entry whose key was read last.
    value: Option<&'a Entry>,
    trail: &'a Trail,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(entry) = self.entries.next() else {
            return Ok(None);
        };
        self.value = Some(entry);
        let name = match (&entry.key, &entry.value.kind) {
            (Some(key), _) => &key.name,
            // A name without a value, perhaps of no field.
            (None, Kind::Word(word)) => word,
            _ => return Err(Error::Choice(&[])),
        };
        seed.deserialize(StrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let named = self
            .value
            .take()
            .and_then(|entry| Some((entry.key.as_ref()?, &entry.value)));
        let (key, value) = named.ok_or(Error::Choice(&[]))?;
        self.trail.enter(Step::Key(key.name.clone()));
        let value = seed.deserialize(Reader {
            node: Some(value),
            trail: self.trail,
        });
        self.trail.leave(value.is_ok());
        value
    }
}
