//! What a run does next: read again, record, send, prove; never a request without a durable intent.

use std::time::Duration;

use jiff::Timestamp;

use super::{Begun, Item, ItemState, Phase, Run, listed, order, outcome, written};
use crate::app::answers;
use crate::app::calls::CallPurpose;
use crate::app::effect::Effect;
use crate::app::inventory::Row;
use crate::app::modal::Frozen;
use crate::app::model::Model;
use crate::app::tokens::RowNote;
use crate::domain::{CallId, ContextName, Failure, FailureKind, Operation, Reply, TokenId};

/// Starts a run over a confirmed set: children before their parents, the operator's own credential last.
pub(in crate::app) fn start(
    model: &mut Model,
    context: ContextName,
    mut tokens: Vec<Frozen>,
    effects: &mut Vec<Effect>,
) {
    order::sort(model, &context, &mut tokens);
    for row in tokens.iter().filter_map(|frozen| frozen.row) {
        model.tokens.notes.insert(row, RowNote::Waiting);
    }
    let items = tokens.into_iter().map(|frozen| Item::new(frozen, ItemState::Waiting)).collect();
    model.run = Some(Run::new(context, items, model.now));
    written::begin(model, effects);
}

/// Lets a paused run of a context go on.
pub(in crate::app) fn resume(model: &mut Model, name: &ContextName) {
    if let Some(run) = model.run.as_mut().filter(|run| run.context == *name)
        && let Phase::Paused(failure) = &run.phase
    {
        // Only a wait that the operator was asked about is the operator's to end.
        if matches!(failure.kind, FailureKind::Busy(_)) {
            run.not_before = None;
        }
        run.phase = Phase::Going;
    }
}

/// Calls a run off: what is in flight ends, nothing new is sent.
pub(in crate::app) fn cancel(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let Some(run) = model.run.as_mut().filter(|run| run.is_going()) else { return false };
    run.phase = Phase::Cancelling;
    for index in run.items.waiting().clone() {
        outcome::not_sent(model, index, effects);
    }
    true
}

/// Returns the next moment after `now` at which the run goes on by itself.
pub(in crate::app) fn next_wake(run: &Run, now: Timestamp) -> Option<Timestamp> {
    let later = run.items.next_later(now);
    let moments = [run.not_before, run.list.again].into_iter().flatten().chain(later);
    moments.filter(|moment| matches!(run.phase, Phase::Going | Phase::Cancelling) && *moment > now).min()
}

/// Begins as many tokens as the window lets through, and ends the run when all are over.
pub(in crate::app) fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.leaving.is_some() {
        return;
    }
    // What was confirmed could not be written, and somebody let the run go on.
    if model.run.as_ref().is_some_and(|run| run.phase == Phase::Going && run.begun == Begun::Not) {
        written::begin(model, effects);
    }
    while let Some(index) = next(model) {
        begin(model, index, effects);
    }
    listed::advance(model, effects);
    outcome::end_if_over(model, effects);
}

/// Returns the token to begin now; `None` while nothing may be begun.
fn next(model: &Model) -> Option<usize> {
    let run = model.run.as_ref()?;
    if !matches!(run.phase, Phase::Going | Phase::Cancelling) || waits(model) {
        return None;
    }
    let busy = run.items.in_flight();
    // What is sent already is brought to its end first, also when the rest was called off.
    if let Some(index) = run.items.to_prove(model.now) {
        return (busy < run.window.size()).then_some(index);
    }
    if run.phase == Phase::Cancelling {
        return None;
    }
    // Whose intent is there already would be sent at once: not before what was confirmed is durable.
    let may = |index: &usize| run.begun == Begun::Durable || run.items[*index].intent.is_none();
    let index = run.items.waiting().iter().copied().find(may)?;
    // The own credential waits until nothing else needs it.
    let alone = busy == 0 && !run.items.awaits_proof();
    let free = if run.items[index].frozen.own { alone } else { busy < run.window.size() };
    (free && (!listed::applies(model) || listed::is_fresh(model))).then_some(index)
}

/// Tells whether the backend asked to wait until later than now.
pub(super) fn waits(model: &Model) -> bool {
    let moment = model.run.as_ref().and_then(|run| run.not_before);
    moment.is_some_and(|moment| moment > model.now)
}

/// Tells whether a request that changes something may leave now.
pub(super) fn may_send(model: &Model) -> bool {
    let going = model.run.as_ref().is_some_and(|run| run.phase == Phase::Going);
    going && model.leaving.is_none() && !waits(model)
}

