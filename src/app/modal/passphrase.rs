//! The passphrase of a file that keeps the operator's credential: to open it, or to make it.

use std::sync::Arc;

use super::{Arming, Login, Modal, Next, is_escape};
use crate::app::effect::Effect;
use crate::app::field::HiddenField;
use crate::app::key::{Code, Key};
use crate::app::login;
use crate::app::model::Model;
use crate::domain::{ContextName, Failure, Secret};

/// The shortest passphrase that a file is made with: whoever has the file can try as many as they like.
const LEAST: usize = 8;

/// The fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Passphrase {
    /// The context.
    pub context: ContextName,
    /// What it is for.
    pub is_for: PassphraseFor,
    /// What is typed, hidden.
    pub input: HiddenField,
    /// What was typed first, where it is typed twice; `None` before that.
    pub first: Option<Arc<Secret>>,
    /// What is wrong with what was typed; empty for nothing.
    pub said: &'static str,
    /// Whether keys are taken yet.
    pub arming: Arming,
}

/// What a passphrase is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassphraseFor {
    /// To open the file; with what was answered without it.
    Opening(Failure),
    /// To make one, where no keyring is there.
    Keeping,
}

/// Returns what is wrong with a passphrase that is typed twice; `None` for nothing.
pub fn unfit_passphrase(first: &Secret, again: &Secret) -> Option<&'static str> {
    if first != again {
        Some("these were not the same: type it twice anew")
    } else if first.len() < LEAST {
        Some("at least 8 characters: whoever has the file can try as many as they like")
    } else {
        None
    }
}

impl Passphrase {
    /// Makes empty fields.
    pub(in crate::app) fn new(context: &ContextName, is_for: PassphraseFor) -> Self {
        let input = HiddenField::default();
        Self { context: context.clone(), is_for, input, first: None, said: "", arming: Arming::Ready }
    }

    /// Takes pasted text.
    pub(super) fn paste(&mut self, text: &Secret) {
        self.input.paste(text);
    }
}

/// Takes a key: `Enter` hands over what was typed, on an empty field it leaves everything as it is.
pub(super) fn press(model: &mut Model, asked: &mut Passphrase, key: Key, effects: &mut Vec<Effect>) -> Next {
    let is_left = key.code == Code::Enter && asked.input.is_empty() && asked.first.is_none();
    if is_escape(key) || is_left {
        return Next::Close;
    }
    match (key.code, &asked.is_for) {
        (Code::Tab, PassphraseFor::Opening(failure)) => {
            let login = Login::new(model, &asked.context, Some(failure.clone()));
            model.modals.push(Modal::Login(login));
            Next::Close
        }
        (Code::Enter, PassphraseFor::Opening(_)) => {
            login::open_file(model, &asked.context, asked.input.take(), effects);
            Next::Close
        }
        (Code::Enter, PassphraseFor::Keeping) => twice(asked, effects),
        _ => {
            asked.said = "";
            asked.input.press(key);
            Next::Stay
        }
    }
}

fn twice(asked: &mut Passphrase, effects: &mut Vec<Effect>) -> Next {
    let typed = asked.input.take();
    let Some(first) = asked.first.take() else {
        asked.first = Some(typed);
        return Next::Stay;
    };
    if let Some(why) = unfit_passphrase(&first, &typed) {
        asked.said = why;
        return Next::Stay;
    }
    effects.push(Effect::FileCredential(asked.context.clone(), typed));
    Next::Close
}
