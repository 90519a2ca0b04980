//! What a run writes to the journal: what was confirmed before the first intent, an intent before each request, the
//! result behind it, and that it is over.

use std::collections::BTreeSet;

use super::step::{item, item_mut, may_send, pause, send, set};
use super::{ItemState, Place, Run, outcome, unfinished};
use crate::app::activity;
use crate::app::contexts::Asked;
use crate::app::effect::{Effect, Ticket};
use crate::app::modal::{Leftover, Trace};
use crate::app::model::Model;
use crate::domain::{
    ContextName, Deed, Failure, Outcome, RecordBody, RunEnd, RunHeader, RunId, Sequence, Target, TokenId,
};

/// How many tokens one record names, and how much text of theirs: a record has room for 1 MiB of JSON.
const CHUNK: usize = 256;
const CHUNK_BYTES: usize = 128 << 10;

/// Whether what was confirmed stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It does not, and is not being written.
    Not,
    /// It is being made durable.
    Recording {
        /// The records that are awaited.
        tickets: BTreeSet<Ticket>,
        /// Why one of them is not durable; `None` while none failed.
        failure: Option<Failure>,
    },
    /// It does.
    Durable,
}

/// Has what was confirmed made durable. Tokens may be read meanwhile; nothing is sent before.
pub(super) fn begin(model: &mut Model, at: usize, effects: &mut Vec<Effect>) {
    // A name of its own each time: of a write that failed nobody knows how much is there.
    let id = RunId::new(model.next_nonce().as_str());
    let Some(run) = model.runs.get_mut(at) else { return };
    run.id = id.clone();
    let (context, targets) = (run.context.clone(), run.items.iter().map(|item| Target::from(&item.frozen.token)));
    let (count, chunks) = (run.items.len(), chunks(targets.collect()));
    let principal = principal(model, &context);
    let applied = model.applied.as_ref();
    let open = model.incident.as_ref().map(|open| open.reason.clone()).filter(|reason| !reason.is_empty());
    let (reason, plan) = (applied.map_or(open, |of| of.reason.clone()), applied.map(|of| of.sha256.clone()));
    let header = RunHeader { run: id.clone(), tokens: count, principal, reason, plan };
    let bodies = chunks.into_iter().map(|tokens| RecordBody::Targets { run: id.clone(), tokens });
    let bodies: Vec<_> = std::iter::once(RecordBody::Run(header)).chain(bodies).collect();
    let tickets = bodies.into_iter().map(|body| activity::record(model, &context, body, effects)).collect();
    if let Some(run) = model.runs.get_mut(at) {
        run.begun = Begun::Recording { tickets, failure: None };
    }
}

fn chunks(targets: Vec<Target>) -> Vec<Vec<Target>> {
    let (mut chunks, mut bytes): (Vec<Vec<Target>>, usize) = (Vec::new(), 0);
    for target in targets {
        let roles = target.roles.iter().flatten().map(|role| role.raw().len() + 4).sum::<usize>();
        let owner = target.owner.name().map_or(0, |name| name.raw().len());
        let size = target.id.raw().len() + target.label.raw().len() + owner + roles + 100;
        bytes += size;
        if let Some(chunk) = chunks.last_mut().filter(|chunk| chunk.len() < CHUNK && bytes <= CHUNK_BYTES) {
            chunk.push(target);
        } else {
            chunks.push(vec![target]);
            bytes = size;
        }
    }
    chunks
}

/// Says that a later start goes on with the run. Nothing waits for it: what was confirmed is durable, and where this
/// cannot be written no intent can be either.
pub(super) fn resumed(model: &mut Model, at: usize, effects: &mut Vec<Effect>) {
    let Some((run, context)) = model.runs.get(at).map(|run| (run.id.clone(), run.context.clone())) else { return };
    activity::record(model, &context, RecordBody::Resumed { run }, effects);
}

/// Says that the run is over; or notes that it can be gone on with, where it was called off in its middle.
pub(super) fn end(model: &mut Model, at: usize, effects: &mut Vec<Effect>) {
    let Some(run) = model.runs.get(at) else { return };
    let (id, context, tally) = (run.id.clone(), run.context.clone(), run.tally());
    let sent = run.before > 0 || run.items.iter().any(|item| item.tries > 0);
    let how = match tally.not_sent {
        0 => RunEnd::Over,
        _ if sent => return unfinished::keep(model, at),
        // Nothing of it happened: there is nothing to go on with.
        _ => RunEnd::GivenUp,
    };
    activity::record(model, &context, RecordBody::Ended { run: id, how }, effects);
}

/// Returns whose credential a context is used with, escaped; `None` where that is not known.
fn principal(model: &Model, name: &ContextName) -> Option<String> {
    match model.context(name).map(|state| &state.identity) {
        Some(Asked::There(identity)) => Some(identity.name.shown().into_owned()).filter(|name| !name.is_empty()),
        _ => None,
    }
}

