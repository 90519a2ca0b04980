//! The form that changes a label or an expiry.

use ratatui::text::Span;

use super::form;
use super::sheet::Sheet;
use crate::app::modal::{Edit, EditField};
use crate::app::model::Model;
use crate::app::tokens::Focus;
use crate::ui::look::Look;
use crate::ui::{time, words};

/// Returns the form.
pub(super) fn sheet<'m>(look: &'m Look, model: &Model, edit: &'m Edit, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, "Edit token", room);
    form::fixed(&mut sheet, "context", edit.context.to_string(), Focus::Elsewhere);
    form::fixed(&mut sheet, "now", words::label(look, &edit.token.label), Focus::Elsewhere);
    let expires = format!("expires {}", time::full_expiry(edit.token.expires, model.now));
    form::fixed(&mut sheet, "", expires, Focus::Elsewhere);
    for field in edit.fields(model) {
        let focus = form::focus(&field, (!edit.sending).then_some(&edit.focus));
        match field {
            EditField::Label => form::text(&mut sheet, "label", &edit.label, "", focus),
            EditField::Expires => form::text(&mut sheet, "expires", &edit.expires, "(left as it is)", focus),
            EditField::Submit => form::button(&mut sheet, "Save", focus),
        }
    }
    if let Some(failure) = &edit.failure {
        sheet.failure_below(failure);
    }
    sheet.said(&edit.said);
    match (edit.sending, edit.focus) {
        (true, _) => sheet.below(Span::styled("asking…", look.care())),
        (false, EditField::Submit) => sheet.keys(&[("Enter", "save"), ("Up", "back to the fields"), ("Esc", "close")]),
        (false, EditField::Expires) => {
            sheet.below("An age such as 90d, a date such as 2027-01-31, or never.");
            sheet.keys(&[("Up Down", "field"), ("Enter", "next"), ("Esc", "close")]);
        }
        (false, EditField::Label) => sheet.keys(&[("Up Down", "field"), ("Enter", "next"), ("Esc", "close")]),
    }
    sheet
}
