//! What a request has to be, worked out from the text of a description alone.
//!
//! Written apart from the code that makes requests, and shares nothing with it: the description is read as plain TOML,
//! a request as a server would read it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use tokendeck::backend::{Part, Request, Sealed};
use tokendeck::domain::Operation;
use toml::{Table, Value as Toml};
use url::{Url, form_urlencoded};

use super::values::{Held, hole};

/// What stands for a secret wherever one has its place.
const SECRET: &str = "<a secret>";

/// A description as it stands in its file, and what a context says besides.
pub(crate) struct Written<'w> {
    /// The file.
    pub(crate) file: &'w Table,
    /// The context's URL.
    pub(crate) base: &'w str,
    /// What the context says for parameters, and the defaults of the file.
    pub(crate) params: &'w BTreeMap<String, String>,
    /// What the operator typed besides the credential.
    pub(crate) inputs: &'w BTreeSet<String>,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is sent, and is what the description says.
    Leaves,
    /// A value in it would move its path or break a header: the client has to refuse it.
    Stays,
}

impl Written<'_> {
    /// Holds a request against what the description says of an operation.
    pub(crate) fn check(&self, operation: &Operation, request: &Request) -> Result<Fate, String> {
        let call = self.call(operation).ok_or("the description has no such operation")?;
        let held = |text: &str| self.fill(call, operation, text);
        same("method", &*request.method, &method(call, operation))?;
        let mut fate = self.check_url(call, request, &held)?;
        if self.check_headers(call, request, &held)? == Fate::Stays {
            fate = Fate::Stays;
        }
        check_body(call, request, &held)?;
        Ok(fate)
    }

    /// Tells whether there is nothing to be sent: an operation that is not described, or a path without a value.
    pub(crate) fn has_no_request(&self, operation: &Operation) -> bool {
        let Some(call) = self.call(operation) else { return true };
        let path = call.get("path").and_then(Toml::as_str).unwrap_or_default();
        let lacks = |name: &str| match hole(self, call, operation, name) {
            Some(Held::Text(text)) => text.is_empty(),
            Some(Held::Number(_) | Held::List(_)) => false,
            Some(Held::Null | Held::Secret | Held::Objects(..) | Held::Flag(_)) | None => true,
        };
        if holes(path).iter().any(|name| lacks(name)) || self.names_nobody(operation) {
            return true;
        }
        // A creation that names roles, and is given none; or a yes or no, and not one role that is described.
        let text = Toml::Table(call.clone()).to_string();
        let Operation::Create(draft) = operation else { return false };
        let names_roles = text.contains("{roles") || text.contains("{role}") || text.contains("{role:");
        let is_one = matches!(&draft.roles[..], [role] if self.describes(role));
        (draft.roles.is_empty() && names_roles) || (text.contains("{role:is ") && !is_one)
    }

    fn describes(&self, role: &str) -> bool {
        let roles = self.file.get("roles").and_then(Toml::as_array).into_iter().flatten();
        roles.filter_map(|spec| spec.get("name").and_then(Toml::as_str)).any(|name| name == role)
    }

    /// Tells whether an operation is about one token, or one parent's, and does not say about which.
    fn names_nobody(&self, operation: &Operation) -> bool {
        let half = |id: &str| id.split_once('/').is_none_or(|(parent, own)| parent.is_empty() || own.is_empty());
        let parent = if let Operation::List(Some(at)) = operation { at.parent() } else { None };
        parent.is_some_and(str::is_empty) || self.by_parent() && operation.token().is_some_and(|id| half(id.raw()))
    }

    /// Returns the table of an operation.
    fn call(&self, operation: &Operation) -> Option<&Table> {
        if self.file.contains_key("unavailable") {
            return None;
        }
        let list = self.file.get("list").and_then(Toml::as_table);
        let is_below = if let Operation::List(at) = operation {
            at.as_ref().map_or(self.only().is_some(), |at| at.parent().is_some())
        } else {
            false
        };
        if is_below { each_of(list?) } else { self.file.get(operation.word()).and_then(Toml::as_table) }
    }

    /// Returns the only parent, where the context names one.
    pub(super) fn only(&self) -> Option<&String> {
        let each = self.file.get("list").and_then(Toml::as_table).and_then(each_of)?;
        let name = each.get("only")?.as_str()?.strip_prefix("{params.")?.strip_suffix('}')?;
        self.params.get(name)
    }

    /// Tells whether ids are `PARENT/ID`.
    pub(super) fn by_parent(&self) -> bool {
        let each = self.file.get("list").and_then(Toml::as_table).and_then(each_of);
        each.is_some_and(|each| !each.contains_key("item"))
    }

    /// Fills a text; `None` where one of its holes has no value.
    fn fill(&self, call: &Table, operation: &Operation, text: &str) -> Option<Vec<Result<String, Held>>> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            if !before.is_empty() {
                pieces.push(Ok(before.to_owned()));
            }
            pieces.push(Err(hole(self, call, operation, name)?));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Ok(rest.to_owned()));
        }
        Some(pieces)
    }

    /// Checks origin, path and query as the last parser sees them.
    fn check_url(&self, call: &Table, request: &Request, held: &Fill<'_>) -> Result<Fate, String> {
        let base = Url::parse(self.base).map_err(|error| error.to_string())?;
        let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let url = format!("{}{}{query}", request.origin, request.path);
        let url = Url::parse(&url).map_err(|error| format!("{url:?} is no URL: {error}"))?;
        same("origin", &url.origin(), &base.origin())?;
        same("user", url.username(), "")?;
        same("password", &url.password(), &None)?;
        same("fragment", &url.fragment(), &None)?;
        same("query", &url.query(), &request.query.as_deref())?;
        let template = call.get("path").and_then(Toml::as_str).unwrap_or_default();
        if url.path() != request.path {
            // Only a value that is nothing but dots makes a parser see another path.
            let values: Vec<_> = template.split('/').map(|segment| text_of(held, segment)).collect();
            let dots = values.iter().any(|value| matches!(value.as_deref(), Some("." | "..")));
            return if dots { Ok(Fate::Stays) } else { Err(format!("{:?} is read as {:?}", request.path, url.path())) };
        }
        check_path(base.path().trim_end_matches('/'), template, url.path(), held)?;
        let wanted = pairs(call.get("query"), held);
        let found = form_urlencoded::parse(url.query().unwrap_or_default().as_bytes()).into_owned().collect();
        same("pairs of the query", &sorted(found), &sorted(wanted))?;
        Ok(Fate::Leaves)
    }

    /// Checks names and values of all headers.
    fn check_headers(&self, call: &Table, request: &Request, held: &Fill<'_>) -> Result<Fate, String> {
        let withheld = call.get("credential").and_then(Toml::as_bool) == Some(false);
        // What else the operator typed stays at home as well where a value stands for the credential.
        let by_value = call.get("credential").and_then(Toml::as_str) == Some("value");
        let mut wanted: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in pairs(self.file.get("headers"), held) {
            if !((withheld || by_value) && value.contains(SECRET)) {
                wanted.insert(name.to_lowercase(), value);
            }
        }
        wanted.extend(pairs(call.get("headers"), held).into_iter().map(|(name, value)| (name.to_lowercase(), value)));
        if let Some(kind) = [("json", "application/json"), ("form", "application/x-www-form-urlencoded")]
            .iter()
            .find_map(|(key, kind)| call.contains_key(*key).then_some(*kind))
        {
            wanted.insert("content-type".to_owned(), kind.to_owned());
        }
        if !withheld && let Some((name, value)) = self.auth(held) {
            wanted.insert(name, value);
        }
        let open = request.headers.iter().map(|(name, value)| (name.to_string(), value.clone()));
        let sealed = request.sealed.iter().map(|(name, value)| (name.to_string(), flat(value)));
        let found: BTreeMap<String, String> = open.chain(sealed).collect();
        let hidden = request.headers.iter().any(|(_, value)| value.contains(SECRET));
        same("secret in an open header", &hidden, &false)?;
        same("headers", &found, &wanted)?;
        // What no header can hold: what would end it, or be taken for its end.
        let breaks = |value: &str| value.bytes().any(|byte| (byte < 0x20 && byte != b'\t') || byte == 0x7f);
        Ok(if wanted.values().any(|value| breaks(value)) { Fate::Stays } else { Fate::Leaves })
    }

    /// Returns the header of the credential.
    fn auth(&self, held: &Fill<'_>) -> Option<(String, String)> {
        let auth = self.file.get("auth")?.as_table()?;
        let text = |key: &str| auth.get(key).and_then(Toml::as_str);
        if text("style") == Some("basic") {
            if let Some(user) = text("user") {
                text_of(held, user)?;
            }
            return Some(("authorization".to_owned(), format!("Basic {SECRET}")));
        }
        Some((text("header")?.to_lowercase(), text_of(held, text("value")?)?))
    }
}

