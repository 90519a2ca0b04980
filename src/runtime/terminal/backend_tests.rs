//! What is painted is what was meant, in few bytes.

use std::cell::Cell;
use std::io;
use std::num::NonZero;
use std::rc::Rc;

use proptest::prelude::*;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::{Frame, Terminal};

use super::{Painter, Size};

/// A terminal of ours, one of ratatui's own, and what a real one would show of each.
struct Pair {
    ours: Terminal<Painter>,
    shown: vt100::Parser,
    theirs: Terminal<CrosstermBackend<Counter>>,
    count: Counter,
}

/// Counts what is written to it.
#[derive(Clone, Default)]
struct Counter(Rc<Cell<usize>>);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Pair {
    fn new(width: u16, height: u16) -> Self {
        let Ok(ours) = Terminal::new(Painter::new(Size { width, height }));
        let viewport = ratatui::Viewport::Fixed(Rect::new(0, 0, width, height));
        let options = ratatui::TerminalOptions { viewport };
        let count = Counter::default();
        let theirs = Terminal::with_options(CrosstermBackend::new(count.clone()), options).expect("memory");
        let size = |cells| NonZero::new(cells).expect("not zero");
        Self { ours, shown: vt100::Parser::new(size(height), size(width), 0), theirs, count }
    }

    /// Draws the same on both; returns how many bytes each took.
    fn draw(&mut self, picture: impl Fn(&mut Frame)) -> (usize, usize) {
        let Ok(_) = self.ours.draw(&picture);
        let painted = self.ours.backend_mut().take();
        self.shown.process(&painted);
        let before = self.count.0.get();
        self.theirs.draw(&picture).expect("memory");
        (painted.len(), self.count.0.get() - before)
    }
}

fn table(frame: &mut Frame, cursor: u16, restyled: Style) {
    let buffer = frame.buffer_mut();
    for row in 0..30 {
        let marker = if row == cursor { ">" } else { " " };
        buffer.set_string(0, row + 5, marker, Style::new());
        buffer.set_string(4, row + 5, "active", Style::new().fg(Color::Green));
        let style = if row == cursor { restyled } else { Style::new() };
        buffer.set_string(14, row + 5, format!("ci-deploy-number-{row:03}"), style);
        buffer.set_string(40, row + 5, "admin", Style::new().fg(Color::Red));
    }
}

#[test]
fn a_cursor_move_takes_few_bytes() {
    let mut pair = Pair::new(120, 40);
    for (style, name, most) in [
        (Style::new(), "marker", 24),
        (Style::new().add_modifier(Modifier::BOLD), "marker, label bold", 90),
        (Style::new().add_modifier(Modifier::REVERSED), "marker, label reversed", 90),
        (Style::new().fg(Color::Indexed(255)).bg(Color::Indexed(24)), "marker, label in colours", 100),
    ] {
        pair.draw(|frame| table(frame, 3, style));
        pair.draw(|frame| table(frame, 9, style));
        let (ours, theirs) = pair.draw(|frame| table(frame, 10, style));
        println!("{name}: {ours} bytes, with the frame's brackets {}; ratatui's own backend {theirs}", ours + 16);
        assert!(ours <= most && ours < theirs, "{name}: {ours}");
    }
}

#[test]
fn nothing_new_is_nothing_sent() {
    let mut pair = Pair::new(80, 40);
    pair.draw(|frame| table(frame, 3, Style::new()));
    assert_eq!(pair.draw(|frame| table(frame, 3, Style::new())).0, 0);
}

#[test]
fn no_size_panics() {
    for (width, height) in [(0, 0), (0, 5), (5, 0), (1, 1), (2, 1), (1024, 512)] {
        let mut pair = Pair::new(1, 1);
        pair.ours.backend_mut().set_size(Size { width, height });
        let Ok(_) = pair.ours.draw(|frame| {
            let area = frame.area();
            let buffer = frame.buffer_mut();
            for y in 0..area.height {
                buffer.set_string(0, y, "日本語 e\u{301}", Style::new());
            }
        });
        pair.ours.backend_mut().take();
    }
}

