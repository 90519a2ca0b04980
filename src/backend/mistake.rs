//! What is wrong in a description, where, and what would be right.

use std::fmt;

/// One mistake in a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file it is in, as it was named by the caller.
    pub file: String,
    /// The line, counting from 1.
    pub line: usize,
    /// The key, with the tables it stands in: `list.query.limit`; empty for a mistake of the whole file.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub hint: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}; {}", self.message, self.hint)
    }
}

/// The mistakes found so far in one file.
pub(super) struct Mistakes<'t> {
    file: &'t str,
    text: &'t str,
    found: Vec<Mistake>,
}

impl<'t> Mistakes<'t> {
    /// Starts with none.
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, found: Vec::new() }
    }

    /// Adds one that begins `offset` bytes into the file.
    pub(super) fn add(&mut self, offset: usize, key: &str, wrong: Wrong) {
        let before = self.text.as_bytes().get(..offset).unwrap_or(self.text.as_bytes());
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let Wrong { message, hint } = wrong;
        // What a file says is somebody's text: a name in it must not reach a terminal as it is.
        let shown = |text: &str| crate::domain::escape(text).into_owned();
        self.found.push(Mistake {
            file: self.file.to_owned(),
            line,
            key: shown(key),
            message: shown(&message),
            hint: shown(&hint),
        });
    }

    /// Returns them in the order of the file.
    pub(super) fn into_sorted(mut self) -> Vec<Mistake> {
        self.found.sort_by(|a, b| (a.line, &a.key).cmp(&(b.line, &b.key)));
        self.found
    }
}

/// What is wrong with a value, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    /// What is wrong.
    pub(super) message: String,
    /// What would be right.
    pub(super) hint: String,
}

impl Wrong {
    /// Makes one.
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}
