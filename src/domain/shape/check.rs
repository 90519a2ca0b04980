//! Checksums that a value bears, what a JSON Web Token says of itself, and hashes that services publish.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crc::{CRC_32_ISO_HDLC, Crc};
use sha2::{Digest as _, Sha256, Sha512};
use zeroize::Zeroizing;

use super::{Check, Checksum, Digest, Shape};
use crate::domain::Untrusted;

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// How many characters a checksum has.
const LENGTH: usize = 6;
/// How long an issuer or id may be to be told.
const LONGEST_CLAIM: usize = 200;

/// Checks a value that has the form of a shape; `None` where it is nothing of the kind.
pub(super) fn check(shape: &Shape, value: &str) -> Option<Check> {
    let of = |from: usize| {
        let (body, sum) = value.split_at_checked(value.len().checked_sub(LENGTH)?)?;
        let right = crc(body.get(from..)?.as_bytes()) == sum.as_bytes();
        Some(if right { Check::Right } else { Check::Wrong })
    };
    match shape.checksum {
        None => Some(Check::None),
        Some(Checksum::Crc32OfAll) => of(0),
        Some(Checksum::Crc32OfRest) => of(shape.prefix.len()),
        Some(Checksum::Jwt) => claim(part(value, 0)?.as_slice(), "alg").map(|_| Check::None),
    }
}

/// Returns a CRC-32 in base 62.
pub(super) fn crc(body: &[u8]) -> [u8; LENGTH] {
    let mut rest = usize::try_from(CRC.checksum(body)).unwrap_or_default();
    let mut digits = [b'0'; LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[rest % BASE62.len()];
        rest /= BASE62.len();
    }
    digits
}

/// Returns what a JSON Web Token says under a name; nothing of it is verified.
pub(super) fn said(value: &str, name: &str) -> Option<Untrusted> {
    let payload = part(value, 1)?;
    let text = claim(&payload, name)?;
    Some(Untrusted::from(text))
}

/// Returns a part of a JSON Web Token as the bytes that it stands for.
fn part(value: &str, at: usize) -> Option<Zeroizing<Vec<u8>>> {
    let text = value.split('.').nth(at)?;
    URL_SAFE_NO_PAD.decode(text).ok().map(Zeroizing::new)
}

/// Returns the text that stands under a name in an object. It is looked for as it is written: no more has to be known of
/// it than that it is a text.
fn claim<'a>(json: &'a [u8], name: &str) -> Option<&'a str> {
    let json = str::from_utf8(json).ok().map(str::trim).filter(|json| json.starts_with('{') && json.ends_with('}'))?;
    let quoted = format!("\"{name}\"");
    let behind = json.match_indices(&quoted).find_map(|(at, _)| {
        let rest = json[at + quoted.len()..].trim_start().strip_prefix(':')?;
        rest.trim_start().strip_prefix('"')
    })?;
    let text = behind.split('"').next()?;
    (text.len() <= LONGEST_CLAIM && !text.contains('\\')).then_some(text)
}

/// Returns the hash of a value, in hexadecimal digits.
pub(super) fn hash(value: &str, digest: Digest) -> String {
    match digest {
        Digest::Sha256 => hex(&Sha256::digest(value.as_bytes())),
        Digest::Sha512 => hex(&Sha512::digest(value.as_bytes())),
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}
