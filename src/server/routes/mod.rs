//! The routes under `/v1`: one table, from which the router is built and with which the API description is compared.

mod activity;
mod create;
mod input;
mod list;
mod oauth;
mod output;
mod tokens;
mod users;

use super::{
    problem::{Kind, Problem},
    service::Service,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{MethodRouter, delete, get, patch, post},
};
use std::sync::Arc;

/// No request body is larger; none needs to be.
const BODY_BYTES: usize = 64 * 1024;

type Row = (&'static str, &'static str, MethodRouter<Arc<Service>>);

fn table() -> Vec<Row> {
    vec![
        ("GET", "/v1/health", get(activity::health)),
        ("GET", "/v1/self", get(tokens::own)),
        ("GET", "/v1/tokens", get(list::list)),
        ("POST", "/v1/tokens", post(create::create)),
        ("GET", "/v1/tokens/{id}", get(tokens::show)),
        ("PATCH", "/v1/tokens/{id}", patch(tokens::edit)),
        ("DELETE", "/v1/tokens/{id}", delete(tokens::revoke)),
        ("POST", "/v1/tokens/{id}/rotate", post(tokens::rotate)),
        ("POST", "/v1/tokens/{id}/disable", post(tokens::disable)),
        ("POST", "/v1/tokens/{id}/enable", post(tokens::enable)),
        ("POST", "/v1/introspect", post(oauth::introspect)),
        ("POST", "/v1/revoke", post(oauth::revoke)),
        ("GET", "/v1/users", get(users::list)),
        ("POST", "/v1/users", post(users::create)),
        ("DELETE", "/v1/users/{name}", delete(users::remove)),
        ("GET", "/v1/events", get(activity::events)),
        ("GET", "/v1/notices", get(activity::notices)),
    ]
}

/// Method and path of every route, as `assets/openapi.json` has them.
pub fn routes() -> Vec<(&'static str, &'static str)> {
    table().into_iter().map(|(method, path, _)| (method, path)).collect()
}

pub(crate) fn router(service: Arc<Service>) -> Router {
    let mut router = Router::new();
    for (_, path, handler) in table() {
        router = router.route(path, handler);
    }
    router
        .fallback(async || Problem::not_found("path"))
        .method_not_allowed_fallback(async || Problem::new(Kind::MethodNotAllowed, "see Allow for what can be done"))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .with_state(service)
}
