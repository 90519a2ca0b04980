//! Who is calling, and what they may do.

use super::{
    keys,
    ladder::Ladder,
    problem::{Kind as Refusal, Problem},
    role::{Kind, Role, Scope},
    service::Service,
    store::{Change, Token},
    value,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use rusqlite::Connection;
use std::{net::IpAddr, sync::Arc, time::Instant};

/// The address that a request came from; put into every request by the listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// A request whose credential was accepted.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) token: Token,
    pub(crate) address: IpAddr,
}

/// Who is named in events and notices.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub(crate) name: String,
    /// `None`: the server itself.
    pub(crate) token: Option<String>,
    /// `None`: the server itself.
    pub(crate) address: Option<String>,
}

impl FromRequestParts<Arc<Service>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Problem> {
        let value = bearer(&parts.headers)?
            .ok_or_else(|| Problem::new(Refusal::Unauthorized, "send a token as Authorization: Bearer"))?;
        Self::with_value(service, value, peer(parts)).await
    }
}

impl FromRequestParts<Arc<Service>> for Peer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _service: &Arc<Service>) -> Result<Self, Problem> {
        Ok(Self(peer(parts)))
    }
}

impl Caller {
    /// The caller who holds `value`.
    ///
    /// # Errors
    /// 401 for anything that does not live, 403 for a removed owner, 429 for guessing on.
    pub(crate) async fn with_value(service: &Service, value: &str, address: IpAddr) -> Result<Self, Problem> {
        let now = super::clock::now();
        let token = holder(service, value, address)?.ok_or_else(Problem::invalid_token)?;
        if token.kind != Kind::Access || !token.is_live(now) {
            return Err(Problem::invalid_token());
        }
        if token.is_orphaned() {
            return Err(Problem::owner_removed(&token.owner_name));
        }
        match token.last_used {
            None => service.writer.first_use(token.seq, address).await?,
            Some(_) => service.usage.note(token.seq, now, address),
        }
        Ok(Self { token, address })
    }

    pub(crate) fn actor(&self) -> Actor {
        Actor {
            name: self.token.owner_name.clone(),
            token: Some(self.token.id.clone()),
            address: Some(self.address.to_string()),
        }
    }

    pub(crate) fn role(&self) -> Role {
        self.token.roles.highest()
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.role() == Role::Admin
    }

    /// Refuses callers below `role`.
    ///
    /// # Errors
    /// 403 with the missing role.
    pub(crate) fn require(&self, role: Role, what: &str) -> Result<(), Problem> {
        if self.role() >= role {
            return Ok(());
        }
        Err(Problem::forbidden(role, format!("{what} needs the role {}", role.name())))
    }

    /// The token of this id, if the caller may know of it.
    ///
    /// # Errors
    /// 404 for what is not there and for what is another's.
    pub(crate) fn visible(&self, connection: &Connection, id: &str) -> Result<Token, Problem> {
        let token = Token::find(connection, id)?;
        let own = |token: &Token| self.is_admin() || token.owner == self.token.owner;
        token.filter(own).ok_or_else(|| Problem::not_found("token"))
    }

    /// Refuses to give out or prolong more than the caller holds.
    ///
    /// # Errors
    /// 403 with the missing role.
    pub(crate) fn require_hold(&self, token: &Token, what: &str) -> Result<(), Problem> {
        self.require(Role::Developer, what)?;
        self.require(token.roles.highest(), what)?;
        match token.scope {
            Scope::Organization => self.require(Role::Admin, what),
            Scope::User => Ok(()),
        }
    }

    /// Refuses when the credential died between the request's arrival and its change.
    ///
    /// # Errors
    /// 401 as for every dead credential.
    pub(crate) fn still_holds(&self, change: &Change<'_>) -> Result<(), Problem> {
        let token = Token::find(change.connection, &self.token.id)?;
        let same = |token: &Token| {
            keys::same(&token.mac, &self.token.mac) && token.is_live(change.now) && !token.is_orphaned()
        };
        if token.is_some_and(|token| same(&token)) { Ok(()) } else { Err(Problem::invalid_token()) }
    }
}

/// The token whose secret `value` is, in whatever state; `None` for anything else.
///
/// # Errors
/// 429 when wrong secrets for this token came from this address too often.
pub(crate) fn holder(service: &Service, value: &str, from: IpAddr) -> Result<Option<Token>, Problem> {
    let Some(parsed) = value::parse(value) else { return Ok(None) };
    let token = service.readers.with(|connection| Ok(Token::find(connection, parsed.id)?))?;
    let stored = token.as_ref().map(|token| (token.pepper, token.mac));
    if service.pepper.verify(stored, value) {
        service.ladder.succeeded(from, parsed.id);
        return Ok(token);
    }
    failed(&service.ladder, from, parsed.id).map_or(Ok(None), Err)
}

/// The value in the `Authorization` header; `None` when there is no such header.
///
/// # Errors
/// 400 for several credentials, 401 for another scheme.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let Some(first) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(Problem::request("Authorization", "more than one credential was sent"));
    }
    let first = first.to_str().unwrap_or_default();
    let (scheme, value) = first.split_once(' ').unwrap_or((first, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Problem::new(Refusal::Unauthorized, "the only scheme here is Bearer"));
    }
    Ok(Some(value.trim()))
}

fn failed(ladder: &Ladder, from: IpAddr, id: &str) -> Option<Problem> {
    let wait = ladder.failed(from, id, Instant::now())?;
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let detail = "wrong secrets for this token came from this address too often";
    Some(Problem::new(Refusal::TooManyAttempts, detail).retry_after(seconds))
}

fn peer(parts: &Parts) -> IpAddr {
    parts.extensions.get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0)
}
