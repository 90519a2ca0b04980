//! One operation as described: how it is asked, and how its answer reads.

use crate::backend::decode::matcher::Matcher;
use crate::backend::description::Section;
use crate::backend::mistake::Wrong;
use crate::backend::pointer::Test;
use crate::backend::template::{Hole, Names, Piece, Template};

use super::answer::{self, Answer, Next};
use super::auth::{free_header_name, header_text};
use super::body::Body;
use super::errors::{self, Kind};

/// The operations but the list, by their words.
pub(super) const WORDS: [&str; 14] = [
    "get",
    "self",
    "create",
    "edit",
    "rotate",
    "renew",
    "revoke",
    "disable",
    "enable",
    "identify",
    "revoke_value",
    "events",
    "notices",
    "health",
];

/// The word under which the second step of a list is kept.
pub(in crate::backend) const EACH: &str = "each";

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
    /// Whether the token is read first, and sent back whole with what is changed.
    pub(in crate::backend) read: bool,
    /// Whether an expiry of "never" is left out rather than said.
    pub(in crate::backend) omit_never: bool,
    /// How long what it makes may live at most, as people type it.
    pub(in crate::backend) longest: Option<Box<str>>,
    /// Statuses that are a success; empty for all from 200 to 299.
    pub(in crate::backend) ok: Vec<u16>,
    /// Statuses that say that what was asked about is not there.
    pub(in crate::backend) gone_status: Vec<u16>,
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
    /// The value that the question is about goes in its place.
    Value,
}

impl Call {
    /// Tells whether a status is a success.
    pub(in crate::backend) fn succeeds(&self, status: u16) -> bool {
        if self.ok.is_empty() { (200..300).contains(&status) } else { self.ok.contains(&status) }
    }

    /// Tells whether the answer is a list.
    pub(in crate::backend) fn holds_rows(&self) -> bool {
        matches!(self.answer, Answer::Rows { .. })
    }

    /// Tells whether a hole is anywhere in what is sent.
    pub(in crate::backend) fn mentions(&self, wanted: impl Fn(&Hole) -> bool + Copy) -> bool {
        let pairs = self.query.iter().chain(&self.headers);
        self.path.has(wanted)
            || pairs.into_iter().any(|(_, template)| template.has(wanted))
            || self.body.mentions(wanted)
    }
}

/// What every operation of a description may name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'n> {
    /// The parameters.
    pub(super) params: &'n [Box<str>],
    /// The inputs.
    pub(super) inputs: &'n [Box<str>],
    /// Whether tokens belong to parents that have to be named.
    pub(super) compound: bool,
}

/// Returns the holes that an operation can fill.
fn holes_of(word: &str, compound: bool) -> Vec<&'static str> {
    let own: &[&str] = match word {
        "list" | "events" | "notices" => return vec!["cursor"],
        EACH => return vec!["each", "cursor"],
        "get" | "rotate" | "renew" | "revoke" | "disable" | "enable" => &["id"],
        "edit" => &["id", "label", "expires", "version"],
        "create" => &["label", "roles", "role", "owner", "scope", "expires", "nonce"],
        "identify" | "revoke_value" => return vec!["secret"],
        "login" | "self" => return vec!["credential"],
        _ => return Vec::new(),
    };
    if compound { [&["each"], own].concat() } else { own.to_vec() }
}

/// Reads the table of one operation.
///
/// Tests of list rows become cells of `rows`, which read a token.
pub(super) fn read(section: &mut Section<'_, '_>, word: &str, known: Known<'_>, rows: &mut Matcher) -> Call {
    let answer = |section: &mut Section<'_, '_>| answer::read(section, word, rows);
    let call = asked(section, word, known, answer);
    check(section, word, known, &call);
    call
}

/// Reads how something is asked, and with `answer` how its answer reads.
pub(super) fn asked(
    section: &mut Section<'_, '_>,
    word: &str,
    known: Known<'_>,
    answer: impl FnOnce(&mut Section<'_, '_>) -> Answer,
) -> Call {
    let holes = holes_of(word, known.compound);
    let is_secret = |hole: &&str| matches!(*hole, "secret" | "credential");
    let open: Vec<&str> = holes.iter().copied().filter(|hole| !is_secret(hole)).collect();
    let in_path: Vec<&str> = open.iter().copied().filter(|hole| matches!(*hole, "id" | "each" | "owner")).collect();
    // A secret has no place in a URL, which is logged everywhere.
    let plain = Names { holes: &open, params: known.params, inputs: &[] };
    let full = Names { holes: &holes, params: known.params, inputs: known.inputs };
    if !section.has("path") {
        section.missing("path", "\"/tokens\"");
    }
    let path = section.parse("path", |text| path(text, Names { holes: &in_path, ..plain }));
    let method = section.parse("method", method).unwrap_or_else(|| default_method(word).into());
    let query = section.within("query", |inner| templates(inner, plain)).unwrap_or_default();
    let headers = headers(section, "headers", full);
    let body = Body::read(section, full);
    // A login bears the credential in its body, and its answer is a session or none.
    let is_login = word == "login";
    let credential = if is_login { Credential::Withheld } else { credential(section, word) };
    let ok = section.statuses("ok");
    let read = matches!(word, "edit" | "disable" | "enable") && section.flag("read").unwrap_or(false);
    let omit_never = matches!(word, "create" | "edit") && section.flag("omit_never").unwrap_or(false);
    let longest = if word == "create" { section.parse("longest", span) } else { None };
    let gone_status = if is_about_one(word) { section.statuses("gone_status") } else { Vec::new() };
    let success = if is_login { None } else { section.within("success", answer::body_test) };
    let kinds = section.within("statuses", errors::kinds).unwrap_or_default();
    let answer = answer(section);
    let path = path.unwrap_or(Template(Vec::new()));
    Call {
        method,
        path,
        query,
        headers,
        body,
        credential,
        read,
        omit_never,
        longest,
        ok,
        gone_status,
        success,
        kinds,
        answer,
    }
}

