//! What holds the records together: a hash that runs over all of them, and under a key a MAC of it.
//!
//! The hash of a record is SHA-256 over the hash before it, its number and its payload; before the first record it is the
//! hash of the file's head, which no other journal has. What stands in the file is the record's link: HMAC-SHA-256 of its
//! hash, or, without a key, the hash itself. So each link vouches for everything before it, whichever key, or none, that
//! was written under: a session without a keyring leaves no hole once one with the key has gone on.

use std::fmt;

use ring::{digest, hmac};
use zeroize::Zeroizing;

/// The length of a hash, of a link and of a key.
pub(super) const LENGTH: usize = 32;

/// The hash of a record and of everything before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Hash(pub(super) [u8; LENGTH]);

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl Hash {
    /// Returns the hash before the first record.
    pub(super) fn begin(head: &[u8]) -> Self {
        Self::of(&[head])
    }

    /// Returns the hash after one more record.
    #[must_use]
    pub(super) fn after(&self, sequence: u64, payload: &[u8]) -> Self {
        // Both before the payload have a fixed length, so that nothing else comes to the same bytes.
        Self::of(&[&self.0, &sequence.to_le_bytes(), payload])
    }

    fn of(parts: &[&[u8]]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in parts {
            context.update(part);
        }
        Self(bytes(context.finish().as_ref()))
    }
}

/// What stands in the file beside a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    /// The number of the key; 0 for none.
    pub(super) key: u64,
    /// The MAC, or without a key the hash.
    pub(super) bytes: [u8; LENGTH],
}

impl Link {
    /// Makes the link of a record.
    pub(super) fn new(hash: &Hash, key: Option<&Key>) -> Self {
        key.map_or(Self { key: 0, bytes: hash.0 }, |key| Self {
            key: key.number(),
            bytes: bytes(hmac::sign(&key.mac(), &hash.0).as_ref()),
        })
    }

    /// Tells whether it is that of a record with this hash; `None` where its key is not among these.
    pub(super) fn is_of<'a>(&self, hash: &Hash, mut keys: impl Iterator<Item = &'a Key>) -> Option<bool> {
        if self.key == 0 {
            return Some(self.bytes == hash.0);
        }
        let key = keys.find(|key| key.number() == self.key)?;
        Some(hmac::verify(&key.mac(), &hash.0, &self.bytes).is_ok())
    }
}

/// The key of a journal.
#[derive(Clone)]
pub(super) struct Key(Zeroizing<[u8; LENGTH]>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// Makes a new one; `None` where the system gives no random bytes.
    pub(super) fn new() -> Option<Self> {
        let mut key = Zeroizing::new([0; LENGTH]);
        getrandom::fill(key.as_mut_slice()).ok()?;
        Some(Self(key))
    }

    /// Reads one as it is kept.
    pub(super) fn parse(text: &str) -> Option<Self> {
        unhex(text).map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// Returns it as it is kept.
    pub(super) fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(hex(&*self.0))
    }

    /// Returns by what it is told apart from other keys; never 0, and nothing of the key can be told from it.
    pub(super) fn number(&self) -> u64 {
        let tag = hmac::sign(&self.mac(), b"the number of this key");
        tag.as_ref().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)).max(1)
    }

    fn mac(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &*self.0)
    }
}

/// Where a chain has come to.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    /// The hash of the last record.
    pub(super) hash: Hash,
    /// The key that links are made with, from now on.
    pub(super) key: Option<Key>,
}

/// Returns bytes as text.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// Reads what [`hex`] wrote.
pub(super) fn unhex(text: &str) -> Option<[u8; LENGTH]> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() == 2 * LENGTH)?;
    let mut bytes = [0; LENGTH];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair.iter().fold(0, |byte, digit| byte << 4 | digit);
    }
    Some(bytes)
}

/// Takes what is as long as a hash.
fn bytes(of: &[u8]) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    for (to, from) in bytes.iter_mut().zip(of) {
        *to = *from;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_all_that_is_before_it() {
        let begin = Hash::begin(b"head");
        assert_ne!(begin, Hash::begin(b"herd"));
        let one = begin.after(1, b"a");
        for other in [begin.after(2, b"a"), begin.after(1, b"b"), Hash::begin(b"herd").after(1, b"a"), begin] {
            assert_ne!(one, other);
            assert_ne!(one.after(2, b"b"), other.after(2, b"b"));
        }
        // SHA-256 of "head", by another program.
        assert_eq!(hex(&begin.0), "9f2e6d33a3717ee826353a404ba4618d1aeeb6879ad7936bce8ed5f46814924d");
    }

    #[test]
    fn a_link_is_made_by_the_key_alone() {
        let (hash, keys) = (Hash::begin(b"x"), [Key::new().expect("random"), Key::new().expect("random")]);
        let [ours, other] = &keys;
        let link = Link::new(&hash, Some(ours));
        assert_eq!(link.is_of(&hash, keys.iter()), Some(true));
        assert_eq!(link.is_of(&hash.after(1, b"y"), keys.iter()), Some(false));
        assert_eq!(link.is_of(&hash, [other].into_iter()), None);
        let forged = Link { key: ours.number(), ..Link::new(&hash, Some(other)) };
        assert_eq!(forged.is_of(&hash, keys.iter()), Some(false));
        let plain = Link::new(&hash, None);
        assert_eq!((plain.is_of(&hash, keys.iter()), plain.key), (Some(true), 0));
        assert_eq!(plain.is_of(&hash.after(1, b""), keys.iter()), Some(false));
    }

    #[test]
    fn a_key_is_kept_and_found_and_not_printed() {
        let key = Key::new().expect("random");
        let again = Key::parse(&key.text()).expect("a key");
        assert_eq!((again.number(), again.text()), (key.number(), key.text()));
        assert_eq!(format!("{key:?}"), "Key(…)");
        for text in ["", "00", &"g".repeat(64), &"0".repeat(65), &"é".repeat(32)] {
            assert!(Key::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_mac_is_hmac_sha_256() {
        // RFC 4231, test case 2 has a key of 4 bytes; a key that is filled with zeros up to a block is the same one.
        let mut bytes = [0; LENGTH];
        bytes[..4].copy_from_slice(b"Jefe");
        let key = Key(Zeroizing::new(bytes));
        let mac = hmac::sign(&key.mac(), b"what do ya want for nothing?");
        assert_eq!(hex(mac.as_ref()), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
