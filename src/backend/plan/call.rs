//! One operation as described: how it is asked, and how its answer reads.

use crate::backend::decode::matcher::{Matcher, Source};
use crate::backend::description::Section;
use crate::backend::mistake::Wrong;
use crate::backend::pointer::{Pointer, Test};
use crate::backend::template::{Hole, Piece, Template};

use super::auth::{free_header_name, header_name, header_text};
use super::body::Body;
use super::errors::{self, Kind};
use super::fields::{self, EventFields, TokenFields};
use super::secret::SecretRule;

/// The operations, by their words.
pub(super) const WORDS: [&str; 12] =
    ["list", "get", "self", "create", "edit", "rotate", "revoke", "disable", "enable", "events", "notices", "health"];

/// How one operation is asked and answered.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::backend) struct Call {
    /// The method, in capitals.
    pub(in crate::backend) method: Box<str>,
    /// The path, after the context's own.
    pub(in crate::backend) path: Template,
    /// The query, in alphabetical order; what has no value is left out.
    pub(in crate::backend) query: Vec<(Box<str>, Template)>,
    /// Headers of this operation, names in lower case.
    pub(in crate::backend) headers: Vec<(Box<str>, Template)>,
    /// The body.
    pub(in crate::backend) body: Body,
    /// Whether the credential goes along.
    pub(in crate::backend) credential: Credential,
    /// What has to stand in the answer for a success; `None` where the status says it all.
    pub(in crate::backend) success: Option<Test>,
    /// Kinds of failure by status, before those of the whole backend.
    pub(in crate::backend) kinds: Vec<(u16, Kind)>,
    /// How the answer reads.
    pub(in crate::backend) answer: Answer,
}

/// Whether the credential goes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backend) enum Credential {
    /// It does.
    Sent,
    /// It does not.
    Withheld,
}

/// How an answer reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) enum Answer {
    /// A page of tokens.
    Tokens {
        /// The list.
        items: Pointer,
        /// Where the next page is named.
        next: Next,
        /// What holds for rows that are tokens.
        only: Vec<Test<Source>>,
    },
    /// A page of events.
    Events {
        /// The list.
        items: Pointer,
        /// Where the next page is named.
        next: Next,
        /// How an event reads.
        fields: Box<EventFields>,
    },
    /// One token.
    Token(Pointer),
    /// A token and its secret.
    Issued {
        /// The token.
        item: Pointer,
        /// The secret.
        secret: SecretRule,
    },
    /// Whose credential it is.
    Identity {
        /// The object.
        item: Pointer,
        /// How it reads; `None` where it reads like a token.
        fields: Option<Box<TokenFields>>,
    },
    /// The end of a token.
    Revoked {
        /// Whether it was so before.
        gone: Option<Test>,
        /// Statuses that say so.
        gone_status: Vec<u16>,
        /// How many died with it: a number, or a list of them.
        also: Option<Pointer>,
    },
    /// The status says it all.
    Done,
    /// How the backend is.
    Health {
        /// Its version.
        version: Option<Pointer>,
    },
}

/// Where the next page is named; the first place that names one counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::backend) struct Next {
    /// A response header with the cursor, in lower case.
    pub(in crate::backend) header: Option<Box<str>>,
    /// The query parameter of the Link header's `rel="next"` that is the cursor.
    pub(in crate::backend) link: Option<Box<str>>,
    /// A place in the body with the cursor.
    pub(in crate::backend) body: Option<Pointer>,
}

impl Call {
    /// Tells whether a hole is anywhere in what is sent.
    pub(in crate::backend) fn mentions(&self, wanted: fn(&Hole) -> bool) -> bool {
        let pairs = self.query.iter().chain(&self.headers);
        self.path.has(wanted)
            || pairs.into_iter().any(|(_, template)| template.has(wanted))
            || self.body.mentions(wanted)
    }
}

