//! The answer to a login: what is sent instead of the credential, and for how long.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::{Failure, FailureKind, Secret};

use super::decode::body;
use super::decode::failure;
use super::plan::{Plan, SessionAt};
use super::request::Response;

/// What a login gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// It is sent instead of the credential.
    pub secret: Arc<Secret>,
    /// How long it is good for; `None` where nothing says.
    pub lifetime: Option<Duration>,
}

/// Reads the answer to a login.
///
/// # Errors
/// What the backend says went wrong: a login that is refused means that the credential is.
pub fn decode_login(plan: &Plan, response: &Response) -> Result<NewSession, Failure> {
    let Some(login) = &plan.login else {
        return Err(Failure::new(FailureKind::NotOffered, "this backend has no login", "see the Backends tab"));
    };
    if !login.call.succeeds(response.status) {
        let failure = failure::from_status(plan, &login.call, response);
        // Nothing else was asked for than whether the credential is good.
        let refused = matches!(failure.kind, FailureKind::Refused | FailureKind::Forbidden | FailureKind::NotFound);
        return Err(if refused { Failure { kind: FailureKind::Credential, ..failure } } else { failure });
    }
    let what = "the answer to the login";
    let text = match &login.session {
        SessionAt::Header(name) => response.header(name).map(|text| Secret::new(text.into())),
        SessionAt::Body(pointer) => {
            failure::check_type(response, true, what)?;
            let cell = body::find(&response.body, pointer).map_err(|bad| failure::misshapen(what, &bad.0))?;
            cell.into_text().map(|text| Secret::from_string(text.into_owned()))
        }
    };
    let until = login.expires.as_ref().and_then(|(at, form)| form.read(&body::find(&response.body, at).ok()?));
    // By the backend's own clock, which may differ from ours.
    let left = until.zip(response.date).and_then(|(until, now)| Duration::try_from(until.duration_since(now)).ok());
    let lifetime = left.or(login.lifetime.map(Duration::from_secs));
    match text.filter(|secret| !secret.is_empty()) {
        Some(secret) => Ok(NewSession { secret: Arc::new(secret), lifetime }),
        None => Err(failure::misshapen(what, "holds no session where the description points")),
    }
}
