//! Answers become replies.

pub(super) mod body;
pub(super) mod cell;
mod event;
pub(super) mod extra;
mod failure;
mod key;
pub(super) mod matcher;
pub(super) mod moment;
mod next;
mod row;

use std::borrow::Cow;
use std::sync::Arc;

use crate::domain::{
    ContextName, Cursor, EventKind, Events, Failure, FailureKind, Health, Issued, Operation, Page, PageBuilder,
    RawPage, Reply, Secret, Token, TokenId, Untrusted,
};

use super::plan::{Answer, Call, Plan};
use super::pointer::Pointer;
use super::request::{Head, Response};

use cell::Cell;
use failure::misshapen;
use matcher::Keep;

/// Turns an answer into a reply.
///
/// A list's rows stay undecoded in [`RawPage`]: the next page can be asked for while [`decode_page`] reads them.
///
/// # Errors
/// What the backend says went wrong; or an answer that is not what this backend answers.
pub fn decode(plan: &Plan, operation: &Operation, response: Response) -> Result<Reply, Failure> {
    let call = plan.call(operation)?;
    if let Answer::Revoked { gone_status, .. } = &call.answer
        && gone_status.contains(&response.status)
    {
        return Ok(Reply::Revoked { already_gone: true, also: None });
    }
    // A change that was answered with a failure of the backend, or with a success we cannot read, may have been
    // made. One that was refused was not.
    let settle = |failure: Failure| if operation.changes() { failure.maybe_reached() } else { failure };
    if (200..300).contains(&response.status) {
        return read(plan, call, operation, response).map_err(settle);
    }
    let failure = failure::from_status(plan, call, &response);
    Err(if failure.kind == FailureKind::Server { settle(failure) } else { failure })
}

/// Returns where the next page of a list begins, where the head of an answer tells it; `None` where only the body may.
///
/// The head comes before the body, and the next page can be asked for while the body is on its way.
pub fn next_page(plan: &Plan, operation: &Operation, head: &Head) -> Option<Cursor> {
    match plan.call(operation).ok().filter(|_| head.is_success())? {
        Call { answer: Answer::Tokens { next, .. }, .. } => next::cursor_in_head(next, head),
        Call { .. } => None,
    }
}

/// Reads the rows of a page straight into columns.
///
/// # Errors
/// When the page has another shape than described. Nothing of it is in the error.
pub fn decode_page(plan: &Plan, context: &ContextName, page: &RawPage) -> Result<Page, Failure> {
    let Some(Call { answer: Answer::Tokens { items, .. }, .. }) = plan.calls.get("list") else {
        return Ok(PageBuilder::new(context.clone()).finish());
    };
    let keep = if plan.calls.contains_key("get") { Keep::FieldsOnly } else { Keep::Extra };
    let mut builder = PageBuilder::new(context.clone());
    let matcher = &plan.token.matcher;
    let count = body::each_row(&page.body, items, matcher, keep, |row| {
        row::with_token_row(&plan.token, row, |token| builder.push(&token).map_err(|error| error.to_string()))
    });
    match count {
        Ok(Some(_)) => Ok(builder.finish()),
        Ok(None) => Err(misshapen("the list", "has no rows where the description points")),
        Err(unreadable) => Err(misshapen("the list", &unreadable.0)),
    }
}

