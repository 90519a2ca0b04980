//! The query line, and the presets with their counts.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::canvas::{Canvas, after, split};
use super::field::field;
use super::look::Look;
use super::text::{clean, width};
use super::time;
use crate::app::model::Model;
use crate::app::tokens::Focus;
use crate::domain::{QueryError, Status};

/// Draws the query line and the lines of presets below it.
pub(super) fn draw(canvas: &mut Canvas<'_>, query: Rect, facets: Rect, order: &str, model: &Model) {
    let column = query_line(canvas, query, order, model);
    let (first, second) = split(facets, 1);
    let (statuses, roles) = (status_presets(model), role_presets(canvas.look, model));
    match &model.tokens.query.error {
        Some(error) => error_line(canvas, first, column, error),
        None if second.is_empty() => {
            let chosen =
                |presets: &[Preset]| presets.iter().find(|p| p.chosen).map_or("all".to_owned(), |p| p.words.clone());
            let words = format!("status [{}]  role [{}]  active: {}", chosen(&statuses), chosen(&roles), window(model));
            canvas.text(first, &words, Look::plain());
        }
        None => presets(canvas, first, "status", statuses),
    }
    if !second.is_empty() {
        let rest = canvas.right(second, &Line::from(format!("active: used within {}", window(model))));
        presets(canvas, rest, "role  ", roles);
    }
}

/// Returns the presets with their counts, a line for each kind.
pub(super) fn told(look: &Look, model: &Model) -> [String; 2] {
    let named = |name: &str, mut presets: Vec<Preset>| {
        presets.retain(|preset| preset.chosen || !preset.empty);
        let more = presets.len().saturating_sub(MOST_TOLD);
        let words: Vec<String> = presets.into_iter().take(MOST_TOLD).map(|preset| preset.words).collect();
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        format!("{name}: {}{more}", words.join(", "))
    };
    [named("status", status_presets(model)), named("role", role_presets(look, model))]
}

/// Draws the query line; returns the column of the mistake in it.
fn query_line(canvas: &mut Canvas<'_>, area: Rect, order: &str, model: &Model) -> u16 {
    let line = &model.tokens.query;
    let area = canvas.right(area, &counts(order, area.width, model));
    let used = canvas.text(area, "/ ", Look::strong());
    let room = after(area, used);
    if line.field.is_empty() && line.focus == Focus::Elsewhere {
        canvas.text(room, "no query", Look::plain());
    }
    let start = field(canvas, room, &line.field, line.focus);
    let at = line.error.as_ref().map_or(0, |error| error.at);
    let before: String = line.field.text().chars().take(at).collect();
    let before = width(&clean(&before, canvas.look.charset)).saturating_sub(start);
    room.x + u16::try_from(before).unwrap_or(u16::MAX).min(room.width.saturating_sub(1))
}

/// Returns how many tokens are marked, how many the query could not judge, and an order that no head shows.
fn counts(order: &str, columns: u16, model: &Model) -> Line<'static> {
    let mut words = Vec::new();
    if !model.tokens.marks.is_empty() {
        words.push(Span::styled(format!("{} marked", model.tokens.marks.len()), Look::strong()));
    }
    if model.tokens.view.left_out > 0 {
        words.push(Span::raw(format!("{} left out: never or unknown", model.tokens.view.left_out)));
    }
    if !order.is_empty() && columns >= NAMED_ORDER {
        words.push(Span::raw(order.to_owned()));
    }
    let mut spans: Vec<Span<'_>> = words.into_iter().flat_map(|span| [span, Span::raw("  ")]).collect();
    spans.pop();
    Line::from(spans)
}

/// Draws why the text is no query, with a caret under the place.
fn error_line(canvas: &mut Canvas<'_>, area: Rect, column: u16, error: &QueryError) {
    let style = canvas.look.bad();
    let words = match error.hint.as_str() {
        "" => error.message.clone(),
        hint => format!("{} {} {hint}", error.message, canvas.look.glyphs.dot),
    };
    let behind = after(area, column.saturating_sub(area.x));
    let used = u16::try_from(width(&clean(&error.message, canvas.look.charset))).unwrap_or(u16::MAX);
    if behind.width > used.saturating_add(2) || behind.x - area.x < used.saturating_add(2) {
        canvas.text(behind, &format!("^ {words}"), style);
    } else {
        let before = Rect { width: (behind.x - area.x).saturating_sub(1), ..area };
        canvas.right(before, &Line::from(Span::styled(error.message.clone(), style)));
        canvas.text(behind, "^", style);
    }
}

