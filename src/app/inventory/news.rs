//! What a page holds that is not there yet: lists shift while they are read, and backends repeat pages.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::{Page, PageBuilder};

/// How closely a page is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// By its first and last row: a page that was shifted or repeated has one of them twice.
    Edges,
    /// By every row: tokens were put into the list while it was being read.
    Rows,
}

/// Returns the page without the rows that `known` holds for, by id and creation.
pub fn news(page: Arc<Page>, care: Care, known: impl Fn(&str, Option<Timestamp>) -> bool) -> Arc<Page> {
    let is_known = |at: usize| known(page.id(at).raw(), page.created(at));
    let Some(last) = page.len().checked_sub(1) else { return page };
    if care == Care::Edges && !is_known(0) && !is_known(last) {
        return page;
    }
    let mut builder = PageBuilder::new(page.context().clone());
    for at in (0..page.len()).filter(|at| !is_known(*at)) {
        builder.append(&page, at..at + 1);
    }
    Arc::new(builder.finish())
}
