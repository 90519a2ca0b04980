//! A key as the program sees it, and its name in the keymap and in tests.

use std::fmt;

/// One press of a key. Prints no content, since typed secrets travel as keys.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// Whether `Ctrl` was held.
    pub control: Control,
    /// Whether it is the first press or the keyboard repeating it.
    pub stroke: Stroke,
}

/// Which key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A character, upper case where `Shift` was held.
    Char(char),
    /// `Enter`.
    Enter,
    /// `Esc`.
    Esc,
    /// `Tab`.
    Tab,
    /// `Shift-Tab`.
    BackTab,
    /// `Backspace`.
    Backspace,
    /// `Delete`.
    Delete,
    /// `Up`.
    Up,
    /// `Down`.
    Down,
    /// `Left`.
    Left,
    /// `Right`.
    Right,
    /// `Home`.
    Home,
    /// `End`.
    End,
    /// `PgUp`.
    PageUp,
    /// `PgDn`.
    PageDown,
}

/// Whether `Ctrl` was held.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Control {
    /// It was not.
    Free,
    /// It was.
    Held,
}

/// Whether a press is the first or a repetition. Most terminals do not tell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stroke {
    /// The first, as far as the terminal tells.
    Press,
    /// The keyboard repeats.
    Repeat,
}

/// The keys with a name, as written in the keymap.
const NAMED: [(&str, Code); 14] = [
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("shift-tab", Code::BackTab),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("pgup", Code::PageUp),
    ("pgdn", Code::PageDown),
];

impl Key {
    /// Makes a plain first press.
    pub const fn new(code: Code) -> Self {
        Self { code, control: Control::Free, stroke: Stroke::Press }
    }

    /// Makes a press with `Ctrl` held.
    pub const fn ctrl(character: char) -> Self {
        Self { code: Code::Char(character), control: Control::Held, stroke: Stroke::Press }
    }

    /// Returns the same key as a first press, for look-ups.
    #[must_use]
    pub const fn pressed(self) -> Self {
        Self { stroke: Stroke::Press, ..self }
    }

    /// Returns the character typed, if it is text.
    pub const fn text(self) -> Option<char> {
        match (self.code, self.control) {
            (Code::Char(character), Control::Free) => Some(character),
            _ => None,
        }
    }

    /// Reads a name: one character, `space`, `ctrl-r`, `enter`, `pgdn` and so on.
    pub fn parse(name: &str) -> Option<Self> {
        if let Some((_, code)) = NAMED.iter().find(|(known, _)| *known == name) {
            return Some(Self::new(*code));
        }
        if name == "space" {
            return Some(Self::new(Code::Char(' ')));
        }
        let (rest, control) = match name.strip_prefix("ctrl-") {
            Some(rest) => (rest, Control::Held),
            None => (name, Control::Free),
        };
        let mut characters = rest.chars();
        let character = characters.next().filter(|c| !c.is_control() && *c != ' ')?;
        characters.next().is_none().then_some(Self { code: Code::Char(character), control, stroke: Stroke::Press })
    }

    /// Returns the name that [`Key::parse`] reads, in the spelling of the help.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
    pub fn name(self) -> String {
        let name = match self.code {
            Code::Char(' ') => "Space".to_owned(),
            Code::Char(character) => character.to_string(),
            Code::BackTab => "Shift-Tab".to_owned(),
            Code::PageUp => "PgUp".to_owned(),
            Code::PageDown => "PgDn".to_owned(),
            code => {
                let name = NAMED.iter().find(|(_, known)| *known == code).map_or("", |(name, _)| name);
                let mut characters = name.chars();
                characters.next().map_or(String::new(), |first| first.to_uppercase().chain(characters).collect())
            }
        };
        match self.control {
            Control::Free => name,
            Control::Held => format!("Ctrl-{name}"),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Control(…)")
    }
}

impl fmt::Debug for Stroke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stroke(…)")
    }
}

/// Text that was pasted. Prints no content, since secrets are pasted.
#[derive(Clone, PartialEq, Eq)]
pub struct Paste(pub std::sync::Arc<crate::domain::Secret>);

impl fmt::Debug for Paste {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Paste(…)")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Reads keys as people write them: `xy<enter><ctrl-d>`.
    pub(crate) fn keys(text: &str) -> Vec<Key> {
        let mut keys = Vec::new();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|tail| tail.split_once('>'));
            if let Some((key, tail)) = named.and_then(|(name, tail)| Key::parse(name).map(|key| (key, tail))) {
                keys.push(key);
                rest = tail;
            } else {
                keys.push(Key::new(Code::Char(character)));
                rest = &rest[character.len_utf8()..];
            }
        }
        keys
    }

    #[test]
    fn names_are_read_back() {
        for (name, shown) in [
            ("j", "j"),
            ("G", "G"),
            ("space", "Space"),
            ("ctrl-r", "Ctrl-r"),
            ("enter", "Enter"),
            ("shift-tab", "Shift-Tab"),
            ("pgdn", "PgDn"),
            ("<", "<"),
        ] {
            assert_eq!(Key::parse(name).map(Key::name).as_deref(), Some(shown));
        }
        for name in ["", "ab", "ctrl-", "hyper-x", " "] {
            assert!(Key::parse(name).is_none(), "{name:?}");
        }
    }

    #[test]
    fn a_key_prints_no_content() {
        assert_eq!(format!("{:?}", Key::parse("s")), "Some(Key(…))");
    }
}
