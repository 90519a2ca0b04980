//! A description as checked: everything in it is known to make sense, so that encoding cannot fail.

mod answer;
mod auth;
mod body;
mod call;
mod conflicts;
mod errors;
pub(super) mod fields;
mod list;
mod next;
mod offers;
mod secret;
mod value;
mod words;

use std::collections::BTreeMap;

use crate::domain::shape::ValueForm;
use crate::domain::{Budget, Extent, Failure, FailureKind, Input, Operation, Param, RoleFamily, RoleSpec};

use super::description::{Description, Section};
use super::mistake::{Mistake, Mistakes, Wrong};
use super::template::{Names, Template};
use call::Known;

pub(super) use answer::{Answer, Empty, IssuedAt, Next, Parents};
pub(super) use auth::{Auth, Login, SessionAt};
pub(super) use body::{Body, Json};
pub(super) use call::{Call, Credential, EACH};
pub(super) use errors::{ErrorRules, Kind, Wait};
pub(super) use secret::{Part, SecretRule};

/// A checked description of a backend.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The name, as in a context's `backend`.
    pub(super) name: Box<str>,
    /// The service's own name.
    pub(super) title: Box<str>,
    /// Where its interface is documented.
    pub(super) docs: Box<str>,
    /// When the description was last held against the service.
    pub(super) checked: Box<str>,
    /// What a context has to say besides its URL.
    pub(super) params: Vec<Param>,
    /// What the operator types besides the credential.
    pub(super) inputs: Vec<Input>,
    /// Where the credential goes.
    pub(super) auth: Auth,
    /// How a session is had for it; `None` where it is sent itself.
    pub(super) login: Option<Login>,
    /// Headers of every request.
    pub(super) headers: Vec<(Box<str>, Template)>,
    /// The parent that is read where no other is named, in a list that is read parent by parent.
    pub(super) only: Option<Template>,
    /// What can be asked, by the operation's word.
    pub(super) calls: BTreeMap<&'static str, Call>,
    /// How a token reads.
    pub(super) token: fields::TokenFields,
    /// What the values of tokens look like, and what the list tells of them.
    pub(super) value: ValueForm,
    /// How an error reads.
    pub(super) errors: ErrorRules,
    /// What the service says of itself.
    pub(super) words: Words,
}

/// The honest words of a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) extent: Extent,
    pub(super) scopes: Vec<String>,
    pub(super) roles: Vec<RoleSpec>,
    pub(super) role_families: Vec<RoleFamily>,
    pub(super) not_listed: Vec<String>,
    pub(super) use_freshness: String,
    pub(super) revoke_takes: String,
    pub(super) irreversible: String,
    pub(super) delay: String,
    /// Why nothing can be asked; `None` where something can.
    pub(super) unavailable: Option<String>,
    /// Why there is no list; `None` where there is one.
    pub(super) unlisted: Option<String>,
    /// How many requests one reading of a list makes at once.
    pub(super) connections: u32,
    pub(super) budget: Option<Budget>,
}

