//! The frozen tokens of a question: one with every field, several with what tells them apart.

use ratatui::text::{Line, Span};

use super::sheet::Sheet;
use crate::app::modal::{Confirm, Frozen, Purpose};
use crate::app::model::Model;
use crate::domain::{Capabilities, ContextName};
use crate::ui::look::Look;
use crate::ui::text::clean;
use crate::ui::words::count;
use crate::ui::{time, words};

/// The width of the names of fields.
const NAMES: usize = 10;
/// What stands where the token is the operator's own.
const OWN: &str = "YOUR OWN CREDENTIAL";

/// Adds one token, a line for each field.
pub(super) fn one(look: &Look, model: &Model, confirm: &Confirm, frozen: &Frozen, sheet: &mut Sheet<'_>) {
    let token = &frozen.token;
    if frozen.own {
        sheet.line(Span::styled(format!("{OWN}: this program stops working with it."), look.bad()));
    }
    let mut add = |name: &str, value: Vec<Span<'static>>| {
        let mut spans = vec![Span::styled(format!("{name:<NAMES$} "), Look::strong())];
        spans.extend(value);
        sheet.hang(Line::from(spans), NAMES + 1);
    };
    let mut label = vec![Span::raw(words::label(look, &token.label))];
    label.extend(odd(look, frozen).map(|words| Span::styled(format!("  ({words})"), look.care())));
    add("label", label);
    add("id", vec![Span::raw(clean(&token.id.shown(), look.charset).into_owned())]);
    add("owner", vec![Span::raw(words::owner(look, &token.owner))]);
    let mut roles = vec![Span::raw(words::roles(look, token.roles.as_deref()))];
    if frozen.admin {
        roles.push(Span::styled("  (counts as admin)", look.care()));
    }
    add("role", roles);
    add("created", vec![Span::raw(token.created.map_or("unknown".to_owned(), |at| time::full(at, model.now)))]);
    add("last used", vec![Span::raw(time::full_use(token.last_used, model.now))]);
    let takes = takes(model, confirm, &frozen.context, frozen.children);
    add("also dies", vec![Span::styled(takes.0, if takes.1 { look.care() } else { Look::plain() })]);
    if let Some(delay) = delay(model, confirm, &frozen.context) {
        add("delay", vec![Span::styled(delay, look.care())]);
    }
    if let Some(why) = unproved(model, confirm, &frozen.context) {
        add("no proof", vec![Span::styled(why, look.care())]);
    }
    if let Some(forever) = irreversible(model, confirm, &frozen.context) {
        add("no undo", vec![Span::raw(forever)]);
    }
}

/// Adds several tokens: what is common to those of a context, then two lines for each.
pub(super) fn several(look: &Look, model: &Model, confirm: &Confirm, tokens: &[Frozen], sheet: &mut Sheet<'_>) {
    let admins = tokens.iter().filter(|frozen| frozen.admin).count();
    if admins > 0 {
        let words = format!("{} as admin.", count(admins, "counts", "count"));
        sheet.line(Span::styled(words, look.care()));
    }
    if tokens.iter().any(|frozen| frozen.own) {
        sheet.line(Span::styled(format!("{OWN} is among them; it is revoked last."), look.bad()));
    }
    let digits = tokens.len().to_string().len();
    let mut numbered = (1..).zip(tokens).peekable();
    for context in &confirm.contexts {
        if confirm.contexts.len() > 1 {
            sheet.line(Span::styled(format!("In {context}:"), Look::strong()));
        }
        common(look, model, confirm, context, sheet);
        while let Some((number, frozen)) = numbered.next_if(|(_, frozen)| frozen.context == *context) {
            entry(look, model, (number, digits), frozen, sheet);
        }
    }
}

/// Adds what is common to the tokens of a context.
fn common(look: &Look, model: &Model, confirm: &Confirm, context: &ContextName, sheet: &mut Sheet<'_>) {
    let within = confirm.tokens.iter().filter(|frozen| frozen.context == *context);
    let (takes, many) = takes(model, confirm, context, within.map(|frozen| frozen.children).sum());
    let style = if many { look.care() } else { Look::plain() };
    let mut add = |name: &str, words: Span<'static>| {
        sheet.hang(Line::from(vec![Span::styled(format!("{name:<NAMES$} "), Look::strong()), words]), NAMES + 1);
    };
    add("also dies", Span::styled(takes, style));
    if let Some(delay) = delay(model, confirm, context) {
        add("delay", Span::styled(delay, look.care()));
    }
    if let Some(why) = unproved(model, confirm, context) {
        add("no proof", Span::styled(why, look.care()));
    }
    if let Some(forever) = irreversible(model, confirm, context) {
        add("no undo", Span::raw(forever));
    }
}

