//! `/v1/users`: the people who own tokens.

use super::{
    input::{Json, Parameters, page},
    output::{Keep, json as answer, value},
};
use crate::server::{
    access::Caller,
    problem::{Kind, Problem},
    role::Role,
    service::Service,
    store::{Change, User, cursor, user_named, users},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    name: String,
}

/// `GET /v1/users`, oldest first.
pub(crate) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Role::Admin, "reading the users")?;
    let (limit, after) = page(&parameters)?;
    let mut found = service.readers.with(|connection| Ok(users(connection, after.unwrap_or(0), limit + 1)?))?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|user| cursor(user.id));
    let list: Vec<_> = found.iter().map(User::json).collect();
    Ok(value(&json!({ "users": list, "next_cursor": next })))
}

/// `POST /v1/users`.
pub(crate) async fn create(
    State(service): State<Arc<Service>>,
    caller: Caller,
    body: Json,
) -> Result<Response, Problem> {
    caller.require(Role::Admin, "creating users")?;
    let Body { name } = body.parse()?;
    check_name(&name)?;
    let work = move |change: &Change<'_>| {
        caller.still_holds(change)?;
        if user_named(change.connection, &name)?.is_some() {
            // Also after a removal: tokens of the one who left must not come alive for a namesake.
            return Err(Problem::new(Kind::UserExists, "the name is taken, or was by someone who was removed"));
        }
        let sql = "INSERT INTO users (name, created) VALUES (?, ?)";
        change.connection.prepare_cached(sql)?.execute((&name, change.now))?;
        change.record(&caller.actor(), "user.created", None, &name)?;
        let user = user_named(change.connection, &name)?.ok_or_else(|| Problem::not_found("user"))?;
        Ok(user.json())
    };
    let user = service.writer.change(work).await?;
    Ok(answer(StatusCode::CREATED, Keep::Never, user.to_string().into_bytes()))
}

/// `DELETE /v1/users/{name}`: the tokens stay; user-scoped ones are refused from now on.
pub(crate) async fn remove(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    caller.require(Role::Admin, "removing users")?;
    if name == caller.token.owner_name {
        return Err(Problem::new(Kind::OwnUser, "nobody removes the owner of the credential in use"));
    }
    let work = move |change: &Change<'_>| {
        caller.still_holds(change)?;
        let user = user_named(change.connection, &name)?.ok_or_else(|| Problem::not_found("user"))?;
        if user.removed.is_none() {
            let sql = "UPDATE users SET removed = ? WHERE id = ?";
            change.connection.prepare_cached(sql)?.execute((change.now, user.id))?;
            change.record(&caller.actor(), "user.removed", None, &name)?;
        }
        Ok(json!({ "name": name, "already_removed": user.removed.is_some(), "tokens": user.tokens }))
    };
    Ok(value(&service.writer.change(work).await?))
}

fn check_name(name: &str) -> Result<(), Problem> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte);
    let dots = name.bytes().all(|byte| byte == b'.');
    if (1..=64).contains(&name.len()) && name.bytes().all(plain) && !dots {
        return Ok(());
    }
    Err(Problem::value("name", "a name has 1 to 64 letters, digits and . _ @ -"))
}
