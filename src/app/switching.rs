//! Switching tokens off and on, where the backend can. Of a worklist all at once: what is switched off can be switched on
//! again, a revocation cannot be undone.

use std::collections::VecDeque;

use super::contexts::Asked;
use super::effect::Effect;
use super::incident::{Fate, fate};
use super::model::Model;
use super::pending::{self, About};
use crate::domain::{Access, ContextName, Deed, Operation, State, Token, TokenKey};

/// How many of a worklist are on their way at once.
const AT_ONCE: usize = 8;

/// Switches the token under the cursor off or on.
///
/// # Errors
/// Why it cannot be.
pub(super) fn one(model: &mut Model, word: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    let here = model.tokens.here().ok_or("there is no token under the cursor")?;
    let (name, token) = (here.context().clone(), here.token());
    may(model, &name, &token)?;
    begin(model, &name, &token, word, effects);
    Ok(())
}

/// Has what lives of the worklist switched off, once its number is said.
///
/// # Errors
/// The number, or why there is nothing to switch off.
pub(super) fn worklist(model: &mut Model, number: &str) -> Result<(), String> {
    let Some(incident) = &model.incident else { return Err("no incident is open".to_owned()) };
    let alive = incident.worklist.iter().filter(|work| fate(model, work) == Fate::Alive);
    let tokens: Vec<_> =
        alive.filter_map(|work| Some((&work.context, model.tokens.inventory.token(work.row?)?))).collect();
    let tried: Vec<Result<TokenKey, String>> =
        tokens.iter().map(|(name, token)| may(model, name, token).map(|()| token.key(name))).collect();
    let able: VecDeque<TokenKey> = tried.iter().flatten().cloned().collect();
    let reason = tried.iter().find_map(|one| one.as_ref().err());
    if able.is_empty() {
        return Err(reason.cloned().unwrap_or_else(|| "nothing of the worklist is switched on".to_owned()));
    }
    if number != able.len().to_string() {
        return Err(format!("{} of the worklist can be switched off: disable {0} does it", able.len()));
    }
    let unable = tried.len() - able.len();
    let left_out = reason.map(|reason| format!("; {unable} cannot be: {reason}")).unwrap_or_default();
    model.messages.say(model.now, format!("switching off {} of the worklist{left_out}", able.len()));
    if let Some(incident) = &mut model.incident {
        incident.switches = able;
    }
    Ok(())
}

/// Goes on with the worklist, a few at once.
pub(super) fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.incident.as_ref().is_none_or(|incident| incident.switches.is_empty()) || model.leaving.is_some() {
        return;
    }
    let going = |model: &Model| model.pending.iter().filter(|one| matches!(one.deed, Deed::Switch { .. })).count();
    while going(model) < AT_ONCE
        && let Some(key) = model.incident.as_mut().and_then(|incident| incident.switches.pop_front())
    {
        let token = model.tokens.inventory.find(&key).and_then(|row| model.tokens.inventory.token(row));
        // Its credential may have died meanwhile, or somebody may have switched it off.
        if let Some(token) = token.filter(|token| may(model, &key.context, token).is_ok()) {
            begin(model, &key.context, &token, "disable", effects);
        }
    }
}

/// Calls off what of the worklist is not on its way yet; tells whether there was something.
pub(super) fn call_off(model: &mut Model) -> bool {
    let left = model.incident.as_mut().map_or(0, |incident| std::mem::take(&mut incident.switches).len());
    if left > 0 {
        model.messages.say(model.now, format!("called off: {left} of the worklist stay switched on"));
    }
    left > 0
}

fn begin(model: &mut Model, name: &ContextName, token: &Token, word: &str, effects: &mut Vec<Effect>) {
    let id = token.id.clone();
    let operation = if word == "disable" { Operation::Disable(id.clone()) } else { Operation::Enable(id.clone()) };
    let deed = Deed::Switch { id, label: token.label.shown().into_owned(), word: word.to_owned() };
    pending::begin(model, name, deed, operation, About::default(), effects);
}

/// Tells whether a token can be switched off or on.
fn may(model: &Model, name: &ContextName, token: &Token) -> Result<(), String> {
    let state = model.context(name).ok_or("there is no such context")?;
    if state.context.access == Access::ReadOnly {
        return Err(format!("{name} is read-only (:write changes that)"));
    }
    if !state.context.capabilities.disable.offered() {
        return Err(format!("{} cannot switch tokens off", state.context.capabilities.title));
    }
    if let Asked::There(identity) = &state.identity
        && identity.token.as_ref() == Some(&token.id)
    {
        return Err("that is your own credential".to_owned());
    }
    if token.state == State::Revoked {
        return Err("it is revoked".to_owned());
    }
    match state.stale() {
        Some(failure) => Err(format!("the rows of {name} are stale: {failure}")),
        None => Ok(()),
    }
}
