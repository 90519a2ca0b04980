//! Text with typed holes, as paths, queries, headers and bodies are described.

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::{Change, Draft, Expiry, Operation};

use super::mistake::Wrong;
use super::site::Site;

/// Text with holes: `/v1/tokens/{id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(pub(super) Vec<Piece>);

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text as it is.
    Literal(Box<str>),
    /// A place for a value.
    Hole(Hole),
}

/// A place for a value of the operation or the context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hole {
    /// The id of the token.
    Id,
    /// Where the page begins; not there for the first.
    Cursor,
    /// The label.
    Label,
    /// All roles.
    Roles,
    /// The first role.
    Role,
    /// The owner.
    Owner,
    /// The scope kind.
    Scope,
    /// When it stops by itself.
    Expires(Moment),
    /// The name of the attempt.
    Nonce,
    /// The version that was shown.
    Version,
    /// What the context says for a parameter of the description.
    Param(Box<str>),
}

/// How a moment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// `2026-01-31T14:00:00Z`.
    Rfc3339,
    /// `2026-01-31`.
    Date,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMillis,
}

/// What a hole is filled with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filling<'o> {
    /// Text.
    Text(Cow<'o, str>),
    /// A number.
    Number(i64),
    /// Several texts.
    List(&'o [String]),
    /// Said to be none: `null` in JSON, left out elsewhere.
    Null,
}

impl Template {
    /// Reads a template whose holes are among `allowed` or parameters in `params`.
    pub(super) fn parse(text: &str, allowed: &[&str], params: &[Box<str>]) -> Result<Self, Wrong> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            push_literal(&mut pieces, literal)?;
            let Some((name, after)) = after.split_once('}') else {
                return Err(Wrong::new("a hole is not closed", "close it with }"));
            };
            pieces.push(Piece::Hole(Hole::parse(name, allowed, params)?));
            rest = after;
        }
        push_literal(&mut pieces, rest)?;
        Ok(Self(pieces))
    }

    /// Tells whether a hole is in it.
    pub(super) fn has(&self, wanted: impl Fn(&Hole) -> bool) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Hole(hole) if wanted(hole)))
    }

    /// Fills the holes; `None` where one has no value, so that the whole is left out.
    pub(super) fn fill(&self, operation: &Operation, site: &Site) -> Option<String> {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => filled.push_str(literal),
                Piece::Hole(hole) => match hole.fill(operation, site)? {
                    Filling::Text(text) => filled.push_str(&text),
                    Filling::Number(number) => write!(filled, "{number}").ok()?,
                    Filling::List(texts) => filled.push_str(&texts.join(",")),
                    Filling::Null => return None,
                },
            }
        }
        Some(filled)
    }
}

impl Hole {
    fn parse(text: &str, allowed: &[&str], params: &[Box<str>]) -> Result<Self, Wrong> {
        if let Some(name) = text.strip_prefix("params.") {
            return match params.iter().find(|param| ***param == *name) {
                Some(name) => Ok(Self::Param(name.clone())),
                None => Err(Wrong::new(
                    format!("no parameter \"{name}\" is described"),
                    format!("describe it as [params.{name}]"),
                )),
            };
        }
        let (name, form) = text.split_once(':').map_or((text, None), |(name, form)| (name, Some(form)));
        if !allowed.contains(&name) {
            let holes = allowed.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
            let hint = if holes.is_empty() { "no hole can stand here".to_owned() } else { format!("here: {holes}") };
            return Err(Wrong::new(format!("{{{text}}} is no hole of this operation"), hint));
        }
        match (name, form) {
            ("expires", form) => Moment::parse(form.unwrap_or("rfc3339")).map(Self::Expires),
            (_, Some(form)) => Err(Wrong::new(
                format!("\"{form}\" is no form of {{{name}}}"),
                format!("write {{{name}}}; only {{expires:…}} has forms"),
            )),
            ("id", None) => Ok(Self::Id),
            ("cursor", None) => Ok(Self::Cursor),
            ("label", None) => Ok(Self::Label),
            ("roles", None) => Ok(Self::Roles),
            ("role", None) => Ok(Self::Role),
            ("owner", None) => Ok(Self::Owner),
            ("scope", None) => Ok(Self::Scope),
            ("nonce", None) => Ok(Self::Nonce),
            (_, None) => Ok(Self::Version),
        }
    }

