//! Frames as bytes: the shortest that a terminal needs to get from one picture to the next.
//!
//! ratatui's own crossterm backend ends every frame with four resets, moves by absolute position only, and
//! hides the cursor anew each time: 31 bytes that say nothing. Over a slow link they are felt.

use std::collections::HashSet;
use std::convert::Infallible;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Cell, CellWidth as _};
use ratatui::layout::{Position, Size};

use super::sgr::Pen;

/// A ratatui backend that writes into memory, and knows what state it leaves the terminal in.
#[derive(Debug)]
pub(super) struct Painter {
    out: Vec<u8>,
    size: Size,
    pen: Pen,
    /// Where the terminal's cursor is, as far as that is certain.
    row: Option<u16>,
    column: Option<u16>,
    cursor_shown: Option<bool>,
    /// Whether nothing was printed since the screen was last cleared.
    blank: bool,
    /// Where wide characters stand, by their left halves.
    wide: HashSet<(u16, u16)>,
}

impl Painter {
    /// Makes one for a terminal in an unknown state.
    pub(super) fn new(size: Size) -> Self {
        let mut painter = Self {
            out: Vec::new(),
            size,
            pen: Pen::PLAIN,
            row: None,
            column: None,
            cursor_shown: None,
            blank: false,
            wide: HashSet::new(),
        };
        painter.forget();
        painter
    }

    /// Forgets what the terminal's state was, and starts with a reset.
    pub(super) fn forget(&mut self) {
        self.out.clear();
        self.out.extend_from_slice(b"\x1b[m");
        (self.pen, self.row, self.column, self.cursor_shown, self.blank) = (Pen::PLAIN, None, None, None, false);
    }

    /// Sets the size that ratatui will ask for.
    pub(super) fn set_size(&mut self, size: Size) {
        // A terminal may move its cursor when it changes size.
        (self.size, self.row, self.column) = (size, None, None);
    }

    /// Returns the size that ratatui is told.
    pub(super) fn known_size(&self) -> Size {
        self.size
    }

    /// Hands out what was painted since the last time.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Appends the shortest way to a position.
    fn go(&mut self, x: u16, y: u16) {
        if (self.column, self.row) == (Some(x), Some(y)) {
            return;
        }
        let mut best = absolute(x, y);
        if let Some(row) = self.row {
            let mut way = vertical(row, y);
            way.push_str(&horizontal(self.column, x));
            if way.len() < best.len() {
                best = way;
            }
        }
        self.out.extend_from_slice(best.as_bytes());
        (self.column, self.row) = (Some(x), Some(y));
    }

    /// Appends one cell.
    fn put(&mut self, x: u16, y: u16, pen: Pen, symbol: &str) {
        self.go(x, y);
        self.pen.change(pen, &mut self.out);
        self.pen = pen;
        self.print(symbol);
    }

    fn print(&mut self, symbol: &str) {
        self.out.extend_from_slice(symbol.as_bytes());
        self.blank = false;
        let next = self.column.and_then(|column| column.checked_add(1));
        // In the last column terminals differ in where the cursor stays, and for wide, combining or rare
        // characters in how wide they are: the next move is then an absolute one.
        self.column = next.filter(|next| *next < self.size.width && is_one_column(symbol));
        if next.is_none_or(|next| next.saturating_add(1) >= self.size.width) {
            self.row = self.row.filter(|_| self.column.is_some());
        }
    }
}

/// Tells whether every terminal draws this in exactly one column.
fn is_one_column(symbol: &str) -> bool {
    let mut characters = symbol.chars();
    let alone = characters.next().filter(|_| characters.next().is_none());
    alone.is_some_and(|character| {
        matches!(character, ' '..='~' | '\u{a1}'..='\u{2ff}' | '\u{370}'..='\u{482}' | '\u{48a}'..='\u{52f}'
            | '\u{2010}'..='\u{2027}' | '\u{2190}'..='\u{2193}' | '\u{2500}'..='\u{259f}')
            && character != '\u{ad}'
    })
}

fn absolute(x: u16, y: u16) -> String {
    match (x, y) {
        (0, 0) => "\x1b[H".into(),
        (0, y) => format!("\x1b[{}H", u32::from(y) + 1),
        (x, y) => format!("\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1),
    }
}

fn vertical(from: u16, to: u16) -> String {
    match (to.cmp(&from), from.abs_diff(to)) {
        (std::cmp::Ordering::Equal, _) => String::new(),
        (std::cmp::Ordering::Less, 1) => "\x1b[A".into(),
        (std::cmp::Ordering::Less, rows) => format!("\x1b[{rows}A"),
        (std::cmp::Ordering::Greater, 1) => "\x1b[B".into(),
        (std::cmp::Ordering::Greater, rows) => format!("\x1b[{rows}B"),
    }
}

fn horizontal(from: Option<u16>, to: u16) -> String {
    let column = format!("\x1b[{}G", u32::from(to) + 1);
    let step = match from {
        _ if to == 0 => "\r".into(),
        None => return column,
        Some(from) if from == to => String::new(),
        Some(from) if from.saturating_sub(3) <= to && to < from => "\x08".repeat(usize::from(from - to)),
        Some(from) if to < from => format!("\x1b[{}D", from - to),
        Some(from) if to == from + 1 => "\x1b[C".into(),
        Some(from) => format!("\x1b[{}C", to - from),
    };
    if column.len() < step.len() { column } else { step }
}

impl Backend for Painter {
    type Error = Infallible;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> Result<(), Infallible> {
        let mut content = content.peekable();
        while let Some((x, y, cell)) = content.next() {
            self.put(x, y, Pen { front: cell.fg, back: cell.bg, modifier: cell.modifier }, cell.symbol());
            let last = x.saturating_add(cell.cell_width().saturating_sub(1));
            let cut = self.wide.remove(&(last, y));
            if last > x {
                self.wide.insert((x, y));
            }
            if cut {
                let right = last.saturating_add(1);
                if content.peek().is_none_or(|(next, row, _)| (*next, *row) != (right, y)) {
                    // Terminals fill the right half of what was cut with the new colours. ratatui takes it for
                    // the plain blank that it was to be, and does not send it.
                    self.put(right, y, Pen::PLAIN, " ");
                }
            }
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        if self.cursor_shown.replace(false) != Some(false) {
            self.out.extend_from_slice(b"\x1b[?25l");
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        if self.cursor_shown.replace(true) != Some(true) {
            self.out.extend_from_slice(b"\x1b[?25h");
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(Position { x: self.column.unwrap_or(0), y: self.row.unwrap_or(0) })
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        let Position { x, y } = position.into();
        self.go(x, y);
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.clear_region(ClearType::All)
    }

    /// Clears everything: the program draws on the whole screen, and clears only when the size changes or
    /// somebody asked for a repaint.
    fn clear_region(&mut self, _clear_type: ClearType) -> Result<(), Infallible> {
        if !self.blank {
            self.pen.change(Pen::PLAIN, &mut self.out);
            self.pen = Pen::PLAIN;
            self.out.extend_from_slice(b"\x1b[2J");
            self.blank = true;
            self.wide.clear();
        }
        Ok(())
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::default() })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
#[path = "backend_tests.rs"]
mod tests;
