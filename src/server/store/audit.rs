//! The audit log: one event a change, in the change's own transaction, each sealed over the one before.
//!
//! The MAC of an event covers the MAC of its predecessor and every column, under a key that lies outside the
//! database. Whoever edits, removes, inserts or reorders rows cannot seal them again. A cut tail leaves a chain that
//! holds, so the length and the last MAC are also witnessed outside: by `audit-checkpoint` beside the database and by
//! every client that keeps the `head` it was given.

use super::token::Secretless;
use crate::server::{
    keys::{Keys, Tag, hex},
    moment,
};
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Value, json};

/// What happened, who did it and from where.
pub(crate) struct Entry<'a> {
    pub(crate) action: &'a str,
    pub(crate) actor: &'a str,
    /// The id of the credential that was used; `None` for the server itself.
    pub(crate) actor_token: Option<&'a str>,
    /// `None` for the server itself.
    pub(crate) address: Option<&'a str>,
    /// The token it was done to; `None` for changes of users.
    pub(crate) token: Option<&'a Secretless<'a>>,
    pub(crate) detail: &'a str,
}

/// The length of the log and its last seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) count: i64,
    pub(crate) mac: Tag,
}

/// An event as it lies in the database.
struct Event {
    seq: i64,
    at: i64,
    /// action, actor, `actor_token`, address, token, owner, label, masked, detail
    texts: [Option<String>; 9],
    mac: Tag,
}

const COLUMNS: &str = "seq, at, action, actor, actor_token, address, token, owner, label, masked, detail, mac";

/// Adds an event.
///
/// # Errors
/// When the database refuses.
pub(crate) fn record(connection: &Connection, key: &Keys, now: i64, entry: &Entry<'_>) -> Result<(), rusqlite::Error> {
    let before = head(connection)?;
    let token = entry.token;
    let texts = [
        Some(entry.action),
        Some(entry.actor),
        entry.actor_token,
        entry.address,
        token.map(|token| token.id),
        token.map(|token| token.owner),
        token.map(|token| token.label),
        token.map(|token| token.masked.as_str()),
        Some(entry.detail),
    ];
    let seq = before.count + 1;
    let mac = seal(key, &before.mac, seq, now, texts.into_iter());
    let [action, actor, actor_token, address, token, owner, label, masked, detail] = texts;
    let mut statement = connection.prepare_cached(
        "INSERT INTO events (seq, at, action, actor, actor_token, address, token, owner, label, masked, detail, mac) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    statement
        .execute((seq, now, action, actor, actor_token, address, token, owner, label, masked, detail, mac))
        .map(|_| ())
}

/// How long the log is, and its last seal.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn head(connection: &Connection) -> Result<Head, rusqlite::Error> {
    let mut statement = connection.prepare_cached("SELECT seq, mac FROM events ORDER BY seq DESC LIMIT 1")?;
    let head = statement.query_row([], |row| Ok(Head { count: row.get(0)?, mac: row.get(1)? })).optional()?;
    Ok(head.unwrap_or(Head { count: 0, mac: [0; 32] }))
}

/// Up to `limit` events older than `below`, newest first, each with its number.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn events(connection: &Connection, below: i64, limit: usize) -> Result<Vec<(i64, Value)>, rusqlite::Error> {
    let sql = ["SELECT ", COLUMNS, " FROM events WHERE seq < ? ORDER BY seq DESC LIMIT ?"].concat();
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map((below, i64::try_from(limit).unwrap_or(i64::MAX)), Event::read)?;
    rows.map(|event| event.map(|event| (event.seq, event.json()))).collect()
}

/// The head of a log whose every seal is right; `Err` holds the number of the first event that is not.
///
/// `witness` is a head seen earlier: the log must still hold that event under that seal.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn chain_holds(
    connection: &Connection,
    key: &Keys,
    witness: Option<&Head>,
) -> Result<Result<Head, i64>, rusqlite::Error> {
    let sql = ["SELECT ", COLUMNS, " FROM events ORDER BY seq"].concat();
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let mut head = Head { count: 0, mac: [0; 32] };
    while let Some(row) = rows.next()? {
        let expected = head.count + 1;
        // A row that cannot be read as an event was not written by us.
        let Ok(event) = Event::read(row) else { return Ok(Err(expected)) };
        let sealed = seal(key, &head.mac, event.seq, event.at, event.texts.iter().map(Option::as_deref));
        if event.seq != expected || sealed != event.mac {
            return Ok(Err(expected));
        }
        head = Head { count: event.seq, mac: event.mac };
        if witness.is_some_and(|seen| seen.count == head.count && seen.mac != head.mac) {
            return Ok(Err(expected));
        }
    }
    let cut = witness.is_some_and(|seen| seen.count > head.count);
    Ok(if cut { Err(head.count + 1) } else { Ok(head) })
}

impl Head {
    /// As `<count> <64 hexadecimal digits>`.
    pub(crate) fn line(&self) -> String {
        format!("{} {}\n", self.count, hex(&self.mac))
    }

    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (count, digits) = line.trim().split_once(' ')?;
        let mut mac = [0; 32];
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        for (byte, at) in mac.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
        }
        Some(Self { count: count.parse().ok()?, mac })
    }

    pub(crate) fn json(&self) -> Value {
        json!({ "count": self.count, "mac": hex(&self.mac) })
    }
}

impl Event {
    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        let mut texts: [Option<String>; 9] = Default::default();
        for (at, text) in texts.iter_mut().enumerate() {
            *text = row.get(at + 2)?;
        }
        Ok(Self { seq: row.get(0)?, at: row.get(1)?, texts, mac: row.get(11)? })
    }

    fn json(&self) -> Value {
        let [action, actor, actor_token, address, token, owner, label, masked, detail] = &self.texts;
        json!({
            "seq": self.seq,
            "at": moment::text(self.at),
            "action": action,
            "actor": actor,
            "actor_token": actor_token,
            "address": address,
            "token": token,
            "owner": owner,
            "label": label,
            "masked": masked,
            "detail": detail,
        })
    }
}

/// The MAC of an event; every text goes in with its length, so that no two rows read alike.
fn seal<'a>(key: &Keys, before: &Tag, seq: i64, at: i64, texts: impl Iterator<Item = Option<&'a str>>) -> Tag {
    let mut bytes = Vec::with_capacity(256);
    bytes.extend_from_slice(before);
    bytes.extend_from_slice(&seq.to_be_bytes());
    bytes.extend_from_slice(&at.to_be_bytes());
    for text in texts {
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
    }
    key.tag(&[&bytes])
}
