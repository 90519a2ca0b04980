//! Creations, rotations and edits on their way: read again, recorded, sent, never twice.

use std::sync::Arc;

use super::calls::CallPurpose;
use super::contexts::ListExtent;
use super::effect::{Effect, LoadId, Ticket};
use super::inventory::Slice;
use super::modal::{self, Frozen, Leftover, Modal, Purpose, Recover, Reread, Trace};
use super::model::Model;
use super::reading::{self, ReadList};
use super::{activity, answers, issued, loading, own, tokens};
use crate::domain::{
    CallId, ContextName, Deed, Failure, FailureKind, Operation, Outcome, Page, Reached, RecordBody, Reply, Secret,
    Sequence, State, Token, TokenId, escape,
};

/// A creation, rotation or edit on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// The number under which its record is awaited.
    pub ticket: Ticket,
    /// The context.
    pub context: ContextName,
    /// What the journal says of it.
    pub deed: Deed,
    /// What is asked of the backend.
    pub operation: Operation,
    /// How far it is.
    pub stage: PendingStage,
    /// The token it is about; `None` for a creation.
    pub frozen: Option<Box<Frozen>>,
    /// The token to be revoked afterwards; `None` unless this is an emulated rotation.
    pub replaces: Option<Box<Frozen>>,
    /// Tokens that carried the label before, so that an orphan can be told from them.
    pub known: Vec<TokenId>,
    /// The token that was made, while its secret is asked for; `None` where both come at once.
    pub made: Option<Box<Token>>,
    /// The secret that came, while it is not known whose it is.
    pub secret: Option<Arc<Secret>>,
    /// Whether its answer was not waited for any longer: the request may still be on its way.
    pub late: bool,
}

/// What a new deed is about.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct About {
    /// The token it is about; `None` for a creation.
    pub(super) frozen: Option<Box<Frozen>>,
    /// The token to be revoked afterwards.
    pub(super) replaces: Option<Box<Frozen>>,
    /// Tokens that carry the label already.
    pub(super) known: Vec<TokenId>,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingStage {
    /// The token is being read again.
    Reading(CallId),
    /// The list is being read again for it, since the backend reads no single token.
    Listing(LoadId),
    /// The intent is being made durable.
    Recording,
    /// The request is on its way.
    Sending(CallId, Sequence),
    /// The answer was lost: the list is being read to find out.
    Settling(Sequence),
}

impl Pending {
    fn awaits(&self, name: &ContextName, id: LoadId) -> bool {
        self.context == *name && matches!(self.stage, PendingStage::Listing(awaited) if awaited <= id)
    }
}

/// Begins something that is not about an existing token: recorded, then sent.
pub(super) fn begin(
    model: &mut Model,
    name: &ContextName,
    deed: Deed,
    operation: Operation,
    about: About,
    effects: &mut Vec<Effect>,
) {
    model.refused = None;
    let ticket = activity::record(model, name, RecordBody::Intent(deed.clone()), effects);
    model.pending.push(Pending {
        ticket,
        context: name.clone(),
        deed,
        operation,
        stage: PendingStage::Recording,
        frozen: about.frozen,
        replaces: about.replaces,
        known: about.known,
        made: None,
        secret: None,
        late: false,
    });
}

/// Begins a rotation: the token is read again first.
pub(super) fn begin_rotation(model: &mut Model, name: &ContextName, frozen: Frozen, effects: &mut Vec<Effect>) {
    model.refused = None;
    let ticket = Ticket(model.next_number());
    let token = &frozen.token;
    let deed = Deed::Rotate { id: token.id.clone(), label: token.label.shown().into_owned(), created: token.created };
    let operation = Operation::Rotate(token.id.clone());
    let get = Operation::Get(token.id.clone());
    let found = reading::find_in_table(model, name, token);
    let mut pending = Pending {
        ticket,
        context: name.clone(),
        deed,
        operation,
        stage: PendingStage::Recording,
        frozen: Some(Box::new(frozen)),
        replaces: None,
        known: Vec::new(),
        made: None,
        secret: None,
        late: false,
    };
    let readable = model.context(name).is_some_and(|state| state.context.capabilities.get.offered());
    if !readable && reading::table_is_fresh(model, name) {
        return listed(model, pending, found, effects);
    }
    pending.stage = if readable {
        PendingStage::Reading(answers::call(model, name, get, CallPurpose::Pending(ticket), effects))
    } else {
        PendingStage::Listing(reading::begin(model, name, effects))
    };
    model.pending.push(pending);
}