/// From this many columns on, an order that no head shows stands beside the query.
const NAMED_ORDER: u16 = 60;
/// How many presets of a kind are told.
const MOST_TOLD: usize = 12;
/// How many roles before and behind the chosen one are looked at.
const NEAR: usize = 100;

/// One preset: its words, and whether it is chosen or empty.
struct Preset {
    words: String,
    chosen: bool,
    empty: bool,
}

fn status_presets(model: &Model) -> Vec<Preset> {
    let counts = &model.tokens.view.status_counts;
    let chosen = model.tokens.status;
    let presets = std::iter::once(None).chain(Status::ALL.map(Some)).zip(counts);
    let preset = |(status, number): (Option<Status>, &u32)| Preset {
        words: format!("{} {number}", status.map_or("all", Status::word)),
        chosen: chosen == status,
        empty: status.is_some() && *number == 0,
    };
    presets.map(preset).collect()
}

fn role_presets(look: &Look, model: &Model) -> Vec<Preset> {
    let (chosen, counts) = (model.tokens.role.as_deref(), &model.tokens.view.role_counts);
    let mut presets = vec![Preset { words: "all".to_owned(), chosen: chosen.is_none(), empty: false }];
    // A backend may have thousands of roles: only those that can be near the chosen one are looked at.
    let at = counts.iter().position(|(role, _)| Some(role.as_str()) == chosen).unwrap_or_default();
    let near = counts.iter().skip(at.saturating_sub(NEAR)).take(2 * NEAR);
    presets.extend(near.map(|(role, number)| Preset {
        words: format!("{} {number}", clean(role, look.charset)),
        chosen: chosen == Some(role.as_str()),
        empty: *number == 0,
    }));
    if chosen.is_some() && presets.iter().all(|preset| !preset.chosen) {
        let words = format!("{} 0", clean(chosen.unwrap_or_default(), look.charset));
        presets.insert(1, Preset { words, chosen: true, empty: true });
    }
    presets
}

/// Draws presets; the chosen one is always among them, and a sign stands where others were left out.
fn presets(canvas: &mut Canvas<'_>, area: Rect, name: &str, mut presets: Vec<Preset>) {
    let used = canvas.text(area, &format!("{name} "), Look::plain());
    let area = after(area, used);
    let room = usize::from(area.width);
    let cells = |presets: &[Preset]| presets.iter().map(|preset| width(&preset.words) + 2).sum::<usize>();
    if cells(&presets) > room {
        presets.retain(|preset| preset.chosen || !preset.empty);
    }
    let (mut before, mut behind) = ("", "");
    let mut taken = cells(&presets);
    while taken + width(before) + width(behind) > room && presets.len() > 1 {
        let gone = if presets.last().is_some_and(|last| last.chosen) {
            before = canvas.look.glyphs.cut;
            presets.remove(0)
        } else {
            behind = canvas.look.glyphs.cut;
            presets.remove(presets.len() - 1)
        };
        taken -= width(&gone.words) + 2;
    }
    let mut spans = vec![Span::raw(before)];
    for preset in presets {
        spans.push(if preset.chosen {
            Span::styled(format!("[{}]", preset.words), Look::strong())
        } else {
            Span::raw(format!(" {} ", preset.words))
        });
    }
    spans.push(Span::raw(behind));
    canvas.line(area, &Line::from(spans));
}

/// Returns what `active` means here.
fn window(model: &Model) -> String {
    let windows = || model.contexts.iter().map(|state| state.context.active_window);
    match (windows().min(), windows().max()) {
        (Some(least), Some(most)) if least == most => time::span(least),
        (Some(least), Some(most)) => format!("{} to {}", time::span(least), time::span(most)),
        (None, _) | (_, None) => String::new(),
    }
}
