//! A value that is revoked by itself, where its host can: looked for there, recorded, sent, and asked about again until
//! it is refused.
//!
//! The host is asked first whether the value lives there: one that answers every value alike would let a token be called
//! dead that lives at another host. The value is held until its end is known, also where the screen closes before.

mod came;

use std::sync::Arc;

use jiff::Timestamp;

use super::calls::CallPurpose;
use super::effect::{Effect, Ticket};
use super::identify::Way;
use super::modal::own_token;
use super::model::Model;
use super::{activity, answers};
use crate::domain::shape::Candidate;
use crate::domain::{
    Access, ContextName, Deed, Failure, Operation, Outcome, Protection, RecordBody, Secret, Sequence, TokenKey,
    Untrusted,
};
pub(super) use came::answered;

/// How heavy the answer to the question is, the heaviest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A harmless token that the list shows, in an ordinary context.
    Light,
    /// The context is protected, or the token counts as admin; what is not known does.
    Heavy,
    /// It is the operator's own credential.
    Own,
}

/// A value that is being revoked, or was.
#[derive(Debug, Clone, PartialEq)]
pub struct ByValue {
    /// The number by which its calls and its finding know it.
    pub number: u64,
    /// Whose host it is sent to.
    pub context: ContextName,
    /// What the journal says of it.
    pub deed: Deed,
    /// How far it is.
    pub stage: Stage,
    /// Why its death is not proved; `None` where it is, or that is not known yet.
    pub unproved: Option<String>,
    /// The value; `None` once its end is known.
    value: Option<Arc<Secret>>,
    /// How its host is asked whether it lives; `None` where it cannot be.
    way: Option<Way>,
    /// How heavy a question was answered.
    confirmed: Weight,
    /// The intent.
    intent: Option<Sequence>,
    /// When the last request was answered.
    answered: Option<Timestamp>,
    /// Why the last answer leaves it unknown what became of it; `None` where the host said that it is dead.
    trouble: Option<Failure>,
    /// How often it was sent.
    tries: u32,
    /// How often the host asked to wait.
    waits: u32,
}

/// How far a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// The host is asked whether it lives there.
    Looking,
    /// The intent is being made durable.
    Recording(Ticket),
    /// The request is on its way.
    Sending,
    /// The host is asked whether it still lives.
    Proving,
    /// Something is asked again at this moment.
    Later(Timestamp, Next),
    /// It has its outcome.
    Over(Outcome),
    /// Nothing was sent that would revoke it, for this reason.
    Kept(String),
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is asked whether it lives, before anything is sent.
    Look,
    /// It is sent.
    Send,
    /// It is asked whether it still lives.
    Prove,
}

impl ByValue {
    /// Tells whether its end is known.
    pub const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over(_) | Stage::Kept(_))
    }

    /// Tells whether it is proved dead.
    pub const fn is_proved(&self) -> bool {
        matches!(self.stage, Stage::Over(Outcome::VerifiedDead))
    }

    /// Tells whether the host said that it is dead.
    const fn is_told(&self) -> bool {
        self.answered.is_some() && self.trouble.is_none()
    }

    /// Tells whether it is about this question that was asked and is not answered yet.
    fn awaits(&self, number: u64) -> bool {
        self.number == number && matches!(self.stage, Stage::Looking | Stage::Sending | Stage::Proving)
    }

    /// Returns what became of it so far, in words.
    pub fn words(&self) -> String {
        let because = |what: &str, why: &str| format!("{what}: {why}");
        match &self.stage {
            Stage::Looking | Stage::Later(_, Next::Look) => "asked whether it lives there…".to_owned(),
            Stage::Recording(_) | Stage::Sending | Stage::Later(_, Next::Send) => "revoking…".to_owned(),
            Stage::Proving | Stage::Later(_, Next::Prove) if self.is_told() => "revoked; asked again…".to_owned(),
            Stage::Proving | Stage::Later(_, Next::Prove) => "no answer came; asked what became of it…".to_owned(),
            Stage::Over(Outcome::VerifiedDead) => "revoked, verified dead".to_owned(),
            Stage::Over(Outcome::Done(_)) => {
                because("revoked, as it says; unverified", self.unproved.as_deref().unwrap_or("nobody asked again"))
            }
            Stage::Over(Outcome::AlreadyGone) => "it was dead before".to_owned(),
            Stage::Over(Outcome::StillAnswering(why)) => because("still answering", why),
            Stage::Over(Outcome::Unverified(why)) => because("unverified", why),
            Stage::Over(Outcome::Failed(why)) => because("not revoked", why),
            Stage::Over(Outcome::Changed | Outcome::NotSent | Outcome::HadNoEffect) => "not revoked".to_owned(),
            Stage::Kept(why) => because("nothing was revoked", why),
        }
    }
}

