//! Runs that were not brought to their end: offered at the next start, gone on with, or given up.

use super::{Begun, Item, ItemState, Items, Run, listed, written};
use crate::app::activity;
use crate::app::effect::Effect;
use crate::app::modal::{Frozen, Leftover, Modal, Trace, own_token};
use crate::app::model::Model;
use crate::app::tokens::RowNote;
use crate::domain::{
    Access, ContextName, Deed, Failure, FailureKind, Outcome, RecordBody, RunEnd, State, Step, Target, Unfinished,
    Untrusted,
};

/// Returns the run that a context has to be brought to its end first; `None` where there is none.
pub(in crate::app) fn found<'a>(model: &'a Model, context: &ContextName) -> Option<&'a Unfinished> {
    model.unfinished.iter().find(|left| left.context == *context)
}

/// Returns how far an unfinished run came, in words.
pub fn far(left: &Unfinished) -> String {
    let count = |test: fn(&Step) -> bool| left.tokens.iter().filter(|(_, step)| test(step)).count();
    let parts = [
        (count(|step| *step == Step::Over(Outcome::VerifiedDead)), "verified dead"),
        (count(|step| *step == Step::Over(Outcome::AlreadyGone)), "already gone"),
        (count(|step| matches!(step, Step::Told(_))), "revoked and not verified"),
        (count(|step| matches!(step, Step::Open(_))), "sent without an answer"),
        (count(|step| *step == Step::Waiting), "not sent"),
    ];
    let told: usize = parts.iter().map(|(count, _)| count).sum();
    let rest = (left.tokens.len() - told, "not revoked");
    let parts = parts.into_iter().chain([rest]).filter(|(count, _)| *count > 0);
    parts.map(|(count, words)| format!("{count} {words}")).collect::<Vec<_>>().join(", ")
}

/// Goes on with a run where it was left. What was sent without an answer is read before anything else is sent.
///
/// # Errors
/// Why it cannot be gone on with now.
pub(in crate::app) fn go_on(model: &mut Model, at: usize, effects: &mut Vec<Effect>) -> Result<(), String> {
    let Some(left) = model.unfinished.get(at) else { return Err("no revocation is unfinished".to_owned()) };
    let name = left.context.clone();
    if model.runs.going_in(&name).is_some() {
        return Err(format!("a revocation is going in {name}: wait for it"));
    }
    match model.context(&name).map(|state| state.context.access) {
        Some(Access::Write) => {}
        Some(Access::ReadOnly) => return Err(format!("{name} is read-only (:write changes that)")),
        None => return Err(format!("there is no context {name} in the configuration: it is needed to go on")),
    }
    let left = model.unfinished.remove(at);
    let items: Items = left.tokens.iter().map(|(target, step)| item(model, &name, target, step)).collect();
    let before = items.iter().filter(|item| matches!(item.state(), ItemState::Over(_))).count();
    let (id, begun) = (left.run, Begun::Durable);
    let run = model.runs.add(Run { id, begun, before, ..Run::new(name, items, model.now) });
    by_the_list(model, run);
    note(model, run);
    // What stands in front tells of the run as it was.
    model.modals.retain(|modal| !matches!(modal, Modal::Report(_)));
    written::resumed(model, run, effects);
    Ok(())
}

/// Gives a run up: what was not sent stays alive, and what was sent without an answer is left open by itself.
pub(in crate::app) fn give_up(model: &mut Model, at: usize, effects: &mut Vec<Effect>) {
    if at >= model.unfinished.len() {
        return;
    }
    let left = model.unfinished.remove(at);
    let (name, run) = (left.context, left.run);
    for (target, step) in left.tokens {
        if let Step::Open(intent) = step {
            let label = target.label.shown().into_owned();
            let deed = Deed::Revoke { id: target.id, label, created: target.created, run: Some(run.clone()) };
            let context = name.clone();
            model.leftovers.push(Leftover { intent, context, at: None, deed, trace: Trace::NoResult });
        }
    }
    activity::record(model, &name, RecordBody::Ended { run, how: RunEnd::GivenUp }, effects);
}

