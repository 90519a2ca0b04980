//! Rows of a list that was read again: mostly those that are there already, which are not kept twice.

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::merge::LARGE;
use super::{Inventory, Segment};
use crate::domain::{ContextName, Page, PageBuilder, Sought, Token};

/// More pieces of one page than this are not worth their trouble: it is kept as it came.
const MOST_PIECES: usize = 16;

/// Some rows of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    page: Arc<Page>,
    rows: Range<usize>,
    /// Whether the page is one that is there already.
    is_shared: bool,
}

impl Slice {
    /// Returns all rows of a page.
    pub fn whole(page: Arc<Page>) -> Self {
        let rows = 0..page.len();
        Self { page, rows, is_shared: false }
    }

    /// Calls `visit` with each row, as its page and its place there, until it answers `true`.
    pub fn any(&self, mut visit: impl FnMut(&Page, usize) -> bool) -> bool {
        self.rows.clone().any(|at| visit(&self.page, at))
    }

    /// Returns the token with this id for whose row `test` holds.
    pub fn find(&self, id: &Sought<'_>, test: impl Fn(&Page, usize) -> bool) -> Option<Token> {
        let found = self.page.find(id, |at| self.rows.contains(&at) && test(&self.page, at));
        found.map(|at| self.page.token(at))
    }

    /// Tells whether a row with this id and creation is in it.
    pub fn has(&self, id: &Sought<'_>, created: Option<Timestamp>) -> bool {
        let is_it = |at: usize| self.rows.contains(&at) && self.page.created(at) == created;
        self.page.find(id, is_it).is_some()
    }
}

impl Inventory {
    /// Returns the rows of a page, those that say what rows here say already as the rows that are here.
    pub fn share(&self, page: Arc<Page>) -> Vec<Slice> {
        let mut pieces: Vec<Slice> = Vec::new();
        let mut at = 0;
        while at < page.len() && pieces.len() <= MOST_PIECES {
            let (piece, end) = if let Some((segment, row)) = self.same(&page, at) {
                let goes_on = |step: &usize| is_same(segment, row + step, &page, at + step);
                let count = (1..page.len() - at).take_while(goes_on).count() + 1;
                (Slice { page: segment.page.clone(), rows: row..row + count, is_shared: true }, at + count)
            } else {
                let end = (at + 1..page.len()).find(|at| self.same(&page, *at).is_some()).unwrap_or(page.len());
                (Slice { page: page.clone(), rows: at..end, is_shared: false }, end)
            };
            pieces.push(piece);
            at = end;
        }
        if at < page.len() {
            return vec![Slice::whole(page)];
        }
        // What is new of a page does not hold on to all of it.
        let is_partly_new = pieces.len() > 1;
        for piece in pieces.iter_mut().filter(|piece| is_partly_new && !piece.is_shared) {
            let mut builder = PageBuilder::new(page.context().clone());
            builder.append(&page, piece.rows.clone());
            *piece = Slice::whole(Arc::new(builder.finish()));
        }
        pieces
    }

    /// Returns the row that says the same as a row of a page.
    fn same(&self, page: &Page, at: usize) -> Option<(&Segment, usize)> {
        let id = page.id(at);
        let row = self.search(page.context(), id.raw(), |row| row.created() == page.created(at))?;
        self.place(row).filter(|(segment, row)| is_same(segment, *row, page, at))
    }
}

fn is_same(segment: &Segment, row: usize, page: &Page, at: usize) -> bool {
    row < segment.page.len() && segment.change(row).is_none() && segment.page.is_same(row, page, at)
}

/// Returns pages of all rows, in their order. A page of which every row is still there, one after the other, stays the
/// page it is; the rest is joined into large ones.
pub(super) fn joined(context: &ContextName, slices: Vec<Slice>) -> Vec<Arc<Page>> {
    let mut pages = Vec::new();
    let mut waiting: Vec<Slice> = Vec::new();
    for slice in coalesced(slices) {
        let waits: usize = waiting.iter().map(|slice| slice.rows.len()).sum();
        let is_kept = slice.is_shared && slice.rows.len() == slice.page.len();
        if is_kept || waits + slice.rows.len() > LARGE {
            pages.extend(page_of(context, std::mem::take(&mut waiting)));
        }
        if is_kept { pages.push(slice.page) } else { waiting.push(slice) }
    }
    pages.extend(page_of(context, waiting));
    pages
}

