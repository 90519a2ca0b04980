//! When, from where and how often tokens are used.
//!
//! The first use of a token is written before its request goes on, so it is never lost. Later uses gather here and
//! are written at most once in 60 seconds for each token; a crash loses at most those.

use rusqlite::Connection;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const PERIOD: Duration = Duration::from_mins(1);

/// Uses that are not written yet, by the number of the token.
#[derive(Default)]
pub(crate) struct Usage {
    waiting: Mutex<HashMap<i64, Uses>>,
}

/// Some uses of one token.
pub(crate) struct Uses {
    since: Instant,
    count: i64,
    last: i64,
    from: IpAddr,
}

impl Usage {
    /// Counts a use of a token that was used before.
    pub(crate) fn note(&self, seq: i64, now: i64, from: IpAddr) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let uses = waiting.entry(seq).or_insert(Uses { since: Instant::now(), count: 0, last: now, from });
        uses.count += 1;
        uses.last = now;
        uses.from = from;
    }

    /// The uses that have waited their time.
    pub(crate) fn due(&self) -> Vec<(i64, Uses)> {
        let now = Instant::now();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extract_if(|_, uses| now.saturating_duration_since(uses.since) >= PERIOD).collect()
    }

    /// All of them, when the server stops.
    pub(crate) fn all(&self) -> Vec<(i64, Uses)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.drain().collect()
    }
}

/// Writes the first use of a token.
///
/// # Errors
/// When the database refuses.
pub(crate) fn write_first(connection: &Connection, seq: i64, now: i64, from: IpAddr) -> Result<(), rusqlite::Error> {
    let uses = Uses { since: Instant::now(), count: 1, last: now, from };
    write(connection, &[(seq, uses)])
}

/// Writes gathered uses.
///
/// # Errors
/// When the database refuses.
pub(crate) fn write(connection: &Connection, uses: &[(i64, Uses)]) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "UPDATE tokens SET last_used = max(coalesce(last_used, 0), ?), last_used_from = ?, use_count = use_count + ? \
         WHERE seq = ?",
    )?;
    for (seq, uses) in uses {
        statement.execute((uses.last, uses.from.to_string(), uses.count, seq))?;
    }
    Ok(())
}
