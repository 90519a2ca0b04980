//! Everything that was said, the newest first.

use ratatui::text::{Line, Span};

use super::sheet::Sheet;
use crate::app::messages::Weight;
use crate::app::model::Model;
use crate::ui::look::Look;
use crate::ui::time;

/// Returns the list.
pub(super) fn sheet<'m>(look: &'m Look, model: &Model, scroll: usize, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, "Messages", room);
    sheet.scrolled(scroll);
    for note in model.messages.notes.iter().rev() {
        let word = match note.weight {
            Weight::Info => "",
            Weight::Error => "error: ",
        };
        let spans = vec![
            Span::raw(format!("{}  ", time::clock(note.at))),
            Span::styled(format!("{word}{}", note.text), look.note(note.weight)),
        ];
        sheet.hang(Line::from(spans), 11);
        if !note.hint.is_empty() {
            sheet.hang(format!("           {}", note.hint), 11);
        }
    }
    if model.messages.notes.is_empty() {
        sheet.line("nothing was said yet");
    }
    sheet.keys(&[("Up Down", "scroll"), ("Enter Esc q", "close; all are read then")]);
    sheet
}