impl Plan {
    /// Checks the text of a description; `file` is what its mistakes are reported under.
    ///
    /// # Errors
    /// Every mistake in it, in the order of the file.
    pub fn check(file: &str, text: &str) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Mistakes::new(file, text);
        let plan = Description::read(text, &mut mistakes, read);
        match mistakes.into_sorted() {
            found if found.is_empty() => Ok(plan),
            found => Err(found),
        }
    }

    /// Returns the name, as in a context's `backend`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what a context has to say besides its URL.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// Returns what the operator types besides the credential.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Returns when the description was last held against the service, as it says.
    pub fn checked(&self) -> &str {
        &self.checked
    }

    /// Returns why nothing can be asked of the service; `None` where something can.
    pub fn unavailable(&self) -> Option<&str> {
        self.words.unavailable.as_deref()
    }

    /// Returns why there is no list of tokens; `None` where there is one.
    pub fn unlisted(&self) -> Option<&str> {
        self.words.unlisted.as_deref()
    }

    /// Returns why nothing shows that a token is dead that was revoked by its id; `None` where something does.
    pub(super) fn unproved(&self) -> Option<&str> {
        match self.calls.get("revoke").map(|call| &call.answer) {
            Some(Answer::Revoked { unproved, .. }) => unproved.as_deref(),
            _ => None,
        }
    }

    /// Returns how many requests one reading of a list may make at once.
    pub fn connections(&self) -> u32 {
        self.words.connections
    }

    /// Tells whether tokens are listed parent by parent, so that their ids begin with it.
    pub(super) fn is_by_parent(&self) -> bool {
        self.calls.get(EACH).is_some_and(Call::holds_rows)
    }

    /// Returns how an operation is asked.
    ///
    /// # Errors
    /// When the backend has no such operation.
    pub(super) fn call(&self, operation: &Operation) -> Result<&Call, Failure> {
        if let Some(why) = self.unavailable() {
            let summary = format!("{} cannot be asked about its tokens", self.title);
            return Err(Failure::new(FailureKind::NotOffered, summary, why.trim_end_matches('.')));
        }
        if let (Operation::List(_), Some(why)) = (operation, self.unlisted()) {
            return Err(Failure::unlisted(&self.title, why));
        }
        let below = matches!(operation, Operation::List(Some(cursor)) if cursor.parent().is_some());
        let word = if below { EACH } else { operation.word() };
        self.calls.get(word).ok_or_else(|| {
            Failure::new(
                FailureKind::NotOffered,
                format!("{} has no operation \"{}\"", self.title, operation.word()),
                "see what it can do in the Backends tab",
            )
        })
    }
}

/// Reads the whole file.
fn read(section: &mut Section<'_, '_>) -> Plan {
    let name = section.needed("name", "\"example\"").into();
    let title = section.needed("title", "\"Example tokens\"").into();
    let docs = section.needed("docs", "\"https://example.org/api\"").into();
    let checked = section.needed("checked", "\"2026-01-31\"").into();
    let params = words::params(section);
    let names: Vec<Box<str>> = params.iter().map(|param| param.name.clone()).collect();
    let inputs = words::inputs(section);
    let input_names: Vec<Box<str>> = inputs.iter().map(|input| input.name.clone()).collect();
    let known = Known { params: &names, inputs: &input_names, compound: false };
    let (auth, login) = auth::read(section, known);
    let headers = call::headers(section, "headers", Names { holes: &[], params: &names, inputs: &input_names });
    let closed = section.has("unavailable");
    if !section.has("token") && !closed {
        section.missing("token", "{ id = \"/id\" }");
    }
    let mut token = section.within("token", fields::token).unwrap_or_default();
    if !section.has("list") && !closed && !section.has("unlisted") {
        section.missing("list", "{ path = \"/tokens\", items = \"\" }");
    }
    let mut calls = BTreeMap::new();
    let read = section.within("list", |inner| list::read(inner, known, &mut token.matcher)).unwrap_or_default();
    let known = Known { compound: read.each.as_ref().is_some_and(Call::holds_rows), ..known };
    calls.extend(read.each.map(|each| (EACH, each)));
    calls.extend(read.outer.map(|list| ("list", list)));
    for word in call::WORDS {
        if let Some(call) = section.within(word, |inner| call::read(inner, word, known, &mut token.matcher)) {
            calls.insert(word, call);
        }
    }
    for (one, other) in [("disable", "enable"), ("enable", "disable")] {
        if section.has(one) && !section.has(other) {
            section.mistake(
                one,
                Wrong::new(format!("stands without {other}"), format!("describe {other} too, or neither")),
            );
        }
    }
    conflicts::check(section, login.is_some(), &token, &calls);
    let value = value::read(section, &token);
    let errors = section.within("errors", errors::read).unwrap_or_default();
    let words = words::read(section);
    Plan {
        name,
        title,
        docs,
        checked,
        params,
        inputs,
        auth,
        login,
        headers,
        only: read.only,
        calls,
        token,
        value,
        errors,
        words,
    }
}
