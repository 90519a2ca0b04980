//! Where a key goes: to the modal in front, to the query line, or through the keymap to an action.

use super::action::{self, Action};
use super::activity;
use super::effect::Effect;
use super::key::{Code, Control, Key, Paste, Stroke};
use super::modal::{self, Help, Modal, Palette, Recover};
use super::model::{Model, Tab};
use super::tokens::{Answered, Detail, Focus};
use super::{answers, filtering, incident, leave, loading, run, switching, tokens};

/// Takes a key.
pub(super) fn press(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    // It may be the same passphrase once more: it is no key, and is not shown.
    if let Some(name) = model.unlocking.first().filter(|_| model.front().is_none() && key.text().is_some()) {
        let text = format!("the passphrase of {name} is being tried: what is typed until then is dropped");
        return model.messages.say(model.now, text);
    }
    if model.front().is_some() {
        modal::press(model, key, effects);
    } else if model.activity.sift.focus == Focus::Here {
        type_filter(model, key);
    } else if model.tokens.query.focus == Focus::Here {
        type_query(model, key);
    } else if let Some(action) = model.keymap.action(key) {
        if waits(model, action) {
            return model.tokens.typed_ahead.push(key);
        }
        // A held key moves; it does not open, mark or ask twice.
        if key.stroke == Stroke::Press || is_move(action) {
            act(model, action, effects);
        }
    }
}

/// Tells whether a key waits for the rows that the query asked for: it means them, not those on screen.
fn waits(model: &Model, action: Action) -> bool {
    let tokens = &model.tokens;
    let about_rows = is_move(action)
        || matches!(
            action,
            Action::Mark
                | Action::MarkRange
                | Action::MarkAll
                | Action::MarkInvert
                | Action::Details
                | Action::Edit
                | Action::Rotate
                | Action::Revoke
                | Action::Verify
                | Action::Freeze
                | Action::Copy
        );
    model.tab == Tab::Tokens
        && tokens.answer == Answered::Not
        && (about_rows || !tokens.typed_ahead.is_empty())
        && !matches!(action, Action::Cancel | Action::Quit)
}

/// Takes pasted text: inside a field it is text, elsewhere it is nothing.
pub(super) fn paste(model: &mut Model, paste: &Paste) {
    if model.front().is_some() {
        modal::paste(model, &paste.0);
    } else if model.activity.sift.focus == Focus::Here {
        activity::paste_filter(model, paste.0.expose());
    } else if model.tokens.query.focus == Focus::Here {
        model.tokens.query.field.paste(paste.0.expose());
        filtering::retype(model);
    }
}

/// Does what a person asks, or says why it does not apply.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    if let Err(reason) = action::applies(model, action) {
        return model.messages.say(model.now, format!("{}: {reason}", action.words()));
    }
    match action {
        Action::Down | Action::Up | Action::PageDown | Action::PageUp | Action::First | Action::Last => {
            go(model, action);
        }
        Action::ScrollDown | Action::ScrollUp => scroll(model, action),
        Action::NextTab => turn(model, 1, effects),
        Action::PreviousTab => turn(model, Tab::ALL.len() - 1, effects),
        Action::TabTokens => open(model, Tab::Tokens, effects),
        Action::TabReview => open(model, Tab::Review, effects),
        Action::TabIncident => open(model, Tab::Incident, effects),
        Action::TabActivity => open(model, Tab::Activity, effects),
        Action::TabBackends => open(model, Tab::Backends, effects),
        Action::NextList => activity::turn(model, 1),
        Action::PreviousList => activity::turn(model, activity::Source::ALL.len() - 1),
        Action::Query if model.tab == Tab::Activity => model.activity.sift.focus = Focus::Here,
        Action::Query => model.tokens.query.focus = Focus::Here,
        Action::NextStatus | Action::PreviousStatus | Action::NextRole | Action::PreviousRole => {
            tokens::preset(model, action);
        }
        Action::SortLeft | Action::SortRight | Action::SortReverse => tokens::sort(model, action),
        Action::Mark | Action::MarkRange | Action::MarkAll | Action::MarkInvert | Action::UnmarkAll => {
            tokens::mark(model, action);
        }
        Action::Details if model.tab == Tab::Incident => incident::show(model, effects),
        Action::Details => tokens::details(model, effects),
        Action::Back => back(model),
        Action::New => modal::open_create(model, None),
        Action::Edit => modal::open_edit(model),
        Action::Rotate => modal::open_rotate(model),
        Action::Revoke if model.tab == Tab::Incident => incident::revoke(model),
        Action::Revoke => modal::open_revoke(model),
        Action::Freeze => incident::freeze(model, effects),
        Action::Verify => tokens::verify(model, effects),
        Action::Copy => tokens::copy_id(model, effects),
        Action::Refresh => refresh(model, effects),
        Action::Repaint => effects.push(Effect::Repaint),
        Action::Suspend => effects.push(Effect::Suspend),
        Action::Palette => model.modals.push(Modal::Palette(Palette::default())),
        Action::Help => model.modals.push(Modal::Help(Help::default())),
        Action::Identify => modal::open_identify(model),
        Action::LeftOpen => model.modals.push(Modal::Recover(Recover::default())),
        Action::Messages => model.modals.push(Modal::Messages(0)),
        Action::Quit => leave::quit(model),
        Action::Cancel => cancel(model, effects),
    }
}

