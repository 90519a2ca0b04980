//! One token as it is shown: everything but its secret.

use jiff::Timestamp;

use super::{ContextName, TokenId, Untrusted};

/// What identifies a row: a label may repeat, and a backend may use an id again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenKey {
    /// The context it is seen through.
    pub context: ContextName,
    /// Its id at the backend.
    pub id: TokenId,
    /// When it was created; `None` where the backend does not say.
    pub created: Option<Timestamp>,
}

/// A token with every field the backend gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The id at the backend.
    pub id: TokenId,
    /// The name a person gave it; may repeat, may be empty.
    pub label: Untrusted,
    /// Who it acts for.
    pub owner: Owner,
    /// Who made it; `None` where the backend does not say.
    pub creator: Option<Untrusted>,
    /// Access levels as the backend names them; `None` where it does not say, which counts as admin.
    pub roles: Option<Vec<Untrusted>>,
    /// The secret with its middle left out; `None` where the backend does not say.
    pub masked: Option<Untrusted>,
    /// When it was created; `None` where the backend does not say.
    pub created: Option<Timestamp>,
    /// When it was last used.
    pub last_used: LastUse,
    /// When it stops by itself.
    pub expires: Expiry,
    /// What the backend says of its life.
    pub state: State,
    /// The token it dies with; `None` when it has none or the backend does not say.
    pub parent: Option<TokenId>,
    /// The backend's name for this version of the row (an entity tag); `None` where it has none.
    pub version: Option<Untrusted>,
    /// Every other field, as name and text, secrets removed.
    pub extra: Vec<(Box<str>, Untrusted)>,
}

impl Token {
    /// Returns the identity of this row in a context.
    pub fn key(&self, context: &ContextName) -> TokenKey {
        TokenKey { context: context.clone(), id: self.id.clone(), created: self.created }
    }

    /// Tells whether somebody changed the token in a way that matters to a confirmation.
    ///
    /// Label, owner, roles, creation and being disabled count; use does not.
    pub fn differs_from(&self, shown: &Self) -> bool {
        self.id != shown.id
            || self.created != shown.created
            || self.label != shown.label
            || self.owner != shown.owner
            || self.roles != shown.roles
            || (self.state == State::Disabled) != (shown.state == State::Disabled)
    }
}

/// Who a token acts for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The backend does not say.
    Unknown,
    /// Somebody who is still there.
    Known(Untrusted),
    /// Somebody who was removed from the backend.
    Removed(Untrusted),
}

impl Owner {
    /// Returns the name, if there is one.
    pub fn name(&self) -> Option<&Untrusted> {
        match self {
            Self::Unknown => None,
            Self::Known(name) | Self::Removed(name) => Some(name),
        }
    }
}

/// When a token was last used. "Never" and "not reported" are different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LastUse {
    /// The backend does not report use.
    NotReported,
    /// Reported, and there was none.
    Never,
    /// The last one the backend knows of.
    At(Timestamp),
}

/// When a token stops by itself. "Never" and "not reported" are different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expiry {
    /// The backend does not report it.
    NotReported,
    /// It does not stop.
    Never,
    /// The moment from which it is refused.
    At(Timestamp),
}

/// What a backend says of a token's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing against it.
    Live,
    /// Switched off, and can be switched on again; or its owner was removed.
    Disabled,
    /// Past its time.
    Expired,
    /// Dead for good.
    Revoked,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Returns a token with a moment of creation, no role and nothing else.
    pub(crate) fn token(id: &str, label: &str) -> Token {
        Token {
            id: TokenId::parse(id).expect("a lawful id"),
            label: label.into(),
            owner: Owner::Known("ana".into()),
            creator: Some("ana".into()),
            roles: Some(vec!["reader".into()]),
            masked: None,
            created: Some(Timestamp::UNIX_EPOCH),
            last_used: LastUse::Never,
            expires: Expiry::Never,
            state: State::Live,
            parent: None,
            version: None,
            extra: Vec::new(),
        }
    }

    #[test]
    fn use_is_no_difference_but_label_owner_role_birth_and_switch_are() {
        let shown = token("1", "ci");
        let same = Token { last_used: LastUse::At(Timestamp::UNIX_EPOCH), ..shown.clone() };
        assert!(!same.differs_from(&shown));
        for other in [
            Token { label: "cj".into(), ..shown.clone() },
            Token { owner: Owner::Removed("ana".into()), ..shown.clone() },
            Token { roles: None, ..shown.clone() },
            Token { created: None, ..shown.clone() },
            Token { state: State::Disabled, ..shown.clone() },
        ] {
            assert!(other.differs_from(&shown), "{other:?}");
        }
    }
}
