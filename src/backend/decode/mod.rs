//! Answers become replies.

pub(super) mod body;
pub(super) mod cell;
mod event;
pub(super) mod extra;
pub(super) mod failure;
mod fill;
mod key;
pub(super) mod matcher;
pub(super) mod moment;
mod newest;
mod next;
mod number;
mod parents;
mod row;
mod secret;
mod wait;

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::domain::{
    ContextName, Cursor, EventKind, Events, Expiry, Failure, FailureKind, Health, Holds, Identity, Issued, Operation,
    Page, PageBuilder, RawPage, Reply, Token, Untrusted,
};

use super::encode;
use super::plan::{Answer, Call, Credential, EACH, Empty, IssuedAt, Kind, Next, Parents, Plan};
use super::pointer::{Pointer, Test};
use super::request::{Head, Response};
use super::site::Site;
use super::template::cursor_of;

use cell::Cell;
use failure::misshapen;
use fill::{Keep, Row};

/// Turns an answer into a reply.
///
/// A list's rows stay undecoded in [`RawPage`]: the next page can be asked for while [`decode_page`] reads them.
///
/// # Errors
/// What the backend says went wrong; or an answer that is not what this backend answers.
pub fn decode(plan: &Plan, site: &Site, operation: &Operation, response: Response) -> Result<Reply, Failure> {
    let operation = &*encode::resolve(plan, site, operation);
    let call = plan.call(operation)?;
    if let Some(reply) = nothing_there(call, operation, &response).or_else(|| taken_or_not(plan, call, &response)) {
        return Ok(reply);
    }
    // A change that was answered with a failure of the backend, or with a success we cannot read, may have been
    // made. One that was refused was not.
    let settle = |failure: Failure| if operation.changes() { failure.maybe_reached() } else { failure };
    if call.succeeds(response.status) {
        let unsure = |failure: &Failure| matches!(failure.kind, FailureKind::Server | FailureKind::Protocol);
        // Any other kind is what the body says by a rule of the description: that it was refused.
        let result = read(plan, site, call, operation, response);
        return result.map_err(|failure| if unsure(&failure) { settle(failure) } else { failure });
    }
    if call.gone_status.contains(&response.status) {
        return Err(failure::gone(plan, &response));
    }
    let failure = failure::from_status(plan, call, &response);
    // A gateway that asks to wait with 503 may have passed it on. What may be repeated is, and finds out by that. These
    // two redirects lead to what came of a request, the others to where it is to be sent.
    let passed_on = response.status == 503 && !operation.repeatable();
    let done_elsewhere = matches!(response.status, 302 | 303) && failure.kind == FailureKind::Protocol;
    Err(if failure.kind == FailureKind::Server || passed_on || done_elsewhere { settle(failure) } else { failure })
}

/// Returns what an answer means that looks like a failure, and only says that nothing is there.
fn nothing_there(call: &Call, operation: &Operation, response: &Response) -> Option<Reply> {
    let gone = call.gone_status.contains(&response.status);
    match (&call.answer, operation) {
        (Answer::Revoked { .. }, _) if gone => Some(Reply::Revoked { already_gone: true, also: None }),
        (Answer::Rows { .. } | Answer::Token(_), Operation::List(at)) if gone => Some(no_rows(at.clone())),
        (Answer::Rows { empty: Some(empty), .. }, Operation::List(at)) if is(empty, response) => {
            Some(no_rows(at.clone()))
        }
        _ => None,
    }
}

/// Tells whether an answer is one that looks like a failure.
fn is(empty: &Empty, response: &Response) -> bool {
    let holds = |test: &Test| body::find(&response.body, &test.at).is_ok_and(|cell| cell.is_among(&test.when));
    empty.status.contains(&response.status) && empty.test.as_ref().is_none_or(holds)
}

