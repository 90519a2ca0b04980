//! A page in its place, and the rows of it that were changed since.

use std::sync::Arc;

use super::Row;
use super::row::{RowRef, Source};
use crate::domain::{Page, Token, index, number};

/// Rows that share one list of changes: a change copies one such list.
const BUCKET: usize = 256;

/// A page, where it begins, and what was changed in it.
#[derive(Clone)]
pub(crate) struct Segment {
    pub(crate) page: Arc<Page>,
    /// The number of its first row.
    pub(crate) start: u32,
    /// `None` while nothing was changed.
    changes: Option<Arc<Changes>>,
}

/// The changes of a page, in buckets of rows.
type Changes = Vec<Option<Arc<Vec<Change>>>>;

/// What a row was changed to, and when.
#[derive(Clone)]
pub(crate) struct Change {
    at: u32,
    /// The generation of the inventory that the change made.
    pub(crate) generation: u64,
    pub(crate) to: Changed,
}

/// What a row was changed to.
#[derive(Clone)]
pub(crate) enum Changed {
    /// This token.
    Token(Arc<Token>),
    /// Nothing: the row is not shown any more. What lay over it stays readable.
    Hidden(Option<Arc<Token>>),
}

impl Segment {
    /// Puts a page in its place.
    pub(super) fn new(page: Arc<Page>, start: u32) -> Self {
        Self { page, start, changes: None }
    }

    /// Returns a row as it is now; one that is hidden, as it was.
    pub(super) fn row(&self, at: usize) -> RowRef<'_> {
        let source = match self.change(at) {
            Some(Changed::Token(token) | Changed::Hidden(Some(token))) => Source::Changed(self.page.context(), token),
            Some(Changed::Hidden(None)) | None => Source::Listed(&self.page, at),
        };
        RowRef { row: self.number(at), source }
    }

    /// Returns the number of a row.
    pub(crate) fn number(&self, at: usize) -> Row {
        Row(self.start + number(at))
    }

    /// Returns the same, moved.
    pub(super) fn moved(&self, start: u32) -> Self {
        Self { start, ..self.clone() }
    }

    /// Tells whether a row is not hidden.
    pub(super) fn is_visible(&self, at: usize) -> bool {
        !matches!(self.change(at), Some(Changed::Hidden(_)))
    }

    /// Returns what a row was changed to.
    pub(crate) fn change(&self, at: usize) -> Option<&Changed> {
        let bucket = self.changes.as_ref()?.get(at / BUCKET)?.as_ref()?;
        let place = bucket.binary_search_by_key(&number(at), |change| change.at).ok()?;
        bucket.get(place).map(|change| &change.to)
    }

    /// Returns all changes, in the order of the rows.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (usize, &Change)> {
        let buckets = self.changes.iter().flat_map(|buckets| buckets.iter().flatten());
        buckets.flat_map(|bucket| bucket.iter()).map(|change| (index(change.at), change))
    }

    /// Tells whether any row was changed.
    pub(crate) fn is_changed(&self) -> bool {
        self.changes.is_some()
    }

    /// Tells whether two segments have the same page and the same changes, without looking into them.
    pub(super) fn is(&self, other: &Self) -> bool {
        let same_changes = match (&self.changes, &other.changes) {
            (None, None) => true,
            (Some(here), Some(there)) => Arc::ptr_eq(here, there),
            _ => false,
        };
        same_changes && Arc::ptr_eq(&self.page, &other.page)
    }

    /// Changes a row; what is shared with an older inventory is copied first.
    pub(super) fn set(&mut self, at: usize, generation: u64, to: Changed) {
        let buckets = Arc::make_mut(self.changes.get_or_insert_default());
        if buckets.len() <= at / BUCKET {
            buckets.resize(at / BUCKET + 1, None);
        }
        let bucket = Arc::make_mut(buckets[at / BUCKET].get_or_insert_default());
        let change = Change { at: number(at), generation, to };
        match bucket.binary_search_by_key(&change.at, |change| change.at) {
            Ok(place) => bucket[place] = change,
            Err(place) => bucket.insert(place, change),
        }
    }
}
