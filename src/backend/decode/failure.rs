//! What went wrong at the backend, in words and next steps. Nothing of a body but the backend's own message.

use std::borrow::Cow;

use super::body;
use super::cell::Cell;
use super::wait;
use crate::backend::plan::{Call, Kind, Plan};
use crate::backend::pointer::{Pointer, Test};
use crate::backend::request::Response;
use crate::domain::{Failure, FailureKind, Untrusted, escape};

/// The longest text taken from a backend, in characters.
const MOST_CHARACTERS: usize = 300;
/// The longest body that is searched for a message.
const MOST_BYTES: usize = 256 * 1024;

/// Says that a success has a body that cannot be read.
pub(in crate::backend) fn misshapen(what: &str, why: &str) -> Failure {
    Failure::new(
        FailureKind::Protocol,
        format!("{what} {}", escape(why)),
        "check that the context's URL leads to this backend, and that its description fits its version",
    )
}

/// Refuses a success whose body is not of the kind that is read.
pub(in crate::backend) fn check_type(response: &Response, reads_body: bool, what: &str) -> Result<(), Failure> {
    let full = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let kind = full.split(';').next().unwrap_or_default().trim();
    let starts_like_html = response.body.trim_ascii_start().first() == Some(&b'<');
    if kind.contains("html") || starts_like_html {
        return Err(Failure::new(
            FailureKind::Protocol,
            format!("{what} is a web page"),
            "a sign-in page or proxy may stand between: open the context's URL in a browser, and check it",
        ));
    }
    let json = kind.is_empty() || kind == "application/json" || kind.ends_with("+json");
    if reads_body && !json {
        return Err(misshapen(what, &format!("is of the type {kind:.60}, not JSON")));
    }
    Ok(())
}

/// Says what a status means.
pub(in crate::backend) fn from_status(plan: &Plan, call: &Call, response: &Response) -> Failure {
    let status = response.status;
    // What the description says of a redirect comes first: a standby may answer with one. It is never followed.
    if (300..400).contains(&status) && kind_by_rule(plan, response).is_none() {
        return redirect(plan, response);
    }
    with_words(of_kind(kind(plan, call, response), plan, response), plan, response)
}

/// Tells what kind of failure an answer is that is no success.
pub(super) fn kind(plan: &Plan, call: &Call, response: &Response) -> Kind {
    let by_status = || call.kinds.iter().chain(&plan.errors.kinds).find(|(known, _)| *known == response.status);
    let kind = kind_by_rule(plan, response).or_else(|| by_status().map(|(_, kind)| *kind));
    kind.unwrap_or_else(|| usual_kind(response))
}

/// Says that what was asked about is not there.
pub(super) fn gone(plan: &Plan, response: &Response) -> Failure {
    with_words(of_kind(Kind::NotFound, plan, response), plan, response)
}

/// Says what a success is whose body tells of a failure.
pub(super) fn from_body(plan: &Plan, response: &Response) -> Failure {
    let unwell = || {
        Failure::new(
            FailureKind::Server,
            format!("{} answers, and says that it is not well", plan.title),
            "try again later, or ask those who run it",
        )
    };
    let failure = kind_by_rule(plan, response).map_or_else(unwell, |kind| of_kind(kind, plan, response));
    with_words(failure, plan, response)
}

/// What an answer means by the first rule of the description that holds for it.
fn kind_by_rule(plan: &Plan, response: &Response) -> Option<Kind> {
    let of_status = |status: Option<u16>| status.is_none_or(|status| status == response.status);
    let mut rules = plan.errors.rules.iter().filter(|rule| of_status(rule.status));
    rules.find(|rule| rule.test.as_ref().is_none_or(|test| holds(test, response))).map(|rule| rule.kind)
}

fn holds(test: &Test<Vec<Pointer>>, response: &Response) -> bool {
    if response.body.len() > MOST_BYTES {
        return false;
    }
    let values = || test.at.iter().filter_map(|pointer| said_at(response, pointer));
    values().find(|value| !value.is_nothing()).or_else(|| values().next()).is_some_and(|v| v.is_among(&test.when))
}

/// Returns what stands at a place of an error; `None` where it has another shape. The whole of a plain text is itself.
fn said_at<'r>(response: &'r Response, pointer: &Pointer) -> Option<Cell<'r>> {
    match body::find(&response.body, pointer) {
        Ok(value) => Some(value),
        Err(_) if pointer.0.is_empty() => Some(Cell::Text(std::str::from_utf8(&response.body).ok()?.trim().into())),
        Err(_) => None,
    }
}

