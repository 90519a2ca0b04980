//! Text that somebody else wrote: kept as it came, shown escaped.

use std::borrow::Cow;
use std::fmt;

/// Text from a server, a file or another person's hand.
///
/// Nothing can print it as it came: `Display` and `Debug` write the escaped form. [`Untrusted::raw`] is for
/// requests and comparisons only.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Untrusted<T = Box<str>>(T);

impl<T: AsRef<str>> Untrusted<T> {
    /// Wraps text as it came.
    pub const fn new(text: T) -> Self {
        Self(text)
    }

    /// Returns the text as it came: for requests, keys and comparisons, never for a screen or a log.
    pub fn raw(&self) -> &str {
        self.0.as_ref()
    }

    /// Returns the text as it may be shown, with everything invisible or directional made visible.
    pub fn shown(&self) -> Cow<'_, str> {
        escape(self.raw())
    }

    /// Returns the text as it came, with what holds it.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// Returns an owned copy.
    pub fn to_boxed(&self) -> Untrusted<Box<str>> {
        Untrusted(self.raw().into())
    }
}

impl From<&str> for Untrusted<Box<str>> {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Untrusted<Box<str>> {
    fn from(text: String) -> Self {
        Self(text.into_boxed_str())
    }
}

impl<T: AsRef<str>> fmt::Display for Untrusted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown())
    }
}

impl<T: AsRef<str>> fmt::Debug for Untrusted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.shown())
    }
}

/// Returns `text` with control, bidirectional, invisible and private-use characters written as `\u{…}`.
///
/// A combining mark stays behind its base; one that would pile up (over two on one base) or has no base is
/// escaped, so that a label can neither hide nor spill over its cell.
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut marks = usize::MAX;
    for character in text.chars() {
        marks = if is_combining(character) { marks.saturating_add(1) } else { 0 };
        if is_hidden(character) || marks > 2 {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Tells whether a character has no shape of its own, or changes the shape or order of others.
fn is_hidden(character: char) -> bool {
    matches!(u32::from(character),
        0x00..=0x1f | 0x7f..=0x9f            // C0, DEL, C1
        | 0xa0 | 0xad                        // no-break space, soft hyphen
        | 0x034f | 0x061c | 0x115f | 0x1160  // joiners, Arabic letter mark, Hangul fillers
        | 0x17b4 | 0x17b5 | 0x180b..=0x180f
        | 0x2000..=0x200f | 0x2028..=0x202f  // odd spaces, zero width, bidirectional
        | 0x205f..=0x206f | 0x2800 | 0x3000 | 0x3164
        | 0xe000..=0xf8ff                    // private use
        | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb
        | 0x1_d173..=0x1_d17a | 0x1_bca0..=0x1_bca3
        | 0xe_0000..=0x10_ffff)
}

/// Tells whether a character is drawn over the one before it.
fn is_combining(character: char) -> bool {
    matches!(u32::from(character),
        0x0300..=0x036f | 0x0483..=0x0489 | 0x0591..=0x05bd | 0x0610..=0x061a | 0x064b..=0x065f
        | 0x0900..=0x0903 | 0x0e31 | 0x0e34..=0x0e3a | 0x0e47..=0x0e4e
        | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0x20d0..=0x20ff | 0xfe20..=0xfe2f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(escape("ci-deploy 7"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_hides_is_written_out() {
        for (raw, shown) in [
            ("pr\u{202e}od", "pr\\u{202e}od"),
            ("a\x1b[31mb", "a\\u{1b}[31mb"),
            ("tab\there", "tab\\u{9}here"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
            ("\u{e0041}tag", "\\u{e0041}tag"),
            ("c1\u{9b}m", "c1\\u{9b}m"),
            ("日本語", "日本語"),
            ("e\u{301}", "e\u{301}"),
            ("\u{301}x", "\\u{301}x"),
        ] {
            assert_eq!(escape(raw), shown, "{raw:?}");
        }
    }

    #[test]
    fn marks_do_not_pile_up() {
        let tower = format!("z{}", "\u{300}".repeat(50));
        assert_eq!(escape(&tower).chars().filter(|c| *c == '\u{300}').count(), 2);
    }

    #[test]
    fn every_control_and_direction_is_escaped() {
        let all = (0..=0x9f).chain(0x200b..=0x200f).chain(0x202a..=0x202e).chain(0x2066..=0x2069);
        for character in all.filter_map(char::from_u32).filter(|c| !(' '..='~').contains(c)) {
            assert!(escape(&character.to_string()).starts_with("\\u{"), "{:x}", u32::from(character));
        }
    }

    #[test]
    fn debug_shows_the_escaped_form() {
        assert_eq!(format!("{:?}", Untrusted::new("a\u{7}b")), "\"a\\u{7}b\"");
    }
}
