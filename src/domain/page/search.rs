//! Which rows of a page have a word in them.

use std::ops::Range;

use memchr::memmem::Finder;

use super::Page;
use super::short::has;
use super::text::{SEPARATOR, Which};
use crate::domain::{Bits, index};

/// Which fields a word is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Label, owner, creator, id, roles and masked secret.
    Anywhere,
    /// The label.
    Label,
    /// The id.
    Id,
    /// The owner's name.
    Owner,
    /// The creator's name.
    Creator,
    /// Any one role.
    Role,
}

/// A lowered word, prepared for one page: names that rows share were looked at once.
#[derive(Debug)]
pub struct Search<'a> {
    page: &'a Page,
    finder: Finder<'a>,
    text: Text,
    /// What each name's number says, with 0 for "not known"; `None` where no name has the word.
    owners: Option<Vec<bool>>,
    creators: Option<Vec<bool>>,
    roles: Option<Vec<bool>>,
}

/// What of the rows' own text is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    All,
    Field(Which),
    None,
}

impl Page {
    /// Prepares to look for a word, which is lowered as [`super::fold`] does.
    pub fn search<'a>(&'a self, lowered: &'a str, scope: Scope) -> Search<'a> {
        let finder = Finder::new(lowered);
        let anywhere = scope == Scope::Anywhere;
        let some = |hits: Vec<bool>| hits.contains(&true).then_some(hits);
        let behind_unknown = |mut hits: Vec<bool>| {
            hits.insert(0, false);
            some(hits)
        };
        let owners = (anywhere || scope == Scope::Owner).then(|| self.owners.with(&finder));
        let creators = (anywhere || scope == Scope::Creator).then(|| self.creators.with(&finder));
        let roles = (anywhere || scope == Scope::Role).then(|| self.role_sets.with(&finder));
        Search {
            page: self,
            text: match scope {
                Scope::Anywhere => Text::All,
                Scope::Label => Text::Field(Which::Label),
                Scope::Id => Text::Field(Which::Id),
                Scope::Owner | Scope::Creator | Scope::Role => Text::None,
            },
            owners: owners.and_then(behind_unknown),
            creators: creators.and_then(behind_unknown),
            roles: roles.and_then(some),
            finder,
        }
    }

    /// Returns the rows whose lowered label is exactly this.
    pub(super) fn search_label(&self, lowered: &[u8]) -> Vec<usize> {
        let lines = self.text.lowered();
        let mut needle = lowered.to_vec();
        needle.push(SEPARATOR);
        let mut rows = Vec::new();
        each_hit(lines.bytes(), lines.ends(), 0..self.len(), &Finder::new(&needle), |row, at| {
            let found = at == lines.place(row).start;
            if found {
                rows.push(row);
            }
            // The label is at the row's start: what is behind cannot be it.
            true
        });
        rows
    }
}

impl Search<'_> {
    /// Tells whether a row has the word.
    pub fn at(&self, row: usize) -> bool {
        let of = |hits: &Option<Vec<bool>>, number: u32| hits.as_ref().is_some_and(|hits| hits[index(number)]);
        let text = || self.page.text.lowered().get(row);
        let in_text = match self.text {
            Text::All => self.finder.find(text()).is_some(),
            Text::Field(field) => self.finder.find(&text()[field.place(text())]).is_some(),
            Text::None => false,
        };
        in_text
            || of(&self.owners, self.page.owner[row])
            || of(&self.creators, self.page.creator[row])
            || of(&self.roles, self.page.roles[row])
    }

    /// Returns which of some rows have the word, counted from the first of them.
    pub fn among(&self, rows: Range<usize>) -> Bits {
        let mut bits = self.names(&rows);
        if let (Text::All, 1..=4) = (self.text, self.finder.needle().len()) {
            bits.or(&self.short(rows));
        } else if self.text != Text::None {
            let lines = self.page.text.lowered();
            let first = rows.start;
            each_hit(lines.bytes(), lines.ends(), rows, &self.finder, |row, at| {
                let found = match self.text {
                    Text::Field(field) => {
                        let place = lines.place(row);
                        field.place(&lines.bytes()[place.clone()]).contains(&(at - place.start))
                    }
                    Text::All | Text::None => true,
                };
                if found {
                    bits.set(row - first);
                }
                found
            });
        }
        bits
    }

    /// Returns which of some rows have a word of at most four bytes in their text. So many do that it is quicker to
    /// look at whole rows than to stop at every hit.
    fn short(&self, rows: Range<usize>) -> Bits {
        let first = rows.start;
        let lines = self.page.text.lowered();
        let test = |row: usize| {
            let place = lines.place(first + row);
            let found = match *self.finder.needle() {
                [a] => has(lines.bytes(), place.clone(), [a]),
                [a, b] => has(lines.bytes(), place.clone(), [a, b]),
                [a, b, c] => has(lines.bytes(), place.clone(), [a, b, c]),
                [a, b, c, d] => has(lines.bytes(), place.clone(), [a, b, c, d]),
                _ => None,
            };
            found.unwrap_or_else(|| self.finder.find(&lines.bytes()[place]).is_some())
        };
        Bits::from_fn(rows.len(), test)
    }

    /// Returns which of some rows have a name with the word.
    fn names(&self, rows: &Range<usize>) -> Bits {
        let columns =
            [(&self.owners, &self.page.owner), (&self.creators, &self.page.creator), (&self.roles, &self.page.roles)];
        let mut bits = Bits::none(rows.len());
        for (hits, column) in columns {
            if let Some(hits) = hits {
                let column = &column[rows.clone()];
                bits.or(&Bits::from_fn(rows.len(), |row| hits[index(column[row])]));
            }
        }
        bits
    }
}

/// Calls `visit` with each row that has the word and where in `bytes` it is, until it returns true for the row.
#[inline]
pub(super) fn each_hit(
    bytes: &[u8],
    ends: &[u32],
    rows: Range<usize>,
    finder: &Finder<'_>,
    mut visit: impl FnMut(usize, usize) -> bool,
) {
    let Some(last) = rows.end.checked_sub(1).filter(|last| *last >= rows.start) else { return };
    let end = index(ends[last]) + 1;
    let mut row = rows.start;
    let mut place = row.checked_sub(1).map_or(0, |before| index(ends[before]) + 1);
    while let Some(step) = bytes.get(place..end).and_then(|rest| finder.find(rest)) {
        let at = place + step;
        while index(ends[row]) < at {
            row += 1;
        }
        place = if visit(row, at) { index(ends[row]) + 1 } else { at + 1 };
        if place > index(ends[row]) {
            row += 1;
        }
        if row > last {
            return;
        }
    }
}