/// Returns what a failure means that says no more than that a credential is taken; or, where the value that was to be
/// ended stood in its place, that it is not.
fn taken_or_not(plan: &Plan, call: &Call, response: &Response) -> Option<Reply> {
    if call.succeeds(response.status) {
        return None;
    }
    match (&call.answer, failure::kind(plan, call, response)) {
        (Answer::Revoked { .. }, Kind::Credential) if call.credential == Credential::Value => {
            Some(Reply::Revoked { already_gone: true, also: None })
        }
        (Answer::Identity { alive: Some(alive), .. }, kind) if kind != Kind::Credential && is(alive, response) => {
            let (token, roles, expires) = (None, None, Expiry::NotReported);
            Some(Reply::Identity(Box::new(Identity { token, name: Untrusted::default(), roles, expires })))
        }
        _ => None,
    }
}

fn no_rows(at: Option<Cursor>) -> Reply {
    let body = Zeroizing::default();
    Reply::Listed(Arc::new(RawPage { at, next: None, below: Vec::new(), holds: Holds::Nothing, body }))
}

/// Tells whether an answer is a refusal that does not say whether it is about the credential or about a right.
pub fn is_denied(plan: &Plan, site: &Site, operation: &Operation, response: &Response) -> bool {
    let operation = encode::resolve(plan, site, operation);
    plan.call(&operation).is_ok_and(|call| {
        call.credential == Credential::Sent
            && !call.succeeds(response.status)
            && !call.gone_status.contains(&response.status)
            && failure::kind(plan, call, response) == Kind::Denied
    })
}

/// Returns where the next page of a list begins, where the head of an answer tells it; `None` where only the body may.
///
/// The head comes before the body, and the next page can be asked for while the body is on its way.
pub fn next_page(plan: &Plan, site: &Site, operation: &Operation, head: &Head) -> Option<Cursor> {
    let operation = encode::resolve(plan, site, operation);
    let call = plan.call(&operation).ok().filter(|call| call.succeeds(head.status))?;
    match &call.answer {
        Answer::Rows { next, .. } => next::cursor_in_head(next, head, cursor_of(&operation)),
        Answer::Events { .. }
        | Answer::Token(_)
        | Answer::Issued(_)
        | Answer::Identity { .. }
        | Answer::Revoked { .. }
        | Answer::Done
        | Answer::Health { .. } => None,
    }
}

/// Reads the rows of a page straight into columns.
///
/// # Errors
/// When the page has another shape than described. Nothing of it is in the error.
pub fn decode_page(plan: &Plan, context: &ContextName, page: &RawPage) -> Result<Page, Failure> {
    let mut builder = PageBuilder::new(context.clone());
    add_page(plan, page, Fields::Shown, &mut builder)?;
    Ok(builder.finish())
}

/// Which fields of a list's rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fields {
    /// Those of the table; and the others where no token can be read by itself.
    Shown,
    /// All of them.
    All,
}

/// Reads the rows of several pages into one: those of a list in two steps are small.
///
/// # Errors
/// As [`decode_page`].
pub fn decode_pages(
    plan: &Plan,
    context: &ContextName,
    pages: &[Arc<RawPage>],
    fields: Fields,
) -> Result<Page, Failure> {
    let mut builder = PageBuilder::new(context.clone());
    for page in pages {
        add_page(plan, page, fields, &mut builder)?;
    }
    Ok(builder.finish())
}