/// Makes the intent durable; the request waits for it. A repeated try keeps the intent it has.
pub(super) fn record(model: &mut Model, at: Place, effects: &mut Vec<Effect>) {
    let Some(run) = model.runs.get(at.run) else { return };
    let (name, id) = (run.context.clone(), run.id.clone());
    let Some(item) = item(model, at) else { return };
    if item.intent.is_some() {
        return send(model, at, effects);
    }
    let token = &item.frozen.token;
    let label = token.label.shown().into_owned();
    let deed = Deed::Revoke { id: token.id.clone(), label, created: token.created, run: Some(id) };
    let ticket = activity::record(model, &name, RecordBody::Intent(deed), effects);
    set(model, at, ItemState::Recording(ticket));
}

/// Takes the news that a record of the run is durable; tells whether the ticket was this run's.
pub(in crate::app) fn recorded(
    model: &mut Model,
    ticket: Ticket,
    result: &Result<Sequence, Failure>,
    effects: &mut Vec<Effect>,
) -> bool {
    (0..model.runs.len()).any(|run| recorded_in(model, run, ticket, result, effects))
}

fn recorded_in(
    model: &mut Model,
    at: usize,
    ticket: Ticket,
    result: &Result<Sequence, Failure>,
    effects: &mut Vec<Effect>,
) -> bool {
    let Some(run) = model.runs.get_mut(at) else { return false };
    if let Begun::Recording { tickets, failure } = &mut run.begun
        && tickets.remove(&ticket)
    {
        *failure = failure.take().or_else(|| result.as_ref().err().cloned());
        if let Some(failure) = opened(run) {
            pause(model, at, failure);
        }
        return true;
    }
    let durable = run.begun == Begun::Durable;
    let Some(at) = run.items.recording(ticket).map(|item| Place { run: at, item }) else { return false };
    match result {
        Ok(sequence) => {
            if let Some(item) = item_mut(model, at) {
                item.intent = Some(*sequence);
            }
            // A run that was called off or a program that is leaving sends nothing any more. What was confirmed was
            // written before the intent; where that failed, it is written anew.
            if durable && may_send(model, at.run) {
                send(model, at, effects);
            } else if model.leaving.is_some() {
                outcome::over(model, at, Outcome::NotSent, effects);
            } else {
                outcome::back(model, at, effects);
            }
        }
        Err(failure) => {
            outcome::back(model, at, effects);
            pause(model, at.run, failure.clone());
        }
    }
    true
}

/// Once nothing more is awaited, what was confirmed is durable, or has to be written anew: then it returns why.
fn opened(run: &mut Run) -> Option<Failure> {
    let Begun::Recording { tickets, failure } = &mut run.begun else { return None };
    if !tickets.is_empty() {
        return None;
    }
    let failure = failure.take();
    run.begun = if failure.is_some() { Begun::Not } else { Begun::Durable };
    failure
}

/// Writes what came of a token: the result of its intent, or why there is none.
pub(super) fn result(model: &mut Model, at: Place, outcome: &Outcome, effects: &mut Vec<Effect>) {
    let Some(run) = model.runs.get(at.run) else { return };
    let Some(item) = run.items.get(at.item) else { return };
    let (name, id) = (run.context.clone(), item.frozen.token.id.clone());
    let (run, created) = (run.id.clone(), item.frozen.token.created);
    if let Some(of) = item.intent {
        activity::record(model, &name, RecordBody::Result { of, outcome: outcome.clone() }, effects);
    } else if skips(outcome) {
        let body = RecordBody::Skipped { run, id: id.clone(), created, outcome: outcome.clone() };
        activity::record(model, &name, body, effects);
    }
    if matches!(outcome, Outcome::Done(_) | Outcome::AlreadyGone | Outcome::VerifiedDead) {
        settle_leftovers(model, &name, &id, outcome, effects);
    }
}

/// Tells whether nothing will be sent for a token that nothing was sent for: one that was called off can be gone on with.
const fn skips(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Changed | Outcome::AlreadyGone | Outcome::Failed(_))
}

/// Closes what earlier runs left open on a token that is dead now.
fn settle_leftovers(model: &mut Model, name: &ContextName, id: &TokenId, outcome: &Outcome, effects: &mut Vec<Effect>) {
    let settled = |left: &Leftover| left.context == *name && left.names(id);
    let (done, open): (Vec<_>, Vec<_>) = std::mem::take(&mut model.leftovers).into_iter().partition(settled);
    model.leftovers = open;
    for left in done {
        activity::record(model, name, closing(&left, outcome), effects);
    }
}

/// Says of a leftover what the backend said of its token, and no more.
fn closing(left: &Leftover, outcome: &Outcome) -> RecordBody {
    let of: Sequence = left.intent;
    match left.trace {
        Trace::NoResult | Trace::StillAnswering => RecordBody::Result { of, outcome: outcome.clone() },
        Trace::SecretNotAcknowledged(_) | Trace::Orphan(_) => {
            RecordBody::Acknowledged { of, how: "revoked".to_owned() }
        }
    }
}
