//! Which pointer a key of a row belongs to. Rows repeat the order of their keys, so that the next one is known
//! before it is read, and one comparison proves it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Visitor};

use super::fill::Keep;
use super::matcher::Edge;

/// The most keys that are remembered of one object; further ones are looked up each time.
const MOST_KEYS: usize = 64;

/// A key of a row.
pub(super) enum Key {
    /// One that a pointer names, by its place among the edges.
    Known(usize),
    /// Another one; with its name where it is kept.
    Other(Option<Box<str>>),
}

/// The keys of an object in the order in which they came, each with its place among the edges.
#[derive(Debug, Default)]
pub(super) struct Order(Vec<(Box<str>, Option<usize>)>);

/// Finds a key among the edges.
pub(super) struct KeySeed<'r> {
    /// The keys that pointers name.
    pub(super) edges: &'r [Edge],
    /// The keys that came before.
    pub(super) order: &'r mut Order,
    /// The place in the order of the key that is likely next.
    pub(super) likely: &'r mut usize,
    /// Whether the names of other keys matter.
    pub(super) keep: Keep,
}

impl KeySeed<'_> {
    #[inline]
    fn find(&mut self, key: &str) -> Option<usize> {
        if let Some((known, edge)) = self.order.0.get(*self.likely)
            && **known == *key
        {
            *self.likely += 1;
            return *edge;
        }
        self.look_up(key)
    }

    /// Finds a key that came out of order, or for the first time.
    #[cold]
    fn look_up(&mut self, key: &str) -> Option<usize> {
        let Order(order) = &mut *self.order;
        if let Some(place) = order.iter().position(|(known, _)| **known == *key) {
            *self.likely = place + 1;
            return order[place].1;
        }
        let edge = self.edges.iter().position(|edge| *edge.key == *key);
        if order.len() < MOST_KEYS {
            order.push((key.into(), edge));
            *self.likely = order.len();
        }
        edge
    }
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(mut self, key: &str) -> Result<Key, E> {
        let other = |keep: Keep| Key::Other((keep == Keep::Extra).then(|| key.into()));
        Ok(self.find(key).map_or_else(|| other(self.keep), Key::Known))
    }
}
