//! The people who own tokens.

use crate::server::moment;
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Value, json};

/// A person; kept for ever, since tokens go on naming their owner.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) created: i64,
    /// When they were removed; `None`: they are still here.
    pub(crate) removed: Option<i64>,
    /// How many tokens they own, dead ones included.
    pub(crate) tokens: i64,
}

impl User {
    pub(crate) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "created": moment::text(self.created),
            "removed": self.removed.map(moment::text),
            "tokens": self.tokens,
        })
    }

    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self { id: row.get(0)?, name: row.get(1)?, created: row.get(2)?, removed: row.get(3)?, tokens: row.get(4)? })
    }
}

/// The user of this name, also when removed.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn user_named(connection: &Connection, name: &str) -> Result<Option<User>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT u.id, u.name, u.created, u.removed, (SELECT count(*) FROM tokens WHERE owner = u.id) \
         FROM users u WHERE u.name = ?",
    )?;
    statement.query_row([name], User::read).optional()
}

/// The user of this number in the database.
///
/// # Errors
/// When there is none or the database cannot be read.
pub(crate) fn user(connection: &Connection, id: i64) -> Result<User, rusqlite::Error> {
    let mut statement = connection.prepare_cached("SELECT id, name, created, removed, 0 FROM users WHERE id = ?")?;
    statement.query_row([id], User::read)
}

/// Up to `limit` users with a number above `after`, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn users(connection: &Connection, after: i64, limit: usize) -> Result<Vec<User>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT u.id, u.name, u.created, u.removed, (SELECT count(*) FROM tokens WHERE owner = u.id) \
         FROM users u WHERE u.id > ? ORDER BY u.id LIMIT ?",
    )?;
    let rows = statement.query_map((after, i64::try_from(limit).unwrap_or(i64::MAX)), User::read)?;
    rows.collect()
}
