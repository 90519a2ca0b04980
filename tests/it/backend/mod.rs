//! The backend layer from outside: descriptions, golden requests and answers, and a server that means harm.

mod app;
mod asking;
pub(crate) mod bounds;
mod described;
mod golden;
pub(crate) mod hostile;
#[cfg(feature = "server")]
mod live;
mod mistakes;
mod odd;
mod paths;
mod readers;
mod refusals;
mod schema;
mod shapes;

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokendeck::backend::{self, Plan, Response, Site, catalog};
use tokendeck::domain::{Change, ContextName, Cursor, Draft, Expiry, Failure, Nonce, Operation, Reply, TokenId};

/// Returns the plan of the embedded backend.
fn plan() -> Plan {
    Plan::check("tokendeck.toml", catalog::builtin("tokendeck").expect("built in")).expect("no mistakes")
}

fn site(plan: &Plan, url: &str) -> Site {
    Site::new(plan, url, &BTreeMap::new()).expect("a lawful URL")
}

/// Reads an answer of a backend that is anywhere.
fn decode(plan: &Plan, operation: &Operation, response: Response) -> Result<Reply, Failure> {
    backend::decode(plan, &site(plan, "https://tokens.example.org"), operation, response)
}

fn context() -> ContextName {
    ContextName::parse("prod").expect("a lawful name")
}

fn id(text: &str) -> TokenId {
    TokenId::parse(text).expect("a lawful id")
}

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn draft() -> Draft {
    Draft {
        label: "ci \"deploy\" ü".to_owned(),
        roles: vec!["reader".to_owned()],
        owner: None,
        scope: Some("user".to_owned()),
        expires: Expiry::At(moment("2027-01-31T14:00:00.5Z")),
        nonce: Nonce::new("0c6f"),
        asked: moment("2026-11-22T12:00:00Z"),
    }
}

/// Returns one operation of each kind, with an id that has to be encoded.
fn operations() -> Vec<(&'static str, Operation)> {
    let id = || id("4fJq0aZc91LmN");
    let change = |label: Option<&str>, expires| {
        Operation::Edit(
            id(),
            Change {
                label: label.map(str::to_owned),
                expires,
                version: Some("3".into()),
                asked: moment("2026-11-22T12:00:00Z"),
            },
        )
    };
    vec![
        ("list", Operation::List(None)),
        ("list_next", Operation::List(Cursor::new("c2s/+="))),
        ("get", Operation::Get(id())),
        ("get_odd", Operation::Get(TokenId::parse("a/b?c#d%2e é..").expect("lawful"))),
        ("self", Operation::Whoami),
        ("create", Operation::Create(draft())),
        ("create_never", Operation::Create(Draft { expires: Expiry::Never, owner: Some("ada".to_owned()), ..draft() })),
        ("edit_label", change(Some("new"), None)),
        ("edit_expiry", change(None, Some(Expiry::Never))),
        ("rotate", Operation::Rotate(id())),
        ("revoke", Operation::Revoke(id())),
        ("disable", Operation::Disable(id())),
        ("enable", Operation::Enable(id())),
        ("revoke_value", Operation::RevokeValue(std::sync::Arc::new(tokendeck::domain::Secret::new("v".into())))),
        ("events", Operation::Events(None)),
        ("notices", Operation::Notices(None)),
        ("health", Operation::Health),
    ]
}

/// Returns an answer with a JSON body.
fn answer(status: u16, body: &str) -> Response {
    typed(status, "application/json", body.as_bytes())
}

fn typed(status: u16, content_type: &str, body: &[u8]) -> Response {
    Response {
        status,
        headers: vec![("content-type".into(), content_type.into())],
        body: body.to_vec().into(),
        latency: std::time::Duration::ZERO,
        date: Some(moment("2026-11-22T12:00:00Z")),
        tls: None,
    }
}

/// Reads a recorded answer: a status line, headers, an empty line, the body.
fn recorded(backend: &str, name: &str) -> Response {
    let path = golden::folder(backend).join(format!("{name}.answer"));
    let text = std::fs::read_to_string(&path).expect(name);
    let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").expect("a header");
        (name.to_lowercase().into(), value.into())
    };
    Response {
        status,
        headers: lines.map(header).collect(),
        body: body.trim_end().as_bytes().to_vec().into(),
        latency: std::time::Duration::ZERO,
        date: Some(moment("2026-11-22T12:00:00Z")),
        tls: None,
    }
}
