//! Notices for admins: an organization token was created or revoked.

use super::token::Secretless;
use crate::server::moment;
use rusqlite::Connection;
use serde_json::{Value, json};

/// Leaves a notice for every admin.
///
/// # Errors
/// When the database refuses.
pub(crate) fn leave(
    connection: &Connection,
    now: i64,
    action: &str,
    actor: &str,
    token: &Secretless<'_>,
) -> Result<(), rusqlite::Error> {
    let mut statement = connection
        .prepare_cached("INSERT INTO notices (at, action, actor, token, label, masked) VALUES (?, ?, ?, ?, ?, ?)")?;
    statement.execute((now, action, actor, token.id, token.label, &token.masked))?;
    Ok(())
}

/// Up to `limit` notices older than `below`, newest first, each with its number.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn notices(connection: &Connection, below: i64, limit: usize) -> Result<Vec<(i64, Value)>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, at, action, actor, token, label, masked FROM notices WHERE seq < ? ORDER BY seq DESC LIMIT ?",
    )?;
    let rows = statement.query_map((below, i64::try_from(limit).unwrap_or(i64::MAX)), |row| {
        let seq: i64 = row.get(0)?;
        let notice = json!({
            "seq": seq,
            "at": moment::text(row.get(1)?),
            "action": row.get::<_, String>(2)?,
            "actor": row.get::<_, String>(3)?,
            "token": row.get::<_, String>(4)?,
            "label": row.get::<_, String>(5)?,
            "masked": row.get::<_, String>(6)?,
        });
        Ok((seq, notice))
    })?;
    rows.collect()
}