/// Tells whether one waits for this reading of the list, or an earlier one.
pub(super) fn awaits(model: &Model, name: &ContextName, id: LoadId) -> bool {
    model.pending.iter().any(|pending| pending.awaits(name, id))
}

/// Takes a list that was read again: the token is compared with it.
pub(super) fn list_known(
    model: &mut Model,
    name: &ContextName,
    id: LoadId,
    read: &Result<ReadList, Failure>,
    effects: &mut Vec<Effect>,
) {
    while let Some(index) = model.pending.iter().position(|pending| pending.awaits(name, id)) {
        let pending = model.pending.remove(index);
        match (read, &pending.frozen) {
            (Ok(read), Some(frozen)) => listed(model, pending.clone(), read.find(&frozen.token), effects),
            (Ok(_), None) => {}
            (Err(failure), _) => modal::refused(model, &pending, failure),
        }
    }
}

fn listed(model: &mut Model, pending: Pending, found: Option<Token>, effects: &mut Vec<Effect>) {
    let found = found.map(|token| Reply::Token(Box::new(token))).ok_or_else(reading::not_listed);
    reread(model, pending, found, effects);
}

/// Takes the news that an intent is durable: only now the request leaves.
pub(super) fn recorded(
    model: &mut Model,
    ticket: Ticket,
    result: Result<Sequence, Failure>,
    effects: &mut Vec<Effect>,
) {
    let Some(index) = model.pending.iter().position(|p| p.ticket == ticket && p.stage == PendingStage::Recording)
    else {
        return;
    };
    match result {
        Ok(sequence) if model.leaving.is_some() => {
            let pending = model.pending.remove(index);
            let outcome = Outcome::NotSent;
            let body = RecordBody::Result { of: sequence, outcome };
            activity::record(model, &pending.context, body, effects);
        }
        Ok(sequence) => {
            let (name, operation) = (model.pending[index].context.clone(), model.pending[index].operation.clone());
            let call = answers::call(model, &name, operation, CallPurpose::Pending(ticket), effects);
            model.pending[index].stage = PendingStage::Sending(call, sequence);
        }
        Err(failure) => {
            let pending = model.pending.remove(index);
            modal::refused(model, &pending, &failure);
        }
    }
}

/// Takes the answer to a creation, rotation or edit, or to the reading before a rotation.
pub(super) fn answered(model: &mut Model, ticket: Ticket, result: Result<Reply, Failure>, effects: &mut Vec<Effect>) {
    let Some(index) = model.pending.iter().position(|pending| pending.ticket == ticket) else { return };
    let mut pending = model.pending.remove(index);
    match pending.stage {
        PendingStage::Reading(_) => reread(model, pending, result, effects),
        PendingStage::Sending(_, intent) => match result {
            Ok(Reply::Issued(issued)) => issued::take(model, pending, intent, *issued, effects),
            Err(failure) if pending.made.is_some() => {
                let made = pending.made.as_deref().cloned();
                issued::without_secret(model, &pending, intent, made, &failure, effects);
            }
            Ok(Reply::Token(token)) => changed(model, &pending, intent, &token, effects),
            Ok(Reply::Done) => done(model, &pending, intent, effects),
            Ok(_) => lost(model, pending, intent, &answers::nonsense(), effects),
            Err(failure) if failure.reached == Reached::Maybe => lost(model, pending, intent, &failure, effects),
            Err(failure) => {
                close(model, &pending, intent, Outcome::Failed(failure.to_string()), effects);
                modal::refused(model, &pending, &failure);
            }
        },
        PendingStage::Recording | PendingStage::Listing(_) | PendingStage::Settling(_) => {
            pending.stage = PendingStage::Recording;
        }
    }
}

