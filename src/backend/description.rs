//! A backend's file as written: its tables and values with their places, read so that every mistake is told at
//! once.
//!
//! Not a serde derive: that stops at the first mistake, and an operator who writes a description wants all.

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::{Mistakes, Wrong};

/// One table of a description, and the keys that were asked for so far.
///
/// [`Section::within`] and [`Description::read`] report the keys nobody asked for.
pub(super) struct Section<'a, 't> {
    table: &'a DeTable<'a>,
    path: String,
    offset: usize,
    known: Vec<String>,
    mistakes: &'a mut Mistakes<'t>,
}

/// The whole file.
pub(super) struct Description;

impl Description {
    /// Reads a file with `read`; mistakes of form and keys that nobody asked for are added to `mistakes`.
    pub(super) fn read<R>(text: &str, mistakes: &mut Mistakes<'_>, read: impl FnOnce(&mut Section<'_, '_>) -> R) -> R {
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let offset = error.span().map_or(0, |span| span.start);
            mistakes.add(offset, "", Wrong::new(error.message(), "correct the TOML at this line"));
        }
        let mut section =
            Section { table: root.get_ref(), path: String::new(), offset: 0, known: Vec::new(), mistakes };
        let result = read(&mut section);
        section.refuse_unknown();
        result
    }
}

