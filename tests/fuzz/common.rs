//! What several targets need: the built-in descriptions with a place each, operations, and answers from text.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokendeck::backend::{Plan, Request, Response, Site, catalog, encode};
use tokendeck::domain::{Change, Cursor, Draft, Expiry, Failure, Nonce, Operation, Secret, TokenId};

/// A built-in description with a place, and values for all that it asks a context for.
pub struct Described {
    pub plan: Plan,
    pub site: Site,
}

thread_local! {
    static KNOWN: RefCell<BTreeMap<String, Rc<Described>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Where all of them are said to be.
pub const BASE: &str = "https://tokens.example.org:8443/base";

impl Described {
    /// Returns one by its name; another name stands for one, too.
    pub fn built_in(name: &str) -> Rc<Self> {
        let names: Vec<&str> = catalog::names().collect();
        let name = if names.contains(&name) {
            name
        } else {
            names[name.bytes().map(usize::from).sum::<usize>() % names.len()]
        };
        KNOWN.with_borrow_mut(|known| known.entry(name.to_owned()).or_insert_with(|| Rc::new(Self::read(name))).clone())
    }

    fn read(name: &str) -> Self {
        let text = catalog::builtin(name).expect("it is built in");
        let plan = Plan::check(name, text).expect("no mistakes");
        let params = plan.params().iter().map(|param| (param.name.to_string(), format!("p-{}", param.name))).collect();
        let inputs: Vec<Box<str>> = plan.inputs().iter().map(|input| input.name.clone()).collect();
        let site = Site::new(&plan, BASE, &params).expect("a lawful place").with_inputs(inputs);
        Self { plan, site }
    }

    pub fn encode(&self, operation: &Operation) -> Result<Request, Failure> {
        encode(&self.plan, &self.site, operation)
    }

    /// Returns the operations that a word stands for; all of them for a word that stands for none.
    pub fn operations(&self, word: &str) -> Vec<Operation> {
        let below = Operation::List(Some(Cursor::of_parent("ana")));
        let all = all(&TokenId::parse("ana/7").expect("lawful"), Some(Cursor::onward(None, "2", 50)));
        match word {
            "each" => vec![below],
            _ => {
                let found: Vec<_> = all.iter().filter(|operation| operation.word() == word).cloned().collect();
                if found.is_empty() { all.into_iter().chain([below]).collect() } else { found }
            }
        }
    }

    /// Returns the operations about a token.
    pub fn about(&self, id: &TokenId) -> Vec<Operation> {
        all(id, None)
    }
}

/// Returns one operation of each kind.
pub fn all(id: &TokenId, cursor: Option<Cursor>) -> Vec<Operation> {
    let moment = |text: &str| -> Timestamp { text.parse().expect("a moment") };
    let asked = moment("2026-11-22T12:00:00Z");
    let draft = Draft {
        label: "ci".to_owned(),
        roles: vec!["reader".to_owned()],
        owner: Some("ana".to_owned()),
        scope: Some("user".to_owned()),
        expires: Expiry::At(moment("2027-01-31T14:00:00Z")),
        nonce: Nonce::new("0c6f"),
        asked,
    };
    let change =
        Change { label: Some("new".to_owned()), expires: Some(Expiry::Never), version: Some("3".into()), asked };
    let secret = || Arc::new(Secret::new("a-value".into()));
    vec![
        Operation::List(cursor.clone()),
        Operation::Get(id.clone()),
        Operation::Whoami,
        Operation::Create(draft),
        Operation::Edit(id.clone(), change),
        Operation::Rotate(id.clone()),
        Operation::Renew(id.clone()),
        Operation::Revoke(id.clone()),
        Operation::Disable(id.clone()),
        Operation::Enable(id.clone()),
        Operation::Identify(secret()),
        Operation::RevokeValue(secret()),
        Operation::Events(cursor.clone()),
        Operation::Notices(cursor),
        Operation::Health,
    ]
}

/// Splits `FIRST SECOND\nREST`.
pub fn first_line(bytes: &[u8]) -> Option<(&str, &str, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&bytes[..end]).ok()?;
    let (first, second) = line.split_once(' ').unwrap_or((line, ""));
    Some((first, second, &bytes[end + 1..]))
}

/// Reads an answer as they are recorded: a status line, headers, an empty line, the body.
pub fn answer_of(bytes: &[u8]) -> Option<Response> {
    let end = bytes.windows(2).position(|two| two == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (bytes, &b""[..]),
    };
    // The transport gives header values as text, whatever bytes they had.
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split('\n');
    let status = lines.next()?.split(' ').nth(1)?.parse().ok().filter(|status| (100..1000).contains(status))?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase().into(), value.into()))
        .collect();
    Some(Response {
        status,
        headers,
        body: body.to_vec().into(),
        latency: Duration::ZERO,
        date: "2026-11-22T12:00:00Z".parse().ok(),
        tls: None,
    })
}

/// Nothing that is shown holds a character that moves a cursor or turns text round.
pub fn is_shown_safely(text: &str) {
    let odd = |c: &char| c.is_control() || matches!(u32::from(*c), 0x200b..=0x200f | 0x202a..=0x202e | 0x2066..=0x2069);
    assert_eq!(text.chars().find(odd), None, "{text:?}");
}