fn add_page(plan: &Plan, page: &RawPage, which: Fields, builder: &mut PageBuilder) -> Result<(), Failure> {
    let parent = page.at.as_ref().and_then(Cursor::parent);
    let word = if parent.is_some() { EACH } else { "list" };
    let Some(call) = plan.calls.get(word) else { return Ok(()) };
    let fields = &plan.token;
    let mut push = |row: &Row<'_>, parent: Option<&str>| {
        row::with_token_row(fields, row, parent, |token| builder.push(&token).map_err(|error| error.to_string()))
    };
    match (&call.answer, page.holds) {
        (Answer::Rows { items, only, .. }, Holds::Rows) => {
            let few = which == Fields::Shown && plan.calls.contains_key("get");
            let keep = if few { Keep::FieldsOnly } else { Keep::Extra };
            let take = |row: &Row<'_>| {
                // A list may hold rows that are no tokens.
                if row::all_hold(only, row) { push(row, parent) } else { Ok(()) }
            };
            match body::each_row(&page.body, items, &fields.matcher, keep, take) {
                Ok(Some(_)) => Ok(()),
                Ok(None) => Err(misshapen("the list", "has no rows where the description points")),
                Err(unreadable) => Err(misshapen("the list", &unreadable.0)),
            }
        }
        (Answer::Token(item), Holds::One) => {
            let row = body::find_row(&page.body, item, &fields.matcher);
            let row = row.map_err(|unreadable| misshapen("a token of the list", &unreadable.0))?;
            let row = row.ok_or_else(|| misshapen("a token of the list", "is not where the description points"))?;
            push(&row, None).map_err(|why| misshapen("a token of the list", &why))
        }
        _ => Ok(()),
    }
}

fn read(plan: &Plan, site: &Site, call: &Call, operation: &Operation, response: Response) -> Result<Reply, Failure> {
    let what = format!("the answer to \"{}\"", operation.word());
    let reads_body = call.success.is_some() || reads_body(&call.answer, &response);
    failure::check_type(&response, reads_body, &what)?;
    if let Some(test) = &call.success
        && !at(&response, &test.at, &what)?.is_among(&test.when)
    {
        return Err(failure::from_body(plan, &response));
    }
    let body = &response.body;
    let unreadable = |unreadable: body::Unreadable| misshapen(&what, &unreadable.0);
    match &call.answer {
        Answer::Rows { items, next, parents, .. } => {
            let rows = Listing { items, next, parents: parents.as_ref() };
            listed(&rows, cursor_of(operation), response).map_err(unreadable)
        }
        Answer::Token(_) if matches!(operation, Operation::List(_)) => {
            let at = cursor_of(operation).cloned();
            let page = RawPage { at, next: None, below: Vec::new(), holds: Holds::One, body: response.body };
            Ok(Reply::Listed(Arc::new(page)))
        }
        Answer::Events { items, next, fields } => {
            let kind = if matches!(operation, Operation::Notices(_)) { EventKind::Notice } else { EventKind::Audit };
            let rows = event::rows(body, items, fields, kind).map_err(unreadable)?;
            let count = || Ok(rows.len() as u64);
            let next = next::cursor(next, &response, cursor_of(operation), count).map_err(unreadable)?;
            Ok(Reply::Events(Events { rows, next }))
        }
        Answer::Token(item) => Ok(Reply::Token(Box::new(token(plan, site, operation, body, item, &what)?))),
        Answer::Issued(at) => issued(plan, site, operation, at, body, &what),
        Answer::Identity { item, fields, alive: _ } => {
            let fields = fields.as_deref().unwrap_or(&plan.token);
            let identity =
                row::identity(fields, body, item, plan.is_by_parent()).map_err(|why| misshapen(&what, &why))?;
            Ok(Reply::Identity(Box::new(identity)))
        }
        // 204 says by itself that there is nothing to read.
        Answer::Revoked { also: None, .. } if response.status == 204 => {
            Ok(Reply::Revoked { already_gone: false, also: None })
        }
        Answer::Revoked { gone, also, unproved: _ } => {
            let already_gone = match gone {
                Some(test) => at(&response, &test.at, &what)?.is_among(&test.when),
                None => false,
            };
            let also = also.as_ref().map(|also| at(&response, also, &what)).transpose()?;
            // A backend that always tells this tells it of every revocation: what does not is somebody else's answer.
            let told = also.map(|cell| cell.count().ok_or_else(|| misshapen(&what, "does not tell what died with it")));
            Ok(Reply::Revoked { already_gone, also: told.transpose()? })
        }
        Answer::Done => Ok(Reply::Done),
        Answer::Health { version } => {
            let version = version.as_ref().map(|version| at(&response, version, &what)).transpose()?;
            let version = version.as_ref().and_then(Cell::text).map(|text| Untrusted::from(&*text));
            Ok(Reply::Health(Health { version }))
        }
    }
}