/// Draws a buffer over the whole frame.
fn show(frame: &mut Frame, cells: &Buffer) {
    frame.buffer_mut().merge(cells);
}

/// Compares what a terminal shows with what was meant.
fn assert_shown(shown: &vt100::Screen, meant: &Buffer) {
    let mut hidden = 0;
    for y in 0..meant.area.height {
        for x in 0..meant.area.width {
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            let (cell, meant) = (shown.cell(y, x).expect("inside"), &meant[(x, y)]);
            let symbol = if cell.has_contents() { cell.contents() } else { " " };
            assert_eq!(symbol, meant.symbol(), "at {x},{y}");
            assert_eq!(cell.bold(), meant.modifier.contains(Modifier::BOLD), "bold at {x},{y}");
            assert_eq!(cell.dim(), meant.modifier.contains(Modifier::DIM), "dim at {x},{y}");
            assert_eq!(cell.inverse(), meant.modifier.contains(Modifier::REVERSED), "reversed at {x},{y}");
            assert_eq!(cell.underline(), meant.modifier.contains(Modifier::UNDERLINED), "underlined at {x},{y}");
            assert_eq!(cell.fgcolor(), colour(meant.fg), "front at {x},{y}");
            assert_eq!(cell.bgcolor(), colour(meant.bg), "back at {x},{y}");
            hidden = usize::from(cell.is_wide());
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the pictures use few colours")]
fn colour(colour: Color) -> vt100::Color {
    match colour {
        Color::Red => vt100::Color::Idx(1),
        Color::LightBlue => vt100::Color::Idx(12),
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        Color::Reset => vt100::Color::Default,
        other => panic!("{other} is not in the pictures"),
    }
}

const WIDTH: u16 = 23;
const HEIGHT: u16 = 7;

/// Pieces of text with a style, at places.
fn picture() -> impl Strategy<Value = Buffer> {
    let text =
        prop_oneof!["[a-z ]{1,12}", Just("日本".to_owned()), Just("e\u{301}é─│".to_owned()), Just("→".to_owned())];
    let colours = vec![Color::Reset, Color::Red, Color::LightBlue, Color::Indexed(9), Color::Rgb(1, 2, 3)];
    let colour = || proptest::sample::select(colours.clone());
    // Bold and dim never in one place: the terminal of the test knows one intensity.
    let modifiers = [
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::DIM,
        Modifier::UNDERLINED,
        Modifier::BOLD | Modifier::REVERSED,
        Modifier::DIM | Modifier::REVERSED | Modifier::UNDERLINED,
    ];
    let modifier = proptest::sample::select(modifiers.to_vec());
    let piece = (0..WIDTH, 0..HEIGHT, text, colour(), colour(), modifier);
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, WIDTH, HEIGHT));
        for (x, y, text, front, back, modifier) in pieces {
            let style = Style::reset().fg(front).bg(back).add_modifier(modifier);
            buffer.set_string(x, y, text, style);
        }
        buffer
    })
}

proptest! {
    #[test]
    fn every_picture_after_every_other_is_shown_as_meant(
        pictures in proptest::collection::vec(picture(), 1..5),
        cursor in proptest::option::of((0..WIDTH, 0..HEIGHT)),
    ) {
        let mut pair = Pair::new(WIDTH, HEIGHT);
        for meant in &pictures {
            let Ok(_) = pair.ours.draw(|frame| {
                show(frame, meant);
                if let Some(cursor) = cursor {
                    frame.set_cursor_position(cursor);
                }
            });
            let painted = pair.ours.backend_mut().take();
            pair.shown.process(&painted);
            assert_shown(pair.shown.screen(), meant);
            prop_assert_eq!(pair.shown.screen().hide_cursor(), cursor.is_none());
            if let Some((x, y)) = cursor {
                prop_assert_eq!(pair.shown.screen().cursor_position(), (y, x));
            }
        }
    }
}
