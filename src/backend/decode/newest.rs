//! The new token among others: some services answer a creation with a page of their list.

use super::body;
use super::failure::misshapen;
use super::row;
use crate::backend::plan::fields::TokenFields;
use crate::backend::pointer::Pointer;
use crate::domain::Failure;

/// Returns what is written of the newest token with a label. Where two are of an age, or a birth is not told, it could be
/// either, and showing the secret of another token as that of the new one would be worse than showing none.
pub(super) fn of_label<'b>(
    fields: &TokenFields,
    body: &'b [u8],
    list: &Pointer,
    label: &str,
    what: &str,
) -> Result<&'b [u8], Failure> {
    let rows = body::elements(body, list).map_err(|unreadable| misshapen(what, &unreadable.0))?;
    let mut found = Vec::new();
    for row in rows.ok_or_else(|| misshapen(what, "holds no list where the description points"))? {
        let row = row.get().as_bytes();
        let token = row::token(fields, row, &Pointer(Vec::new()), None).map_err(|why| misshapen(what, &why))?;
        if token.label.raw() == label {
            found.push((token.created, row));
        }
    }
    found.sort_by_key(|(created, _)| std::cmp::Reverse(*created));
    match found[..] {
        [(_, row)] => Ok(row),
        [(Some(born), row), (Some(before), _), ..] if born > before && found.iter().all(|(at, _)| at.is_some()) => {
            Ok(row)
        }
        _ => Err(misshapen(what, "does not tell which token is the new one")),
    }
}