/// Keeps the run that was called off in its middle, to be gone on with.
pub(super) fn keep(model: &mut Model, run: usize) {
    let Some(run) = model.runs.get(run) else { return };
    let tokens = run.items.iter().map(|item| (Target::from(&item.frozen.token), step(item))).collect();
    let (context, at) = (run.context.clone(), run.began);
    let left = Unfinished { run: run.id.clone(), at, context, incident: None, tokens };
    model.unfinished.push(left);
}

/// Returns how far a token is that nothing is on its way for.
fn step(item: &Item) -> Step {
    match (item.state(), item.intent) {
        (ItemState::Over(Outcome::Unverified(_)), Some(intent)) => Step::Open(intent),
        (ItemState::Unproved(_) | ItemState::Over(Outcome::Done(_)), Some(intent)) => Step::Told(intent),
        (ItemState::Over(Outcome::NotSent), _) => Step::Waiting,
        (ItemState::Over(outcome), _) => Step::Over(outcome.clone()),
        _ => Step::Waiting,
    }
}

/// Returns a token as the run goes on with it.
fn item(model: &Model, name: &ContextName, target: &Target, step: &Step) -> Item {
    let token = target.token();
    let row = model.tokens.inventory.find(&token.key(name));
    let state = model.context(name);
    let names = token.roles.as_ref().map(|roles| roles.iter().map(Untrusted::raw));
    let admin = state.is_none_or(|state| state.context.capabilities.any_admin(names));
    let own = own_token(model, name) == Some(&token.id);
    let (told, open) = (matches!(step, Step::Told(_)), matches!(step, Step::Open(_)));
    let unanswered = || Failure::new(FailureKind::Cancelled, "the program ended before the answer came", "");
    let state = match step {
        Step::Waiting => ItemState::Waiting,
        Step::Open(_) | Step::Told(_) => ItemState::ToProve,
        Step::Over(outcome) => ItemState::Over(outcome.clone()),
    };
    let mut item = Item::new(Frozen { context: name.clone(), row, token, admin, own, children: 0 }, state);
    (item.intent, item.tries) = (step.intent(), u32::from(told || open));
    (item.answered, item.trouble) = (told.then_some(model.now), open.then(unanswered));
    item
}

/// Where the backend reads no single token, what was sent waits for the list.
fn by_the_list(model: &mut Model, run: usize) {
    if !listed::applies(model, run) {
        return;
    }
    if let Some(run) = model.runs.get_mut(run) {
        while let Some(index) = run.items.to_prove(model.now) {
            run.items.set(index, ItemState::Listing);
        }
    }
}

/// Says in the rows that are there what is known of their tokens.
fn note(model: &mut Model, run: usize) {
    let Some(run) = model.runs.get(run) else { return };
    let notes: Vec<_> = run.items.iter().filter_map(|item| Some((item.frozen.row?, words(item.state())))).collect();
    let alive = |row: &crate::app::inventory::Row| {
        model.tokens.inventory.get(*row).is_some_and(|row| row.state() != State::Revoked)
    };
    let notes: Vec<_> = notes.into_iter().filter(|(row, _)| alive(row)).collect();
    model.tokens.notes.extend(notes);
}

/// Returns what a row says of a token that is as far as this.
fn words(state: &ItemState) -> RowNote {
    let ItemState::Over(outcome) = state else { return RowNote::Waiting };
    match outcome {
        Outcome::Done(_) => RowNote::Revoked,
        Outcome::AlreadyGone => RowNote::Gone,
        Outcome::VerifiedDead => RowNote::VerifiedDead,
        Outcome::Changed => RowNote::Changed,
        Outcome::NotSent => RowNote::Waiting,
        Outcome::Failed(why) => RowNote::Failed(why.clone()),
        Outcome::Unverified(_) | Outcome::HadNoEffect => RowNote::Unverified,
        Outcome::StillAnswering(_) => RowNote::StillAnswering,
    }
}
