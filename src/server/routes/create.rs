//! `POST /v1/tokens`.

use super::{
    input::{Json, check_text, parse_expiry},
    output::{secret, with},
};
use crate::server::{
    access::Caller,
    clock,
    keys::Tag,
    lifecycle::{self, Draft},
    problem::{Kind as Refusal, Problem},
    role::{Kind, Role, Roles, Scope},
    service::Service,
    store::{Change, Replay, Token, find_replay, keep_replay},
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    label: String,
    #[serde(default)]
    description: String,
    roles: Option<Vec<String>>,
    scope: Option<String>,
    kind: Option<String>,
    owner: Option<String>,
    expires: Option<String>,
    parent: Option<String>,
}

/// What a request is known by, should it come again.
struct Repeat {
    key: String,
    fingerprint: Tag,
}

/// Makes a token and tells its value, once.
pub(crate) async fn create(
    State(service): State<Arc<Service>>,
    caller: Caller,
    headers: HeaderMap,
    body: Json,
) -> Result<Response, Problem> {
    let draft = draft(body.parse()?, clock::now())?;
    let repeat = key(&headers)?.map(|key| Repeat { key, fingerprint: service.pepper.tag(&[b"request\0", &body.0]) });
    let shared = Arc::clone(&service);
    let work = move |change: &Change<'_>| {
        caller.still_holds(change)?;
        let user = caller.token.owner;
        if let Some(repeat) = &repeat {
            refuse_repeat(change, user, repeat)?;
        }
        let (id, minted) = lifecycle::create(change, &shared.pepper, &caller, &draft)?;
        if let Some(Repeat { key, fingerprint }) = repeat {
            let replay = Replay { fingerprint, token: id.clone() };
            keep_replay(change.connection, change.now, user, &key, &replay)?;
        }
        Ok((Token::answer(change.connection, &id, change.now)?, id, minted))
    };
    let (answer, id, minted) = service.writer.change(work).await?;
    let response = secret(StatusCode::CREATED, &answer, &minted, None);
    Ok(with(response, header::LOCATION, &format!("/v1/tokens/{id}")))
}

fn refuse_repeat(change: &Change<'_>, user: i64, repeat: &Repeat) -> Result<(), Problem> {
    let Some(replay) = find_replay(change.connection, change.now, user, &repeat.key)? else { return Ok(()) };
    if replay.fingerprint != repeat.fingerprint {
        return Err(Problem::new(Refusal::KeyReused, "this Idempotency-Key was used for another request"));
    }
    let detail = "this request made a token before; its secret was told then and is not kept";
    Err(Problem::new(Refusal::AlreadyCreated, detail).with("id", replay.token))
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let name = "Idempotency-Key";
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let right = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if right { Ok(Some(text.to_owned())) } else { Err(Problem::request(name, "it has 1 to 255 visible characters")) }
}

fn draft(body: Body, now: i64) -> Result<Draft, Problem> {
    check_text("label", &body.label, 1, 256)?;
    check_text("description", &body.description, 0, 1024)?;
    let roles = match &body.roles {
        None => Some(Roles::of(Role::Reader)),
        Some(names) => Roles::parse(names.iter().map(String::as_str)),
    };
    let scope = body.scope.as_deref().map_or(Some(Scope::User), Scope::parse);
    let kind = body.kind.as_deref().map_or(Some(Kind::Access), Kind::parse);
    Ok(Draft {
        roles: roles.ok_or_else(|| Problem::value("roles", "roles is a list of reader, developer, admin"))?,
        scope: scope.ok_or_else(|| Problem::value("scope", "scope is user or organization"))?,
        kind: kind.ok_or_else(|| Problem::value("kind", "kind is access or refresh"))?,
        expires: body.expires.map(|text| parse_expiry(&text, now)).transpose()?,
        label: body.label,
        description: body.description,
        owner: body.owner,
        parent: body.parent,
    })
}
