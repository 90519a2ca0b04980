//! The tab `Review`: what it will hold, and that it is not there yet.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::canvas::{Canvas, top};
use super::look::Look;
use super::text::wrap;
use crate::app::model::Tab;

/// Draws the tab.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect) {
    let words = "Not there yet. This tab will rank findings (admin roles nobody uses, tokens that never expire, owners \
                 who left, labels that look alike), each with its tokens and the reason.";
    let (_, body) = top(body);
    let (title, text) = top(body);
    canvas.line(title, &Line::from(Span::styled(Tab::Review.title(), Look::strong())));
    let lines = wrap(canvas.look, &Line::from(words), usize::from(text.width.min(78)), 0);
    canvas.lines(text, &lines);
}
