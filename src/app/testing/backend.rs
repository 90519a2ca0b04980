//! A backend that holds the truth.

use std::sync::Arc;

use super::{dawn, failure, id, own_values, row};
use crate::domain::{
    Cursor, Events, Expiry, Failure, FailureKind, Health, Holds, Identity, Issued, Operation, RawPage, Reply, Secret,
    State, Token, TokenId,
};

/// The tokens there are, and what is done with them.
#[derive(Debug, Clone)]
pub(crate) struct Backend {
    pub(crate) tokens: Vec<Token>,
    /// The credential's own token.
    pub(crate) own: Option<TokenId>,
    pub(crate) own_roles: Vec<String>,
    /// Rows of one page.
    pub(crate) page: usize,
    /// Whether dead tokens leave the list and are not found.
    pub(crate) forgets: bool,
    /// Whether one token can be asked for. Who asks nevertheless was not told what the backend can do.
    pub(crate) gets: bool,
    /// What its list still shows; `None` for what is so.
    pub(crate) lags: Option<Vec<Token>>,
    /// Whether its list is read in two steps: pages of parents, and two tokens below each.
    pub(crate) by_parent: bool,
    pub(crate) made: usize,
}

impl Backend {
    pub(crate) fn new(tokens: Vec<Token>) -> Self {
        let own_roles = vec!["admin".to_owned()];
        Self {
            tokens,
            own: Some(id("tk-000self")),
            own_roles,
            page: 1000,
            forgets: false,
            gets: true,
            lags: None,
            by_parent: false,
            made: 0,
        }
    }

    pub(crate) fn get(&self, token: &TokenId) -> Option<&Token> {
        self.tokens.iter().find(|one| one.id == *token)
    }

    pub(crate) fn change(&mut self, token: &str) -> &mut Token {
        self.tokens.iter_mut().find(|one| one.id.raw() == token).expect("a known token")
    }

    /// Tells whether a token is dead, in truth.
    pub(crate) fn is_dead(&self, token: &TokenId) -> bool {
        self.get(token).is_none_or(|token| token.state == State::Revoked)
    }

    /// Does what is asked, and answers.
    pub(crate) fn answer(&mut self, operation: &Operation, store: &mut Vec<Vec<Token>>) -> Result<Reply, Failure> {
        let not_found = || failure(FailureKind::NotFound);
        match operation {
            Operation::List(cursor) => Ok(self.list(cursor.as_ref(), store)),
            Operation::Get(token) => {
                assert!(self.gets, "this backend reads no single token");
                let found = self.get(token).filter(|token| !self.forgets || token.state != State::Revoked);
                found.cloned().map(|token| Reply::Token(Box::new(token))).ok_or_else(not_found)
            }
            Operation::Whoami => Ok(Reply::Identity(Box::new(Identity {
                token: self.own.clone(),
                name: "ana".into(),
                roles: Some(self.own_roles.iter().map(|role| role.as_str().into()).collect()),
                expires: Expiry::Never,
            }))),
            Operation::Try(secret) => {
                let is_its = |token: &Token| secret_of(token) == **secret || is_of(secret, token);
                let works = |token: &&Token| token.state == State::Live && is_its(token);
                let found = self.tokens.iter().find(works).ok_or_else(|| failure(FailureKind::Credential))?;
                Ok(Reply::Identity(Box::new(Identity {
                    token: Some(found.id.clone()),
                    name: "ana".into(),
                    roles: found.roles.clone(),
                    expires: found.expires,
                })))
            }
            Operation::Health => Ok(Reply::Health(Health { version: None })),
            Operation::Revoke(token) => {
                let found = self.tokens.iter_mut().find(|one| one.id == *token).ok_or_else(not_found)?;
                let already_gone = std::mem::replace(&mut found.state, State::Revoked) == State::Revoked;
                Ok(Reply::Revoked { already_gone, also: None })
            }
            Operation::Create(draft) => {
                self.made += 1;
                let mut token = row(0, &format!("tk-made{:02} made", self.made));
                token.label = draft.label.as_str().into();
                token.roles = Some(draft.roles.iter().map(|role| role.as_str().into()).collect());
                token.created = Some(dawn());
                self.tokens.push(token.clone());
                Ok(Self::issued(token))
            }
            Operation::Rotate(token) => self.get(token).cloned().map(Self::issued).ok_or_else(not_found),
            Operation::Edit(token, change) => {
                let found = self.tokens.iter_mut().find(|one| one.id == *token).ok_or_else(not_found)?;
                if let Some(label) = &change.label {
                    found.label = label.as_str().into();
                }
                Ok(Reply::Token(Box::new(found.clone())))
            }
            Operation::Disable(token) | Operation::Enable(token) => {
                let state = if matches!(operation, Operation::Disable(_)) { State::Disabled } else { State::Live };
                let found = self.tokens.iter_mut().find(|one| one.id == *token).ok_or_else(not_found)?;
                found.state = state;
                Ok(Reply::Token(Box::new(found.clone())))
            }
            Operation::Identify(value) | Operation::RevokeValue(value) => self.of_value(operation, value),
            Operation::Renew(_) => Err(failure(FailureKind::NotOffered)),
            Operation::Events(_) | Operation::Notices(_) => Ok(Reply::Events(Events { rows: Vec::new(), next: None })),
        }
    }

