//! The two lines at the bottom: the keys valid now, and what was said last.

use jiff::SignedDuration;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::canvas::{Canvas, after};
use super::look::Look;
use super::text::width;
use super::time;
use super::words::failure_short;
use crate::app::action::{Action, applies};
use crate::app::messages::Weight;
use crate::app::modal::Modal;
use crate::app::model::{Model, Tab};
use crate::app::run::{Pace, Phase};
use crate::app::tokens::{Detail, Focus};

/// What the footer tells of, the most wanted first. Moving and the digits of the tabs explain themselves.
const WANTED: [Action; 24] = [
    Action::Revoke,
    Action::Mark,
    Action::Query,
    Action::Details,
    Action::NextStatus,
    Action::New,
    Action::NextRole,
    Action::Copy,
    Action::Rotate,
    Action::Edit,
    Action::Verify,
    Action::NextList,
    Action::ScrollDown,
    Action::Refresh,
    Action::Palette,
    Action::MarkAll,
    Action::MarkRange,
    Action::UnmarkAll,
    Action::MarkInvert,
    Action::SortRight,
    Action::SortLeft,
    Action::SortReverse,
    Action::NextTab,
    Action::Messages,
];

/// From this many columns on, a run says how it is called off.
const ROOMY: u16 = 60;

/// From this many columns on, it shows a bar, of this many cells.
const WIDE: u16 = 100;
const BAR: usize = 10;

/// Draws both lines.
pub(super) fn draw(canvas: &mut Canvas<'_>, keys: Rect, said: Rect, model: &Model) {
    if model.front().is_none() {
        let line = match model.typing() {
            Focus::Here if matches!(model.tab, Tab::Tokens | Tab::Activity) => {
                hints(&[("Enter", "keep"), ("Esc", "clear"), ("Ctrl-u", "empty")])
            }
            Focus::Here | Focus::Elsewhere => valid_keys(model, usize::from(keys.width)),
        };
        canvas.line(keys, &line);
    }
    message(canvas, said, model);
}

/// Returns keys and what they do, as one line.
pub(super) fn hints(pairs: &[(&str, &str)]) -> Line<'static> {
    let mut spans = Vec::new();
    for (key, words) in pairs {
        if !spans.is_empty() {
            spans.push(Span::raw("  "));
        }
        spans.push(Span::styled((*key).to_owned(), Look::strong()));
        spans.push(Span::raw(format!(" {words}")));
    }
    Line::from(spans)
}

/// Returns as many of the keys that apply as there is room for; help and the way out always.
pub(super) fn valid_keys(model: &Model, room: usize) -> Line<'static> {
    let hint = |action: Action| Some((model.keymap.hint(action)?, words(model, action)));
    let always: Vec<_> = [Action::Help, Action::Quit].into_iter().filter_map(hint).collect();
    let cells = |(key, words): &(String, &str)| width(key) + 1 + width(words) + 2;
    let mut left = (room + 2).saturating_sub(always.iter().map(cells).sum());
    let mut chosen = Vec::new();
    let details_open = model.tokens.detail != Detail::Closed;
    let first = (model.tab == Tab::Tokens && details_open).then_some(Action::Back);
    let wanted = WANTED.into_iter().filter(|action| !details_open || *action != Action::Details);
    for action in first.into_iter().chain(wanted).filter(|action| applies(model, *action).is_ok()) {
        let Some(pair) = hint(action) else { continue };
        let need = cells(&pair);
        if need > left {
            break;
        }
        left -= need;
        chosen.push(pair);
    }
    chosen.extend(always);
    let pairs: Vec<(&str, &str)> = chosen.iter().map(|(key, words)| (key.as_str(), *words)).collect();
    hints(&pairs)
}

/// Returns the words of an action, with what it would act upon where that is not the row under the cursor.
fn words(model: &Model, action: Action) -> &'static str {
    let marked = !model.tokens.marks.is_empty();
    if action == Action::Revoke && marked { "revoke marked" } else { action.words() }
}

/// Draws how far the run is that is going; returns what is left of the line.
fn progress(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let Some(words) = progress_words(canvas.look, model, area.width) else { return area };
    let used = canvas.line(area, &Line::from(words));
    after(after(area, used), 2)
}

