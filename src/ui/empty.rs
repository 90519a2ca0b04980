//! A table without rows: not asked, asking, nothing there, nothing matching and not to be had look different.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::canvas::{Canvas, top};
use super::look::Look;
use super::text::wrap;
use super::words;
use crate::app::action::{Action, applies};
use crate::app::contexts::{ContextState, ListExtent};
use crate::app::model::Model;

/// Draws why there is no row.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let (_, area) = top(area);
    let look = canvas.look;
    let lines = words_for(look, model);
    let indented = Rect { x: area.x.saturating_add(3), width: area.width.saturating_sub(4), ..area };
    let lines: Vec<Line<'_>> =
        lines.iter().flat_map(|line| wrap(look, line, usize::from(indented.width.min(76)), 0)).collect();
    canvas.lines(indented, &lines);
}

/// Returns why there is no row.
pub(super) fn words_for(look: &Look, model: &Model) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    match (model.tokens.inventory.is_empty(), &model.tokens.query.error) {
        (true, _) => {}
        (false, None) => {
            lines.push(strong("no token matches"));
            lines.push(Line::from(no_match(model)));
        }
        (false, Some(_)) => lines.push(strong("The query has a mistake: nothing is shown for it.")),
    }
    if model.contexts.is_empty() {
        lines.push(strong("no context"));
        lines.push(Line::from("Nothing is configured: there is no backend to ask."));
    }
    let several = model.contexts.len() > 1;
    let whole = |state: &ContextState| state.list.extent == ListExtent::Complete && state.stale().is_none();
    let unanswered = model.contexts.iter().filter(|state| model.tokens.inventory.is_empty() || !whole(state));
    for state in unanswered {
        let (word, mut more) = reason(look, model, state);
        let name = if several { format!("{}: ", state.context.name) } else { String::new() };
        lines.push(Line::from(vec![Span::raw(name), word]));
        lines.append(&mut more);
    }
    lines
}

/// Returns what undoes a filter that nothing matches.
fn no_match(model: &Model) -> String {
    let mut ways = Vec::new();
    if !model.tokens.query.field.is_empty() {
        ways.push("Esc in the query line clears it".to_owned());
    }
    for (set, action, words) in [
        (model.tokens.status.is_some(), Action::NextStatus, "takes another status"),
        (model.tokens.role.is_some(), Action::NextRole, "takes another role"),
    ] {
        if let Some(key) = model.keymap.hint(action).filter(|_| set) {
            ways.push(format!("{key} {words}"));
        }
    }
    ways.join("; ")
}

/// Returns the state of a list without rows, and what to do.
fn reason(look: &Look, model: &Model, state: &ContextState) -> (Span<'static>, Vec<Line<'static>>) {
    if let Some(failure) = state.stale() {
        let mut lines = words::failure(look, failure);
        if state.needs_login() {
            lines.push(Line::from(":login asks for the credential."));
        }
        return (Span::styled(words::failure_word(failure), look.bad()), lines);
    }
    if let Some(why) = &state.context.capabilities.unlisted {
        let more = vec![Line::from(why.clone()), Line::from(":show ID reads one token.")];
        return (Span::styled("no list", look.care()), more);
    }
    match (&state.list.extent, &state.list.load) {
        (_, Some(_)) | (ListExtent::Loading, None) => (
            Span::styled("asking…", look.care()),
            vec![Line::from(format!("{} is asked for its tokens.", state.context.origin))],
        ),
        (ListExtent::Nothing, None) => (Span::raw("not asked yet"), Vec::new()),
        (ListExtent::Partial(why), None) => (Span::styled("partial", look.care()), vec![Line::from(why.clone())]),
        (ListExtent::Complete, None) => {
            let hint = model.keymap.hint(Action::New).filter(|_| applies(model, Action::New).is_ok());
            let hint = hint.map(|key| Line::from(format!("{key} makes the first one.")));
            (Span::styled("no tokens yet", Look::strong()), hint.into_iter().collect())
        }
    }
}

fn strong(words: &'static str) -> Line<'static> {
    Line::from(Span::styled(words, Look::strong()))
}
