//! A leaked value: what it is, and which token. Of the value itself no more is on screen than all of its kind begin with.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::by_value;
use super::sheet::Sheet;
use crate::app::field::HiddenText;
use crate::app::identify::{Answered, Finding, Hit, Verdict, Way};
use crate::app::modal::{Asks, Identify, Looking, takers};
use crate::app::model::Model;
use crate::app::tokens::RowNote;
use crate::domain::Status;
use crate::domain::shape::Check;
use crate::ui::look::Look;
use crate::ui::text::clean;
use crate::ui::words::{self, count};

/// Returns the screen.
pub(super) fn sheet<'m>(look: &'m Look, model: &Model, screen: &'m Identify, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, "Identify", room);
    if let Some(asks) = &screen.ends {
        by_value::question(look, model, screen, asks, &mut sheet);
        return sheet;
    }
    match (&screen.asks, screen.stage) {
        (Some(asks), _) => question(look, model, screen, asks, &mut sheet),
        (None, Looking::NotYet) => field(look, &screen.input, &mut sheet),
        (None, Looking::Going(_)) => {
            sheet.line("Looking through it…");
            sheet.keys(&[("Esc", "close")]);
        }
        (None, Looking::Over) => found(look, model, screen, &mut sheet),
    }
    sheet
}

fn field(look: &Look, input: &HiddenText, sheet: &mut Sheet<'_>) {
    sheet.line("Paste a leaked value, a log, or a whole ticket. It is not shown, not kept, and not sent anywhere.");
    sheet.gap();
    let typed = match input.len() {
        0 => "(paste it; it stays hidden)".to_owned(),
        _ if input.is_cut() => "the first 1 MiB of it (hidden)".to_owned(),
        length => format!("{} {} (hidden)", look.glyphs.hidden.repeat(8), count(length, "character", "characters")),
    };
    sheet.asks("leaked value");
    sheet.line(Line::from(vec![Span::styled("> ", Look::strong()), Span::raw(typed)]));
    sheet.caret(2);
    sheet.keys(&[("Enter", "look for it"), ("Ctrl-u", "empty"), ("Esc", "close")]);
}

fn found(look: &Look, model: &Model, screen: &Identify, sheet: &mut Sheet<'_>) {
    let known = |finding: &&Finding| matches!(finding.verdict(), Verdict::Found | Verdict::Likely);
    let values = screen.findings.len();
    match (values, screen.findings.iter().filter(known).count()) {
        (0, _) => sheet.line("Nothing in it looks like a secret, and no list knows any of it."),
        (_, 0) => sheet.line(format!("{}, none of them in a list here.", count(values, "value", "values"))),
        (_, known) => sheet.line(format!("{}, {known} of them in a list here.", count(values, "value", "values"))),
    }
    if screen.cut {
        sheet.line(Span::styled(
            "There was more in it than is looked for at once: paste the rest by itself.",
            look.care(),
        ));
    }
    for (line, (at, hit)) in screen.lines().into_iter().enumerate() {
        let finding = &screen.findings[at];
        let start = sheet.len();
        if hit.unwrap_or_default() == 0 {
            sheet.gap();
            head(look, finding, sheet);
        }
        let chosen = line == screen.cursor;
        match hit.and_then(|hit| finding.hits.get(hit)) {
            Some(hit) => token(look, model, hit, chosen, sheet),
            None => entry(vec![Span::raw(clean(&finding.words(), look.charset).into_owned())], chosen, sheet),
        }
        if hit.is_none_or(|hit| hit + 1 == finding.hits.len()) {
            for (name, answered) in &finding.asked {
                let (words, style) = told(look, answered);
                let words = format!("  {name}: {}", clean(&words, look.charset));
                sheet.hang(Line::from(Span::styled(words, style)), 4);
            }
            by_value::told(look, model, finding, sheet);
        }
        if chosen {
            sheet.keep_from(start);
        }
    }
    sheet.said(&screen.said);
    if screen.findings.is_empty() {
        return sheet.keys(&[("p", "another"), ("Enter Esc", "close")]);
    }
    let here = screen.lines().get(screen.cursor).and_then(|(at, _)| screen.findings.get(*at));
    let ends = here.is_some_and(|finding| takers(model, finding).is_ok());
    let keys = [
        ("x", "revoke it"),
        ("X", "revoke by value"),
        ("v", "ask a backend"),
        ("m", "mark all"),
        ("p", "another"),
        ("Up Down", "choose"),
        ("Esc", "close"),
    ];
    sheet.keys(&keys.into_iter().filter(|(key, _)| ends || *key != "X").collect::<Vec<_>>());
}

