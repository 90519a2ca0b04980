//! The question before something dies: what, where, what dies with it, and what must be typed.

use ratatui::text::{Line, Span};

use super::confirm_tokens::{one, several};
use super::sheet::Sheet;
use crate::app::modal::{Confirm, Held, Purpose, Reread, Tier};
use crate::app::model::Model;
use crate::domain::{Access, ContextName, Protection};
use crate::ui::look::Look;
use crate::ui::text::clean;

/// Returns the question.
pub(super) fn sheet<'m>(look: &'m Look, model: &'m Model, confirm: &'m Confirm, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, confirm.title(), room);
    sheet.scrolled(confirm.scroll);
    for line in places(look, model, confirm) {
        sheet.hang(line, 2);
    }
    if let Held::Because(reason) = &confirm.held {
        sheet.line(Span::styled(format!("Not now: {reason}"), look.bad()));
    }
    preface(look, confirm, &mut sheet);
    reread(look, confirm, &mut sheet);
    match confirm.tokens.as_slice() {
        [token] => one(look, model, confirm, token, &mut sheet),
        tokens => several(look, model, confirm, tokens, &mut sheet),
    }
    foot(look, model, confirm, &mut sheet);
    sheet
}

/// Returns each context and where it is; of several, with how many of the tokens are there.
fn places(look: &Look, model: &Model, confirm: &Confirm) -> Vec<Line<'static>> {
    let several = confirm.contexts.len() > 1;
    let place = |name: &ContextName| {
        let within = confirm.tokens.iter().filter(|frozen| frozen.context == *name).count();
        let words = if several { format!("{within} in context ") } else { "in context ".to_owned() };
        place(look, model, words, name)
    };
    confirm.contexts.iter().map(place).collect()
}

fn place(look: &Look, model: &Model, words: String, name: &ContextName) -> Line<'static> {
    let mut spans = vec![Span::raw(words), Span::styled(name.to_string(), Look::strong())];
    if let Some(state) = model.context(name) {
        if state.context.protection == Protection::Protected {
            spans.push(Span::styled(" PROTECTED", look.care()));
        }
        if state.context.access == Access::ReadOnly {
            spans.push(Span::styled(" READ-ONLY", look.care()));
        }
        spans.push(Span::raw(format!(", {}", state.context.origin)));
    }
    Line::from(spans)
}

/// Says what is particular about this question.
fn preface(look: &Look, confirm: &Confirm, sheet: &mut Sheet<'_>) {
    match confirm.purpose {
        Purpose::Revoke => {}
        Purpose::Rotate => sheet.line("It gets a new secret. The old secret stops at once."),
        Purpose::RevokeOld => {
            sheet.line("The new token is stored. This is the old one; both live until it is revoked.");
        }
    }
    let number = confirm.tokens.len();
    if confirm.hidden > 0 && number == 1 {
        sheet.line(Span::styled("It is hidden by the filter.", look.care()));
    } else if confirm.hidden > 0 {
        sheet.line(Span::styled(format!("{} of the {number} are hidden by the filter.", confirm.hidden), look.care()));
    }
}

/// Says what reading the token again brought.
fn reread(look: &Look, confirm: &Confirm, sheet: &mut Sheet<'_>) {
    match &confirm.reread {
        Reread::Not => {}
        Reread::Changed(differences) => {
            let words = "Nothing was sent: it changed since it was shown. As it is now:";
            sheet.line(Span::styled(words, look.care()));
            for difference in differences {
                sheet.hang(format!("- {difference}"), 2);
            }
        }
        Reread::Failed(failure) => {
            sheet.line(Span::styled("Nothing was sent: it could not be read again.", look.care()));
            sheet.failure(failure);
        }
    }
}

/// Adds the choices and what to type.
fn foot<'m>(look: &Look, model: &Model, confirm: &'m Confirm, sheet: &mut Sheet<'m>) {
    let armed = confirm.arming.is_armed(model.now);
    let style = if armed && confirm.held == Held::No { look.bad() } else { Look::plain() };
    let choices = vec![Span::styled("[Keep]", Look::chosen()), Span::raw("  "), Span::styled(act(confirm), style)];
    sheet.below(Line::from(choices));
    sheet.said(&confirm.said);
    let mut lines = instruction(look, confirm);
    if !armed {
        // As many lines as the instruction takes, so that nothing moves when it comes.
        lines = vec![Line::default(); lines.len()];
        lines.splice(..1, [Line::from(super::NOT_YET)]);
    }
    for line in lines {
        sheet.below(line);
    }
    if confirm.tier != Tier::Yes {
        sheet.prompt("> ", &confirm.input);
    }
}

/// Returns the name of the choice that acts.
fn act(confirm: &Confirm) -> String {
    match confirm.purpose {
        Purpose::Rotate => "Rotate".to_owned(),
        Purpose::Revoke | Purpose::RevokeOld => confirm.title(),
    }
}

/// Returns what to type, in words.
fn instruction(look: &Look, confirm: &Confirm) -> Vec<Line<'static>> {
    let verb = if confirm.purpose == Purpose::Rotate { "rotate" } else { "revoke" };
    let what = match &confirm.tier {
        Tier::Yes => "y",
        Tier::Label(_) => "its label and Enter",
        Tier::IdEnd(_) => "the end of its id and Enter",
        Tier::Count(_) => "the number and Enter",
        Tier::CountAndContext(_) if confirm.contexts.len() > 1 => "number, contexts and Enter",
        Tier::CountAndContext(_) => "number, context and Enter",
    };
    let keeps = match (&confirm.held, &confirm.tier) {
        (Held::No, Tier::Yes) => {
            let words = vec![Span::raw("Type "), Span::styled("y", Look::strong()), Span::raw(format!(" to {verb}. "))];
            let mut line = Line::from(words);
            line.push_span(Span::raw("Enter, Esc, n or q keeps."));
            return vec![line];
        }
        (Held::Because(_), Tier::Yes) => return vec![Line::from("Enter, Esc, n or q keeps.")],
        (Held::No | Held::Because(_), _) => "Enter on an empty line, or Esc, keeps.",
    };
    // What must be typed stands at the end, so that nothing else can be taken for a part of it.
    let expected = Span::styled(clean(confirm.tier.expected(), look.charset).into_owned(), Look::strong());
    vec![Line::from(vec![Span::raw(format!("To {verb}, type {what}:  ")), expected]), Line::from(keeps)]
}
