//! The passphrase of a file that keeps the operator's credential. Neither its text nor its length is on screen.

use ratatui::text::{Line, Span};

use super::login::hidden;
use super::sheet::Sheet;
use crate::app::modal::{Passphrase, PassphraseFor};
use crate::app::model::Model;
use crate::ui::look::Look;

/// Returns the field.
pub(super) fn sheet<'m>(look: &'m Look, model: &Model, asked: &Passphrase, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, "Passphrase", room);
    let place = model.context(&asked.context).map(|state| format!(" at {}", state.context.origin)).unwrap_or_default();
    sheet.line(Line::from(vec![
        Span::raw("for the credential of "),
        Span::styled(asked.context.to_string(), Look::strong()),
        Span::raw(place),
    ]));
    match &asked.is_for {
        PassphraseFor::Opening(failure) => sheet.failure(failure),
        PassphraseFor::Keeping => {
            sheet.line("No keyring is there, so it is in memory only. A file can keep it under a passphrase:");
            sheet.line("type one, or press Enter for none.");
        }
    }
    sheet.gap();
    if asked.first.is_some() {
        sheet.line("The same once more:");
    }
    sheet.line(Line::from(vec![Span::styled("> ", Look::strong()), Span::raw(hidden(look, &asked.input))]));
    sheet.caret(2);
    sheet.said(asked.said);
    match asked.is_for {
        PassphraseFor::Opening(_) => sheet.keys(&[
            ("Enter", "open the file"),
            ("Tab", "type the credential instead"),
            ("Ctrl-u", "empty"),
            ("Esc", "close without"),
        ]),
        PassphraseFor::Keeping => {
            let enter = if asked.first.is_some() { "keep it" } else { "next" };
            sheet.keys(&[("Enter", enter), ("Ctrl-u", "empty"), ("Esc", "keep it in memory only")]);
        }
    }
    sheet
}
