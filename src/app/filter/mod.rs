//! From an inventory and a query to the rows that are shown, in their order, with what else could be chosen.

mod cell;
mod due;
mod facets;
mod keys;
mod order;
mod scan;
mod sort;
mod split;
mod strings;
#[cfg(test)]
mod tests;
mod view;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

pub use order::Order;
pub use sort::{Column, Direction, Sort};
pub use view::View;

use super::inventory::Inventory;
use crate::domain::{ContextName, Query, Status, StatusRule};
use due::Due;
use facets::{Asked, Found};
use scan::Known;

/// How long after its last use a token counts as active where its context does not say.
pub const DEFAULT_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What to show of an inventory. Running it is pure, and slow enough to be done off the loop.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterJob {
    /// The rows there are.
    pub inventory: Inventory,
    /// What the query line says.
    pub query: Arc<Query>,
    /// The status preset; `None` for all.
    pub status: Option<Status>,
    /// The role preset, by its exact name; `None` for all.
    pub role: Option<String>,
    /// The order.
    pub sort: Sort,
    /// When: statuses follow from it.
    pub now: Timestamp,
    /// The windows of the contexts; one that is not here has [`DEFAULT_WINDOW`].
    pub windows: Vec<(ContextName, SignedDuration)>,
    /// The view before this one, of which everything that still holds is used again.
    pub previous: Option<Arc<View>>,
}

/// The most rows that are looked at in one go by one thread.
const CHUNK: usize = 65_536;

/// Fewer rows than this are not worth another thread.
const WORTH_A_THREAD: usize = 16_384;

impl FilterJob {
    /// Begins a job that shows all rows in the default order.
    pub fn all(inventory: Inventory, now: Timestamp) -> Self {
        Self {
            inventory,
            query: Arc::default(),
            status: None,
            role: None,
            sort: Sort::default(),
            now,
            windows: Vec::new(),
            previous: None,
        }
    }

    /// Finds the rows, on this many threads at the most.
    pub fn run(self, threads: usize) -> View {
        let numbers = self.inventory.numbers();
        let threads = threads.min(numbers / WORTH_A_THREAD).max(1);
        let known = Known::of(&self);
        let due = Due::of(&self);
        let asked = Asked { status: self.status, role: self.role.as_deref(), query: &self.query };
        let chunks = self.chunks(known.as_ref().map_or(0, Known::numbers));
        let found = split::each(threads, chunks.len(), |at| {
            let (segment, rows) = &chunks[at];
            let segment = &self.inventory.segments()[*segment];
            let rule = StatusRule::new(self.now, self.window(segment.page.context()));
            asked.find(segment, rows.clone(), rule, known.as_ref(), due)
        });
        let mut all = Found::default();
        all.next_status = due.at;
        for (found, (segment, _)) in found.into_iter().zip(&chunks) {
            all.append(found, &self.inventory.segments()[*segment].page);
        }
        let order = Order::of(&self, threads);
        View::new(self, all, order, threads)
    }

    /// Returns the window of a context.
    pub fn window(&self, context: &ContextName) -> SignedDuration {
        self.windows.iter().find(|(name, _)| name == context).map_or(DEFAULT_WINDOW, |(_, window)| *window)
    }

    /// Returns the pieces of work: rows of one segment each, all known before or all new.
    fn chunks(&self, known: usize) -> Vec<(usize, std::ops::Range<usize>)> {
        let mut chunks = Vec::new();
        for (at, segment) in self.inventory.segments().iter().enumerate() {
            let rows = segment.page.len();
            let new = known.saturating_sub(crate::domain::index(segment.start)).min(rows);
            for range in [0..new, new..rows] {
                let starts = range.clone().step_by(CHUNK);
                chunks.extend(starts.map(|from| (at, from..range.end.min(from + CHUNK))));
            }
        }
        chunks
    }
}
