//! What comes in: ids, query parameters, JSON and form bodies, and conditional headers, each refused with a reason.

use crate::server::{
    moment,
    problem::{Kind, Problem},
    service::Service,
    store::Token,
    value,
};
use axum::{
    Form,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use std::{future::Future, sync::Arc, time::Duration};

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);

/// The id of a token in the path.
pub(crate) struct Id(pub(crate) String);

/// The query parameters, in their order.
pub(crate) struct Parameters(pub(crate) Vec<(String, String)>);

/// A JSON body as bytes.
pub(crate) struct Json(pub(crate) Bytes);

/// The fields of a form.
pub(crate) struct Fields(Vec<(String, String)>);

impl FromRequestParts<Arc<Service>> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Problem> {
        let path: Result<Path<String>, _> = Path::from_request_parts(parts, service).await;
        let id = path.ok().map(|Path(id)| id).filter(|id| value::is_id(id));
        id.map(Self).ok_or_else(|| Problem::not_found("token"))
    }
}

impl FromRequestParts<Arc<Service>> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Problem> {
        let query: Result<Query<Vec<(String, String)>>, _> = Query::from_request_parts(parts, service).await;
        query.map(|Query(all)| Self(all)).map_err(|_| Problem::request("query", "the query is not readable"))
    }
}

impl FromRequest<Arc<Service>> for Json {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Arc<Service>) -> Result<Self, Problem> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(Kind::UnsupportedMediaType, "the body must be application/json"));
        }
        let bytes = in_time(Bytes::from_request(request, service)).await?;
        bytes.map(Self).map_err(|rejection| refused(rejection.status()))
    }
}

impl FromRequest<Arc<Service>> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Arc<Service>) -> Result<Self, Problem> {
        let form: Result<Form<Vec<(String, String)>>, _> = in_time(Form::from_request(request, service)).await?;
        form.map(|Form(fields)| Self(fields)).map_err(|rejection| {
            use axum::response::IntoResponse;
            refused(rejection.into_response().status())
        })
    }
}

impl Json {
    /// The body as `T`. What was wrong is said by place, since the text itself could be anything.
    ///
    /// # Errors
    /// 400 for what is not the JSON of this operation.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.0).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Problem::request("body", format!("the body is not the JSON of this operation ({place})"))
        })
    }
}

impl Fields {
    /// The only value of this name.
    ///
    /// # Errors
    /// 400 when it is missing or there twice.
    pub(crate) fn one(&self, name: &str) -> Result<&str, Problem> {
        let mut values = self.0.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value),
            (None, _) => Err(Problem::request(name, format!("{name} is missing"))),
            (Some(_), Some(_)) => Err(Problem::request(name, format!("{name} was sent twice"))),
        }
    }
}

/// A member that tells `null` from being absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Member<T> {
    #[default]
    Absent,
    Null,
    Given(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Null, Self::Given))
    }
}

/// `limit` and `cursor`; the answer's limit is 1 to 1000.
///
/// # Errors
/// 400 for what is neither.
pub(crate) fn page(parameters: &Parameters) -> Result<(usize, Option<i64>), Problem> {
    let (mut limit, mut cursor) = (100, None);
    for (name, value) in &parameters.0 {
        match name.as_str() {
            "limit" => limit = parse_limit(value)?,
            "cursor" => cursor = Some(parse_cursor(value)?),
            _ => return Err(Problem::request(name, "there is no such parameter")),
        }
    }
    Ok((limit, cursor))
}

pub(crate) fn parse_limit(text: &str) -> Result<usize, Problem> {
    let limit = text.parse::<usize>().ok().filter(|limit| *limit > 0);
    let limit = limit.ok_or_else(|| Problem::request("limit", "limit is a number from 1 to 1000"))?;
    Ok(limit.min(1000))
}

pub(crate) fn parse_cursor(text: &str) -> Result<i64, Problem> {
    crate::server::store::parse_cursor(text).ok_or_else(|| Problem::request("cursor", "this is no cursor of ours"))
}

/// A moment in a query parameter.
///
/// # Errors
/// 400 for anything but RFC 3339.
pub(crate) fn parse_moment(name: &str, text: &str) -> Result<i64, Problem> {
    moment::parse(text).ok_or_else(|| Problem::request(name, "moments are RFC 3339, for example 2026-01-31T14:00:00Z"))
}

/// An expiry in a body: RFC 3339 and still to come.
///
/// # Errors
/// 422 for anything else.
pub(crate) fn parse_expiry(text: &str, now: i64) -> Result<i64, Problem> {
    let moment = moment::parse(text).ok_or_else(|| Problem::value("expires", "expires is RFC 3339 or null"))?;
    if moment > now { Ok(moment) } else { Err(Problem::value("expires", "this moment has passed")) }
}

/// A text with at least `least` and at most `most` characters.
///
/// # Errors
/// 422 for another length or a NUL.
pub(crate) fn check_text(field: &str, text: &str, least: usize, most: usize) -> Result<(), Problem> {
    let length = text.chars().count();
    if length < least || length > most || text.contains('\0') {
        return Err(Problem::value(field, format!("{field} has {least} to {most} characters and no NUL")));
    }
    Ok(())
}

/// Holds `If-Match` against the token, if it was sent (RFC 9110, section 13.1.1).
///
/// # Errors
/// 412 when the token is another version by now.
pub(crate) fn check_match(expected: Option<&str>, token: &Token) -> Result<(), Problem> {
    let Some(expected) = expected else { return Ok(()) };
    let current = format!("\"{}\"", token.version);
    if expected.split(',').map(str::trim).any(|tag| tag == "*" || tag == current) {
        return Ok(());
    }
    let problem = Problem::new(Kind::PreconditionFailed, "the token was changed since it was read");
    Err(problem.with("version", token.version))
}

pub(crate) fn if_match(headers: &HeaderMap) -> Option<String> {
    headers.get(header::IF_MATCH).map(|value| value.to_str().unwrap_or("unreadable").to_owned())
}

async fn in_time<T>(body: impl Future<Output = T>) -> Result<T, Problem> {
    let late = |_| Problem::request("body", "the body did not arrive in time");
    tokio::time::timeout(BODY_TIME, body).await.map_err(late)
}

fn refused(status: StatusCode) -> Problem {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Kind::TooLarge, "no body here is larger than 64 KiB"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::new(Kind::UnsupportedMediaType, "the body must be application/x-www-form-urlencoded")
        }
        _ => Problem::request("body", "the body is not readable"),
    }
}
