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
    /// A list without a scalar, and how many other things are in it. Not a number beside the scalars: that would
    /// change how this type is laid out, and cost every row.
    Things(u32),
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
            Self::Absent | Self::Null | Self::List(_) | Self::Things(_) | Self::Object(_) => None,
        }
    }

    /// Tells whether the value is among `words`, as [`super::super::pointer::Test`] has it.
    pub(in crate::backend) fn is_among(&self, words: &[Box<str>]) -> bool {
        if self.is_nothing() {
            return words.iter().any(|word| **word == *"null");
        }
        match self.text() {
            Some(text) => words.iter().any(|word| covers(word, &text)),
            None => self.has_among(words),
        }
    }

    /// The same for a list or an object.
    #[cold]
    fn has_among(&self, words: &[Box<str>]) -> bool {
        let empty = *self == Self::no_list() || *self == Self::Object(Members::None);
        let texts = self.list().unwrap_or_default();
        words.iter().any(|word| match &**word {
            "*" => true,
            "[]" if empty => true,
            word => texts.iter().any(|text| covers(word, text)),
        })
    }

    /// Returns a list's texts; `None` for anything else.
    pub(in crate::backend) fn list(&self) -> Option<&[Cow<'de, str>]> {
        match self {
            Self::List(texts) => Some(texts),
            Self::Things(_) => Some(&[]),
            Self::Absent
            | Self::Null
            | Self::Flag(_)
            | Self::Whole(_)
            | Self::Large(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Object(_) => None,
        }
    }

    /// Returns a list without anything in it.
    pub(in crate::backend) const fn no_list() -> Self {
        Self::List(Vec::new())
    }

    /// Adds what stands at one of several places; of a list, what is in it. It is a list from then on.
    pub(in crate::backend) fn gather(&mut self, value: Self) {
        let (mut texts, mut things) = std::mem::take(self).into_list();
        if value.list().is_some() {
            let (more, others) = value.into_list();
            texts.extend(more);
            things = things.saturating_add(others);
        } else if value != Self::Absent {
            match value.into_text() {
                Some(text) => texts.push(text),
                None => things = things.saturating_add(1),
            }
        }
        *self = Self::of_list(texts, things);
    }

    /// Returns the texts of a list, or how many other things are in it; nothing for anything else.
    fn into_list(self) -> (Vec<Cow<'de, str>>, u32) {
        if let Self::List(texts) = self { (texts, 0) } else { (Vec::new(), self.things()) }
    }

    fn things(&self) -> u32 {
        if let Self::Things(things) = self { *things } else { 0 }
    }

    /// Makes a list: its texts, where there are any.
    fn of_list(texts: Vec<Cow<'de, str>>, things: u32) -> Self {
        if texts.is_empty() && things > 0 { Self::Things(things) } else { Self::List(texts) }
    }

    /// Counts: a number itself, a list's length; `None` for anything else.
    pub(in crate::backend) fn count(&self) -> Option<u32> {
        match self {
            Self::Whole(number) => u32::try_from(*number).ok(),
            Self::List(texts) => u32::try_from(texts.len()).ok(),
            Self::Things(things) => Some(*things),
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
        let (mut texts, mut things) = (Vec::new(), 0_u32);
        while let Some(cell) = list.next_element_seed(CellSeed)? {
            match cell.into_text() {
                Some(text) => texts.push(text),
                None => things = things.saturating_add(1),
            }
        }
        Ok(Cell::of_list(texts, things))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell<'de>, A::Error> {
        let mut members = Members::None;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            members = Members::Some;
        }
        Ok(Cell::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_counts_what_is_in_it_and_keeps_its_texts() {
        for (json, count, texts) in [
            ("[]", Some(0), Some(0)),
            (r#"["a",7,true]"#, Some(3), Some(3)),
            (r#"[{"id":"a"},{"id":"b"}]"#, Some(2), Some(0)),
            ("[null,[]]", Some(2), Some(0)),
            ("3", Some(3), None),
            ("-3", None, None),
            ("{}", None, None),
            ("null", None, None),
        ] {
            let cell = CellSeed.deserialize(&mut serde_json::Deserializer::from_str(json)).expect("lawful");
            assert_eq!((cell.count(), cell.list().map(<[_]>::len)), (count, texts), "{json}");
        }
    }

    #[test]
    fn gathering_keeps_texts_and_knows_of_the_rest() {
        let mut cell = Cell::Absent;
        cell.gather(Cell::Absent);
        assert_eq!(cell, Cell::no_list());
        cell.gather(Cell::Null);
        cell.gather(Cell::Things(2));
        assert_eq!(cell, Cell::Things(3));
        cell.gather(Cell::Whole(7));
        cell.gather(Cell::List(vec!["a".into()]));
        assert_eq!(cell, Cell::List(vec!["7".into(), "a".into()]));
    }
}
