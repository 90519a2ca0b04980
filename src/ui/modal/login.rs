//! The field for the operator's credential. Neither its text nor its length is on screen.

use ratatui::text::{Line, Span};

use super::sheet::Sheet;
use crate::app::field::HiddenField;
use crate::app::modal::Login;
use crate::app::model::Model;
use crate::ui::look::Look;

/// Returns the field.
pub(super) fn sheet<'m>(look: &'m Look, model: &Model, login: &Login, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, "Credential", room);
    let place = model.context(&login.context).map(|state| format!(" at {}", state.context.origin)).unwrap_or_default();
    sheet.line(Line::from(vec![
        Span::raw("for context "),
        Span::styled(login.context.to_string(), Look::strong()),
        Span::raw(place),
    ]));
    if let Some(failure) = &login.failure {
        sheet.failure(failure);
    }
    sheet.gap();
    sheet.line(Line::from(vec![Span::styled("> ", Look::strong()), Span::raw(hidden(look, &login.input))]));
    sheet.caret(2);
    sheet.keys(&[("Enter", "use it"), ("Ctrl-u", "empty"), ("Esc", "close without")]);
    sheet
}

/// Returns what stands for hidden text: the same for every length.
pub(super) fn hidden(look: &Look, field: &HiddenField) -> String {
    if field.is_empty() {
        return "(type or paste it; it stays hidden)".to_owned();
    }
    format!("{} (hidden)", look.glyphs.hidden.repeat(8))
}
