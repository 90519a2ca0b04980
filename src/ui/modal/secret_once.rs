//! A secret, once. Shown, it is one bare run of text from the first column on, so that a hand can select it.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use zeroize::Zeroizing;

use crate::app::modal::{Check, HandOver, Reveal, SecretOnce};
use crate::app::model::Model;
use crate::app::tokens::Focus;
use crate::ui::canvas::{Canvas, after, split};
use crate::ui::field::field;
use crate::ui::footer::hints;
use crate::ui::look::Look;
use crate::ui::modal::{Told, login};
use crate::ui::text::{clean, wrap};
use crate::ui::words;

/// From this many rows on, empty lines set the secret apart.
const ROOMY: u16 = 16;

/// Draws the screen. It covers everything: nothing else is to be read beside a secret.
pub(super) fn draw(canvas: &mut Canvas<'_>, screen: Rect, model: &Model, once: &SecretOnce) {
    canvas.clear(screen);
    let look = canvas.look;
    let room = usize::from(screen.width);
    let mut foot = foot(look, once, room);
    if !once.arming.is_armed(model.now) {
        super::not_yet(look, &mut foot, room);
    }
    let foot_rows = u16::try_from(foot.len() + 1).unwrap_or(u16::MAX);
    let (upper, lower) = split(screen, screen.height.saturating_sub(foot_rows));
    let about = about(look, model, once, room);
    let gap = u16::from(screen.height >= ROOMY);
    let (above, rest) = split(upper, u16::try_from(about.len()).unwrap_or(u16::MAX));
    canvas.lines(above, &about);
    let (_, rest) = split(rest, gap);
    let used = secret(canvas, rest, model, once);
    let (_, rest) = split(rest, used.saturating_add(gap));
    canvas.lines_or_sign(rest, &handed(look, once, room));
    let (lines, prompt) = split(lower, foot_rows.saturating_sub(1));
    canvas.lines(lines, &foot);
    if let Some(back) = &once.back {
        let used = canvas.text(prompt, "paste it back: ", Look::strong());
        canvas.text(after(prompt, used), &login::hidden(look, back), Look::plain());
        return;
    }
    let (words, typed) = match &once.file {
        Some(file) => ("file: ", file),
        None => ("> ", &once.input),
    };
    let used = canvas.text(prompt, words, Look::strong());
    field(canvas, after(prompt, used), typed, Focus::Here);
}

/// Returns whose secret it is.
fn about(look: &Look, model: &Model, once: &SecretOnce, room: usize) -> Vec<Line<'static>> {
    let token = &once.token;
    let id = clean(&token.id.shown(), look.charset).into_owned();
    let line = Line::from(vec![
        Span::styled("New secret", Look::strong()),
        Span::raw(" of "),
        Span::styled(words::label(look, &token.label), Look::strong()),
        Span::raw(format!(" ({id}, {}) in {}", words::roles(look, token.roles.as_deref()), once.context)),
    ]);
    let mut lines = wrap(look, &line, room, 3);
    if let Some(old) = &once.replaces {
        let proof = model.replacements.iter().find(|one| one.intent == once.intent).map(|one| one.proof.words());
        let follows = proof.unwrap_or_else(|| "the next question is about it".to_owned());
        let words = format!("{} still lives; {follows}.", words::label(look, &old.token.label));
        lines.extend(wrap(look, &Line::from(words), room, 0));
    }
    lines.extend(wrap(look, &Line::from("Nothing can show it again."), room, 0));
    lines
}

/// Returns the screen as lines. A secret that is shown is a line of its own, and nothing else stands there.
pub(super) fn told(look: &Look, model: &Model, once: &SecretOnce) -> Told {
    let room = super::ENDLESS;
    let mut lines = about(look, model, once, room);
    lines.extend(handed(look, once, room));
    let mut secret = None;
    lines.push(match shown(model, once) {
        None => Line::from("The secret is hidden."),
        Some(plaintext) if is_plain(plaintext) => {
            secret = Some(Zeroizing::new(plaintext.to_owned()));
            Line::from("The secret is the next line, which this terminal keeps as it keeps all it shows:")
        }
        Some(_) => Line::from(format!("{CHANGED}: use c, w or p")),
    });
    let lines = lines.iter().filter_map(super::sheet::told).collect();
    let foot = foot(look, once, room);
    let foot = foot.iter().filter_map(super::sheet::told).map(|text| text.replace("  ", ", ")).collect();
    let asks = match (&once.file, &once.back) {
        (Some(_), _) => "file",
        (None, Some(_)) => "paste it back",
        (None, None) => "",
    };
    Told { title: "New secret".to_owned(), lines, secret, foot, hints: String::new(), asks: asks.to_owned() }
}

