//! Text with typed holes, as paths, queries, headers and bodies are described.

mod moment;

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::domain::{Change, Draft, Operation};

use super::compound;
use super::mistake::Wrong;
use super::sealed::{Guise, Part, Sealed, Slot};
use super::site::Site;

pub(super) use moment::Moment;

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
    /// The id of the token among those of its parent.
    IdWithin,
    /// The parent, in a list that is read parent by parent.
    Each,
    /// Where the page begins; not there for the first.
    Cursor,
    /// The label.
    Label,
    /// All roles.
    Roles,
    /// All roles, as objects with one member of this name each: in JSON only, and alone.
    RolesIn(Box<str>),
    /// All roles in one text, with blanks between.
    RolesWithBlanks,
    /// The first role.
    Role,
    /// Whether the first role is this one.
    RoleIs(Box<str>),
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
    /// A secret, which only the transport knows.
    Secret(Slot),
}

/// What a hole is filled with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filling<'o> {
    /// Text.
    Text(Cow<'o, str>),
    /// A number.
    Number(i64),
    /// `true` or `false`.
    Flag(bool),
    /// Several texts.
    List(&'o [String]),
    /// Several texts, each as the one member of an object.
    Objects(&'o str, &'o [String]),
    /// Said to be none: `null` in JSON, left out elsewhere.
    Null,
    /// A secret.
    Secret(&'o Slot),
}

/// What holes are filled from.
#[derive(Debug, Clone)]
pub(super) struct Source<'o> {
    /// What is asked; `None` for a login.
    pub(super) operation: Option<&'o Operation>,
    /// Where.
    pub(super) site: &'o Site,
    /// The parent, in a list that is read parent by parent.
    pub(super) each: Option<Cow<'o, str>>,
    /// Where the page begins; `None` for a first page that needs no word.
    pub(super) cursor: Option<Cow<'o, str>>,
    /// Whether an expiry of "never" is left out rather than said.
    pub(super) omit_never: bool,
}

/// What a template may name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'n> {
    /// The holes of the operation.
    pub(super) holes: &'n [&'n str],
    /// The parameters that are described.
    pub(super) params: &'n [Box<str>],
    /// The inputs that are described; empty where no secret may stand.
    pub(super) inputs: &'n [Box<str>],
}

impl Template {
    /// Reads a template.
    pub(super) fn parse(text: &str, names: Names<'_>) -> Result<Self, Wrong> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            push_literal(&mut pieces, literal)?;
            let Some((name, after)) = after.split_once('}') else {
                return Err(Wrong::new("a hole is not closed", "close it with }"));
            };
            pieces.push(Piece::Hole(Hole::parse(name, names)?));
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
    ///
    /// A secret has no place here: a template that is filled so was read without any.
    pub(super) fn fill(&self, source: &Source<'_>) -> Option<String> {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => filled.push_str(literal),
                Piece::Hole(hole) => write(&hole.fill(source)?, &mut filled)?,
            }
        }
        Some(filled)
    }

    /// Fills the holes but for secrets, whose places stay; `None` where another one has no value.
    pub(super) fn seal(&self, source: &Source<'_>, guise: &Guise) -> Option<Sealed> {
        let mut sealed = Sealed::default();
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => sealed.push_str(literal),
                Piece::Hole(hole) => match hole.fill(source)? {
                    Filling::Secret(slot) => sealed.0.push(Part::Secret(slot.clone(), guise.clone())),
                    filling @ (Filling::Text(_)
                    | Filling::Number(_)
                    | Filling::Flag(_)
                    | Filling::List(_)
                    | Filling::Objects(..)
                    | Filling::Null) => {
                        let mut text = String::new();
                        write(&filling, &mut text)?;
                        sealed.push_str(&text);
                    }
                },
            }
        }
        Some(sealed)
    }
}

/// Writes a value as text; `None` for one that has none.
fn write(filling: &Filling<'_>, filled: &mut String) -> Option<()> {
    match filling {
        Filling::Text(text) => filled.push_str(text),
        Filling::Number(number) => write!(filled, "{number}").ok()?,
        Filling::Flag(flag) => write!(filled, "{flag}").ok()?,
        Filling::List(texts) => filled.push_str(&texts.join(",")),
        Filling::Objects(..) | Filling::Null | Filling::Secret(_) => return None,
    }
    Some(())
}

