//! The end of the operator's own credential: announced in time, and put off where the backend does that.

use jiff::{SignedDuration, Timestamp};

use super::answers;
use super::calls::CallPurpose;
use super::contexts::{Asked, ContextState};
use super::effect::Effect;
use super::model::Model;
use super::pending::{self, About};
use crate::domain::{Access, ContextName, Deed, Expiry, Operation};

/// How near the end is, as it is announced: each once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Near {
    /// A week, or less.
    Week,
    /// A day, or less.
    Day,
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Near {
    fn of(left: SignedDuration) -> Option<Self> {
        match left {
            left if left <= DAY => Some(Self::Day),
            left if left <= WEEK => Some(Self::Week),
            _ => None,
        }
    }
}

/// Returns when the credential of a context ends; `None` where it does not, or nobody knows.
fn end(state: &ContextState) -> Option<Timestamp> {
    match state.identity.there()?.expires {
        Expiry::At(end) => Some(end),
        Expiry::Never | Expiry::NotReported => None,
    }
}

/// Says how soon the credential of a context ends; `None` for not within a week, or nobody knows.
pub fn soon(state: &ContextState, now: Timestamp) -> Option<String> {
    let left = end(state)?.duration_since(now);
    Near::of(left)?;
    Some(match (left.as_hours(), left.as_mins()) {
        _ if left <= SignedDuration::ZERO => "has expired".to_owned(),
        (48.., _) => format!("expires in {} days", left.as_hours() / 24),
        (2.., _) => format!("expires in {} hours", left.as_hours()),
        (_, minutes) => format!("expires in {minutes} min"),
    })
}

/// The same as a warning, with the moment.
pub fn warning(state: &ContextState, now: Timestamp) -> Option<String> {
    Some(format!("{}: your own credential {} ({:.0})", state.context.name, soon(state, now)?, end(state)?))
}

/// Announces each end a week and a day before; what was announced stays until it is read.
pub(super) fn advance(model: &mut Model) {
    let now = model.now;
    for state in &mut model.contexts {
        let Some(end) = end(state) else { continue };
        let due = Near::of(end.duration_since(now)).map(|near| (end, near));
        let said = state.announced.filter(|(said, _)| *said == end);
        if due <= said {
            continue;
        }
        state.announced = due;
        let hint = if can_renew(state).is_ok() {
            ":renew asks for a later end"
        } else {
            "create a new one in time, then :login"
        };
        if let Some(text) = warning(state, now) {
            model.messages.warn(now, text, hint);
        }
    }
}

/// Returns the next moment at which one is announced.
pub(super) fn next_wake(model: &Model) -> Option<Timestamp> {
    let ends = model.contexts.iter().filter_map(end);
    let moments = ends.flat_map(|end| [WEEK, DAY].map(|before| end.checked_sub(before).ok()));
    moments.flatten().filter(|moment| *moment > model.now).min()
}

/// Tells whether the credential of a context can be asked a later end for.
fn can_renew(state: &ContextState) -> Result<&crate::domain::Identity, String> {
    let (name, capabilities) = (&state.context.name, &state.context.capabilities);
    if !capabilities.renew.offered() {
        return Err(format!("{} does not renew: make a new credential, then :login", capabilities.title));
    }
    if state.context.access == Access::ReadOnly {
        return Err(format!("{name} is read-only (:write changes that)"));
    }
    let identity = state.identity.there().ok_or_else(|| format!("whose the credential of {name} is, is not known"))?;
    if identity.token.is_none() {
        return Err(format!("{} does not say which token the credential is", capabilities.title));
    }
    Ok(identity)
}

/// Asks for a later end of the credential of a context.
///
/// # Errors
/// Why it cannot be asked for.
pub(super) fn renew(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) -> Result<(), String> {
    let identity = can_renew(model.context(name).ok_or("there is no such context")?)?;
    let Some(id) = identity.token.clone() else { return Ok(()) };
    let label = identity.name.shown().into_owned();
    let operation = Operation::Renew(id.clone());
    if model.pending.iter().any(|pending| pending.context == *name && pending.operation == operation) {
        return Err("that is being done".to_owned());
    }
    let deed = Deed::Switch { id, label, word: operation.word().to_owned() };
    pending::begin(model, name, deed, operation, About::default(), effects);
    Ok(())
}

/// Asks for the new end after a renewal.
pub(super) fn renewed(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    model.messages.say(model.now, format!("{name}: your own credential was renewed; its end is being asked for"));
    if let Some(state) = model.context_mut(name) {
        state.renewed = state.identity.there().map(|identity| identity.expires);
    }
    if model.context(name).is_some_and(|state| !matches!(state.identity, Asked::Asking)) {
        answers::call(model, name, Operation::Whoami, CallPurpose::Facts, effects);
    }
}

/// How far an end may be from where it was without having moved: a backend that reckons it anew at the
/// longest life of a token may be a second off.
const STANDS: SignedDuration = SignedDuration::from_secs(2);

fn is_later(before: Expiry, after: Expiry) -> bool {
    match (before, after) {
        (Expiry::At(before), Expiry::At(after)) => after.duration_since(before) > STANDS,
        (before, after) => before != after,
    }
}

/// Says what came of a renewal, now that whose the credential is was told again. Its new end is announced by that, as near
/// as it may be.
pub(super) fn known(model: &mut Model, name: &ContextName) {
    let now = model.now;
    let Some(state) = model.context_mut(name) else { return };
    let Some(before) = state.renewed.take() else { return };
    let Some(after) = state.identity.there().map(|identity| identity.expires) else { return };
    if let Expiry::At(end) = after {
        state.announced = Near::of(end.duration_since(now)).map(|near| (end, near));
    }
    match after {
        after if !is_later(before, after) => {
            let text = format!("{name}: your own credential was renewed, and its end is the one from before");
            model.messages.warn(
                now,
                text,
                "it may have reached its longest life: create a new one in time, then :login",
            );
        }
        Expiry::At(end) => {
            model.messages.say(now, format!("{name}: your own credential expires at {end:.0} now"));
        }
        Expiry::Never => model.messages.say(now, format!("{name}: your own credential never expires now")),
        Expiry::NotReported => {}
    }
}
