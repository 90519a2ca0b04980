//! Where things stand. The lines around the table are the same in number whatever they say.

use ratatui::layout::Rect;

use super::canvas::{split, top};
use crate::app::tokens::Detail;

/// The smallest terminal that everything fits into, in columns and rows.
pub const SMALLEST: (u16, u16) = (44, 12);
/// From this many rows on, status and role presets have a line each.
const ROOMY: u16 = 18;
/// From this many columns on, the detail pane stands beside the table.
pub(super) const WIDE: u16 = 120;
/// The least rows of a body that the detail pane shares with the table.
const SHARED: u16 = 12;

/// The parts of the screen from top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Screen {
    /// Name, contexts, counts, age.
    pub(super) header: Rect,
    /// The tabs, and the clipboard road.
    pub(super) tabs: Rect,
    /// What the tab shows.
    pub(super) body: Rect,
    /// The keys valid now.
    pub(super) keys: Rect,
    /// What was said last.
    pub(super) said: Rect,
}

impl Screen {
    /// Divides the screen.
    pub(super) fn of(area: Rect) -> Self {
        let (header, rest) = top(area);
        let (tabs, rest) = top(rest);
        let (body, foot) = split(rest, rest.height.saturating_sub(2));
        let (keys, said) = top(foot);
        Self { header, tabs, body, keys, said }
    }
}

/// The parts of the tab `Tokens`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TokensScreen {
    /// The query line.
    pub(super) query: Rect,
    /// The presets: one line or two. An error in the query stands in the first.
    pub(super) facets: Rect,
    /// The table with its heads; empty where the details cover it.
    pub(super) table: Rect,
    /// The detail pane.
    pub(super) detail: Option<Rect>,
}

impl TokensScreen {
    /// Divides the body of the screen.
    pub(super) fn of(screen: Rect, body: Rect, detail: &Detail) -> Self {
        let (query, rest) = top(body);
        let (facets, rest) = split(rest, if screen.height < ROOMY { 1 } else { 2 });
        let (table, detail) = match detail {
            Detail::Closed => (rest, None),
            Detail::Open { .. } if screen.width >= WIDE => {
                let pane = (rest.width * 2 / 5).min(70);
                let table = Rect { width: rest.width - pane - 1, ..rest };
                (table, Some(Rect { x: table.right() + 1, width: pane, ..rest }))
            }
            Detail::Open { .. } if rest.height >= SHARED => {
                let (table, detail) = split(rest, rest.height * 2 / 5);
                (table, Some(detail))
            }
            Detail::Open { .. } => (Rect { height: 0, ..rest }, Some(rest)),
        };
        Self { query, facets, table, detail }
    }
}

/// The widest that a modal gets.
const MODAL_MOST: u16 = 96;
/// From this many rows on, the first and the last line of the screen stay seen beside a modal.
const TALL: u16 = 20;

/// Returns how many cells a line of a modal has.
pub(super) fn modal_room(screen: Rect) -> usize {
    usize::from(screen.width.min(MODAL_MOST).saturating_sub(4))
}

/// Returns the area of a modal with this many lines inside: in the middle, over everything else.
pub(super) fn modal(screen: Rect, lines: usize) -> Rect {
    let margin = u16::from(screen.height >= TALL);
    let width = screen.width.min(MODAL_MOST);
    let height = u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2).min(screen.height - 2 * margin);
    let x = screen.x + (screen.width - width) / 2;
    let y = screen.y + (screen.height - height) / 2;
    Rect { x, y, width, height }
}