impl Hole {
    fn parse(text: &str, names: Names<'_>) -> Result<Self, Wrong> {
        for (prefix, what, known, make) in [
            ("params.", "parameter", names.params, Self::Param as fn(Box<str>) -> Self),
            ("inputs.", "input", names.inputs, |name| Self::Secret(Slot::Input(name))),
        ] {
            if let Some(name) = text.strip_prefix(prefix) {
                let found = known.iter().find(|known| ***known == *name).cloned();
                let wrong = || {
                    let also = if what == "input" { "; it can stand in headers and bodies only" } else { "" };
                    let hint = format!("describe it as [{prefix}{name}]{also}");
                    Wrong::new(format!("no {what} \"{name}\" is described"), hint)
                };
                return found.map(make).ok_or_else(wrong);
            }
        }
        let (name, form) = text.split_once(':').map_or((text, None), |(name, form)| (name, Some(form)));
        if !names.holes.contains(&name) {
            let holes = names.holes.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
            let hint = if holes.is_empty() { "no hole can stand here".to_owned() } else { format!("here: {holes}") };
            return Err(Wrong::new(format!("{{{text}}} is no hole of this operation"), hint));
        }
        let after = |word: &str| form?.strip_prefix(word).filter(|rest| !rest.is_empty());
        let wanted = after("is ").filter(|_| name == "role");
        let listed = match (name, form) {
            ("roles", Some("blanks")) => Some(Self::RolesWithBlanks),
            ("roles", Some(_)) => after("objects ").map(|member| Self::RolesIn(member.into())),
            _ => None,
        };
        if let (false, None, None, Some(form)) = (name == "expires", wanted, &listed, form) {
            let hint = format!("write {{{name}}}; only {{expires:…}}, {{role:is …}} and {{roles:…}} have forms");
            return Err(Wrong::new(format!("\"{form}\" is no form of {{{name}}}"), hint));
        }
        Ok(match name {
            "expires" => Self::Expires(Moment::parse(form.unwrap_or_default())?),
            "id" if names.holes.contains(&"each") => Self::IdWithin,
            "id" => Self::Id,
            "each" => Self::Each,
            "cursor" => Self::Cursor,
            "label" => Self::Label,
            "roles" => listed.unwrap_or(Self::Roles),
            "role" => wanted.map_or(Self::Role, |role| Self::RoleIs(role.into())),
            "owner" => Self::Owner,
            "scope" => Self::Scope,
            "nonce" => Self::Nonce,
            "credential" => Self::Secret(Slot::Credential),
            "session" => Self::Secret(Slot::Session),
            "secret" => Self::Secret(Slot::Value),
            _ => Self::Version,
        })
    }

    /// Tells whether it says something of the roles of a new token.
    pub(super) fn is_of_roles(&self) -> bool {
        matches!(self, Self::Roles | Self::RolesIn(_) | Self::RolesWithBlanks | Self::Role | Self::RoleIs(_))
    }

    /// Returns the value; `None` where there is none.
    pub(super) fn fill<'s>(&'s self, source: &'s Source<'_>) -> Option<Filling<'s>> {
        let text = |text: &'s str| Filling::Text(Cow::Borrowed(text));
        let operation = source.operation;
        let draft = || draft_of(operation?);
        let change = || change_of(operation?);
        match self {
            Self::Id => operation?.token().map(|id| text(id.raw())),
            Self::IdWithin => compound::split(operation?.token()?.raw()).map(|(_, id)| text(id)),
            Self::Each => source.each.as_deref().map(text),
            Self::Cursor => source.cursor.as_deref().map(text),
            Self::Param(name) => source.site.param(name).map(text),
            Self::Label => match change() {
                Some(change) => change.label.as_deref().map(text),
                None => draft().map(|draft| text(&draft.label)),
            },
            Self::RolesIn(name) => draft().map(|draft| Filling::Objects(name, &draft.roles)),
            Self::RolesWithBlanks => draft().map(|draft| Filling::Text(Cow::Owned(draft.roles.join(" ")))),
            Self::Roles => draft().map(|draft| Filling::List(&draft.roles)),
            Self::RoleIs(role) => draft()?.roles.first().map(|first| Filling::Flag(**first == **role)),
            Self::Role => draft()?.roles.first().map(|role| text(role)),
            Self::Owner => draft()?.owner.as_deref().map(text),
            Self::Scope => draft()?.scope.as_deref().map(text),
            Self::Nonce => draft().map(|draft| text(draft.nonce.as_str())),
            Self::Version => change()?.version.as_ref().map(|version| text(version.raw())),
            Self::Expires(form) => {
                let filled = match (change(), draft()) {
                    (Some(change), _) => form.fill(change.expires?, change.asked),
                    (None, Some(draft)) => form.fill(draft.expires, draft.asked),
                    (None, None) => None,
                };
                filled.filter(|filling| !(source.omit_never && *filling == Filling::Null))
            }
            Self::Secret(Slot::Input(name)) if !source.site.has_input(name) => None,
            Self::Secret(slot) => Some(Filling::Secret(slot)),
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

/// Returns where the page that an operation asks for begins.
pub(super) fn cursor_of(operation: &Operation) -> Option<&crate::domain::Cursor> {
    match operation {
        Operation::List(cursor) | Operation::Events(cursor) | Operation::Notices(cursor) => cursor.as_ref(),
        Operation::Get(_)
        | Operation::Whoami
        | Operation::Try(_)
        | Operation::Create(_)
        | Operation::Identify(_)
        | Operation::RevokeValue(_)
        | Operation::Edit(..)
        | Operation::Rotate(_)
        | Operation::Renew(_)
        | Operation::Revoke(_)
        | Operation::Disable(_)
        | Operation::Enable(_)
        | Operation::Health => None,
    }
}
