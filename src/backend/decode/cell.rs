//! One value of an answer, borrowed from it where it can be.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A value as far as it matters to a table: scalars, and lists of scalars.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::backend) enum Cell<'de> {
    /// Not in the answer.
    #[default]
    Absent,
    /// There, and `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A whole number over the range of the former.
    Large(u64),
    /// Any other number.
    Number(f64),
    /// A text.
    Text(Cow<'de, str>),
    /// A list, with its scalars; what else is in it is left out.
    List(Vec<Cow<'de, str>>),
    /// An object.
    Object,
}

impl<'de> Cell<'de> {
    /// Tells whether nothing is there.
    pub(in crate::backend) fn is_nothing(&self) -> bool {
        matches!(self, Self::Absent | Self::Null)
    }

    /// Returns a scalar as text; `None` for nothing, lists and objects.
    #[inline]
    pub(in crate::backend) fn text(&self) -> Option<Cow<'_, str>> {
        if let Self::Text(text) = self { Some(Cow::Borrowed(text)) } else { self.written() }
    }

    /// Writes out a scalar that is no text.
    fn written(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Flag(true) => Some(Cow::Borrowed("true")),
            Self::Flag(false) => Some(Cow::Borrowed("false")),
            Self::Whole(number) => Some(Cow::Owned(number.to_string())),
            Self::Large(number) => Some(Cow::Owned(number.to_string())),
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Absent | Self::Null | Self::List(_) | Self::Object => None,
        }
    }

    /// Tells whether the value is among `words`, as [`super::super::pointer::Test`] has it.
    pub(in crate::backend) fn is_among(&self, words: &[Box<str>]) -> bool {
        if let Self::Text(text) = self {
            return words.iter().any(|word| **word == **text || **word == *"*");
        }
        if self.is_nothing() {
            return words.iter().any(|word| **word == *"null");
        }
        let text = self.text();
        words.iter().any(|word| **word == *"*" || text.as_deref() == Some(&**word))
    }

    /// Returns a list's texts; `None` for anything else.
    pub(in crate::backend) fn list(&self) -> Option<&[Cow<'de, str>]> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    /// Counts: a number itself, a list's length; `None` for anything else.
    pub(in crate::backend) fn count(&self) -> Option<u32> {
        match self {
            Self::Whole(number) => u32::try_from(*number).ok(),
            Self::List(list) => u32::try_from(list.len()).ok(),
            Self::Absent
            | Self::Null
            | Self::Flag(_)
            | Self::Large(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Object => None,
        }
    }

    /// Returns the value as a text that lives as long as the answer.
    pub(in crate::backend) fn into_text(self) -> Option<Cow<'de, str>> {
        if let Self::Text(text) = self {
            return Some(text);
        }
        self.text().map(|text| Cow::Owned(text.into_owned()))
    }
}

/// Reads any value into a cell.
pub(in crate::backend) struct CellSeed;

impl<'de> DeserializeSeed<'de> for CellSeed {
    type Value = Cell<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellSeed {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Cell<'de>, E> {
        Ok(Cell::Flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Cell<'de>, E> {
        Ok(Cell::Whole(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Cell<'de>, E> {
        Ok(i64::try_from(value).map_or(Cell::Large(value), Cell::Whole))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Cell<'de>, E> {
        Ok(Cell::Number(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Cell<'de>, A::Error> {
        let mut texts = Vec::new();
        while let Some(cell) = list.next_element_seed(CellSeed)? {
            texts.extend(cell.into_text());
        }
        Ok(Cell::List(texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Object)
    }
}
