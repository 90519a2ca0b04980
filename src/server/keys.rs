//! The two keys that lie beside the database: the pepper of the token values and the key of the audit chain.

use super::error::Error;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// An HMAC-SHA-256 result.
pub(crate) type Tag = [u8; 32];

/// A 256-bit key; it has no `Debug` and is wiped when dropped.
pub(crate) struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// A new key from the system's random source.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub(crate) fn random() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| Error::Random)?;
        Ok(Self(bytes))
    }

    /// The MAC over the parts, one after the other.
    pub(crate) fn tag(&self, parts: &[&[u8]]) -> Tag {
        // HMAC pads a shorter key with zeros to the block of its hash (RFC 2104, section 2).
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(self.0.as_slice());
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// As `1 <64 hexadecimal digits>`, the number being the version.
    pub(crate) fn line(&self, version: i64) -> Zeroizing<String> {
        let mut line = Zeroizing::new(String::with_capacity(80));
        line.push_str(&version.to_string());
        line.push(' ');
        line.push_str(&Zeroizing::new(hex(self.0.as_slice())));
        line.push('\n');
        line
    }

    fn parse(line: &str) -> Option<(i64, Self)> {
        let (version, digits) = line.split_once(' ')?;
        let mut bytes = Zeroizing::new([0; 32]);
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
        }
        Some((version.parse().ok()?, Self(bytes)))
    }
}

/// Keys by version; new MACs use the last one, old ones name theirs. So a pepper can be replaced without a flag day.
pub(crate) struct Keys(Vec<(i64, Key)>);

impl Keys {
    /// The keys of a file, one a line; `None` when there is none or one is malformed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let keys = text.lines().map(Key::parse).collect::<Option<Vec<_>>>()?;
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// The newest version's number.
    pub(crate) fn version(&self) -> i64 {
        self.0.last().map_or(0, |(version, _)| *version)
    }

    /// The MAC under the newest key.
    pub(crate) fn tag(&self, parts: &[&[u8]]) -> Tag {
        self.tag_with(self.version(), parts)
    }

    /// Whether `stored` is the MAC of `value` under the key of that version; takes the same time for every answer.
    ///
    /// `None` stands for a token that does not exist and costs the same MAC.
    pub(crate) fn verify(&self, stored: Option<(i64, Tag)>, value: &str) -> bool {
        let (version, expected) = stored.unwrap_or((self.version(), [0; 32]));
        let actual = self.tag_with(version, &[value.as_bytes()]);
        let same = same(&actual, &expected);
        same && stored.is_some()
    }

    fn tag_with(&self, version: i64, parts: &[&[u8]]) -> Tag {
        let key = self.0.iter().find(|(known, _)| *known == version).or(self.0.last());
        key.map_or([0; 32], |(_, key)| key.tag(parts))
    }
}

/// Whether two MACs are the same; takes the same time for every answer.
pub(crate) fn same(one: &Tag, other: &Tag) -> bool {
    bool::from(one.ct_eq(other))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Key, Keys, hex};

    #[test]
    fn the_mac_is_hmac_sha_256() {
        // RFC 4231, test case 1, with its 20-byte key padded by zeros as HMAC itself does.
        let line = format!("1 {}{}", "0b".repeat(20), "00".repeat(12));
        let keys = Keys::parse(&line).expect("a key");
        let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert_eq!(hex(&keys.tag(&[b"Hi ", b"There"])), expected);
    }

    #[test]
    fn old_versions_go_on_verifying() {
        let old = Key::random().expect("random");
        let new = Key::random().expect("random");
        let before = Keys::parse(&old.line(1)).expect("a key");
        let after = Keys::parse(&format!("{}{}", old.line(1).as_str(), new.line(2).as_str())).expect("two keys");
        let tag = before.tag(&[b"value"]);
        assert_eq!(after.version(), 2);
        assert!(after.verify(Some((1, tag)), "value"));
        assert!(!after.verify(Some((2, tag)), "value"));
        assert!(!after.verify(None, "value"));
        assert!(Keys::parse("").is_none() && Keys::parse("1 zz").is_none());
    }
}
