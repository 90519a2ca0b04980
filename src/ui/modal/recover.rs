//! What an earlier run of the program, or an answer that was lost, left open.

use ratatui::text::{Line, Span};

use super::sheet::Sheet;
use crate::app::modal::{Leftover, Recover, Trace};
use crate::app::model::Model;
use crate::app::run;
use crate::ui::look::Look;
use crate::ui::text::clean;
use crate::ui::time;
use crate::ui::words::count;

/// Returns the list.
pub(super) fn sheet<'m>(look: &'m Look, model: &Model, recover: Recover, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, "Left open", room);
    sheet.line("This was begun, and nobody knows that it was finished:");
    sheet.gap();
    let runs = model.unfinished.iter().map(|left| {
        let head = format!("revoke {}", count(left.tokens.len(), "token", "tokens"));
        let place = format!("  in {}, {}", left.context, time::ago(left.at, model.now));
        (head, place, format!("It was not finished: {}.", run::far(left)))
    });
    let others = model.leftovers.iter().map(|left| {
        let head = format!("{} {}", left.deed.word(), clean(left.deed.label(), look.charset));
        (head, format!("  in {}, journal #{}", left.context, left.intent.0), known(look, left))
    });
    for (index, (head, place, known)) in runs.chain(others).enumerate() {
        let chosen = index == recover.cursor;
        let style = if chosen { Look::chosen() } else { Look::plain() };
        let sign = Span::styled(if chosen { "> " } else { "  " }, Look::strong());
        let start = sheet.len();
        sheet.hang(Line::from(vec![sign, Span::styled(head, style), Span::raw(place)]), 2);
        sheet.hang(format!("  {known}"), 2);
        if chosen {
            sheet.keep_from(start);
        }
    }
    let (go_on, give_up) = (("r", "go on with it"), ("d", "give it up"));
    let (choose, later) = (("Up Down", "choose"), ("Enter Esc q", "later"));
    if recover.cursor < model.unfinished.len() {
        sheet.keys(&[go_on, give_up, choose, later]);
    } else {
        sheet.keys(&[("x", "revoke it"), ("d", "done with it"), choose, later]);
    }
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
