//! Input by whole lines: what is listened for, and what a line stands for. Nothing is ever done by a part of a line.

use super::action::{Action, applies};
use super::filtering;
use super::key::{Code, Key};
use super::modal::{Create, CreateField, EditField, FirstRun, FormField, Looking, Modal, SecretOnce, Stage, Tier};
use super::model::{Model, Tab};
use super::tokens::{Answered, Focus};
use crate::domain::{RoleChoice, TokenKey};

/// What is listened for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listens {
    /// Keys, each of which does something by itself.
    Keys,
    /// What is to stand in a field.
    Text(Then),
    /// What is to stand in a field that nobody sees.
    Hidden(Then),
    /// One of several.
    Choice {
        /// What they are called, in order.
        names: Vec<String>,
        /// The one that is chosen.
        at: usize,
    },
    /// Whether a button is pressed, by its word.
    Button(&'static str),
    /// A single character is a key; what is longer is a word that is entered.
    Either,
}

/// What follows a line that stands in its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It is entered.
    Enter,
    /// The next field.
    Next,
    /// Nothing: it narrows what is offered.
    Stay,
}

/// What a line stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// These keys.
    Keys(Vec<Key>),
    /// The text of a field that nobody sees, and the key behind it.
    Hidden(Key),
    /// The token that was told with this number.
    Number(usize),
    /// Another page of the list.
    Page(Way),
    /// Nothing, for this reason.
    Refused(&'static str),
}

/// Which way a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// On.
    On,
    /// Back.
    Back,
}

const NO_KEY: &str = "that is no key, and nothing was done: ? tells what there is";
const NO_CHOICE: &str = "that is none of them: say its name or its number, or an empty line to keep what is chosen";
const NO_BUTTON: &str = "nothing was sent: <enter>, or the word of the button, presses it; <esc> closes";
const CONTROLS: &str = "that line has control characters, and nothing was done: keys are written as <up> or <esc>";
const NOT_YET: &str = "the rows are being looked for, and nothing was done: say it again";
const TOO_LARGE: &str = "there is no such number";

/// Returns what is listened for.
pub fn listens(model: &Model) -> Listens {
    let Some(front) = model.front() else {
        return match model.typing() {
            Focus::Here => Listens::Text(Then::Enter),
            Focus::Elsewhere => Listens::Keys,
        };
    };
    match front {
        Modal::Confirm(confirm) if confirm.tier == Tier::Yes => Listens::Keys,
        Modal::Confirm(_) | Modal::Palette(_) => Listens::Text(Then::Enter),
        Modal::Create(create) => of_create(model, create),
        Modal::Edit(edit) if edit.sending => Listens::Keys,
        Modal::Edit(edit) => match edit.focus {
            EditField::Label | EditField::Expires => Listens::Text(Then::Next),
            EditField::Submit => Listens::Button("save"),
        },
        Modal::SecretOnce(once) => of_secret(once),
        Modal::Identify(screen) if screen.is_typed_into() => Listens::Text(Then::Enter),
        Modal::Identify(screen) if screen.stage != Looking::NotYet => Listens::Keys,
        Modal::Login(_) | Modal::Passphrase(_) | Modal::Identify(_) => Listens::Hidden(Then::Enter),
        Modal::FirstRun(first) => of_first_run(first),
        Modal::Help(_) => Listens::Text(Then::Stay),
        Modal::Report(_) | Modal::Recover(_) | Modal::Messages(_) | Modal::Quit(_) => Listens::Keys,
    }
}

fn of_create(model: &Model, create: &Create) -> Listens {
    let Some(state) = model.context(&create.context).filter(|_| !create.sending) else { return Listens::Keys };
    let capabilities = &state.context.capabilities;
    match create.focus {
        CreateField::Label | CreateField::Roles | CreateField::Owner | CreateField::Expires => {
            Listens::Text(Then::Next)
        }
        CreateField::Role => {
            let mut names: Vec<String> = capabilities.roles.iter().map(|role| role.name.clone()).collect();
            if capabilities.choose_roles == RoleChoice::Several {
                names.push("others".to_owned());
            }
            Listens::Choice { names, at: create.role }
        }
        CreateField::Scope => Listens::Choice { names: capabilities.scopes.clone(), at: create.scope },
        CreateField::Context => {
            let at = create.contexts.iter().position(|name| *name == create.context).unwrap_or_default();
            Listens::Choice { names: create.contexts.iter().map(ToString::to_string).collect(), at }
        }
        CreateField::Submit => Listens::Button("create"),
    }
}

fn of_secret(once: &SecretOnce) -> Listens {
    match (&once.file, &once.back) {
        (Some(_), _) => Listens::Text(Then::Enter),
        (None, Some(_)) => Listens::Hidden(Then::Enter),
        (None, None) => Listens::Either,
    }
}

fn of_first_run(first: &FirstRun) -> Listens {
    match (first.stage, first.form.focus) {
        (Stage::Choice | Stage::StartingDemo | Stage::Testing, _) => Listens::Keys,
        (Stage::Form, _) if first.form.offers.is_empty() => Listens::Keys,
        (Stage::Form, FormField::Backend) => Listens::Text(Then::Stay),
        (Stage::Form, FormField::Credential | FormField::Input(_)) => Listens::Hidden(Then::Next),
        (Stage::Form, FormField::Name | FormField::Url | FormField::CaFile | FormField::Param(_)) => {
            Listens::Text(Then::Next)
        }
        (Stage::Form, FormField::Submit) => Listens::Button("test and add"),
    }
}