/// Compares the token with what was confirmed: the same one is rotated, another one goes back to the question.
fn reread(model: &mut Model, mut pending: Pending, result: Result<Reply, Failure>, effects: &mut Vec<Effect>) {
    let Some(frozen) = pending.frozen.clone() else { return };
    let name = pending.context.clone();
    match result {
        Ok(Reply::Token(token)) if token.state != State::Revoked && !token.differs_from(&frozen.token) => {
            let body = RecordBody::Intent(pending.deed.clone());
            pending.ticket = activity::record(model, &name, body, effects);
            pending.stage = PendingStage::Recording;
            model.pending.push(pending);
        }
        Ok(Reply::Token(token)) => {
            let row = answers::put(model, &name, &token);
            let differences = modal::differences(&frozen.token, &token);
            let text = format!("it was changed meanwhile: {}", differences.join("; "));
            model.refused = Some(Failure::new(FailureKind::Changed, text, "look at it, and ask again"));
            modal::ask_again(model, row, Purpose::Rotate, Reread::Changed(differences));
        }
        Ok(_) => modal::refused(model, &pending, &answers::nonsense()),
        Err(failure) => modal::refused(model, &pending, &failure),
    }
}

fn changed(model: &mut Model, pending: &Pending, intent: Sequence, token: &Token, effects: &mut Vec<Effect>) {
    close(model, pending, intent, Outcome::Done(Some(token.id.clone())), effects);
    answers::put(model, &pending.context, token);
    modal::edited(model, &pending.deed);
    if matches!(pending.operation, Operation::Renew(_)) {
        return own::renewed(model, &pending.context, effects);
    }
    model.messages.say(model.now, format!("{}: \"{}\"", pending.deed.word(), token.label));
}

fn done(model: &mut Model, pending: &Pending, intent: Sequence, effects: &mut Vec<Effect>) {
    close(model, pending, intent, Outcome::Done(None), effects);
    modal::edited(model, &pending.deed);
    if matches!(pending.operation, Operation::Renew(_)) {
        own::renewed(model, &pending.context, effects);
    }
    loading::begin(model, &pending.context, effects);
}

/// The answer was lost. Nothing is sent again; for a creation the list is read to find out.
fn lost(model: &mut Model, mut pending: Pending, intent: Sequence, failure: &Failure, effects: &mut Vec<Effect>) {
    let now = model.now;
    if let Deed::Create { label, .. } = &pending.deed {
        let text = format!("whether \"{}\" was created is not known: {failure}", escape(label));
        model.messages.warn(now, text, "the list is being read to find out; nothing is sent again");
        let name = pending.context.clone();
        (pending.stage, pending.late) = (PendingStage::Settling(intent), failure.kind == FailureKind::TimedOut);
        model.pending.push(pending);
        return loading::begin(model, &name, effects);
    }
    close(model, &pending, intent, Outcome::Unverified(failure.to_string()), effects);
    let rotates = matches!(pending.deed, Deed::Rotate { .. });
    let which = if rotates { " done, and which secret lives," } else { " done" };
    let what =
        format!("whether `{}` of \"{}\" was{which} is not known", pending.deed.word(), escape(pending.deed.label()));
    let hint = if rotates {
        "the old secret may be dead and the new one lost: rotate again, or revoke it"
    } else {
        "read the list again (Ctrl-r) and look"
    };
    // Said as one: what merely went wrong with the answer would read as if nothing was done.
    let unknown = Failure { summary: format!("{what}: {}", failure.summary), hint: hint.to_owned(), ..failure.clone() };
    modal::refused(model, &pending, &unknown);
}

