//! The first step of a list in two: parents, or bare ids, to be asked for one by one.

use serde_json::Value;

use super::body::{self, Unreadable};
use super::fill::Keep;
use super::matcher::Matcher;
use super::number;
use crate::backend::plan::Parents;
use crate::backend::pointer::Pointer;
use crate::domain::Cursor;

/// What stands below a page of parents.
#[derive(Default)]
pub(super) struct Below {
    /// How many rows the page has.
    pub(super) rows: u64,
    /// Where what belongs to each begins.
    pub(super) cursors: Vec<Cursor>,
}

/// Returns what is to be asked for each row. Only the names are kept.
pub(super) fn below(body: &[u8], items: &Pointer, parents: &Parents) -> Result<Below, Unreadable> {
    let (whole, is_tamed): (Value, bool) = match serde_json::from_slice(body) {
        Ok(whole) => (whole, false),
        Err(error) => {
            let tamed = number::tamed(body).ok_or_else(|| Unreadable::from(&error))?;
            (serde_json::from_slice(&tamed).map_err(|error| Unreadable::from(&error))?, true)
        }
    };
    let missing = || Unreadable("has no rows where the description points".to_owned());
    let empty = Vec::new();
    let rows = match items.of(&whole).ok_or_else(missing)? {
        Value::Array(rows) => rows,
        Value::Null => &empty,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => return Err(missing()),
    };
    let mut cursors = Vec::with_capacity(rows.len());
    for (number, row) in rows.iter().enumerate() {
        if let Some(test) = &parents.unless
            && body::find(row.to_string().as_bytes(), &test.at)?.is_among(&test.when)
        {
            continue;
        }
        let name = match parents.value.of(row) {
            Some(Value::String(name)) => name.clone(),
            Some(Value::Number(name)) => name.to_string(),
            _ => return Err(Unreadable(format!("has no name in row {}", number + 1))),
        };
        if name.is_empty() || name.len() > 1024 || (is_tamed && number::is_odd(name.as_bytes())) {
            return Err(Unreadable(format!("has an unusable name in row {}", number + 1)));
        }
        cursors.push(Cursor::of_parent(&name));
    }
    Ok(Below { rows: rows.len() as u64, cursors })
}

/// Counts the rows of a list.
pub(super) fn count(body: &[u8], items: &Pointer) -> Result<u64, Unreadable> {
    let rows = body::each_row(body, items, &Matcher::default(), Keep::FieldsOnly, |_| Ok(()))?;
    Ok(rows.unwrap_or(0) as u64)
}
