//! Exit codes, and what is said on standard error.

use std::fmt;
use std::io::{self, Write};

use crate::app::errand::Refusal;
use crate::app::messages::Weight;
use crate::app::model::Model;
use crate::domain::{ContextName, Failure, FailureKind, escape};

/// Everything was done.
pub(super) const OK: u8 = 0;
/// It was not asked as it must be.
pub(super) const USAGE: u8 = 2;
/// The credential is missing, wrong or dead.
pub(super) const AUTHENTICATION: u8 = 3;
/// The credential is good, and lacks a right; or the context is read-only.
pub(super) const FORBIDDEN: u8 = 4;
/// Some of it failed, or all.
pub(super) const FAILED: u8 = 5;
/// It was not confirmed: nothing was sent.
pub(super) const UNCONFIRMED: u8 = 6;
/// Somebody changed it meanwhile.
pub(super) const STALE: u8 = 7;

/// Why a command ends before its end.
pub(super) enum Stop {
    /// With an exit code, and this to say.
    Says(u8, String),
    /// With an exit code, and nothing to say.
    Quiet(u8),
    /// The program itself failed.
    Failed(color_eyre::Report),
}

impl Stop {
    /// Says what is to be said, and returns the exit code.
    ///
    /// # Errors
    /// What failed in the program itself.
    pub(super) fn end(self) -> color_eyre::Result<u8> {
        match self {
            Self::Says(code, text) => {
                say(&text);
                Ok(code)
            }
            Self::Quiet(code) => Ok(code),
            Self::Failed(report) => Err(report),
        }
    }
}

impl From<color_eyre::Report> for Stop {
    fn from(report: color_eyre::Report) -> Self {
        Self::Failed(report)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        // A reader that closes the pipe has seen enough.
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Quiet(OK) } else { Self::Failed(error.into()) }
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Usage(text) => usage(&text),
            Refusal::Unconfirmed(word) => {
                let text = format!("not confirmed, and nothing was sent: --confirm \"{}\" confirms it", escape(&word));
                Self::Says(UNCONFIRMED, text)
            }
            Refusal::Failed(failure) => Self::from(&failure),
        }
    }
}

impl From<&Failure> for Stop {
    fn from(failure: &Failure) -> Self {
        Self::Says(code(failure.kind), failure.to_string())
    }
}

/// Says what would be right.
pub(super) fn usage(text: &str) -> Stop {
    Stop::Says(USAGE, text.to_owned())
}

/// Returns the exit code of a failure.
pub(super) const fn code(kind: FailureKind) -> u8 {
    match kind {
        FailureKind::Credential | FailureKind::Sealed => AUTHENTICATION,
        FailureKind::Forbidden | FailureKind::ReadOnly => FORBIDDEN,
        FailureKind::Changed => STALE,
        FailureKind::NotOffered => USAGE,
        FailureKind::NotFound
        | FailureKind::Refused
        | FailureKind::Busy(_)
        | FailureKind::Offline
        | FailureKind::Tls
        | FailureKind::TimedOut
        | FailureKind::Server
        | FailureKind::Protocol
        | FailureKind::Cancelled
        | FailureKind::Local => FAILED,
    }
}

/// Returns the exit code of several things: that of all where they are alike, else that some failed.
pub(super) fn together(codes: impl IntoIterator<Item = u8>) -> u8 {
    let alike = |one: u8, other: u8| if one == other { one } else { FAILED };
    codes.into_iter().reduce(alike).unwrap_or(OK)
}

/// Says something on standard error. A reader that is gone is nobody to tell.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr(), "tokendeck: {text}");
}

/// Says what is wrong with the configuration.
pub(super) fn mistakes(mistakes: &[String]) {
    for mistake in mistakes {
        say(&format!("configuration: {}", escape(mistake)));
    }
}

/// Says why nothing came of a context.
pub(super) fn failed(name: &ContextName, failure: &Failure) {
    say(&format!("{name}: {failure}"));
    if failure.kind == FailureKind::Credential {
        say(&format!("`tokendeck login {name}` gives a new credential"));
    } else if failure.kind == FailureKind::Sealed {
        say(&failure.hint);
    }
}

/// Says what the model has to say that stays until it is read, but for what is told otherwise.
pub(super) fn notes(model: &Model, told: Option<&dyn fmt::Display>) {
    let told = told.map(ToString::to_string);
    let errors = model.messages.notes.iter().filter(|note| note.weight == Weight::Error);
    for note in errors.filter(|note| told.as_ref().is_none_or(|told| !note.text.ends_with(told.as_str()))) {
        say(&note.text);
    }
}
