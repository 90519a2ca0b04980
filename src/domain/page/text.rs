//! Columns of text: one joined buffer each, lowered for searching, from which the text as it came can be had.

use std::borrow::Cow;
use std::ops::Range;

use crate::domain::{index, number};

/// Stands between fields and rows: a byte that is in no UTF-8 text, so that no word can match across it.
pub(crate) const SEPARATOR: u8 = 0xff;

/// Returns text as it is searched: every character in lower case by itself, whatever stands around it.
pub fn fold(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().flat_map(char::to_lowercase).collect() }
}

/// Returns bytes of a column as the text they were.
pub(super) fn text_of(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}

/// Texts behind one another, numbered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Lines {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Lines {
    /// Appends a text.
    pub(super) fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(number(self.bytes.len()));
        self.bytes.push(SEPARATOR);
    }

    /// Returns how many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns where a text begins and ends.
    #[inline]
    pub(crate) fn place(&self, at: usize) -> Range<usize> {
        let start = at.checked_sub(1).map_or(0, |before| index(self.ends[before]) + 1);
        start..index(self.ends[at])
    }

    /// Returns a text.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> &[u8] {
        &self.bytes[self.place(at)]
    }

    /// Returns all texts with what stands between them.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns where each text ends.
    pub(crate) fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// Appends some texts of another column.
    pub(super) fn append(&mut self, other: &Self, rows: Range<usize>) {
        if rows.is_empty() {
            return;
        }
        let (from, to) = (other.place(rows.start).start, index(other.ends[rows.end - 1]) + 1);
        let base = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes[from..to]);
        self.ends.extend(other.ends[rows].iter().map(|end| number(base + index(*end) - from)));
    }

    /// Keeps room for all texts of other columns.
    pub(super) fn reserve<'a>(&mut self, others: impl Iterator<Item = &'a Self> + Clone) {
        self.bytes.reserve_exact(others.clone().map(|other| other.bytes.len()).sum());
        self.ends.reserve_exact(others.map(|other| other.ends.len()).sum());
    }

    /// Gives back the room that was kept for more.
    pub(super) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// Texts of the few rows that have one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sparse {
    rows: Vec<u32>,
    lines: Lines,
}

impl Sparse {
    /// Appends the text of a row behind all rows before.
    pub(super) fn push(&mut self, row: usize, text: &[u8]) {
        self.rows.push(number(row));
        self.lines.push(text);
    }

    /// Returns the text of a row.
    pub(super) fn get(&self, row: usize) -> Option<&[u8]> {
        self.rows.binary_search(&number(row)).ok().map(|at| self.lines.get(at))
    }

    /// Appends what some rows of another column have, for rows from `base` on.
    pub(super) fn append(&mut self, other: &Self, rows: &Range<usize>, base: usize) {
        let from = other.rows.partition_point(|row| index(*row) < rows.start);
        let to = other.rows.partition_point(|row| index(*row) < rows.end);
        self.rows.extend(other.rows[from..to].iter().map(|row| number(base + index(*row) - rows.start)));
        self.lines.append(&other.lines, from..to);
    }

    /// Keeps room for all texts of other columns.
    pub(super) fn reserve<'a>(&mut self, others: impl Iterator<Item = &'a Self> + Clone) {
        self.rows.reserve_exact(others.clone().map(|other| other.rows.len()).sum());
        self.lines.reserve(others.map(|other| &other.lines));
    }

    /// Gives back the room that was kept for more.
    pub(super) fn shrink(&mut self) {
        self.rows.shrink_to_fit();
        self.lines.shrink();
    }
}

/// Lowered text with what it takes to have it back as it came: one bit for each ASCII capital, and the whole
/// text of the rare row in which another letter changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Texts {
    lowered: Lines,
    capitals: Vec<u64>,
    odd: Sparse,
}

impl Texts {
    /// Appends a row of fields.
    pub(super) fn push(&mut self, fields: [&str; 3]) {
        let mut odd = false;
        for (at, field) in fields.into_iter().enumerate() {
            if at > 0 {
                self.lowered.bytes.push(SEPARATOR);
            }
            let from = self.lowered.bytes.len();
            self.lowered.bytes.extend_from_slice(field.as_bytes());
            self.lower_ascii(from);
            if !field.is_ascii() && field.chars().any(|c| !c.is_ascii() && !c.to_lowercase().eq([c])) {
                self.lowered.bytes.truncate(from);
                self.lowered.bytes.extend_from_slice(fold(field).as_bytes());
                odd = true;
            }
        }
        if odd {
            let raw: Vec<&[u8]> = fields.iter().map(|field| field.as_bytes()).collect();
            self.odd.push(self.lowered.len(), &raw.join(&SEPARATOR));
        }
        self.lowered.ends.push(number(self.lowered.bytes.len()));
        self.lowered.bytes.push(SEPARATOR);
    }

