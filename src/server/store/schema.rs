//! Opening the database: settings of a connection, the check at start, and forward-only migrations.

use crate::server::error::Error;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, config::DbConfig};
use std::{path::Path, time::Duration};

/// One script a version, the first being version 1. Only ever appended to.
const MIGRATIONS: [&str; 1] = [include_str!("schema.sql")];

/// A connection that may write.
///
/// # Errors
/// When the file cannot be opened or a setting is refused.
pub(crate) fn writer(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    settings(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // An acknowledged change survives a power loss: every commit is synced before it is answered.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "journal_size_limit", 4 << 20)?;
    Ok(connection)
}

/// A connection that only reads.
///
/// # Errors
/// When the file cannot be opened or a setting is refused.
pub(crate) fn reader(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    settings(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn settings(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(Duration::from_secs(5))?;
    // Plans do not depend on bound values: otherwise the partial index has every statement parsed again for each.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // In KiB, and only as far as it is used: the pages of a hundred thousand tokens stay where they are.
    connection.pragma_update(None, "cache_size", -32_768)?;
    Ok(())
}

/// Starts the transaction that brings the schema up to date; the caller adds what belongs to it and commits.
///
/// # Errors
/// [`Error::NewerSchema`] for a database of a newer version, [`Error::Damaged`] when `SQLite`'s check fails.
pub(crate) fn migrate(connection: &mut Connection) -> Result<Transaction<'_>, Error> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found = version(connection)?;
    if found > known {
        return Err(Error::NewerSchema { found, known });
    }
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Error::Damaged(verdict));
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = usize::try_from(found).unwrap_or(0);
    for script in &MIGRATIONS[done..] {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction)
}

/// The schema's version; 0 for a database just made.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn version(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}
