//! What is answered when something is refused: problem documents (RFC 9457) and challenges (RFC 6750).

use super::role::Role;
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

/// A refusal: its stable type, a sentence, and members of its own.
#[derive(Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: String,
    members: Map<String, Value>,
    retry_after: Option<u64>,
}

/// The types of problems; the URN of each is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    InvalidRequest,
    Unauthorized,
    InvalidToken,
    Forbidden,
    OwnerRemoved,
    NotFound,
    MethodNotAllowed,
    AlreadyCreated,
    NotLive,
    UserExists,
    OwnUser,
    PreconditionFailed,
    TooLarge,
    UnsupportedMediaType,
    InvalidValue,
    KeyReused,
    TooManyAttempts,
    Internal,
    Unavailable,
}

impl Kind {
    /// Name in the URN, HTTP status, title.
    const fn row(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::InvalidRequest => ("invalid-request", 400, "The request is not understood"),
            Self::Unauthorized => ("unauthorized", 401, "A credential is needed"),
            Self::InvalidToken => ("invalid-token", 401, "The credential is not accepted"),
            Self::Forbidden => ("forbidden", 403, "The credential may not do this"),
            Self::OwnerRemoved => ("owner-removed", 403, "The owner of the credential was removed"),
            Self::NotFound => ("not-found", 404, "There is no such thing"),
            Self::MethodNotAllowed => ("method-not-allowed", 405, "This cannot be done here"),
            Self::AlreadyCreated => ("already-created", 409, "This was created before"),
            Self::NotLive => ("not-live", 409, "The token does not live any more"),
            Self::UserExists => ("user-exists", 409, "The name is taken"),
            Self::OwnUser => ("own-user", 409, "The user is the credential's owner"),
            Self::PreconditionFailed => ("precondition-failed", 412, "It was changed since it was read"),
            Self::TooLarge => ("too-large", 413, "The request is too large"),
            Self::UnsupportedMediaType => ("unsupported-media-type", 415, "The body has another form"),
            Self::InvalidValue => ("invalid-value", 422, "A value is not possible"),
            Self::KeyReused => ("idempotency-key-reused", 422, "The key belongs to another request"),
            Self::TooManyAttempts => ("too-many-attempts", 429, "Too many failed attempts"),
            Self::Internal => ("internal", 500, "The server failed"),
            Self::Unavailable => ("unavailable", 503, "The server cannot do this now"),
        }
    }
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), members: Map::new(), retry_after: None }
    }

    /// The request as a whole is malformed; `field` names the parameter, header or member.
    pub(crate) fn request(field: &str, detail: impl Into<String>) -> Self {
        let error = Value::from("invalid_request");
        Self::new(Kind::InvalidRequest, detail).with("field", field).with("error", error)
    }

    /// A value that was understood but cannot be.
    pub(crate) fn value(field: &str, detail: impl Into<String>) -> Self {
        Self::new(Kind::InvalidValue, detail).with("field", field)
    }

    /// A credential that is no good, for whatever reason: the answer is always the same.
    pub(crate) fn invalid_token() -> Self {
        Self::new(Kind::InvalidToken, "the credential is unknown, expired, disabled or revoked")
            .with("error", "invalid_token")
    }

    /// The credential lacks `role`.
    pub(crate) fn forbidden(role: Role, detail: impl Into<String>) -> Self {
        let problem = Self::new(Kind::Forbidden, detail).with("error", "insufficient_scope");
        problem.with("required_role", role.name())
    }

    /// The credential of a person who is gone.
    pub(crate) fn owner_removed(owner: &str) -> Self {
        let detail = format!("{owner} was removed; user-scoped tokens of a removed user are refused");
        Self::new(Kind::OwnerRemoved, detail).with("error", "insufficient_scope")
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("there is no such {what}, or it is not yours to see"))
    }

    /// A fault of ours; what it was goes to the log only.
    pub(crate) fn internal(cause: &dyn std::error::Error) -> Self {
        tracing::error!(cause = %cause, "a request failed");
        Self::new(Kind::Internal, "the request failed inside the server; nothing was changed")
    }

    /// Adds a member of its own to the document.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Says when to try again.
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    fn challenge(&self) -> Option<String> {
        let realm = r#"Bearer realm="tokendeck""#;
        let error = self.members.get("error").and_then(Value::as_str);
        let (_, status, _) = self.kind.row();
        match (status, error) {
            (401, None) => Some(realm.to_owned()),
            (401 | 403, Some(error)) => {
                let role = self.members.get("required_role").and_then(Value::as_str);
                let scope = role.map(|role| format!(r#", scope="{role}""#)).unwrap_or_default();
                Some(format!(r#"{realm}, error="{error}"{scope}"#))
            }
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DiskFull) => {
                tracing::error!(cause = %error, "the database refuses a change");
                Self::new(Kind::Unavailable, "the database cannot take this now; nothing was changed").retry_after(1)
            }
            _ => Self::internal(&error),
        }
    }
}

impl From<super::error::Error> for Problem {
    fn from(error: super::error::Error) -> Self {
        Self::internal(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (name, status, title) = self.kind.row();
        let challenge = self.challenge();
        let mut document = Map::new();
        document.insert("type".to_owned(), format!("urn:tokendeck:problem:{name}").into());
        document.insert("title".to_owned(), title.into());
        document.insert("status".to_owned(), status.into());
        document.insert("detail".to_owned(), self.detail.into());
        document.extend(self.members);
        let mut response = Response::new(Body::from(Value::Object(document).to_string()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(value) = challenge.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
