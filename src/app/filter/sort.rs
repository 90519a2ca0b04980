//! By which column rows are sorted, and which way.

/// An order of rows: a column and a direction. What a row does not have is last in both directions, "never" before
/// "unknown"; rows that are equal are in the order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    /// What is compared.
    pub column: Column,
    /// Which way.
    pub direction: Direction,
}

impl Sort {
    /// Returns the order by the column to the left, wrapping round.
    #[must_use]
    pub fn left(self) -> Self {
        self.turned(Column::ALL.len() - 1)
    }

    /// Returns the order by the column to the right, wrapping round.
    #[must_use]
    pub fn right(self) -> Self {
        self.turned(1)
    }

    /// Returns the words for it: the column and the direction.
    pub fn words(self) -> String {
        let direction = match self.direction {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        };
        format!("{}, {direction}", self.column.title())
    }

    fn turned(self, by: usize) -> Self {
        let at = Column::ALL.iter().position(|column| *column == self.column).unwrap_or(0);
        Self { column: Column::ALL[(at + by) % Column::ALL.len()], ..self }
    }
}

/// The newest first.
impl Default for Sort {
    fn default() -> Self {
        Self { column: Column::Created, direction: Direction::Descending }
    }
}

/// The columns that rows can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// In the order of the presets; unknown last.
    Status,
    /// Lowered; empty last.
    Label,
    /// Lowered; unknown last.
    Owner,
    /// The lowered names in their order; none and unknown last.
    Role,
    /// Never and unknown last.
    LastUsed,
    /// Never and unknown last.
    Expires,
    /// Unknown last.
    Created,
    /// Lowered; none and unknown last.
    Masked,
    /// By name.
    Context,
}

impl Column {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 9] = [
        Self::Status,
        Self::Label,
        Self::Owner,
        Self::Role,
        Self::LastUsed,
        Self::Expires,
        Self::Created,
        Self::Masked,
        Self::Context,
    ];

    /// Returns its title in the table.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Label => "label",
            Self::Owner => "owner",
            Self::Role => "role",
            Self::LastUsed => "last used",
            Self::Expires => "expires",
            Self::Created => "created",
            Self::Masked => "masked",
            Self::Context => "context",
        }
    }
}

/// Which way rows are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The smallest, earliest or first in the alphabet first.
    Ascending,
    /// The largest, latest or last in the alphabet first.
    Descending,
}

impl Direction {
    /// Returns the other one.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}
