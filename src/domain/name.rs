//! Names and ids: each is made by parsing only.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// The reason why text is not the name it was to be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} {why}")]
pub struct InvalidName {
    what: &'static str,
    why: &'static str,
}

/// The id of a token at its backend. Not its secret.
///
/// Never empty, never `.` or `..`, no control characters, at most 512 bytes: what is left can stand in a
/// path segment without changing where a request goes (the path builder proves it again).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(Arc<str>);

impl InvalidName {
    /// Says what is not lawful, and why.
    pub(super) const fn new(what: &'static str, why: &'static str) -> Self {
        Self { what, why }
    }
}

impl TokenId {
    /// The longest id taken, in bytes.
    pub const MAX_BYTES: usize = 512;

    /// Takes an id as a backend gave it.
    ///
    /// # Errors
    /// When it is empty, a dot segment, too long or has control characters in it.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        Self::check(text).map(|()| Self(text.into()))
    }

    /// Tells whether text is an id, without taking it.
    ///
    /// # Errors
    /// As [`TokenId::parse`].
    pub fn check(text: &str) -> Result<(), InvalidName> {
        let invalid = |why| Err(InvalidName { what: "token id", why });
        match text {
            "" => invalid("is empty"),
            "." | ".." => invalid("is a dot segment"),
            _ if text.len() > Self::MAX_BYTES => invalid("is over 512 bytes long"),
            _ if text.chars().any(char::is_control) => invalid("has control characters"),
            _ => Ok(()),
        }
    }

    /// Takes text that was an id before: a column gives back what was put in.
    pub(super) fn again(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the id as the backend gave it: for requests and comparisons.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Returns the id as it may be shown.
    pub fn shown(&self) -> std::borrow::Cow<'_, str> {
        super::escape(&self.0)
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown())
    }
}

impl fmt::Debug for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenId({self})")
    }
}

/// The name of a context in the configuration: 1 to 32 of `a-z A-Z 0-9 . _ -`, not beginning with `-` or `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextName(Arc<str>);

impl ContextName {
    /// Takes a name.
    ///
    /// # Errors
    /// When it is empty, over 32 bytes, or has other characters.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let invalid = |why| Err(InvalidName { what: "context name", why });
        let lawful = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        match text.as_bytes() {
            [] => invalid("is empty"),
            [b'-' | b'.', ..] => invalid("begins with a dash or a dot"),
            bytes if bytes.len() > 32 => invalid("is over 32 characters long"),
            bytes if !bytes.iter().copied().all(lawful) => invalid("may have letters, digits, '.', '_' and '-' only"),
            _ => Ok(Self(text.into())),
        }
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContextName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Scheme, host and port of a backend, as `https://host:port`. Credentials are bound to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(Arc<str>);

impl Origin {
    /// Takes what the URL parser of the backend layer made of a context's URL.
    pub fn new(ascii: &str) -> Self {
        Self(ascii.into())
    }

    /// Returns `https://host:port`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The number of an operation in flight; never used twice in one run of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// Where a page of a list begins, in the backend's own words.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cursor(Arc<Place>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    /// The backend's word; empty for the first page of a parent.
    word: Box<str>,
    /// How many rows stand before it, where pages are counted.
    before: u64,
    /// The parent whose tokens the page holds; `None` in a list that is read in one piece.
    parent: Option<Box<str>>,
}

impl Cursor {
    /// Takes a cursor as the backend gave it; `None` for an empty one, which means the end.
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(Arc::new(Place { word: text.into(), before: 0, parent: None })))
    }

    /// Makes the beginning of what belongs to a parent.
    pub fn of_parent(parent: &str) -> Self {
        Self(Arc::new(Place { word: "".into(), before: 0, parent: Some(parent.into()) }))
    }

    /// Makes the cursor of a later page of the same list, before which `before` rows stand.
    #[must_use]
    pub fn onward(from: Option<&Self>, word: &str, before: u64) -> Self {
        let parent = from.and_then(|from| from.0.parent.clone());
        Self(Arc::new(Place { word: word.into(), before, parent }))
    }

    /// Returns the backend's word; empty for the first page of a parent.
    pub fn raw(&self) -> &str {
        &self.0.word
    }

    /// Returns how many rows stand before the page, where pages are counted.
    pub fn before(&self) -> u64 {
        self.0.before
    }

    /// Returns the parent whose tokens the page holds.
    pub fn parent(&self) -> Option<&str> {
        self.0.parent.as_deref()
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cursor({} bytes)", self.0.word.len())
    }
}

/// A name for one attempt to create something, so that the backend and we can recognise it again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Nonce(Arc<str>);

impl Nonce {
    /// Takes random text made by the runtime.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_move_a_path_are_refused() {
        for text in ["", ".", "..", "a\tb", "a\nb", "\u{85}", &"x".repeat(513)] {
            assert!(TokenId::parse(text).is_err(), "{text:?}");
        }
        for text in ["7", "a/b", "...", "%2e%2e", "日本", "a b"] {
            assert!(TokenId::parse(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn context_names_are_plain() {
        for text in ["prod", "eu-1", "a.b_c"] {
            assert!(ContextName::parse(text).is_ok(), "{text:?}");
        }
        for text in ["", "-x", ".x", "a b", "ä", "a/b", &"x".repeat(33)] {
            assert!(ContextName::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_empty_cursor_is_the_end() {
        assert_eq!(Cursor::new(""), None);
    }
}
