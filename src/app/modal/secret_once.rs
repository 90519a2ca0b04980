//! The screen that shows a secret once, and is left only after it was handed over.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Arming, Frozen, Modal, Next, is_escape};
use crate::app::effect::Effect;
use crate::app::field::{Field, HiddenField};
use crate::app::key::{Code, Key};
use crate::app::model::Model;
use crate::app::pending::Pending;
use crate::app::{activity, clipboard, replacing};
use crate::domain::{ContextName, Failure, RecordBody, Secret, Sequence, Token, escape};

/// How long a revealed secret stays readable.
pub(super) const REVEAL_FOR: SignedDuration = SignedDuration::from_secs(30);

/// The screen over one new secret.
#[derive(Debug, Clone, PartialEq)]
pub struct SecretOnce {
    /// The context.
    pub context: ContextName,
    /// The token it belongs to.
    pub token: Token,
    /// The secret. Gone from memory with this value.
    pub secret: Arc<Secret>,
    /// The journal's number of the intent that made it.
    pub intent: Sequence,
    /// Whether it is readable on screen.
    pub reveal: Reveal,
    /// What was done with it so far, in order.
    pub handed: Vec<HandOver>,
    /// The file to write to, while it is being typed.
    pub file: Option<Field>,
    /// What is pasted back, hidden, while that is compared.
    pub back: Option<HiddenField>,
    /// What came of comparing.
    pub check: Check,
    /// What is typed to leave: `stored`.
    pub input: Field,
    /// What is to be said; empty for nothing.
    pub said: String,
    /// The token to be revoked next, when this one replaces it.
    pub replaces: Option<Box<Frozen>>,
    /// Whether keys are taken yet.
    pub arming: Arming,
}

/// Whether the secret is readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reveal {
    /// Not on screen.
    Masked,
    /// On screen until this moment.
    Until(Timestamp),
}

/// Whether what was stored is known to be the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Nobody compared.
    Not,
    /// What was pasted back is the secret.
    Same,
    /// It is not.
    Other,
}

/// What was done with a secret, in words that claim only what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandOver {
    /// Handed to the clipboard, in the clipboard's words.
    Copied(String),
    /// Written to this file.
    Written(String),
    /// Handed to a command, with what it is called.
    Piped(String),
    /// Read by the operator.
    Revealed,
    /// Printed by the command line.
    Printed,
}

impl HandOver {
    /// Returns the words on screen.
    pub fn words(&self) -> String {
        match self {
            Self::Copied(words) => words.clone(),
            Self::Written(path) => format!("written to {path}"),
            Self::Piped(command) => format!("handed to {command}"),
            Self::Revealed => "shown on screen".to_owned(),
            Self::Printed => "printed".to_owned(),
        }
    }

    /// Returns the word for the journal.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Copied(_) => "copied",
            Self::Written(_) => "written",
            Self::Piped(_) => "piped",
            Self::Revealed => "typed",
            Self::Printed => "printed",
        }
    }
}

impl SecretOnce {
    /// Takes pasted text into the file name or the word that leaves.
    pub(super) fn paste(&mut self, text: &Secret) {
        match (&mut self.file, &mut self.back) {
            (Some(file), _) => file.paste(text.expose()),
            (None, Some(back)) => back.paste(text),
            (None, None) => {
                let words = "a paste does not declare it stored: type stored, or press v first to compare it";
                words.clone_into(&mut self.said);
            }
        }
    }

    /// Tells whether the secret was handed over in one of the four ways.
    pub fn handed_over(&self) -> bool {
        !self.handed.is_empty()
    }
}

/// Shows a new secret. Whatever form asked for it is done with.
///
/// Where the token replaces another one, the backend is asked meanwhile whether it lives.
pub(in crate::app) fn show_once(
    model: &mut Model,
    pending: Pending,
    intent: Sequence,
    token: Token,
    secret: Arc<Secret>,
    effects: &mut Vec<Effect>,
) {
    super::edited(model, &pending.deed);
    if let Some(old) = pending.replaces.clone() {
        let (name, secret) = (pending.context.clone(), secret.clone());
        replacing::begin(model, name, intent, (token.clone(), secret), old, effects);
    }
    super::rise(
        model,
        Modal::SecretOnce(Box::new(SecretOnce {
            context: pending.context,
            token,
            secret,
            intent,
            reveal: Reveal::Masked,
            handed: Vec::new(),
            file: None,
            back: None,
            check: Check::Not,
            input: Field::default(),
            said: String::new(),
            replaces: pending.replaces,
            arming: Arming::Ready,
        })),
    );
}

