//! The keys valid here, filterable, with the reason where one is off.

use ratatui::text::{Line, Span};

use super::sheet::Sheet;
use crate::app::action::{Action, applies};
use crate::app::modal::Help;
use crate::app::model::Model;
use crate::ui::look::Look;

/// The width of the keys, and of what they do.
const KEYS: usize = 16;
const WORDS: usize = 22;
/// Under this many cells, reasons stand right behind what keys do.
const NARROW: usize = 60;

/// Returns the list.
pub(super) fn sheet<'m>(look: &'m Look, model: &Model, help: &'m Help, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, format!("Keys in {}", model.tab.title()), room);
    sheet.scrolled(help.scroll);
    let words = if room < NARROW { 0 } else { WORDS };
    let wanted = help.filter.text().to_lowercase();
    for action in Action::all() {
        let keys: Vec<String> = model.keymap.keys(action).iter().map(|key| key.name()).collect();
        let keys = if keys.is_empty() { "no key".to_owned() } else { keys.join(" ") };
        let reason = applies(model, action).err();
        let off = reason.as_ref().map(|reason| format!("off: {reason}")).unwrap_or_default();
        let all = format!("{keys} {} {} {off}", action.words(), action.name()).to_lowercase();
        if !wanted.split_whitespace().all(|word| all.contains(word)) {
            continue;
        }
        let style = if reason.is_none() { Look::strong() } else { Look::plain() };
        let spans = vec![
            Span::styled(format!("{keys:<KEYS$} "), style),
            Span::raw(format!("{:<words$} ", action.words())),
            Span::styled(if words == 0 { format!(" {off}") } else { off }, look.care()),
        ];
        sheet.hang(Line::from(spans), KEYS + 1);
    }
    if sheet.len() == 0 {
        sheet.line("no key matches");
    }
    sheet.prompt("filter: ", &help.filter);
    sheet.keys(&[("Up Down", "scroll"), ("Esc", "close")]);
    sheet
}
