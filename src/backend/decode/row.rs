//! Tokens and identities from rows.

use std::borrow::Cow;

use jiff::Timestamp;

use super::body;
use super::cell::Cell;
use super::fill::Row;
use super::matcher::Source;
use super::moment::{Form, after};
use super::number;
use crate::backend::compound;
use crate::backend::plan::fields::{Absent, Roles, TokenFields, When};
use crate::backend::pointer::{Pointer, Test};
use crate::domain::{Expiry, Identity, LastUse, OwnerRef, State, Token, TokenId, TokenRow, Untrusted};

/// Reads the token that stands at a pointer; `each` as in [`with_token_row`].
pub(super) fn token(fields: &TokenFields, body: &[u8], item: &Pointer, each: Option<&str>) -> Result<Token, String> {
    one(fields, body, item, "holds no token where the description points", |row| with_token(fields, row, each))
}

/// Reads what stands at a pointer; where an answer cannot be read, with its odd numbers as texts.
fn one<T>(
    fields: &TokenFields,
    body: &[u8],
    item: &Pointer,
    none: &str,
    take: impl Fn(&Row<'_>) -> Result<T, String>,
) -> Result<T, String> {
    let why = match body::find_row(body, item, &fields.matcher) {
        Ok(row) => return take(&row.ok_or(none)?),
        Err(unreadable) => unreadable.0,
    };
    let tamed = number::tamed(body).ok_or(why)?;
    let row = body::find_row(&tamed, item, &fields.matcher).map_err(|unreadable| unreadable.0)?;
    take(&row.ok_or(none)?.tamed())
}

fn with_token(fields: &TokenFields, row: &Row<'_>, each: Option<&str>) -> Result<Token, String> {
    with_token_row(fields, row, each, |row| {
        Ok(Token {
            id: id(row.id)?,
            label: row.label.into(),
            owner: row.owner.to_owner(),
            creator: row.creator.map(Into::into),
            roles: row.roles.map(|roles| roles.iter().map(|role| (*role).into()).collect()),
            masked: row.masked.map(Into::into),
            created: row.created,
            last_used: row.last_used,
            expires: row.expires,
            state: row.state,
            parent: row.parent.map(id).transpose()?,
            version: row.version.map(Into::into),
            extra: row.extra.to_vec(),
        })
    })
}

/// Reads whose credential it is; `by_parent` tells whether tokens are named with the one that they belong to.
pub(super) fn identity(fields: &TokenFields, body: &[u8], item: &Pointer, by_parent: bool) -> Result<Identity, String> {
    one(fields, body, item, "says of nobody whose credential it is", |row| with_identity(fields, row, by_parent))
}

fn with_identity(fields: &TokenFields, row: &Row<'_>, by_parent: bool) -> Result<Identity, String> {
    let parent = row.worded(&fields.owner, None).filter(|owner| by_parent && !owner.is_empty());
    with_token_row(fields, row, parent.as_deref(), |row| {
        Ok(Identity {
            token: if row.id.is_empty() { None } else { Some(id(row.id)?) },
            name: row.owner.name().map_or_else(Untrusted::default, |name| name.to_boxed()),
            roles: row.roles.map(|roles| roles.iter().map(|role| (*role).into()).collect()),
            expires: row.expires,
        })
    })
}

/// Borrows a row as a token; an id that is not there is empty, and refused by whoever needs one.
///
/// `each` is what names the parent whose tokens were asked for, where a list is read parent by parent.
pub(super) fn with_token_row<R>(
    fields: &TokenFields,
    row: &Row<'_>,
    each: Option<&str>,
    take: impl FnOnce(TokenRow<'_>) -> Result<R, String>,
) -> Result<R, String> {
    let text = |wording| row.worded(wording, each);
    let (id, label) = (row.text(&fields.id), text(&fields.label));
    if id.as_deref().is_some_and(|id| row.is_odd(id)) {
        return Err("has an id that is out of range".to_owned());
    }
    let id = match (id, each) {
        (Some(id), Some(parent)) if !id.is_empty() => Some(Cow::Owned(compound::join(parent, &id))),
        (id, _) => id,
    };
    let (owner, creator, masked) = (text(&fields.owner), text(&fields.creator), text(&fields.masked));
    let (parent, version) = (text(&fields.parent), text(&fields.version));
    let removed = fields.owner_removed.as_ref().is_some_and(|test| holds(test, row));
    let created = fields.created.as_ref().and_then(|when| birth(when, row.first(&when.at)));
    let borrowed = TokenRow {
        id: id.as_deref().unwrap_or_default(),
        label: label.as_deref().unwrap_or_default(),
        owner: match owner.as_deref() {
            Some(name) if removed => OwnerRef::Removed(name),
            Some("") | None => OwnerRef::Unknown,
            Some(name) => OwnerRef::Known(name),
        },
        creator: creator.as_deref(),
        roles: None,
        masked: masked.as_deref(),
        created,
        last_used: fields.last_used.as_ref().map_or(LastUse::NotReported, |when| last_use(when, row)),
        expires: fields.expires.as_ref().map_or(Expiry::NotReported, |when| expiry(when, row, created)),
        state: state(fields, row),
        parent: parent.as_deref().filter(|id| !id.is_empty()),
        version: version.as_deref(),
        extra: row.extra(),
    };
    with_roles(fields.roles.as_ref(), row, |roles| take(TokenRow { roles, ..borrowed }))
}

/// Roles of a row that are gathered without asking for memory.
const FEW: usize = 8;

fn with_roles<R>(rule: Option<&Roles>, row: &Row<'_>, take: impl FnOnce(Option<&[&str]>) -> R) -> R {
    let Some(rule) = rule else { return take(None) };
    let whole = row.first(&rule.at);
    if !rule.words.is_empty() {
        return with_words(rule, whole, take);
    }
    if let Some(list) = whole.list() {
        let mut few = [""; FEW];
        if list.len() <= FEW {
            for (place, role) in few.iter_mut().zip(list) {
                *place = role;
            }
            return take(Some(&few[..list.len()]));
        }
        return take(Some(&list.iter().map(|role| &**role).collect::<Vec<_>>()));
    }
    let Some(text) = whole.text() else { return take(None) };
    match &rule.split {
        None => take(Some(&[&text])),
        Some(split) => {
            let parts = text.split(&**split).map(str::trim).filter(|part| !part.is_empty());
            take(Some(&parts.collect::<Vec<_>>()))
        }
    }
}

/// Gives roles by the words that stand for them; one that an empty word stands for is none.
fn with_words<R>(rule: &Roles, whole: &Cell<'_>, take: impl FnOnce(Option<&[&str]>) -> R) -> R {
    let text = whole.text();
    let roles: Vec<&str> = match (whole.list(), &text, &rule.split) {
        (Some(list), ..) => list.iter().map(|role| &**role).collect(),
        (None, Some(text), Some(split)) => text.split(&**split).map(str::trim).collect(),
        (None, Some(text), None) => vec![text],
        (None, None, _) => return take(None),
    };
    let shown = roles.into_iter().map(|role| word_for(&rule.words, role)).filter(|role| !role.is_empty());
    take(Some(&shown.collect::<Vec<_>>()))
}

fn word_for<'r>(words: &'r [(Box<str>, Box<str>)], role: &'r str) -> &'r str {
    let word = words.iter().find(|(from, _)| **from == *role);
    word.map_or(role, |(_, to)| to)
}

fn state(fields: &TokenFields, row: &Row<'_>) -> State {
    let rule = fields.states.iter().find(|rule| all_hold(&rule.all, row));
    rule.map_or(State::Live, |rule| rule.is)
}

/// Tells whether every test holds for a row.
pub(super) fn all_hold(tests: &[Test<Source>], row: &Row<'_>) -> bool {
    tests.iter().all(|test| holds(test, row))
}

fn holds(test: &Test<Source>, row: &Row<'_>) -> bool {
    row.first(&test.at).is_among(&test.when)
}

/// A moment that stands for "never" is no birth: some services write the year 1 where they know of none.
fn birth(when: &When, cell: &Cell<'_>) -> Option<Timestamp> {
    let moment = when.form.read(cell)?;
    (!is_never(when, cell)).then_some(moment)
}

/// What is neither a moment nor "never" is not known: a guess would be a lie.
fn last_use(when: &When, row: &Row<'_>) -> LastUse {
    let cell = row.first(&when.at);
    match when.form.read(cell) {
        _ if is_never(when, cell) => LastUse::Never,
        Some(moment) => LastUse::At(moment),
        None => LastUse::NotReported,
    }
}

fn expiry(when: &When, row: &Row<'_>, created: Option<Timestamp>) -> Expiry {
    let cell = row.first(&when.at);
    let moment = if when.form == Form::Duration {
        created.and_then(|created| after(cell, created))
    } else {
        when.form.read(cell)
    };
    match moment {
        _ if is_never(when, cell) => Expiry::Never,
        Some(moment) => Expiry::At(moment),
        None => Expiry::NotReported,
    }
}

/// Tells whether a value is spelt "never". A field that is not there at all is not, unless the description says so.
fn is_never(when: &When, cell: &Cell<'_>) -> bool {
    if *cell == Cell::Absent {
        return when.absent == Absent::Never;
    }
    // The common case: `null` is the only spelling.
    if when.never.len() == 1 && *when.never[0] == *"null" {
        return *cell == Cell::Null;
    }
    cell.is_among(&when.never)
}

fn id(text: &str) -> Result<TokenId, String> {
    TokenId::parse(text).map_err(|error| error.to_string())
}
