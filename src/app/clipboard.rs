//! What was handed to the clipboard, and when it is taken back.

use jiff::{SignedDuration, Timestamp};

use super::effect::Effect;
use super::message::{Cleared, Copied, Readable};
use super::modal::{HandOver, Modal};
use super::model::{Handed, Model, Secrecy};
use crate::domain::Failure;

/// A road to a clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Road {
    /// The desktop's own clipboard, held while the program runs.
    Desktop,
    /// The escape sequence OSC 52, to whatever terminal there is.
    Terminal,
    /// The same in the pieces that GNU screen passes on.
    Screen,
    /// tmux, which passes it on.
    Tmux,
    /// None.
    None,
}

impl Road {
    /// Every road, with the word that chooses it.
    pub const ALL: [(&str, Self); 5] = [
        ("desktop", Self::Desktop),
        ("terminal", Self::Terminal),
        ("screen", Self::Screen),
        ("tmux", Self::Tmux),
        ("none", Self::None),
    ];

    /// Returns the words for the header.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Desktop => "desktop clipboard",
            Self::Terminal => "terminal (OSC 52)",
            Self::Screen => "screen (OSC 52)",
            Self::Tmux => "tmux",
            Self::None => "none",
        }
    }
}

/// Chooses another road: by its word, or `auto` for the one that fits the session.
///
/// # Errors
/// When there is no such road.
pub(super) fn switch(model: &mut Model, word: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    let road = match word {
        "" => {
            let road = model.clipboard_road.words();
            model.messages.say(model.now, format!("copies go to: {road}"));
            return Ok(());
        }
        "auto" => None,
        word => {
            let found = Road::ALL.iter().find(|(known, _)| *known == word);
            let all = || Road::ALL.map(|(known, _)| known).join(", ");
            Some(found.ok_or_else(|| format!("there are: auto, {}", all()))?.1)
        }
    };
    effects.push(Effect::SwitchClipboard(road));
    Ok(())
}

/// Takes the road that is taken from now on.
pub(super) fn switched(model: &mut Model, road: Road) {
    model.clipboard_road = road;
    // What the road before could take back, it took back when it was left.
    model.clipboard.take_if(|handed| handed.readable == Readable::Yes);
    model.messages.say(model.now, format!("copies go to: {}", road.words()));
}

/// How long a secret stays in a clipboard that can be read back.
const STAYS: SignedDuration = SignedDuration::from_secs(45);

/// Takes the outcome of a copy. Whether it was the secret is told, not guessed from what is in front by now.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
pub(super) fn copied(model: &mut Model, what: Secrecy, result: Result<Copied, Failure>) {
    let now = model.now;
    let once = model.modals.iter_mut().find_map(|modal| match modal {
        Modal::SecretOnce(once) if what == Secrecy::Secret => Some(once),
        _ => None,
    });
    match result {
        Ok(copied) => {
            match once {
                Some(once) => {
                    once.handed.push(HandOver::Copied(copied.words.clone()));
                    once.said.clear();
                }
                None if what == Secrecy::Secret => model.messages.say(now, format!("secret {}", copied.words)),
                None => model.messages.say(now, format!("token id {}", copied.words)),
            }
            model.clipboard = Some(Handed { at: now, words: copied.words, readable: copied.readable, secret: what });
        }
        Err(failure) => {
            if let Some(once) = once {
                once.said = format!("{failure}. {}", failure.hint);
            }
            model.messages.fail(now, &failure);
        }
    }
}

/// Takes the outcome of a clearing.
pub(super) fn cleared(model: &mut Model, result: Result<Cleared, Failure>) {
    let now = model.now;
    match result {
        Ok(Cleared::Emptied) => {
            model.clipboard = None;
            model.messages.say(now, "clipboard cleared");
        }
        Ok(Cleared::Changed) => model.messages.say(now, "the clipboard holds something else now: left alone"),
        Ok(Cleared::Told) => {
            model.clipboard = None;
            model.messages.say(now, "the terminal was told to clear its clipboard (it does not confirm)");
        }
        Ok(Cleared::Unknown) => model.messages.say(now, MAY_HOLD),
        Err(failure) => model.messages.fail(now, &failure),
    }
}

/// Clears what is due, or what the operator declared stored.
pub(super) fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    if next_wake(model).is_some_and(|due| due <= model.now) {
        clear(model, effects);
    }
}

/// Clears a secret that was handed over, if there is one. What cannot be read is left to the operator: another road,
/// taken since, would know nothing of it.
pub(super) fn clear(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.clipboard.take_if(|handed| handed.secret == Secrecy::Secret) {
        Some(Handed { readable: Readable::Yes, .. }) => effects.push(Effect::ClearClipboard),
        Some(Handed { readable: Readable::No, .. }) => model.messages.say(model.now, MAY_HOLD),
        None => {}
    }
}

/// What is said of a secret that only the terminal's owner can take back.
const MAY_HOLD: &str = "the terminal may still hold the secret: copy over it, or :clear-clipboard";

/// Returns the moment at which the clipboard is cleared.
pub(super) fn next_wake(model: &Model) -> Option<Timestamp> {
    let handed = model.clipboard.as_ref()?;
    let due = handed.secret == Secrecy::Secret && handed.readable == Readable::Yes;
    due.then(|| handed.at.checked_add(STAYS).ok()).flatten()
}
