//! `/v1/events`, `/v1/notices` and `/v1/health`: what happened, and whether the server does.

use super::{
    input::{Parameters, page},
    output::value,
};
use crate::server::{
    access::Caller,
    clock, moment,
    problem::Problem,
    role::Role,
    service::Service,
    store::{cursor, events as read_events, head, notices as read_notices},
};
use axum::{extract::State, response::Response};
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /v1/events`: the audit log, newest first, with its head for the client to keep as a witness.
pub(crate) async fn events(
    State(service): State<Arc<Service>>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Role::Admin, "reading the audit log")?;
    let (limit, below) = page(&parameters)?;
    let read = service
        .readers
        .with(|connection| Ok((read_events(connection, below.unwrap_or(i64::MAX), limit + 1)?, head(connection)?)))?;
    let (events, next) = cut(read.0, limit);
    Ok(value(&json!({ "events": events, "next_cursor": next, "head": read.1.json() })))
}

/// `GET /v1/notices`: what admins should know of, newest first.
pub(crate) async fn notices(
    State(service): State<Arc<Service>>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Role::Admin, "reading notices")?;
    let (limit, below) = page(&parameters)?;
    let read = |connection: &_| Ok(read_notices(connection, below.unwrap_or(i64::MAX), limit + 1)?);
    let (notices, next) = cut(service.readers.with(read)?, limit);
    Ok(value(&json!({ "notices": notices, "next_cursor": next })))
}

/// `GET /v1/health`: needs no credential.
pub(crate) async fn health(State(service): State<Arc<Service>>) -> Result<Response, Problem> {
    service.readers.with(|connection| Ok(connection.query_row("SELECT 1", [], |_| Ok(()))?))?;
    let version = env!("CARGO_PKG_VERSION");
    Ok(value(&json!({ "status": "ok", "version": version, "time": moment::text(clock::now()) })))
}

/// The first `limit` rows, and where the next page starts when there was one more.
fn cut(mut rows: Vec<(i64, Value)>, limit: usize) -> (Vec<Value>, Option<String>) {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|(seq, _)| cursor(*seq));
    (rows.into_iter().map(|(_, row)| row).collect(), next)
}
