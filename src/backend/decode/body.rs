//! Ways into a JSON body. No error of it repeats what the body says: it may hold a secret.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde_json::value::RawValue;

pub(super) use super::cell::Cell;
use super::cell::CellSeed;
use super::fill::{Keep, Row, RowSeed};
use super::matcher::Matcher;
use super::number;
use crate::backend::pointer::{EACH, Pointer, place};

/// Why a body is not what was expected, without a word of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct Unreadable(pub(in crate::backend) String);

impl From<&serde_json::Error> for Unreadable {
    fn from(error: &serde_json::Error) -> Self {
        let what = match error.classify() {
            serde_json::error::Category::Eof => "ends too early",
            serde_json::error::Category::Io | serde_json::error::Category::Syntax => "is no lawful JSON",
            serde_json::error::Category::Data => "has another shape than described",
        };
        Self(format!("{what} at line {}, column {}", error.line(), error.column()))
    }
}

/// The steps of a pointer.
type Path = [Box<str>];

/// Returns what stands at a pointer, as a list where it goes through lists; `Absent` where nothing does.
pub(in crate::backend) fn find<'de>(body: &'de [u8], pointer: &Pointer) -> Result<Cell<'de>, Unreadable> {
    let Some((before, after)) = around_each(&pointer.0) else {
        return Ok(read(body, &pointer.0, CellSeed)?.unwrap_or_default());
    };
    let mut found = Cell::Absent;
    read(body, before, Elements { path: after, into: &mut found })?;
    Ok(found)
}

/// Returns what stands before and after a path's first step into a list; `None` where there is none.
fn around_each(path: &Path) -> Option<(&Path, &Path)> {
    let at = path.iter().position(|step| **step == *EACH)?;
    Some((&path[..at], &path[at + 1..]))
}

/// Returns the elements of the list that stands at a pointer, each as it is written; `None` where nothing stands there.
pub(in crate::backend) fn elements<'de>(
    body: &'de [u8],
    pointer: &Pointer,
) -> Result<Option<Vec<&'de RawValue>>, Unreadable> {
    read(body, &pointer.0, PhantomData)
}

/// Reads the one row that stands at a pointer; `None` where nothing does.
pub(in crate::backend) fn find_row<'de>(
    body: &'de [u8],
    pointer: &Pointer,
    matcher: &Matcher,
) -> Result<Option<Row<'de>>, Unreadable> {
    let mut row = Row::new(matcher, Keep::Extra);
    let found = read(body, &pointer.0, RowSeed { matcher, row: &mut row })?;
    Ok(found.map(|()| row))
}

