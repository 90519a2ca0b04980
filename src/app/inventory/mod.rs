//! The rows of all contexts, as an immutable value that shares what it can with the one before.

mod change;
mod identity;
mod merge;
mod news;
mod replace;
mod row;
mod segment;
mod slice;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub use merge::{MergeJob, Merged, Pace};
pub use news::{Care, news};
pub use replace::{ReplaceJob, Replaced, RowMap};
pub use row::{Row, RowRef};
pub(crate) use segment::{Changed, Segment};
pub use slice::Slice;

use jiff::Timestamp;

use crate::domain::{ContextName, Token, TokenKey, Untrusted, index, number};

/// The rows of all contexts.
///
/// A row keeps its number, and a number stands for the same token, until a context is replaced: pages are
/// appended, changes lie over their row, and a row that is hidden leaves its number unused. Equal and printed by
/// its generation: each change has a later one, and merging is none.
#[derive(Clone)]
pub struct Inventory {
    segments: Arc<Vec<Segment>>,
    /// Counts the changes.
    generation: u64,
    /// Counts the replacements: row numbers of another epoch mean nothing here.
    epoch: u64,
    /// Rows, with those that are hidden.
    rows: u32,
    hidden: u32,
    /// The generation up to which it is forgotten which rows were changed, since their segments were merged.
    forgotten: u64,
}

impl Inventory {
    /// Returns the inventory without rows.
    pub fn new() -> Self {
        Self { segments: Arc::default(), generation: 0, epoch: 0, rows: 0, hidden: 0, forgotten: 0 }
    }

    /// Returns how many rows are visible.
    pub fn len(&self) -> usize {
        index(self.rows - self.hidden)
    }

    /// Tells whether no row is visible.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of the last change.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns the number of the last replacement; rows of one epoch can be compared.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Returns how many row numbers were given, to visible and hidden rows.
    pub fn numbers(&self) -> usize {
        index(self.rows)
    }

    /// Returns a row; `None` for a number that was not given. Also a hidden row can be read, as it was.
    pub fn get(&self, row: Row) -> Option<RowRef<'_>> {
        self.place(row).map(|(segment, at)| segment.row(at))
    }

    /// Tells whether a row is there to be seen.
    pub fn is_visible(&self, row: Row) -> bool {
        self.place(row).is_some_and(|(segment, at)| segment.is_visible(at))
    }

    /// Returns a row with every field the backend gave.
    pub fn token(&self, row: Row) -> Option<Token> {
        self.get(row).map(RowRef::token)
    }

    /// Returns the identity of a row.
    pub fn key(&self, row: Row) -> Option<TokenKey> {
        self.get(row).map(RowRef::key)
    }

    /// Returns the visible row with this identity.
    pub fn find(&self, key: &TokenKey) -> Option<Row> {
        self.search(&key.context, key.id.raw(), |row| row.created() == key.created)
    }

    /// Tells whether a visible row of a context has this id and creation.
    pub fn has(&self, context: &ContextName, id: &str, created: Option<Timestamp>) -> bool {
        self.search(context, id, |row| row.created() == created).is_some()
    }

    /// Returns a visible row with this id. Where a backend used the id again, the newest of them.
    pub fn find_id(&self, context: &ContextName, id: &str) -> Option<Row> {
        let mut newest = None;
        let _ = self.search(context, id, |row| {
            newest = newest.max(Some((row.created(), row.row())));
            false
        });
        newest.map(|(_, row)| row)
    }

    /// Returns the roles that visible rows have, by name, with how many rows have each.
    pub fn roles(&self) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for segment in self.segments.iter() {
            let (column, sets) = segment.page.role_numbers();
            let mut rows = vec![0_usize; sets.len()];
            for set in column {
                rows[index(*set)] += 1;
            }
            segment.changes().for_each(|(at, _)| rows[segment.page.role_set(at)] -= 1);
            for (set, rows) in rows.into_iter().enumerate().filter(|(_, rows)| *rows > 0) {
                sets.distinct(number(set)).for_each(|role| *counts.entry(role).or_default() += rows);
            }
            for (_, change) in segment.changes() {
                if let Changed::Token(token) = &change.to {
                    let roles = token.roles.iter().flatten().map(Untrusted::raw);
                    let roles: std::collections::BTreeSet<&str> = roles.collect();
                    for role in roles {
                        *counts.entry(role).or_default() += 1;
                    }
                }
            }
        }
        counts.into_iter().map(|(role, rows)| (role.to_owned(), rows)).collect()
    }

    /// Calls `visit` with every visible row of a context, in the order of their numbers.
    pub fn for_each_of<'a>(&'a self, context: &ContextName, mut visit: impl FnMut(RowRef<'a>)) {
        for segment in self.segments.iter().filter(|segment| segment.page.context() == context) {
            for at in 0..segment.page.len() {
                if segment.is_visible(at) {
                    visit(segment.row(at));
                }
            }
        }
    }

    /// Returns the visible rows, in the order of their numbers.
    pub fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        (0..self.rows).map(Row).filter(|row| self.is_visible(*row))
    }

    /// Returns the contexts that have rows, visible or hidden, in the order of their first row.
    pub fn contexts(&self) -> Vec<&ContextName> {
        let mut contexts: Vec<&ContextName> = Vec::new();
        for segment in self.segments.iter() {
            if !contexts.contains(&segment.page.context()) {
                contexts.push(segment.page.context());
            }
        }
        contexts
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Returns the segment of a row, and where the row is in it.
    pub(crate) fn place(&self, row: Row) -> Option<(&Segment, usize)> {
        self.segment_of(row).map(|segment| (segment, index(row.0 - segment.start)))
    }

    fn segment_of(&self, row: Row) -> Option<&Segment> {
        if row.0 >= self.rows {
            return None;
        }
        let at = self.segments.partition_point(|segment| segment.start <= row.0).checked_sub(1)?;
        self.segments.get(at)
    }
}

impl Default for Inventory {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Inventory {
    fn eq(&self, other: &Self) -> bool {
        self.generation == other.generation
    }
}

impl Eq for Inventory {}

impl fmt::Debug for Inventory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inventory({})", self.generation)
    }
}
