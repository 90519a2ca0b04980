//! The list: filters and pages by order of creation, newest first.
//!
//! A page starts below the last token of the page before, so tokens created meanwhile shift nothing. The query is put
//! together from fixed pieces of SQL only; every value is bound.

use super::json::{COLUMNS, mix, write};
use crate::server::role::Role;
use rusqlite::{Connection, params_from_iter, types::Value};

/// What of the list is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    /// At most so many tokens, 1 to 1000.
    pub(crate) limit: usize,
    /// Only tokens older than this one; `None` starts with the newest.
    pub(crate) below: Option<i64>,
    pub(crate) status: Option<Status>,
    pub(crate) role: Option<Role>,
    /// Only tokens of the user of this name.
    pub(crate) owner: Option<String>,
    /// Only tokens of this user, for callers who see no others.
    pub(crate) visible_to: Option<i64>,
    pub(crate) created: Span,
    pub(crate) used: Span,
    pub(crate) expires: Span,
}

/// From `after` on, and before `before`; seconds since 1970, `None` being open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    pub(crate) after: Option<i64>,
    pub(crate) before: Option<i64>,
}

/// The status as the server says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Active,
    Disabled,
    Expired,
    Revoked,
}

impl Status {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "active" => Some(Self::Active),
            "disabled" => Some(Self::Disabled),
            "expired" => Some(Self::Expired),
            "revoked" => Some(Self::Revoked),
            _ => None,
        }
    }
}

/// One page, ready to be sent.
pub(crate) struct Page {
    /// `{"tokens":[…],"next_cursor":…}`
    pub(crate) body: Vec<u8>,
    /// Where the next page starts; `None` on the last one.
    pub(crate) next: Option<String>,
    /// Changes when anything on the page does.
    pub(crate) mark: u64,
}

/// Reads one page.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn page(connection: &Connection, query: &Query, now: i64) -> Result<Page, rusqlite::Error> {
    let (sql, values) = select(query, now);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut body = Vec::with_capacity(64 + query.limit.min(1000) * 400);
    body.extend_from_slice(br#"{"tokens":["#);
    let (mut count, mut last, mut mark, mut next) = (0, 0, 0, None);
    while let Some(row) = rows.next()? {
        if count == query.limit {
            next = Some(cursor(last));
            break;
        }
        if count > 0 {
            body.push(b',');
        }
        let written = write(&mut body, row, now)?;
        last = written.seq;
        mark = mix(mark, written.mark);
        count += 1;
    }
    body.extend_from_slice(br#"],"next_cursor":"#);
    match &next {
        Some(cursor) => body.extend_from_slice(format!("\"{cursor}\"}}").as_bytes()),
        None => body.extend_from_slice(b"null}"),
    }
    mark = mix(mark, u64::from(next.is_some()));
    Ok(Page { body, next, mark })
}

/// A place in an ordered list, opaque to clients.
pub(crate) fn cursor(seq: i64) -> String {
    format!("c{seq:x}")
}

/// The place that a cursor names; `None` when it is none of ours.
pub(crate) fn parse_cursor(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('c')?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if plain { i64::from_str_radix(digits, 16).ok() } else { None }
}

fn select(query: &Query, now: i64) -> (String, Vec<Value>) {
    // CROSS JOIN keeps SQLite on the order of the tokens, so that a page never sorts.
    let mut sql = String::from("SELECT ");
    sql.push_str(COLUMNS);
    sql.push_str(" FROM tokens t CROSS JOIN users o ON o.id = t.owner WHERE 1");
    let mut values = Vec::new();
    let mut and = |piece: &'static str, value: Option<Value>| {
        if let Some(value) = value {
            sql.push_str(piece);
            values.push(value);
        }
    };
    let integer = |value: Option<i64>| value.map(Value::from);
    and(" AND t.seq < ?", integer(query.below));
    and(" AND t.owner = ?", integer(query.visible_to));
    and(" AND t.owner = (SELECT id FROM users WHERE name = ?)", query.owner.clone().map(Value::from));
    and(" AND (t.roles & ?) <> 0", integer(query.role.map(Role::bit)));
    let at = Some(Value::from(now));
    match query.status {
        Some(Status::Revoked) => and(" AND t.revoked IS NOT NULL AND ? IS NOT NULL", at),
        Some(Status::Disabled) => and(" AND t.revoked IS NULL AND t.disabled IS NOT NULL AND ? IS NOT NULL", at),
        Some(Status::Expired) => and(" AND t.revoked IS NULL AND t.disabled IS NULL AND t.expires <= ?", at),
        Some(Status::Active) => {
            and(" AND t.revoked IS NULL AND t.disabled IS NULL AND (t.expires IS NULL OR t.expires > ?)", at);
        }
        None => {}
    }
    and(" AND t.created >= ?", integer(query.created.after));
    and(" AND t.created < ?", integer(query.created.before));
    and(" AND t.last_used >= ?", integer(query.used.after));
    and(" AND t.last_used < ?", integer(query.used.before));
    and(" AND t.expires >= ?", integer(query.expires.after));
    and(" AND t.expires < ?", integer(query.expires.before));
    and(" ORDER BY t.seq DESC LIMIT ?", integer(i64::try_from(query.limit + 1).ok()));
    (sql, values)
}