/// Returns how far the run is that is going; `None` while none is.
pub(super) fn progress_words(look: &Look, model: &Model, columns: u16) -> Option<Span<'static>> {
    let runs = Some(&model.runs).filter(|runs| runs.is_going())?;
    let tally = runs.tally();
    let is = |phase: &Phase| runs.iter().any(|run| run.phase == *phase);
    let scope = match runs.iter().as_slice() {
        [run] => run.context.to_string(),
        several => format!("{} contexts", several.len()),
    };
    let (word, style) = match runs.paused() {
        Some((run, failure)) if is(&Phase::Going) => {
            (format!("revoking in {scope} ({} paused: {})", run.context, failure_short(failure)), look.bad())
        }
        Some((_, failure)) => (format!("paused ({}) in {scope}", failure_short(failure)), look.bad()),
        None if is(&Phase::Cancelling) => (format!("called off in {scope}"), look.care()),
        None => (format!("revoking in {scope}"), look.care()),
    };
    let failed = tally.failed + tally.unverified + tally.alive + tally.changed;
    let failed = if failed > 0 { format!(", {failed} not done") } else { String::new() };
    let cancel = model.keymap.hint(Action::Cancel).filter(|_| is(&Phase::Going) && columns >= ROOMY);
    let cancel = cancel.map(|key| format!(" ({key} calls it off)")).unwrap_or_default();
    let over = tally.over();
    let bar = if columns >= WIDE { format!(" {}", bar(over, tally.all)) } else { String::new() };
    let pace = runs.pace(model.now).filter(|_| columns >= ROOMY).map(pace).unwrap_or_default();
    let words = format!("{word}:{bar} {over} of {} over{failed}{pace}{cancel}", tally.all);
    Some(Span::styled(words, style))
}

/// Returns a bar of ten cells, full only when all are over.
fn bar(over: usize, all: usize) -> String {
    let full = over * BAR / all.max(1);
    format!("[{}{}]", "#".repeat(full), ".".repeat(BAR - full))
}

/// Returns how fast it goes, and how long it takes.
fn pace(pace: Pace) -> String {
    let rate =
        if pace.per_second < 10.0 { format!("{:.1}", pace.per_second) } else { format!("{:.0}", pace.per_second) };
    let left = SignedDuration::try_from(pace.left).map_or_else(|_| "long".to_owned(), time::fine_span);
    format!(", {rate}/s, {left} left")
}

/// Draws how much was left open, as long as it is; returns what is left of the line.
fn left_open(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let listed = matches!(model.front(), Some(Modal::Recover(_)));
    match left_open_words(canvas.look, model).filter(|_| !listed) {
        Some(words) => canvas.right(area, &words),
        None => area,
    }
}

/// Returns how much was left open, and the key that lists it; `None` for nothing.
pub(super) fn left_open_words(look: &Look, model: &Model) -> Option<Line<'static>> {
    let number = model.unfinished.len() + model.leftovers.len();
    let key = model.keymap.hint(Action::LeftOpen).unwrap_or_else(|| format!(":{}", Action::LeftOpen.name()));
    let words = Span::styled(format!(" {number} left open"), look.care());
    (number > 0).then(|| Line::from(vec![Span::styled(key, Look::strong()), words]))
}

/// Draws what was said last, and how many errors wait to be read.
fn message(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let unread = model.messages.unread_errors();
    // A single error stands in the line itself, unless a run takes its room.
    let going = model.runs.is_going();
    let area = match (unread + usize::from(going && unread > 0), model.keymap.hint(Action::Messages)) {
        (2.., Some(key)) => {
            let words = vec![Span::styled(key, Look::strong()), Span::raw(format!(" {unread} unread"))];
            canvas.right(area, &Line::from(words))
        }
        _ => area,
    };
    let area = left_open(canvas, area, model);
    let area = progress(canvas, area, model);
    let Some(note) = model.messages.current(model.now) else { return };
    let mut spans = Vec::new();
    if note.weight == Weight::Error {
        spans.push(Span::styled("error: ", canvas.look.note(note.weight)));
    }
    spans.push(Span::styled(note.text.clone(), canvas.look.note(note.weight)));
    if !note.hint.is_empty() {
        spans.push(Span::raw(format!(" {} {}", canvas.look.glyphs.dot, note.hint)));
    }
    canvas.line(area, &Line::from(spans));
}
