//! Text in cells: made safe, measured, cut and broken into lines without a surprise.

use std::borrow::Cow;
use std::fmt::Write as _;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::look::{Charset, Look};
use crate::domain::{Untrusted, escape};

/// Characters of our own words that are not ASCII, and what stands for them.
const OURS: [(char, &str); 14] = [
    ('…', "..."),
    ('·', "-"),
    ('—', "-"),
    ('–', "-"),
    ('●', "*"),
    ('•', "*"),
    ('↑', "^"),
    ('↓', "v"),
    ('→', "->"),
    ('’', "'"),
    ('“', "\""),
    ('”', "\""),
    ('×', "x"),
    ('≤', "<="),
];

/// Returns text of somebody else as it may stand in a cell: escaped, and in ASCII where there is only that.
pub(super) fn foreign<T: AsRef<str>>(look: &Look, text: &Untrusted<T>) -> String {
    let shown = text.shown();
    match look.charset {
        Charset::Utf8 => clean(&shown, Charset::Utf8).into_owned(),
        Charset::Ascii => shown.chars().fold(String::with_capacity(shown.len()), |mut out, character| {
            push(&mut out, character, char::is_ascii);
            out
        }),
    }
}

/// Returns text with everything written out that has no cell of its own or no fixed width. Does nothing twice.
pub(super) fn clean(text: &str, charset: Charset) -> Cow<'_, str> {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut based = false;
    for character in escape(text).chars() {
        let width = character.width().unwrap_or(0);
        match (charset, OURS.iter().find(|(own, _)| *own == character)) {
            (Charset::Ascii, Some((_, ascii))) => out.push_str(ascii),
            (Charset::Ascii, None) => push(&mut out, character, char::is_ascii),
            (Charset::Utf8, _) => push(&mut out, character, |c| !is_unsteady(*c) && (width > 0 || based)),
        }
        based = width > 0 || based;
    }
    Cow::Owned(out)
}

/// Adds a character, or its number where it may not stand.
fn push(out: &mut String, character: char, may_stand: impl FnOnce(&char) -> bool) {
    if may_stand(&character) {
        out.push(character);
    } else {
        let _ = write!(out, "{}", character.escape_unicode());
    }
}

/// Tells whether terminals disagree about the width of a character beside its neighbours: skin tones and flags.
fn is_unsteady(character: char) -> bool {
    matches!(u32::from(character), 0x1_f1e6..=0x1_f1ff | 0x1_f3fb..=0x1_f3ff)
}

/// Splits clean text into what stands in one cell or two: a character and the marks over it.
pub(super) fn clusters(text: &str) -> impl Iterator<Item = (&str, u16)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let base = first.len_utf8();
        let marks = rest.get(base..)?.find(|c: char| c.width().unwrap_or(0) > 0);
        let (cluster, tail) = rest.split_at(marks.map_or(rest.len(), |marks| base + marks));
        rest = tail;
        Some((cluster, cells(cluster)))
    })
}

/// Returns how many cells one cluster takes.
fn cells(cluster: &str) -> u16 {
    u16::try_from(cluster.width()).unwrap_or(u16::MAX)
}

/// Returns how many cells clean text takes.
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    clusters(text).map(|(_, width)| usize::from(width)).sum()
}

/// Returns text cleaned and cut to `room` cells; where something is left out, the sign of that stands.
pub(super) fn fit<'a>(look: &Look, text: &'a str, room: usize) -> Cow<'a, str> {
    let text = clean(text, look.charset);
    if width(&text) <= room {
        return text;
    }
    let kept = prefix(&text, room.saturating_sub(1));
    match room {
        0 => Cow::Borrowed(""),
        _ => Cow::Owned(format!("{kept}{}", look.glyphs.cut)),
    }
}

/// Returns the longest beginning of clean text that takes at most `room` cells.
fn prefix(text: &str, room: usize) -> &str {
    let mut used = 0;
    let mut end = 0;
    for (cluster, width) in clusters(text) {
        used += usize::from(width);
        if used > room {
            break;
        }
        end += cluster.len();
    }
    text.get(..end).unwrap_or_default()
}

/// Returns how many cells a line takes.
pub(super) fn line_width(look: &Look, line: &Line<'_>) -> usize {
    line.spans.iter().map(|span| width(&clean(&span.content, look.charset))).sum()
}

