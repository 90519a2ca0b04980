//! Whether to quit although something is going.

use ratatui::text::{Line, Span};

use super::sheet::Sheet;
use crate::app::modal::QuitAsk;
use crate::ui::look::Look;

/// Returns the question.
pub(super) fn sheet<'m>(look: &'m Look, quit: &QuitAsk, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, "Quit?", room);
    for reason in &quit.reasons {
        sheet.hang(Line::from(vec![Span::styled("- ", look.care()), Span::raw(reason.clone())]), 2);
    }
    sheet.below(Line::from(vec![Span::styled("[Stay]", Look::chosen()), Span::styled("  Quit", look.bad())]));
    let words =
        vec![Span::raw("Type "), Span::styled("y", Look::strong()), Span::raw(" to quit. Enter, Esc, n or q stays.")];
    sheet.below(Line::from(words));
    sheet
}
