//! What is asked without a screen. It goes the ways of the modals, with the same confirmation, journal and proof.

use std::path::PathBuf;
use std::sync::Arc;

use super::action;
use super::applying::{self, Order};
use super::by_value::{self, ByValue};
use super::contexts::{Asked, ContextState, ListExtent};
use super::effect::Effect;
use super::field::Field;
use super::model::Model;
use super::sought::{By, Sought};
use super::tokens::{Answered, Dirty};
use super::{filtering, loading, modal, run};
use crate::domain::{Access, Context, ContextName, Failure, FailureKind, Secret, TokenId, TokenKey};

/// Something asked without a screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Errand {
    /// Show what a query asks for.
    Query(String),
    /// Read the list of a context.
    Read(ContextName),
    /// Find these tokens.
    Find(Vec<(ContextName, TokenId)>),
    /// Ask which token a value is. The value is sent.
    Identify(ContextName, Arc<Secret>),
    /// Look through a text for values, and for them in the lists. Nothing is sent.
    Look(Arc<Secret>),
    /// Revoke a value by itself. The value is sent.
    RevokeValue(ContextName, Arc<Secret>, Word),
    /// Revoke tokens.
    Revoke(Chosen, Word),
    /// Write a plan to revoke tokens to a new file, and revoke nothing.
    Plan(Chosen, PathBuf),
    /// Revoke the tokens of a plan, which were found in its order.
    Apply(Box<Order>, Word),
    /// Rotate a token; where the backend does not, make a new one in its place.
    Rotate(TokenKey, Word),
    /// Revoke the old token of such a rotation, which was confirmed with it.
    RevokeOld,
    /// Make a token.
    Create(Wanted),
    /// Change a token.
    Edit(TokenKey, Edited),
    /// Call the run off.
    GiveUp,
    /// Finish the unfinished revocation of this place.
    Resume(usize),
    /// Give it up.
    Discard(usize),
    /// Write the new secret to a new file.
    WriteSecret(PathBuf),
    /// Hand the new secret to the context's command.
    PipeSecret,
    /// The new secret was printed.
    Printed,
    /// The new secret is stored.
    Stored,
    /// Keep a credential.
    Keep(ContextName, Arc<Secret>),
    /// Keep the credential in force in a file under this passphrase.
    File(ContextName, Arc<Secret>),
}

/// Which tokens are to be revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// Those that were found, of as many as were named.
    Named(Vec<TokenKey>, usize),
    /// All living ones that the query shows.
    Shown,
}

/// What was said to confirm something; `None` for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(pub Option<String>);

/// A token that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where.
    pub context: ContextName,
    /// Its label; `None` where the backend has none.
    pub label: Option<String>,
    /// Its roles; none where the backend has none to choose.
    pub roles: Vec<String>,
    /// Who it acts for; `None` for the operator.
    pub owner: Option<String>,
    /// When it stops, as typed; `None` for as long as the form says.
    pub expires: Option<String>,
}

/// How a token is to be changed, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The new label; `None` to leave it.
    pub label: Option<String>,
    /// The new expiry; `None` to leave it.
    pub expires: Option<String>,
}

/// Why something is not done. Nothing that changes anything was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It was not asked as it must be; what would be right.
    Usage(String),
    /// It was not confirmed; this would confirm it.
    Unconfirmed(String),
    /// It cannot be.
    Failed(Failure),
}

/// What is about to be done in a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deal {
    /// A token is made.
    Create,
    /// One is changed.
    Edit,
    /// One gets a new secret.
    Rotate,
    /// Some die.
    Revoke,
    /// One dies by its value.
    RevokeValue,
}

/// Tells whether the journal was read, or cannot be.
pub const fn is_journal_read(model: &Model) -> bool {
    matches!(model.activity.journal, Asked::There(_) | Asked::Failed(_))
}

/// Returns the failure of a revocation in a context in which another one was not brought to its end; `None` for none.
pub fn unfinished(model: &Model, name: &ContextName) -> Option<Failure> {
    let left = run::found(model, name)?;
    let text = format!("an earlier revocation in {name} is unfinished: {}", run::far(left));
    Some(Failure::new(FailureKind::Changed, text, "`revoke --resume` finishes it, `revoke --discard` gives it up"))
}

/// Tells whether a context takes something; asked before anything is sent.
///
/// # Errors
/// The reason why it does not.
pub fn may(model: &Model, name: &ContextName, deal: Deal) -> Result<(), Refusal> {
    let Some(context) = model.context(name).map(|state| &state.context) else { return Err(unknown(name)) };
    if context.access == Access::ReadOnly {
        return Err(Refusal::Failed(read_only(context)));
    }
    let able = match deal {
        Deal::Create => action::can_create(context),
        Deal::Edit => action::can_edit(context),
        Deal::Rotate => action::can_rotate(context),
        Deal::Revoke => action::can_revoke_in(context),
        Deal::RevokeValue => by_value::can(model, name),
    };
    able.map_err(|reason| Refusal::Failed(Failure::new(FailureKind::NotOffered, reason, "do it at the service itself")))
}

fn read_only(context: &Context) -> Failure {
    let text = format!("{} is read-only: nothing was sent", context.name);
    Failure::new(FailureKind::ReadOnly, text, "take --read-only away, or read_only out of the configuration")
}

