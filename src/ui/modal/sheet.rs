//! A modal as lines: a body that scrolls, a foot that stays, fields to type in, and one frame around them.

use std::ops::Range;

use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use zeroize::Zeroizing;

use crate::app::field::Field;
use crate::app::tokens::Focus;
use crate::domain::Failure;
use crate::ui::canvas::{Canvas, after};
use crate::ui::field::field;
use crate::ui::footer::hints;
use crate::ui::layout;
use crate::ui::look::Look;
use crate::ui::memory::Follow;
use crate::ui::text::wrap;
use crate::ui::words;

/// The rows of a body that are kept on screen however long the foot is.
const BODY_LEAST: u16 = 3;

/// A modal as lines that fit its width.
pub(super) struct Sheet<'m> {
    title: String,
    body: Vec<Line<'static>>,
    foot: Vec<Line<'static>>,
    fields: Vec<Spot<'m>>,
    /// The first and the last line of the body that must be seen.
    keep: Option<(usize, usize)>,
    /// The line of the body and the column where the terminal's cursor goes besides a field.
    caret: Option<(usize, u16)>,
    /// The keys that scrolled, as the model counts them.
    scroll: usize,
    /// What the keys go to, by its name; empty where that is plain.
    asks: String,
    /// The lines of the foot that name keys.
    keys: Range<usize>,
    look: &'m Look,
    room: usize,
}

/// A modal as lines of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ui) struct Told {
    /// Its title.
    pub(in crate::ui) title: String,
    /// What it says.
    pub(in crate::ui) lines: Vec<String>,
    /// A secret that is to be read, once; `None` for none.
    pub(in crate::ui) secret: Option<Zeroizing<String>>,
    /// What stands below it, and the keys.
    pub(in crate::ui) foot: Vec<String>,
    pub(in crate::ui) hints: String,
    /// What the keys go to, by its name; empty where that is plain.
    pub(in crate::ui) asks: String,
}

/// Returns a line as text, without the blanks behind it; `None` for an empty one.
pub(in crate::ui) fn told(line: &Line<'_>) -> Option<String> {
    let text: String = line.spans.iter().map(|span| &*span.content).collect();
    let text = text.trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The part of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Body,
    Foot,
}

/// A field on a line, behind what is written there.
struct Spot<'m> {
    part: Part,
    line: usize,
    indent: u16,
    field: &'m Field,
    focus: Focus,
}

impl<'m> Sheet<'m> {
    /// Makes an empty sheet whose lines have `room` cells.
    pub(super) fn new(look: &'m Look, title: impl Into<String>, room: usize) -> Self {
        let title = title.into();
        Self {
            title,
            body: Vec::new(),
            foot: Vec::new(),
            fields: Vec::new(),
            keep: None,
            caret: None,
            scroll: 0,
            asks: String::new(),
            keys: 0..0,
            look,
            room,
        }
    }

    /// Adds a line to the body, broken where it is too long.
    pub(super) fn line(&mut self, line: impl Into<Line<'static>>) {
        self.hang(line, 0);
    }

    /// Adds a line to the body; where it is broken, what follows is indented.
    pub(super) fn hang(&mut self, line: impl Into<Line<'static>>, indent: usize) {
        self.body.append(&mut wrap(self.look, &line.into(), self.room, indent));
    }

    /// Adds an empty line to the body.
    pub(super) fn gap(&mut self) {
        self.body.push(Line::default());
    }

    /// Adds a failure and what to do about it to the body.
    pub(super) fn failure(&mut self, failure: &Failure) {
        for line in words::failure(self.look, failure) {
            self.line(line);
        }
    }

    /// Adds a failure and what to do about it to the foot.
    pub(super) fn failure_below(&mut self, failure: &Failure) {
        for line in words::failure(self.look, failure) {
            self.below(line);
        }
    }

    /// Adds a line to the foot, broken where it is too long.
    pub(super) fn below(&mut self, line: impl Into<Line<'static>>) {
        self.foot.append(&mut wrap(self.look, &line.into(), self.room, 0));
    }

    /// Adds the keys to the foot.
    pub(super) fn keys(&mut self, pairs: &[(&str, &str)]) {
        let from = self.foot.len();
        self.below(hints(pairs));
        self.keys = from..self.foot.len();
    }

    /// Says in the place of the foot that keys are not taken yet.
    pub(super) fn hold_keys(&mut self) {
        super::not_yet(self.look, &mut self.foot, self.room);
    }

    /// Adds what is wrong to the foot; nothing for nothing.
    pub(super) fn said(&mut self, said: &str) {
        if !said.is_empty() {
            self.below(Span::styled(said.to_owned(), self.look.bad()));
        }
    }

    /// Adds a field to the body, behind its name.
    pub(super) fn field(&mut self, name: Line<'static>, indent: u16, field: &'m Field, focus: Focus) {
        let line = self.body.len();
        self.body.push(name);
        self.fields.push(Spot { part: Part::Body, line, indent, field, focus });
        if focus == Focus::Here {
            self.keep_from(line);
        }
    }

