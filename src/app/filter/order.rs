//! All rows in the order of a column, kept from one view to the next.

use std::sync::Arc;

use jiff::Timestamp;

use super::cell::Cell;
use super::{Column, FilterJob, Sort, keys};
use crate::app::inventory::{Inventory, Row};
use crate::domain::{Bits, index, number};

/// More new or changed rows than one in this many are sorted together with all others.
const FEW: usize = 16;

/// All rows in the order of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    rows: Arc<Vec<Row>>,
    sort: Sort,
    /// The moment that the order holds for; `None` for always.
    now: Option<Timestamp>,
}

impl Order {
    /// Returns the order that a job asks for, from that of its former view where that is quicker.
    pub(super) fn of(job: &FilterJob, threads: usize) -> Self {
        Self::from_former(job).unwrap_or_else(|| Self {
            rows: Arc::new(keys::sorted(job, threads)),
            sort: job.sort,
            now: (job.sort.column == Column::Status).then_some(job.now),
        })
    }

    /// Returns all rows, hidden ones too.
    pub(super) fn rows(&self) -> &Arc<Vec<Row>> {
        &self.rows
    }

    pub(super) fn sort(&self) -> Sort {
        self.sort
    }

    fn from_former(job: &FilterJob) -> Option<Self> {
        let view = job.previous.as_deref()?;
        let order = view.order();
        let changed = job.inventory.changed_since(view.epoch(), view.generation())?;
        if order.sort != job.sort || order.now.is_some() {
            return None;
        }
        let new = view.numbers()..job.inventory.numbers();
        if changed.is_empty() && new.is_empty() {
            return Some(order.clone());
        }
        let moved: Vec<Row> = changed.into_iter().chain(new.map(|row| Row(number(row)))).collect();
        if moved.len() * FEW > job.inventory.numbers() {
            return None;
        }
        Some(Self { rows: Arc::new(moved_in(&order.rows, moved, &job.inventory, job.sort)), ..order.clone() })
    }
}

/// Returns an order with some rows taken out, where they are in it, and put in where they belong.
fn moved_in(rows: &[Row], moved: Vec<Row>, inventory: &Inventory, sort: Sort) -> Vec<Row> {
    let mut out = Bits::none(inventory.numbers());
    for row in &moved {
        out.set(index(row.0));
    }
    let kept: Vec<Row> = rows.iter().copied().filter(|row| !out.get(index(row.0))).collect();
    let mut moved: Vec<(Cell, Row)> =
        moved.into_iter().map(|row| (Cell::of(inventory, row, sort.column), row)).collect();
    moved.sort_by(|(this, a), (that, b)| this.compare(that, sort.direction).then(a.cmp(b)));
    moved.dedup_by_key(|(_, row)| *row);
    let mut all = Vec::with_capacity(kept.len() + moved.len());
    let mut done = 0;
    for (cell, row) in moved {
        let before = |other: &Row| {
            Cell::of(inventory, *other, sort.column).compare(&cell, sort.direction).then(other.cmp(&row)).is_lt()
        };
        let place = done + kept[done..].partition_point(before);
        all.extend_from_slice(&kept[done..place]);
        all.push(row);
        done = place;
    }
    all.extend_from_slice(&kept[done..]);
    all
}
