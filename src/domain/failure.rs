//! What went wrong, for a person.

use std::fmt;
use std::time::Duration;

use super::Untrusted;

/// What went wrong: `kind` drives behaviour, `hint` says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What behaviour follows from.
    pub kind: FailureKind,
    /// One sentence of ours, without a full stop.
    pub summary: String,
    /// The other side's own words; `None` where it gave none.
    pub detail: Option<Untrusted>,
    /// What to do about it, one sentence of ours.
    pub hint: String,
    /// Whether the request may have had its effect.
    pub reached: Reached,
}

/// The kinds of failure that the program tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The operator's credential is missing, wrong or dead.
    Credential,
    /// The credential is in a file, and the passphrase that opens it was not given.
    Sealed,
    /// The credential is good, and lacks a right.
    Forbidden,
    /// No such thing, or none that the credential may see.
    NotFound,
    /// Somebody changed it meanwhile.
    Changed,
    /// The backend refuses what was asked, and would again.
    Refused,
    /// The backend asks to wait; `None` where it does not say how long.
    Busy(Option<Duration>),
    /// No connection: name, route, port.
    Offline,
    /// The other side could not prove who it is.
    Tls,
    /// No answer in time.
    TimedOut,
    /// The backend failed.
    Server,
    /// The answer is not what this backend answers: a proxy, a portal, another program.
    Protocol,
    /// The context is read-only: nothing was sent.
    ReadOnly,
    /// This backend has no such operation: nothing was sent.
    NotOffered,
    /// Called off before an answer came.
    Cancelled,
    /// This machine failed: disk, keyring, clipboard.
    Local,
}

/// Whether a request that failed may have had its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// Nothing was sent, or the backend refused it whole.
    No,
    /// It was sent, and what became of it is unknown.
    Maybe,
}

impl Failure {
    /// Makes a failure that had no effect.
    pub fn new(kind: FailureKind, summary: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, summary: summary.into(), detail: None, hint: hint.into(), reached: Reached::No }
    }

    /// Makes a failure of this machine.
    pub fn local(summary: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(FailureKind::Local, summary, hint)
    }

    /// Makes the failure of what needs a list, at a backend that has none; `why` in one sentence.
    pub fn unlisted(title: &str, why: &str) -> Self {
        let summary = format!("{title} has no list of tokens: {}", why.trim_end_matches('.'));
        Self::new(FailureKind::NotOffered, summary, "name a token by its id")
    }

    /// Adds the other side's words.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<Untrusted>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// Says that the request may have had its effect.
    #[must_use]
    pub fn maybe_reached(self) -> Self {
        Self { reached: Reached::Maybe, ..self }
    }

    /// Tells whether the backend could not be spoken to at all.
    pub fn is_offline(&self) -> bool {
        matches!(self.kind, FailureKind::Offline | FailureKind::TimedOut | FailureKind::Tls)
    }
}

/// Writes the summary and the other side's words, escaped, in one line.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary)?;
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}
