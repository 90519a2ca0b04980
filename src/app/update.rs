//! The one step: a message changes the model and asks for effects.

use jiff::Timestamp;

use super::effect::Effect;
use super::errand::{Errand, Refusal};
use super::message::{Message, Signal};
use super::modal::QuestionId;
use super::model::{Model, Start};
use super::{
    activity, answers, by_value, clipboard, errand, exchange, filtering, incident, keys, leave, lines, loading, login,
    modal, own, pending, planning, replacing, run, sought, switching,
};

/// Changes the model by one message and returns what must be done, in order.
pub fn update(model: &mut Model, now: Timestamp, message: Message) -> Vec<Effect> {
    model.now = now;
    let mut effects = Vec::new();
    take(model, message, &mut effects);
    advance(model, &mut effects);
    effects
}

/// Takes something that is asked without a screen, and returns what must be done, in order.
///
/// # Errors
/// Why it is not done; then nothing is to be sent.
pub fn undertake(model: &mut Model, now: Timestamp, errand: Errand) -> Result<Vec<Effect>, Refusal> {
    model.now = now;
    let mut effects = Vec::new();
    errand::take(model, errand, &mut effects)?;
    advance(model, &mut effects);
    Ok(effects)
}

/// Lets each part go on by itself as far as it can.
fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    run::advance(model, effects);
    replacing::advance(model, effects);
    loading::advance(model, effects);
    sought::advance(model, effects);
    by_value::advance(model, effects);
    switching::advance(model, effects);
    incident::refresh(model);
    modal::advance(model);
    filtering::advance(model, effects);
    clipboard::advance(model, effects);
    own::advance(model);
    leave::advance(model, effects);
}

/// Begins: the journal is read, every context looks for its credential, the first-run screen for backends.
pub fn start(model: &mut Model) -> Vec<Effect> {
    let mut effects = vec![Effect::ReadJournal];
    if model.origin == Start::FirstRun {
        effects.push(Effect::FindBackends);
    }
    let names: Vec<_> = model.contexts.iter().map(|state| state.context.name.clone()).collect();
    for name in names {
        login::find(model, &name, &mut effects);
    }
    effects
}

/// Returns the next moment at which the picture changes by itself; `None` for never.
pub fn next_wake(model: &Model) -> Option<Timestamp> {
    if model.leaving.is_some() {
        return None;
    }
    let now = model.now;
    let ages = model.contexts.iter().filter_map(|state| state.next_age_step(now));
    let retries = model.contexts.iter().filter_map(|state| state.list.load.as_ref()?.next_again());
    ages.chain(retries)
        .chain(model.messages.next_wake(now))
        .chain(model.modals.iter().filter_map(|modal| modal::next_wake(modal, now)))
        .chain(run::next_wake(&model.runs, now))
        .chain(replacing::next_wake(model))
        .chain(sought::next_wake(model))
        .chain(by_value::next_wake(model))
        .chain(model.tokens.detail_due)
        .chain(filtering::next_pass(model).filter(|moment| *moment > now))
        .chain(filtering::next_status(model).filter(|moment| *moment > now))
        .chain(clipboard::next_wake(model))
        .chain(own::next_wake(model))
        .min()
}

/// Returns the question in front that waits to be seen: the loop must say when a frame with it has left.
pub fn awaits_frame(model: &Model) -> Option<QuestionId> {
    modal::awaited(model)
}

fn take(model: &mut Model, message: Message, effects: &mut Vec<Effect>) {
    match message {
        Message::Key(key) => keys::press(model, key, effects),
        Message::Paste(paste) => keys::paste(model, &paste),
        Message::Choose(token) => lines::choose(model, &token),
        Message::Resize(columns, rows) => model.size = (columns, rows),
        Message::Wake => wake(model, effects),
        Message::Shown(question) => modal::shown(model, question),
        Message::Signal(signal) => signalled(model, signal, effects),
        Message::Answered(answer) => answers::take(model, *answer, effects),
        Message::Headed { call, next } => answers::headed(model, call, &next),
        Message::Decoded { load, place, result } => loading::decoded(model, load, place, result, effects),
        Message::Replaced(load, replaced) => exchange::replaced(model, load, &replaced, effects),
        Message::Merged(merged) => exchange::merged(model, &merged, effects),
        Message::Filtered(call, view) => filtering::filtered(model, call, view, effects),
        Message::Looked(number, looked) => modal::looked(model, number, &looked),
        Message::Recorded(ticket, result) => recorded(model, ticket, result, effects),
        Message::JournalRead(result, mended) => activity::journal_read(model, result, mended),
        Message::JournalTold(failure) => activity::journal_told(model, &failure),
        Message::CredentialFound(context, result) => login::found(model, &context, result, effects),
        Message::InputsMissing(context, source, failure) => login::incomplete(model, &context, source, failure),
        Message::CredentialKept(context, source, failure) => login::kept(model, &context, source, failure, effects),
        Message::FileOffered(context) => login::offer_file(model, &context),
        Message::CredentialFiled(context, result) => login::filed(model, &context, result),
        Message::Copied(what, result) => clipboard::copied(model, what, result),
        Message::ClipboardCleared(result) => clipboard::cleared(model, result),
        Message::ClipboardSwitched(road) => clipboard::switched(model, road),
        Message::SecretWritten(result) => modal::secret_written(model, result),
        Message::SecretPiped(result) => modal::secret_piped(model, result),
        Message::PlanWritten(result) => planning::written(model, result, effects),
        Message::BackendsFound(offers) => modal::backends_found(model, offers),
        Message::ContextOpened(result) => modal::context_opened(model, result, effects),
        Message::ContextSaved(result) => modal::context_saved(model, result),
        Message::DemoReady(result) => modal::demo_ready(model, result, effects),
    }
}

fn recorded(
    model: &mut Model,
    ticket: super::effect::Ticket,
    result: Result<crate::domain::Sequence, crate::domain::Failure>,
    effects: &mut Vec<Effect>,
) {
    let Some(mut record) = model.recording.remove(&ticket) else { return };
    match &result {
        Ok(sequence) => {
            record.sequence = *sequence;
            activity::add_record(model, record);
        }
        // What paused a run is said once, not for each record that waited behind it.
        Err(failure) if model.runs.paused().is_some_and(|(_, why)| why == failure) => {}
        Err(failure) => model.messages.fail(model.now, failure),
    }
    let known = run::recorded(model, ticket, &result, effects) || by_value::recorded(model, ticket, &result, effects);
    if !known {
        pending::recorded(model, ticket, result, effects);
    }
}

fn wake(model: &mut Model, effects: &mut Vec<Effect>) {
    let now = model.now;
    for modal in &mut model.modals {
        modal::wake(modal, now);
    }
    filtering::details_due(model, effects);
}

fn signalled(model: &mut Model, signal: Signal, effects: &mut Vec<Effect>) {
    match signal {
        Signal::Terminate | Signal::Interrupt | Signal::Quit | Signal::HangUp => {
            model.leaving = Some(model.leaving.unwrap_or(signal.exit_code()));
        }
        Signal::Suspend => effects.push(Effect::Suspend),
        Signal::Continue => effects.push(Effect::Repaint),
    }
}