/// Reads a token again, so that what was confirmed is what dies, or what was sent is proved.
fn begin(model: &mut Model, index: usize, effects: &mut Vec<Effect>) {
    if item(model, index).is_some_and(|item| item.state().is_to_prove(model.now)) {
        return ask_again(model, index, effects);
    }
    if listed::applies(model) {
        return listed::compare(model, index, effects);
    }
    let Some((name, id)) = target(model, index) else { return };
    let call = answers::call(model, &name, Operation::Get(id), CallPurpose::RunItem(index), effects);
    set(model, index, ItemState::Reading(call));
}

pub(super) fn send(model: &mut Model, index: usize, effects: &mut Vec<Effect>) {
    let Some((name, id)) = target(model, index) else { return };
    let call = answers::call(model, &name, Operation::Revoke(id), CallPurpose::RunItem(index), effects);
    if let Some(item) = item_mut(model, index) {
        item.tries += 1;
        set(model, index, ItemState::Sending(call));
        outcome::note(model, index, RowNote::Revoking);
    }
}

/// Asks the backend again, as the proof that a token is dead; once it may be asked.
pub(super) fn prove(model: &mut Model, index: usize, effects: &mut Vec<Effect>) {
    if let Some(why) = unproved(model, index) {
        return outcome::unprovable(model, index, &why, effects);
    }
    if listed::applies(model) {
        return set(model, index, ItemState::Listing);
    }
    let paused = model.run.as_ref().is_some_and(|run| matches!(run.phase, Phase::Paused(_)));
    if paused || waits(model) || model.leaving.is_some() {
        set(model, index, ItemState::ToProve);
    } else {
        ask_again(model, index, effects);
    }
}

/// Returns why nothing shows that a token is dead; `None` where something does. The own credential shows it by being
/// refused.
fn unproved(model: &Model, index: usize) -> Option<String> {
    let run = model.run.as_ref()?;
    let able = &model.context(&run.context)?.context.capabilities;
    able.unproved.clone().filter(|_| run.items.get(index).is_some_and(|item| !item.frozen.own))
}

fn ask_again(model: &mut Model, index: usize, effects: &mut Vec<Effect>) {
    let Some((name, id)) = target(model, index) else { return };
    let call = answers::call(model, &name, Operation::Get(id), CallPurpose::RunItem(index), effects);
    set(model, index, ItemState::Proving(call));
}

/// Stops sending until the cause is gone.
#[expect(clippy::wildcard_enum_match_arm, reason = "any other answer is none to this question")]
pub(super) fn pause(model: &mut Model, failure: Failure) {
    let now = model.now;
    if let Some(run) = model.run.as_mut().filter(|run| run.phase == Phase::Going) {
        let hint = match failure.kind {
            FailureKind::Credential => "type :login; the run goes on by itself then".to_owned(),
            _ => format!("{}; then type :resume", failure.hint),
        };
        model.messages.warn(now, format!("the revocation is paused: {failure}"), hint);
        run.phase = Phase::Paused(failure);
    }
}

/// Takes the answer to a call of this run.
#[expect(clippy::wildcard_enum_match_arm, reason = "any other answer is none to this question")]
pub(in crate::app) fn answered(
    model: &mut Model,
    index: usize,
    call: CallId,
    result: Result<Reply, Failure>,
    latency: Duration,
    effects: &mut Vec<Effect>,
) {
    if let Some(run) = model.run.as_mut().filter(|_| result.is_ok()) {
        run.window.answered(latency);
    }
    let Some(state) = item(model, index).map(|item| item.state().clone()) else { return };
    match state {
        ItemState::Reading(asked) if asked == call => outcome::reread(model, index, result, effects),
        ItemState::Sending(asked) if asked == call => outcome::sent(model, index, result, effects),
        ItemState::Proving(asked) if asked == call => outcome::proved(model, index, result, effects),
        _ => {}
    }
}

fn target(model: &Model, index: usize) -> Option<(ContextName, TokenId)> {
    let run = model.run.as_ref()?;
    Some((run.context.clone(), run.items.get(index)?.frozen.token.id.clone()))
}

pub(super) fn item(model: &Model, index: usize) -> Option<&Item> {
    model.run.as_ref()?.items.get(index)
}

pub(super) fn item_mut(model: &mut Model, index: usize) -> Option<&mut Item> {
    model.run.as_mut()?.items.get_mut(index)
}

pub(super) fn set(model: &mut Model, index: usize, state: ItemState) {
    if let Some(run) = &mut model.run {
        run.items.set(index, state);
    }
}

/// Returns the row of an item as the inventory numbers it now; `None` when it is not there any more.
pub(super) fn item_row(model: &Model, index: usize) -> Option<Row> {
    let run = model.run.as_ref()?;
    model.tokens.inventory.find(&run.items.get(index)?.frozen.token.key(&run.context))
}
