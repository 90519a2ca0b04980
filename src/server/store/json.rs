//! Rows of tokens as JSON, written from the database's memory straight into the answer.

use crate::server::{
    moment,
    role::{Kind, Roles, Scope},
    value::PREFIX,
};
use rusqlite::{Row, types::ValueRef};

/// The columns that [`write()`] expects, in its order; `t` is the token, `o` its owner.
pub(crate) const COLUMNS: &str = "t.seq, t.id, t.label, t.kind, t.scope, o.name, o.removed, t.creator, t.roles, \
     t.last4, t.created, t.last_used, t.last_used_from, t.use_count, t.expires, t.revoked, t.disabled, t.parent, \
     t.description, t.version";

/// A token as it is answered, and what its headers need.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) json: Vec<u8>,
    pub(crate) version: i64,
}

/// What a row says besides its JSON.
pub(crate) struct Written {
    pub(crate) seq: i64,
    /// Changes when anything in the JSON does.
    pub(crate) mark: u64,
    pub(crate) version: i64,
}

/// Appends the row as a JSON object. `now` decides what has expired.
///
/// # Errors
/// When a column cannot be read.
pub(crate) fn write(out: &mut Vec<u8>, row: &Row<'_>, now: i64) -> Result<Written, rusqlite::Error> {
    let seq: i64 = number(row, 0)?.unwrap_or_default();
    let kind = Kind::from_code(number(row, 3)?.unwrap_or_default());
    let roles = Roles::from_bits(number(row, 8)?.unwrap_or_default());
    let removed = number(row, 6)?.is_some();
    let [last_used, uses, expires] = [number(row, 11)?, number(row, 13)?, number(row, 14)?];
    let disabled = number(row, 16)?.is_some();
    let version = number(row, 19)?.unwrap_or_default();
    let status = match (number(row, 15)?, disabled, expires) {
        (Some(_), _, _) => "revoked",
        (None, true, _) => "disabled",
        (None, false, Some(end)) if end <= now => "expired",
        (None, false, _) => "active",
    };
    text(out, r#"{"id":"#, row.get_ref(1)?);
    text(out, r#","label":"#, row.get_ref(2)?);
    word(out, r#","kind":""#, kind.name());
    let scope = Scope::from_code(number(row, 4)?.unwrap_or_default());
    word(out, r#"","scope":""#, scope.name());
    text(out, r#"","owner":"#, row.get_ref(5)?);
    word(out, r#","owner_removed":"#, flag(removed));
    text(out, r#","creator":"#, row.get_ref(7)?);
    word(out, r#","roles":"#, roles.json());
    word(out, r#","masked":""#, PREFIX);
    word(out, "_", if kind == Kind::Refresh { "r" } else { "a" });
    word(out, "_****", row.get_ref(9)?.as_str().unwrap_or_default());
    moment_or_null(out, r#"","created":"#, number(row, 10)?);
    moment_or_null(out, r#","last_used":"#, last_used);
    text(out, r#","last_used_from":"#, row.get_ref(12)?);
    integer(out, r#","use_count":"#, uses.unwrap_or_default());
    moment_or_null(out, r#","expires":"#, expires);
    word(out, r#","status":""#, status);
    text(out, r#"","parent":"#, row.get_ref(17)?);
    word(out, r#","disabled":"#, flag(disabled));
    text(out, r#","description":"#, row.get_ref(18)?);
    integer(out, r#","version":"#, version);
    out.push(b'}');
    let parts = [seq, version, last_used.unwrap_or(-1), uses.unwrap_or(-1), i64::from(removed)];
    let mark = parts.into_iter().fold(status.len() as u64, |mark, part| mix(mark, part.cast_unsigned()));
    Ok(Written { seq, mark, version })
}

/// One step of a 64-bit hash (the finaliser of `SplitMix64`); for `ETag`s, not for secrets.
pub(crate) const fn mix(mark: u64, part: u64) -> u64 {
    let sum = (mark ^ part).wrapping_add(0x9E37_79B9_7F4A_7C15);
    let sum = (sum ^ (sum >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let sum = (sum ^ (sum >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    sum ^ (sum >> 31)
}

/// Appends `text` as a JSON string.
pub(crate) fn string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
        let (plain, special) = rest.split_at(at);
        out.extend_from_slice(plain);
        escape(out, special[0]);
        rest = &special[1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\t' => out.extend_from_slice(b"\\t"),
        control => {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[DIGITS[usize::from(control >> 4)], DIGITS[usize::from(control & 15)]]);
        }
    }
}

fn number(row: &Row<'_>, column: usize) -> Result<Option<i64>, rusqlite::Error> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(number) => Some(number),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => None,
    })
}

fn text(out: &mut Vec<u8>, before: &str, value: ValueRef<'_>) {
    out.extend_from_slice(before.as_bytes());
    match value {
        ValueRef::Text(bytes) => string(out, bytes),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => out.extend_from_slice(b"null"),
    }
}

fn word(out: &mut Vec<u8>, before: &str, value: &str) {
    out.extend_from_slice(before.as_bytes());
    out.extend_from_slice(value.as_bytes());
}

fn integer(out: &mut Vec<u8>, before: &str, value: i64) {
    out.extend_from_slice(before.as_bytes());
    if (0..10).contains(&value) {
        out.push(b'0' + u8::try_from(value).unwrap_or_default());
    } else {
        out.extend_from_slice(value.to_string().as_bytes());
    }
}

fn moment_or_null(out: &mut Vec<u8>, before: &str, seconds: Option<i64>) {
    out.extend_from_slice(before.as_bytes());
    match seconds {
        Some(seconds) => {
            out.push(b'"');
            moment::write(out, seconds);
            out.push(b'"');
        }
        None => out.extend_from_slice(b"null"),
    }
}

const fn flag(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

#[cfg(test)]
mod tests {
    use super::string;

    #[test]
    fn strings_are_read_back_as_they_were() {
        let every: String = (0..0x3000_u32).filter_map(char::from_u32).collect();
        for text in ["", "plain", "\"\\\n\t\r\u{1b}[31m\0\u{7f}", "日本語 \u{202e}", every.as_str()] {
            let mut out = Vec::new();
            string(&mut out, text.as_bytes());
            assert_eq!(serde_json::from_slice::<String>(&out).expect("JSON"), text);
        }
    }
}
