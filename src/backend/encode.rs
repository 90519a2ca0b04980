//! Operations become requests.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::domain::{Failure, Operation};

use super::plan::{Answer, Body, Call, Credential, Json, Plan};
use super::request::{Effect, Request, Size};
use super::site::Site;
use super::template::{Filling, Piece, Template};

/// What stands as it is in paths, queries and forms. Not the dot, so that no value makes a dot segment.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// Turns an operation into the request that asks for it.
///
/// # Errors
/// When the backend has no such operation; never otherwise.
pub fn encode(plan: &Plan, site: &Site, operation: &Operation) -> Result<Request, Failure> {
    let call = plan.call(operation)?;
    let mut headers = fill_headers(&plan.headers, operation, site);
    for (name, value) in fill_headers(&call.headers, operation, site) {
        headers.retain(|(there, _)| *there != name);
        headers.push((name, value));
    }
    let body = body(&call.body, operation, site);
    if let Some((content_type, _)) = &body {
        headers.push(("content-type".into(), (*content_type).to_owned()));
    }
    let (bulk, keep) = match &call.answer {
        Answer::Tokens { next, .. } | Answer::Events { next, .. } => {
            (Size::Page, next.header.iter().cloned().collect())
        }
        Answer::Token(_)
        | Answer::Issued { .. }
        | Answer::Identity { .. }
        | Answer::Revoked { .. }
        | Answer::Done
        | Answer::Health { .. } => (Size::Single, Vec::new()),
    };
    Ok(Request {
        word: operation.word(),
        method: call.method.clone(),
        origin: site.origin().clone(),
        path: path(call, operation, site),
        query: query(&call.query, operation, site),
        headers,
        auth: (call.credential == Credential::Sent).then(|| plan.auth.clone()),
        body: body.map(|(_, body)| body),
        effect: match (operation.changes(), operation.repeatable()) {
            (false, _) => Effect::Reads,
            (true, true) => Effect::ChangesOnce,
            (true, false) => Effect::ChangesEachTime,
        },
        size: bulk,
        keep,
    })
}

/// Builds the path: the one place where one is made.
///
/// Every value fills its hole percent-encoded, and so never adds or ends a segment. That no parser takes the
/// result for another path is proved once more before it is sent.
fn path(call: &Call, operation: &Operation, site: &Site) -> String {
    let mut path = site.prefix().to_owned();
    for piece in &call.path.0 {
        match piece {
            Piece::Literal(literal) => path.push_str(literal),
            Piece::Hole(hole) => {
                if let Some(Filling::Text(text)) = hole.fill(operation, site) {
                    path.extend(utf8_percent_encode(&text, ENCODED));
                }
            }
        }
    }
    path
}

fn query(pairs: &[(Box<str>, Template)], operation: &Operation, site: &Site) -> Option<String> {
    let query = pairs_text(pairs, operation, site);
    (!query.is_empty()).then_some(query)
}

/// Writes pairs as `name=value&name=value`; those without a value are left out.
fn pairs_text(pairs: &[(Box<str>, Template)], operation: &Operation, site: &Site) -> String {
    let mut text = String::new();
    for (name, template) in pairs {
        if let Some(value) = template.fill(operation, site) {
            if !text.is_empty() {
                text.push('&');
            }
            text.extend(utf8_percent_encode(name, ENCODED));
            text.push('=');
            text.extend(utf8_percent_encode(&value, ENCODED));
        }
    }
    text
}

fn fill_headers(pairs: &[(Box<str>, Template)], operation: &Operation, site: &Site) -> Vec<(Box<str>, String)> {
    let fill = |(name, template): &(Box<str>, Template)| Some((name.clone(), template.fill(operation, site)?));
    pairs.iter().filter_map(fill).collect()
}

fn body(body: &Body, operation: &Operation, site: &Site) -> Option<(&'static str, Vec<u8>)> {
    match body {
        Body::None => None,
        Body::Json(json) => {
            let value = value(json, operation, site).unwrap_or_default();
            Some(("application/json", value.to_string().into_bytes()))
        }
        Body::Form(pairs) => {
            Some(("application/x-www-form-urlencoded", pairs_text(pairs, operation, site).into_bytes()))
        }
    }
}

/// Returns a JSON value with its holes filled; `None` where one has no value.
fn value(json: &Json, operation: &Operation, site: &Site) -> Option<Value> {
    match json {
        Json::Fixed(value) => Some(value.clone()),
        Json::Text(template) => template.fill(operation, site).map(Value::String),
        Json::Hole(hole) => Some(match hole.fill(operation, site)? {
            Filling::Text(text) => Value::String(text.into_owned()),
            Filling::Number(number) => number.into(),
            Filling::List(texts) => texts.into(),
            Filling::Null => Value::Null,
        }),
        Json::List(items) => Some(items.iter().filter_map(|item| value(item, operation, site)).collect()),
        Json::Object(members) => {
            let member = |(name, member): &(Box<str>, Json)| Some((name.to_string(), value(member, operation, site)?));
            Some(Value::Object(members.iter().filter_map(member).collect()))
        }
    }
}
