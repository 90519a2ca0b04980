//! What a run does next: read again, record, send, prove; never a request without a durable intent.

use std::time::Duration;

use jiff::Timestamp;

use super::{Begun, Item, ItemState, Phase, Place, Run, Runs, listed, order, outcome, written};
use crate::app::answers;
use crate::app::calls::CallPurpose;
use crate::app::effect::Effect;
use crate::app::inventory::Row;
use crate::app::modal::Frozen;
use crate::app::model::Model;
use crate::app::tokens::RowNote;
use crate::domain::{CallId, ContextName, Failure, FailureKind, Operation, Reply, TokenId};

/// Starts a run over a confirmed set in each of its contexts: children before their parents, the operator's own
/// credential last.
pub(in crate::app) fn start(model: &mut Model, tokens: Vec<Frozen>, effects: &mut Vec<Effect>) {
    for row in tokens.iter().filter_map(|frozen| frozen.row) {
        model.tokens.notes.insert(row, RowNote::Waiting);
    }
    for (context, mut tokens) in by_context(tokens) {
        order::sort(model, &context, &mut tokens);
        let items = tokens.into_iter().map(|frozen| Item::new(frozen, ItemState::Waiting)).collect();
        let run = model.runs.add(Run::new(context, items, model.now));
        written::begin(model, run, effects);
    }
}

/// Parts tokens by their contexts, in the order in which those come first.
fn by_context(tokens: Vec<Frozen>) -> Vec<(ContextName, Vec<Frozen>)> {
    let mut parts: Vec<(ContextName, Vec<Frozen>)> = Vec::new();
    for frozen in tokens {
        match parts.iter_mut().find(|(context, _)| *context == frozen.context) {
            Some((_, part)) => part.push(frozen),
            None => parts.push((frozen.context.clone(), vec![frozen])),
        }
    }
    parts
}

/// Lets a paused run of a context go on.
pub(in crate::app) fn resume(model: &mut Model, name: &ContextName) {
    let Some(at) = model.runs.going_in(name) else { return };
    if let Some(run) = model.runs.get_mut(at)
        && let Phase::Paused(failure) = &run.phase
    {
        // Only a wait that the operator was asked about is the operator's to end.
        if matches!(failure.kind, FailureKind::Busy(_)) {
            run.not_before = None;
        }
        run.phase = Phase::Going;
    }
}

/// Calls the runs off: what is in flight ends, nothing new is sent.
pub(in crate::app) fn cancel(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let going = model.runs.is_going();
    for run in 0..model.runs.len() {
        let Some(one) = model.runs.get_mut(run).filter(|run| run.is_going()) else { continue };
        one.phase = Phase::Cancelling;
        for item in one.items.waiting().clone() {
            outcome::not_sent(model, Place { run, item }, effects);
        }
    }
    going
}

/// Returns the next moment after `now` at which a run goes on by itself.
pub(in crate::app) fn next_wake(runs: &Runs, now: Timestamp) -> Option<Timestamp> {
    runs.iter().filter_map(|run| next_wake_of(run, now)).min()
}

fn next_wake_of(run: &Run, now: Timestamp) -> Option<Timestamp> {
    let later = run.items.next_later(now);
    let moments = [run.not_before, run.list.again].into_iter().flatten().chain(later);
    moments.filter(|moment| matches!(run.phase, Phase::Going | Phase::Cancelling) && *moment > now).min()
}

/// Begins as many tokens as each window lets through, and ends each run when all of its tokens are over.
pub(in crate::app) fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.leaving.is_some() {
        return;
    }
    for run in 0..model.runs.len() {
        advance_one(model, run, effects);
    }
}

fn advance_one(model: &mut Model, run: usize, effects: &mut Vec<Effect>) {
    // What was confirmed could not be written, and somebody let the run go on.
    if model.runs.get(run).is_some_and(|run| run.phase == Phase::Going && run.begun == Begun::Not) {
        written::begin(model, run, effects);
    }
    while let Some(item) = next(model, run) {
        begin(model, Place { run, item }, effects);
    }
    listed::advance(model, run, effects);
    outcome::end_if_over(model, run, effects);
}