impl Then {
    /// Returns the key that does it; an empty line is that key alone.
    const fn key(self) -> Key {
        match self {
            Self::Enter | Self::Stay => Key::new(Code::Enter),
            Self::Next => Key::new(Code::Tab),
        }
    }
}

/// Reads a line as what is listened for.
pub fn read(model: &Model, line: &str) -> Line {
    if line.chars().any(char::is_control) {
        return Line::Refused(CONTROLS);
    }
    let listens = listens(model);
    if let Some(key) = bracketed(line) {
        return Line::Keys(vec![key]);
    }
    match listens {
        Listens::Keys => key_line(model, line),
        Listens::Text(then) | Listens::Hidden(then) if line.is_empty() => Line::Keys(vec![then.key()]),
        Listens::Text(then) => Line::Keys(typed(line, (then != Then::Stay).then(|| then.key()))),
        Listens::Hidden(then) => Line::Hidden(then.key()),
        Listens::Choice { names, at } => choice(&names, at, line),
        Listens::Button(word) if line.trim().eq_ignore_ascii_case(word) => Line::Keys(vec![Key::new(Code::Enter)]),
        Listens::Button(_) => Line::Refused(NO_BUTTON),
        Listens::Either => match (line, single(line)) {
            ("", _) => Line::Keys(vec![Key::new(Code::Enter)]),
            (_, Some(key)) => Line::Keys(vec![key]),
            (_, None) => Line::Keys(typed(line, Some(Key::new(Code::Enter)))),
        },
    }
}

/// Reads a line where each key does something by itself.
fn key_line(model: &Model, line: &str) -> Line {
    let in_front = model.front().is_some();
    let digits = line.bytes().all(|byte| byte.is_ascii_digit());
    match line {
        "" if in_front => Line::Keys(vec![Key::new(Code::Enter)]),
        "" => Line::Page(Way::On),
        "-" if !in_front => Line::Page(Way::Back),
        _ if digits && !in_front && model.tab == Tab::Tokens => {
            line.parse().map_or(Line::Refused(TOO_LARGE), Line::Number)
        }
        _ => match line.strip_prefix('/').map(|text| (Action::Query, text)).or_else(|| command(line)) {
            Some((action, text)) if !in_front => field_of(model, action, text),
            Some(_) | None => named(line).map_or(Line::Refused(NO_KEY), |key| Line::Keys(vec![key])),
        },
    }
}

fn command(line: &str) -> Option<(Action, &str)> {
    line.strip_prefix(':').map(|text| (Action::Palette, text))
}

/// Returns the keys that open the field of an action and enter a text there; for a field that does not open now, those
/// that say why.
fn field_of(model: &Model, action: Action, text: &str) -> Line {
    let Some(key) = model.keymap.keys(action).first().copied() else { return Line::Refused(NO_KEY) };
    let opens = applies(model, action).is_ok();
    match (opens, action, text) {
        (false, ..) | (true, Action::Palette, "") => Line::Keys(vec![key]),
        // Keys wait for these rows, and so would this one: what follows it would not be text.
        _ if model.tokens.answer == Answered::Not && model.tab == Tab::Tokens => Line::Refused(NOT_YET),
        _ => Line::Keys(std::iter::once(key).chain(typed(text, Some(Key::new(Code::Enter)))).collect()),
    }
}

/// Returns the keys that put a text in the place of what stands in a field, and the one that follows.
fn typed(text: &str, then: Option<Key>) -> Vec<Key> {
    let emptied = [Key::new(Code::End), Key::ctrl('u')];
    emptied.into_iter().chain(text.chars().map(|one| Key::new(Code::Char(one)))).chain(then).collect()
}

/// Returns the keys that choose one of several, and go on.
fn choice(names: &[String], at: usize, line: &str) -> Line {
    let line = line.trim();
    let number = line.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).filter(|at| *at < names.len());
    let wanted = match line {
        "" => Some(at),
        line => names.iter().position(|name| name.eq_ignore_ascii_case(line)).or(number),
    };
    let Some(wanted) = wanted else { return Line::Refused(NO_CHOICE) };
    let steps = (wanted + names.len() - at.min(names.len())) % names.len().max(1);
    let keys = std::iter::repeat_n(Key::new(Code::Right), steps).chain([Key::new(Code::Tab)]);
    Line::Keys(keys.collect())
}

/// Reads a key in angle brackets.
fn bracketed(line: &str) -> Option<Key> {
    named(line.strip_prefix('<')?.strip_suffix('>')?)
}

/// Reads the name of a key, in whatever case the hints write it.
fn named(name: &str) -> Option<Key> {
    single(name).or_else(|| Key::parse(&name.to_ascii_lowercase()))
}

fn single(line: &str) -> Option<Key> {
    let mut characters = line.chars();
    let only = characters.next().filter(|_| characters.next().is_none());
    only.map(|character| Key::new(Code::Char(character)))
}

/// Puts the cursor on a token that was told with a number, wherever it stands by now; says so where it is gone.
pub(super) fn choose(model: &mut Model, key: &TokenKey) {
    if model.front().is_some() || model.tab != Tab::Tokens {
        return;
    }
    let tokens = &mut model.tokens;
    let row = tokens.inventory.find(key);
    match row.and_then(|row| tokens.view.position(row)) {
        Some(_) if tokens.answer == Answered::Not => model.messages.say(model.now, NOT_YET),
        Some(position) => {
            (tokens.position, tokens.cursor) = (position, row);
            filtering::follow_details(model);
        }
        None => model.messages.say(model.now, "that token is not shown any more, and nothing was chosen"),
    }
}
