//! Operations become requests.

mod body;

use std::borrow::Cow;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::{Cursor, Draft, Failure, FailureKind, Operation};

use super::compound;
use super::plan::{Answer, Auth, Call, Credential, Next, Plan, SessionAt};
use super::request::{Effect, Request, Response, Reuse, Size};
use super::sealed::{Claims, Guise, Part, Sealed, Slot};
use super::site::Site;
use super::template::{Filling, Hole, Piece, Source, Template, cursor_of};

/// What stands as it is in paths, queries and forms. Not the dot, so that no value makes a dot segment.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// Turns an operation into the request that asks for it.
///
/// # Errors
/// When the backend has no such operation, or something that it needs was not said.
pub fn encode(plan: &Plan, site: &Site, operation: &Operation) -> Result<Request, Failure> {
    let operation = &*resolve(plan, site, operation);
    let call = plan.call(operation)?;
    let (limit, keep, first) = match &call.answer {
        Answer::Rows { next, .. } | Answer::Events { next, .. } => (Size::Page, kept(next), next.first()),
        Answer::Token(_)
        | Answer::Issued(_)
        | Answer::Identity { .. }
        | Answer::Revoked { .. }
        | Answer::Done
        | Answer::Health { .. } => (Size::Single, Vec::new(), None),
    };
    let word = cursor_of(operation).map(Cursor::raw).filter(|word| !word.is_empty());
    let source = Source {
        operation: Some(operation),
        site,
        each: each(plan, site, operation).map(Cow::Owned),
        cursor: word.map(Cow::Borrowed).or_else(|| first.map(|first| first.to_string().into())),
        omit_never: call.omit_never,
    };
    // Nor may a value be empty: many servers take `/users//tokens` for `/users/tokens`, and `/tokens/` for all of them.
    let says_nothing = |hole: &Hole| !matches!(hole.fill(&source), Some(Filling::Text(text)) if !text.is_empty());
    // An operation on one token that names none, in a query or a body, may be taken for one on all of them.
    let names_one = |hole: &Hole| matches!(hole, Hole::Id | Hole::IdWithin | Hole::Each);
    let is_about_one = operation.token().is_some() || cursor_of(operation).is_some_and(|at| at.parent().is_some());
    let aimless = is_about_one && call.mentions(|hole| names_one(hole) && says_nothing(hole));
    if aimless || call.path.has(says_nothing) {
        return Err(Failure::new(
            FailureKind::Refused,
            format!("{} needs to know more for \"{}\": it was not sent", plan.title, operation.word()),
            "name the owner of the token, or set the parameters of the context",
        ));
    }
    if let Operation::Create(draft) = operation {
        check_roles(plan, call, draft)?;
    }
    let auth = match call.credential {
        Credential::Sent => auth(plan, &source),
        Credential::Withheld => None,
        Credential::Value => auth(plan, &source).map(|(name, value)| (name, value.with_value())),
    };
    let effect = match (operation.changes(), operation.repeatable()) {
        (false, _) => Effect::Reads,
        (true, true) => Effect::ChangesOnce,
        (true, false) => Effect::ChangesEachTime,
    };
    // A new secret comes back, or a leaked one goes out.
    let bears = matches!(
        operation,
        Operation::Create(_) | Operation::Rotate(_) | Operation::Identify(_) | Operation::RevokeValue(_)
    );
    let reuse = if bears { Reuse::No } else { Reuse::Yes };
    Ok(request(plan, call, &source, Asking { word: operation.word(), auth, effect, size: limit, keep, reuse }))
}

/// Refuses a creation whose roles would not be what was asked for.
fn check_roles(plan: &Plan, call: &Call, draft: &Draft) -> Result<(), Failure> {
    let refused = |why: String| Err(Failure::new(FailureKind::Refused, why, "choose a role"));
    let title = &plan.title;
    // Some services give a token without roles those of its creator.
    if draft.roles.is_empty() && call.mentions(Hole::is_of_roles) {
        return refused(format!("{title} gives a token the roles that are named, and none is: it was not sent"));
    }
    // A yes or no would turn a role that nobody knows into one that somebody does.
    let known = |role: &String| plan.words.roles.iter().any(|spec| spec.name == *role);
    if call.mentions(|hole| matches!(hole, Hole::RoleIs(_))) && !matches!(&draft.roles[..], [role] if known(role)) {
        let names: Vec<&str> = plan.words.roles.iter().map(|spec| spec.name.as_str()).collect();
        return refused(format!("{title} gives a token one of these roles: {}: it was not sent", names.join(", ")));
    }
    Ok(())
}

