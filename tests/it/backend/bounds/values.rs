//! What the holes of a description are filled with, by what its README says of them.

use tokendeck::domain::{Expiry, Operation};
use toml::{Table, Value as Toml};

use super::expected::Written;

/// What a hole is filled with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Held {
    Text(String),
    Number(i64),
    List(Vec<String>),
    Objects(String, Vec<String>),
    Flag(bool),
    Null,
    Secret,
}

/// Returns the value of a hole.
pub(super) fn hole(written: &Written<'_>, call: &Table, operation: &Operation, hole: &str) -> Option<Held> {
    if let Some(name) = hole.strip_prefix("params.") {
        return written.params.get(name).cloned().map(Held::Text);
    }
    if let Some(name) = hole.strip_prefix("inputs.") {
        return written.inputs.contains(name).then_some(Held::Secret);
    }
    let (name, form) = hole.split_once(':').unwrap_or((hole, ""));
    match (name, operation) {
        ("secret" | "credential" | "session", _) => Some(Held::Secret),
        ("cursor", Operation::List(at) | Operation::Events(at) | Operation::Notices(at)) => {
            let word = at.as_ref().map(|at| at.raw().to_owned()).filter(|word| !word.is_empty());
            word.or_else(|| first_page(call)).map(Held::Text)
        }
        ("each", Operation::List(Some(at))) => at.parent().map(|parent| Held::Text(parent.to_owned())),
        ("each", Operation::List(None)) => written.only().cloned().map(Held::Text),
        ("each", Operation::Create(draft)) => draft.owner.clone().or(written.only().cloned()).map(Held::Text),
        ("label", Operation::Create(draft)) => Some(Held::Text(draft.label.clone())),
        ("roles", Operation::Create(draft)) => Some(match form.split_once(' ') {
            Some(("objects", member)) => Held::Objects(member.to_owned(), draft.roles.clone()),
            _ if form == "blanks" => Held::Text(draft.roles.join(" ")),
            _ => Held::List(draft.roles.clone()),
        }),
        ("role", Operation::Create(draft)) if form.starts_with("is ") => {
            draft.roles.first().map(|role| Held::Flag(form.strip_prefix("is ") == Some(role)))
        }
        ("role", Operation::Create(draft)) => draft.roles.first().cloned().map(Held::Text),
        ("owner", Operation::Create(draft)) => draft.owner.clone().map(Held::Text),
        ("scope", Operation::Create(draft)) => draft.scope.clone().map(Held::Text),
        ("nonce", Operation::Create(draft)) => Some(Held::Text(draft.nonce.as_str().to_owned())),
        ("expires", Operation::Create(draft)) => {
            expiry(form, draft.expires, draft.asked.as_second(), omits_never(call))
        }
        ("label", Operation::Edit(_, change)) => change.label.clone().map(Held::Text),
        ("version", Operation::Edit(_, change)) => {
            change.version.as_ref().map(|version| Held::Text(version.raw().to_owned()))
        }
        ("expires", Operation::Edit(_, change)) => {
            expiry(form, change.expires?, change.asked.as_second(), omits_never(call))
        }
        ("id" | "each", other) => {
            let id = other.token()?.raw();
            let Some((parent, own)) = id.split_once('/').filter(|_| written.by_parent()) else {
                return (name == "id" && !written.by_parent()).then(|| Held::Text(id.to_owned()));
            };
            Some(Held::Text(if name == "id" { own.to_owned() } else { unescaped(parent) }))
        }
        _ => None,
    }
}

/// Returns a parent without the two escapes that its slashes and percent signs have.
fn unescaped(parent: &str) -> String {
    let mut plain = String::new();
    let mut rest = parent;
    while let Some(next) = rest.chars().next() {
        let (taken, character) = match rest.get(..3) {
            Some("%2F") => (3, '/'),
            Some("%25") => (3, '%'),
            _ => (next.len_utf8(), next),
        };
        plain.push(character);
        rest = &rest[taken..];
    }
    plain
}

/// Returns what a first page is asked for with.
fn first_page(call: &Table) -> Option<String> {
    let next = call.get("next")?.as_table()?;
    let number = |key: &str| next.get(key).and_then(Toml::as_integer).map(|number| number.to_string());
    number("page").or_else(|| number("offset"))
}

fn omits_never(call: &Table) -> bool {
    call.get("omit_never").and_then(Toml::as_bool) == Some(true)
}

/// Writes an expiry in one of the forms.
fn expiry(form: &str, expires: Expiry, now: i64, omit_never: bool) -> Option<Held> {
    let (form, never) = form.split_once('|').map_or((form, None), |(form, never)| (form, Some(never)));
    let at = match (expires, never) {
        (Expiry::NotReported, _) => return None,
        (Expiry::Never, None) => return (!omit_never).then_some(Held::Null),
        (Expiry::Never, Some(word)) => {
            return Some(word.parse().map_or_else(|_| Held::Text(word.to_owned()), Held::Number));
        }
        (Expiry::At(at), _) => at,
    };
    let left = (at.as_second() - now).max(1);
    Some(match form {
        "unix" => Held::Number(at.as_second()),
        "unix_ms" => Held::Number(at.as_millisecond()),
        "seconds" => Held::Number(left),
        "days" => Held::Number((left / 86_400).max(1)),
        "duration" => Held::Text(format!("{left}s")),
        "utc" => Held::Text(at.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
        "date" => Held::Text(at.strftime("%Y-%m-%d").to_string()),
        _ => Held::Text(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
    })
}
