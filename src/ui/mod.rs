//! The screen as a picture of the model. Changes nothing and decides nothing.

mod activity;
mod backends;
mod canvas;
mod columns;
mod detail;
mod empty;
mod facets;
mod field;
mod footer;
mod header;
mod incident;
mod later;
mod layout;
pub mod linear;
mod look;
mod memory;
mod modal;
mod table;
mod text;
mod time;
mod words;

use ratatui::Frame;
use ratatui::layout::Rect;

pub use layout::SMALLEST;
pub use look::{Charset, Depth, Look};
pub use memory::Memory;

use crate::app::model::{Model, Tab};
use canvas::Canvas;
use layout::Screen;

/// Draws the model. Draws something at every size, and nothing where there is no cell.
pub fn draw(frame: &mut Frame<'_>, model: &Model, look: &Look, memory: &mut Memory) {
    let area = frame.area();
    let mut canvas = Canvas::new(frame.buffer_mut(), look);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(&mut canvas, area);
        return;
    }
    screen(&mut canvas, area, model, memory);
    modal::draw(&mut canvas, area, model, memory);
    if let Some(cursor) = canvas.cursor {
        frame.set_cursor_position(cursor);
    }
}

/// Draws everything that is not in front.
fn screen(canvas: &mut Canvas<'_>, area: Rect, model: &Model, memory: &mut Memory) {
    let parts = Screen::of(area);
    header::draw(canvas, parts.header, parts.tabs, model);
    match model.tab {
        Tab::Tokens => table::tab(canvas, area, parts.body, model, memory),
        Tab::Review => later::draw(canvas, parts.body),
        Tab::Incident => incident::draw(canvas, parts.body, model, &mut memory.incident),
        Tab::Activity => activity::draw(canvas, parts.body, model, &mut memory.activity),
        Tab::Backends => backends::draw(canvas, parts.body, model, memory),
    }
    footer::draw(canvas, parts.keys, parts.said, model);
}

/// Says how much room is needed.
fn too_small(canvas: &mut Canvas<'_>, area: Rect) {
    let (columns, rows) = SMALLEST;
    let words = format!("tokendeck needs {columns}x{rows}; this is {}x{}", area.width, area.height);
    let short = format!("needs {columns}x{rows}");
    let words = if words.len() > usize::from(area.width) { short } else { words };
    canvas.text(area, &words, Look::plain());
}

#[cfg(test)]
mod tests;