/// Returns what has to be asked before an operation: the token, where it is sent back whole.
pub fn reads_first(plan: &Plan, operation: &Operation) -> Option<Operation> {
    let reads = plan.call(operation).is_ok_and(|call| call.read);
    operation.token().filter(|_| reads).map(|id| Operation::Get(id.clone()))
}

/// Puts what is changed over what was read.
///
/// # Errors
/// When the token was not read, or is no object.
pub fn put_over(plan: &Plan, request: Request, read: &Response) -> Result<Request, Failure> {
    let Some(Call { answer: Answer::Token(item), .. }) = plan.calls.get("get") else {
        return Err(unread(plan, "has no operation \"get\""));
    };
    let whole: serde_json::Value = serde_json::from_slice(&read.body).map_err(|_| unread(plan, "did not send JSON"))?;
    let (Some(serde_json::Value::Object(token)), Some(Sealed(parts))) = (item.of(&whole), &request.body) else {
        return Err(unread(plan, "did not send the token where the description points"));
    };
    let [Part::Text(changed)] = &parts[..] else { return Err(unread(plan, "was not asked for a change")) };
    let Ok(serde_json::Value::Object(changed)) = serde_json::from_str(changed) else {
        return Err(unread(plan, "was not asked for a change"));
    };
    let mut token = token.clone();
    token.extend(changed);
    let body = Sealed(vec![Part::Text(serde_json::Value::Object(token).to_string())]);
    Ok(Request { body: Some(body), ..request })
}

fn unread(plan: &Plan, why: &str) -> Failure {
    Failure::new(
        FailureKind::Protocol,
        format!("{} {why}: nothing was changed", plan.title),
        "check that its description fits its version",
    )
}

/// Returns the request for a session that is asked for at `now`; `None` where the backend takes the credential itself.
pub fn encode_login(plan: &Plan, site: &Site, now: Timestamp) -> Option<Request> {
    let login = plan.login.as_ref()?;
    let keep = match &login.session {
        SessionAt::Header(name) => vec![name.clone()],
        SessionAt::Body(_) => Vec::new(),
    };
    let source = Source { operation: None, site, each: None, cursor: None, omit_never: false };
    let signed = |issuer: &Template| {
        let claims = Claims { issuer: issuer.fill(&source)?, at: now };
        let token = Part::Secret(Slot::Credential, Guise::Signed(claims));
        Some(("authorization".into(), Sealed(vec![Part::Text("Bearer ".to_owned()), token])))
    };
    let auth = login.issuer.as_ref().and_then(signed);
    let asking = Asking { word: "login", auth, effect: Effect::Reads, size: Size::Single, keep, reuse: Reuse::Yes };
    Some(request(plan, &login.call, &source, asking))
}

/// What of a request is not in its templates.
struct Asking {
    word: &'static str,
    auth: Option<(Box<str>, Sealed)>,
    effect: Effect,
    size: Size,
    keep: Vec<Box<str>>,
    reuse: Reuse,
}

