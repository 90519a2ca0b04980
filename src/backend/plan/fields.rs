//! The fields of a token and of an event: which pointers they are read from, and how.

use crate::backend::decode::matcher::{Matcher, Source};
use crate::backend::decode::moment::{Form, zone};
use crate::backend::description::{Section, nearest};
use crate::backend::mistake::Wrong;
use crate::backend::pointer::{Pointer, Test};
use crate::domain::State;

/// How a token is read from a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::backend) struct TokenFields {
    pub(in crate::backend) matcher: Matcher,
    pub(in crate::backend) id: Source,
    pub(in crate::backend) label: Wording,
    pub(in crate::backend) owner: Wording,
    pub(in crate::backend) owner_removed: Option<Test<Source>>,
    pub(in crate::backend) creator: Wording,
    pub(in crate::backend) roles: Option<Roles>,
    pub(in crate::backend) masked: Wording,
    pub(in crate::backend) created: Option<When>,
    pub(in crate::backend) last_used: Option<When>,
    pub(in crate::backend) expires: Option<When>,
    pub(in crate::backend) states: Vec<StateRule>,
    pub(in crate::backend) parent: Wording,
    pub(in crate::backend) version: Wording,
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) enum Wording {
    /// A place in the row.
    At(Source),
    /// The same, put into a text; where nothing stands there, nothing.
    Around { at: Source, before: Box<str>, after: Box<str> },
    /// The description itself: the same for each row.
    Fixed(Box<str>),
    /// What names the parent whose tokens were asked for.
    Each,
}

impl Default for Wording {
    fn default() -> Self {
        Self::At(Source::new())
    }
}

/// How roles are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct Roles {
    pub(in crate::backend) at: Source,
    /// What separates roles within one text; `None` where a text is one role.
    pub(in crate::backend) split: Option<Box<str>>,
    /// Words that stand for others: the backend's, and what is shown.
    pub(in crate::backend) words: Vec<(Box<str>, Box<str>)>,
}

/// How a moment is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct When {
    pub(in crate::backend) at: Source,
    pub(in crate::backend) form: Form,
    /// Values that mean "never"; `null` stands for null.
    pub(in crate::backend) never: Vec<Box<str>>,
    /// What it means that the field is not there.
    pub(in crate::backend) absent: Absent,
}

/// What it means that a moment is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backend) enum Absent {
    /// That it is not known.
    NotReported,
    /// That it is never.
    Never,
}

/// A state, and when it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct StateRule {
    pub(in crate::backend) is: State,
    /// All of them have to hold.
    pub(in crate::backend) all: Vec<Test<Source>>,
}

/// How an event is read from a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct EventFields {
    pub(in crate::backend) matcher: Matcher,
    pub(in crate::backend) at: Option<When>,
    pub(in crate::backend) actor: Source,
    pub(in crate::backend) action: Source,
    pub(in crate::backend) subject: Source,
}

/// Reads the table of a token's fields.
pub(in crate::backend) fn token(section: &mut Section<'_, '_>) -> TokenFields {
    if !section.has("id") {
        section.missing("id", "\"/id\"");
    }
    identity(section)
}

/// Reads the table of the fields that say whose a credential is: many a service tells the user, and not the token.
pub(in crate::backend) fn identity(section: &mut Section<'_, '_>) -> TokenFields {
    let mut matcher = Matcher::default();
    let found = TokenFields {
        id: source(section, "id", &mut matcher),
        label: wording(section, "label", &mut matcher),
        owner: wording(section, "owner", &mut matcher),
        owner_removed: section.within("owner_removed", |inner| test(inner, &mut matcher)),
        creator: wording(section, "creator", &mut matcher),
        roles: section.within("roles", |inner| roles(inner, &mut matcher)),
        masked: wording(section, "masked", &mut matcher),
        created: section.within("created", |inner| when(inner, &mut matcher, MOMENTS)),
        last_used: section.within("last_used", |inner| when(inner, &mut matcher, MOMENTS)),
        expires: section.within("expires", |inner| when(inner, &mut matcher, &Form::NAMES)),
        states: section.tables("state", |inner| state(inner, &mut matcher)),
        parent: wording(section, "parent", &mut matcher),
        version: wording(section, "version", &mut matcher),
        matcher: Matcher::default(),
    };
    for pointer in section.each("secrets", field_pointer) {
        matcher.drop_secret(&pointer);
    }
    if found.expires.as_ref().is_some_and(|when| when.form == Form::Duration) && found.created.is_none() {
        let hint = "describe created, or leave expires out: when the token expires is not known";
        section.mistake("expires", Wrong::new("counts from created, which is not described", hint));
    }
    TokenFields { matcher, ..found }
}

