//! The two lines at the top: whose tokens, how many, how old, and the tabs. The cursor changes nothing here.

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::canvas::{Canvas, after};
use super::look::Look;
use super::text::{clean, line_width};
use super::time;
use super::words::{count, failure_word};
use crate::app::contexts::{ContextState, ListExtent};
use crate::app::model::{Model, Tab};
use crate::domain::{Access, Protection};

/// How far clocks may be apart before it is said.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// From this many columns on, every tab has its title.
const TITLES: u16 = 60;

/// Draws both lines.
pub(super) fn draw(canvas: &mut Canvas<'_>, header: Rect, tabs: Rect, model: &Model) {
    let look = canvas.look;
    let name = name(look, model, header.width);
    let used = canvas.line(tabs, &titles(model, header.width));
    let beside = after(after(tabs, used), 1);
    let contexts = contexts(look, model);
    if header.width < TITLES {
        let room = usize::from(header.width).saturating_sub(line_width(look, &name) + 2);
        let data = first_fitting(look, data(look, model), room);
        let left = canvas.right(header, &data);
        if line_width(look, &name) <= usize::from(left.width) {
            canvas.line(left, &name);
        }
        canvas.right(beside, &first_fitting(look, contexts, usize::from(beside.width)));
        return;
    }
    let room = usize::from(header.width).saturating_sub(line_width(look, &name) + 4);
    let (contexts, data) = best_pair(look, &contexts, &data(look, model), room);
    let left = canvas.right(header, &data);
    let used = canvas.line(left, &name);
    canvas.line(after(after(left, used), 2), &contexts);
    canvas.right(beside, &road(look, model));
}

/// Returns the program's name; in an incident that stands there too, so that nobody forgets it.
fn name(look: &Look, model: &Model, columns: u16) -> Line<'static> {
    let mut spans = vec![Span::styled("tokendeck", Look::strong())];
    if let Some(open) = &model.incident {
        let word = if columns < TITLES { " " } else { "  INCIDENT " };
        spans.push(Span::styled(format!("{word}{}", clean(&open.ticket, look.charset)), look.bad()));
    }
    Line::from(spans)
}

/// Returns the first of several ways to say something that fits; where none does, the last.
fn first_fitting(look: &Look, ways: Vec<Line<'static>>, room: usize) -> Line<'static> {
    let at = ways.iter().position(|way| line_width(look, way) <= room).unwrap_or(ways.len().saturating_sub(1));
    ways.into_iter().nth(at).unwrap_or_default()
}

/// Returns the fullest words for the contexts that fit beside words for the data, and those.
fn best_pair(
    look: &Look,
    contexts: &[Line<'static>],
    data: &[Line<'static>],
    room: usize,
) -> (Line<'static>, Line<'static>) {
    let fits =
        |context: &&Line<'static>, data: &&Line<'static>| line_width(look, context) + line_width(look, data) <= room;
    let pairs = contexts.iter().flat_map(|context| data.iter().map(move |data| (context, data)));
    let last = (contexts.last(), data.last());
    match pairs.into_iter().find(|(context, data)| fits(context, data)) {
        Some((context, data)) => (context.clone(), data.clone()),
        None => (last.0.cloned().unwrap_or_default(), last.1.cloned().unwrap_or_default()),
    }
}

/// Returns the contexts with what they allow, from the fullest words to the fewest.
fn contexts(look: &Look, model: &Model) -> Vec<Line<'static>> {
    let guarded = |state: &ContextState| state.context.protection == Protection::Protected;
    let read_only = |state: &ContextState| state.context.access == Access::ReadOnly;
    let mut names = Vec::new();
    for state in &model.contexts {
        if !names.is_empty() {
            names.push(Span::raw("  "));
        }
        names.push(Span::raw(state.context.name.to_string()));
        for (word, _) in [("PROTECTED", guarded(state)), ("READ-ONLY", read_only(state))].iter().filter(|flag| flag.1) {
            names.push(Span::styled(format!(" {word}"), look.care()));
        }
    }
    let mut flags = Vec::new();
    for (word, number) in [
        ("PROTECTED", model.contexts.iter().filter(|state| guarded(state)).count()),
        ("READ-ONLY", model.contexts.iter().filter(|state| read_only(state)).count()),
    ] {
        if number > 0 {
            let words = if model.contexts.len() == 1 { word.to_owned() } else { format!("{number} {word}") };
            flags.push(Span::styled(words, look.care()));
            flags.push(Span::raw(" "));
        }
    }
    let all = match model.contexts.as_slice() {
        [] => return vec![Line::from("no context")],
        [only] => only.context.name.to_string(),
        several => format!("{} contexts", several.len()),
    };
    let mut numbers = flags.clone();
    numbers.push(Span::raw(all));
    flags.pop();
    let mut ways = vec![Line::from(names), Line::from(numbers)];
    if model.contexts.len() > 1 && !flags.is_empty() {
        ways.push(Line::from(flags));
    }
    ways
}

/// Returns the count, the state of the lists and the age of the data, from the fullest words to the fewest.
fn data(look: &Look, model: &Model) -> Vec<Line<'static>> {
    let states: Vec<_> = model.contexts.iter().filter_map(|state| Some((state, list_state(look, state)?))).collect();
    let mut full = Vec::new();
    for (state, (words, style)) in &states {
        let name = if model.contexts.len() > 1 { format!("{}: ", state.context.name) } else { String::new() };
        full.extend([Span::raw(format!("  {name}")), Span::styled(words.clone(), *style)]);
    }
    let brief = match states.as_slice() {
        [] | [_] if model.contexts.len() < 2 => full.clone(),
        [] => Vec::new(),
        [(state, (words, style))] => {
            let is_old = state.list.load.is_none() && state.stale().is_some() && state.list.data_at.is_some();
            let words = if is_old { "stale".to_owned() } else { words.clone() };
            vec![Span::raw("  1 "), Span::styled(words, *style)]
        }
        several => vec![Span::raw("  "), Span::styled(format!("{} lists not whole", several.len()), look.bad())],
    };
    let count = format!("{} of {}", model.tokens.view.rows.len(), model.tokens.inventory.len());
    let age = age(look, model, model.now);
    let line = |states: Vec<Span<'static>>| {
        let mut spans = vec![Span::raw(count.clone())];
        spans.extend(states);
        spans.extend([Span::raw("  "), age.clone()]);
        Line::from(spans)
    };
    vec![line(full), line(brief)]
}

