//! The fields of a token and of an event: which pointers they are read from, and how.

use crate::backend::decode::matcher::{Matcher, Source};
use crate::backend::decode::moment::Form;
use crate::backend::description::{Section, nearest};
use crate::backend::mistake::Wrong;
use crate::backend::pointer::{Pointer, Test};
use crate::domain::State;

/// How a token is read from a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::backend) struct TokenFields {
    pub(in crate::backend) matcher: Matcher,
    pub(in crate::backend) id: Source,
    pub(in crate::backend) label: Source,
    pub(in crate::backend) owner: Source,
    pub(in crate::backend) owner_removed: Option<Test<Source>>,
    pub(in crate::backend) creator: Source,
    pub(in crate::backend) roles: Option<Roles>,
    pub(in crate::backend) masked: Source,
    pub(in crate::backend) created: Option<When>,
    pub(in crate::backend) last_used: Option<When>,
    pub(in crate::backend) expires: Option<When>,
    pub(in crate::backend) states: Vec<StateRule>,
    pub(in crate::backend) parent: Source,
    pub(in crate::backend) version: Source,
}

/// How roles are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct Roles {
    pub(in crate::backend) at: Source,
    /// What separates roles within one text; `None` where a text is one role.
    pub(in crate::backend) split: Option<Box<str>>,
}

/// How a moment is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct When {
    pub(in crate::backend) at: Source,
    pub(in crate::backend) form: Form,
    /// Values that mean "never"; `null` stands for null.
    pub(in crate::backend) never: Vec<Box<str>>,
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
    let mut matcher = Matcher::default();
    if !section.has("id") {
        section.missing("id", "\"/id\"");
    }
    let found = TokenFields {
        id: source(section, "id", &mut matcher),
        label: source(section, "label", &mut matcher),
        owner: source(section, "owner", &mut matcher),
        owner_removed: section.within("owner_removed", |inner| test(inner, &mut matcher)),
        creator: source(section, "creator", &mut matcher),
        roles: section.within("roles", |inner| {
            let at = needed_source(inner, &mut matcher);
            Roles { at, split: inner.text("split").map(Into::into) }
        }),
        masked: source(section, "masked", &mut matcher),
        created: section.within("created", |inner| when(inner, &mut matcher)),
        last_used: section.within("last_used", |inner| when(inner, &mut matcher)),
        expires: section.within("expires", |inner| when(inner, &mut matcher)),
        states: section.tables("state", |inner| state(inner, &mut matcher)),
        parent: source(section, "parent", &mut matcher),
        version: source(section, "version", &mut matcher),
        matcher: Matcher::default(),
    };
    for pointer in section.each("secrets", row_pointer) {
        matcher.drop_secret(&pointer);
    }
    TokenFields { matcher, ..found }
}

/// Reads the table of an event's fields.
pub(in crate::backend) fn event(section: &mut Section<'_, '_>) -> EventFields {
    let mut matcher = Matcher::default();
    if !section.has("action") {
        section.missing("action", "\"/action\"");
    }
    let at = section.within("at", |inner| when(inner, &mut matcher));
    let actor = source(section, "actor", &mut matcher);
    let action = source(section, "action", &mut matcher);
    let subject = source(section, "subject", &mut matcher);
    EventFields { matcher, at, actor, action, subject }
}

fn source(section: &mut Section<'_, '_>, key: &str, matcher: &mut Matcher) -> Source {
    section.each(key, row_pointer).iter().filter_map(|pointer| matcher.shown(pointer)).collect()
}

fn needed_source(section: &mut Section<'_, '_>, matcher: &mut Matcher) -> Source {
    if !section.has("at") {
        section.missing("at", "\"/field\"");
    }
    source(section, "at", matcher)
}

fn row_pointer(text: &str) -> Result<Pointer, Wrong> {
    match Pointer::parse(text)? {
        Pointer(path) if path.is_empty() => Err(Wrong::new("points to the whole row", "point to a field: \"/id\"")),
        Pointer(path) if path.len() > 16 => {
            Err(Wrong::new("is over 16 steps long", "point to a place nearer to the top"))
        }
        pointer => Ok(pointer),
    }
}

fn when(section: &mut Section<'_, '_>, matcher: &mut Matcher) -> When {
    let at = needed_source(section, matcher);
    let form = section.parse("time", |text| {
        let found = Form::NAMES.iter().find(|(name, _)| *name == text);
        let names = Form::NAMES.iter().map(|(name, _)| *name);
        found.map(|(_, form)| *form).ok_or_else(|| Wrong::new("is no form of a moment", nearest(text, names)))
    });
    let never = if section.has("never") { section.each("never", |text| Ok(text.into())) } else { vec!["null".into()] };
    When { at, form: form.unwrap_or(Form::Rfc3339), never }
}

fn test(section: &mut Section<'_, '_>, matcher: &mut Matcher) -> Test<Source> {
    if !section.has("at") {
        section.missing("at", "\"/field\"");
    }
    let at = section.each("at", row_pointer).iter().filter_map(|pointer| matcher.tested(pointer)).collect();
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
    let all = if section.has("all") {
        section.tables("all", |inner| test(inner, matcher))
    } else {
        vec![test(section, matcher)]
    };
    if all.is_empty() {
        section.mistake(
            "all",
            Wrong::new("asks for nothing", "name at least one place: { at = \"/status\", when = [\"revoked\"] }"),
        );
    }
    StateRule { is: is.unwrap_or(State::Live), all }
}
