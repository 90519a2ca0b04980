//! The tab `Activity`: the local journal, the backend's notices and its audit events.

use jiff::Timestamp;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::canvas::{Canvas, after, split, top};
use super::field::field;
use super::look::Look;
use super::memory::Window;
use super::text::{foreign, wrap};
use super::time;
use super::words::{self, count};
use crate::app::activity::{Activity, Source, Told};
use crate::app::contexts::Asked;
use crate::app::model::Model;
use crate::app::tokens::Focus;
use crate::domain::{ContextName, Event, IncidentStep, Outcome, Record, RecordBody, Target, Untrusted};

/// Under this many columns, moments are short.
const NARROW: u16 = 60;

/// How moments are written.
#[derive(Debug, Clone, Copy)]
enum Moments {
    Short,
    Full,
}

impl Moments {
    /// Chooses by the width of the screen.
    const fn of(area: Rect) -> Self {
        if area.width < NARROW { Self::Short } else { Self::Full }
    }

    fn write(self, at: Timestamp) -> String {
        match self {
            Self::Short => time::short_moment(at),
            Self::Full => time::moment(at),
        }
    }
}

/// What the lines of the journal have in common.
#[derive(Debug, Clone, Copy)]
struct Shape {
    moments: Moments,
    /// The digits of the largest number.
    digits: usize,
}

/// How many labels one line names.
const LABELS: usize = 5;

/// Draws the tab.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, model: &Model, window: &mut Window) {
    let (sources, body) = top(body);
    let titles = Source::ALL.map(|source| {
        if source == model.activity.source {
            Span::styled(format!("[{}]", source.title()), Look::strong())
        } else {
            Span::raw(format!(" {} ", source.title()))
        }
    });
    canvas.line(sources, &Line::from(titles.to_vec()));
    let (line, body) = top(body);
    let activity = &model.activity;
    filter_line(canvas, line, activity);
    let look = canvas.look;
    let moments = Moments::of(body);
    match activity.source {
        Source::Journal => match &activity.journal {
            Asked::There(records) => {
                let digits = records.last().map_or(1, |record| record.sequence.0.to_string().len());
                let shape = Shape { moments, digits };
                let line = |row: usize| Some(journal_line(look, shape, activity.sift.row(records, row)?));
                let none = match records.as_slice() {
                    [] => "nothing was done from here yet",
                    [..] => "no record matches",
                };
                let count = activity.sift.count(records.len());
                list(canvas, body, (activity.cursor, count), window, none, line);
            }
            missing @ (Asked::Not | Asked::Asking | Asked::Failed(_)) => absent(canvas, body, missing),
        },
        Source::Notices => events(canvas, body, (&activity.notices, activity.cursor), window, "no notices"),
        Source::Events => events(canvas, body, (&activity.events, activity.cursor), window, "no audit events"),
    }
}

/// Draws the filter of the journal, and how much it shows; nothing where there is none.
fn filter_line(canvas: &mut Canvas<'_>, area: Rect, activity: &Activity) {
    let sift = &activity.sift;
    let is_empty = sift.field.is_empty() && sift.focus == Focus::Elsewhere;
    let Asked::There(records) = &activity.journal else { return };
    if is_empty || activity.source != Source::Journal {
        return;
    }
    let count = format!("{} of {}", sift.count(records.len()), records.len());
    let area = canvas.right(area, &Line::from(count));
    let used = canvas.text(area, "/ ", Look::strong());
    field(canvas, after(area, used), &sift.field, sift.focus);
}

/// Draws notices or audit events.
fn events(canvas: &mut Canvas<'_>, body: Rect, (told, cursor): (&Asked<Told>, usize), window: &mut Window, none: &str) {
    let look = canvas.look;
    let told = match told {
        Asked::There(told) => told,
        missing @ (Asked::Not | Asked::Asking | Asked::Failed(_)) => return absent(canvas, body, missing),
    };
    if let [(_, only)] = told.answers.as_slice()
        && only.there().is_none()
    {
        return absent(canvas, body, only);
    }
    let body = without(canvas, body, told);
    let moments = Moments::of(body);
    let line = |index: usize| Some(event_line(look, moments, told.rows.get(index)?));
    let all_told = told.answers.iter().all(|(_, answer)| answer.there().is_some());
    let none = if all_told { none } else { "" };
    list(canvas, body, (cursor, told.rows.len()), window, none, line);
}