/// Reads a new secret, and the token that it belongs to.
fn issued(
    plan: &Plan,
    site: &Site,
    operation: &Operation,
    at: &IssuedAt,
    body: &[u8],
    what: &str,
) -> Result<Reply, Failure> {
    let IssuedAt { item, secret, newest, new_id: _ } = at;
    let whole = Pointer(Vec::new());
    let (body, item) = match (item, operation) {
        (Some(list), Operation::Create(draft)) if *newest => {
            (newest::of_label(&plan.token, body, list, &draft.label, what)?, Some(&whole))
        }
        (item, _) => (body, item.as_ref()),
    };
    let token = item.map(|item| token(plan, site, operation, body, item, what)).transpose()?;
    if secret.is_empty() {
        return Ok(Reply::Issued(Box::new(Issued { token, secret: None })));
    }
    let secret = secret::read(body, secret, what)?.ok_or_else(|| match (&token, operation) {
        (Some(_), Operation::Create(_)) => secret::kept_back(what),
        _ => misshapen(what, "holds no secret where the description points"),
    })?;
    let token = token.map(|token| secret::scrub(token, &secret));
    Ok(Reply::Issued(Box::new(Issued { token, secret: Some(secret) })))
}

/// How a page of a list reads.
struct Listing<'p> {
    items: &'p Pointer,
    next: &'p Next,
    parents: Option<&'p Parents>,
}

/// Finds what has to be asked after a page; its rows stay as they are.
fn listed(how: &Listing<'_>, asked: Option<&Cursor>, response: Response) -> Result<Reply, body::Unreadable> {
    let Listing { items, next, parents } = *how;
    let below = match parents {
        Some(parents) => parents::below(&response.body, items, parents)?,
        None => parents::Below::default(),
    };
    let rows = || if parents.is_some() { Ok(below.rows) } else { parents::count(&response.body, items) };
    let next = next::cursor(next, &response, asked, rows)?;
    let holds = if parents.is_some() { Holds::Nothing } else { Holds::Rows };
    let body = if parents.is_some() { Zeroizing::default() } else { response.body };
    Ok(Reply::Listed(Arc::new(RawPage { at: asked.cloned(), next, below: below.cursors, holds, body })))
}

fn reads_body(answer: &Answer, response: &Response) -> bool {
    match answer {
        Answer::Rows { .. }
        | Answer::Events { .. }
        | Answer::Token(_)
        | Answer::Issued(_)
        | Answer::Identity { .. } => true,
        Answer::Revoked { gone, also, unproved: _ } => (gone.is_some() || also.is_some()) && response.status != 204,
        Answer::Done => false,
        Answer::Health { version } => version.is_some(),
    }
}

fn at<'r>(response: &'r Response, pointer: &Pointer, what: &str) -> Result<Cell<'r>, Failure> {
    body::find(&response.body, pointer).map_err(|unreadable| misshapen(what, &unreadable.0))
}

/// Reads one token, and holds its id against the one that was asked for.
fn token(
    plan: &Plan,
    site: &Site,
    operation: &Operation,
    body: &[u8],
    item: &Pointer,
    what: &str,
) -> Result<Token, Failure> {
    let parent = encode::each(plan, site, operation);
    let token = row::token(&plan.token, body, item, parent.as_deref()).map_err(|why| misshapen(what, &why))?;
    let brings_another = matches!(
        plan.calls.get(operation.word()),
        Some(Call { answer: Answer::Issued(IssuedAt { new_id: true, .. }), .. })
    );
    match operation.token() {
        Some(id) if *id != token.id && !brings_another => {
            Err(misshapen(what, "is about another token than the one that was asked for"))
        }
        Some(_) | None => Ok(token),
    }
}
