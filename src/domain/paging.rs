//! Reading a list to its end, and knowing when a backend leads round in circles.

use std::collections::HashSet;

use super::Cursor;

/// How far the reading of one list has come.
///
/// The next page is asked for before the last one is decoded, so there are two questions: where the next
/// page is ([`Progress::advance`]), and whether the rows that came are news ([`Progress::decoded`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    seen: HashSet<Cursor>,
    pages: u32,
    barren: u32,
    cap: u32,
}

/// What follows a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advance {
    /// Another one.
    Continue(Cursor),
    /// Nothing: the list is whole.
    End,
    /// Nothing: the list cannot be read further, and is not whole.
    Partial(Partial),
}

/// Why a list is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partial {
    /// The backend named a page that was read before.
    Circle,
    /// Pages kept coming without a token that was not there yet.
    NothingNew,
    /// The backend kept naming further pages.
    TooManyPages(u32),
}

impl Partial {
    /// Returns the reason in words, without a full stop.
    pub fn words(self) -> String {
        match self {
            Self::Circle => "the backend leads back to a page that was read before".to_owned(),
            Self::NothingNew => "the backend names further pages that hold nothing new".to_owned(),
            Self::TooManyPages(cap) => format!("the backend names more than {cap} pages"),
        }
    }
}

impl Progress {
    /// The most pages read of one list: at 1,000 rows a page, ten times the million rows it is made for.
    pub const MAX_PAGES: u32 = 10_000;

    /// Starts a list, of which at most `cap` pages are read.
    pub fn new(cap: u32) -> Self {
        Self { seen: HashSet::new(), pages: 0, barren: 0, cap }
    }

    /// Tells what follows a page that came with `next`.
    pub fn advance(&mut self, next: Option<&Cursor>) -> Advance {
        self.pages = self.pages.saturating_add(1);
        match next {
            None => Advance::End,
            Some(cursor) if self.seen.contains(cursor) => Advance::Partial(Partial::Circle),
            Some(_) if self.pages >= self.cap => Advance::Partial(Partial::TooManyPages(self.cap)),
            Some(cursor) => {
                self.seen.insert(cursor.clone());
                Advance::Continue(cursor.clone())
            }
        }
    }

    /// Tells whether to stop after a page of `rows` rows, `new` of them not seen before; `Last` pages never do.
    ///
    /// A page of known rows only is a shifted or repeated list and ends it at once. One empty page may be a
    /// filter at work behind the cursor; a second one in a row ends it.
    pub fn decoded(&mut self, rows: usize, new: usize, place: Place) -> Option<Partial> {
        if new > 0 {
            self.barren = 0;
            return None;
        }
        self.barren += 1;
        let stop = place == Place::MoreFollow && (rows > 0 || self.barren > 1);
        stop.then_some(Partial::NothingNew)
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new(Self::MAX_PAGES)
    }
}

/// Where a page stands in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The backend named a next one.
    MoreFollow,
    /// It is the last.
    Last,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(text: &str) -> Cursor {
        Cursor::new(text).expect("not empty")
    }

    /// Follows a backend that answers with these cursors in turn, and returns how many pages were read.
    fn follow(cursors: &[&str], cap: u32) -> (usize, Advance) {
        let mut progress = Progress::new(cap);
        for (page, text) in cursors.iter().enumerate() {
            match progress.advance(Cursor::new(text).as_ref()) {
                Advance::Continue(next) => assert_eq!(next.raw(), *text),
                end @ (Advance::End | Advance::Partial(_)) => return (page + 1, end),
            }
        }
        (cursors.len(), Advance::Continue(cursor("unfinished")))
    }

    #[test]
    fn circles_end_after_one_page_too_many() {
        let circle = Advance::Partial(Partial::Circle);
        for (cursors, cap, pages, end) in [
            (&["a", "b", ""][..], 9, 3, Advance::End),
            (&[""], 1, 1, Advance::End),
            (&["a", "a", "a"], 9, 2, circle.clone()),
            (&["a", "b", "a", "b"], 9, 3, circle.clone()),
            (&["a", "b", "c", "d", "e", "f", "g", "a"], 9, 8, circle.clone()),
            (&["1", "2", "3", "4", "5"], 4, 4, Advance::Partial(Partial::TooManyPages(4))),
        ] {
            assert_eq!(follow(cursors, cap), (pages, end), "{cursors:?}");
        }
    }

    #[test]
    fn pages_without_news_end_the_list() {
        use Place::{Last, MoreFollow};
        for (pages, stop) in [
            (&[(1000, 1000, MoreFollow), (1000, 1000, MoreFollow), (3, 3, Last)][..], None),
            (&[(1000, 1000, MoreFollow), (1000, 0, MoreFollow)], Some(Partial::NothingNew)),
            (&[(1000, 1000, MoreFollow), (0, 0, MoreFollow), (5, 5, Last)], None),
            (&[(0, 0, MoreFollow), (0, 0, MoreFollow)], Some(Partial::NothingNew)),
            (&[(1000, 1000, MoreFollow), (1000, 1, MoreFollow)], None),
            (&[(0, 0, Last)], None),
            (&[(1000, 1000, MoreFollow), (1000, 0, Last)], None),
        ] {
            let mut progress = Progress::default();
            let verdicts = pages.iter().map(|&(rows, new, place)| progress.decoded(rows, new, place));
            assert_eq!(verdicts.last().flatten(), stop, "{pages:?}");
        }
    }
}
