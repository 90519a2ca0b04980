//! The fields for the operator's credential, and for what is asked besides. Neither their text nor its length is on
//! screen.

use ratatui::text::{Line, Span};

use super::sheet::Sheet;
use crate::app::field::HiddenField;
use crate::app::modal::Login;
use crate::app::model::Model;
use crate::domain::Input;
use crate::ui::look::Look;

/// Returns the fields.
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
    sheet.asks(match login.focus.checked_sub(1).and_then(|at| login.besides.get(at)) {
        None => "credential",
        Some((input, _)) => &input.name,
    });
    if login.besides.is_empty() {
        sheet.line(Line::from(vec![Span::styled("> ", Look::strong()), Span::raw(hidden(look, &login.input))]));
        sheet.caret(2);
        sheet.keys(&[("Enter", "use it"), ("Ctrl-u", "empty"), ("Esc", "close without")]);
        return sheet;
    }
    let stays = login.has_credential && login.input.is_empty();
    let words = if stays { "(left empty, the one in force stays)".to_owned() } else { hidden(look, &login.input) };
    field(&mut sheet, "The credential".to_owned(), words, login.focus == 0);
    for (index, (input, typed)) in login.besides.iter().enumerate() {
        let needed = match (input.required, &input.needed_for[..]) {
            (true, _) => " (needed)".to_owned(),
            (false, []) => String::new(),
            (false, words) => format!(" (needed to {})", words.join(", ")),
        };
        let label = format!("{}{needed}", input.about);
        field(&mut sheet, label, besides(look, input, typed), login.focus == index + 1);
    }
    sheet.said(&login.said);
    let enter = if login.focus == login.besides.len() { "use them" } else { "next" };
    sheet.keys(&[("Up Down", "field"), ("Enter", enter), ("Ctrl-u", "empty"), ("Esc", "close without")]);
    sheet
}

/// Adds a hidden field under its label.
fn field(sheet: &mut Sheet<'_>, label: String, words: String, has_keys: bool) {
    let start = sheet.len();
    sheet.line(label);
    let sign = if has_keys { "> " } else { "  " };
    sheet.line(Line::from(vec![Span::styled(sign, Look::strong()), Span::raw(words)]));
    if has_keys {
        sheet.keep_from(start);
        sheet.caret(2);
    }
}

/// Returns what stands for something that is typed besides the credential.
pub(super) fn besides(look: &Look, input: &Input, field: &HiddenField) -> String {
    if field.is_empty() && !input.required {
        return "(may be left empty; it stays hidden)".to_owned();
    }
    hidden(look, field)
}

/// Returns what stands for hidden text: the same for every length.
pub(super) fn hidden(look: &Look, field: &HiddenField) -> String {
    if field.is_empty() {
        return "(type or paste it; it stays hidden)".to_owned();
    }
    format!("{} (hidden)", look.glyphs.hidden.repeat(8))
}
