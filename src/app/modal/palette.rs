//! The command palette.

use super::{Next, is_escape};
use crate::app::command;
use crate::app::effect::Effect;
use crate::app::field::Field;
use crate::app::key::{Code, Key};
use crate::app::model::Model;

/// The palette.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    /// What is typed.
    pub input: Field,
    /// The completion under the cursor.
    pub cursor: usize,
    /// What is wrong with the command; empty for nothing.
    pub said: String,
}

/// Takes a key: `Tab` completes, `Enter` does it, `Esc` closes.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key is text, or nothing")]
pub(super) fn press(model: &mut Model, palette: &mut Palette, key: Key, effects: &mut Vec<Effect>) -> Next {
    if is_escape(key) || (palette.input.is_empty() && key.code == Code::Backspace) {
        return Next::Close;
    }
    palette.said.clear();
    let offers = command::completions(model, palette.input.text());
    match key.code {
        Code::Enter if palette.input.text().trim().is_empty() => return Next::Close,
        Code::Enter => {
            // A word that is only begun is completed by the choice under the cursor.
            let typed = palette.input.text().trim().to_owned();
            let whole = offers.iter().any(|offer| offer.text == typed) || typed.contains(' ');
            let line = if whole { Some(typed.clone()) } else { offers.get(palette.cursor).map(|o| o.text.clone()) };
            return match command::run(model, &line.unwrap_or(typed), effects) {
                Ok(()) => Next::Close,
                Err(said) => {
                    palette.said = said;
                    Next::Stay
                }
            };
        }
        Code::Tab => {
            if let Some(offer) = offers.get(palette.cursor) {
                palette.input = Field::with(&format!("{} ", offer.text));
                palette.cursor = 0;
            }
        }
        Code::Down => palette.cursor = (palette.cursor + 1).min(offers.len().saturating_sub(1)),
        Code::Up => palette.cursor = palette.cursor.saturating_sub(1),
        _ => {
            palette.input.press(key);
            palette.cursor = 0;
        }
    }
    Next::Stay
}