fn unknown(name: &ContextName) -> Refusal {
    Refusal::Usage(format!("there is no context {name}"))
}

/// Begins what is asked.
pub(super) fn take(model: &mut Model, errand: Errand, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
    match errand {
        Errand::Query(text) => query(model, &text),
        Errand::Read(name) => {
            loading::begin(model, &name, effects);
            Ok(())
        }
        Errand::Find(tokens) => {
            model.sought = tokens.into_iter().map(|(name, id)| Sought::new(name, By::Id(id))).collect();
            Ok(())
        }
        Errand::Identify(name, value) => {
            model.sought = vec![Sought::new(name, By::Value(value))];
            Ok(())
        }
        Errand::Look(text) => {
            modal::unseen::look(model, text, effects);
            Ok(())
        }
        Errand::RevokeValue(name, value, word) => modal::unseen::revoke_value(model, &name, &value, &word, effects),
        Errand::Revoke(chosen, word) => modal::unseen::revoke(model, &chosen, &word, effects),
        Errand::Plan(chosen, file) => modal::unseen::plan(model, &chosen, file, effects),
        Errand::Apply(order, word) => applying::begin(model, &order, &word, effects),
        Errand::Rotate(key, word) => modal::unseen::rotate(model, &key, &word, effects),
        Errand::RevokeOld => modal::unseen::revoke_old(model, effects),
        Errand::Create(wanted) => modal::unseen::create(model, wanted, effects),
        Errand::Edit(key, edited) => modal::unseen::edit(model, &key, &edited, effects),
        Errand::GiveUp => {
            run::cancel(model, effects);
            Ok(())
        }
        Errand::Resume(at) => run::go_on(model, at, effects).map_err(|reason| {
            Refusal::Failed(Failure::new(FailureKind::Refused, reason, "look at `tokendeck journal list`"))
        }),
        Errand::Discard(at) => {
            run::give_up(model, at, effects);
            Ok(())
        }
        Errand::WriteSecret(path) => {
            let secret = modal::unseen::secret(model)?.secret.clone();
            effects.push(Effect::WriteSecret(path, secret));
            Ok(())
        }
        Errand::PipeSecret => {
            let once = modal::unseen::secret(model)?;
            effects.push(Effect::PipeSecret(once.context.clone(), once.secret.clone()));
            Ok(())
        }
        Errand::Printed => modal::unseen::printed(model),
        Errand::Stored => modal::unseen::stored(model, effects),
        Errand::Keep(name, secret) => {
            effects.push(Effect::KeepCredential(name, secret));
            Ok(())
        }
        Errand::File(name, passphrase) => {
            effects.push(Effect::FileCredential(name, passphrase));
            Ok(())
        }
    }
}

fn query(model: &mut Model, text: &str) -> Result<(), Refusal> {
    model.tokens.query.field = Field::with(text);
    filtering::retype(model);
    match &model.tokens.query.error {
        Some(error) => {
            let place = error.at + 1;
            Err(Refusal::Usage(format!("{error}, at character {place} of the query; {}", error.hint)))
        }
        None => Ok(()),
    }
}

/// Tells whether it is known of every context whose credential it is, or that nobody tells.
pub fn is_known(model: &Model) -> bool {
    model.contexts.iter().all(|state| {
        let told = matches!(state.identity, Asked::There(_) | Asked::Failed(_));
        told || matches!(state.credential, Asked::Failed(_))
    })
}

/// Tells whether nothing more comes of any list, and what the query shows of them is there.
pub fn is_listed(model: &Model) -> bool {
    let over = |state: &ContextState| {
        let none = matches!(state.credential, Asked::Failed(_)) || state.unlisted().is_some();
        none || (state.list.load.is_none() && (state.list.data_at.is_some() || state.list.failure.is_some()))
    };
    let tokens = &model.tokens;
    let shown = tokens.filtering.is_none() && tokens.dirty == Dirty::Clean && tokens.answer == Answered::Now;
    shown && model.contexts.iter().all(over)
}

/// Tells whether all that was to be changed is changed, or is known not to be, and the journal has it.
pub fn is_settled(model: &Model) -> bool {
    model.pending.is_empty() && model.recording.is_empty()
}

/// Tells whether it is known what became of each value that was to be revoked, and the journal has it.
pub fn is_value_over(model: &Model) -> bool {
    model.by_value.iter().all(ByValue::is_over) && model.recording.is_empty()
}

/// Tells whether every run is over, and the journal has it; or waits for somebody to let it go on.
pub fn has_stopped(model: &Model) -> bool {
    let stopped = |phase: &run::Phase| matches!(phase, run::Phase::Over | run::Phase::Paused(_));
    model.runs.iter().all(|run| stopped(&run.phase)) && model.recording.is_empty()
}

/// Returns why no list of a context can be told; `None` when one can.
pub fn trouble(state: &ContextState) -> Option<Failure> {
    match &state.credential {
        Asked::Failed(failure) => Some(failure.clone()),
        Asked::Not | Asked::Asking | Asked::There(_) => state.list.failure.clone().or_else(|| state.unlisted()),
    }
}

/// Returns why a list is not whole; `None` when it is, or is not there at all.
pub fn gap(state: &ContextState) -> Option<&str> {
    match &state.list.extent {
        ListExtent::Partial(reason) => Some(reason),
        ListExtent::Nothing | ListExtent::Loading | ListExtent::Complete => None,
    }
}
