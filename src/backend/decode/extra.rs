//! Fields that no pointer names: kept as text for the detail pane, without anything that looks like a secret.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::cell::{Cell, CellSeed};
use crate::domain::Untrusted;

/// A field's name, with the objects it stands in, and its value as text.
pub(in crate::backend) type Extra = (Box<str>, Untrusted);

/// The most fields kept of one token.
const MOST_FIELDS: usize = 128;
/// The most characters kept of one value.
const MOST_CHARACTERS: usize = 1024;
/// Parts of names that bear secrets, whatever a description says of them.
const SECRETIVE: [&str; 6] = ["secret", "password", "passphrase", "private_key", "privatekey", "credential"];

/// Joins the name of an object and a key in it.
pub(super) fn join(path: &str, key: &str) -> Box<str> {
    if path.is_empty() { key.into() } else { format!("{path}.{key}").into() }
}

/// Reads one value, with everything in it, into extra fields.
pub(super) struct Seed<'r> {
    /// The name.
    pub(super) name: Box<str>,
    /// Where it goes; `None` where nothing is kept.
    pub(super) row_extra: Option<&'r mut Vec<Extra>>,
}

impl Seed<'_> {
    fn put(self, value: &Cell<'_>) {
        if let Some(extra) = self.row_extra {
            push(extra, self.name, value);
        }
    }
}

/// Keeps a field as text; one without a text is left out.
pub(super) fn push(extra: &mut Vec<Extra>, name: Box<str>, value: &Cell<'_>) {
    let text = match value.list() {
        Some(texts) => texts.join(", ").into(),
        None => value.text().unwrap_or_default(),
    };
    if extra.len() < MOST_FIELDS && !text.is_empty() {
        extra.push((name, text.chars().take(MOST_CHARACTERS).collect::<String>().into()));
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let name = self.name.to_ascii_lowercase();
        if self.row_extra.is_none() || SECRETIVE.iter().any(|part| name.contains(part)) {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(drop);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.put(&Cell::Flag(value));
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.put(&Cell::Whole(value));
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.put(&Cell::Large(value));
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.put(&Cell::Number(value));
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.put(&Cell::Text(value.into()));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        let list = CellSeed.visit_seq(list)?;
        self.put(&list);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { name, mut row_extra } = self;
        while let Some(key) = map.next_key::<String>()? {
            let row_extra = row_extra.as_deref_mut();
            map.next_value_seed(Seed { name: join(&name, &key), row_extra })?;
        }
        Ok(())
    }
}
