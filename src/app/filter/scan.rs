//! Which rows of a segment match the query, whatever their status.

use std::ops::Range;

use super::{FilterJob, View};
use crate::app::inventory::{Changed, Segment};
use crate::domain::{Bits, Bound, Moments, Query, Search, Stamp, Test, Verdict, When, fold, index};

/// One row in this many, or fewer, are looked at one by one.
const SPARSE: usize = 16;

/// What a former view says of the rows it knew.
#[derive(Debug)]
pub(super) struct Known<'a> {
    view: &'a View,
    how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// The query is the same: so is the answer.
    Same,
    /// The query is narrower: what did not match will not.
    Narrower,
}

impl<'a> Known<'a> {
    /// Returns what the former view of a job is good for; `None` for nothing.
    pub(super) fn of(job: &'a FilterJob) -> Option<Self> {
        let view = job.previous.as_deref()?;
        job.inventory.changed_since(view.epoch(), view.generation())?;
        let former = view.query();
        let how = if **former == *job.query {
            How::Same
        } else if job.query.narrows_but_status(former) {
            How::Narrower
        } else {
            return None;
        };
        Some(Self { view, how })
    }

    /// Returns how many rows were known.
    pub(super) fn numbers(&self) -> usize {
        self.view.numbers()
    }
}

/// The rows that match, counted from the first of those that were looked at.
#[derive(Debug)]
pub(super) struct Matches {
    /// Those that match.
    pub(super) hits: Bits,
    /// The same and those that only fail a comparison with a time that is never or unknown.
    pub(super) almost: Bits,
}

/// Returns the rows of a segment that match; those that were changed are not looked at.
pub(super) fn matches(segment: &Segment, rows: Range<usize>, query: &Query, known: Option<&Known<'_>>) -> Matches {
    let first = index(segment.start) + rows.start;
    let known = known.filter(|known| first < known.numbers());
    let almost = match known {
        Some(Known { view, how: How::Same }) => {
            return Matches {
                hits: view.hits().part(first, rows.len()),
                almost: view.almost().part(first, rows.len()),
            };
        }
        Some(Known { view, how: How::Narrower }) => view.almost().part(first, rows.len()),
        None => Bits::all(rows.len()),
    };
    Scan { segment, rows, almost, compared: Vec::new() }.run(query)
}

/// Returns whether a changed row matches.
pub(super) fn verdict(segment: &Segment, query: &Query, change: &Changed) -> Verdict {
    match change {
        Changed::Token(token) => query.accepts_but_status(segment.page.context(), token),
        Changed::Hidden(_) => Verdict::No,
    }
}

struct Scan<'a> {
    segment: &'a Segment,
    rows: Range<usize>,
    almost: Bits,
    compared: Vec<(&'a Moments, Bound)>,
}

impl<'a> Scan<'a> {
    fn run(mut self, query: &'a Query) -> Matches {
        let page = &*self.segment.page;
        for term in query.terms() {
            match &term.test {
                Test::Status(_) => {}
                Test::Text(scope, word) => self.search(&page.search(word, *scope), term.negated),
                Test::Context(word) => {
                    if fold(page.context().as_str()).contains(&**word) == term.negated {
                        self.almost = Bits::none(self.rows.len());
                    }
                }
                Test::Time(when, bound) => self.compare(*when, *bound, term.negated),
            }
        }
        let mut hits = self.almost.clone();
        for (column, bound) in &self.compared {
            hits.and(&within(column, self.rows.clone(), *bound));
        }
        Matches { hits, almost: self.almost }
    }

    fn search(&mut self, search: &Search<'_>, negated: bool) {
        let first = self.rows.start;
        if self.almost.count() * SPARSE < self.rows.len() {
            self.almost.retain(|row| search.at(first + row) != negated);
        } else {
            let found = search.among(self.rows.clone());
            self.almost.and(&if negated { found.inverse() } else { found });
        }
    }

    fn compare(&mut self, when: When, bound: Bound, negated: bool) {
        let [created, used, expires] = self.segment.page.moments();
        let column = match when {
            When::Created => created,
            When::Used => used,
            When::Expires => expires,
        };
        let within = within(column, self.rows.clone(), bound);
        if negated {
            self.almost.and(&within.inverse());
        } else if matches!(bound, Bound::Never | Bound::Unknown) {
            self.almost.and(&within);
        } else {
            let mut either = column.between(self.rows.clone(), Stamp::UNKNOWN, None);
            either.or(&within);
            self.almost.and(&either);
            self.compared.push((column, bound));
        }
    }
}

/// Returns which of some rows have a time that a bound matches.
fn within(column: &Moments, rows: Range<usize>, bound: Bound) -> Bits {
    let (from, until) = match bound {
        Bound::Before(moment) => (Stamp::FIRST, Some(Stamp::of(moment))),
        Bound::After(moment) => (Stamp::of(moment).next(), Some(Stamp::UNKNOWN)),
        Bound::Unknown => (Stamp::UNKNOWN, Some(Stamp::NEVER)),
        Bound::Never => (Stamp::NEVER, None),
    };
    column.between(rows, from, until)
}