impl<'a> Section<'a, '_> {
    /// Reports a mistake of a key, or of the table itself where the key is not there.
    pub(super) fn mistake(&mut self, key: &str, wrong: Wrong) {
        let offset = self.table.get(key).map_or(self.offset, |value| value.span().start);
        let path = self.path_of(key);
        self.mistakes.add(offset, &path, wrong);
    }

    /// Tells whether a key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Tells whether a key is there and a table.
    pub(super) fn has_table(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().is_table())
    }

    /// Returns the keys in alphabetical order.
    pub(super) fn keys(&self) -> Vec<String> {
        self.table.keys().map(|key| key.get_ref().to_string()).collect()
    }

    /// Reads a text with `parse`; `None` where it is not there or wrong.
    pub(super) fn parse<T>(&mut self, key: &str, parse: impl FnOnce(&str) -> Result<T, Wrong>) -> Option<T> {
        let value = self.value(key)?;
        let DeValue::String(text) = value.get_ref() else {
            self.wrong_type(key, value, "a text in quotes");
            return None;
        };
        match parse(text) {
            Ok(parsed) => Some(parsed),
            Err(wrong) => {
                self.mistake(key, wrong);
                None
            }
        }
    }

    /// Reads a text as it is.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.parse(key, |text| Ok(text.to_owned()))
    }

    /// Reads a text that has to be there, and to say something; empty where it is not, which is a mistake.
    pub(super) fn needed(&mut self, key: &str, example: &str) -> String {
        if !self.has(key) {
            self.missing(key, example);
        }
        let text = self.text(key);
        if text.as_ref().is_some_and(String::is_empty) {
            self.mistake(key, Wrong::new("is empty", format!("write it like {example}")));
        }
        text.unwrap_or_default()
    }

    /// Reports that a key has to be there.
    pub(super) fn missing(&mut self, key: &str, example: &str) {
        self.known.push(key.to_owned());
        self.mistake(key, Wrong::new("is missing", format!("add it, e.g. {key} = {example}")));
    }

    /// Reads `true` or `false`.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(key, value, "true or false");
        }
        flag
    }

    /// Tells whether a key is there and `false`.
    pub(super) fn is_false(&mut self, key: &str) -> bool {
        let off = self.table.get(key).is_some_and(|value| value.get_ref().as_bool() == Some(false));
        if off {
            self.known.push(key.to_owned());
        }
        off
    }

    /// Reads a whole number within a range.
    pub(super) fn number(&mut self, key: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.value(key)?;
        let Some(number) = value.get_ref().as_integer() else {
            self.wrong_type(key, value, "a number");
            return None;
        };
        let read = u64::from_str_radix(&number.as_str().replace('_', ""), number.radix());
        let lawful = read.ok().filter(|number| range.contains(number));
        if lawful.is_none() {
            let hint = format!("write a number from {} to {}", range.start(), range.end());
            self.mistake(key, Wrong::new("is out of range", hint));
        }
        lawful
    }

    /// Reads a text, or a list of texts, each with `parse`; nothing where it is not there.
    pub(super) fn each<T>(&mut self, key: &str, mut parse: impl FnMut(&str) -> Result<T, Wrong>) -> Vec<T> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let values = if value.get_ref().is_str() {
            vec![value]
        } else if let DeValue::Array(array) = value.get_ref() {
            array.iter().collect()
        } else {
            self.wrong_type(key, value, "a text, or a list of texts");
            Vec::new()
        };
        let mut parsed = Vec::with_capacity(values.len());
        for value in values {
            let texts_only = || Wrong::new(format!("holds {}", kind_of(value)), "write texts in quotes only");
            match value.get_ref().as_str().ok_or_else(texts_only).and_then(&mut parse) {
                Ok(item) => parsed.push(item),
                Err(wrong) => self.mistakes.add(value.span().start, &self.path_of(key), wrong),
            }
        }
        parsed
    }

    /// Reads a whole number within a range.
    pub(super) fn count(&mut self, key: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.value(key)?;
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        let lawful = number.filter(|number| range.contains(number));
        if lawful.is_none() {
            let hint = format!("write one from {} to {}", range.start(), range.end());
            self.mistake(key, Wrong::new("is no whole number that can stand here", hint));
        }
        lawful
    }

    /// Reads an HTTP status.
    pub(super) fn status(&mut self, key: &str) -> Option<u16> {
        let value = self.value(key)?;
        let Some(number) = value.get_ref().as_integer() else {
            self.wrong_type(key, value, "an HTTP status");
            return None;
        };
        let status = parse_status(number.as_str());
        status.map_err(|wrong| self.mistake(key, wrong)).ok()
    }

    /// Reads a list of HTTP statuses.
    pub(super) fn statuses(&mut self, key: &str) -> Vec<u16> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong_type(key, value, "a list of HTTP statuses");
            return Vec::new();
        };
        let mut statuses = Vec::new();
        for value in array {
            let no_number = || Wrong::new(format!("holds {}", kind_of(value)), "write numbers only");
            let number = value.get_ref().as_integer().ok_or_else(no_number);
            match number.and_then(|number| parse_status(number.as_str())) {
                Ok(status) => statuses.push(status),
                Err(wrong) => self.mistakes.add(value.span().start, &self.path_of(key), wrong),
            }
        }
        statuses
    }

    /// Reads a table with `read`, and reports what it did not ask for.
    pub(super) fn within<R>(&mut self, key: &str, read: impl FnOnce(&mut Section<'_, '_>) -> R) -> Option<R> {
        let value = self.value(key)?;
        self.enter(key, value, read)
    }

    /// Reads each of a list of tables with `read`.
    pub(super) fn tables<R>(&mut self, key: &str, mut read: impl FnMut(&mut Section<'_, '_>) -> R) -> Vec<R> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong_type(key, value, "a list of tables");
            return Vec::new();
        };
        array.iter().filter_map(|value| self.enter(key, value, &mut read)).collect()
    }

    /// Returns a value as TOML has it, for the templates of bodies.
    pub(super) fn value(&mut self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.push(key.to_owned());
        self.table.get(key)
    }

    /// Adds a mistake at the place of a value inside this table.
    pub(super) fn mistake_at(&mut self, value: &Spanned<DeValue<'_>>, key: &str, wrong: Wrong) {
        let path = self.path_of(key);
        self.mistakes.add(value.span().start, &path, wrong);
    }

    fn enter<R>(
        &mut self,
        key: &str,
        value: &'a Spanned<DeValue<'a>>,
        read: impl FnOnce(&mut Section<'_, '_>) -> R,
    ) -> Option<R> {
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type(key, value, "a table");
            return None;
        };
        let path = self.path_of(key);
        let offset = value.span().start;
        let mut section = Section { table, path, offset, known: Vec::new(), mistakes: &mut *self.mistakes };
        let result = read(&mut section);
        section.refuse_unknown();
        Some(result)
    }

    fn wrong_type(&mut self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let path = self.path_of(key);
        let wrong = Wrong::new(format!("is {}", kind_of(value)), format!("write {wanted}"));
        self.mistakes.add(value.span().start, &path, wrong);
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn refuse_unknown(self) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !self.known.iter().any(|known| known == name) {
                let known = self.known.iter().map(String::as_str);
                let wrong = Wrong::new("is no key of this table", nearest(name, known));
                self.mistakes.add(key.span().start, &self.path_of(name), wrong);
            }
        }
    }
}

/// Reads an HTTP status.
pub(super) fn parse_status(text: &str) -> Result<u16, Wrong> {
    let status = text.parse().ok().filter(|status| (100..600).contains(status));
    status.ok_or_else(|| Wrong::new(format!("\"{text}\" is no HTTP status"), "write one from 100 to 599"))
}

/// Says which of the lawful words a wrong one may stand for.
pub(super) fn nearest<'k>(wrong: &str, lawful: impl Iterator<Item = &'k str> + Clone) -> String {
    let close = lawful.clone().filter(|word| !word.is_empty()).min_by_key(|word| distance(wrong, word));
    match close {
        Some(word) if distance(wrong, word) <= 2 => format!("did you mean \"{word}\"?"),
        Some(_) => {
            let mut words: Vec<_> = lawful.collect();
            words.sort_unstable();
            words.dedup();
            format!("known here: {}", words.join(", "))
        }
        None => "leave it out".to_owned(),
    }
}

/// Counts how many letters have to change to make one word the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in right.iter().enumerate() {
            let changed = corner + usize::from(a != *b);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

fn kind_of(value: &Spanned<DeValue<'_>>) -> &'static str {
    match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a moment",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
