//! A token that was confirmed to be revoked: as much of it as tells whether somebody changed it since.

use jiff::Timestamp;

use super::{Expiry, LastUse, Owner, State, Token, TokenId, Untrusted};

/// A token of a confirmed set, as the journal and a plan keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The id at the backend.
    pub id: TokenId,
    /// Its label.
    pub label: Untrusted,
    /// Who it acts for.
    pub owner: Owner,
    /// Its roles; `None` where the backend does not say.
    pub roles: Option<Vec<Untrusted>>,
    /// When it was created; `None` where the backend does not say.
    pub created: Option<Timestamp>,
    /// What the backend said of its life.
    pub state: State,
}

impl From<&Token> for Target {
    fn from(token: &Token) -> Self {
        Self {
            id: token.id.clone(),
            label: token.label.clone(),
            owner: token.owner.clone(),
            roles: token.roles.clone(),
            created: token.created,
            state: token.state,
        }
    }
}

impl Target {
    /// Returns the token as far as it is kept: enough for [`Token::differs_from`], and nothing of its use.
    pub fn token(&self) -> Token {
        Token {
            id: self.id.clone(),
            label: self.label.clone(),
            owner: self.owner.clone(),
            creator: None,
            roles: self.roles.clone(),
            masked: None,
            created: self.created,
            last_used: LastUse::NotReported,
            expires: Expiry::NotReported,
            state: self.state,
            parent: None,
            version: None,
            extra: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::tests::token;

    #[test]
    fn what_is_kept_tells_whether_somebody_changed_it() {
        let shown = token("1", "ci");
        let kept = Target::from(&shown);
        assert!(!shown.differs_from(&kept.token()));
        for other in [
            Token { label: "cj".into(), ..shown.clone() },
            Token { owner: Owner::Removed("ana".into()), ..shown.clone() },
            Token { roles: None, ..shown.clone() },
            Token { created: None, ..shown.clone() },
            Token { state: State::Disabled, ..shown },
        ] {
            assert!(other.differs_from(&kept.token()), "{other:?}");
        }
    }
}