/// Returns the holes that an operation can fill.
fn holes_of(word: &str) -> &'static [&'static str] {
    match word {
        "list" | "events" | "notices" => &["cursor"],
        "get" | "rotate" | "revoke" | "disable" | "enable" => &["id"],
        "edit" => &["id", "label", "expires", "version"],
        "create" => &["label", "roles", "role", "owner", "scope", "expires", "nonce"],
        _ => &[],
    }
}

/// Reads the table of one operation.
///
/// Tests of list rows become cells of `rows`, which read a token.
pub(super) fn read(section: &mut Section<'_, '_>, word: &str, params: &[Box<str>], rows: &mut Matcher) -> Call {
    let holes = holes_of(word);
    if !section.has("path") {
        section.missing("path", "\"/tokens\"");
    }
    let path_holes: &[&str] = if holes.contains(&"id") { &["id"] } else { &[] };
    let path = section.parse("path", |text| path(text, path_holes, params)).unwrap_or(Template(Vec::new()));
    let method = section.parse("method", method).unwrap_or_else(|| default_method(word).into());
    let query = section.within("query", |inner| templates(inner, holes, params)).unwrap_or_default();
    let headers = headers(section, "headers", holes, params);
    let body = Body::read(section, holes, params);
    let credential = match section.flag("credential") {
        Some(false) => Credential::Withheld,
        Some(true) | None => Credential::Sent,
    };
    let success = section.within("success", body_test);
    let kinds = section.within("statuses", errors::kinds).unwrap_or_default();
    let answer = answer(section, word, rows);
    let call = Call { method, path, query, headers, body, credential, success, kinds, answer };
    check(section, word, &call);
    call
}

/// Reports what only the whole of an operation shows.
fn check(section: &mut Section<'_, '_>, word: &str, call: &Call) {
    if holes_of(word).contains(&"id") && !call.mentions(|hole| *hole == Hole::Id) {
        section.mistake(
            "path",
            Wrong::new("says nowhere which token is meant", "put {id} into the path, the query or the body"),
        );
    }
    if let Answer::Tokens { next, .. } | Answer::Events { next, .. } = &call.answer {
        let asked = call.mentions(|hole| *hole == Hole::Cursor);
        if asked && *next == Next::default() {
            section.mistake(
                "next",
                Wrong::new(
                    "is missing, though {cursor} is asked for",
                    "say where the cursor comes from: next = { body = \"/next\" }",
                ),
            );
        }
        if !asked && *next != Next::default() {
            section.mistake("next", Wrong::new("names a cursor that is never sent", "put {cursor} into the query"));
        }
    }
    if call.method.as_ref() == "GET" && call.body != Body::None {
        section.mistake("method", Wrong::new("is GET, and has a body", "use another method, or put it into the query"));
    }
}

fn answer(section: &mut Section<'_, '_>, word: &str, rows: &mut Matcher) -> Answer {
    match word {
        "list" => {
            let only = fields::tests(section, "where", rows);
            Answer::Tokens { items: pointer(section, "items"), next: next(section), only }
        }
        "events" | "notices" => {
            if !section.has("fields") {
                section.missing("fields", "{ action = \"/action\" }");
            }
            let (items, next) = (pointer(section, "items"), next(section));
            match section.within("fields", fields::event) {
                Some(fields) => Answer::Events { items, next, fields: Box::new(fields) },
                None => Answer::Done,
            }
        }
        "create" | "rotate" => {
            if !section.has("secret") {
                section.missing("secret", "\"/secret\"");
            }
            let secret = section.parse("secret", SecretRule::parse).unwrap_or(SecretRule(Vec::new()));
            Answer::Issued { item: pointer(section, "item"), secret }
        }
        "self" => {
            let fields = section.within("fields", fields::token).map(Box::new);
            Answer::Identity { item: pointer(section, "item"), fields }
        }
        "revoke" => Answer::Revoked {
            gone: section.within("gone", body_test),
            gone_status: section.statuses("gone_status"),
            also: section.parse("also", Pointer::parse),
        },
        "health" => Answer::Health { version: section.parse("version", Pointer::parse) },
        "get" => Answer::Token(pointer(section, "item")),
        _ if section.has("item") => Answer::Token(pointer(section, "item")),
        _ => Answer::Done,
    }
}