fn read(plan: &Plan, call: &Call, operation: &Operation, response: Response) -> Result<Reply, Failure> {
    let what = format!("the answer to \"{}\"", operation.word());
    let reads_body = call.success.is_some() || reads_body(&call.answer);
    failure::check_type(&response, reads_body, &what)?;
    if let Some(test) = &call.success
        && !at(&response, &test.at, &what)?.is_among(&test.when)
    {
        return Err(failure::from_body(plan, &response));
    }
    let body = &response.body;
    match &call.answer {
        Answer::Tokens { next, .. } => {
            let next = next::cursor(next, &response).map_err(|unreadable| misshapen(&what, &unreadable.0))?;
            Ok(Reply::Listed(Arc::new(RawPage { next, body: response.body })))
        }
        Answer::Events { items, next, fields } => {
            let unreadable = |unreadable: body::Unreadable| misshapen(&what, &unreadable.0);
            let kind = if matches!(operation, Operation::Notices(_)) { EventKind::Notice } else { EventKind::Audit };
            let rows = event::rows(body, items, fields, kind).map_err(unreadable)?;
            let next = next::cursor(next, &response).map_err(unreadable)?;
            Ok(Reply::Events(Events { rows, next }))
        }
        Answer::Token(item) => Ok(Reply::Token(Box::new(token(plan, operation, body, item, &what)?))),
        Answer::Issued { item, secret } => {
            let token = token(plan, operation, body, item, &what)?;
            let secret = secret_at(&response, secret, &what)?;
            Ok(Reply::Issued(Box::new(Issued { token, secret })))
        }
        Answer::Identity { item, fields } => {
            let fields = fields.as_deref().unwrap_or(&plan.token);
            let identity = row::identity(fields, body, item).map_err(|why| misshapen(&what, &why))?;
            Ok(Reply::Identity(Box::new(identity)))
        }
        Answer::Revoked { gone, also, .. } => {
            let already_gone = match gone {
                Some(test) => at(&response, &test.at, &what)?.is_among(&test.when),
                None => false,
            };
            let also = also.as_ref().map(|also| at(&response, also, &what)).transpose()?;
            Ok(Reply::Revoked { already_gone, also: also.and_then(|cell| cell.count()) })
        }
        Answer::Done => Ok(Reply::Done),
        Answer::Health { version } => {
            let version = version.as_ref().map(|version| at(&response, version, &what)).transpose()?;
            let version = version.as_ref().and_then(Cell::text).map(|text| Untrusted::from(&*text));
            Ok(Reply::Health(Health { version }))
        }
    }
}

fn reads_body(answer: &Answer) -> bool {
    match answer {
        Answer::Tokens { .. }
        | Answer::Events { .. }
        | Answer::Token(_)
        | Answer::Issued { .. }
        | Answer::Identity { .. } => true,
        Answer::Revoked { gone, also, .. } => gone.is_some() || also.is_some(),
        Answer::Done => false,
        Answer::Health { version } => version.is_some(),
    }
}

fn at<'r>(response: &'r Response, pointer: &Pointer, what: &str) -> Result<Cell<'r>, Failure> {
    body::find(&response.body, pointer).map_err(|unreadable| misshapen(what, &unreadable.0))
}

/// Reads one token, and holds its id against the one that was asked for.
fn token(plan: &Plan, operation: &Operation, body: &[u8], item: &Pointer, what: &str) -> Result<Token, Failure> {
    let token = row::token(&plan.token, body, item).map_err(|why| misshapen(what, &why))?;
    match asked_for(operation) {
        Some(id) if *id != token.id => Err(misshapen(what, "is about another token than the one that was asked for")),
        Some(_) | None => Ok(token),
    }
}

fn asked_for(operation: &Operation) -> Option<&TokenId> {
    match operation {
        Operation::Get(id)
        | Operation::Edit(id, _)
        | Operation::Rotate(id)
        | Operation::Revoke(id)
        | Operation::Disable(id)
        | Operation::Enable(id) => Some(id),
        Operation::List(_)
        | Operation::Whoami
        | Operation::Create(_)
        | Operation::Events(_)
        | Operation::Notices(_)
        | Operation::Health => None,
    }
}

fn secret_at(response: &Response, pointer: &Pointer, what: &str) -> Result<Arc<Secret>, Failure> {
    let secret = match at(response, pointer, what)?.into_text() {
        Some(Cow::Borrowed(text)) => Secret::new(text.into()),
        Some(Cow::Owned(text)) => Secret::from_string(text),
        None => Secret::new("".into()),
    };
    if secret.is_empty() {
        return Err(misshapen(what, "holds no secret where the description points"));
    }
    Ok(Arc::new(secret))
}
