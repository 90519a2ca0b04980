//! A refresh: the rows of one context are replaced by a new list, and old rows are found again in it.

use std::sync::Arc;

use super::segment::{Changed, Segment};
use super::slice::{self, Slice};
use super::{Inventory, Row, RowRef};
use crate::domain::{ContextName, Page, Sought, State, Token, index, number};

/// Replaces the rows of a context. Pure, and slow enough to be run off the loop.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplaceJob {
    /// What is shown now.
    pub inventory: Inventory,
    /// Whose rows are replaced.
    pub context: ContextName,
    /// The new list.
    pub pages: Vec<Slice>,
    /// Tokens revoked from here: those that the new list does not have stay visible, as revoked.
    pub keep: Vec<Token>,
}

/// New rows, and where the old ones are among them, for [`Inventory::adopt_replaced`].
#[derive(Debug, Clone, PartialEq)]
pub struct Replaced {
    context: ContextName,
    generation: u64,
    epoch: u64,
    numbers: u32,
    pages: Vec<Arc<Page>>,
    /// For each old row of the context, in order, its place among the new ones.
    places: Vec<Option<Place>>,
}

/// The place of a row among the new rows of its context. Its last value is not used, so that an absent one needs no
/// room of its own.
type Place = std::num::NonZeroU32;

/// From the rows of an inventory before a replacement to those after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowMap {
    /// Old rows behind one another, each with where they went.
    runs: Vec<Run>,
    places: Vec<Option<Place>>,
    /// Where the new rows of the context begin.
    start: u32,
    /// Rows that came or were changed while the job ran.
    late: Vec<(Row, Row)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    from: u32,
    to: Went,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Went {
    /// The same rows, from this number on.
    Along(u32),
    /// To where `places` says, from this place in it on.
    Sorted(usize),
}

impl RowMap {
    /// Returns the number that a row has now; `None` when it is not there any more.
    pub fn get(&self, old: Row) -> Option<Row> {
        if let Some((_, new)) = self.late.iter().find(|(late, _)| *late == old) {
            return Some(*new);
        }
        let at = self.runs.partition_point(|run| run.from <= old.0).checked_sub(1)?;
        let run = self.runs.get(at)?;
        let step = old.0 - run.from;
        match run.to {
            Went::Along(start) => Some(Row(start + step)),
            Went::Sorted(first) => {
                let place = self.places.get(first + index(step)).copied().flatten()?;
                Some(Row(self.start + place.get() - 1))
            }
        }
    }
}

impl ReplaceJob {
    /// Finds the old rows among the new ones.
    pub fn run(self) -> Replaced {
        let Self { inventory, context, pages, keep } = self;
        let mut new = Inventory::new();
        for page in slice::joined(&context, pages) {
            new = new.extend(page);
        }
        let gone = |token: &&Token| new.find(&token.key(&context)).is_none();
        let kept: Vec<Token> =
            keep.iter().filter(gone).map(|token| Token { state: State::Revoked, ..token.clone() }).collect();
        let new = new.extend(Arc::new(Page::from_tokens(&context, &kept)));
        let mut places = Vec::new();
        let mut finder = Finder { new: &new, last: 0 };
        for segment in inventory.segments.iter().filter(|segment| *segment.page.context() == context) {
            places.extend((0..segment.page.len()).map(|at| {
                let found = segment.is_visible(at).then(|| finder.find(segment.row(at))).flatten();
                found.and_then(|row| Place::new(row.0 + 1))
            }));
        }
        Replaced {
            context,
            generation: inventory.generation,
            epoch: inventory.epoch,
            numbers: inventory.rows,
            pages: new.segments.iter().map(|segment| segment.page.clone()).collect(),
            places,
        }
    }
}

/// Finds rows of an old list in a new one, which mostly has them in the same order.
struct Finder<'a> {
    new: &'a Inventory,
    /// The segment that had the row before.
    last: usize,
}

