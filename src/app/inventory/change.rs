//! Appending pages, and changing single rows.

use std::sync::Arc;

use super::segment::{Changed, Segment};
use super::{Inventory, Row, RowRef};
use crate::domain::{ContextName, Page, PageBuilder, Sought, Token, index, number};

/// A last segment of fewer rows takes a new row in; a larger one is not copied for it.
const SMALL: usize = 256;

impl Inventory {
    /// Returns the inventory with the rows of a page behind all others. No row is copied.
    ///
    /// Pages that would take it over 2^32 - 1 row numbers are left out.
    #[must_use]
    pub fn extend(&self, page: Arc<Page>) -> Self {
        let mut next = self.clone();
        let Some(rows) = self.rows.checked_add(number(page.len())) else { return next };
        next.generation += 1;
        if !page.is_empty() {
            Arc::make_mut(&mut next.segments).push(Segment::new(page, self.rows));
        }
        next.rows = rows;
        next
    }

    /// Returns the inventory with this token in it, and its row.
    ///
    /// The row that it supersedes keeps its number. That is the one with the same id and creation; a creation that
    /// one of the two does not tell is no difference. Another row with the same id that is not revoked is hidden,
    /// since the backend uses the id again; the token is then behind all others.
    #[must_use]
    pub fn put(&self, context: &ContextName, token: &Token) -> (Self, Row) {
        let mut next = self.clone();
        next.generation += 1;
        let row = next.supersede(context, token);
        let others = self.rows_with(context, token.id.raw());
        for other in others.into_iter().filter(|other| Some(*other) != row) {
            let revoked = self.get(other).is_some_and(|row| row.state() == crate::domain::State::Revoked);
            if !revoked {
                next.conceal(other);
                next.hidden += 1;
            }
        }
        let row = row.unwrap_or_else(|| next.append(context, token));
        (next, row)
    }

    /// Returns the inventory without a row, which stays readable by its number.
    #[must_use]
    pub fn hide(&self, row: Row) -> Self {
        let mut next = self.clone();
        if self.is_visible(row) {
            next.generation += 1;
            next.hidden += 1;
            next.conceal(row);
        }
        next
    }

    /// Returns which rows were changed after a generation of an epoch, without those that are new since; `None`
    /// when that is not known any more.
    pub(crate) fn changed_since(&self, epoch: u64, generation: u64) -> Option<Vec<Row>> {
        if epoch != self.epoch || generation < self.forgotten || generation > self.generation {
            return None;
        }
        let mut rows = Vec::new();
        for segment in self.segments.iter().filter(|segment| segment.is_changed()) {
            let late = segment.changes().filter(|(_, change)| change.generation > generation);
            rows.extend(late.map(|(at, _)| segment.number(at)));
        }
        Some(rows)
    }

    /// Returns the first visible row with an id that `test` holds for.
    pub(super) fn search<'a>(
        &'a self,
        context: &ContextName,
        id: &str,
        mut test: impl FnMut(RowRef<'a>) -> bool,
    ) -> Option<Row> {
        let id = &Sought::new(id);
        self.segments.iter().filter(|segment| segment.page.context() == context).find_map(|segment| {
            let found = segment.page.find(id, |at| segment.is_visible(at) && test(segment.row(at)));
            found.map(|at| segment.number(at))
        })
    }

    fn rows_with(&self, context: &ContextName, id: &str) -> Vec<Row> {
        let mut rows = Vec::new();
        let _ = self.search(context, id, |row| {
            rows.push(row.row());
            false
        });
        rows
    }

    /// Lays a token over the row that it is a newer reading of, if there is one.
    fn supersede(&mut self, context: &ContextName, token: &Token) -> Option<Row> {
        let id = token.id.raw();
        let same = self.search(context, id, |row| row.created() == token.created);
        let row =
            same.or_else(|| self.search(context, id, |row| row.created().is_none() || token.created.is_none()))?;
        self.change(row, Changed::Token(Arc::new(token.clone())));
        Some(row)
    }

    fn append(&mut self, context: &ContextName, token: &Token) -> Row {
        let row = Row(self.rows);
        let mut builder = PageBuilder::new(context.clone());
        let segments = Arc::make_mut(&mut self.segments);
        match segments.last_mut() {
            Some(last) if last.page.context() == context && last.page.len() < SMALL => {
                builder.append(&last.page, 0..last.page.len());
                builder.push_token(token);
                last.page = Arc::new(builder.finish());
            }
            _ => {
                builder.push_token(token);
                segments.push(Segment::new(Arc::new(builder.finish()), self.rows));
            }
        }
        self.rows = self.rows.saturating_add(1);
        row
    }

    /// Hides a row and keeps what lay over it.
    fn conceal(&mut self, row: Row) {
        let over = self.segment_of(row).and_then(|segment| match segment.change(index(row.0 - segment.start)) {
            Some(Changed::Token(token)) => Some(token.clone()),
            Some(Changed::Hidden(over)) => over.clone(),
            None => None,
        });
        self.change(row, Changed::Hidden(over));
    }

    fn change(&mut self, row: Row, to: Changed) {
        let generation = self.generation;
        let segments = Arc::make_mut(&mut self.segments);
        let at = segments.partition_point(|segment| segment.start <= row.0);
        if let Some(segment) = at.checked_sub(1).and_then(|at| segments.get_mut(at)) {
            segment.set(index(row.0 - segment.start), generation, to);
        }
    }
}
