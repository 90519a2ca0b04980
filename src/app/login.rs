//! The operator's credential: looked for, asked for, taken over.

use super::answers;
use super::contexts::{Asked, ContextState, LoginId};
use super::effect::Effect;
use super::modal::{self, Login, Modal};
use super::model::Model;
use super::run;
use crate::domain::{ContextName, CredentialSource, Failure};

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
        let login = Login::new(model, name, None);
        model.modals.push(Modal::Login(login));
    }
    Ok(())
}

/// Asks for a credential because one is needed, unless that is being done.
fn put(model: &mut Model, name: &ContextName, failure: Option<Failure>) {
    if !is_asking(model, name) {
        let login = Login::new(model, name, failure);
        modal::rise(model, Modal::Login(login));
    }
}

fn is_asking(model: &Model, name: &ContextName) -> bool {
    model.modals.iter().any(|modal| matches!(modal, Modal::Login(login) if login.context == *name))
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
