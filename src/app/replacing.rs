//! A new token that takes the place of an old one: the backend is asked whether it lives, and its secret is tried,
//! before the question about the old one is put.

use std::sync::Arc;

use jiff::Timestamp;

use super::calls::CallPurpose;
use super::effect::{Effect, LoadId};
use super::modal::{self, Frozen, Purpose, Reread};
use super::model::Model;
use super::reading::{self, ReadList};
use super::{answers, loading};
use crate::domain::{CallId, ContextName, Failure, FailureKind, Operation, Reply, Secret, Sequence, Token};

/// A new token that takes the place of an old one.
#[derive(Debug, Clone, PartialEq)]
pub struct Replacement {
    /// The context of both.
    pub context: ContextName,
    /// The journal's number of the intent that made the new one.
    pub intent: Sequence,
    /// The new one.
    pub new: Token,
    /// The secret of the new one, to be tried.
    pub secret: Arc<Secret>,
    /// The old one, as it was when the new one was asked for.
    pub old: Box<Frozen>,
    /// When the new one was there.
    pub since: Timestamp,
    /// What is known of the new one.
    pub proof: Proof,
    /// Whether its secret was declared stored.
    pub stored: Stored,
}

/// What is known of a new token.
#[derive(Debug, Clone, PartialEq)]
pub enum Proof {
    /// The backend is asked for it.
    Asking(CallId),
    /// The list is read for it.
    Reading(LoadId),
    /// The backend does not show it yet: it is looked for again at this moment.
    Later(Timestamp),
    /// It is alive, and its secret is tried.
    Trying(CallId),
    /// It is alive, and the backend takes its secret.
    Works,
    /// It is alive; why its secret could not be tried.
    Untried(String),
    /// That could not be found out, with the reason.
    Unproved(String),
}

/// Whether a secret was declared stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// Not yet.
    NotYet,
    /// It was.
    Yes,
}

impl Proof {
    /// Returns the words on screen.
    pub fn words(&self) -> String {
        match self {
            Self::Asking(_) | Self::Reading(_) | Self::Later(_) => {
                "the backend is asked whether the new one lives".to_owned()
            }
            Self::Trying(_) => "the new one lives; its secret is tried".to_owned(),
            Self::Works => "the new one lives, and the backend takes its secret".to_owned(),
            Self::Untried(reason) => format!("the new one lives; its secret could not be tried: {reason}"),
            Self::Unproved(reason) => format!("the new one could not be verified: {reason}"),
        }
    }

    fn is_open(&self) -> bool {
        matches!(self, Self::Asking(_) | Self::Reading(_) | Self::Later(_) | Self::Trying(_))
    }

    fn is_good(&self) -> bool {
        matches!(self, Self::Works | Self::Untried(_))
    }
}

/// Begins to look for a new token at the backend, while its secret is on screen.
pub(super) fn begin(
    model: &mut Model,
    context: ContextName,
    intent: Sequence,
    (new, secret): (Token, Arc<Secret>),
    old: Box<Frozen>,
    effects: &mut Vec<Effect>,
) {
    let since = model.now;
    let (proof, stored) = (Proof::Later(since), Stored::NotYet);
    model.replacements.push(Replacement { context, intent, new, secret, old, since, proof, stored });
    advance(model, effects);
}

/// Looks again for what is due.
pub(super) fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.leaving.is_some() {
        return;
    }
    for index in 0..model.replacements.len() {
        if matches!(model.replacements[index].proof, Proof::Later(moment) if moment <= model.now) {
            ask(model, index, effects);
        }
    }
}

fn ask(model: &mut Model, index: usize, effects: &mut Vec<Effect>) {
    let Replacement { context, intent, new, .. } = &model.replacements[index];
    let (name, intent, id) = (context.clone(), *intent, new.id.clone());
    let readable = model.context(&name).is_some_and(|state| state.context.capabilities.get.offered());
    model.replacements[index].proof = if readable {
        let purpose = CallPurpose::Replacement(intent);
        Proof::Asking(answers::call(model, &name, Operation::Get(id), purpose, effects))
    } else {
        Proof::Reading(reading::begin(model, &name, effects))
    };
}

/// Returns the next moment at which one is looked for again.
pub(super) fn next_wake(model: &Model) -> Option<Timestamp> {
    let later = |replacement: &Replacement| match replacement.proof {
        Proof::Later(moment) => Some(moment),
        Proof::Asking(_)
        | Proof::Reading(_)
        | Proof::Trying(_)
        | Proof::Works
        | Proof::Untried(_)
        | Proof::Unproved(_) => None,
    };
    model.replacements.iter().filter_map(later).filter(|moment| *moment > model.now).min()
}

/// Takes what the backend says of the new token, or of its secret.
pub(super) fn answered(model: &mut Model, intent: Sequence, result: Result<Reply, Failure>, effects: &mut Vec<Effect>) {
    let Some(index) = model.replacements.iter().position(|replacement| replacement.intent == intent) else { return };
    if matches!(model.replacements[index].proof, Proof::Trying(_)) {
        tried(model, index, result);
        return conclude(model);
    }
    let found = match result {
        Ok(Reply::Token(token)) => Ok(Some(*token)),
        Ok(_) => Err(answers::nonsense()),
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
        Err(failure) => Err(failure),
    };
    looked(model, index, found, effects);
    conclude(model);
}

/// Tells whether one is looked for in this reading of the list, or an earlier one.
pub(super) fn awaits(model: &Model, name: &ContextName, id: LoadId) -> bool {
    model.replacements.iter().any(|replacement| replacement.awaits(name, id))
}

