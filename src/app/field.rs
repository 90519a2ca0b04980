//! One line of text being typed, open or hidden.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::key::{Code, Control, Key};
use crate::domain::Secret;

/// The longest line taken, in bytes.
const MAX_BYTES: usize = 4096;

/// A line of text with a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Field {
    text: String,
    /// Where the next character goes, in bytes.
    at: usize,
}

impl Field {
    /// Makes a field with text in it and the cursor at its end.
    pub fn with(text: &str) -> Self {
        Self { text: text.to_owned(), at: text.len() }
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the place of the cursor, in bytes from the start.
    pub fn cursor(&self) -> usize {
        self.at
    }

    /// Tells whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Empties it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes a key; tells whether it was one for a line of text.
    pub fn press(&mut self, key: Key) -> bool {
        match (key.control, key.code) {
            (Control::Free, Code::Char(character)) => self.insert(character.encode_utf8(&mut [0; 4])),
            (_, Code::Left) => self.at = self.before(),
            (_, Code::Right) => self.at = self.after(),
            (_, Code::Home) | (Control::Held, Code::Char('a')) => self.at = 0,
            (_, Code::End) | (Control::Held, Code::Char('e')) => self.at = self.text.len(),
            (_, Code::Backspace) => self.remove(self.before(), self.at),
            (_, Code::Delete) => self.remove(self.at, self.after()),
            (Control::Held, Code::Char('u')) => self.remove(0, self.at),
            (Control::Held, Code::Char('w')) => self.remove(self.word_before(), self.at),
            _ => return false,
        }
        true
    }

    /// Inserts pasted text without its last newline; other control characters become blanks.
    pub fn paste(&mut self, text: &str) {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.insert(&clean);
    }

    fn insert(&mut self, text: &str) {
        if self.text.len() + text.len() <= MAX_BYTES {
            self.text.insert_str(self.at, text);
            self.at += text.len();
        }
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.at = from;
    }

    fn before(&self) -> usize {
        self.text[..self.at].char_indices().next_back().map_or(0, |(index, _)| index)
    }

    fn after(&self) -> usize {
        self.text[self.at..].chars().next().map_or(self.at, |c| self.at + c.len_utf8())
    }

    fn word_before(&self) -> usize {
        let trimmed = self.text[..self.at].trim_end();
        trimmed
            .rfind(char::is_whitespace)
            .map_or(0, |index| index + trimmed[index..].chars().next().map_or(1, char::len_utf8))
    }
}

/// A line that is never shown: it grows within one allocation and is wiped.
#[derive(Clone, PartialEq, Eq)]
pub struct HiddenField(Zeroizing<String>);

impl Default for HiddenField {
    fn default() -> Self {
        Self(Zeroizing::new(String::with_capacity(MAX_BYTES)))
    }
}

impl HiddenField {
    /// Takes a key; tells whether it was one for a line of text.
    pub fn press(&mut self, key: Key) -> bool {
        match (key.control, key.code) {
            (Control::Free, Code::Char(character)) if self.0.len() + character.len_utf8() <= MAX_BYTES => {
                self.0.push(character);
            }
            (_, Code::Backspace) => drop(self.0.pop()),
            (Control::Held, Code::Char('u')) => self.clear(),
            _ => return false,
        }
        true
    }

    /// Adds pasted text without surrounding white space.
    pub fn paste(&mut self, pasted: &Secret) {
        let text = pasted.expose().trim();
        if self.0.len() + text.len() <= MAX_BYTES {
            self.0.push_str(text);
        }
    }

    /// Returns how many characters were typed.
    pub fn len(&self) -> usize {
        self.0.chars().count()
    }

    /// Tells whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Wipes it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Hands over what was typed and leaves the field empty.
    pub fn take(&mut self) -> Arc<Secret> {
        let secret = Arc::new(Secret::new(self.0.as_str().into()));
        self.clear();
        secret
    }
}

impl fmt::Debug for HiddenField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HiddenField(…)")
    }
}

