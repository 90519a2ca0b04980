//! The pieces of forms: a line with a name, a choice, a button.

use ratatui::text::{Line, Span};

use super::sheet::Sheet;
use crate::app::field::Field;
use crate::app::tokens::Focus;
use crate::ui::look::Look;

/// The width of a field's name with the sign of the focus before it.
pub(super) const NAMES: u16 = 14;

/// One of several possibilities: its name, and what is to be said of it.
pub(super) type Possibility = (String, Vec<Span<'static>>);

/// Adds a field of text; while it is empty, what that means stands in it.
pub(super) fn text<'m>(sheet: &mut Sheet<'m>, name: &str, field: &'m Field, empty: &str, focus: Focus) {
    asks(sheet, name, focus);
    let mut line = named(name, focus);
    let indent = u16::try_from(line.width()).unwrap_or(NAMES);
    if field.is_empty() {
        line.push_span(Span::raw(format!("  {empty}")));
    }
    sheet.field(line, indent, field, focus);
}

/// Adds a line with a name and fixed words.
pub(super) fn fixed(sheet: &mut Sheet<'_>, name: &str, words: String, focus: Focus) {
    asks(sheet, name, focus);
    let start = sheet.len();
    let mut line = named(name, focus);
    let indent = u16::try_from(line.width()).unwrap_or(NAMES);
    line.push_span(Span::raw(words));
    sheet.hang(line, usize::from(indent));
    if focus == Focus::Here {
        sheet.keep_from(start);
        sheet.caret(indent);
    }
}

/// Adds a choice: every possibility on its line, the chosen one with a sign.
pub(super) fn choice(sheet: &mut Sheet<'_>, name: &str, choices: &[Possibility], at: usize, focus: Focus) {
    asks(sheet, name, focus);
    for (index, (word, about)) in choices.iter().enumerate() {
        let start = sheet.len();
        let mut line = if index == 0 { named(name, focus) } else { named("", Focus::Elsewhere) };
        let style = if index == at { Look::strong() } else { Look::plain() };
        let sign = if index == at { "(x) " } else { "( ) " };
        line.push_span(Span::styled(format!("{sign}{word}"), style));
        line.extend(about.iter().cloned());
        sheet.hang(line, usize::from(NAMES) + 4);
        if focus == Focus::Here && index == at {
            sheet.keep_from(start);
        }
    }
}

/// Adds the button.
pub(super) fn button(sheet: &mut Sheet<'_>, words: &str, focus: Focus) {
    asks(sheet, words, focus);
    let start = sheet.len();
    let (sign, style) = match focus {
        Focus::Here => ("> ", Look::chosen()),
        Focus::Elsewhere => ("  ", Look::plain()),
    };
    sheet.line(Line::from(vec![Span::styled(sign, Look::strong()), Span::styled(format!("[{words}]"), style)]));
    if focus == Focus::Here {
        sheet.keep_from(start);
    }
}

fn asks(sheet: &mut Sheet<'_>, name: &str, focus: Focus) {
    if focus == Focus::Here {
        sheet.asks(name);
    }
}

/// Returns the beginning of a line: the sign of the focus, and the name. A long name has its blank too.
fn named(name: &str, focus: Focus) -> Line<'static> {
    let sign = match focus {
        Focus::Here => "> ",
        Focus::Elsewhere => "  ",
    };
    let width = (usize::from(NAMES) - 2).max(name.len() + 1);
    Line::from(Span::styled(format!("{sign}{name:<width$}"), Look::strong()))
}

/// Returns the focus of a field, which has the keys or not.
pub(super) fn focus<T: PartialEq>(field: &T, focused: Option<&T>) -> Focus {
    if focused == Some(field) { Focus::Here } else { Focus::Elsewhere }
}
