//! `GET /v1/tokens`.

use super::{
    input::{Parameters, parse_cursor, parse_limit, parse_moment},
    output::{Keep, json, with},
};
use crate::server::{
    access::Caller,
    clock,
    problem::Problem,
    role::Role,
    service::Service,
    store::{Query, Status, page},
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::Response,
};
use std::{fmt::Write, sync::Arc};

/// One page of the tokens that the caller may see.
pub(crate) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut query = parse(&parameters)?;
    if !caller.is_admin() {
        query.visible_to = Some(caller.token.owner);
    }
    // A filter that few rows pass reads the whole table: other connections go on meanwhile.
    let read = || service.readers.with(|connection| Ok(page(connection, &query, clock::now())?));
    let found = tokio::task::block_in_place(read)?;
    let tag = format!("W/\"{:016x}\"", found.mark);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut response = if known.split(',').any(|one| one.trim() == tag || one.trim() == "*") {
        let mut response = json(StatusCode::NOT_MODIFIED, Keep::Ask, Vec::new());
        response.headers_mut().remove(header::CONTENT_TYPE);
        response
    } else {
        json(StatusCode::OK, Keep::Ask, found.body)
    };
    response = with(response, header::ETAG, &tag);
    if let Some(cursor) = &found.next {
        response = with(response, header::LINK, &next_link(&parameters, cursor));
        response = with(response, HeaderName::from_static("x-next-cursor"), cursor);
    }
    Ok(response)
}

/// The same query at another cursor, as RFC 8288 links it.
fn next_link(parameters: &Parameters, cursor: &str) -> String {
    let mut link = String::from("</v1/tokens?");
    for (name, value) in parameters.0.iter().filter(|(name, _)| name != "cursor") {
        link.push_str(name);
        link.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                link.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(link, "%{byte:02X}");
            }
        }
        link.push('&');
    }
    link.push_str("cursor=");
    link.push_str(cursor);
    link.push_str(">; rel=\"next\"");
    link
}

fn parse(parameters: &Parameters) -> Result<Query, Problem> {
    let mut query = Query { limit: 100, ..Query::default() };
    for (name, value) in &parameters.0 {
        match name.as_str() {
            "limit" => query.limit = parse_limit(value)?,
            "cursor" => query.below = Some(parse_cursor(value)?),
            "status" => query.status = Some(known(name, Status::parse(value), "active, disabled, expired or revoked")?),
            "role" => query.role = Some(known(name, Role::parse(value), "reader, developer or admin")?),
            "owner" => query.owner = Some(value.clone()),
            "created_after" => query.created.after = Some(parse_moment(name, value)?),
            "created_before" => query.created.before = Some(parse_moment(name, value)?),
            "used_after" => query.used.after = Some(parse_moment(name, value)?),
            "used_before" => query.used.before = Some(parse_moment(name, value)?),
            "expires_after" => query.expires.after = Some(parse_moment(name, value)?),
            "expires_before" => query.expires.before = Some(parse_moment(name, value)?),
            _ => return Err(Problem::request(name, "there is no such parameter")),
        }
    }
    Ok(query)
}

fn known<T>(name: &str, value: Option<T>, names: &str) -> Result<T, Problem> {
    value.ok_or_else(|| Problem::request(name, format!("{name} is one of {names}")))
}