/// What is said of a secret that a screen may not show as it is.
const CHANGED: &str = "it has characters that a screen may change";

/// Returns the secret while it is to be readable.
fn shown<'m>(model: &Model, once: &'m SecretOnce) -> Option<&'m str> {
    matches!(once.reveal, Reveal::Until(end) if model.now < end).then(|| once.secret.expose())
}

fn is_plain(plaintext: &str) -> bool {
    plaintext.bytes().all(|byte| (b'!'..=b'~').contains(&byte))
}

/// Draws the secret, or what stands for it; returns the rows used.
fn secret(canvas: &mut Canvas<'_>, area: Rect, model: &Model, once: &SecretOnce) -> u16 {
    let Some(plaintext) = shown(model, once) else {
        let words = format!("{} (hidden)", canvas.look.glyphs.hidden.repeat(24));
        canvas.text(area, &words, Look::plain());
        return 1;
    };
    let width = usize::from(area.width).max(1);
    let rows = plaintext.len().div_ceil(width);
    let plain = is_plain(plaintext);
    if !plain || rows > usize::from(area.height) {
        let why = if plain { "too long for this screen" } else { CHANGED };
        canvas.text(area, &format!("{why}: use c, w or p"), canvas.look.bad());
        return 1;
    }
    let mut rest = plaintext;
    for y in area.top()..area.bottom() {
        let (row, tail) = rest.split_at(width.min(rest.len()));
        canvas.text(Rect { y, height: 1, ..area }, row, Look::plain());
        rest = tail;
    }
    u16::try_from(rows).unwrap_or(u16::MAX)
}

/// Returns what is to be said, and what was done with the secret so far.
fn handed(look: &Look, once: &SecretOnce, room: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if !once.said.is_empty() {
        lines.extend(wrap(look, &Line::from(Span::styled(once.said.clone(), look.bad())), room, 0));
    }
    match once.check {
        Check::Not => {}
        Check::Same => {
            let words = "stored correctly: what you pasted back is the secret";
            lines.extend(wrap(look, &Line::from(Span::styled(words, look.good())), room, 0));
        }
        Check::Other => {
            let words = "what you pasted back is NOT the secret: store it again";
            lines.extend(wrap(look, &Line::from(Span::styled(words, look.bad())), room, 0));
        }
    }
    if !once.handed.is_empty() {
        let done = once.handed.iter().map(HandOver::words).collect::<Vec<_>>().join("; ");
        lines.extend(wrap(look, &Line::from(Span::styled(format!("done: {done}"), look.good())), room, 6));
    }
    lines
}

/// Returns the keys, and how to leave.
fn foot(look: &Look, once: &SecretOnce, room: usize) -> Vec<Line<'static>> {
    if once.file.is_some() {
        let keys = hints(&[("Enter", "write a new file only you can read"), ("Esc", "back")]);
        return wrap(look, &keys, room, 0);
    }
    if once.back.is_some() {
        let keys = hints(&[("Enter", "compare; it is not shown"), ("Esc", "back")]);
        return wrap(look, &keys, room, 0);
    }
    let reveal = match once.reveal {
        Reveal::Masked => "reveal for 30 s",
        Reveal::Until(_) => "hide",
    };
    let keys = hints(&[("c", "copy"), ("r", reveal), ("w", "to a file"), ("p", "to the command"), ("v", "compare")]);
    let first = if once.handed_over() { "When it is kept safe, type " } else { "Do one of these; then type " };
    let word = Span::styled("stored", Look::strong());
    let leave = Line::from(vec![Span::raw(first), word, Span::raw(" and Enter to leave.")]);
    let mut lines = wrap(look, &keys, room, 0);
    lines.extend(wrap(look, &leave, room, 0));
    lines
}
