//! Calls out, answers in: every answer finds the call it belongs to, or is dropped.

use std::time::Duration;

use super::calls::{Call, CallPurpose};
use super::contexts::{Asked, ContextState};
use super::effect::Effect;
use super::inventory::Row;
use super::model::{Model, Wants};
use super::tokens::{Detail, RowNote};
use super::{activity, filtering, identify, loading, modal, pending, replacing, run, sought};
use crate::domain::{
    Answer, CallId, ContextName, Cursor, EventKind, Failure, FailureKind, Operation, Reply, State, Token,
};

/// Asks a backend; nothing new is asked once the program is leaving.
pub(super) fn call(
    model: &mut Model,
    context: &ContextName,
    operation: Operation,
    purpose: CallPurpose,
    effects: &mut Vec<Effect>,
) -> CallId {
    let id = CallId(model.next_number());
    if model.leaving.is_none() {
        let login = model.context(context).map(|state| state.login).unwrap_or_default();
        let call = Call { context: context.clone(), operation: operation.clone(), since: model.now, login, purpose };
        model.calls.insert(id, call);
        effects.push(Effect::Call { call: id, context: context.clone(), operation });
    }
    id
}

/// Asks a context what is wanted of it.
pub(super) fn ask_wanted(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    if model.wants == Wants::Everything {
        return ask_all(model, name, effects);
    }
    if let Some(state) = model.context_mut(name) {
        state.identity = Asked::Asking;
    }
    call(model, name, Operation::Whoami, CallPurpose::Facts, effects);
    if model.wants == Wants::List {
        loading::begin(model, name, effects);
    }
}

/// Asks a context everything that its tabs show: who we are, how it is, what it lists.
pub(super) fn ask_all(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    let Some(state) = model.context_mut(name) else { return };
    let (whoami, health) = (state.context.capabilities.whoami, state.context.capabilities.health);
    if health.offered() {
        state.health = Asked::Asking;
    }
    // Who we are stays known while it is asked again: the own credential is never taken for another token.
    if whoami.offered() && state.identity.there().is_none() {
        state.identity = Asked::Asking;
    }
    for (support, operation) in [(whoami, Operation::Whoami), (health, Operation::Health)] {
        if support.offered() {
            call(model, name, operation, CallPurpose::Facts, effects);
        }
    }
    loading::begin(model, name, effects);
}

/// Takes an answer.
#[expect(clippy::wildcard_enum_match_arm, reason = "any other answer is none to this question")]
pub(super) fn take(model: &mut Model, mut answer: Answer, effects: &mut Vec<Effect>) {
    let Some(asked) = model.calls.remove(answer.call) else { return };
    let name = asked.context.clone();
    if model.context(&name).is_some_and(|state| state.login != asked.login) {
        match of_former_login(answer.result, &asked) {
            Former::Stands(result) => answer.result = result,
            Former::AskAgain => {
                call(model, &name, asked.operation, asked.purpose, effects);
                return;
            }
            Former::Drop => return,
        }
    }
    observe(model, &name, &answer, &asked);
    match asked.purpose {
        CallPurpose::Load(id) => {
            let cursor = match asked.operation {
                Operation::List(cursor) => cursor,
                _ => None,
            };
            loading::listed(model, &name, id, cursor, answer.result, effects);
        }
        CallPurpose::Detail(row) => detailed(model, &name, row, answer.result),
        CallPurpose::Verify(row) => verified(model, &name, row, answer.result),
        CallPurpose::RunItem(place) => {
            run::answered(model, place, answer.call, answer.result, answer.latency, effects);
        }
        CallPurpose::Pending(ticket) => pending::answered(model, ticket, answer.result, effects),
        CallPurpose::Replacement(intent) => replacing::answered(model, intent, answer.result, effects),
        CallPurpose::Sought(place) => sought::answered(model, place, answer.result),
        CallPurpose::Identify(number) => identify::answered(model, &name, number, answer.result),
        CallPurpose::Facts => facts(model, &name, &asked.operation, answer.result),
        CallPurpose::FirstRun => modal::tested(model, &name, answer.result, effects),
    }
}

