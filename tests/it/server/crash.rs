//! Killed at any moment, the server keeps every change that it has answered.

use super::harness::{any_port, client};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
};
use tokendeck::server::{Options, Verdict, start, verify};

const ROUNDS: usize = 50;
const CHANGES_A_ROUND: usize = 24;
const DATA: &str = "TOKENDECK_TEST_SERVE";

/// What was acknowledged of a token.
#[derive(Clone, Debug)]
enum Known {
    Live(String),
    Revoked(String),
}

/// Not a test by itself: the process that is killed. Without its variable it is over at once.
#[test]
#[expect(clippy::disallowed_methods, reason = "the test tells its own child what to do")]
fn a_server_until_it_is_killed() {
    let Ok(data) = std::env::var(DATA) else { return };
    let running = start(Options::new(any_port(), data)).expect("a server");
    println!("\n{}", running.url());
    // Ends with the parent, should that be killed.
    let _ = std::io::stdin().read(&mut [0]);
}

/// Starts the child; answers it with its address.
fn spawn(data: &Path) -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "server::crash::a_server_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(DATA, data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let url = lines.map_while(Result::ok).find(|line| line.starts_with("https://"));
    (child, url.expect("its address"))
}

/// One client of a round: how it reaches the server, and what everybody knows.
struct Load<'a> {
    client: &'a Client,
    url: &'a str,
    operator: &'a str,
    known: &'a RefCell<BTreeMap<String, Known>>,
    acknowledged: &'a Cell<usize>,
}

impl Load<'_> {
    /// Status and body, or nothing when the server died meanwhile.
    async fn call(&self, method: Method, path: &str, credential: &str, body: Option<Value>) -> Option<(u16, Value)> {
        let mut request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(credential);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let text = response.text().await.ok()?;
        self.acknowledged.set(self.acknowledged.get() + 1);
        Some((status, serde_json::from_str(&text).expect("JSON")))
    }

    /// Creates, uses, rotates and revokes until the server is gone. What is in flight then is not known of.
    async fn work(&self) -> Option<()> {
        for round in 0.. {
            let body = json!({ "label": format!("load {round}") });
            let (status, made) = self.call(Method::POST, "/v1/tokens", self.operator, Some(body)).await?;
            assert_eq!(status, 201, "{made}");
            let id = made["token"]["id"].as_str()?.to_owned();
            let first = made["secret"].as_str()?.to_owned();
            self.known.borrow_mut().insert(id.clone(), Known::Live(first.clone()));
            assert_eq!(self.call(Method::GET, "/v1/self", &first, None).await?.0, 200);
            let path = format!("/v1/tokens/{id}");
            self.known.borrow_mut().remove(&id);
            let (_, rotated) = self.call(Method::POST, &format!("{path}/rotate"), self.operator, None).await?;
            let second = rotated["secret"].as_str()?.to_owned();
            self.known.borrow_mut().insert(id.clone(), Known::Live(second.clone()));
            if round % 2 == 0 {
                self.known.borrow_mut().remove(&id);
                let (_, revoked) = self.call(Method::DELETE, &path, self.operator, None).await?;
                assert_eq!(revoked["already_revoked"], false);
                self.known.borrow_mut().insert(id, Known::Revoked(second));
            }
        }
        None
    }

    /// Holds what was acknowledged against what the server says now.
    async fn check(&self, id: &str, known: &Known) {
        let path = format!("/v1/tokens/{id}");
        let (status, token) = self.call(Method::GET, &path, self.operator, None).await.expect("an answer");
        assert_eq!(status, 200, "{id} is lost");
        assert!(token["use_count"].as_i64() >= Some(1) || matches!(known, Known::Live(_)), "its first use is lost");
        let (value, expected, accepted) = match known {
            Known::Live(value) => (value, "active", 200),
            Known::Revoked(value) => (value, "revoked", 401),
        };
        assert_eq!(token["status"], expected, "{id}");
        let (status, _) = self.call(Method::GET, "/v1/self", value, None).await.expect("an answer");
        assert_eq!(status, accepted, "{id}");
    }
}

#[test]
fn fifty_kills_under_load_lose_no_acknowledged_change() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("data");
    let known = RefCell::new(BTreeMap::new());
    let mut before: BTreeMap<String, Known> = BTreeMap::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for round in 0..=ROUNDS {
        let (mut child, url) = spawn(&data);
        let operator = fs::read_to_string(data.join("operator-credential")).expect("a credential");
        let client = client(&data.join("ca.pem"));
        let acknowledged = Cell::new(0);
        let load =
            Load { client: &client, url: &url, operator: operator.trim(), known: &known, acknowledged: &acknowledged };
        runtime.block_on(async {
            for (id, state) in &before {
                load.check(id, state).await;
            }
            if round == ROUNDS {
                child.kill().expect("killed");
                return;
            }
            acknowledged.set(0);
            let kill = async {
                // A different moment each round, while four clients are at work.
                while acknowledged.get() < CHANGES_A_ROUND + round % 7 {
                    tokio::task::yield_now().await;
                }
                child.kill().expect("killed");
            };
            tokio::join!(load.work(), load.work(), load.work(), load.work(), kill);
        });
        child.wait().expect("gone");
        before = known.take();
        assert!(round == ROUNDS || before.len() >= 2, "round {round} knows of {}", before.len());
    }
    assert!(matches!(verify(&data).expect("a verdict"), Verdict::Holds { events } if events > 500));
}