/// Reads a pointer; the whole body where there is none.
fn pointer(section: &mut Section<'_, '_>, key: &str) -> Pointer {
    section.parse(key, Pointer::parse).unwrap_or(Pointer(Vec::new()))
}

fn next(section: &mut Section<'_, '_>) -> Next {
    let next = section.within("next", |inner| Next {
        header: inner.parse("header", header_name),
        link: inner.text("link").map(Into::into),
        body: inner.parse("body", Pointer::parse),
    });
    next.unwrap_or_default()
}

fn body_test(section: &mut Section<'_, '_>) -> Test {
    if !section.has("at") {
        section.missing("at", "\"/field\"");
    }
    let at = section.parse("at", Pointer::parse_many).unwrap_or(Pointer(Vec::new()));
    Test { at, when: fields::words(section) }
}

fn default_method(word: &str) -> &'static str {
    match word {
        "create" | "rotate" | "disable" | "enable" => "POST",
        "edit" => "PATCH",
        "revoke" => "DELETE",
        _ => "GET",
    }
}

fn method(text: &str) -> Result<Box<str>, Wrong> {
    let lawful = !text.is_empty() && text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if !lawful || matches!(text, "CONNECT" | "TRACE") {
        return Err(Wrong::new(format!("\"{text}\" is no method"), "write GET, POST, PUT, PATCH, DELETE or LIST"));
    }
    Ok(text.into())
}

/// Reads a path: its literal parts must be what every URL parser leaves as it is.
fn path(text: &str, holes: &[&str], params: &[Box<str>]) -> Result<Template, Wrong> {
    let template = Template::parse(text, holes, params)?;
    if !text.starts_with('/') {
        return Err(Wrong::new("does not begin with a slash", format!("write \"/{text}\"")));
    }
    let lawful = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:@!$&'()*+,;=".contains(&byte);
    for piece in &template.0 {
        if let Piece::Literal(literal) = piece
            && !literal.bytes().all(lawful)
        {
            let hint = "write letters, digits and -._~:@!$&'()*+,;= ; the query goes under query";
            return Err(Wrong::new("has characters that change where a path ends", hint));
        }
    }
    let bare: String =
        template.0.iter().map(|piece| if let Piece::Literal(text) = piece { text } else { "x" }).collect();
    if bare.contains("//") || bare.split('/').any(|segment| segment == "." || segment == "..") {
        return Err(Wrong::new("has an empty or a dot segment", "write it without //, . and .."));
    }
    // A hole beside dots could make a dot segment of both: a hole has its segment to itself, or stands by letters.
    let beside_dot = text.contains(".{") || text.contains("}.") || text.contains("}{");
    if beside_dot {
        return Err(Wrong::new("has a hole beside a dot or another hole", "give each hole its own segment"));
    }
    Ok(template)
}

/// Reads a table of templates.
pub(super) fn templates(
    section: &mut Section<'_, '_>,
    holes: &[&str],
    params: &[Box<str>],
) -> Vec<(Box<str>, Template)> {
    let mut pairs = Vec::new();
    for key in section.keys() {
        if let Some(template) = section.parse(&key, |text| Template::parse(text, holes, params)) {
            pairs.push((key.into_boxed_str(), template));
        }
    }
    pairs
}

/// Reads a table of headers.
pub(super) fn headers(
    section: &mut Section<'_, '_>,
    key: &str,
    holes: &[&str],
    params: &[Box<str>],
) -> Vec<(Box<str>, Template)> {
    let read = |inner: &mut Section<'_, '_>| {
        let mut pairs = Vec::new();
        for key in inner.keys() {
            let template = inner.parse(&key, |text| {
                let name = free_header_name(&key)?;
                header_text(text)?;
                Ok((name, Template::parse(text, holes, params)?))
            });
            pairs.extend(template);
        }
        pairs
    };
    section.within(key, read).unwrap_or_default()
}
