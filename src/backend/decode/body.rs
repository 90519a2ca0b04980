//! Ways into a JSON body. No error of it repeats what the body says: it may hold a secret.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub(super) use super::cell::Cell;
use super::cell::CellSeed;
use super::matcher::{Keep, Matcher, Row, RowSeed};
use crate::backend::pointer::Pointer;

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

/// Returns what stands at a pointer; `Absent` where nothing does.
pub(in crate::backend) fn find<'de>(body: &'de [u8], pointer: &Pointer) -> Result<Cell<'de>, Unreadable> {
    Ok(read(body, pointer, CellSeed)?.unwrap_or_default())
}

/// Reads the one row that stands at a pointer; `None` where nothing does.
pub(in crate::backend) fn find_row<'de>(
    body: &'de [u8],
    pointer: &Pointer,
    matcher: &Matcher,
) -> Result<Option<Row<'de>>, Unreadable> {
    let mut row = Row::new(matcher, Keep::Extra);
    let found = read(body, pointer, RowSeed { matcher, row: &mut row })?;
    Ok(found.map(|()| row))
}

/// Reads the list that stands at a pointer, and gives each row to `on_row`; `None` where no list stands there.
pub(in crate::backend) fn each_row<'de>(
    body: &'de [u8],
    pointer: &Pointer,
    matcher: &Matcher,
    keep: Keep,
    on_row: impl FnMut(&Row<'de>) -> Result<(), String>,
) -> Result<Option<usize>, Unreadable> {
    let mut refused = None;
    let rows = Rows { matcher, keep, on_row, refused: &mut refused };
    let result = read(body, pointer, rows);
    match refused {
        Some(why) => Err(Unreadable(why)),
        None => result,
    }
}

/// Walks down to a pointer and reads there; the rest of the body is checked for lawful JSON.
fn read<'de, S: DeserializeSeed<'de>>(
    body: &'de [u8],
    pointer: &Pointer,
    seed: S,
) -> Result<Option<S::Value>, Unreadable> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(Unreadable("is not UTF-8".to_owned()));
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = Descent { path: &pointer.0, seed }.deserialize(&mut deserializer);
    let found = found.and_then(|found| deserializer.end().map(|()| found));
    found.map_err(|error| Unreadable::from(&error))
}

/// Reads what stands at the end of a path.
struct Descent<'p, S> {
    path: &'p [Box<str>],
    seed: S,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Descent<'_, S> {
    type Value = Option<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.path.is_empty() {
            return self.seed.deserialize(deserializer).map(Some);
        }
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for Descent<'_, S> {
    type Value = Option<S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
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

/// Reads a list of rows.
struct Rows<'r, F> {
    matcher: &'r Matcher,
    keep: Keep,
    on_row: F,
    refused: &'r mut Option<String>,
}

impl<'de, F: FnMut(&Row<'de>) -> Result<(), String>> DeserializeSeed<'de> for Rows<'_, F> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(&Row<'de>) -> Result<(), String>> Visitor<'de> for Rows<'_, F> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    /// Several backends write an empty list as `null`.
    fn visit_unit<E>(self) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<usize, A::Error> {
        let Self { matcher, keep, mut on_row, refused } = self;
        let mut row = Row::new(matcher, keep);
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
}
