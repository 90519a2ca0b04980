//! The command palette, with what the typed text can become.

use ratatui::text::{Line, Span};

use super::sheet::Sheet;
use crate::app::command::completions;
use crate::app::modal::Palette;
use crate::app::model::Model;
use crate::ui::look::Look;
use crate::ui::text::{clean, width};

/// Returns the palette.
pub(super) fn sheet<'m>(look: &'m Look, model: &Model, palette: &'m Palette, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, "Command", room);
    let completions = completions(model, palette.input.text());
    let column = completions.iter().map(|one| width(&clean(&one.text, look.charset))).max().unwrap_or_default();
    let column = column.min(room / 2);
    let cursor = palette.cursor.min(completions.len().saturating_sub(1));
    for (index, completion) in completions.iter().enumerate() {
        let chosen = index == cursor;
        let text = clean(&completion.text, look.charset).into_owned();
        let gap = " ".repeat((column + 2).saturating_sub(width(&text)));
        let line = Line::from(vec![
            Span::styled(if chosen { "> " } else { "  " }, Look::strong()),
            Span::styled(text, if chosen { Look::chosen() } else { Look::plain() }),
            Span::raw(format!("{gap}{}", completion.about)),
        ]);
        let start = sheet.len();
        sheet.hang(line, column + 4);
        if chosen {
            sheet.keep_from(start);
        }
    }
    if completions.is_empty() {
        sheet.line("nothing to complete");
    }
    sheet.said(&palette.said);
    sheet.prompt(":", &palette.input);
    sheet.keys(&[("Enter", "run"), ("Tab", "complete"), ("Up Down", "choose"), ("Esc", "close")]);
    sheet
}
