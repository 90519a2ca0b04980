//! What a list answered, before it becomes columns.

use std::fmt;

use crate::domain::Cursor;

/// A page as it came, with what has to be asked next already known. Decoded off the loop.
pub struct RawPage {
    /// Where this page begins; `None` for the first.
    pub at: Option<Cursor>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
    /// What is to be asked for each of its rows, where they are parents or bare ids.
    pub below: Vec<Cursor>,
    /// What the body holds.
    pub holds: Holds,
    /// The body, wiped when the page goes: a list may hold secrets that the decoder drops.
    pub body: zeroize::Zeroizing<Vec<u8>>,
}

impl RawPage {
    /// Takes a page of tokens of a list that is read in one piece.
    pub fn of_rows(next: Option<Cursor>, body: impl Into<zeroize::Zeroizing<Vec<u8>>>) -> Self {
        Self { at: None, next, below: Vec::new(), holds: Holds::Rows, body: body.into() }
    }
}

/// What the body of a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A list of tokens.
    Rows,
    /// One token.
    One,
    /// No token: an empty list, parents, or what vanished between two questions.
    Nothing,
}

impl PartialEq for RawPage {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
            && self.next == other.next
            && self.below == other.below
            && self.holds == other.holds
            && self.body == other.body
    }
}

impl Eq for RawPage {}

impl fmt::Debug for RawPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = if self.next.is_some() { "more follow" } else { "last" };
        match self.below.len() {
            0 => write!(f, "RawPage({} bytes, {more})", self.body.len()),
            below => write!(f, "RawPage({} bytes, {more}, {below} below)", self.body.len()),
        }
    }
}
