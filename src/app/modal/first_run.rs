//! The first screen of a program without contexts: try the demo, or add a backend.

use std::path::PathBuf;

use super::{Modal, Next, is_escape};
use crate::app::calls::CallPurpose;
use crate::app::contexts::{Asked, ContextState};
use crate::app::effect::{Effect, NewContext};
use crate::app::field::{Field, HiddenField};
use crate::app::key::{Code, Key};
use crate::app::model::{Model, Start};
use crate::app::{answers, leave, login};
use crate::domain::{Context, ContextName, CredentialSource, Failure, FailureKind, Operation, Reply, Secret, escape};

/// The first screen.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstRun {
    /// How far it is.
    pub stage: Stage,
    /// The names of the built-in descriptions.
    pub backends: Vec<String>,
    /// The chosen one: an index into `backends`.
    pub backend: usize,
    /// The context's name.
    pub name: Field,
    /// The base URL.
    pub url: Field,
    /// The file with the certificates of the backend's authority; empty for the system's.
    pub ca_file: Field,
    /// The credential, hidden.
    pub credential: HiddenField,
    /// The field that keys go to.
    pub focus: FirstRunField,
    /// What is being tried out; `None` before that.
    pub candidate: Option<Box<NewContext>>,
    /// What is wrong with the form; empty for nothing.
    pub said: String,
    /// Why the test call failed; `None` before it did.
    pub failure: Option<Failure>,
}

/// How far the first screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Demo, or a backend of one's own.
    Choice,
    /// The form.
    Form,
    /// The demo is being started.
    StartingDemo,
    /// The test call is on its way.
    Testing,
}

/// The fields of the form, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstRunField {
    /// The backend.
    Backend,
    /// The context's name.
    Name,
    /// The base URL.
    Url,
    /// The CA file.
    CaFile,
    /// The credential.
    Credential,
    /// The button.
    Submit,
}

impl FirstRun {
    /// Makes the first screen.
    pub fn new(backends: Vec<String>) -> Self {
        Self {
            stage: Stage::Choice,
            backends,
            backend: 0,
            name: Field::with("main"),
            url: Field::with("https://"),
            ca_file: Field::default(),
            credential: HiddenField::default(),
            focus: FirstRunField::Backend,
            candidate: None,
            said: String::new(),
            failure: None,
        }
    }

    /// Takes pasted text into the field that has the keys.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
    pub(super) fn paste(&mut self, text: &Secret) {
        match self.focus {
            FirstRunField::Credential => self.credential.paste(text),
            _ => {
                if let Some(field) = self.field() {
                    field.paste(text.expose().trim());
                }
            }
        }
    }

    fn field(&mut self) -> Option<&mut Field> {
        match self.focus {
            FirstRunField::Name => Some(&mut self.name),
            FirstRunField::Url => Some(&mut self.url),
            FirstRunField::CaFile => Some(&mut self.ca_file),
            FirstRunField::Backend | FirstRunField::Credential | FirstRunField::Submit => None,
        }
    }

    fn turn(&mut self, by: usize) {
        const ORDER: [FirstRunField; 6] = [
            FirstRunField::Backend,
            FirstRunField::Name,
            FirstRunField::Url,
            FirstRunField::CaFile,
            FirstRunField::Credential,
            FirstRunField::Submit,
        ];
        let at = ORDER.iter().position(|field| *field == self.focus).unwrap_or(0);
        self.focus = ORDER[(at + by) % ORDER.len()];
    }

    /// Returns what was typed as a context.
    fn read(&mut self) -> Result<NewContext, String> {
        let name = ContextName::parse(self.name.text().trim()).map_err(|error| error.to_string())?;
        let url = self.url.text().trim().to_owned();
        if !url.starts_with("https://") || url.len() <= "https://".len() {
            return Err("the URL begins with https:// and names a host".to_owned());
        }
        if self.credential.is_empty() {
            return Err("a credential is needed for the test call".to_owned());
        }
        let backend = self.backends.get(self.backend).cloned().ok_or("there is no backend to choose")?;
        let ca_file = self.ca_file.text().trim();
        let ca_file = (!ca_file.is_empty()).then(|| PathBuf::from(ca_file));
        Ok(NewContext { name, backend, url, ca_file, credential: self.credential.take() })
    }
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

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key is text, or nothing")]
fn fill(first: &mut FirstRun, key: Key, effects: &mut Vec<Effect>) {
    first.said.clear();
    match key.code {
        _ if is_escape(key) => first.stage = Stage::Choice,
        Code::Enter if first.focus == FirstRunField::Submit => match first.read() {
            Err(said) => first.said = said,
            Ok(new) => {
                let new = Box::new(new);
                first.candidate = Some(new.clone());
                first.stage = Stage::Testing;
                first.failure = None;
                effects.push(Effect::OpenContext(new));
            }
        },
        Code::Tab | Code::Down | Code::Enter => first.turn(1),
        Code::BackTab | Code::Up => first.turn(5),
        Code::Left | Code::Right | Code::Char(' ') if first.focus == FirstRunField::Backend => {
            let all = first.backends.len().max(1);
            let by = if key.code == Code::Left { all - 1 } else { 1 };
            first.backend = (first.backend + by) % all;
        }
        _ if first.focus == FirstRunField::Credential => drop(first.credential.press(key)),
        _ => {
            if let Some(field) = first.field() {
                field.press(key);
            }
        }
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
            model.contexts = vec![state];
            answers::call(model, &name, Operation::Whoami, CallPurpose::FirstRun, effects);
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
        Ok(Reply::Identity(identity)) => identity,
        Ok(_) => return failed(model, answers::nonsense()),
        Err(failure) => return failed(model, failure),
    };
    let Some(first) = front(model) else { return };
    let Some(new) = first.candidate.take() else { return };
    if let Some(state) = model.context_mut(name) {
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
            first.stage = if first.candidate.take().is_some() { Stage::Form } else { Stage::Choice };
            let typed = failure.kind == FailureKind::Credential;
            let hint = if typed { "type the credential of this backend again".to_owned() } else { failure.hint };
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