/// Takes what the head of an answer tells of the page behind it.
pub(super) fn headed(model: &mut Model, call: CallId, next: &Cursor) {
    let Some(Call { purpose: CallPurpose::Load(id), operation: Operation::List(asked), .. }) = model.calls.get(call)
    else {
        return;
    };
    let (id, asked) = (*id, asked.clone());
    loading::headed(model, id, asked, next);
}

/// What an answer is worth whose call was sent before the login that is in force.
enum Former {
    /// As much as any other.
    Stands(Result<Reply, Failure>),
    /// The question still stands, and nothing was done: it is asked again with the credential in force.
    AskAgain,
    /// Nothing.
    Drop,
}

/// Judges an answer whose call was sent before the login that is in force: who the operator was then is not who the
/// operator is, and a refused credential is not the one in force.
fn of_former_login(result: Result<Reply, Failure>, asked: &Call) -> Former {
    let refused = matches!(&result, Err(failure) if failure.kind == FailureKind::Credential);
    match (&asked.purpose, &asked.operation) {
        (CallPurpose::Facts, Operation::Whoami) => Former::Drop,
        _ if !refused => Former::Stands(result),
        (_, Operation::Try(_)) => Former::Stands(result),
        // Asked by the login itself.
        (CallPurpose::Facts, Operation::Health) => Former::Drop,
        // The run asks again by itself, with a call that it knows.
        (CallPurpose::RunItem(_), _) => Former::Stands(Err(replaced(FailureKind::Busy(Some(Duration::ZERO))))),
        (_, operation) if operation.changes() => Former::Stands(Err(replaced(FailureKind::Refused))),
        _ => Former::AskAgain,
    }
}

fn replaced(kind: FailureKind) -> Failure {
    Failure::new(kind, "it was sent with the credential from before the login, which is refused", "try again")
}

/// Returns the failure of an answer that does not fit its question.
pub(super) fn nonsense() -> Failure {
    Failure::new(
        FailureKind::Protocol,
        "the backend answered something else than what was asked",
        "check that the context's backend and URL belong together",
    )
}

/// Notes what every answer tells: how long it took, what the backend's clock says, whether it is there.
fn observe(model: &mut Model, name: &ContextName, answer: &Answer, asked: &Call) {
    let now = model.now;
    let Some(state) = model.context_mut(name) else { return };
    if let Some(tls) = &answer.tls {
        state.tls = Some(tls.clone());
    }
    if let Some(time) = answer.server_time {
        state.skew = Some(time.duration_since(now));
    }
    match &answer.result {
        Ok(_) => state.latency = Some(answer.latency),
        Err(failure) if failure.kind == FailureKind::Credential && is_about_credential(asked) => {
            dead_credential(model, name, failure);
        }
        Err(_) => {}
    }
}

/// Tells whether a refused credential is that of the context.
fn is_about_credential(asked: &Call) -> bool {
    // The first-run screen says it in its form.
    asked.purpose != CallPurpose::FirstRun && !matches!(asked.operation, Operation::Try(_))
}

/// Says that the operator's credential is dead, once; rows stay and are marked stale.
fn dead_credential(model: &mut Model, name: &ContextName, failure: &Failure) {
    let now = model.now;
    let Some(state) = model.context_mut(name) else { return };
    if state.needs_login() {
        return;
    }
    state.credential = Asked::Failed(failure.clone());
    let inputs = state.context.capabilities.inputs.iter().map(|input| &*input.name);
    let all: Vec<&str> = std::iter::once("the credential").chain(inputs).collect();
    let hint = match all.as_slice() {
        [_] => "type :login to give a new credential".to_owned(),
        _ => format!("type :login to give {} anew", all.join(" or ")),
    };
    model.messages.warn(now, format!("{name}: {failure}"), hint);
}