/// What is to be revoked by its value, as it was confirmed.
pub(super) struct Confirmed<'f> {
    /// The context.
    pub(super) context: ContextName,
    /// The value.
    pub(super) candidate: &'f Candidate,
    /// The token that it is, where a list says so for sure.
    pub(super) token: Option<TokenKey>,
    /// How heavy a question was answered.
    pub(super) weight: Weight,
}

/// Tells whether a context takes it.
///
/// # Errors
/// The reason why it does not.
pub fn can(model: &Model, name: &ContextName) -> Result<(), String> {
    let Some(context) = model.context(name).map(|state| &state.context) else {
        return Err(format!("there is no context {name}"));
    };
    if !context.capabilities.revoke_value.offered() {
        return Err(format!("{} cannot revoke by value over its interface", context.capabilities.title));
    }
    match context.access {
        Access::Write => Ok(()),
        Access::ReadOnly => Err(format!("{name} is read-only (:write changes that)")),
    }
}

/// Returns the host of a context, as it is typed to confirm that the value goes there.
pub fn host(model: &Model, name: &ContextName) -> String {
    let origin = model.context(name).map(|state| state.context.origin.to_string()).unwrap_or_default();
    origin.strip_prefix("https://").map(str::to_owned).unwrap_or(origin)
}

/// Returns how a context is asked whether a value lives; `None` where it cannot be.
pub fn way(model: &Model, name: &ContextName) -> Option<Way> {
    model.context(name).and_then(Way::of)
}

/// Returns how heavy the question is.
pub fn weight(model: &Model, name: &ContextName, token: Option<&TokenKey>) -> Weight {
    let Some(state) = model.context(name) else { return Weight::Heavy };
    if token.is_some_and(|token| own_token(model, name) == Some(&token.id)) {
        return Weight::Own;
    }
    let row = token.and_then(|token| model.tokens.inventory.find(token));
    let known = row.and_then(|row| model.tokens.inventory.token(row));
    let admin = known.is_none_or(|token| {
        state.context.capabilities.any_admin(token.roles.as_ref().map(|roles| roles.iter().map(Untrusted::raw)))
    });
    if admin || state.context.protection == Protection::Protected { Weight::Heavy } else { Weight::Light }
}

/// Begins: the host is asked whether the value lives there. Returns the number of it.
pub(super) fn begin(model: &mut Model, confirmed: Confirmed<'_>, effects: &mut Vec<Effect>) -> u64 {
    let Confirmed { context, candidate, token, weight } = confirmed;
    let number = model.next_number();
    let created = token.as_ref().and_then(|token| token.created);
    let host = model.context(&context).map(|state| state.context.origin.to_string()).unwrap_or_default();
    let (shown, looks, id) = (candidate.masked(), candidate.words(), token.map(|token| token.id));
    model.by_value.push(ByValue {
        number,
        way: way(model, &context),
        context,
        deed: Deed::RevokeValue { shown, looks, host, id, created },
        stage: Stage::Looking,
        unproved: None,
        value: Some(candidate.value.clone()),
        confirmed: weight,
        intent: None,
        answered: None,
        trouble: None,
        tries: 0,
        waits: 0,
    });
    go(model, number, Next::Look, effects);
    number
}

/// Returns the value with a number.
pub fn find(model: &Model, number: u64) -> Option<&ByValue> {
    model.by_value.iter().find(|one| one.number == number)
}

