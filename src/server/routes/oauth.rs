//! `POST /v1/introspect` (RFC 7662) and `POST /v1/revoke` (RFC 7009): about a token by its value.

use super::{input::Fields, output::value};
use crate::server::{
    access::{Actor, Caller, Peer, bearer, holder},
    clock, keys, lifecycle,
    problem::Problem,
    role::Kind,
    service::Service,
    store::{Change, Token},
};
use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Says whether a value lives and whose it is; anything that does not live, or is not the caller's to know of, is
/// `{"active":false}` and nothing else.
pub(crate) async fn introspect(
    State(service): State<Arc<Service>>,
    caller: Caller,
    fields: Fields,
) -> Result<Response, Problem> {
    let token = holder(&service, fields.one("token")?, caller.address)?;
    let known = |token: &Token| {
        let own = caller.is_admin() || token.owner == caller.token.owner;
        own && token.is_live(clock::now()) && !token.is_orphaned()
    };
    Ok(value(&token.filter(known).map_or_else(|| json!({ "active": false }), |token| description(&token))))
}

/// Ends the token of a value. Holding the value is right enough: whoever found a leaked one may end it.
///
/// An unknown value is answered like a known one, and `token_type_hint` changes nothing (RFC 7009, sections 2.1, 2.2).
pub(crate) async fn revoke(
    State(service): State<Arc<Service>>,
    Peer(address): Peer,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Problem> {
    let caller = match bearer(&headers)? {
        Some(credential) => Some(Caller::with_value(&service, credential, address).await?),
        None => None,
    };
    let found = holder(&service, fields.one("token")?, address)?;
    if let Some(found) = found {
        let itself = || Actor {
            name: found.owner_name.clone(),
            token: Some(found.id.clone()),
            address: Some(address.to_string()),
        };
        let actor = caller.as_ref().map_or_else(itself, Caller::actor);
        let work = move |change: &Change<'_>| {
            // Rotated since it was checked: that value is dead already.
            let current = Token::find(change.connection, &found.id)?.filter(|token| keys::same(&token.mac, &found.mac));
            current.map_or(Ok(()), |token| lifecycle::revoke(change, &actor, &token).map(|_| ()))
        };
        service.writer.change(work).await?;
    }
    Ok(([("cache-control", "no-store")], ()).into_response())
}

fn description(token: &Token) -> Value {
    let mut answer = json!({
        "active": true,
        "scope": token.roles.words(),
        "username": token.owner_name,
        "sub": token.owner_name,
        "jti": token.id,
        "iat": token.created,
        "token_type": match token.kind {
            Kind::Access => "Bearer",
            Kind::Refresh => "refresh_token",
        },
    });
    if let Some(end) = token.expires {
        answer["exp"] = end.into();
    }
    answer
}