/// Returns how the list of a context stands; `None` when it is whole and fresh from its backend.
///
/// A closed backend has no list, as some others have none, and nothing is amiss with it.
pub(super) fn list_state(look: &Look, state: &ContextState) -> Option<(String, Style)> {
    if state.context.capabilities.closed.is_some() {
        return None;
    }
    if let Some(load) = &state.list.load {
        return Some((format!("loading {}…", load.rows), look.care()));
    }
    if let Some(failure) = state.stale() {
        let word = failure_word(failure).split(' ').next().unwrap_or_default();
        let word = if state.needs_login() { "no login" } else { word };
        let behind = if state.list.data_at.is_some() { ", stale" } else { "" };
        return Some((format!("{word}{behind}"), look.bad()));
    }
    if state.context.capabilities.unlisted.is_some() {
        return None;
    }
    match &state.list.extent {
        ListExtent::Nothing | ListExtent::Loading => Some(("not there yet".to_owned(), look.care())),
        ListExtent::Partial(_) => Some(("partial".to_owned(), look.care())),
        ListExtent::Complete => None,
    }
}

/// Returns the time of the oldest data on screen, and how old it is at least, as a word and a style.
fn age(look: &Look, model: &Model, now: Timestamp) -> Span<'static> {
    let Some(at) = model.contexts.iter().filter_map(|state| state.list.data_at).min() else {
        return Span::raw("no data");
    };
    let step = model.contexts.iter().map(|state| state.age_step(now)).max().unwrap_or_default();
    Span::styled(format!("data {}{}", time::clock(at), age_word(step)), look.age(step))
}

/// Returns how old data is at least, by its step.
const fn age_word(step: usize) -> &'static str {
    match step {
        0 => "",
        1 => " (1 min+)",
        2 => " (5 min+)",
        3 => " (15 min+)",
        _ => " (1 h+)",
    }
}

/// Returns a context in a line: what it allows, how many tokens, the state of its list, the time of the data; and how
/// old that is at least, which changes by itself.
pub(super) fn told(look: &Look, model: &Model, state: &ContextState) -> (String, &'static str) {
    let mut words = state.context.name.to_string();
    for (word, holds) in [
        ("PROTECTED", state.context.protection == Protection::Protected),
        ("READ-ONLY", state.context.access == Access::ReadOnly),
    ] {
        if holds {
            words = format!("{words} {word}");
        }
    }
    let inventory = &model.tokens.inventory;
    let mut rows = inventory.len();
    if model.contexts.len() > 1 {
        rows = 0;
        inventory.for_each_of(&state.context.name, |_| rows += 1);
    }
    words = format!("{words}: {}", count(rows, "token", "tokens"));
    if let Some((how, _)) = list_state(look, state) {
        words = format!("{words}; {how}");
    }
    match state.list.data_at {
        Some(at) => (format!("{words}; data {}", time::clock(at)), age_word(state.age_step(model.now))),
        None => (format!("{words}; no data"), ""),
    }
}

/// Returns the tabs; the one on screen stands in brackets.
fn titles(model: &Model, columns: u16) -> Line<'static> {
    let mut spans = Vec::new();
    for (tab, digit) in Tab::ALL.into_iter().zip(1..) {
        let gap = if columns < TITLES && digit > 1 { " " } else { "" };
        spans.push(Span::raw(gap));
        spans.push(match (tab == model.tab, columns < TITLES) {
            (true, _) => Span::styled(format!("[{digit} {}]", tab.title()), Look::strong()),
            (false, false) => Span::raw(format!(" {digit} {} ", tab.title())),
            (false, true) => Span::raw(digit.to_string()),
        });
    }
    Line::from(spans)
}

/// Returns the clipboard road, and clocks that are apart.
pub(super) fn road(look: &Look, model: &Model) -> Line<'static> {
    let skewed = model.contexts.iter().find_map(|state| state.skew.filter(|skew| skew.abs() > SKEW));
    let mut spans = Vec::new();
    if let Some(skew) = skewed {
        let sign = if skew.is_negative() { '-' } else { '+' };
        spans.push(Span::styled(format!("server clock {sign}{}", time::fine_span(skew)), look.care()));
    }
    let gap = if spans.is_empty() { "" } else { "  " };
    spans.push(Span::raw(format!("{gap}copy: {}", model.clipboard_road.words())));
    Line::from(spans)
}
