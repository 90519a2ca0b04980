//! A plan that was written down is done: only what still looks as the plan says.

use std::sync::Arc;

use super::contexts::Asked;
use super::effect::Effect;
use super::errand::{self, Deal, Refusal, Word};
use super::inventory::Row;
use super::modal;
use super::model::Model;
use crate::domain::{Failure, FailureKind, PlannedToken, RevocationPlan, State, Token, TokenKey, tokens_in_words};

/// A plan that is to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The plan.
    pub plan: Arc<RevocationPlan>,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// What becomes of it when some of its tokens look otherwise.
    pub otherwise: Otherwise,
}

/// What becomes of a plan some of whose tokens do not look as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// Nothing of it is done.
    Refuse,
    /// The others are revoked.
    Skip,
}

/// The plan that is being done, as it is named in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// The ticket of the incident in which it was made.
    pub incident: Option<String>,
    /// Why it was made.
    pub reason: Option<String>,
}

/// How a token looks otherwise than its plan says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// It was changed: these are the differences, in words.
    Changed(Vec<String>),
    /// Its id belongs to another token now, which nobody planned to revoke; in words.
    Another(String),
    /// It is revoked already.
    Revoked,
    /// The backend does not know it.
    Unknown,
    /// It could not be read.
    Unread(Failure),
}

impl Difference {
    /// Returns the words for it.
    pub fn words(&self) -> String {
        match self {
            Self::Changed(words) if words.is_empty() => "it was changed".to_owned(),
            Self::Changed(words) => words.join("; "),
            Self::Another(words) => format!("its id belongs to another token now: {words}"),
            Self::Revoked => "somebody revoked it since the plan was made".to_owned(),
            Self::Unknown => "the backend does not know it: it is gone, or this credential may not see it".to_owned(),
            Self::Unread(failure) => failure.to_string(),
        }
    }
}

/// Tells whether the contexts of a plan are those that it was made over; nothing has to be sent for that.
///
/// # Errors
/// Which is not, and what would be right.
pub fn fits(model: &Model, plan: &RevocationPlan) -> Result<(), Refusal> {
    for planned in &plan.contexts {
        let name = &planned.name;
        let Some(state) = model.context(name) else {
            return Err(Refusal::Usage(format!("the plan is about the context {name} at {}", planned.origin)));
        };
        if state.context.origin != planned.origin {
            let (is, was) = (&state.context.origin, &planned.origin);
            let text = format!("the plan is about {name} at {was}, and {name} is at {is} here: nothing was sent");
            let hint = "do it where that context is configured";
            return Err(Refusal::Failed(Failure::new(FailureKind::Changed, text, hint)));
        }
    }
    Ok(())
}

/// Compares what was read with a plan whose tokens were looked for in their order: how each of them looks otherwise,
/// and what identifies it where it looks the same.
pub fn compared(model: &Model, plan: &RevocationPlan) -> Vec<Result<TokenKey, Difference>> {
    let found = plan.tokens.iter().zip(&model.sought);
    found.map(|(planned, sought)| compare(model, planned, &sought.found)).collect()
}

fn compare(model: &Model, planned: &PlannedToken, found: &Asked<TokenKey>) -> Result<TokenKey, Difference> {
    let key = match found {
        Asked::There(key) => key,
        Asked::Failed(failure) if failure.kind == FailureKind::NotFound => return Err(Difference::Unknown),
        Asked::Failed(failure) => return Err(Difference::Unread(failure.clone())),
        Asked::Not | Asked::Asking => return Err(Difference::Unread(unasked())),
    };
    let inventory = &model.tokens.inventory;
    let row = inventory.find(key).ok_or(Difference::Unknown)?;
    let (now, shown) = (inventory.token(row).ok_or(Difference::Unknown)?, planned.target.token());
    let told = |token: &Token| token.created.is_some();
    if now.created != shown.created && told(&now) && told(&shown) {
        return Err(Difference::Another(modal::differences(&shown, &now).join("; ")));
    }
    match now.state {
        State::Revoked => Err(Difference::Revoked),
        State::Live | State::Disabled | State::Expired if now.differs_from(&shown) => {
            Err(Difference::Changed(modal::differences(&shown, &now)))
        }
        State::Live | State::Disabled | State::Expired => Ok(key.clone()),
    }
}

fn unasked() -> Failure {
    Failure::new(FailureKind::Cancelled, "it was not read", "try again")
}

/// Does a plan whose tokens were read again: with the word that confirms how many of them die.
pub(super) fn begin(model: &mut Model, order: &Order, word: &Word, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
    fits(model, &order.plan)?;
    let compared = compared(model, &order.plan);
    let same = compared.iter().filter_map(|one| one.as_ref().ok());
    let rows: Vec<Row> = same.filter_map(|key| model.tokens.inventory.find(key)).collect();
    let (all, others) = (compared.len(), compared.len() - rows.len());
    if rows.is_empty() || (others > 0 && order.otherwise == Otherwise::Refuse) {
        return Err(Refusal::Failed(stale(&compared, all, others)));
    }
    let expected = rows.len().to_string();
    if word.0.as_ref() != Some(&expected) {
        return Err(Refusal::Unconfirmed(expected));
    }
    for context in &order.plan.contexts {
        errand::may(model, &context.name, Deal::Revoke)?;
        if let Some(failure) = errand::unfinished(model, &context.name) {
            return Err(Refusal::Failed(failure));
        }
    }
    let plan = &order.plan;
    let (incident, reason) = (plan.incident.clone(), plan.reason.as_ref().map(|reason| reason.shown().into_owned()));
    let before = model.applied.replace(Applied { sha256: order.sha256.clone(), incident, reason });
    let begun = modal::unseen::revoke_rows(model, rows, effects);
    if begun.is_err() {
        model.applied = before;
    }
    begun
}

/// Says that a plan does not fit what was read; or why it could not be read, where nothing is known to be otherwise.
fn stale(compared: &[Result<TokenKey, Difference>], all: usize, others: usize) -> Failure {
    let unread = |one: &Result<TokenKey, Difference>| matches!(one, Ok(_) | Err(Difference::Unread(_)));
    let failure = compared.iter().find_map(|one| match one {
        Err(Difference::Unread(failure)) => Some(failure),
        Ok(_) | Err(_) => None,
    });
    if let Some(failure) = failure.filter(|_| compared.iter().all(unread)) {
        return failure.clone();
    }
    let (of, look) = (tokens_in_words(all), if others == 1 { "looks" } else { "look" });
    let text = format!("of {of} in the plan {others} {look} otherwise now: nothing was sent");
    let hint =
        if others < all { "`--skip-changed` goes on with the others; else make a new plan" } else { "make a new plan" };
    Failure::new(FailureKind::Changed, text, hint)
}
