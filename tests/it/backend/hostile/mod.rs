//! A server that means harm: it never crashes or hangs us, never makes us lie, and never gets a byte of the
//! credential that is not its due.

mod answers;
mod connections;
pub(crate) mod server;

use std::sync::Arc;
use std::time::Duration;

use tokendeck::backend::https::{Client, ClientOptions, Limits};
use tokendeck::backend::{Keys, Response, Site, Transport, encode};
use tokendeck::domain::{Access, Failure, Operation, Secret};

use super::{plan, site};
use server::{Act, Server};

/// The operator's credential: wherever else it turns up is a leak.
const CANARY: &str = "tdk_a_c4n4ry_7f3b9e21";

/// Limits short enough for a test, long enough for a busy machine.
fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(5),
        silence: Duration::from_millis(300),
        total: Duration::from_millis(900),
        page_bytes: 4 << 20,
        single_bytes: 1 << 20,
    }
}

/// Limits that nothing but a fault of ours reaches.
fn patient() -> Limits {
    Limits { silence: Duration::from_secs(20), total: Duration::from_secs(20), ..limits() }
}

fn client(server: &Server, limits: Limits) -> Client {
    let ca_pem = Some(server.ca_pem.clone());
    Client::new(ClientOptions { ca_pem, limits, ..ClientOptions::new(server.origin()) })
}

fn keys() -> Keys {
    Keys { credential: Some(credential()), ..Keys::default() }
}

fn credential() -> Arc<Secret> {
    Arc::new(Secret::new(CANARY.into()))
}

/// Sends one operation to a server with a good certificate.
async fn ask(act: Act, operation: &Operation, limits: Limits) -> (Result<Response, Failure>, Server) {
    let server = Server::good().await;
    let result = ask_of(&server, act, operation, limits).await;
    (result, server)
}

async fn ask_of(server: &Server, act: Act, operation: &Operation, limits: Limits) -> Result<Response, Failure> {
    let client = client(server, limits);
    server.during(act, send(&client, &server.url(), operation)).await
}

async fn send(client: &Client, url: &str, operation: &Operation) -> Result<Response, Failure> {
    let plan = plan();
    let site: Site = site(&plan, url);
    let request = encode(&plan, &site, operation).expect("it is offered");
    client.send(request, keys(), Access::Write).await
}

/// Nothing of a failure may hold the credential or a control character.
fn assert_clean(failure: &Failure) {
    let shown = format!("{failure} {failure:?} {}", failure.hint);
    assert!(!shown.contains(CANARY), "the credential is in {shown}");
    let hidden =
        |c: char| c.is_control() || ('\u{200b}'..='\u{200f}').contains(&c) || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!shown.contains(hidden), "{shown:?}");
    assert!(!failure.hint.is_empty());
}