/// Adds what a value is.
fn head(look: &Look, finding: &Finding, sheet: &mut Sheet<'_>) {
    let candidate = &finding.candidate;
    let times = if candidate.times > 1 { format!(", {} times", candidate.times) } else { String::new() };
    let words = format!("  {}", clean(&candidate.words(), look.charset));
    sheet.hang(
        Line::from(vec![
            Span::styled(clean(&candidate.shown(), look.charset).into_owned(), Look::strong()),
            Span::raw(format!("{words}, line {}{times}", candidate.line)),
        ]),
        2,
    );
    if let Some(issuer) = &candidate.issuer {
        sheet.hang(format!("  issued by {}, as it says itself", clean(&issuer.shown(), look.charset)), 4);
    }
    if candidate.check == Check::Wrong {
        let words = "  its checksum is wrong: mistyped, cut off, or something else";
        sheet.hang(Line::from(Span::styled(words, look.care())), 4);
    }
}

/// Adds a line that can be chosen.
fn entry(mut spans: Vec<Span<'static>>, chosen: bool, sheet: &mut Sheet<'_>) {
    let sign = Span::styled(if chosen { "> " } else { "  " }, Look::strong());
    if chosen {
        for span in &mut spans {
            span.style = span.style.patch(Look::chosen());
        }
    }
    spans.insert(0, sign);
    sheet.hang(Line::from(spans), 4);
}

/// Adds a token that a value is.
fn token(look: &Look, model: &Model, hit: &Hit, chosen: bool, sheet: &mut Sheet<'_>) {
    let inventory = &model.tokens.inventory;
    let row = inventory.find(&hit.token).and_then(|row| inventory.get(row));
    let sure = if hit.how.is_exact() { "this is" } else { "this may be" };
    let why = hit.how.words();
    let Some(row) = row else {
        let words =
            format!("{sure} token {} of {}, which its list does not hold now", hit.token.id.shown(), hit.token.context);
        return entry(vec![Span::raw(clean(&words, look.charset).into_owned())], chosen, sheet);
    };
    let window = model.context(row.context()).map(|state| state.context.active_window).unwrap_or_default();
    let status = row.status(model.now, window);
    let label = words::label(look, &row.label().to_boxed());
    let note = model.tokens.notes.get(&row.row()).map(RowNote::words).filter(|note| *note != status.word());
    let (state, style) = match status {
        Status::Revoked | Status::Expired => (format!("dead, {}", status.word()), look.good()),
        Status::Disabled => ("switched off".to_owned(), look.care()),
        Status::Unknown => ("alive".to_owned(), look.bad()),
        Status::Generated | Status::Active | Status::Inactive => (format!("alive, {}", status.word()), look.bad()),
    };
    let note = note.map(|note| format!(", {note}")).unwrap_or_default();
    let spans = vec![
        Span::raw(format!("{sure} token \"{label}\" of {}: ", row.context())),
        Span::styled(format!("{state}{note}"), style),
        Span::raw(format!("; {why}")),
    ];
    entry(spans, chosen, sheet);
}

/// Returns what a context said.
fn told(look: &Look, answered: &Answered) -> (String, Style) {
    match answered {
        Answered::Asking(_) => ("asking…".to_owned(), look.care()),
        Answered::Is(token) => (format!("it says: token {}", token.id.shown()), Look::plain()),
        Answered::Lives(whose) => (format!("it lives: {whose}"), look.bad()),
        Answered::Refused => ("it is refused there: dead, or never one of its tokens".to_owned(), look.good()),
        Answered::Unknown => ("it is not known there: dead, or never one of its tokens".to_owned(), look.good()),
        Answered::Failed(failure) => (format!("{failure}. {}", failure.hint), look.bad()),
    }
}

/// Puts the question whether a value is to be sent, and says to which host.
fn question(look: &Look, model: &Model, screen: &Identify, asks: &Asks, sheet: &mut Sheet<'_>) {
    let (Some((name, way)), Some(finding)) = (asks.whom.get(asks.at), screen.findings.get(asks.finding)) else {
        return;
    };
    let Some(state) = model.context(name) else { return };
    sheet.line("The value itself would be sent to one host:");
    sheet.gap();
    sheet.line(Line::from(vec![
        Span::raw("  "),
        Span::styled(state.context.origin.to_string(), Look::strong()),
        Span::raw(format!("  context {name}, {}", clean(&state.context.capabilities.title, look.charset))),
    ]));
    sheet.gap();
    sheet.line(match way {
        Way::Told => "It is asked which token the value is. It may write the value to its logs.",
        Way::Used => {
            "The value is used there as a credential, to see whose it is. That may count as a use of the token."
        }
    });
    let others = finding.asked.iter().filter(|(asked, _)| asked != name).map(|(asked, _)| asked.to_string());
    let others: Vec<String> = others.collect();
    if !others.is_empty() {
        let words = format!("It was given to {} before.", others.join(", "));
        sheet.line(Span::styled(words, look.care()));
    }
    let all = asks.whom.len();
    if all > 1 {
        sheet.line(format!("{} of {all} that can be asked, one at a time.", asks.at + 1));
        return sheet.keys(&[("y", "send it"), ("Up Down", "another host"), ("any other", "keep it here")]);
    }
    sheet.keys(&[("y", "send it"), ("any other", "keep it here")]);
}
