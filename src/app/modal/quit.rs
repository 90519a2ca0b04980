//! Whether to quit although something is going.

use super::{Next, is_escape};
use crate::app::key::{Code, Key, Stroke};
use crate::app::model::Model;

/// The question, with the reasons for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuitAsk {
    /// What is going, or not declared stored.
    pub reasons: Vec<String>,
}

/// Takes a key: `y` leaves, everything that means "back" stays.
pub(super) fn press(model: &mut Model, key: Key) -> Next {
    match key.text() {
        Some('y') if key.stroke == Stroke::Press => {
            model.leaving = Some(0);
            Next::Close
        }
        Some('n' | 'q') => Next::Close,
        _ if is_escape(key) || key.code == Code::Enter => Next::Close,
        _ => Next::Stay,
    }
}
