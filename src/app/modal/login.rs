//! The field that asks for the operator's credential.

use super::{Arming, Next, is_escape};
use crate::app::effect::Effect;
use crate::app::field::HiddenField;
use crate::app::key::{Code, Key};
use crate::domain::{ContextName, Failure};

/// The field.
#[derive(Debug, Clone, PartialEq)]
pub struct Login {
    /// The context.
    pub context: ContextName,
    /// What is typed, hidden.
    pub input: HiddenField,
    /// Why it is asked; `None` when the operator chose to.
    pub failure: Option<Failure>,
    /// Whether keys are taken yet.
    pub arming: Arming,
}

impl Login {
    /// Makes an empty field; `failure` says why it is asked.
    pub(in crate::app) fn new(context: &ContextName, failure: Option<Failure>) -> Self {
        Self { context: context.clone(), input: HiddenField::default(), failure, arming: Arming::Ready }
    }
}

/// Takes a key: `Enter` hands over what was typed, `Esc` leaves the context without a credential.
pub(super) fn press(login: &mut Login, key: Key, effects: &mut Vec<Effect>) -> Next {
    if is_escape(key) {
        return Next::Close;
    }
    if key.code != Code::Enter {
        login.input.press(key);
        return Next::Stay;
    }
    if !login.input.is_empty() {
        effects.push(Effect::KeepCredential(login.context.clone(), login.input.take()));
    }
    Next::Close
}