/// What a status means where the description says nothing of it.
fn usual_kind(response: &Response) -> Kind {
    match response.status {
        401 => Kind::Credential,
        403 => Kind::Forbidden,
        404 | 410 => Kind::NotFound,
        409 | 412 => Kind::Changed,
        429 => Kind::Busy,
        503 if ["retry-after", "x-retry-after"].iter().any(|name| response.header(name).is_some()) => Kind::Busy,
        500.. => Kind::Server,
        405 | 406 | 415 | 426 => Kind::Protocol,
        400..500 => Kind::Refused,
        _ => Kind::Protocol,
    }
}

fn of_kind(kind: Kind, plan: &Plan, response: &Response) -> Failure {
    let (title, status) = (&plan.title, response.status);
    let (kind, summary, hint) = match kind {
        Kind::Credential => (
            FailureKind::Credential,
            format!("{title} does not take the credential ({status})"),
            "log in again with :login",
        ),
        Kind::Forbidden => (
            FailureKind::Forbidden,
            format!("the credential lacks a right for this ({status})"),
            "use a credential with that right, or ask those who run the backend",
        ),
        Kind::Denied => return denied(plan, response),
        Kind::NotFound => (
            FailureKind::NotFound,
            format!("{title} has no such thing, or none that the credential may see ({status})"),
            "refresh the list",
        ),
        Kind::Changed => (
            FailureKind::Changed,
            format!("somebody changed it meanwhile ({status})"),
            "refresh, look again, and decide anew",
        ),
        Kind::Refused => {
            (FailureKind::Refused, format!("{title} refuses what was asked ({status})"), "correct what it names")
        }
        Kind::Busy => return busy(plan, response),
        Kind::Server => {
            (FailureKind::Server, format!("{title} failed ({status})"), "try again later, or ask those who run it")
        }
        Kind::Protocol => (
            FailureKind::Protocol,
            format!("{title} does not know this kind of request ({status})"),
            "check that the context's URL leads to this backend, and that its description fits its version",
        ),
    };
    Failure::new(kind, summary, hint)
}

/// Says that the credential is wrong or lacks a right, where the service does not tell which.
fn denied(plan: &Plan, response: &Response) -> Failure {
    Failure::new(
        FailureKind::Forbidden,
        format!("{} does not take the credential, or it lacks a right for this ({})", plan.title, response.status),
        "use a credential with that right, or log in again with :login",
    )
}

fn busy(plan: &Plan, response: &Response) -> Failure {
    let (title, status) = (&plan.title, response.status);
    match wait::asked(&plan.errors, response) {
        Some(wait) => Failure::new(
            FailureKind::Busy(Some(wait)),
            format!("{title} asks to wait {} s ({status})", wait.as_secs() + u64::from(wait.subsec_nanos() > 0)),
            "nothing is sent before then",
        ),
        None => Failure::new(
            FailureKind::Busy(None),
            format!("{title} asks to wait, and does not say how long ({status})"),
            "try again in a while",
        ),
    }
}

/// Says where a redirect would have led. Not followed: the credential belongs to one origin.
fn redirect(plan: &Plan, response: &Response) -> Failure {
    let target = match response.header("location") {
        None => "without saying where".to_owned(),
        Some(location) => match url::Url::parse(location) {
            Ok(url) if url.has_host() => format!("to {}", escape(&url.origin().ascii_serialization())),
            Ok(url) => format!("to a {}: address", escape(url.scheme())),
            Err(_) => "to another path".to_owned(),
        },
    };
    Failure::new(
        FailureKind::Protocol,
        format!("{} answers with a redirect {target} ({}), which is not followed", plan.title, response.status),
        "if that is where the backend is now, set the context's URL to it",
    )
}

/// Adds the backend's own words.
fn with_words(failure: Failure, plan: &Plan, response: &Response) -> Failure {
    match words(plan, response) {
        Some(words) => failure.with_detail(words),
        None => failure,
    }
}

fn words(plan: &Plan, response: &Response) -> Option<Untrusted> {
    let body = &response.body;
    if body.len() > MOST_BYTES {
        return None;
    }
    let kind = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if kind.contains("json") {
        let text_at = |pointer| {
            let cell = body::find(body, pointer).ok()?;
            cell.list().map(|list| list.join("; ")).or_else(|| cell.text().map(Cow::into_owned))
        };
        return plan.errors.text.iter().filter_map(text_at).find_map(|text| shortened(&text));
    }
    if kind.contains("html") || body.trim_ascii_start().first() == Some(&b'<') {
        return Some("(a web page)".into());
    }
    shortened(std::str::from_utf8(body).ok()?)
}

/// Cuts a text to a length that fits a message; `None` for an empty one.
fn shortened(text: &str) -> Option<Untrusted> {
    let text = text.trim();
    let mut short: String = text.chars().take(MOST_CHARACTERS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    (!short.is_empty()).then(|| short.into())
}
