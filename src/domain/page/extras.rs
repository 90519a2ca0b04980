//! What few rows have: the backend's other fields. Their names are kept once.

use std::ops::Range;

use super::names::{NameNumbers, Names};
use super::text::{Lines, text_of};
use crate::domain::{Untrusted, index, number};

/// The other fields of the rows that have any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Extras {
    rows: Vec<u32>,
    /// Where the fields of each of `rows` end in `fields`.
    ends: Vec<u32>,
    /// The name of each field.
    fields: Vec<u32>,
    texts: Lines,
    names: Names,
}

impl Extras {
    /// Returns the fields of a row.
    pub(super) fn get(&self, row: usize) -> Vec<(Box<str>, Untrusted)> {
        let Ok(at) = self.rows.binary_search(&number(row)) else { return Vec::new() };
        self.place(at).map(|field| (self.name(field).into(), text_of(self.texts.get(field)).into())).collect()
    }

    /// Appends the fields of a row behind all rows before.
    pub(super) fn push(&mut self, numbers: &mut NameNumbers, row: usize, fields: &[(Box<str>, Untrusted)]) {
        if fields.is_empty() {
            return;
        }
        for (name, text) in fields {
            self.fields.push(numbers.number(&mut self.names, name));
            self.texts.push(text.raw().as_bytes());
        }
        self.rows.push(number(row));
        self.ends.push(number(self.fields.len()));
    }

    /// Appends what some rows of another column have, for rows from `base` on.
    pub(super) fn append(&mut self, numbers: &mut NameNumbers, other: &Self, rows: &Range<usize>, base: usize) {
        for (at, row) in other.rows.iter().enumerate().filter(|(_, row)| rows.contains(&index(**row))) {
            for field in other.place(at) {
                self.fields.push(numbers.number(&mut self.names, other.name(field)));
                self.texts.push(other.texts.get(field));
            }
            self.rows.push(number(base + index(*row) - rows.start));
            self.ends.push(number(self.fields.len()));
        }
    }

    /// Keeps room for what all rows of other columns have.
    pub(super) fn reserve<'a>(&mut self, others: impl Iterator<Item = &'a Self> + Clone) {
        let rows = others.clone().map(|other| other.rows.len()).sum();
        self.rows.reserve_exact(rows);
        self.ends.reserve_exact(rows);
        self.fields.reserve_exact(others.clone().map(|other| other.fields.len()).sum());
        self.texts.reserve(others.map(|other| &other.texts));
    }

    /// Gives back the room that was kept for more.
    pub(super) fn shrink(&mut self) {
        self.rows.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.fields.shrink_to_fit();
        self.texts.shrink();
        self.names.shrink();
    }

    fn place(&self, at: usize) -> Range<usize> {
        at.checked_sub(1).map_or(0, |before| index(self.ends[before]))..index(self.ends[at])
    }

    fn name(&self, field: usize) -> &str {
        self.names.get(self.fields[field])
    }
}