    /// Adds a field to the foot, behind a prompt.
    pub(super) fn prompt(&mut self, prompt: &str, field: &'m Field) {
        let indent = u16::try_from(prompt.len()).unwrap_or(u16::MAX);
        let line = self.foot.len();
        self.foot.push(Line::from(Span::styled(prompt.to_owned(), Look::strong())));
        self.fields.push(Spot { part: Part::Foot, line, indent, field, focus: Focus::Here });
    }

    /// Keeps what was added to the body since a line on screen.
    pub(super) fn keep_from(&mut self, line: usize) {
        self.keep = Some((line, self.body.len().saturating_sub(1)));
    }

    /// Puts the terminal's cursor into the last line of the body.
    pub(super) fn caret(&mut self, column: u16) {
        self.caret = Some((self.body.len().saturating_sub(1), column));
    }

    /// Scrolls the body as far as the model counted keys for it.
    pub(super) fn scrolled(&mut self, counted: usize) {
        self.scroll = counted;
    }

    /// Names what the keys go to.
    pub(super) fn asks(&mut self, name: &str) {
        name.clone_into(&mut self.asks);
    }

    /// Returns how many lines the body has.
    pub(super) fn len(&self) -> usize {
        self.body.len()
    }

    /// Draws the sheet in the middle of the screen.
    pub(super) fn draw(self, canvas: &mut Canvas<'_>, screen: Rect, follow: &mut Follow) {
        let lines = self.body.len() + usize::from(!self.foot.is_empty()) + self.foot.len();
        let area = layout::modal(screen, lines);
        let inside_height = area.height.saturating_sub(2);
        let foot_height = u16::try_from(self.foot.len()).unwrap_or(u16::MAX);
        let least = BODY_LEAST.min(u16::try_from(self.body.len()).unwrap_or(u16::MAX));
        let foot_height = foot_height.min(inside_height.saturating_sub(least));
        let roomy = usize::from(inside_height) >= lines || inside_height > foot_height.saturating_add(8);
        let gap = u16::from(roomy && foot_height > 0);
        let body_height = inside_height - foot_height - gap;
        let first = self.first(usize::from(body_height), follow);
        let below = self.body.len().saturating_sub(first + usize::from(body_height));
        let sign = match (first, below) {
            (0, 0) => String::new(),
            (_, 0) => "the end: Up, PgUp".to_owned(),
            _ => format!("{below} more below: Down, PgDn"),
        };
        let inside = canvas.frame(area, &self.title, &sign);
        let body = Rect { height: body_height.min(inside.height), ..inside };
        let foot = Rect { y: inside.bottom().saturating_sub(foot_height), height: foot_height, ..inside };
        let cut = self.foot.len().saturating_sub(usize::from(foot_height));
        canvas.lines(body, self.body.iter().skip(first));
        canvas.lines(foot, self.foot.iter().skip(cut));
        for spot in &self.fields {
            let (part, skipped) = match spot.part {
                Part::Body => (body, first),
                Part::Foot => (foot, cut),
            };
            let Some(y) = spot.line.checked_sub(skipped).and_then(|line| u16::try_from(line).ok()) else { continue };
            if y < part.height {
                let line = Rect { y: part.y + y, height: 1, ..part };
                field(canvas, after(line, spot.indent), spot.field, spot.focus);
            }
        }
        if let Some((line, column)) =
            self.caret.filter(|(line, _)| (first..first + usize::from(body.height)).contains(line))
        {
            let y = body.y.saturating_add(u16::try_from(line - first).unwrap_or(u16::MAX));
            canvas.cursor = Some(Position { x: body.x.saturating_add(column).min(body.right()), y });
        }
    }

    /// Returns the sheet without its frame: as many lines of its body as `height`, and its foot.
    pub(super) fn told(mut self, height: usize, follow: &mut Follow) -> Told {
        for spot in &self.fields {
            let (lines, typed) = match spot.part {
                Part::Body => (&mut self.body, spot.field.text().to_owned()),
                // What is asked there has a prompt of its own.
                Part::Foot if spot.field.is_empty() => (&mut self.foot, String::new()),
                Part::Foot => (&mut self.foot, spot.field.text().to_owned()),
            };
            let Some(line) = lines.get_mut(spot.line) else { continue };
            match spot.part {
                Part::Foot if typed.is_empty() => *line = Line::default(),
                Part::Body | Part::Foot => line.push_span(Span::raw(typed)),
            }
        }
        let first = self.first(height, follow);
        let below = self.body.len().saturating_sub(first + height);
        let mut lines: Vec<_> = self.body.iter().skip(first).take(height).filter_map(told).collect();
        if below > 0 {
            lines.push(format!("{below} more lines below: <pgdn>"));
        }
        let keys: Vec<String> = self.foot.drain(self.keys).filter_map(|line| told(&line)).collect();
        let hints = keys.join(" ").replace("  ", ", ");
        let foot = self.foot.iter().filter_map(told).collect();
        Told { title: self.title, lines, secret: None, foot, hints, asks: self.asks }
    }

    /// Returns the first line of the body on screen.
    fn first(&self, height: usize, follow: &mut Follow) -> usize {
        let last = self.body.len().saturating_sub(height);
        match self.keep {
            None => follow.to(self.scroll, last),
            Some((_, end)) if end < height => 0,
            // What follows is seen too, as far as there is room.
            Some((start, end)) => (end + 3).saturating_sub(height).min(start).min(last),
        }
    }
}