fn find_mut(model: &mut Model, number: u64) -> Option<&mut ByValue> {
    model.by_value.iter_mut().find(|one| one.number == number)
}

fn set(model: &mut Model, number: u64, stage: Stage) {
    if let Some(one) = find_mut(model, number) {
        one.stage = stage;
    }
}

/// Does what comes next.
fn go(model: &mut Model, number: u64, next: Next, effects: &mut Vec<Effect>) {
    if model.leaving.is_some() {
        return came::left(model, number, effects);
    }
    let Some(one) = find_mut(model, number) else { return };
    let Some(value) = one.value.clone() else { return };
    let ask = |way: Way| match way {
        Way::Told => Operation::Identify(value.clone()),
        Way::Used => Operation::Try(value.clone()),
    };
    let (stage, operation) = match (next, one.way) {
        // Nothing there tells whether it lives.
        (Next::Look, None) => return record(model, number, effects),
        (Next::Prove, None) => {
            return came::over(model, number, Outcome::Done(None), effects);
        }
        (Next::Look, Some(way)) => (Stage::Looking, ask(way)),
        (Next::Prove, Some(way)) => (Stage::Proving, ask(way)),
        (Next::Send, _) => {
            one.tries += 1;
            (Stage::Sending, Operation::RevokeValue(value.clone()))
        }
    };
    one.stage = stage;
    let name = one.context.clone();
    answers::call(model, &name, operation, CallPurpose::ByValue(number), effects);
}

/// Makes the intent durable; the request waits for it.
fn record(model: &mut Model, number: u64, effects: &mut Vec<Effect>) {
    let Some(one) = find(model, number) else { return };
    let (name, body) = (one.context.clone(), RecordBody::Intent(one.deed.clone()));
    let ticket = activity::record(model, &name, body, effects);
    set(model, number, Stage::Recording(ticket));
}

/// Takes the news that an intent is durable: only now the value leaves to be revoked. Tells whether it was one of these.
pub(super) fn recorded(
    model: &mut Model,
    ticket: Ticket,
    result: &Result<Sequence, Failure>,
    effects: &mut Vec<Effect>,
) -> bool {
    let Some(one) = model.by_value.iter_mut().find(|one| one.stage == Stage::Recording(ticket)) else { return false };
    let number = one.number;
    match result {
        Ok(sequence) => {
            one.intent = Some(*sequence);
            if model.leaving.is_some() {
                came::over(model, number, Outcome::NotSent, effects);
            } else {
                go(model, number, Next::Send, effects);
            }
        }
        Err(failure) => came::keep(model, number, &failure.to_string()),
    }
    true
}

/// Asks again what is due. A program that is leaving asks nothing more: what is known by then is what is written.
pub(super) fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    let (now, leaving) = (model.now, model.leaving.is_some());
    let due: Vec<_> = model.by_value.iter().filter(|one| !one.is_over()).cloned().collect();
    for one in due {
        match one.stage {
            Stage::Looking | Stage::Proving | Stage::Later(..) if leaving => came::left(model, one.number, effects),
            Stage::Later(moment, next) if moment <= now => go(model, one.number, next, effects),
            Stage::Looking
            | Stage::Recording(_)
            | Stage::Sending
            | Stage::Proving
            | Stage::Later(..)
            | Stage::Over(_)
            | Stage::Kept(_) => {}
        }
    }
}

/// Returns the next moment at which something is asked again.
pub(super) fn next_wake(model: &Model) -> Option<Timestamp> {
    let due = model.by_value.iter().filter_map(|one| match one.stage {
        Stage::Later(moment, _) => Some(moment),
        Stage::Looking | Stage::Recording(_) | Stage::Sending | Stage::Proving | Stage::Over(_) | Stage::Kept(_) => {
            None
        }
    });
    due.min().map(|moment| moment.max(model.now))
}

/// Forgets those whose end is known, once nothing on screen tells of them.
pub(super) fn forget(model: &mut Model) {
    model.by_value.retain(|one| !one.is_over());
}