impl Finder<'_> {
    fn find(&mut self, old: RowRef<'_>) -> Option<Row> {
        let (id, created) = (old.id(), old.created());
        let segments = &self.new.segments;
        let id = &Sought::new(id.raw());
        for step in 0..segments.len() {
            let at = (self.last + step) % segments.len();
            let segment = &segments[at];
            if let Some(row) = segment.page.find(id, |row| segment.page.created(row) == created) {
                self.last = at;
                return Some(segment.number(row));
            }
        }
        None
    }
}

impl Inventory {
    /// Returns the inventory with the new rows of a context in the place of the old ones, and where each row went.
    /// What was changed or came while the job ran is put again over the new rows. `None` when another replacement
    /// was adopted meanwhile, or a merge took in what was changed: the job must be run again.
    pub fn adopt_replaced(&self, replaced: &Replaced) -> Option<(Self, RowMap)> {
        let is_told_apart = (self.forgotten..=self.generation).contains(&replaced.generation);
        if replaced.epoch != self.epoch || !is_told_apart {
            return None;
        }
        let mut next = Self { segments: Arc::default(), rows: 0, hidden: 0, ..self.clone() };
        next.generation += 1;
        next.epoch += 1;
        let mut map = RowMap { runs: Vec::new(), places: replaced.places.clone(), start: 0, late: Vec::new() };
        let mut first = 0;
        let mut is_placed = false;
        for segment in self.segments.iter() {
            if *segment.page.context() == replaced.context {
                if !is_placed {
                    map.start = next.append_pages(&replaced.pages);
                    is_placed = true;
                }
                map.runs.push(Run { from: segment.start, to: Went::Sorted(first) });
                first += segment.page.len();
            } else {
                map.runs.push(Run { from: segment.start, to: Went::Along(next.rows) });
                let hidden = segment.changes().filter(|(_, change)| matches!(change.to, Changed::Hidden(_))).count();
                let start = next.rows;
                next.hidden += number(hidden);
                next.rows += number(segment.page.len());
                Arc::make_mut(&mut next.segments).push(segment.moved(start));
            }
        }
        if !is_placed {
            map.start = next.append_pages(&replaced.pages);
        }
        for (row, token) in self.late(replaced) {
            let (put, new) = next.put(&replaced.context, &token);
            next = put;
            map.late.push((row, new));
        }
        Some((next, map))
    }

    /// Replaces the rows of a context: a [`ReplaceJob`], run and adopted at once.
    #[must_use]
    pub fn replace(&self, context: &ContextName, pages: Vec<Arc<Page>>, keep: &[Token]) -> (Self, RowMap) {
        let pages = pages.into_iter().filter(|page| page.context() == context);
        let pages = pages.flat_map(|page| self.share(page)).collect();
        let job = ReplaceJob { inventory: self.clone(), context: context.clone(), pages, keep: keep.to_vec() };
        let nothing = || RowMap { runs: Vec::new(), places: Vec::new(), start: 0, late: Vec::new() };
        self.adopt_replaced(&job.run()).unwrap_or_else(|| (self.clone(), nothing()))
    }

    /// Appends pages; returns where they begin.
    fn append_pages(&mut self, pages: &[Arc<Page>]) -> u32 {
        let start = self.rows;
        for page in pages {
            Arc::make_mut(&mut self.segments).push(Segment::new(page.clone(), self.rows));
            self.rows += number(page.len());
        }
        start
    }

    /// Returns the rows of a context that came or were changed since a job was made.
    fn late(&self, replaced: &Replaced) -> Vec<(Row, Token)> {
        let mut late = Vec::new();
        for segment in self.segments.iter().filter(|segment| *segment.page.context() == replaced.context) {
            for at in 0..segment.page.len() {
                if segment.number(at).0 >= replaced.numbers && segment.is_visible(at) {
                    late.push((segment.number(at), segment.row(at).token()));
                }
            }
            for (at, change) in segment.changes() {
                let is_old = segment.number(at).0 < replaced.numbers;
                if let (true, true, Changed::Token(token)) =
                    (is_old, change.generation > replaced.generation, &change.to)
                {
                    late.push((segment.number(at), Token::clone(token)));
                }
            }
        }
        late
    }
}
