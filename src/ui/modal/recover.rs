//! What an earlier run of the program, or an answer that was lost, left open.

use ratatui::text::{Line, Span};

use super::sheet::Sheet;
use crate::app::modal::{Leftover, Recover, Trace};
use crate::app::model::Model;
use crate::ui::look::Look;
use crate::ui::text::clean;

/// Returns the list.
pub(super) fn sheet<'m>(look: &'m Look, model: &Model, recover: Recover, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, "Left open", room);
    sheet.line("This was begun, and nobody knows that it was finished:");
    sheet.gap();
    for (index, left) in model.leftovers.iter().enumerate() {
        let chosen = index == recover.cursor;
        let style = if chosen { Look::chosen() } else { Look::plain() };
        let sign = Span::styled(if chosen { "> " } else { "  " }, Look::strong());
        let head = format!("{} {}", left.deed.word(), clean(left.deed.label(), look.charset));
        let place = format!("  in {}, journal #{}", left.context, left.intent.0);
        let start = sheet.len();
        sheet.hang(Line::from(vec![sign, Span::styled(head, style), Span::raw(place)]), 2);
        sheet.hang(format!("  {}", known(look, left)), 2);
        if chosen {
            sheet.keep_from(start);
        }
    }
    sheet.keys(&[("x", "revoke it"), ("d", "done with it"), ("Up Down", "choose"), ("Enter Esc q", "later")]);
    sheet
}

/// Returns what is known of it.
fn known(look: &Look, left: &Leftover) -> String {
    match &left.trace {
        Trace::NoResult => "Whether it was done is not known.".to_owned(),
        Trace::StillAnswering => {
            "The backend said that it was revoked, and still showed it alive when it was asked again.".to_owned()
        }
        Trace::SecretNotAcknowledged(None) => "Secret never acknowledged: nobody said that it was stored.".to_owned(),
        Trace::SecretNotAcknowledged(Some(id)) => {
            format!(
                "Secret never acknowledged: nobody said that it was stored. Token {}.",
                clean(&id.shown(), look.charset)
            )
        }
        Trace::Orphan(id) => {
            let id = clean(&id.shown(), look.charset).into_owned();
            format!("It was made as {id}, and the answer with its secret was lost.")
        }
    }
}