/// Takes a list that was read again.
pub(super) fn list_read(
    model: &mut Model,
    name: &ContextName,
    id: LoadId,
    read: &Result<ReadList, Failure>,
    effects: &mut Vec<Effect>,
) {
    for index in 0..model.replacements.len() {
        let replacement = &model.replacements[index];
        if !replacement.awaits(name, id) {
            continue;
        }
        let found = match read {
            Ok(read) => match (read.same(&replacement.new), &read.gap) {
                (None, Some(gap)) => {
                    Err(Failure::new(FailureKind::Protocol, reading::gap_words(gap), "look for it with Ctrl-r"))
                }
                (found, _) => Ok(found),
            },
            Err(failure) => Err(failure.clone()),
        };
        looked(model, index, found, effects);
    }
    conclude(model);
}

/// Decides what is known of the new token; one that is not shown yet is looked for again.
fn looked(model: &mut Model, index: usize, found: Result<Option<Token>, Failure>, effects: &mut Vec<Effect>) {
    let now = model.now;
    let later = reading::look_again(model.replacements[index].since, now);
    let proof = match (found, later) {
        (Ok(Some(token)), _) => match reading::not_alive(token.state) {
            None => try_secret(model, index, effects),
            Some(why) => Proof::Unproved(why.to_owned()),
        },
        (Ok(None), Some(moment)) => Proof::Later(moment),
        (Ok(None), None) => Proof::Unproved("the backend does not show it".to_owned()),
        (Err(failure), later) => match (failure.kind, later) {
            (FailureKind::Busy(wait), Some(moment)) => busy(now, wait, moment),
            _ => Proof::Unproved(failure.to_string()),
        },
    };
    model.replacements[index].proof = proof;
}

/// Asks with the new secret whose it is, where the backend can be asked that.
fn try_secret(model: &mut Model, index: usize, effects: &mut Vec<Effect>) -> Proof {
    let Replacement { context, intent, secret, .. } = &model.replacements[index];
    let (name, intent, secret) = (context.clone(), *intent, secret.clone());
    if !model.context(&name).is_some_and(|state| state.context.capabilities.whoami.offered()) {
        return Proof::Untried("the backend tells nobody whose a secret is".to_owned());
    }
    Proof::Trying(answers::call(model, &name, Operation::Try(secret), CallPurpose::Replacement(intent), effects))
}

/// Decides what is known of the secret; one that is not taken yet is tried again.
fn tried(model: &mut Model, index: usize, result: Result<Reply, Failure>) {
    let now = model.now;
    let replacement = &mut model.replacements[index];
    let later = reading::look_again(replacement.since, now);
    replacement.proof = match (result, later) {
        (Ok(Reply::Identity(identity)), _) => match identity.token {
            Some(id) if id != replacement.new.id => {
                Proof::Unproved("the backend takes the secret for that of another token".to_owned())
            }
            _ => Proof::Works,
        },
        (Ok(_), _) => Proof::Unproved(answers::nonsense().to_string()),
        (Err(failure), later) => match (failure.kind, later) {
            (FailureKind::Credential, Some(moment)) => Proof::Later(moment),
            (FailureKind::Credential, None) => Proof::Unproved("the backend does not take its secret".to_owned()),
            (FailureKind::Busy(wait), Some(moment)) => busy(now, wait, moment),
            // It lacks the right to ask: whether it works for what it was made for, only its user finds out.
            (FailureKind::Forbidden | FailureKind::NotOffered, _) => Proof::Untried(failure.to_string()),
            _ => Proof::Unproved(failure.to_string()),
        },
    };
}

/// Returns when a busy backend is asked again: not before the moment that it named.
fn busy(now: Timestamp, wait: Option<std::time::Duration>, moment: Timestamp) -> Proof {
    let named = wait.and_then(|wait| loading::later(now, wait));
    Proof::Later(named.max(Some(moment)).unwrap_or(moment))
}

/// Takes the word that the secret of the new token is stored.
pub(super) fn stored(model: &mut Model, intent: Sequence) {
    let Some(replacement) = model.replacements.iter_mut().find(|one| one.intent == intent) else { return };
    replacement.stored = Stored::Yes;
    if replacement.proof.is_open() {
        let text = format!("{}: the question about the old one follows", replacement.proof.words());
        model.messages.say(model.now, text);
    }
    conclude(model);
}

/// Puts the question about the old token once the new one is stored and lives; else says that the old one stays.
fn conclude(model: &mut Model) {
    let ready = |one: &Replacement| one.stored == Stored::Yes && !one.proof.is_open();
    while let Some(index) = model.replacements.iter().position(ready) {
        let Replacement { context, new, old, proof, .. } = model.replacements.remove(index);
        if !proof.is_good() {
            let text = format!("\"{}\": {}; the old one stays", new.label, proof.words());
            model.messages.warn(model.now, text, "see that the new one works, then revoke the old one with x");
            continue;
        }
        let text = format!("two are alive now: the new one and the old \"{}\"", old.token.label);
        match model.tokens.inventory.find(&old.token.key(&context)) {
            Some(row) => {
                let hint = format!("{}; the question revokes the old one", proof.words());
                model.messages.warn(model.now, text, hint);
                modal::ask_again(model, row, Purpose::RevokeOld, Reread::Not);
            }
            None => model.messages.warn(model.now, text, "the list does not hold the old one any more: look for it"),
        }
    }
}

impl Replacement {
    fn awaits(&self, name: &ContextName, id: LoadId) -> bool {
        self.context == *name && matches!(self.proof, Proof::Reading(awaited) if awaited <= id)
    }
}
