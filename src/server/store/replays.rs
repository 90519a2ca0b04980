//! Which `Idempotency-Key` made which token, for 24 hours.
//!
//! The record holds no secret, so a repeated request cannot be given it again: the answer names the token that was
//! made, and whoever lost the secret revokes that one. Keeping the secret for a day would break "shown once".

use crate::server::keys::Tag;
use rusqlite::{Connection, OptionalExtension};

const KEPT_SECONDS: i64 = 24 * 3600;

/// What a key was used for before.
pub(crate) struct Replay {
    pub(crate) fingerprint: Tag,
    pub(crate) token: String,
}

/// The record of this user's key; `None` when the key is new or its record has run out.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn find(connection: &Connection, now: i64, user: i64, key: &str) -> Result<Option<Replay>, rusqlite::Error> {
    connection.prepare_cached("DELETE FROM replays WHERE at <= ?")?.execute([now - KEPT_SECONDS])?;
    let mut statement =
        connection.prepare_cached("SELECT fingerprint, token FROM replays WHERE user = ? AND key = ?")?;
    let read = |row: &rusqlite::Row<'_>| Ok(Replay { fingerprint: row.get(0)?, token: row.get(1)? });
    statement.query_row((user, key), read).optional()
}

/// Keeps what the key was used for.
///
/// # Errors
/// When the database refuses.
pub(crate) fn keep(
    connection: &Connection,
    now: i64,
    user: i64,
    key: &str,
    replay: &Replay,
) -> Result<(), rusqlite::Error> {
    let mut statement =
        connection.prepare_cached("INSERT INTO replays (user, key, fingerprint, token, at) VALUES (?, ?, ?, ?, ?)")?;
    statement.execute((user, key, replay.fingerprint, &replay.token, now))?;
    Ok(())
}