    /// Returns the value; `None` where there is none.
    pub(super) fn fill<'o>(&self, operation: &'o Operation, site: &'o Site) -> Option<Filling<'o>> {
        let text = |text: &'o str| Filling::Text(Cow::Borrowed(text));
        match self {
            Self::Id => id_of(operation).map(text),
            Self::Cursor => cursor_of(operation).map(text),
            Self::Param(name) => site.param(name).map(text),
            Self::Label => match change_of(operation) {
                Some(change) => change.label.as_deref().map(text),
                None => draft_of(operation).map(|draft| text(&draft.label)),
            },
            Self::Roles => draft_of(operation).map(|draft| Filling::List(&draft.roles)),
            Self::Role => draft_of(operation)?.roles.first().map(|role| text(role)),
            Self::Owner => draft_of(operation)?.owner.as_deref().map(text),
            Self::Scope => draft_of(operation)?.scope.as_deref().map(text),
            Self::Nonce => draft_of(operation).map(|draft| text(draft.nonce.as_str())),
            Self::Version => change_of(operation)?.version.as_ref().map(|version| text(version.raw())),
            Self::Expires(form) => match change_of(operation) {
                Some(change) => form.fill(change.expires?),
                None => form.fill(draft_of(operation)?.expires),
            },
        }
    }
}

impl Moment {
    /// Reads the name of a form.
    pub(super) fn parse(name: &str) -> Result<Self, Wrong> {
        match name {
            "rfc3339" => Ok(Self::Rfc3339),
            "date" => Ok(Self::Date),
            "unix" => Ok(Self::Unix),
            "unix_ms" => Ok(Self::UnixMillis),
            _ => Err(Wrong::new(
                format!("\"{name}\" is no way to write a moment"),
                "write rfc3339, date, unix or unix_ms",
            )),
        }
    }

    fn fill<'o>(self, expires: Expiry) -> Option<Filling<'o>> {
        match expires {
            Expiry::NotReported => None,
            Expiry::Never => Some(Filling::Null),
            Expiry::At(moment) => Some(self.write(moment)),
        }
    }

    fn write<'o>(self, moment: Timestamp) -> Filling<'o> {
        match self {
            Self::Rfc3339 => Filling::Text(format!("{moment:.0}").into()),
            Self::Date => Filling::Text(moment.to_zoned(TimeZone::UTC).date().to_string().into()),
            Self::Unix => Filling::Number(moment.as_second()),
            Self::UnixMillis => Filling::Number(moment.as_millisecond()),
        }
    }
}

fn push_literal(pieces: &mut Vec<Piece>, literal: &str) -> Result<(), Wrong> {
    if literal.contains('}') {
        return Err(Wrong::new("a } closes no hole", "write holes as {name}"));
    }
    if literal.chars().any(char::is_control) {
        return Err(Wrong::new("control characters are in it", "leave them out"));
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal.into()));
    }
    Ok(())
}

fn draft_of(operation: &Operation) -> Option<&Draft> {
    if let Operation::Create(draft) = operation { Some(draft) } else { None }
}

fn change_of(operation: &Operation) -> Option<&Change> {
    if let Operation::Edit(_, change) = operation { Some(change) } else { None }
}

fn id_of(operation: &Operation) -> Option<&str> {
    match operation {
        Operation::Get(id)
        | Operation::Edit(id, _)
        | Operation::Rotate(id)
        | Operation::Revoke(id)
        | Operation::Disable(id)
        | Operation::Enable(id) => Some(id.raw()),
        Operation::List(_)
        | Operation::Whoami
        | Operation::Create(_)
        | Operation::Events(_)
        | Operation::Notices(_)
        | Operation::Health => None,
    }
}

fn cursor_of(operation: &Operation) -> Option<&str> {
    match operation {
        Operation::List(cursor) | Operation::Events(cursor) | Operation::Notices(cursor) => {
            cursor.as_ref().map(crate::domain::Cursor::raw)
        }
        Operation::Get(_)
        | Operation::Whoami
        | Operation::Create(_)
        | Operation::Edit(..)
        | Operation::Rotate(_)
        | Operation::Revoke(_)
        | Operation::Disable(_)
        | Operation::Enable(_)
        | Operation::Health => None,
    }
}