/// Reads the table of an event's fields.
pub(in crate::backend) fn event(section: &mut Section<'_, '_>) -> EventFields {
    let mut matcher = Matcher::default();
    if !section.has("action") {
        section.missing("action", "\"/action\"");
    }
    let at = section.within("at", |inner| when(inner, &mut matcher, MOMENTS));
    let actor = source(section, "actor", &mut matcher);
    let action = source(section, "action", &mut matcher);
    let subject = source(section, "subject", &mut matcher);
    EventFields { matcher, at, actor, action, subject }
}

fn source(section: &mut Section<'_, '_>, key: &str, matcher: &mut Matcher) -> Source {
    section.each(key, row_pointer).iter().map(|pointer| matcher.shown(pointer)).collect()
}

fn need_at(section: &mut Section<'_, '_>) {
    if !section.has("at") {
        section.missing("at", "\"/field\"");
    }
}

/// Reads a text: places, or a table that says where it comes from.
fn wording(section: &mut Section<'_, '_>, key: &str, matcher: &mut Matcher) -> Wording {
    if !section.has_table(key) {
        return Wording::At(source(section, key, matcher));
    }
    let read = |inner: &mut Section<'_, '_>| {
        let ways: Vec<&str> = ["at", "fixed", "each"].into_iter().filter(|key| inner.has(key)).collect();
        if ways.len() > 1 {
            inner.mistake(ways[1], Wrong::new(format!("stands beside {}", ways[0]), "write one of them"));
        }
        if inner.has("form") && !inner.has("at") {
            inner.missing("at", "\"/field\"");
        }
        let at = source(inner, "at", matcher);
        let form = inner.parse("form", |text| match text.split("{value}").collect::<Vec<_>>()[..] {
            [before, after] if !format!("{before}{after}").contains(['{', '}']) => Ok((before.into(), after.into())),
            _ => Err(Wrong::new("has not exactly the one hole {value}", "write it like \"user {value}\"")),
        });
        let fixed = inner.text("fixed");
        if inner.flag("each") == Some(false) {
            inner.mistake("each", Wrong::new("is false", "write each = true, or leave the whole out"));
        }
        match (form, fixed, &ways[..]) {
            (Some((before, after)), ..) => Wording::Around { at, before, after },
            (None, Some(text), _) => Wording::Fixed(text.into()),
            (None, None, ["each", ..]) => Wording::Each,
            (None, None, [_, ..]) => Wording::At(at),
            (None, None, []) => {
                inner.missing("at", "\"/field\"");
                Wording::default()
            }
        }
    };
    section.within(key, read).unwrap_or_default()
}

fn roles(section: &mut Section<'_, '_>, matcher: &mut Matcher) -> Roles {
    need_at(section);
    let at = section.each("at", list_pointer).iter().map(|pointer| matcher.shown(pointer)).collect();
    let words = section.within("words", |inner| {
        let mut words = Vec::new();
        for key in inner.keys() {
            words.extend(inner.text(&key).map(|word| (key.into_boxed_str(), word.into_boxed_str())));
        }
        words
    });
    Roles { at, split: section.parse("split", named), words: words.unwrap_or_default() }
}

/// Reads a text that has to say something.
pub(super) fn named(text: &str) -> Result<Box<str>, Wrong> {
    if text.is_empty() { Err(Wrong::new("is empty", "name it, or leave the key out")) } else { Ok(text.into()) }
}

/// Reads a pointer within a row; empty for the row itself.
fn row_pointer(text: &str) -> Result<Pointer, Wrong> {
    short(Pointer::parse(text)?)
}

/// Reads a pointer within a row that may go through lists.
fn list_pointer(text: &str) -> Result<Pointer, Wrong> {
    short(Pointer::parse_many(text)?)
}

/// Reads a pointer to a part of a row.
fn field_pointer(text: &str) -> Result<Pointer, Wrong> {
    match row_pointer(text)? {
        Pointer(path) if path.is_empty() => Err(Wrong::new("points to the whole row", "point to a field: \"/id\"")),
        pointer => Ok(pointer),
    }
}