/// Joins slices that follow one another in their page.
fn coalesced(slices: Vec<Slice>) -> Vec<Slice> {
    let mut all: Vec<Slice> = Vec::new();
    for slice in slices {
        match all.last_mut().filter(|last| Arc::ptr_eq(&last.page, &slice.page) && slice.rows.start == last.rows.end) {
            Some(last) => last.rows.end = slice.rows.end,
            None => all.push(slice),
        }
    }
    all
}

/// Joins slices, each of which is let go as soon as it is copied.
fn page_of(context: &ContextName, slices: Vec<Slice>) -> Option<Arc<Page>> {
    if let [Slice { page, rows, .. }] = &*slices
        && rows.len() == page.len()
    {
        return Some(page.clone());
    }
    let mut builder = PageBuilder::new(context.clone());
    for slice in slices {
        builder.append(&slice.page, slice.rows);
    }
    (!builder.is_empty()).then(|| Arc::new(builder.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LastUse;

    fn prod() -> ContextName {
        ContextName::parse("prod").expect("a lawful name")
    }

    fn tokens() -> Vec<Token> {
        (0..100).map(|at| crate::domain::token::tests::token(&format!("tk-{at:03}"), &format!("Label {at}"))).collect()
    }

    fn pages(tokens: &[Token]) -> Vec<Arc<Page>> {
        tokens.chunks(10).map(|tokens| Arc::new(Page::from_tokens(&prod(), tokens))).collect()
    }

    fn loaded(tokens: &[Token]) -> Inventory {
        pages(tokens).into_iter().fold(Inventory::new(), |inventory, page| inventory.extend(page)).merged()
    }

    fn shown(inventory: &Inventory) -> Vec<Token> {
        inventory.rows().filter_map(|row| inventory.token(row)).collect()
    }

    /// How many pages of a refreshed list are those that were there.
    fn kept(before: &Inventory, after: &Inventory) -> usize {
        let is_old = |segment: &&Segment| before.segments().iter().any(|old| Arc::ptr_eq(&old.page, &segment.page));
        after.segments().iter().filter(is_old).count()
    }

    #[test]
    fn a_refresh_that_says_nothing_new_keeps_no_row_twice() {
        let before = loaded(&tokens());
        for page in pages(&tokens()) {
            let slices = before.share(page);
            assert!(slices.len() == 1 && slices.iter().all(|slice| slice.is_shared), "{slices:?}");
        }
        let (after, map) = before.replace(&prod(), pages(&tokens()), &[]);
        assert_eq!((after.segments().len(), kept(&before, &after)), (1, 1));
        assert!(before.rows().all(|row| map.get(row) == Some(row)));
    }

    #[test]
    fn a_new_token_in_front_of_all_shifts_pages_and_copies_none() {
        let mut now = tokens();
        now.insert(0, crate::domain::token::tests::token("tk-new", "new"));
        let before = loaded(&tokens());
        let (after, _) = before.replace(&prod(), pages(&now), &[]);
        assert_eq!((kept(&before, &after), shown(&after)), (1, now));
    }

    #[test]
    fn what_the_list_says_anew_is_taken() {
        let before = loaded(&tokens());
        for at in [0, 9, 10, 55, 99] {
            let mut now = tokens();
            now[at].last_used = LastUse::At("2026-01-01T00:00:00Z".parse().expect("a moment"));
            now.remove((at + 50) % 100);
            let (after, map) = before.replace(&prod(), pages(&now), &[]);
            assert_eq!(shown(&after), now);
            let rows: Vec<_> = before.rows().filter_map(|row| Some((before.key(row)?, map.get(row)?))).collect();
            assert!(rows.len() == 99 && rows.iter().all(|(key, row)| after.key(*row).as_ref() == Some(key)));
        }
    }

    #[test]
    fn a_row_that_was_changed_here_is_what_the_list_says() {
        let before = loaded(&tokens());
        let changed = Token { label: "changed".into(), ..tokens()[5].clone() };
        let (before, _) = before.put(&prod(), &changed);
        let (after, _) = before.replace(&prod(), pages(&tokens()), &[]);
        assert_eq!(shown(&after), tokens());
    }
}
