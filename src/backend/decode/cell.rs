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
    /// A list.
    List {
        /// The scalars in it.
        texts: Vec<Cow<'de, str>>,
        /// How many other things are in it.
        others: u32,
    },
    /// An object.
    Object(Members),
}

/// Whether an object has any members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backend) enum Members {
    /// It has.
    Some,
    /// It is empty.
    None,
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
            Self::Absent | Self::Null | Self::List { .. } | Self::Object(_) => None,
        }
    }

    /// Tells whether the value is among `words`, as [`super::super::pointer::Test`] has it.
    pub(in crate::backend) fn is_among(&self, words: &[Box<str>]) -> bool {
        if let Self::Text(text) = self {
            return words.iter().any(|word| covers(word, text));
        }
        if self.is_nothing() {
            return words.iter().any(|word| **word == *"null");
        }
        let written = self.written();
        let texts = self.list().unwrap_or_default();
        words.iter().any(|word| match &**word {
            "*" => true,
            "[]" if self.is_empty() => true,
            word => written.as_deref().is_some_and(|text| covers(word, text)) || texts.iter().any(|t| covers(word, t)),
        })
    }

    /// Tells whether it is a list or an object without anything in it.
    fn is_empty(&self) -> bool {
        if let Self::List { texts, others } = self {
            return texts.is_empty() && *others == 0;
        }
        *self == Self::Object(Members::None)
    }

    /// Returns a list's texts; `None` for anything else.
    pub(in crate::backend) fn list(&self) -> Option<&[Cow<'de, str>]> {
        if let Self::List { texts, .. } = self { Some(texts) } else { None }
    }

    /// Returns a list without anything in it.
    pub(in crate::backend) const fn no_list() -> Self {
        Self::List { texts: Vec::new(), others: 0 }
    }

    /// Adds what stands at one of several places; of a list, what is in it. It is a list from then on.
    pub(in crate::backend) fn gather(&mut self, value: Self) {
        if !matches!(self, Self::List { .. }) {
            *self = Self::no_list();
        }
        let Self::List { texts, others } = self else { return };
        if let Self::List { texts: mut more, others: further } = value {
            texts.append(&mut more);
            *others = others.saturating_add(further);
        } else if value != Self::Absent {
            match value.into_text() {
                Some(text) => texts.push(text),
                None => *others = others.saturating_add(1),
            }
        }
    }

    /// Counts: a number itself, a list's length; `None` for anything else.
    pub(in crate::backend) fn count(&self) -> Option<u32> {
        match self {
            Self::Whole(number) => u32::try_from(*number).ok(),
            Self::List { texts, others } => u32::try_from(texts.len()).ok()?.checked_add(*others),
            Self::Absent
            | Self::Null
            | Self::Flag(_)
            | Self::Large(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Object(_) => None,
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

/// Tells whether a word of a test stands for a text: it is the text, or ends with `*` and begins like it.
#[inline]
fn covers(word: &str, text: &str) -> bool {
    *word == *text || word.strip_suffix('*').is_some_and(|beginning| text.starts_with(beginning))
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
        let (mut texts, mut others) = (Vec::new(), 0_u32);
        while let Some(cell) = list.next_element_seed(CellSeed)? {
            match cell.into_text() {
                Some(text) => texts.push(text),
                None => others = others.saturating_add(1),
            }
        }
        Ok(Cell::List { texts, others })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell<'de>, A::Error> {
        let mut members = Members::None;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            members = Members::Some;
        }
        Ok(Cell::Object(members))
    }
}
