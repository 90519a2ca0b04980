//! A real server that was started for the tests: what is known of it, and two ways to ask it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::Value;
use tokendeck::backend::{catalog, decode_page};
use tokendeck::config::ContextConfig;
use tokendeck::domain::{
    ContextName, Cursor, Draft, Expiry, Failure, Identity, Issued, Nonce, Operation, Reply, Secret, Token, TokenId,
};
use tokendeck::runtime::connect::{self, Connection};
use tokendeck::runtime::ports::{Clock as _, SystemClock};
use tokendeck::runtime::question::{self, Begun};

use crate::server::harness;

/// A server, as its start script told of it.
pub(super) struct Server {
    /// The name of its description.
    pub(super) backend: &'static str,
    said: BTreeMap<String, String>,
    client: reqwest::Client,
}

/// What an own question was answered with.
pub(super) type Answered = (u16, Value);

impl Server {
    /// Finds the server that `.ci/run live` started; says so, and returns nothing, where there is none.
    ///
    /// What a start script printed stands in `LIVE_` and the server's name.
    #[expect(clippy::disallowed_methods, reason = "whoever starts the servers says so in the environment")]
    pub(super) fn find(name: &str, backend: &'static str) -> Option<Self> {
        let variable = format!("LIVE_{}", name.to_uppercase());
        if let Ok(lines) = std::env::var(&variable) {
            return Some(Self::said(backend, &lines));
        }
        let required = std::env::var_os("TOKENDECK_REQUIRE_LIVE").is_some_and(|word| word == "1");
        assert!(!required, "{variable} is not set, and TOKENDECK_REQUIRE_LIVE is: start it with `.ci/run live`");
        // Not eprintln: what a test that passes says that way is shown to nobody.
        writeln!(std::io::stderr(), "CANNOT RUN without {name}: {variable} is not set; `.ci/run live` starts it").ok();
        None
    }

    /// Takes what a start script printed.
    pub(super) fn said(backend: &'static str, lines: &str) -> Self {
        let pairs = lines.lines().filter_map(|line| line.split_once('='));
        let said: BTreeMap<_, _> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let client = harness::client(Path::new(&said["CA"]));
        Self { backend, said, client }
    }

    /// The same server where there are many tokens: a namespace or a user of its own.
    pub(super) fn many(mut self) -> Self {
        let own = match self.backend {
            "openbao" => vec![("OPERATOR", self.value("MANY").to_owned()), ("NAMESPACE", "many".to_owned())],
            "jupyterhub" => vec![("USER", "many".to_owned())],
            "verdaccio" => {
                vec![("OPERATOR", self.value("MANY").to_owned()), ("PASSWORD", "many-password".to_owned())]
            }
            _ => vec![("USER", "@many:hs.test".to_owned())],
        };
        self.said.extend(own.into_iter().map(|(name, value)| (name.to_owned(), value)));
        self
    }

    /// The same cluster, seen from this node.
    pub(super) fn at(mut self, url: &str) -> Self {
        self.said.insert("URL".to_owned(), url.to_owned());
        self
    }

    /// The only user or namespace that is looked at; `None` for all.
    pub(super) fn only(&self) -> Option<(&'static str, &str)> {
        let of = |name: &'static str, said| Some((name, self.said.get(said)?.as_str()));
        of("namespace", "NAMESPACE").or_else(|| of("user", "USER"))
    }

    /// Returns a value that the start script printed.
    #[track_caller]
    pub(super) fn value(&self, name: &str) -> &str {
        self.said.get(name).unwrap_or_else(|| unreachable!("{} says no {name}", self.backend))
    }

    pub(super) fn ca_file(&self) -> PathBuf {
        self.value("CA").into()
    }