/// Looks in a list that was read after a lost answer for the token that the attempt made.
pub(super) fn list_read(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    while let Some(pending) = take_settling(model, name) {
        let complete = model
            .context(name)
            .is_some_and(|state| state.list.extent == ListExtent::Complete && state.list.failure.is_none());
        let ids = tokens::ids_with_label(model, name, pending.deed.label());
        let orphan = ids.into_iter().find(|id| !pending.known.contains(id));
        let orphan = orphan.and_then(|id| tokens::newest_of(model, name, &id));
        settle(model, pending, orphan, complete, effects);
    }
}

/// Looks in the pages of a whole list that waits to be exchanged: the form in front waits for what it says.
pub(super) fn pages_read(model: &mut Model, name: &ContextName, pages: &[Slice], effects: &mut Vec<Effect>) {
    while let Some(pending) = take_settling(model, name) {
        let mut orphan = None;
        let is_orphan = |page: &Page, at: usize| {
            let is_it = page.label(at).raw() == pending.deed.label() && !pending.known.contains(&page.token_id(at));
            orphan = is_it.then(|| page.token(at));
            is_it
        };
        let mut is_orphan = is_orphan;
        let _ = pages.iter().any(|slice| slice.any(&mut is_orphan));
        if let Some(token) = &orphan {
            answers::put(model, name, token);
        }
        settle(model, pending, orphan, true, effects);
    }
}

fn take_settling(model: &mut Model, name: &ContextName) -> Option<Pending> {
    let settles = |p: &Pending| p.context == *name && matches!(p.stage, PendingStage::Settling(_));
    let index = model.pending.iter().position(settles)?;
    Some(model.pending.remove(index))
}

/// Says what became of a creation whose answer was lost: an orphan, nothing, or still unknown.
fn settle(model: &mut Model, mut pending: Pending, orphan: Option<Token>, complete: bool, effects: &mut Vec<Effect>) {
    let PendingStage::Settling(intent) = pending.stage else { return };
    if let Some(secret) = pending.secret.take() {
        return match orphan {
            Some(token) => issued::show(model, pending, intent, token, secret, effects),
            None => issued::show_nameless(model, pending, intent, secret, effects),
        };
    }
    let pending = &pending;
    match (orphan, complete) {
        (Some(Token { id, .. }), _) => {
            close(model, pending, intent, Outcome::Done(Some(id.clone())), effects);
            modal::edited(model, &pending.deed);
            model.leftovers.push(Leftover {
                intent,
                at: None,
                context: pending.context.clone(),
                deed: pending.deed.clone(),
                trace: Trace::Orphan(id),
            });
            let cursor = model.unfinished.len() + model.leftovers.len() - 1;
            modal::rise(model, Modal::Recover(Recover { cursor, ..Recover::default() }));
        }
        // What is late may still be done: a list that does not hold it says nothing of what comes after it.
        (None, true) if pending.late => {
            let text =
                "the answer did not come in time, and the list does not hold the token yet: it may still be made";
            close(model, pending, intent, Outcome::Unverified(text.to_owned()), effects);
            modal::refused(model, pending, &Failure::new(FailureKind::TimedOut, text, "look for it with Ctrl-r"));
        }
        (None, true) => {
            close(model, pending, intent, Outcome::HadNoEffect, effects);
            model.messages.say(model.now, "it was not created: the list does not hold it");
            let text = "the answer was lost, and the list does not hold the token: it was not created";
            modal::refused(model, pending, &Failure::new(FailureKind::Offline, text, "try again"));
        }
        (None, false) => {
            let text = "the answer was lost, and the list could not be read whole";
            close(model, pending, intent, Outcome::Unverified(text.to_owned()), effects);
            modal::refused(model, pending, &Failure::new(FailureKind::Offline, text, "look for it with Ctrl-r"));
        }
    }
}

pub(super) fn close(model: &mut Model, pending: &Pending, of: Sequence, outcome: Outcome, effects: &mut Vec<Effect>) {
    activity::record(model, &pending.context, RecordBody::Result { of, outcome }, effects);
}