/// The longest text that is looked through, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// Text of any number of lines that is never shown, and is wiped.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct HiddenText {
    text: Zeroizing<String>,
    cut: bool,
}

impl HiddenText {
    /// Takes a key; tells whether it was one for text.
    pub fn press(&mut self, key: Key) -> bool {
        match (key.control, key.code) {
            (Control::Free, Code::Char(character)) => self.push(character.encode_utf8(&mut [0; 4])),
            (_, Code::Backspace) => drop(self.text.pop()),
            (Control::Held, Code::Char('u')) => self.clear(),
            _ => return false,
        }
        true
    }

    /// Adds pasted text as it is, as far as there is room.
    pub fn paste(&mut self, pasted: &Secret) {
        self.push(pasted.expose());
    }

    fn push(&mut self, more: &str) {
        let room = MAX_TEXT.saturating_sub(self.text.len());
        let fits = &more[..more.floor_char_boundary(room)];
        self.cut |= fits.len() < more.len();
        // Grown by hand: a text that grows by itself leaves copies behind.
        let mut grown = Zeroizing::new(String::with_capacity(self.text.len() + fits.len()));
        grown.push_str(&self.text);
        grown.push_str(fits);
        self.text = grown;
    }

    /// Returns how many characters there are.
    pub fn len(&self) -> usize {
        self.text.chars().count()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Tells whether there was more than is taken.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Wipes it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Hands over the text, and whether it is cut off, and leaves nothing.
    pub fn take(&mut self) -> (Arc<Secret>, bool) {
        let taken = (Arc::new(Secret::new(self.text.as_str().into())), self.cut);
        self.clear();
        taken
    }
}

impl fmt::Debug for HiddenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HiddenText(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::key::tests::keys;

    fn typed(text: &str) -> (String, usize) {
        let mut field = Field::default();
        for key in keys(text) {
            field.press(key);
        }
        (field.text, field.at)
    }

    #[test]
    fn editing_is_by_character_and_word() {
        for (pressed, text, at) in [
            ("abc", "abc", 3),
            ("äb<left><backspace>", "b", 0),
            ("ab<home><delete>", "b", 0),
            ("one two <ctrl-w>", "one ", 4),
            ("one two<ctrl-u>", "", 0),
            ("ac<left>b<end>d", "abcd", 4),
            ("<backspace><delete><left><right>", "", 0),
        ] {
            assert_eq!(typed(pressed), (text.to_owned(), at), "{pressed}");
        }
    }

    #[test]
    fn a_paste_never_submits() {
        let mut field = Field::default();
        field.paste("two\nlines\r\n");
        assert_eq!(field.text(), "two lines");
    }

    #[test]
    fn a_line_has_an_end() {
        let mut field = Field::default();
        field.paste(&"x".repeat(MAX_BYTES + 1));
        assert!(field.is_empty());
    }

    #[test]
    fn a_whole_log_fits_and_what_is_beyond_is_said() {
        let mut text = HiddenText::default();
        text.paste(&Secret::new("one\ntwo\n".into()));
        text.press(Key::new(Code::Char('3')));
        assert_eq!((format!("{text:?}"), text.len(), text.is_cut()), ("HiddenText(…)".to_owned(), 9, false));
        assert_eq!(text.take().0.expose(), "one\ntwo\n3");
        text.paste(&Secret::new("é".repeat(MAX_TEXT).into()));
        let (taken, cut) = text.take();
        assert!(cut && taken.len() == MAX_TEXT && text.is_empty() && !text.is_cut());
    }

    #[test]
    fn hidden_text_is_not_printed() {
        let mut field = HiddenField::default();
        field.paste(&Secret::new(" canary\n".into()));
        assert_eq!(format!("{field:?} {}", field.len()), "HiddenField(…) 6");
        assert_eq!(field.take().expose(), "canary");
        assert!(field.is_empty());
    }
}