fn short(pointer: Pointer) -> Result<Pointer, Wrong> {
    if pointer.0.len() > 16 {
        return Err(Wrong::new("is over 16 steps long", "point to a place nearer to the top"));
    }
    Ok(pointer)
}

/// The forms of moments.
const MOMENTS: &[(&str, Form)] = Form::NAMES.split_at(Form::NAMES.len() - 1).0;

fn when(section: &mut Section<'_, '_>, matcher: &mut Matcher, forms: &[(&'static str, Form)]) -> When {
    need_at(section);
    let at = source(section, "at", matcher);
    let form = section.parse("time", |text| {
        let found = forms.iter().find(|(name, _)| *name == text);
        let names = forms.iter().map(|(name, _)| *name);
        found.map(|(_, form)| *form).ok_or_else(|| Wrong::new("is no form of a moment", nearest(text, names)))
    });
    let stated = section.parse("zone", |text| {
        zone(text)
            .ok_or_else(|| Wrong::new(format!("\"{text}\" is no zone"), "write its distance from UTC: \"+05:30\""))
    });
    let form = match form {
        Some(Form::Local(utc)) => {
            if !section.has("zone") {
                section.missing("zone", "\"+05:30\"");
            }
            Form::Local(stated.unwrap_or(utc))
        }
        form => {
            if section.has("zone") {
                section.mistake(
                    "zone",
                    Wrong::new("says nothing to this time", "write time = \"local\", or leave it out"),
                );
            }
            form.unwrap_or(Form::Rfc3339)
        }
    };
    let from = section.parse("after", |text| match text {
        "created" => Ok(()),
        _ => Err(Wrong::new(format!("\"{text}\" is no moment to count from"), "write \"created\"")),
    });
    if from.is_some() && form != Form::Duration {
        section.mistake("after", Wrong::new("says nothing to this time", "write time = \"duration\", or leave it out"));
    }
    let never = if section.has("never") { section.each("never", |text| Ok(text.into())) } else { vec!["null".into()] };
    let absent = section.parse("absent", |text| match text {
        "never" => Ok(Absent::Never),
        _ => Err(Wrong::new(
            format!("\"{text}\" is not what a missing field can mean"),
            "write \"never\", or leave it out",
        )),
    });
    When { at, form, never, absent: absent.unwrap_or(Absent::NotReported) }
}

/// Reads a list of tests that all have to hold.
pub(super) fn tests(section: &mut Section<'_, '_>, key: &str, matcher: &mut Matcher) -> Vec<Test<Source>> {
    section.tables(key, |inner| test(inner, matcher))
}

fn test(section: &mut Section<'_, '_>, matcher: &mut Matcher) -> Test<Source> {
    need_at(section);
    let at = section.each("at", list_pointer).iter().map(|pointer| matcher.tested(pointer)).collect();
    Test { at, when: words(section) }
}

/// Reads the words of a test; `true` where there are none.
pub(in crate::backend) fn words(section: &mut Section<'_, '_>) -> Vec<Box<str>> {
    let words = section.each("when", |text| Ok(text.into()));
    if section.has("when") { words } else { vec!["true".into()] }
}

fn state(section: &mut Section<'_, '_>, matcher: &mut Matcher) -> StateRule {
    const STATES: [(&str, State); 4] = [
        ("live", State::Live),
        ("disabled", State::Disabled),
        ("expired", State::Expired),
        ("revoked", State::Revoked),
    ];
    if !section.has("is") {
        section.missing("is", "\"revoked\"");
    }
    let is = section.parse("is", |text| {
        let found = STATES.iter().find(|(name, _)| *name == text);
        let names = STATES.iter().map(|(name, _)| *name);
        found.map(|(_, state)| *state).ok_or_else(|| Wrong::new("is no state", nearest(text, names)))
    });
    let all = if section.has("all") { tests(section, "all", matcher) } else { vec![test(section, matcher)] };
    if all.is_empty() {
        section.mistake(
            "all",
            Wrong::new("asks for nothing", "name at least one place: { at = \"/status\", when = [\"revoked\"] }"),
        );
    }
    StateRule { is: is.unwrap_or(State::Live), all }
}
