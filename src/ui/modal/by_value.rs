//! The question whether a leaked value itself is to be revoked, and what became of it.

use ratatui::text::{Line, Span};

use super::sheet::Sheet;
use crate::app::by_value::{self, Stage, Weight};
use crate::app::identify::{Finding, Way};
use crate::app::modal::{AsksEnd, Identify};
use crate::app::model::Model;
use crate::domain::{Outcome, Protection};
use crate::ui::look::Look;
use crate::ui::text::clean;
use crate::ui::words;

/// The width of the names before what is said.
const NAMES: usize = 9;

/// Puts the question, and says to which host the value would be sent.
pub(super) fn question<'m>(look: &'m Look, model: &Model, screen: &Identify, asks: &'m AsksEnd, sheet: &mut Sheet<'m>) {
    let (Some(name), Some(finding)) = (asks.context(), screen.findings.get(asks.finding)) else { return };
    let Some(state) = model.context(name) else { return };
    let able = &state.context.capabilities;
    sheet.scrolled(asks.scroll);
    sheet.line("The value itself would be sent to one host, to be revoked there:");
    let mut place = vec![
        Span::raw("  "),
        Span::styled(state.context.origin.to_string(), Look::strong()),
        Span::raw(format!("  context {name}, {}", clean(&able.title, look.charset))),
    ];
    if state.context.protection == Protection::Protected {
        place.push(Span::styled(" PROTECTED", look.care()));
    }
    sheet.line(Line::from(place));
    let mut add = |name: &str, words: Line<'static>| {
        let name = Span::styled(format!("{name:<NAMES$} "), Look::strong());
        sheet.hang(Line::from([vec![name], words.spans].concat()), NAMES + 1);
    };
    let value = format!("{}  {}", finding.candidate.masked(), finding.candidate.words());
    add("value", Line::from(clean(&value, look.charset).into_owned()));
    add("token", token(look, model, asks));
    for (name, words) in [("also dies", &able.revoke_takes), ("delay", &able.delay), ("no undo", &able.irreversible)] {
        if !words.is_empty() {
            add(name, Line::from(clean(words, look.charset).into_owned()));
        }
    }
    let proof = match by_value::way(model, name) {
        Some(Way::Told) => "it is asked first which token the value is, and again until it is dead",
        Some(Way::Used) => "the value is tried there first as a credential, and again until it is refused",
        None => "none: nothing there tells whether a value lives",
    };
    add("proof", Line::from(proof));
    sheet.gap();
    sheet.line("It may write the value to its logs. The value is kept here until its end is known.");
    foot(look, model, asks, sheet);
}

/// Says which token would die.
fn token(look: &Look, model: &Model, asks: &AsksEnd) -> Line<'static> {
    let row = asks.token.as_ref().and_then(|token| model.tokens.inventory.find(token));
    let row = row.and_then(|row| model.tokens.inventory.get(row));
    let mut spans = vec![match row {
        Some(row) => Span::raw(format!("\"{}\" of {}", words::label(look, &row.label().to_boxed()), row.context())),
        None => Span::styled("in no list here: what it may do, and who needs it, is not known", look.care()),
    }];
    if asks.weight == Weight::Own {
        spans.push(Span::styled(": YOUR OWN CREDENTIAL", look.bad()));
    }
    Line::from(spans)
}

/// Adds the choices and what to type.
fn foot<'m>(look: &Look, model: &Model, asks: &'m AsksEnd, sheet: &mut Sheet<'m>) {
    let choices =
        vec![Span::styled("[Keep]", Look::chosen()), Span::raw("  "), Span::styled("Revoke the value", look.bad())];
    sheet.below(Line::from(choices));
    sheet.said(&clean(&asks.said, look.charset));
    let all = asks.whom.len();
    let mut keys = vec![if asks.has_field() { ("Enter Esc", "keep it") } else { ("any other", "keep it") }];
    if all > 1 {
        keys.push(("Up Down", "another host"));
    }
    if !asks.has_field() {
        keys.insert(0, ("y", "revoke it there"));
        return sheet.keys(&keys);
    }
    let host = asks.context().map(|name| by_value::host(model, name)).unwrap_or_default();
    // What must be typed stands at the end, so that nothing else can be taken for a part of it.
    let expected = Span::styled(clean(&host, look.charset).into_owned(), Look::strong());
    sheet.below(Line::from(vec![Span::raw("To revoke, type the host and Enter:  "), expected]));
    sheet.keys(&keys);
    sheet.prompt("> ", &asks.input);
}

/// Adds what became of a value that was revoked by itself.
pub(super) fn told(look: &Look, model: &Model, finding: &Finding, sheet: &mut Sheet<'_>) {
    for one in finding.ends.iter().filter_map(|number| by_value::find(model, *number)) {
        let style = match &one.stage {
            Stage::Over(Outcome::VerifiedDead | Outcome::AlreadyGone) => look.good(),
            Stage::Over(Outcome::StillAnswering(_) | Outcome::Unverified(_) | Outcome::Failed(_)) => look.bad(),
            Stage::Over(Outcome::Done(_) | Outcome::Changed | Outcome::NotSent | Outcome::HadNoEffect)
            | Stage::Kept(_)
            | Stage::Looking
            | Stage::Recording(_)
            | Stage::Sending
            | Stage::Proving
            | Stage::Later(..) => look.care(),
        };
        let words = format!("  {}: {}", one.context, clean(&one.words(), look.charset));
        sheet.hang(Line::from(Span::styled(words, style)), 4);
    }
}