    /// Asks the server past the program, as whoever has this credential.
    pub(super) async fn raw(&self, method: &str, path: &str, credential: &str, body: Option<Value>) -> Answered {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let (header, value) = match self.backend {
            "openbao" => ("X-Vault-Token", credential.to_owned()),
            "jupyterhub" => ("Authorization", format!("token {credential}")),
            _ => ("Authorization", format!("Bearer {credential}")),
        };
        let request = self.client.request(method, format!("{}{path}", self.value("URL"))).header(header, value);
        let request = match self.said.get("NAMESPACE") {
            Some(namespace) => request.header("X-Vault-Namespace", namespace),
            None => request,
        };
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.expect("a body")).unwrap_or_default())
    }

    /// Asks for something that has to be there.
    pub(super) async fn read(&self, path: &str) -> Value {
        let (status, body) = self.raw("GET", path, self.value("OPERATOR"), None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// The program's own way to the server, with this credential.
    pub(super) fn connect(&self, credential: &str) -> Connection {
        self.connect_by(credential, |text| text)
    }

    /// The same with a description that is changed first.
    pub(super) fn connect_by(&self, credential: &str, change: impl FnOnce(String) -> String) -> Connection {
        let name = ContextName::parse("live").expect("a lawful name");
        let mut config = ContextConfig::new(name, self.backend, self.value("URL"));
        config.ca_file = Some(self.ca_file());
        let text = catalog::builtin(self.backend).expect("built in").to_owned();
        let mut connection =
            connect::open(config, Some((format!("{}.toml", self.backend), change(text)))).expect("a lawful context");
        connection.credential = Some(secret(credential));
        if let Some(password) = self.said.get("PASSWORD") {
            connection.inputs = BTreeMap::from([("password".into(), secret(password))]);
            connection.site = Arc::new(connection.site.as_ref().clone().with_inputs(connection.inputs.keys().cloned()));
        }
        connection
    }

    /// The operator's.
    pub(super) fn operator(&self) -> Connection {
        self.connect(self.value("OPERATOR"))
    }
}

pub(super) fn secret(text: &str) -> Arc<Secret> {
    Arc::new(Secret::new(text.into()))
}

/// Asks a question as the program does.
pub(super) async fn ask(connection: &Connection, operation: Operation) -> Result<Reply, Failure> {
    match question::ask(connection, &operation).await {
        Begun::Over(asked) => asked.result,
        Begun::Headed(_, rest) => rest.await.result,
    }
}

/// Reads the whole list as the program does: page by page, and what is below several at once.
pub(super) async fn list(connection: &Connection) -> Result<Vec<Token>, Failure> {
    let (mut waiting, mut next, mut tokens) = (Vec::new(), Some(None), Vec::new());
    while let Some(at) = next {
        let (page, after, below) = page(connection, at).await?;
        tokens.extend(page);
        waiting.extend(below);
        next = after.map(Some);
    }
    while !waiting.is_empty() {
        let asked = waiting.drain(..).map(|at| page(connection, Some(at)));
        let pages: Vec<_> =
            stream::iter(asked).buffer_unordered(connection.plan.connections() as usize).collect().await;
        for result in pages {
            let (page, after, _) = result?;
            tokens.extend(page);
            waiting.extend(after);
        }
    }
    Ok(tokens)
}

type Read = (Vec<Token>, Option<Cursor>, Vec<Cursor>);

async fn page(connection: &Connection, at: Option<Cursor>) -> Result<Read, Failure> {
    let reply = ask(connection, Operation::List(at)).await?;
    let Reply::Listed(raw) = reply else { unreachable!("a list: {reply:?}") };
    let page = decode_page(&connection.plan, &connection.context.name, &raw)?;
    Ok(((0..page.len()).map(|row| page.token(row)).collect(), raw.next.clone(), raw.below.clone()))
}

/// Returns what a new token is asked for with.
pub(super) fn draft(label: &str, roles: &[&str]) -> Draft {
    let asked = SystemClock.now();
    Draft {
        label: label.to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        owner: None,
        scope: None,
        expires: Expiry::At(asked.checked_add(jiff::SignedDuration::from_hours(1)).expect("a moment")),
        nonce: Nonce::new(label),
        asked,
    }
}

pub(super) async fn create(connection: &Connection, draft: Draft) -> Issued {
    let reply = ask(connection, Operation::Create(draft)).await.expect("a token");
    let Reply::Issued(issued) = reply else { unreachable!("{reply:?}") };
    *issued
}

pub(super) async fn get(connection: &Connection, id: &TokenId) -> Result<Token, Failure> {
    let reply = ask(connection, Operation::Get(id.clone())).await?;
    let Reply::Token(token) = reply else { unreachable!("{reply:?}") };
    Ok(*token)
}

pub(super) async fn whoami(connection: &Connection) -> Result<Identity, Failure> {
    let reply = ask(connection, Operation::Whoami).await?;
    let Reply::Identity(identity) = reply else { unreachable!("{reply:?}") };
    Ok(*identity)
}

/// Revokes; tells whether the server says that it was dead before.
pub(super) async fn revoke(connection: &Connection, id: &TokenId) -> Result<bool, Failure> {
    let reply = ask(connection, Operation::Revoke(id.clone())).await?;
    let Reply::Revoked { already_gone, .. } = reply else { unreachable!("{reply:?}") };
    Ok(already_gone)
}

pub(super) fn plain(secret: Option<&Arc<Secret>>) -> String {
    secret.expect("a secret").expose().to_owned()
}
