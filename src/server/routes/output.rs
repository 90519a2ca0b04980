//! What goes out: bodies with the headers that belong to them.

use crate::server::{store::Answer, value::Minted};
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::Value;

/// Whether an answer may be kept by a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// By the caller's own, after asking again.
    Ask,
    /// By none.
    Never,
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, keep: Keep, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let cache = match keep {
        Keep::Ask => "private, no-cache",
        Keep::Never => "no-store",
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

/// A JSON value with status 200 that no cache keeps.
pub(crate) fn value(value: &Value) -> Response {
    json(StatusCode::OK, Keep::Never, value.to_string().into_bytes())
}

/// One token and its `ETag`.
pub(crate) fn token(answer: Answer) -> Response {
    let tag = tag(answer.version);
    with(json(StatusCode::OK, Keep::Ask, answer.json), header::ETAG, &tag)
}

/// A token with its value, the only time that the value is told.
pub(crate) fn secret(
    status: StatusCode,
    answer: &Answer,
    minted: &Minted,
    also_revoked: Option<&[String]>,
) -> Response {
    let mut body = Vec::with_capacity(answer.json.len() + 200);
    body.extend_from_slice(br#"{"token":"#);
    body.extend_from_slice(&answer.json);
    body.extend_from_slice(br#","secret":""#);
    body.extend_from_slice(minted.value.as_bytes());
    body.push(b'"');
    if let Some(ids) = also_revoked {
        body.extend_from_slice(br#","also_revoked":"#);
        body.extend_from_slice(Value::from(ids).to_string().as_bytes());
    }
    body.push(b'}');
    with(json(status, Keep::Never, body), header::ETAG, &tag(answer.version))
}

/// Adds a header, unless its value could not be one.
pub(crate) fn with(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

fn tag(version: i64) -> String {
    format!("\"{version}\"")
}
