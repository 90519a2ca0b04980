//! The one place that writes cells: clipped to its area, cut with a sign, safe whatever the text is.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;

use super::look::Look;
use super::text::{clean, clusters, fit, line_width, width};

/// A buffer to write on, and where the terminal's cursor goes.
pub(super) struct Canvas<'a> {
    buffer: &'a mut Buffer,
    pub(super) look: &'a Look,
    pub(super) cursor: Option<Position>,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, look: &'a Look) -> Self {
        Self { buffer, look, cursor: None }
    }

    /// Empties an area.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
            }
        }
    }

    /// Writes text into the first line of an area, cut with a sign; returns the cells used.
    pub(super) fn text(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        let look = self.look;
        self.put(area, &fit(look, text, usize::from(area.width)), style)
    }

    /// Gives a style to what is written in an area already.
    pub(super) fn restyle(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area, style);
    }

    /// Writes lines below each other; where not all of them fit, the last row says how many are left out.
    pub(super) fn lines_or_sign(&mut self, area: Rect, lines: &[Line<'_>]) {
        let rows = usize::from(area.height);
        if lines.len() <= rows {
            return self.lines(area, lines);
        }
        let (upper, sign) = split(area, area.height.saturating_sub(1));
        self.lines(upper, lines);
        let left_out = lines.len() - usize::from(upper.height);
        self.text(sign, &format!("{} {left_out} more lines", self.look.glyphs.cut), Style::new());
    }

    /// Writes text at the right end of the first line of an area; returns what is left of the area before it.
    pub(super) fn right(&mut self, area: Rect, line: &Line<'_>) -> Rect {
        let need = u16::try_from(line_width(self.look, line)).unwrap_or(u16::MAX).min(area.width);
        let left = area.width - need;
        self.line(Rect { x: area.x + left, width: need, ..area }, line);
        Rect { width: left.saturating_sub(2), ..area }
    }

    /// Writes a line of several styles into the first line of an area, cut with a sign; returns the cells used.
    pub(super) fn line(&mut self, area: Rect, line: &Line<'_>) -> u16 {
        let whole = line_width(self.look, line) <= usize::from(area.width);
        let mut rest = if whole { area } else { Rect { width: area.width.saturating_sub(1), ..area } };
        for span in &line.spans {
            let text = clean(&span.content, self.look.charset);
            let used = self.put(rest, &text, line.style.patch(span.style));
            rest = after(rest, used);
            if usize::from(used) < width(&text) {
                break;
            }
        }
        let used = rest.x - area.x;
        if whole || area.width == 0 {
            return used;
        }
        used + self.put(Rect { x: rest.x, width: 1, ..area }, self.look.glyphs.cut, Style::new())
    }

    /// Writes lines below each other.
    pub(super) fn lines<'l>(&mut self, area: Rect, lines: impl IntoIterator<Item = &'l Line<'l>>) {
        for (y, line) in (area.top()..area.bottom()).zip(lines) {
            self.line(Rect { y, height: 1, ..area }, line);
        }
    }

    /// Writes a frame with a title and a sign at its lower edge; returns what is inside.
    pub(super) fn frame(&mut self, area: Rect, title: &str, below: &str) -> Rect {
        let area = area.intersection(self.buffer.area);
        self.clear(area);
        if area.width < 4 || area.height < 2 {
            return area;
        }
        let glyphs = self.look.glyphs;
        let level = glyphs.level.repeat(usize::from(area.width - 2));
        let [top_left, top_right, bottom_left, bottom_right] = glyphs.corners;
        let edge = |y| Rect { y, height: 1, ..area };
        self.text(edge(area.top()), &format!("{top_left}{level}{top_right}"), Look::plain());
        self.text(edge(area.bottom() - 1), &format!("{bottom_left}{level}{bottom_right}"), Look::plain());
        for y in area.top() + 1..area.bottom() - 1 {
            self.text(Rect { x: area.left(), y, width: 1, height: 1 }, glyphs.upright, Look::plain());
            self.text(Rect { x: area.right() - 1, y, width: 1, height: 1 }, glyphs.upright, Look::plain());
        }
        let inset = |y| Rect { x: area.x + 2, y, width: area.width - 4, height: 1 };
        if !title.is_empty() {
            self.text(inset(area.top()), &format!(" {title} "), Look::strong());
        }
        if !below.is_empty() {
            self.text(inset(area.bottom() - 1), &format!(" {below} "), Look::plain());
        }
        Rect { x: area.x + 2, y: area.y + 1, width: area.width - 4, height: area.height - 2 }
    }

    /// Writes clean text cluster by cluster until the area ends; returns the cells used.
    fn put(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() {
            return 0;
        }
        let mut x = area.left();
        for (cluster, width) in clusters(text) {
            if width == 0 || x.saturating_add(width) > area.right() {
                break;
            }
            if let Some(cell) = self.buffer.cell_mut((x, area.y)) {
                cell.set_symbol(cluster).set_style(style);
            }
            for covered in x + 1..x + width {
                if let Some(cell) = self.buffer.cell_mut((covered, area.y)) {
                    cell.reset();
                }
            }
            x += width;
        }
        x - area.left()
    }
}

/// Returns what is drawn, line by line; empty ones are left out.
pub(super) fn drawn(look: &Look, area: Rect, draw: impl FnOnce(&mut Canvas<'_>, Rect)) -> Vec<String> {
    let mut buffer = Buffer::empty(area);
    draw(&mut Canvas::new(&mut buffer, look), area);
    let mut lines = Vec::new();
    for y in area.top()..area.bottom() {
        let (mut line, mut covered) = (String::new(), 0);
        for x in area.left()..area.right() {
            let Some(cell) = buffer.cell((x, y)).filter(|_| x >= covered) else { continue };
            line.push_str(cell.symbol());
            covered = x + u16::try_from(width(cell.symbol())).unwrap_or(1).max(1);
        }
        let line = line.trim_end();
        if !line.is_empty() {
            lines.push(line.to_owned());
        }
    }
    lines
}

/// Returns what is left of an area after its first cells.
pub(super) fn after(area: Rect, used: u16) -> Rect {
    let used = used.min(area.width);
    Rect { x: area.x + used, width: area.width - used, ..area }
}

/// Returns the first line of an area and what is below it.
pub(super) fn top(area: Rect) -> (Rect, Rect) {
    split(area, 1)
}

/// Returns the first lines of an area and what is below them.
pub(super) fn split(area: Rect, lines: u16) -> (Rect, Rect) {
    let lines = lines.min(area.height);
    (Rect { height: lines, ..area }, Rect { y: area.y + lines, height: area.height - lines, ..area })
}