/// Adds one of several tokens.
fn entry(look: &Look, model: &Model, (number, digits): (usize, usize), frozen: &Frozen, sheet: &mut Sheet<'_>) {
    let token = &frozen.token;
    let dot = look.glyphs.dot;
    let label = words::label(look, &token.label);
    let mut head = vec![Span::raw(format!("{number:>digits$} ")), Span::styled(label, Look::strong())];
    if frozen.own {
        head.push(Span::styled(format!("  {OWN}"), look.bad()));
    }
    if frozen.admin {
        head.push(Span::styled("  admin", look.care()));
    }
    head.extend(odd(look, frozen).map(|words| Span::styled(format!("  ({words})"), look.care())));
    sheet.hang(Line::from(head), digits + 1);
    let created = token.created.map_or("unknown".to_owned(), |at| time::ago(at, model.now));
    let mut facts = vec![
        clean(&token.id.shown(), look.charset).into_owned(),
        words::owner(look, &token.owner),
        words::roles(look, token.roles.as_deref()),
        format!("created {created}"),
        format!("used {}", time::last_use(token.last_used, model.now)),
    ];
    if frozen.children > 0 {
        facts.push(count(frozen.children, "child", "children"));
    }
    let indent = " ".repeat(digits + 1);
    sheet.hang(format!("{indent}{}", facts.join(&format!(" {dot} "))), digits + 1);
}

/// Says that a label is not what it seems at first sight.
fn odd(look: &Look, frozen: &Frozen) -> Option<&'static str> {
    let raw = frozen.token.label.raw();
    match (raw.is_ascii(), words::label(look, &frozen.token.label).contains("\\u{")) {
        (_, true) => Some("characters written as \\u{…}"),
        (false, false) => Some("not plain ASCII"),
        (true, false) => None,
    }
}

/// Returns what dies too, and whether that is more than usual.
fn takes(model: &Model, confirm: &Confirm, context: &ContextName, children: usize) -> (String, bool) {
    let takes = capabilities(model, context).map(|known| known.revoke_takes.clone()).unwrap_or_default();
    let children_words = count(children, "child token in the list", "child tokens in the list");
    let words = match (confirm.purpose, children, takes.is_empty()) {
        (Purpose::Rotate, ..) => "nothing; only its secret changes".to_owned(),
        (_, 0, true) => "nothing".to_owned(),
        (_, 0, false) => takes,
        (_, _, true) => children_words,
        (_, _, false) => format!("{children_words}; {takes}"),
    };
    (words, children > 0 && confirm.purpose != Purpose::Rotate)
}

/// Returns what cannot be undone.
fn irreversible(model: &Model, confirm: &Confirm, context: &ContextName) -> Option<String> {
    let words = match confirm.purpose {
        Purpose::Rotate => return None,
        Purpose::Revoke | Purpose::RevokeOld => capabilities(model, context)?.irreversible.clone(),
    };
    (!words.is_empty()).then_some(words)
}

/// Returns how long what is revoked may go on working.
fn delay(model: &Model, confirm: &Confirm, context: &ContextName) -> Option<String> {
    let words = match confirm.purpose {
        Purpose::Rotate => return None,
        Purpose::Revoke | Purpose::RevokeOld => capabilities(model, context)?.delay.clone(),
    };
    (!words.is_empty()).then_some(words)
}

/// Returns why nothing will show that what is revoked is dead.
fn unproved(model: &Model, confirm: &Confirm, context: &ContextName) -> Option<String> {
    match confirm.purpose {
        Purpose::Rotate => None,
        Purpose::Revoke | Purpose::RevokeOld => capabilities(model, context)?.unproved.clone(),
    }
}

fn capabilities<'m>(model: &'m Model, context: &ContextName) -> Option<&'m Capabilities> {
    model.context(context).map(|state| &*state.context.capabilities)
}
