//! HTTP and TLS around the routes: what is spoken, what is too large, and what is no request at all.

use super::House;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, pki_types::CertificateDer, version};
use serde_json::json;
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

/// A connection with TLS, for requests that no client library would send.
fn connect(
    house: &House,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> StreamOwned<ClientConnection, TcpStream> {
    use rustls::pki_types::pem::PemObject;
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_file(house.data().join("ca.pem")).expect("the CA");
    roots.add(ca).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).expect("versions");
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let address = house.url.strip_prefix("https://").expect("https");
    StreamOwned::new(client, TcpStream::connect(address).expect("a connection"))
}

/// Sends bytes, and reads until the server closes.
fn exchange(house: &House, request: &[u8]) -> String {
    let mut stream = connect(house, &[&version::TLS13]);
    stream.write_all(request).expect("sent");
    let mut answer = Vec::new();
    // The server may close without a TLS goodbye after what it refuses.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn tls_1_2_and_1_3_are_spoken_and_plain_http_is_not() {
    let house = House::new();
    for version in [&version::TLS12, &version::TLS13] {
        let mut stream = connect(&house, &[version]);
        stream.write_all(b"GET /v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
    let mut plain = TcpStream::connect(house.url.strip_prefix("https://").expect("https")).expect("a connection");
    plain.write_all(b"GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n").expect("sent");
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "no plain listener");
}

#[test]
fn one_connection_serves_request_after_request() {
    let house = House::new();
    let mut stream = connect(&house, &[&version::TLS13]);
    for _ in 0..3 {
        stream.write_all(b"GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n").expect("sent");
        let mut answer = vec![0; 15];
        stream.read_exact(&mut answer).expect("an answer");
        assert_eq!(answer, b"HTTP/1.1 200 OK");
        let mut seen = Vec::new();
        while !seen.ends_with(b"}") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("more");
            seen.push(byte[0]);
        }
    }
}

#[test]
fn what_is_too_large_or_no_http_is_refused() {
    let house = House::new();
    let start = "GET /v1/health HTTP/1.1\r\nhost: x\r\n";
    let many = "x: 1\r\n".repeat(100);
    assert!(exchange(&house, format!("{start}{many}\r\n").as_bytes()).starts_with("HTTP/1.1 431"));
    let long = "x".repeat(40_000);
    let answer = exchange(&house, format!("{start}x: {long}\r\n\r\n").as_bytes());
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert!(exchange(&house, b"rubbish\r\n\r\n").starts_with("HTTP/1.1 400"));
    let body = format!("{{\"label\":\"{}\"}}", "x".repeat(70_000));
    let ask = house.ask("POST", "/v1/tokens").with(&house.operator).header("content-type", "application/json");
    ask.body(&body).send().problem(413, "too-large");
    let ask = house.ask("POST", "/v1/tokens").with(&house.operator).header("content-type", "text/plain");
    ask.body("{\"label\":\"x\"}").send().problem(415, "unsupported-media-type");
    house.get("/v1/health").expect(200);
}

#[test]
fn health_needs_no_credential_and_says_what_runs() {
    let house = House::new();
    let reply = house.ask("GET", "/v1/health").send().expect(200);
    assert!(reply.header("date").is_some());
    let body = reply.json();
    assert_eq!((&body["status"], &body["version"]), (&json!("ok"), &json!(env!("CARGO_PKG_VERSION"))));
}

/// RFC 9110, section 15.5.6.
#[test]
fn a_wrong_method_is_told_the_right_ones() {
    let house = House::new();
    let reply = house.ask("PUT", "/v1/tokens").with(&house.operator).send();
    let allow = reply.header("allow").expect("Allow").to_owned();
    assert!(allow.contains("GET") && allow.contains("POST") && !allow.contains("DELETE"), "{allow}");
    reply.problem(405, "method-not-allowed");
}

/// RFC 9111: nothing that belongs to one caller may be given to another out of a cache.
#[test]
fn no_answer_may_be_cached_for_others() {
    let house = House::new();
    let (id, _) = house.create(&json!({ "label": "x" }));
    let one = format!("/v1/tokens/{id}");
    for path in ["/v1/tokens", "/v1/self", &one, "/v1/users", "/v1/events", "/v1/notices"] {
        let reply = house.get(path).expect(200);
        assert!(matches!(reply.header("cache-control"), Some("private, no-cache" | "no-store")), "{path}");
        assert_eq!(reply.header("content-type"), Some("application/json"), "{path}");
    }
}

#[test]
fn stopping_finishes_what_was_begun_and_accepts_no_more() {
    let mut house = House::new();
    let mut stream = connect(&house, &[&version::TLS13]);
    let body = b"{\"label\":\"last\"}";
    let head = format!(
        "POST /v1/tokens HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        house.operator,
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(&body[..4]).expect("sent");
    // Once another request is answered, the server has surely begun to read this one.
    house.get("/v1/health").expect(200);
    let address = house.url.strip_prefix("https://").expect("https").to_owned();
    std::thread::scope(|scope| {
        let stopping = scope.spawn(|| house.stop());
        let deadline = Instant::now() + Duration::from_secs(4);
        while TcpStream::connect(&address).is_ok() {
            assert!(Instant::now() < deadline, "it still accepts");
        }
        stream.write_all(&body[4..]).expect("sent");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.starts_with(b"HTTP/1.1 201"), "{}", String::from_utf8_lossy(&answer));
        stopping.join().expect("stopped");
    });
    let wal = fs::metadata(house.data().join("tokens.db-wal")).map_or(0, |file| file.len());
    assert_eq!(wal, 0, "the checkpoint was made");
    let labels: i64 = house
        .database()
        .query_row("SELECT count(*) FROM tokens WHERE label = 'last'", [], |row| row.get(0))
        .expect("a count");
    assert_eq!(labels, 1);
}