/// Draws which contexts did not tell, and why; returns what is left of the area.
fn without(canvas: &mut Canvas<'_>, area: Rect, told: &Told) -> Rect {
    let look = canvas.look;
    let missing = told.answers.iter().filter(|(_, answer)| answer.there().is_none());
    let lines: Vec<Line<'_>> = missing
        .map(|(context, answer)| {
            let style = if matches!(answer, Asked::Failed(_)) { look.bad() } else { look.care() };
            let words = words::asked(look, answer, |()| String::new());
            Line::from(Span::styled(format!("{context}: {words}"), style))
        })
        .collect();
    // What the others told keeps at least half of the screen.
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height / 2);
    let (above, rest) = split(area, rows);
    canvas.lines_or_sign(above, &lines);
    rest
}

/// Draws rows with a cursor, or that there are none.
fn list(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (cursor, len): (usize, usize),
    window: &mut Window,
    none: &str,
    line: impl Fn(usize) -> Option<Line<'static>>,
) {
    if len == 0 {
        state(canvas, area, none);
        return;
    }
    let cursor = cursor.min(len - 1);
    let first = window.hold(cursor, usize::from(area.height), len);
    for (y, index) in (area.top()..area.bottom()).zip(first..len) {
        let row = Rect { y, height: 1, ..area };
        if index == cursor {
            canvas.text(Rect { width: row.width.min(1), ..row }, ">", Look::strong());
        }
        if let Some(line) = line(index) {
            canvas.line(after(row, 2), &line);
        }
    }
}

/// Draws that a list is not there, and why.
fn absent<T>(canvas: &mut Canvas<'_>, area: Rect, missing: &Asked<T>) {
    let words = words::asked(canvas.look, missing, |_| String::new());
    state(canvas, area, &words);
}

/// Draws that there is nothing, or not yet.
fn state(canvas: &mut Canvas<'_>, area: Rect, words: &str) {
    let area = after(area, 3);
    let lines = wrap(canvas.look, &Line::from(words.to_owned()), usize::from(area.width), 0);
    canvas.lines(area, &lines);
}

/// Returns a record of the journal in one line.
fn journal_line(look: &Look, shape: Shape, record: &Record) -> Line<'static> {
    let words = || record.body.words().into_owned();
    let what = match &record.body {
        RecordBody::Result { outcome, .. } => {
            let style = match outcome {
                Outcome::Failed(_) | Outcome::Unverified(_) | Outcome::StillAnswering(_) => look.bad(),
                Outcome::Changed | Outcome::NotSent => look.care(),
                Outcome::Done(_) | Outcome::AlreadyGone | Outcome::VerifiedDead | Outcome::HadNoEffect => Look::plain(),
            };
            Span::styled(words(), style)
        }
        RecordBody::Skipped { .. } => Span::styled(words(), look.care()),
        RecordBody::Targets { tokens, .. } => {
            let number = count(tokens.len(), "token", "tokens");
            Span::raw(format!("{number} to revoke: {}", labels(look, tokens)))
        }
        RecordBody::Incident(IncidentStep::Froze { tokens }) => {
            Span::raw(format!("on the worklist: {}", labels(look, tokens)))
        }
        RecordBody::Intent(_)
        | RecordBody::Acknowledged { .. }
        | RecordBody::Run(_)
        | RecordBody::Resumed { .. }
        | RecordBody::Ended { .. }
        | RecordBody::Incident(_) => Span::raw(words()),
    };
    let number = format!("#{}", record.sequence.0);
    let head = format!("{}  {number:<1$}  {2}  ", shape.moments.write(record.at), shape.digits + 1, record.context);
    let incident = record.incident.as_ref().map(|ticket| Span::styled(format!("{ticket}  "), look.care()));
    Line::from([Span::raw(head)].into_iter().chain(incident).chain([what]).collect::<Vec<_>>())
}

/// Returns the labels of the first of some tokens, and how many more there are.
fn labels(look: &Look, tokens: &[Target]) -> String {
    let mut labels: Vec<_> = tokens.iter().take(LABELS).map(|token| words::label(look, &token.label)).collect();
    let more = tokens.len().saturating_sub(LABELS);
    labels.extend((more > 0).then(|| format!("and {more} more")));
    labels.join(", ")
}

/// Returns an event of a backend in one line.
fn event_line(look: &Look, moments: Moments, (context, event): &(ContextName, Event)) -> Line<'static> {
    let text = |text: &Option<Untrusted>| text.as_ref().map_or("unknown".to_owned(), |text| foreign(look, text));
    let at = event.at.map_or("time unknown".to_owned(), |at| moments.write(at));
    let subject = event.subject.as_ref().map(|subject| format!("  {}", foreign(look, subject))).unwrap_or_default();
    let words = format!("{at}  {context}  {}  {}{subject}", text(&event.actor), foreign(look, &event.action));
    Line::from(words)
}
