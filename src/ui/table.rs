//! The tab `Tokens`: the table. Builds only the rows on screen.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::canvas::{Canvas, top};
use super::columns::{self, Column, Placed, fitting};
use super::layout::TokensScreen;
use super::look::Look;
use super::memory::Memory;
use super::{detail, empty, facets, words};
use crate::app::filter::{Direction, Sort};
use crate::app::inventory::Row;
use crate::app::model::Model;
use crate::app::tokens::RowNote;
use crate::domain::{ContextName, Status, Token};

/// The cells of a label that show that it is under the cursor: a move writes them twice.
const LABEL_CHOSEN: u16 = 24;

/// Draws the tab.
pub(super) fn tab(canvas: &mut Canvas<'_>, screen: Rect, body: Rect, model: &Model, memory: &mut Memory) {
    let parts = TokensScreen::of(screen, body, &model.tokens.detail);
    let columns = fitting(parts.table.width, model.contexts.len());
    let is_seen = |column| columns.iter().any(|(seen, ..)| *seen == column) && !parts.table.is_empty();
    let sort = model.tokens.sort;
    let unseen =
        if is_seen(sort.column) { String::new() } else { format!("by {}", titled(canvas.look, sort.column, sort)) };
    facets::draw(canvas, parts.query, parts.facets, &unseen, model);
    if !parts.table.is_empty() {
        table(canvas, parts.table, &columns, model, memory);
    }
    if let Some(area) = parts.detail {
        detail::draw(canvas, area, model, &mut memory.detail);
    }
}

/// Draws the heads and the rows.
fn table(canvas: &mut Canvas<'_>, area: Rect, columns: &[Placed], model: &Model, memory: &mut Memory) {
    let (head, body) = top(area);
    for (column, x, width) in columns {
        let cell = Rect { x: head.x.saturating_add(*x), width: *width, ..head }.intersection(head);
        canvas.text(cell, &titled(canvas.look, *column, model.tokens.sort), Look::strong());
    }
    let rows = &model.tokens.view.rows;
    if rows.is_empty() {
        empty::draw(canvas, body, model);
        return;
    }
    let position = model.tokens.position.min(rows.len() - 1);
    let first = memory.table.hold(position, usize::from(body.height), rows.len());
    for (y, row) in (body.top()..body.bottom()).zip(rows.iter().skip(first)) {
        draw_row(canvas, Rect { y, height: 1, ..body }, columns, model, *row);
    }
}

/// Returns the head of a column, with the way it is sorted.
fn titled(look: &Look, column: Column, sort: Sort) -> String {
    let [up, down] = look.glyphs.order;
    match (sort.column == column, sort.direction) {
        (false, _) => columns::head(column).to_owned(),
        (true, Direction::Ascending) => format!("{} {up}", columns::head(column)),
        (true, Direction::Descending) => format!("{} {down}", columns::head(column)),
    }
}

/// Draws one row. Under the cursor only the marker and the label differ, so that a move is few bytes.
fn draw_row(canvas: &mut Canvas<'_>, line: Rect, columns: &[Placed], model: &Model, row: Row) {
    let tokens = &model.tokens;
    let under_cursor = tokens.cursor == Some(row);
    let at = |x: u16, width: u16| Rect { x: line.x.saturating_add(x), width, ..line }.intersection(line);
    if under_cursor {
        canvas.text(at(0, 1), ">", Look::strong());
    }
    if tokens.marks.contains(&row) {
        canvas.text(at(1, 1), canvas.look.glyphs.mark, Look::strong());
    }
    let Some((token, context, status)) = read(model, row) else { return };
    for (column, x, width) in columns {
        let cell = at(*x, *width);
        match column {
            Column::Status => {
                canvas.text(cell, status.word(), canvas.look.status(status));
            }
            Column::Label => {
                let rest = note(canvas, cell, status, tokens.notes.get(&row));
                let label = words::label(canvas.look, &token.label);
                let used = canvas.text(rest, &label, Look::plain());
                if under_cursor {
                    canvas.restyle(Rect { width: used.min(LABEL_CHOSEN), ..rest }, Look::chosen());
                }
            }
            Column::Owner
            | Column::Role
            | Column::LastUsed
            | Column::Expires
            | Column::Created
            | Column::Masked
            | Column::Context => {
                let text = columns::cell(canvas.look, *column, &token, context, model.now);
                canvas.text(cell, &text, Look::plain());
            }
        }
    }
}

/// Draws what is said of a row at the right end of its label; returns what is left for the label.
fn note(canvas: &mut Canvas<'_>, cell: Rect, status: Status, note: Option<&RowNote>) -> Rect {
    let Some(note) = note.filter(|note| note.words() != status.word()) else { return cell };
    let style = match note {
        RowNote::Failed(_) | RowNote::Unverified | RowNote::StillAnswering => canvas.look.bad(),
        RowNote::Waiting | RowNote::Revoking | RowNote::Changed | RowNote::Lives => canvas.look.care(),
        RowNote::Revoked | RowNote::VerifiedDead | RowNote::Gone => canvas.look.good(),
    };
    canvas.right(cell, &Line::from(Span::styled(note.words().to_owned(), style)))
}

/// Reads a row: the token, its context, and its status at the time of the model.
pub(super) fn read(model: &Model, row: Row) -> Option<(Token, &ContextName, Status)> {
    let read = model.tokens.inventory.get(row)?;
    let window = model.context(read.context()).map(|state| state.context.active_window).unwrap_or_default();
    Some((read.token(), read.context(), read.status(model.now, window)))
}
