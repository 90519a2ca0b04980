//! One term of a query: what it asks, which rows match, and which other terms follow from it.

use std::fmt;

use jiff::Timestamp;

use super::Verdict;
use crate::domain::{ContextName, Scope, Stamp, Status, Token, Untrusted, fold};

/// One term of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Whether it asks for the rows that `test` does not match.
    pub negated: bool,
    /// What is asked.
    pub test: Test,
}

/// What a term asks of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// A field that has this lowered word in it.
    Text(Scope, Box<str>),
    /// A context whose lowered name has this word in it.
    Context(Box<str>),
    /// This status.
    Status(Status),
    /// A time on this side.
    Time(When, Bound),
}

/// The times of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// When it was created.
    Created,
    /// When it was last used.
    Used,
    /// When it stops by itself.
    Expires,
}

/// Where a time must lie. Never and unknown are neither before nor after anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Before this moment.
    Before(Timestamp),
    /// After this moment.
    After(Timestamp),
    /// Reported, and there is none.
    Never,
    /// Not reported.
    Unknown,
}

impl Bound {
    /// Tells whether a time matches; `None` for one that cannot be compared.
    pub fn matches(self, time: Stamp) -> Option<bool> {
        match self {
            Self::Before(moment) => time.is_moment().then(|| time < Stamp::of(moment)),
            Self::After(moment) => time.is_moment().then(|| time > Stamp::of(moment)),
            Self::Never => Some(time == Stamp::NEVER),
            Self::Unknown => Some(time == Stamp::UNKNOWN),
        }
    }

    fn implies(self, weaker: Self) -> bool {
        match (self, weaker) {
            (Self::Before(this), Self::Before(other)) => this <= other,
            (Self::After(this), Self::After(other)) => this >= other,
            _ => self == weaker,
        }
    }
}

impl Term {
    /// Tells whether rows of a context can match.
    pub(super) fn admits(&self, context: &ContextName) -> bool {
        match &self.test {
            Test::Context(word) => fold(context.as_str()).contains(&**word) != self.negated,
            Test::Text(..) | Test::Status(_) | Test::Time(..) => true,
        }
    }

    /// Tells whether a token matches, whatever its status.
    pub(super) fn verdict(&self, context: &ContextName, token: &Token) -> Verdict {
        let matches = match &self.test {
            Test::Text(scope, word) => has_word(token, *scope, word),
            Test::Context(word) => fold(context.as_str()).contains(&**word),
            Test::Status(_) => return Verdict::Yes,
            Test::Time(when, bound) => {
                let time = match when {
                    When::Created => token.created.into(),
                    When::Used => token.last_used.into(),
                    When::Expires => token.expires.into(),
                };
                match bound.matches(time) {
                    // "Not longer ago than" holds of what was never used: nothing is left out of a negation.
                    None if !self.negated => return Verdict::LeftOut,
                    matches => matches.unwrap_or(false),
                }
            }
        };
        if matches == self.negated { Verdict::No } else { Verdict::Yes }
    }

    /// Tells whether every row that matches this term matches `weaker`; sound, not complete.
    pub(super) fn implies(&self, weaker: &Self) -> bool {
        // A row without what a longer word has part of does not have the longer word either.
        let (more, less) = if self.negated { (weaker, self) } else { (self, weaker) };
        match (&more.test, &less.test) {
            _ if self.negated != weaker.negated => {
                matches!((&self.test, &weaker.test), (Test::Status(is), Test::Status(is_not)) if weaker.negated && is != is_not)
            }
            (Test::Text(narrow, more), Test::Text(broad, less)) => {
                (narrow == broad || *broad == Scope::Anywhere) && more.contains(&**less)
            }
            (Test::Context(more), Test::Context(less)) => more.contains(&**less),
            (Test::Time(narrow, more), Test::Time(broad, less)) => {
                narrow == broad && if self.negated { more == less } else { more.implies(*less) }
            }
            (more, less) => more == less,
        }
    }
}

/// Tells whether a token has a lowered word in one of its fields.
fn has_word(token: &Token, scope: Scope, word: &str) -> bool {
    let has = |text: &str| fold(text).contains(word);
    let in_owner = || token.owner.name().is_some_and(|name| has(name.raw()));
    let in_creator = || token.creator.as_ref().is_some_and(|name| has(name.raw()));
    let in_role = || token.roles.iter().flatten().any(|role| has(role.raw()));
    let in_masked = || token.masked.as_ref().map(Untrusted::raw).is_some_and(has);
    match scope {
        Scope::Label => has(token.label.raw()),
        Scope::Id => has(token.id.raw()),
        Scope::Owner => in_owner(),
        Scope::Creator => in_creator(),
        Scope::Role => in_role(),
        Scope::Anywhere => {
            has(token.label.raw()) || has(token.id.raw()) || in_owner() || in_creator() || in_role() || in_masked()
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("-")?;
        }
        match &self.test {
            Test::Text(scope, word) => {
                f.write_str(match scope {
                    Scope::Anywhere => "",
                    Scope::Label => "label:",
                    Scope::Id => "id:",
                    Scope::Owner => "owner:",
                    Scope::Creator => "creator:",
                    Scope::Role => "role:",
                })?;
                write_word(f, word)
            }
            Test::Context(word) => {
                f.write_str("context:")?;
                write_word(f, word)
            }
            Test::Status(status) => write!(f, "status:{status}"),
            Test::Time(when, bound) => {
                f.write_str(when.word())?;
                match bound {
                    Bound::Before(moment) => write!(f, "<{moment}"),
                    Bound::After(moment) => write!(f, ">{moment}"),
                    Bound::Never => f.write_str(":never"),
                    Bound::Unknown => f.write_str(":unknown"),
                }
            }
        }
    }
}

/// Writes a word in quotes, unless it has one in it: such a word was typed without them.
fn write_word(f: &mut fmt::Formatter<'_>, word: &str) -> fmt::Result {
    if word.contains('"') { f.write_str(word) } else { write!(f, "\"{word}\"") }
}

impl When {
    /// Returns the word of the query line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Used => "used",
            Self::Expires => "expires",
        }
    }
}