fn is_move(action: Action) -> bool {
    matches!(
        action,
        Action::Down
            | Action::Up
            | Action::PageDown
            | Action::PageUp
            | Action::First
            | Action::Last
            | Action::ScrollDown
            | Action::ScrollUp
    )
}

fn type_query(model: &mut Model, key: Key) {
    let line = &mut model.tokens.query;
    match (key.code, key.control) {
        (Code::Enter, _) => line.focus = Focus::Elsewhere,
        (Code::Esc, _) | (Code::Char('c'), Control::Held) => {
            line.focus = Focus::Elsewhere;
            clear_query(model);
        }
        (Code::Down | Code::Up, _) => {
            go(model, if key.code == Code::Down { Action::Down } else { Action::Up });
        }
        _ => {
            let before = line.field.text().len();
            let text = line.field.text().to_owned();
            if line.field.press(key) && (line.field.text().len() != before || line.field.text() != text) {
                filtering::retype(model);
            }
        }
    }
}

fn type_filter(model: &mut Model, key: Key) {
    if matches!(key.code, Code::Down | Code::Up) {
        go(model, if key.code == Code::Down { Action::Down } else { Action::Up });
    } else {
        activity::type_filter(model, key);
    }
}

fn clear_query(model: &mut Model) {
    if !model.tokens.query.field.is_empty() {
        model.tokens.query.field.clear();
        filtering::retype(model);
    }
}

fn go(model: &mut Model, action: Action) {
    match model.tab {
        Tab::Tokens => tokens::go(model, action),
        Tab::Activity => {
            let rows = activity::rows(&model.activity);
            model.activity.cursor = tokens::step(model.activity.cursor, action, rows, page(model));
        }
        Tab::Backends => {
            let rows = model.contexts.len();
            model.backend_cursor = tokens::step(model.backend_cursor, action, rows, page(model));
            model.backend_scroll = 0;
        }
        Tab::Incident => {
            let page = page(model);
            if let Some(open) = &mut model.incident {
                open.cursor = tokens::step(open.cursor, action, open.worklist.len(), page);
            }
        }
        Tab::Review => {}
    }
}

/// Scrolls what stands beside the list; where it ends only the picture knows.
#[expect(clippy::wildcard_enum_match_arm, reason = "the caller hands over no other action")]
fn scroll(model: &mut Model, action: Action) {
    let offset = match (&mut model.tokens.detail, model.tab) {
        (Detail::Open { scroll, .. }, Tab::Tokens) => scroll,
        _ => &mut model.backend_scroll,
    };
    *offset = match action {
        Action::ScrollDown => offset.saturating_add(1),
        _ => offset.saturating_sub(1),
    };
}

/// Returns how many rows one page is: the screen without header, facets, column titles and footer.
pub(super) fn page(model: &Model) -> usize {
    usize::from(model.size.1).saturating_sub(8).max(1)
}

fn turn(model: &mut Model, by: usize, effects: &mut Vec<Effect>) {
    let at = Tab::ALL.iter().position(|tab| *tab == model.tab).unwrap_or(0);
    if let Some(tab) = Tab::ALL.get((at + by) % Tab::ALL.len()) {
        open(model, *tab, effects);
    }
}

fn open(model: &mut Model, tab: Tab, effects: &mut Vec<Effect>) {
    let came = model.tab != tab;
    model.tab = tab;
    if came && tab == Tab::Activity {
        activity::ask(model, effects);
    }
}

/// Steps back: the details, then the filter.
fn back(model: &mut Model) {
    if model.tab == Tab::Activity {
        activity::clear_filter(model);
    }
    if model.tab != Tab::Tokens {
        return;
    }
    if tokens::close_details(model) {
        return;
    }
    model.tokens.range_from = None;
    clear_query(model);
}

fn refresh(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.tab == Tab::Activity {
        return activity::ask(model, effects);
    }
    if model.runs.is_going() {
        return model.messages.say(model.now, "a revocation is going: the list is read again when it is over");
    }
    let names: Vec<_> = model.contexts.iter().map(|state| state.context.name.clone()).collect();
    for name in names {
        let ready = model.context(&name).is_some_and(|state| state.credential.there().is_some());
        if ready {
            answers::ask_all(model, &name, effects);
        } else {
            super::login::find(model, &name, effects);
        }
    }
}

/// Cancels what is in front of the tabs, or what is going; with nothing there, leaves.
fn cancel(model: &mut Model, effects: &mut Vec<Effect>) {
    if switching::call_off(model) {
        return;
    }
    if run::cancel(model, effects) {
        let text = "called off: what is on its way ends, nothing new is sent";
        model.messages.warn(model.now, text, "the report says what was done");
    } else if loading::cancel(model, effects) {
        model.messages.say(model.now, "reading cancelled: the list is partial");
    } else {
        leave::quit(model);
    }
}
