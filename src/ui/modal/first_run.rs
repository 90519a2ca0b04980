//! The first screen of a program without contexts: try the demo, or add a backend.

use ratatui::text::{Line, Span};

use super::form;
use super::login::hidden;
use super::sheet::Sheet;
use crate::app::modal::{FirstRun, FirstRunField, Stage};
use crate::ui::look::Look;

/// Returns the screen.
pub(super) fn sheet<'m>(look: &'m Look, first: &'m FirstRun, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, "Welcome to tokendeck", room);
    match first.stage {
        Stage::Choice => choice(&mut sheet),
        Stage::StartingDemo => sheet.line(Span::styled("Starting the demo backend on this machine…", look.care())),
        Stage::Form | Stage::Testing => form(look, first, &mut sheet),
    }
    if let Some(failure) = &first.failure {
        sheet.failure_below(failure);
    }
    sheet.said(&first.said);
    match (first.stage, first.focus) {
        (Stage::Choice, _) => sheet.keys(&[("d", "demo"), ("a", "add a backend"), ("q", "quit")]),
        (Stage::StartingDemo, _) => {}
        (Stage::Testing, _) => sheet.below(Span::styled("asking… this is one test call", look.care())),
        (Stage::Form, FirstRunField::Backend) => {
            sheet.keys(&[("Left Right", "choose"), ("Up Down", "field"), ("Enter", "next"), ("Esc", "back")]);
        }
        (Stage::Form, FirstRunField::Submit) => {
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

fn form<'m>(look: &'m Look, first: &'m FirstRun, sheet: &mut Sheet<'m>) {
    let at = |field| form::focus(&field, (first.stage == Stage::Form).then_some(&first.focus));
    let backends: Vec<_> = first.backends.iter().map(|name| (name.clone(), Vec::new())).collect();
    form::choice(sheet, "backend", &backends, first.backend, at(FirstRunField::Backend));
    form::text(sheet, "name", &first.name, "", at(FirstRunField::Name));
    form::text(sheet, "URL", &first.url, "", at(FirstRunField::Url));
    form::text(sheet, "CA file", &first.ca_file, "(the system's authorities)", at(FirstRunField::CaFile));
    form::fixed(sheet, "credential", hidden(look, &first.credential), at(FirstRunField::Credential));
    form::button(sheet, "Test and add", at(FirstRunField::Submit));
}
