//! A plaintext: the operator's credential, or the value of a new token.

use std::fmt;

use zeroize::Zeroizing;

/// A plaintext that cannot be printed, cloned or serialised, and is wiped when it goes.
///
/// It travels as `Arc<Secret>`. [`Secret::expose`] is the one way in; a test lists the files that use it.
pub struct Secret(Zeroizing<Box<str>>);

impl Secret {
    /// Takes a plaintext over.
    pub fn new(plaintext: Box<str>) -> Self {
        Self(Zeroizing::new(plaintext))
    }

    /// Takes a `String` over without leaving a copy of it behind.
    pub fn from_string(plaintext: String) -> Self {
        // `into_boxed_str` may move the bytes when there is spare room, leaving a copy: copy and wipe instead.
        let plaintext = Zeroizing::new(plaintext);
        Self::new(plaintext.as_str().into())
    }

    /// Returns the plaintext, to be sent, stored or shown once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Compares in a time that depends on the lengths only.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.0.as_bytes(), other.0.as_bytes());
        let mut difference = u8::from(ours.len() != theirs.len());
        for (left, right) in ours.iter().zip(theirs) {
            difference |= left ^ right;
        }
        std::hint::black_box(difference) == 0
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("canary".into())), "Secret(…)");
    }

    #[test]
    fn equality_is_by_value() {
        assert_eq!(Secret::new("a".into()), Secret::from_string("a".to_owned()));
        assert_ne!(Secret::new("a".into()), Secret::new("b".into()));
        assert_ne!(Secret::new("a".into()), Secret::new("ab".into()));
        assert_ne!(Secret::new("".into()), Secret::new("a".into()));
    }
}
