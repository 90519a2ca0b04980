//! Checking the audit log from outside, and the checkpoint that witnesses its length.

use super::{
    error::Error,
    home::{Database, Home},
    store::{Head, chain_holds, head},
};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::path::Path;

const CHECKPOINT: &str = "audit-checkpoint";

/// What a check of the audit log found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Every event is as it was written, and none that was witnessed is missing.
    Holds {
        /// How many events there are.
        events: i64,
    },
    /// The event of this number was changed, removed, inserted or never witnessed so.
    Broken {
        /// The first number that is not as it was.
        at: i64,
    },
}

/// Checks the whole audit log in a data directory against its key and the checkpoint of the last regular stop.
///
/// The server must not run meanwhile.
///
/// # Errors
/// When the directory is in use or cannot be read.
pub fn verify(data: &Path) -> Result<Verdict, Error> {
    let home = Home::open(data)?;
    let key = home.keys("audit-key", Database::Old)?;
    let connection = Connection::open_with_flags(home.database()?, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let witness = home.read(CHECKPOINT)?.and_then(|line| Head::parse(&line));
    Ok(match chain_holds(&connection, &key, witness.as_ref())? {
        Ok(head) => Verdict::Holds { events: head.count },
        Err(at) => Verdict::Broken { at },
    })
}

/// Writes down the length and the last seal of the log.
pub(crate) fn keep_checkpoint(home: &Home) {
    let keep = || -> Result<(), Error> {
        let connection = Connection::open_with_flags(home.database()?, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        home.write(CHECKPOINT, &head(&connection)?.line())
    };
    if let Err(error) = keep() {
        tracing::warn!(%error, "the audit checkpoint was not written");
    }
}

/// Says so in the log when the witnessed event is gone or another: the database was cut or put back.
pub(crate) fn compare_checkpoint(home: &Home, connection: &Connection) {
    let Ok(Some(line)) = home.read(CHECKPOINT) else { return };
    let Some(witness) = Head::parse(&line).filter(|head| head.count > 0) else { return };
    let sql = "SELECT mac FROM events WHERE seq = ?";
    let found = connection.query_row(sql, [witness.count], |row| row.get::<_, [u8; 32]>(0)).optional();
    if !matches!(found, Ok(Some(mac)) if mac == witness.mac) {
        tracing::error!(event = witness.count, "the audit log is not the one of the last stop; check it");
    }
}
