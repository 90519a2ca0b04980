//! What a creation or rotation brought: a token and its secret, or one of them, and where the other has to come from.

use std::sync::Arc;

use super::calls::CallPurpose;
use super::effect::Effect;
use super::modal;
use super::model::Model;
use super::pending::{Pending, PendingStage, close};
use super::{answers, loading};
use crate::domain::{
    Deed, Expiry, Failure, Issued, LastUse, Operation, Outcome, Owner, Secret, Sequence, State, Token, TokenId,
};

/// Takes the answer to a creation or rotation.
pub(super) fn take(
    model: &mut Model,
    mut pending: Pending,
    intent: Sequence,
    issued: Issued,
    effects: &mut Vec<Effect>,
) {
    let frozen = pending.frozen.as_ref().map(|frozen| frozen.token.clone());
    let mut known = issued.token.or_else(|| pending.made.as_deref().cloned()).or(frozen);
    // Not every answer repeats the label that was asked for.
    if let (Some(token), Deed::Create { label, .. }) = (&mut known, &pending.deed)
        && token.label.raw().is_empty()
    {
        token.label = label.as_str().into();
    }
    match (known, issued.secret) {
        (Some(token), Some(secret)) => show(model, pending, intent, token, secret, effects),
        // The backend tells the secret and not whose it is: the list does.
        (None, Some(secret)) => {
            pending.secret = Some(secret);
            pending.stage = PendingStage::Settling(intent);
            let name = pending.context.clone();
            model.pending.push(pending);
            loading::begin(model, &name, effects);
        }
        // The token is made, and its secret comes with a call of its own.
        (Some(token), None) if pending.made.is_none() && matches!(pending.deed, Deed::Create { .. }) => {
            pending.operation = Operation::Rotate(token.id.clone());
            pending.made = Some(Box::new(token));
            let (name, operation) = (pending.context.clone(), pending.operation.clone());
            let call = answers::call(model, &name, operation, CallPurpose::Pending(pending.ticket), effects);
            pending.stage = PendingStage::Sending(call, intent);
            model.pending.push(pending);
        }
        (made, None) => without_secret(model, &pending, intent, made, &answers::nonsense(), effects),
    }
}

/// A secret is there: it is shown once, and the journal waits for the word that it is stored.
pub(super) fn show(
    model: &mut Model,
    pending: Pending,
    intent: Sequence,
    token: Token,
    secret: Arc<Secret>,
    effects: &mut Vec<Effect>,
) {
    close(model, &pending, intent, Outcome::Done(Some(token.id.clone())), effects);
    // A rotation that brought another token has ended the one that was asked about.
    if let Some(old) = pending.frozen.as_ref().filter(|old| pending.replaces.is_none() && old.token.id != token.id) {
        answers::put(model, &pending.context, &Token { state: State::Revoked, ..old.token.clone() });
    }
    let row = answers::put(model, &pending.context, &token);
    model.tokens.notes.remove(&row);
    // Some answers to a creation say less of a token than its own: what is confirmed later is compared with the row,
    // and a birth that is only learnt then would look like somebody's change.
    let readable = model.context(&pending.context).is_some_and(|state| state.context.capabilities.get.offered());
    if readable && token.created.is_none() {
        let get = Operation::Get(token.id.clone());
        answers::call(model, &pending.context, get, CallPurpose::Detail(row), effects);
    }
    modal::show_once(model, pending, intent, token, secret, effects);
}

/// Shows a secret whose token the list did not tell: the secret must not be lost for that.
pub(super) fn show_nameless(
    model: &mut Model,
    pending: Pending,
    intent: Sequence,
    secret: Arc<Secret>,
    effects: &mut Vec<Effect>,
) {
    close(model, &pending, intent, Outcome::Done(None), effects);
    let text = "the backend did not tell the id of the new token, and the list does not hold it yet";
    model.messages.warn(model.now, text.to_owned(), "look for it with Ctrl-r once the secret is stored");
    if let Some(token) = nameless(pending.deed.label()) {
        modal::show_once(model, pending, intent, token, secret, effects);
    }
}

/// Says that a token is there whose secret could not be had.
pub(super) fn without_secret(
    model: &mut Model,
    pending: &Pending,
    intent: Sequence,
    made: Option<Token>,
    failure: &Failure,
    effects: &mut Vec<Effect>,
) {
    close(model, pending, intent, Outcome::Done(made.as_ref().map(|token| token.id.clone())), effects);
    modal::edited(model, &pending.deed);
    if let Some(token) = made {
        answers::put(model, &pending.context, &token);
    }
    let label = crate::domain::escape(pending.deed.label()).into_owned();
    let text = format!("\"{label}\" was created, and its secret could not be had: {failure}");
    model.messages.warn(model.now, text, "rotate it for a new secret, or revoke it");
}

fn nameless(label: &str) -> Option<Token> {
    Some(Token {
        id: TokenId::parse("(not told)").ok()?,
        label: label.into(),
        owner: Owner::Unknown,
        creator: None,
        roles: None,
        masked: None,
        created: None,
        last_used: LastUse::NotReported,
        expires: Expiry::NotReported,
        state: State::Live,
        parent: None,
        version: None,
        extra: Vec::new(),
    })
}
