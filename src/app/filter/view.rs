//! What is shown.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::facets::Found;
use super::{FilterJob, Order, Sort, split};
use crate::app::inventory::{Row, RowMap};
use crate::domain::{Bits, ContextName, Query, Status, index};

/// What is shown of an inventory: rows in their order, and how many there would be with another preset.
#[derive(Clone, PartialEq, Eq)]
pub struct View {
    /// The rows, in their order.
    pub rows: Arc<Vec<Row>>,
    /// How many rows there are, shown or not.
    pub of: usize,
    /// How many rows the query and the role preset leave: all, then of each status in the order of [`Status::ALL`].
    pub status_counts: [u32; 8],
    /// How many rows the query and the status preset leave of each role, by its name.
    pub role_counts: Vec<(String, u32)>,
    /// Rows that match but for a comparison with a time that is never or unknown.
    pub left_out: usize,
    generation: u64,
    epoch: u64,
    query: Arc<Query>,
    status: Option<Status>,
    role: Option<String>,
    now: Timestamp,
    windows: Vec<(ContextName, SignedDuration)>,
    next_status: Option<Timestamp>,
    hits: Bits,
    almost: Bits,
    shown: Bits,
    order: Order,
}

impl View {
    pub(super) fn new(job: FilterJob, found: Found, order: Order, threads: usize) -> Self {
        let all: u32 = found.statuses.iter().sum();
        let mut status_counts = [all; 8];
        status_counts.iter_mut().skip(1).zip(found.statuses).for_each(|(all, count)| *all = count);
        Self {
            rows: in_order(&order, &found.shown, threads),
            of: job.inventory.len(),
            status_counts,
            role_counts: found.roles.into_iter().collect(),
            left_out: found.left_out,
            generation: job.inventory.generation(),
            epoch: job.inventory.epoch(),
            query: job.query,
            status: job.status,
            role: job.role,
            now: job.now,
            windows: job.windows,
            next_status: found.next_status,
            hits: found.hits,
            almost: found.almost,
            shown: found.shown,
            order,
        }
    }

    /// Returns the same rows, in the same order, as an exchange of rows numbered them; those that are gone are left
    /// out. A later pass uses nothing of it again.
    #[must_use]
    pub fn moved(&self, map: &RowMap) -> Self {
        let rows: Vec<Row> = self.rows.iter().filter_map(|row| map.get(*row)).collect();
        let numbers = rows.iter().map(|row| index(row.0) + 1).max().unwrap_or(0);
        let mut shown = Bits::none(numbers);
        for row in &rows {
            shown.set(index(row.0));
        }
        Self { rows: Arc::new(rows), shown, ..self.clone() }
    }

    /// Returns where a row stands; `None` when it is not shown.
    pub fn position(&self, row: Row) -> Option<usize> {
        if !self.contains(row) {
            return None;
        }
        // A block is compared as a whole, which the processor does many rows at a time.
        let is_in = |block: &[Row]| block.iter().map(|shown| u32::from(*shown == row)).sum::<u32>() > 0;
        let (at, block) = self.rows.chunks(512).enumerate().find(|(_, block)| is_in(block))?;
        block.iter().position(|shown| *shown == row).map(|place| at * 512 + place)
    }

    /// Tells whether a row is shown.
    pub fn contains(&self, row: Row) -> bool {
        self.shown.get(index(row.0))
    }

    /// Returns the generation of the inventory that it shows.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns the epoch of the inventory that it shows: of another one, the row numbers mean nothing.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Returns the query that it answers.
    pub fn query(&self) -> &Arc<Query> {
        &self.query
    }

    /// Returns the order that it is in.
    pub fn sort(&self) -> Sort {
        self.order.sort()
    }

    /// Returns the moment for which statuses were told.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns the first moment at which a status becomes another by itself; `None` for never. Rows that are not shown
    /// count too: the numbers beside the presets tell of them.
    pub fn next_status(&self) -> Option<Timestamp> {
        self.next_status
    }

    /// Returns the windows of the contexts by which statuses were told.
    pub(super) fn windows(&self) -> &[(ContextName, SignedDuration)] {
        &self.windows
    }

    /// Tells whether it answers what a job asks, but for the time.
    pub fn answers(&self, job: &FilterJob) -> bool {
        self.generation == job.inventory.generation()
            && self.query == job.query
            && self.status == job.status
            && self.role == job.role
            && self.sort() == job.sort
    }

    pub(super) fn hits(&self) -> &Bits {
        &self.hits
    }

    pub(super) fn almost(&self) -> &Bits {
        &self.almost
    }

    pub(super) fn order(&self) -> &Order {
        &self.order
    }

    /// Returns how many rows it knows of, hidden ones counted.
    pub(super) fn numbers(&self) -> usize {
        self.hits.len()
    }
}

/// Returns the members of a set in an order; all of them share the order itself.
fn in_order(order: &Order, shown: &Bits, threads: usize) -> Arc<Vec<Row>> {
    let rows = order.rows();
    let count = shown.count();
    if count == rows.len() {
        return rows.clone();
    }
    let parts = split::ranges(rows.len(), threads);
    let mut parts = split::each(threads, parts.len(), |part| {
        let rows = &rows[parts[part].clone()];
        // Written always, kept if it is shown: there is no branch to guess wrong.
        let mut kept = vec![Row(0); rows.len()];
        let mut len = 0;
        for row in rows {
            kept[len] = *row;
            len += usize::from(shown.get(index(row.0)));
        }
        kept.truncate(len);
        kept
    });
    let mut rows = Vec::with_capacity(count);
    for part in &mut parts {
        rows.append(part);
    }
    Arc::new(rows)
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "View({} of {}, {:?}, generation {})", self.rows.len(), self.of, &*self.query, self.generation)
    }
}
