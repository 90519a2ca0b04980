//! The operator's credential: looked for, asked for, taken over.

use std::sync::Arc;

use super::answers;
use super::contexts::{Asked, ContextState, LoginId};
use super::effect::Effect;
use super::modal::{self, Login, Modal, Passphrase, PassphraseFor};
use super::model::Model;
use super::run;
use crate::domain::{ContextName, CredentialSource, Failure, FailureKind, Secret};

/// Looks for the credential of a context. A closed one needs none: there is nothing to ask with it.
pub(super) fn find(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    let now = model.now;
    let Some(state) = model.context_mut(name) else { return };
    let Some(failure) = state.closed() else {
        state.credential = Asked::Asking;
        effects.push(Effect::FindCredential(name.clone()));
        return;
    };
    if state.list.failure.is_none() {
        state.health = Asked::Failed(failure.clone());
        state.list.failure = Some(failure.clone());
        model.messages.warn(now, format!("{name}: {failure}"), failure.hint);
    }
}

/// Takes the outcome of a look-up.
pub(super) fn found(
    model: &mut Model,
    name: &ContextName,
    result: Result<CredentialSource, Failure>,
    effects: &mut Vec<Effect>,
) {
    model.unlocking.remove(name);
    let Some(state) = model.context_mut(name) else { return };
    match result {
        Ok(source) => held(model, name, source, effects),
        Err(failure) => {
            state.credential = Asked::Failed(failure.clone());
            put(model, name, Some(failure));
        }
    }
}

/// Takes the news that a credential is there, and what the backend asks for besides is not.
pub(super) fn incomplete(model: &mut Model, name: &ContextName, source: CredentialSource, failure: Failure) {
    model.unlocking.remove(name);
    let Some(state) = model.context_mut(name) else { return };
    state.source = Some(source);
    state.credential = Asked::Failed(failure.clone());
    put(model, name, Some(failure));
}

/// Asks for a credential because the operator said so, unless that is being done.
///
/// # Errors
/// When there is nothing to log in to.
pub(super) fn ask(model: &mut Model, name: &ContextName) -> Result<(), String> {
    if let Some(failure) = model.context(name).and_then(ContextState::closed) {
        return Err(failure.to_string());
    }
    if !is_asking(model, name) {
        let question = question(model, name, None);
        model.modals.push(question);
    }
    Ok(())
}

/// Asks for a credential because one is needed, unless that is being done.
fn put(model: &mut Model, name: &ContextName, failure: Option<Failure>) {
    if !is_asking(model, name) {
        let question = question(model, name, failure);
        modal::rise(model, question);
    }
}

/// Returns what is to be asked: the passphrase where that opens what is kept, else the credential.
fn question(model: &Model, name: &ContextName, failure: Option<Failure>) -> Modal {
    let locked = match model.context(name).map(|state| &state.credential) {
        Some(Asked::Failed(failure)) if failure.kind == FailureKind::Sealed => Some(failure.clone()),
        Some(_) | None => None,
    };
    match locked {
        Some(failure) => Modal::Passphrase(Passphrase::new(name, PassphraseFor::Opening(failure))),
        None => Modal::Login(Login::new(model, name, failure)),
    }
}

fn is_asking(model: &Model, name: &ContextName) -> bool {
    model.modals.iter().any(|modal| asks_for(modal) == Some(name))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the others ask for something else")]
fn asks_for(modal: &Modal) -> Option<&ContextName> {
    match modal {
        Modal::Login(login) => Some(&login.context),
        Modal::Passphrase(asked) if asked.is_for != PassphraseFor::Keeping => Some(&asked.context),
        _ => None,
    }
}

/// Opens the file that keeps a credential, with what was typed.
pub(super) fn open_file(model: &mut Model, name: &ContextName, passphrase: Arc<Secret>, effects: &mut Vec<Effect>) {
    if let Some(state) = model.context_mut(name) {
        state.credential = Asked::Asking;
        model.unlocking.insert(name.clone());
        effects.push(Effect::OpenFile(name.clone(), passphrase));
    }
}

/// Offers to keep the credential in force in a file, since no keyring is there.
pub(super) fn offer_file(model: &mut Model, name: &ContextName) {
    let offer = Passphrase::new(name, PassphraseFor::Keeping);
    // One that is open already is for the credential in force, whichever that is when it is answered.
    let is_open = |modal: &Modal| matches!(modal, Modal::Passphrase(open) if (&open.context, &open.is_for) == (name, &offer.is_for));
    if !model.modals.iter().any(is_open) {
        modal::rise(model, Modal::Passphrase(offer));
    }
}

/// Takes the news of a file that was to keep the credential in force.
pub(super) fn filed(model: &mut Model, name: &ContextName, result: Result<(), Failure>) {
    let now = model.now;
    let Some(state) = model.context_mut(name) else { return };
    let source = if result.is_ok() { CredentialSource::File } else { CredentialSource::Memory };
    state.source = Some(source);
    if state.credential.there().is_some() {
        state.credential = Asked::There(source);
    }
    match result {
        Ok(()) => model.messages.say(now, format!("{name}: credential kept in the {}", source.words())),
        Err(failure) => {
            let text = format!("{name}: the credential is in memory only: {failure}");
            model.messages.warn(now, text, failure.hint);
        }
    }
}

/// Takes over what was typed.
pub(super) fn kept(
    model: &mut Model,
    name: &ContextName,
    source: CredentialSource,
    failure: Option<Failure>,
    effects: &mut Vec<Effect>,
) {
    match failure {
        None => {
            let lifetime = source.lifetime().map(|time| format!(", {time}")).unwrap_or_default();
            model.messages.say(model.now, format!("{name}: credential kept in the {}{lifetime}", source.words()));
        }
        Some(failure) => {
            model.messages.warn(
                model.now,
                format!("{name}: the credential is in memory only: {failure}"),
                failure.hint,
            );
        }
    }
    held(model, name, source, effects);
}

/// Goes on with the credential in force, and with inputs that were typed anew.
pub(super) fn completed(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    if let Some(source) = model.context(name).and_then(|state| state.source) {
        held(model, name, source, effects);
    }
}

/// Begins anew with a credential: asks everything, and lets a paused run go on.
fn held(model: &mut Model, name: &ContextName, source: CredentialSource, effects: &mut Vec<Effect>) {
    let login = LoginId(model.next_number());
    let Some(state) = model.context_mut(name) else { return };
    state.credential = Asked::There(source);
    state.source = Some(source);
    // What was sent before is answered about the credential before.
    state.login = login;
    // Another credential may be somebody else's.
    state.identity = Asked::Not;
    state.list.failure = None;
    run::resume(model, name);
    answers::ask_wanted(model, name, effects);
}
