//! The value of a token: `tdk_<kind>_<id>_<secret><checksum>`, made once and never kept.
//!
//! The id is 13 base62 digits (77 bits) and public. The secret is 43 digits (256 bits) from the system's random
//! source. The checksum is the CRC-32 of everything before it in 6 digits: it spares the database a look-up for a
//! mistyped value and is no protection.

use super::{error::Error, role::Kind};
use crc::{CRC_32_ISO_HDLC, Crc};
use zeroize::Zeroizing;

/// What every value starts with; scanners for leaked secrets can look for it.
pub(crate) const PREFIX: &str = "tdk";
pub(crate) const ID_LENGTH: usize = 13;
const SECRET_LENGTH: usize = 43;
const CHECK_LENGTH: usize = 6;
const LENGTH: usize = PREFIX.len() + 4 + ID_LENGTH + SECRET_LENGTH + CHECK_LENGTH;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECK: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// A value just made: the only time that it exists in the server besides the requests that carry it.
pub(crate) struct Minted {
    pub(crate) value: Zeroizing<String>,
}

impl Minted {
    /// The last four characters, which the masked value shows.
    pub(crate) fn last4(&self) -> &str {
        &self.value[LENGTH - 4..]
    }
}

/// A value whose form and checksum are right; whether it is a token is another question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parsed<'a> {
    pub(crate) kind: Kind,
    pub(crate) id: &'a str,
}

/// A new public id.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn new_id() -> Result<String, Error> {
    let mut id = String::with_capacity(ID_LENGTH);
    random_digits(&mut id, ID_LENGTH)?;
    Ok(id)
}

/// A new value for `id`.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn mint(kind: Kind, id: &str) -> Result<Minted, Error> {
    let mut value = Zeroizing::new(String::with_capacity(LENGTH));
    value.push_str(PREFIX);
    value.push('_');
    value.push(kind.letter());
    value.push('_');
    value.push_str(id);
    value.push('_');
    random_digits(&mut value, SECRET_LENGTH)?;
    let check = checksum(value.as_bytes());
    value.push_str(&check);
    Ok(Minted { value })
}

/// The parts of a value; `None` when form or checksum are wrong.
pub(crate) fn parse(value: &str) -> Option<Parsed<'_>> {
    if value.len() != LENGTH || !value.is_ascii() {
        return None;
    }
    let (body, check) = value.split_at(LENGTH - CHECK_LENGTH);
    let rest = body.strip_prefix(PREFIX)?.strip_prefix('_')?;
    let (kind, rest) = rest.split_once('_')?;
    let (id, secret) = rest.split_once('_')?;
    let kind = [Kind::Access, Kind::Refresh].into_iter().find(|known| kind.chars().eq([known.letter()]))?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let right = id.len() == ID_LENGTH && digits(id) && digits(secret) && checksum(body.as_bytes()) == check;
    right.then_some(Parsed { kind, id })
}

/// Whether `text` can be the id of a token.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == ID_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// What is shown of a value: prefix, kind and the last four characters.
pub(crate) fn masked(kind: Kind, last4: &str) -> String {
    format!("{PREFIX}_{}_****{last4}", kind.letter())
}

fn checksum(body: &[u8]) -> String {
    let mut rest = CHECK.checksum(body);
    let mut digits = [b'0'; CHECK_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

/// Appends `count` digits, each of the 62 equally likely.
fn random_digits(out: &mut String, count: usize) -> Result<(), Error> {
    let mut bytes = Zeroizing::new([0_u8; 64]);
    let end = out.len() + count;
    while out.len() < end {
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| Error::Random)?;
        // 248 is the largest multiple of 62 in a byte; what lies above would favour the first digits.
        let fair = bytes.iter().filter(|byte| **byte < 248).take(end - out.len());
        out.extend(fair.map(|byte| char::from(DIGITS[usize::from(byte % 62)])));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{DIGITS, LENGTH, Parsed, checksum, is_id, masked, mint, new_id, parse};
    use crate::server::role::Kind;
    use std::collections::HashSet;

    const VECTOR: &str = "tdk_a_0123456789ABC_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg";

    #[test]
    fn the_checksum_is_crc32_in_base62() {
        // CRC-32 of "123456789" is 0xCBF43926 (the check value of CRC-32/ISO-HDLC) = 3,421,780,262.
        assert_eq!(checksum(b"123456789"), base62(3_421_780_262));
        let value = format!("{VECTOR}{}", checksum(VECTOR.as_bytes()));
        assert_eq!(parse(&value), Some(Parsed { kind: Kind::Access, id: "0123456789ABC" }));
    }

    fn base62(mut number: u64) -> String {
        let mut digits = Vec::new();
        for _ in 0..6 {
            digits.insert(0, char::from(DIGITS[usize::try_from(number % 62).expect("small")]));
            number /= 62;
        }
        digits.into_iter().collect()
    }

    #[test]
    fn what_is_minted_parses_and_never_repeats() {
        let mut seen = HashSet::new();
        for round in 0..2_000 {
            let kind = if round % 2 == 0 { Kind::Access } else { Kind::Refresh };
            let id = new_id().expect("random");
            let minted = mint(kind, &id).expect("random");
            assert!(is_id(&id));
            assert_eq!(minted.value.len(), LENGTH);
            assert_eq!(parse(&minted.value), Some(Parsed { kind, id: &id }));
            assert_eq!(masked(kind, minted.last4()).len(), "tdk_a_****".len() + 4);
            assert!(seen.insert(id) && seen.insert(minted.value.to_string()));
        }
    }

    #[test]
    fn every_substitution_transposition_and_truncation_is_refused() {
        let value = format!("{VECTOR}{}", checksum(VECTOR.as_bytes()));
        for at in 0..value.len() {
            for digit in DIGITS.iter().copied().chain(*b"_-. ") {
                let mut bytes = value.clone().into_bytes();
                if bytes[at] != digit {
                    bytes[at] = digit;
                    assert_eq!(parse(&String::from_utf8(bytes).expect("ascii")), None, "{at}");
                }
            }
            assert_eq!(parse(&value[..at]), None);
            let mut swapped = value.clone().into_bytes();
            if at > 0 && swapped[at] != swapped[at - 1] {
                swapped.swap(at, at - 1);
                assert_eq!(parse(&String::from_utf8(swapped).expect("ascii")), None, "{at}");
            }
        }
        assert_eq!(parse(&format!("{value}0")), None);
        assert_eq!(parse("é"), None);
    }

    #[test]
    fn digits_are_spread_evenly() {
        let mut counts = [0_u32; 62];
        for _ in 0..3_000 {
            let id = new_id().expect("random");
            for byte in id.bytes() {
                counts[DIGITS.iter().position(|digit| *digit == byte).expect("a digit")] += 1;
            }
        }
        let expected = f64::from(3_000 * 13) / 62.0;
        let chi: f64 = counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
        // 61 degrees of freedom: above 130 has a chance of one in a million.
        assert!(chi < 130.0, "{chi}");
    }
}
