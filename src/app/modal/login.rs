//! The fields that ask for the operator's credential, and for what a description asks for besides.

use super::{Arming, Next, is_escape};
use crate::app::effect::{Effect, Inputs};
use crate::app::field::HiddenField;
use crate::app::key::{Code, Key};
use crate::app::login;
use crate::app::model::Model;
use crate::domain::{ContextName, Failure, Input, Secret};

/// The fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Login {
    /// The context.
    pub context: ContextName,
    /// The credential as typed, hidden.
    pub input: HiddenField,
    /// What is asked for besides, and what is typed, hidden; empty for most backends.
    pub besides: Vec<(Input, HiddenField)>,
    /// The field that keys go to: 0 for the credential, then the others in their order.
    pub focus: usize,
    /// Whether the credential in force stays where none is typed.
    pub has_credential: bool,
    /// What is wrong with what was typed; empty for nothing.
    pub said: String,
    /// Why it is asked; `None` when the operator chose to.
    pub failure: Option<Failure>,
    /// Whether keys are taken yet.
    pub arming: Arming,
}

impl Login {
    /// Makes empty fields; `failure` says why they are asked.
    pub(in crate::app) fn new(model: &Model, context: &ContextName, failure: Option<Failure>) -> Self {
        let state = model.context(context);
        let inputs = state.map(|state| state.context.capabilities.inputs.clone()).unwrap_or_default();
        Self {
            context: context.clone(),
            input: HiddenField::default(),
            has_credential: !inputs.is_empty() && state.is_some_and(|state| state.source.is_some()),
            besides: inputs.into_iter().map(|input| (input, HiddenField::default())).collect(),
            focus: 0,
            said: String::new(),
            failure,
            arming: Arming::Ready,
        }
    }

    /// Takes pasted text into the field that has the keys.
    pub(super) fn paste(&mut self, text: &Secret) {
        self.field().paste(text);
    }

    fn field(&mut self) -> &mut HiddenField {
        match self.focus.checked_sub(1).and_then(|at| self.besides.get_mut(at)) {
            Some((_, field)) => field,
            None => &mut self.input,
        }
    }

    fn turn(&mut self, by: usize) {
        self.focus = (self.focus + by) % (self.besides.len() + 1);
    }

    /// Tells what is missing, and goes there.
    fn missing(&mut self) -> Option<String> {
        if self.input.is_empty() && !self.has_credential {
            self.focus = 0;
            return Some("the credential is needed".to_owned());
        }
        let at = self.besides.iter().position(|(input, field)| input.required && field.is_empty())?;
        self.focus = at + 1;
        Some(format!("this is needed too: {}", self.besides[at].0.about))
    }
}

/// Takes a key: `Enter` hands over what was typed, `Esc` leaves the context as it is.
pub(super) fn press(model: &mut Model, login: &mut Login, key: Key, effects: &mut Vec<Effect>) -> Next {
    if is_escape(key) {
        return Next::Close;
    }
    let fields = login.besides.len() + 1;
    match key.code {
        Code::Tab | Code::Down => login.turn(1),
        Code::BackTab | Code::Up => login.turn(fields - 1),
        Code::Enter if fields > 1 && login.focus + 1 < fields => login.turn(1),
        Code::Enter => return hand_over(model, login, effects),
        Code::Char(_)
        | Code::Backspace
        | Code::Delete
        | Code::Left
        | Code::Right
        | Code::Home
        | Code::End
        | Code::PageUp
        | Code::PageDown
        | Code::Esc => {
            login.said.clear();
            login.field().press(key);
        }
    }
    Next::Stay
}

fn hand_over(model: &mut Model, login: &mut Login, effects: &mut Vec<Effect>) -> Next {
    if login.besides.is_empty() {
        if !login.input.is_empty() {
            effects.push(Effect::KeepCredential(login.context.clone(), login.input.take()));
        }
        return Next::Close;
    }
    if let Some(said) = login.missing() {
        login.said = said;
        return Next::Stay;
    }
    let typed = login.besides.iter_mut().filter(|(_, field)| !field.is_empty());
    let inputs: Inputs = typed.map(|(input, field)| (input.name.clone(), field.take())).collect();
    effects.push(Effect::TakeInputs(login.context.clone(), inputs));
    if login.input.is_empty() {
        login::completed(model, &login.context, effects);
    } else {
        effects.push(Effect::KeepCredential(login.context.clone(), login.input.take()));
    }
    Next::Close
}
