//! What a key costs on a slow line.

use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;

use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use super::build::{context, filter, go, name, token, with};
use crate::app::model::Model;
use crate::ui::{Charset, Depth, Look, Memory, draw};

/// The bytes that are left of 150 when the frame is wrapped in synchronized output.
const MOST: usize = 134;

/// A terminal that only counts.
struct Counter(Rc<Cell<usize>>);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn long_list(labels: &str) -> Model {
    let row = |number| (name("demo"), token(number, &format!("{labels}{number:04}")));
    let mut model = with(vec![context("demo")], (0..300).map(row));
    filter(&mut model);
    model
}

/// Returns the bytes of the frame after each change.
fn costs(model: &mut Model, depth: Depth, changes: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let look = Look::new(depth, Charset::Utf8);
    let mut memory = Memory::default();
    let bytes = Rc::new(Cell::new(0));
    let viewport = Viewport::Fixed(Rect::new(0, 0, 120, 40));
    let backend = CrosstermBackend::new(Counter(bytes.clone()));
    let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).expect("a terminal");
    let mut frame = |model: &Model| {
        bytes.set(0);
        terminal.draw(|frame| draw(frame, model, &look, &mut memory)).expect("a frame");
        bytes.get()
    };
    frame(model);
    let mut cost = |position| {
        go(model, position);
        frame(model)
    };
    changes.into_iter().map(&mut cost).collect()
}

#[test]
fn a_cursor_move_is_few_bytes() {
    crossterm::style::force_color_output(true);
    for depth in [Depth::None, Depth::Sixteen, Depth::Indexed, Depth::True] {
        for labels in ["ci-", "ci-deploy-production-eu-", "a-label-that-is-longer-than-the-column-it-is-in-"] {
            let costs = costs(&mut long_list(labels), depth, 1..31);
            let most = costs.iter().max().copied().unwrap_or_default();
            assert!(most <= MOST, "{depth:?} {labels}: {most}");
        }
    }
}

#[test]
fn nothing_changed_is_nothing_drawn() {
    let costs = costs(&mut long_list("ci-"), Depth::True, [3, 3]);
    // What the terminal library writes for a frame without a change: resets, and the cursor hidden.
    assert!(costs[1] <= 25, "{costs:?}");
}

#[test]
fn an_edge_of_the_window_is_paid_once_in_many_moves() {
    let costs = costs(&mut long_list("ci-"), Depth::True, 1..200);
    let scrolls = costs.iter().filter(|cost| **cost > MOST).count();
    assert!(scrolls <= 12, "{scrolls} of {}", costs.len());
}