/// Reads whether the credential goes along.
fn credential(section: &mut Section<'_, '_>, word: &str) -> Credential {
    let is_text = section.value("credential").is_some_and(|value| value.get_ref().is_str());
    if word == "revoke_value" && is_text {
        let only = |text: &str| match text {
            "value" => Ok(Credential::Value),
            _ => Err(Wrong::new(format!("\"{text}\" is no credential"), "write \"value\", or false for none")),
        };
        return section.parse("credential", only).unwrap_or(Credential::Sent);
    }
    if section.flag("credential") == Some(false) { Credential::Withheld } else { Credential::Sent }
}

/// Reads a span as people type it: hours, days or weeks.
fn span(text: &str) -> Result<Box<str>, Wrong> {
    let number = text.strip_suffix(['h', 'd', 'w']).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    let lawful = number.and_then(|number| number.parse().ok()).is_some_and(|number| (1..=10_000_u32).contains(&number));
    if lawful { Ok(text.into()) } else { Err(Wrong::new("is no span", "write it like \"24h\", \"90d\" or \"4w\"")) }
}

/// Tells whether an operation is about something that may not be there.
fn is_about_one(word: &str) -> bool {
    matches!(word, "get" | "revoke" | "identify" | "revoke_value" | EACH)
}

/// Reports what only the whole of an operation shows.
pub(super) fn check(section: &mut Section<'_, '_>, word: &str, known: Known<'_>, call: &Call) {
    for (hole, what) in
        [("id", "which token is meant"), ("each", "whose token is meant"), ("secret", "which value is meant")]
    {
        let wanted = |found: &Hole| match hole {
            "id" => matches!(found, Hole::Id | Hole::IdWithin),
            "each" => *found == Hole::Each,
            _ => matches!(found, Hole::Secret(crate::backend::sealed::Slot::Value)),
        };
        let needed = holes_of(word, known.compound).contains(&hole) && !(hole == "each" && word == "create");
        let needed = needed && !(hole == "secret" && call.credential == Credential::Value);
        if needed && !call.mentions(wanted) {
            let hint = format!("put {{{hole}}} into the path, the query or the body");
            section.mistake("path", Wrong::new(format!("says nowhere {what}"), hint));
        }
    }
    if let Answer::Rows { next, .. } | Answer::Events { next, .. } = &call.answer {
        let asked = call.mentions(|hole| *hole == Hole::Cursor);
        if asked && *next == Next::None {
            section.mistake(
                "next",
                Wrong::new(
                    "is missing, though {cursor} is asked for",
                    "say where the cursor comes from: next = { body = \"/next\" }",
                ),
            );
        }
        if !asked && *next != Next::None {
            section.mistake("next", Wrong::new("names a cursor that is never sent", "put {cursor} into the query"));
        }
    }
    let objects = |hole: &Hole| matches!(hole, Hole::RolesIn(_));
    let pairs = call.query.iter().chain(&call.headers);
    if pairs.into_iter().any(|(_, template)| template.has(objects)) || call.body.mentions_in_text(objects) {
        let hint = "in JSON it stands alone in its quotes: Policies = \"{roles:objects Name}\"";
        section.mistake("path", Wrong::new("has objects in a text", hint));
    }
    if call.longest.is_some() && !call.mentions(|hole| matches!(hole, Hole::Expires(_))) {
        section.mistake("longest", Wrong::new("stands where no expiry is sent", "put {expires} into the body"));
    }
    if call.read && !matches!(call.body, Body::Json(super::body::Json::Object(_))) {
        section.mistake("read", Wrong::new("stands without json", "say under json what is put over what was read"));
    }
    if call.method.as_ref() == "GET" && call.body != Body::None {
        section.mistake("method", Wrong::new("is GET, and has a body", "use another method, or put it into the query"));
    }
}

fn default_method(word: &str) -> &'static str {
    match word {
        "create" | "rotate" | "renew" | "disable" | "enable" | "identify" | "revoke_value" | "login" => "POST",
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
fn path(text: &str, names: Names<'_>) -> Result<Template, Wrong> {
    let template = Template::parse(text, names)?;
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
pub(super) fn templates(section: &mut Section<'_, '_>, names: Names<'_>) -> Vec<(Box<str>, Template)> {
    let mut pairs = Vec::new();
    for key in section.keys() {
        if let Some(template) = section.parse(&key, |text| Template::parse(text, names)) {
            pairs.push((key.into_boxed_str(), template));
        }
    }
    pairs
}

/// Reads a table of headers.
pub(super) fn headers(section: &mut Section<'_, '_>, key: &str, names: Names<'_>) -> Vec<(Box<str>, Template)> {
    let read = |inner: &mut Section<'_, '_>| {
        let mut pairs: Vec<(Box<str>, Template)> = Vec::new();
        for key in inner.keys() {
            let template = inner.parse(&key, |text| {
                let name = free_header_name(&key)?;
                if pairs.iter().any(|(there, _)| *there == name) {
                    return Err(Wrong::new(
                        "stands there twice",
                        "capitals make no other header: take one of them out",
                    ));
                }
                header_text(text)?;
                Ok((name, Template::parse(text, names)?))
            });
            pairs.extend(template);
        }
        pairs
    };
    section.within(key, read).unwrap_or_default()
}
