//! What secrets look like: known prefixes and forms, how they are found in any text, and what a list can be compared
//! with. Nothing here is sent, and values are kept as [`Secret`] only.

mod check;
mod compare;
mod scan;
mod table;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

pub use compare::{Digest, FEWEST, IdPlace, May, Shown, ValueForm, visible};
pub use scan::{Beginning, Extract, MOST_CANDIDATES, MOST_WORDS, extract};

use super::{Secret, Untrusted};

/// How many of the last characters of a long value are shown.
const SHOWN_END: usize = 4;
/// How long a value is, besides what all of its kind share, of which some are shown.
const LONG: usize = 20;

/// A known shape.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    /// Whose values look so; empty where many use it.
    pub issuer: &'static str,
    /// What it is there.
    pub kind: &'static str,
    /// What it begins with, literally.
    pub prefix: &'static str,
    rest: &'static [Piece],
    /// What has to stand before the prefix: where the value begins earlier.
    before: Option<(Class, usize)>,
    /// What has to stand somewhere in it.
    holds: Option<&'static str>,
    checksum: Option<Checksum>,
    strength: Strength,
}

/// A piece of a shape behind its prefix.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    /// As many characters of a class as there are, at least and at most so many.
    Run(Class, usize, usize),
    /// This text.
    Text(&'static str),
    /// These, where they fit.
    Maybe(&'static [Piece]),
}

/// Which characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// `0` to `9`.
    Digits,
    /// Lower case letters.
    Lower,
    /// Letters.
    Letters,
    /// Upper case letters and digits.
    Upper,
    /// Hexadecimal digits.
    Hex,
    /// Letters and digits.
    Alnum,
    /// Letters, digits, `_` and `-`.
    Word,
    /// The same with `.` and `=`.
    Dotted,
    /// The letters of Base64 in both alphabets, with padding.
    Base64,
}

impl Class {
    const ALL: [Self; 9] = [
        Self::Digits,
        Self::Lower,
        Self::Letters,
        Self::Upper,
        Self::Hex,
        Self::Alnum,
        Self::Word,
        Self::Dotted,
        Self::Base64,
    ];

    const fn has(self, byte: u8) -> bool {
        match self {
            Self::Digits => byte.is_ascii_digit(),
            Self::Lower => byte.is_ascii_lowercase(),
            Self::Letters => byte.is_ascii_alphabetic(),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'='),
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'='),
        }
    }
}

/// How a value says itself that it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checksum {
    /// The last six characters are the CRC-32 of everything before them, in base 62.
    Crc32OfAll,
    /// The same of what is between the prefix and them.
    Crc32OfRest,
    /// The first part is a header in JSON.
    Jwt,
}

/// How much a shape says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strength {
    /// Hardly anything else looks so.
    Plain,
    /// Other things do: within a longer text it counts only where a context makes such values.
    Weak,
}

/// A form without a prefix.
#[derive(Debug, PartialEq, Eq)]
pub struct Bare {
    /// Its name in descriptions.
    pub name: &'static str,
    /// What is said of it.
    pub words: &'static str,
    /// Hexadecimal digits, in groups with dashes between them.
    groups: &'static [usize],
}

impl Bare {
    /// Returns every form, for descriptions and their mistakes.
    pub fn all() -> &'static [Self] {
        table::BARE
    }

    /// Returns the form with a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        table::BARE.iter().find(|bare| bare.name == name)
    }

    /// Returns the form of a text.
    fn of(text: &str) -> Option<&'static Self> {
        let fits = |bare: &&Self| {
            let mut groups = text.split('-');
            let alike = bare.groups.iter().all(|length| {
                groups.next().is_some_and(|group| group.len() == *length && group.bytes().all(|b| Class::Hex.has(b)))
            });
            alike && groups.next().is_none()
        };
        table::BARE.iter().find(fits)
    }
}

/// Whether a value is whole, as far as it says so itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Its form has no checksum.
    None,
    /// It is.
    Right,
    /// It is not: mistyped, cut off, or something else.
    Wrong,
}

/// What a candidate looks like.
#[derive(Debug, Clone, PartialEq)]
pub enum Looks {
    /// Like a value of known shape; like several where more than one fits.
    Known(Vec<&'static Shape>),
    /// Like the values of a backend, by what its description says they begin with.
    Described(Beginning),
    /// Like many things.
    Bare(&'static Bare),
    /// Like nothing that is known.
    Unknown,
}

/// A piece of the text that may be a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The value.
    pub value: Arc<Secret>,
    /// What it looks like.
    pub looks: Looks,
    /// Whether it is whole.
    pub check: Check,
    /// The line of the text that it stands on first, from 1.
    pub line: usize,
    /// How often it stands there.
    pub times: usize,
    /// Whom a JSON Web Token names as its issuer.
    pub issuer: Option<Untrusted>,
}

impl Candidate {
    /// Returns what is said of it: whose it is, and what.
    pub fn words(&self) -> String {
        match &self.looks {
            Looks::Known(shapes) => {
                let mut all: Vec<String> = shapes.iter().map(|shape| shape.words()).collect();
                all.dedup();
                all.join(", or ")
            }
            Looks::Described(beginning) => format!("{} token", beginning.title),
            Looks::Bare(bare) => bare.words.to_owned(),
            Looks::Unknown => format!("{} characters of no form that is known", self.value.len()),
        }
    }

    /// Returns as much of the value as may be shown: what all of its kind begin with.
    pub fn shown(&self) -> String {
        match &self.looks {
            Looks::Known(shapes) => shapes.first().map_or_else(|| "…".to_owned(), |shape| shape.shown()),
            Looks::Described(beginning) => format!("{}…", beginning.text),
            Looks::Bare(_) | Looks::Unknown => "…".to_owned(),
        }
    }

    /// Returns the value as lists mask one, with its last characters, where it is so long that they say nothing of the
    /// rest: what a question and the journal call it by.
    pub fn masked(&self) -> String {
        let value = self.value.expose();
        let rest = value.len().saturating_sub(self.shared());
        let end = value.len().saturating_sub(SHOWN_END);
        match value.get(end..) {
            Some(end) if rest >= LONG && end.bytes().all(|byte| byte.is_ascii_graphic()) => {
                format!("{}{end}", self.shown())
            }
            Some(_) | None => self.shown(),
        }
    }

    /// Returns how much of the value all of its kind share.
    fn shared(&self) -> usize {
        match &self.looks {
            Looks::Known(shapes) => shapes.first().map_or(0, |shape| shape.prefix.len()),
            Looks::Described(beginning) => beginning.text.len(),
            Looks::Bare(_) | Looks::Unknown => 0,
        }
    }
}

impl Shape {
    /// Returns what is said of it.
    fn words(&self) -> String {
        if self.issuer.is_empty() { self.kind.to_owned() } else { format!("{} {}", self.issuer, self.kind) }
    }

    fn shown(&self) -> String {
        if self.before.is_some() { format!("…{}…", self.prefix) } else { format!("{}…", self.prefix) }
    }
}
