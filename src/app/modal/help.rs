//! The keys valid here, filterable.

use super::{Next, is_escape, scroll};
use crate::app::field::Field;
use crate::app::key::{Code, Key};
use crate::app::model::Model;

/// The help.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Help {
    /// The filter.
    pub filter: Field,
    /// Rows scrolled down.
    pub scroll: usize,
}

/// Takes a key: text filters, `Esc` closes.
pub(super) fn press(help: &mut Help, key: Key) -> Next {
    let closes = help.filter.is_empty() && (key.text() == Some('?') || key.text() == Some('q'));
    if is_escape(key) || closes || key.code == Code::Enter {
        return Next::Close;
    }
    if !scroll(&mut help.scroll, key) {
        help.filter.press(key);
        help.scroll = 0;
    }
    Next::Stay
}

/// Takes a key over the list of everything said; closing it marks all as read.
pub(super) fn press_messages(model: &mut Model, offset: &mut usize, key: Key) -> Next {
    if scroll(offset, key) {
        *offset = (*offset).min(model.messages.notes.len().saturating_sub(1));
        return Next::Stay;
    }
    let closes = matches!(key.text(), Some('q' | 'n' | '!')) || is_escape(key) || key.code == Code::Enter;
    if closes {
        model.messages.read_all();
        return Next::Close;
    }
    Next::Stay
}
