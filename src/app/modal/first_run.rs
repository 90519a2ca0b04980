//! The first screen of a program without contexts: try the demo, or add a backend.

use std::path::PathBuf;

use super::context_form::{ContextForm, Pressed};
use super::{Modal, Next, is_escape};
use crate::app::calls::CallPurpose;
use crate::app::contexts::{Asked, ContextState};
use crate::app::effect::{Effect, NewContext};
use crate::app::key::Key;
use crate::app::model::{Model, Start};
use crate::app::{answers, leave, login};
use crate::domain::{Context, ContextName, CredentialSource, Failure, FailureKind, Offer, Operation, Reply, escape};

/// The first screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FirstRun {
    /// How far it is.
    pub stage: Stage,
    /// What is typed of a new context.
    pub form: ContextForm,
    /// What is being tried out; `None` before that.
    pub candidate: Option<Box<NewContext>>,
    /// Why the test call failed; `None` before it did.
    pub failure: Option<Failure>,
}

/// How far the first screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Demo, or a backend of one's own.
    #[default]
    Choice,
    /// The form.
    Form,
    /// The demo is being started.
    StartingDemo,
    /// The test call is on its way.
    Testing,
}

/// Takes a key.
pub(super) fn press(model: &mut Model, first: &mut FirstRun, key: Key, effects: &mut Vec<Effect>) -> Next {
    match first.stage {
        Stage::Choice => choose(model, first, key, effects),
        Stage::Form => fill(first, key, effects),
        Stage::StartingDemo | Stage::Testing => {
            if is_escape(key) {
                give_up(model, first);
            }
        }
    }
    Next::Stay
}

fn choose(model: &mut Model, first: &mut FirstRun, key: Key, effects: &mut Vec<Effect>) {
    match key.text() {
        Some('d') => {
            first.stage = Stage::StartingDemo;
            first.failure = None;
            effects.push(Effect::StartDemo);
        }
        Some('a') => first.stage = Stage::Form,
        Some('q') => leave::quit(model),
        _ if is_escape(key) => leave::quit(model),
        _ => {}
    }
}

fn fill(first: &mut FirstRun, key: Key, effects: &mut Vec<Effect>) {
    if is_escape(key) {
        first.stage = Stage::Choice;
        return;
    }
    if first.form.offers.is_empty() || first.form.press(key) == Pressed::Taken {
        return;
    }
    match first.form.read() {
        Err(said) => first.form.said = said,
        Ok(new) => {
            let new = Box::new(new);
            first.candidate = Some(new.clone());
            first.stage = Stage::Testing;
            first.failure = None;
            effects.push(Effect::OpenContext(new));
        }
    }
}

/// Takes the backends that a context can be made for.
pub(in crate::app) fn backends_found(model: &mut Model, offers: Vec<Offer>) {
    if let Some(first) = front(model) {
        first.form.offer_all(offers);
    }
}

/// Goes back to the form; what the test call brings is not read any more.
fn give_up(model: &mut Model, first: &mut FirstRun) {
    let tested = first.candidate.take().is_some();
    if first.stage == Stage::Testing && !tested {
        // It works, and is being written.
        return;
    }
    first.stage = if tested { Stage::Form } else { Stage::Choice };
    model.calls.remove_all(&CallPurpose::FirstRun);
    model.contexts.clear();
}

/// Takes the context made of what was typed: the test call follows.
pub(in crate::app) fn context_opened(
    model: &mut Model,
    result: Result<Box<Context>, Failure>,
    effects: &mut Vec<Effect>,
) {
    let candidate = match front(model) {
        Some(first) if first.stage == Stage::Testing => first.candidate.as_ref().map(|new| new.name.clone()),
        _ => None,
    };
    // The answer to a test that was given up says nothing about the next one.
    let Some(candidate) = candidate else { return };
    match result {
        Ok(context) if context.name == candidate => {
            let name = context.name.clone();
            let mut state = ContextState::new(*context);
            state.credential = Asked::There(CredentialSource::Memory);
            // Where nothing says whose the credential is, the list tells whether it is taken.
            let whoami = state.context.capabilities.whoami.offered();
            let question = if whoami { Operation::Whoami } else { Operation::List(None) };
            model.contexts = vec![state];
            answers::call(model, &name, question, CallPurpose::FirstRun, effects);
        }
        Ok(_) => {}
        Err(failure) => failed(model, failure),
    }
}

/// Takes the answer to the test call: a context that works is written and used.
pub(in crate::app) fn tested(
    model: &mut Model,
    name: &ContextName,
    result: Result<Reply, Failure>,
    effects: &mut Vec<Effect>,
) {
    let identity = match result {
        Ok(Reply::Identity(identity)) => Some(identity),
        Ok(Reply::Listed(_)) => None,
        Ok(_) => return failed(model, answers::nonsense()),
        Err(failure) => return failed(model, failure),
    };
    let Some(first) = front(model) else { return };
    let Some(new) = first.candidate.take() else { return };
    if let (Some(state), Some(identity)) = (model.context_mut(name), identity) {
        state.identity = Asked::There(*identity);
    }
    effects.push(Effect::KeepCredential(name.clone(), new.credential.clone()));
    effects.push(Effect::SaveContext(new));
}

/// Takes the news that the context is in the configuration.
pub(in crate::app) fn context_saved(model: &mut Model, result: Result<PathBuf, Failure>) {
    close(model);
    match result {
        Ok(path) => {
            let path = escape(&path.to_string_lossy()).into_owned();
            model.messages.say(model.now, format!("written to {path}; read-only until :write"));
        }
        Err(failure) => {
            model.messages.warn(model.now, format!("the context is not saved: {failure}"), failure.hint);
        }
    }
}

/// Takes the context of the demo.
pub(in crate::app) fn demo_ready(model: &mut Model, result: Result<Box<Context>, Failure>, effects: &mut Vec<Effect>) {
    if front(model).is_none_or(|first| first.stage != Stage::StartingDemo) {
        return;
    }
    match result {
        Ok(context) => {
            close(model);
            model.origin = Start::Demo;
            let name = context.name.clone();
            model.contexts = vec![ContextState::new(*context)];
            login::find(model, &name, effects);
        }
        Err(failure) => failed(model, failure),
    }
}

fn failed(model: &mut Model, failure: Failure) {
    model.contexts.clear();
    match front(model) {
        Some(first) => {
            let tested = first.candidate.take();
            first.stage = if tested.is_some() { Stage::Form } else { Stage::Choice };
            let refused = failure.kind == FailureKind::Credential;
            if let Some(new) = tested.filter(|_| !refused) {
                first.form.type_again(&new);
            }
            let hint = if refused { "type the credential of this backend again".to_owned() } else { failure.hint };
            first.failure = Some(Failure { hint, ..failure });
        }
        None => model.messages.fail(model.now, &failure),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
fn front(model: &mut Model) -> Option<&mut FirstRun> {
    model.modals.iter_mut().find_map(|modal| match modal {
        Modal::FirstRun(first) => Some(&mut **first),
        _ => None,
    })
}

fn close(model: &mut Model) {
    model.modals.retain(|modal| !matches!(modal, Modal::FirstRun(_)));
}