    /// Lowers the ASCII capitals from a place on, and notes where they were.
    fn lower_ascii(&mut self, from: usize) {
        let bytes = &mut self.lowered.bytes[from..];
        if !bytes.iter().any(u8::is_ascii_uppercase) {
            return;
        }
        self.capitals.resize((from + bytes.len()).div_ceil(64).max(self.capitals.len()), 0);
        // Nothing is branched to: where capitals stand in an id cannot be guessed.
        for (at, byte) in bytes.iter_mut().enumerate() {
            let is_capital = byte.is_ascii_uppercase();
            *byte |= u8::from(is_capital) << 5;
            self.capitals[(from + at) / 64] |= u64::from(is_capital) << ((from + at) % 64);
        }
    }

    /// Returns the lowered rows.
    pub(crate) fn lowered(&self) -> &Lines {
        &self.lowered
    }

    /// Returns a field of a row as it came: the first, the last, or what is between them.
    pub(super) fn field(&self, row: usize, which: Which) -> Cow<'_, str> {
        if let Some(raw) = self.odd.get(row) {
            return Cow::Borrowed(text_of(&raw[which.place(raw)]));
        }
        let start = self.lowered.place(row).start;
        let place = which.place(self.lowered.get(row));
        let place = start + place.start..start + place.end;
        let text = text_of(&self.lowered.bytes[place.clone()]);
        let capital = |at: usize| self.capitals.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1);
        if !place.clone().any(capital) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(
            text.char_indices()
                .map(|(at, c)| if capital(place.start + at) { c.to_ascii_uppercase() } else { c })
                .collect(),
        )
    }

    /// Appends some rows of another column.
    pub(super) fn append(&mut self, other: &Self, rows: &Range<usize>) {
        if rows.is_empty() {
            return;
        }
        let base_row = self.lowered.len();
        let base = self.lowered.bytes.len();
        let (from, to) = (other.lowered.place(rows.start).start, other.lowered.place(rows.end - 1).end);
        self.odd.append(&other.odd, rows, base_row);
        self.lowered.append(&other.lowered, rows.clone());
        for (at, word) in other.capitals.iter().enumerate().take(to.div_ceil(64)).skip(from / 64) {
            let mut left = *word;
            while left != 0 {
                let place = at * 64 + index(left.trailing_zeros());
                left &= left - 1;
                if (from..to).contains(&place) {
                    let place = base + place - from;
                    self.capitals.resize((place / 64 + 1).max(self.capitals.len()), 0);
                    self.capitals[place / 64] |= 1 << (place % 64);
                }
            }
        }
    }

    /// Keeps room for all rows of other columns.
    pub(super) fn reserve<'a>(&mut self, others: impl Iterator<Item = &'a Self> + Clone) {
        self.capitals.reserve_exact(others.clone().map(|other| other.capitals.len()).sum());
        self.odd.reserve(others.clone().map(|other| &other.odd));
        self.lowered.reserve(others.map(|other| &other.lowered));
    }

    /// Gives back the room that was kept for more.
    pub(super) fn shrink(&mut self) {
        self.lowered.shrink();
        self.capitals.shrink_to_fit();
        self.odd.shrink();
    }
}

/// One of the three fields of a row's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// The first.
    Label,
    /// What is between.
    Masked,
    /// The last.
    Id,
}

impl Which {
    /// Returns where the field is in a row's text.
    #[inline]
    pub(crate) fn place(self, row: &[u8]) -> Range<usize> {
        let first = memchr::memchr(SEPARATOR, row).unwrap_or(row.len());
        let last = || memchr::memrchr(SEPARATOR, row).unwrap_or(row.len());
        match self {
            Self::Label => 0..first,
            Self::Masked => (first + 1).min(row.len())..last().max((first + 1).min(row.len())),
            Self::Id => (last() + 1).min(row.len())..row.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [[&str; 3]; 6] = [
        ["ci", "tk_…9", "a1"],
        ["CI Deploy", "", "Ab9Z"],
        ["ÄRGER im Haus", "X", "é7K"],
        ["", "", "İ"],
        ["\u{1f}ctl", "\u{0}", "ΣΑΣ"],
        ["éB", "ok", "z"],
    ];

    fn column() -> Texts {
        let mut texts = Texts::default();
        for row in ROWS {
            texts.push(row);
        }
        texts
    }

    #[test]
    fn fields_come_back_as_they_went_in() {
        let mut joined = Texts::default();
        joined.push(["Before", "B", "C"]);
        joined.append(&column(), &(1..6));
        for (at, row) in ROWS.iter().enumerate() {
            let fields =
                |texts: &Texts, at| [Which::Label, Which::Masked, Which::Id].map(|f| texts.field(at, f).into_owned());
            assert_eq!(fields(&column(), at), row.map(String::from), "{row:?}");
            if at > 0 {
                assert_eq!(fields(&joined, at), row.map(String::from), "{row:?}");
            }
        }
    }

    #[test]
    fn what_is_searched_is_lowered_letter_by_letter() {
        let column = column();
        for (at, row) in ROWS.iter().enumerate() {
            let expected: Vec<String> = row.iter().map(|field| fold(field)).collect();
            let expected: Vec<&[u8]> = expected.iter().map(String::as_bytes).collect();
            assert_eq!(column.lowered().get(at), expected.join(&SEPARATOR));
        }
        assert_eq!(fold("ΣΑΣ"), "σασ");
    }
}
