//! The query line, as a value.

mod parse;
mod term;
#[cfg(test)]
mod tests;
mod time;

use std::fmt;

pub use parse::QueryError;
pub use term::{Bound, Term, Test, When};
pub use time::since;

use super::{ContextName, Status, Token};

/// What the query line asks for: all its terms must match. The empty query matches everything.
///
/// Ages were turned into moments when it was parsed, so that it means the same until it is parsed again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    terms: Vec<Term>,
}

/// Whether a row is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A term does not match.
    No,
    /// Every term matches but comparisons with a time that is never or unknown.
    LeftOut,
    /// Every term matches.
    Yes,
}

impl Query {
    /// Returns the terms in the order in which they were typed.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Tells whether everything matches.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Tells whether a token matches that has this status now.
    pub fn accepts(&self, context: &ContextName, token: &Token, status: Status) -> Verdict {
        let status = if self.accepts_status(status) { Verdict::Yes } else { Verdict::No };
        self.accepts_but_status(context, token).min(status)
    }

    /// Tells whether a token's status is one that the query asks for.
    pub fn accepts_status(&self, status: Status) -> bool {
        self.terms.iter().all(|term| match &term.test {
            Test::Status(asked) => (*asked == status) != term.negated,
            Test::Text(..) | Test::Context(_) | Test::Time(..) => true,
        })
    }

    /// Tells whether rows of a context can match.
    pub fn admits(&self, context: &ContextName) -> bool {
        self.terms.iter().all(|term| term.admits(context))
    }

    /// Tells whether every row that matches this query also matches `previous`: sound, not complete. The answer
    /// does not depend on the status of the row.
    pub fn narrows(&self, previous: &Self) -> bool {
        previous.terms.iter().all(|weaker| self.terms.iter().any(|stronger| stronger.implies(weaker)))
    }

    /// The same of all terms but those on status, which change with time.
    pub(crate) fn narrows_but_status(&self, previous: &Self) -> bool {
        previous
            .terms
            .iter()
            .filter(|term| !matches!(term.test, Test::Status(_)))
            .all(|weaker| self.terms.iter().any(|stronger| stronger.implies(weaker)))
    }

    /// Tells whether all terms match that are not on status.
    pub(crate) fn accepts_but_status(&self, context: &ContextName, token: &Token) -> Verdict {
        self.terms.iter().map(|term| term.verdict(context, token)).min().unwrap_or(Verdict::Yes)
    }
}

/// Writes the terms in their plainest form; parsing it again gives an equal query.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, term) in self.terms.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            term.fmt(f)?;
        }
        Ok(())
    }
}