/// Returns the token of a run to begin now; `None` while nothing may be begun.
fn next(model: &Model, at: usize) -> Option<usize> {
    let run = model.runs.get(at)?;
    if !matches!(run.phase, Phase::Going | Phase::Cancelling) || waits(model, at) {
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
    (free && (!listed::applies(model, at) || listed::is_fresh(model, at))).then_some(index)
}

/// Tells whether the backend asked to wait until later than now.
pub(super) fn waits(model: &Model, run: usize) -> bool {
    let moment = model.runs.get(run).and_then(|run| run.not_before);
    moment.is_some_and(|moment| moment > model.now)
}

/// Tells whether a request that changes something may leave now.
pub(super) fn may_send(model: &Model, run: usize) -> bool {
    let going = model.runs.get(run).is_some_and(|run| run.phase == Phase::Going);
    going && model.leaving.is_none() && !waits(model, run)
}

/// Reads a token again, so that what was confirmed is what dies, or what was sent is proved.
fn begin(model: &mut Model, at: Place, effects: &mut Vec<Effect>) {
    if item(model, at).is_some_and(|item| item.state().is_to_prove(model.now)) {
        return ask_again(model, at, effects);
    }
    if listed::applies(model, at.run) {
        return listed::compare(model, at, effects);
    }
    let Some((name, id)) = target(model, at) else { return };
    let call = answers::call(model, &name, Operation::Get(id), CallPurpose::RunItem(at), effects);
    set(model, at, ItemState::Reading(call));
}

pub(super) fn send(model: &mut Model, at: Place, effects: &mut Vec<Effect>) {
    let Some((name, id)) = target(model, at) else { return };
    let call = answers::call(model, &name, Operation::Revoke(id), CallPurpose::RunItem(at), effects);
    if let Some(item) = item_mut(model, at) {
        item.tries += 1;
        set(model, at, ItemState::Sending(call));
        outcome::note(model, at, RowNote::Revoking);
    }
}

/// Asks the backend again, as the proof that a token is dead; once it may be asked.
pub(super) fn prove(model: &mut Model, at: Place, effects: &mut Vec<Effect>) {
    if let Some(why) = unproved(model, at) {
        return outcome::unprovable(model, at, &why, effects);
    }
    if listed::applies(model, at.run) {
        return set(model, at, ItemState::Listing);
    }
    let paused = model.runs.get(at.run).is_some_and(|run| matches!(run.phase, Phase::Paused(_)));
    if paused || waits(model, at.run) || model.leaving.is_some() {
        set(model, at, ItemState::ToProve);
    } else {
        ask_again(model, at, effects);
    }
}

/// Returns why nothing shows that a token is dead; `None` where something does. The own credential shows it by being
/// refused.
fn unproved(model: &Model, at: Place) -> Option<String> {
    let run = model.runs.get(at.run)?;
    let able = &model.context(&run.context)?.context.capabilities;
    able.unproved.clone().filter(|_| run.items.get(at.item).is_some_and(|item| !item.frozen.own))
}

fn ask_again(model: &mut Model, at: Place, effects: &mut Vec<Effect>) {
    let Some((name, id)) = target(model, at) else { return };
    let call = answers::call(model, &name, Operation::Get(id), CallPurpose::RunItem(at), effects);
    set(model, at, ItemState::Proving(call));
}

/// Stops sending until the cause is gone.
#[expect(clippy::wildcard_enum_match_arm, reason = "any other answer is none to this question")]
pub(super) fn pause(model: &mut Model, run: usize, failure: Failure) {
    let now = model.now;
    if let Some(run) = model.runs.get_mut(run).filter(|run| run.phase == Phase::Going) {
        let hint = match failure.kind {
            FailureKind::Credential => "type :login; the run goes on by itself then".to_owned(),
            _ => format!("{}; then type :resume", failure.hint),
        };
        model.messages.warn(now, format!("the revocation in {} is paused: {failure}", run.context), hint);
        run.phase = Phase::Paused(failure);
    }
}

/// Takes the answer to a call of this run.
#[expect(clippy::wildcard_enum_match_arm, reason = "any other answer is none to this question")]
pub(in crate::app) fn answered(
    model: &mut Model,
    at: Place,
    call: CallId,
    result: Result<Reply, Failure>,
    latency: Duration,
    effects: &mut Vec<Effect>,
) {
    if let Some(run) = model.runs.get_mut(at.run).filter(|_| result.is_ok()) {
        run.window.answered(latency);
    }
    let Some(state) = item(model, at).map(|item| item.state().clone()) else { return };
    match state {
        ItemState::Reading(asked) if asked == call => outcome::reread(model, at, result, effects),
        ItemState::Sending(asked) if asked == call => outcome::sent(model, at, result, effects),
        ItemState::Proving(asked) if asked == call => outcome::proved(model, at, result, effects),
        _ => {}
    }
}

fn target(model: &Model, at: Place) -> Option<(ContextName, TokenId)> {
    let run = model.runs.get(at.run)?;
    Some((run.context.clone(), run.items.get(at.item)?.frozen.token.id.clone()))
}

pub(super) fn item(model: &Model, at: Place) -> Option<&Item> {
    model.runs.get(at.run)?.items.get(at.item)
}

pub(super) fn item_mut(model: &mut Model, at: Place) -> Option<&mut Item> {
    model.runs.get_mut(at.run)?.items.get_mut(at.item)
}

pub(super) fn set(model: &mut Model, at: Place, state: ItemState) {
    if let Some(run) = model.runs.get_mut(at.run) {
        run.items.set(at.item, state);
    }
}

/// Returns the row of an item as the inventory numbers it now; `None` when it is not there any more.
pub(super) fn item_row(model: &Model, at: Place) -> Option<Row> {
    let run = model.runs.get(at.run)?;
    model.tokens.inventory.find(&run.items.get(at.item)?.frozen.token.key(&run.context))
}