/// Fills a text.
type Fill<'f> = dyn Fn(&str) -> Option<Vec<Result<String, Held>>> + 'f;

fn each_of(list: &Table) -> Option<&Table> {
    list.get("each").and_then(Toml::as_table)
}

fn method(call: &Table, operation: &Operation) -> String {
    let usual = match operation {
        Operation::Create(_)
        | Operation::Rotate(_)
        | Operation::Renew(_)
        | Operation::Disable(_)
        | Operation::Enable(_)
        | Operation::Identify(_)
        | Operation::RevokeValue(_) => "POST",
        Operation::Edit(..) => "PATCH",
        Operation::Revoke(_) => "DELETE",
        Operation::List(_)
        | Operation::Get(_)
        | Operation::Whoami
        | Operation::Try(_)
        | Operation::Events(_)
        | Operation::Notices(_)
        | Operation::Health => "GET",
    };
    call.get("method").and_then(Toml::as_str).unwrap_or(usual).to_owned()
}

/// Returns the names of the holes in a text.
fn holes(text: &str) -> Vec<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

/// Returns a filled text as text; `None` where it has no value.
fn text_of(held: &Fill<'_>, text: &str) -> Option<String> {
    let piece = |piece| {
        Some(match piece {
            Ok(literal) | Err(Held::Text(literal)) => literal,
            Err(Held::Number(number)) => number.to_string(),
            Err(Held::List(texts)) => texts.join(","),
            Err(Held::Flag(flag)) => flag.to_string(),
            Err(Held::Secret) => SECRET.to_owned(),
            Err(Held::Objects(..) | Held::Null) => return None,
        })
    };
    held(text)?.into_iter().map(piece).collect()
}

