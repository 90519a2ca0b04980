//! What can be asked of a backend, and what it answers.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{CallId, ContextName, Cursor, Expiry, Failure, Nonce, RawPage, Secret, Token, TokenId, Untrusted};

/// What can be asked of a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// One page of tokens; `None` for the first.
    List(Option<Cursor>),
    /// One token.
    Get(TokenId),
    /// Whose credential this is.
    Whoami,
    /// Whose a new secret is, by using it as the credential. The secret is sent.
    Try(Arc<Secret>),
    /// A new token. Never sent twice by itself.
    Create(Draft),
    /// A new label or expiry.
    Edit(TokenId, Change),
    /// A new secret for the same token. Never sent twice by itself.
    Rotate(TokenId),
    /// A later end for a token, with the same secret.
    Renew(TokenId),
    /// The end of a token.
    Revoke(TokenId),
    /// Switching a token off.
    Disable(TokenId),
    /// Switching it on again.
    Enable(TokenId),
    /// Which token a value is. The value is sent.
    Identify(Arc<Secret>),
    /// The end of the token that a value is. The value is sent.
    RevokeValue(Arc<Secret>),
    /// One page of audit events; `None` for the newest.
    Events(Option<Cursor>),
    /// One page of notices; `None` for the newest.
    Notices(Option<Cursor>),
    /// Whether the backend is well.
    Health,
}

impl Operation {
    /// Tells whether it changes anything at the backend.
    pub const fn changes(&self) -> bool {
        match self {
            Self::List(_)
            | Self::Get(_)
            | Self::Whoami
            | Self::Try(_)
            | Self::Identify(_)
            | Self::Events(_)
            | Self::Notices(_)
            | Self::Health => false,
            Self::Create(_)
            | Self::Edit(..)
            | Self::Rotate(_)
            | Self::Renew(_)
            | Self::Revoke(_)
            | Self::RevokeValue(_)
            | Self::Disable(_)
            | Self::Enable(_) => true,
        }
    }

    /// Returns the token that it is about.
    pub const fn token(&self) -> Option<&TokenId> {
        match self {
            Self::Get(id)
            | Self::Edit(id, _)
            | Self::Rotate(id)
            | Self::Renew(id)
            | Self::Revoke(id)
            | Self::Disable(id)
            | Self::Enable(id) => Some(id),
            Self::List(_)
            | Self::Whoami
            | Self::Try(_)
            | Self::Create(_)
            | Self::Identify(_)
            | Self::RevokeValue(_)
            | Self::Events(_)
            | Self::Notices(_)
            | Self::Health => None,
        }
    }

    /// Returns the word for it, as in messages; descriptions use the same, and have none for `try`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::List(_) => "list",
            Self::Get(_) => "get",
            Self::Whoami => "self",
            Self::Try(_) => "try",
            Self::Create(_) => "create",
            Self::Edit(..) => "edit",
            Self::Rotate(_) => "rotate",
            Self::Renew(_) => "renew",
            Self::Revoke(_) => "revoke",
            Self::Identify(_) => "identify",
            Self::RevokeValue(_) => "revoke_value",
            Self::Disable(_) => "disable",
            Self::Enable(_) => "enable",
            Self::Events(_) => "events",
            Self::Notices(_) => "notices",
            Self::Health => "health",
        }
    }
}

/// A token to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The label; may repeat.
    pub label: String,
    /// Roles as the backend names them.
    pub roles: Vec<String>,
    /// Who it acts for; `None` for the credential's owner.
    pub owner: Option<String>,
    /// The scope kind; `None` where there is no choice.
    pub scope: Option<String>,
    /// When it stops by itself.
    pub expires: Expiry,
    /// The name of this attempt, by which a repeated one is recognised.
    pub nonce: Nonce,
    /// When it is asked for: some backends take a time to live instead of an end.
    pub asked: Timestamp,
}

/// A change of a token: only what is changed is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The new label; `None` to leave it.
    pub label: Option<String>,
    /// The new expiry; `None` to leave it.
    pub expires: Option<Expiry>,
    /// The version that was shown, so that a change of somebody else is not overwritten.
    pub version: Option<Untrusted>,
    /// When it is asked for: some backends take a time to live instead of an end.
    pub asked: Timestamp,
}

/// What a backend answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A page, not yet decoded: the next one can be asked for meanwhile.
    Listed(Arc<RawPage>),
    /// A token.
    Token(Box<Token>),
    /// Whose credential it is.
    Identity(Box<Identity>),
    /// A token and its secret: the answer to a create or a rotation.
    Issued(Box<Issued>),
    /// It is dead.
    Revoked {
        /// It was so before.
        already_gone: bool,
        /// How many died with it, where the backend says.
        also: Option<u32>,
    },
    /// Done, and nothing more to say.
    Done,
    /// Events or notices.
    Events(Events),
    /// How the backend is.
    Health(Health),
}

/// A new secret, and what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The token it belongs to; `None` where the backend does not say, so that the list has to.
    pub token: Option<Token>,
    /// The secret, to be shown once; `None` where a rotation has to bring it.
    pub secret: Option<Arc<Secret>>,
}

/// Whose credential it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The row that is the credential itself; `None` where the backend does not say.
    pub token: Option<TokenId>,
    /// Who it acts for.
    pub name: Untrusted,
    /// Its roles; `None` where the backend does not say.
    pub roles: Option<Vec<Untrusted>>,
    /// When it stops by itself.
    pub expires: Expiry,
}

impl Identity {
    /// Tells whether the backend says no more than that it takes the credential.
    pub fn is_unnamed(&self) -> bool {
        self.name.raw().is_empty() && self.token.is_none()
    }
}

/// A page of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Events {
    /// Newest first.
    pub rows: Vec<Event>,
    /// Where older ones begin.
    pub next: Option<Cursor>,
}

/// Something that happened at the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// A notice or an audit event.
    pub kind: EventKind,
    /// When.
    pub at: Option<Timestamp>,
    /// Who did it.
    pub actor: Option<Untrusted>,
    /// What was done, in the backend's word.
    pub action: Untrusted,
    /// To what: a label, a masked value or an id.
    pub subject: Option<Untrusted>,
}

/// Where an event comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// The audit log.
    Audit,
    /// A notice to administrators.
    Notice,
}

/// How a backend is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Its version; `None` where it does not say.
    pub version: Option<Untrusted>,
}

/// An answer, and the call it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The call.
    pub call: CallId,
    /// The context that was asked.
    pub context: ContextName,
    /// What came of it.
    pub result: Result<Reply, Failure>,
    /// How long the backend took.
    pub latency: Duration,
    /// What the backend's clock said; `None` where it does not say.
    pub server_time: Option<Timestamp>,
    /// The TLS version and cipher, or `None` before a connection stood. E.g. `TLS 1.3`.
    pub tls: Option<String>,
}
