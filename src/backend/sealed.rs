//! Text with places for secrets: a request travels with the places empty, and the transport fills them last.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::Secret;

/// Text with places that only the transport fills.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sealed(pub Vec<Part>);

/// A part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as it is.
    Text(String),
    /// A secret, written so that it fits where it stands.
    Secret(Slot, Guise),
}

/// Which secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The operator's credential.
    Credential,
    /// What a login gave for it.
    Session,
    /// Something that the operator typed besides, by its name.
    Input(Box<str>),
    /// The value that the question is about.
    Value,
}

/// How a secret is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guise {
    /// In a header, as it is: visible ASCII only.
    Header,
    /// In a header, with a user's name before it, as Basic has it (RFC 7617); `None` where the secret holds both.
    Basic(Option<String>),
    /// Inside a JSON text.
    Json,
    /// In a form.
    Form,
    /// In a header, as a JSON Web Token that is signed with it: the secret is a private key, and is not sent.
    Signed(Claims),
}

/// What a signed token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Whose key it is.
    pub issuer: String,
    /// When it is asked for.
    pub at: Timestamp,
}

/// The secrets that requests of one context may need.
#[derive(Clone, Default)]
pub struct Keys {
    /// The operator's credential.
    pub credential: Option<Arc<Secret>>,
    /// What a login gave for it.
    pub session: Option<Arc<Secret>>,
    /// What the operator typed besides.
    pub inputs: BTreeMap<Box<str>, Arc<Secret>>,
    /// The value that the question is about.
    pub value: Option<Arc<Secret>>,
}

impl Keys {
    /// Returns what fills a place; nothing for one that is empty.
    pub fn get(&self, slot: &Slot) -> Option<&Arc<Secret>> {
        let found = match slot {
            Slot::Credential => self.credential.as_ref(),
            Slot::Session => self.session.as_ref(),
            Slot::Input(name) => self.inputs.get(name),
            Slot::Value => self.value.as_ref(),
        };
        found.filter(|secret| !secret.is_empty())
    }

    /// Returns all of them, to be hidden where an answer repeats one.
    pub fn all(&self) -> impl Iterator<Item = &Secret> {
        let single = [&self.credential, &self.session, &self.value];
        single.into_iter().flatten().chain(self.inputs.values()).map(|secret| &**secret)
    }
}

impl Sealed {
    /// Adds text.
    pub fn push_str(&mut self, text: &str) {
        if let Some(Part::Text(last)) = self.0.last_mut() {
            last.push_str(text);
        } else if !text.is_empty() {
            self.0.push(Part::Text(text.to_owned()));
        }
    }

    /// Adds another one.
    pub(super) fn append(&mut self, other: Self) {
        for part in other.0 {
            match part {
                Part::Text(text) => self.push_str(&text),
                secret @ Part::Secret(..) => self.0.push(secret),
            }
        }
    }

    /// Puts the value that the question is about where the credential would stand.
    pub(super) fn with_value(mut self) -> Self {
        for part in &mut self.0 {
            if let Part::Secret(slot @ Slot::Credential, _) = part {
                *slot = Slot::Value;
            }
        }
        self
    }

    /// Tells whether no secret has a place in it.
    pub(super) fn is_open(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// Tells whether a secret has a place in it.
    pub fn wants(&self, wanted: &Slot) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Secret(slot, _) if slot == wanted))
    }
}

/// Writes `…` for each secret.
impl fmt::Display for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Secret(..) => f.write_str("…"),
        })
    }
}

/// Shows no secret.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.all().count())
    }
}