/// Breaks a line at blanks, or within a word that is too long; later lines begin with `indent` blanks.
pub(super) fn wrap(look: &Look, line: &Line<'_>, room: usize, indent: usize) -> Vec<Line<'static>> {
    let room = room.max(1);
    let indent = if indent * 2 > room { 0 } else { indent };
    let mut out = Breaker { room, indent, lines: Vec::new(), spans: Vec::new(), used: 0 };
    for span in &line.spans {
        let text = clean(&span.content, look.charset);
        let mut rest: &str = &text;
        while !rest.is_empty() {
            let blanks = rest.len() - rest.trim_start_matches(' ').len();
            let word_end = rest.get(blanks..).and_then(|tail| tail.find(' ')).map_or(rest.len(), |end| blanks + end);
            let (word, tail) = rest.split_at(word_end);
            out.word(word, blanks, span.style);
            rest = tail;
        }
    }
    out.finish()
}

/// The state of breaking one line.
struct Breaker {
    room: usize,
    indent: usize,
    lines: Vec<Line<'static>>,
    spans: Vec<Span<'static>>,
    used: usize,
}

impl Breaker {
    /// Takes a word with the blanks before it.
    fn word(&mut self, word: &str, blanks: usize, style: Style) {
        let need = width(word);
        let begun = self.used > if self.lines.is_empty() { 0 } else { self.indent };
        if self.used + need <= self.room {
            self.push(word, need, style);
        } else if begun && need - blanks + self.indent <= self.room {
            self.turn();
            self.push(word.get(blanks..).unwrap_or_default(), need - blanks, style);
        } else {
            let mut rest = word;
            while !rest.is_empty() {
                let fitting = prefix(rest, self.room.saturating_sub(self.used));
                if fitting.is_empty() && self.used > self.start() {
                    self.turn();
                    continue;
                }
                let fitting = if fitting.is_empty() { first(rest) } else { fitting };
                self.push(fitting, width(fitting), style);
                rest = rest.get(fitting.len()..).unwrap_or_default();
            }
        }
    }

    fn start(&self) -> usize {
        if self.lines.is_empty() { 0 } else { self.indent }
    }

    fn push(&mut self, text: &str, cells: usize, style: Style) {
        self.spans.push(Span::styled(text.to_owned(), style));
        self.used += cells;
    }

    fn turn(&mut self) {
        self.lines.push(Line::from(std::mem::take(&mut self.spans)));
        self.spans.push(Span::raw(" ".repeat(self.indent)));
        self.used = self.indent;
    }

    fn finish(mut self) -> Vec<Line<'static>> {
        self.lines.push(Line::from(self.spans));
        self.lines
    }
}

/// Returns the first cluster.
fn first(text: &str) -> &str {
    clusters(text).next().map_or(text, |(cluster, _)| cluster)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::look::Depth;

    fn look(charset: Charset) -> Look {
        Look::new(Depth::None, charset)
    }

    #[test]
    fn cutting_is_between_characters_and_shows() {
        let look = look(Charset::Utf8);
        for (text, room, cut) in [
            ("plain", 5, "plain"),
            ("plain", 4, "pla…"),
            ("plain", 1, "…"),
            ("plain", 0, ""),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("e\u{301}e\u{301}e", 2, "e\u{301}…"),
            ("לא", 1, "…"),
        ] {
            assert_eq!(fit(&look, text, room), cut, "{text} {room}");
        }
    }

    #[test]
    fn what_has_no_fixed_width_is_written_out_once() {
        for (text, utf8, ascii) in [
            ("a\u{200b}b", "a\\u{200b}b", "a\\u{200b}b"),
            ("👍🏽", "👍\\u{1f3fd}", "\\u{1f44d}\\u{1f3fd}"),
            ("🇩🇪", "\\u{1f1e9}\\u{1f1ea}", "\\u{1f1e9}\\u{1f1ea}"),
            ("revoking…", "revoking…", "revoking..."),
            ("a · b", "a · b", "a - b"),
        ] {
            for (charset, clear) in [(Charset::Utf8, utf8), (Charset::Ascii, ascii)] {
                assert_eq!(clean(text, charset), clear);
                assert_eq!(clean(clear, charset), clear);
            }
        }
    }

    #[test]
    fn ascii_does_not_take_a_label_for_words_of_ours() {
        assert_eq!(foreign(&look(Charset::Ascii), &Untrusted::new("a…")), "a\\u{2026}");
        assert_eq!(foreign(&look(Charset::Utf8), &Untrusted::new("a…")), "a…");
    }

    #[test]
    fn clusters_add_up_to_the_width() {
        for text in ["", "plain", "日本", "e\u{301}x", "שלום", "لا", "각ᅡ", "क्षत्रिय"] {
            let text = clean(text, Charset::Utf8);
            assert_eq!(clusters(&text).map(|(cluster, _)| cluster).collect::<String>(), text);
            assert_eq!(clusters(&text).map(|(_, cells)| usize::from(cells)).sum::<usize>(), width(&text));
        }
    }

    fn wrapped(text: &str, room: usize, indent: usize) -> Vec<String> {
        let look = look(Charset::Utf8);
        wrap(&look, &Line::from(text), room, indent).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lines_break_at_blanks_and_lose_nothing() {
        assert_eq!(wrapped("one two three", 7, 0), ["one two", "three"]);
        assert_eq!(wrapped("one two three", 7, 2), ["one two", "  three"]);
        assert_eq!(wrapped("abcdefghij", 4, 0), ["abcd", "efgh", "ij"]);
        assert_eq!(wrapped("a abcdefghij", 4, 0), ["a ab", "cdef", "ghij"]);
        assert_eq!(wrapped("日本語", 3, 0), ["日", "本", "語"]);
        assert_eq!(wrapped("", 3, 0), [""]);
        assert_eq!(wrapped("ab", 0, 9), ["a", "b"]);
        assert_eq!(wrapped("日", 1, 0), ["日"]);
    }
}
