//! Requests and responses as plain data, and who carries them.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, TryFutureExt as _};
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::sealed::{Keys, Sealed};
use crate::domain::{Access, Failure, Origin};

/// Carries requests to a backend: the real form is [`super::https::Client`].
pub trait Transport: Send + Sync {
    /// Sends a request, with the secrets that it has places for, and reads the head of the answer.
    ///
    /// # Errors
    /// When `access` does not allow the request, or no answer came. An answer of any status is no error.
    fn open(&self, request: Request, keys: Keys, access: Access) -> BoxFuture<'_, Result<Opened, Failure>>;

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// As [`Transport::open`], and when the answer does not come to its end.
    fn send(&self, request: Request, keys: Keys, access: Access) -> BoxFuture<'_, Result<Response, Failure>> {
        self.open(request, keys, access).and_then(|opened| opened.whole).boxed()
    }
}

/// An answer of which the head has come.
pub struct Opened {
    /// The head.
    pub head: Head,
    /// The same with the body, once it has come.
    pub whole: BoxFuture<'static, Result<Response, Failure>>,
}

/// A request, complete but for its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The operation's word, for messages.
    pub word: &'static str,
    /// The method, in capitals.
    pub method: Box<str>,
    /// Where it goes: the transport refuses any other origin than its own.
    pub origin: Origin,
    /// The path, percent-encoded; the transport compares what the URL parser makes of it.
    pub path: String,
    /// The query, percent-encoded, without the question mark; `None` for none.
    pub query: Option<String>,
    /// Headers, names in lower case.
    pub headers: Vec<(Box<str>, String)>,
    /// Headers that bear secrets, names in lower case.
    pub sealed: Vec<(Box<str>, Sealed)>,
    /// The body; `None` for none. Its type stands among the headers.
    pub body: Option<Sealed>,
    /// Whether it changes anything: refused in a read-only context.
    pub effect: Effect,
    /// How large an answer may be.
    pub size: Size,
    /// Response headers that are kept besides the usual ones, in lower case.
    pub keep: Vec<Box<str>>,
    /// Whether its connection may carry other requests afterwards.
    pub reuse: Reuse,
}

/// Whether a connection may carry other requests afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// It may, for as long as it is kept.
    Yes,
    /// It ends with the answer: its buffers hold a secret that is to be in memory no longer than it is shown.
    No,
}

/// What a request does at the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It reads.
    Reads,
    /// It changes something, and once is enough however often it is sent.
    ChangesOnce,
    /// It changes something each time it is sent.
    ChangesEachTime,
}

impl Effect {
    /// Tells whether it changes anything.
    pub const fn changes(self) -> bool {
        matches!(self, Self::ChangesOnce | Self::ChangesEachTime)
    }

    /// Tells whether it may be sent again after a failure.
    pub const fn idempotent(self) -> bool {
        matches!(self, Self::Reads | Self::ChangesOnce)
    }
}

/// How large an answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// A page of a list.
    Page,
    /// Anything else.
    Single,
}

/// The head of an answer: what comes before the body.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// The headers that are kept, names in lower case.
    pub headers: Vec<(Box<str>, Box<str>)>,
}

impl Head {
    /// Returns the first header of a name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// Tells whether what was asked was done.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

fn find<'h>(headers: &'h [(Box<str>, Box<str>)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(found, _)| **found == *name).map(|(_, value)| &**value)
}

/// Shows no header: it may hold a secret.
impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Head({})", self.status)
    }
}

/// An answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers that are kept, names in lower case.
    pub headers: Vec<(Box<str>, Box<str>)>,
    /// The body, wiped when it goes: it may hold a secret.
    pub body: Zeroizing<Vec<u8>>,
    /// From sending to the last byte.
    pub latency: Duration,
    /// What the backend's clock said.
    pub date: Option<Timestamp>,
    /// The TLS version, e.g. `TLS 1.3`.
    pub tls: Option<String>,
}

impl Response {
    /// Returns the first header of a name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// Shows no header and no body: either may hold a secret.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {} bytes)", self.status, self.body.len())
    }
}
