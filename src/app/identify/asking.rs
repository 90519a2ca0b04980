//! One context is asked about one value, which goes to its host and to no other.

use super::{Finding, Hit, How};
use crate::app::answers;
use crate::app::calls::CallPurpose;
use crate::app::contexts::ContextState;
use crate::app::effect::Effect;
use crate::app::modal::{Identify, Modal};
use crate::app::model::Model;
use crate::domain::{ContextName, Failure, FailureKind, Operation, Reply, TokenKey};

/// What a context said of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// Nothing yet; the number of the question.
    Asking(u64),
    /// It is this token.
    Is(TokenKey),
    /// It lives; whose it is, or which.
    Lives(String),
    /// It is refused: dead, or never one of its tokens.
    Refused,
    /// The backend does not know it: dead, or never one of its tokens.
    Unknown,
    /// It could not be asked.
    Failed(Failure),
}

/// How a context is asked about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It tells which token a value is.
    Told,
    /// The value is used as a credential, to see whose it is.
    Used,
}

impl Way {
    /// Returns how a context can be asked; `None` where it cannot.
    pub(in crate::app) fn of(state: &ContextState) -> Option<Self> {
        let able = &state.context.capabilities;
        match (able.identify.offered(), able.tries.offered()) {
            (true, _) => Some(Self::Told),
            (false, true) => Some(Self::Used),
            (false, false) => None,
        }
    }
}

/// Returns the contexts that can be asked about a value, the likeliest first.
pub fn askable(model: &Model, finding: &Finding) -> Vec<(ContextName, Way)> {
    let way = |name: &ContextName| Some((name.clone(), Way::of(model.context(name)?)?));
    finding.places.iter().filter_map(|(name, _)| way(name)).collect()
}

/// Asks one context about one value.
pub(in crate::app) fn ask(
    model: &mut Model,
    finding: &mut Finding,
    (name, way): &(ContextName, Way),
    effects: &mut Vec<Effect>,
) {
    let number = model.next_number();
    let value = finding.candidate.value.clone();
    let operation = match way {
        Way::Told => Operation::Identify(value),
        Way::Used => Operation::Try(value),
    };
    finding.asked.retain(|(asked, _)| asked != name);
    finding.asked.push((name.clone(), Answered::Asking(number)));
    answers::call(model, name, operation, CallPurpose::Identify(number), effects);
}

/// Takes what a context says.
pub(in crate::app) fn answered(model: &mut Model, name: &ContextName, number: u64, result: Result<Reply, Failure>) {
    let answered = read(model, name, result);
    let Some(finding) = asked(model, number) else { return };
    if let Answered::Is(token) = &answered {
        finding.hits.retain(|hit| hit.token != *token);
        finding.hits.insert(0, Hit { token: token.clone(), how: How::Told });
    }
    for (_, told) in finding.asked.iter_mut().filter(|(_, told)| *told == Answered::Asking(number)) {
        *told = answered.clone();
    }
}

/// Reads what a context says of a value; a token that it names is put into the table.
pub(in crate::app) fn read(model: &mut Model, name: &ContextName, result: Result<Reply, Failure>) -> Answered {
    match result {
        Ok(Reply::Token(token)) => {
            answers::put(model, name, &token);
            Answered::Is(token.key(name))
        }
        Ok(Reply::Identity(identity)) => {
            let row = identity.token.as_ref().and_then(|id| model.tokens.inventory.find_id(name, id.raw()));
            match (row.and_then(|row| model.tokens.inventory.key(row)), &identity.token) {
                (Some(key), _) => Answered::Is(key),
                (None, Some(id)) => Answered::Lives(format!("token {} of {}", id.shown(), identity.name)),
                (None, None) => Answered::Lives(format!("a token of {}", identity.name)),
            }
        }
        Ok(_) => Answered::Failed(answers::nonsense()),
        Err(failure) if failure.kind == FailureKind::NotFound => Answered::Unknown,
        Err(failure) if failure.kind == FailureKind::Credential && !model.needs_login(name) => Answered::Refused,
        Err(failure) => Answered::Failed(failure),
    }
}

/// Returns the finding that a question is about.
fn asked(model: &mut Model, number: u64) -> Option<&mut Finding> {
    let is_it = |finding: &&mut Finding| finding.asked.iter().any(|(_, told)| *told == Answered::Asking(number));
    identifying(model)?.findings.iter_mut().find(is_it)
}

/// Returns the screen on which values are looked for.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
pub(in crate::app) fn identifying(model: &mut Model) -> Option<&mut Identify> {
    model.modals.iter_mut().find_map(|modal| match modal {
        Modal::Identify(identify) => Some(&mut **identify),
        _ => None,
    })
}

/// Lets go of the values: what is on its way is not awaited any more.
pub(in crate::app) fn forget(model: &mut Model, findings: &mut Vec<Finding>, effects: &mut Vec<Effect>) {
    for (_, told) in findings.iter().flat_map(|finding| &finding.asked) {
        if let Answered::Asking(number) = told {
            let calls = model.calls.remove_all(&CallPurpose::Identify(*number));
            effects.extend(calls.into_iter().map(Effect::Cancel));
        }
    }
    findings.clear();
}
