//! What one row has in the column that rows are sorted by.

use std::cmp::Ordering;

use super::{Column, Direction};
use crate::app::inventory::{Inventory, Row};
use crate::domain::{Stamp, fold};

/// What a row has in a column, as it is compared. The last two are last in both directions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Text(String),
    Time(Stamp),
    Never,
    Unknown,
}

impl Cell {
    /// Returns what a row has in a column. Statuses change with time and are not asked for.
    pub(super) fn of(inventory: &Inventory, row: Row, column: Column) -> Self {
        let Some(row) = inventory.get(row) else { return Self::Unknown };
        match column {
            Column::Label => Self::text(fold(row.label().raw())),
            Column::Owner => row.owner().name().map_or(Self::Unknown, |name| Self::text(fold(name.raw()))),
            Column::Role => {
                let roles: Vec<String> = row.roles().into_iter().flatten().map(|role| fold(role.raw())).collect();
                Self::text(roles.join(", "))
            }
            Column::Masked => row.masked().map_or(Self::Unknown, |masked| Self::text(fold(masked.raw()))),
            Column::Context => Self::text(fold(row.context().as_str())),
            Column::LastUsed => Self::time(row.last_used().into()),
            Column::Expires => Self::time(row.expires().into()),
            Column::Created => Self::time(row.created().into()),
            Column::Status => Self::Unknown,
        }
    }

    pub(super) fn compare(&self, other: &Self, direction: Direction) -> Ordering {
        let order = match (self, other) {
            (Self::Text(this), Self::Text(that)) => this.cmp(that),
            (Self::Time(this), Self::Time(that)) => this.cmp(that),
            _ => return self.rank().cmp(&other.rank()),
        };
        if direction == Direction::Descending { order.reverse() } else { order }
    }

    fn text(text: String) -> Self {
        if text.is_empty() { Self::Unknown } else { Self::Text(text) }
    }

    fn time(stamp: Stamp) -> Self {
        match stamp {
            Stamp::NEVER => Self::Never,
            Stamp::UNKNOWN => Self::Unknown,
            stamp => Self::Time(stamp),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Text(_) | Self::Time(_) => 0,
            Self::Never => 1,
            Self::Unknown => 2,
        }
    }
}