#[expect(clippy::wildcard_enum_match_arm, reason = "any other answer is none to this question")]
fn facts(model: &mut Model, name: &ContextName, operation: &Operation, result: Result<Reply, Failure>) {
    let kind = match operation {
        Operation::Events(_) => Some(EventKind::Audit),
        Operation::Notices(_) => Some(EventKind::Notice),
        _ => None,
    };
    if let Some(kind) = kind {
        return activity::told(model, name, kind, result);
    }
    let Some(state) = model.context_mut(name) else { return };
    match result {
        Ok(Reply::Identity(identity)) => state.identity = Asked::There(*identity),
        Ok(Reply::Health(health)) => state.health = Asked::There(health),
        Ok(_) => note_fact(state, operation, nonsense()),
        Err(failure) => note_fact(state, operation, failure),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "any other answer is none to this question")]
fn note_fact(state: &mut ContextState, operation: &Operation, failure: Failure) {
    match operation {
        Operation::Whoami if state.identity.there().is_some() => {}
        Operation::Whoami => state.identity = Asked::Failed(failure),
        _ => state.health = Asked::Failed(failure),
    }
}

fn detailed(model: &mut Model, name: &ContextName, row: Row, result: Result<Reply, Failure>) {
    let answer = match result {
        Ok(Reply::Token(token)) => {
            put(model, name, &token);
            Asked::There(token)
        }
        Ok(_) => Asked::Failed(nonsense()),
        Err(failure) => Asked::Failed(failure),
    };
    if let Detail::Open { row: open, token, .. } = &mut model.tokens.detail
        && *open == Some(row)
    {
        *token = answer;
    }
}

fn verified(model: &mut Model, name: &ContextName, row: Row, result: Result<Reply, Failure>) {
    let now = model.now;
    let label = model.tokens.inventory.get(row).map_or_else(String::new, |row| row.label().to_string());
    match result {
        Ok(Reply::Token(token)) => {
            let created = model.tokens.inventory.get(row).and_then(super::inventory::RowRef::created);
            put(model, name, &token);
            let (words, note) = match token.state {
                // The backend used the id again: what was asked about is not what answers.
                _ if created.is_some() && token.created.is_some() && created != token.created => {
                    ("is gone: its id belongs to another token now", RowNote::Gone)
                }
                State::Revoked => ("is dead: the backend says revoked", RowNote::VerifiedDead),
                State::Live => ("lives", RowNote::Lives),
                State::Disabled => ("lives, and is switched off", RowNote::Lives),
                State::Expired => ("is refused: it has expired", RowNote::Gone),
            };
            model.messages.say(now, format!("\"{label}\" {words}"));
            model.tokens.notes.insert(row, note);
        }
        Ok(_) => model.messages.fail(now, &nonsense()),
        Err(failure) if failure.kind == FailureKind::NotFound => {
            model.messages.say(now, format!("\"{label}\" is gone: the backend does not know it"));
            model.tokens.notes.insert(row, RowNote::Gone);
        }
        Err(failure) => model.messages.fail(now, &failure),
    }
}

/// Puts a token that was read, made or changed into the table.
pub(super) fn put(model: &mut Model, name: &ContextName, token: &Token) -> Row {
    // Where a token that is read does not say that it is revoked, it stays what was done to it.
    let untold = model.context(name).is_some_and(|state| state.context.capabilities.unproved.is_some());
    let ended = untold && model.tokens.revoked_here.contains_key(&token.key(name));
    let token = &if ended { Token { state: State::Revoked, ..token.clone() } } else { token.clone() };
    let before = model.tokens.inventory.find(&token.key(name)).and_then(|row| model.tokens.inventory.token(row));
    let is_news = before.is_none_or(|before| before.state != token.state || token.differs_from(&before));
    if let Some(state) = model.context_mut(name).filter(|_| is_news) {
        state.list.changes += 1;
    }
    let (inventory, row) = model.tokens.inventory.put(name, token);
    model.tokens.inventory = inventory;
    filtering::rows_changed(model);
    row
}