/// Returns the pairs of a table that have a value.
fn pairs(table: Option<&Toml>, held: &Fill<'_>) -> Vec<(String, String)> {
    let table = table.and_then(Toml::as_table).into_iter().flatten();
    table.filter_map(|(name, text)| Some((name.clone(), text_of(held, text.as_str()?)?))).collect()
}

/// Holds a path, segment by segment, against the template.
fn check_path(base: &str, template: &str, path: &str, held: &Fill<'_>) -> Result<(), String> {
    let wanted: Vec<&str> = template.split('/').skip(1).collect();
    let rest = path.strip_prefix(base).ok_or_else(|| format!("{path:?} is not below {base:?}"))?;
    let found: Vec<&str> = rest.split('/').skip(1).collect();
    same("number of segments", &found.len(), &wanted.len())?;
    for (found, wanted) in found.into_iter().zip(wanted) {
        let filled = text_of(held, wanted).ok_or("a hole of the path has no value")?;
        let plain: Vec<u8> = percent_decoded(found);
        same("segment", &String::from_utf8_lossy(&plain).into_owned(), &filled)?;
        let has_hole = wanted.contains('{');
        if has_hole && filled.is_empty() {
            return Err(format!("{path:?} has an empty segment for {wanted:?}"));
        }
        // What delimits anything, anywhere, stands there as often as in the template itself.
        let literal: String =
            wanted.split('{').map(|part| part.split_once('}').map_or(part, |(_, after)| after)).collect();
        for sign in "?#\\@:;=&+,!$'()*. \"<>".chars() {
            same("delimiters in a segment", &found.matches(sign).count(), &literal.matches(sign).count())?;
        }
    }
    Ok(())
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let (mut plain, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, after @ ..] = rest {
        let digits = |high: u8, low: u8| u8::from_str_radix(std::str::from_utf8(&[high, low]).ok()?, 16).ok();
        let coded = if let (b'%', [high, low, ..]) = (first, after) { digits(*high, *low) } else { None };
        plain.push(coded.unwrap_or(*first));
        rest = if coded.is_some() { &after[2..] } else { after };
    }
    plain
}

/// Checks that a body has the shape of its template, with each value in its place and nowhere else.
fn check_body(call: &Table, request: &Request, held: &Fill<'_>) -> Result<(), String> {
    let body = request.body.as_ref().map(flat);
    match (call.get("json"), call.get("form"), body) {
        (None, None, None) => Ok(()),
        (Some(template), None, Some(body)) => {
            let found: Json = serde_json::from_str(&body).map_err(|error| format!("{body:?} is no JSON: {error}"))?;
            same("body", &found, &json(template, held).unwrap_or(Json::Null))
        }
        (None, form @ Some(_), Some(body)) => {
            let found = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            same("pairs of the form", &sorted(found), &sorted(pairs(form, held)))
        }
        (json, form, body) => Err(format!("the body {body:?} for {json:?} {form:?}")),
    }
}

/// Fills a JSON template; `None` where it has no value.
fn json(template: &Toml, held: &Fill<'_>) -> Option<Json> {
    Some(match template {
        Toml::String(text) => match &held(text)?[..] {
            [Err(Held::Null)] => Json::Null,
            [Err(Held::Number(number))] => (*number).into(),
            [Err(Held::List(texts))] => texts.clone().into(),
            [Err(Held::Flag(flag))] => (*flag).into(),
            [Err(Held::Objects(name, texts))] => {
                texts.iter().map(|text| Json::from_iter([(name.clone(), Json::from(text.clone()))])).collect()
            }
            _ => text_of(held, text)?.into(),
        },
        Toml::Integer(number) => (*number).into(),
        Toml::Float(number) => (*number).into(),
        Toml::Boolean(flag) => (*flag).into(),
        Toml::Array(items) => items.iter().filter_map(|item| json(item, held)).collect(),
        Toml::Table(members) => {
            members.iter().filter_map(|(name, member)| Some((name.clone(), json(member, held)?))).collect()
        }
        Toml::Datetime(_) => return None,
    })
}

/// Returns text with the places of its secrets filled.
fn flat(sealed: &Sealed) -> String {
    sealed.0.iter().map(|part| if let Part::Text(text) = part { text } else { SECRET }).collect()
}

fn sorted(mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    pairs.sort();
    pairs
}

fn same<T: PartialEq + std::fmt::Debug + ?Sized>(what: &str, found: &T, wanted: &T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what}: {found:?} instead of {wanted:?}")) }
}
