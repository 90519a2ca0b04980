//! The columns of the table: which fit, how wide they are, and what stands in a cell.

use jiff::Timestamp;

use super::look::Look;
use super::text::foreign;
use super::{time, words};
pub(super) use crate::app::filter::Column;
use crate::domain::{ContextName, Token};

/// Which goes first where there is no room.
const DROPPED: [Column; 6] =
    [Column::Created, Column::Masked, Column::Expires, Column::Owner, Column::LastUsed, Column::Role];
/// Cursor, mark and a blank.
pub(super) const MARGIN: u16 = 3;
/// Blanks between columns.
const GAP: u16 = 2;
/// The least that a label gets before a column is dropped.
const LABEL_LEAST: u16 = 24;
/// The most that a label gets before other columns grow.
const LABEL_MOST: u16 = 48;

/// Returns the head of a column.
pub(super) const fn head(column: Column) -> &'static str {
    match column {
        Column::Status => "status",
        Column::Label => "label",
        Column::Owner => "owner",
        Column::Role => "role",
        Column::LastUsed => "last used",
        Column::Expires => "expires",
        Column::Created => "created",
        Column::Masked => "masked",
        Column::Context => "context",
    }
}

/// Returns the least width of a column, and the width beyond which it is of no use.
const fn widths(column: Column) -> (u16, u16) {
    match column {
        Column::Status | Column::Created => (9, 9),
        Column::Label => (0, 0),
        Column::Owner => (14, 28),
        Column::Role => (12, 28),
        Column::LastUsed | Column::Expires => (12, 12),
        Column::Masked => (14, 24),
        Column::Context => (10, 20),
    }
}

/// Returns what stands in the cell of a token. Status and label are drawn by the table.
pub(super) fn cell(look: &Look, column: Column, token: &Token, context: &ContextName, now: Timestamp) -> String {
    match column {
        Column::Status | Column::Label => String::new(),
        Column::Owner => words::owner(look, &token.owner),
        Column::Role => words::roles(look, token.roles.as_deref()),
        Column::LastUsed => time::last_use(token.last_used, now),
        Column::Expires => time::expiry(token.expires, now),
        Column::Created => token.created.map_or("unknown".to_owned(), |at| time::ago(at, now)),
        Column::Masked => token.masked.as_ref().map_or("not reported".to_owned(), |masked| foreign(look, masked)),
        Column::Context => context.to_string(),
    }
}

/// A column on screen, with its place and width.
pub(super) type Placed = (Column, u16, u16);

/// Returns the columns that fit, from left to right. Status and label are always among them.
pub(super) fn fitting(columns: u16, contexts: usize) -> Vec<Placed> {
    let mut kept = Column::ALL.to_vec();
    kept.retain(|column| contexts > 1 || *column != Column::Context);
    let label = |kept: &[Column]| {
        let others = kept.iter().filter(|column| **column != Column::Label);
        columns.saturating_sub(MARGIN).saturating_sub(others.map(|column| widths(*column).0 + GAP).sum())
    };
    for column in DROPPED {
        if label(&kept) < LABEL_LEAST {
            kept.retain(|other| *other != column);
        }
    }
    let mut spare = label(&kept).saturating_sub(LABEL_MOST);
    let label = label(&kept) - spare;
    let mut grown: Vec<(Column, u16)> = Vec::with_capacity(kept.len());
    for column in kept {
        let (least, most) = widths(column);
        let more = spare.min(most - least);
        spare -= more;
        grown.push((column, least + more));
    }
    let mut x = MARGIN;
    let mut placed = Vec::with_capacity(grown.len());
    for (column, width) in grown {
        let width = if column == Column::Label { label + spare } else { width };
        placed.push((column, x, width));
        x = x.saturating_add(width).saturating_add(GAP);
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(columns: u16, contexts: usize) -> String {
        fitting(columns, contexts).iter().map(|(column, ..)| head(*column)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn columns_drop_in_the_order_of_the_contract() {
        let mut before: Option<Vec<Column>> = None;
        let mut dropped = Vec::new();
        for columns in (0..=300).rev() {
            let now: Vec<Column> = fitting(columns, 1).into_iter().map(|(column, ..)| column).collect();
            if let Some(before) = &before {
                dropped.extend(before.iter().filter(|column| !now.contains(column)).copied());
            }
            before = Some(now);
        }
        assert_eq!(dropped, DROPPED);
        assert_eq!(heads(80, 1), "status label role last used");
        assert_eq!(heads(80, 2), "status label role last used context");
        assert_eq!(heads(44, 2), "status label context");
        assert_eq!(heads(200, 2), "status label owner role last used expires created masked context");
    }

    #[test]
    fn columns_stand_beside_each_other_within_the_line() {
        for columns in 0..=300 {
            for contexts in [1, 2] {
                let placed = fitting(columns, contexts);
                for pair in placed.windows(2) {
                    assert_eq!(pair[1].1, pair[0].1 + pair[0].2 + GAP);
                }
                let (_, at, width) = placed[placed.len() - 1];
                assert!(columns < 44 || at + width <= columns, "{columns} {placed:?}");
            }
        }
    }
}