/// Reads the list that stands at a pointer, and gives each row to `on_row`; `None` where nothing stands there.
///
/// The list may also be an object whose values are the rows. A number that is out of range is read as a text.
pub(in crate::backend) fn each_row(
    body: &[u8],
    pointer: &Pointer,
    matcher: &Matcher,
    keep: Keep,
    mut on_row: impl FnMut(&Row<'_>) -> Result<(), String>,
) -> Result<Option<usize>, Unreadable> {
    let mut taken = 0_usize;
    let read = rows(body, pointer, Row::new(matcher, keep), matcher, |row| {
        on_row(row)?;
        taken += 1;
        Ok(())
    });
    let Some(tamed) = read.as_ref().err().and_then(|_| number::tamed(body)) else { return read };
    let mut seen = 0_usize;
    // Rows before it were taken already.
    rows(&tamed, pointer, Row::new(matcher, keep).tamed(), matcher, |row| {
        seen += 1;
        if seen > taken { on_row(row) } else { Ok(()) }
    })
}

fn rows<'de>(
    body: &'de [u8],
    pointer: &Pointer,
    row: Row<'de>,
    matcher: &Matcher,
    on_row: impl FnMut(&Row<'de>) -> Result<(), String>,
) -> Result<Option<usize>, Unreadable> {
    let mut refused = None;
    let rows = Rows { matcher, row, on_row, refused: &mut refused, whole: pointer.0.is_empty() };
    let result = read(body, &pointer.0, rows);
    match refused {
        Some(why) => Err(Unreadable(why)),
        None => result,
    }
}

/// Walks down a path and reads there; the rest of the body is checked for lawful JSON.
fn read<'de, S: DeserializeSeed<'de>>(body: &'de [u8], path: &Path, seed: S) -> Result<Option<S::Value>, Unreadable> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(Unreadable("is not UTF-8".to_owned()));
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = Descent { path, seed }.deserialize(&mut deserializer);
    let found = found.and_then(|found| deserializer.end().map(|()| found));
    found.map_err(|error| Unreadable::from(&error))
}

/// Reads what stands at the end of a path.
struct Descent<'p, S> {
    path: &'p Path,
    seed: S,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Descent<'_, S> {
    type Value = Option<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.path.is_empty() {
            return self.seed.deserialize(deserializer).map(Some);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for Descent<'_, S> {
    type Value = Option<S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    /// Where nothing is, nothing is inside it.
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    /// Of a list the element that the step counts to; a key leads to none.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let Some((step, rest)) = self.path.split_first() else { return Ok(None) };
        let place = place(step).ok_or_else(|| A::Error::invalid_type(Unexpected::Seq, &"an object"))?;
        for _ in 0..place {
            if list.next_element::<IgnoredAny>()?.is_none() {
                return Ok(None);
            }
        }
        let found = list.next_element_seed(Descent { path: rest, seed: self.seed })?.flatten();
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some((step, rest)) = self.path.split_first() else { return Ok(None) };
        let mut waiting = Some(self.seed);
        let mut found = None;
        while let Some(here) = map.next_key_seed(IsKey(step))? {
            match (here, waiting.take()) {
                (Match::Yes, Some(seed)) => found = map.next_value_seed(Descent { path: rest, seed })?,
                (Match::Yes, None) => return Err(A::Error::custom("a key stands twice")),
                (Match::No, seed) => {
                    waiting = seed;
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

enum Match {
    Yes,
    No,
}

/// Compares a key.
struct IsKey<'p>(&'p str);

impl<'de> DeserializeSeed<'de> for IsKey<'_> {
    type Value = Match;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Match, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsKey<'_> {
    type Value = Match;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Match, E> {
        Ok(if key == self.0 { Match::Yes } else { Match::No })
    }
}

/// Gathers what stands at a path within each element of a list.
struct Elements<'p, 'g, 'de> {
    path: &'p Path,
    into: &'g mut Cell<'de>,
}

impl<'de> DeserializeSeed<'de> for Elements<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { path, into } = self;
        // A list without elements is one too, and not nothing.
        into.gather(Cell::Absent);
        while list.next_element_seed(Element { path, into: &mut *into })?.is_some() {}
        Ok(())
    }
}

/// Gathers what stands at a path within one element.
struct Element<'p, 'g, 'de> {
    path: &'p Path,
    into: &'g mut Cell<'de>,
}

impl<'de> DeserializeSeed<'de> for Element<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self { path, into } = self;
        match around_each(path) {
            Some((path, after)) => {
                Descent { path, seed: Elements { path: after, into } }.deserialize(deserializer)?;
            }
            None => into.gather(Descent { path, seed: CellSeed }.deserialize(deserializer)?.unwrap_or_default()),
        }
        Ok(())
    }
}

/// Reads a list of rows.
struct Rows<'r, 'de, F> {
    matcher: &'r Matcher,
    /// Where the values of one row go.
    row: Row<'de>,
    on_row: F,
    refused: &'r mut Option<String>,
    /// Whether the list is the whole answer.
    whole: bool,
}

impl<'de, F: FnMut(&Row<'de>) -> Result<(), String>> DeserializeSeed<'de> for Rows<'_, 'de, F> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(&Row<'de>) -> Result<(), String>> Visitor<'de> for Rows<'_, 'de, F> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    /// Several backends write an empty list as `null`.
    fn visit_unit<E>(self) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<usize, A::Error> {
        let Self { matcher, mut row, mut on_row, refused, whole: _ } = self;
        let mut count = 0;
        while list.next_element_seed(RowSeed { matcher, row: &mut row })?.is_some() {
            count += 1;
            if let Err(why) = on_row(&row) {
                *refused = Some(format!("has a bad row {count}: {why}"));
                return Err(A::Error::custom("a row was refused"));
            }
            row.clear();
        }
        Ok(count)
    }

    /// Reads an object whose values are rows.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<usize, A::Error> {
        let Self { matcher, mut row, mut on_row, refused, whole } = self;
        let mut count = 0;
        while map.next_key::<IgnoredAny>()?.is_some() {
            map.next_value_seed(RowSeed { matcher, row: &mut row })?;
            count += 1;
            if let Err(why) = on_row(&row) {
                *refused = Some(format!("has a bad row {count}: {why}"));
                return Err(A::Error::custom("a row was refused"));
            }
            row.clear();
        }
        // `{}` as a whole answer is what services say that have nothing to say, not a list without tokens.
        if whole && count == 0 { Err(A::Error::custom("an object without rows")) } else { Ok(count) }
    }
}
