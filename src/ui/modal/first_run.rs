//! The first screen of a program without contexts: try the demo, or add a backend.

use ratatui::text::{Line, Span};

use super::form;
use super::login::{besides, hidden};
use super::sheet::Sheet;
use crate::app::modal::{ContextForm, FirstRun, FormField, Stage};
use crate::app::model::Model;
use crate::app::tokens::Focus;
use crate::domain::Param;
use crate::ui::look::Look;
use crate::ui::text::{fit, width};

/// How many backends are shown at once to choose from, and how many on a low screen.
const FEW: [usize; 2] = [6, 3];
/// From this many rows on a screen is not low.
const TALL: u16 = 20;

/// Returns the screen.
pub(super) fn sheet<'m>(look: &'m Look, model: &Model, first: &'m FirstRun, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, "Welcome to tokendeck", room);
    match first.stage {
        Stage::Choice => choice(&mut sheet),
        Stage::StartingDemo => sheet.line(Span::styled("Starting the demo backend on this machine…", look.care())),
        Stage::Form | Stage::Testing => {
            let few = if model.size.1 >= TALL { FEW[0] } else { FEW[1] };
            form(look, first, room, few, &mut sheet);
        }
    }
    if let Some(failure) = &first.failure {
        sheet.failure_below(failure);
    }
    if first.stage == Stage::Form {
        about(look, &first.form, &mut sheet);
        sheet.said(&first.form.said);
    }
    match (first.stage, first.form.focus) {
        (Stage::Choice, _) => sheet.keys(&[("d", "demo"), ("a", "add a backend"), ("q", "quit")]),
        (Stage::StartingDemo, _) => {}
        (Stage::Testing, _) => sheet.below(Span::styled("asking… this is one test call", look.care())),
        (Stage::Form, _) if first.form.offers.is_empty() => sheet.keys(&[("Esc", "back")]),
        (Stage::Form, FormField::Backend) => {
            sheet.keys(&[("Up Down", "choose"), ("Enter", "next"), ("Esc", "back")]);
        }
        (Stage::Form, FormField::Submit) => {
            sheet.keys(&[("Enter", "make a test call"), ("Up", "back to the fields"), ("Esc", "back")]);
        }
        (Stage::Form, _) => sheet.keys(&[("Up Down", "field"), ("Enter", "next"), ("Esc", "back")]),
    }
    sheet
}

fn choice(sheet: &mut Sheet<'_>) {
    sheet.line("No context is configured yet.");
    sheet.gap();
    for (key, title, about) in [
        ("d", "Try the demo", "a token server with sample tokens on this machine; nothing is kept"),
        ("a", "Add a backend", "a URL and a credential; one test call, then read-only until :write"),
    ] {
        let spans = vec![Span::styled(format!("{key}  {title}"), Look::strong()), Span::raw(format!(": {about}"))];
        sheet.hang(Line::from(spans), 3);
    }
}

fn form<'m>(look: &'m Look, first: &'m FirstRun, room: usize, few: usize, sheet: &mut Sheet<'m>) {
    let typed = &first.form;
    if typed.offers.is_empty() {
        return sheet.line(Span::styled("looking what backends there are…", look.care()));
    }
    let at = |field| form::focus(&field, (first.stage == Stage::Form).then_some(&typed.focus));
    let offer = typed.offer();
    match at(FormField::Backend) {
        Focus::Here => backends(look, typed, room, few, sheet),
        Focus::Elsewhere => {
            let words = offer.map(|offer| format!("{}  {}", offer.name, offer.title)).unwrap_or_default();
            form::fixed(sheet, "backend", words, Focus::Elsewhere);
        }
    }
    form::text(sheet, "name", &typed.name, "", at(FormField::Name));
    form::text(sheet, "URL", &typed.url, "", at(FormField::Url));
    form::text(sheet, "CA file", &typed.ca_file, "(the system's authorities)", at(FormField::CaFile));
    let params = offer.map(|offer| offer.params.as_slice()).unwrap_or_default();
    for (index, (param, field)) in params.iter().zip(&typed.params).enumerate() {
        form::text(sheet, &param.name, field, &unsaid(param), at(FormField::Param(index)));
    }
    form::fixed(sheet, "credential", hidden(look, &typed.credential), at(FormField::Credential));
    let inputs = offer.map(|offer| offer.inputs.as_slice()).unwrap_or_default();
    for (index, (input, field)) in inputs.iter().zip(&typed.inputs).enumerate() {
        form::fixed(sheet, &input.name, besides(look, input, field), at(FormField::Input(index)));
    }
    form::button(sheet, "Test and add", at(FormField::Submit));
}

/// Adds the field that narrows the backends, and a few of those that it leaves.
fn backends<'m>(look: &'m Look, typed: &'m ContextForm, room: usize, few: usize, sheet: &mut Sheet<'m>) {
    let shown = typed.shown();
    let start = sheet.len();
    let left = format!("({} of {}: type to narrow them)", shown.len(), typed.offers.len());
    form::text(sheet, "backend", &typed.filter, &left, Focus::Here);
    let cursor = shown.iter().position(|index| *index == typed.chosen);
    let first = cursor.unwrap_or(0).saturating_sub(few / 2).min(shown.len().saturating_sub(few));
    let column = typed.offers.iter().map(|offer| width(&offer.name)).max().unwrap_or_default().min(room / 3);
    for index in shown.iter().skip(first).take(few) {
        let offer = &typed.offers[*index];
        let (sign, style) = if *index == typed.chosen { ("  (x) ", Look::strong()) } else { ("  ( ) ", Look::plain()) };
        let off = offer.closed.as_ref().map(|why| format!("  off: {why}")).unwrap_or_default();
        let gap = " ".repeat(column.saturating_sub(width(&offer.name)) + 2);
        let about = format!("{gap}{}{off}", offer.title);
        let about = fit(look, &about, room.saturating_sub(6 + width(&offer.name))).into_owned();
        sheet.line(Line::from(vec![Span::styled(format!("{sign}{}", offer.name), style), Span::raw(about)]));
    }
    if shown.is_empty() {
        sheet.line("      no backend matches");
    }
    sheet.keep_from(start);
}

/// Returns what holds where a parameter is not said.
fn unsaid(param: &Param) -> String {
    match (&param.default, param.required) {
        (Some(default), _) => format!("({default})"),
        (None, true) => "(needed)".to_owned(),
        (None, false) => "(may be left empty)".to_owned(),
    }
}

/// Says what the field that has the keys is for.
fn about<'m>(look: &'m Look, typed: &'m ContextForm, sheet: &mut Sheet<'m>) {
    let Some(offer) = typed.offer().filter(|_| typed.said.is_empty()) else { return };
    match typed.focus {
        FormField::Backend => {
            if let Some(why) = &offer.closed {
                sheet.below(Span::styled(format!("{} cannot be used: {why}", offer.name), look.care()));
            }
        }
        FormField::Url if offer.docs.starts_with("https://") => {
            sheet.below(format!("Its interface is documented at {}", offer.docs));
        }
        FormField::Param(at) => {
            sheet.below(offer.params.get(at).map(|param| sentence(&param.about)).unwrap_or_default());
        }
        FormField::Input(at) => {
            let about = offer.inputs.get(at).map(|input| sentence(&input.about)).unwrap_or_default();
            sheet.below(format!("{about} It is kept in memory only."));
        }
        FormField::Name | FormField::Url | FormField::CaFile | FormField::Credential | FormField::Submit => {}
    }
}

fn sentence(phrase: &str) -> String {
    let end = if phrase.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{phrase}{end}")
}