/// Makes a request: the one place where one is made.
fn request(plan: &Plan, call: &Call, source: &Source<'_>, asking: Asking) -> Request {
    let mut sealed = fill_headers(&plan.headers, source);
    // Where the credential stays at home, so does a one-time code. A login is what such a code is for.
    if call.credential != Credential::Sent && asking.word != "login" {
        sealed.retain(|(_, value)| value.is_open());
    }
    for (name, value) in fill_headers(&call.headers, source) {
        sealed.retain(|(there, _)| *there != name);
        sealed.push((name, value));
    }
    let (open, mut sealed): (Vec<_>, Vec<_>) = sealed.into_iter().partition(|(_, value)| value.is_open());
    let mut headers: Vec<_> = open.into_iter().map(|(name, value)| (name, value.to_string())).collect();
    sealed.extend(asking.auth);
    let body = body::of(&call.body, source);
    if let Some((content_type, _)) = &body {
        headers.push(("content-type".into(), (*content_type).to_owned()));
    }
    Request {
        word: asking.word,
        method: call.method.clone(),
        origin: source.site.origin().clone(),
        path: path(call, source),
        query: Some(pairs_text(&call.query, source)).filter(|query| !query.is_empty()),
        headers,
        sealed,
        body: body.map(|(_, body)| body),
        effect: asking.effect,
        size: asking.size,
        keep: asking.keep,
        reuse: asking.reuse,
    }
}

/// Returns what is asked, with the first step of a list left out where the context names the only parent.
pub(super) fn resolve<'o>(plan: &Plan, site: &Site, operation: &'o Operation) -> Cow<'o, Operation> {
    match (operation, only(plan, site)) {
        (Operation::List(None), Some(parent)) => Cow::Owned(Operation::List(Some(Cursor::of_parent(&parent)))),
        _ => Cow::Borrowed(operation),
    }
}

/// Returns the only parent that the context names.
pub(super) fn only(plan: &Plan, site: &Site) -> Option<String> {
    plan.only.as_ref()?.fill(&Source { operation: None, site, each: None, cursor: None, omit_never: false })
}

/// Returns the parent that an operation is about.
pub(super) fn each(plan: &Plan, site: &Site, operation: &Operation) -> Option<String> {
    if !plan.is_by_parent() {
        return cursor_of(operation)?.parent().map(str::to_owned);
    }
    if let Operation::Create(draft) = operation {
        return draft.owner.clone().or_else(|| only(plan, site));
    }
    let of_page = || cursor_of(operation)?.parent().map(str::to_owned);
    let of_token = || compound::split(operation.token()?.raw()).map(|(parent, _)| parent.into_owned());
    of_page().or_else(of_token)
}

/// Returns the response headers that name the next page.
fn kept(next: &Next) -> Vec<Box<str>> {
    match next {
        Next::Word { header, .. } => header.iter().cloned().collect(),
        Next::None | Next::Page { .. } | Next::Offset { .. } => Vec::new(),
    }
}

/// Returns the header with the credential, or with what stands for it.
fn auth(plan: &Plan, source: &Source<'_>) -> Option<(Box<str>, Sealed)> {
    match &plan.auth {
        Auth::Header { name, value } => Some((name.clone(), value.seal(source, &Guise::Header)?)),
        Auth::Basic(user) => {
            let user = match user {
                Some(user) => Some(user.fill(source)?),
                None => None,
            };
            let value =
                Sealed(vec![Part::Text("Basic ".to_owned()), Part::Secret(Slot::Credential, Guise::Basic(user))]);
            Some(("authorization".into(), value))
        }
    }
}

/// Builds the path: the one place where one is made.
///
/// Every value fills its hole percent-encoded, and so never adds or ends a segment. That no parser takes the
/// result for another path is proved once more before it is sent.
fn path(call: &Call, source: &Source<'_>) -> String {
    let mut path = source.site.prefix().to_owned();
    for piece in &call.path.0 {
        match piece {
            Piece::Literal(literal) => path.push_str(literal),
            Piece::Hole(hole) => {
                if let Some(Filling::Text(text)) = hole.fill(source) {
                    path.extend(utf8_percent_encode(&text, ENCODED));
                }
            }
        }
    }
    path
}

/// Writes pairs as `name=value&name=value`; those without a value are left out.
fn pairs_text(pairs: &[(Box<str>, Template)], source: &Source<'_>) -> String {
    let mut text = String::new();
    for (name, template) in pairs {
        if let Some(value) = template.fill(source) {
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

fn fill_headers(pairs: &[(Box<str>, Template)], source: &Source<'_>) -> Vec<(Box<str>, Sealed)> {
    let fill = |(name, template): &(Box<str>, Template)| Some((name.clone(), template.seal(source, &Guise::Header)?));
    pairs.iter().filter_map(fill).collect()
}