    /// Answers what is asked with a value. As OAuth has it, one that is not known is revoked like any other.
    fn of_value(&mut self, operation: &Operation, value: &Secret) -> Result<Reply, Failure> {
        let found = self.tokens.iter_mut().find(|token| is_of(value, token) && token.state != State::Revoked);
        match (found, operation) {
            (Some(token), Operation::Identify(_)) => Ok(Reply::Token(Box::new(token.clone()))),
            (None, Operation::Identify(_)) => Err(failure(FailureKind::NotFound)),
            (found, _) => {
                if let Some(token) = found {
                    token.state = State::Revoked;
                }
                Ok(Reply::Revoked { already_gone: false, also: None })
            }
        }
    }

    fn issued(token: Token) -> Reply {
        let secret = Arc::new(secret_of(&token));
        Reply::Issued(Box::new(Issued { token: Some(token), secret: Some(secret) }))
    }

    fn list(&self, cursor: Option<&Cursor>, store: &mut Vec<Vec<Token>>) -> Reply {
        let listed = self
            .lags
            .as_ref()
            .unwrap_or(&self.tokens)
            .iter()
            .filter(|token| !self.forgets || token.state != State::Revoked);
        if self.by_parent {
            let rows: Vec<Token> = listed.cloned().collect();
            return self.two_steps(cursor, &rows, store);
        }
        let from: usize = cursor.map_or(0, |cursor| cursor.raw().parse().expect("a cursor of ours"));
        let rows: Vec<Token> = listed.clone().skip(from).take(self.page).cloned().collect();
        let next = from + self.page;
        let next = (next < listed.count()).then(|| next.to_string());
        page(store, rows, next.as_deref())
    }
}

impl Backend {
    /// Answers a list in two steps: parents `p0`, `p1`…, each with two of the rows.
    fn two_steps(&self, cursor: Option<&Cursor>, rows: &[Token], store: &mut Vec<Vec<Token>>) -> Reply {
        if let Some(parent) = cursor.and_then(Cursor::parent) {
            let number: usize = parent.trim_start_matches('p').parse().expect("a parent of ours");
            let own: Vec<Token> = rows.iter().skip(number * 2).take(2).cloned().collect();
            store.push(own);
            let body = zeroize::Zeroizing::new((store.len() - 1).to_string().into_bytes());
            let page = RawPage { at: cursor.cloned(), ..RawPage::of_rows(None, body) };
            return Reply::Listed(Arc::new(page));
        }
        let from: usize = cursor.map_or(0, |cursor| cursor.raw().parse().expect("a cursor of ours"));
        let parents = rows.len().div_ceil(2);
        let end = parents.min(from + self.page);
        let below = (from..end).map(|number| Cursor::of_parent(&format!("p{number}"))).collect();
        let next = (end < parents).then(|| Cursor::onward(cursor, &end.to_string(), 0));
        let nothing =
            RawPage { at: cursor.cloned(), below, holds: Holds::Nothing, ..RawPage::of_rows(next, Vec::new()) };
        Reply::Listed(Arc::new(nothing))
    }
}

/// Makes a page that [`Talk`] can decode.
pub(crate) fn page(store: &mut Vec<Vec<Token>>, rows: Vec<Token>, next: Option<&str>) -> Reply {
    store.push(rows);
    let body = zeroize::Zeroizing::new((store.len() - 1).to_string().into_bytes());
    Reply::Listed(Arc::new(RawPage::of_rows(next.and_then(Cursor::new), body)))
}

/// Tells whether a value has the id of a token in it, as those of the embedded backend do.
fn is_of(value: &Secret, token: &Token) -> bool {
    own_values().id_of(value).is_some_and(|(id, _)| id == token.id)
}

fn secret_of(token: &Token) -> Secret {
    Secret::from_string(format!("secret-of-{}", token.id.raw()))
}
