//! A line of typed text: its cursor is always seen, and a sign stands where it is cut.

use ratatui::layout::{Position, Rect};

use super::canvas::{Canvas, after};
use super::look::Look;
use super::text::{clean, clusters, width};
use crate::app::field::Field;
use crate::app::tokens::Focus;

/// Draws a line of typed text so that its cursor is seen; returns the cells left out at its beginning.
pub(super) fn field(canvas: &mut Canvas<'_>, area: Rect, field: &Field, focus: Focus) -> usize {
    let look = canvas.look;
    let before = field.text().get(..field.cursor()).unwrap_or_default();
    let cursor = width(&clean(before, look.charset));
    let room = usize::from(area.width).saturating_sub(1);
    let start = match focus {
        Focus::Here => (cursor + 1).saturating_sub(room.max(1)),
        Focus::Elsewhere => 0,
    };
    let shown = clean(field.text(), look.charset);
    if start == 0 {
        canvas.text(area, &shown, Look::plain());
    } else {
        let used = canvas.text(Rect { width: area.width.min(1), ..area }, look.glyphs.cut, Look::plain());
        let skipped = start + 1;
        let mut cells = 0_usize;
        let tail: String = clusters(&shown)
            .skip_while(|(_, width)| {
                let skip = cells < skipped;
                cells += usize::from(*width);
                skip
            })
            .map(|(cluster, _)| cluster)
            .collect();
        canvas.text(after(area, used), &tail, Look::plain());
    }
    if focus == Focus::Here && !area.is_empty() {
        let x = u16::try_from(cursor.saturating_sub(start)).unwrap_or(u16::MAX).min(area.width - 1);
        canvas.cursor = Some(Position { x: area.x + x, y: area.y });
    }
    start
}
