//! Many small segments become few large ones; no row number changes.

use std::sync::Arc;

use super::Inventory;
use super::segment::{Changed, Segment};
use crate::domain::{ContextName, Page, PageBuilder, Token, index};

/// The most rows of a merged segment: large enough that a million rows are few segments, small enough that merging
/// one, with its sources still there, needs little room.
pub(super) const LARGE: usize = 32_768;

/// As many segments that are full while more rows come are merged then and there.
const FULL: usize = 5;

/// As many segments that could be spared, or changed rows, are worth a merge.
const WORTH_SEGMENTS: usize = 16;
const WORTH_CHANGES: usize = 1024;

/// Merges the small segments of an inventory. Pure, and slow enough to be run off the loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeJob {
    /// What is merged.
    pub inventory: Inventory,
}

/// Whether more rows are coming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// They are, and the processor has better to do than merging a few.
    Loading,
    /// They are not.
    AtRest,
}

/// What was merged, for [`Inventory::adopt`].
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    generation: u64,
    parts: Vec<Part>,
}

/// Segments and the page that they became.
#[derive(Clone)]
struct Part {
    sources: Vec<Segment>,
    page: Arc<Page>,
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.page, &other.page)
    }
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Part({} segments, {:?})", self.sources.len(), self.page)
    }
}

impl MergeJob {
    /// Merges.
    pub fn run(self) -> Merged {
        let part = |sources: &[Segment]| {
            let context = sources.first()?.page.context();
            Some(Part { page: Arc::new(merge(context, sources)), sources: sources.to_vec() })
        };
        let parts = groups(&self.inventory.segments).into_iter().filter_map(part).collect();
        Merged { generation: self.inventory.generation, parts }
    }
}

impl Inventory {
    /// Tells whether a merge is worth its while.
    pub fn wants_merge(&self) -> bool {
        let groups = groups(&self.segments);
        let spared: usize = groups.iter().map(|group| group.len() - 1).sum();
        let tokens = groups.iter().flat_map(|group| group.iter()).flat_map(tokens);
        spared >= WORTH_SEGMENTS || tokens.count() >= WORTH_CHANGES
    }

    /// Returns the rows that are to be merged next, for a [`MergeJob`]: one large segment at a time, so that there is
    /// never much that is there twice. `None` where no merge is worth its while.
    pub fn next_merge(&self, pace: Pace) -> Option<Self> {
        let groups = groups(&self.segments);
        let full = groups.len().saturating_sub(1);
        let is_due = match pace {
            Pace::AtRest => self.wants_merge(),
            Pace::Loading => full >= FULL,
        };
        let group = groups.first().filter(|_| is_due)?;
        Some(Self { segments: Arc::new(group.to_vec()), ..self.clone() })
    }

    /// Returns the same rows with what was merged in the place of its sources. What came since stays: appended
    /// pages, and changes of rows that were merged. Segments that are not there any more are left as they are.
    #[must_use]
    pub fn adopt(&self, merged: &Merged) -> Self {
        let mut next = self.clone();
        for part in &merged.parts {
            next.adopt_part(part);
        }
        next
    }

    /// Returns the same rows in fewer, larger segments.
    #[must_use]
    pub fn merged(&self) -> Self {
        self.adopt(&MergeJob { inventory: self.clone() }.run())
    }

    fn adopt_part(&mut self, part: &Part) {
        let segments = Arc::make_mut(&mut self.segments);
        let is_first =
            |segment: &Segment| part.sources.first().is_some_and(|first| Arc::ptr_eq(&first.page, &segment.page));
        let Some(from) = segments.iter().position(is_first) else { return };
        let Some(current) = segments.get(from..from + part.sources.len()) else { return };
        if !current.iter().zip(&part.sources).all(|(now, then)| Arc::ptr_eq(&now.page, &then.page)) {
            return;
        }
        let Some(start) = current.first().map(|segment| segment.start) else { return };
        let mut large = Segment::new(part.page.clone(), start);
        let mut forgotten = self.forgotten;
        for (now, then) in current.iter().zip(&part.sources) {
            let base = index(now.start - start);
            let nothing_new = now.is(then);
            for (at, change) in now.changes() {
                if nothing_new && matches!(change.to, Changed::Token(_)) {
                    forgotten = forgotten.max(change.generation);
                } else {
                    large.set(base + at, change.generation, change.to.clone());
                }
            }
        }
        self.forgotten = forgotten;
        segments.splice(from..from + part.sources.len(), [large]);
    }
}

/// Returns which neighbours could be one segment: of one context, and together not too large; and single ones that
/// were changed a lot.
fn groups(segments: &[Segment]) -> Vec<&[Segment]> {
    let mut groups = Vec::new();
    let mut from = 0;
    while let Some(first) = segments.get(from) {
        let mut rows = first.page.len();
        let mut to = from + 1;
        while let Some(next) = segments.get(to).filter(|next| next.page.context() == first.page.context()) {
            rows += next.page.len();
            if rows > LARGE {
                break;
            }
            to += 1;
        }
        if to - from > 1 || tokens(first).nth(WORTH_CHANGES / 16).is_some() {
            groups.push(&segments[from..to]);
        }
        from = to;
    }
    groups
}

/// Returns one page of all rows, those that were changed as they are now.
fn merge(context: &ContextName, segments: &[Segment]) -> Page {
    let mut builder = PageBuilder::joining(context.clone(), segments.iter().map(|segment| &*segment.page));
    for segment in segments {
        let mut from = 0;
        for (at, token) in tokens(segment) {
            builder.append(&segment.page, from..at);
            builder.push_token(token);
            from = at + 1;
        }
        builder.append(&segment.page, from..segment.page.len());
    }
    builder.finish()
}

/// Returns the rows that were changed to another token.
fn tokens(segment: &Segment) -> impl Iterator<Item = (usize, &Token)> {
    segment.changes().filter_map(|(at, change)| match &change.to {
        Changed::Token(token) => Some((at, &**token)),
        Changed::Hidden(over) => over.as_deref().map(|token| (at, token)),
    })
}
