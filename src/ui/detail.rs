//! The detail pane: every field of the token under the cursor, and whether its backend was asked for it.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::canvas::Canvas;
use super::look::Look;
use super::memory::Follow;
use super::table::read;
use super::text::{clean, foreign, wrap};
use super::{time, words};
use crate::app::contexts::Asked;
use crate::app::inventory::Row;
use crate::app::model::Model;
use crate::app::tokens::{Detail, RowNote};
use crate::domain::{ContextName, State, Status, Token};

/// The width of the names of fields.
const NAMES: usize = 11;

/// Draws the pane.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, follow: &mut Follow) {
    let (Detail::Open { scroll, .. }, Some((label, lines))) =
        (&model.tokens.detail, open(canvas.look, model, usize::from(area.width.saturating_sub(4))))
    else {
        canvas.frame(area, "no token under the cursor", "");
        return;
    };
    let rows = usize::from(area.height.saturating_sub(2));
    let first = follow.to(usize::from(*scroll), lines.len().saturating_sub(rows));
    let below = lines.len().saturating_sub(first + rows);
    let below = if below > 0 { format!("{below} more below") } else { String::new() };
    let inside = canvas.frame(area, &label, &below);
    canvas.lines(inside, lines.iter().skip(first));
}

/// Returns the label of the token that the pane shows, and every field in lines; `None` where it shows none.
pub(super) fn open(look: &Look, model: &Model, room: usize) -> Option<(String, Vec<Line<'static>>)> {
    let cursor = model.tokens.cursor.and_then(|row| Some((row, read(model, row)?)));
    let (Detail::Open { row: of, token, .. }, Some((row, (listed, context, status)))) = (&model.tokens.detail, cursor)
    else {
        return None;
    };
    let asked = if *of == Some(row) { token } else { &Asked::Not };
    let shown = match asked {
        Asked::There(token) => token,
        Asked::Not | Asked::Asking | Asked::Failed(_) => &listed,
    };
    Some((words::label(look, &shown.label), content(look, model, (row, context, status), (shown, asked), room)))
}

/// Returns every field in lines.
fn content(
    look: &Look,
    model: &Model,
    (row, context, status): (Row, &ContextName, Status),
    (token, asked): (&Token, &Asked<Box<Token>>),
    room: usize,
) -> Vec<Line<'static>> {
    let now = model.now;
    let mut lines = Vec::new();
    let mut add = |name: &str, value: Span<'static>| lines.append(&mut named(look, name, value, room));
    add("status", Span::styled(status.word(), look.status(status)));
    if let Some(note) = model.tokens.notes.get(&row) {
        let words = match note {
            RowNote::Failed(why) => format!("failed: {why}"),
            RowNote::Waiting
            | RowNote::Revoking
            | RowNote::Revoked
            | RowNote::StillAnswering
            | RowNote::VerifiedDead
            | RowNote::Lives
            | RowNote::Gone
            | RowNote::Changed
            | RowNote::Unverified => note.words().to_owned(),
        };
        add("from here", Span::raw(words));
    }
    add("label", Span::raw(words::label(look, &token.label)));
    add("id", Span::raw(clean(&token.id.shown(), look.charset).into_owned()));
    add("context", Span::raw(context.to_string()));
    add("owner", Span::raw(words::owner(look, &token.owner)));
    add("creator", Span::raw(token.creator.as_ref().map_or("unknown".to_owned(), |name| foreign(look, name))));
    add("roles", Span::raw(words::roles(look, token.roles.as_deref())));
    add("masked", Span::raw(token.masked.as_ref().map_or("not reported".to_owned(), |text| foreign(look, text))));
    add("created", Span::raw(token.created.map_or("unknown".to_owned(), |at| time::full(at, now))));
    add("last used", Span::raw(time::full_use(token.last_used, now)));
    add("expires", Span::raw(time::full_expiry(token.expires, now)));
    if let Some(words) = state_words(token.state) {
        add("backend", Span::raw(words));
    }
    if let Some(parent) = &token.parent {
        add("dies with", Span::raw(clean(&parent.shown(), look.charset).into_owned()));
    }
    for (name, text) in &token.extra {
        add(name, Span::raw(foreign(look, text)));
    }
    lines.append(&mut source(look, asked, room));
    lines
}

/// Returns where the fields come from.
fn source(look: &Look, asked: &Asked<Box<Token>>, room: usize) -> Vec<Line<'static>> {
    let line = match asked {
        Asked::Not => Line::from("From the list."),
        Asked::Asking => Line::from(Span::styled("From the list; asking for every field…", look.care())),
        Asked::There(_) => Line::from("Every field, as the backend gave it for this token alone."),
        Asked::Failed(failure) => {
            let words =
                format!("From the list; {}: {}", words::failure_word(failure), words::failure_line(look, failure));
            Line::from(Span::styled(words, look.bad()))
        }
    };
    let mut lines = vec![Line::default()];
    lines.append(&mut wrap(look, &line, room, 0));
    lines
}

/// Returns a field in lines, its value indented.
pub(super) fn named(look: &Look, name: &str, value: Span<'static>, room: usize) -> Vec<Line<'static>> {
    let name = clean(name, look.charset);
    let name = Span::styled(format!("{name:<NAMES$} "), Look::strong());
    wrap(look, &Line::from(vec![name, value]), room, NAMES + 1)
}

/// Returns what the backend says against a token.
fn state_words(state: State) -> Option<&'static str> {
    match state {
        State::Live => None,
        State::Disabled => Some("says that it is disabled, or that its owner was removed"),
        State::Expired => Some("says that it is expired"),
        State::Revoked => Some("says that it is revoked"),
    }
}
