//! A page as it came.

use std::fmt;

use crate::domain::Cursor;

/// A page as it came, with the place of the next one already known. Decoded off the loop.
pub struct RawPage {
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
    /// The body, wiped when the page goes: a list may hold secrets that the decoder drops.
    pub body: zeroize::Zeroizing<Vec<u8>>,
}

impl PartialEq for RawPage {
    fn eq(&self, other: &Self) -> bool {
        self.next == other.next && self.body == other.body
    }
}

impl Eq for RawPage {}

impl fmt::Debug for RawPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawPage({} bytes, {})", self.body.len(), if self.next.is_some() { "more follow" } else { "last" })
    }
}