/// Takes the outcome of writing to a file.
pub(in crate::app) fn secret_written(model: &mut Model, result: Result<PathBuf, Failure>) {
    told(model, result.map(|path| HandOver::Written(escape(&path.to_string_lossy()).into_owned())));
}

/// Takes the outcome of handing to a command.
pub(in crate::app) fn secret_piped(model: &mut Model, result: Result<String, Failure>) {
    told(model, result.map(HandOver::Piped));
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
fn told(model: &mut Model, result: Result<HandOver, Failure>) {
    let found = model.modals.iter_mut().find_map(|modal| match modal {
        Modal::SecretOnce(once) => Some(once),
        _ => None,
    });
    let Some(once) = found else { return };
    match result {
        Ok(handed) => {
            once.said.clear();
            once.handed.push(handed);
        }
        Err(failure) => once.said = format!("{failure}. {}", failure.hint),
    }
}

/// Takes a key. `Esc`, `q` and `Ctrl-c` do not leave: only the word `stored` does.
pub(super) fn press(model: &mut Model, once: &mut SecretOnce, key: Key, effects: &mut Vec<Effect>) -> Next {
    once.said.clear();
    if once.file.is_some() {
        name_file(once, key, effects);
        return Next::Stay;
    }
    if once.back.is_some() {
        compare(once, key);
        return Next::Stay;
    }
    if is_escape(key) {
        once.input.clear();
        "only the word stored leaves this screen: nothing can show the secret again".clone_into(&mut once.said);
        return Next::Stay;
    }
    match key.text() {
        Some('c') if once.input.is_empty() => effects.push(Effect::CopySecret(once.secret.clone())),
        Some('r') if once.input.is_empty() => reveal(model, once),
        Some('v') if once.input.is_empty() => once.back = Some(HiddenField::default()),
        Some('w') if once.input.is_empty() => once.file = Some(Field::default()),
        Some('p') if once.input.is_empty() => {
            effects.push(Effect::PipeSecret(once.context.clone(), once.secret.clone()));
        }
        _ if key.code == Code::Enter => return leave(model, once, effects),
        _ => drop(once.input.press(key)),
    }
    Next::Stay
}

fn name_file(once: &mut SecretOnce, key: Key, effects: &mut Vec<Effect>) {
    let Some(file) = &mut once.file else { return };
    if is_escape(key) {
        once.file = None;
    } else if key.code == Code::Enter {
        let path = PathBuf::from(file.text().trim());
        if path.as_os_str().is_empty() {
            once.file = None;
        } else {
            effects.push(Effect::WriteSecret(path, once.secret.clone()));
            once.file = None;
        }
    } else {
        file.press(key);
    }
}

/// Takes what is pasted back, and compares it in a time that does not tell how much of it is right.
fn compare(once: &mut SecretOnce, key: Key) {
    let Some(back) = &mut once.back else { return };
    if is_escape(key) {
        once.back = None;
    } else if key.code == Code::Enter {
        if !back.is_empty() {
            once.check = if *back.take() == *once.secret { Check::Same } else { Check::Other };
        }
        once.back = None;
    } else {
        back.press(key);
    }
}

fn reveal(model: &Model, once: &mut SecretOnce) {
    once.reveal = match once.reveal {
        Reveal::Until(_) => Reveal::Masked,
        Reveal::Masked => model.now.checked_add(REVEAL_FOR).map_or(Reveal::Masked, Reveal::Until),
    };
    if once.reveal != Reveal::Masked && !once.handed.contains(&HandOver::Revealed) {
        once.handed.push(HandOver::Revealed);
    }
}

/// Leaves on the exact word, once the secret was handed over; then screen and clipboard are cleared.
fn leave(model: &mut Model, once: &mut SecretOnce, effects: &mut Vec<Effect>) -> Next {
    if !once.handed_over() {
        "copy, reveal, write or pipe it first".clone_into(&mut once.said);
        once.input.clear();
        return Next::Stay;
    }
    if once.input.text() != "stored" {
        "type the word stored, then Enter".clone_into(&mut once.said);
        once.input.clear();
        return Next::Stay;
    }
    stored(model, once, effects);
    Next::Close
}

/// Writes that the secret is stored, and clears screen and clipboard.
pub(super) fn stored(model: &mut Model, once: &SecretOnce, effects: &mut Vec<Effect>) {
    let how = once.handed.last().map_or("typed", HandOver::word).to_owned();
    let body = RecordBody::Acknowledged { of: once.intent, how };
    activity::record(model, &once.context, body, effects);
    clipboard::clear(model, effects);
    effects.push(Effect::Repaint);
    replacing::stored(model, once.intent);
}
