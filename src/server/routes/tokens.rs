//! `/v1/tokens/{id}` and what can be done to one token, and `/v1/self`.

use super::{
    input::{Id, Json, Member, check_match, check_text, if_match, parse_expiry},
    output::{secret, token, value},
};
use crate::server::{
    access::Caller,
    clock,
    lifecycle::{self, Edit, Expiry, Switch},
    problem::{Kind, Problem},
    service::Service,
    store::{Change, Token},
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EditBody {
    label: Option<String>,
    description: Option<String>,
    #[serde(default)]
    expires: Member<String>,
}

/// `GET /v1/self`: the token that the request was made with.
pub(crate) async fn own(State(service): State<Arc<Service>>, caller: Caller) -> Result<Response, Problem> {
    let id = &caller.token.id;
    let answer = service.readers.with(|connection| Ok(Token::answer(connection, id, clock::now())?))?;
    Ok(token(answer))
}

/// `GET /v1/tokens/{id}`.
pub(crate) async fn show(State(service): State<Arc<Service>>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    let answer = service.readers.with(|connection| {
        caller.visible(connection, &id)?;
        Ok(Token::answer(connection, &id, clock::now())?)
    })?;
    Ok(token(answer))
}

/// `PATCH /v1/tokens/{id}`.
pub(crate) async fn edit(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
    body: Json,
) -> Result<Response, Problem> {
    let body: EditBody = body.parse()?;
    if let Some(label) = &body.label {
        check_text("label", label, 1, 256)?;
    }
    if let Some(description) = &body.description {
        check_text("description", description, 0, 1024)?;
    }
    let expires = match &body.expires {
        Member::Absent => Expiry::Kept,
        Member::Null => Expiry::Never,
        Member::Given(text) => Expiry::At(parse_expiry(text, clock::now())?),
    };
    let edit = Edit { label: body.label, description: body.description, expires };
    let expected = if_match(&headers);
    let work = move |change: &Change<'_>| {
        let token = target(change, &caller, &id, expected.as_deref())?;
        caller.require_hold(&token, "editing this token")?;
        lifecycle::edit(change, &caller.actor(), &token, &edit)?;
        Ok(Token::answer(change.connection, &id, change.now)?)
    };
    Ok(token(service.writer.change(work).await?))
}

/// `POST /v1/tokens/{id}/rotate`.
pub(crate) async fn rotate(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let expected = if_match(&headers);
    let shared = Arc::clone(&service);
    let work = move |change: &Change<'_>| {
        let token = target(change, &caller, &id, expected.as_deref())?;
        caller.require_hold(&token, "rotating this token")?;
        let (minted, also) = lifecycle::rotate(change, &shared.pepper, &caller.actor(), &token)?;
        Ok((Token::answer(change.connection, &id, change.now)?, minted, also))
    };
    let (answer, minted, also) = service.writer.change(work).await?;
    Ok(secret(StatusCode::OK, &answer, &minted, Some(&also)))
}

/// `POST /v1/tokens/{id}/disable`.
pub(crate) async fn disable(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    switch(service, caller, id, if_match(&headers), Switch::Disable).await
}

/// `POST /v1/tokens/{id}/enable`.
pub(crate) async fn enable(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    switch(service, caller, id, if_match(&headers), Switch::Enable).await
}

/// `DELETE /v1/tokens/{id}`.
pub(crate) async fn revoke(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let expected = if_match(&headers);
    let shared = Arc::clone(&service);
    let work = move |change: &Change<'_>| {
        let token = target(change, &caller, &id, expected.as_deref())?;
        if shared.faults.fails_revoke(&token.id, &token.label) {
            return Err(Problem::new(Kind::Internal, "this revocation was made to fail"));
        }
        let revoked = lifecycle::revoke(change, &caller.actor(), &token)?;
        Ok(json!({ "id": id, "already_revoked": revoked.already, "also_revoked": revoked.also }))
    };
    Ok(value(&service.writer.change(work).await?))
}

async fn switch(
    service: Arc<Service>,
    caller: Caller,
    id: String,
    expected: Option<String>,
    to: Switch,
) -> Result<Response, Problem> {
    let work = move |change: &Change<'_>| {
        let token = target(change, &caller, &id, expected.as_deref())?;
        caller.require_hold(&token, "switching this token")?;
        lifecycle::switch(change, &caller.actor(), &token, to)?;
        Ok(Token::answer(change.connection, &id, change.now)?)
    };
    Ok(token(service.writer.change(work).await?))
}

/// The token that a change is about, read inside the change.
fn target(change: &Change<'_>, caller: &Caller, id: &str, expected: Option<&str>) -> Result<Token, Problem> {
    caller.still_holds(change)?;
    let token = caller.visible(change.connection, id)?;
    check_match(expected, &token)?;
    Ok(token)
}
