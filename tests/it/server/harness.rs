//! A server in a temporary directory, and a client that knows its certificate.

use reqwest::{Certificate, Client, Method};
use rusqlite::Connection;
use serde_json::Value;
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Once,
};
use tempfile::TempDir;
use tokendeck::server::{Faults, Options, Running, Sample, start};
use tokio::runtime::{Builder, Runtime};

/// A running server with its operator's credential.
pub(crate) struct House {
    pub(crate) dir: TempDir,
    pub(crate) operator: String,
    pub(crate) runtime: Runtime,
    pub(crate) client: Client,
    pub(crate) url: String,
    running: Option<Running>,
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// A request being put together.
pub(crate) struct Ask<'a> {
    house: &'a House,
    request: reqwest::RequestBuilder,
}

pub(crate) fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

pub(crate) fn client(ca_file: &Path) -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Another test module may have been first; whichever it was, it is the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let ca = Certificate::from_pem(&fs::read(ca_file).expect("the CA file")).expect("a certificate");
    Client::builder().tls_certs_only([ca]).https_only(true).no_proxy().build().expect("a client")
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn sample(sample: Sample) -> Self {
        Self::with(|options| options.sample = sample)
    }

    pub(crate) fn failing(ids: &[&str]) -> Self {
        let fail_revoke = ids.iter().copied().map(str::to_owned).collect();
        Self::with(|options| options.faults = Faults { fail_revoke })
    }

    pub(crate) fn with(change: impl FnOnce(&mut Options)) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut options = Options::new(any_port(), dir.path().join("data"));
        change(&mut options);
        Self::open(dir, options)
    }

    fn open(dir: TempDir, options: Options) -> Self {
        let running = start(options).expect("a server");
        let operator = fs::read_to_string(running.credential_file()).expect("a credential").trim().to_owned();
        let client = client(running.ca_file());
        let url = running.url().to_owned();
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { dir, operator, runtime, client, url, running: Some(running) }
    }

    /// Stops the server, lets `change` work on the files, and starts it again.
    pub(crate) fn restarted(mut self, change: impl FnOnce(&Path)) -> Self {
        self.stop();
        change(&self.data());
        self.resumed()
    }

    /// Starts a stopped server again.
    pub(crate) fn resumed(self) -> Self {
        let options = Options::new(any_port(), self.data());
        Self::open(self.dir, options)
    }

    pub(crate) fn stop(&mut self) {
        self.running.take().expect("it runs").stop();
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The database, read beside the server.
    pub(crate) fn database(&self) -> Connection {
        Connection::open(self.data().join("tokens.db")).expect("the database")
    }

    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        Ask { house: self, request: self.client.request(method, format!("{}{path}", self.url)) }
    }

    /// As the operator.
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.ask("GET", path).with(&self.operator).send()
    }

    /// As the operator.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask("POST", path).with(&self.operator).json(body).send()
    }

    /// As the operator.
    pub(crate) fn delete(&self, path: &str) -> Reply {
        self.ask("DELETE", path).with(&self.operator).send()
    }

    /// Creates a token as the operator; its id and value.
    pub(crate) fn create(&self, body: &Value) -> (String, String) {
        let reply = self.post("/v1/tokens", body).expect(201).json();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        (text(&reply["token"]["id"]), text(&reply["secret"]))
    }

    pub(crate) fn user(&self, name: &str) {
        self.post("/v1/users", &serde_json::json!({ "name": name })).expect(201);
    }

    /// Whether a value is accepted as a credential.
    pub(crate) fn accepts(&self, value: &str) -> bool {
        self.ask("GET", "/v1/self").with(value).send().status == 200
    }
}

impl Ask<'_> {
    pub(crate) fn with(self, credential: &str) -> Self {
        self.header("authorization", &format!("Bearer {credential}"))
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(&body.to_string())
    }

    pub(crate) fn form(self, body: &str) -> Self {
        self.header("content-type", "application/x-www-form-urlencoded").body(body)
    }

    pub(crate) fn body(self, body: &str) -> Self {
        Self { request: self.request.body(body.to_owned()), ..self }
    }

    pub(crate) fn send(self) -> Reply {
        self.house.runtime.block_on(async {
            let response = self.request.send().await.expect("an answer");
            let status = response.status().as_u16();
            let text = |value: &reqwest::header::HeaderValue| value.to_str().expect("ascii").to_owned();
            let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
            Reply { status, headers, body: response.text().await.expect("a body") }
        })
    }
}

impl Reply {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Holds that this is the problem of that name, in the form of RFC 9457.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, name: &str) -> Value {
        let reply = self.expect(status);
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let document = reply.json();
        assert_eq!(document["type"], format!("urn:tokendeck:problem:{name}"));
        assert_eq!(document["status"], status);
        assert!(document["title"].is_string() && document["detail"].is_string());
        document
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
